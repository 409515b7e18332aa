# The inverse of the observed information.

#' @include covariance-types.R
NULL

register_covariance(
  "hessian", synonyms = c("oim", "observed"), scores = FALSE,
  information = c(observed = "observed information"),
  theta = function(fit, spec, information) {
    list(matrix = inverse_information(information))
  },
  few = function(fit, spec, information, slopes) {
    list(matrix = slopes$times(information_solve(information, slopes$columns)))
  },
  text = function(made) "inverse of the negative Hessian"
)
