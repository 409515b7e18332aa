# Plots: that they are drawn, of what, and that they leave the device as it was.

# What is drawn is written down by a device that draws nothing.
on_no_device <- function(code) {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  before <- graphics::par(c("mfrow", "mar", "mai"))
  force(code)
  expect_identical(graphics::par("mar"), before$mar)
  expect_identical(graphics::par("mfrow"), before$mfrow)
}

logit_fit <- function() {
  mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
}

test_that("path, coefficients and profiles of a fit", {
  fit <- logit_fit()
  on_no_device(expect_identical(plot(fit), fit))
  on_no_device(plot(fit, 1:3))
  on_no_device(plot(fit, "coefficients", parm = "wt", method = "profile"))
  on_no_device(plot(fit, "profiles", parm = ~ wt - hp))
})

test_that("the path of bias reduction is that of what was solved", {
  fit_with <- function(bias) update(logit_fit(), bias = bias)
  adjusted <- path_curves(fit_with("firth"))
  expect_named(adjusted, "decrement of the adjusted scores")
  penalised <- path_curves(fit_with("jeffreys"))[[1L]]
  expect_true(all(diff(penalised) <= 0))
  expect_identical(penalised[[length(penalised)]], 0)
  for (bias in c("firth", "jeffreys", "cox-snell")) {
    on_no_device(plot(fit_with(bias), "path"))
  }
})

test_that("infinite limits and coefficients without an interval", {
  separated <- suppressWarnings(
    mle_fit(am ~ wt + qsec, data = mtcars, family = binomial)
  )
  on_no_device(suppressWarnings({
    plot(separated, "coefficients")
    plot(separated, "coefficients", method = "profile")
    plot(separated, "profiles")
  }))
  aliased <- suppressMessages(
    mle_fit(mpg ~ wt + I(2 * wt), data = mtcars)
  )
  on_no_device(plot(aliased, 1:2, parm = c("wt", "I(2 * wt)")))
})

test_that("R's own methods plot a profile", {
  skip_if_not_installed("MASS")
  made <- profile(logit_fit())
  on_no_device(expect_identical(plot(made), made))
  on_no_device(profile_method("plot")(made))
  on_no_device(pairs(made))
  by_function <- mle_fit(function(mu, s) dnorm(speed, mu, s, log = TRUE),
                         list(mu = 10, s = positive(1)), data = cars)
  on_no_device(pairs(profile(by_function)))
  on_no_device(plot_signed_roots(made))
})

test_that("the parabola of a profile is the one of the Wald interval", {
  fit <- logit_fit()
  frame <- profile(fit, "wt", steps = 30)$wt
  root <- profile_spline(frame$par.vals[, "wt"], frame$z)
  expect_equal(root(coef(fit)[["wt"]], deriv = 1),
               1 / sqrt(vcov(fit)["wt", "wt"]), tolerance = 1e-4)
})

test_that("bad input", {
  expect_snapshot(error = TRUE, plot(logit_fit(), "residuals"))
  expect_snapshot(error = TRUE, plot(logit_fit(), "coefficients", parm = "x"))
})
