# Tables of modelsummary against the columns that it makes of glm() and lm().
# As data frames, so that no package that draws tables is needed.

skip_if_not_installed("modelsummary")

# The columns of a fit and of a reference in one table, where both have a row.
expect_same_columns <- function(fit, reference, ...) {
  table <- modelsummary::modelsummary(
    list(own = fit, reference = reference), output = "data.frame", fmt = NULL,
    gof_map = NA, ...
  )
  own <- as.numeric(gsub("[()]", "", table$own))
  expected <- as.numeric(gsub("[()]", "", table$reference))
  both <- !is.na(expected)
  expect_equal(sum(both), 8L)
  expect_equal(own[both], expected[both], tolerance = interop_tolerance)
  measures <- function(model) {
    gof <- modelsummary::get_gof(model)
    names(gof) <- tolower(names(gof))
    unlist(gof[c("aic", "bic", "loglik", "nobs")])
  }
  expect_equal(measures(fit), measures(reference),
               tolerance = interop_tolerance)
}

test_that("estimates, errors and measures of fit are those of glm()", {
  expect_same_columns(logit_fits$formula, logit_glm)
  expect_same_columns(poisson_fits$density, poisson_glm)
  expect_same_columns(linear_fit, linear_lm)
})

test_that("another covariance matrix", {
  expect_same_columns(logit_fits$formula, logit_glm, vcov = ~ firm)
  expect_same_columns(poisson_fits$formula, poisson_glm, vcov = "HC1")
  expect_same_columns(poisson_fits$formula, poisson_glm,
                      vcov = sandwich::vcovOPG)
  robust <- modelsummary::modelsummary(
    logit_fits$vector, vcov = ~ firm, output = "data.frame", fmt = NULL
  )
  error <- robust[robust$statistic == "std.error", "(1)"]
  expect_equal(as.numeric(gsub("[()]", "", error[error != ""])),
               unname(sqrt(diag(sandwich::vcovCL(
                 logit_glm, interop_data$firm
               )))), tolerance = interop_tolerance)
})

test_that("a table of function and formula fits", {
  expect_snapshot(print(modelsummary::modelsummary(
    list(logit_fits$formula, logit_fits$vector, spread_fit),
    output = "data.frame"
  )))
})
