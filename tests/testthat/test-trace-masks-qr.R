# Expected: R's own decomposition, and derivatives of the determinant.

tall <- matrix(c(-1.2, 0.4, 2, 1.5, 0.3, -0.8, 0.1, 1, -2.2, 0.9, 1.4, 0.6), 4)
square <- tall[1:3, ]
shifted <- function(p, m) p[1] * m + p[2] * abs(m)
at <- c(1.3, 0.2)

test_that("qr() has the elements and signs of R's", {
  for (m in list(tall, t(tall), square, -square)) {
    elements <- function(p) {
      z <- qr(shifted(p, m))
      c(z[[1]], z$rank, z$qraux, z$pivot)
    }
    recorded <- vapply(seq_along(elements(at)), function(k) {
      value_and_grad(function(p) elements(p)[k] + 0 * p[1])(at)$value
    }, 0)
    expect_equal(recorded, elements(at))
  }
})

test_that("a determinant by qr() has the derivatives of det()", {
  by_qr <- function(p) sum(log(abs(diag(qr(shifted(p, square))$qr))))
  by_det <- function(p) log(abs(det(shifted(p, square))))
  expect_equal(grad(by_qr)(at), grad(by_det)(at))
  expect_equal(hessian(by_qr)(at), hessian(by_det)(at))
  gram <- function(p) sum(log(abs(diag(qr.R(qr(shifted(p, tall)))))))
  half <- function(p) log(det(crossprod(shifted(p, tall)))) / 2
  expect_equal(grad(gram)(at), grad(half)(at))
})

test_that("collinear columns of data are left out as R does", {
  x <- cbind(a = 1, b = 1:5, c = 6:2, d = c(2, 0, 1, 5, 3))
  y <- c(0.3, 1, -2, 0.5, 1.5)
  fit <- function(s) lm.fit(x, y * s)
  expect_equal(grad(function(s) sum(fit(s)$residuals))(2),
               sum(fit(1)$residuals))
  slope <- grad(function(s) sum(fit(s)$coefficients, na.rm = TRUE))(2)
  expect_equal(slope, sum(fit(1)$coefficients, na.rm = TRUE))
})

test_that("what qr() of parameters cannot do is told, of data it works", {
  y <- c(1, 0.5, -1, 2)
  lapack <- function(s) sum(qr.coef(qr(tall, LAPACK = TRUE), s * y))
  expect_error(grad(lapack)(2), "Use qr() without `LAPACK`", fixed = TRUE)
  expect_error(grad(function(s) sum(qr(s * cbind(y, 2 * y))$qr))(2),
               "the columns are collinear", fixed = TRUE)
  of_data <- function(s) s * sum(qr.coef(qr(tall), y))
  expect_equal(grad(of_data)(2), of_data(1))
})

test_that("rows of no weight have fitted values in lm.wfit(), no more", {
  y <- c(1, 2, 3, 4.5, 2, 1)
  w <- c(1, 0, 2, 1, 1, 0)
  parts <- c("coefficients", "residuals", "fitted.values", "effects", "rank",
             "df.residual")
  f <- function(b) {
    z <- lm.wfit(cbind(1, y^b, seq_along(y)), y, w, offset = y * b)
    unlist(z[parts])
  }
  at <- record(f, list(1.7))
  expect_equal(node_value(trace_graph(at$trace), at$id), unname(f(1.7)),
               tolerance = 1e-12)
  h <- 1e-5
  expect_equal(unname(drop(jacobian(f)(1.7))),
               unname((f(1.7 + h) - f(1.7 - h)) / (2 * h)), tolerance = 1e-7)
})
