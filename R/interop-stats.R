# Small methods of stats that other packages ask for.

#' Names and dispersion of a fit
#'
#' @param object A fit by [mle_fit()].
#' @param ... Ignored.
#' @return `variable.names()`: the names of the coefficients; with `full`, also
#'   of those that are `NA`. `case.names()`: the names of the observations.
#'   `labels()`: the terms, as in [stats::labels.lm()]. `sigma()`: the estimated
#'   standard deviation of a normal linear model, in a fit with `adjust` times
#'   the root of its factor, which makes it that of [lm()]; 1 for the binomial
#'   and Poisson families, and an error for models in which it means nothing.
#' @param full Whether coefficients that are `NA` are among them.
#' @examples
#' fit <- mle_fit(mpg ~ wt, data = mtcars, adjust = TRUE)
#' c(sigma(fit), sigma(lm(mpg ~ wt, mtcars)))
#' head(case.names(fit))
#' @name fit_names
NULL

#' @rdname fit_names
#' @importFrom stats variable.names
#' @export
variable.names.mle_fit <- function(object, full = FALSE, ...) {
  names(coef.mle_fit(object, complete = full))
}

#' @rdname fit_names
#' @importFrom stats case.names
#' @export
case.names.mle_fit <- function(object, ...) {
  if (!is.null(object$model)) {
    return(row.names(object$model$frame))
  }
  if (!is.data.frame(object$data)) {
    abort_no_model("names of observations")
  }
  rows <- row.names(object$data)
  if (is.null(object$subset)) rows else rows[object$subset]
}

#' @rdname fit_names
#' @export
labels.mle_fit <- function(object, ...) {
  attr(terms.mle_fit(object), "term.labels")
}

#' @rdname fit_names
#' @importFrom stats sigma
#' @export
sigma.mle_fit <- function(object, ...) {
  family <- object$model$family$family
  if (isTRUE(family %in% c("binomial", "poisson"))) {
    return(1)
  }
  if (!identical(family, "gaussian") || length(object$model$components) > 1L) {
    admle_abort("unsupported", paste(
      "`sigma()` is the standard deviation of a normal linear model. For the",
      "parameters of other models see coef(fit) and",
      "predict(fit, type = \"parameter\")."
    ))
  }
  factor <- fit_adjustment(object, object$adjust)$factor
  estimate <- c(object$coefficients, object$fixed)[["sigma"]]
  if (is.null(factor)) estimate else estimate * sqrt(factor)
}
