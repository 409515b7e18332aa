# Functions of functions, methods, links, data frames inside of a likelihood.

y <- c(0.5, 1.2, 3.1, 2.2, 0.9, 4.4)
x <- c(1, 2, 3, 4, 5, 6) / 3
hits <- c(0, 0, 1, 0, 1, 1)

expect_slope <- function(f, at = 0.4, h = 1e-5) {
  expect_equal(value_and_grad(f)(at)$value, f(at), tolerance = 1e-10)
  expect_equal(grad(f)(at), (f(at + h) - f(at - h)) / (2 * h),
               tolerance = 1e-6)
}

test_that("a stated gradient is dropped, and compared once", {
  stated <- function(factor) function(p) {
    structure(-sum((p - 1:2)^2), gradient = -2 * factor * (p - 1:2))
  }
  expect_no_warning(fit <- mle_fit(stated(1), start = c(0, 0)))
  expect_equal(unname(coef(fit)), 1:2)
  expect_warning(fit <- mle_fit(stated(2), start = c(0, 0)),
                 "from the exact derivative: .* has 8 for `p2`, where 4")
  expect_equal(unname(coef(fit)), 1:2)
  turned <- function(m, s) {
    structure((m - 1)^2 + (s - 2)^2, gradient = c(2 * (m - 1), 2 * (s - 2)))
  }
  expect_no_warning(mle_fit(turned, list(m = 0, s = positive(1)),
                            negative = TRUE))
  expect_warning(mle_fit(function(p) {
    structure(-(p - 1)^2, hessian = matrix(-3))
  }, start = 0), "\"hessian\"")
})

test_that("the gradient of an intermediate value is none of the result", {
  decay <- deriv(~ a * exp(-b * v), c("a", "b"), function(a, b, v) NULL)
  expect_no_warning(fit <- mle_fit(function(a, b, s) {
    dnorm(mtcars$mpg, decay(a, b, mtcars$wt), s, log = TRUE)
  }, list(a = 40, b = 0.2, s = positive(3))))
  right <- nls(mpg ~ a * exp(-b * wt), mtcars, start = list(a = 40, b = 0.2))
  expect_equal(coef(fit)[1:2], coef(right), tolerance = 1e-4)
  expect_slope(function(a) sum(SSlogis(x, a, 1, 0.5)))
})

test_that("links and families record with R's limits", {
  for (name in c("logit", "probit", "cauchit", "cloglog", "log", "sqrt",
                 "inverse", "1/mu^2", "identity")) {
    link <- make.link(name)
    expect_slope(function(v) link$linkfun(v))
    expect_slope(function(v) link$linkinv(v))
    expect_slope(function(v) link$mu.eta(v))
  }
  inverse <- function(v) make.link("logit")$linkinv(v)
  for (v in c(-40, 40)) {
    expect_identical(value_and_grad(inverse)(v)$value, inverse(v))
    expect_identical(grad(inverse)(v), 0)
  }
  family <- binomial()
  expect_slope(function(m) family$variance(m))
  expect_slope(function(m) sum(family$dev.resids(hits, m + 0 * x, 1 + x)))
  expect_slope(function(m) sum(poisson()$dev.resids(c(0, 1, 3), m, 1)))
})

test_that("compiled code is named", {
  f <- function(v) .Call(stats:::C_rmultinom, v, 2, 3)
  expect_error(grad(f)(1), class = "admle_error")
})

test_that("R dispatches to the user's methods", {
  score <- function(object, ...) UseMethod("score")
  score.default <- function(object, m, ...) sum(dnorm(object, m, log = TRUE))
  score.shifted <- function(object, m, ...) {
    attr(object, "by") * m + NextMethod()
  }
  expect_slope(function(m) score(y, m))
  expect_slope(function(m) score(structure(1:3, class = "shifted", by = 2), m))
  size <- function(b) UseMethod("size")
  size.numeric <- function(b) b[1]^2
  size.matrix <- function(b) b[1, 1]^3
  expect_slope(function(b) size(b))
  expect_slope(function(b) size(matrix(b, 1, 1)))
})

test_that("columns of data frames depend on parameters", {
  d <- data.frame(y, x, g = gl(2, 3))
  right <- function(m) sum((y - m * x)^2)
  at <- list(value = right(0.4), grad = 2 * sum(0.4 * x^2 - x * y))
  for (f in list(
    function(m) with(transform(d, e = y - m * x), sum(e^2)),
    function(m) sum(data.frame(g = d$g, e = y - m * x)$e^2),
    function(m) sum(within(d, e <- y - m * x)$e^2),
    function(m) sum(by(d, d$g, function(p) sum((p$y - m * p$x)^2))),
    function(m) sum(tapply((y - m * x)^2, list(d$g, x > 1), sum), na.rm = TRUE),
    function(m) {
      e <- numeric(6)
      split(e, d$g) <- lapply(split(d, d$g), function(p) p$y - m * p$x)
      sum(e^2)
    }
  )) {
    expect_equal(value_and_grad(f)(0.4), at, tolerance = 1e-12)
  }
})

test_that("purrr's maps record", {
  skip_if_not_installed("purrr")
  right <- grad(function(m) sum((y - m * x)^2))(0.4)
  expect_equal(grad(function(m) {
    sum(purrr::map_dbl(1:6, ~ (y[.x] - m * x[.x])^2))
  })(0.4), right)
  expect_equal(grad(function(m) {
    sum(purrr::map2_dbl(y, x, function(u, v) (u - m * v)^2))
  })(0.4), right)
  expect_equal(grad(function(m) {
    sum(purrr::pmap_dbl(list(y, x), function(u, v) (u - m * v)^2))
  })(0.4), right)
})

test_that("warnings about data may be suppressed", {
  values <- c(-1, 2, 3)
  logs <- c(0, log(2:3))
  f <- function(m) {
    suppressWarnings(ifelse(values > 0, log(values), 0)) * m - m^2
  }
  expect_equal(unname(coef(mle_fit(f, list(m = 0)))), mean(logs) / 2)
})
