# The methods of stats for a fit, short because the fit keeps what they return.
# Only a fit that was read from a file has work to do: its call may speak of
# variables that no longer exist, for which it keeps values, and the likelihood
# that was recorded is gone and must be recorded again.

#' Methods for fitted models
#'
#' The usual extractors for a fit by [mle_fit()].
#'
#' @param object A fit by [mle_fit()].
#' @param ... Ignored; for `update()`, arguments of [mle_fit()] to change.
#' @param complete Whether coefficients that are not determined, because a
#'   column of a model matrix is a combination of others, are shown as `NA`.
#' @param type The kind of weights.
#' @param evaluate If `FALSE`, `update()` returns the changed call.
#' @return
#' * `coef()`: the estimates of the free parameters, named. Coefficients of
#'   columns of a model matrix that others explain are `NA`, as in [lm()];
#'   `complete = FALSE` leaves them out.
#' * `logLik()`: with attributes `df`, the number of identified free parameters,
#'   and `nobs`, so that [stats::AIC()] and [stats::BIC()] work.
#' * `BIC()`: `NA`, with a warning, where `nobs()` is.
#' * `nobs()`: the number of observations; `NA` where the function returned a
#'   total that cannot be split and there is no data frame.
#' * `df.residual()`: `Inf`, which stands for the normal distribution, or n - k
#'   in a fit with `adjust`.
#' * `deviance()`: minus twice the log-likelihood.
#' * `weights()`: the weights of the contributions, or `NULL`; `"working"`:
#'   those of the last step of iterated weighted least squares, for families.
#' * `formula()`, `terms()`, `model.frame()`, `model.matrix()`, `family()`: see
#'   [model_parts].
#' * `update()`: a new fit. Variables that the call names and that no longer
#'   exist are replaced by what they were at the fit.
#' @name mle_fit_methods
#' @examples
#' fit <- mle_fit(function(mu, s) dnorm(speed, mu, exp(s), log = TRUE),
#'                start = list(mu = 10, s = 1), data = cars)
#' logLik(fit)
#' AIC(fit, update(fit, fixed = list(mu = 15)))
NULL

#' @rdname mle_fit_methods
#' @export
coef.mle_fit <- function(object, complete = TRUE, ...) {
  if (isTRUE(complete)) with_aliased(object) else object$coefficients
}

#' @rdname mle_fit_methods
#' @export
logLik.mle_fit <- function(object, ...) {
  structure(object$loglik, df = object$rank, nobs = object$nobs,
            class = "logLik")
}

#' @rdname mle_fit_methods
#' @importFrom stats BIC
#' @export
BIC.mle_fit <- function(object, ...) {
  if (...length() == 0L && is.na(object$nobs)) {
    admle_warn("observations", paste(
      "BIC is NA, because the number of observations is not known: the",
      "addends of the total that the function returned are not shown to be one",
      "for each row of the data. Return the vector of contributions."
    ))
  }
  NextMethod()
}

#' @rdname mle_fit_methods
#' @importFrom stats nobs
#' @export
nobs.mle_fit <- function(object, ...) {
  object$nobs
}

#' @rdname mle_fit_methods
#' @export
df.residual.mle_fit <- function(object, ...) {
  object$df.residual
}

#' @rdname mle_fit_methods
#' @export
deviance.mle_fit <- function(object, ...) {
  -2 * object$loglik
}

#' @rdname mle_fit_methods
#' @export
weights.mle_fit <- function(object, type = c("prior", "working"), ...) {
  type <- match_choice(type, c("prior", "working"), "type")
  weights <- if (type == "prior") object$weights else working_weights(object)
  stats::naresid(object$na.action, weights)
}

# Those of iterated weighted least squares, as glm() has them.
working_weights <- function(fit) {
  model <- need_model(fit, "working weights")
  family <- model$family
  if (is.null(family)) {
    admle_abort("unsupported", paste(
      "Working weights are those of families (`family =`): this model was",
      "given as a density."
    ))
  }
  mean <- fitted_values(fit)
  family_weights(fit) * family$mu.eta(family$linkfun(mean))^2 /
    family$variance(mean)
}

# Whether the function finds all the variables that it found at the fit.
has_globals <- function(fn, fit) {
  found <- global_variables(fn, names(fit$data))
  all(names(fit$globals) %in% names(found))
}

with_missing_globals <- function(fit) {
  if (has_globals(fit$fn, fit)) fit$fn else with_globals(fit$fn, fit$globals)
}

# The recorded likelihood. It holds pointers to memory outside R, so it is not
# kept in the fit, which may be saved, but in this session's registry, under a
# key that the fit holds. A fit that was read in another process finds nothing
# under its key: the function is recorded again, with the global variables that
# it used at the fit.
fit_objective <- function(fit) {
  holder <- fit$objective
  objective <- if (!is.null(holder$key)) registry$objectives[[holder$key]]
  if (is.null(objective)) {
    revived <- !is.null(holder$key)
    fn <- if (revived) with_globals(fit$fn, fit$globals) else fit$fn
    # A function made of a formula has its variables in its environment.
    by_formula <- !is.null(fit$model)
    objective <- objective_record(
      fn, fit$parameters, weights = fit$weights,
      data = if (!by_formula) data_in_use(fit$data, fit$subset),
      subset = if (is.null(fit$data) && !by_formula) fit$subset,
      negative = fit$negative, derivatives = fit$derivatives,
      threads = fit$control$threads, check = fit$control$check
    )
    register_objective(holder, objective)
  }
  objective
}

registry <- new.env(parent = emptyenv())

# Forgotten when the last copy of the fit is.
register_objective <- function(holder, objective) {
  if (is.null(registry$objectives)) {
    registry$objectives <- new.env(parent = emptyenv())
    registry$process <- paste(Sys.getpid(), as.numeric(Sys.time()),
                              basename(tempdir()))
    registry$count <- 0
  }
  registry$count <- registry$count + 1
  holder$key <- paste(registry$process, registry$count)
  assign(holder$key, objective, envir = registry$objectives)
  reg.finalizer(holder, forget_objective)
}

forget_objective <- function(holder) {
  if (exists(holder$key, envir = registry$objectives, inherits = FALSE)) {
    rm(list = holder$key, envir = registry$objectives)
  }
}

# The variables and functions in the global environment that `fn` uses, by way
# of helper functions too: saveRDS() does not keep them with the closure.
global_variables <- function(fn, columns = character()) {
  found <- list()
  seen <- character()
  pending <- list(fn)
  while (length(pending)) {
    current <- pending[[1L]]
    pending <- pending[-1L]
    for (name in setdiff(names_in(current), c(seen, columns))) {
      own <- find_variable(name, environment(current))
      if (is.null(own)) next
      seen <- c(seen, name)
      if (typeof(own$value) == "closure") {
        pending <- c(pending, list(own$value))
      }
      if (identical(own$env, globalenv())) {
        found[[name]] <- own$value
      }
    }
  }
  found
}

# `fn` with the kept variables between its own environments and the global one.
with_globals <- function(fn, globals) {
  if (length(globals) == 0L) {
    return(fn)
  }
  base <- list2env(globals, parent = globalenv())
  for (name in names(globals)) {
    base[[name]] <- rebased(globals[[name]], base)
  }
  rebased(fn, base)
}

rebased <- function(fn, base) {
  if (typeof(fn) != "closure") {
    return(fn)
  }
  environment(fn) <- rebased_environment(environment(fn), base)
  fn
}

rebased_environment <- function(env, base) {
  if (identical(env, globalenv())) {
    return(base)
  }
  if (isNamespace(env) || identical(env, baseenv()) ||
        identical(env, emptyenv())) {
    return(env)
  }
  copy <- list2env(as.list(env, all.names = TRUE),
                   parent = rebased_environment(parent.env(env), base))
  for (name in ls(copy, all.names = TRUE)) {
    value <- copy[[name]]
    if (typeof(value) == "closure" && identical(environment(value), env)) {
      environment(value) <- copy
      assign(name, value, envir = copy)
    }
  }
  copy
}

check_fit <- function(fit, name = "fit") {
  if (!inherits(fit, "mle_fit")) {
    admle_abort("argument", sprintf(
      "`%s` must be a fit by mle_fit(), not %s.", name, described(fit)
    ), argument = name)
  }
}

abort_no_model <- function(what) {
  admle_abort("unsupported", sprintf(paste(
    "A likelihood written as a function does not say what its %s are.",
    "Compute them from coef(fit)."
  ), what))
}
