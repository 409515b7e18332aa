# The derivative operators: shapes, names, lists, nesting, errors.

cobb_douglas <- function(x, y) x^0.8 * y^0.2
rosenbrock <- function(p) 100 * (p[[2]] - p[[1]]^2)^2 + (1 - p[[1]])^2

test_that("the Cobb-Douglas function: closed forms to second order", {
  expect_equal(grad(cobb_douglas)(2, 3), 0.8 * (3 / 2)^0.2, tolerance = 1e-15)
  expect_equal(grad(cobb_douglas, "y")(2, 3), 0.2 * (2 / 3)^0.8,
    tolerance = 1e-15)
  expect_equal(grad(cobb_douglas, 2)(2, 3), 0.2 * (2 / 3)^0.8,
    tolerance = 1e-15)
  expect_equal(grad(grad(cobb_douglas))(2, 3), -0.16 * 2^-1.2 * 3^0.2,
    tolerance = 1e-14)
  expect_equal(grad(grad(cobb_douglas), "y")(2, 3), 0.16 * 2^-0.2 * 3^-0.8,
    tolerance = 1e-14)
  expect_equal(grad(grad(cobb_douglas, "y"))(2, 3),
    grad(grad(cobb_douglas), "y")(2, 3),
    tolerance = 1e-14)
})

test_that("derivatives to fourth order", {
  d4 <- grad(grad(grad(grad(function(x) x^5 + exp(2 * x)))))
  expect_equal(d4(0.7), 120 * 0.7 + 16 * exp(1.4), tolerance = 1e-14)
  d4 <- grad(grad(grad(grad(function(x) dnorm(x)))))
  expect_equal(d4(0.7), (0.7^4 - 6 * 0.7^2 + 3) * dnorm(0.7), tolerance = 1e-13)
  mixed <- grad(grad(grad(grad(function(x, y) exp(x * y)), "y")), "y")
  # d4/dx2dy2 exp(xy) = (2 + 4 x y + x^2 y^2) exp(xy)
  expect_equal(mixed(0.3, 0.8), (2 + 4 * 0.24 + 0.24^2) * exp(0.24),
    tolerance = 1e-14)
})

test_that("gradients keep shape and names", {
  expect_identical(grad(function(x) sum(x^2))(c(a = 1, b = 2)), c(a = 2, b = 4))
  m <- matrix(1:4 + 0, 2, dimnames = list(c("r", "s"), c("u", "v")))
  expect_identical(grad(function(x) sum(x^2))(m), 2 * m)
  a <- array(1:8 + 0, c(2, 2, 2))
  expect_identical(grad(function(x) sum(x^2))(a), 2 * a)
  expect_identical(grad(function(x) sum(x^2))(1:3), c(2, 4, 6))
  expect_identical(grad(function(x) x^2)(c(a = 3)), c(a = 6))
  expect_identical(value_and_grad(function(x) sum(x^2))(c(a = 1, b = 2)),
    list(value = 5, grad = c(a = 2, b = 4)))
})

test_that("lists of parameters give lists of the same shape", {
  f <- function(p) sum(p$b^2) * p$s + sum(p$m)
  at <- list(b = c(x = 1, y = 2), s = 3, m = diag(2))
  expect_identical(grad(f)(at),
    list(b = c(x = 6, y = 12), s = 5, m = matrix(1, 2, 2)))
  h <- hessian(f)(at)
  expect_identical(dim(h), c(7L, 7L))
  expect_identical(h[1:3, 1:3], matrix(c(6, 0, 2, 0, 6, 4, 2, 4, 0), 3,
    dimnames = list(c("b.x", "b.y", "s"), c("b.x", "b.y", "s"))))
  expect_identical(names(jacobian(function(p) p$b * p$s)(at)), c("b", "s", "m"))
  expect_identical(hvp(f)(at, list(b = c(0, 1), s = 0, m = 0 * at$m)),
    list(b = c(x = 0, y = 6), s = 4, m = matrix(0, 2, 2)))
})

test_that("Jacobians have rows for values and columns for arguments", {
  f <- function(x) c(p = x[[1]] * x[[2]], q = x[[1]]^2, r = 7)
  expect_identical(jacobian(f)(c(a = 2, b = 3)), matrix(c(3, 4, 0, 2, 0, 0), 3,
    dimnames = list(c("p", "q", "r"), c("a", "b"))))
  expect_identical(jacobian(function(x) x^2)(3), matrix(6))
  expect_identical(jacobian(function(x) 1)(c(1, 2)), matrix(0, 1, 2))
  m <- matrix(c(1, 2, 3, 4), 2)
  expect_identical(jacobian(function(x) x %*% c(1, 1))(m),
    rbind(c(1, 0, 1, 0), c(0, 1, 0, 1)))
})

test_that("products with vectors agree with the matrices", {
  f <- function(x) c(x[1] * x[2], exp(x[3]), sum(x^3), x[1] / x[3])
  x <- c(0.4, 1.3, -0.6)
  J <- jacobian(f)(x)
  v <- c(0.2, -1, 0.5)
  u <- c(1, -0.3, 0.7, 2)
  expect_equal(jvp(f)(x, v), drop(J %*% v), tolerance = 1e-15)
  expect_equal(vjp(f)(x, u), drop(u %*% J), tolerance = 1e-15)
  H <- hessian(rosenbrock)(c(-1.2, 1))
  expect_identical(H, rbind(c(1330, 480), c(480, 200)))
  expect_equal(hvp(rosenbrock)(c(-1.2, 1), c(0.3, 2)), drop(H %*% c(0.3, 2)),
    tolerance = 1e-15)
  expect_equal(hvp(rosenbrock)(v = c(1, 0), p = c(-1.2, 1)), H[, 1],
    tolerance = 1e-15)
})

test_that("the operators agree in every order of nesting", {
  f <- function(x) sum(exp(x[1:2] * x[2:3])) + prod(x) + log(1 + sum(x^2))
  x <- c(0.4, 1.3, -0.6)
  H <- hessian(f)(x)
  expect_equal(jacobian(grad(f))(x), H, tolerance = 1e-14)
  expect_equal(jacobian(function(x) vjp(f)(x, 1))(x), H, tolerance = 1e-14)
  by_columns <- function(x) {
    cbind(jvp(f)(x, c(1, 0, 0)), jvp(f)(x, c(0, 1, 0)), jvp(f)(x, c(0, 0, 1)))
  }
  expect_equal(jacobian(by_columns)(x), H, tolerance = 1e-14)
  expect_equal(t(sapply(1:3, function(i) hvp(f)(x, diag(3)[i, ]))), H,
    tolerance = 1e-14)
  # Third order: the Jacobian of the Hessian is symmetric in all three indices.
  T3 <- array(jacobian(hessian(f))(x), c(3, 3, 3))
  expect_equal(T3, aperm(T3, c(3, 1, 2)), tolerance = 1e-13)
  expect_equal(T3, aperm(T3, c(2, 1, 3)), tolerance = 1e-13)
  expect_derivatives(f, list(x = x), analytic = TRUE)
})

test_that("perturbations are not confused", {
  # d/dx x * (d/dy (x + y)) at y = 1 is 1, not 2 (Siskind and Pearlmutter 2005).
  f <- function(x) x * grad(function(y) x + y)(1)
  expect_identical(grad(f)(1), 1)
  f <- function(x) x * grad(function(y) x * y)(2)
  expect_identical(grad(f)(3), 6)
  # The inner point depends on the outer variable.
  f <- function(x) grad(function(y) y^3 * x)(x^2)
  expect_equal(grad(f)(1.5), 15 * 1.5^4, tolerance = 1e-15)
  # The same name at both levels.
  f <- function(x) grad(function(x) x^3)(2 * x) + x
  expect_identical(grad(f)(1), 25)
  inner <- function(x, s) grad(function(z) s * sin(z * x))(x)
  expect_derivatives(inner, list(x = 0.7, s = 1.3))
})

test_that("a derivative may be part of a likelihood", {
  # The density of exp(normal) by the change of variables, the Jacobian by
  # admle.
  y <- c(0.4, 1.2, 2.5)
  transform <- function(y) log(y)
  loglik <- function(theta) {
    slope <- jvp(transform)(y, rep(1, 3))
    sum(dnorm(transform(y), theta[1], exp(theta[2]), log = TRUE) + log(slope))
  }
  direct <- function(theta) sum(dlnorm(y, theta[1], exp(theta[2]), log = TRUE))
  theta <- c(0.2, -0.4)
  expect_equal(loglik(theta), direct(theta), tolerance = 1e-15)
  expect_equal(grad(loglik)(theta), grad(direct)(theta), tolerance = 1e-14)
  expect_equal(hessian(loglik)(theta), hessian(direct)(theta),
    tolerance = 1e-14)
  # With a parameter in the transformation (Box-Cox), the slope from grad().
  box_cox <- function(theta) {
    z <- (y^theta[3] - 1) / theta[3]
    slope <- sapply(y,
      function(v) grad(function(v) (v^theta[3] - 1) / theta[3])(v))
    sum(dnorm(z, theta[1], exp(theta[2]), log = TRUE) + log(slope))
  }
  closed <- function(theta) {
    z <- (y^theta[3] - 1) / theta[3]
    sum(dnorm(z, theta[1], exp(theta[2]), log = TRUE) + (theta[3] - 1) * log(y))
  }
  theta <- c(0.2, -0.4, 0.7)
  expect_equal(grad(box_cox)(theta), grad(closed)(theta), tolerance = 1e-13)
  expect_equal(hessian(box_cox)(theta), hessian(closed)(theta),
    tolerance = 1e-12)
})

test_that("functions that do not depend on the argument have zero derivatives",
  {
  expect_identical(grad(function(x) 3)(2), 0)
  expect_identical(grad(function(x, y) y^2)(c(a = 1, b = 2), 3),
    c(a = 0, b = 0))
  expect_identical(hessian(function(x) sum(x))(c(1, 2)), matrix(0, 2, 2))
  expect_identical(jvp(function(x) c(1, 2))(3, 1), c(0, 0))
  expect_identical(vjp(function(x) c(1, 2))(3, c(1, 1)), 0)
})

test_that("branches are followed at the point", {
  f <- function(x) if (x > 1) x^2 else 3 * x
  expect_identical(grad(f)(2), 4)
  expect_identical(grad(f)(0.5), 3)
  newton <- function(a) {
    x <- 1
    while (abs(x^2 - a) > 1e-14) x <- (x + a / x) / 2
    x
  }
  expect_equal(grad(newton)(2), 0.5 / sqrt(2), tolerance = 1e-13)
  power <- function(x, n) if (n == 0) 1 else x * power(x, n - 1)
  expect_equal(grad(power)(1.3, 5), 5 * 1.3^4, tolerance = 1e-15)
})

test_that("arguments by name, position, default and dots", {
  f <- function(x, scale = 2, ...) sum(x * scale)^2
  expect_identical(grad(f)(x = c(1, 2)), c(24, 24))
  expect_identical(grad(f)(scale = 1, c(1, 2)), c(6, 6))
  expect_identical(grad(f, "scale")(c(1, 2), 1), 18)
  expect_identical(grad(sin)(0), 1)
  expect_identical(grad(exp)(0), 1)
  g <- function(x, k) {
    stopifnot(is.character(k))
    x^2
  }
  expect_identical(grad(g)(3, "text"), 6)
})

test_that("recordings see the variables of the moment", {
  k <- 2
  f <- function(x) k * x
  d <- grad(f)
  expect_identical(d(1), 2)
  k <- 5
  expect_identical(d(1), 5)
})

test_that("infinite, missing and undefined values are what the formula gives", {
  expect_identical(grad(function(x) x^2)(Inf), Inf)
  expect_identical(grad(log)(0), Inf)
  expect_true(is.nan(suppressWarnings(grad(function(x) sqrt(x))(-1))))
  expect_true(is.na(grad(function(x) x^2)(NA_real_)))
  # 0 log 0 and powers at zero.
  expect_identical(grad(function(x) x^2)(0), 0)
  expect_identical(grad(grad(function(x) x^2))(0), 2)
  expect_identical(grad(function(x) x^3)(0), 0)
  expect_identical(grad(grad(grad(function(x) x^3)))(0), 6)
  expect_identical(grad(function(x) (-2 + x)^3)(0), 12)
  expect_identical(grad(function(x) sum(c(0, 1)^x))(2), 0)
  expect_identical(grad(function(x) ifelse(x > 0, log(x), 0))(-1), 0)
})

test_that("user-facing errors", {
  expect_snapshot(error = TRUE, {
    grad(3)
    grad(sin, "y")
    grad(function(x) x, 2)
    grad(function(x) c(x, x))(1)
    hessian(function(x) c(x, x))(1)
    hvp(function(x) c(x, x))(1, 1)
    grad(function(x) x)("a")
    grad(function(x, y) x + y)(y = 1)
    hvp(function(x) sum(x))(c(1, 2), 1)
    jvp(function(x) sum(x))(c(1, 2))
    vjp(function(x) x)(c(1, 2), 1)
    grad(function(x) "text")(1)
    grad(function(x) stop("my own error"))(1)
    grad(function(x) as.integer(x))(1.5)
    grad(function(x) Re(polyroot(c(x, 1)))[1])(2)
  })
  expect_error(grad(function(x) stop("mine"))(1), "mine")
  expect_error(grad(function(x) c(x, x))(1), class = "admle_error_value")
  expect_error(grad(sin, "y"), class = "admle_error_argument")
  expect_error(grad(function(x) as.integer(x))(1.5),
    class = "admle_error_unsupported")
})

test_that("an operator prints what it is", {
  expect_snapshot({
    grad(cobb_douglas)
    hvp(function(x) sum(x^2))
  })
})

test_that("a Hessian of many effects is made block by block at once", {
  g <- rep(1:150, each = 3)
  h <- rep_len(1:40, 450)
  x <- cos(1:450)
  y <- round(2 + sin(1:450))
  f <- function(b) {
    -sum(dpois(y, exp(b[g] + b[150 + h] * x), log = TRUE))
  }
  at <- sin(1:190) / 3
  X <- cbind(outer(g, 1:150, "=="), outer(h, 1:40, "==") * x)
  expected <- crossprod(X, exp(drop(X %*% at)) * X)
  expect_equal(hessian(f, remember = FALSE)(at), expected)
  penalised <- function(b) f(b) + sum(b^2) / 2
  expect_equal(hessian(penalised, remember = FALSE)(at), expected + diag(190))
  prior <- function(p) {
    f(p[1:190]) - sum(dnorm(p[1:150], 0, exp(p[191]), log = TRUE))
  }
  here <- c(at, 0.3)
  by_rows <- jacobian(grad(prior, remember = FALSE), remember = FALSE)(here)
  expect_equal(hessian(prior, remember = FALSE)(here), by_rows)
})
