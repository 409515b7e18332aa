# Profile likelihood. The limits are checked against log-likelihoods that
# somebody else maximised with the parameter held at the limit.

test_that("limits of a logit are where glm() says", {
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  found <- confint(fit, method = "profile")
  X <- cbind(1, mtcars$wt, mtcars$hp)
  # glm() diverges from its start here: its own derivatives, another search.
  held <- function(j, value) {
    sign <- 2 * mtcars$am - 1
    index <- function(p) sign * (X[, -j] %*% p + X[, j] * value)
    best <- optim(
      coef(fit)[-j], function(p) -sum(plogis(index(p), log.p = TRUE)),
      function(p) -crossprod(X[, -j], sign * plogis(-index(p))),
      method = "BFGS", control = list(reltol = 1e-16, maxit = 1000)
    )
    -best$value
  }
  for (j in 1:3) {
    for (side in 1:2) expect_drop(held(j, found[[j, side]]), fit)
  }
  expect_true(all(found[, 1] < coef(fit) & coef(fit) < found[, 2]))
  expect_identical(dimnames(found), dimnames(confint(fit)))
})

test_that("limits agree with the interpolated ones of glm()", {
  skip_if_not_installed("MASS")
  set.seed(1)
  d <- data.frame(x = rnorm(2000), z = rnorm(2000))
  d$y <- rpois(2000, exp(0.3 + 0.2 * d$x))
  fit <- mle_fit(y ~ x + z, data = d, family = poisson)
  # Methods of stats since R 4.4, of MASS before.
  loadNamespace("MASS")
  reference <- suppressMessages(confint(glm(y ~ x + z, poisson, d)))
  expect_equal(unname(confint(fit, method = "profile")), unname(reference),
               tolerance = 1e-6)
  # The same by spline from our own profile.
  by_spline <- getS3method("confint", "profile.glm")
  expect_equal(
    unname(by_spline(profile(fit, steps = 20))),
    unname(confint(fit, method = "profile")), tolerance = 1e-6
  )
})

test_that("limits of a Weibull regression are where survreg() says", {
  skip_if_not_installed("survival")
  d <- survival::lung
  fit <- mle_fit(
    function(a, b, s) {
      z <- (log(time) - a - b * age) / s
      ifelse(status == 2, z - log(s) - log(time), 0) - exp(z)
    },
    start = list(a = 6, b = 0, s = positive(1)), data = d
  )
  found <- confint(fit, method = "profile")
  y <- survival::Surv(d$time, d$status)
  tight <- survival::survreg.control(rel.tolerance = 1e-13, maxiter = 100)
  for (side in 1:2) {
    b <- found[["b", side]]
    expect_drop(survival::survreg(y ~ offset(b * d$age), control = tight)$
                  loglik[[2]], fit)
    expect_drop(survival::survreg(y ~ d$age, scale = found[["s", side]],
                                  control = tight)$loglik[[2]], fit)
  }
})

test_that("limits of a nonlinear regression are where nls() says", {
  d <- subset(DNase, Run == 1)
  fit <- mle_fit(density ~ dnorm(top / (1 + exp((mid - log(conc)) / scal)), s),
                 data = d, start = list(top = 2, mid = 1.5, scal = 1, s = 0.1))
  found <- confint(fit, c("top", "mid"), method = "profile")
  n <- nrow(d)
  loglik <- function(refit) {
    -n / 2 * (log(2 * pi * deviance(refit) / n) + 1)
  }
  tight <- nls.control(tol = 1e-9, scaleOffset = 1)
  for (side in 1:2) {
    top <- found[["top", side]]
    expect_drop(loglik(nls(density ~ top / (1 + exp((mid - log(conc)) / scal)),
                           d, start = list(mid = 1.5, scal = 1),
                           control = tight)), fit)
    mid <- found[["mid", side]]
    expect_drop(loglik(nls(density ~ top / (1 + exp((mid - log(conc)) / scal)),
                           d, start = list(top = 2.3, scal = 1),
                           control = tight)), fit)
  }
})

test_that("the profile of a normal standard deviation is the known one", {
  fit <- speed_fit()
  n <- nrow(cars)
  squares <- sum((cars$speed - mean(cars$speed))^2)
  loglik <- function(s) {
    -n / 2 * log(2 * pi) - n * log(s) - squares / (2 * s^2)
  }
  for (limit in confint(fit, "s", method = "profile")) {
    expect_drop(loglik(limit), fit)
  }
  made <- profile(fit, "s", alpha = 0.05)
  expect_s3_class(made, c("profile.mle_fit", "profile"), exact = TRUE)
  frame <- made$s
  expect_equal(loglik(frame$par.vals[, "s"]), fit$loglik - frame$z^2 / 2,
               tolerance = 1e-12)
  expect_equal(unname(frame$par.vals[, "mu"]),
               rep(mean(cars$speed), nrow(frame)), tolerance = 1e-12)
  expect_false(is.unsorted(frame$par.vals[, "s"]))
  expect_equal(diff(frame$z), rep(sqrt(qchisq(0.95, 1)) / 8, 18))
  expect_identical(attr(made, "original.fit"), fit)
  expect_equal(confint(made), confint(fit, "s", method = "profile"))
})

test_that("a profile does not depend on the scale of its parameter", {
  by_log <- mle_fit(function(mu, l) dnorm(speed, mu, exp(l), log = TRUE),
                    start = list(mu = 10, l = 1), data = cars)
  plain <- mle_fit(function(mu, s) dnorm(speed, mu, s, log = TRUE),
                   start = list(mu = 10, s = 6), data = cars)
  below <- mle_fit(function(mu, m) dnorm(speed, mu, -m, log = TRUE),
                   start = list(mu = 10, m = bounded(-6, upper = 0)),
                   data = cars)
  expected <- as.numeric(confint(speed_fit(), "s", method = "profile"))
  limits <- function(fit, name) {
    as.numeric(confint(fit, name, method = "profile"))
  }
  expect_equal(exp(limits(by_log, "l")), expected,
               tolerance = profile_tolerance$limit)
  expect_equal(limits(plain, "s"), expected,
               tolerance = profile_tolerance$limit)
  expect_equal(-rev(limits(below, "m")), expected,
               tolerance = profile_tolerance$limit)
  expect_false(is.unsorted(profile(below, "m")$m$par.vals[, "m"]))
})

test_that("coefficients tied by their type", {
  shares <- mle_fit(
    function(p, mu, s) {
      log(p[1] * dnorm(eruptions, mu[1], s[1]) +
            p[2] * dnorm(eruptions, mu[2], s[2]))
    },
    start = list(p = simplex(c(0.5, 0.5)), mu = increasing(c(2, 4)),
                 s = positive(c(1, 1))), data = faithful
  )
  share <- mle_fit(
    function(q, mu, s) {
      log(q * dnorm(eruptions, mu[1], s[1]) +
            (1 - q) * dnorm(eruptions, mu[2], s[2]))
    },
    start = list(q = bounded(0.5, 0, 1), mu = c(2, 4), s = positive(c(1, 1))),
    data = faithful
  )
  expected <- confint(share, method = "profile")
  found <- confint(shares, method = "profile")
  expect_equal(unname(found[-2, ]), unname(expected),
               tolerance = profile_tolerance$limit)
  expect_equal(unname(found["p2", ]), unname(rev(1 - expected["q", ])),
               tolerance = profile_tolerance$limit)
})

test_that("a correlation, by itself and as a combination of covariances", {
  set.seed(2)
  Z <- matrix(rnorm(60), 30) %*% chol(matrix(c(2, 1, 1, 3), 2))
  r <- cor(Z)[1, 2]
  # The other parameters can be eliminated by hand.
  loglik <- function(rho) 15 * log((1 - rho^2) / (1 - rho * r)^2)
  contributions <- function(mu, S) {
    residual <- sweep(Z, 2, mu)
    -0.5 * rowSums((residual %*% solve(S)) * residual) - 0.5 * log(det(S))
  }
  by_covariance <- mle_fit(contributions, list(mu = c(0, 0),
                                               S = covariance(diag(2))))
  by_correlation <- mle_fit(
    function(mu, R, s) contributions(mu, diag(s) %*% R %*% diag(s)),
    list(mu = c(0, 0), R = correlation(diag(2)), s = positive(c(1, 1)))
  )
  for (limits in list(
    confint(by_covariance, ~ S2_1 / sqrt(S1_1 * S[2, 2]), method = "profile"),
    confint(by_correlation, "R2_1", method = "profile")
  )) {
    expect_equal(loglik(r) - loglik(as.numeric(limits)),
                 rep(half_quantile, 2), tolerance = profile_tolerance$ratio)
  }
})

test_that("combinations, linear ones and others", {
  fit <- mle_fit(function(b, s) dnorm(mpg, b[1] + b[2] * wt + b[3] * hp, s,
                                      log = TRUE),
                 start = list(b = c(30, 0, 0), s = positive(3)), data = mtcars)
  other <- mle_fit(function(a, d, c, s) dnorm(mpg, a + (d + c) * wt + c * hp,
                                              s, log = TRUE),
                   start = list(a = 30, d = 0, c = 0, s = positive(3)),
                   data = mtcars)
  expect_equal(
    as.numeric(confint(fit, ~ b2 - b[3], method = "profile")),
    as.numeric(confint(other, "d", method = "profile")),
    tolerance = profile_tolerance$limit
  )
  half <- 2
  expect_equal(
    as.numeric(confint(fit, ~ exp(b2 / half), method = "profile")),
    exp(as.numeric(confint(fit, "b2", method = "profile")) / 2),
    tolerance = profile_tolerance$limit
  )
  made <- profile(fit, ~ b2 / b3)
  expect_named(made, "b2/b3")
  values <- made[[1]]$par.vals
  expect_equal(values[, "b2/b3"], values[, "b2"] / values[, "b3"],
               tolerance = 1e-10)
})

test_that("with linear constraints and fixed parameters", {
  fit <- mle_fit(
    function(b, s) dnorm(mpg, b[1] + b[2] * wt + b[3] * hp, s, log = TRUE),
    start = list(b = c(30, 0, 0), s = positive(3)), data = mtcars,
    constraints = "b2 + b3 = -3"
  )
  found <- confint(fit, method = "profile")
  reference <- lm(I(mpg + 3 * hp) ~ I(wt - hp), mtcars)
  n <- nrow(mtcars)
  for (limit in found["b2", ]) {
    rest <- lm(I(mpg + 3 * hp - limit * (wt - hp)) ~ 1, mtcars)
    expect_lt(abs(n / 2 * log(deviance(rest) / deviance(reference)) -
                    half_quantile), profile_tolerance$ratio)
  }
  expect_equal(unname(found["b3", ]), unname(rev(-3 - found["b2", ])),
               tolerance = profile_tolerance$limit)
})

test_that("weights are frequencies", {
  d <- data.frame(y = c(1, 4, 2, 7, 3, 3.5, 5, 2.8),
                  w = c(2, 1, 3, 2, 1, 4, 2, 1))
  loglik <- function(mu, s) dnorm(y, mu, s, log = TRUE)
  start <- list(mu = 3, s = positive(2))
  weighted <- mle_fit(loglik, start, data = d, weights = w)
  repeated <- mle_fit(loglik, start, data = d[rep(1:8, d$w), ])
  for (modified in list(FALSE, TRUE)) {
    expect_equal(
      confint(weighted, method = "profile", modified = modified),
      confint(repeated, method = "profile", modified = modified),
      tolerance = profile_tolerance$limit
    )
  }
})

test_that("a higher maximum is found and reported", {
  y <- c(-8, -7.6, -7.9, -8.3, 5, 5.2, 4.9)
  loglik <- function(mu) dt(y - mu, 1, log = TRUE)
  fit <- mle_fit(loglik, start = list(mu = 5))
  best <- mle_fit(loglik, start = list(mu = -8))
  expect_gt(best$loglik, fit$loglik)
  # The interval of a low level never comes near.
  expect_silent(confint(fit, method = "profile", level = 0.5))
  warned <- expect_warning(
    found <- confint(fit, method = "profile", level = 0.9999),
    class = "admle_warning_better_optimum"
  )
  expect_equal(found, confint(best, method = "profile", level = 0.9999),
               tolerance = 1e-7)
  expect_equal(warned$parameters, list(mu = coef(best)[[1]]),
               tolerance = 1e-8)
  expect_equal(warned$loglik, best$loglik)
  expect_equal(warned$name, "mu")
  expect_snapshot(invisible(profile(fit, alpha = 1e-4)))
})

test_that("perfectly separated data: infinite limits", {
  fit <- suppressWarnings(
    mle_fit(am ~ wt + qsec, data = mtcars, family = binomial)
  )
  expect_snapshot(
    found <- round(confint(fit, c("wt", "qsec"), method = "profile"), 4)
  )
  found <- suppressWarnings(confint(fit, method = "profile"))
  expect_equal(is.infinite(found[, 1]), c(FALSE, TRUE, TRUE),
               ignore_attr = TRUE)
  expect_equal(is.infinite(found[, 2]), c(TRUE, FALSE, FALSE),
               ignore_attr = TRUE)
  sign <- 2 * mtcars$am - 1
  X <- cbind(1, mtcars$qsec)
  loss <- function(p) {
    -sum(plogis(sign * (X %*% p + mtcars$wt * found[["wt", 2]]), log.p = TRUE))
  }
  slope <- function(p) {
    index <- sign * (X %*% p + mtcars$wt * found[["wt", 2]])
    -crossprod(X, sign * plogis(-index))
  }
  best <- nlm(structure(function(p) {
    structure(loss(p), gradient = slope(p))
  }), c(75, -2.5), gradtol = 1e-12, iterlim = 1000)
  expect_lt(abs(best$minimum - half_quantile), 1e-7)
})

test_that("an estimate on the boundary of its range", {
  set.seed(1)
  y <- rpois(40, 3)
  fit <- suppressWarnings(mle_fit(
    function(mu, alpha) dnbinom(y, size = 1 / alpha, mu = mu, log = TRUE),
    start = list(mu = positive(2), alpha = positive(0.5))
  ))
  expect_warning(found <- confint(fit, "alpha", method = "profile"),
                 class = "admle_warning_open_profile")
  expect_identical(found[[1]], 0)
  at_limit <- optimise(function(mu) {
    sum(dnbinom(y, size = 1 / found[[2]], mu = mu, log = TRUE))
  }, c(2, 5), maximum = TRUE, tol = 1e-10)$objective
  expect_drop(at_limit, fit, half_quantile)
})

test_that("a likelihood that flattens out within sight of its maximum", {
  y <- c(-0.3, 0.3)
  fit <- mle_fit(function(a) -(y - a)^2 / (1 + (y - a)^2), list(a = 0.1))
  expect_warning(expect_warning(
    found <- confint(fit, method = "profile"),
    class = "admle_warning_open_profile"
  ), class = "admle_warning_open_profile")
  expect_identical(as.numeric(found), c(-Inf, Inf))
  made <- suppressWarnings(profile(fit))
  expect_identical(attr(made, "open")$a, c(lower = "open", upper = "open"))
  expect_identical(range(made$a$z), sqrt(qchisq(0.99, 1)) / 8 * c(-5, 5))
})

test_that("a profile is printed", {
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  expect_snapshot(profile(fit, 2:3, steps = 2))
  expect_snapshot(profile(fit, "wt", steps = 1, modified = TRUE))
})

test_that("the degrees of freedom of normal data have no upper limit", {
  set.seed(11)
  y <- 1 + 2 * rnorm(60)
  fit <- suppressWarnings(mle_fit(
    function(mu, s, df) dt((y - mu) / s, df, log = TRUE) - log(s),
    list(mu = 0, s = positive(1), df = positive(5))
  ))
  expect_warning(found <- confint(fit, "df", method = "profile"),
                 class = "admle_warning_open_profile")
  expect_identical(found[[2]], Inf)
  held <- mle_fit(
    function(mu, s) dt((y - mu) / s, found[[1]], log = TRUE) - log(s),
    list(mu = 0, s = positive(1))
  )
  expect_drop(held$loglik, fit)
})

test_that("limits of a negative binomial regression are where glm.nb() says", {
  skip_if_not_installed("MASS")
  d <- MASS::quine
  fit <- mle_fit(Days ~ dnbinom(mu = mu, size = th), log(mu) ~ Eth + Sex + Lrn,
                 data = d, start = list(th = positive(1)))
  found <- confint(fit, "EthN", method = "profile")
  for (limit in found) {
    held <- MASS::glm.nb(Days ~ offset(limit * (Eth == "N")) + Sex + Lrn, d,
                         control = glm.control(epsilon = 1e-12))
    expect_drop(logLik(held), fit)
  }
})

test_that("what is not identified has no profile, the rest has", {
  fit <- suppressWarnings(mle_fit(
    function(a, b, s) dnorm(speed, a + b, s, log = TRUE),
    start = list(a = 1, b = 1, s = positive(3)), data = cars
  ))
  found <- confint(fit, method = "profile")
  expect_true(all(is.na(found[c("a", "b"), ])))
  expect_equal(found["s", ],
               confint(speed_fit(), "s", method = "profile")[1, ],
               tolerance = profile_tolerance$limit)
})

test_that("derivatives by differences and by a fit from a file", {
  fit <- speed_fit()
  expected <- confint(fit, method = "profile")
  expect_equal(confint(speed_fit(derivatives = "numeric"),
                       method = "profile"), expected, tolerance = 1e-6)
  file <- tempfile()
  on.exit(unlink(file))
  saveRDS(fit, file)
  expect_equal(confint(readRDS(file), method = "profile"), expected,
               tolerance = 1e-12)
})

test_that("bad input", {
  fit <- speed_fit()
  expect_snapshot(error = TRUE, profile(fit, "sigma"))
  expect_snapshot(error = TRUE, profile(fit, 3))
  expect_snapshot(error = TRUE, profile(fit, ~ nothing + mu))
  expect_snapshot(error = TRUE, profile(fit, ~ 2))
  expect_snapshot(error = TRUE, profile(fit, mu ~ s))
  expect_snapshot(error = TRUE, profile(fit, alpha = 95))
  expect_snapshot(error = TRUE, profile(fit, maxsteps = 3))
  expect_snapshot(error = TRUE, profile(fit, modified = "barndorff"))
  held <- speed_fit(fixed = list(mu = 15))
  expect_snapshot(error = TRUE, profile(held, "mu"))
  flat <- suppressWarnings(mle_fit(
    function(a, b) dnorm(speed, a + b, 5, log = TRUE),
    start = list(a = 1, b = 1), data = cars
  ))
  expect_snapshot(error = TRUE, profile(flat, "a"))
  stopped <- suppressWarnings(speed_fit(control = list(iterations = 1)))
  expect_snapshot(error = TRUE, profile(stopped))
  constrained <- mle_fit(
    function(b) dnorm(mpg, b[1] + b[2] * wt, 3, log = TRUE),
    start = list(b = c(30, 0)), data = mtcars, constraints = "b2 = -5"
  )
  expect_snapshot(error = TRUE, profile(constrained, "b2"))
  aliased <- suppressMessages(mle_fit(mpg ~ wt + I(2 * wt), data = mtcars))
  expect_snapshot(error = TRUE, profile(aliased, "I(2 * wt)"))
  firth <- mle_fit(am ~ wt, data = mtcars, family = binomial, bias = "firth")
  expect_snapshot(error = TRUE, confint(firth, method = "profile"))
  total <- mle_fit(function(mu) -sum((cars$speed - mu)^2)^1.1, list(mu = 10))
  expect_snapshot(error = TRUE, profile(total, modified = TRUE))
})

test_that("a second step is profiled with a warning", {
  first <- mle_fit(function(b0, b1) dnorm(hp, b0 + b1 * wt, 50, log = TRUE),
                   start = list(b0 = 0, b1 = 50), data = mtcars)
  second <- mle_fit(
    function(a, d, b0, b1) dnorm(mpg, a + d * (hp - b0 - b1 * wt), 3,
                                 log = TRUE),
    start = list(a = 20, d = 0), data = mtcars, after = first
  )
  expect_snapshot(round(confint(second, "d", method = "profile"), 4))
})
