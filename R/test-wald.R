# Wald tests: the restrictions at the unrestricted estimate, in their
# delta-method covariance (Wald 1943; Engle 1984, Handbook of Econometrics 2,
# chapter 13).

#' Wald test of restrictions
#'
#' Tests equations between coefficients at the unrestricted estimate:
#' \eqn{g' (G V G')^{-1} g}{g' (G V G')^-1 g} with the exact derivatives \eqn{G}
#' of the restrictions \eqn{g}, linear or not. Chi-squared; where the covariance
#' has degrees of freedom (a fit with `adjust`, or [vcov_spec()] with `df`),
#' divided by the number of restrictions and compared with the F distribution.
#'
#' @param fit A fit by [mle_fit()]. One with `constraints` is tested within
#'   them.
#' @param restrictions What is tested to be zero, or an equation:
#' * formulas: `~ b1 - b2`, `~ b1 * b2 == 1`, `b1 ~ b2`, a list of them. A
#'   vector is as many restrictions: `~ beta[2:4]`;
#' * text: `"x2 = x3"`, `c("x2", "x3")`, `"b1 = b2 = b3"`;
#' * a matrix with a column for each coefficient, or named columns for some;
#' * a function of the coefficients, see [nlcom()].
#'
#'   Names are as in [nlcom()].
#' @param rhs For a matrix or function: what it equals, zero by default.
#' @param vcov The covariance matrix, see [covariance_choice].
#' @param ... Passed on to [vcov.mle_fit()].
#'
#' @details A Wald test of a nonlinear restriction depends on how the
#' restriction is written, \eqn{b_1 b_2 = 1} or \eqn{b_1 = 1 / b_2}. The
#' likelihood ratio test, [lr_test()], does not.
#'
#' At the end of a declared range, such as a variance of zero, the distribution
#' is another one; a warning tells of it. See `boundary` of [lr_test()].
#'
#' @return An object of class `"htest"`: `statistic`, `parameter` (degrees of
#'   freedom), `p.value`, `estimate` (the left-hand sides), `null.value`,
#'   `method` (with the covariance, unless that is the inverse of the negative
#'   Hessian), `data.name` (the restrictions).
#' @seealso [lr_test()], [score_test()], [nlcom()]
#' @references Gregory and Veall (1985), Formulating Wald tests of nonlinear
#'   restrictions, *Econometrica* 53, 1465-1468.
#' @examples
#' fit <- mle_fit(mpg ~ wt + hp + qsec, data = mtcars)
#' wald_test(fit, c("hp = 0", "qsec = 0"))
#' wald_test(fit, ~ wt + 3 * qsec, vcov = "sandwich")
#' wald_test(fit, ~ wt * qsec == -3)
#' @export
wald_test <- function(fit, restrictions, rhs = NULL, vcov = NULL, ...) {
  check_fit(fit)
  warn_not_converged(fit)
  read <- read_restrictions(restrictions, fit, parent.frame(), rhs)
  warn_at_boundary(implied_values(read, fit), fit)
  needed <- needed_coefficients(fit, read$slopes)
  if (!is.null(needed)) read$slopes <- read$slopes[, needed, drop = FALSE]
  wald_result(read, fit, covariance_made(fit, vcov, parm = needed, ...))
}

wald_result <- function(read, fit, chosen) {
  covariance <- chosen$matrix
  df <- chosen$df
  check_known_errors(read, fit, covariance)
  tested <- independent_restrictions(read$value, read$slopes, covariance)
  statistic <- quadratic_form(tested$value, tested$covariance)
  if (is.null(statistic)) abort_singular_test("Wald", fit)
  count <- length(read$value)
  about <- list(estimate = stats::setNames(read$value + read$null, read$labels),
                null.value = stats::setNames(read$null, read$labels))
  method <- if (read$affine) "Wald test of linear restrictions" else
    "Wald test of nonlinear restrictions"
  method <- covariance_named(method, chosen, fit)
  result <- if (is.finite(df)) {
    new_test(c(F = statistic / count), c("num df" = count, "denom df" = df),
             method, read$texts)
  } else {
    new_test(c(Wald = statistic), c(df = count), method, read$texts)
  }
  result[names(about)] <- about
  result
}

# The restrictions and their covariance; of ill-conditioned coefficients in
# orthogonal combinations, T v for v and T V T' for V, T triangular.
independent_restrictions <- function(value, slopes, covariance) {
  by_theta <- attr(known_covariance(slopes, covariance)$covariance, "by_theta")
  if (!is.null(by_theta) && length(value) <= ncol(by_theta$jacobian)) {
    split <- qr(t(slopes %*% by_theta$jacobian), tol = 0)
    R <- qr.R(split)
    if (all(diag(R) != 0)) {
      Q <- qr.Q(split)
      return(list(value = backsolve(R, value, transpose = TRUE),
                  covariance = crossprod(Q, by_theta$covariance %*% Q)))
    }
  }
  list(value = value, covariance = delta_covariance(slopes, covariance))
}

check_known_errors <- function(read, fit, covariance) {
  known <- known_covariance(read$slopes, covariance)
  if (!any(known$lacking)) {
    return(invisible())
  }
  used <- colSums(read$slopes[known$lacking, , drop = FALSE] != 0) > 0
  unknown <- names(fit$coefficients)[used & is.na(diag(covariance))]
  abort_restriction(read, which(known$lacking)[[1L]], sprintf(
    "cannot be tested: %s no standard error, see the warnings of the fit",
    paste(enumerate(unknown), if (length(unknown) == 1L) "has" else "have")
  ))
}

abort_singular_test <- function(test, fit) {
  constrained <- !is.null(fit$parameters$constraints)
  admle_abort("unsupported", sprintf(paste(
    "The %s test needs a covariance matrix of the restricted combinations that",
    "is not singular%s."
  ), test, if (constrained) {
    ". The constraints of the fit determine some of them"
  } else {
    ""
  }))
}
