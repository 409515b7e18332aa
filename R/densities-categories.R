# Ordered and unordered categories, and choices within sets.
#' @include densities.R
NULL

#' Ordered categories
#'
#' The cumulative model \eqn{P(Y \le j) = F(\theta_j - \eta)}, with increasing
#' thresholds \eqn{\theta_1 < \dots < \theta_{J-1}} and \eqn{F} the distribution
#' function that belongs to the link: logistic (ordered logit), normal (ordered
#' probit), \eqn{1 - \exp(-\exp(z))} (cloglog), \eqn{\exp(-\exp(-z))} (loglog)
#' or Cauchy. The signs are those of `MASS::polr` and `ordinal::clm`.
#'
#' @param x,q Categories: a factor, or whole numbers from 1 to J.
#' @param n Number of random categories.
#' @param eta Index, without an intercept; one for each observation.
#' @param thresholds The J - 1 thresholds, increasing.
#' @param link `"logit"`, `"probit"`, `"cloglog"`, `"loglog"` or `"cauchit"`.
#' @param log,log.p Probabilities are given as logarithms?
#' @param lower.tail Probabilities of `Y <= q`? Otherwise of `Y > q`.
#' @return A vector. Thresholds that do not increase give `NaN`.
#' @references McCullagh, P. (1980). Regression models for ordinal data.
#'   *Journal of the Royal Statistical Society B* 42, 109-142.
#' @examples
#' dordered(1:3, eta = 0.5, thresholds = c(-1, 1))
#' @export
dordered <- function(x, eta, thresholds, link = "logit", log = FALSE) {
  x <- category_numbers(x)
  last <- length(thresholds) + 1L
  inside <- x >= 1 & x <= last & x == round(x)
  x <- inside_or(inside, x, 1)
  x[is.na(x)] <- 1
  # In the first and the last category one limit is not there. The other form
  # is not taken then, but must have derivatives.
  lower <- thresholds[pmax(x - 1, 1)] - (x == 1) - eta
  upper <- thresholds[pmin(x, last - 1)] + (x == last) - eta
  tails <- ordered_tails(link)
  n <- length(lower)
  value <- tails$between(lower, upper)
  value <- replaced(value, rep_len(x == 1, n), tails$below(upper))
  value <- replaced(value, rep_len(x == last, n), tails$above(lower))
  from_log(inside_or(inside, value), log)
}

category_numbers <- function(x) {
  if (is.factor(x)) as.integer(x) else as.vector(x)
}

# Logarithms of the probabilities of a standard variable with distribution
# function F: below a limit, above one, between two.
ordered_tails <- function(link) {
  choices <- c("logit", "probit", "cloglog", "loglog", "cauchit")
  switch(match_choice(link, choices, "link"),
    logit = list(
      below = function(z) stats::plogis(z, log.p = TRUE),
      above = function(z) stats::plogis(-z, log.p = TRUE),
      between = function(a, b) {
        stats::plogis(b, log.p = TRUE) + stats::plogis(-a, log.p = TRUE) +
          log1m_exp(b - a)
      }
    ),
    probit = symmetric_tails(function(z) stats::pnorm(z, log.p = TRUE)),
    cauchit = symmetric_tails(function(z) stats::pcauchy(z, log.p = TRUE)),
    cloglog = list(
      below = function(z) log1m_exp(exp(z)),
      above = function(z) -exp(z),
      between = function(a, b) -exp(a) + log1m_exp(exp(a) * expm1(b - a))
    ),
    loglog = list(
      below = function(z) -exp(-z),
      above = function(z) log1m_exp(exp(-z)),
      between = function(a, b) -exp(-b) + log1m_exp(exp(-b) * expm1(b - a))
    )
  )
}

# From the tail in which the interval lies.
symmetric_tails <- function(log_cdf) {
  list(
    below = function(z) log_cdf(z), above = function(z) log_cdf(-z),
    between = function(a, b) {
      right <- a + b > 0
      log_difference(
        log_cdf(ifelse(right, -a, b)), log_cdf(ifelse(right, -b, a))
      )
    }
  )
}

#' @rdname dordered
#' @export
pordered <- function(
  q, eta, thresholds, link = "logit", lower.tail = TRUE, log.p = FALSE
) {
  q <- floor(category_numbers(q))
  last <- length(thresholds) + 1L
  z <- thresholds[pmin(pmax(q, 1), last - 1)] - eta
  tails <- ordered_tails(link)
  value <- from_log(if (lower.tail) tails$below(z) else tails$above(z), log.p)
  beyond <- ifelse(
    q < 1, below_support(lower.tail, log.p), below_support(!lower.tail, log.p)
  )
  inside_or(q >= 1 & q < last, value, rep_len(beyond, length(value)))
}

#' @rdname dordered
#' @export
rordered <- function(n, eta, thresholds, link = "logit") {
  u <- stats::runif(n)
  below <- vapply(seq_along(thresholds), function(j) {
    u > pordered(rep_len(j, n), rep_len(eta, n), thresholds, link)
  }, logical(n))
  1 + rowSums(matrix(below, nrow = n))
}

define_facts("dordered", discrete = TRUE,
  size = function(eta, thresholds, link = "logit") length(eta),
  categories = function(eta, thresholds, link = "logit") {
    length(thresholds) + 1L
  },
  support = function(eta, thresholds, link = "logit") {
    list(1, length(thresholds) + 1)
  }
)

#' Unordered categories and choices
#'
#' `dcategorical()`: the multinomial logit, \eqn{P(Y = j) \propto
#' \exp(\eta_j)} with \eqn{\eta_1 = 0} for the first category (McFadden 1974).
#' `dconditional()`: the conditional logit, where one alternative of each set is
#' chosen with a probability proportional to the exponential of its utility;
#' its value has one element for each set.
#'
#' @param x For `dcategorical()`, a factor or whole numbers from 1 to J. For
#'   `dconditional()`, whether the alternative in this row was chosen: logical,
#'   or 0 and 1; exactly one in each set.
#' @param n Number of random categories.
#' @param eta For `dcategorical()`, a matrix with a row for each observation and
#'   a column for each category but the first; a vector is its only column. For
#'   `dconditional()`, the utility of the alternative in each row.
#' @param set The set to which a row belongs.
#' @param log Return the logarithm?
#' @return A vector with an element for each observation, or each set in the
#'   order of their first rows.
#' @references McFadden, D. (1974). Conditional logit analysis of qualitative
#'   choice behavior. In P. Zarembka (ed.), *Frontiers in Econometrics*,
#'   105-142.
#' @examples
#' dcategorical(1:3, cbind(rep(0.2, 3), rep(-1, 3))) # sums to 1
#' dconditional(c(1, 0, 0, 1), eta = c(1, 2, 0.5, 0), set = c(1, 1, 2, 2))
#' @export
dcategorical <- function(x, eta, log = FALSE) {
  x <- category_numbers(x)
  columns <- category_columns(eta)
  inside <- x >= 1 & x <= length(columns) + 1L & x == round(x)
  chosen <- 0
  total <- 0
  for (j in seq_along(columns)) {
    chosen <- chosen + (x == j + 1L) * columns[[j]]
    total <- log_add(total, columns[[j]])
  }
  from_log(inside_or(inside, chosen - total), log)
}

category_columns <- function(eta) {
  if (length(dim(eta)) != 2L) {
    return(list(as.vector(eta)))
  }
  lapply(seq_len(ncol(eta)), function(j) eta[, j])
}

#' @rdname dcategorical
#' @export
rcategorical <- function(n, eta) {
  eta <- cbind(0, do.call(cbind, category_columns(eta)))
  rows <- rep_len(seq_len(nrow(eta)), n)
  # The largest of the utilities with Gumbel errors.
  utility <- eta[rows, , drop = FALSE] - log(stats::rexp(n * ncol(eta)))
  max.col(utility, "first")
}

define_facts("dcategorical", discrete = TRUE,
  size = function(eta) NROW(eta), categories = function(eta) NCOL(eta) + 1L,
  support = function(eta) list(1, NCOL(eta) + 1)
)

#' @rdname dcategorical
#' @export
dconditional <- function(x, eta, set, log = FALSE) {
  x <- as.vector(x) == 1
  labels <- unique(set)
  at <- match(set, labels)
  counts <- tabulate(at[x %in% TRUE], length(labels))
  if (anyNA(x) || any(counts != 1L)) {
    wrong <- which(counts != 1L)
    admle_abort("data", sprintf(
      "In each set one alternative must be chosen; in set %s there are %d.",
      format(labels[wrong][1L]), counts[wrong][1L]
    ))
  }
  chosen <- which(x)[order(at[x])]
  beyond <- exp(eta - eta[chosen][at])
  from_log(-log(as.vector(rowsum(beyond, at))), log)
}

define_facts("dconditional", discrete = TRUE)

define_rewritten("admle",
  "dordered", "ordered_tails", "symmetric_tails", "pordered", "dcategorical",
  "category_columns", "dconditional"
)
