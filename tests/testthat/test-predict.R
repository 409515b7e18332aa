# Predictions against those of lm() and glm(), and against the delta method by
# hand.

converged <- glm.control(epsilon = 1e-15, maxit = 100)
new_cars <- data.frame(wt = c(2.1, 3, 4), cyl = c(4, 6, 8), hp = 120)

test_that("predictions of a linear model are predict.lm()'s", {
  formula <- mpg ~ poly(wt, 2) + factor(cyl) * log(hp)
  fit <- mle_fit(formula, data = mtcars, adjust = TRUE)
  reference <- lm(formula, mtcars)
  expect_equal(predict(fit), predict(reference))
  expect_equal(predict(fit, new_cars), predict(reference, new_cars))
  for (interval in c("confidence", "prediction")) {
    expect_equal(predict(fit, new_cars, interval = interval, level = 0.9),
                 predict(reference, new_cars, interval = interval,
                         level = 0.9))
  }
  own <- predict(fit, new_cars, se.fit = TRUE)
  theirs <- predict(reference, new_cars, se.fit = TRUE)
  expect_equal(own[c("fit", "se.fit", "df")], theirs[c("fit", "se.fit", "df")])
})

test_that("predictions of a logit are predict.glm()'s, of new splines too", {
  formula <- am ~ splines::ns(wt, 2)
  fit <- mle_fit(formula, data = mtcars, family = binomial)
  reference <- glm(formula, binomial, mtcars, control = converged)
  for (type in c("response", "link")) {
    own <- predict(fit, new_cars, type = type, se.fit = TRUE)
    theirs <- predict(reference, new_cars, type = type, se.fit = TRUE)
    expect_equal(own$fit, theirs$fit, tolerance = model_tolerance$errors)
    expect_equal(own$se.fit, theirs$se.fit, tolerance = model_tolerance$errors)
  }
  expect_equal(predict(fit, new_cars, "link"),
               predict(fit, new_cars, type = "link"))
})

test_that("offsets of new data", {
  d <- transform(warpbreaks, e = seq_along(breaks))
  for (formula in list(breaks ~ wool + offset(log(e)), breaks ~ wool)) {
    fit <- mle_fit(formula, data = d, family = poisson)
    reference <- glm(formula, poisson, d, control = converged)
    expect_equal(predict(fit, d[5:9, ]),
                 predict(reference, d[5:9, ], type = "response"),
                 tolerance = model_tolerance$errors)
  }
})

test_that("confidence intervals of a family respect its range", {
  fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
  limits <- predict(fit, data.frame(wt = 1:5), interval = "confidence")
  link <- predict(fit, data.frame(wt = 1:5), type = "link",
                  interval = "confidence")
  expect_equal(limits, plogis(link))
  inverse <- mle_fit(mpg ~ wt, data = mtcars, family = Gamma)
  limits <- predict(inverse, interval = "confidence")
  expect_true(all(limits[, "lwr"] < limits[, "fit"] &
                    limits[, "fit"] < limits[, "upr"]))
})

test_that("every parameter of a density, with the delta method", {
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ hp,
                 data = mtcars)
  b <- coef(fit)
  X <- cbind(1, new_cars$hp)
  eta <- drop(X %*% b[3:4])
  variance <- rowSums((X %*% vcov(fit)[3:4, 3:4]) * X)
  found <- predict(fit, new_cars, type = "parameter", parameter = "sigma",
                   se.fit = TRUE)
  expect_equal(unname(found$fit), exp(eta))
  expect_equal(unname(found$se.fit), exp(eta) * sqrt(variance))
  found <- predict(fit, new_cars, type = "link", parameter = "sigma")
  expect_equal(unname(found), eta)
})

test_that("an expression of parameters and data", {
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ hp,
                 data = mtcars)
  mu <- predict(fit, new_cars)
  sigma <- predict(fit, new_cars, type = "parameter", parameter = "sigma")
  expect_equal(predict(fit, ~ sigma / mu, newdata = new_cars), sigma / mu)
  expect_equal(predict(fit, new_cars, sigma / mu * hp),
               sigma / mu * new_cars$hp)
  found <- predict(fit, ~ sigma / mu, newdata = new_cars, se.fit = TRUE)
  b <- coef(fit)
  slopes <- cbind(-sigma / mu^2, -sigma / mu^2 * new_cars$wt, sigma / mu,
                  sigma / mu * new_cars$hp)
  expect_equal(found$se.fit,
               sqrt(rowSums((slopes %*% vcov(fit)) * slopes)),
               tolerance = model_tolerance$errors)
})

test_that("an expression of a function's parameters", {
  fit <- mle_fit(function(b, sigma) dnorm(mpg, b[1] + b[2] * wt, sigma,
                                          log = TRUE),
                 start = list(b = c(30, -3), sigma = positive(3)),
                 data = mtcars, adjust = TRUE)
  found <- predict(fit, ~ b[1] + b[2] * wt, newdata = new_cars, se.fit = TRUE)
  theirs <- predict(lm(mpg ~ wt, mtcars), new_cars, se.fit = TRUE)
  expect_equal(found$fit, unname(theirs$fit))
  expect_equal(found$se.fit, unname(theirs$se.fit))
  expect_error(predict(fit), class = "admle_error_unsupported")
})

test_that("newdata is data, whatever its name, and an expression a formula", {
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ hp,
                 data = mtcars)
  ratio <- predict(fit, ~ sigma / mu, newdata = new_cars)
  mu <- new_cars
  expect_identical(predict(fit, newdata = mu), predict(fit, new_cars))
  expect_identical(predict(fit, mu), predict(fit, new_cars))
  sigma <- 100
  expect_identical(predict(fit, subset(mu, hp > sigma)),
                   predict(fit, new_cars[new_cars$hp > 100, ]))
  what <- ~ sigma / mu
  expect_identical(predict(fit, what, newdata = new_cars), ratio)
  expect_identical(predict(fit, expr = what, newdata = new_cars), ratio)
  expect_identical(predict(fit, new_cars, sigma / mu), ratio)
  expect_identical(predict(fit, new_cars, what), ratio)
  expect_identical(do.call(predict, list(fit, what, newdata = new_cars)), ratio)
  expect_length(predict(fit, what), 32)
  kind <- "link"
  expect_identical(predict(fit, new_cars, kind),
                   predict(fit, new_cars, type = "link"))
})

test_that("an expression sees functions of the place where it is written", {
  fit <- mle_fit(function(mu, sigma) dnorm(speed, mu, sigma, log = TRUE),
                 start = list(mu = 15, sigma = positive(5)), data = cars)
  scale <- 100
  percent <- function(x) scale * x
  expected <- 100 * coef(fit)[["sigma"]] / coef(fit)[["mu"]]
  expect_equal(predict(fit, ~ percent(sigma / mu)), expected)
  expect_equal(predict(fit, expr = percent(sigma / mu)), expected)
  within <- function(k) predict(fit, ~ k * percent(sigma / mu))
  expect_equal(within(2), 2 * expected)
})

test_that("what is no data and no expression is an error", {
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ hp,
                 data = mtcars)
  sigma <- 1
  expect_snapshot(error = TRUE, {
    predict(fit, sigma / mu)
    predict(fit, newdata = sigma)
    predict(fit, as.matrix(mtcars))
    predict(fit, sigma ~ mu)
    predict(fit, ~sigma, expr = sigma / mu)
    predict(fit, ~nothing)
    predict(fit, no_such_data)
  })
})

test_that("quantiles, probabilities and densities", {
  fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
  new <- data.frame(spray = c("A", "C"))
  mu <- predict(fit, new)
  expect_equal(predict(fit, new, type = "quantile", at = 0.9), qpois(0.9, mu),
               ignore_attr = TRUE)
  expect_equal(predict(fit, new, type = "prob", at = 0:2),
               sapply(0:2, dpois, mu), ignore_attr = TRUE)
  expect_equal(predict(fit, type = "density"),
               dpois(InsectSprays$count, fitted(fit)), ignore_attr = TRUE)
  normal <- mle_fit(mpg ~ wt, data = mtcars)
  sigma <- coef(normal)[["sigma"]]
  mu <- predict(normal, new_cars)
  expect_equal(predict(normal, new_cars, type = "prob", at = 20),
               pnorm(20, mu, sigma), ignore_attr = TRUE)
  expect_error(predict(normal, new_cars, type = "prob"),
               class = "admle_error_argument")
})

test_that("prediction intervals of counts are quantiles", {
  fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
  limits <- predict(fit, interval = "prediction", level = 0.9)
  expect_equal(limits[, "lwr"], qpois(0.05, fitted(fit)), ignore_attr = TRUE)
  expect_equal(limits[, "upr"], qpois(0.95, fitted(fit)), ignore_attr = TRUE)
})

test_that("missing values in new data, and na.exclude()", {
  d <- mtcars
  d$wt[3] <- NA
  fit <- mle_fit(mpg ~ wt, data = d, na.action = na.exclude)
  reference <- lm(mpg ~ wt, d, na.action = na.exclude)
  expect_equal(fitted(fit), fitted(reference))
  expect_equal(residuals(fit), residuals(reference))
  expect_equal(predict(fit, d[1:4, ]), predict(reference, d[1:4, ]))
})

test_that("new data that cannot be used", {
  fit <- mle_fit(mpg ~ factor(cyl) + wt, data = mtcars)
  expect_snapshot(error = TRUE, {
    predict(fit, data.frame(cyl = c(4, 5), wt = 3))
    predict(fit, data.frame(wt = 3))
    predict(fit, 3)
    predict(fit, parameter = "nu", type = "link")
  })
})

test_that("an argument that predict() does not have is not passed over", {
  fit <- mle_fit(mpg ~ wt, data = mtcars)
  expect_warning(
    predict(fit, type = "quantile", quantiles = 0.9), "no argument `quantiles`",
    class = "admle_warning_argument"
  )
  expect_error(predict(fit, type = "quantile", p = 0.9), "given by `at`",
               class = "admle_error_argument")
})
