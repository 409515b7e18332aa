# Two threads against one: the time of a fit, and the same bits in the result.

source("bench/harness.R")
source("bench/models.R")

n <- by_mode(1e6, 1e5)
k <- 20

fit_with <- function(data, threads) {
  mle_fit(logit_loglik(data), list(beta = numeric(k)),
          control = mle_control(threads = threads))
}

rows <- function() {
  if (!"threads" %in% names(formals(mle_control))) {
    return(skipped("mle_control() has no argument `threads`"))
  }
  data <- simulate_binary(n, k, stats::plogis)
  times <- paired(list(two = function() fit_with(data, 2),
                       one = function() fit_with(data, 1)))
  found <- values(times)
  same <- identical(coef(found$one), coef(found$two)) &&
    identical(vcov(found$one), vcov(found$two)) &&
    identical(logLik(found$one), logLik(found$two))
  rbind(
    compare(times, paste("logit, two threads, N =", format_count(n)), "one",
            faster = 1.7, ours = "two", label = "one thread"),
    claim("bitwise the same estimates, covariances and log-likelihood", same)
  )
}

scenario("Logit with 20 regressors on two threads.", rows)
