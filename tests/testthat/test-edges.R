# What people compute at the edges of functions: infinite limits of intervals,
# saturated curves, zeros in data, ties, singular matrices. The operations one
# by one are in test-op-edges.R.

both <- function(f, at) c(grad(f)(at), hessian(f)(at))

test_that("a zero times an infinite derivative is zero", {
  dose <- c(0, 1, 2)
  expect_equal(both(function(b) sum(exp(b * log(dose))), 1.5),
    2^1.5 * log(2)^(1:2))
  expect_equal(both(function(k) sum((dose / 4)^k), 0.5),
    c(sum((dose[-1] / 4)^0.5 * log(dose[-1] / 4)),
      sum((dose[-1] / 4)^0.5 * log(dose[-1] / 4)^2)))
  expect_equal(both(function(s) sum((dose / s)^0.5), 4),
    c(-sum(dose^0.5) / 16, 0.75 * sum(dose^0.5) / 32))
  expect_equal(both(function(b) sum(plogis(b * log(dose))), 1),
    c(log(2) * dlogis(log(2)),
      log(2)^2 * dlogis(log(2)) * (1 - 2 * plogis(log(2)))))
  expect_equal(both(function(v) sum(sqrt(v * dose)), 4),
    sum(sqrt(dose)) * c(1 / 4, -1 / 32))
  expect_equal(grad(function(p) exp(sum(log(c(dbinom(3, 2, p), p)))))(0.3), 0)
  expect_equal(both(function(p) prod(c(0, p, p)), 0.3), c(0, 0))
})

test_that("distribution functions at the lower end have derivatives inside", {
  expect_equal(both(function(l) ppois(0, l), 0), c(-1, 1))
  expect_equal(both(function(r) pgamma(2, 1, r), 0), c(2, -4))
  expect_equal(grad(function(r) pgamma(2, 1, r, lower.tail = FALSE,
    log.p = TRUE))(0), -2)
  expect_equal(both(function(q) pchisq(q, 2), 0), c(1, -1) / 2^(1:2))
  expect_equal(grad(function(r) pgamma(2, 0.5, r))(0), Inf)
  # Zeros in the data take no part.
  q <- c(0, 0.3, 2)
  for (shape in c(0.7, 1, 2)) {
    at <- c(shape, 0.7)
    with_zero <- function(t) sum(pgamma(q, t[1], t[2]))
    without <- function(t) sum(pgamma(q[-1], t[1], t[2]))
    expect_equal(both(with_zero, at), both(without, at))
  }
})

test_that("saturated curves have derivatives of zero", {
  curves <- list(
    function(v) 1 / (1 + exp(-v)), function(v) tanh(v),
    function(v) exp(-exp(v)), function(v) exp(-2 * exp(v)),
    function(v) 1 - exp(-exp(v)), function(v) log(1 + exp(-exp(v))),
    function(v) pexp(exp(v), log.p = TRUE), function(v) atan(exp(v)),
    function(v) pnorm(v), function(v) exp(v) / (1 + exp(v))
  )
  for (k in seq_along(curves)) {
    sides <- if (k == length(curves)) -800 else c(-800, 800)
    for (at in sides) {
      expect_equal(both(curves[[k]], at), c(0, 0),
        label = sprintf("%s at %g", deparse1(body(curves[[k]])), at))
    }
  }
})

test_that("infinite limits of intervals take no part", {
  lower <- c(-Inf, 0, 1, 0.5)
  upper <- c(0.5, 1, Inf, 2)
  inner <- function(p, F) {
    c(log(F(0.5, p)), log(F(1, p) - F(0, p)), log(1 - F(1, p)),
      log(F(2, p) - F(0.5, p)))
  }
  distributions <- list(
    function(q, p) pnorm(q, p[1], p[2]), function(q, p) plogis(q, p[1], p[2]),
    function(q, p) pcauchy(q, p[1], p[2]),
    function(q, p) pt((q - p[1]) / p[2], 5)
  )
  for (F in distributions) {
    given <- function(p) sum(log(F(upper, p) - F(lower, p)))
    expected <- function(p) sum(inner(p, F))
    at <- c(0.4, 1.3)
    expect_equal(grad(given)(at), grad(expected)(at))
    expect_equal(hessian(given)(at), hessian(expected)(at))
  }
  expect_equal(grad(function(p) sum(pexp(c(1, Inf), p)))(0.5), exp(-0.5))
  positive <- list(
    function(p) pgamma(Inf, p[1], p[2]), function(p) pweibull(Inf, p[1], p[2]),
    function(p) plnorm(c(0, Inf), p[1], p[2]), function(p) pf(Inf, p[1], p[2]),
    function(p) pgamma(0, p[1], p[2]), function(p) pbeta(0:1, p[1], p[2]),
    function(p) pnbinom(c(-1, Inf), p[1], mu = p[2]),
    function(p) ppois(c(-Inf, Inf), p[1] * p[2])
  )
  for (F in positive) {
    total <- function(p) sum(F(p))
    expect_equal(grad(total)(c(0.7, 1.2)), c(0, 0), label = deparse1(body(F)))
    expect_equal(hessian(total)(c(0.7, 1.2)), diag(0, 2),
      label = deparse1(body(F)))
  }
})

test_that("infinite degrees of freedom and sizes are the limits", {
  expect_equal(both(function(q) pt(q, Inf), 0.5), c(1, -0.5) * dnorm(0.5))
  expect_equal(both(function(q) dt(q, Inf, log = TRUE), 0.5), c(-0.5, -1))
  expect_equal(grad(function(q) pf(q, 3, Inf))(1.4), 3 * dchisq(4.2, 3))
  expect_equal(grad(function(q) pf(q, Inf, 3))(1.4),
    3 / 1.4^2 * dchisq(3 / 1.4, 3))
  expect_equal(grad(function(d) pf(1.4, d, Inf))(3),
    grad(function(d) pchisq(1.4 * d, d))(3))
  expect_equal(grad(function(q) sum(pf(q, c(3, Inf), c(4, Inf))))(1.4),
    df(1.4, 3, 4))
  for (size in c(1e8, 1e15, Inf)) {
    f <- function(m) pnbinom(2, size = size, mu = m, log.p = TRUE)
    g <- function(m) ppois(2, m, log.p = TRUE)
    expect_equal(f(2), value_and_grad(f)(2)$value)
    expect_equal(both(f, 2), both(g, 2), tolerance = 1e-6)
  }
  expect_equal(both(function(q) pbeta(q, 2, 3, ncp = 0), 0.3),
    both(function(q) pbeta(q, 2, 3), 0.3))
  expect_error(grad(function(q) pt(q, 5, ncp = 1))(1), "non-centrality")
})

test_that("means far above the size keep their derivatives", {
  at <- c(log(0.3), 40)
  size <- 0.3
  mean <- exp(40)
  # of -size * log1p(mean / size), in the logarithms of both
  slope <- -mean / (1 + mean / size)
  of_size <- -size * log1p(mean / size) - slope
  none <- function(p) dnbinom(0, exp(p[1]), mu = exp(p[2]), log = TRUE)
  expect_equal(grad(none)(at), c(of_size, slope))
  expect_equal(hessian(none)(at), rbind(
    c(of_size - slope, slope), c(slope, 0)
  ))
  some <- function(p) dnbinom(4, exp(p[1]), mu = exp(p[2]), log = TRUE)
  expect_equal(grad(some)(at)[[2]], -size)
  up_to <- function(p) pnbinom(0, exp(p[1]), mu = exp(p[2]), log.p = TRUE)
  expect_equal(grad(up_to)(at), grad(none)(at))
})

test_that("determinants have derivatives at singular matrices", {
  two <- function(v) det(matrix(c(1, v, v, 1), 2))
  expect_equal(both(two, 1), c(-2, -2))
  three <- function(v) det(matrix(c(1, v, v, v, 1, v, v, v, 1), 3))
  expect_equal(both(three, 1), c(0, 6))
  m <- outer(1:5, 1:5) + diag(c(0, 0, 1, 1, 1))
  values <- eigen(m, symmetric = TRUE)$values
  products <- function(k) sum(combn(values, k, prod))
  expect_equal(both(function(v) det(m + diag(rep(v, 5))), 0),
    c(products(4), 2 * products(3)))
  regular <- m + diag(5)
  expect_equal(grad(function(v) det(regular * v))(1), 5 * det(regular))
})

test_that("rounding at ties is R's", {
  for (x in c(0.15, 2.5, -0.35, 1e5 + 0.125)) {
    for (digits in c(-1, 0, 1, 2)) {
      r <- value_and_grad(function(v) round(v, digits) * v)(x)
      expect_identical(r$value, round(x, digits) * x)
      expect_identical(r$grad, round(x, digits))
    }
  }
  expect_identical(grad(function(v) signif(v, 2) * v)(0.125), signif(0.125, 2))
})

test_that("extremes leave out NaN where R does", {
  f <- function(v) v[which.max(suppressWarnings(log(v)))]^2
  expect_equal(grad(f)(c(-1, 2, 3)), c(0, 0, 6))
  none <- function(v) sum(v) + length(which.min(suppressWarnings(log(v))))
  expect_equal(value_and_grad(none)(c(-1, -2))$value, -3)
})

test_that("empty matrices and columns of data frames record", {
  expect_equal(grad(function(p) p^2 + sum(matrix(0, 0, 2) / p))(0.5), 1)
  data <- data.frame(x = c(1, 2, 3))
  column <- function(b) {
    data[, "eta"] <- b * data$x
    data["twice"] <- 2 * data$eta
    sum(data$eta * data$twice)
  }
  expect_equal(grad(column)(0.5), 2 * 0.5 * 2 * 14)
})

test_that("a gradient that is not finite is traced to its call", {
  x <- c(1, 2, 0, 4)
  expect_warning(
    mle_fit(function(a, b) -(sqrt(a + x) - b)^2, list(a = 0, b = 1)),
    "derivative of `sqrt\\(a \\+ x\\)` is Inf in observation 3, at a = 0"
  )
})
