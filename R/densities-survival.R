# Distributions of times: generalised gamma, log-logistic, Gompertz, inverse
# Gaussian.
#' @include densities.R
NULL

#' Generalised gamma distribution
#'
#' Prentice's (1974) parametrisation: \eqn{\log X = \mu + \sigma w} where, with
#' \eqn{k = Q^{-2}}, \deqn{f(x) = \frac{|Q| k^k}{\sigma x \Gamma(k)}
#' \exp\left(k (Q w - e^{Q w})\right).} `Q = 1` is the Weibull distribution,
#' `Q = sigma` the gamma, `Q = 0` the log-normal one. The density and its
#' derivatives are accurate for any `Q`, 0 included; the derivatives in `Q` of
#' the distribution function lose digits for `|Q|` below 0.05 and are not
#' available at 0.
#'
#' @inheritParams dstudent_t
#' @param mu Location of the logarithm.
#' @param sigma Scale of the logarithm, positive.
#' @param Q Shape, of any sign.
#' @return A vector, recycled over the arguments.
#' @references Prentice, R. L. (1974). A log gamma model and its maximum
#'   likelihood estimation. *Biometrika* 61, 539-544.
#' @examples
#' dgengamma(2, mu = 0, sigma = 1, Q = c(-1, 0, 1))
#' @export
dgengamma <- function(x, mu = 0, sigma = 1, Q, log = FALSE) {
  inside <- x > 0 & x < Inf
  log_x <- log(inside_or(inside, x, 1))
  w <- (log_x - mu) / sigma
  value <- -log(sigma) - log_x - log(2 * pi) / 2 - gamma_remainder(Q) -
    w^2 * exp_remainder(Q * w)
  from_log(inside_or(inside, value), log)
}

# log Gamma(k) - ((k - 1/2) log k - k + log(2 pi) / 2) with k = 1 / Q^2, by its
# asymptotic series where k > 16 (Abramowitz and Stegun 6.1.41).
gamma_remainder <- function(Q) {
  square <- Q^2
  small <- square < 1 / 16
  k <- 1 / ifelse(small, 1, square)
  exact <- lgamma(k) - (k - 0.5) * log(k) + k - log(2 * pi) / 2
  v <- ifelse(small, square, 0)
  coefficients <- c(
    1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156
  )
  ifelse(small, v * polynomial(v^2, coefficients), exact)
}

#' @rdname dgengamma
#' @export
pgengamma <- function(
  q, mu = 0, sigma = 1, Q, lower.tail = TRUE, log.p = FALSE
) {
  inside <- q > 0
  w <- (log(inside_or(inside, q, 1)) - mu) / sigma
  n <- length(w * Q)
  sign <- rep_len((Q > 0) - (Q < 0), n)
  shape <- ifelse(rep_len(Q == 0, n), 1, Q)
  k <- 1 / shape^2
  u <- k * exp(shape * w)
  value <- numeric(n)
  if (any(sign > 0)) {
    value <- stats::pgamma(u, k, lower.tail = lower.tail, log.p = log.p)
  }
  if (any(sign < 0)) {
    other <- stats::pgamma(u, k, lower.tail = !lower.tail, log.p = log.p)
    value <- ifelse(sign < 0, other, value)
  }
  if (any(sign == 0)) {
    normal <- stats::pnorm(w, lower.tail = lower.tail, log.p = log.p)
    value <- ifelse(sign == 0, normal, value)
  }
  inside_or(inside, value, below_support(lower.tail, log.p))
}

#' @rdname dgengamma
#' @export
qgengamma <- function(
  p, mu = 0, sigma = 1, Q, lower.tail = TRUE, log.p = FALSE
) {
  n <- if (length(p)) max(lengths(list(p, mu, sigma, Q))) else 0
  Q <- rep_len(Q, n)
  k <- 1 / ifelse(Q == 0, 1, Q)^2
  same <- stats::qgamma(p, k, lower.tail = lower.tail, log.p = log.p)
  other <- stats::qgamma(p, k, lower.tail = !lower.tail, log.p = log.p)
  w <- log(ifelse(Q > 0, same, other) / k) / ifelse(Q == 0, 1, Q)
  w <- ifelse(
    Q == 0, stats::qnorm(rep_len(p, n), lower.tail = lower.tail, log.p = log.p),
    w
  )
  exp(mu + sigma * w)
}

#' @rdname dgengamma
#' @export
rgengamma <- function(n, mu = 0, sigma = 1, Q) {
  qgengamma(stats::runif(n), mu, sigma, Q)
}

define_facts("dgengamma", discrete = FALSE)

#' Log-logistic distribution
#'
#' \eqn{F(x) = 1 / (1 + (x / b)^{-a})} with shape \eqn{a} and scale \eqn{b}, the
#' median: the logarithm has a logistic distribution with location \eqn{\log b}
#' and scale \eqn{1 / a}.
#'
#' @inheritParams dstudent_t
#' @param shape,scale Shape and scale, positive.
#' @return A vector, recycled over the arguments.
#' @references Bennett, S. (1983). Log-logistic regression models for survival
#'   data. *Applied Statistics* 32, 165-171.
#' @examples
#' pllogis(3, shape = 2, scale = 3) # 1/2
#' @export
dllogis <- function(x, shape = 1, scale = 1, log = FALSE) {
  inside <- x > 0
  log_x <- log(inside_or(inside, x, 1))
  z <- shape * (log_x - log(scale))
  value <- log(shape) - log_x + stats::plogis(z, log.p = TRUE) +
    stats::plogis(-z, log.p = TRUE)
  from_log(inside_or(inside, value), log)
}

#' @rdname dllogis
#' @export
pllogis <- function(
  q, shape = 1, scale = 1, lower.tail = TRUE, log.p = FALSE
) {
  inside <- q > 0
  z <- shape * (log(inside_or(inside, q, 1)) - log(scale))
  value <- stats::plogis(z, lower.tail = lower.tail, log.p = log.p)
  inside_or(inside, value, below_support(lower.tail, log.p))
}

#' @rdname dllogis
#' @export
qllogis <- function(
  p, shape = 1, scale = 1, lower.tail = TRUE, log.p = FALSE
) {
  z <- stats::qlogis(p, lower.tail = lower.tail, log.p = log.p)
  scale * exp(z / shape)
}

#' @rdname dllogis
#' @export
rllogis <- function(n, shape = 1, scale = 1) {
  scale * exp(stats::rlogis(n) / shape)
}

define_facts("dllogis", discrete = FALSE,
  mean = function(shape = 1, scale = 1) {
    b <- pi / ifelse(shape > 1, shape, 2)
    ifelse(shape > 1, scale * b / sin(b), Inf)
  },
  variance = function(shape = 1, scale = 1) {
    b <- pi / ifelse(shape > 2, shape, 4)
    ifelse(shape > 2, scale^2 * (2 * b / sin(2 * b) - b^2 / sin(b)^2), Inf)
  }
)

#' Gompertz distribution
#'
#' The hazard is \eqn{b e^{a x}}, \eqn{x \ge 0}, with shape \eqn{a} of any sign
#' and rate \eqn{b > 0}. A shape of 0 is the exponential distribution; with a
#' negative shape a fraction \eqn{\exp(b / a)} never fails. Derivatives at a
#' shape of 0 are exact. What VGAM calls `scale` and `shape` are `shape` and
#' `rate` here, in this order.
#'
#' @inheritParams dstudent_t
#' @param shape Shape \eqn{a}.
#' @param rate Rate \eqn{b}, positive.
#' @return A vector, recycled over the arguments.
#' @references Gompertz, B. (1825). On the nature of the function expressive of
#'   the law of human mortality. *Philosophical Transactions* 115, 513-583.
#' @examples
#' pgompertz(1, shape = c(-1, 0, 1), rate = 0.5)
#' @export
dgompertz <- function(x, shape, rate = 1, log = FALSE) {
  inside <- x >= 0 & x < Inf
  t <- inside_or(inside, x, 0)
  value <- log(rate) + shape * t - rate * t * expm1_ratio(shape * t)
  from_log(inside_or(inside, value), log)
}

#' @rdname dgompertz
#' @export
pgompertz <- function(
  q, shape, rate = 1, lower.tail = TRUE, log.p = FALSE
) {
  inside <- q > 0
  t <- inside_or(inside, q, 1)
  hazard <- gompertz_hazard(t, shape, rate)
  value <- from_log_tails(log1m_exp(hazard), -hazard, lower.tail, log.p)
  inside_or(inside, value, below_support(lower.tail, log.p))
}

# Cumulative; at the end of time it is finite for negative shapes.
gompertz_hazard <- function(t, shape, rate) {
  forever <- t == Inf
  if (!any(forever %in% TRUE)) {
    return(rate * t * expm1_ratio(shape * t))
  }
  ended <- rate * ifelse(forever, 1, t) *
    expm1_ratio(shape * ifelse(forever, 1, t))
  ifelse(rep_len(forever, length(ended)),
    ifelse(shape < 0, -rate / shape, Inf), ended)
}

#' @rdname dgompertz
#' @export
qgompertz <- function(
  p, shape, rate = 1, lower.tail = TRUE, log.p = FALSE
) {
  hazard <- minus_log(p, !lower.tail, log.p)
  u <- shape * hazard / rate
  ended <- u <= -1
  finite <- hazard / rate * log1p_ratio(ifelse(ended | is.infinite(u), 0, u))
  ifelse(ended | hazard == Inf, Inf, finite)
}

#' @rdname dgompertz
#' @export
rgompertz <- function(n, shape, rate = 1) {
  qgompertz(stats::runif(n), shape, rate)
}

define_facts("dgompertz", discrete = FALSE)

define_rewritten("admle",
  "dgengamma", "gamma_remainder", "pgengamma", "dllogis", "pllogis",
  "dgompertz", "pgompertz", "gompertz_hazard"
)
