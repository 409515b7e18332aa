# Weibull durations, a third of them censored, against survreg().

source("bench/harness.R")
source("bench/models.R")

n <- by_mode(1e5, 1e4)
k <- 5

simulate_durations <- function() {
  X <- simulate_regressors(n, k)
  duration <- stats::rweibull(n, 1.5, exp(1 + simulate_index(X) / 2))
  limit <- stats::rweibull(n, 1.5, exp(1.5))
  list(X = X, time = pmin(duration, limit),
       event = as.numeric(duration <= limit))
}

fit_admle <- function(data) {
  X <- data$X
  time <- data$time
  event <- data$event
  loglik <- function(beta, log_scale) {
    scale <- exp(X %*% beta)
    shape <- exp(-log_scale)
    ifelse(event == 1, dweibull(time, shape, scale, log = TRUE),
           pweibull(time, shape, scale, lower.tail = FALSE, log.p = TRUE))
  }
  summary(mle_fit(loglik, list(beta = numeric(k), log_scale = 0)))
}

fit_survreg <- function(data) {
  summary(survival::survreg(
    survival::Surv(time, event) ~ X - 1, data, dist = "weibull"
  ))
}

rows <- function() {
  data <- simulate_durations()
  peers <- list(admle = function() fit_admle(data))
  if (has("survival")) peers$survreg <- function() fit_survreg(data)
  times <- paired(peers)
  found <- values(times)
  check_same("survreg", coef(found$admle)[, 1], found$survreg$table[, 1])
  compare(times, paste("whole fit, N =", format_count(n)), "survreg",
          faster = 1, label = "survreg()")
}

scenario("Censored Weibull regression with 5 regressors.", rows)
