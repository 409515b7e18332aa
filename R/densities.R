# What the densities of this package have in common: the log scale, recycling,
# and quotients that are 0/0 at a value of interest, in a form with derivatives
# there.
#' @include distribution-facts.R
#' @include distribution-response.R
NULL

#' Densities in admle
#'
#' Densities beyond those of R. They are ordinary R functions, vectorised over
#' all their arguments; inside a likelihood that is recorded their parameters
#' may depend on the parameters of the model. Each can be given to
#' [distribution()].
#'
#' * Positive numbers: [dgengamma()], [dllogis()], [dgompertz()], [dinvgauss()],
#'   [dgpd()];
#' * any number: [dstudent_t()], [dskewnorm()], [dgumbel()], [dgev()],
#'   [dalaplace()], [dfrontier()];
#' * the unit interval: [dbetar()]; angles: [dvonmises()];
#' * counts: [dnbinom1()], [dnbinom2()], [dpoisinvgauss()], [dbetabinom()];
#' * categories: [dordered()], [dcategorical()], [dconditional()];
#' * several variables: [dbivnorm()], [dbiprobit()], [dheckman()],
#'   [dprobit_selection()], [dmvnorm()], [dmvt()], [ddirmultinom()].
#'
#' Outside of the support the density is 0. A parameter outside of its range
#' gives `NaN`.
#'
#' @examples
#' # Lengths of rivers; the log-normal distribution is the one with Q = 0
#' fit <- mle_fit(miles ~ dgengamma(mu, sigma, Q),
#'                data = data.frame(miles = rivers))
#' confint(fit)
#' anova(update(fit, fixed = list(Q = 0)), fit)
#' @name densities
#' @seealso [censored()], [truncated()], [mixture()], [zero_inflated()],
#'   [hurdle()], and [op_table()] for R's own distributions.
NULL

from_log <- function(value, log) if (log) value else exp(value)

# One of the four forms of a distribution function, from the logarithms of both
# tails. They are promises: only one is evaluated.
from_log_tails <- function(log_lower, log_upper, lower.tail, log.p) {
  from_log(if (lower.tail) log_lower else log_upper, log.p)
}

# x with -Inf (or another value) where `inside` is FALSE.
inside_or <- function(inside, value, outside = -Inf) {
  if (all(inside %in% TRUE)) {
    value
  } else {
    n <- length(value)
    ifelse(rep_len(inside, n), value, rep_len(outside, n))
  }
}

# The distribution function where nothing is below.
below_support <- function(lower.tail, log.p) {
  p <- if (lower.tail) 0 else 1
  if (log.p) log(p) else p
}

# A distribution function p(q) from one for finite q.
with_ends <- function(p, q, lower.tail, log.p) {
  finite <- is.finite(q) | is.na(q)
  if (all(finite)) {
    return(p(q))
  }
  ends <- ifelse(
    q > 0, below_support(!lower.tail, log.p), below_support(lower.tail, log.p)
  )
  inside_or(finite, p(ifelse(finite, q, 0)), ends)
}

# A density from the logarithm f(x) of one for finite x.
at_finite <- function(f, x, log) {
  finite <- is.finite(x) | is.na(x)
  from_log(if (all(finite)) f(x) else
    inside_or(finite, f(ifelse(finite, x, 0))), log)
}

positive_or_missing <- function(scale) ifelse(scale > 0, scale, NaN)

polynomial <- function(u, coefficients) {
  out <- coefficients[[length(coefficients)]]
  for (k in rev(seq_along(coefficients))[-1L]) {
    out <- coefficients[[k]] + u * out
  }
  out
}

# f(u), by its Taylor polynomial where |u| is below `near`.
with_series <- function(u, f, near, coefficients) {
  small <- abs(u) < near
  far <- f(ifelse(small, 1, u))
  ifelse(small, polynomial(ifelse(small, u, 0), coefficients), far)
}

# (exp(u) - 1) / u
expm1_ratio <- function(u) {
  with_series(u, function(u) expm1(u) / u, 0.5, 1 / factorial(1:16))
}

# (exp(u) - 1 - u) / u^2
exp_remainder <- function(u) {
  with_series(u, function(u) (expm1(u) - u) / u^2, 0.5, 1 / factorial(2:17))
}

# log(1 + u) / u
log1p_ratio <- function(u) {
  with_series(u, function(u) log1p(u) / u, 0.08, (-1)^(0:14) / (1:15))
}

define_rewritten("admle",
  "from_log", "from_log_tails", "inside_or", "below_support", "with_ends",
  "at_finite", "positive_or_missing",
  "polynomial", "with_series",
  "expm1_ratio", "exp_remainder", "log1p_ratio"
)
