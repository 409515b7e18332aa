# mle_fit() against dedicated estimators and certified values, over all ways of
# giving parameters, data, weights and subsets.

normal <- function(a, b, log_sigma) {
  dnorm(mpg, a + b * wt, exp(log_sigma), log = TRUE)
}
start <- list(a = 30, b = 0, log_sigma = 1)

test_that("the normal linear model has lm()'s estimates", {
  reference <- lm(mpg ~ wt, mtcars)
  fit <- mle_fit(normal, start, mtcars)
  expect_equal(coef(fit)[1:2], coef(reference), tolerance = 1e-8,
               ignore_attr = TRUE)
  expect_equal(coef(fit)[["log_sigma"]],
               log(sqrt(mean(resid(reference)^2))), tolerance = 1e-8)
  expect_equal(c(logLik(fit)), c(logLik(reference)), tolerance = 1e-12)
  expect_true(fit$converged)
  expect_identical(fit$problems, list())
  expect_identical(fit$nobs, 32L)
})

test_that("matrices, vectors and variables of the function's environment", {
  X <- cbind(1, mtcars$wt, mtcars$hp)
  y <- mtcars$mpg
  fit <- mle_fit(
    function(beta, log_sigma) {
      dnorm(y, X %*% beta, exp(log_sigma), log = TRUE)
    },
    start = list(beta = c(mean(y), 0, 0), log_sigma = log(sd(y)))
  )
  expect_equal(coef(fit)[1:3], coef(lm(mpg ~ wt + hp, mtcars)),
               tolerance = 1e-8, ignore_attr = TRUE)
  expect_named(coef(fit), c("beta1", "beta2", "beta3", "log_sigma"))
})

test_that("one vector of parameters, a total, and the negative of it", {
  y <- c(3, 0, 2, 5, 1)
  total <- function(theta) sum(dpois(y, exp(theta), log = TRUE))
  fit <- mle_fit(total, start = 0)
  expect_named(coef(fit), "theta")
  expect_equal(coef(fit)[[1L]], log(mean(y)), tolerance = 1e-9)
  minus <- mle_fit(function(theta) -total(theta), start = 0, negative = TRUE)
  expect_equal(coef(minus), coef(fit), tolerance = 1e-9)
  expect_equal(c(logLik(minus)), sum(dpois(y, mean(y), log = TRUE)),
               tolerance = 1e-12)
})

test_that("NIST Misra1a: certified coefficients and residual sum of squares", {
  # https://www.itl.nist.gov/div898/strd/nls/data/misra1a.shtml
  d <- data.frame(
    y = c(10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76,
          55.05, 61.01, 66.40, 75.47, 81.78),
    x = c(77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8,
          477.3, 536.8, 593.1, 689.1, 760.0)
  )
  fit <- mle_fit(
    function(b1, b2, log_sigma) {
      dnorm(y, b1 * (1 - exp(-b2 * x)), exp(log_sigma), log = TRUE)
    },
    start = list(b1 = 250, b2 = 5e-4, log_sigma = 0), data = d
  )
  certified <- c(b1 = 2.3894212918e+02, b2 = 5.5015643181e-04)
  expect_equal(coef(fit)[1:2], certified, tolerance = 1e-8)
  expect_equal(14 * exp(2 * coef(fit)[["log_sigma"]]), 1.2455138894e-01,
               tolerance = 1e-8)
})

test_that("generalised linear models have glm()'s estimates", {
  logit <- mle_fit(
    function(b0, b1) dbinom(am, 1, plogis(b0 + b1 * wt), log = TRUE),
    start = list(b0 = 0, b1 = 0), data = mtcars
  )
  reference <- glm(am ~ wt, binomial, mtcars,
                   control = list(epsilon = 1e-14, maxit = 50))
  expect_equal(coef(logit), coef(reference), tolerance = 1e-8,
               ignore_attr = TRUE)
  expect_equal(vcov(logit), vcov(reference), tolerance = 1e-7,
               ignore_attr = TRUE)
})

test_that("weights: frequencies are repeated rows", {
  weighted <- mle_fit(normal, start, mtcars, weights = cyl)
  repeated <- mle_fit(normal, start, mtcars[rep(1:32, mtcars$cyl), ])
  expect_equal(coef(weighted), coef(repeated), tolerance = 1e-8)
  expect_equal(vcov(weighted), vcov(repeated), tolerance = 1e-7)
  expect_equal(c(logLik(weighted)), c(logLik(repeated)), tolerance = 1e-12)
  expect_identical(weights(weighted), mtcars$cyl)
  expect_equal(coef(weighted)[1:2], coef(lm(mpg ~ wt, mtcars, weights = cyl)),
               tolerance = 1e-8, ignore_attr = TRUE)
})

test_that("a zero weight is no observation", {
  fit <- mle_fit(normal, start, mtcars, weights = as.numeric(cyl > 4))
  expect_identical(nobs(fit), sum(mtcars$cyl > 4))
  expect_equal(coef(fit), coef(mle_fit(normal, start,
                                       mtcars[mtcars$cyl > 4, ])),
               tolerance = 1e-8)
})

test_that("subset: expressions, row numbers, repeated rows, with weights", {
  reference <- mle_fit(normal, start, mtcars[mtcars$cyl > 4, ])
  fit <- mle_fit(normal, start, mtcars, subset = cyl > 4)
  expect_equal(coef(fit), coef(reference), tolerance = 1e-10)
  expect_identical(nobs(fit), 21L)
  rows <- c(1:20, 3, 3, 7)
  repeated <- mle_fit(normal, start, mtcars, subset = rows)
  expect_equal(coef(repeated), coef(mle_fit(normal, start, mtcars[rows, ])),
               tolerance = 1e-10)
  expect_equal(
    coef(mle_fit(normal, start, mtcars, subset = -(1:5))),
    coef(mle_fit(normal, start, mtcars[-(1:5), ])), tolerance = 1e-10
  )
  both <- mle_fit(normal, start, mtcars, subset = cyl > 4, weights = gear)
  expect_equal(
    coef(both)[1:2],
    coef(lm(mpg ~ wt, mtcars, subset = cyl > 4, weights = gear)),
    tolerance = 1e-8, ignore_attr = TRUE
  )
})

test_that("weights and subset without data are those of the contributions", {
  y <- mtcars$mpg
  f <- function(mu, s) dnorm(y, mu, exp(s), log = TRUE)
  start <- list(mu = 20, s = 1)
  w <- mtcars$cyl
  fit <- mle_fit(f, start, weights = w, subset = 3:30)
  expect_equal(coef(fit)[["mu"]], weighted.mean(y[3:30], w[3:30]),
               tolerance = 1e-9)
  expect_equal(coef(mle_fit(f, start, subset = y > 15))[["mu"]],
               mean(y[y > 15]), tolerance = 1e-9)
  expect_equal(coef(mle_fit(f, start, subset = -1))[["mu"]], mean(y[-1]),
               tolerance = 1e-9)
})

test_that("weights are found where the caller is", {
  wrapper <- function(importance) {
    mle_fit(normal, start, mtcars, weights = importance)
  }
  expect_equal(coef(wrapper(mtcars$cyl)),
               coef(mle_fit(normal, start, mtcars, weights = cyl)))
})

test_that("na.action leaves rows out", {
  with_missing <- mtcars
  with_missing$wt[c(3, 5)] <- NA
  with_missing$qsec[7] <- NA
  fit <- mle_fit(normal, start, with_missing, na.action = na.omit)
  expect_equal(coef(fit), coef(mle_fit(normal, start, mtcars[-c(3, 5), ])),
               tolerance = 1e-10)
  expect_identical(nobs(fit), 30L)
  expect_s3_class(fit$na.action, "omit")
  expect_identical(as.integer(fit$na.action), c(3L, 5L))
})

test_that("data may be a list with matrices and constants", {
  d <- list(y = mtcars$mpg, X = cbind(1, mtcars$wt), sigma = 3)
  f <- function(beta) dnorm(y, X %*% beta, sigma, log = TRUE)
  fit <- mle_fit(f, list(beta = c(20, 0)), d)
  expect_equal(coef(fit), coef(lm(mpg ~ wt, mtcars)), tolerance = 1e-8,
               ignore_attr = TRUE)
  part <- mle_fit(f, list(beta = c(20, 0)), d, subset = 1:20)
  expect_equal(coef(part), coef(lm(mpg ~ wt, mtcars[1:20, ])),
               tolerance = 1e-8, ignore_attr = TRUE)
})

test_that("a column is seen before the function's own variables, and said so", {
  wt <- rep(1, 32)
  local_normal <- normal
  environment(local_normal) <- environment()
  expect_warning(fit <- mle_fit(local_normal, start, mtcars), "`wt`",
                 class = "admle_warning_data")
  expect_equal(coef(fit)[["b"]], coef(lm(mpg ~ wt, mtcars))[["wt"]],
               tolerance = 1e-8)
  wt <- mtcars$wt
  expect_no_warning(mle_fit(local_normal, start, mtcars))
})

test_that("fixed parameters are not estimated", {
  fit <- mle_fit(normal, start, mtcars, fixed = list(b = -5))
  expect_named(coef(fit), c("a", "log_sigma"))
  expect_equal(coef(fit)[["a"]], mean(mtcars$mpg + 5 * mtcars$wt),
               tolerance = 1e-9)
  expect_identical(fit$fixed, c(b = -5))
  expect_identical(attr(logLik(fit), "df"), 2L)
})

test_that("scaling a regressor changes nothing but its coefficient", {
  scaled <- transform(mtcars, wt = wt * 1e6)
  fit <- mle_fit(normal, start, mtcars)
  other <- mle_fit(normal, start, scaled)
  expect_equal(coef(other)[["b"]] * 1e6, coef(fit)[["b"]], tolerance = 1e-8)
  expect_equal(coef(other)[c("a", "log_sigma")],
               coef(fit)[c("a", "log_sigma")], tolerance = 1e-8)
})

test_that("every method finds the maximum and says its name", {
  for (method in c("newton", "bfgs", "lbfgs", "bhhh")) {
    fit <- mle_fit(normal, list(a = 37, b = -5, log_sigma = 1), mtcars,
                   method = method)
    expect_identical(fit$search$method, method)
    expect_equal(coef(fit)[1:2], coef(lm(mpg ~ wt, mtcars)),
                 tolerance = 1e-6, ignore_attr = TRUE)
  }
  expect_true(mle_fit(normal, start, mtcars)$search$method %in% method_choices)
})

test_that("numeric derivatives agree with the independent answer", {
  fit <- mle_fit(normal, start, mtcars, derivatives = "numeric")
  reference <- lm(mpg ~ wt, mtcars)
  expect_equal(coef(fit)[1:2], coef(reference), tolerance = 1e-8,
               ignore_attr = TRUE)
  expect_equal(vcov(fit, adjust = TRUE)[1:2, 1:2], vcov(reference),
               tolerance = 1e-8, ignore_attr = TRUE)
  expect_equal(fit$derivatives, "numeric")
  expect_output(print(fit), "Derivatives: numeric")
})

test_that("differences are accurate whatever the units and the domain", {
  for (unit in c(1e-6, 1, 1e6)) {
    x <- mtcars$wt * unit
    value <- function(theta) {
      sum(dpois(mtcars$carb, exp(theta[[1L]] + theta[[2L]] * x), log = TRUE))
    }
    theta <- c(0.1, 0.3 / unit)
    mean <- exp(theta[[1L]] + theta[[2L]] * x)
    X <- cbind(1, x)
    numeric <- difference_maker(value, theta, 32)
    expect_equal(numeric$gradient(theta),
                 drop(crossprod(X, mtcars$carb - mean)), tolerance = 1e-9,
                 ignore_attr = TRUE)
    expect_equal(numeric$hessian(theta), -crossprod(X, mean * X),
                 tolerance = 1e-8, ignore_attr = TRUE)
  }
  # log(s) is not defined on the other side of zero.
  s <- 1e-3
  numeric <- difference_maker(function(s) 5 * log(s) - 1000 * s, s, 5)
  expect_equal(suppressWarnings(numeric$gradient(s)), 5 / s - 1000,
               tolerance = 1e-8)
  expect_equal(suppressWarnings(numeric$hessian(s)), matrix(-5 / s^2),
               tolerance = 1e-8)
})

test_that("an iteration limit is a warning and a problem, not convergence", {
  expect_warning(
    fit <- mle_fit(normal, start, mtcars, control = list(iterations = 1)),
    "limit of 1 iteration", class = "admle_warning_convergence"
  )
  expect_false(fit$converged)
  expect_identical(fit$problems[[1L]]$kind, "convergence")
  expect_output(print(fit), "stopped before it found a maximum")
  expect_output(print(summary(fit)), "stopped at the limit of iterations")
})

test_that("a wrong sign is asked about", {
  minus <- function(mu, s) -dnorm(mpg, mu, exp(s), log = TRUE)
  expect_warning(fit <- mle_fit(minus, list(mu = 1, s = 1), mtcars),
                 "negative = TRUE", class = "admle_warning_diverging")
  expect_false(fit$converged)
})

test_that("arguments are refused by name", {
  expect_error(mle_fit(normal, start, mtcars, 3), "`3`",
               class = "admle_error_argument")
  expect_error(mle_fit(normal, start, mtcars, hessian = TRUE),
               "`hessian = TRUE`", class = "admle_error_argument")
})
