# What the tests of profiles and intervals share.

half_quantile <- qchisq(0.95, 1) / 2

# Of twelve digits of the estimates, half a likelihood ratio keeps eleven.
profile_tolerance <- list(ratio = 1e-9, limit = 1e-8)

expect_drop <- function(loglik, fit, drop = half_quantile) {
  expect_lt(abs(as.numeric(fit$loglik - loglik) - drop),
            profile_tolerance$ratio)
}

speed_fit <- function(...) {
  mle_fit(function(mu, s) dnorm(speed, mu, s, log = TRUE),
          start = list(mu = 10, s = positive(1)), data = cars, ...)
}
