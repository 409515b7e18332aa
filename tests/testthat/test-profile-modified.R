# Modified profile likelihoods, against what is known exactly.

test_that("modified: the divisor of a normal variance", {
  fit <- speed_fit()
  n <- nrow(cars)
  squares <- sum((cars$speed - mean(cars$speed))^2)
  loglik <- function(s) -(n - 1) * log(s) - squares / (2 * s^2)
  for (kind in c("severini", "cox-reid")) {
    made <- profile(fit, "s", modified = kind, alpha = 0.2, steps = 2)
    expect_equal(unname(attr(made, "estimate")), sd(cars$speed),
                 tolerance = 1e-9)
    expect_equal(loglik(sd(cars$speed)) - loglik(made$s$par.vals[, "s"]),
                 made$s$z^2 / 2, tolerance = 1e-8, ignore_attr = TRUE)
  }
  limits <- confint(fit, "s", method = "profile", modified = TRUE)
  expect_equal(loglik(sd(cars$speed)) - loglik(as.numeric(limits)),
               rep(half_quantile, 2), tolerance = 1e-8)
})

test_that("modified: a regression, and many strata", {
  fit <- mle_fit(mpg ~ wt + hp + factor(cyl), data = mtcars)
  expect_equal(
    unname(attr(profile(fit, "sigma", modified = TRUE, steps = 1),
                "estimate")),
    sigma(lm(mpg ~ wt + hp + factor(cyl), mtcars)), tolerance = 1e-8
  )
  # Neyman and Scott (1948): two observations for each of many means.
  set.seed(4)
  d <- data.frame(g = factor(rep(1:25, each = 2)), y = rnorm(50))
  within <- tapply(d$y, d$g, function(y) diff(y)^2 / 2)
  fit <- mle_fit(y ~ g, data = d)
  expect_equal(coef(fit)[["sigma"]], sqrt(mean(within) / 2), tolerance = 1e-8)
  expect_equal(
    unname(attr(profile(fit, "sigma", modified = TRUE, steps = 1),
                "estimate")),
    sqrt(mean(within)), tolerance = 1e-8
  )
})

test_that("modified: near the conditional likelihood of stratified logits", {
  skip_if_not_installed("survival")
  set.seed(5)
  d <- data.frame(g = rep(1:10, each = 16), x = rnorm(160))
  d$y <- rbinom(160, 1, plogis(0.3 * rnorm(10)[d$g] + d$x))
  mixed <- tapply(d$y, d$g, function(y) var(y) > 0)
  d <- d[mixed[d$g], ]
  d$g <- factor(d$g)
  fit <- mle_fit(y ~ x + g, data = d, family = binomial)
  # clogit() writes a call that needs these names.
  strata <- survival::strata
  coxph <- survival::coxph
  Surv <- survival::Surv
  conditional <- coef(survival::clogit(
    y ~ x + strata(g), d, method = "exact"
  ))[["x"]]
  modified <- attr(profile(fit, "x", modified = TRUE, steps = 1), "estimate")
  bias <- abs(coef(fit)[["x"]] - conditional)
  expect_gt(bias, 0.05)
  expect_lt(abs(modified - conditional), bias / 2)
})

test_that("modified: the nuisance parameters may be written in any way", {
  y <- c(1.2, 0.4, 2.2, 3.1, 0.9, 1.7, 0.3)
  plain <- mle_fit(function(shape, rate) dgamma(y, shape, rate, log = TRUE),
                   list(shape = positive(1), rate = positive(1)))
  by_mean <- mle_fit(function(shape, m) dgamma(y, shape, shape / exp(m),
                                               log = TRUE),
                     list(shape = positive(1), m = 0))
  expect_equal(
    attr(profile(plain, "shape", modified = TRUE, steps = 1), "estimate"),
    attr(profile(by_mean, "shape", modified = TRUE, steps = 1), "estimate"),
    tolerance = 1e-8
  )
})
