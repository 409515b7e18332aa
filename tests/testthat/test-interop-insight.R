# What insight reads from a fit against what it reads from glm() and lm().

skip_if_not_installed("insight", "1.5.4")

logit <- logit_fits$formula
by_function <- logit_fits$vector

test_that("coefficients, tests and degrees of freedom", {
  expect_as_glm(function(fit) insight::get_parameters(fit)$Estimate)
  expect_as_glm(function(fit) insight::get_statistic(fit)$Statistic)
  expect_as_glm(function(fit) insight::get_varcov(fit))
  expect_as_glm(function(fit) insight::n_obs(fit))
  expect_as_glm(function(fit) insight::get_df(fit, type = "model"))
  for (fit in list(logit, by_function)) {
    expect_equal(insight::find_statistic(fit), "z-statistic")
    expect_equal(insight::get_df(fit, type = "wald"), Inf)
  }
  expect_equal(insight::find_statistic(linear_fit), "t-statistic")
  expect_equal(insight::get_df(linear_fit), df.residual(linear_lm))
  expect_equal(insight::get_statistic(linear_fit)$Statistic[1:4],
               insight::get_statistic(linear_lm)$Statistic,
               tolerance = interop_tolerance)
})

test_that("another covariance matrix", {
  expect_as_glm(function(fit) {
    insight::get_varcov(fit, vcov = "vcovCL",
                        vcov_args = list(cluster = interop_data$firm))
  })
  expect_as_glm(function(fit) insight::get_varcov(fit, vcov = "vcovOPG"))
  expect_as_glm(function(fit) insight::get_varcov(fit, vcov = "HC1"),
                list(list(logit_fits["formula"], logit_glm)))
})

test_that("formulas, variables and data", {
  for (name in c("find_response", "find_predictors", "find_variables",
                 "find_parameters", "get_response")) {
    fn <- getExportedValue("insight", name)
    expect_equal(fn(logit), fn(logit_glm), ignore_attr = TRUE)
  }
  expect_equal(insight::find_formula(logit)$conditional,
               insight::find_formula(logit_glm)$conditional,
               ignore_attr = TRUE)
  expect_equal(insight::get_data(logit), insight::get_data(logit_glm),
               ignore_attr = TRUE)
  expect_true(all(names(interop_data) %in% names(
    insight::get_data(logit, additional_variables = TRUE)
  )))
})

test_that("the data are those in use", {
  d <- interop_data
  d$x[5] <- NA
  fit <- mle_fit(count ~ log(x + 5), data = d, family = poisson,
                 subset = firm > 3, na.action = na.omit)
  reference <- glm(count ~ log(x + 5), poisson, d, subset = firm > 3)
  expect_equal(insight::get_data(fit),
               insight::get_data(reference)[c("count", "x")],
               ignore_attr = TRUE)
})

test_that("links and likelihoods", {
  for (pair in list(list(logit, logit_glm),
                    list(poisson_fits$density, poisson_glm))) {
    eta <- c(-2, 0.1, 1)
    mean <- insight::link_inverse(pair[[2]])(eta)
    expect_equal(insight::link_inverse(pair[[1]])(eta), mean)
    expect_equal(insight::link_function(pair[[1]])(mean), eta)
    expect_equal(as.numeric(insight::get_loglikelihood(pair[[1]])),
                 as.numeric(insight::get_loglikelihood(pair[[2]])))
  }
  each <- attr(insight::get_loglikelihood(by_function), "per_obs")
  expect_equal(each, dbinom(interop_data$chosen, 1, fitted(logit_glm),
                            log = TRUE), ignore_attr = TRUE)
})

test_that("the kind of a model", {
  kinds <- c("is_binomial", "is_bernoulli", "is_count", "is_poisson",
             "is_linear", "is_logit", "is_zeroinf", "is_ordinal",
             "link_function", "family")
  for (pair in list(
    list(logit, logit_glm), list(linear_fit, linear_lm),
    list(poisson_fits$formula, poisson_glm),
    list(poisson_fits$density, poisson_glm)
  )) {
    expect_equal(insight::model_info(pair[[1]])[kinds],
                 insight::model_info(pair[[2]])[kinds])
  }
  inflated <- mle_fit(count ~ zero_inflated(dpois(lambda), pi),
                      log(lambda) ~ x, data = interop_data)
  info <- insight::model_info(inflated)
  expect_true(info$is_zero_inflated && info$is_count)
  tobit <- mle_fit(output ~ censored(dnorm(mu, sigma), lower = -3), mu ~ x,
                   data = interop_data)
  expect_true(insight::model_info(tobit)$is_censored)
})

test_that("several parameters", {
  expect_named(insight::find_formula(spread_fit), c("conditional", "sigma"))
  parameters <- insight::find_parameters(spread_fit)
  expect_equal(parameters$sigma, c("sigma_(Intercept)", "sigma_x"))
  expect_equal(parameters$conditional, interop_names)
  of_sigma <- insight::get_parameters(spread_fit, component = "sigma")
  expect_equal(of_sigma$Estimate, unname(coef(spread_fit)[5:6]))
  expect_equal(insight::get_varcov(spread_fit, component = "sigma"),
               vcov(spread_fit)[5:6, 5:6])
  expect_equal(insight::link_inverse(spread_fit, component = "sigma")(1),
               exp(1))
  expect_true(insight::model_info(spread_fit)$is_dispersion)
  expect_error(insight::get_parameters(spread_fit, component = "zi"),
               class = "admle_error_argument")
})

test_that("the residual standard deviation is lm()'s, or none", {
  expect_equal(sigma(linear_fit), sigma(linear_lm))
  expect_equal(as.numeric(insight::get_sigma(linear_fit)), sigma(linear_lm))
  weighted <- mle_fit(output ~ x, data = interop_data, weights = year,
                      adjust = TRUE)
  expect_equal(sigma(weighted), sigma(lm(output ~ x, interop_data,
                                         weights = year)))
  expect_null(insight::get_sigma(logit))
  expect_error(sigma(spread_fit), class = "admle_error_unsupported")
  expect_error(sigma(logit_fits$vector), class = "admle_error_unsupported")
})

test_that("what a function does not say", {
  expect_null(insight::find_formula(by_function))
  expect_null(insight::model_info(by_function))
  expect_equal(insight::get_data(by_function), interop_data,
               ignore_attr = TRUE)
  expect_snapshot(error = TRUE, {
    insight::find_predictors(by_function)
    insight::link_inverse(by_function)
    insight::get_deviance(by_function)
  })
})
