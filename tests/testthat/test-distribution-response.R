# Censored, truncated and interval-censored observations, `Surv` responses:
# contributions against R's distribution functions, derivatives, tails.

test_that("a censored observation contributes a probability", {
  d <- censored(dnorm(1, 2), lower = 0, upper = 3)
  x <- c(-1, 0, 0.5, 3, 4)
  below <- pnorm(0, 1, 2, log.p = TRUE)
  above <- pnorm(3, 1, 2, lower.tail = FALSE, log.p = TRUE)
  inside <- dnorm(0.5, 1, 2, log = TRUE)
  expect_equal(log_density(d, x), c(below, below, inside, above, above),
    tolerance = 1e-14)
  expect_equal(cumulative(d, c(-1, 0, 1, 3)), c(0, pnorm(0:1, 1, 2), 1))
  expect_identical(quantile(d, c(0.01, 0.5, 0.99)), c(0, 1, 3))
  expect_equal(mean(censored(dnorm(1, 2), lower = 0)),
    pnorm(0.5) + 2 * dnorm(0.5), tolerance = 1e-12)
})

test_that("limits may differ between observations", {
  lower <- c(-Inf, 0, 1)
  d <- censored(dlnorm(0, 1), lower = lower, upper = c(2, Inf, Inf))
  expect_equal(log_density(d, c(2, 0.5, 1)), c(
    plnorm(2, lower.tail = FALSE, log.p = TRUE), dlnorm(0.5, log = TRUE),
    plnorm(1, log.p = TRUE)
  ), tolerance = 1e-14)
  d <- truncated(dnorm(0, 1), lower = lower, upper = c(2, Inf, 3))
  expect_equal(log_density(d, c(0, 0.5, 2)), dnorm(c(0, 0.5, 2), log = TRUE) -
    log(c(pnorm(2), 0.5, pnorm(3) - pnorm(1))), tolerance = 1e-13)
})

test_that("two columns are an interval", {
  ends <- cbind(c(1, -Inf, 2, NA, 1), c(1, 2, NA, 0.5, 3))
  expect_equal(log_density(censored(dnorm(0, 1)), ends), c(
    dnorm(1, log = TRUE), pnorm(2, log.p = TRUE),
    pnorm(-2, log.p = TRUE), pnorm(0.5, log.p = TRUE),
    log(pnorm(3) - pnorm(1))
  ), tolerance = 1e-14)
  expect_snapshot(error = TRUE, {
    log_density(censored(dnorm(0, 1)), cbind(c(1, 3), c(2, 1)))
  })
})

test_that("intervals in the tails keep their digits", {
  # Phi(-30) (1 - Phi(-31) / Phi(-30))
  expected <- pnorm(-30, log.p = TRUE) +
    log1p(-exp(pnorm(-31, log.p = TRUE) - pnorm(-30, log.p = TRUE)))
  d <- censored(dnorm(0, 1))
  expect_equal(log_density(d, cbind(30, 31)), expected, tolerance = 1e-15)
  expect_equal(log_density(d, cbind(-31, -30)), expected, tolerance = 1e-15)
  far <- truncated(dnorm(0, 1), lower = 30)
  expect_equal(log_density(far, 30.1),
    dnorm(30.1, log = TRUE) - pnorm(-30, log.p = TRUE), tolerance = 1e-14)
  expect_equal(cumulative(far, quantile(far, c(0.1, 0.9))), c(0.1, 0.9),
    tolerance = 1e-11)
  # Mills: E[X - 30 | X > 30] = phi(30) / Phi(-30) - 30
  expect_equal(mean(far),
    exp(dnorm(30, log = TRUE) - pnorm(-30, log.p = TRUE)), tolerance = 1e-12)
})

test_that("truncated counts include their limits", {
  d <- truncated(dpois(2), lower = 1)
  expect_equal(exp(log_density(d, 0:3)), c(0, dpois(1:3, 2) / (1 - exp(-2))),
    tolerance = 1e-14)
  expect_equal(mean(d), 2 / (1 - exp(-2)), tolerance = 1e-12)
  d <- truncated(dpois(2), 1, 4)
  expect_equal(sum(exp(log_density(d, 0:9))), 1, tolerance = 1e-14)
  expect_equal(cumulative(d, 0:5), cumsum(exp(log_density(d, 0:5))),
    tolerance = 1e-13)
  expect_equal(cumulative(d, 0:5, FALSE), 1 - cumulative(d, 0:5),
    tolerance = 1e-13)
  expect_identical(quantile(d, cumulative(d, 1:4)), as.numeric(1:4))
  d <- censored(dpois(2), upper = 3)
  expect_equal(exp(log_density(d, 2:4)),
    c(dpois(2, 2), ppois(2, 2, FALSE), ppois(2, 2, FALSE)), tolerance = 1e-14)
})

test_that("contributions have correct derivatives", {
  y <- c(-1, 0, 0.5, 2, 3)
  expect_derivatives(function(m, s) {
    log_density(censored(dnorm(m, s), lower = 0, upper = 2), y)
  }, list(m = 0.4, s = 1.3), order = 2)
  expect_derivatives(function(m, s) {
    log_density(truncated(dnorm(m, s), lower = -2, upper = 4), y)
  }, list(m = 0.4, s = 1.3), order = 2)
  ends <- cbind(c(1, -Inf, 2, -Inf, 1), c(1, 2, Inf, 0.5, 3))
  expect_derivatives(function(m, s) {
    log_density(censored(dlnorm(m, s)), ends)
  }, list(m = 0.4, s = 1.3), order = 2)
  # Values on the edge of the support, where the density has no derivative.
  expect_derivatives(function(a, b) {
    log_density(censored(dweibull(a, b), lower = 0.2), c(0, 0.2, 1))
  }, list(a = 0.7, b = 1.3), order = 2)
})

surv_cases <- function() {
  time <- c(2, 0.7, 3, 1.2)
  status <- c(1, 0, 1, 0)
  list(
    right = survival::Surv(time, status),
    left = survival::Surv(time, status, type = "left"),
    counting = survival::Surv(c(0, 0.1, 1, 0.5), time, status),
    interval = survival::Surv(time, c(9, 1.1, 3.3, 5), c(0, 3, 1, 2),
      type = "interval"),
    interval2 = survival::Surv(c(2, NA, 3, 0.4), c(2, 0.7, NA, 1.2),
      type = "interval2")
  )
}

test_that("survival responses", {
  skip_if_not_installed("survival")
  shape <- 1.4
  scale <- 2.2
  f <- function(t) dweibull(t, shape, scale, log = TRUE)
  S <- function(t) pweibull(t, shape, scale, FALSE)
  F <- function(t) pweibull(t, shape, scale)
  expected <- list(
    right = c(f(2), log(S(0.7)), f(3), log(S(1.2))),
    left = c(f(2), log(F(0.7)), f(3), log(F(1.2))),
    counting = c(f(2), log(S(0.7)) - log(S(0.1)), f(3) - log(S(1)),
      log(S(1.2)) - log(S(0.5))),
    interval = c(log(S(2)), log(F(1.1) - F(0.7)), f(3), log(F(1.2))),
    interval2 = c(f(2), log(F(0.7)), log(S(3)), log(F(1.2) - F(0.4)))
  )
  cases <- surv_cases()
  for (type in names(cases)) {
    found <- log_density(distribution(dweibull(shape, scale)), cases[[type]])
    expect_equal(found, expected[[type]], tolerance = 1e-13, label = type)
    expect_derivatives(function(a, b) {
      log_density(distribution(dweibull(a, b)), cases[[type]])
    }, list(a = shape, b = scale), order = 2, label = type)
  }
  states <- survival::Surv(c(1, 2), factor(c("a", "b")))
  expect_error(log_density(distribution(dexp(1)), states),
    class = "admle_error_unsupported")
})

test_that("the support is that of the response", {
  skip_if_not_installed("survival")
  d <- distribution(dgamma(2, 1))
  expect_identical(within_support(d, c(1, -1, NA)), c(TRUE, FALSE, NA))
  expect_identical(
    within_support(d, survival::Surv(c(1, -1, 2), c(1, 1, 0))),
    c(TRUE, FALSE, TRUE)
  )
  expect_identical(within_support(distribution(dpois(2)), c(0, 1.5, -1)),
    c(TRUE, FALSE, FALSE))
  expect_identical(support(truncated(dnorm(0, 1), 1))[c("lower", "upper")],
    list(lower = 1, upper = Inf))
  expect_identical(support(hurdle(dbinom(5, 0.2), 0.3))$upper, 5)
})
