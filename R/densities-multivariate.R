# The multivariate normal distribution.
#' @include densities.R
NULL

#' Multivariate normal distribution
#'
#' The density of rows \eqn{x} of a matrix: \deqn{f(x) = (2\pi)^{-p/2}
#' |\Sigma|^{-1/2} \exp\left(-\frac{1}{2} (x - \mu)' \Sigma^{-1} (x -
#' \mu)\right).} The covariance matrix is given as `sigma`, or as its Cholesky
#' factor `chol`, upper triangular with \eqn{\Sigma = C'C} as from [chol()].
#'
#' @param x A matrix with an observation in each row; a vector is one
#'   observation.
#' @param mean A vector with a mean for each column, or a matrix like `x`.
#' @param sigma Covariance matrix, positive definite.
#' @param chol Cholesky factor of the covariance matrix.
#' @param n Number of random vectors.
#' @param log Return the logarithm?
#' @return A vector with an element for each row of `x`; `rmvnorm()`, a matrix
#'   with `n` rows.
#' @examples
#' sigma <- matrix(c(2, 0.5, 0.5, 1), 2)
#' dmvnorm(cbind(0:2, 1), mean = c(1, 1), sigma = sigma)
#' @export
dmvnorm <- function(x, mean = 0, sigma = NULL, chol = NULL, log = FALSE) {
  if (is.null(dim(x))) x <- matrix(x, nrow = 1L)
  n <- nrow(x)
  p <- ncol(x)
  factor <- if (is.null(chol)) base::chol(sigma) else chol
  centred <- x - mean_rows(mean, n, p)
  z <- centred %*% backsolve(factor, diag(p))
  value <- -rowSums(z^2) / 2 - sum(log(abs(diag(factor)))) -
    p * log(2 * pi) / 2
  from_log(value, log)
}

# A mean for each column as rows.
mean_rows <- function(mean, n, p) {
  if (length(dim(mean)) == 2L) {
    return(mean)
  }
  matrix(rep(rep_len(mean, p), each = n), n, p)
}

#' @rdname dmvnorm
#' @export
rmvnorm <- function(n, mean = 0, sigma = NULL, chol = NULL) {
  factor <- if (is.null(chol)) base::chol(sigma) else chol
  p <- ncol(factor)
  if (length(dim(mean)) == 2L) mean <- mean[rep_len(seq_len(nrow(mean)), n), ]
  mean_rows(mean, n, p) + matrix(stats::rnorm(n * p), n) %*% factor
}

define_facts("dmvnorm", discrete = FALSE,
  size = function(mean = 0, sigma = NULL, chol = NULL) {
    if (length(dim(mean)) == 2L) nrow(mean) else 1L
  },
  mean = function(...) NULL, variance = function(...) NULL
)

define_rewritten("admle", "dmvnorm", "mean_rows")
