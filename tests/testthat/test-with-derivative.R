# Functions with a rule of the user's. Their derivatives are compared with those
# of the same functions written so that admle records them.

test_that("a rule that can be recorded gives derivatives of any order", {
  f <- with_derivative(
    function(x) besselI(x, 0), vjp = function(x, u) u * g(x)
  )
  g <- with_derivative(
    function(x) besselI(x, 1), vjp = function(x, u) u * (f(x) - g(x) / x)
  )
  x <- 1.7
  i0 <- besselI(x, 0)
  i1 <- besselI(x, 1)
  expect_equal(f(x), i0)
  expect_equal(grad(f)(x), i1, tolerance = 1e-14)
  expect_equal(grad(grad(f))(x), i0 - i1 / x, tolerance = 1e-13)
  expect_equal(
    grad(grad(grad(f)))(x), i1 - i0 / x + 2 * i1 / x^2, tolerance = 1e-13
  )
})

test_that("forward and backward rules stand for each other", {
  value <- function(x) c(x[1] * x[2], exp(x[2]))
  plain <- function(x) c(x[1] * x[2], exp(x[2]))
  backward <- with_derivative(value, vjp = function(x, u) {
    c(u[1] * x[2], u[1] * x[1] + u[2] * exp(x[2]))
  })
  forward <- with_derivative(value, jvp = function(x, v) {
    c(v[1] * x[2] + x[1] * v[2], exp(x[2]) * v[2])
  })
  at <- c(0.4, -1.1)
  for (f in list(backward, forward)) {
    expect_equal(jacobian(f)(at), jacobian(plain)(at), tolerance = 1e-14)
    scalar <- function(x) sum(f(x)^2)
    expect_equal(
      hessian(scalar)(at), hessian(function(x) sum(plain(x)^2))(at),
      tolerance = 1e-13
    )
    expect_equal(vjp(f)(at, c(1, 2)), vjp(plain)(at, c(1, 2)))
    expect_equal(jvp(f)(at, c(1, 2)), jvp(plain)(at, c(1, 2)))
  }
})

test_that("several arguments have a list of derivatives", {
  f <- with_derivative(
    function(a, b) a * exp(b),
    vjp = function(a, b, u) list(sum(u * exp(b)), u * a * exp(b))
  )
  through <- function(a) sum(f(a, a * c(1, 2)))
  plain <- function(a) sum(a * exp(a * c(1, 2)))
  expect_equal(grad(through)(0.5), grad(plain)(0.5), tolerance = 1e-14)
  expect_equal(hessian(through)(0.5), hessian(plain)(0.5), tolerance = 1e-14)
})

# as.character() cannot be recorded, neither in the function nor in its rule.
opaque <- function(x) as.numeric(as.character(x))

test_that("a rule that is only called back ends with its own order", {
  f <- with_derivative(
    function(x) opaque(x)^2, vjp = function(x, u) opaque(2 * x * u)
  )
  expect_equal(grad(function(x) sum(f(x)))(c(1, 2)), c(2, 4))
  expect_equal(jacobian(f)(c(1, 2)), diag(c(2, 4)))
  expect_error(
    hessian(function(x) sum(f(x)))(c(1, 2)), class = "admle_error_unsupported"
  )
})

test_that("a fit with such a rule says that its Hessian is differenced", {
  f <- with_derivative(
    function(x) opaque(x)^2, vjp = function(x, u) opaque(2 * x * u)
  )
  y <- c(1.5, 2.25, 4)
  fit <- mle_fit(function(mu) -f(y - mu) / 2, start = list(mu = 0))
  expect_true(fit$converged)
  expect_equal(coef(fit), c(mu = mean(y)), tolerance = 1e-8)
  expect_equal(vcov(fit)[[1]], 1 / 3, tolerance = 1e-8)
  expect_output(print(fit), "differences of the exact gradient")
})

test_that("rules are checked", {
  expect_snapshot(error = TRUE, {
    with_derivative(function(x) x)
    with_derivative("x", vjp = identity)
    with_derivative(sin, vjp = 3)
    wrong <- with_derivative(
      function(x) opaque(x), vjp = function(x, u) opaque(c(u, 1))
    )
    grad(function(x) sum(wrong(x)))(1)
    grad(with_derivative(function(x) "a", vjp = function(x, u) u))(1)
  })
})

test_that("a rule that is not the derivative is an error that names it", {
  square <- function(x) x^2
  wrong <- with_derivative(square, vjp = function(x, u) -2 * x * u)
  expect_error(grad(wrong)(3), "The rule `vjp`.* says -[0-9.]+, and differences",
               class = "admle_error_value")
  expect_error(
    hessian(with_derivative(square, jvp = function(x, v) 3 * x * v))(3),
    "The rule `jvp`"
  )
  right <- with_derivative(square, vjp = function(x, u) 2 * x * u)
  expect_equal(grad(right)(3), 6)
  # A kink at the point of recording is no mistake.
  kink <- with_derivative(function(x) abs(x), vjp = function(x, u) u * sign(x))
  expect_identical(grad(kink)(0), 0)
})
