# Settings of the optimiser. Tolerances are in statistical units, so that they
# mean the same whatever the units of the data: see `?mle_control`.

#' Settings of the optimiser
#'
#' Convergence is judged in statistical units. With gradient \eqn{g} and Hessian
#' \eqn{H} of the log-likelihood, the *Newton decrement* \eqn{-g' H^{-1} g} is
#' the squared distance to the maximum, measured in standard errors. A fit has
#' converged when its decrement is small **and** its Hessian is negative
#' definite. Where no Hessian is made, the *scaled gradient* decides: the
#' largest \eqn{|g_i| \max(|\theta_i|, 1) / \max(|\ell|, 1)}.
#'
#' @param iterations Largest number of iterations, a whole number; `NULL` for
#'   the default of the method.
#' @param decrement_tolerance A fit has converged when its Newton decrement is
#'   at most this: the square of the distance in standard errors. A decrement
#'   that rounding keeps above it, but below 1e-6, counts as converged too.
#' @param gradient_tolerance Where no Hessian is made: the same for the scaled
#'   gradient.
#' @param value_tolerance The relative gain in one iteration at which a
#'   quasi-Newton search ends (the end point is then judged as above).
#' @param dense_limit With more free parameters than this, and more than this
#'   coupled with each other, no Hessian is made: `method = "auto"` then is
#'   L-BFGS, convergence is judged by the gradient alone, and there are no
#'   standard errors. Thousands of parameters few of which are coupled, such as
#'   the effects of groups, have sparse Hessians. `Inf`: always.
#' @param memory Number of pairs that `"lbfgs"` remembers.
#' @param threads Number of threads that loops over many rows may use, a whole
#'   number; estimates are the same to the last digit for any number. The
#'   default is the option `admle.threads`, or else 1. A likelihood that calls
#'   functions which may warn (R's `pgamma()`, say) stays on one thread.
#' @param check Whether a recording is compared with one plain evaluation of the
#'   function. With tens of millions of rows that evaluation takes most of the
#'   memory, and a good part of the time; turn it off for a function that has
#'   been fitted to fewer rows before.
#' @param multistart The number of further searches from other starts, for a
#'   log-likelihood that may have several maxima. The starts are spread around
#'   the maximum that is found from `start`, 2 to 20 standard errors wide; every
#'   other one has parameters with a declared range anywhere in that range. The
#'   highest maximum is kept, and `fit$maxima` has a row for each one found (see
#'   [mle_fit()]). Another one that is as high, or nearly so, is a warning of
#'   class `admle_warning_maxima`.
#' @param seed The seed of these starts, which use no random numbers of the
#'   session.
#' @return A list of class `"mle_control"`.
#' @seealso [mle_fit()]
#' @references The decrement as a stopping rule: Boyd and Vandenberghe (2004),
#'   *Convex Optimization*, section 9.5. The scaled gradient: Dennis and
#'   Schnabel (1996), *Numerical Methods for Unconstrained Optimization*,
#'   section 7.2.
#' @examples
#' mle_control(iterations = 50)
#' @export
mle_control <- function(iterations = NULL, decrement_tolerance = 1e-18,
                        gradient_tolerance = 1e-6, value_tolerance = 1e-15,
                        dense_limit = 500, memory = 10,
                        threads = getOption("admle.threads", 1),
                        check = TRUE, multistart = 0, seed = 1) {
  check_seed_number(seed)
  if (!is.null(iterations)) {
    iterations <- check_count(iterations, "iterations")
  }
  structure(
    list(
      iterations = iterations,
      decrement_tolerance =
        check_tolerance(decrement_tolerance, "decrement_tolerance"),
      gradient_tolerance =
        check_tolerance(gradient_tolerance, "gradient_tolerance"),
      value_tolerance = check_tolerance(value_tolerance, "value_tolerance"),
      dense_limit = check_count(dense_limit, "dense_limit", infinite = TRUE),
      memory = check_count(memory, "memory"),
      threads = check_count(threads, "threads"),
      check = check_flag(check, "check"),
      multistart = check_count(multistart, "multistart", least = 0),
      seed = seed
    ),
    class = "mle_control"
  )
}

#' @export
print.mle_control <- function(x, ...) {
  cat("Settings of the optimiser:\n")
  shown <- vapply(x, function(value) {
    if (is.null(value)) "the method's default" else format(value)
  }, "")
  cat(sprintf("  %-20s %s\n", names(x), shown), sep = "")
  invisible(x)
}

check_tolerance <- function(value, name) {
  if (!is.numeric(value) || length(value) != 1L || is.na(value) ||
        value <= 0 || value >= 1) {
    admle_abort("argument", sprintf(
      "`%s` must be a number between 0 and 1.", name
    ), argument = name)
  }
  as.numeric(value)
}

# A plain list has the settings to change: control = list(iterations = 5).
as_control <- function(control) {
  if (inherits(control, "mle_control")) {
    return(control)
  }
  if (!is.list(control)) {
    admle_abort(
      "argument", "`control` must be made by `mle_control()`.",
      argument = "control"
    )
  }
  unknown <- setdiff(names(control), names(formals(mle_control)))
  if (length(unknown) || (length(control) && is.null(names(control)))) {
    admle_abort("argument", sprintf(
      "`control` has unknown settings%s. Known are %s.",
      if (length(unknown)) paste0(": ", enumerate(unknown)) else "",
      enumerate(names(formals(mle_control)), limit = Inf)
    ), argument = "control")
  }
  do.call(mle_control, control)
}
