# DHARMa compares the response with simulated ones. It asks the family what kind
# of numbers these are, which a model given as a density has under another name.

#' Methods for DHARMa
#'
#' `DHARMa::simulateResiduals()` works on a fit of a model given as a formula.
#' It warns that it does not know the class; the residuals are those of
#' [simulate.mle_fit()]. For a likelihood written as a function, which does not
#' say what its response is, there is an error; simulate from the model yourself
#' and use `DHARMa::createDHARMa()`.
#'
#' The methods are registered when DHARMa is loaded.
#' @param object A fit by [mle_fit()].
#' @param nsim Number of simulated responses.
#' @param type,... Passed to the default method.
#' @return `getFamily()`: a family, or its name and link; `getSimulations()`:
#'   a matrix with a column for each simulation.
#' @examples
#' if (requireNamespace("DHARMa", quietly = TRUE)) {
#'   fit <- mle_fit(count ~ dnbinom(mu = mu, size = size), log(mu) ~ spray,
#'                  data = InsectSprays)
#'   residuals <- suppressWarnings(DHARMa::simulateResiduals(fit, n = 100))
#'   DHARMa::testUniformity(residuals, plot = FALSE)
#' }
#' @name DHARMa_methods
NULL

#' @rdname DHARMa_methods
#' @exportS3Method DHARMa::getFamily
getFamily.mle_fit <- function(object, ...) {
  model <- need_model(object, "family")
  if (!is.null(model$family)) {
    return(model$family)
  }
  insight_family(plain_density(model$density)$name, object)
}

#' @rdname DHARMa_methods
#' @exportS3Method DHARMa::getSimulations
getSimulations.mle_fit <- function(object, nsim = 1, type = "normal", ...) {
  if (is.null(object$model$family)) {
    simulated <- simulate.mle_fit(object, nsim = nsim)
    return(if (type == "normal") data.matrix(simulated) else simulated)
  }
  default <- utils::getS3method("getSimulations", "default",
                                envir = asNamespace("DHARMa"))
  default(object, nsim = nsim, type = type, ...)
}
