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
  few = function(fit, spec, information, slopes) {
    objective <- fit_objective(fit)
    product <- objective$outer_product(unname(fit$theta))
    if (!is_sparse_hessian(product) || !is.null(fit$weights)) {
      why <- if (!is.null(fit$weights)) {
        "with weights it is not made."
      } else if (is.na(fit$n)) {
        "the total that the function returns has no scores."
      } else {
        "here parameters meet that do not in the Hessian."
      }
      admle_abort("unsupported", paste(
        "The outer product of the scores of many parameters is made where it",
        "is sparse:", why
      ))
    }
    known <- sparse_view(sparse_part(product, interior(fit)))
    if (is.null(sparse_factor_of(known))) {
      admle_warn("hessian", paste(
        "The outer product of the scores is singular: it gives no standard",
        "errors."
      ))
      return(list(matrix = slopes$times(slopes$columns) * NA))
    }
    list(matrix = slopes$times(information_solve(known, slopes$columns)))
  },
  text = function(made) "inverse of the outer product of the scores"
)
