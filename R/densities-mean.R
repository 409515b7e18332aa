# Distributions parametrised by their mean: beta, inverse Gaussian.
#' @include densities.R
NULL

#' Beta distribution by mean and precision
#'
#' The beta distribution with shapes \eqn{\mu\phi} and \eqn{(1 - \mu)\phi}: mean
#' \eqn{\mu}, variance \eqn{\mu (1 - \mu) / (1 + \phi)}. The distribution of
#' beta regression.
#'
#' @inheritParams dstudent_t
#' @param mu Mean, between 0 and 1.
#' @param phi Precision, positive.
#' @return A vector, recycled over the arguments.
#' @references Ferrari, S. L. P. and Cribari-Neto, F. (2004). Beta regression
#'   for modelling rates and proportions. *Journal of Applied Statistics* 31,
#'   799-815.
#' @examples
#' dbetar(c(0.2, 0.5), mu = 0.3, phi = 10)
#' @export
dbetar <- function(x, mu, phi, log = FALSE) {
  from_log(stats::dbeta(x, mu * phi, (1 - mu) * phi, log = TRUE), log)
}

#' @rdname dbetar
#' @export
pbetar <- function(q, mu, phi, lower.tail = TRUE, log.p = FALSE) {
  stats::pbeta(
    q, mu * phi, (1 - mu) * phi, lower.tail = lower.tail, log.p = log.p
  )
}

#' @rdname dbetar
#' @export
qbetar <- function(p, mu, phi, lower.tail = TRUE, log.p = FALSE) {
  stats::qbeta(
    p, mu * phi, (1 - mu) * phi, lower.tail = lower.tail, log.p = log.p
  )
}

#' @rdname dbetar
#' @export
rbetar <- function(n, mu, phi) stats::rbeta(n, mu * phi, (1 - mu) * phi)

define_facts("dbetar", discrete = FALSE,
  mean = function(mu, phi) mu + 0 * phi,
  variance = function(mu, phi) mu * (1 - mu) / (1 + phi),
  support = function(mu, phi) list(0, 1)
)

#' Inverse Gaussian distribution
#'
#' \deqn{f(x) = \sqrt{\frac{\lambda}{2 \pi x^3}} \exp\left(-\frac{\lambda (x -
#' \mu)^2}{2 \mu^2 x}\right),\quad x > 0,} with mean \eqn{\mu} and shape
#' \eqn{\lambda}; the variance is \eqn{\mu^3 / \lambda}. The dispersion of a
#' generalised linear model is `1 / shape`.
#'
#' @inheritParams dstudent_t
#' @param mean Mean, positive.
#' @param shape Shape, positive; or instead
#' @param dispersion Dispersion, `1 / shape`.
#' @return A vector, recycled over the arguments.
#' @references
#' Tweedie, M. C. K. (1957). Statistical properties of inverse Gaussian
#' distributions. *Annals of Mathematical Statistics* 28, 362-377.
#'
#' Michael, J. R., Schucany, W. R. and Haas, R. W. (1976). Generating random
#' variates using transformations with multiple roots. *American Statistician*
#' 30, 88-90.
#' @examples
#' dinvgauss(c(0.5, 1, 2), mean = 1.5, dispersion = 0.7)
#' @export
dinvgauss <- function(
  x, mean = 1, shape = 1 / dispersion, dispersion = 1, log = FALSE
) {
  inside <- x > 0 & x < Inf
  x <- inside_or(inside, x, 1)
  value <- (log(shape) - log(2 * pi) - 3 * log(x)) / 2 -
    shape * (x - mean)^2 / (2 * mean^2 * x)
  from_log(inside_or(inside, value), log)
}

#' @rdname dinvgauss
#' @export
pinvgauss <- function(
  q, mean = 1, shape = 1 / dispersion, dispersion = 1, lower.tail = TRUE,
  log.p = FALSE
) {
  inside <- q > 0 & q < Inf
  x <- inside_or(inside, q, 1)
  root <- sqrt(shape / x)
  z <- root * (x / mean - 1)
  reflected <- 2 * shape / mean +
    stats::pnorm(-root * (x / mean + 1), log.p = TRUE)
  value <- from_log_tails(
    log_add(stats::pnorm(z, log.p = TRUE), reflected),
    log_difference(stats::pnorm(-z, log.p = TRUE), reflected),
    lower.tail, log.p
  )
  below <- below_support(lower.tail, log.p)
  above <- below_support(!lower.tail, log.p)
  inside_or(inside, value, ifelse(rep_len(q > 0, length(value)), above, below))
}

#' @rdname dinvgauss
#' @export
qinvgauss <- function(
  p, mean = 1, shape = 1 / dispersion, dispersion = 1, lower.tail = TRUE,
  log.p = FALSE
) {
  if (log.p) p <- exp(p)
  size <- max(length(mean), length(shape))
  # Bisection on the logarithm, so that small quantiles have all digits.
  log_q <- invert_cumulative(
    function(q, lower.tail, log.p) {
      pinvgauss(exp(q), mean, shape, lower.tail = lower.tail, log.p = log.p)
    }, p, size, FALSE, lower.tail
  )
  exp(log_q)
}

#' @rdname dinvgauss
#' @export
rinvgauss <- function(n, mean = 1, shape = 1 / dispersion, dispersion = 1) {
  mean <- rep_len(mean, n)
  ratio <- mean * stats::rnorm(n)^2 / shape
  # The smaller root, without cancellation.
  small <- mean * 2 / (2 + ratio + sqrt(ratio * (4 + ratio)))
  ifelse(stats::runif(n) <= mean / (mean + small), small, mean^2 / small)
}

define_facts("dinvgauss", discrete = FALSE,
  mean = function(mean = 1, shape = 1 / dispersion, dispersion = 1) {
    mean + 0 * shape
  },
  variance = function(mean = 1, shape = 1 / dispersion, dispersion = 1) {
    mean^3 / shape
  }
)

define_rewritten("admle", "dbetar", "pbetar", "dinvgauss", "pinvgauss")
