# Tolerances of comparisons of fitted models with those of other packages, all
# relative: what both sides compute to convergence.
model_tolerance <- list(
  coefficients = 1e-8,
  loglik = 1e-10,
  errors = 1e-6
)

expect_same_fit <- function(fit, reference, coefficients = coef(reference),
                            loglik = logLik(reference)) {
  own <- coef(fit)[seq_along(coefficients)]
  testthat::expect_equal(unname(own), unname(coefficients),
                         tolerance = model_tolerance$coefficients)
  testthat::expect_equal(as.numeric(logLik(fit)), as.numeric(loglik),
                         tolerance = model_tolerance$loglik)
}

expect_same_errors <- function(fit, errors) {
  own <- sqrt(diag(vcov(fit)))[seq_along(errors)]
  testthat::expect_equal(unname(own), unname(errors),
                         tolerance = model_tolerance$errors)
}

# The observed information of a generalised linear model with dispersion 1:
# differences of glm()'s own score (six points, error of order h^6).
observed_information <- function(reference) {
  X <- model.matrix(reference)
  y <- reference$y
  w <- reference$prior.weights
  family <- reference$family
  score <- function(beta) {
    eta <- drop(X %*% beta)
    mu <- family$linkinv(eta)
    drop(crossprod(X, w * (y - mu) * family$mu.eta(eta) / family$variance(mu)))
  }
  beta <- coef(reference)
  h <- 1e-3 * sqrt(diag(vcov(reference)))
  information <- sapply(seq_along(beta), function(j) {
    at <- function(k) score(replace(beta, j, beta[[j]] + k * h[[j]]))
    -(45 * (at(1) - at(-1)) - 9 * (at(2) - at(-2)) + at(3) - at(-3)) /
      (60 * h[[j]])
  })
  (information + t(information)) / 2
}
