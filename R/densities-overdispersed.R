# Counts out of a total whose probabilities vary: beta-binomial, and
# Dirichlet-multinomial.
#' @include densities.R densities-multivariate.R
NULL

#' Beta-binomial distribution
#'
#' The number of successes in `size` trials whose probability has a beta
#' distribution with mean `prob`; `rho` is the correlation of two trials. In
#' shapes, `shape1 = prob * (1 - rho) / rho` and `shape2 = (1 - prob) *
#' (1 - rho) / rho`. The variance is \eqn{n p (1 - p) (1 + (n - 1) \rho)}. For
#' small `rho` it tends to the binomial distribution, with an error of rounding
#' of about `1e-16 / rho`.
#'
#' @inheritParams dstudent_t
#' @param size Number of trials.
#' @param prob Mean probability of success.
#' @param rho Correlation between trials, between 0 and 1.
#' @return A vector, recycled over the arguments.
#' @references Griffiths, D. A. (1973). Maximum likelihood estimation for the
#'   beta-binomial distribution. *Biometrics* 29, 637-648.
#' @examples
#' dbetabinom(0:4, size = 4, prob = 0.3, rho = 0.2)
#' @export
dbetabinom <- function(x, size, prob, rho, log = FALSE) {
  total <- (1 - rho) / rho
  a <- prob * total
  b <- (1 - prob) * total
  inside <- x >= 0 & x <= size & x == round(x)
  at <- inside_or(inside, x + 0 * size, 0)
  value <- lchoose(size, at) + lbeta(at + a, size - at + b) - lbeta(a, b)
  from_log(inside_or(inside, value), log)
}

#' @rdname dbetabinom
#' @export
pbetabinom <- function(
  q, size, prob, rho, lower.tail = TRUE, log.p = FALSE
) {
  q <- floor(q + 1e-7)
  total <- 0 * (q + size + prob + rho)
  for (k in seq.int(0, max(size))) {
    counted <- if (lower.tail) k <= q else k > q
    total <- total + counted * dbetabinom(k, size, prob, rho)
  }
  if (log.p) log(total) else total
}

#' @rdname dbetabinom
#' @export
rbetabinom <- function(n, size, prob, rho) {
  total <- (1 - rho) / rho
  stats::rbinom(n, size, stats::rbeta(n, prob * total, (1 - prob) * total))
}

define_facts("dbetabinom", discrete = TRUE,
  support = function(size, prob, rho) {
    list(0 * (size + prob + rho), size + 0 * (prob + rho))
  },
  mean = function(size, prob, rho) size * prob + 0 * rho,
  variance = function(size, prob, rho) {
    size * prob * (1 - prob) * (1 + (size - 1) * rho)
  }
)

#' Dirichlet-multinomial distribution
#'
#' Counts in several categories whose probabilities have a Dirichlet
#' distribution: the density of rows \eqn{x} with total \eqn{n},
#' \deqn{f(x) = \frac{n! \, \Gamma(A)}{\Gamma(n + A)} \prod_k
#' \frac{\Gamma(x_k + \alpha_k)}{x_k! \, \Gamma(\alpha_k)}, \quad
#' A = \sum_k \alpha_k.}
#'
#' @param x A matrix of counts with an observation in each row; a vector is one
#'   observation.
#' @param alpha A vector with a positive number for each category, or a matrix
#'   like `x`.
#' @param log Return the logarithm?
#' @param n Number of random vectors.
#' @param size Total of each of them.
#' @return A vector with an element for each row of `x`; `rdirmultinom()`, a
#'   matrix with `n` rows.
#' @references Mosimann, J. E. (1962). On the compound multinomial distribution.
#'   *Biometrika* 49, 65-82.
#' @examples
#' ddirmultinom(rbind(c(2, 0, 1), c(1, 1, 1)), alpha = c(1, 0.5, 2))
#' @export
ddirmultinom <- function(x, alpha, log = FALSE) {
  if (is.null(dim(x))) x <- matrix(x, nrow = 1L)
  alpha <- mean_rows(positive_or_missing(alpha), nrow(x), ncol(x), "alpha")
  counts <- x >= 0 & x == round(x)
  if (!all(counts %in% TRUE)) x[!(counts %in% TRUE)] <- 0
  n <- rowSums(x)
  total <- rowSums(alpha)
  value <- lgamma(n + 1) + lgamma(total) - lgamma(n + total) +
    rowSums(lgamma(x + alpha) - lgamma(x + 1) - lgamma(alpha))
  from_log(inside_or(rowSums(!counts) == 0, value), log)
}

#' @rdname ddirmultinom
#' @export
rdirmultinom <- function(n, size, alpha) {
  categories <- row_length(alpha)
  alpha <- drawn_rows(alpha, n, categories)
  size <- rep_len(size, n)
  weights <- matrix(stats::rgamma(n * categories, alpha), n)
  counts <- vapply(seq_len(n), function(i) {
    as.numeric(stats::rmultinom(1L, size[i], weights[i, ]))
  }, numeric(categories))
  matrix(counts, n, byrow = TRUE)
}

define_facts("ddirmultinom", discrete = TRUE,
  size = function(alpha) if (length(dim(alpha)) == 2L) nrow(alpha) else 1L,
  mean = function(...) NULL, variance = function(...) NULL
)

define_rewritten("admle", "dbetabinom", "pbetabinom", "ddirmultinom")
