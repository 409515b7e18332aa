# Logit and probit on a million rows: whole fits, and the memory of one.

source("bench/harness.R")
source("bench/models.R")

n <- by_mode(1e6, 5e4)
# A scalar tape takes time and memory linear in the rows, 10 GB for a million.
n_tape <- by_mode(1e5, 5e3)
# TMB's has a node for each product too.
n_tmb <- 1e4
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

first_rows <- function(data, n) {
  rows <- seq_len(n)
  list(X = data$X[rows, ], y = data$y[rows])
}

tape_peers <- function(link, data) {
  peers <- list()
  if (has("RTMB")) {
    part <- first_rows(data, n_tape)
    negative <- negative_total(models[[link]]$loglik(part))
    peers$RTMB <- function() fit_rtmb(negative, start)
  }
  if (link == "logit" && !quick && has("TMB")) {
    compile_template("logit_tmb")
    short <- first_rows(data, n_tmb)
    peers$TMB <- function() fit_tmb("logit_tmb", short, start)
  }
  peers
}

rows_of <- function(link) {
  data <- simulate(link)
  times <- paired(c(list(
    admle = function() fit_admle(link, data),
    glm = function() fit_glm(link, data)
  ), tape_peers(link, data)))
  found <- values(times)
  check_same("glm.fit", coef(found$admle)[, 1], found$glm$coefficients)
  on_first <- function(n) fit_glm(link, first_rows(data, n))$coefficients
  check_same("RTMB", on_first(n_tape), found$RTMB$par, 1e-4)
  check_same("TMB", on_first(n_tmb), found$TMB$par, 1e-4)
  megabytes <- peak_beyond_data(bquote(data <- simulate(.(link))),
                                bquote(fit_admle(.(link), data)))
  what <- sprintf("%s, N = %s", link, format_count(n))
  scaled <- function(peer, rows) {
    sprintf("%s (N = %s, times %g)", peer, format_count(rows), n / rows)
  }
  rbind(
    compare(times, what, "glm", faster = 6, label = "glm.fit()"),
    compare(times, what, "RTMB", faster = 100, scale = n / n_tape,
            label = scaled("RTMB", n_tape)),
    compare(times, what, "TMB", scale = n / n_tmb,
            label = scaled("TMB", n_tmb)),
    figure(paste0(what, ", memory beyond the data"), megabytes, "MB",
           at_most = 64)
  )
}

scenario(
  "Logit and probit with 20 regressors, from zeros to standard errors.",
  function() do.call(rbind, lapply(names(models), rows_of))
)
