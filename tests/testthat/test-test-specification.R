# RESET against lmtest::resettest(), link tests against glm().

test_that("RESET of a linear model is resettest()'s F", {
  skip_if_not_installed("lmtest")
  fit <- mle_fit(mpg ~ wt + hp, data = mtcars, adjust = TRUE)
  for (power in list(2, 2:3)) {
    theirs <- lmtest::resettest(mpg ~ wt + hp, power = power, data = mtcars)
    own <- reset_test(fit, power)
    expect_equal(own$statistic[["F"]], theirs$statistic[[1]], tolerance = 1e-7)
    expect_equal(unname(own$parameter), unname(theirs$parameter))
    expect_equal(own$p.value, theirs$p.value[[1]], tolerance = 1e-6)
  }
  linear <- lm(mpg ~ wt + hp, mtcars)
  eta <- fitted(linear)
  larger <- update(linear, . ~ . + I(eta^2) + I(eta^3))
  expect_equal(reset_test(fit, test = "lr")$statistic[["LR"]],
               2 * as.numeric(logLik(larger) - logLik(linear)),
               tolerance = 1e-7)
})

logit <- mle_fit(case ~ spontaneous + induced, data = infert,
                 family = binomial)
reference <- glm(case ~ spontaneous + induced, binomial, infert,
                 epsilon = 1e-14)
eta <- predict(reference)

test_that("RESET of a logit is glm()'s with powers added", {
  larger <- update(reference, . ~ . + I(eta^2) + I(eta^3))
  expect_equal(reset_test(logit, test = "lr")$statistic[["LR"]],
               deviance(reference) - deviance(larger), tolerance = 1e-7)
  rao <- anova(reference, larger, test = "Rao")$Rao[[2]]
  expect_equal(reset_test(logit, test = "score")$statistic[["LM"]], rao,
               tolerance = 1e-7)
  V <- vcov(larger)[4:5, 4:5]
  b <- coef(larger)[4:5]
  expect_equal(reset_test(logit)$statistic[["Wald"]],
               drop(b %*% solve(V, b)), tolerance = 1e-5)
})

test_that("the link test is glm()'s on the predictor and its square", {
  theirs <- coef(summary(glm(infert$case ~ eta + I(eta^2), binomial,
                             epsilon = 1e-14)))
  own <- link_test(logit)
  expect_equal(unname(own$estimate), unname(theirs[2:3, 1]), tolerance = 1e-6)
  expect_equal(own$statistic[["z"]], theirs[3, 3], tolerance = 1e-6)
  expect_equal(own$p.value, theirs[3, 4], tolerance = 1e-6)
})

test_that("offsets, other parameters and weights are kept", {
  d <- transform(warpbreaks, size = rep(1:2, 27), w = rep(1:3, 18))
  fit <- mle_fit(breaks ~ wool + tension + offset(log(size)), data = d,
                 weights = w, family = poisson)
  other <- glm(breaks ~ wool + tension + offset(log(size)), poisson, d,
               weights = w, epsilon = 1e-14)
  e <- predict(other)
  expect_equal(reset_test(fit, 2, "lr")$statistic[["LR"]],
               deviance(other) - deviance(update(other, . ~ . + I(e^2))),
               tolerance = 1e-7)
  theirs <- glm(breaks ~ e + I(e^2), poisson, d, weights = w, epsilon = 1e-14)
  expect_equal(link_test(fit)$statistic[["z"]],
               coef(summary(theirs))[3, 3], tolerance = 1e-6)
  spread <- mle_fit(dist ~ dnorm(mu, sigma), mu ~ speed, log(sigma) ~ speed,
                    data = cars)
  own <- reset_test(spread, 2, "lr", parameter = "sigma")
  larger <- update(spread, sigma ~ . + I(speed^2))
  expect_equal(own$statistic, lr_test(spread, larger)$statistic,
               tolerance = 1e-6)
})

test_that("what is printed, and mistakes", {
  expect_snapshot({
    reset_test(logit)
    link_test(logit)
    link_test(logit, vcov = ~ stratum)
  })
  saturated <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
  constrained <- update(logit, constraints = "spontaneous = induced")
  by_function <- mle_fit(function(m) dnorm(cars$speed, m, 5, log = TRUE),
                         start = list(m = 1))
  expect_snapshot(error = TRUE, {
    reset_test(saturated)
    reset_test(constrained)
    reset_test(by_function)
    reset_test(logit, power = 1)
    link_test(logit, parameter = "sigma")
  })
})
