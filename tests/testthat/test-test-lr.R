# Likelihood ratio tests against lmtest::lrtest(), and constrained maxima
# against the same models written without the restriction.

regression <- mle_fit(mpg ~ wt + hp + qsec, data = mtcars)
logit <- mle_fit(case ~ spontaneous + induced + age, data = infert,
                 family = binomial)

test_that("two fits in any order, or a restriction of one", {
  skip_if_not_installed("lmtest")
  glm1 <- glm(case ~ spontaneous + induced + age, binomial, infert)
  theirs <- lmtest::lrtest(update(glm1, . ~ spontaneous), glm1)
  small <- update(logit, . ~ spontaneous)
  for (own in list(
    lr_test(logit, small), lr_test(small, logit),
    lr_test(logit, c("induced = 0", "age = 0")),
    lr_test(update(logit, constraints = c("induced = 0", "age = 0"))),
    lr_test(logit, ~ c(induced, age)),
    lr_test(logit, rbind(c(age = 1, induced = 0), c(1, 1)))
  )) {
    expect_equal(own$statistic[["LR"]], theirs$Chisq[[2]], tolerance = 1e-9)
    expect_equal(own$parameter[["df"]], 2)
    expect_equal(own$p.value, theirs[["Pr(>Chisq)"]][[2]], tolerance = 1e-9)
  }
})

test_that("a nonlinear restriction is that of the model without it", {
  own <- lr_test(regression, ~ wt * qsec == -3)
  written <- mle_fit(function(a, w, h, s) {
    dnorm(mpg, a + w * wt + h * hp - 3 / w * qsec, s, log = TRUE)
  }, start = list(a = 20, w = -3, h = 0, s = positive(2)), data = mtcars)
  expect_equal(own$loglik[["restricted"]], as.numeric(logLik(written)),
               tolerance = 1e-11)
  b <- coef(own$restricted)
  expect_equal(b[["wt"]] * b[["qsec"]], -3, tolerance = 1e-12)
  expect_equal(unname(b[c("(Intercept)", "wt", "hp")]),
               unname(coef(written)[1:3]), tolerance = 1e-6)
  # however it is written
  expect_equal(lr_test(regression, ~ wt == -3 / qsec)$statistic, own$statistic,
               tolerance = 1e-8)
  # the multiplier is the slope of the maximum in what is restricted
  up <- lr_test(regression, ~ wt * qsec == -3 + 1e-3)$loglik[["restricted"]]
  down <- lr_test(regression, ~ wt * qsec == -3 - 1e-3)$loglik[["restricted"]]
  expect_equal(own$restricted$multipliers[[1]], (up - down) / 2e-3,
               tolerance = 1e-5)
})

test_that("declared parameters and whole models can be restricted", {
  fixed <- update(regression, fixed = list(sigma = 3))
  expect_equal(lr_test(regression, ~ sigma^2 == 9)$loglik[["restricted"]],
               fixed$loglik, tolerance = 1e-11)
  expect_equal(lr_test(regression, "sigma = 3")$loglik[["restricted"]],
               fixed$loglik, tolerance = 1e-11)
  mixture <- mle_fit(function(p, m, s) {
    log(p[1] * dnorm(eruptions, m[1], s[1]) +
          p[2] * dnorm(eruptions, m[2], s[2]))
  }, start = list(p = simplex(c(0.4, 0.6)), m = increasing(c(2, 4)),
                  s = positive(c(0.3, 0.4))), data = faithful)
  equal <- mle_fit(function(p, m, s) {
    log(p[1] * dnorm(eruptions, m[1], s) + p[2] * dnorm(eruptions, m[2], s))
  }, start = list(p = simplex(c(0.4, 0.6)), m = increasing(c(2, 4)),
                  s = positive(0.4)), data = faithful)
  own <- lr_test(mixture, ~ s[1] == s[2])
  expect_equal(own$loglik[["restricted"]], equal$loglik, tolerance = 1e-10)
  half <- lr_test(mixture, ~ c(p[1] * m[1] + p[2] * m[2], p[1]) ==
                    c(3.5, 0.35))
  expect_identical(half$parameter, c(df = 2L))
  b <- coef(half$restricted)
  expect_equal(b[["p1"]] * b[["m1"]] + b[["p2"]] * b[["m2"]], 3.5,
               tolerance = 1e-10)
  # all of it
  one <- mle_fit(function(m) dnorm(speed, m, 5, log = TRUE),
                 start = list(m = 1), data = cars)
  expect_equal(lr_test(one, ~ m == 15)$statistic[["LR"]],
               nrow(cars) * (mean(cars$speed) - 15)^2 / 25, tolerance = 1e-8)
})

test_that("nestedness of formulas is of their columns", {
  factor1 <- mle_fit(mpg ~ factor(cyl), data = mtcars)
  linear <- mle_fit(mpg ~ cyl, data = mtcars)
  expect_identical(lr_test(linear, factor1)$parameter, c(df = 1L))
  varying <- update(linear, log(sigma) ~ wt)
  expect_identical(lr_test(linear, varying)$parameter, c(df = 1L))
  counts <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
  dispersed <- mle_fit(count ~ dnbinom(size = size, mu = mu), log(mu) ~ spray,
                       data = InsectSprays)
  expect_identical(lr_test(counts, dispersed)$parameter, c(df = 1L))
})

test_that("what is printed", {
  expect_snapshot({
    lr_test(logit, update(logit, . ~ spontaneous))
    lr_test(logit, "induced = age")
  })
})

test_that("models that cannot be compared are refused", {
  small <- update(regression, . ~ wt)
  holes <- transform(mtcars, wt = replace(wt, 3, NA), hp = replace(hp, 4, NA))
  a <- mle_fit(mpg ~ wt, data = holes, na.action = na.omit)
  b <- mle_fit(mpg ~ hp + qsec, data = holes, na.action = na.omit)
  by_function <- mle_fit(function(a, s) dnorm(mpg, a, exp(s), log = TRUE),
                         start = list(a = 20, s = 1), data = mtcars)
  other <- update(by_function, data = transform(mtcars, mpg = mpg + 1),
                  fixed = list(a = 20))
  poor <- mle_fit(function(a, b, s) {
    dnorm(mpg, a + b * wt, exp(s) + 30, log = TRUE)
  }, start = list(a = 20, b = 0, s = 3), data = mtcars,
  control = list(iterations = 200)) |> suppressWarnings()
  expect_snapshot(error = TRUE, {
    lr_test(regression, update(regression, . ~ wt + hp + cyl))
    lr_test(small, update(regression, . ~ hp + qsec))
    lr_test(small, update(regression, subset = -1))
    lr_test(a, b)
    lr_test(small, update(regression, log(mpg) ~ .))
    lr_test(small, update(regression, weights = cyl))
    lr_test(update(small, log(sigma) ~ hp), regression)
    lr_test(by_function, other)
    lr_test(regression)
    lr_test(regression, "wt^2 = -1")
    lr_test(1, regression)
  })
  expect_error(suppressWarnings(lr_test(by_function, poor)),
               "is lower than that of the smaller one")
})

test_that("estimates with reduced bias are no maxima", {
  fit <- mle_fit(case ~ spontaneous + induced, data = infert,
                 family = binomial, bias = "firth")
  expect_warning(lr_test(fit, "induced = 0"), "made with `bias = \"firth\"`",
                 class = "admle_warning_convergence")
})

test_that("covariances and first steps that do not enter are named", {
  small <- mle_fit(mpg ~ wt, data = mtcars)
  large <- mle_fit(mpg ~ wt + hp, data = mtcars, vcov = "sandwich")
  expect_warning(lr_test(large, "hp = 0"), "the covariance that the fit",
                 class = "admle_warning_argument")
  expect_warning(lr_test(small, large), "the covariance that the fit")
  expect_warning(anova(small, large), "the covariance that the fit")
  expect_no_warning(lr_test(small, update(large, vcov = "opg")))
  second <- mle_fit(function(a, b, s, m) {
    dnorm(mpg, a + b * (wt - m), s, log = TRUE)
  }, start = list(a = 20, b = -5, s = positive(3)), data = mtcars,
  after = list(m = mle_fit(function(mean) dnorm(wt, mean, 1, log = TRUE),
                           start = list(mean = 3), data = mtcars)))
  known <- "first step of `[a-z0-9]+` as known"
  expect_warning(lr_test(second, "b = 0"), known,
                 class = "admle_warning_argument")
  expect_warning(information_matrix_test(second), known)
  expect_warning(vuong_test(small, second), known)
  expect_match(score_test(second, "b = -5", vcov = "hessian")$method,
               "first step is taken as known")
})
