# Randomised quantile residuals: the distribution function at the response as a
# normal quantile. At a point mass, or for a censored observation, it is drawn
# uniformly from the interval of probability that belongs to the observation.
#
# Dunn and Smyth (1996), Journal of Computational and Graphical Statistics 5(3).

quantile_residuals <- function(fit) {
  d <- model_distribution(fit)
  limits <- probability_limits(d, fit$model$y)
  jump <- limits$upper - limits$lower
  u <- limits$lower
  random <- which(jump > 0)
  u[random] <- u[random] + jump[random] * stats::runif(length(random))
  stats::qnorm(u)
}

# P(Y < y) and P(Y <= y); of a censored observation the probabilities of its
# limits.
probability_limits <- function(d, y) {
  if (inherits(y, "Surv")) {
    return(survival_limits(d, y))
  }
  value <- if (is.factor(y)) as.integer(y) else y
  if (!is.null(dim(value))) {
    admle_abort("unsupported", paste(
      "Quantile residuals need a response of one variable."
    ))
  }
  upper <- cumulative(d, value)
  step <- if (d$discrete) 1 else 1e-7 * pmax(abs(value), 1)
  lower <- cumulative(d, value - step)
  if (!d$discrete) {
    # A continuous distribution function rises by about 1e-7 over the step.
    smooth <- upper - lower < 1e-4
    lower[smooth] <- upper[smooth]
  }
  list(lower = lower, upper = upper)
}

survival_limits <- function(d, y) {
  columns <- unclass(y)
  type <- attr(y, "type")
  time <- if (type == "counting") columns[, "stop"] else columns[, 1L]
  status <- columns[, "status"]
  below <- cumulative(d, as.numeric(time))
  start <- if (type == "counting") cumulative(d, as.numeric(columns[, 1L])) else
    0
  lower <- upper <- below
  if (type == "left") {
    lower[status == 0] <- 0
  } else if (type == "interval") {
    lower[status == 2] <- 0
    upper[status == 0] <- 1
    ends <- cumulative(d, as.numeric(columns[, 2L]))
    upper[status == 3] <- ends[status == 3]
  } else {
    upper[status == 0] <- 1
  }
  list(lower = (lower - start) / (1 - start),
       upper = (upper - start) / (1 - start))
}
