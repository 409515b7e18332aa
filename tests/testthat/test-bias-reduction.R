# Bias reduction against brglm2, closed forms, and penalised likelihoods written
# out by hand.

# brglm2 stops at steps of 1e-11, which is as near to rounding as it gets for
# all families; what is left is its last step.
bias_tolerance <- 1e-8
separated <- data.frame(x = 1:6, y = c(0, 0, 0, 1, 1, 1))

brglm_fit <- function(formula, family, data, type, ...) {
  suppressWarnings(glm(
    formula, family, data, method = brglm2::brglmFit, type = type,
    epsilon = 1e-11, maxit = 5000, ...
  ))
}

test_that("separated logits have the estimates of brglm2", {
  skip_if_not_installed("brglm2")
  wanted <- brglm_fit(y ~ x, binomial(), separated, "AS_mean")
  by_formula <- mle_fit(y ~ x, data = separated, family = binomial(),
                        bias = "firth")
  by_hand <- mle_fit(
    function(a, b) y * (a + b * x) - log1p(exp(a + b * x)),
    start = list(a = 0, b = 0), data = separated, bias = "firth"
  )
  by_density <- mle_fit(y ~ dbinom(1, p), logit(p) ~ x, data = separated,
                        bias = "firth")
  d <- separated
  by_column <- mle_fit(
    function(b) dbinom(d$y, 1, plogis(cbind(1, d$x) %*% b), log = TRUE),
    start = list(b = c(0, 0)), bias = "firth"
  )
  expect_identical(by_column$bias$response, "d$y")
  for (fit in list(by_formula, by_hand, by_density, by_column)) {
    expect_true(fit$converged)
    expect_length(fit$problems, 0L)
    expect_equal(unname(coef(fit)), unname(coef(wanted)),
                 tolerance = bias_tolerance)
    expect_equal(unname(vcov(fit)), unname(vcov(wanted)),
                 tolerance = bias_tolerance)
    expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(wanted)),
                 tolerance = bias_tolerance)
  }
  expect_identical(by_formula$bias$basis, "expected")
  expect_identical(by_hand$bias[c("basis", "response")],
                   list(basis = "canonical", response = "y"))
})

test_that("the endometrial cancer study has its published estimates", {
  skip_if_not_installed("brglm2")
  # Heinze and Schemper (2002), Statistics in Medicine 21, as logistf gives them
  study <- brglm2::endometrial
  fit <- mle_fit(HG ~ NV + PI + EH, data = study, family = binomial(),
                 bias = "firth")
  published <- cbind(c(3.77456, 2.92927, -0.03475, -2.60416),
                     c(1.48869, 1.55076, 0.03958, 0.77602))
  expect_lt(max(abs(coef(summary(fit))[, 1:2] - published)), 6e-6)
})

test_that("a saturated logit adds a half to each cell", {
  d <- data.frame(g = gl(2, 1), success = c(4, 7), failure = c(3, 0))
  fit <- mle_fit(cbind(success, failure) ~ g, data = d, family = binomial(),
                 bias = "firth")
  logits <- log((d$success + 0.5) / (d$failure + 0.5))
  expect_equal(unname(coef(fit)), c(logits[1], diff(logits)),
               tolerance = bias_tolerance)
})

test_that("families are adjusted as in brglm2, whatever the link", {
  skip_if_not_installed("brglm2")
  for (link in c("probit", "cloglog")) {
    for (type in c("AS_mean", "MPL_Jeffreys")) {
      wanted <- brglm_fit(am ~ wt + hp, binomial(link), mtcars, type)
      fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial(link),
                     bias = c(AS_mean = "firth", MPL_Jeffreys = "jeffreys")[[
                       type
                     ]])
      expect_equal(coef(fit), coef(wanted), tolerance = bias_tolerance)
    }
  }
  # The shape is one over the dispersion, and mean bias is not invariant.
  for (family in list(Gamma("log"), inverse.gaussian("log"))) {
    wanted <- brglm_fit(mpg ~ wt + hp, family, mtcars, "AS_mean",
                        transformation = "inverse")
    fit <- mle_fit(mpg ~ wt + hp, data = mtcars, family = family,
                   bias = "firth")
    shape <- 1 / summary(wanted)$dispersion
    expect_equal(unname(coef(fit)), unname(c(coef(wanted), shape)),
                 tolerance = bias_tolerance)
  }
})

test_that("weights of a family count observations", {
  twice <- mle_fit(y ~ x, data = separated[c(1:6, 1:3), ], family = binomial(),
                   bias = "firth")
  weighted <- mle_fit(y ~ x, data = separated, weights = c(2, 2, 2, 1, 1, 1),
                      family = binomial(), bias = "firth")
  expect_equal(coef(weighted), coef(twice), tolerance = bias_tolerance)
})

test_that("normal scale and exponential rate have their known corrections", {
  rss <- sum(residuals(lm(mpg ~ wt, mtcars))^2)
  fit <- mle_fit(mpg ~ wt, data = mtcars, bias = "firth")
  # (p + 1/2) / sigma is the adjustment of sigma
  expect_equal(coef(fit)[["sigma"]], sqrt(rss / (32 - 2 - 0.5)),
               tolerance = bias_tolerance)
  expect_equal(coef(fit)[1:2], coef(lm(mpg ~ wt, mtcars)),
               tolerance = bias_tolerance)
  y <- c(0.3, 1.2, 0.7, 2.9, 0.1)
  rate <- mle_fit(function(rate) dexp(y, rate, log = TRUE),
                  start = list(rate = positive(1)), bias = "firth")
  expect_equal(coef(rate)[["rate"]], 4 / sum(y), tolerance = bias_tolerance)
  expect_identical(rate$bias$basis, "canonical")
  corrected <- mle_fit(function(rate) dexp(y, rate, log = TRUE),
                       start = list(rate = positive(1)), bias = "cox-snell")
  expect_equal(coef(corrected)[["rate"]], 4 / sum(y),
               tolerance = bias_tolerance)
  expect_equal(corrected$bias$correction[["rate"]], 1 / sum(y),
               tolerance = bias_tolerance)
})

test_that("a gamma distribution in its canonical parameters has Jeffreys'", {
  y <- c(0.3, 1.2, 0.7, 2.9, 0.1, 1.4)
  adjusted <- function(p) {
    shape <- p[[1]]
    rate <- p[[2]]
    information <- matrix(c(trigamma(shape), -1 / rate, -1 / rate,
                            shape / rate^2), 2)
    change <- list(matrix(c(psigamma(shape, 2), 0, 0, 1 / rate^2), 2),
                   matrix(c(0, 1 / rate^2, 1 / rate^2, -2 * shape / rate^3), 2))
    c(sum(log(y)) - 6 * digamma(shape) + 6 * log(rate),
      6 * shape / rate - sum(y)) +
      vapply(change, function(d) sum(diag(solve(information, d))) / 2, 0)
  }
  fit <- mle_fit(
    function(shape, rate) dgamma(y, shape, rate, log = TRUE),
    start = list(shape = positive(1), rate = positive(1)), bias = "firth"
  )
  expect_identical(fit$bias$basis, "canonical")
  expect_lt(max(abs(adjusted(coef(fit)))), 1e-7)
})

# y ~ N(m, v): the score, the information and their derivatives by hand.
normal_pieces <- function(y, m, v) {
  r <- y - m
  list(
    score = cbind(r / v, (r^2 / v - 1) / (2 * v)),
    information = matrix(c(
      length(y) / v, sum(r) / v^2, sum(r) / v^2,
      sum(r^2) / v^3 - length(y) / (2 * v^2)
    ), 2)
  )
}

test_that("any likelihood maximises its empirically penalised form", {
  y <- c(1.1, 0.4, 3.9, -0.2, 2.2, 0.9, 7.3)
  penalised <- function(p) {
    at <- normal_pieces(y, p[[1]], p[[2]])
    sum(dnorm(y, p[[1]], sqrt(p[[2]]), log = TRUE)) -
      sum(diag(solve(at$information, crossprod(at$score)))) / 2
  }
  fit <- mle_fit(
    function(m, v) dnorm(y, m, sqrt(v), log = TRUE),
    start = list(m = 0, v = positive(3)), bias = "firth"
  )
  expect_identical(fit$bias$basis, "empirical")
  expect_equal(fit$bias$penalised, penalised(coef(fit)), tolerance = 1e-12)
  slopes <- admle:::difference_jacobian(penalised, unname(coef(fit)))
  expect_lt(max(abs(slopes)), 1e-7)
})

test_that("third derivatives and score-Hessian products are exact", {
  fit <- mle_fit(
    function(b, s) dt((mpg - b[1] - b[2] * wt) / exp(s), 4, log = TRUE) - s,
    start = list(b = c(35, -5), s = 1), data = mtcars
  )
  objective <- admle:::fit_objective(fit)
  theta <- unname(coef(fit)) + 0.1
  v <- cbind(c(1, -0.5, 2), c(0, 1, 0.3))
  third <- objective$third(theta, v)
  product <- objective$score_hessian(theta, v)
  scores <- function(theta) admle:::objective_scores(objective, theta)
  for (m in 1:2) {
    along <- function(t) {
      admle:::objective_hessian(objective, theta + t * v[, m]) %*% v[, m]
    }
    expect_equal(third[, m], drop(admle:::difference_jacobian(along, 0)),
                 tolerance = 1e-8)
    half <- function(theta) sum((scores(theta) %*% v[, m])^2) / 2
    expect_equal(product[, m], drop(admle:::difference_jacobian(half, theta)),
                 tolerance = 1e-8)
  }
})

test_that("a multinomial logit by hand is that of brglm2", {
  skip_if_not_installed("brglm2")
  gear <- factor(mtcars$gear)
  category <- as.integer(gear)
  X <- cbind(1, mtcars$wt)
  fit <- mle_fit(function(B) {
    index <- cbind(0, X %*% B)
    index[cbind(1:32, category)] - log(rowSums(exp(index)))
  }, start = list(B = matrix(0, 2, 2)), bias = "firth")
  wanted <- coef(brglm2::brmultinom(gear ~ wt, data = mtcars, ref = "3",
                                    type = "AS_mean", epsilon = 1e-12,
                                    maxit = 1000))
  expect_equal(unname(coef(fit)), unname(c(t(wanted))),
               tolerance = bias_tolerance)
})

test_that("a declared range is no limit to what can be adjusted", {
  category <- c(1, 1, 2, 3, 2, 1, 1)
  fit <- mle_fit(function(p) log(p[category]),
                 start = list(p = simplex(rep(1 / 3, 3))), bias = "firth")
  expect_true(fit$converged)
  expect_equal(sum(coef(fit)), 1, tolerance = 1e-12)
  constrained <- mle_fit(
    function(a, b) dbinom(y, 1, plogis(a + b * x), log = TRUE),
    start = list(a = 0, b = 0), data = separated, bias = "firth",
    constraints = "a = -3 * b"
  )
  moved <- mle_fit(
    function(b) dbinom(y, 1, plogis(b * (x - 3)), log = TRUE),
    start = list(b = 0), data = separated, bias = "firth"
  )
  expect_equal(coef(constrained)[["b"]], coef(moved)[["b"]],
               tolerance = bias_tolerance)
})

test_that("the fit says what was done", {
  logit <- function(a, b) dbinom(y, 1, plogis(a + b * x), log = TRUE)
  start <- list(a = 0, b = 0)
  expect_snapshot(
    print(mle_fit(logit, start, data = separated, bias = "firth"))
  )
  expect_snapshot(print(summary(
    mle_fit(am ~ wt, data = mtcars, family = binomial(), bias = "firth")
  )))
  expect_snapshot(
    print(mle_fit(am ~ wt, data = mtcars, family = binomial(),
                  bias = "cox-snell"))
  )
  expect_null(mle_fit(logit, start, data = cbind(y = mtcars$am,
                                                 x = mtcars$wt) |>
                        as.data.frame())$bias)
})

test_that("what cannot be done is an error", {
  logit <- function(a, b) dbinom(y, 1, plogis(a + b * x), log = TRUE)
  start <- list(a = 0, b = 0)
  expect_snapshot(error = TRUE, {
    mle_fit(logit, start, data = separated, bias = "frith")
    mle_fit(logit, start, data = separated, bias = "cox-snell")
    mle_fit(logit, start, data = separated, bias = "firth",
            derivatives = "numeric")
  })
  # A function with a rule for its slope, and one with a rule for the slope of
  # that too; neither has third derivatives.
  angle <- c(0.4, -0.1, 0.9, 0.2, -0.6, 0.3, 1.1, -0.2)
  first <- with_derivative(function(x) besselI(x, 0),
                           vjp = function(x, u) u * besselI(x, 1))
  slope <- with_derivative(
    function(x) besselI(x, 1),
    vjp = function(x, u) u * (besselI(x, 0) - besselI(x, 1) / x)
  )
  second <- with_derivative(function(x) besselI(x, 0),
                            vjp = function(x, u) u * slope(x))
  for (bessel in list(first, second)) {
    expect_error(
      mle_fit(
        function(mu, k) k * cos(angle - mu) - log(2 * pi * bessel(k)),
        start = list(mu = 0, k = 1), bias = "jeffreys"
      ),
      class = "admle_error_unsupported"
    )
  }
  total <- function(a, b) log(sum(exp(logit(a, b))))
  environment(total) <- list2env(c(separated, list(logit = function(a, b) {
    dbinom(separated$y, 1, pnorm(a + b * separated$x), log = TRUE)
  })))
  expect_error(mle_fit(total, start, bias = "firth"),
               class = "admle_error_unsupported")
})
