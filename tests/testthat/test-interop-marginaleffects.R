# marginaleffects on a fit against the same on glm(). Its derivatives are
# differences; by default their errors are larger than what is compared.

skip_unless_marginaleffects()

# The name `group` is one of marginaleffects' own.
effects_data <- transform(interop_data, kind = group, group = NULL)
effects_data$group <- NULL

effects_fits <- list(
  logit = list(
    mle_fit(chosen ~ x * kind, data = effects_data, family = binomial),
    glm(chosen ~ x * kind, binomial, effects_data,
        control = glm.control(epsilon = 1e-14, maxit = 50))
  ),
  poisson = list(
    mle_fit(count ~ dpois(lambda), log(lambda) ~ x * kind,
            data = effects_data),
    glm(count ~ x * kind, poisson, effects_data,
        control = glm.control(epsilon = 1e-14, maxit = 50))
  )
)

columns <- c("estimate", "std.error", "conf.low", "conf.high")

expect_same_effects <- function(consumer, pairs = effects_fits) {
  for (pair in pairs) {
    own <- as.data.frame(consumer(pair[[1L]]))
    reference <- as.data.frame(consumer(pair[[2L]]))
    shown <- intersect(columns, names(reference))
    expect_true(all(is.finite(reference$estimate)))
    expect_equal(own[shown], reference[shown], tolerance = interop_tolerance)
    expect_equal(own$term, reference$term)
    expect_equal(own$contrast, reference$contrast)
  }
}

test_that("slopes, comparisons and predictions are those of glm()", {
  expect_same_effects(function(fit) {
    marginaleffects::avg_slopes(fit, eps = 0.01, numderiv = "richardson")
  })
  expect_same_effects(function(fit) {
    marginaleffects::avg_comparisons(fit, variables = "kind", by = "kind",
                                     numderiv = "richardson")
  })
  expect_same_effects(function(fit) {
    marginaleffects::avg_predictions(fit, by = "kind", type = "response",
                                     numderiv = "richardson")
  })
  new <- data.frame(x = c(-1, 0.5), kind = c("a", "c"))
  for (type in c("response", "link")) {
    expect_same_effects(function(fit) {
      marginaleffects::predictions(fit, newdata = new, type = type,
                                   numderiv = "richardson")
    })
  }
})

test_that("another covariance matrix", {
  for (vcov in list("HC0", "HC1", ~ firm, FALSE, sandwich::vcovOPG)) {
    expect_same_effects(function(fit) {
      marginaleffects::avg_slopes(fit, vcov = vcov, eps = 0.01,
                                  numderiv = "richardson")
    })
  }
  fit <- effects_fits$logit[[1L]]
  robust <- marginaleffects::avg_slopes(fit, vcov = "robust")
  sandwich <- marginaleffects::avg_slopes(fit, vcov = sandwich::sandwich)
  expect_equal(robust$std.error, sandwich$std.error)
})

test_that("hypotheses on coefficients", {
  expect_same_effects(function(fit) {
    marginaleffects::hypotheses(fit, "x^2 = kindb", numderiv = "richardson")
  })
  by_function <- marginaleffects::hypotheses(logit_fits$scalars, "bb = bc")
  reference <- marginaleffects::hypotheses(logit_glm, "groupb = groupc")
  expect_equal(by_function[columns], reference[columns],
               tolerance = interop_tolerance, ignore_attr = TRUE)
})

test_that("any parameter of the density", {
  fit <- mle_fit(output ~ dnorm(mu, sigma), mu ~ x, log(sigma) ~ kind,
                 data = effects_data)
  own <- suppressWarnings(marginaleffects::avg_predictions(
    fit, by = "kind", type = "parameter", parameter = "sigma",
    numderiv = "richardson"
  ))
  reference <- predict(fit, data.frame(x = 0, kind = c("a", "b", "c")),
                       type = "parameter", parameter = "sigma", se.fit = TRUE)
  own <- own[order(own$kind), ]
  expect_equal(own$estimate, unname(reference$fit))
  expect_equal(own$std.error, unname(reference$se.fit),
               tolerance = interop_tolerance)
})

test_that("categories are groups", {
  fit <- mle_fit(kind ~ dcategorical(eta), eta ~ x, data = effects_data)
  own <- marginaleffects::avg_predictions(fit)
  expect_equal(as.character(own$group), c("a", "b", "c"))
  expect_equal(own$estimate, unname(colMeans(predict(fit, type = "prob"))))
})

test_that("slopes agree with margins()", {
  fit <- effects_fits$logit[[1L]]
  own <- margins(fit)
  other <- marginaleffects::avg_slopes(fit, numderiv = "richardson")
  expect_equal(sort(own$estimate), sort(other$estimate),
               tolerance = 1e-6)
  expect_equal(sort(own$std.error), sort(other$std.error),
               tolerance = 1e-6)
})

test_that("coefficients are replaced", {
  fit <- effects_fits$poisson[[1L]]
  moved <- marginaleffects::set_coef(fit, 2 * coef(fit))
  expect_equal(marginaleffects::get_coef(moved), 2 * coef(fit))
  expect_equal(predict(moved, type = "link"), 2 * predict(fit, type = "link"))
  one <- marginaleffects::set_coef(fit, c(x = 0))
  expect_equal(coef(one), replace(coef(fit), "x", 0))
})

test_that("a function has no predictions and no regressors", {
  loglik <- function(a, b) dpois(count, exp(a + b * x), log = TRUE)
  with_data <- mle_fit(loglik, start = list(a = 0, b = 0), data = effects_data)
  environment(loglik) <- list2env(effects_data)
  without <- mle_fit(loglik, start = list(a = 0, b = 0))
  for (fit in list(with_data, without)) {
    expect_error(marginaleffects::predictions(fit),
                 "A likelihood written as a function does not say")
    expect_error(marginaleffects::avg_slopes(fit),
                 class = "admle_error_unsupported")
  }
})

test_that("the user's own classes stay", {
  classes <- getOption("marginaleffects_model_classes")
  expect_true("mle_fit" %in% classes)
  options(marginaleffects_model_classes = c("mine", "other"))
  on.exit(options(marginaleffects_model_classes = classes))
  add_to_marginaleffects()
  expect_equal(getOption("marginaleffects_model_classes"),
               c("mine", "other", "mle_fit"))
  add_to_marginaleffects()
  expect_equal(getOption("marginaleffects_model_classes"),
               c("mine", "other", "mle_fit"))
})
