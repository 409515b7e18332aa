# Methods for the car package, registered when it is loaded.

#' Delta method of the car package
#'
#' A method of `car::deltaMethod()`: in its expressions the coefficients have
#' their names, with `Intercept` for `(Intercept)`, also in the names of other
#' parameters, as in `"exp(sigma_Intercept)"`. Names that are not those of R
#' variables are put into backticks. See [predict.mle_fit()] for exact
#' derivatives of any expression.
#'
#' @param object A fit by [mle_fit()].
#' @param g. The expression, as text.
#' @param vcov. The covariance matrix, or a function that computes it.
#' @param func Its name in the result.
#' @param ... Passed on.
#' @return What `car::deltaMethod()` returns.
#' @examples
#' if (requireNamespace("car", quietly = TRUE)) {
#'   fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ wt,
#'                  data = mtcars)
#'   car::deltaMethod(fit, "-Intercept / wt") # the weight at which mu is zero
#' }
#' @exportS3Method car::deltaMethod
deltaMethod.mle_fit <- function(object, g., vcov. = NULL, func = g., ...) {
  estimate <- object$coefficients
  names(estimate) <- gsub("(Intercept)", "Intercept", names(estimate),
                          fixed = TRUE)
  covariance <- if (is.null(vcov.)) vcov.mle_fit(object, complete = FALSE) else
    if (is.function(vcov.)) vcov.(object) else vcov.
  car::deltaMethod(estimate, g., vcov. = covariance, func = func, ...)
}

#' Analysis of deviance of the car package
#'
#' A method of `car::Anova()`: tests of the terms of the formula that was given
#' first, by Wald statistics or likelihood ratios.
#'
#' @param mod A fit by [mle_fit()] of a model given as a formula.
#' @param type `"II"`: each term after all others but those that contain it;
#'   `"III"`: after all others.
#' @param test.statistic `"Chisq"` or `"Wald"`, the Wald statistic; `"F"`, the
#'   same over its degrees of freedom, for a fit with `adjust`; `"LR"`, the
#'   likelihood ratio, from fits in which the coefficients are zero.
#' @param vcov. Of Wald statistics: see [covariance_choice].
#' @param ... Passed on.
#' @return A data frame of class `"anova"`.
#' @examples
#' if (requireNamespace("car", quietly = TRUE)) {
#'   fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
#'   car::Anova(fit, test.statistic = "LR")
#' }
#' @name car_Anova
#' @exportS3Method car::Anova
Anova.mle_fit <- function(mod, type = c("II", "III", 2, 3),
                          test.statistic = c("Chisq", "F", "LR", "Wald"),
                          vcov. = NULL, ...) {
  need_model(mod, "terms")
  type <- if (is.numeric(type)) as.character(type) else type
  type <- match_choice(type, c("II", "III", "2", "3"), "type")
  type <- switch(type, "2" = "II", "3" = "III", type)
  statistic <- match_choice(test.statistic, c("Chisq", "F", "LR", "Wald"),
                            "test.statistic")
  if (statistic == "F" && !is.finite(mod$df.residual)) {
    admle_abort("unsupported", paste(
      "F tests need residual degrees of freedom: fit with adjust = TRUE, or",
      "use test.statistic = \"Chisq\"."
    ))
  }
  check_term_columns(mod)
  if (statistic == "LR") {
    return(likelihood_ratio_terms(mod, type))
  }
  NextMethod(type = type, vcov. = fit_covariance(mod, vcov.),
             test.statistic = if (statistic == "F") "F" else "Chisq")
}

# The terms of the first formula have to be found among the coefficients by the
# columns of its matrix.
check_term_columns <- function(fit) {
  terms.mle_model(fit)
  part <- fit$model$components[[1L]]
  columns <- coefficient_labels_of(part, part$all_columns)
  every <- complete_names(fit)
  if (!identical(columns, every[seq_along(columns)]) ||
        !is.null(part$outcomes)) {
    admle_abort("unsupported", paste(
      "Tests of terms need one coefficient for each column of the model matrix",
      "of the formula that was given first. Use `car::linearHypothesis()` or",
      "`wald_test()`."
    ))
  }
}

likelihood_ratio_terms <- function(fit, type) {
  if (!is.null(fit$parameters$constraints)) {
    admle_abort("unsupported", paste(
      "Likelihood ratio tests of terms are not made of a fit with constraints.",
      "Use test.statistic = \"Chisq\"."
    ))
  }
  part <- fit$model$components[[1L]]
  assigned <- attr(model.matrix.mle_model(fit), "assign")
  labels <- labels.mle_model(fit)
  factors <- attr(terms.mle_model(fit), "factors")
  rows <- lapply(seq_along(labels), function(i) {
    containing <- if (type == "II") containing_terms(factors, i)
    columns_of <- function(terms) {
      intersect(part$all_columns[assigned %in% terms], part$columns)
    }
    large <- fit_without(fit, columns_of(containing))
    small <- fit_without(fit, columns_of(c(i, containing)))
    c(2 * (large$loglik - small$loglik), large$rank - small$rank)
  })
  table <- data.frame(do.call(rbind, rows))
  table[[3L]] <- stats::pchisq(table[[1L]], table[[2L]], lower.tail = FALSE)
  structure(
    table, names = c("LR Chisq", "Df", "Pr(>Chisq)"), row.names = labels,
    heading = c(
      sprintf("Analysis of Deviance Table (Type %s tests)\n", type),
      paste("Response:", deparse1(fit$model$response))
    ), class = c("anova", "data.frame")
  )
}

# Terms with all the variables of term i and more.
containing_terms <- function(factors, i) {
  others <- seq_len(ncol(factors))[-i]
  others[vapply(others, function(j) all(factors[factors[, i] > 0, j] > 0), NA)]
}

# The model in which these coefficients are zero.
fit_without <- function(fit, coefficients) {
  if (length(coefficients) == 0L) {
    return(fit)
  }
  zeros <- stats::setNames(as.list(numeric(length(coefficients))), coefficients)
  at_estimate <- parameters_at(fit$parameters, fit_arguments(fit))
  maximised(with_parameters(fit, parameters_fix(at_estimate, zeros)))
}
