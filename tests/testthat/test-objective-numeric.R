# Derivatives by differences, where the domain ends and where there are none.

numeric <- function(...) mle_fit(..., derivatives = "numeric")
set.seed(1)
y <- 1 + rnorm(61)
u <- runif(50, 0, 3)

test_that("steps shrink before the edge, and fits are those of exact ones", {
  fn <- function(m, s) dnorm(y, m, s, log = TRUE)
  exact <- mle_fit(fn, list(m = 0, s = 1))
  for (s in c(1e-8, 1e-3, 1)) {
    fit <- numeric(fn, list(m = 0, s = s))
    expect_equal(coef(fit), coef(exact), tolerance = 1e-7)
    expect_equal(vcov(fit), vcov(exact), tolerance = 1e-6)
  }
})

test_that("at an edge the slope is that from inside", {
  makers <- difference_maker(function(t) if (t <= 0.5) exp(t) else NaN, 0.5, 1)
  expect_equal(makers$gradient(0.5), exp(0.5), tolerance = 1e-6)
  expect_equal(makers$gradient(0.2), exp(0.2), tolerance = 1e-9)
})

test_that("edges are told as with exact derivatives", {
  uniform <- function(b) dunif(u, 0, b, log = TRUE)
  expect_warning(fit <- numeric(uniform, list(b = 5)),
                 "edge of its domain, in `b`: beyond, 1 observation",
                 class = "admle_warning_edge")
  expect_identical(vcov(fit)[[1]], NA_real_)
  guarded <- function(a, b) {
    if (a > 0.5) stop("a is too large")
    -(a - 2)^2 - (b - 1)^2
  }
  expect_warning(fit <- numeric(guarded, list(a = 0, b = 0)),
                 "\"a is too large\"\\. There is.*\\s+error for\\s+`a`;",
                 class = "admle_warning_boundary")
  expect_equal(coef(fit), c(a = 0.5, b = 1), tolerance = 1e-6)
  expect_equal(unname(sqrt(diag(vcov(fit)))), c(NA, sqrt(0.5)),
               tolerance = 1e-6)
  share <- function(p) c(20, 13) * log(p) + c(0, 7) * log(1 - p)
  fit <- suppressWarnings(numeric(share, list(p = c(0.6, 0.5))))
  expect_equal(unname(sqrt(diag(vcov(fit)))), c(NA, sqrt(0.65 * 0.35 / 20)),
               tolerance = 1e-5)
})

test_that("kinks are seen, and no smooth function is taken for one", {
  kinds <- function(fit) vapply(fit$problems, `[[`, "", "kind")
  kinked <- list(
    numeric = function(m) -abs(y - m), total = function(m) -sum(abs(y - m)),
    penalised = function(m) -(y - m)^2 - 3 * abs(m)
  )
  for (fn in kinked) {
    fit <- suppressWarnings(numeric(fn, list(m = 0.3)))
    expect_identical(kinds(fit), "kink")
    expect_false(fit$converged)
    expect_identical(vcov(fit)[[1]], NA_real_)
  }
  smooth <- list(function(m) dnorm(y, m, 1, log = TRUE),
                 function(m) dcauchy(y, m, 0.1, log = TRUE),
                 function(m) -log(cosh(5 * (y - m))))
  for (fn in smooth) expect_length(numeric(fn, list(m = 0.9))$problems, 0)
})

test_that("the parameter that fails is named at the start", {
  refused <- function(fn, start) {
    expect_no_warning(expect_error(
      numeric(fn, start), "another `s`, as at\\s+s\\s+=\\s+1.*positive\\(\\)",
      class = "admle_error_nonfinite"
    ))
  }
  refused(function(m, s) dnorm(y, m, s, log = TRUE), list(m = 0, s = -1))
  refused(function(m, s) dnorm(y, m, s, log = TRUE), list(m = 0, s = 0))
  refused(function(m, s) if (s > 0) dnorm(y, m, s, log = TRUE) else -Inf,
          list(m = 0, s = -1))
})

test_that("a constant is a point outside", {
  fit <- numeric(function(m, s) {
    if (s <= 0) return(-1e10)
    sum(dnorm(y, m, s, log = TRUE))
  }, list(m = 8, s = 20))
  expect_equal(unname(coef(fit)), c(mean(y), sqrt(mean((y - mean(y))^2))),
               tolerance = 1e-6)
})

test_that("a difference asks for its values alone", {
  calls <- 0
  value <- function(theta) {
    calls <<- calls + 1
    -sum((theta - 1:2)^2) - 0.1 * prod(theta)
  }
  by_hand <- difference_maker(value, c(0.6, 0.4), 1)
  slopes <- by_hand$gradient(c(0.6, 0.4))
  calls <- 0
  expect_identical(by_hand$gradient(c(0.6, 0.4)), slopes)
  alone <- calls
  # The objective adds what tells a constant function, once for the point.
  fn <- function(a, b) value(c(a, b))
  parameters <- parameters_new(list(a = 0.6, b = 0.4), fn)
  objective <- numeric_objective(fn, parameters)
  objective$gradient(c(0.6, 0.4))
  calls <- 0
  expect_identical(objective$gradient(c(0.6, 0.4)), slopes)
  expect_identical(calls, alone)
})
