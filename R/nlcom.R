# The delta method: functions of the coefficients, their exact derivatives G by
# automatic differentiation, and the covariance G V G'. (Rao 1973, Linear
# Statistical Inference, 6a.2; Greene 2018, Econometric Analysis, 4.6.)

#' Functions of the coefficients, by the delta method
#'
#' Estimates, standard errors, tests and intervals of functions of the
#' coefficients, with their joint covariance matrix \eqn{G V G'}. The
#' derivatives \eqn{G} are exact.
#'
#' @param fit A fit by [mle_fit()].
#' @param ... What is computed, with names or without:
#' * formulas or text, `~ beta / (1 - rho)`. An equation, `"b1 - 2 * b2 = 1"`,
#'   is tested: the estimate is the left-hand side, the test that of the
#'   right-hand one;
#' * a matrix with a column for each coefficient, or named columns for some;
#' * an R function of the named vector of coefficients, or of arguments of the
#'   log-likelihood (or single coefficients), if it names these. It is recorded,
#'   as by [jacobian()], and may return a vector or matrix.
#' @param rhs Of a matrix or function, the values to test against; zero by
#'   default.
#' @param vcov The covariance matrix of the coefficients, see
#'   [covariance_choice].
#' @param level The level of the printed intervals.
#' @param object,x An object of class `"mle_delta"`.
#' @param parm Names or numbers of combinations; all by default.
#' @param digits The digits printed.
#' @param row.names,optional As in [as.data.frame()].
#'
#' @section Names:
#' The names of coefficients are those of `coef(fit)`. Those that R code cannot
#' use, like `factor(g)2`, go between backticks; `(Intercept)`, `x1:x2` and
#' `log(x)` need none: what is written like the name of a coefficient stands for
#' it. Of a log-likelihood written as a function the arguments can be used as
#' in the function: `beta[2]`, `sum(beta)`, `R[1, 2]`, and so can values of
#' parameters that are fixed. Other names are variables where the formula
#' was written.
#'
#' @section Not identified:
#' What depends on a coefficient without a standard error has none either.
#'
#' @return An object of class `"mle_delta"`, a list of `estimate` (named),
#'   `vcov`, `df` (of the t distribution; `Inf` for the normal), `null` (what
#'   the tests compare with), `level`, `jacobian`, `linear`, and
#'   `about`, what the covariance is. It has the methods
#'   `print()`, `summary()` (with a table of four columns by `coef()`),
#'   `coef()`, `vcov()`, `confint()` and `as.data.frame()`.
#' @seealso [wald_test()] for the joint test; [predict.mle_fit()] for functions
#'   that differ between observations
#' @examples
#' fit <- mle_fit(mpg ~ wt + hp, data = mtcars)
#' nlcom(fit, ~ wt / hp, turn = ~ -(Intercept) / wt)
#' nlcom(fit, "wt - 10 * hp = 0")
#'
#' fit <- mle_fit(
#'   function(b, sigma) dnorm(mpg, b[1] + b[2] * wt, sigma, log = TRUE),
#'   start = list(b = c(30, 0), sigma = positive(3)), data = mtcars
#' )
#' nlcom(fit, ~ b[2] / sigma)
#' nlcom(fit, function(b, sigma) c(ratio = b[2] / sigma, log(sigma)))
#' @export
nlcom <- function(fit, ..., rhs = NULL, vcov = NULL, level = 0.95) {
  check_fit(fit)
  given <- list(...)
  check_renamed(given)
  if (length(given) == 0L) {
    admle_abort("argument", paste(
      "`nlcom()` needs a function of the coefficients, as in",
      "nlcom(fit, ~ b1 / b2)."
    ))
  }
  env <- parent.frame()
  parts <- lapply(seq_along(given), function(i) {
    part <- given[[i]]
    # With its name.
    if (inherits(part, "formula")) part <- given[i]
    if (is.character(part) && length(part) == 1L) part <- unlist(given[i])
    read <- read_functions(part, fit, env, rhs, "nlcom()")
    named <- is.function(part) && isTRUE(nzchar(names(given)[i]))
    if (named && length(read$labels) == 1L) read$labels <- names(given)[[i]]
    read
  })
  delta_result(fit, join_functions(parts), vcov, level)
}

delta_result <- function(fit, read, vcov, level) {
  check_level(level)
  warn_not_converged(fit)
  theta <- all_parameters(fit)
  slopes <- free_slopes(read$fn, fit, theta)
  labels <- make.unique(read$labels)
  dimnames(slopes) <- list(labels, names(fit$coefficients))
  needed <- needed_coefficients(fit, slopes)
  made <- covariance_made(fit, vcov, parm = needed)
  about <- covariance_text(list(
    vcov = made$matrix, covariance = made, returns = fit$returns,
    first_steps = fit$first_steps
  ))
  structure(list(
    estimate = stats::setNames(as.numeric(read$fn(theta)), labels),
    vcov = delta_covariance(
      if (is.null(needed)) slopes else slopes[, needed, drop = FALSE],
      made$matrix
    ), df = made$df,
    null = read$null, level = level, jacobian = slopes,
    linear = all(affine_rows(read$fn, fit)), about = about
  ), class = "mle_delta")
}

# G V G', without numbers for what depends on a coefficient that has none.
delta_covariance <- function(slopes, covariance) {
  known <- known_covariance(slopes, covariance)
  result <- propagated_covariance(slopes, known$covariance)
  result <- (result + t(result)) / 2 + of_effects(slopes)
  result[known$lacking, ] <- NA
  result[, known$lacking] <- NA
  result
}

warn_not_converged <- function(fit, name = "fit") {
  doubts <- c("convergence", "diverging", "hessian")
  if (any(vapply(doubts, function(kind) has_problem(fit, kind), NA))) {
    admle_warn("convergence", sprintf(
      "`%s` did not converge: its estimates are not maximum likelihood.", name
    ))
  }
}

# For tests that need the maximum, where the scores are zero.
warn_not_maximum <- function(fit, name = "fit") {
  warn_not_converged(fit, name)
  if (!is.null(fit$bias)) {
    admle_warn("convergence", sprintf(paste(
      "`%s` is not at the maximum of its likelihood but was made with",
      "`bias = \"%s\"`; the test is meant for maxima."
    ), name, fit$bias$type))
  }
}

# For tests that do not use the covariance of both steps.
warn_first_step <- function(fit, name = "fit") {
  if (!is.null(fit$first_steps)) {
    admle_warn("argument", sprintf(paste(
      "The test takes the estimates of the first step of `%s` as known;",
      "`wald_test()` accounts for their errors."
    ), name))
  }
}

#' @rdname nlcom
#' @export
coef.mle_delta <- function(object, ...) object$estimate

#' @rdname nlcom
#' @export
vcov.mle_delta <- function(object, ...) object$vcov

#' @rdname nlcom
#' @export
confint.mle_delta <- function(object, parm, level = object$level, ...) {
  tail <- (1 - check_level(level)) / 2
  half <- stats::qt(1 - tail, object$df) * delta_errors(object)
  limits <- cbind(object$estimate - half, object$estimate + half)
  dimnames(limits) <- list(names(object$estimate),
                           percent_names(c(tail, 1 - tail)))
  if (missing(parm)) limits else limits[parm, , drop = FALSE]
}

delta_errors <- function(object) sqrt(pmax(diag(object$vcov), 0))

#' @rdname nlcom
#' @export
summary.mle_delta <- function(object, ...) {
  table <- coefficient_table(object$estimate, object$vcov, object$df)
  ratio <- (object$estimate - object$null) / table[, 2L]
  table[, 3L] <- ifelse(table[, 2L] > 0, ratio, NA)
  table[, 4L] <- 2 * stats::pt(abs(table[, 3L]), object$df, lower.tail = FALSE)
  structure(c(unclass(object), list(
    coefficients = table, limits = confint.mle_delta(object)
  )), class = "summary.mle_delta")
}

#' @rdname nlcom
#' @export
print.mle_delta <- function(x, digits = max(3L, getOption("digits") - 3L),
                            ...) {
  print(summary.mle_delta(x), digits = digits, ...)
  invisible(x)
}

#' @export
print.summary.mle_delta <- function(x,
                                    digits = max(3L,
                                                 getOption("digits") - 3L),
                                    ...) {
  cat(if (x$linear) "Linear combinations" else
    "Functions of the coefficients (delta method)", "\n\n", sep = "")
  table <- cbind(x$coefficients[, 1:2, drop = FALSE], x$limits,
                 x$coefficients[, 3:4, drop = FALSE])
  named <- any(x$null != 0)
  if (named) rownames(table) <- paste(rownames(table), "=",
                                      vapply(x$null, format, "",
                                             digits = digits))
  stats::printCoefmat(table, digits = digits, cs.ind = 1:4, tst.ind = 5L,
                      has.Pvalue = TRUE, P.values = TRUE,
                      signif.stars = FALSE, na.print = "NA")
  cat("\n")
  if (named) cat("The tests are of the equations.\n")
  cat(strwrap(x$about, exdent = 2L), sep = "\n")
  invisible(x)
}

#' @rdname nlcom
#' @export
as.data.frame.mle_delta <- function(x, row.names = NULL, optional = FALSE,
                                    level = x$level, ...) {
  table <- summary.mle_delta(x)$coefficients
  limits <- confint.mle_delta(x, level = level)
  data.frame(
    term = rownames(table), estimate = table[, 1L], std.error = table[, 2L],
    statistic = table[, 3L], p.value = table[, 4L], conf.low = limits[, 1L],
    conf.high = limits[, 2L],
    row.names = if (is.null(row.names)) seq_len(nrow(table)) else row.names
  )
}
