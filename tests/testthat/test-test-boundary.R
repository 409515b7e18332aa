# The weights against simulated projections, the test against half the p-value.

counts <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
dispersed <- mle_fit(count ~ dnbinom(size = size, mu = mu), log(mu) ~ spray,
                     data = InsectSprays)

test_that("with one parameter the p-value is half", {
  own <- lr_test(counts, dispersed, boundary = TRUE)
  plain <- lr_test(counts, dispersed)
  expect_equal(own$p.value, plain$p.value / 2, tolerance = 1e-12)
  expect_equal(own$statistic, plain$statistic)
  # one of two
  larger <- update(dispersed, mu ~ . + I(seq_along(spray)))
  both <- lr_test(counts, larger, boundary = 1)
  x <- both$statistic[[1]]
  expect_equal(both$p.value, (pchisq(x, 1, lower.tail = FALSE) +
                                pchisq(x, 2, lower.tail = FALSE)) / 2,
               tolerance = 1e-12)
  expect_named(both$weights, c("1", "2"))
})

test_that("no restriction costs nothing", {
  same <- counts
  same$rank <- counts$rank - 1L
  expect_identical(lr_test(same, counts, boundary = TRUE)$p.value, 1)
})

# Shares of 0, 1, ... positive elements of the projection on the orthant in the
# metric of the inverse: the subset of elements that satisfies the conditions of
# Kuhn and Tucker.
simulated_weights <- function(V, draws = 4e4) {
  k <- ncol(V)
  z <- matrix(rnorm(draws * k), draws) %*% chol(V)
  A <- solve(V)
  count <- rep(NA, draws)
  for (set in seq_len(2^k) - 1L) {
    on <- bitwAnd(set, 2^(seq_len(k) - 1L)) > 0
    x <- matrix(0, draws, k)
    if (any(on)) {
      x[, on] <- z %*% A[, on] %*% solve(A[on, on])
    }
    slack <- (x - z) %*% A
    fine <- rowSums(x[, on, drop = FALSE] <= 0) == 0 &
      rowSums(slack[, !on, drop = FALSE] < 0) == 0
    count[fine] <- sum(on)
  }
  tabulate(count + 1L, k + 1L) / draws
}

test_that("the weights are the probabilities of projections", {
  set.seed(4)
  # six standard deviations of a simulated share
  tolerance <- 6 * sqrt(0.25 / 4e4)
  for (r in c(-0.7, 0, 0.5)) {
    V <- matrix(c(1, r, r, 1), 2)
    expect_lt(max(abs(chi_bar_weights(2, V) - simulated_weights(V))), tolerance)
  }
  V <- matrix(c(1, 0.5, -0.3, 0.5, 1, 0.2, -0.3, 0.2, 1), 3)
  expect_lt(max(abs(chi_bar_weights(3, V) - simulated_weights(V))), tolerance)
  expect_equal(chi_bar_weights(3, diag(3)), c(1, 3, 3, 1) / 8)
})

test_that("what is printed, and mistakes", {
  larger <- update(dispersed, mu ~ . + I(seq_along(spray)))
  inflated <- suppressWarnings(mle_fit(
    count ~ zero_inflated(dnbinom(size = size, mu = mu), pi),
    log(mu) ~ spray, data = InsectSprays
  ), classes = "admle_warning_boundary")
  expect_snapshot({
    lr_test(counts, dispersed, boundary = TRUE)
    lr_test(counts, inflated, boundary = TRUE, correlation = 0.3)
  })
  expect_snapshot(error = TRUE, {
    lr_test(counts, counts, boundary = TRUE)
    lr_test(counts, inflated, boundary = TRUE)
    lr_test(counts, larger, boundary = 3)
    lr_test(counts, larger, boundary = "alpha")
    lr_test(counts, inflated, boundary = TRUE, correlation = 1.2)
  })
})

test_that("what has no boundary is not tested at one", {
  larger <- update(dispersed, mu ~ . + I(seq_along(spray)))
  slope <- update(counts, . ~ . + I(seq_along(spray)))
  by_function <- mle_fit(function(m, s) dnorm(speed, m, exp(s), log = TRUE),
                         start = list(m = 15, s = 1), data = cars)
  held <- mle_fit(function(m) dnorm(speed, m, exp(1.6), log = TRUE),
                  start = list(m = 15), data = cars)
  expect_snapshot(error = TRUE, {
    lr_test(counts, slope, boundary = TRUE)
    lr_test(counts, slope, boundary = "I(seq_along(spray))")
    lr_test(counts, larger, boundary = TRUE)
  })
  expect_identical(lr_test(counts, larger, boundary = "size"),
                   lr_test(counts, larger, boundary = 1))
  # a logarithm has a boundary at infinity, perhaps
  expect_warning(found <- lr_test(held, by_function, boundary = TRUE),
                 "`s` has no declared range", class = "admle_warning_argument")
  expect_identical(lr_test(held, by_function, boundary = "s"), found)
})

test_that("tests without regard to the boundary say so", {
  variance <- mle_fit(function(m, t) {
    dnorm(speed, m, sqrt(20 + t), log = TRUE)
  }, start = list(m = 15, t = positive(2)), data = cars)
  none <- update(variance, fixed = list(t = 0))
  end <- "at the end of the range of `t`"
  expect_warning(lr_test(none, variance), end)
  expect_warning(lr_test(variance, "t = 0"), end)
  expect_warning(wald_test(variance, ~ 2 * t), end)
  expect_error(score_test(none), "`t` at the end of its range",
               class = "admle_error_unsupported")
  expect_error(
    lr_test(update(variance, data = head(cars, 40), fixed = list(t = 0)),
            variance, boundary = TRUE), "different numbers of contributions"
  )
  expect_no_warning(lr_test(none, variance, boundary = TRUE))
  expect_no_warning(wald_test(variance, c("m = 10", "t - m = 0")))
})
