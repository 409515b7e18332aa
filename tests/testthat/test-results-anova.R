# Comparing models, and changing their formulas.

test_that("likelihood ratio tests of several fits", {
  small <- mle_fit(am ~ wt, data = mtcars, family = binomial)
  large <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  found <- anova(large, small)
  reference <- anova(glm(am ~ wt, binomial, mtcars),
                     glm(am ~ wt + hp, binomial, mtcars), test = "Chisq")
  expect_equal(found$LR[[2L]], reference$Deviance[[2L]],
               tolerance = model_tolerance$errors)
  expect_equal(found[["Pr(>Chisq)"]][[2L]], reference[["Pr(>Chi)"]][[2L]],
               tolerance = model_tolerance$errors)
})

test_that("fits of other data and fits that are no maxima are told apart", {
  small <- mle_fit(mpg ~ wt, data = mtcars)
  expect_error(anova(small, mle_fit(log(mpg) ~ wt + hp, data = mtcars)),
               "not fitted to the same data", class = "admle_error_argument")
  reduced <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial,
                     bias = "firth")
  expect_warning(anova(mle_fit(am ~ wt, data = mtcars, family = binomial),
                       reduced), "`Model 2` is not at the maximum")
})

test_that("the terms of one fit, first to last", {
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  found <- anova(fit)
  reference <- anova(glm(am ~ wt + hp, binomial, mtcars), test = "Chisq")
  expect_identical(rownames(found), rownames(reference))
  expect_equal(found$LR[2:3], reference$Deviance[2:3],
               tolerance = model_tolerance$errors)
  expect_snapshot(anova(mle_fit(mpg ~ wt + hp, data = mtcars)))
})

test_that("step() takes glm()'s path", {
  d <- MASS::birthwt
  d$race <- factor(d$race)
  formula <- low ~ age + lwt + race + smoke + ptl + ht + ui + ftv
  own <- step(mle_fit(formula, data = d, family = binomial), trace = 0)
  theirs <- step(glm(formula, binomial, d), trace = 0)
  expect_identical(formula(own), formula(theirs), ignore_formula_env = TRUE)
  expect_equal(own$anova$Step, theirs$anova$Step)
  expect_equal(own$anova$AIC, theirs$anova$AIC,
               tolerance = model_tolerance$errors)
})

test_that("drop1() and add1() agree with glm()'s", {
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  reference <- glm(am ~ wt + hp, binomial, mtcars)
  expect_equal(drop1(fit, test = "Chisq")$LRT,
               drop1(reference, test = "Chisq")$LRT,
               tolerance = model_tolerance$errors)
  fit <- mle_fit(mpg ~ wt, data = mtcars)
  reference <- glm(mpg ~ wt, gaussian, mtcars)
  scope <- ~ . + hp + drat
  expect_equal(add1(fit, scope)$AIC, add1(reference, scope)$AIC,
               tolerance = model_tolerance$errors)
})

test_that("step() changes the location of a density and keeps the rest", {
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt + hp + qsec, log(sigma) ~ hp,
                 data = mtcars)
  found <- step(fit, trace = 0)
  expect_equal(AIC(found), min(
    AIC(fit), AIC(update(fit, . ~ . - hp)), AIC(update(fit, . ~ . - qsec))
  ))
  expect_true("sigma_hp" %in% names(coef(found)))
})

test_that("update() of formulas", {
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt + hp, log(sigma) ~ hp,
                 data = mtcars)
  again <- function(...) coef(mle_fit(..., data = mtcars))
  expect_equal(
    coef(update(fit, . ~ . - hp)),
    again(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ hp)
  )
  expect_equal(
    coef(update(fit, sigma ~ . + wt)),
    again(mpg ~ dnorm(mu, sigma), mu ~ wt + hp, log(sigma) ~ hp + wt)
  )
  expect_equal(
    coef(update(fit, log(mpg) ~ .)),
    again(log(mpg) ~ dnorm(mu, sigma), mu ~ wt + hp, log(sigma) ~ hp)
  )
  linear <- mle_fit(mpg ~ wt, data = mtcars)
  expect_equal(coef(update(linear, log(sigma) ~ hp)),
               again(mpg ~ wt, log(sigma) ~ hp))
  expect_equal(coef(update(linear, subset = c(1:10, 1:10))),
               again(mpg ~ wt, subset = c(1:10, 1:10)))
})

test_that("a formula in a variable, and data that are gone", {
  local({
    f <- mpg ~ wt
    d <- mtcars
    fit <<- mle_fit(f, data = d)
  })
  expect_equal(coef(update(fit, . ~ . + hp)),
               coef(mle_fit(mpg ~ wt + hp, data = mtcars)))
})

test_that("parts of a model", {
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ factor(cyl),
                 data = mtcars)
  expect_identical(formula(fit), mpg ~ wt, ignore_formula_env = TRUE)
  expect_identical(formula(fit, "sigma"), log(sigma) ~ factor(cyl),
                   ignore_formula_env = TRUE)
  expect_identical(colnames(model.matrix(fit, "sigma")),
                   c("(Intercept)", "factor(cyl)6", "factor(cyl)8"))
  expect_identical(names(model.frame(fit)), c("mpg", "wt", "factor(cyl)"))
  expect_identical(attr(terms(fit), "term.labels"), "wt")
  expect_error(family(fit), class = "admle_error_unsupported")
  expect_identical(family(mle_fit(am ~ wt, data = mtcars,
                                  family = binomial))$link, "logit")
  expect_error(formula(fit, "nu"), class = "admle_error_argument")
})

test_that("sandwich, lmtest and car work on formula models", {
  skip_if_not_installed("sandwich")
  skip_if_not_installed("lmtest")
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  reference <- glm(am ~ wt + hp, binomial, mtcars,
                   control = glm.control(epsilon = 1e-15))
  expect_equal(sandwich::sandwich(fit), sandwich::sandwich(reference),
               tolerance = model_tolerance$errors)
  expect_equal(sandwich::vcovCL(fit, cluster = ~ cyl),
               sandwich::vcovCL(reference, cluster = ~ cyl),
               tolerance = model_tolerance$errors)
  own <- suppressWarnings(lmtest::waldtest(fit, . ~ . - hp))
  theirs <- lmtest::waldtest(reference, . ~ . - hp, test = "Chisq")
  expect_equal(own$Chisq[[2L]], theirs$Chisq[[2L]],
               tolerance = model_tolerance$errors)
  skip_if_not_installed("car")
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ hp,
                 data = mtcars)
  b <- coef(fit)
  found <- car::deltaMethod(fit, "exp(sigma_Intercept) / wt")
  expect_equal(found$Estimate, exp(b[["sigma_(Intercept)"]]) / b[["wt"]])
  found <- car::linearHypothesis(fit, "sigma_(Intercept) = 0")
  expect_equal(found$Chisq[[2L]],
               b[["sigma_(Intercept)"]]^2 / vcov(fit)[3, 3])
})
