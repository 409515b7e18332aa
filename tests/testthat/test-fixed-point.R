# fixed_point(): its solutions and their derivatives.

test_that("the solution is exact, in the shape of the start", {
  expect_identical(fixed_point(cos, 1), cos(fixed_point(cos, 1)))
  # The iteration would take 10^5 steps.
  slow <- fixed_point(function(x, a) a + 0.9999 * x, 0, a = 1)
  expect_equal(slow, 1 / (1 - 0.9999), tolerance = 1e-12)
  named <- fixed_point(function(x) x / 2 + 1:2, c(a = 0, b = 0))
  expect_identical(named, c(a = 2, b = 4))
  square <- fixed_point(function(m) m %*% m / 4 + diag(2) / 2, diag(2) / 3)
  expect_identical(dim(square), c(2L, 2L))
  expect_equal(square %*% square / 4 + diag(2) / 2, square)
})

test_that("its derivatives are those of the solution", {
  expect_derivatives(function(v) {
    fixed_point(function(x) v[1] * cos(x) + v[2] * rev(x), c(0.1, 1))
  }, list(v = c(0.3, 0.4)))
  # Sylvester's equation X = A X B + C by vec(X).
  f <- function(v) {
    a <- matrix(c(v, 0.1, 0.2), 2) / 3
    fixed_point(function(x) a %*% x %*% t(a) + diag(2), diag(2))
  }
  closed <- function(v) {
    a <- matrix(c(v, 0.1, 0.2), 2) / 3
    matrix(solve(diag(4) - kronecker(a, a), c(diag(2))), 2)
  }
  at <- c(0.7, 0.5)
  expect_equal(f(at), closed(at), tolerance = 1e-13)
  expect_equal(jacobian(f)(at), jacobian(closed)(at), tolerance = 1e-12)
})

test_that("errors say what is wrong", {
  expect_error(fixed_point(cos, "a"), class = "admle_error_argument")
  expect_error(fixed_point(function(x) c(x, 1), 1), "as many numbers",
               class = "admle_error_value")
  for (f in list(function(a) fixed_point(function(x) x + exp(a), 1),
                 grad(function(a) fixed_point(function(x) x + exp(a), 1)))) {
    expect_error(f(1), "no fixed point was found",
                 class = "admle_error_value")
  }
})

test_that("a contraction in a likelihood: demand for differentiated goods", {
  set.seed(5)
  x <- matrix(rnorm(60), 10)
  xi <- matrix(rnorm(60, 0, 0.3), 10)
  tastes <- qnorm(ppoints(15))
  shares <- function(delta, x, sigma) {
    u <- exp(delta + sigma * outer(x, tastes))
    rowMeans(u / rep(1 + colSums(u), each = length(x)))
  }
  s <- sapply(1:6, function(t) shares(x[, t] - 1 + xi[, t], x[, t], 0.8))
  delta <- function(t, sigma) {
    fixed_point(function(d) d + log(s[, t]) - log(shares(d, x[, t], sigma)),
                log(s[, t]))
  }
  expect_equal(delta(1, 0.8), x[, 1] - 1 + xi[, 1], tolerance = 1e-12)
  # The implicit function theorem, by hand.
  expect_equal(c(jacobian(function(sigma) delta(1, sigma))(0.8)), {
    d <- delta(1, 0.8)
    -solve(jacobian(function(d) shares(d, x[, 1], 0.8))(d),
           jacobian(function(z) shares(d, x[, 1], z))(0.8))[, 1]
  }, tolerance = 1e-11)
  fit <- mle_fit(function(a, b, sigma, s) unlist(lapply(1:6, function(t) {
    dnorm(delta(t, sigma), a + b * x[, t], s, log = TRUE)
  })), list(a = 0, b = 0.5, sigma = fixed(0.8), s = positive(1)))
  ols <- lm(c(x - 1 + xi) ~ c(x))
  expect_equal(unname(coef(fit)[c("a", "b")]), unname(coef(ols)),
               tolerance = 1e-8)
})

test_that("a dynamic programme inside a likelihood: replacement of engines", {
  # Rust (1987), the model and the estimates of table IX, at a discount factor
  # of 0.9999, on fewer states.
  states <- 30L
  moves <- c(0.3919, 0.5953, 0.0128)
  ahead <- sapply(0:2, function(j) pmin(seq_len(states) + j, states))
  bellman <- function(ev, v) {
    keep <- -1e-3 * v[2] * (seq_len(states) - 1) + 0.9999 * ev
    replace <- -v[1] + 0.9999 * ev[1]
    top <- pmax(keep, replace)
    drop(matrix((top + log(exp(keep - top) + exp(replace - top)))[ahead],
                states) %*% moves)
  }
  value <- function(v) fixed_point(bellman, numeric(states), v)
  v <- c(10.075, 2.293)
  ev <- value(v)
  expect_equal(bellman(ev, v), ev, tolerance = 1e-13)
  expect_equal(jacobian(value)(v), solve(
    diag(states) - jacobian(bellman, "ev")(ev, v),
    jacobian(bellman, "v")(ev, v)
  ), tolerance = 1e-10)
})
