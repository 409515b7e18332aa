# Weighted sums of chi-squared variables against chi-squared, the table of
# Imhof (1961), and convolution.

test_that("equal weights are the chi-squared distribution", {
  for (df in c(1, 2, 7)) for (q in c(1e-3, 1, 10, 80)) {
    expect_equal(weighted_chisq(2 * q, rep(2, df)),
                 pchisq(q, df, lower.tail = FALSE), tolerance = 1e-8)
  }
  expect_identical(weighted_chisq(0, c(1, 2)), 1)
  expect_identical(weighted_chisq(1, c(-1, -2)), 0)
  expect_identical(weighted_chisq(-1, c(1, 2)), 1)
  expect_equal(weighted_chisq(-3, -c(1, 1)), pchisq(3, 2), tolerance = 1e-10)
})

test_that("Imhof's table", {
  # his Q1 = .6 h1 + .3 h2 + .1 h3, table 1
  weights <- c(0.6, 0.3, 0.1)
  found <- vapply(c(0.1, 0.7, 2), weighted_chisq, 1, weights)
  expect_equal(round(found, 4), c(0.9458, 0.5064, 0.1240))
})

test_that("two weights of any sign are a convolution", {
  by_convolution <- function(q, a, b) {
    # a z1 + b z2 > q, a > 0; x is the normal variable behind z2
    integrate(function(x) {
      2 * dnorm(x) * pchisq((q - b * x^2) / a, 1, lower.tail = FALSE)
    }, 0, 12, rel.tol = 1e-10, subdivisions = 2000L)$value
  }
  for (b in c(0.5, 1e-3, -0.4)) for (q in c(0.5, 2, 20)) {
    expect_equal(weighted_chisq(q, c(1, b)), by_convolution(q, 1, b),
                 tolerance = 1e-7)
  }
  expect_equal(weighted_chisq(-1, c(1, -2)),
               1 - weighted_chisq(1, c(2, -1)), tolerance = 1e-10)
})
