# Logit and probit on a million rows: whole fits, and the memory of one.

source("bench/harness.R")
source("bench/models.R")

n <- by_mode(1e6, 5e4)
# A scalar tape takes time and memory linear in the rows, 10 GB for a million.
n_tape <- by_mode(1e5, 5e3)
k <- 20
start <- list(beta = numeric(k))

models <- list(
  logit = list(loglik = logit_loglik, probability = stats::plogis),
  probit = list(loglik = probit_loglik, probability = stats::pnorm)
)

simulate <- function(link) simulate_binary(n, k, models[[link]]$probability)

fit_admle <- function(link, data) {
  summary(mle_fit(models[[link]]$loglik(data), start))
}

fit_glm <- function(link, data) {
  stats::glm.fit(data$X, data$y, family = stats::binomial(link))
}

tape_peers <- function(link, part) {
  peers <- list()
  if (has("RTMB")) {
    negative <- negative_total(models[[link]]$loglik(part))
    peers$RTMB <- function() fit_rtmb(negative, start)
  }
  if (link == "logit" && !quick && has("TMB")) {
    compile_template("logit_tmb")
    peers$TMB <- function() fit_tmb("logit_tmb", part, start)
  }
  peers
}

rows_of <- function(link) {
  data <- simulate(link)
  first <- seq_len(n_tape)
  part <- list(X = data$X[first, ], y = data$y[first])
  times <- paired(c(list(
    admle = function() fit_admle(link, data),
    glm = function() fit_glm(link, data)
  ), tape_peers(link, part)))
  found <- values(times)
  check_same("glm.fit", coef(found$admle)[, 1], found$glm$coefficients)
  on_part <- fit_glm(link, part)$coefficients
  check_same("RTMB", on_part, found$RTMB$par, 1e-4)
  check_same("TMB", on_part, found$TMB$par, 1e-4)
  megabytes <- peak_beyond_data(bquote(data <- simulate(.(link))),
                                bquote(fit_admle(.(link), data)))
  what <- sprintf("%s, N = %s", link, format_count(n))
  scale <- n / n_tape
  scaled <- sprintf("(N = %s, times %g)", format_count(n_tape), scale)
  rbind(
    compare(times, what, "glm", faster = 6, label = "glm.fit()"),
    compare(times, what, "RTMB", faster = 100, scale = scale,
            label = paste("RTMB", scaled)),
    compare(times, what, "TMB", scale = scale, label = paste("TMB", scaled)),
    figure(paste0(what, ", memory beyond the data"), megabytes, "MB",
           at_most = 64)
  )
}

scenario(
  "Logit and probit with 20 regressors, from zeros to standard errors.",
  function() do.call(rbind, lapply(names(models), rows_of))
)
