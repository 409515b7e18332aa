# Bias reduction: estimates whose bias is of smaller order than that of maximum
# likelihood. Everything is done for the coefficients themselves, not for the
# unrestricted numbers behind declared ranges, because bias depends on the
# parametrisation: the likelihood is recorded once more with the coefficients
# as its parameters. The adjustments are in bias-penalty.R (any likelihood) and
# bias-expected.R (families); design/0018 has their derivation.

# What is said of two steps comes first.
#' @include two-step.R
NULL

#' Bias reduction
#'
#' `mle_fit(..., bias = )` gives estimates with less bias than those of maximum
#' likelihood, and finite ones where the data are separated. The score
#' \eqn{U(\theta)} is not solved for zero, but
#' \eqn{U(\theta) + A(\theta)}, in which the adjustment \eqn{A} needs third
#' derivatives of the log-likelihood. They are exact.
#'
#' @section What is reduced by what:
#' * `"firth"`: the mean bias of order 1/n is removed.
#'   - A formula with a `family` (or a linear model): the adjusted scores of
#'     Firth (1993) with *expected* quantities, as in Kosmidis and Firth (2009),
#'     for any link; also with a second parameter.
#'   - A likelihood whose second derivatives do not depend on the response: the
#'     parameters are the canonical ones of an exponential family, and Firth's
#'     penalised likelihood \eqn{\ell + \frac12 \log|j|} removes the bias; for a
#'     logit it is that of the package logistf. The response is found by trial:
#'     a variable that the function names (also as `d$y`), of the length of the
#'     contributions, whose exchange changes the scores, not the Hessian. What
#'     else is random in the Hessian (an indicator of censoring) is taken as
#'     given; a response that only helper functions see is not found.
#'   - Any other likelihood: the *empirical* adjustment of Kosmidis and Lunardon
#'     (2024), which maximises
#'     \eqn{\ell - \frac12 \mathrm{tr}(j^{-1} e)} with \eqn{e} the sum of the
#'     outer products of the scores. It needs the contributions of the
#'     observations, and no assumption that the model is right; it does not
#'     make infinite estimates finite.
#' * `"jeffreys"`: the likelihood is penalised by Jeffreys' prior,
#'   \eqn{\ell + \frac12 \log|i|}, with the expected information for families,
#'   with the observed one elsewhere. Estimates are finite, but only in
#'   canonical exponential families is the bias removed: that of a variance, for
#'   example, becomes larger.
#' * `"cox-snell"`: the maximum likelihood estimate minus its estimated bias,
#'   with the same adjustment as `"firth"` (Cox and Snell 1968). The maximum
#'   must exist.
#'
#' @section What the fit holds:
#' `logLik()` is the log-likelihood *without* penalty at the estimate, which is
#' less than the maximum; likelihood ratios of such fits are approximate. The
#' standard errors are from the information at the estimate. `fit$bias` is a
#' list: `type`; `basis` (`"expected"`, `"canonical"`, `"empirical"` or
#' `"observed"`); `response` (the variable found); `penalised`, the penalised
#' log-likelihood where there is one; `maximum`, the largest log-likelihood,
#' where the maximum exists; `correction`, what was subtracted from the maximum
#' likelihood estimate by `"cox-snell"`.
#'
#' @section Declared ranges:
#' Of parameters declared [positive()], [bounded()] or [increasing()] the bias
#' on their own scale is reduced. Of a [simplex()], a [correlation()] or a
#' [covariance()] it is that of the unrestricted numbers behind them.
#'
#' @section Weights:
#' Of a family they count observations. In the empirical adjustment
#' a weight multiplies the score of its observation.
#'
#' @section Errors:
#' `admle_error_unsupported`: derivatives are numeric, the function has an
#' operation without a rule for third derivatives, or returns a total where the
#' contributions are needed; `"cox-snell"` without a maximum.
#'
#' @references Cox and Snell (1968), A general definition of residuals, *Journal
#'   of the Royal Statistical Society B* 30, 248-275.
#'
#'   Firth (1993), Bias reduction of maximum likelihood estimates, *Biometrika*
#'   80, 27-38.
#'
#'   Kosmidis and Firth (2009), Bias reduction in exponential family nonlinear
#'   models, *Biometrika* 96, 793-804.
#'
#'   Kosmidis and Lunardon (2024), Empirical bias-reducing adjustments to
#'   estimating functions, *Journal of the Royal Statistical Society B* 86,
#'   62-89.
#' @name bias_reduction
#' @examples
#' # y is 1 exactly where x > 3: the maximum likelihood estimate is infinite
#' d <- data.frame(x = 1:6, y = c(0, 0, 0, 1, 1, 1))
#' mle_fit(y ~ x, data = d, family = binomial(), bias = "firth")
#' mle_fit(function(a, b) dbinom(y, 1, plogis(a + b * x), log = TRUE),
#'         start = list(a = 0, b = 0), data = d, bias = "firth")
NULL

# A method is
#   solve(problem, natural, maximum, control) -> the estimate
#   penalty  whether it is for Jeffreys' prior, in place of the bias
#   text(bias)  what was done
bias_methods <- list(
  firth = list(
    solve = function(...) adjusted_solution(...), penalty = FALSE,
    text = function(bias) firth_text(bias)
  ),
  jeffreys = list(
    solve = function(...) adjusted_solution(...), penalty = TRUE,
    text = function(bias) {
      sprintf("penalised by Jeffreys' prior, with the %s information",
              bias$basis)
    }
  ),
  "cox-snell" = list(
    solve = function(...) corrected_solution(...), penalty = FALSE,
    text = function(bias) {
      sprintf(paste(
        "bias-corrected, maximum likelihood minus its first-order bias (%s)"
      ), bias$basis)
    }
  )
)

# The setting in a fit: NULL, or list(type).
check_bias <- function(bias, derivatives) {
  type <- match_choice(if (is.null(bias)) "none" else bias,
                       c("none", names(bias_methods)), "bias")
  if (type == "none") {
    return(NULL)
  }
  if (derivatives == "numeric") {
    admle_abort("unsupported", paste(
      "`bias` needs third derivatives, which `derivatives = \"numeric\"` does",
      "not have."
    ), argument = "bias")
  }
  list(type = type)
}

# From the solution of maximum likelihood, which need not exist, to one like it
# for the adjusted scores; `bias` of it says what was done.
bias_reduced_solution <- function(fit, objective, maximum) {
  natural <- natural_model(fit, objective, maximum)
  problem <- bias_problem(fit, natural)
  bias <- list(type = fit$bias$type, basis = problem$basis)
  bias$response <- problem$response
  if (natural$exists) bias$maximum <- maximum$value
  found <- bias_methods[[bias$type]]$solve(problem, natural, maximum,
                                           fit$control)
  bias$penalised <- found$penalised
  bias$correction <- found$correction
  theta <- natural$to_theta(found$par)
  found$par <- theta
  found$value <- objective_value(objective, theta)
  found$gradient <- objective_gradient(objective, theta)
  found["hessian"] <- list(NULL)
  found$recordings <- maximum$recordings
  found$bias <- bias
  found
}

# The likelihood in terms of the coefficients: its objective, where to start,
# and the way back to theta.
natural_model <- function(fit, objective, maximum) {
  exists <- isTRUE(maximum$converged)
  theta <- if (exists) maximum$par else parameters_theta(fit$parameters)
  arguments <- parameters_expand(fit$parameters, unname(as.numeric(theta)))
  natural <- fit
  if (!parameters_are_plain(fit$parameters)) {
    natural <- with_parameters(
      fit, natural_parameters(fit$parameters, arguments)
    )
    objective <- fit_objective(natural)
  }
  parameters <- natural$parameters
  plain <- parameters_are_plain(fit$parameters)
  to_theta <- function(nu) {
    if (plain) {
      return(nu)
    }
    values <- parameters_expand(parameters, nu)
    unname(parameters_theta(parameters_at(fit$parameters, values)))
  }
  list(
    fit = natural, objective = objective, exists = exists,
    start = if (plain) as.numeric(theta) else
      unname(parameters_theta(parameters)),
    to_theta = to_theta,
    # Outside of a declared range the unrestricted numbers are NaN or infinite.
    inside = function(nu) all(is.finite(suppressWarnings(to_theta(nu))))
  )
}

# The same parameters without declared ranges, started at `arguments`.
natural_parameters <- function(parameters, arguments) {
  constraints <- own_constraints(parameters)
  if (!is.null(constraints)) parameters <- parameters$unconstrained
  parameters <- parameters_at(parameters, arguments)
  for (name in names(parameters$shapes)) {
    shape <- parameters$shapes[[name]]
    own <- is.null(shape$type$elements) &&
      length(shape$working) == length(shape$positions)
    if (is.null(shape$type) || !own) next
    parameters$shapes[[name]]["type"] <- list(NULL)
    parameters$working$start[shape$working] <-
      unname(parameters$start[shape$positions])
    parameters$working$names[shape$working] <-
      parameters$names[shape$positions]
  }
  if (is.null(constraints)) parameters else
    parameters_restrict(parameters, constraints$forms, constraints$texts)
}

# -> basis, information(nu), adjustment(nu), score(nu), and value(nu) where the
# adjusted score is the gradient of a function.
bias_problem <- function(fit, natural) {
  penalty <- bias_methods[[fit$bias$type]]$penalty
  if (!is.null(fit$model$family)) {
    return(expected_problem(natural, jeffreys = penalty))
  }
  if (penalty) {
    return(c(jeffreys_problem(natural), list(basis = "observed")))
  }
  response <- canonical_response(natural)
  if (!is.null(response)) {
    return(c(jeffreys_problem(natural),
             list(basis = "canonical", response = response)))
  }
  if (is.na(natural$objective$n)) {
    admle_abort("unsupported", paste(
      "`bias` needs the contributions of the observations, but the function",
      "returns one total. Return the vector of contributions instead; or use",
      "bias = \"jeffreys\"."
    ), argument = "bias")
  }
  c(empirical_problem(natural), list(basis = "empirical"))
}

# Where the adjusted score is zero, or the penalised likelihood largest.
adjusted_solution <- function(problem, natural, maximum, control) {
  if (is.null(problem$value)) {
    adjusted_root(problem, natural$start, control)
  } else {
    maximise_penalised(problem, natural, control)
  }
}

# The maximum likelihood estimate minus its first-order bias, -i^-1 A.
corrected_solution <- function(problem, natural, maximum, control) {
  if (!natural$exists) {
    admle_abort("unsupported", paste(
      "bias = \"cox-snell\" corrects the maximum likelihood estimate, which",
      "was not found. bias = \"firth\" needs none."
    ), argument = "bias")
  }
  at <- natural$start
  change <- solve_scaled(problem$information(at), problem$adjustment(at))
  corrected <- at + change
  if (!natural$inside(corrected)) {
    admle_abort("unsupported", paste(
      "The bias-corrected estimate is outside of the declared range of a",
      "parameter. bias = \"firth\" stays inside."
    ), argument = "bias")
  }
  maximum$par <- corrected
  maximum$correction <- stats::setNames(
    -change, parameters_theta_names(natural$fit$parameters)
  )
  maximum
}

solve_scaled <- function(information, right) {
  scale <- root_diagonal(information)
  inverse <- inverse_definite(information / outer(scale, scale))
  if (is.null(inverse)) {
    return(rep(NA_real_, length(right)))
  }
  drop(inverse %*% (right / scale)) / scale
}

firth_text <- function(bias) {
  switch(
    bias$basis,
    expected = paste("bias-reduced, by adjusted scores with expected",
                     "quantities (Firth)"),
    canonical = sprintf(paste(
      "bias-reduced, by Firth's penalised likelihood (the information does",
      "not depend on `%s`)"
    ), bias$response),
    empirical = paste("bias-reduced, by empirical adjustments of the scores",
                      "(Kosmidis and Lunardon)")
  )
}

# What was done to the estimate, in the words of print() and summary().
bias_text <- function(x) {
  bias <- x$bias
  what <- bias_methods[[bias$type]]$text(bias)
  c(
    paste0("Estimates: ", what, "."),
    paste0(
      "The log-likelihood is without penalty",
      if (!is.null(bias$maximum)) {
        sprintf(", %s below its maximum",
                format(signif(bias$maximum - x$loglik, 2)))
      } else {
        ", whose maximum was not found"
      },
      if (!is.null(bias$penalised)) {
        sprintf("; with it %s", format(bias$penalised, digits = 6L))
      }, "."
    ),
    if (bias$basis == "empirical" && is.null(bias$maximum)) {
      paste("This adjustment does not make infinite estimates finite;",
            "bias = \"jeffreys\" does.")
    }
  )
}

register_fit_hook(
  "bias", arguments = "bias",
  read = function(asked, ...) check_bias(asked$bias, asked$derivatives),
  solve = bias_reduced_solution, text = bias_text
)
