# The methods of stats for a fit, short because the fit keeps what they return.

#' Methods for fitted models
#'
#' The usual extractors for a fit by [mle_fit()].
#'
#' @param object A fit by [mle_fit()].
#' @param ... Ignored; for `update()`, arguments of [mle_fit()] to change.
#' @param complete Whether coefficients that are not determined, because a
#'   column of a model matrix is a combination of others, are shown as `NA`.
#' @param group With random effects in the formulas, the name of a group:
#'   `coef()` returns a data frame of the coefficients of the first formula by
#'   its levels, effects included.
#' @param type The kind of weights.
#' @param evaluate If `FALSE`, `update()` returns the changed call.
#' @return
#' * `coef()`: the estimates of the free parameters, named. Coefficients of
#'   columns of a model matrix that others explain are `NA`, as in [lm()];
#'   `complete = FALSE` leaves them out.
#' * `logLik()`: with attributes `df`, the number of identified free parameters,
#'   absorbed effects included (see [fixed_effects]), and `nobs`, so that
#'   [stats::AIC()] and [stats::BIC()] work.
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
coef.mle_fit <- function(object, complete = TRUE, group = NULL, ...) {
  if (!is.null(group)) {
    return(group_coefficients(object, group))
  }
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
