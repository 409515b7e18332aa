# Stepwise selection of the MASS package, equal to that of glm().

skip_if_not_installed("MASS")

formulas <- c("formula", "density")

test_that("dropterm() and addterm()", {
  expect_as_glm(function(fit) {
    MASS::dropterm(fit, test = "Chisq")[c("Df", "AIC", "LRT", "Pr(Chi)")]
  }, forms = formulas)
  expect_as_glm(function(fit) {
    MASS::addterm(fit, ~ . + year, test = "Chisq")[c("Df", "AIC", "LRT",
                                                    "Pr(Chi)")]
  }, forms = formulas)
})

test_that("stepAIC() in both directions, with AIC and BIC", {
  for (k in c(2, log(120))) {
    expect_as_glm(function(fit) {
      chosen <- MASS::stepAIC(fit, scope = list(upper = ~ x * group + year),
                              trace = FALSE, k = k)
      c(chosen$anova$AIC, coef(chosen))
    }, forms = formulas)
  }
})

test_that("stepAIC() of the first of several parameters", {
  chosen <- MASS::stepAIC(
    with_interop_data(mle_fit(output ~ dnorm(mu, sigma), mu ~ x + year,
                              log(sigma) ~ x, data = interop_data)),
    trace = FALSE
  )
  expect_identical(formula(chosen), output ~ x, ignore_attr = TRUE)
  expect_identical(formula(chosen, "sigma")[[3L]], quote(x))
})

test_that("a function has no terms to choose from", {
  fit <- logit_fits$vector
  expect_error(MASS::stepAIC(fit), class = "admle_error_unsupported")
  expect_error(MASS::dropterm(fit), class = "admle_error_unsupported")
  expect_error(MASS::addterm(fit, ~ . + year),
               class = "admle_error_unsupported")
})
