# The GARCH(1,1) benchmark of Fiorentini, Calzolari and Panattoni (1996),
# Analytic derivatives and the computation of GARCH estimates, Journal of
# Applied Econometrics 11(4), on the returns of Bollerslev and Ghysels (1996);
# digits as in McCullough and Renfro (1999), Journal of Economic and Social
# Measurement 25(2). The recursion starts with the mean square of the residuals
# at the current mean, which is differentiated too.

garch_loglik <- function(y) {
  function(mu, a0, a1, b1) {
    e <- y - mu
    n <- length(y)
    h <- numeric(n)
    before <- mean(e^2)
    h[1] <- a0 + (a1 + b1) * before
    for (t in 2:n) {
      h[t] <- a0 + a1 * e[t - 1]^2 + b1 * h[t - 1]
    }
    dnorm(y, mu, sqrt(h), log = TRUE)
  }
}

garch_start <- function(y) {
  list(mu = mean(y), a0 = 0.05 * var(y), a1 = 0.1, b1 = 0.8)
}

certified <- cbind(
  estimate = c(-0.006190408379938, 0.010761397851818, 0.153134061820467,
               0.805973670305370),
  hessian = c(0.008462119109650, 0.002852711957663, 0.026522830966115,
              0.033552688919848),
  opg = c(0.008433593210040, 0.001322975075696, 0.013973792148428,
          0.016560402657559),
  sandwich = c(0.00918935396086, 0.0064931860821, 0.05353170253,
               0.072461448212)
)

dem2gbp <- function() {
  skip_if_not_installed("fGarch")
  held <- new.env()
  utils::data("dem2gbp", package = "fGarch", envir = held)
  as.numeric(held$dem2gbp[[1]])
}

largest_error <- function(found, reference) {
  max(abs(unname(found) / unname(reference) - 1))
}

test_that("the benchmark is met, with all three kinds of standard errors", {
  y <- dem2gbp()
  fit <- mle_fit(garch_loglik(y), garch_start(y))
  expect_true(fit$converged)
  expect_identical(fit$problems, list())
  expect_identical(fit$nobs, 1974L)
  expect_lt(largest_error(logLik(fit), -1106.607881041288), 1e-14)
  expect_lt(largest_error(coef(fit), certified[, "estimate"]), 1e-10)
  for (type in c("hessian", "opg", "sandwich")) {
    error <- sqrt(diag(vcov(fit, type = type)))
    expect_lt(largest_error(error, certified[, type]), 1e-9)
  }
})

test_that("every method comes to the same maximum", {
  y <- dem2gbp()
  for (method in c("newton", "bfgs", "lbfgs", "bhhh")) {
    fit <- mle_fit(garch_loglik(y), garch_start(y), method = method)
    expect_true(fit$converged, info = method)
    expect_lt(largest_error(coef(fit), certified[, "estimate"]), 1e-8)
  }
})

test_that("one total, made in the loop, gives the same", {
  y <- dem2gbp()
  loglik <- function(mu, a0, a1, b1) {
    h <- e2 <- mean((y - mu)^2)
    total <- 0
    for (value in y) {
      h <- a0 + a1 * e2 + b1 * h
      e2 <- (value - mu)^2
      total <- total - (log(2 * pi * h) + e2 / h) / 2
    }
    total
  }
  fit <- mle_fit(loglik, garch_start(y))
  expect_true(fit$converged)
  expect_lt(largest_error(coef(fit), certified[, "estimate"]), 1e-10)
  expect_lt(largest_error(sqrt(diag(vcov(fit))), certified[, "hessian"]), 1e-9)
})
