# Leverage, Cook's distance and changes of estimates against stats for linear
# and generalised linear models, and against fits without the observation.

accurate <- glm.control(1e-15, 100)
logit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
poisson_fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
linear <- mle_fit(mpg ~ wt + hp, data = mtcars)

test_that("Cook's distance is that of glm() for canonical links only", {
  models <- list(
    list(am ~ wt, binomial()), list(carb ~ wt, poisson()),
    list(am ~ wt, binomial("probit")), list(carb ~ wt, poisson("sqrt"))
  )
  equal <- vapply(models, function(model) {
    fit <- mle_fit(model[[1]], data = mtcars, family = model[[2]])
    reference <- glm(model[[1]], model[[2]], mtcars, epsilon = 1e-14)
    isTRUE(all.equal(cooks.distance(fit), cooks.distance(reference),
                     tolerance = 1e-7))
  }, NA)
  expect_identical(equal, c(TRUE, TRUE, FALSE, FALSE))
})

test_that("leverage is that of linear and generalised linear models", {
  expect_equal(hatvalues(linear), hatvalues(lm(mpg ~ wt + hp, mtcars)),
               tolerance = 1e-12)
  weighted <- mle_fit(mpg ~ wt, data = mtcars, weights = cyl)
  expect_equal(hatvalues(weighted),
               hatvalues(lm(mpg ~ wt, mtcars, weights = cyl)),
               tolerance = 1e-12)
  for (family in list(binomial(), binomial("probit"), binomial("cloglog"))) {
    fit <- mle_fit(am ~ wt, data = mtcars, family = family)
    peer <- glm(am ~ wt, family, mtcars, control = accurate)
    expect_equal(hatvalues(fit), hatvalues(peer), tolerance = 1e-7)
  }
  gamma_fit <- mle_fit(dist ~ speed, data = cars, family = Gamma("log"))
  peer <- glm(dist ~ speed, Gamma("log"), cars, control = accurate)
  expect_equal(hatvalues(gamma_fit), hatvalues(peer), tolerance = 1e-7)
})

test_that("leverage of densities is the share in the curvature", {
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt + hp, data = mtcars)
  expect_equal(hatvalues(fit), hatvalues(linear), tolerance = 1e-10)
  scaled <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ wt,
                    data = mtcars)
  sigma <- predict(scaled, type = "parameter", parameter = "sigma")
  expect_equal(unname(hatvalues(scaled)),
               unname(hatvalues(lm(mpg ~ wt, mtcars, weights = 1 / sigma^2))),
               tolerance = 1e-10)
  by_function <- mle_fit(
    function(b) dbinom(am, 1, plogis(b[1] + b[2] * wt), log = TRUE),
    start = c(0, 0), data = mtcars
  )
  expect_equal(hatvalues(by_function), hatvalues(logit), tolerance = 1e-8)
  normal <- mle_fit(function(mu, s) dnorm(speed, mu, s, log = TRUE),
                    start = list(mu = 10, s = positive(1)), data = cars)
  expect_equal(sum(hatvalues(normal)), 2)
})

test_that("Cook's distance is glm()'s where no dispersion is estimated", {
  expect_equal(
    cooks.distance(logit),
    cooks.distance(glm(am ~ wt, binomial, mtcars, control = accurate)),
    tolerance = 1e-7
  )
  expect_equal(
    cooks.distance(poisson_fit),
    cooks.distance(glm(count ~ spray, poisson, InsectSprays,
                       control = accurate)), tolerance = 1e-7
  )
})

test_that("one-step changes follow Pregibon's formula", {
  peer <- glm(am ~ wt, binomial, mtcars, control = accurate)
  X <- model.matrix(peer)
  p <- fitted(peer)
  pearson <- (peer$y - p) / (1 - hatvalues(peer))
  expected <- t(solve(crossprod(X, p * (1 - p) * X), t(X * pearson)))
  expect_equal(dfbeta(logit), expected, tolerance = 1e-6)
  expect_equal(dfbetas(logit),
               sweep(dfbeta(logit), 2, sqrt(diag(vcov(logit))), "/"))
  robust <- dfbetas(logit, vcov = "sandwich")
  expect_equal(robust, sweep(dfbeta(logit), 2,
                             sqrt(diag(vcov(logit, type = "sandwich"))), "/"))
})

test_that("exact changes are those of fits without the observation", {
  peer <- lm(mpg ~ wt + hp, mtcars)
  expect_equal(dfbeta(linear, exact = TRUE)[, 1:3], dfbeta(peer),
               tolerance = 1e-7)
  for (i in c(1, 20)) {
    without <- update(logit, data = mtcars[-i, ])
    expect_equal(coef(logit) - coef(without), dfbeta(logit, exact = TRUE)[i, ],
                 tolerance = 1e-7)
  }
  change <- coef(logit) - coef(update(logit, data = mtcars[-3, ]))
  expect_equal(cooks.distance(logit, exact = TRUE)[[3]],
               drop(change %*% solve(vcov(logit), change)) / 2,
               tolerance = 1e-7)
})

test_that("weights are left out with their observation", {
  w <- rep(c(1, 2, 0, 3), 8)
  fit <- mle_fit(am ~ wt, data = mtcars, family = binomial, weights = w)
  peer <- glm(am ~ wt, binomial, mtcars, weights = w, control = accurate)
  change <- dfbeta(fit, exact = TRUE)
  expect_identical(dim(change), c(32L, 2L))
  expect_identical(unname(change[3, ]), c(0, 0))
  expect_equal(
    change[2, ],
    coef(peer) - coef(update(peer, weights = replace(w, 2, 0))),
    tolerance = 1e-6
  )
  # glm() leaves the others out of these.
  expected <- hatvalues(peer)
  expect_length(expected, 24)
  expect_equal(hatvalues(fit)[names(expected)], expected, tolerance = 1e-7)
  expect_equal(cooks.distance(fit)[names(expected)], cooks.distance(peer),
               tolerance = 1e-7)
})

test_that("missing rows are padded as in lm()", {
  fit <- mle_fit(Ozone ~ Wind, data = airquality, na.action = na.exclude)
  peer <- lm(Ozone ~ Wind, airquality, na.action = na.exclude)
  expect_equal(hatvalues(fit), hatvalues(peer), tolerance = 1e-12)
  expect_equal(dfbeta(fit, exact = TRUE)[, 1:2], dfbeta(peer), tolerance = 1e-7)
  expect_identical(is.na(cooks.distance(fit)), is.na(cooks.distance(peer)))
  omitted <- update(fit, na.action = na.omit)
  expect_identical(names(hatvalues(omitted)),
                   row.names(na.omit(airquality["Ozone"])))
})

test_that("clusters are left out as a whole", {
  fit <- mle_fit(weight ~ Time, data = ChickWeight)
  found <- influence(fit, cluster = ~ Chick, exact = TRUE)
  rows <- ChickWeight$Chick != "7"
  without <- lm(weight ~ Time, ChickWeight, rows)
  expect_equal(found$coefficients["7", 1:2],
               coef(lm(weight ~ Time, ChickWeight)) - coef(without),
               tolerance = 1e-7)
  expect_equal(found$hat[["7"]], sum(hatvalues(fit)[!rows]))
  expect_snapshot(found)
  expect_length(cooks.distance(fit, cluster = ~ Chick), 50)
})

test_that("aliased and constrained coefficients do not get in the way", {
  twice <- transform(mtcars, wt2 = 2 * wt)
  aliased <- suppressMessages(
    mle_fit(am ~ wt + wt2, data = twice, family = binomial)
  )
  expect_equal(hatvalues(aliased), hatvalues(logit), tolerance = 1e-8)
  expect_equal(dfbeta(aliased), dfbeta(logit), tolerance = 1e-6)
  tied <- mle_fit(mpg ~ wt + hp + qsec, data = mtcars,
                  constraints = "wt + qsec = 0")
  expect_equal(
    hatvalues(tied), hatvalues(lm(mpg ~ I(wt - qsec) + hp, mtcars)),
    tolerance = 1e-10
  )
})

test_that("influence() prints, and totals are refused", {
  expect_snapshot(influence(logit))
  banana <- mle_fit(function(a, b) -(a - 1)^2 - 100 * (b - a^2)^2,
                    start = list(a = 0, b = 0))
  expect_error(influence(banana), class = "admle_error_unsupported")
  expect_error(dfbeta(logit, exakt = TRUE), "exakt",
               class = "admle_error_argument")
})
