# Tests of the car package, equal to those that it makes of glm() and lm().

skip_if_not_installed("car")

restrictions <- rbind(c(0, 1, 0, 0), c(0, 0, 1, -1))

test_that("linearHypothesis() by matrix and by text", {
  expect_as_glm(function(fit) {
    car::linearHypothesis(fit, restrictions)[2L, c("Df", "Chisq")]
  })
  expect_as_glm(function(fit) {
    car::linearHypothesis(fit, restrictions, rhs = c(0.5, 0.1))$Chisq[[2L]]
  })
  expected <- car::linearHypothesis(logit_glm, restrictions)$Chisq
  by_name <- list(
    car::linearHypothesis(logit_fits$formula, c("x = 0", "groupb = groupc")),
    car::linearHypothesis(logit_fits$vector, c("b2 = 0", "b3 - b4 = 0")),
    car::linearHypothesis(logit_fits$scalars, c("bx", "bb = bc"))
  )
  for (test in by_name) {
    expect_equal(test$Chisq, expected, tolerance = interop_tolerance)
  }
  own <- car::linearHypothesis(linear_fit, cbind(restrictions, 0), test = "F")
  theirs <- car::linearHypothesis(linear_lm, restrictions)
  expect_equal(own[, c("Res.Df", "Df", "F", "Pr(>F)")],
               theirs[, c("Res.Df", "Df", "F", "Pr(>F)")], ignore_attr = TRUE,
               tolerance = interop_tolerance)
  found <- car::linearHypothesis(spread_fit, "sigma_x = 0")
  expect_equal(found$Chisq[[2L]],
               coef(spread_fit)[["sigma_x"]]^2 / vcov(spread_fit)[6, 6])
  skip_if_not_installed("sandwich")
  expect_as_glm(function(fit) {
    car::linearHypothesis(fit, restrictions,
                          vcov. = sandwich::sandwich)$Chisq[[2L]]
  })
})

test_that("deltaMethod()", {
  expect_as_glm(function(fit) {
    name <- names(coef(fit))[[2L]]
    car::deltaMethod(fit, sprintf("exp(%s)", name))
  })
  expect_as_glm(function(fit) {
    names <- sub("(Intercept)", "Intercept", names(coef(fit)), fixed = TRUE)
    car::deltaMethod(coef(fit), paste0(names[[1L]], " / ", names[[2L]]),
                     vcov. = vcov(fit), parameterNames = names)
  })
})

interaction_fits <- list(
  own = mle_fit(count ~ x * group, data = interop_data, family = poisson),
  glm = glm(count ~ x * group, poisson, interop_data,
            control = glm.control(epsilon = 1e-14))
)

test_that("Anova() of types II and III, Wald and likelihood ratio", {
  formulas <- c("formula", "density")
  for (type in list("II", "III", 2, 3)) {
    for (statistic in c("Wald", "LR")) {
      anova_of <- function(fit) {
        as.matrix(car::Anova(fit, type = type, test.statistic = statistic))
      }
      # glm()'s have the degrees of freedom first in both.
      expect_as_glm(anova_of, forms = formulas)
      expect_equal(anova_of(interaction_fits$own),
                   anova_of(interaction_fits$glm),
                   tolerance = interop_tolerance)
    }
  }
  expect_equal(car::Anova(interaction_fits$own),
               car::Anova(interaction_fits$own, test.statistic = "Wald"))
})

test_that("Anova() with F, another covariance, aliased columns", {
  for (type in 2:3) {
    own <- car::Anova(linear_fit, type = type, test.statistic = "F")
    theirs <- car::Anova(linear_lm, type = type)
    expect_equal(own$F, theirs[["F value"]], tolerance = interop_tolerance)
    expect_equal(own[["Pr(>F)"]], theirs[["Pr(>F)"]],
                 tolerance = interop_tolerance)
  }
  doubled <- transform(interop_data, x2 = 2 * x)
  aliased <- suppressMessages(mle_fit(count ~ x + x2 + group, data = doubled,
                                      family = poisson))
  expect_equal(car::Anova(aliased)[c("x", "group"), "Chisq"],
               car::Anova(poisson_glm, test.statistic = "Wald")$Chisq,
               tolerance = interop_tolerance)
  skip_if_not_installed("sandwich")
  own <- car::Anova(logit_fits$formula, vcov. = sandwich::sandwich, type = 3)
  x <- car::linearHypothesis(logit_glm, "x = 0", vcov. = sandwich::sandwich)
  expect_equal(own["x", "Chisq"], x$Chisq[[2L]], tolerance = interop_tolerance)
})

test_that("Anova() of several parameters tests the terms of the first", {
  own <- car::Anova(spread_fit, test.statistic = "LR")
  without <- update(spread_fit, . ~ . - group)
  expect_equal(own["group", "LR Chisq"],
               2 * as.numeric(logLik(spread_fit) - logLik(without)),
               tolerance = interop_tolerance)
  group <- 3:4
  b <- coef(spread_fit)[group]
  expect_equal(car::Anova(spread_fit)["group", "Chisq"],
               sum(b * solve(vcov(spread_fit)[group, group], b)))
})

test_that("vif() and compareCoefs()", {
  expect_as_glm(car::vif, forms = c("formula", "density"))
  expect_equal(car::vif(linear_fit), car::vif(linear_lm),
               tolerance = interop_tolerance)
  table <- car::compareCoefs(logit_fits$formula, logit_fits$formula,
                             print = FALSE)
  theirs <- car::compareCoefs(logit_glm, logit_glm, print = FALSE)
  expect_equal(table, theirs, tolerance = interop_tolerance)
})

test_that("what cannot be tested says why", {
  expect_snapshot(error = TRUE, {
    car::Anova(logit_fits$vector)
    car::Anova(logit_fits$formula, test.statistic = "F")
    car::Anova(logit_fits$formula, test.statistic = "score")
    car::vif(logit_fits$vector)
  })
  nonlinear <- mle_fit(count ~ dpois(exp(a)), data = interop_data,
                       start = list(a = 0))
  expect_error(car::Anova(nonlinear), class = "admle_error_unsupported")
  restricted <- update(logit_fits$formula, constraints = "x = 0.5")
  expect_error(car::Anova(restricted, test.statistic = "LR"),
               class = "admle_error_unsupported")
})
