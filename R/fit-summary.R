# What a fit prints. Every line is a fact of the object; a line on doubt comes
# after the coefficients, where it is seen. The doubts are worded here too: each
# is a list of `kind`, `message` and fields, made when the fit is judged.

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

print_more <- function(n) {
  if (n > most_coefficients) {
    cat(sprintf("... and %s more; coef() has them all\n",
                format(n - most_coefficients, big.mark = ",")))
  }
}

#' Summary of a fit
#'
#' The table of coefficients, the covariance it rests on, and how the
#' optimisation ended.
#'
#' @param object A fit by [mle_fit()].
#' @param vcov,vce,type,cluster The covariance, by default that of the fit: what
#'   [covariance_choice] lists, as in `vcov = ~ firm` or `vcov = "HC1"`. `vce`
#'   and `type` are other names of the same.
#' @param adjust Small-sample adjustment, see [vcov.mle_fit()]; by default that
#'   of the fit. Tests use the normal distribution, or the t with `adjust` or
#'   `df`.
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
                            cluster = NULL, vce = NULL, type = NULL, ...) {
  # Too many parameters for a covariance matrix: a table without errors.
  made <- if (length(object$coefficients) <= largest_hessian) {
    covariance_made(object, vcov, adjust, cluster = cluster, vce = vce,
                    type = type, ...)
  } else {
    list(spec = object$covariance, df = object$df.residual)
  }
  kept <- c("call", "theta", "loglik", "rank", "nobs", "fixed", "converged",
            "outcome", "message", "problems", "method", "iterations",
            "evaluations", "decrement", "scaled_gradient", "derivatives",
            "na.action", "hessian_differenced", "hessian_made", "returns",
            "bias", "first_steps", "rejected")
  log_lik <- logLik.mle_fit(object)
  structure(
    c(unclass(object)[kept], list(
      coefficients = coefficient_table(object$coefficients, made$matrix,
                                       made$df),
      vcov = made$matrix, vcov_type = made$spec$type,
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

coefficient_table <- function(estimate, covariance, df) {
  error <- if (is.null(covariance)) NA_real_ else sqrt(diag(covariance))
  ratio <- estimate / error
  # What constraints determine has no test.
  ratio[which(error == 0)] <- NA
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
  stats::printCoefmat(shown, digits = digits, signif.stars = signif.stars,
                      na.print = "NA", ...)
  print_more(nrow(x$coefficients))
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
  text <- c(if (!is.null(x$first_steps)) first_step_text(x$first_steps),
            if (!is.null(x$bias)) bias_text(x))
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
  if (isTRUE(x$hessian_differenced)) {
    messages <- c(messages, paste(
      "Hessian: differences of the exact gradient, because with_derivative()",
      "was given no rule for second derivatives."
    ))
  }
  if (!isTRUE(x$hessian_made)) {
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
    "No dense Hessian was made for %s, so the maximum was judged by the",
    "gradient alone (see `dense_limit` in ?mle_control)."
  ), counted(NROW(x$coefficients), "parameter"))
}

parameters_text <- function(x) {
  counted(x$rank, if (x$rank < length(x$theta)) {
    "identified parameter"
  } else {
    "parameter"
  })
}

observations_text <- function(n) {
  if (is.na(n)) "number of observations unknown" else counted(n, "observation")
}

capital <- function(text) {
  paste0(toupper(substr(text, 1L, 1L)), substring(text, 2L))
}

optimisation_text <- function(x) {
  counts <- x$evaluations
  if (anyNA(c(counts, x$iterations))) {
    return(paste("Optimisation:", ending_text(x)))
  }
  made <- sprintf("%s %s", counts, c("value", "gradient", "Hessian"))
  measures <- c(
    if (is.finite(x$decrement)) {
      paste("Newton decrement", format(signif(x$decrement, 2)))
    },
    if (!is.na(x$scaled_gradient)) {
      paste("largest scaled gradient", format(signif(x$scaled_gradient, 2)))
    }
  )
  paste(c(
    paste("Optimisation:", ending_text(x)), method_labels[[x$method]],
    counted(x$iterations, "iteration"),
    paste("evaluations", paste(made[counts > 0], collapse = " / ")), measures
  ), collapse = ", ")
}

has_problem <- function(x, kind) {
  kind %in% vapply(x$problems, `[[`, "", "kind")
}

ending_text <- function(x) {
  if (x$converged) {
    return("converged")
  }
  ended <- x$hessian_status
  if (x$outcome %in% c("decrement", "rounding", "gradient",
                       "singular_hessian", "indefinite_hessian") &&
        ended %in% c("singular", "indefinite")) {
    return(sprintf("ended at a stationary point with %s Hessian",
                   switch(ended, singular = "a singular", "an indefinite")))
  }
  switch(
    x$outcome,
    iteration_limit = "stopped at the limit of iterations",
    diverging = if (has_problem(x, "diverging")) "diverged" else
      "stopped where the curvature vanishes",
    interrupted = "interrupted", "not converged"
  )
}

problem <- function(kind, message, ...) {
  list(kind = kind, message = message, ...)
}

convergence_problem <- function(fit, information, objective) {
  errors <- missing_errors_text(information)
  if (fit$outcome == "diverging" && rises_beyond(fit, objective)) {
    return(problem("convergence", paste0(
      "The optimiser stopped where the gradient vanishes, but it is no ",
      "maximum: the log-likelihood rises beyond. Try another start.", errors
    )))
  }
  if (fit$outcome == "diverging" && runs_off(fit, objective)) {
    return(problem("diverging", paste0(diverging_message(fit), errors)))
  }
  if (fit$outcome == "diverging") {
    return(problem("convergence", paste0(
      "The optimiser could not confirm a maximum: the curvature of the ",
      "log-likelihood vanishes at the estimate.", forgotten_log_text(fit$fn),
      errors
    )))
  }
  reason <- switch(
    fit$outcome,
    iteration_limit = sprintf(
      "it reached its limit of %s (see `mle_control(iterations = )`)",
      counted(fit$iterations, "iteration")
    ),
    no_progress = stalled_text(fit),
    interrupted = "it was interrupted",
    fit$message
  )
  problem("convergence", paste0(sprintf(
    "The optimiser stopped before it found a maximum: %s.", reason
  ), errors))
}

# The usual mistake behind a log-likelihood without a maximum: a density where
# its logarithm was meant.
forgotten_log_text <- function(fn) {
  name <- density_without_log(body(fn))
  if (is.null(name)) {
    return("")
  }
  sprintf(" Was `%s(..., log = TRUE)` meant? `log` is missing.", name)
}

# The first call of a density without `log` and not inside of log(); or NULL.
density_without_log <- function(code) {
  if (!is.call(code)) {
    return(NULL)
  }
  head <- if (is.symbol(code[[1L]])) as.character(code[[1L]]) else ""
  if (head == "log") {
    return(NULL)
  }
  if (head %in% density_names && !"log" %in% names(code)) {
    return(head)
  }
  for (part in as.list(code)[-1L]) {
    found <- if (!missing(part)) density_without_log(part)
    if (!is.null(found)) {
      return(found)
    }
  }
  NULL
}

density_names <- c(
  "dbeta", "dbinom", "dcauchy", "dchisq", "dexp", "df", "dgamma", "dgeom",
  "dhyper", "dlnorm", "dlogis", "dmultinom", "dnbinom", "dnorm", "dpois", "dt",
  "dunif", "dweibull"
)

missing_errors_text <- function(information) {
  if (is.null(information) || !any(information$involved) &&
        information$status != "indefinite") {
    return("")
  }
  if (all(information$involved) ||
        information$status %in% c("indefinite", "nonfinite")) {
    return(" There are no standard errors.")
  }
  sprintf(" There are no standard errors for %s.",
          enumerate(names(information$scale)[information$involved]))
}

# Whether the point is stationary, but the log-likelihood is clearly higher
# further on: an inflection, not a likelihood that flattens out.
rises_beyond <- function(fit, objective) {
  way <- fit$theta - parameters_theta(fit$parameters)
  further <- change_along(c(0.5, 1), way, fit, objective)
  fit$scaled_gradient < 1e-6 &&
    any(is.finite(further) & further > 1e-3 * (abs(fit$loglik) + 1))
}

# Whether the log-likelihood does not fall further out, away from the start.
runs_off <- function(fit, objective) {
  way <- fit$theta - parameters_theta(fit$parameters)
  further <- change_along(c(0.5, 1), way, fit, objective)
  !any(is.finite(further) & further < 0)
}

diverging_message <- function(fit) {
  furthest <- which.max(abs(fit$theta))
  forgotten <- forgotten_log_text(fit$fn)
  doubt <- if (fit$negative) {
    "`negative = TRUE` is for one that returns the negative log-likelihood."
  } else {
    "One that returns the negative log-likelihood needs `negative = TRUE`."
  }
  bounded <- fit$loglik < 1e3 * (abs(fit$start_loglik) + 1)
  paste0(paste(
    sprintf(
      "The parameters run off without reaching a maximum: after %s `%s` is %s",
      counted(fit$iterations, "iteration"), names(furthest),
      format(signif(fit$theta[[furthest]], 3))
    ),
    sprintf("and the log-likelihood %s.", format(signif(fit$loglik, 6))),
    if (nzchar(forgotten)) {
      NULL
    } else if (bounded) {
      paste(
        "It may have no maximum, as with perfectly separated data; or is the",
        "sign of the function wrong?"
      )
    } else {
      "Is the sign of the function wrong?"
    },
    if (!nzchar(forgotten)) doubt
  ), forgotten)
}

hessian_problem <- function(information) {
  status <- if (is.null(information)) "unknown" else information$status
  text <- switch(
    status,
    indefinite = paste(
      "The Hessian is not negative definite where the optimiser stopped: the",
      "point is not a maximum, and there are no standard errors."
    ),
    nonfinite = paste(
      "The Hessian is not finite where the optimiser stopped: there are no",
      "standard errors."
    )
  )
  if (!is.null(text)) {
    list(problem("hessian", text))
  }
}

identification_problems <- function(information, only_flat = FALSE) {
  if (is.null(information$null)) {
    return(NULL)
  }
  shown <- if (only_flat) which(information$flat) else
    seq_along(information$flat)
  lapply(shown, function(column) {
    direction <- information$null[, column]
    names(direction) <- names(information$scale)
    direction <- direction[direction != 0]
    problem(
      "identification",
      identification_message(direction, information$flat[[column]]),
      parameters = names(direction), direction = direction
    )
  })
}

# "`a` and `b` are not identified separately: the log-likelihood does not change
# along a = -b."
identification_message <- function(direction, flat) {
  names <- names(direction)
  alone <- length(direction) == 1L
  where <- if (alone) "it" else direction_text(direction)
  if (!flat) {
    return(sprintf(paste(
      "The curvature of the log-likelihood does not identify %s%s: at the",
      "estimate it is zero (within rounding) along %s."
    ), enumerate(names), if (alone) "" else " separately", where))
  }
  who <- if (alone) sprintf("`%s` is not identified", names) else
    sprintf("%s are not identified separately", enumerate(names))
  sprintf("%s: the log-likelihood does not change %s.", who,
          paste(if (alone) "with" else "along", where))
}

direction_text <- function(direction) {
  names <- names(direction)
  if (length(direction) == 2L) {
    ratio <- signif(direction[[1L]] / direction[[2L]], 4)
    factor <- if (ratio == 1) "" else if (ratio == -1) "-" else
      paste(format(ratio, digits = 4), "* ")
    return(sprintf("%s = %s%s", names[[1L]], factor, names[[2L]]))
  }
  steps <- direction / min(abs(direction)) * sign(direction[[1L]])
  whole <- max(abs(steps - round(steps))) < 1e-6 && max(abs(steps)) < 100
  steps <- if (whole) round(steps) else steps / max(abs(steps))
  sprintf(
    "the direction (%s)",
    paste(names, "=", format(signif(steps, 4), digits = 4, trim = TRUE,
                             drop0trailing = TRUE), collapse = ", ")
  )
}
