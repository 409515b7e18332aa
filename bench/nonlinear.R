# A nonlinear regression, exponential decay to a limit, against nls().

source("bench/harness.R")

n <- by_mode(1e5, 1e4)

simulate_decay <- function() {
  set.seed(1)
  x <- stats::runif(n, 0, 5)
  list(x = x, y = 1 + 4 * exp(-0.7 * x) + stats::rnorm(n, sd = 0.5))
}

fit_admle <- function(data) {
  loglik <- function(limit, size, rate, log_sigma) {
    dnorm(y, limit + size * exp(-rate * x), exp(log_sigma), log = TRUE)
  }
  start <- list(limit = 0, size = 2, rate = 0.3, log_sigma = 0)
  summary(mle_fit(loglik, start, data = data))
}

fit_nls <- function(data) {
  summary(stats::nls(y ~ limit + size * exp(-rate * x), data,
                     start = list(limit = 0, size = 2, rate = 0.3)))
}

rows <- function() {
  data <- simulate_decay()
  times <- paired(list(admle = function() fit_admle(data),
                       nls = function() fit_nls(data)))
  found <- values(times)
  check_same("nls", coef(found$admle)[1:3, 1], coef(found$nls)[, 1])
  compare(times, paste("whole fit, N =", format_count(n)), "nls", faster = 1,
          label = "nls()")
}

scenario("Nonlinear regression, y = a + b exp(-c x) + e.", rows)
