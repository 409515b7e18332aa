# Poisson regression with an effect for each of many groups. glm() makes a dummy
# variable for each; it is timed on fewer of them, since all of them would take
# it an hour and several gigabytes.

source("bench/harness.R")
source("bench/models.R")

n <- by_mode(1e5, 2e4)
n_groups <- by_mode(1000, 200)
n_glm <- by_mode(2e4, 5e3)
groups_glm <- by_mode(200, 50)
k <- 5

simulate_groups <- function(n, n_groups) {
  X <- simulate_regressors(n, k)
  X[, 1] <- stats::rnorm(n)
  g <- rep_len(seq_len(n_groups), n)
  effect <- stats::rnorm(n_groups, 1, 0.5)
  y <- stats::rpois(n, exp(effect[g] + simulate_index(X) / 2))
  list(X = X, g = g, y = as.numeric(y), n_groups = n_groups)
}

fit_admle <- function(data) {
  X <- data$X
  g <- data$g
  y <- data$y
  loglik <- function(alpha, beta) {
    dpois(y, exp(alpha[g] + X %*% beta), log = TRUE)
  }
  start <- list(alpha = numeric(data$n_groups), beta = numeric(k))
  summary(mle_fit(loglik, start))
}

fit_glm <- function(data) {
  summary(stats::glm(y ~ factor(g) + X - 1, stats::poisson(), data))
}

# A QR decomposition of n rows and p columns takes time proportional to n p^2.
rows <- function() {
  data <- simulate_groups(n, n_groups)
  part <- simulate_groups(n_glm, groups_glm)
  scale <- n * (n_groups + k)^2 / (n_glm * (groups_glm + k)^2)
  times <- paired(list(
    admle = function() fit_admle(data),
    small = function() fit_admle(part),
    glm = function() fit_glm(part)
  ))
  found <- values(times)
  check_same("glm", coef(found$small)[, 1], coef(found$glm)[, 1])
  megabytes <- peak_beyond_data(quote(data <- simulate_groups(n, n_groups)),
                                quote(fit_admle(data)))
  dummies <- n * n_groups * 8 / 2^20
  small <- sprintf("N = %s, %d groups", format_count(n_glm), groups_glm)
  rbind(
    compare(times, sprintf("whole fit, N = %s, %d groups", format_count(n),
                           n_groups),
            "glm", faster = 50, scale = scale,
            label = sprintf("glm() (%s, times %.0f)", small, scale)),
    compare(times, paste0("whole fit, ", small), "glm", ours = "small",
            label = "glm()"),
    # The Hessian and a few matrices of its size are needed, and a session.
    figure("memory beyond the data", megabytes, "MB",
           at_most = max(64, dummies / 4),
           peer = "matrix of dummies", theirs = dummies)
  )
}

scenario("Poisson regression with group effects and 5 regressors.", rows)
