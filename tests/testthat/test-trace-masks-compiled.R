# Compiled code may be called with data; with parameters it is an error.

filter_in_c <- getFromNamespace("C_cfilter", "stats")
in_c <- function(x) .Call(filter_in_c, x, c(0.5, 0.5), 2L, TRUE)
by_hand <- function(x) (x + x[c(2, 3, 1)]) / 2

test_that("compiled code records where it sees data only", {
  share <- c(0.2, 0.5, 0.7)
  f <- function(b) sum(b * in_c(share))
  expect_equal(c(grad(f)(2)), sum(by_hand(share)))
  expect_error(grad(function(b) in_c(b * share)[1])(0.3),
               "\"cfilter\" called by .Call()", fixed = TRUE,
               class = "admle_error_unsupported")
})

test_that("a fit says what to do about compiled code, which then works", {
  share <- c(0.2, 0.5, 0.7)
  loglik <- function(a) dnorm(in_c(a * share), 0.3, 1, log = TRUE)
  start <- list(a = 0.5)
  expect_error(mle_fit(loglik, start), 'derivatives = "numeric"', fixed = TRUE)
  fit <- mle_fit(loglik, start, derivatives = "numeric")
  recorded <- mle_fit(function(a) dnorm(by_hand(a * share), 0.3, 1, log = TRUE),
                      start)
  expect_equal(coef(fit), coef(recorded), tolerance = 1e-6)
})

test_that("functions of contributed packages may use compiled code on data", {
  skip_if_not_installed("mvtnorm")
  y <- c(0.3, -0.8)
  area <- function(m) {
    mvtnorm::pmvnorm(upper = c(m, 0.2), corr = matrix(c(1, 0.5, 0.5, 1), 2),
                     algorithm = mvtnorm::TVPACK())[[1]]
  }
  f <- function(m) sum(dnorm(y, m * area(0), 1))
  weight <- area(0)
  expect_equal(c(grad(f)(0.4)), sum(dnorm(y, 0.4 * weight, 1) *
                                      (y - 0.4 * weight) * weight))
  expect_error(grad(area)(0.3), class = "admle_error_unsupported")
})

test_that("a log-likelihood may be of class logLik", {
  y <- c(1.2, 0.4)
  total <- function(m) sum(dnorm(y, m, 1, log = TRUE))
  loglik <- function(m) structure(total(m), class = "logLik")
  fit <- mle_fit(loglik, list(m = 0), derivatives = "numeric")
  expect_equal(unname(coef(fit)), mean(y), tolerance = 1e-6)
})

test_that("quantiles of counts, which jump, are refused with that reason", {
  expect_error(grad(function(m) qpois(0.9, m))(5),
               "cannot be recorded: qpois() of parameters jumps",
               fixed = TRUE)
  expect_equal(grad(function(m) m * qpois(0.9, 5))(2), qpois(0.9, 5))
})
