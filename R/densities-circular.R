# The von Mises distribution of angles.
#' @include densities.R distribution-numeric.R
NULL

#' Von Mises distribution
#'
#' The density of an angle \eqn{x} in radians, \eqn{f(x) = \exp(\kappa
#' \cos(x - \mu)) / (2 \pi I_0(\kappa))}. An angle may be given with any number
#' of whole turns; the distribution function and quantiles are those of the turn
#' \eqn{(\mu - \pi, \mu + \pi)}.
#'
#' @inheritParams dstudent_t
#' @param mu Mean direction, in radians.
#' @param kappa Concentration, not negative.
#' @return A vector, recycled over the arguments.
#' @references Mardia, K. V. and Jupp, P. E. (2000). *Directional Statistics*.
#'   Wiley, section 3.5.4.
#' @examples
#' dvonmises(c(-1, 0, 2), mu = 0.5, kappa = 2)
#' @export
dvonmises <- function(x, mu, kappa, log = FALSE) {
  # 1 - cos(a) without cancellation.
  versine <- 2 * sin((x - mu) / 2)^2
  value <- -kappa * versine - log(2 * pi * bessel_i0_scaled(kappa))
  from_log(value, log)
}

#' @rdname dvonmises
#' @export
pvonmises <- function(q, mu, kappa, lower.tail = TRUE, log.p = FALSE) {
  z <- q - mu
  above <- z > 0
  tail <- vonmises_log_tail(pmin(ifelse(above, z, -z), pi), kappa)
  rest <- above == lower.tail
  if (log.p) {
    ifelse(rest, log1m_exp(-tail), tail)
  } else {
    ifelse(rest, -expm1(tail), exp(tail))
  }
}

# log P(X > mu + a) for 0 <= a <= pi, by Gauss's rule where the density is above
# exp(-40) times that at `a`: 32 nodes give 14 digits for any concentration.
vonmises_log_tail <- function(a, kappa) {
  rule <- vonmises_rule
  # The sine of half the angle, squared, at the end of that range.
  end <- sin(a / 2)^2 + 20 / pmax(kappa, 1)
  whole <- end >= 1
  inside <- 2 * asin(sqrt(ifelse(whole, 0.5, end)))
  half <- (ifelse(whole, pi, inside) - a) / 2
  total <- 0
  for (j in seq_along(rule$nodes)) {
    step <- half * (1 + rule$nodes[j])
    relative <- exp(-2 * kappa * sin(a + step / 2) * sin(step / 2))
    total <- total + rule$weights[j] * relative
  }
  dvonmises(a, 0, kappa, log = TRUE) + log(half * total)
}

vonmises_rule <- gauss_legendre(32L)

bessel_i0_scaled <- function(x) {
  if (is_traced(x)) besselI(x, 0, TRUE) else bessel_i0_scaled_(x)
}

#' @rdname dvonmises
#' @export
rvonmises <- function(n, mu, kappa) {
  # Best and Fisher (1979), Applied Statistics 28, 152-157.
  kappa <- rep_len(kappa, n)
  tau <- 1 + sqrt(1 + 4 * kappa^2)
  rho <- (tau - sqrt(2 * tau)) / (2 * kappa)
  r <- (1 + rho^2) / (2 * rho)
  # Without concentration the angle is uniform.
  cosine <- cos(pi * stats::runif(n))
  left <- which(kappa > 1e-6)
  while (length(left)) {
    z <- cos(pi * stats::runif(length(left)))
    f <- (1 + r[left] * z) / (r[left] + z)
    c <- kappa[left] * (r[left] - f)
    u <- stats::runif(length(left))
    taken <- c * (2 - c) > u | log(c / u) + 1 - c >= 0
    cosine[left[taken]] <- f[taken]
    left <- left[!taken]
  }
  sign <- ifelse(stats::runif(n) < 0.5, -1, 1)
  mu + sign * acos(pmin(pmax(cosine, -1), 1))
}

define_facts("dvonmises", discrete = FALSE,
  support = function(mu, kappa) {
    list(mu - pi + 0 * kappa, mu + pi + 0 * kappa)
  },
  mean = function(mu, kappa) mu + 0 * kappa
)

define_rewritten("admle",
  "dvonmises", "pvonmises", "vonmises_log_tail", "bessel_i0_scaled"
)
