# The multivariate normal distribution.
#' @include densities.R
NULL

#' Multivariate normal distribution
#'
#' The density of rows \eqn{x} of a matrix: \deqn{f(x) = (2\pi)^{-p/2}
#' |\Sigma|^{-1/2} \exp\left(-\frac{1}{2} (x - \mu)' \Sigma^{-1} (x -
#' \mu)\right).} The covariance matrix is given as `sigma`, or as its Cholesky
#' factor `chol`, upper triangular with \eqn{\Sigma = C'C} as from [chol()], or
#' by its inverse, the precision matrix `precision`. The
#' first four arguments are those of `mvtnorm::dmvnorm()`, which a likelihood
#' may also call: it is recorded as this density.
#'
#' @param x A matrix with an observation in each row; a vector is one
#'   observation.
#' @param mean A vector with a mean for each column, or a matrix like `x`.
#' @param sigma Covariance matrix, positive definite; by default the identity.
#' @param log Return the logarithm?
#' @param chol Cholesky factor of the covariance matrix.
#' @param precision Inverse of the covariance matrix.
#' @param n Number of random vectors.
#' @return A vector with an element for each row of `x`; `rmvnorm()`, a matrix
#'   with `n` rows.
#' @examples
#' sigma <- matrix(c(2, 0.5, 0.5, 1), 2)
#' dmvnorm(cbind(0:2, 1), mean = c(1, 1), sigma = sigma)
#' @export
dmvnorm <- function(x, mean = 0, sigma = NULL, log = FALSE, chol = NULL,
                    precision = NULL) {
  if (is.null(dim(x))) x <- matrix(x, nrow = 1L)
  n <- nrow(x)
  p <- ncol(x)
  centred <- x - mean_rows(mean, n, p)
  if (is.null(precision)) {
    factor <- covariance_factor(sigma, chol, p)
    z <- centred %*% backsolve(factor, diag(p))
    log_det <- -sum(log(abs(diag(factor))))
  } else {
    root <- base::chol(precision)
    z <- centred %*% t(root)
    log_det <- sum(log(diag(root)))
  }
  from_log(log_det - rowSums(z^2) / 2 - p * log(2 * pi) / 2, log)
}

covariance_factor <- function(sigma, chol, p) {
  if (!is.null(chol)) {
    return(chol)
  }
  if (is.null(sigma)) diag(p) else base::chol(sigma)
}

# A mean for each column as rows. `name`: of the argument.
mean_rows <- function(mean, n, p, name = "mean") {
  given <- if (length(dim(mean)) == 2L) dim(mean) else length(mean)
  fits <- if (length(given) == 2L) identical(as.numeric(given), c(n, p)) else
    given == p || given == 1L
  if (!fits) {
    stop(sprintf(
      "`%s` must have one element, %d, or %d rows and %d columns; it has %s",
      name, p, n, p, paste(given, collapse = " x ")
    ), call. = FALSE)
  }
  if (length(given) == 2L) {
    return(mean)
  }
  matrix(rep(rep_len(mean, p), each = n), n, p)
}

#' @rdname dmvnorm
#' @export
rmvnorm <- function(n, mean = 0, sigma = NULL, chol = NULL,
                    precision = NULL) {
  if (!is.null(precision)) sigma <- chol2inv(base::chol(precision))
  factor <- covariance_factor(sigma, chol, row_length(mean))
  p <- ncol(factor)
  drawn_rows(mean, n, p) + matrix(stats::rnorm(n * p), n) %*% factor
}

row_length <- function(x) if (length(dim(x)) == 2L) ncol(x) else length(x)

# As mean_rows(), of n draws: the rows of a matrix are recycled.
drawn_rows <- function(mean, n, p) {
  if (length(dim(mean)) == 2L) {
    mean <- mean[rep_len(seq_len(nrow(mean)), n), , drop = FALSE]
  }
  mean_rows(mean, n, p)
}

define_facts("dmvnorm", discrete = FALSE,
  size = function(mean = 0, sigma = NULL, chol = NULL, precision = NULL) {
    if (length(dim(mean)) == 2L) nrow(mean) else 1L
  },
  mean = function(...) NULL, variance = function(...) NULL
)

define_rewritten("admle", "dmvnorm", "mean_rows", "covariance_factor")

define_masks("mvtnorm",
  dmvnorm = function(x, mean, sigma, log = FALSE, checkSymmetry = TRUE) {
    given <- list(x = x, log = log)
    if (!missing(mean)) given$mean <- mean
    if (!missing(sigma)) given$sigma <- sigma
    if (any_traced(given)) {
      do.call(masked_function(dmvnorm), given)
    } else {
      do.call(mvtnorm::dmvnorm, c(given, checkSymmetry = checkSymmetry))
    }
  }
)
