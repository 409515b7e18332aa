# GARCH(1,1) with the user's loop: record, fit and Hessian. The model is that of
# Fiorentini, Calzolari and Panattoni (1996), "Analytic derivatives and the
# computation of GARCH estimates", Journal of Applied Econometrics 11, whose
# estimates (to 15 digits) are the check.

source("bench/harness.R")

benchmark <- c(mu = -0.006190408379938, omega = 0.010761397851818,
               alpha = 0.153134061820467, beta = 0.805973670305370)

start <- list(mu = 0, omega = 0.02, alpha = 0.1, beta = 0.8)

fit_admle <- function(y) {
  loglik <- function(mu, omega, alpha, beta) {
    squares <- (y - mu)^2
    h <- numeric(length(y))
    h[1] <- omega + (alpha + beta) * mean(squares)
    for (t in 2:length(y)) {
      h[t] <- omega + alpha * squares[t - 1] + beta * h[t - 1]
    }
    dnorm(y, mu, sqrt(h), log = TRUE)
  }
  summary(mle_fit(loglik, start))
}

# Faster with RTMB than assigning elements of a vector, see recursion.R.
fit_garch_rtmb <- function(y) {
  negative <- function(p) {
    squares <- (y - p$mu)^2
    h <- vector("list", length(y))
    h[[1]] <- p$omega + (p$alpha + p$beta) * mean(squares)
    for (t in 2:length(y)) {
      h[[t]] <- p$omega + p$alpha * squares[t - 1] + p$beta * h[[t - 1]]
    }
    -sum(RTMB::dnorm(y, p$mu, sqrt(do.call(c, h)), log = TRUE))
  }
  fit_rtmb(negative, start, minimise_nlminb)
}

fit_fgarch <- function(y) {
  fGarch::garchFit(~ garch(1, 1), y, trace = FALSE)
}

rows <- function() {
  if (!has("fGarch")) return(skipped("the data are fGarch's"))
  data("dem2gbp", package = "fGarch", envir = environment())
  y <- dem2gbp[[1L]]
  peers <- list(admle = function() fit_admle(y),
                fGarch = function() suppressWarnings(fit_fgarch(y)))
  if (has("RTMB")) peers$RTMB <- function() fit_garch_rtmb(y)
  times <- paired(peers)
  found <- values(times)
  check_same("benchmark", coef(found$admle)[, 1], benchmark, 1e-8)
  check_same("RTMB", found$RTMB$par, benchmark)
  check_same("fGarch", found$fGarch@fit$coef, benchmark, 1e-3)
  what <- sprintf("record, fit and Hessian, N = %s", format_count(length(y)))
  rbind(
    compare(times, what, "RTMB", at_most = 1, label = "RTMB, nlminb, he()"),
    compare(times, what, "fGarch", label = "garchFit()")
  )
}

scenario("GARCH(1,1) of the DEM/GBP returns, written as a loop.", rows)
