# The distribution of Q = sum of w_j chi^2_1, independent, of either sign. With
# M its moment generating function, P(Q > q) is the integral of
# M(t) exp(-t q) / (2 pi i t) along any path that crosses the real axis between
# zero and 1 / (2 max w) and keeps the branch points of M on its sides. Through
# the saddle point and bent to the right the integrand is smooth and falls like
# a normal density, also where Imhof's integral along the axis oscillates (Rice
# 1980, SIAM Journal on Scientific and Statistical Computing 1, 438-448).

weighted_chisq <- function(q, weights) {
  weights <- weights[abs(weights) > 1e-12 * max(abs(weights))]
  if (length(weights) == 0L) {
    return(as.numeric(q < 0))
  }
  if (q < 0) {
    return(1 - upper_tail(-q, -weights))
  }
  upper_tail(q, weights)
}

# For q >= 0.
upper_tail <- function(q, weights) {
  if (all(weights < 0)) {
    return(0)
  }
  if (all(weights > 0) && q == 0) {
    return(1)
  }
  q <- q / max(weights)
  weights <- weights / max(weights)
  end <- 1 / 2
  slope <- function(t) sum(weights / (1 - 2 * weights * t)) - q - 1 / t
  saddle <- stats::uniroot(slope, end * c(1e-12, 1 - 1e-12), tol = 1e-14)$root
  curvature <- sum(2 * weights^2 / (1 - 2 * weights * saddle)^2) + 1 / saddle^2
  log_size <- function(t) {
    total <- -t * q - log(t)
    for (w in weights) total <- total - log(1 - 2 * w * t) / 2
    total
  }
  level <- Re(log_size(complex(real = saddle)))
  integrand <- function(u) {
    t <- saddle + complex(real = u^2 / 2, imaginary = u) / sqrt(curvature)
    step <- complex(real = u, imaginary = 1) / sqrt(curvature)
    Im(exp(log_size(t) - level) * step)
  }
  found <- stats::integrate(integrand, 0, Inf, rel.tol = 1e-10,
                            subdivisions = 1000L)
  min(max(exp(level) * found$value / pi, 0), 1)
}
