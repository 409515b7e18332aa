# The generalised Pareto distribution: exceedances of a high threshold.
#' @include densities.R
NULL

#' Generalised Pareto distribution
#'
#' The survival function \eqn{P(X > x) = (1 + \xi (x - u) / \sigma)^{-1/\xi}}
#' for \eqn{x} above the threshold \eqn{u} and, for a negative shape
#' \eqn{\xi}, below \eqn{u - \sigma/\xi}. Shape 0 is the exponential
#' distribution; the density has its derivatives there too.
#'
#' @inheritParams dstudent_t
#' @param shape Shape \eqn{\xi}, any number.
#' @param scale Scale \eqn{\sigma}, positive.
#' @param threshold Threshold \eqn{u}.
#' @return A vector, recycled over the arguments.
#' @references Coles, S. (2001). *An Introduction to Statistical Modeling of
#'   Extreme Values*. Springer, chapter 4.
#' @examples
#' dgpd(c(0.5, 1, 4), shape = 0.2, scale = 1.5)
#' dgpd(1, shape = 0, scale = 2) - dexp(1, 1 / 2)
#' @export
dgpd <- function(x, shape, scale, threshold = 0, log = FALSE) {
  scale <- positive_or_missing(scale)
  at_finite(function(x) {
    h <- gpd_hazard(x, shape, scale, threshold)
    value <- -log(scale) - (1 + shape) * h$value
    inside <- inside_or(h$inside & h$z >= 0, value)
    with_upper_end(inside, shape * h$z, shape, scale)
  }, x, log)
}

# The log density of extremes is that of a uniform distribution at the upper end
# (u = -1) where the shape is -1, and infinite for shapes below.
with_upper_end <- function(value, u, shape, scale) {
  end <- u == -1 & shape <= -1
  if (any(end %in% TRUE)) {
    ifelse(end, ifelse(shape == -1, -log(scale), Inf), value)
  } else {
    value
  }
}

# -log P(X > x), and where it is defined.
gpd_hazard <- function(x, shape, scale, threshold) {
  z <- (x - threshold) / scale
  u <- shape * z
  inside <- u > -1
  list(inside = inside, z = z,
       value = z * log1p_ratio(inside_or(inside, u, 0)))
}

#' @rdname dgpd
#' @export
pgpd <- function(
  q, shape, scale, threshold = 0, lower.tail = TRUE, log.p = FALSE
) {
  scale <- positive_or_missing(scale)
  with_ends(
    function(q) pgpd_finite(q, shape, scale, threshold, lower.tail, log.p),
    q, lower.tail, log.p
  )
}

pgpd_finite <- function(q, shape, scale, threshold, lower.tail, log.p) {
  h <- gpd_hazard(q, shape, scale, threshold)
  below <- h$z < 0
  hazard <- inside_or(!below, h$value, 0)
  value <- from_log_tails(log1m_exp(hazard), -hazard, lower.tail, log.p)
  if (all(h$inside %in% TRUE)) {
    return(value)
  }
  inside_or(h$inside | below, value, below_support(!lower.tail, log.p))
}

#' @rdname dgpd
#' @export
qgpd <- function(
  p, shape, scale, threshold = 0, lower.tail = TRUE, log.p = FALSE
) {
  h <- minus_log(p, !lower.tail, log.p)
  threshold + scale * ifelse(
    is.infinite(h), ifelse(shape < 0, -1 / shape, Inf),
    h * expm1_ratio(shape * ifelse(is.infinite(h), 0, h))
  )
}

#' @rdname dgpd
#' @export
rgpd <- function(n, shape, scale, threshold = 0) {
  qgpd(stats::runif(n), shape, scale, threshold)
}

define_facts("dgpd", discrete = FALSE,
  mean = function(shape, scale, threshold = 0) {
    threshold + ifelse(shape < 1, scale / (1 - shape), Inf)
  },
  variance = function(shape, scale, threshold = 0) {
    finite <- shape < 0.5
    xi <- ifelse(finite, shape, 0)
    ifelse(finite, scale^2 / ((1 - xi)^2 * (1 - 2 * xi)), Inf) + 0 * threshold
  }
)

define_rewritten("admle",
  "dgpd", "gpd_hazard", "with_upper_end", "pgpd", "pgpd_finite", "qgpd"
)
