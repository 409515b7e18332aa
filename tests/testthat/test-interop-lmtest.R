# Tests of the lmtest package, equal to those that it makes of glm() and lm().

skip_if_not_installed("lmtest")

test_that("coeftest() and coefci(), z and t", {
  expect_as_glm(lmtest::coeftest)
  expect_as_glm(lmtest::coefci)
  expect_as_glm(function(fit) lmtest::coefci(fit, parm = 2, level = 0.9))
  beta <- 1:4
  own <- lmtest::coeftest(linear_fit)
  theirs <- lmtest::coeftest(linear_lm)
  expect_equal(own[beta, ], theirs[beta, ], tolerance = interop_tolerance)
  expect_identical(attr(own, "df"), as.numeric(attr(theirs, "df")))
  expect_equal(lmtest::coefci(linear_fit)[beta, ], lmtest::coefci(linear_lm),
               tolerance = interop_tolerance)
  skip_if_not_installed("sandwich")
  expect_as_glm(function(fit) {
    lmtest::coeftest(fit, vcov. = sandwich::vcovCL,
                     cluster = interop_data$firm)
  })
})

test_that("lrtest() of two models, of terms, and of one model", {
  small <- list(
    formula = update(poisson_fits$formula, . ~ x),
    fn = mle_fit(function(a, b) dpois(count, exp(a + b * x), log = TRUE),
                 start = list(a = 0, b = 0), data = interop_data)
  )
  theirs <- lmtest::lrtest(poisson_glm, . ~ x)
  own <- list(
    lmtest::lrtest(poisson_fits$formula, small$formula),
    lmtest::lrtest(poisson_fits$formula, "group"),
    lmtest::lrtest(poisson_fits$formula, 2),
    lmtest::lrtest(poisson_fits$density, . ~ x),
    lmtest::lrtest(poisson_fits$vector, small$fn)
  )
  for (test in own) {
    expect_equal(as.matrix(test), as.matrix(theirs),
                 tolerance = interop_tolerance)
  }
  expect_as_glm(lmtest::lrtest, forms = c("formula", "density"))
  expect_snapshot(error = TRUE, lmtest::lrtest(poisson_fits$vector))
})

test_that("what has no contributions is not counted", {
  total <- mle_fit(function(a) -a^2 * solve(matrix(exp(a)))[1],
                   start = list(a = 0.1))
  expect_error(lmtest::lrtest(total, total), class = "admle_error_unsupported")
  expect_error(lmtest::waldtest(total, total),
               class = "admle_error_unsupported")
})

test_that("waldtest() of nested models; degrees of freedom are not negative", {
  small <- mle_fit(function(b) {
    dpois(count, exp(b[1] + b[2] * x), log = TRUE)
  }, start = list(b = c(0, 0)), data = interop_data)
  theirs <- lmtest::waldtest(poisson_glm, . ~ x, test = "Chisq")
  own <- list(
    lmtest::waldtest(poisson_fits$formula, . ~ x),
    lmtest::waldtest(poisson_fits$density, "group"),
    lmtest::waldtest(poisson_fits$vector, small)
  )
  for (test in own) {
    expect_equal(as.matrix(test)[, -1], as.matrix(theirs)[, -1],
                 tolerance = interop_tolerance)
    expect_identical(test$Res.Df, c(Inf, Inf))
  }
  for (change in list("b2", 1, . ~ . - b2)) {
    expect_error(lmtest::waldtest(poisson_fits$vector, change),
                 "no terms to leave out", class = "admle_error_unsupported")
  }
  expect_error(lmtest::waldtest(poisson_fits$vector, test = "F"),
               "no terms to change", class = "admle_error")
  formulas <- c("formula", "density")
  expect_as_glm(function(fit) as.matrix(
    lmtest::waldtest(fit, test = "Chisq")
  )[, -1], forms = formulas)
  expect_equal(as.matrix(lmtest::waldtest(linear_fit, "group", test = "F")),
               as.matrix(lmtest::waldtest(linear_lm, "group")),
               tolerance = interop_tolerance)
  skip_if_not_installed("sandwich")
  expect_as_glm(function(fit) as.matrix(
    lmtest::waldtest(fit, 2, vcov = sandwich::sandwich, test = "Chisq")
  )[, -1], forms = formulas)
})

test_that("tests of linear regressions take the formula and frame of a fit", {
  for (test in list(lmtest::resettest, lmtest::bptest, lmtest::dwtest,
                    lmtest::bgtest, lmtest::gqtest, lmtest::raintest,
                    lmtest::harvtest)) {
    own <- test(linear_fit)
    theirs <- test(linear_lm)
    expect_equal(own$statistic, theirs$statistic,
                 tolerance = interop_tolerance)
    expect_equal(own$p.value, theirs$p.value, tolerance = interop_tolerance)
    expect_error(test(poisson_fits$vector), class = "admle_error_unsupported")
  }
  own <- lmtest::coxtest(linear_fit, output ~ year, data = interop_data)
  theirs <- lmtest::coxtest(linear_lm, output ~ year, data = interop_data)
  expect_equal(as.matrix(own), as.matrix(theirs),
               tolerance = interop_tolerance)
})
