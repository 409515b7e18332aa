# Data frames of a fit against those that broom makes of glm() and lm().

skip_if_not_installed("broom")
skip_if_not_installed("generics")

numbers <- c("estimate", "std.error", "statistic", "p.value")

test_that("tidy() is that of glm() and lm()", {
  expect_as_glm(function(fit) generics::tidy(fit)[numbers])
  own <- generics::tidy(linear_fit, conf.int = TRUE)
  reference <- broom::tidy(linear_lm, conf.int = TRUE)
  expect_equal(own$term, c(reference$term, "sigma"))
  for (column in setdiff(names(reference), "term")) {
    expect_equal(own[[column]][1:4], reference[[column]],
                 tolerance = interop_tolerance)
  }
  expect_named(own, names(reference))
})

test_that("tidy() takes a covariance matrix and other intervals", {
  reference <- broom::tidy(lmtest::coeftest(
    logit_glm, vcov. = sandwich::vcovCL(logit_glm, ~ firm)
  ))
  own <- generics::tidy(logit_fits$formula,
                        vcov = sandwich::vcovCL(logit_glm, ~ firm))
  expect_equal(own$std.error, reference$std.error,
               tolerance = interop_tolerance)
  expect_equal(own$p.value, reference$p.value, tolerance = interop_tolerance)
  own <- generics::tidy(logit_fits$formula, conf.int = TRUE, conf.level = 0.9,
                        method = "profile")
  limits <- suppressMessages(confint(logit_glm, level = 0.9))
  # glm()'s profiles are interpolated.
  expect_equal(cbind(own$conf.low, own$conf.high), unname(limits),
               tolerance = 1e-3)
  expect_error(generics::tidy(linear_fit, conf.int = TRUE, conf.level = 95),
               "`conf.level`", class = "admle_error_argument")
})

test_that("exp() of coefficients", {
  own <- generics::tidy(logit_fits$formula, exponentiate = TRUE,
                        conf.int = TRUE)
  reference <- broom::tidy(logit_glm, exponentiate = TRUE)
  expect_equal(own$estimate, reference$estimate, tolerance = interop_tolerance)
  expect_equal(own$std.error, reference$std.error,
               tolerance = interop_tolerance)
  expect_equal(cbind(own$conf.low, own$conf.high),
               unname(exp(confint(logit_fits$formula))))
  # Only the linear predictor with a logarithm.
  spread <- generics::tidy(spread_fit, exponentiate = TRUE)
  expect_equal(spread$estimate, unname(ifelse(
    startsWith(spread$term, "sigma"), exp(coef(spread_fit)), coef(spread_fit)
  )))
  expect_error(generics::tidy(linear_fit, exponentiate = TRUE),
               class = "admle_error_argument")
  expect_error(generics::tidy(logit_fits$vector, exponentiate = TRUE),
               class = "admle_error_unsupported")
})

test_that("coefficients that do not exist have no row", {
  fit <- suppressMessages(mle_fit(count ~ x + I(2 * x), data = interop_data,
                                  family = poisson))
  expect_equal(generics::tidy(fit, conf.int = TRUE)$term,
               c("(Intercept)", "x"))
})

test_that("glance() is one row", {
  columns <- c("logLik", "AIC", "BIC", "nobs")
  expect_as_glm(function(fit) as.list(generics::glance(fit)[columns]))
  own <- generics::glance(linear_fit)
  expect_equal(nrow(own), 1L)
  expect_equal(own$df.residual, df.residual(linear_lm))
  expect_equal(own$df, 5)
  expect_equal(generics::glance(logit_fits$vector)$df.residual, Inf)
})

test_that("augment() of the data is glm()'s", {
  own <- generics::augment(logit_fits$formula, se_fit = TRUE,
                           type.residuals = "pearson")
  reference <- broom::augment(logit_glm, se_fit = TRUE,
                              type.predict = "response",
                              type.residuals = "pearson")
  for (column in c("chosen", "x", ".fitted", ".se.fit", ".resid")) {
    expect_equal(own[[column]], reference[[column]],
                 tolerance = interop_tolerance, ignore_attr = TRUE)
  }
  own <- generics::augment(linear_fit, interval = "prediction")
  reference <- broom::augment(linear_lm, interval = "prediction")
  for (column in c(".fitted", ".lower", ".upper", ".resid")) {
    expect_equal(own[[column]], reference[[column]],
                 tolerance = interop_tolerance, ignore_attr = TRUE)
  }
})

test_that("augment() of new data", {
  new <- data.frame(x = c(-1, 2), group = c("a", "c"))
  own <- generics::augment(poisson_fits$density, newdata = new, se_fit = TRUE)
  reference <- broom::augment(poisson_glm, newdata = new, se_fit = TRUE,
                              type.predict = "response")
  expect_equal(own$.fitted, unname(reference$.fitted),
               tolerance = interop_tolerance)
  expect_equal(own$.se.fit, unname(reference$.se.fit),
               tolerance = interop_tolerance)
  expect_null(own$.resid)
  new$count <- 3
  expect_equal(generics::augment(poisson_fits$density, newdata = new)$.resid,
               3 - own$.fitted)
})

test_that("augment() finds the rows in use", {
  d <- interop_data
  d$x[c(3, 7)] <- NA
  d$label <- seq_len(120)
  fit <- mle_fit(count ~ x, data = d, family = poisson, subset = label > 2,
                 na.action = na.omit)
  own <- generics::augment(fit, data = d)
  expect_equal(own$label, setdiff(3:120, c(3, 7)))
  expect_equal(own$.fitted, unname(fitted(fit)))
  expect_error(generics::augment(fit, data = d[1:5, ]),
               class = "admle_error_argument")
  padded <- generics::augment(update(fit, na.action = na.exclude), data = d)
  expect_equal(padded$label, 3:120)
  expect_equal(is.na(padded$.fitted), padded$label %in% c(3, 7))
})

test_that("augment() of categories has a column for each", {
  fit <- mle_fit(group ~ dcategorical(eta), eta ~ x, data = interop_data)
  own <- generics::augment(fit)
  expect_equal(unname(rowSums(own[paste0(".fitted.", c("a", "b", "c"))])),
               rep(1, 120))
  expect_null(own$.resid)
})

test_that("a function has nothing that is fitted", {
  expect_error(generics::augment(logit_fits$vector),
               class = "admle_error_unsupported")
})

test_that("results are data frames too", {
  effects <- margins(logit_fits$formula)
  expect_equal(generics::tidy(effects), as.data.frame(effects))
  combined <- nlcom(logit_fits$vector, ratio = ~ b[2] / b[3])
  own <- generics::tidy(combined, conf.int = TRUE)
  expect_equal(own$estimate, coef(combined)[[1]])
  expect_equal(own$std.error, sqrt(vcov(combined)[[1]]))
  expect_equal(c(own$conf.low, own$conf.high), as.vector(confint(combined)))
  again <- bootstrap(logit_fits$formula, R = 99, method = "score", seed = 1)
  own <- generics::tidy(again, conf.int = TRUE)
  expect_equal(own$std.error, unname(sqrt(diag(vcov(again)))))
  expect_equal(own$conf.low, unname(confint(again)[, 1]))
  expect_named(generics::tidy(again),
               c("term", "estimate", "bias", "std.error"))
  tested <- broom::tidy(wald_test(logit_fits$formula, ~ groupb - groupc))
  expect_equal(nrow(tested), 1L)
})
