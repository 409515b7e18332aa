# Ordered logit with five categories against MASS::polr() and ordinal::clm().

source("bench/harness.R")
source("bench/models.R")

n <- by_mode(1e5, 1e4)
k <- 5

simulate_ratings <- function() {
  X <- simulate_regressors(n, k)[, -1]
  latent <- drop(X %*% c(1, -0.5, 0.3, 0)) + stats::rlogis(n)
  list(X = X, y = findInterval(latent, c(-2, -0.5, 1, 2.5)) + 1L)
}

# Thresholds are the first and the logarithms of the steps to the next.
fit_admle <- function(data) {
  X <- data$X
  y <- data$y
  loglik <- function(beta, first, log_step) {
    threshold <- c(-Inf, cumsum(c(first, exp(log_step))), Inf)
    eta <- X %*% beta
    log(plogis(threshold[y + 1L] - eta) - plogis(threshold[y] - eta))
  }
  start <- list(beta = numeric(ncol(X)), first = -1, log_step = numeric(3))
  summary(mle_fit(loglik, start))
}

rows <- function() {
  data <- simulate_ratings()
  frame <- data.frame(y = ordered(data$y), data$X)
  peers <- list(admle = function() fit_admle(data))
  if (has("MASS")) {
    peers$polr <- function() summary(MASS::polr(y ~ ., frame, Hess = TRUE))
  }
  if (has("ordinal")) {
    peers$clm <- function() summary(ordinal::clm(y ~ ., data = frame))
  }
  times <- paired(peers)
  found <- values(times)
  slopes <- coef(found$admle)[seq_len(k - 1), 1]
  # polr() stops after about 5 digits.
  check_same("polr", slopes, coef(found$polr)[seq_len(k - 1), 1], 1e-3)
  check_same("clm", slopes, found$clm$beta, 1e-5)
  what <- paste("whole fit, N =", format_count(n))
  rbind(
    compare(times, what, "polr", faster = 1, label = "polr()"),
    compare(times, what, "clm", faster = 1, label = "clm()")
  )
}

scenario("Ordered logit, 5 categories, 4 regressors.", rows)
