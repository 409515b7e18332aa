# What a formula model says about data and formulas that cannot be used.

test_that("names that are not there", {
  expect_snapshot(error = TRUE, {
    mle_fit(mpg ~ wtt, data = mtcars)
    mle_fit(mppg ~ wt, data = mtcars)
    mle_fit(mpg ~ wt, data = mtcars, weigths = cyl)
    mle_fit(mpg ~ wt, data = mtcars, start = c(wtt = 1))
  })
})

test_that("formulas that cannot be read", {
  expect_snapshot(error = TRUE, {
    mle_fit(~ wt, data = mtcars)
    mle_fit(mpg ~ dnorm(mu, sigma), nu ~ wt, data = mtcars)
    mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, mu ~ hp, data = mtcars)
    mle_fit(mpg ~ dnorm(mu, sigma), besselJ(mu) ~ wt, data = mtcars)
    mle_fit(mpg ~ dnorm(mu, sigma), ~ wt, data = mtcars)
    mle_fit(mpg ~ dnorm(wt, hp), data = mtcars)
  })
})

test_that("families that are none", {
  expect_snapshot(error = TRUE, {
    mle_fit(am ~ wt, data = mtcars, family = quasibinomial)
    mle_fit(am ~ wt, data = mtcars, family = quasi())
    mle_fit(am ~ wt, data = mtcars, family = 3)
    mle_fit(mpg ~ dnorm(mu, s), mu ~ wt, data = mtcars, family = poisson)
  })
})

test_that("responses outside of the support", {
  expect_snapshot(error = TRUE, {
    mle_fit(mpg ~ dbeta(a, b), data = mtcars)
    mle_fit(mpg ~ wt, data = mtcars, family = poisson)
    mle_fit(mpg ~ wt, data = mtcars, family = binomial)
    mle_fit(mpg / 50 ~ wt, data = mtcars, family = binomial)
    mle_fit(-mpg ~ wt, data = mtcars, family = Gamma("log"))
    mle_fit(row.names(mtcars) ~ wt, data = mtcars)
  })
})

test_that("data that say nothing", {
  expect_snapshot(error = TRUE, {
    mle_fit(mpg ~ wt, data = mtcars[1, ])
    mle_fit(I(0 * mpg) ~ wt, data = mtcars)
    mle_fit(I(2 * wt + 1) ~ wt, data = mtcars)
    mle_fit(mpg ~ wt + factor(cyl), data = mtcars, subset = cyl == 4)
    mle_fit(mpg ~ wt, data = mtcars, subset = mpg > 100)
    mle_fit(mpg ~ wt, data = transform(mtcars, wt = NA))
    mle_fit(I(0 * mpg) ~ censored(dnorm(mu, sigma), lower = 0), mu ~ wt,
            data = mtcars)
  })
})

test_that("all observations censored", {
  skip_if_not_installed("survival")
  Surv <- survival::Surv
  expect_snapshot(error = TRUE, {
    mle_fit(Surv(mpg, rep(0, 32)) ~ dweibull(shape, scale), log(scale) ~ wt,
            data = mtcars)
  })
})

test_that("empty levels of a factor are left out", {
  d <- transform(mtcars, f = factor(cyl, levels = c(4, 6, 8, 10)))
  expect_identical(names(coef(mle_fit(mpg ~ f, data = d))),
                   c("(Intercept)", "f6", "f8", "sigma"))
})

test_that("a variable in the workspace is not taken for a parameter", {
  sigma <- 3
  expect_warning(
    fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, data = mtcars),
    class = "admle_warning_data"
  )
  expect_same_fit(fit, lm(mpg ~ wt, mtcars))
})

test_that("parameters without a formula for which no start is found", {
  expect_snapshot(error = TRUE, {
    mle_fit(mpg ~ dnorm(wt * log(a - 100), s), data = mtcars)
  })
  expect_error(mle_fit(mpg ~ dnorm(wt * log(a - 100), s), data = mtcars),
               class = "admle_error_start")
})

test_that("a formula after the data, as in a pipe", {
  expect_same_fit(mle_fit(data = mtcars, formula = mpg ~ wt),
                  lm(mpg ~ wt, mtcars))
})

test_that("mistakes in the call of a model are told before it is fitted", {
  d <- data.frame(v = c(1, 3, 2, 5), w = c(1, Inf, 3, 4))
  expect_snapshot(error = TRUE, {
    mle_fit(v ~ w, data = d)
    mle_fit(v ~ log(w - 1), data = transform(d, w = c(1, 2, 3, 4)))
    mle_fit(v ~ w, data = as.matrix(d))
    mle_fit(v ~ w, data = d[0, ])
    mle_fit(am ~ wt, data = mtcars, family = "probit")
    mle_fit(dist ~ dnorm(dist, mu, s), data = cars)
    mle_fit(dist ~ dnorm(mu, s, log = TRUE), data = cars)
    mle_fit(dist ~ dnorm(mu, s, 2, 3, 4), data = cars)
    mle_fit(minuslogl = function(a) sum((cars$dist - a)^2), start = list(a = 0))
    mle_fit(am ~ wt, data = mtcars, link = "probit")
  })
})
