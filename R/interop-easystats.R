# The tables of the packages parameters and performance. Estimates, errors and
# limits are those of summary() and confint(); measures of fit are left out
# where they would not mean what they say.

#' Methods for parameters and performance
#'
#' `parameters::model_parameters()`, `standard_error()`, `p_value()`, `ci()`,
#' `performance::model_performance()`, `r2()` and others work on a fit, by
#' methods that are registered when these packages are loaded.
#' `parameters::compare_parameters()` and `performance::compare_performance()`
#' take classes of a closed list only: see `modelsummary::modelsummary()` and
#' [stats::AIC()] for several fits.
#'
#' @param model,x A fit by [mle_fit()].
#' @param component See [insight_methods].
#' @param vcov,vcov_args The covariance matrix, see [insight_methods].
#' @param ci The levels of the intervals.
#' @param method `"profile"` for profile-likelihood intervals, Wald intervals
#'   otherwise.
#' @param metrics See `performance::model_performance()`.
#' @param ... Passed on or ignored.
#' @details
#' The measures \eqn{R^2} compare the log-likelihood with that of the model with
#' a constant only (McFadden, Cox and Snell, Nagelkerke), and exist for models
#' with a `family` and one formula. `r2()` of a normal linear model is [lm()]'s,
#' of a logit Tjur's, and McFadden's of others. Without that, there is an error
#' of class `admle_error_unsupported`.
#' @return What the generic functions return.
#' @examples
#' if (requireNamespace("parameters", quietly = TRUE)) {
#'   fit <- mle_fit(mpg ~ wt, data = mtcars)
#'   parameters::model_parameters(fit, vcov = "sandwich")
#' }
#' @name easystats_methods
NULL

#' @rdname easystats_methods
#' @exportS3Method parameters::model_parameters
model_parameters.mle_fit <- function(model, component = "all", ...) {
  default <- utils::getS3method("model_parameters", "default",
                                envir = asNamespace("parameters"))
  result <- default(model, component = component, ...)
  attr(result, "object_name") <- deparse1(substitute(model))
  result
}

#' @rdname easystats_methods
#' @exportS3Method parameters::standard_error
standard_error.mle_fit <- function(model, component = "all", vcov = NULL,
                                   vcov_args = NULL, ...) {
  table <- interop_table(model, component, vcov, vcov_args)
  data.frame(Parameter = rownames(table), SE = unname(table[, 2L]))
}

#' @rdname easystats_methods
#' @exportS3Method parameters::p_value
p_value.mle_fit <- function(model, component = "all", vcov = NULL,
                            vcov_args = NULL, ...) {
  table <- interop_table(model, component, vcov, vcov_args)
  data.frame(Parameter = rownames(table), p = unname(table[, 4L]))
}

interop_table <- function(fit, component, vcov, settings) {
  kept <- in_component(coefficient_components(fit), component)
  coefficient_table(
    fit$coefficients, interop_covariance(fit, vcov, settings),
    fit$df.residual, tested_against_zero(fit)
  )[kept, , drop = FALSE]
}

#' @rdname easystats_methods
#' @exportS3Method bayestestR::ci
ci.mle_fit <- function(x, ci = 0.95, method = NULL, component = "all",
                       vcov = NULL, vcov_args = NULL, ...) {
  if (!is.null(vcov)) vcov <- interop_covariance(x, vcov, vcov_args)
  kept <- in_component(coefficient_components(x), component)
  by_profile <- identical(method, "profile")
  result <- lapply(ci, function(level) {
    limits <- confint(x, level = level, vcov = vcov,
                      method = if (by_profile) "profile" else "wald")
    limits <- limits[names(x$coefficients)[kept], , drop = FALSE]
    data.frame(Parameter = rownames(limits), CI = level,
               CI_low = unname(limits[, 1L]), CI_high = unname(limits[, 2L]))
  })
  do.call(rbind, result)
}

#' @rdname easystats_methods
#' @exportS3Method performance::model_performance
model_performance.mle_fit <- function(model, metrics = "all", ...) {
  of_glm <- utils::getS3method("model_performance", "glm",
                               envir = asNamespace("performance"))
  of_glm(model, metrics = metrics, verbose = FALSE, ...)
}

#' @rdname easystats_methods
#' @exportS3Method performance::r2
r2.mle_fit <- function(model, ...) {
  info <- insight::model_info(model)
  if (isTRUE(info$is_linear) && !info$is_dispersion && is_normal(model$model)) {
    return(structure(linear_r2(model), class = c("r2_generic", "list")))
  }
  measure <- if (isTRUE(info$is_bernoulli) && info$is_logit) {
    list(R2_Tjur = performance::r2_tjur(model, model_info = info))
  } else {
    list(R2_McFadden = r2_mcfadden.mle_fit(model)$R2)
  }
  structure(measure, class = c("r2_pseudo", "list"), model_type = "Likelihood")
}

# As summary.lm() has them.
linear_r2 <- function(fit) {
  weights <- family_weights(fit)
  fitted <- fitted_values(fit)
  constant <- attr(terms.mle_model(fit), "intercept")
  centre <- if (constant) stats::weighted.mean(fitted, weights) else 0
  explained <- sum(weights * (fitted - centre)^2)
  left <- sum(weights * response_residuals(fit)^2)
  share <- explained / (explained + left)
  n <- fit$nobs
  df <- n - length(fit$model$components[[1L]]$columns)
  list(
    R2 = c(R2 = share),
    R2_adjusted = c(`adjusted R2` = 1 - (1 - share) * (n - constant) / df)
  )
}

#' @rdname easystats_methods
#' @exportS3Method performance::r2_mcfadden
r2_mcfadden.mle_fit <- function(model, ...) {
  constant <- constant_loglik(model)
  structure(list(
    R2 = c(`McFadden's R2` = 1 - model$loglik / constant),
    R2_adjusted = c(`adjusted McFadden's R2` =
                      1 - (model$loglik - model$rank) / constant)
  ), class = c("r2_mcfadden", "list"), model_type = "Likelihood")
}

#' @rdname easystats_methods
#' @exportS3Method performance::r2_coxsnell
r2_coxsnell.mle_fit <- function(model, ...) {
  c(`Cox & Snell's R2` = gained_likelihood(model))
}

#' @rdname easystats_methods
#' @exportS3Method performance::r2_nagelkerke
r2_nagelkerke.mle_fit <- function(model, ...) {
  largest <- -expm1(2 * constant_loglik(model) / model$nobs)
  c(`Nagelkerke's R2` = gained_likelihood(model) / largest)
}

gained_likelihood <- function(fit) {
  -expm1(2 * (constant_loglik(fit) - fit$loglik) / fit$nobs)
}

# The log-likelihood of the model with a constant, and the offset if any.
constant_loglik <- function(fit) {
  if (is.null(fit$model$family) || length(fit$model$components) > 1L) {
    admle_abort("unsupported", paste(
      "This R2 compares with the model with a constant only, which is made for",
      "models with a `family` and one formula."
    ))
  }
  stats::update(fit, . ~ 1)$loglik
}
