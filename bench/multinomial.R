# Multinomial logit with four categories against nnet::multinom(): time, and how
# far from a zero of the gradient each stops.

source("bench/harness.R")
source("bench/models.R")

n <- by_mode(1e5, 1e4)
k <- 10
categories <- 4

simulate_choices <- function() {
  X <- simulate_regressors(n, k)
  B <- matrix(stats::rnorm(k * (categories - 1), sd = 0.5), k)
  utility <- cbind(0, X %*% B)
  # The largest of the utilities with Gumbel errors.
  utility <- utility - log(stats::rexp(length(utility)))
  list(X = X, y = max.col(utility, "first"))
}

multinomial_loglik <- function(data) {
  X <- data$X
  y <- data$y
  function(B) {
    utility <- cbind(0, X %*% B)
    utility[cbind(seq_along(y), y)] - log(rowSums(exp(utility)))
  }
}

start <- list(B = matrix(0, k, categories - 1))

fit_admle <- function(data) summary(mle_fit(multinomial_loglik(data), start))

fit_multinom <- function(data) {
  fit <- nnet::multinom(y ~ X - 1, data, Hess = TRUE, trace = FALSE)
  summary(fit)
}

largest_score <- function(data, B) {
  pointer <- recorded(multinomial_loglik(data), start)
  max(abs(admle:::objective_gradient_at(pointer, as.numeric(B))))
}

rows <- function() {
  data <- simulate_choices()
  peers <- list(admle = function() fit_admle(data))
  if (has("nnet")) peers$multinom <- function() fit_multinom(data)
  times <- paired(peers)
  found <- values(times)
  ours <- coef(found$admle)[, 1]
  if (is.null(found$multinom)) return(NULL)
  theirs <- t(found$multinom$coefficients)
  # It stops at a relative 1e-8 of its deviance.
  check_same("multinom", ours, as.numeric(theirs), 1e-2)
  reached <- largest_score(data, ours)
  left <- largest_score(data, theirs)
  rbind(
    compare(times, paste("whole fit, N =", format_count(n)), "multinom",
            faster = 3, label = "multinom(Hess = TRUE)"),
    figure("largest derivative at the solution, in absolute value", reached,
           "", at_most = left, peer = "multinom()", theirs = left)
  )
}

scenario("Multinomial logit, 4 categories, 10 regressors.", rows)
