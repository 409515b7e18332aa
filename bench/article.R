# The article's model, y = X beta + e with the parameters beta and log sigma,
# from zeros to standard errors.

source("bench/harness.R")
source("bench/models.R")

fit_admle <- function(data) {
  start <- list(beta = numeric(ncol(data$X)), log_sigma = 0)
  summary(mle_fit(normal_loglik(data), start))
}

fit_optim <- function(data) {
  loglik <- normal_loglik(data)
  k <- ncol(data$X)
  negative <- function(theta) -sum(loglik(theta[1:k], theta[k + 1]))
  stats::optim(numeric(k + 1), negative, method = "BFGS", hessian = TRUE,
               control = list(maxit = 10000))
}

# Newton-Raphson on differences, maxLik's default.
fit_maxlik <- function(data) {
  loglik <- normal_loglik(data)
  k <- ncol(data$X)
  summary(maxLik::maxLik(
    function(theta) sum(loglik(theta[1:k], theta[k + 1])),
    start = numeric(k + 1)
  ))
}

peers_of <- function(data, k) {
  peers <- list(
    admle = function() fit_admle(data),
    lm = function() summary(stats::lm(data$y ~ data$X - 1))
  )
  if (k <= by_mode(50, 10)) peers$optim <- function() fit_optim(data)
  if (has("RTMB")) {
    start <- list(beta = numeric(k), log_sigma = 0)
    negative <- negative_total(normal_loglik(data))
    peers$RTMB <- function() fit_rtmb(negative, start)
  }
  if (k == 10 && !quick && has("maxLik")) {
    peers$maxLik <- function() fit_maxlik(data)
  }
  peers
}

check_estimates <- function(found, k) {
  slopes <- coef(found$admle)[seq_len(k), 1]
  check_same("lm", slopes, coef(found$lm)[, 1], 1e-8)
  check_same("RTMB", slopes, found$RTMB$par[1:k])
  # What differences of the function leave of the estimates.
  check_same("optim", slopes, found$optim$par[1:k], 1e-3)
  check_same("maxLik", slopes, coef(found$maxLik)[1:k, 1], 1e-4)
}

rows_of <- function(k) {
  data <- simulate_normal(5000, k)
  times <- paired(peers_of(data, k))
  check_estimates(values(times), k)
  what <- paste("whole fit, K =", k)
  rbind(
    compare(times, what, "lm", at_most = if (k == 10) 1.2 else 1,
            label = "lm() + summary()"),
    compare(times, what, "RTMB", faster = if (k == 100) 40,
            label = "RTMB, optim BFGS, he()"),
    compare(times, what, "optim", faster = if (k == 50) 100,
            label = "optim BFGS, numeric"),
    compare(times, what, "maxLik", label = "maxLik, numeric")
  )
}

scenario(
  "The article's normal regression, N = 5000, from zeros to standard errors.",
  function() do.call(rbind, lapply(by_mode(c(10, 50, 100), c(10, 50)), rows_of))
)
