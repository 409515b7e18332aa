# The von Mises distribution of angles.
#' @include densities.R
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
  value <- -kappa * versine - log(2 * pi * besselI(kappa, 0, TRUE))
  from_log(value, log)
}

# Fourier series; the coefficients fall like those of a normal distribution of
# variance 1 / kappa, beyond 40 terms or so.
#' @rdname dvonmises
#' @export
pvonmises <- function(q, mu, kappa, lower.tail = TRUE, log.p = FALSE) {
  z <- q - mu
  angle <- pmin(pmax(z, -pi), pi)
  terms <- vonmises_terms(kappa)
  total <- 0.5 + angle / (2 * pi)
  scale <- pi * besselI(kappa, 0, TRUE)
  for (j in seq_len(terms)) {
    total <- total + besselI(kappa, j, TRUE) * sin(j * angle) / (j * scale)
  }
  p <- if (lower.tail) total else 1 - total
  if (log.p) log(p) else p
}

vonmises_terms <- function(kappa) {
  20 + ceiling(9 * sqrt(max(trace_value(kappa))))
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

define_rewritten("admle", "dvonmises", "pvonmises")
