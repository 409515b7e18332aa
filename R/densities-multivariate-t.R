# The multivariate t distribution.
#' @include densities-multivariate.R
NULL

#' Multivariate t distribution
#'
#' The density of rows \eqn{x} of a matrix, \deqn{f(x) = \frac{\Gamma((\nu +
#' p)/2)}{\Gamma(\nu/2) (\nu \pi)^{p/2} |\Sigma|^{1/2}} \left(1 + \frac{(x -
#' \mu)' \Sigma^{-1} (x - \mu)}{\nu}\right)^{-(\nu + p)/2}.} The covariance
#' matrix is \eqn{\Sigma \nu / (\nu - 2)}. `mvtnorm::dmvt()`, whose arguments
#' have another order and whose default is the logarithm, is recorded as this
#' density.
#'
#' @inheritParams dmvnorm
#' @param df Degrees of freedom, positive.
#' @param sigma Scale matrix, positive definite; by default the identity.
#' @param chol Cholesky factor of the scale matrix.
#' @return A vector with an element for each row of `x`; `rmvt()`, a matrix with
#'   `n` rows.
#' @examples
#' sigma <- matrix(c(2, 0.5, 0.5, 1), 2)
#' dmvt(cbind(0:2, 1), df = 4, mean = c(1, 1), sigma = sigma)
#' @export
dmvt <- function(x, df, mean = 0, sigma = NULL, log = FALSE, chol = NULL) {
  if (is.null(dim(x))) x <- matrix(x, nrow = 1L)
  p <- ncol(x)
  factor <- covariance_factor(sigma, chol, p)
  z <- (x - mean_rows(mean, nrow(x), p)) %*% backsolve(factor, diag(p))
  value <- lgamma(p / 2) - lbeta(df / 2, p / 2) - p * log(pi * df) / 2 -
    sum(log(abs(diag(factor)))) - (df + p) / 2 * log1p(rowSums(z^2) / df)
  from_log(value, log)
}

#' @rdname dmvt
#' @export
rmvt <- function(n, df, mean = 0, sigma = NULL, chol = NULL) {
  factor <- covariance_factor(sigma, chol, row_length(mean))
  scale <- sqrt(df / stats::rchisq(n, df))
  drawn_rows(mean, n, ncol(factor)) + scale * rmvnorm(n, 0, chol = factor)
}

define_facts("dmvt", discrete = FALSE,
  size = function(df, mean = 0, sigma = NULL, chol = NULL) {
    if (length(dim(mean)) == 2L) nrow(mean) else length(df)
  },
  mean = function(...) NULL, variance = function(...) NULL
)

define_rewritten("admle", "dmvt")

define_masks("mvtnorm",
  dmvt = function(x, delta = rep(0, p), sigma = diag(p), df = 1, log = TRUE,
                  type = "shifted", checkSymmetry = TRUE) {
    p <- if (length(dim(x)) == 2L) ncol(x) else length(x)
    if (!any_traced(list(x, delta, sigma, df))) {
      return(mvtnorm::dmvt(x, delta, sigma, df, log, type, checkSymmetry))
    }
    check_plain(log = log, type = type)
    if (!identical(match.arg(type, c("shifted", "Kshirsagar")), "shifted")) {
      unsupported("dmvt() of type \"Kshirsagar\"", "Use type \"shifted\".")
    }
    masked_function(dmvt)(x, df, delta, sigma, log)
  }
)
