# Maxima at the edge of what a density allows.

set.seed(4)
u <- runif(60, 0, 3)

test_that("the edge of a uniform distribution is told with the observation", {
  expect_warning(
    fit <- mle_fit(function(b) dunif(u, 0, b, log = TRUE), list(b = 5)),
    "rises up to the edge of its domain, in `b`: beyond, 1 observation",
    class = "admle_warning_edge"
  )
  expect_identical(fit$problems[[1]]$rows, which.max(u))
  expect_no_match(fit$problems[[1]]$message, "other directions")
  expect_equal(coef(fit)[["b"]], max(u), tolerance = 1e-4)
  expect_identical(vcov(fit)[[1]], NA_real_)
})

test_that("what still rises elsewhere is told", {
  expect_warning(
    fit <- mle_fit(function(m, r) dexp(u - m, r, log = TRUE),
                   list(m = -1, r = 1)),
    "in `m`: beyond, 1 observation", class = "admle_warning_edge"
  )
  expect_identical(fit$problems[[1]]$rows, which.min(u))
})

test_that("a way along an edge between coordinates is seen", {
  x <- u - mean(u)
  z <- as.integer(u > 1.5)
  expect_warning(
    mle_fit(function(a, b) dbinom(z, 1, a + b * x, log = TRUE),
            list(a = 0.5, b = 0.01)),
    "It still rises in other directions", class = "admle_warning_edge"
  )
})

test_that("other ends are no edge", {
  kinds <- function(expr) {
    fit <- suppressWarnings(expr, classes = "admle_warning")
    vapply(fit$problems, `[[`, "", "kind")
  }
  line <- 1 + 2 * u
  expect_identical(kinds(mle_fit(function(a, b, s) {
    dnorm(line, a + b * u, s, log = TRUE)
  }, list(a = 0, b = 0, s = positive(1)))), "unbounded")
  expect_identical(kinds(mle_fit(function(m) -abs(u[-1] - m), list(m = 0))),
                   "kink")
  expect_length(kinds(mle_fit(function(m, s) dnorm(u, m, s, log = TRUE),
                              list(m = 1, s = 1))), 0)
})

test_that("with some probabilities at one, others have their standard errors", {
  expect_warning(
    fit <- mle_fit(function(p) {
      c(20, 20, 13) * log(p) + c(0, 0, 7) * log(1 - p)
    }, list(p = c(0.9, 0.6, 0.5))),
    "in `p1` and `p2`.*no\\s+standard\\s+error", class = "admle_warning_edge"
  )
  expect_true(fit$converged)
  expect_equal(unname(coef(fit)), c(1, 1, 0.65), tolerance = 1e-6)
  expect_equal(unname(sqrt(diag(vcov(fit)))),
               c(NA, NA, sqrt(0.65 * 0.35 / 20)), tolerance = 1e-6)
  expect_identical(is.na(confint(fit)[, 1]),
                   c(p1 = TRUE, p2 = TRUE, p3 = FALSE))
  expect_identical(is.na(coef(summary(fit))[, 4]),
                   c(p1 = TRUE, p2 = TRUE, p3 = FALSE))
})
