# stats::filter(): a recursive one is a scan, the other a sum of shifted
# vectors.
# The result is a plain vector, not a time series.
#' @include trace-masks.R
NULL

define_masks("stats",
  filter = function(x, filter, method = c("convolution", "recursive"),
                    sides = 2L, circular = FALSE, init = NULL) {
    if (!is_traced(x) && !is_traced(filter) && !is_traced(init)) {
      return(stats::filter(x, filter, method, sides, circular, init))
    }
    method <- match.arg(method)
    if (length(dim(x)) == 2L && dim(x)[[2L]] > 1L) {
      unsupported("filter() of several series", "Filter one after the other.")
    }
    if (length(filter) == 0L) {
      unsupported("a filter of length zero", "Give it a coefficient.")
    }
    if (method == "recursive") {
      traced_recursion(flat_series(x), flat_series(filter), init)
    } else {
      traced_convolution(flat_series(x), flat_series(filter),
                         plain_index(sides), plain_index(circular))
    }
  }
)

flat_series <- function(x) if (is_traced(x)) flat(x) else as.double(x)

traced_recursion <- function(x, filter, init) {
  order <- length(filter)
  if (is.null(init)) init <- numeric(order)
  if (length(init) != order) {
    stop("length of 'init' must equal length of 'filter'", call. = FALSE)
  }
  traced_recursive_filter(x, filter, flat_series(init))
}

# The coefficients are in reverse time order; where a neighbour is missing, so
# is the result.
traced_convolution <- function(x, filter, sides, circular) {
  n <- length(x)
  if (length(filter) > n) {
    stop("filter is longer than time series", call. = FALSE)
  }
  ahead <- if (sides == 2L) length(filter) %/% 2L else 0L
  total <- 0
  missing <- logical(n)
  for (j in seq_along(filter)) {
    at <- seq_len(n) + ahead - (j - 1L)
    if (circular) at <- (at - 1L) %% n + 1L
    missing <- missing | at < 1L | at > n
    total <- total + filter[j] * x[pmin(pmax(at, 1L), n)]
  }
  if (any(missing)) total[missing] <- NA
  total
}
