# Distributions on the whole line with a location and a scale.
#' @include densities.R
NULL

#' Student's t distribution with location and scale
#'
#' The distribution of `location + scale * T` where `T` has Student's t
#' distribution: \eqn{f(x) = t_\nu((x - \mu) / \sigma) / \sigma}. The variance
#' is `scale^2 * df / (df - 2)`.
#'
#' @param x,q Vector of quantiles.
#' @param p Vector of probabilities.
#' @param n Number of random numbers.
#' @param df Degrees of freedom, positive.
#' @param location,scale Location, and scale, positive.
#' @param log,log.p Probabilities are given as logarithms?
#' @param lower.tail Probabilities of `X <= x`? Otherwise of `X > x`.
#' @return A vector, recycled over the arguments.
#' @examples
#' dstudent_t(c(-1, 0, 2), df = 4, location = 1, scale = 2)
#' @export
dstudent_t <- function(x, df, location = 0, scale = 1, log = FALSE) {
  from_log(stats::dt((x - location) / scale, df, log = TRUE) - log(scale), log)
}

#' @rdname dstudent_t
#' @export
pstudent_t <- function(
  q, df, location = 0, scale = 1, lower.tail = TRUE, log.p = FALSE
) {
  stats::pt(
    (q - location) / scale, df, lower.tail = lower.tail, log.p = log.p
  )
}

#' @rdname dstudent_t
#' @export
qstudent_t <- function(
  p, df, location = 0, scale = 1, lower.tail = TRUE, log.p = FALSE
) {
  location + scale *
    stats::qt(p, df, lower.tail = lower.tail, log.p = log.p)
}

#' @rdname dstudent_t
#' @export
rstudent_t <- function(n, df, location = 0, scale = 1) {
  location + scale * stats::rt(n, df)
}

define_facts("dstudent_t", discrete = FALSE,
  mean = function(df, location = 0, scale = 1) {
    ifelse(df > 1, location + 0 * scale, NaN)
  },
  variance = function(df, location = 0, scale = 1) {
    scale^2 * ifelse(df > 2, df / (df - 2), ifelse(df > 1, Inf, NaN)) +
      0 * location
  }
)

#' Skew-normal distribution
#'
#' With \eqn{z = (x - \xi) / \omega}, location \eqn{\xi}, scale \eqn{\omega} and
#' shape \eqn{\alpha}: \eqn{f(x) = 2 \phi(z) \Phi(\alpha z) / \omega}. A shape
#' of 0 is the normal distribution. The distribution function comes from the
#' bivariate normal one, [pbivnorm()].
#'
#' @inheritParams dstudent_t
#' @param shape Shape, of any sign: negative values are skewed to the left.
#' @return A vector, recycled over the arguments.
#' @references Azzalini, A. (1985). A class of distributions which includes the
#'   normal ones. *Scandinavian Journal of Statistics* 12, 171-178.
#' @examples
#' dskewnorm(0, shape = 3)
#' pskewnorm(0, shape = 1) # 1/4
#' @export
dskewnorm <- function(x, location = 0, scale = 1, shape = 0, log = FALSE) {
  z <- (x - location) / scale
  value <- log(2) - log(scale) + stats::dnorm(z, log = TRUE) +
    stats::pnorm(shape * z, log.p = TRUE)
  from_log(value, log)
}

#' @rdname dskewnorm
#' @export
pskewnorm <- function(
  q, location = 0, scale = 1, shape = 0, lower.tail = TRUE, log.p = FALSE
) {
  z <- (q - location) / scale
  delta <- shape / sqrt(1 + shape^2)
  if (!lower.tail) {
    z <- -z
    delta <- -delta
  }
  from_log(log(2) + pbivnorm(z, 0, -delta, log = TRUE), log.p)
}

#' @rdname dskewnorm
#' @export
qskewnorm <- function(
  p, location = 0, scale = 1, shape = 0, lower.tail = TRUE, log.p = FALSE
) {
  if (log.p) p <- exp(p)
  z <- invert_cumulative(
    function(q, lower.tail, log.p) {
      pskewnorm(q, 0, 1, shape, lower.tail, log.p)
    },
    p, length(shape), FALSE, lower.tail
  )
  location + scale * z
}

#' @rdname dskewnorm
#' @export
rskewnorm <- function(n, location = 0, scale = 1, shape = 0) {
  delta <- shape / sqrt(1 + shape^2)
  z <- delta * abs(stats::rnorm(n)) + sqrt(1 - delta^2) * stats::rnorm(n)
  location + scale * z
}

define_facts("dskewnorm", discrete = FALSE,
  mean = function(location = 0, scale = 1, shape = 0) {
    location + scale * shape / sqrt(1 + shape^2) * sqrt(2 / pi)
  },
  variance = function(location = 0, scale = 1, shape = 0) {
    scale^2 * (1 - 2 / pi * shape^2 / (1 + shape^2)) + 0 * location
  },
  support = function(...) list(-Inf, Inf)
)

define_rewritten("admle", "dstudent_t", "pstudent_t", "dskewnorm", "pskewnorm")
