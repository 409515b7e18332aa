# The bivariate normal distribution, and what econometrics builds on it: the
# bivariate probit, and selection on unobservables.
#' @include distribution-facts.R
NULL

#' Bivariate normal distribution
#'
#' `pbivnorm()` is the probability that both of two standard normal variables
#' with correlation `rho` are below `x` and `y`. It keeps its relative accuracy
#' where it is small, and has derivatives of any order. `dbivnorm()` is the
#' density of two normal variables,
#' \deqn{f(x_1, x_2) = \frac{1}{2\pi\sigma_1\sigma_2\sqrt{1-\rho^2}}
#' \exp\left(-\frac{z_1^2 - 2\rho z_1 z_2 + z_2^2}{2(1-\rho^2)}\right),
#' \quad z_k = (x_k - \mu_k)/\sigma_k.}
#'
#' `dbiprobit()` is the probability of two binary outcomes, each 1 where its
#' index plus a standard normal error is positive; `rho` is the correlation of
#' the errors.
#'
#' @param x,y For `pbivnorm()`, vectors of quantiles. For the others `x` is a
#'   matrix of two columns, with an observation in each row.
#' @param rho Correlation, between -1 and 1.
#' @param recycle Whether vectors of different lengths are recycled; if not,
#'   they are an error. The first four arguments are those of
#'   `pbivnorm::pbivnorm()`.
#' @param mean1,mean2,sd1,sd2 Means and standard deviations.
#' @param eta1,eta2 Indices of the two outcomes.
#' @param log Return the logarithm?
#' @return A vector, recycled over the arguments.
#' @references
#' Plackett, R. L. (1954). A reduction formula for normal multivariate
#' integrals. *Biometrika* 41, 351-360.
#'
#' Genz, A. (2004). Numerical computation of rectangular bivariate and
#' trivariate normal and t probabilities. *Statistics and Computing* 14,
#' 251-260.
#' @examples
#' pbivnorm(0, 0, 0.5) # 1/3
#' pbivnorm(-30, -30, -0.5, log = TRUE)
#' dbivnorm(cbind(0, 1), rho = 0.5)
#' outcomes <- cbind(c(0, 0, 1, 1), c(0, 1, 0, 1))
#' dbiprobit(outcomes, 0.3, -0.2, rho = 0.4) # sums to 1
#' @export
pbivnorm <- function(x, y, rho = 0, recycle = TRUE, log = FALSE) {
  lengths <- c(length(x), length(y), length(rho))
  if (!recycle && any(lengths != lengths[[1L]])) {
    admle_abort("argument", sprintf(paste(
      "`x`, `y` and `rho` have lengths %d, %d and %d, which must be the same",
      "with recycle = FALSE."
    ), lengths[[1L]], lengths[[2L]], lengths[[3L]]), argument = "recycle")
  }
  n <- if (min(lengths) == 0L) 0L else max(lengths)
  pbivnorm_(rep_len(x, n), rep_len(y, n), rep_len(rho, n), log)
}

define_masks("admle",
  pbivnorm = function(x, y, rho = 0, recycle = TRUE, log = FALSE) {
    values <- list(x, y, rho)
    if (any_traced(values)) {
      op <- if (log) "log_cdf_binormal" else "cdf_binormal"
      traced_function(op, values, kind_number)
    } else {
      pbivnorm(x, y, rho, recycle, log)
    }
  }
)

#' @rdname pbivnorm
#' @export
dbivnorm <- function(
  x, mean1 = 0, mean2 = 0, sd1 = 1, sd2 = 1, rho = 0, log = FALSE
) {
  z1 <- (x[, 1L] - mean1) / sd1
  z2 <- (x[, 2L] - mean2) / sd2
  determinant <- (1 - rho) * (1 + rho)
  # The first variable, and the second given the first.
  value <- stats::dnorm(z1, log = TRUE) - log(sd1) - log(sd2) +
    stats::dnorm((z2 - rho * z1) / sqrt(determinant), log = TRUE) -
    log(determinant) / 2
  from_log(value, log)
}

#' @rdname pbivnorm
#' @export
dbiprobit <- function(x, eta1, eta2, rho, log = FALSE) {
  sign1 <- outcome_sign(x[, 1L])
  sign2 <- outcome_sign(x[, 2L])
  value <- pbivnorm(sign1 * eta1, sign2 * eta2, sign1 * sign2 * rho, log = TRUE)
  from_log(value, log)
}

# 1 and -1; anything but 1 and 0 is no outcome.
outcome_sign <- function(y) {
  y <- as.numeric(y)
  ifelse(y %in% c(0, 1), 2 * y - 1, NaN)
}

#' Selection on unobservables
#'
#' Models in which an outcome is seen only where an index plus a normal error is
#' positive, and that error is correlated with the one of the outcome.
#'
#' `dheckman()`: the outcome is normal, \eqn{y = \mu + \sigma e_1}; it is seen
#' where \eqn{\eta + e_2 > 0}; the errors are standard normal with correlation
#' \eqn{\rho}. With \eqn{z = (y - \mu) / \sigma} a selected observation
#' contributes \eqn{\phi(z) / \sigma \cdot \Phi((\eta + \rho z) / \sqrt{1 -
#' \rho^2})}, another one \eqn{\Phi(-\eta)}. `dprobit_selection()`: the outcome
#' is 1 where \eqn{\mu + e_1 > 0} and 0 otherwise.
#'
#' @param x A matrix of two columns: the outcome, which may be `NA` where it is
#'   not seen, and whether it is seen (1 or 0).
#' @param location Mean of the outcome.
#' @param eta Index of the binary outcome.
#' @param sigma Standard deviation of the outcome, positive.
#' @param selection Index of being seen.
#' @param rho Correlation of the errors, between -1 and 1.
#' @param log Return the logarithm?
#' @return A vector with an element for each row of `x`.
#' @references
#' Heckman, J. J. (1979). Sample selection bias as a specification error.
#' *Econometrica* 47, 153-161.
#'
#' Van de Ven, W. P. M. M. and Van Praag, B. M. S. (1981). The demand for
#' deductibles in private health insurance. *Journal of Econometrics* 17,
#' 229-252.
#' @examples
#' x <- cbind(c(1.2, NA), c(1, 0))
#' dheckman(x, location = 1, sigma = 2, selection = 0.3, rho = 0.5)
#' @export
dheckman <- function(x, location, sigma, selection, rho, log = FALSE) {
  seen <- outcome_sign(x[, 2L]) > 0
  z <- (ifelse(seen %in% TRUE, x[, 1L], 0) - location) / sigma
  given <- (selection + rho * z) / sqrt((1 - rho) * (1 + rho))
  density <- stats::dnorm(z, log = TRUE) - log(sigma) +
    stats::pnorm(given, log.p = TRUE)
  unseen <- stats::pnorm(-selection, log.p = TRUE)
  from_log(ifelse(rep_len(seen, length(density)), density, unseen), log)
}

#' @rdname dheckman
#' @export
dprobit_selection <- function(x, eta, selection, rho, log = FALSE) {
  seen <- outcome_sign(x[, 2L]) > 0
  sign <- outcome_sign(ifelse(seen %in% TRUE, x[, 1L], 1))
  both <- pbivnorm(sign * eta, selection, sign * rho, log = TRUE)
  unseen <- stats::pnorm(-selection, log.p = TRUE)
  from_log(ifelse(rep_len(seen, length(both)), both, unseen), log)
}

for (name in c("dbivnorm", "dbiprobit", "dheckman", "dprobit_selection")) {
  define_facts(name,
    discrete = FALSE, mean = function(...) NULL, variance = function(...) NULL,
    sees_part = name %in% c("dheckman", "dprobit_selection")
  )
}
rm(name)

define_rewritten("admle",
  "dbivnorm", "dbiprobit", "dheckman", "dprobit_selection"
)
