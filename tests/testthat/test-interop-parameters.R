# Tables of parameters and measures of performance against those of glm() and
# lm().

skip_if_not_installed("parameters", "0.28.0")
skip_if_not_installed("performance", "0.15.0")

table_columns <- c("Coefficient", "SE", "CI_low", "CI_high", "p")

expect_same_table <- function(own, reference, columns = table_columns) {
  rows <- seq_len(nrow(reference))
  expect_equal(as.data.frame(own)[rows, columns],
               as.data.frame(reference)[, columns],
               tolerance = interop_tolerance, ignore_attr = TRUE)
}

wald <- function(fit, ...) {
  parameters::model_parameters(fit, ci_method = "wald", ...)
}

test_that("tables are those of glm() and lm()", {
  expect_same_table(wald(linear_fit), wald(linear_lm))
  expect_same_table(wald(logit_fits$formula), wald(logit_glm))
  expect_same_table(wald(logit_fits$scalars), wald(logit_glm))
  expect_same_table(wald(poisson_fits$density, ci = 0.9),
                    wald(poisson_glm, ci = 0.9))
  expect_same_table(wald(logit_fits$formula, exponentiate = TRUE),
                    wald(logit_glm, exponentiate = TRUE))
  expect_equal(wald(spread_fit)$Parameter, names(coef(spread_fit)))
})

test_that("another covariance matrix", {
  clusters <- list(cluster = interop_data$firm)
  for (fit in logit_fits) {
    expect_same_table(wald(fit, vcov = "vcovCL", vcov_args = clusters),
                      wald(logit_glm, vcov = "vcovCL", vcov_args = clusters))
  }
  by_formula <- wald(logit_fits$formula, vcov = ~ firm)
  expect_equal(by_formula$SE, unname(sqrt(diag(
    vcov(logit_fits$formula, cluster = ~ firm)
  ))))
})

test_that("errors, p-values and intervals by themselves", {
  expect_as_glm(function(fit) parameters::standard_error(fit)$SE)
  expect_as_glm(function(fit) parameters::p_value(fit)$p)
  expect_as_glm(function(fit) {
    as.data.frame(parameters::ci(fit, method = "wald"))[c("CI_low", "CI_high")]
  })
  own <- parameters::ci(poisson_fits$vector, method = "profile")
  expect_equal(cbind(own$CI_low, own$CI_high),
               unname(confint(poisson_fits$vector, method = "profile")))
})

test_that("measures of performance", {
  own <- performance::model_performance(linear_fit)
  reference <- performance::model_performance(linear_lm)
  measures <- c("AIC", "AICc", "BIC", "R2", "R2_adjusted", "RMSE", "Sigma")
  expect_equal(unlist(own[measures]), unlist(reference[measures]),
               tolerance = interop_tolerance)
  own <- performance::model_performance(logit_fits$formula)
  reference <- performance::model_performance(logit_glm)
  measures <- c("AIC", "AICc", "BIC", "R2_Tjur", "RMSE", "Log_loss",
                "Score_log", "PCP")
  expect_equal(unlist(own[measures]), unlist(reference[measures]),
               tolerance = interop_tolerance)
  expect_null(own$Sigma)
  by_function <- performance::model_performance(poisson_fits$vector)
  expect_named(by_function, c("AIC", "AICc", "BIC"))
  expect_equal(by_function$AIC, AIC(poisson_glm), tolerance = interop_tolerance)
})

test_that("R2", {
  weighted <- mle_fit(output ~ 0 + x, data = interop_data, weights = year)
  reference <- summary(lm(output ~ 0 + x, interop_data, weights = year))
  expect_equal(c(performance::r2(weighted)$R2,
                 performance::r2(weighted)$R2_adjusted),
               c(reference$r.squared, reference$adj.r.squared),
               ignore_attr = TRUE)
  formula <- list(list(logit_fits["formula"], logit_glm),
                  list(poisson_fits["formula"], poisson_glm))
  expect_as_glm(performance::r2_mcfadden, formula)
  expect_as_glm(performance::r2_coxsnell, formula[1])
  expect_as_glm(performance::r2_nagelkerke, formula[1])
  expect_as_glm(performance::r2, formula[1])
  expect_snapshot(error = TRUE, {
    performance::r2(logit_fits$vector)
    performance::r2(spread_fit)
  })
})
