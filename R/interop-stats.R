# Small methods of stats that other packages ask for.

#' Names of a fit
#'
#' @param object A fit by [mle_fit()].
#' @param ... Ignored.
#' @return `variable.names()`: the names of the coefficients; with `full`, also
#'   of those that are `NA`. `case.names()`: the names of the observations.
#'   `labels()`: the terms, as in [stats::labels.lm()].
#' @param full Whether coefficients that are `NA` are among them.
#' @examples
#' fit <- mle_fit(mpg ~ wt, data = mtcars, adjust = TRUE)
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
case.names.mle_model <- function(object, ...) {
  row.names(object$model$frame)
}

#' @rdname fit_names
#' @export
labels.mle_model <- function(object, ...) {
  attr(terms.mle_model(object), "term.labels")
}

#' Residual standard deviation
#'
#' @param object A fit by [mle_fit()].
#' @param ... Ignored.
#' @return The estimate of the standard deviation of a normal response, where
#'   it is the same for all observations; in a fit with `adjust` times
#'   \eqn{\sqrt{n / (n - k)}}, as in [lm()]. An error of class
#'   `admle_error_unsupported` for other models.
#' @examples
#' sigma(mle_fit(mpg ~ wt, data = mtcars, adjust = TRUE))
#' @importFrom stats sigma
#' @export
sigma.mle_model <- function(object, ...) {
  model <- object$model
  spread <- if (is_normal(model)) {
    variance(model_distribution(conditional_fit(object)))
  }
  # The weights of a gaussian family divide the variance.
  if (!is.null(model$given$precision)) spread <- spread * model$given$precision
  if (is.null(spread) || diff(range(spread)) > 1e-10 * spread[[1L]]) {
    abort_no_sigma()
  }
  factor <- object$adjustment$factor
  sqrt(spread[[1L]] * if (is.null(factor)) 1 else factor)
}
