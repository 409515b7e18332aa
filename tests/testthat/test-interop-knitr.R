# Tables of knitr, and what a summary looks like in a document.

skip_if_not_installed("knitr")

test_that("kable() of a summary is the table of glm() and lm()", {
  expect_equal(knitr::kable(summary(logit_fits$formula), digits = 6),
               knitr::kable(coef(summary(logit_glm)), digits = 6))
  expect_equal(as.data.frame(summary(linear_fit))[1:4, ],
               as.data.frame(coef(summary(linear_lm))),
               tolerance = interop_tolerance)
  expect_snapshot(knitr::kable(summary(logit_fits$vector), digits = 3))
})

test_that("a document shows a fit and its summary as the console does", {
  environment <- list2env(list(fit = logit_fits$formula))
  text <- c("```{r, echo = FALSE}", "fit", "summary(fit)", "```")
  output <- knitr::knit(text = text, quiet = TRUE, envir = environment)
  lines <- strsplit(output, "\n")[[1L]]
  shown <- sub("^## ?", "", grep("^##", lines, value = TRUE))
  expected <- utils::capture.output(print(logit_fits$formula),
                                    print(summary(logit_fits$formula)))
  expect_equal(trimws(shown), trimws(expected))
})
