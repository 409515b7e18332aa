# The inverse of the outer product of the scores. Products are weighted once, as
# the Hessian is, not by the square of the weights.

#' @include covariance-expected.R
NULL

register_covariance(
  "opg", information = c(opg = "outer product of the scores"),
  theta = function(fit, spec, information) {
    scores <- interior_scores(fit)
    weights <- fit$weights
    if (!is.null(weights)) {
      used <- weights > 0
      scores <- scores[used, , drop = FALSE] / sqrt(weights[used])
    }
    list(matrix = inverse_within(information, crossprod(scores),
                                 "The outer product of the scores"))
  },
  text = function(made) "inverse of the outer product of the scores"
)
