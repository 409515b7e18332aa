# Interpolation: R's values, and derivatives in the values, the point, and (of
# approx()) the knots.

knots <- c(1, 2.5, 3, 5, 7)
values <- c(0.4, 0.2, 1, 0.3, 2)

test_that("splines have R's values and their derivatives", {
  for (method in c("fmm", "natural")) {
    f <- function(v, at) {
      s <- splinefun(knots, v, method = method)
      c(s(c(0.3, 1.7, 2.9, 7.5)), s(at), s(at, deriv = 1), s(0.2, deriv = 2),
        spline(knots, v, xout = c(2, 3.3), method = method)$y)
    }
    expect_derivatives(f, list(v = values, at = 4.1), order = 2, label = method)
  }
  periodic <- function(v, at) {
    splinefun(knots, c(v[1:4], v[1]), method = "periodic")(c(at, 9, -3))
  }
  expect_derivatives(periodic, list(v = values, at = 4.1), order = 2)
})

test_that("linear interpolation has R's values and their derivatives", {
  f <- function(v, at) {
    c(approx(knots, v, xout = c(1, 2, 3, 6.7, 7))$y, approx(knots, v, at)$y,
      approx(knots, v, n = 7)$y,
      approxfun(knots, v, rule = 2)(c(0, at, 9)),
      approx(knots, v, c(1, 2.7, 7), method = "constant", f = 0.3)$y,
      approx(c(1, 2, 2, 3, 4), v, c(1.5, 2, 3.2), ties = mean)$y)
  }
  expect_derivatives(f, list(v = values, at = 4.1), order = 2)
  moved <- function(x) approx(x, values, xout = c(1.3, 4))$y
  expect_derivatives(moved, list(x = knots), order = 2,
    scale = list(x = rep(0.2, 5)))
})

test_that("an interpolation made of data is a function of the point", {
  spline <- splinefun(knots, values)
  line <- approxfun(knots, values)
  f <- function(at) c(spline(at), line(at), spline(at + 1.9))
  expect_derivatives(f, list(at = 4.1), order = 2)
})

test_that("another piece is recorded when the point moves there", {
  line <- approxfun(knots, values)
  slope <- grad(function(at) line(at))
  expect_equal(slope(2), (0.2 - 0.4) / 1.5)
  expect_equal(slope(4), (0.3 - 1) / 2)
})

test_that("knots of a spline that depend on parameters are refused", {
  expect_error(grad(function(k) splinefun(c(1, 2, k), 1:3)(1.5))(3),
               "the knots of a spline depend on parameters", fixed = TRUE)
})
