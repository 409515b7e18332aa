# Peers: is one there, have both found the same, and what several scenarios do
# with RTMB and with admle's own objective.

# Says so where a peer is missing.
has <- function(package) {
  found <- requireNamespace(package, quietly = TRUE)
  if (!found) say("without ", package, ", which is not installed")
  found
}

say <- function(...) {
  cat("  ", ..., "\n", sep = "")
  flush(stdout())
}

# Stops unless two programs agree: a comparison of unlike results says nothing.
# Differences are relative to the coefficient, or to 1 where that is smaller. A
# peer that was left out has nothing to compare.
check_same <- function(what, ours, theirs, tolerance = 1e-5) {
  if (is.null(theirs)) return(invisible())
  stopifnot(length(ours) == length(theirs), length(ours) > 0L)
  ours <- unname(ours)
  theirs <- unname(theirs)
  error <- max(abs(ours - theirs) / pmax(abs(theirs), 1))
  if (!isTRUE(error <= tolerance)) {
    stop(sprintf("%s: estimates differ by %.2g", what, error), call. = FALSE)
  }
}

# The negative log-likelihood of a list of parameters, as RTMB wants it, from a
# function of separate arguments that returns contributions. RTMB's functions
# are found as if it were attached, by this function alone.
negative_total <- function(loglik) {
  environment(loglik) <- list2env(as.list(environment(loglik)),
                                  parent = asNamespace("RTMB"))
  function(parameters) -sum(do.call(loglik, unname(parameters)))
}

# Record, minimise, Hessian.
fit_rtmb <- function(negative, start, minimise = minimise_bfgs) {
  minimise(RTMB::MakeADFun(negative, start, silent = TRUE))
}

# The same with a template that compile_template() has loaded.
fit_tmb <- function(name, data, start) {
  minimise_bfgs(TMB::MakeADFun(data, start, DLL = name, silent = TRUE))
}

minimise_bfgs <- function(made) {
  found <- stats::optim(made$par, made$fn, made$gr, method = "BFGS",
                        control = list(maxit = 1000, reltol = 1e-12))
  list(par = found$par, hessian = made$he(found$par))
}

minimise_nlminb <- function(made) {
  # It warns of trial points outside of the domain.
  found <- suppressWarnings(stats::nlminb(made$par, made$fn, made$gr))
  list(par = found$par, hessian = made$he(found$par))
}

# A recorded log-likelihood without the solver around it.
recorded <- function(loglik, start) {
  parameters <- admle:::parameters_new(start, loglik, NULL)
  admle:::objective_record(loglik, parameters)$pointer
}
