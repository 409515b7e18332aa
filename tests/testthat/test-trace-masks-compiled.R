# Compiled code may be called with data; with parameters it is an error.

in_c <- getFromNamespace("C_logit_link", "stats")

test_that("compiled code records where it sees data only", {
  share <- c(0.2, 0.5, 0.7)
  f <- function(b) sum(b * .Call(in_c, share))
  expect_equal(c(grad(f)(2)), sum(qlogis(share)))
  expect_error(grad(function(b) .Call(in_c, b * share)[1])(0.3),
               "compiled code, called by .Call()", fixed = TRUE,
               class = "admle_error_unsupported")
})

test_that("a fit says what to do about compiled code, which then works", {
  share <- c(0.2, 0.5, 0.7)
  loglik <- function(a) dnorm(.Call(in_c, a * share), 0, 1, log = TRUE)
  start <- list(a = 0.5)
  expect_error(mle_fit(loglik, start), 'derivatives = "numeric"', fixed = TRUE)
  fit <- mle_fit(loglik, start, derivatives = "numeric")
  by_hand <- mle_fit(function(a) dnorm(qlogis(a * share), 0, 1, log = TRUE),
                     start)
  expect_equal(coef(fit), coef(by_hand), tolerance = 1e-6)
})

test_that("functions of contributed packages may use compiled code on data", {
  skip_if_not_installed("pbivnorm")
  y <- c(0.3, -0.8)
  f <- function(m) sum(dnorm(y, m * pbivnorm::pbivnorm(0, 0.2, 0.5), 1))
  weight <- pbivnorm::pbivnorm(0, 0.2, 0.5)
  expect_equal(c(grad(f)(0.4)), sum(dnorm(y, 0.4 * weight, 1) *
                                      (y - 0.4 * weight) * weight))
  expect_error(grad(function(r) pbivnorm::pbivnorm(0, 0.2, r))(0.3),
               "compiled code", class = "admle_error_unsupported")
})

test_that("a log-likelihood may be of class logLik", {
  y <- c(1.2, 0.4)
  total <- function(m) sum(dnorm(y, m, 1, log = TRUE))
  loglik <- function(m) structure(total(m), class = "logLik")
  fit <- mle_fit(loglik, list(m = 0), derivatives = "numeric")
  expect_equal(unname(coef(fit)), mean(y), tolerance = 1e-6)
})

test_that("functions without a recorded form are named with a way out", {
  expect_error(grad(function(nu) qt(0.9, nu))(5),
               "`qt(0.9, nu)` cannot be recorded: it has no recorded form",
               fixed = TRUE)
  expect_error(grad(function(s) sum(diag(qr(s * diag(2))$qr)))(2),
               "it has no recorded form. Use chol() or solve()", fixed = TRUE)
})
