# Methods for the car package, registered when it is loaded.

#' Delta method of the car package
#'
#' A method of [car::deltaMethod()]: in its expressions the coefficients have
#' their names, with `Intercept` for `(Intercept)`, also in the names of other
#' parameters, as in `"exp(sigma_Intercept)"`. Names that are not those of R
#' variables are put into backticks. See [predict.mle_fit()] for exact
#' derivatives of any expression.
#'
#' @param object A fit by [mle_fit()].
#' @param g. The expression, as text.
#' @param vcov. The covariance matrix, or a function that computes it.
#' @param func Its name in the result.
#' @param ... Passed on.
#' @return What [car::deltaMethod()] returns.
#' @examples
#' if (requireNamespace("car", quietly = TRUE)) {
#'   fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ wt,
#'                  data = mtcars)
#'   car::deltaMethod(fit, "-Intercept / wt") # the weight at which mu is zero
#' }
#' @exportS3Method car::deltaMethod
deltaMethod.mle_fit <- function(object, g., vcov. = NULL, func = g., ...) {
  estimate <- object$coefficients
  names(estimate) <- gsub("(Intercept)", "Intercept", names(estimate),
                          fixed = TRUE)
  covariance <- if (is.null(vcov.)) vcov.mle_fit(object, complete = FALSE) else
    if (is.function(vcov.)) vcov.(object) else vcov.
  car::deltaMethod(estimate, g., vcov. = covariance, func = func, ...)
}
