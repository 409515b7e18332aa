# What print() and summary() show: snapshots, and the table of coefficients.

normal <- function(a, b, log_sigma) {
  dnorm(mpg, a + b * wt, exp(log_sigma), log = TRUE)
}
start <- list(a = 30, b = 0, log_sigma = 1)

# How a run ended depends on rounding; the snapshots show the form of the line.
mask_run <- function(lines) {
  run <- grepl("^Optimisation:", lines)
  ended <- cumsum(run) > 0
  lines[ended] <- gsub("[0-9]+(\\.[0-9]+)?(e[-+]?[0-9]+)?", "#",
                       lines[ended])
  if (any(ended)) {
    lines <- c(lines[!ended], sub(
      "iterations?", "iterations", sub("evaluations .* Hessian",
      "evaluations #", sub("converged, [-A-Za-z ]+,", "converged, <method>,",
                           paste(trimws(lines[ended]), collapse = " ")))
    ))
  }
  lines
}

test_that("a fit prints", {
  expect_snapshot(mle_fit(normal, start, mtcars))
  expect_snapshot(mle_fit(normal, start, mtcars, fixed = c(b = -5)))
})

test_that("a summary prints", {
  fit <- mle_fit(normal, start, mtcars)
  expect_snapshot(summary(fit), transform = mask_run)
  expect_snapshot(
    summary(update(fit, weights = cyl, fixed = c(b = -5)), vcov = "opg"),
    transform = mask_run
  )
  expect_snapshot(summary(fit, vcov = "sandwich", adjust = TRUE),
                  transform = mask_run)
})

test_that("doubts are printed after the coefficients", {
  f <- function(a, b, s) dnorm(mpg, a + b, exp(s), log = TRUE)
  fit <- suppressWarnings(mle_fit(f, list(a = 1, b = 2, s = 1), mtcars))
  lines <- capture.output(print(fit))
  expect_match(lines, "`a` and `b` are not identified separately",
               all = FALSE)
  expect_match(lines, "2 identified parameters", all = FALSE)
  lines <- capture.output(print(summary(fit)))
  expect_match(lines, "`a` and `b` are not identified separately",
               all = FALSE)
  expect_match(lines, "^a .*NA +NA +NA", all = FALSE)
})

test_that("the table of coefficients", {
  fit <- mle_fit(normal, start, mtcars)
  table <- coef(summary(fit))
  expect_identical(dimnames(table), list(
    c("a", "b", "log_sigma"),
    c("Estimate", "Std. Error", "z value", "Pr(>|z|)")
  ))
  expect_identical(table[, 1L], coef(fit))
  expect_equal(table[, 2L], sqrt(diag(vcov(fit))), tolerance = 1e-15)
  expect_equal(table[, 4L], 2 * pnorm(-abs(table[, 3L])), tolerance = 1e-14)
  t_table <- coef(summary(fit, adjust = TRUE))
  expect_identical(colnames(t_table)[3:4], c("t value", "Pr(>|t|)"))
  expect_equal(t_table[, 4L], 2 * pt(-abs(t_table[, 3L]), 30),
               tolerance = 1e-14)
})

test_that("a long call is cut, numeric derivatives are named", {
  fit <- mle_fit(
    function(m) {
      a1 <- 1; a2 <- 2; a3 <- 3; a4 <- 4; a5 <- 5; a6 <- 6; a7 <- 7
      a8 <- 8; a9 <- 9; b1 <- 1; b2 <- 2; b3 <- 3
      dnorm(speed, m, 5, log = TRUE)
    },
    list(m = 15), cars, derivatives = "numeric"
  )
  lines <- capture.output(print(fit))
  expect_match(lines, "^    \\.\\.\\.$", all = FALSE)
  expect_match(lines, "^Derivatives: numeric", all = FALSE)
})

test_that("one null space is one warning", {
  set.seed(2)
  X <- matrix(rnorm(30), 30, 10)
  y <- rnorm(30)
  warned <- testthat::capture_warnings(
    fit <- mle_fit(function(b) dnorm(y, X %*% b, 1, log = TRUE),
                   list(b = numeric(10)))
  )
  expect_length(warned, 1)
  expect_match(gsub("\n", " ", warned), "along 9 directions: b1 = -b")
  expect_length(fit$problems, 1)
  expect_setequal(fit$problems[[1]]$parameters, paste0("b", 1:10))
  # Two spaces that share no parameter are two.
  warned <- testthat::capture_warnings(
    mle_fit(function(a, b, c, d) dnorm(y, (a + b) + (c + d) * X[, 1], 1,
                                       log = TRUE),
            list(a = 0, b = 0, c = 0, d = 0))
  )
  expect_length(warned, 2)
  # Parameters that do nothing are one.
  warned <- testthat::capture_warnings(
    mle_fit(function(a, b, c) dnorm(y, a + 0 * b + 0 * c, 1, log = TRUE),
            list(a = 0, b = 0, c = 0))
  )
  expect_match(warned, "`b` and `c` are not identified: .*\\s+with\\s+them")
})

test_that("a decimal comma is no mark of thousands", {
  old <- options(OutDec = ",", warn = 2)
  on.exit(options(old))
  fit <- mle_fit(dist ~ speed, data = cars[rep(1:50, 30), ])
  printed <- capture.output(print(summary(fit)))
  expect_match(printed, "^1\\.500 observations", all = FALSE)
})
