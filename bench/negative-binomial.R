# Negative binomial regression against MASS::glm.nb().

source("bench/harness.R")
source("bench/models.R")

n <- by_mode(1e5, 1e4)
k <- 5

simulate_counts <- function() {
  X <- simulate_regressors(n, k)
  mean <- exp(0.5 + simulate_index(X) / 2)
  list(X = X, y = stats::rnbinom(n, size = 1.5, mu = mean))
}

fit_admle <- function(data) {
  X <- data$X
  y <- data$y
  loglik <- function(beta, log_theta) {
    dnbinom(y, size = exp(log_theta), mu = exp(X %*% beta), log = TRUE)
  }
  summary(mle_fit(loglik, list(beta = numeric(k), log_theta = 0)))
}

rows <- function() {
  data <- simulate_counts()
  peers <- list(admle = function() fit_admle(data))
  if (has("MASS")) {
    peers$glm_nb <- function() summary(MASS::glm.nb(y ~ X - 1, data))
  }
  times <- paired(peers)
  found <- values(times)
  if (!is.null(found$glm_nb)) {
    # Its alternation between beta and theta stops at a relative 1e-8 of the
    # deviance, about half as many digits of the estimates.
    theirs <- c(coef(found$glm_nb)[, 1], log(found$glm_nb$theta))
    check_same("glm.nb", coef(found$admle)[, 1], theirs, 1e-4)
  }
  compare(times, paste("whole fit, N =", format_count(n)), "glm_nb",
          faster = 1, label = "glm.nb()")
}

scenario("Negative binomial regression with 5 regressors.", rows)
