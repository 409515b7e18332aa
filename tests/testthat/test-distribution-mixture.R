# Mixtures, zero-inflated and hurdle distributions against their definitions.

test_that("a mixture is the weighted sum", {
  x <- c(-1, 0.3, 4)
  d <- mixture(0.3, dnorm(0, 1), dnorm(4, 2))
  f <- 0.3 * dnorm(x) + 0.7 * dnorm(x, 4, 2)
  expect_equal(log_density(d, x), log(f), tolerance = 1e-14)
  expect_equal(cumulative(d, x), 0.3 * pnorm(x) + 0.7 * pnorm(x, 4, 2),
    tolerance = 1e-14)
  expect_equal(cumulative(d, x, FALSE, TRUE),
    log(0.3 * pnorm(-x) + 0.7 * pnorm(4 - x, sd = 2)), tolerance = 1e-14)
  expect_equal(cumulative(d, quantile(d, c(0.01, 0.4, 0.99))),
    c(0.01, 0.4, 0.99), tolerance = 1e-12)
  expect_equal(mean(d), 2.8)
  expect_equal(variance(d), 0.3 + 0.7 * 4 + 0.3 * 0.7 * 16)
  # Far from both there are still digits.
  expect_equal(log_density(d, -60),
    log(0.7) + dnorm(-60, 4, 2, TRUE), tolerance = 1e-14)
})

test_that("weights: a vector, a matrix, one for each observation", {
  x <- c(1, 2)
  p <- c(0.2, 0.3, 0.5)
  part <- cbind(dgamma(x, 1), dgamma(x, 2), dlnorm(x))
  d <- mixture(p, dgamma(1), dgamma(2), dlnorm())
  expect_equal(log_density(d, x), log(drop(part %*% p)), tolerance = 1e-14)
  by_row <- rbind(p, rev(p))
  d <- mixture(by_row, dgamma(1), dgamma(2), dlnorm())
  expect_equal(log_density(d, x), log(unname(rowSums(part * by_row))),
    tolerance = 1e-14)
  d <- mixture(c(0.1, 0.6), dgamma(1), dlnorm())
  expect_equal(log_density(d, x),
    log(c(0.1, 0.6) * part[, 1] + c(0.9, 0.4) * part[, 3]), tolerance = 1e-14)
})

test_that("zeros", {
  y <- 0:3
  inflated <- ifelse(y == 0, 0.2, 0) + 0.8 * dnbinom(y, 2, mu = 3)
  d <- zero_inflated(dnbinom(2, mu = 3), 0.2)
  expect_equal(exp(log_density(d, y)), inflated, tolerance = 1e-14)
  expect_equal(cumulative(d, y), cumsum(inflated), tolerance = 1e-14)
  expect_equal(cumulative(d, c(-1, y), FALSE), c(1, 1 - cumsum(inflated)),
    tolerance = 1e-14)
  p0 <- dnbinom(0, 2, mu = 3)
  positive <- ifelse(y == 0, 0.4, 0.6 * dnbinom(y, 2, mu = 3) / (1 - p0))
  d <- hurdle(dnbinom(2, mu = 3), 0.6)
  expect_equal(exp(log_density(d, y)), positive, tolerance = 1e-14)
  expect_equal(cumulative(d, c(-1, y)), c(0, cumsum(positive)),
    tolerance = 1e-14)
  for (d in list(zero_inflated(dpois(2), 0.3), hurdle(dpois(2), 0.3))) {
    k <- 0:60
    p <- exp(log_density(d, k))
    expect_equal(mean(d), sum(k * p), tolerance = 1e-13)
    expect_equal(variance(d), sum(k^2 * p) - sum(k * p)^2, tolerance = 1e-12)
    # Just below the probability, whose last digit is not the same in sums.
    expect_identical(quantile(d, cumulative(d, 0:6) - 1e-9), as.numeric(0:6))
    set.seed(3)
    drawn <- tabulate(draw(d, 1e4) + 1, 5) / 1e4
    error <- sqrt(p[1:5] * (1 - p[1:5]) / 1e4)
    expect_true(all(abs(drawn - p[1:5]) < 5 * error))
  }
})

test_that("they nest, and have correct derivatives", {
  y <- c(0, 1, 5)
  expect_derivatives(function(mu, alpha, q) {
    log_density(zero_inflated(dnbinom2(mu, alpha), q), y)
  }, list(mu = 2, alpha = 0.5, q = 0.3), order = 2)
  expect_derivatives(function(mu, alpha, q) {
    log_density(hurdle(dnbinom1(mu, alpha), q), y)
  }, list(mu = 2, alpha = 0.5, q = 0.3), order = 2)
  expect_derivatives(function(p, m, s) {
    log_density(
      truncated(mixture(p, dnorm(m, s), dgamma(2, 1)), lower = -1), y
    )
  }, list(p = 0.3, m = 1, s = 2), order = 2)
  d <- truncated(zero_inflated(dpois(2), 0.3), upper = 4)
  expect_equal(sum(exp(log_density(d, 0:9))), 1, tolerance = 1e-13)
})

test_that("`pi` for the argument `pi` is a parameter, elsewhere the constant", {
  data <- data.frame(k = rep(0:4, c(30, 20, 25, 15, 10)))
  short <- mle_fit(k ~ zero_inflated(dpois(mu), pi), data = data)
  long <- mle_fit(k ~ zero_inflated(dpois(mu), p), data = data)
  expect_equal(coef(short), c(coef(long)["mu"], pi = coef(long)[["p"]]))
  expect_named(coef(mle_fit(k ~ hurdle(dpois(mu), pi = pi), data = data)),
               c("mu", "pi"))
  expect_named(coef(mle_fit(k ~ dpois(2 * pi * mu), data = data,
                            start = list(mu = 1))), "mu")
})
