# What cannot be meant: settings, clusters and variables that are refused, in
# the user's words.

refused <- function(code) {
  tryCatch(code, error = function(e) {
    stopifnot(inherits(e, "admle_error"))
    cat(strwrap(paste0(sub("admle_error_", "", class(e)[[1L]]), ": ",
                       conditionMessage(e)), exdent = 2L), sep = "\n")
  })
}

test_that("settings that a covariance does not have", {
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  expect_snapshot({
    refused(vcov(fit, "white"))
    refused(vcov(fit, 3))
    refused(vcov(fit, vce = "robust"))
    refused(vcov(fit, vcov = "robust"))
    refused(summary(fit, vcov = "robust", vce = "opg"))
    refused(summary(fit, type = "robust"))
    refused(confint(fit, vce = "robust"))
    refused(confint(fit, type = "robust"))
    refused(predict(fit, vce = "robust"))
    refused(nlcom(fit, ~ wt, vce = "robust"))
    refused(margins(fit, vce = "robust"))
    refused(wald_test(fit, "wt", type = "robust"))
    refused(score_test(fit, "wt", vce = "robust"))
    refused(vcov(fit, "opg", kernel = "parzen"))
    refused(vcov(fit, "HC1", cluster = ~cyl))
    refused(vcov(fit, ~cyl, cluster = ~gear))
    refused(vcov(fit, "hac", lag = 3, bandwidth = 4))
    refused(vcov(fit, "hac", kernel = "box"))
    refused(vcov(fit, "hac", lag = -1))
    refused(vcov(fit, "hac", bandwidth = "silverman"))
    refused(vcov(fit, "hac", kernel = "truncated", bandwidth = "newey-west"))
    refused(vcov(fit, "hac", prewhite = -1))
    refused(vcov(fit, "hac", prewhite = 20))
    refused(vcov(fit, "hac", time = ~cyl))
    refused(vcov(fit, "driscoll-kraay"))
    refused(vcov(fit, "conley"))
    refused(vcov(fit, "conley", coordinates = ~wt))
    refused(vcov(fit, "conley", coordinates = ~wt, cutoff = 1))
    refused(vcov(fit, "conley", coordinates = ~ hp + wt, cutoff = 1))
    refused(vcov(fit, df = 0))
    refused(vcov(fit, df = "clusters"))
    refused(vcov_spec("hac", "parzen"))
  })
})

test_that("clusters that cannot be used", {
  d <- mtcars
  d$firm <- rep(1:8, 4)
  d$firm[c(7, 9)] <- NA
  fit <- mle_fit(am ~ wt, data = d, family = binomial, subset = hp > 100)
  expect_snapshot({
    refused(vcov(fit, "cluster"))
    refused(vcov(fit, cluster = 1:10))
    refused(vcov(fit, cluster = c(NA, 2:23)))
    refused(vcov(fit, cluster = ~firm))
    refused(vcov(fit, cluster = "frim"))
    refused(vcov(fit, cluster = ~frim))
    refused(vcov(fit, cluster = ~1))
    refused(vcov(fit, cluster = am ~ cyl))
    refused(vcov(fit, cluster = rep(1, 23)))
    refused(vcov(fit, cluster = list(mean)))
    refused(mle_fit(am ~ wt, data = d, family = binomial, vcov = ~firm))
    refused(mle_fit(am ~ wt, data = d, family = binomial, cluster = frim))
    refused(mle_fit(am ~ wt, data = d, family = binomial, vcov = mean))
    refused(mle_fit(am ~ wt, data = d, family = binomial, vce = "cluster"))
    refused(mle_fit(am ~ wt, data = d, family = binomial, vcov = "conley"))
  })
})

test_that("a total that cannot be split has no scores", {
  y <- c(1, 2, 4)
  total <- function(...) {
    mle_fit(function(m) -sum((y - m)^2)^2, list(m = 1),
            derivatives = "numeric", ...)
  }
  expect_error(vcov(total(), "robust"), "one total",
               class = "admle_error_unsupported")
  expect_error(vcov(total(), cluster = ~y), "one total",
               class = "admle_error_unsupported")
  expect_error(total(vcov = "robust"), "one total",
               class = "admle_error_unsupported")
  expect_error(total(cluster = 1:3), "one total",
               class = "admle_error_unsupported")
})

test_that("a specification prints and can be changed", {
  expect_snapshot({
    vcov_spec("newey-west")
    vcov_spec("cluster", cluster = ~firm, cadjust = FALSE)
  })
  changed <- vcov_spec(vcov_spec("hac", lag = 2), lag = 3)
  expect_identical(changed, vcov_spec("hac", lag = 3))
})

test_that("settings are read when they are given", {
  expect_snapshot(error = TRUE, {
    vcov_spec("cluster", cluster = ~firm, cadjust = "max")
    vcov_spec("expected", seed = "a")
    vcov_spec("wild")
  })
  expect_error(vcov_spec("conley", fix = NA), "`fix`",
               class = "admle_error_argument")
  # Resampling that the fit cannot have.
  expect_error(mle_fit(am ~ wt, data = mtcars, family = binomial,
                       bias = "firth", vcov = "bootstrap"),
               "bias reduced", class = "admle_error_unsupported")
})
