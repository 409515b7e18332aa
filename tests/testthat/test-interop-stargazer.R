# stargazer has a closed list of classes: it takes the coefficient table of
# lmtest, as it does for glm() with another covariance matrix.

skip_if_not_installed("stargazer")
skip_if_not_installed("lmtest")

starred <- function(fit, ...) {
  utils::capture.output(
    table <- stargazer::stargazer(lmtest::coeftest(fit, ...), type = "text")
  )
  table
}

test_that("the table through coeftest() is that of glm() and lm()", {
  expect_equal(starred(logit_fits$formula), starred(logit_glm))
  expect_equal(starred(logit_fits$formula, vcov. = sandwich::sandwich),
               starred(logit_glm, vcov. = sandwich::sandwich))
  own <- starred(linear_fit)
  reference <- starred(linear_lm)
  shown <- grep("^(x|group)", reference)
  expect_true(length(shown) >= 3L)
  expect_equal(trimws(own[shown]), trimws(reference[shown]))
})

test_that("a function's coefficients have a table", {
  lines <- starred(logit_fits$vector)
  expect_true(any(grepl("^b2 +0[.]570[*]{3}", lines)))
})
