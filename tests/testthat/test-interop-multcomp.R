# Multiple comparisons of the multcomp package, equal to those that it makes of
# glm() and lm().

skip_if_not_installed("multcomp")

contrasts <- rbind("b - a" = c(0, 0, 1, 0), "c - a" = c(0, 0, 0, 1),
                   "c - b" = c(0, 0, -1, 1))

# The multivariate quantiles are by simulation.
seeded <- function(code) {
  set.seed(1)
  code
}

test_that("glht() of a matrix", {
  expect_as_glm(function(fit) {
    test <- seeded(summary(multcomp::glht(fit, contrasts)))$test
    test[c("coefficients", "sigma", "tstat", "pvalues")]
  })
  expect_as_glm(function(fit) {
    seeded(confint(multcomp::glht(fit, contrasts)))$confint
  })
  own <- multcomp::glht(linear_fit, cbind(contrasts, 0))
  theirs <- multcomp::glht(linear_lm, contrasts)
  expect_equal(own$df, theirs$df)
  expect_equal(seeded(confint(own))$confint, seeded(confint(theirs))$confint,
               tolerance = interop_tolerance)
})

test_that("glht() of equations in all coefficients", {
  own <- multcomp::glht(spread_fit, c("sigma_x = 0", "x = 1"))
  expect_equal(unname(coef(own)),
               unname(coef(spread_fit)[c("sigma_x", "x")]))
  expect_equal(unname(vcov(own)),
               unname(vcov(spread_fit)[c("sigma_x", "x"), c("sigma_x", "x")]))
})

test_that("glht() of mcp(), beside other parameters and aliased columns", {
  for (type in c("Dunnett", "Tukey")) {
    tukey <- function(fit) {
      made <- multcomp::glht(fit, multcomp::mcp(group = type))
      seeded(confint(made))$confint
    }
    expect_as_glm(tukey, forms = c("formula", "density"))
    expect_equal(tukey(linear_fit), tukey(linear_lm),
                 tolerance = interop_tolerance)
  }
  b <- coef(spread_fit)
  own <- multcomp::glht(spread_fit, multcomp::mcp(group = "Tukey"))
  expect_equal(unname(coef(own)), unname(drop(contrasts %*% b[1:4])))
  expect_equal(unname(vcov(own)), unname(
    contrasts %*% vcov(spread_fit)[1:4, 1:4] %*% t(contrasts)
  ))
  doubled <- transform(interop_data, x2 = 2 * x)
  aliased <- suppressMessages(mle_fit(count ~ x + x2 + group, data = doubled,
                                      family = poisson))
  # multcomp warns that one coefficient is not estimable.
  expect_equal(suppressWarnings(tukey(aliased)), tukey(poisson_glm),
               tolerance = interop_tolerance)
})

test_that("glht() with another covariance or degrees of freedom", {
  tested <- function(fit, ...) {
    made <- multcomp::glht(fit, multcomp::mcp(group = "Tukey"), ...)
    seeded(summary(made))$test[c("sigma", "pvalues")]
  }
  expect_as_glm(function(fit) tested(fit, df = 20), forms = "formula")
  skip_if_not_installed("sandwich")
  expect_as_glm(function(fit) tested(fit, vcov. = sandwich::sandwich),
                forms = "formula")
  expect_equal(tested(linear_fit, vcov. = sandwich::sandwich),
               tested(linear_lm, vcov. = sandwich::sandwich),
               tolerance = interop_tolerance, ignore_attr = TRUE)
})

test_that("mcp() needs a formula", {
  # multcomp prints our reason and stops with its own.
  expect_error(suppressMessages(capture.output(
    multcomp::glht(logit_fits$vector, multcomp::mcp(group = "Tukey")),
    type = "message"
  )), "model.matrix")
})
