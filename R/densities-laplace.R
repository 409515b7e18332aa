# The asymmetric Laplace distribution.
#' @include densities.R
NULL

#' Asymmetric Laplace distribution
#'
#' The density \eqn{f(x) = \tau (1 - \tau) / \sigma \exp(-\rho((x - \mu) /
#' \sigma))} with the check function \eqn{\rho(u) = u (\tau - 1[u < 0])}: the
#' location \eqn{\mu} is the quantile of probability \eqn{\tau}, so that its
#' maximum likelihood estimate is quantile regression (Koenker and Machado
#' 1999). With `tau = 0.5` it is the Laplace distribution of scale \eqn{2
#' \sigma}. The density has a kink at its location.
#'
#' @inheritParams dstudent_t
#' @param location,scale Location, and scale, positive.
#' @param tau Probability below the location, between 0 and 1.
#' @return A vector, recycled over the arguments.
#' @references Koenker, R. and Machado, J. A. F. (1999). Goodness of fit and
#'   related inference processes for quantile regression. *Journal of the
#'   American Statistical Association* 94, 1296-1310.
#' @examples
#' dalaplace(c(-1, 0, 2), location = 0, scale = 1, tau = 0.25)
#' palaplace(0, tau = 0.25)
#' @export
dalaplace <- function(x, location = 0, scale = 1, tau = 0.5, log = FALSE) {
  u <- (x - location) / scale
  value <- log(tau * (1 - tau)) - log(scale) - u * (tau - (u < 0))
  from_log(value, log)
}

#' @rdname dalaplace
#' @export
palaplace <- function(
  q, location = 0, scale = 1, tau = 0.5, lower.tail = TRUE, log.p = FALSE
) {
  u <- (q - location) / scale
  below <- log(tau) + (1 - tau) * ifelse(u < 0, u, 0)
  above <- log(1 - tau) - tau * ifelse(u < 0, 0, u)
  from_log_tails(
    ifelse(u < 0, below, log1m_exp(-above)),
    ifelse(u < 0, log1m_exp(-below), above), lower.tail, log.p
  )
}

#' @rdname dalaplace
#' @export
qalaplace <- function(
  p, location = 0, scale = 1, tau = 0.5, lower.tail = TRUE, log.p = FALSE
) {
  if (log.p) p <- exp(p)
  lower <- if (lower.tail) p else 1 - p
  upper <- if (lower.tail) 1 - p else p
  location + scale * ifelse(
    lower < tau, log(lower / tau) / (1 - tau), -log(upper / (1 - tau)) / tau
  )
}

#' @rdname dalaplace
#' @export
ralaplace <- function(n, location = 0, scale = 1, tau = 0.5) {
  qalaplace(stats::runif(n), location, scale, tau)
}

define_facts("dalaplace", discrete = FALSE,
  mean = function(location = 0, scale = 1, tau = 0.5) {
    location + scale * (1 - 2 * tau) / (tau * (1 - tau))
  },
  variance = function(location = 0, scale = 1, tau = 0.5) {
    scale^2 * (1 - 2 * tau + 2 * tau^2) / (tau * (1 - tau))^2 + 0 * location
  }
)

define_rewritten("admle", "dalaplace", "palaplace", "qalaplace")
