# What does not depend on the data: loading the package, recording a function, a
# fit of 30 rows.

source("bench/harness.R")
source("bench/models.R")

load_in_new_process <- function(code) {
  system2(file.path(R.home("bin"), "Rscript"),
          c("--no-init-file", "-e", shQuote(code)))
}

rows <- function() {
  article <- simulate_normal(5000, 10)
  few <- simulate_normal(30, 3)
  frame <- data.frame(y = few$y, few$X[, -1])
  start <- function(k) list(beta = numeric(k), log_sigma = 0)
  times <- paired(list(
    admle = function() load_in_new_process("library(admle)"),
    nothing = function() load_in_new_process("invisible()"),
    record = function() recorded(normal_loglik(article), start(10)),
    small = function() summary(mle_fit(normal_loglik(few), start(3))),
    lm = function() summary(stats::lm(y ~ ., frame))
  ))
  check_same("lm", sort(coef(values(times)$small)[1:3, 1]),
             sort(coef(values(times)$lm)[, 1]), 1e-8)
  medians <- apply(times, 2L, stats::median, na.rm = TRUE) * 1000
  rbind(
    figure("library(admle) in a new process",
           medians[["admle"]] - medians[["nothing"]], "ms", at_most = 300),
    figure("record the article's model, K = 10", medians[["record"]], "ms",
           at_most = 5),
    figure("whole fit of 30 rows, 4 parameters", medians[["small"]], "ms",
           at_most = 5, peer = "lm() + summary()", theirs = medians[["lm"]])
  )
}

scenario("Costs that do not depend on the size of the data.", rows)
