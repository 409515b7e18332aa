# Data and log-likelihoods that several scenarios share. The log-likelihoods are
# what a user would write; where an automatic-differentiation peer can run them,
# it runs the same function.

# n x k, the first column 1; no copy is made.
simulate_regressors <- function(n, k, seed = 1) {
  set.seed(seed)
  x <- stats::rnorm(n * k)
  x[seq_len(n)] <- 1
  dim(x) <- c(n, k)
  x
}

# The regression of the article: y = X beta + e.
simulate_normal <- function(n, k) {
  X <- simulate_regressors(n, k)
  beta <- seq(-1, 1, length.out = k)
  list(X = X, y = drop(X %*% beta) + stats::rnorm(n, sd = 2))
}

normal_loglik <- function(data) {
  X <- data$X
  y <- data$y
  function(beta, log_sigma) {
    dnorm(y, X %*% beta, exp(log_sigma), log = TRUE)
  }
}

# A linear index of unit variance.
simulate_index <- function(X) {
  k <- ncol(X)
  drop(X %*% (rep(c(1, -1), length.out = k) / sqrt(k)))
}

# `probability` is the distribution function of the model's error.
simulate_binary <- function(n, k, probability) {
  X <- simulate_regressors(n, k)
  list(X = X, y = as.numeric(stats::runif(n) < probability(simulate_index(X))))
}

logit_loglik <- function(data) {
  X <- data$X
  y <- data$y
  function(beta) {
    eta <- X %*% beta
    y * eta - log1p(exp(eta))
  }
}

probit_loglik <- function(data) {
  X <- data$X
  sign <- 2 * data$y - 1
  function(beta) pnorm(sign * (X %*% beta), log.p = TRUE)
}

simulate_poisson <- function(n, k) {
  X <- simulate_regressors(n, k)
  list(X = X, y = as.numeric(stats::rpois(n, exp(simulate_index(X) / 2))))
}

poisson_loglik <- function(data) {
  X <- data$X
  y <- data$y
  function(beta) dpois(y, exp(X %*% beta), log = TRUE)
}
