# The expected information against glm(), against formulas, and, where it is
# simulated, against a model that has it as a formula.

test_that("families have the expected information of glm()", {
  information <- function(X, w) unname(solve(crossprod(X, w * X)))
  for (link in c("logit", "probit", "cloglog")) {
    fit <- mle_fit(am ~ wt, data = mtcars, family = binomial(link))
    mu <- fitted(fit)
    slope <- binomial(link)$mu.eta(predict(fit, type = "link"))
    expect_equal(
      unname(vcov(fit, "expected")),
      information(model.matrix(fit), slope^2 / (mu * (1 - mu))),
      tolerance = 1e-10
    )
  }
  gamma <- mle_fit(mpg ~ wt, data = mtcars, family = Gamma("log"))
  shape <- coef(gamma)[["shape"]]
  reference <- glm(mpg ~ wt, Gamma("log"), mtcars,
                   control = list(epsilon = 1e-15, maxit = 50))
  expected <- vcov(gamma, "expected")
  expect_equal(expected[1:2, 1:2], summary(reference)$cov.unscaled / shape,
               tolerance = 1e-9, ignore_attr = TRUE)
  expect_equal(expected[[3, 3]], 1 / (32 * (trigamma(shape) - 1 / shape)),
               tolerance = 1e-10)
  expect_identical(unname(expected[1:2, 3]), c(0, 0))
  inverse <- mle_fit(mpg ~ wt, data = mtcars, family = inverse.gaussian)
  reference <- glm(mpg ~ wt, inverse.gaussian, mtcars,
                   control = list(epsilon = 1e-15, maxit = 50))
  expect_equal(
    vcov(inverse, "eim")[1:2, 1:2],
    summary(reference)$cov.unscaled / coef(inverse)[["shape"]],
    tolerance = 1e-9, ignore_attr = TRUE
  )
})

test_that("weights, trials, fixed and tied parameters", {
  weighted <- mle_fit(mpg ~ wt, data = mtcars, weights = hp, adjust = TRUE)
  expect_equal(vcov(weighted, "expected")[1:2, 1:2],
               vcov(lm(mpg ~ wt, mtcars, weights = hp)), tolerance = 1e-9,
               ignore_attr = TRUE)
  # Of canonical links the observed information is the expected one.
  trials <- mle_fit(cbind(ncases, ncontrols) ~ agegp, data = esoph,
                    family = binomial)
  expect_equal(vcov(trials, "expected"), vcov(trials), tolerance = 1e-8)
  fixed <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial,
                   fixed = c(wt = -4))
  expect_equal(vcov(fixed, "expected"), vcov(fixed), tolerance = 1e-8)
  tied <- mle_fit(carb ~ wt + qsec, data = mtcars, family = poisson,
                  constraints = "wt = -2 * qsec")
  expect_equal(vcov(tied, "expected"), vcov(tied), tolerance = 1e-8)
  repeated <- mle_fit(carb ~ wt, data = mtcars, family = poisson("sqrt"),
                      weights = cyl)
  each <- mle_fit(carb ~ wt, data = mtcars[rep(1:32, mtcars$cyl), ],
                  family = poisson("sqrt"))
  expect_equal(vcov(repeated, "expected"), vcov(each, "expected"),
               tolerance = 1e-7)
})

test_that("other models are simulated, with a seed that is restored", {
  d <- data.frame(x = sin(1:400), z = cos(1:400))
  d$y <- 1 + d$x + exp(0.3 * d$z) * qnorm(((1:400 * 151) %% 401) / 401)
  family <- mle_fit(y ~ x, log(sigma) ~ z, data = d)
  density <- mle_fit(y ~ dnorm(mu, sigma), mu ~ x, log(sigma) ~ z, data = d)
  exact <- vcov(family, "expected")
  set.seed(7)
  state <- .Random.seed
  simulated <- vcov(density, "expected")
  expect_identical(.Random.seed, state)
  expect_identical(vcov(density, "eim"), simulated)
  # A Hessian is a mean of 400 terms: of 100 the error is about 1 / 200.
  units <- sqrt(diag(exact))
  expect_lt(max(abs((simulated - exact) / outer(units, units))), 0.02)
  expect_gt(max(abs((vcov(density) - exact) / outer(units, units))), 0)
  expect_false(identical(
    vcov(density, "expected", seed = 2, simulations = 10), simulated
  ))
  expect_output(print(summary(density, vcov = "eim")),
                "mean of 100\\s+negative Hessians at simulated")
  # Where the Hessian does not depend on the response there is no error.
  exact <- mle_fit(carb ~ dpois(mu), log(mu) ~ wt, data = mtcars)
  expect_equal(vcov(exact, "expected", simulations = 2), vcov(exact),
               tolerance = 1e-10)
})

test_that("a function has no expected information, nor has censoring", {
  fn <- mle_fit(function(m) dnorm(mpg, m, 6, log = TRUE), list(m = 20), mtcars)
  expect_error(vcov(fn, "expected"), "distribution of the response",
               class = "admle_error_unsupported")
  skip_if_not_installed("survival")
  d <- data.frame(time = 1:20, status = rep(c(1, 1, 0, 1), 5))
  survival <- mle_fit(survival::Surv(time, status) ~ dexp(rate), data = d)
  expect_error(vcov(survival, "expected"), "censored",
               class = "admle_error_unsupported")
})
