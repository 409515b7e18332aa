# A sparse symmetric matrix as the engine returns it: its upper triangle by
# columns, row numbers `i` from 0, where columns begin `p`, elements `x`;
# `order` points to how it is eliminated, in the process in which that was
# found. The package Matrix, which takes a second to load, is needed only to
# hand one on.
symmetric_matrix <- function(found) {
  if (is.matrix(found)) found else structure(found, class = "sparse_symmetric")
}

is_sparse_hessian <- function(x) inherits(x, "sparse_symmetric")

all_finite <- function(x) all(is.finite(if (is_sparse_hessian(x)) x$x else x))

# Rows up to which a dense matrix is made of a sparse one.
most_dense_rows <- 5000L

as_dense <- function(x, what = "This") {
  if (is_sparse_hessian(x) && nrow(x) > most_dense_rows) {
    admle_abort("unsupported", sprintf(paste(
      "%s takes the whole Hessian, which for %s would be a matrix of %.1f GB."
    ), what, counted(nrow(x), "parameter"), 8e-9 * nrow(x)^2))
  }
  as.matrix(x)
}

as_sparse_matrix <- function(x, names = NULL) {
  if (!is_sparse_hessian(x)) {
    kept <- is.na(x) | x != 0
    upper <- which(kept & row(x) <= col(x), arr.ind = TRUE)
    x <- list(i = upper[, 1L] - 1L, x = x[upper],
              p = c(0L, cumsum(tabulate(upper[, 2L], ncol(x)))))
  }
  size <- length(x$p) - 1L
  Matrix::sparseMatrix(
    i = x$i, p = x$p, x = x$x, index1 = FALSE, dims = c(size, size),
    symmetric = TRUE, dimnames = list(names, names)
  )
}

#' @export
dim.sparse_symmetric <- function(x) rep(length(x$p) - 1L, 2L)

#' @export
dimnames.sparse_symmetric <- function(x) x$names

#' @export
`dimnames<-.sparse_symmetric` <- function(x, value) {
  x <- unclass(x)
  x$names <- value
  structure(x, class = "sparse_symmetric")
}

#' @export
as.matrix.sparse_symmetric <- function(x, ...) {
  out <- matrix(0, nrow(x), ncol(x), dimnames = dimnames(x))
  out[cbind(x$i + 1L, sparse_columns(x))] <- x$x
  out[lower.tri(out)] <- t(out)[lower.tri(out)]
  out
}

#' @export
print.sparse_symmetric <- function(x, ...) {
  cat(sprintf(paste0(
    "A symmetric matrix of %s rows, %s elements of its upper triangle not ",
    "zero.\nas.matrix() gives all elements.\n"
  ), format(nrow(x), big.mark = ","), format(length(x$x), big.mark = ",")))
  invisible(x)
}

sparse_columns <- function(x) rep(seq_along(diff(x$p)), diff(x$p))

symmetric_diagonal <- function(x) {
  if (!is_sparse_hessian(x)) {
    return(diag(x))
  }
  on <- x$i + 1L == sparse_columns(x)
  x$x[on]
}

# The rows and columns `at`, ascending.
sparse_part <- function(x, at) {
  if (length(at) == nrow(x)) {
    return(x)
  }
  place <- match(seq_len(nrow(x)), at)
  row <- place[x$i + 1L]
  column <- place[sparse_columns(x)]
  kept <- !is.na(row) & !is.na(column)
  structure(list(
    i = row[kept] - 1L, x = x$x[kept],
    p = c(0L, cumsum(tabulate(column[kept], length(at))))
  ), class = "sparse_symmetric")
}

# The largest entry of each row off the diagonal, by size.
largest_couplings <- function(x) {
  if (!is_sparse_hessian(x)) {
    diag(x) <- 0
    return(apply(abs(x), 1L, max))
  }
  row <- x$i + 1L
  column <- sparse_columns(x)
  off <- row != column
  out <- numeric(nrow(x))
  found <- tapply(rep(abs(x$x[off]), 2L), c(row[off], column[off]), max)
  out[as.integer(names(found))] <- found
  out
}

# D^-1 A D^-1.
sparse_scaled <- function(x, scale) {
  x$x <- x$x / (scale[x$i + 1L] * scale[sparse_columns(x)])
  x
}

sparse_times <- function(x, b) {
  engine(sparse_multiply(x$i, x$p, x$x, as.matrix(b)))
}

point_hessian <- function(point) {
  symmetric_matrix(engine(hessian_value(point$trace, point$id, point$input)))
}

sparse_hessian <- function(point, labels) {
  if (point$nested) {
    admle_abort("unsupported", paste(
      "hessian(sparse = TRUE) cannot be recorded: within a function that is",
      "differentiated, `sparse` must be FALSE."
    ))
  }
  found <- if (!is.null(point$id)) point_hessian(point) else
    matrix(0, point$n_input, point$n_input)
  as_sparse_matrix(found, labels)
}
