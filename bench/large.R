# Ten million rows: does it complete, in how much memory beyond the data, and
# is the time linear in the rows?

source("bench/harness.R")
source("bench/models.R")

n_large <- by_mode(1e7, 5e5)
n_small <- n_large / 10
k <- 10

models <- list(
  normal = list(
    simulate = function(n) simulate_normal(n, k), loglik = normal_loglik,
    start = list(beta = numeric(k), log_sigma = 0)
  ),
  logit = list(
    simulate = function(n) simulate_binary(n, k, stats::plogis),
    loglik = logit_loglik, start = list(beta = numeric(k))
  ),
  poisson = list(
    simulate = function(n) simulate_poisson(n, k), loglik = poisson_loglik,
    start = list(beta = numeric(k))
  )
)

fit_model <- function(model, data, check = TRUE) {
  summary(mle_fit(model$loglik(data), model$start,
                  control = mle_control(check = check)))
}

# Estimates are as many standard errors apart as two samples let them be.
check_plausible <- function(name, small, large) {
  z <- (coef(small)[, 1] - coef(large)[, 1]) / coef(small)[, 2]
  if (max(abs(z)) > 5) stop(name, ": estimates do not fit together")
}

rows_of <- function(name) {
  model <- models[[name]]
  large <- model$simulate(n_large)
  first <- seq_len(n_small)
  small <- list(X = large$X[first, ], y = large$y[first])
  times <- paired(list(
    large = function() fit_model(model, large),
    small = function() fit_model(model, small)
  ), rounds = 3L)
  check_plausible(name, values(times)$small, values(times)$large)
  # One plain evaluation of the function takes several vectors of this length.
  megabytes <- function(check) {
    peak_beyond_data(
      bquote({
        model <- models[[.(name)]]
        data <- model$simulate(n_large)
      }),
      bquote(fit_model(model, data, .(check)))
    )
  }
  rbind(
    compare(times, sprintf("%s, N = %s", name, format_count(n_large)), "small",
            at_most = 11, ours = "large",
            label = paste("admle, N =", format_count(n_small))),
    figure(paste0(name, ", memory beyond the data, check = FALSE"),
           megabytes(FALSE), "MB", at_most = 100),
    figure(paste0(name, ", memory with the plain evaluation that checks"),
           megabytes(TRUE), "MB")
  )
}

scenario(
  "Whole fits with 10 regressors on many rows.",
  function() do.call(rbind, lapply(names(models), rows_of))
)
