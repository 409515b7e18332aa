# Overdispersed counts.
#' @include densities-mean.R
NULL

#' Negative binomial distributions by mean
#'
#' The two parametrisations of Cameron and Trivedi (1986), with mean \eqn{\mu}
#' and dispersion \eqn{\alpha}: the variance is \eqn{\mu (1 + \alpha)} for
#' `nbinom1` and \eqn{\mu (1 + \alpha \mu)} for `nbinom2`. In terms of
#' [stats::dnbinom()] the `size` is `mu / alpha` and `1 / alpha`.
#'
#' @inheritParams dstudent_t
#' @param mu Mean, positive.
#' @param alpha Dispersion, positive.
#' @return A vector, recycled over the arguments.
#' @references Cameron, A. C. and Trivedi, P. K. (1986). Econometric models
#'   based on count data. *Journal of Applied Econometrics* 1, 29-53.
#' @examples
#' dnbinom1(0:3, mu = 2, alpha = 0.5)
#' dnbinom2(0:3, mu = 2, alpha = 0.5)
#' @name dnbinom2
NULL

#' @rdname dnbinom2
#' @export
dnbinom1 <- function(x, mu, alpha, log = FALSE) {
  stats::dnbinom(x, size = mu / alpha, mu = mu, log = log)
}

#' @rdname dnbinom2
#' @export
pnbinom1 <- function(q, mu, alpha, lower.tail = TRUE, log.p = FALSE) {
  stats::pnbinom(
    q, size = mu / alpha, mu = mu, lower.tail = lower.tail, log.p = log.p
  )
}

#' @rdname dnbinom2
#' @export
qnbinom1 <- function(p, mu, alpha, lower.tail = TRUE, log.p = FALSE) {
  stats::qnbinom(
    p, size = mu / alpha, mu = mu, lower.tail = lower.tail, log.p = log.p
  )
}

#' @rdname dnbinom2
#' @export
rnbinom1 <- function(n, mu, alpha) {
  stats::rnbinom(n, size = mu / alpha, mu = mu)
}

#' @rdname dnbinom2
#' @export
dnbinom2 <- function(x, mu, alpha, log = FALSE) {
  stats::dnbinom(x, size = 1 / alpha, mu = mu, log = log)
}

#' @rdname dnbinom2
#' @export
pnbinom2 <- function(q, mu, alpha, lower.tail = TRUE, log.p = FALSE) {
  stats::pnbinom(
    q, size = 1 / alpha, mu = mu, lower.tail = lower.tail, log.p = log.p
  )
}

#' @rdname dnbinom2
#' @export
qnbinom2 <- function(p, mu, alpha, lower.tail = TRUE, log.p = FALSE) {
  stats::qnbinom(
    p, size = 1 / alpha, mu = mu, lower.tail = lower.tail, log.p = log.p
  )
}

#' @rdname dnbinom2
#' @export
rnbinom2 <- function(n, mu, alpha) {
  stats::rnbinom(n, size = 1 / alpha, mu = mu)
}

define_facts("dnbinom1", discrete = TRUE,
  mean = function(mu, alpha) mu + 0 * alpha,
  variance = function(mu, alpha) mu * (1 + alpha)
)
define_facts("dnbinom2", discrete = TRUE,
  mean = function(mu, alpha) mu + 0 * alpha,
  variance = function(mu, alpha) mu * (1 + alpha * mu)
)

#' Poisson-inverse Gaussian distribution
#'
#' A Poisson distribution whose mean has an inverse Gaussian distribution with
#' mean \eqn{\mu} and shape \eqn{\lambda} ([dinvgauss()]): a heavier tail than
#' the negative binomial. The mean is \eqn{\mu}, the variance \eqn{\mu + \mu^3 /
#' \lambda}. Probabilities come from the recurrence over the counts, so the work
#' is proportional to the largest count.
#'
#' @inheritParams dstudent_t
#' @inheritParams dinvgauss
#' @return A vector, recycled over the arguments.
#' @references Dean, C., Lawless, J. F. and Willmot, G. E. (1989). A mixed
#'   Poisson-inverse-Gaussian regression model. *Canadian Journal of Statistics*
#'   17, 171-181.
#' @examples
#' dpoisinvgauss(0:4, mean = 2, shape = 1.5)
#' @export
dpoisinvgauss <- function(
  x, mean, shape = 1 / dispersion, dispersion = 1, log = FALSE
) {
  inside <- x >= 0 & x == round(x) & x < Inf
  count <- inside_or(inside, x, 0)
  value <- log_poisinvgauss(count, mean, shape, function(log_p, log_ratio, k) {
    log_p + ifelse(rep_len(count >= k, length(log_p)), log_ratio, 0)
  })
  from_log(inside_or(inside, value), log)
}

# p(0) and the ratios p(k) / p(k - 1) are all positive, and so is the sum that
# `combine` makes of them, up to the largest count.
log_poisinvgauss <- function(count, mean, shape, combine) {
  spread <- 1 + 2 * mean^2 / shape
  root <- sqrt(spread)
  out <- -2 * mean / (1 + root) + 0 * count
  ratio <- mean / root
  first <- 1 - 1 / spread
  second <- mean^2 / spread
  largest <- if (all(is.na(count))) 0 else max(count, na.rm = TRUE)
  for (k in seq_len(largest)) {
    if (k > 1) {
      ratio <- first * (1 - 1.5 / k) + second / (k * (k - 1) * ratio)
    }
    out <- combine(out, log(ratio), k)
  }
  out
}

#' @rdname dpoisinvgauss
#' @export
ppoisinvgauss <- function(
  q, mean, shape = 1 / dispersion, dispersion = 1, lower.tail = TRUE,
  log.p = FALSE
) {
  count <- floor(q + 1e-7)
  inside <- count >= 0 & count < Inf
  reached <- inside_or(inside, count, 0)
  term <- NULL
  log_lower <- log_poisinvgauss(
    reached, mean, shape, function(log_p, log_ratio, k) {
      term <<- if (is.null(term)) log_p + log_ratio else term + log_ratio
      ifelse(rep_len(reached >= k, length(log_p)), log_add(log_p, term), log_p)
    }
  )
  log_lower <- pmin(log_lower, 0)
  value <- from_log_tails(log_lower, log1m_exp(-log_lower), lower.tail, log.p)
  beyond <- ifelse(
    count < 0, below_support(lower.tail, log.p),
    below_support(!lower.tail, log.p)
  )
  inside_or(inside, value, beyond)
}

#' @rdname dpoisinvgauss
#' @export
qpoisinvgauss <- function(
  p, mean, shape = 1 / dispersion, dispersion = 1, lower.tail = TRUE,
  log.p = FALSE
) {
  if (log.p) p <- exp(p)
  q <- invert_cumulative(
    function(q, lower.tail, log.p) {
      ppoisinvgauss(q, mean, shape, lower.tail = lower.tail, log.p = log.p)
    }, p, max(length(mean), length(shape)), TRUE, lower.tail
  )
  pmax(q, 0)
}

#' @rdname dpoisinvgauss
#' @export
rpoisinvgauss <- function(n, mean, shape = 1 / dispersion, dispersion = 1) {
  stats::rpois(n, rinvgauss(n, mean, shape))
}

define_facts("dpoisinvgauss", discrete = TRUE,
  mean = function(mean, shape = 1 / dispersion, dispersion = 1) {
    mean + 0 * shape
  },
  variance = function(mean, shape = 1 / dispersion, dispersion = 1) {
    mean + mean^3 / shape
  }
)

define_rewritten("admle",
  "dnbinom1", "pnbinom1", "dnbinom2", "pnbinom2", "dpoisinvgauss",
  "log_poisinvgauss", "ppoisinvgauss"
)
