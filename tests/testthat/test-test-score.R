# Score tests against anova(test = "Rao"), auxiliary regressions, and the
# formulas by hand.

logit <- mle_fit(case ~ spontaneous, data = infert, family = binomial)
glm0 <- glm(case ~ spontaneous, binomial, infert, epsilon = 1e-14)
glm1 <- glm(case ~ spontaneous + induced + age, binomial, infert)

test_that("however the full model is given, it is Rao's statistic of glm()", {
  theirs <- anova(glm0, glm1, test = "Rao")
  large <- update(logit, . ~ . + induced + age)
  both <- c(induced = 0, age = 0)
  for (own in list(
    score_test(logit, . ~ . + induced + age), score_test(logit, large),
    score_test(large, c("induced", "age")),
    score_test(large, ~ c(induced, age)),
    score_test(update(large, fixed = both)),
    score_test(update(large, constraints = c("induced = 0", "age = 0")))
  )) {
    expect_equal(own$statistic[["LM"]], theirs$Rao[[2]], tolerance = 1e-8)
    expect_equal(own$parameter[["df"]], 2)
    expect_equal(own$p.value, theirs[["Pr(>Chi)"]][[2]], tolerance = 1e-8)
  }
})

# Wooldridge (1991): n less the sum of squared residuals of 1 on u r, with r the
# residuals of the added columns on the others, weighted.
robust_regression <- function(cluster = NULL) {
  mu <- fitted(glm0)
  w <- sqrt(mu * (1 - mu))
  X <- model.matrix(glm0) * w
  Z <- as.matrix(infert[c("induced", "age")]) * w
  u <- (infert$case - mu) / w
  products <- u * qr.resid(qr(X), Z)
  if (!is.null(cluster)) products <- rowsum(products, cluster)
  s <- colSums(products)
  drop(s %*% solve(crossprod(products), s))
}

test_that("the robust test is that of the auxiliary regression", {
  robust <- update(logit, vcov = "sandwich")
  large <- update(logit, . ~ . + induced + age)
  for (own in list(
    score_test(logit, . ~ . + induced + age, vcov = "sandwich"),
    score_test(robust, . ~ . + induced + age),
    score_test(large, c("induced", "age"), vcov = "sandwich")
  )) {
    expect_equal(own$statistic[["LM"]], robust_regression(), tolerance = 1e-8)
  }
})

test_that("clusters are those of the sums of scores", {
  own <- score_test(logit, . ~ . + induced + age,
                    vcov = vcov_spec("cluster", cluster = ~ stratum,
                                     cadjust = FALSE))
  expect_equal(own$statistic[["LM"]], robust_regression(infert$stratum),
               tolerance = 1e-8)
})

test_that("the expected information is Rao's of any glm()", {
  probit0 <- glm(case ~ spontaneous, binomial("probit"), infert,
                 epsilon = 1e-14)
  probit1 <- update(probit0, . ~ . + induced + age)
  theirs <- anova(probit0, probit1, test = "Rao")$Rao[[2]]
  fit <- mle_fit(case ~ spontaneous, data = infert,
                 family = binomial("probit"))
  own <- score_test(fit, . ~ . + induced + age, information = "expected")
  expect_equal(own$statistic[["LM"]], theirs, tolerance = 1e-7)
  # n R^2 of the residuals on all columns
  normal <- mle_fit(mpg ~ wt, data = mtcars)
  own <- score_test(normal, . ~ . + hp + qsec, information = "expected")
  e <- residuals(lm(mpg ~ wt, mtcars))
  expect_equal(own$statistic[["LM"]],
               32 * summary(lm(e ~ wt + hp + qsec, mtcars))$r.squared,
               tolerance = 1e-8)
})

test_that("the OPG test is n R^2 of ones on the scores", {
  own <- score_test(logit, . ~ . + induced + age, information = "opg")
  S <- model.matrix(glm1) * (infert$case - fitted(glm0))
  ones <- rep(1, nrow(S))
  expect_equal(own$statistic[["LM"]],
               nrow(S) - sum(lm.fit(S, ones)$residuals^2), tolerance = 1e-8)
})

test_that("heteroscedasticity is that of Breusch and Pagan", {
  # Cook and Weisberg (1983): half the explained sum of squares of e^2 / s^2
  fit <- mle_fit(dist ~ dnorm(mu, sigma), mu ~ speed, data = cars)
  own <- score_test(fit, log(sigma) ~ speed)
  e <- residuals(lm(dist ~ speed, cars))
  X <- model.matrix(~ speed, cars)
  s2 <- mean(e^2)
  score <- c(0, 0, colSums(X * (e^2 / s2 - 1)))
  cross <- 2 * crossprod(X, X * e / s2)
  information <- rbind(cbind(crossprod(X) / s2, cross),
                       cbind(t(cross), 2 * crossprod(X, X * e^2 / s2)))
  expect_equal(own$statistic[["LM"]],
               sum(score * solve(information, score)), tolerance = 1e-7)
  expect_equal(own$parameter[["df"]], 1)
})

test_that("a nonlinear restriction is tested at its own maximum", {
  fit <- mle_fit(mpg ~ wt + hp + qsec, data = mtcars)
  own <- score_test(fit, ~ wt * qsec == -3)
  at <- lr_test(fit, ~ wt * qsec == -3)$restricted
  b <- coef(at)
  X <- model.matrix(fit)
  e <- mtcars$mpg - drop(X %*% b[1:4])
  s2 <- b[["sigma"]]^2
  # in theta, whose last element is log(sigma)
  score <- c(crossprod(X, e) / s2, sum(e^2 / s2 - 1))
  cross <- 2 * crossprod(X, e) / s2
  information <- rbind(cbind(crossprod(X) / s2, cross),
                       c(cross, 2 * sum(e^2) / s2))
  expect_equal(own$statistic[["LM"]],
               sum(score * solve(information, score)), tolerance = 1e-7)
})

test_that("what is printed", {
  expect_snapshot({
    score_test(logit, . ~ . + induced + age)
    score_test(logit, . ~ . + induced, vcov = "sandwich")
  })
})

test_that("mistakes are named", {
  expect_snapshot(error = TRUE, {
    score_test(logit)
    score_test(logit, . ~ . + 0)
    score_test(logit, . ~ induced + age)
    score_test(logit, update(logit, . ~ 1))
    score_test(logit, . ~ . + induced, vcov = diag(3))
    score_test(logit, "parity = 0")
  })
})

test_that("a fit with HC1 is tested with the sandwich", {
  plain <- mle_fit(mpg ~ wt, data = mtcars, vcov = "sandwich")
  own <- score_test(update(plain, vcov = "HC1"), . ~ . + hp)
  expect_identical(own$statistic, score_test(plain, . ~ . + hp)$statistic)
  expect_identical(own$method, score_test(plain, . ~ . + hp)$method)
})
