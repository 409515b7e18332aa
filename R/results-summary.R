# What a fit prints. Every line is a fact of the object; a line on doubt comes
# after the coefficients, where it is seen.

#' @export
print.mle_fit <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  print_call(x$call)
  cat("Coefficients:\n")
  shown <- utils::head(with_aliased(x), most_coefficients)
  print.default(format(shown, digits = digits), print.gap = 2L, quote = FALSE)
  print_more(length(x$coefficients))
  print_fixed(x$fixed, digits)
  print_constraints(x$parameters$constraints)
  cat("\nLog-likelihood: ", format(x$loglik, digits = digits + 2L), " (",
      parameters_text(x), ", ", observations_text(x$nobs), ")\n",
      sep = "")
  print_method(x)
  print_doubts(x)
  invisible(x)
}

# More coefficients than this are not printed.
most_coefficients <- 200L

print_more <- function(n, errors = FALSE) {
  if (n > most_coefficients) {
    cat(sprintf("... and %s more; coef() has them all%s\n",
                grouped_digits(n - most_coefficients),
                if (errors) ", vcov(, parm = ) their errors" else ""))
  }
}

#' Summary of a fit
#'
#' The table of coefficients, the covariance it rests on, and how the
#' optimisation ended.
#'
#' @param object A fit by [mle_fit()].
#' @param vcov,cluster The covariance, by default that of the fit: what
#'   [covariance_choice] lists, as in `vcov = ~ firm` or `vcov = "HC1"`.
#' @param vce The same as `vcov`, by Stata's name.
#' @param adjust Small-sample adjustment, see [vcov.mle_fit()]; by default that
#'   of the fit. Tests use the normal distribution, or the t with `adjust` or
#'   `df`. They are against zero; a coefficient that cannot be zero has none: it
#'   has a declared range without zero inside, like `positive(5)`, or is by the
#'   code of the function a standard deviation or the like, as `s` in
#'   `dnorm(y, m, s, log = TRUE)`.
#' @param ... Settings of the covariance, see [vcov.mle_fit()].
#' @return An object of class `"summary.mle_fit"`, a list: `call`,
#'   `coefficients` (a matrix of estimates, standard errors, z or t values and
#'   p-values, also by `coef()`), `vcov`, `vcov_type`, `covariance` (a list of
#'   facts about it), `adjustment`, `loglik`, `aic`, `bic`, `rank`, `nobs`,
#'   `df.residual`, `fixed`, and from the fit `converged`, `outcome`, `message`,
#'   `problems`, `method`, `iterations`, `evaluations`, `decrement`,
#'   `scaled_gradient`, `derivatives`, `na.action`; `weighted`, `constraints`
#'   and `hessian_status`.
#' @examples
#' fit <- mle_fit(function(mu, s) dnorm(speed, mu, exp(s), log = TRUE),
#'                start = list(mu = 10, s = 1), data = cars)
#' summary(fit)
#' coef(summary(fit))
#' @export
summary.mle_fit <- function(object, vcov = NULL, adjust = object$adjust,
                            cluster = NULL, vce = NULL, ...) {
  size <- length(object$coefficients)
  # Of too many coefficients, errors of those that are shown; without a Hessian,
  # none.
  made <- if (!is.null(object$information) || size <= largest_hessian) {
    covariance_made(object, vcov_or_vce(vcov, vce), adjust, cluster = cluster,
                    parm = if (size > largest_covariance) {
                      seq_len(most_coefficients)
                    }, ...)
  } else {
    list(spec = object$covariance, df = object$df.residual)
  }
  kept <- c("call", "theta", "loglik", "rank", "nobs", "fixed", "converged",
            "message", "problems", "derivatives", "na.action", "returns",
            names(active_hooks(object, "text")), "rejected", "maxima")
  log_lik <- logLik.mle_fit(object)
  structure(
    c(unclass(object)[kept], list(
      search = fit_search(object),
      coefficients = coefficient_table(object$coefficients, made$matrix,
                                       made$df, tested_against_zero(object)),
      vcov = plain_covariance(made$matrix), vcov_type = made$spec$type,
      covariance = made[setdiff(names(made), "matrix")],
      adjustment = made$adjustment, df.residual = made$df,
      aic = stats::AIC(log_lik), bic = stats::BIC(log_lik),
      weighted = !is.null(object$weights),
      aliased = setdiff(complete_names(object), names(object$coefficients)),
      constraints = object$parameters$constraints,
      hessian_status = if (is.null(object$information)) "unknown" else
        object$information$status
    )),
    class = "summary.mle_fit"
  )
}

# `tested`: which of them are compared with zero.
coefficient_table <- function(estimate, covariance, df, tested = TRUE) {
  error <- rep(NA_real_, length(estimate))
  if (!is.null(covariance)) {
    known <- match(rownames(covariance), names(estimate))
    error[if (anyNA(known)) TRUE else known] <- sqrt(diag(covariance))
  }
  ratio <- estimate / error
  # What constraints determine has no test.
  ratio[which(error == 0 | !tested)] <- NA
  letter <- if (is.finite(df)) "t" else "z"
  table <- cbind(estimate, error, ratio,
                 2 * stats::pt(abs(ratio), df, lower.tail = FALSE))
  dimnames(table) <- list(names(estimate), c(
    "Estimate", "Std. Error", paste(letter, "value"),
    sprintf("Pr(>|%s|)", letter)
  ))
  table
}

#' @export
print.summary.mle_fit <- function(x,
                                  digits = max(3L, getOption("digits") - 3L),
                                  signif.stars =
                                    getOption("show.signif.stars"),
                                  ...) {
  print_call(x$call)
  cat("Coefficients:\n")
  shown <- utils::head(x$coefficients, most_coefficients)
  print_coefficient_table(shown, digits, signif.stars, ...)
  print_more(nrow(x$coefficients), errors = !is.null(x$vcov))
  if (length(x$aliased)) {
    cat(strwrap(paste0("Not defined, as a combination of other columns: ",
                       enumerate(x$aliased), "."), exdent = 2L), sep = "\n")
  }
  print_fixed(x$fixed, digits)
  print_constraints(x$constraints)
  print_method(x)
  print_doubts(x)
  number <- function(value) format(value, digits = digits + 2L)
  cat("\nLog-likelihood: ", number(x$loglik), " on ",
      parameters_text(x), ", AIC: ", number(x$aic),
      if (!is.na(x$bic)) c(", BIC: ", number(x$bic)), "\n", sep = "")
  cat(capital(observations_text(x$nobs)),
      if (x$weighted) ", weighted",
      if (length(x$na.action)) paste0(" (", stats::naprint(x$na.action), ")"),
      "\n", sep = "")
  cat(strwrap(covariance_text(x), exdent = 2L), sep = "\n")
  cat(strwrap(optimisation_text(x), exdent = 2L), sep = "\n")
  late <- late_rejections_text(x)
  if (!is.null(late)) cat(strwrap(late, exdent = 2L), sep = "\n")
  invisible(x)
}

# A coefficient without a test lacks nothing; one without an error does.
print_coefficient_table <- function(table, digits, signif.stars, ...) {
  errors <- !is.na(table[, 2L])
  if (any(errors) && all(is.na(table[, 3L]))) {
    table <- table[, 1:2, drop = FALSE]
    stats::printCoefmat(table, digits = digits, has.Pvalue = FALSE,
                        cs.ind = 1:2, tst.ind = integer(), ...)
  } else {
    stats::printCoefmat(table, digits = digits, signif.stars = signif.stars,
                        na.print = if (all(errors)) "" else "NA", ...)
  }
}

print_call <- function(call) {
  lines <- deparse(call)
  if (length(lines) > 12L) {
    lines <- c(lines[1:11], "    ...")
  }
  cat("\nCall:\n", paste(lines, collapse = "\n"), "\n\n", sep = "")
}

print_fixed <- function(fixed, digits) {
  if (length(fixed)) {
    cat("\nFixed: ", paste(names(fixed), "=", format(
      fixed, digits = digits, trim = TRUE
    ), collapse = ", "), "\n", sep = "")
  }
}

print_constraints <- function(constraints) {
  if (length(constraints)) {
    cat("\n", paste(strwrap(paste(
      "Constraints:", paste(constraints, collapse = ", ")
    ), exdent = 2L), collapse = "\n"), "\n", sep = "")
  }
}

# Where the estimate is not that of maximum likelihood alone.
print_method <- function(x) {
  text <- hook_text(x)
  if (length(text)) {
    cat("\n")
    cat(unlist(lapply(text, strwrap, exdent = 2L)), sep = "\n")
  }
}

print_doubts <- function(x) {
  messages <- vapply(x$problems, `[[`, "", "message")
  if (x$derivatives == "numeric") {
    messages <- c(messages, paste(
      "Derivatives: numeric (extrapolated differences of plain evaluations),",
      "not exact."
    ))
  }
  if (isTRUE(fit_search(x)$hessian_differenced)) {
    messages <- c(messages, paste(
      "Hessian: differences of the exact gradient, because with_derivative()",
      "was given no rule for second derivatives."
    ))
  }
  if (!isTRUE(fit_search(x)$hessian_made)) {
    messages <- c(messages, unmade_hessian_text(x))
  }
  if (length(messages)) {
    cat("\n")
    cat(unlist(lapply(messages, strwrap, exdent = 2L)), sep = "\n")
  }
}

# A fit of many parameters has not looked at its curvature.
unmade_hessian_text <- function(x) {
  sprintf(paste(
    "The point is stationary; the curvature was not looked at, so that it may",
    "be no maximum: the Hessian of %s, too many of which are coupled, is made",
    "with `mle_control(dense_limit = %d)`."
  ), counted(NROW(x$coefficients), "parameter"), NROW(x$coefficients))
}

parameters_text <- function(x) {
  bounded <- vapply(x$problems, function(p) isTRUE(p$more), NA)
  paste0(if (any(bounded)) "at most ", counted(
    x$rank, if (x$rank < length(x$theta) + hook_df(x)) {
      "identified parameter"
    } else {
      "parameter"
    }
  ))
}

observations_text <- function(n) {
  if (is.na(n)) "number of observations unknown" else counted(n, "observation")
}

optimisation_text <- function(x) {
  search <- fit_search(x)
  counts <- search$evaluations
  if (anyNA(c(counts, search$iterations))) {
    return(paste("Optimisation:", ending_text(x)))
  }
  made <- sprintf("%s %s", counts, c("value", "gradient", "Hessian"))
  measures <- c(
    if (is.finite(search$decrement)) {
      paste("Newton decrement", format(signif(search$decrement, 2)))
    },
    if (!is.na(search$scaled_gradient)) {
      paste("largest scaled gradient",
            format(signif(search$scaled_gradient, 2)))
    }
  )
  paste(c(
    paste("Optimisation:", ending_text(x)), method_labels[[search$method]],
    counted(search$iterations, "iteration"),
    paste("evaluations", paste(made[counts > 0], collapse = " / ")), measures,
    maxima_text(x$maxima)
  ), collapse = ", ")
}

ending_text <- function(x) {
  if (x$converged) {
    return(if (isTRUE(fit_search(x)$hessian_made)) "converged" else
      "stationary, curvature not looked at")
  }
  ended <- x$hessian_status
  if (fit_search(x)$outcome %in% c("decrement", "rounding", "gradient",
                              "singular_hessian", "indefinite_hessian") &&
        ended %in% c("singular", "indefinite")) {
    return(sprintf("ended at a stationary point with %s Hessian",
                   switch(ended, singular = "a singular", "an indefinite")))
  }
  switch(
    fit_search(x)$outcome,
    iteration_limit = "stopped at the limit of iterations",
    diverging = if (has_problem(x, "diverging")) "diverged" else
      "stopped where the curvature vanishes",
    interrupted = "interrupted", "not converged"
  )
}
