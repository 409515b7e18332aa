# DHARMa compares the response with simulated ones. It asks the family what kind
# of numbers these are, which a model given as a density has under another name.

#' Residuals by simulation with DHARMa
#'
#' `DHARMa::simulateResiduals()` works on a fit of a model given as a formula.
#' It warns that it does not know the class; the residuals are those of
#' [simulate.mle_fit()]. For a likelihood written as a function, which does not
#' say what its response is, there is an error; simulate from the model yourself
#' and use `DHARMa::createDHARMa()`.
#'
#' @examples
#' if (requireNamespace("DHARMa", quietly = TRUE)) {
#'   fit <- mle_fit(count ~ dnbinom(mu = mu, size = size), log(mu) ~ spray,
#'                  data = InsectSprays)
#'   residuals <- suppressWarnings(DHARMa::simulateResiduals(fit, n = 100))
#'   DHARMa::testUniformity(residuals, plot = FALSE)
#' }
#' @name DHARMa_methods
NULL

# The generics differ between versions of DHARMa.
register_for_dharma <- function() {
  on_load_of("DHARMa", function(namespace) {
    methods <- list(getFamily = dharma_family,
                    getObservedResponse = dharma_response,
                    getSimulations = dharma_simulations)
    for (generic in names(methods)) {
      if (exists(generic, envir = namespace, inherits = FALSE)) {
        registerS3method(generic, "mle_fit", methods[[generic]], namespace)
      }
    }
  })
}

# A family, or what DHARMa wants to know of a density: whether its response is
# a count.
dharma_family <- function(object, ...) {
  model <- need_model(object, "response")
  if (!is.null(model$family)) {
    return(model$family)
  }
  counts <- model_distribution(object)$discrete
  family <- insight_family(plain_density(model$density)$name, object)
  if (counts) family$family <- "integer-valued"
  family
}

dharma_response <- function(object, ...) {
  if (is.null(object$model$family)) {
    return(numeric_response(object$model$y))
  }
  dharma_default("getObservedResponse")(object, ...)
}

dharma_simulations <- function(object, nsim = 1, type = "normal", ...) {
  if (is.null(object$model$family)) {
    simulated <- simulate.mle_model(object, nsim = nsim)
    return(if (type == "normal") data.matrix(simulated) else simulated)
  }
  dharma_default("getSimulations")(object, nsim = nsim, type = type, ...)
}

dharma_default <- function(generic) {
  utils::getS3method(generic, "default", envir = asNamespace("DHARMa"))
}
