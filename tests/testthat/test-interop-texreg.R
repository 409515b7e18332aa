# Tables of texreg against those of glm() and lm().

skip_if_not_installed("texreg")

expect_same_extract <- function(own, reference) {
  rows <- seq_along(reference@coef)
  for (slot in c("coef", "se", "pvalues")) {
    expect_equal(methods::slot(own, slot)[rows],
                 unname(methods::slot(reference, slot)),
                 tolerance = interop_tolerance)
  }
  both <- intersect(own@gof.names, reference@gof.names)
  expect_true(length(both) > 0)
  expect_equal(own@gof[match(both, own@gof.names)],
               reference@gof[match(both, reference@gof.names)],
               tolerance = interop_tolerance)
}

test_that("extract() gives what it gives of glm() and lm()", {
  for (fit in logit_fits) {
    expect_same_extract(texreg::extract(fit), texreg::extract(logit_glm))
  }
  for (fit in poisson_fits) {
    expect_same_extract(texreg::extract(fit), texreg::extract(poisson_glm))
  }
  expect_same_extract(texreg::extract(linear_fit), texreg::extract(linear_lm))
  expect_equal(texreg::extract(logit_fits$formula)@coef.names, interop_names)
})

test_that("another covariance matrix, and less below the table", {
  own <- texreg::extract(logit_fits$formula, vcov = "sandwich",
                         include.bic = FALSE)
  expect_equal(own@se, unname(sqrt(diag(sandwich::sandwich(logit_glm)))),
               tolerance = interop_tolerance)
  expect_equal(own@gof.names, c("AIC", "Log Likelihood", "Num. obs."))
})

test_that("a table of fits and other models", {
  expect_snapshot(cat(texreg::screenreg(list(
    logit_fits$formula, logit_glm, spread_fit
  ))))
})
