# Random and absorbed effects of functions, against closed forms, certified
# values, nlme and glm.

orthodont <- as.data.frame(nlme::Orthodont)

growth <- function(b, sd, sigma, u) {
  c(dnorm(distance, b[1] + b[2] * age + sd * u[Subject], sigma, log = TRUE),
    dnorm(u, log = TRUE))
}
growth_start <- list(b = c(20, 0), sd = positive(1), sigma = positive(1),
                     u = numeric(27))
growth_fit <- mle_fit(growth, growth_start, data = orthodont, random = "u")

test_that("a normal model is that of nlme, and its errors are exact", {
  m <- nlme::lme(distance ~ age, orthodont, ~ 1 | Subject, method = "ML")
  expect_equal(as.numeric(logLik(growth_fit)), as.numeric(logLik(m)),
               tolerance = 1e-10)
  expect_equal(unname(coef(growth_fit)[1:2]), unname(nlme::fixef(m)),
               tolerance = 1e-6)
  expect_equal(nobs(growth_fit), 108L)
  # The variance of y by subject, in closed form.
  closed <- mle_fit(function(b, sd, sigma) {
    V <- sd^2 + diag(rep(sigma^2, 4))
    mu <- b[1] + b[2] * c(8, 10, 12, 14)
    dmvnorm(matrix(orthodont$distance, 27, 4, byrow = TRUE),
            matrix(mu, 27, 4, byrow = TRUE), V, log = TRUE)
  }, list(b = c(20, 0), sd = positive(1), sigma = positive(1)))
  expect_equal(coef(growth_fit), coef(closed), tolerance = 1e-8)
  expect_equal(vcov(growth_fit), vcov(closed), tolerance = 1e-8)
  expect_equal(vcov(growth_fit, "opg"), vcov(closed, "opg"), tolerance = 1e-8)
  expect_equal(vcov(growth_fit, "sandwich"), vcov(closed, "sandwich"),
               tolerance = 1e-8)
  expect_equal(confint(profile(growth_fit)), confint(profile(closed)),
               tolerance = 1e-6)
})

test_that("integrating over coefficients as well is REML", {
  reml <- mle_fit(growth, growth_start, data = orthodont,
                  random = c("u", "b"))
  m <- nlme::lme(distance ~ age, orthodont, ~ 1 | Subject)
  expect_equal(as.numeric(logLik(reml)), as.numeric(logLik(m)),
               tolerance = 1e-10)
  expect_equal(nobs(reml), 108L)
  expect_error(vcov(reml, "sandwich"), "total")
})

test_that("predicted effects have the errors of the joint model", {
  effects <- ranef(growth_fit)
  m <- nlme::lme(distance ~ age, orthodont, ~ 1 | Subject, method = "ML")
  sd <- coef(growth_fit)[["sd"]]
  index <- match(rownames(nlme::ranef(m)), levels(orthodont$Subject))
  expect_equal(sd * effects$u[index, 1], nlme::ranef(m)[[1]], tolerance = 1e-5)
  long <- as.data.frame(effects)
  expect_named(long, c("grpvar", "term", "grp", "condval", "condsd"))
  # By hand: the inverse of the curvature, and the derivative of the mode.
  mode <- function(theta) {
    s2 <- theta[4]^2
    residual <- orthodont$distance - theta[1] - theta[2] * orthodont$age
    sums <- tapply(residual, orthodont$Subject, sum)
    as.numeric(theta[3] * sums / (s2 + 4 * theta[3]^2))
  }
  J <- vapply(1:4, function(j) {
    h <- replace(numeric(4), j, 1e-4)
    at <- unname(coef(growth_fit))
    (8 * (mode(at + h) - mode(at - h)) - mode(at + 2 * h) +
       mode(at - 2 * h)) / 12e-4
  }, numeric(27))
  at <- coef(growth_fit)
  conditional <- 1 / (1 + 4 * at[["sd"]]^2 / at[["sigma"]]^2)
  by_hand <- sqrt(conditional + rowSums((J %*% vcov(growth_fit)) * J))
  expect_equal(long$condsd, by_hand, tolerance = 1e-7)
  expect_error(ranef(mle_fit(function(m) dnorm(orthodont$distance, m, 1,
                                               log = TRUE), list(m = 20))),
               "no random effects")
})

test_that("a state space model with a diffuse start is exact", {
  y <- as.numeric(Nile)
  fit <- mle_fit(function(e2, h2, a) {
    c(dnorm(y, a, sqrt(e2), log = TRUE),
      dnorm(diff(a), 0, sqrt(h2), log = TRUE))
  }, list(e2 = positive(1e4), h2 = positive(1000), a = rep(900, 100)),
  random = "a")
  expect_equal(as.numeric(logLik(fit)), -632.5456251, tolerance = 1e-9)
  expect_equal(unname(coef(fit)), c(15098.52, 1469.18), tolerance = 1e-5)
})

test_that("binomial counts: Laplace, quadrature, and how good they are", {
  skip_if_not_installed("lme4")
  d <- lme4::cbpp
  X <- model.matrix(~period, d)
  herd <- as.integer(d$herd)
  joint <- function(b, s, u) {
    c(dbinom(d$incidence, d$size, plogis(X %*% b + s * u[herd]), log = TRUE),
      dnorm(u, log = TRUE))
  }
  start <- list(b = c(-1, 0, 0, 0), s = positive(0.5), u = numeric(15))
  laplace <- mle_fit(joint, start, random = "u")
  expect_equal(as.numeric(logLik(laplace)), -92.02628187, tolerance = 1e-9)
  quadrature <- mle_fit(joint, start, random = "u", integration = agq(25))
  expect_equal(as.numeric(logLik(quadrature)), -91.98336904, tolerance = 1e-9)
  expect_equal(coef(quadrature)[["s"]], 0.6475, tolerance = 1e-4)
  # At the same parameters, by quadrature with many nodes.
  at <- list(b = unname(coef(laplace)[1:4]), s = coef(laplace)[["s"]])
  integral <- sum(integrate_laplace(function(u) joint(at$b, at$s, u),
                                    numeric(15), agq(40)))
  checked <- check_integration(laplace, 4000)
  truth <- integral - as.numeric(logLik(laplace))
  expect_lt(abs(checked$difference - truth), 4 * checked$std.error)
  expect_lt(checked$std.error, truth / 5)
  expect_identical(checked, check_integration(laplace, 4000))
})

test_that("guards, negative and lists in the function are as without effects", {
  set.seed(1)
  y <- rnorm(60, rep(rnorm(12), 5), 0.5)
  g <- rep(1:12, 5)
  plain <- mle_fit(function(m, sd, s, u) {
    c(dnorm(y, m + sd * u[g], s, log = TRUE), dnorm(u, log = TRUE))
  }, list(m = 0, sd = positive(0.5), s = positive(1), u = numeric(12)),
  random = "u")
  guarded <- mle_fit(function(m, sd, s, u) {
    if (s <= 0) return(-Inf)
    sum(dnorm(y, m + sd * u[g], s, log = TRUE)) + sum(dnorm(u, log = TRUE))
  }, list(m = 0, sd = positive(0.5), s = 1, u = numeric(12)), random = "u")
  listed <- mle_fit(function(p) {
    -sum(dnorm(y, p$m + p$sd * p$u[g], exp(p$ls), log = TRUE)) -
      sum(dnorm(p$u, log = TRUE))
  }, list(p = list(m = 0, sd = positive(0.5), ls = 0, u = numeric(12))),
  random = "u", negative = TRUE)
  for (fit in list(guarded, listed)) {
    expect_equal(logLik(fit)[1], logLik(plain)[1], tolerance = 1e-10)
    expect_equal(unname(coef(fit)[1:2]), unname(coef(plain)[1:2]),
                 tolerance = 1e-6)
  }
})

test_that("a variance that runs to zero is at its boundary", {
  set.seed(1)
  y <- rnorm(100)
  g <- rep(1:20, 5)
  expect_warning(fit <- mle_fit(function(m, sd, s, u) {
    c(dnorm(y, m + sd * u[g], s, log = TRUE), dnorm(u, log = TRUE))
  }, list(m = 0, sd = positive(0.5), s = positive(1), u = numeric(20)),
  random = "u"), "boundary")
  expect_true(fit$converged)
  alone <- mle_fit(function(m, s) dnorm(y, m, s, log = TRUE),
                   list(m = 0, s = positive(1)))
  expect_equal(logLik(fit)[1], logLik(alone)[1], tolerance = 1e-9)
  expect_equal(vcov(fit)[c("m", "s"), c("m", "s")], vcov(alone),
               tolerance = 1e-6)
})

test_that("absorbed effects are those of the whole model", {
  set.seed(2)
  g <- rep(1:40, each = 10)
  x <- rnorm(400)
  z <- rnorm(400)
  cluster <- rep(1:100, 4)
  y <- rpois(400, exp(0.5 * x - 0.2 * z + rnorm(40)[g] / 2))
  joint <- function(b, a) dpois(y, exp(b[1] * x + b[2] * z + a[g]), log = TRUE)
  start <- list(b = c(0, 0), a = numeric(40))
  fit <- mle_fit(joint, start, absorb = "a")
  whole <- mle_fit(joint, start)
  expect_equal(coef(fit), coef(whole)[1:2], tolerance = 1e-9)
  expect_equal(vcov(fit), vcov(whole)[1:2, 1:2], tolerance = 1e-9)
  expect_equal(vcov(fit, "sandwich"), vcov(whole, "sandwich")[1:2, 1:2],
               tolerance = 1e-8)
  expect_equal(vcov(fit, cluster = cluster),
               vcov(whole, cluster = cluster)[1:2, 1:2],
               tolerance = 1e-8)
  expect_output(print(fit), "Absorbed effects: a \\(40\\)")
})

test_that("wrong effects are told", {
  start <- list(m = 0, u = numeric(27))
  fn <- function(m, u) dnorm(orthodont$distance, m + u[orthodont$Subject], 1,
                             log = TRUE)
  expect_error(mle_fit(fn, start, random = "w"), "no parameter in `start`")
  expect_error(mle_fit(fn, start, random = 1), "must name parameters")
  expect_error(mle_fit(fn, c(m = 0), random = "u"), "no parameter in `start`")
  expect_error(mle_fit(fn, start, random = c("m", "u")), "none is left")
  expect_error(mle_fit(fn, list(m = 0, u = positive(rep(1, 27))),
                       random = "u"), "cannot be declared")
  expect_error(mle_fit(fn, start, random = "u", derivatives = "numeric"),
               "exact derivatives")
  expect_error(mle_fit(fn, start, integration = agq(5)), "none are\\s+named")
  expect_error(mle_fit(function(m, u) {
    dnorm(orthodont$distance, m + u[1] + u[2], 1, log = TRUE)
  }, list(m = 0, u = c(0, 0)), random = "u"), "no maximum in the\\s+effects")
  expect_error(mle_fit(function(m, u) {
    c(dnorm(orthodont$distance, m + u[1] * u[2], 1, log = TRUE),
      dnorm(u, log = TRUE))
  }, list(m = 0, u = c(1, 1)), random = "u", integration = agq(5)),
  "parts of one number")
  expect_error(mle_fit(fn, start, random = "u", absorb = "m"), "combined")
})

test_that("an integral by itself", {
  expect_equal(integrate_laplace(function(u) dnorm(u, 1, 2, log = TRUE), 0), 0,
               tolerance = 1e-12)
  two <- integrate_laplace(function(a, b) {
    -sum(a^2) - 2 * sum(b^2)
  }, list(a = c(1, 1), b = matrix(0, 2, 2)))
  expect_equal(sum(two), log(pi) + 2 * log(pi / 2), tolerance = 1e-12)
  quartic <- function(t) {
    integrate_laplace(function(u) -t * u^2 / 2 - u^4 / 50, 0, agq(40))
  }
  by_r <- function(t, f = function(u) 1) {
    integrate(function(u) f(u) * exp(-t * u^2 / 2 - u^4 / 50), -Inf, Inf,
              rel.tol = 1e-12)$value
  }
  expect_equal(quartic(2), log(by_r(2)), tolerance = 1e-8)
  expect_equal(c(grad(quartic)(2)), -by_r(2, function(u) u^2 / 2) / by_r(2),
               tolerance = 1e-7)
  expect_error(integrate_laplace(function(u) u, "a"), "numeric")
  expect_error(integrate_laplace(function(u) 1, 0), "does not depend")
})

test_that("weights of rows are refused, rows of missing values left out", {
  o <- orthodont
  o$distance[5] <- NA
  fit <- function(...) mle_fit(growth, growth_start, random = "u", ...)
  omitted <- fit(data = o, na.action = na.omit)
  alone <- fit(data = o[-5, ])
  expect_equal(coef(omitted), coef(alone), tolerance = 1e-8)
  expect_identical(nobs(omitted), 107L)
  expect_equal(as.data.frame(ranef(omitted)), as.data.frame(ranef(alone)),
               tolerance = 1e-8)
  expect_error(fit(data = orthodont, weights = rep(1, 108)),
               "have to be in the\\s+function")
})
