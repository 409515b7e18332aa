# integrate() and uniroot() inside a recorded function: base R's values, and
# derivatives against formulas or the plain value at R's tightest tolerance.

# At the tightest tolerance of R, for differences of plain values.
tight <- function(f, ...) integrate(f, ..., rel.tol = 1e-13)$value

test_that("integrals have derivatives to third order, also in the limits", {
  expect_derivatives(function(v) {
    tight(function(t) exp(-v[1] * t^2) * t^2 * cos(v[2] * t), 0, 1)
  }, list(v = c(1.3, 0.7)))
  f <- function(v) {
    integrate(function(t, a) exp(-a * t^2), v[2], v[1] * 2, a = v[1])$value
  }
  closed <- function(v) {
    s <- sqrt(2 * v[1])
    sqrt(pi / v[1]) * (pnorm(2 * v[1] * s) - pnorm(v[2] * s))
  }
  expect_equal(jacobian(hessian(f))(c(1.3, 0.7)),
               jacobian(hessian(closed))(c(1.3, 0.7)), tolerance = 1e-12)
  expect_derivatives(function(v) {
    log(tight(function(t) exp(-v[1] * t^4 + v[2] * t), -Inf, Inf))
  }, list(v = c(1.3, 0.7)))
  expect_derivatives(function(v) {
    tight(function(t) exp(-v[1] * t) * t^2, v[2], Inf)
  }, list(v = c(1.3, 0.7)))
  expect_equal(hessian(function(v) {
    integrate(dnorm, -Inf, v[2], mean = v[1])$value
  })(c(0.3, 0.7)), hessian(function(v) pnorm(v[2], v[1]))(c(0.3, 0.7)),
  tolerance = 1e-12)
})

test_that("nodes are accurate for derivatives that are less smooth", {
  f <- function(a) integrate(function(t) t^(a - 1) * exp(-t), 0, Inf)$value
  for (a in c(1.2, 2, 3)) {
    expect_equal(value_and_grad(f)(a), value_and_grad(gamma)(a),
                 tolerance = 1e-11)
    expect_equal(hessian(f)(a), hessian(gamma)(a), tolerance = 1e-10)
  }
  # An end that moves with the integrand.
  f <- function(b) integrate(function(t) sqrt(t - b), b, 2)$value
  expect_equal(grad(f)(1), -1, tolerance = 1e-9)
  expect_equal(c(hessian(f)(1)), 0.5, tolerance = 1e-9)
})

test_that("the result has the parts and the class of R's", {
  seen <- list()
  value_and_grad(function(v) {
    out <- integrate(function(t) exp(-v * t), 0, 1)
    seen <<- c(seen, list(out))
    out$value
  })(2)
  recorded <- seen[[1L]]
  plain <- seen[[length(seen)]]
  expect_identical(names(recorded), names(plain))
  expect_s3_class(recorded, "integrate")
  expect_identical(recorded$subdivisions, plain$subdivisions)
  expect_identical(recorded$message, "OK")
})

test_that("a range is split where the integrand switches", {
  at <- c(0.3, 0.6)
  same <- function(f, closed, at) {
    expect_equal(f(at), closed(at), tolerance = 1e-4)
    expect_equal(value_and_grad(f)(at), value_and_grad(closed)(at),
                 tolerance = 1e-12)
    expect_equal(hessian(f)(at), hessian(closed)(at), tolerance = 1e-11)
  }
  same(function(v) {
    integrate(function(t) pmax(t - v[1], 0)^2 + abs(t - v[2]) * v[1], 0,
              1)$value
  }, function(v) {
    (1 - v[1])^3 / 3 + v[1] * (v[2]^2 + (1 - v[2])^2) / 2
  }, at)
  same(function(v) {
    integrate(function(z) pmax(exp(v[1] + v[2] * z) - 1.1, 0) * dnorm(z), -12,
              12)$value
  }, function(v) {
    d <- (v[1] - log(1.1)) / v[2]
    exp(v[1] + v[2]^2 / 2) * pnorm(d + v[2]) - 1.1 * pnorm(d)
  }, c(0.1, 0.4))
  same(function(v) {
    integrate(Vectorize(function(t) if (t > v[1]) exp(t * v[2]) else v[2]), 0,
              1)$value
  }, function(v) (exp(v[2]) - exp(v[1] * v[2])) / v[2] + v[1] * v[2],
  c(0.5, 0.4))
  same(function(v) {
    integrate(function(t) dnorm(t) * (abs(t - v[2]) < v[1]), -Inf, Inf)$value
  }, function(v) pnorm(v[2] + v[1]) - pnorm(v[2] - v[1]), c(0.5, 0.4))
  same(function(v) {
    integrate(Vectorize(function(t) if (t > v) v * t else t), 0, 1,
              subdivisions = 1000L)$value
  }, function(v) v^2 / 2 + v * (1 - v^2) / 2, 0.5)
  # A jump that no parameter moves needs no part of its own.
  expect_equal(grad(function(v) {
    integrate(function(t) v * (t > 0.3), 0, 1)$value
  })(1.3), 0.7, tolerance = 1e-9)
  expect_error(grad(function(v) {
    integrate(function(t) t * floor(3 * t + v), 0, 1)$value
  })(0.3), "jumps where a parameter says", class = "admle_error_value")
})

test_that("nodes are chosen anew where the integrand has moved", {
  f <- function(v) log(integrate(function(t) dnorm(t, v, 0.1)^2, -5, 5)$value)
  r <- record(f, list(v = 0))
  expect_true(replay(r, list(0.01))$valid)
  expect_false(replay(r, list(2))$valid)
  expect_equal(value_and_grad(f)(2), list(
    value = log(1 / (2 * sqrt(pi) * 0.1)), grad = 0
  ), tolerance = 1e-8)
})

test_that("functions of one number, and wrong ones, have R's errors", {
  expect_error(grad(function(m) integrate(function(t) m, 0, 1)$value)(1),
               "wrong length")
  expect_error(grad(function(a) {
    integrate(function(t) t^(a - 2), 0, 1)$value
  })(0.9), "probably divergent")
  expect_error(grad(function(v) {
    integrate(function(t) v * sin(1 / t), 0, 1, stop.on.error = FALSE)$value
  })(1), "not accurate enough", class = "admle_error_value")
  expect_error(grad(function(m) {
    integrate(function(t) m * t * runif(1), 0, 1)$value
  })(1), "random numbers")
})

test_that("roots have derivatives to third order", {
  cubic <- function(t, a, b) t^3 + a * t - exp(b)
  # The solution of t^3 + a t = b by Cardano's formula.
  closed <- function(v) {
    q <- exp(v[2]) / 2
    d <- sqrt(q^2 + (v[1] / 3)^3)
    (q + d)^(1 / 3) - (d - q)^(1 / 3)
  }
  at <- c(1.3, 0.4)
  for (f in list(
    function(v) uniroot(cubic, c(0, 3), a = v[1], b = v[2])$root,
    function(v) {
      uniroot(cubic, lower = 0, upper = 3 * v[1], a = v[1], b = v[2])$root
    },
    function(v) {
      uniroot(function(t) cubic(t, v[1], v[2]), c(0, 0.1),
              extendInt = "yes")$root
    }
  )) {
    expect_equal(f(at), closed(at), tolerance = 1e-4)
    expect_equal(value_and_grad(f)(at), value_and_grad(closed)(at),
                 tolerance = 1e-13)
    expect_equal(jacobian(hessian(f))(at), jacobian(hessian(closed))(at),
                 tolerance = 1e-11)
  }
  expect_equal(grad(function(v) uniroot(cubic, c(0, 3), v[1], v[2])$f.root)(at),
               c(0, 0), tolerance = 1e-14)
})

test_that("a root takes the branch that it lies on", {
  f <- function(m) {
    uniroot(function(t) if (t > 1) t^2 - m else t - m, c(0, 5))$root
  }
  expect_equal(grad(f)(3), 0.5 / sqrt(3), tolerance = 1e-12)
  r <- record(f, list(m = 3))
  expect_true(replay(r, list(2))$valid)
  expect_false(replay(r, list(0.5))$valid)
  y <- c(0.2, 0.9, 0.5, 0.3)
  fit <- mle_fit(function(m, s) dnorm(y, f(m), s, log = TRUE),
                 list(m = 3, s = positive(1)))
  expect_equal(coef(fit)[["m"]], mean(y), tolerance = 1e-8)
})

test_that("no change of sign is the function's word", {
  y <- c(1.2, 0.8, 2.1, 1.7)
  f <- function(m, s) {
    dnorm(y, uniroot(function(t) exp(t) - m, c(-2, 0.5))$root + 1, s,
          log = TRUE)
  }
  expect_error(mle_fit(f, list(m = 3, s = positive(1))), "opposite sign",
               class = "admle_error_domain")
  fit <- mle_fit(f, list(m = 0.2, s = positive(1)))
  expect_equal(coef(fit)[["m"]], exp(mean(y) - 1), tolerance = 1e-8)
  expect_error(grad(function(m) uniroot(function(t) 1 / (t - m),
                                        c(0, 3))$root)(1.1),
               "no root with a derivative", class = "admle_error_value")
})

test_that("functions inside functions inside functions", {
  expect_equal(grad(function(v) uniroot(function(t) {
    t - uniroot(function(s) s^3 - t * v, c(0, 4))$root
  }, c(0.1, 3))$root)(1.3), 0.5 / sqrt(1.3), tolerance = 1e-12)
  expect_equal(grad(function(v) uniroot(function(q) {
    integrate(dnorm, -Inf, q, sd = v)$value - 0.7
  }, c(-3, 3))$root)(1.3), qnorm(0.7), tolerance = 1e-12)
  expect_equal(grad(function(v) integrate(function(t) sapply(t, function(s) {
    uniroot(function(r) r^3 - s * v, c(0, 3))$root
  }), 0, 1)$value)(1.3), 1.3^(-2 / 3) / 4, tolerance = 1e-9)
  expect_equal(grad(function(v) uniroot(grad(function(t) {
    (t - v)^2 + t^4
  }), c(-3, 3))$root)(1.3), grad(function(v) {
    uniroot(function(t) 2 * (t - v) + 4 * t^3, c(-3, 3))$root
  })(1.3))
})

test_that("what is forced inside may be used outside, what is assigned not", {
  expect_equal(grad(function(m) {
    h <- function(a) uniroot(function(t) t - a, c(0, 3))$root * a
    h(exp(m))
  })(0.1), 2 * exp(0.2), tolerance = 1e-13)
  last <- 0
  expect_unsupported(function(m) {
    last <<- 0
    root <- uniroot(function(t) {
      last <<- t^2
      t - m
    }, c(0, 3))$root
    root + last
  }, list(m = 1.1), "used outside of that function")
})

test_that("what depends on no parameter is R's own", {
  f <- function(v) {
    v * uniroot(function(t) t^2 - 2, c(0, 3))$root *
      integrate(function(t) t^2, 0, 1)$value
  }
  expect_identical(value_and_grad(f)(1)$value, f(1))
})

test_that("a frailty by integrate() is that by integrate_normal()", {
  set.seed(3)
  x <- rnorm(25)
  y <- rpois(25, exp(0.3 + 0.5 * x + rnorm(25, 0, 0.8)))
  start <- list(a = 0, b = 0, s = positive(1))
  frailty <- mle_fit(function(a, b, s) sapply(seq_along(y), function(i) {
    log(integrate(function(u) {
      dpois(y[i], exp(a + b * x[i] + s * u)) * dnorm(u)
    }, -Inf, Inf)$value)
  }), start)
  normal <- mle_fit(function(a, b, s) integrate_normal(function(u) {
    dpois(y, exp(a + b * x + s * u), log = TRUE)
  }, seq_along(y), n = 40), start)
  expect_equal(coef(frailty), coef(normal), tolerance = 1e-6)
  expect_equal(vcov(frailty), vcov(normal), tolerance = 1e-6)
  expect_equal(logLik(frailty), logLik(normal), tolerance = 1e-8,
               ignore_attr = TRUE)
})

test_that("a comparison of the unknown with a parameter counts as a use", {
  switches <- function(a) {
    own <- function(x) vapply(x, function(z) if (z < a) z else 2 * z, 0)
    integrate(own, 0, 3)$value
  }
  expect_equal(c(grad(switches)(1.3)), -1.3, tolerance = 1e-10)
  jump <- function(a) uniroot(function(x) if (x < a) -1 else 1, c(0, 3))$root
  expect_error(grad(jump)(1.3), "no root with a derivative")
  apart <- function(a) {
    own <- function(x) if (x <= 0) -1 else x * a - 1
    uniroot(own, c(0, 10), tol = 1e-12)$root
  }
  expect_equal(c(grad(apart)(2)), -0.25, tolerance = 1e-10)
})

test_that("a comparison of parameters that is first made inside is kept", {
  root <- function(a) {
    own <- function(x, b = if (a > 1) 3 else 2) x * b - a
    uniroot(own, c(-5, 5), tol = 1e-12)$root
  }
  expect_equal(c(grad(root)(1.5), grad(root)(0.5)), c(1 / 3, 1 / 2),
               tolerance = 1e-10)
  fit <- mle_fit(function(a) -(root(a) - 2 / 3)^2, c(a = 0.5))
  expect_equal(coef(fit), c(a = 2), tolerance = 1e-6)
})
