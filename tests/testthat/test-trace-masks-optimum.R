# R's optimisers inside a recorded function. The references are roots of the
# gradient, whose derivatives are tested in test-trace-masks-inside.R.

loss <- function(t, v) (t - v[1])^2 + t^4 / 10 + exp(t * v[2])
best <- function(v) {
  uniroot(function(t) 2 * (t - v[1]) + 0.4 * t^3 + v[2] * exp(t * v[2]),
          c(-2, 3), tol = 1e-15)$root
}
least <- function(v) loss(best(v), v)
at <- c(1.3, 0.4)

expect_same <- function(f, reference, at) {
  expect_equal(f(at), reference(at), tolerance = 1e-3)
  expect_equal(value_and_grad(f)(at), value_and_grad(reference)(at),
               tolerance = 1e-12)
  expect_equal(jacobian(hessian(f))(at), jacobian(hessian(reference))(at),
               tolerance = 1e-10)
}

test_that("the place and the value of an optimum have all derivatives", {
  expect_same(function(v) optimize(loss, c(-2, 3), v = v)$minimum, best, at)
  expect_same(function(v) optimise(loss, c(-2, 3), v = v)$objective, least, at)
  expect_same(function(v) {
    optimize(function(t) -loss(t, v), lower = -2, upper = 3,
             maximum = TRUE)$maximum
  }, best, at)
  expect_same(function(v) nlm(loss, 0, v = v)$estimate, best, at)
  expect_same(function(v) nlm(loss, 0, v = v)$minimum, least, at)
  expect_same(function(v) nlminb(0, loss, v = v)$par, best, at)
  expect_same(function(v) nlminb(0, loss, v = v)$objective, least, at)
  expect_same(function(v) optim(0, loss, v = v, method = "BFGS")$par, best, at)
  expect_same(function(v) {
    optim(0, function(t) -loss(t, v), grad(function(t) -loss(t, v)),
          method = "CG", control = list(fnscale = -1))$value
  }, function(v) -least(v), at)
})

test_that("several unknowns, their names and their Hessian", {
  q <- matrix(c(2, 0.5, 0.5, 3), 2)
  quadratic <- function(t, v) sum(t * (q %*% t)) / 2 - sum(t * v^2)
  solution <- function(v) c(solve(q, v^2))
  start <- c(a = 0, b = 0)
  f <- function(v) optim(start, quadratic, v = v)$par
  expect_equal(jacobian(f)(at),
               unname(jacobian(solution)(at)) |> `dimnames<-`(
                 list(names(start), NULL)), tolerance = 1e-12)
  inner <- function(v) optim(start, quadratic, v = v, hessian = TRUE,
                             method = "BFGS")$hessian[1, 2] * v[1]
  expect_equal(grad(inner)(at), c(0.5, 0), tolerance = 1e-12)
})

test_that("an optimum on a bound stays there, and leaves it when it would", {
  expect_same(function(v) {
    nlminb(0, loss, v = v, upper = v[2] / 2)$objective
  }, function(v) loss(v[2] / 2, v), at)
  expect_same(function(v) {
    optimize(function(t) (t - v[1])^2 * v[2], c(2, 5))$objective
  }, function(v) (2 - v[1])^2 * v[2], at)
  coupled <- function(t, v) sum((t - v)^2) + t[1] * t[2] * v[1] + sum(t^4)
  expect_same(function(v) {
    optim(c(0, 0), coupled, v = v, method = "L-BFGS-B",
          lower = c(-1, 0.25))$par[1]
  }, function(v) {
    uniroot(function(s) 2 * (s - v[1]) + 0.25 * v[1] + 4 * s^3, c(-1, 1),
            tol = 1e-15)$root
  }, c(0.3, 0.2))
  y <- c(1.2, 0.8, 2.1, 1.7)
  fit <- mle_fit(function(m, s) {
    o <- optim(c(1, 1), function(t) sum((t - m)^2) + t[1] * t[2] / 10,
               method = "L-BFGS-B", lower = c(0, 0.5))
    dnorm(y, o$par[1], s, log = TRUE)
  }, list(m = 0.1, s = positive(1)))
  expect_equal(coef(fit)[["m"]] / 1.05, mean(y), tolerance = 1e-8)
})

test_that("what has no strict optimum is told", {
  expect_error(grad(function(m) optimize(function(t) abs(t - m),
                                         c(0, 3))$minimum)(1.1),
               "no strict minimum", class = "admle_error_value")
  expect_equal(grad(function(m) optimize(function(t) (t - m)^4 + m,
                                         c(0, 3))$objective)(1.1), 1,
               tolerance = 1e-9)
})

test_that("a profile by an inner optimum is the fit of both", {
  x <- seq(-2, 2, length.out = 40)
  y <- 2 * exp(0.5 * x) + sin(20 * x) / 5
  squares <- function(a, b) sum((y - a * exp(b * x))^2)
  fit <- mle_fit(function(b) {
    -optimize(squares, c(0, 10), b = b)$objective / 2
  }, list(b = 0.1))
  joint <- mle_fit(function(a, b) -squares(a, b) / 2, list(a = 1, b = 0.1))
  expect_equal(coef(fit)[["b"]], coef(joint)[["b"]], tolerance = 1e-8)
  expect_equal(vcov(fit)["b", "b"], vcov(joint)["b", "b"], tolerance = 1e-8)
})

test_that("what depends on no parameter is R's own", {
  f <- function(v) {
    o <- optim(c(1, 1), function(t) sum((t - 1:2)^2))
    v * sum(o$par) * nlminb(0, function(t) (t - 1)^2)$par *
      nlm(function(t) (t - 1)^2, 0)$estimate *
      optimize(function(t) (t - 1)^2, c(0, 3))$minimum
  }
  expect_identical(value_and_grad(f)(1)$value, f(1))
})

test_that("Brent's method leaves what belongs on a bound there", {
  nearest <- function(a) {
    optim(1, function(x) (x - a)^2, method = "Brent", lower = 0, upper = 1)
  }
  expect_equal(c(grad(function(a) nearest(a)$value)(2)), 2, tolerance = 1e-10)
  expect_equal(c(grad(function(a) nearest(a)$par)(2)), 0)
  far <- function(a) optimize(function(x) -a * x, c(0, 1e6))$minimum
  expect_equal(c(grad(far)(2)), 0)
})
