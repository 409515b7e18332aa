#' @keywords internal
#'
#' @details
#' Start with [mle_fit()], which fits a model from a log-likelihood or from a
#' formula, and with [grad()], [jacobian()] and [hessian()], which
#' differentiate ordinary R functions. Of a fit there are
#' [summary()][summary.mle_fit], covariances of all kinds
#' ([vcov()][vcov.mle_fit]), [confint()][confint.mle_fit],
#' [profile()][profile.mle_fit], [bootstrap()], [nlcom()], [wald_test()],
#' [lr_test()] and [score_test()], [predict()][predict.mle_fit] and
#' [margins()].
#'
#' `demo("admle")` is a short tour; `vignette("admle")` and
#' `vignette("inference")` are introductions.
#'
#' @import methods
#' @importFrom stats coef confint deviance df.residual formula logLik nobs terms
#'   update vcov weights
#' @importFrom Rcpp sourceCpp
#' @useDynLib admle, .registration = TRUE
"_PACKAGE"
