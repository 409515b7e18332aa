# Two threads against one: the time of a fit, and the same bits in the result.

source("bench/harness.R")
source("bench/models.R")

n <- by_mode(1e6, 1e5)
k <- 20

fit_with <- function(data, threads, check = TRUE) {
  mle_fit(logit_loglik(data), list(beta = numeric(k)),
          control = mle_control(threads = threads, check = check))
}

rows <- function() {
  data <- simulate_binary(n, k, stats::plogis)
  times <- paired(list(two = function() fit_with(data, 2),
                       one = function() fit_with(data, 1)))
  # The plain evaluation that checks a recording is R's and has one thread.
  bare <- paired(list(two = function() fit_with(data, 2, FALSE),
                      one = function() fit_with(data, 1, FALSE)))
  found <- values(times)
  same <- identical(coef(found$one), coef(found$two)) &&
    identical(vcov(found$one), vcov(found$two)) &&
    identical(logLik(found$one), logLik(found$two))
  rbind(
    compare(bare, sprintf("logit, N = %s, check = FALSE", format_count(n)),
            "one", faster = 1.7, ours = "two", label = "one thread"),
    compare(times, sprintf("logit, N = %s", format_count(n)), "one",
            ours = "two", label = "one thread"),
    claim("bitwise the same estimates, covariances and log-likelihood", same)
  )
}

scenario("Logit with 20 regressors on two threads.", rows)
