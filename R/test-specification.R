# Is the linear predictor right? Its powers should explain nothing: Ramsey's
# RESET adds them to the terms, Pregibon's link test puts the predictor and its
# square in their place. The model is extended by columns, not by its formula.

#' RESET and link tests
#'
#' Tests whether a model's linear predictor lacks something, from its own
#' powers.
#'
#' * `reset_test()` (Ramsey 1969) adds powers of the linear predictor to the
#'   terms. In a normal linear model with `adjust = TRUE` the Wald test is the F
#'   test of `lmtest::resettest()`.
#' * `link_test()` (Pregibon 1980) fits the model with an intercept, the linear
#'   predictor and its square in place of the terms; the test is that of the
#'   square.
#'
#' The other parameters are estimated anew.
#'
#' @param fit A fit by [mle_fit()] of a model given as a formula.
#' @param power The powers to add.
#' @param test `"wald"`, `"lr"`, or `"score"`, for which the extended model is
#'   not fitted.
#' @param parameter The parameter whose linear predictor is tested; by default
#'   the one whose formula was given first.
#' @param vcov The covariance of the Wald and score tests, see
#'   [covariance_choice].
#' @return An object of class `"htest"`. The `estimate` of `link_test()` has the
#'   coefficients of the linear predictor and its square (1 and 0 if the model
#'   is right).
#' @references Ramsey (1969), Tests for specification errors in classical linear
#'   least-squares regression analysis, *Journal of the Royal Statistical
#'   Society B* 31, 350-371.
#'
#'   Pregibon (1980), Goodness of link tests for generalized linear models,
#'   *Applied Statistics* 29, 15-24.
#' @examples
#' fit <- mle_fit(mpg ~ wt + hp, data = mtcars, adjust = TRUE)
#' reset_test(fit)
#' link_test(mle_fit(case ~ spontaneous + induced, data = infert,
#'                   family = binomial))
#' @name specification_tests
NULL

#' @rdname specification_tests
#' @export
reset_test <- function(fit, power = 2:3, test = c("wald", "lr", "score"),
                       parameter = NULL, vcov = NULL) {
  check_fit(fit)
  test <- match_choice(test, c("wald", "lr", "score"), "test")
  check_powers(power)
  warn_not_converged(fit)
  model <- model_at(need_linear_model(fit))
  part <- tested_component(model, parameter)
  eta <- component_predictor(part, fit)
  part$added <- outer(eta, power, "^")
  colnames(part$added) <- paste0(".eta^", power)
  check_new_columns(part, eta)
  extended <- extended_model(fit, model, part)
  names <- setdiff(names(extended$parameters$start), fit$parameters$names)
  result <- reset_result(fit, extended, names, test, vcov)
  result$method <- paste0("RESET: ", result$method)
  result$data.name <- sprintf("%s, powers %s of the linear predictor of `%s`",
                              model_label(fit), paste(power, collapse = ", "),
                              part$parameter)
  result
}

reset_result <- function(fit, extended, names, test, vcov) {
  if (test == "score") {
    extended$parameters <- parameters_at(extended$parameters,
                                         extended$parameters$template)
    at <- fit_at(extended, parameters_theta(extended$parameters))
    rows <- diag(length(at$coefficients))
    rows <- rows[match(names, names(at$coefficients)), , drop = FALSE]
    return(score_result(list(fit = at, rows = rows, texts = names), "expected",
                        vcov))
  }
  larger <- maximised(extended)
  if (test == "lr") {
    warn_not_maximum(fit)
    warn_not_likelihood(fit)
    return(lr_result(fit, larger, length(names), names))
  }
  rows <- matrix(0, length(names), length(larger$coefficients))
  rows[cbind(seq_along(names), match(names, names(larger$coefficients)))] <- 1
  wald_test(larger, rows, vcov = vcov)
}

check_powers <- function(power) {
  if (!is.numeric(power) || length(power) == 0L || anyNA(power) ||
        any(power != floor(power)) || any(power < 2) || anyDuplicated(power)) {
    admle_abort("argument", "`power` must be whole numbers of at least 2.",
                argument = "power")
  }
}

#' @rdname specification_tests
#' @export
link_test <- function(fit, parameter = NULL, vcov = NULL) {
  check_fit(fit)
  warn_not_converged(fit)
  model <- model_at(need_linear_model(fit))
  part <- tested_component(model, parameter)
  eta <- component_predictor(part, fit)
  part$matrix <- cbind("(Intercept)" = 1, ".eta" = eta)
  part$columns <- part$all_columns <- colnames(part$matrix)
  part["offset"] <- list(NULL)
  part$added <- cbind(".eta^2" = eta^2)
  part$start <- c(0, 1)
  check_new_columns(part, eta)
  extended <- maximised(extended_model(fit, model, part))
  chosen <- covariance_made(extended, vcov)
  at <- extended$parameters$shapes[[coefficient_argument(part)]]$positions
  names <- extended$parameters$names[at[2:3]]
  estimate <- extended$coefficients[names]
  error <- sqrt(chosen$matrix[names[[2L]], names[[2L]]])
  ratio <- estimate[[2L]] / error
  names(estimate) <- c("linear predictor", "its square")
  statistic <- stats::setNames(ratio, if (is.finite(chosen$df)) "t" else "z")
  new_test(
    statistic, if (is.finite(chosen$df)) c(df = chosen$df),
    covariance_named("Pregibon's link test", chosen, extended), sprintf(
      "%s, linear predictor of `%s`", model_label(fit), part$parameter
    ), p = 2 * stats::pt(-abs(ratio), chosen$df), estimate = estimate
  )
}

need_linear_model <- function(fit) {
  need_model(fit, "linear predictor")
  if (!is.null(fit$parameters$constraints)) {
    admle_abort("unsupported", paste(
      "The test extends a model without `constraints`; this one has some."
    ))
  }
  fit
}

tested_component <- function(model, parameter) {
  part <- if (is.null(parameter) && length(model$components)) {
    model$components[[1L]]
  } else {
    component_of(model, parameter)
  }
  if (!is.null(part$outcomes)) {
    admle_abort("unsupported", sprintf(
      "`%s` has a linear predictor for each category.", part$parameter
    ))
  }
  part
}

component_predictor <- function(part, fit) {
  beta <- fit_arguments(fit)[[coefficient_argument(part)]]
  eta <- drop(part$matrix %*% as.numeric(beta))
  if (is.null(part$offset)) eta else eta + part$offset
}

check_new_columns <- function(part, eta) {
  both <- cbind(part$matrix, part$added)
  if (qr(sweep(both, 2L, unit_size(both), "/"))$rank < ncol(both)) {
    admle_abort("unsupported", sprintf(paste(
      "The powers of the linear predictor of `%s` are combinations of its",
      "terms: there is nothing to test."
    ), part$parameter))
  }
}

# The model with the columns `added` to those of a part, not yet fitted,
# starting where their coefficients are zero.
extended_model <- function(fit, model, part) {
  argument <- coefficient_argument(part)
  names <- vapply(model$components, coefficient_argument, "")
  values <- fit_arguments(fit)
  kept <- if (is.null(part$start)) as.numeric(values[[argument]]) else
    part$start
  values[[argument]] <- c(kept, numeric(ncol(part$added)))
  part$matrix <- cbind(part$matrix, part$added)
  colnames(part$matrix) <- c(part$columns, colnames(part$added))
  part$columns <- colnames(part$matrix)
  part$all_columns <- c(part$all_columns, colnames(part$added))
  part$constant <- FALSE
  part["root"] <- list(column_root(part$matrix))
  part$added <- part$start <- NULL
  model$components[[match(argument, names)]] <- part
  start <- fit$parameters$declared
  for (name in names(values)) {
    start[[name]] <- if (is_declared(start[[name]])) {
      replace(start[[name]], "value", list(values[[name]]))
    } else {
      as.numeric(values[[name]])
    }
  }
  fn <- model_loglik(model)
  parameters <- model_parameters(model, start, fn, fit$parameters$fixed)
  fit$fn <- fn
  fit$model <- model_kept(model)
  with_parameters(fit, parameters)
}
