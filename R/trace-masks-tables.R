# Masks of functions of tables and of symmetric matrices.
#' @include trace-masks.R
NULL

# Two names each, of functions that differ.
margins_mask <- function(name, traced) {
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(x, margin = NULL) {
    if (is_traced(x)) .(traced)(x, margin) else .(original)(x, margin)
  }))
}

define_masks("base",
  marginSums = margins_mask("marginSums", quote(mat_margins)),
  margin.table = margins_mask("margin.table", quote(mat_margins)),
  proportions = margins_mask("proportions", quote(mat_proportions)),
  prop.table = margins_mask("prop.table", quote(mat_proportions)),
  isSymmetric = function(object, tol = 100 * .Machine$double.eps, ...) {
    if (!is_traced(object)) {
      return(base::isSymmetric(object, tol, ...))
    }
    d <- dim(object)
    length(d) == 2L && d[1L] == d[2L] && isTRUE(
      sum(abs(object - mat_transpose(object))) <= tol * sum(abs(object))
    )
  }
)

# Sums over all dimensions but `margin`, and shares of them.
mat_margins <- function(x, margin) {
  if (is.null(dim(x))) dim(x) <- length(x)
  if (length(margin) == 0L) {
    return(sum(x))
  }
  margin <- as_margin(x, margin)
  d <- dim(x)
  front <- by_position(
    x, base::aperm, c(margin, setdiff(seq_along(d), margin))
  )
  sums <- if (length(margin) == length(d)) {
    front
  } else {
    mat_sums(front, TRUE, dims = length(margin))
  }
  traced_as(sums, d[margin], dimnames(x)[margin], kind_number)
}

mat_proportions <- function(x, margin) {
  if (length(margin) == 0L) {
    return(x / sum(x))
  }
  sums <- mat_margins(x, margin)
  if (is.null(dim(x))) dim(x) <- length(x)
  traced_sweep(x, as_margin(x, margin), sums, `/`)
}

as_margin <- function(x, margin) {
  check_plain(margin = margin)
  if (is.character(margin)) match(margin, names(dimnames(x))) else margin
}
