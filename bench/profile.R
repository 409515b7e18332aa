# Profile likelihood intervals of a logit with 10 parameters, against one fit of
# it and against glm()'s, which are interpolated.

source("bench/harness.R")
source("bench/models.R")

n <- by_mode(1e4, 2000)
k <- 10

rows <- function() {
  data <- simulate_binary(n, k, stats::plogis)
  frame <- data.frame(y = data$y, data$X)
  loglik <- logit_loglik(data)
  fit <- mle_fit(loglik, list(beta = numeric(k)))
  reference <- stats::glm(y ~ . - 1, stats::binomial(), frame)
  peers <- list(
    fit = function() mle_fit(loglik, list(beta = numeric(k))),
    one = function() confint(fit, 3, method = "profile"),
    all = function() confint(fit, method = "profile"),
    curve = function() profile(fit, 3)
  )
  if (has("MASS") || getRversion() >= "4.4.0") {
    interpolated <- function(parm) {
      suppressMessages(stats::confint(reference, parm))
    }
    peers$glm_one <- function() interpolated(3)
    peers$glm_all <- function() interpolated(seq_len(k))
  }
  times <- paired(peers)
  found <- values(times)
  check_same("confint(glm())", found$all, found$glm_all, 1e-3)
  at <- paste("N =", format_count(n))
  list_rows <- list(
    compare(times, paste("profile interval of one parameter,", at), "fit",
            at_most = 20, label = "one fit", ours = "one"),
    compare(times, "of all ten", "fit", label = "one fit", at_most = 20,
            ours = "all"),
    compare(times, "profile of one parameter, 19 points", "fit",
            label = "one fit", at_most = 20, ours = "curve"),
    compare(times, "interval of one parameter", "glm_one", faster = 1,
            label = "confint(glm())", ours = "one"),
    compare(times, "of all ten", "glm_all", faster = 1,
            label = "confint(glm())", ours = "all")
  )
  do.call(rbind, list_rows)
}

scenario("Profile likelihood intervals of a logit with 10 parameters.", rows)
