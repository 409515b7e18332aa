# The inverse of the observed information.

#' @include covariance-types.R
NULL

register_covariance(
  "hessian", synonyms = c("oim", "observed"), scores = FALSE,
  information = c(observed = "observed information"),
  theta = function(fit, spec, information) {
    list(matrix = inverse_information(information))
  },
  text = function(made) "inverse of the negative Hessian"
)
