# The three classical tests of linear constraints. They compare the same two
# models: the Wald test at the unrestricted estimate, the Lagrange multiplier
# (score) test at the restricted one, the likelihood ratio test at both. What is
# missing of the two fits is made.

#' Tests of linear constraints
#'
#' Likelihood ratio, Wald and Lagrange multiplier (score) test of linear
#' equations between coefficients. Under the constraints all three are
#' asymptotically chi-squared, with as many degrees of freedom as there are
#' constraints.
#'
#' @param fit A fit by [mle_fit()], with `constraints` or without.
#' @param constraints Text as in [mle_fit()]; by default the constraints of
#'   `fit`. To be given for a fit without.
#' @param test `"lr"`: twice the difference of the log-likelihoods; `"wald"`:
#'   the constraints at the unrestricted estimate, in its covariance matrix;
#'   `"lm"`: the score of the unrestricted model at the restricted estimate, in
#'   the observed information there. In small samples it can be far from the
#'   other two.
#' @param type The covariance matrix of the Wald test, see [covariance_choice].
#' @return An object of class `"htest"`: `statistic`, `parameter` (degrees of
#'   freedom), `p.value`, `method`, `data.name` (the constraints).
#' @references Engle (1984), Wald, likelihood ratio, and Lagrange multiplier
#'   tests in econometrics, *Handbook of Econometrics* 2, chapter 13.
#' @seealso [mle_fit()]
#' @examples
#' fit <- mle_fit(
#'   function(b, sigma) {
#'     dnorm(mpg, b[1] + b[2] * wt + b[3] * hp, sigma, log = TRUE)
#'   },
#'   start = list(b = c(30, 0, 0), sigma = positive(3)), data = mtcars
#' )
#' constraint_test(fit, "b3 = 0")
#' restricted <- update(fit, constraints = "b3 = 0")
#' constraint_test(restricted, test = "lm")
#' @export
constraint_test <- function(fit, constraints = NULL,
                            test = c("lr", "wald", "lm"),
                            type = NULL) {
  if (!inherits(fit, "mle_fit")) {
    admle_abort("argument", sprintf(
      "`fit` must be a fit by mle_fit(), not %s.", described(fit)
    ), argument = "fit")
  }
  test <- match_choice(test, c("lr", "wald", "lm"), "test")
  own <- fit$parameters$constraints
  if (is.null(constraints)) constraints <- own
  if (is.null(constraints) ||
        !is.null(own) && !identical(constraints, own)) {
    admle_abort("argument", if (is.null(own)) {
      "`constraints` is missing: the fit has none of its own."
    } else {
      "`constraints` must be those of `fit`, or `fit` one without."
    }, argument = "constraints")
  }
  found <- switch(
    test,
    lr = lr_statistic(fit, constraints),
    wald = wald_statistic(unrestricted_fit(fit), constraints, type),
    lm = lm_statistic(restricted_fit(fit, constraints))
  )
  structure(list(
    statistic = found$statistic, parameter = c(df = found$df),
    p.value = stats::pchisq(found$statistic[[1L]], found$df,
                            lower.tail = FALSE),
    method = paste(switch(
      test, lr = "Likelihood ratio", wald = "Wald",
      lm = "Lagrange multiplier"
    ), "test of linear constraints"),
    data.name = paste(constraints, collapse = ", ")
  ), class = "htest")
}

lr_statistic <- function(fit, constraints) {
  restricted <- restricted_fit(fit, constraints)
  free <- unrestricted_fit(fit)
  list(statistic = c(LR = 2 * (free$loglik - restricted$loglik)),
       df = length(free$theta) - length(restricted$theta))
}

wald_statistic <- function(fit, constraints, type) {
  parameters <- fit$parameters
  forms <- unlist(lapply(constraints_read(constraints), function(equation) {
    constraint_form(equation, parameters)
  }), FALSE)
  weights <- do.call(rbind, lapply(forms, `[[`, "weights"))
  constant <- vapply(forms, `[[`, 0, "constant")
  all_values <- parameters$start
  all_values[parameters$free] <- fit$coefficients
  distance <- as.numeric(weights %*% all_values) + constant
  rows <- weights[, parameters$free, drop = FALSE]
  involved <- colSums(rows != 0) > 0
  rows <- rows[, involved, drop = FALSE]
  middle <- fit_covariance(fit, type)[involved, involved, drop = FALSE]
  covariance <- rows %*% middle %*% t(rows)
  # In units of the standard errors: a Cholesky factor that depends on no units.
  error <- sqrt(diag(covariance))
  factor <- tryCatch(chol(covariance / outer(error, error)),
                     error = function(e) NULL)
  if (is.null(factor)) {
    admle_abort("unsupported", paste(
      "The Wald test needs a covariance matrix of the constrained",
      "combinations that is known and not singular."
    ))
  }
  half <- backsolve(factor, distance / error, transpose = TRUE)
  list(statistic = c(Wald = sum(half^2)), df = length(distance))
}

lm_statistic <- function(restricted) {
  free <- without_constraints(restricted)
  objective <- fit_objective(free)
  theta <- unname(parameters_theta(free$parameters))
  free$theta <- stats::setNames(theta, parameters_theta_names(free$parameters))
  free$loglik <- objective_value(objective, theta)
  score <- objective_gradient(objective, theta)
  free$hessian <- objective_hessian(objective, theta)
  information <- analyse_information(free, objective)
  if (information$status != "definite") {
    admle_abort("unsupported", paste(
      "The Lagrange multiplier test needs the information of the unrestricted",
      "model at the restricted estimate, which is not positive definite."
    ))
  }
  list(statistic = c(LM = sum(score * (inverse_information(information) %*%
                                         score))),
       df = length(theta) - length(restricted$theta))
}

unrestricted_fit <- function(fit) {
  if (is.null(fit$parameters$constraints)) {
    return(fit)
  }
  maximised(without_constraints(fit))
}

restricted_fit <- function(fit, constraints) {
  if (!is.null(fit$parameters$constraints)) {
    return(fit)
  }
  at_estimate <- parameters_at(fit$parameters, fit_arguments(fit))
  maximised(with_parameters(fit,
                            parameters_constrain(at_estimate, constraints)))
}

# The model without its constraints, started where they hold.
without_constraints <- function(fit) {
  with_parameters(
    fit, parameters_at(fit$parameters$unconstrained, fit_arguments(fit))
  )
}

# The estimates in the shapes of the function's arguments.
fit_arguments <- function(fit) {
  parameters_expand(fit$parameters, unname(fit$theta))
}

# The same model with other parameters, not yet fitted.
with_parameters <- function(fit, parameters) {
  fit$fn <- with_missing_globals(fit)
  fit$objective <- new.env(parent = emptyenv())
  fit$parameters <- parameters
  fit$fixed <- fixed_coefficients(parameters)
  fit$start <- parameters$start[parameters$free]
  fit["boundary"] <- list(NULL)
  fit
}
