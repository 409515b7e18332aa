#' @keywords internal
#'
#' @details
#' Start with [mle_fit()], which fits a model from a log-likelihood or from a
#' formula, and with [grad()], [jacobian()] and [hessian()], which
#' differentiate ordinary R functions. `demo("admle")` is a short tour.
#'
#' @import methods
#' @importFrom stats coef confint deviance df.residual formula logLik nobs terms
#'   update vcov weights
#' @importFrom Rcpp sourceCpp
#' @useDynLib admle, .registration = TRUE
"_PACKAGE"
