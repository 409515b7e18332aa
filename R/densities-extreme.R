# Distributions of largest values.
#' @include densities.R
NULL

#' Extreme value distributions
#'
#' `gumbel`: the Gumbel distribution of a maximum, \eqn{F(x) =
#' \exp(-\exp(-z))} with \eqn{z = (x - \mu) / \sigma}. `gev`: the generalised
#' extreme value distribution, \eqn{F(x) = \exp(-(1 + \xi z)^{-1/\xi})} where
#' \eqn{1 + \xi z > 0}; the shape \eqn{\xi} is positive for heavy upper tails
#' and negative for a finite upper end, and 0 is the Gumbel distribution (the
#' sign of Coles 2001, and of the packages evd and VGAM). Derivatives at a shape
#' of 0 are exact.
#'
#' @inheritParams dstudent_t
#' @param shape Shape \eqn{\xi}, of any sign.
#' @return A vector, recycled over the arguments.
#' @references Coles, S. (2001). *An Introduction to Statistical Modeling of
#'   Extreme Values*. Springer.
#' @examples
#' dgumbel(c(-1, 0, 5))
#' dgev(c(-1, 0, 5), shape = c(-0.2, 0, 0.3))
#' qgev(0.99, location = 10, scale = 2, shape = 0.1) # 100-year level
#' @name dgev
NULL

#' @rdname dgev
#' @export
dgumbel <- function(x, location = 0, scale = 1, log = FALSE) {
  scale <- positive_or_missing(scale)
  at_finite(function(x) {
    z <- (x - location) / scale
    -log(scale) - z - exp(-z)
  }, x, log)
}

#' @rdname dgev
#' @export
pgumbel <- function(
  q, location = 0, scale = 1, lower.tail = TRUE, log.p = FALSE
) {
  hazard <- exp(-(q - location) / positive_or_missing(scale))
  from_log_tails(-hazard, log1m_exp(hazard), lower.tail, log.p)
}

#' @rdname dgev
#' @export
qgumbel <- function(
  p, location = 0, scale = 1, lower.tail = TRUE, log.p = FALSE
) {
  location - scale * log(minus_log(p, lower.tail, log.p))
}

#' @rdname dgev
#' @export
rgumbel <- function(n, location = 0, scale = 1) {
  location - scale * log(stats::rexp(n))
}

# -log of the lower-tail probability, from either tail.
minus_log <- function(p, lower.tail, log.p) {
  if (lower.tail) {
    if (log.p) -p else -log(p)
  } else {
    -log1p(-if (log.p) exp(p) else p)
  }
}

euler <- -digamma(1)

define_facts("dgumbel", discrete = FALSE,
  mean = function(location = 0, scale = 1) location + euler * scale,
  variance = function(location = 0, scale = 1) {
    pi^2 / 6 * scale^2 + 0 * location
  }
)

# log of (1 + shape z)^(-1/shape), and where that is defined.
gev_log_hazard <- function(x, location, scale, shape) {
  z <- (x - location) / scale
  u <- shape * z
  inside <- u > -1
  list(inside = inside, value = -z * log1p_ratio(inside_or(inside, u, 0)))
}

#' @rdname dgev
#' @export
dgev <- function(x, location = 0, scale = 1, shape = 0, log = FALSE) {
  scale <- positive_or_missing(scale)
  at_finite(function(x) {
    h <- gev_log_hazard(x, location, scale, shape)
    value <- -log(scale) + (shape + 1) * h$value - exp(h$value)
    u <- shape * (x - location) / scale
    with_upper_end(inside_or(h$inside, value), u, shape, scale)
  }, x, log)
}

#' @rdname dgev
#' @export
pgev <- function(
  q, location = 0, scale = 1, shape = 0, lower.tail = TRUE, log.p = FALSE
) {
  scale <- positive_or_missing(scale)
  with_ends(
    function(q) pgev_finite(q, location, scale, shape, lower.tail, log.p),
    q, lower.tail, log.p
  )
}

pgev_finite <- function(q, location, scale, shape, lower.tail, log.p) {
  h <- gev_log_hazard(q, location, scale, shape)
  hazard <- exp(h$value)
  value <- from_log_tails(-hazard, log1m_exp(hazard), lower.tail, log.p)
  if (all(h$inside %in% TRUE)) {
    return(value)
  }
  # Below the lower end for positive shapes, above the upper end for others.
  none <- if (log.p) -Inf else 0
  all <- if (log.p) 0 else 1
  below <- rep_len((shape > 0) == lower.tail, length(value))
  inside_or(h$inside, value, ifelse(below, none, all))
}

#' @rdname dgev
#' @export
qgev <- function(
  p, location = 0, scale = 1, shape = 0, lower.tail = TRUE, log.p = FALSE
) {
  u <- -log(minus_log(p, lower.tail, log.p))
  z <- ifelse(
    is.infinite(u),
    ifelse(shape == 0 | u * shape > 0, u, -1 / shape),
    u * expm1_ratio(shape * ifelse(is.infinite(u), 0, u))
  )
  location + scale * z
}

#' @rdname dgev
#' @export
rgev <- function(n, location = 0, scale = 1, shape = 0) {
  qgev(stats::runif(n), location, scale, shape)
}

define_facts("dgev", discrete = FALSE,
  mean = function(location = 0, scale = 1, shape = 0) {
    small <- abs(shape) < 1e-6
    xi <- ifelse(small | shape >= 1, 0.5, shape)
    z <- ifelse(small, euler + shape * (euler^2 + pi^2 / 6) / 2,
      (gamma(1 - xi) - 1) / xi)
    location + scale * ifelse(shape >= 1, Inf, z)
  },
  variance = function(location = 0, scale = 1, shape = 0) {
    small <- abs(shape) < 1e-4
    xi <- ifelse(small | shape >= 0.5, 0.25, shape)
    z <- (gamma(1 - 2 * xi) - gamma(1 - xi)^2) / xi^2
    z <- ifelse(small, pi^2 / 6, z)
    scale^2 * ifelse(shape >= 0.5, Inf, z) + 0 * location
  }
)

define_rewritten("admle",
  "dgumbel", "pgumbel", "qgumbel", "minus_log", "gev_log_hazard", "dgev",
  "pgev",
  "pgev_finite", "qgev"
)
