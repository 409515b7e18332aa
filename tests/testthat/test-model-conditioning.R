# Ill-conditioned model matrices against lm() and glm() on centred data, and
# against certified values of NIST's Statistical Reference Datasets
# (https://www.itl.nist.gov/div898/strd/lls/lls.shtml).

digits <- function(own, right) {
  -log10(max(abs(unname(own) / unname(right) - 1), 1e-16))
}

# The third derivative of a cubic does not depend on where it is centred.
years <- local({
  set.seed(3)
  year <- 1950:2020
  u <- year - 1985
  data.frame(
    year, u, y = 1 + 0.05 * u - 0.002 * u^2 + 3e-5 * u^3 + rnorm(71, 0, 0.3),
    count = rpois(71, exp(1 + 0.02 * u - 5e-4 * u^2)),
    w = runif(71, 0.5, 2), o = rnorm(71, 0, 0.1), id = rep(1:24, 3)[1:71],
    f = gl(2, 1, 71)
  )
})
cubic <- y ~ year + I(year^2) + I(year^3)
centred_cubic <- y ~ u + I(u^2) + I(u^3)
counts <- update(cubic, count ~ .)
centred_counts <- update(centred_cubic, count ~ .)

test_that("Longley's data are fitted to 12 digits", {
  certified <- list(
    estimate = c(-3.48225863459582e+06, 1.50618722713733e+01,
                 -3.58191792925910e-02, -2.02022980381683e+00,
                 -1.03322686717359e+00, -5.11041056535807e-02,
                 1.82915146461355e+03),
    error = c(8.90420383607373e+05, 8.49149257747669e+01,
              3.34910077722432e-02, 4.88399681651699e-01,
              2.14274163161675e-01, 2.26073200069370e-01,
              4.55478499142212e+02)
  )
  # NIST's units are others than R's.
  data <- with(longley, data.frame(
    y = round(1000 * Employed), GNP.deflator, round(1000 * GNP),
    round(10 * Unemployed), round(10 * Armed.Forces), round(1000 * Population),
    Year
  ))
  fit <- mle_fit(y ~ ., data = data, adjust = TRUE)
  expect_gt(digits(coef(fit)[1:7], certified$estimate), 12)
  expect_gt(digits(sqrt(diag(vcov(fit)))[1:7], certified$error), 12)
})

test_that("Wampler's polynomials have 8 digits, with large residuals too", {
  x <- 0:20
  half <- c(759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048)
  noise <- c(half, 2048, rev(half))
  errors <- c(2152.32624678170, 2363.55173469681, 779.343524331583,
              101.475507550350, 5.64566512170752, 0.112324854679312)
  for (size in c(1, 100, 10000)) {
    y <- rowSums(outer(x, 0:5, "^")) + size * noise
    fit <- mle_fit(y ~ x + I(x^2) + I(x^3) + I(x^4) + I(x^5), adjust = TRUE)
    expect_gt(digits(coef(fit)[1:6], rep(1, 6)), 8)
    expect_gt(digits(sqrt(diag(vcov(fit)))[1:6], size * errors), 12)
  }
})

test_that("a cubic in calendar years is fitted as one in centred years", {
  expect_silent(fit <- mle_fit(cubic, data = years, adjust = TRUE))
  reference <- lm(centred_cubic, years)
  expect_true(fit$converged)
  expect_equal(sqrt(vcov(fit)[4, 4]), coef(summary(reference))[4, 2],
               tolerance = 1e-9)
  expect_equal(c(AIC(fit), BIC(fit)), c(AIC(reference), BIC(reference)),
               tolerance = 1e-12)
  expect_identical(attr(logLik(fit), "df"), 5L)
  expect_silent(fit <- mle_fit(counts, data = years, family = poisson))
  reference <- glm(centred_counts, poisson, years,
                   control = glm.control(1e-14))
  expect_equal(coef(summary(fit))[4, 1:2], coef(summary(reference))[4, 1:2],
               tolerance = 1e-8)
})

test_that("everything that is made of the fit agrees with centred data", {
  specs <- list(list(cubic, centred_cubic, gaussian),
                list(counts, centred_counts, poisson))
  new <- data.frame(year = c(1960, 1999, 2025))
  new$u <- new$year - 1985
  for (spec in specs) {
    raw <- mle_fit(spec[[1L]], data = years, family = spec[[3L]])
    centred <- mle_fit(spec[[2L]], data = years, family = spec[[3L]])
    same <- function(f, tolerance = 1e-7) {
      expect_equal(f(raw), f(centred), tolerance = tolerance,
                   ignore_attr = TRUE)
    }
    for (type in c("hessian", "opg", "expected", "sandwich", "HC1",
                   "jackknife")) {
      same(function(fit) vcov(fit, type)[4, 4])
    }
    same(function(fit) vcov(fit, cluster = ~ id)[4, 4])
    same(function(fit) predict(fit, new, se.fit = TRUE)$se.fit)
    same(function(fit) predict(fit, new, interval = "confidence"))
    same(function(fit) margins(fit)$std.error)
    same(function(fit) confint(fit, 4))
    same(function(fit) confint(fit, 4, method = "profile"))
    same(function(fit) hatvalues(fit))
    same(function(fit) {
      wald_test(fit, sprintf("`%s` = 0", names(coef(fit))[3:4]))$statistic
    })
    same(function(fit) {
      lr_test(fit, sprintf("`%s` = 0", names(coef(fit))[2:4]))$statistic
    })
    same(function(fit) coef(update(fit, bias = "firth"))[[4]], 1e-6)
    same(function(fit) {
      held <- stats::setNames(2e-5, names(coef(fit))[[4]])
      held <- update(fit, fixed = held)
      c(logLik(held), vcov(held)[3, 3])
    })
    same(function(fit) {
      held <- update(fit, constraints = sprintf("`%s` = 2e-5",
                                                names(coef(fit))[[4]]))
      c(logLik(held), vcov(held)[3, 3])
    })
    same(function(fit) vcov(update(fit, weights = w))[4, 4])
    same(function(fit) vcov(update(fit, subset = id > 3))[4, 4])
    same(function(fit) coef(update(fit, offset = o))[[4]])
    same(function(fit) {
      file <- tempfile()
      saveRDS(fit, file)
      vcov(readRDS(file), "sandwich")[4, 4]
    })
  }
})

test_that("scores of the sandwich package are by the coefficients", {
  skip_if_not_installed("sandwich")
  raw <- mle_fit(counts, data = years, family = poisson)
  centred <- mle_fit(centred_counts, data = years, family = poisson)
  X <- model.matrix(counts, years)
  expect_equal(sandwich::estfun(raw)[, 4],
               X[, 4] * (years$count - fitted(centred)),
               tolerance = 1e-8, ignore_attr = TRUE)
})

test_that("every parameter of a density may have such a formula", {
  fit <- mle_fit(y ~ dnorm(mu, sigma), mu ~ f * year,
                 log(sigma) ~ year + I(year^2), data = years)
  centred <- mle_fit(y ~ dnorm(mu, sigma), mu ~ f * u,
                     log(sigma) ~ u + I(u^2), data = years)
  expect_equal(logLik(fit), logLik(centred), tolerance = 1e-11)
  at <- c(4, 7)
  expect_equal(unname(coef(fit)[at]), unname(coef(centred)[at]),
               tolerance = 1e-7)
  expect_equal(unname(diag(vcov(fit))[at]), unname(diag(vcov(centred))[at]),
               tolerance = 1e-7)
  skip_if_not_installed("survival")
  lung <- survival::lung
  lung$second <- 1.6e9 + 3600 * lung$age
  fit <- mle_fit(survival::Surv(time, status) ~ dweibull(shape, scale),
                 log(scale) ~ second + sex, data = lung)
  reference <- mle_fit(survival::Surv(time, status) ~ dweibull(shape, scale),
                       log(scale) ~ age + sex, data = lung)
  expect_equal(logLik(fit), logLik(reference), tolerance = 1e-11)
  expect_equal(3600 * coef(fit)[["second"]],
               coef(reference)[["age"]], tolerance = 1e-7)
})

test_that("categories share their columns", {
  years$kind <- factor(c("a", "b", "c")[1 + (seq_len(71) * 7) %% 3])
  fit <- mle_fit(kind ~ dcategorical(eta), eta ~ year + I(year^2),
                 data = years)
  centred <- mle_fit(kind ~ dcategorical(eta), eta ~ u + I(u^2), data = years)
  expect_equal(logLik(fit), logLik(centred), tolerance = 1e-11)
  expect_equal(unname(vcov(fit)[6, 6]), unname(vcov(centred)[6, 6]),
               tolerance = 1e-7)
})

test_that("constraints between ill-conditioned columns hold", {
  fit <- mle_fit(cubic, data = years,
                 constraints = "year + 5955 * `I(year^2)` = 0")
  expect_equal(coef(fit)[["year"]], -5955 * coef(fit)[["I(year^2)"]],
               tolerance = 1e-12)
  z <- with(years, year^2 - 5955 * year)
  reference <- lm(y ~ z + I(year^3), years)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(reference)),
               tolerance = 1e-9)
})

test_that("columns are left out where lm() and glm() leave them out", {
  powers <- reformulate(c("year", sprintf("I(year^%d)", 2:6)), "y")
  expect_message(fit <- mle_fit(powers, data = years),
                 "too ill-conditioned to tell them .* scale `year`")
  expect_identical(is.na(coef(fit))[1:7], is.na(coef(lm(powers, years))))
  powers <- update(powers, count ~ .)
  fit <- suppressMessages(mle_fit(powers, data = years, family = poisson))
  expect_identical(is.na(coef(fit)),
                   is.na(coef(suppressWarnings(glm(powers, poisson, years)))))
  years$twice <- 2 * years$u
  expect_message(mle_fit(y ~ u + twice, data = years),
                 "because it is a combination of other columns")
})

test_that("well-conditioned columns are left alone", {
  fit <- mle_fit(mpg ~ wt + hp, data = mtcars)
  expect_null(fit$parameters$linear)
})

test_that("the triangular factor does not depend on the chunks", {
  X <- cbind(1, years$year, years$year^2)
  whole <- triangular_factor(X)
  expect_equal(triangular_factor(X, chunk = 10L), whole, tolerance = 1e-9)
  expect_equal(crossprod(whole), crossprod(X), tolerance = 1e-12)
  Q <- triangular_quotient(X, whole)
  expect_equal(crossprod(Q), diag(3), tolerance = 1e-8)
})
