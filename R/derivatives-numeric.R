# Derivatives by differences, where there is no rule to differentiate by, or a
# derivative is to be checked. Central differences at four steps h, h/2, h/4,
# h/8 are extrapolated to step zero (Richardson; Ridders 1982, Advances in
# Engineering Software 4, 75-76), which leaves an error of order h^8.

numeric_levels <- 4L

slope <- function(f, theta, i, h) {
  (f(moved(theta, i, h)) - f(moved(theta, i, -h))) / (2 * h)
}

moved <- function(theta, i, h) {
  theta[i] <- theta[i] + h
  theta
}

# Richardson's extrapolation of an estimate whose error is a series in h^2.
extrapolated <- function(estimate, h) {
  steps <- h / 2^(seq_len(numeric_levels) - 1L)
  richardson(lapply(steps, estimate))$value
}

# The slope at the edge of a domain, from the side on which the function has
# values (1: above, -1: below; 0: from both).
slope_from <- function(f, theta, i, h, side) {
  if (side == 0) {
    return(extrapolated(function(h) slope(f, theta, i, h), h))
  }
  here <- f(theta)
  richardson(lapply(h / 2^(seq_len(numeric_levels) - 1L), function(step) {
    (f(moved(theta, i, side * step)) - here) / (side * step)
  }), base = 2)$value
}

# Estimates at steps h, h/2, h/4, ... -> value at step zero and its error: the
# change that the last step of the extrapolation made. `base`: 4 for an error
# that is a series in h^2, 2 for one in h.
richardson <- function(level, base = 4) {
  for (m in seq_len(length(level) - 1L)) {
    before <- level
    level <- lapply(seq_len(length(level) - 1L), function(j) {
      level[[j + 1L]] + (level[[j + 1L]] - level[[j]]) / (base^m - 1)
    })
  }
  list(value = level[[1L]], error = abs(level[[1L]] - before[[2L]]))
}

# Central differences extrapolated to step zero; the best of several first
# steps by the extrapolation's own error estimate, element by element.
difference_jacobian <- function(f, theta) {
  columns <- lapply(seq_along(theta), function(i) {
    best <- NULL
    for (step in c(1e-1, 1e-2, 1e-3) * max(abs(theta[[i]]), 0.1)) {
      found <- richardson(
        lapply(step / 2^(0:4), function(h) slope(f, theta, i, h))
      )
      found$error[is.na(found$error)] <- Inf
      if (is.null(best)) best <- found
      better <- found$error < best$error
      best$value[better] <- found$value[better]
      best$error[better] <- found$error[better]
    }
    best$value
  })
  do.call(cbind, columns)
}
