# Leaving out one observation or cluster after the other, against fits without
# them by other functions.

g <- rep(1:8, 4)
counts <- data.frame(y = rpois(32, 3), x = mtcars$wt, g)
counts$y <- c(5, 2, 3, 0, 4, 2, 6, 1, 3, 2, 4, 1, 2, 5, 1, 0, 3, 4, 2, 7, 1, 2,
              0, 3, 5, 2, 4, 3, 1, 2, 6, 3)
fit <- mle_fit(y ~ x, data = counts, family = poisson)

by_hand <- function(groups, center = colMeans) {
  estimates <- t(vapply(unique(groups), function(one) {
    coef(glm(y ~ x, poisson, counts[groups != one, ],
             control = glm.control(1e-14, 100)))
  }, numeric(2)))
  count <- nrow(estimates)
  away <- estimates - rep(center(estimates), each = count)
  (count - 1) / count * crossprod(away)
}

test_that("the exact jackknife is that of fits without each observation", {
  expect_equal(vcov(fit, "jackknife", exact = TRUE), by_hand(1:32),
               tolerance = 1e-8)
  expect_equal(vcov(fit, "jackknife", cluster = ~ g, exact = TRUE),
               by_hand(g), tolerance = 1e-8)
  expect_equal(
    vcov(fit, "jackknife", exact = TRUE, center = "estimate"),
    by_hand(1:32, function(estimates) coef(fit)), tolerance = 1e-8
  )
})

test_that("one step leaves out the observation's score and information", {
  units <- resampling_units(fit)
  X <- cbind(1, counts$x)
  mean <- exp(drop(X %*% coef(fit)))
  information <- crossprod(X, mean * X)
  steps <- leave_out_steps(fit, units)
  for (i in c(1, 17)) {
    expected <- -solve(information - mean[[i]] * tcrossprod(X[i, ]),
                       X[i, ] * (counts$y - mean)[[i]])
    expect_equal(steps[i, ], expected, tolerance = 1e-9)
  }
  clustered <- leave_out_steps(fit, resampling_units(fit, ~ g))
  here <- g == 3
  expected <- -solve(
    information - crossprod(X[here, ], mean[here] * X[here, ]),
    crossprod(X[here, ], (counts$y - mean)[here])
  )
  expect_equal(clustered[3, ], drop(expected), tolerance = 1e-9)
})

test_that("one step of a linear model is exact", {
  by_function <- mle_fit(
    function(a, b, s) dnorm(mpg, a + b * wt, s, log = TRUE),
    list(a = 30, b = -3, s = positive(3)), data = mtcars
  )
  plain <- lm(mpg ~ wt, mtcars)
  for (model in list(mle_fit(mpg ~ wt, data = mtcars), by_function)) {
    expect_equal(unname(dfbeta(model)[, 1:2]), unname(dfbeta(plain)),
                 tolerance = 1e-7)
  }
  # Regressors that happen to be orthogonal share what an observation says.
  d <- data.frame(y = mtcars$mpg, x = rep(c(-1, 1), 16),
                  z = rep(c(-1, -1, 1, 1), 8))
  expect_equal(unname(dfbeta(mle_fit(y ~ x + z, data = d))[, 1:3]),
               unname(dfbeta(lm(y ~ x + z, d))), tolerance = 1e-7)
})

test_that("one step is near the exact jackknife", {
  ratio <- diag(vcov(fit, "jackknife")) /
    diag(vcov(fit, "jackknife", exact = TRUE))
  expect_lt(max(abs(ratio - 1)), 0.05)
})

test_that("a recursion and numeric derivatives have steps, too", {
  y <- as.numeric(lh)
  ar <- function(m, a, s) {
    e <- numeric(length(y))
    for (t in seq_along(y)) e[t] <- y[t] - m - (if (t > 1) a * y[t - 1] else 0)
    dnorm(e, 0, exp(s), log = TRUE)
  }
  start <- list(m = 1, a = 0.5, s = -1)
  exact <- mle_fit(ar, start)
  numeric <- mle_fit(ar, start, derivatives = "numeric")
  units <- resampling_units(exact)
  expect_equal(leave_out_steps(numeric, units), leave_out_steps(exact, units),
               tolerance = 1e-6)
  # The unit's information by its own contribution, but for that between the
  # mean and the scale, which vanishes at each estimate.
  objective <- objective_reweight(fit_objective(exact), 1 * (1:48 == 10))
  theta <- unname(exact$theta)
  own <- objective_hessian(objective, theta)
  own[3, 1:2] <- own[1:2, 3] <- 0
  expected <- solve(exact$hessian - own, objective_gradient(objective, theta))
  expect_equal(leave_out_steps(exact, units)[10, ], unname(expected),
               tolerance = 1e-9)
})

test_that("pieces that fit into memory give the same", {
  units <- resampling_units(fit)
  whole <- leave_out_steps(fit, units)
  expect_equal(leave_out_steps(fit, units, largest = 40), whole,
               tolerance = 1e-13)
})

test_that("there is no jackknife without an estimate for each unit", {
  lonely <- data.frame(y = c(2, 3, 4, 5, 3, 6), f = rep(c("a", "b"), c(5, 1)))
  one_b <- mle_fit(y ~ f, data = lonely, family = poisson)
  expect_error(vcov(one_b, "jackknife"), "`6`",
               class = "admle_error_unsupported")
  expect_error(vcov(one_b, "jackknife", exact = TRUE), "`6`",
               class = "admle_error_unsupported")
})

test_that("sandwich's bootstrap by update() gives what lm() has", {
  skip_if_not_installed("sandwich")
  # Its refits find its variables only where it is attached.
  if (!"package:sandwich" %in% search()) {
    suppressPackageStartupMessages(attachNamespace("sandwich"))
    on.exit(detach("package:sandwich"))
  }
  by_update <- utils::getS3method("vcovBS", "default",
                                  envir = asNamespace("sandwich"))
  same_draws <- function(x, ...) {
    set.seed(1)
    by_update(x, R = 10, ...)
  }
  linear <- mle_fit(weight ~ Time, data = ChickWeight)
  expected <- same_draws(lm(weight ~ Time, ChickWeight), cluster = ~ Chick)
  expect_equal(same_draws(linear, cluster = ~ Chick)[1:2, 1:2], expected,
               tolerance = 1e-6)
  expect_equal(
    same_draws(linear, cluster = ~ Chick, start = TRUE)[1:2, 1:2],
    expected, tolerance = 1e-6
  )
})

test_that("update() takes repeated rows, weights, and estimates as a start", {
  rows <- c(1, 1, 2:30, 30)
  again <- eval(update(fit, subset = rows, evaluate = FALSE))
  expect_equal(coef(again), coef(glm(y ~ x, poisson, counts[rows, ])),
               tolerance = 1e-7)
  within <- function(...) eval(update(fit, ..., evaluate = FALSE))
  expect_equal(coef(within(subset = rows)), coef(again))
  plain <- mle_fit(function(mu, s) dnorm(speed, mu, s, log = TRUE),
                   start = list(mu = 10, s = positive(1)), data = cars)
  weighted <- update(plain, weights = rep(1:2, 25), start = coef(plain))
  expect_equal(coef(weighted)[["mu"]], weighted.mean(cars$speed, rep(1:2, 25)))
  expect_equal(weighted$start, coef(plain))
  expect_identical(names(weighted$theta), names(plain$theta))
  beta <- mle_fit(function(b) dnorm(dist, b[1] + b[2] * speed, 15, log = TRUE),
                  start = c(one = 0, two = 0), data = cars)
  expect_equal(update(beta, start = coef(beta))$start, coef(beta))
})
