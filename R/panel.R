# Sums by group, for panels: observations in rows, the group of each as a whole
# number. They are recorded as one scatter, whose derivative is one gather (and
# the derivative of effects by group, `alpha[g]`, is such a sum), so that
# everything is linear in the number of rows, whatever the number of groups.
#' @include trace-masks.R
NULL

#' Groups of observations
#'
#' `group_index()` numbers the groups of a panel, `group_sum()` adds up within
#' them. Both work on ordinary numbers and in a log-likelihood that admle
#' records, in time linear in the number of observations. An effect for each
#' group is `alpha[g]`, with `g` from `group_index()`.
#'
#' In a log-likelihood, base R's `rowsum()`, `tapply(x, g, sum)` and `ave()` can
#' be used as well.
#'
#' @param ... Vectors or factors of equal length. Groups are the combinations
#'   that occur, sorted by the first, then the second, ...
#' @param x A vector with an element for each observation, or a matrix with a
#'   row for each.
#' @param g The group of each observation: whole numbers from one, as made by
#'   `group_index()`, or a factor.
#' @param n The number of groups.
#' @return `group_index()`: integers from one to the number of groups.
#'   `group_sum()`: a vector of length `n`, or a matrix with `n` rows; zero for
#'   a group without observations.
#' @section Errors:
#' `admle_error_argument` for missing groups, lengths that differ, or numbers
#' that are not from one to `n`.
#' @seealso [integrate_normal()]
#' @examples
#' g <- group_index(c("b", "a", "b", "c"))
#' g
#' group_sum(c(1, 2, 3, 4), g)
#'
#' # a Poisson model with an effect for each group
#' cell <- group_index(warpbreaks$wool, warpbreaks$tension)
#' fit <- mle_fit(
#'   function(alpha) dpois(breaks, exp(alpha[cell]), log = TRUE),
#'   start = list(alpha = rep(3, max(cell))), data = warpbreaks
#' )
#' exp(coef(fit)) # the groups' means
#' @name groups
NULL

#' @rdname groups
#' @export
group_index <- function(...) {
  parts <- list(...)
  if (length(parts) == 0L || length(unique(lengths(parts))) != 1L ||
        length(parts[[1L]]) == 0L) {
    admle_abort("argument", paste(
      "group_index() needs one or more vectors of equal length, not empty."
    ))
  }
  codes <- lapply(parts, function(part) {
    if (is_traced(part)) part <- plain_index(part, "a group")
    if (anyNA(part)) {
      admle_abort("argument", sprintf(
        "The group of observation %d is missing.", which(is.na(part))[[1L]]
      ))
    }
    if (is.factor(part)) as.integer(part) else match(part, sort(unique(part)))
  })
  combined <- codes[[1L]]
  for (code in codes[-1L]) {
    combined <- match(combined, sort(unique(combined)))
    combined <- (combined - 1) * max(code) + code
  }
  match(combined, sort(unique(combined)))
}

#' @rdname groups
#' @export
group_sum <- function(x, g, n = max(g)) {
  g <- checked_groups(g, NROW(x))
  n <- checked_group_count(if (missing(n)) max(g) else n, g)
  columns <- if (length(dim(x)) == 2L) ncol(x)
  if (is_traced(x)) {
    labels <- if (!is.null(columns) && !is.null(colnames(x))) {
      list(NULL, colnames(x))
    }
    return(traced_scatter(x, group_cells(g, n, columns), c(n, columns), labels))
  }
  sums <- rowsum(as.matrix(x), g)
  out <- matrix(0, n, ncol(sums),
                dimnames = if (!is.null(colnames(x))) list(NULL, colnames(x)))
  out[as.integer(rownames(sums)), ] <- sums
  if (is.null(columns)) as.vector(out) else out
}

# Where each element of x is added.
group_cells <- function(g, n, columns) {
  if (is.null(columns)) {
    return(g)
  }
  rep.int(g, columns) +
    rep((seq_len(columns) - 1L) * n, each = length(g))
}

checked_groups <- function(g, rows) {
  if (is.factor(g)) g <- as.integer(g)
  if (is_traced(g)) g <- plain_index(g, "a group")
  if (!is.numeric(g) || length(g) != rows) {
    admle_abort("argument", sprintf(paste(
      "`g` must be the groups of %s, as made by group_index(), not %s."
    ), counted(rows, "observation"), if (is.numeric(g)) {
      paste("of length", length(g))
    } else {
      described(g)
    }), argument = "g")
  }
  wrong <- which(is.na(g) | g < 1 | g != floor(g))
  if (length(wrong)) {
    admle_abort("argument", sprintf(paste(
      "`g` is %s in observation %d. Groups are whole numbers from one, as made",
      "by group_index()."
    ), format(g[[wrong[[1L]]]]), wrong[[1L]]), argument = "g")
  }
  as.integer(g)
}

checked_group_count <- function(n, g) {
  if (!is.numeric(n) || length(n) != 1L || is.na(n) || n < max(g)) {
    admle_abort("argument", sprintf(
      "`n` must be the number of groups, at least %d.", max(g)
    ), argument = "n")
  }
  as.integer(n)
}

# ave() on traced values: sums and means by one scatter and one gather, other
# functions group by group.
traced_ave <- function(x, ..., FUN = mean) {
  g <- if (...length()) group_index(...) else rep(1L, length(x))
  kind <- margin_summary(FUN)
  if (is.null(kind)) {
    groups <- lapply(seq_len(max(g)), function(k) {
      at <- which(g == k)
      traced_recycle(flat(masked_function(FUN)(x[at])), length(at), NULL, NULL)
    })
    found <- join_parts(groups, FALSE)
    return(rearranged(found, order(order(g))))
  }
  sums <- group_sum(flat(x), g)
  if (kind == "mean") sums <- sums / tabulate(g)
  rearranged(sums, g)
}

define_masks("stats",
  ave = function(x, ..., FUN = mean) {
    FUN <- resolve_function(FUN, parent.frame())
    if (is_traced(x)) {
      traced_ave(x, ..., FUN = FUN)
    } else {
      stats::ave(x, ..., FUN = FUN)
    }
  }
)
