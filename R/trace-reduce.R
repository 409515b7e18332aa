# Reduce() over numbers, as a loop that may become a scan.
#' @include trace-loop.R
NULL

# NULL where it is none: over a list, or where what is accumulated are no
# numbers.
reduced_by_steps <- function(f, x, init, accumulate) {
  begin <- missing(init)
  if (!is_numbers(x) || length(dim(x)) > 1L || !is.null(names(x)) ||
      length(x) <= least_steps || !loops_are_scanned()) {
    return(NULL)
  }
  acc <- if (begin) x[1L] else init
  if (begin) x <- x[-1L]
  if (!is_numbers(acc) || (accumulate && length(acc) != 1L)) {
    return(NULL)
  }
  run <- mask_closure(if (accumulate) steps_kept else steps_taken)
  run(f, x, acc)
}

steps_taken <- function(f, x, acc) {
  for (t in seq_along(x)) acc <- f(acc, x[t])
  acc
}

steps_kept <- function(f, x, acc) {
  out <- numeric(length(x) + 1)
  out[1] <- acc
  for (t in seq_along(x)) {
    acc <- f(acc, x[t])
    out[t + 1] <- acc
  }
  out
}
