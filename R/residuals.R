# Fitted values and residuals of a model given as a formula, and its other
# parts: frame, matrices, family.

#' Fitted values and residuals
#'
#' @param object A fit by [mle_fit()] of a model given as a formula. For a
#'   likelihood that was written as a function, which does not say what its
#'   fitted values are, there is an error of class `admle_error_unsupported`.
#' @param type
#' * `"response"`: observed minus fitted values;
#' * `"pearson"`: divided by the standard deviation; for a family, as in
#'   [residuals.glm()], by the root of the variance function over the weights;
#' * `"deviance"`: signed roots of the contributions to the deviance, for
#'   families;
#' * `"quantile"`: normal quantiles of the estimated distribution function at
#'   the response, randomised where the distribution has point masses or the
#'   observation is censored (Dunn and Smyth 1996): normally distributed if the
#'   model is right;
#' * `"score"`: derivatives of the contributions in the linear predictor of
#'   `parameter`, the generalised residuals of econometrics.
#' @param parameter For `"score"`: the parameter; by default the one whose
#'   formula was given first.
#' @param ... Ignored.
#' @return A vector with an element for each observation.
#' @references Dunn and Smyth (1996), Randomized quantile residuals, *Journal
#'   of Computational and Graphical Statistics* 5(3), 236-244.
#'
#'   Gourieroux, Monfort, Renault and Trognon (1987), Generalised residuals,
#'   *Journal of Econometrics* 34, 5-32.
#' @examples
#' fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
#' head(fitted(fit))
#' head(residuals(fit, "quantile"))
#' @importFrom stats fitted residuals
#' @export
fitted.mle_model <- function(object, ...) {
  predict.mle_fit(object, type = "response")
}

#' @rdname fitted.mle_model
#' @export
residuals.mle_model <- function(object,
                                type = c("response", "pearson", "deviance",
                                         "quantile", "score"),
                                parameter = NULL, ...) {
  type <- match_choice(type, c("response", "pearson", "deviance", "quantile",
                               "score"), "type")
  object <- conditional_fit(object)
  result <- switch(
    type,
    response = response_residuals(object),
    pearson = pearson_residuals(object),
    deviance = deviance_residuals(object),
    quantile = quantile_residuals(object),
    score = score_residuals(object, parameter)
  )
  names(result) <- row.names(object$model$frame)
  stats::naresid(object$na.action, result)
}

# What `fitted()` is the mean of: a proportion for a binomial family.
observed_response <- function(fit) {
  model <- fit$model
  if (is.null(model$given$size) || is.null(model$family)) {
    return(numeric_response(model$y))
  }
  model$y / model$given$size
}

fitted_values <- function(fit) {
  if (is.factor(fit$model$y)) {
    admle_abort("unsupported", paste(
      "A response of categories has no residuals of this type. Use",
      "type = \"quantile\" for ordered ones."
    ))
  }
  mean <- predict_response(fit, model_at(fit), list(
    interval = "none", se.fit = FALSE
  ))
  as.vector(mean)
}

response_residuals <- function(fit) {
  observed_response(fit) - fitted_values(fit)
}

# The weights that glm() would have.
family_weights <- function(fit) {
  weights <- rep(1, fit$model$rows)
  for (w in list(fit$weights, fit$model$given$size,
                 fit$model$given$precision)) {
    if (!is.null(w)) weights <- weights * w
  }
  weights
}

pearson_residuals <- function(fit) {
  family <- fit$model$family
  if (!is.null(family)) {
    mean <- fitted_values(fit)
    return((observed_response(fit) - mean) *
             sqrt(family_weights(fit) / family$variance(mean)))
  }
  spread <- variance(model_distribution(fit))
  if (is.null(spread)) {
    abort_no_model("Pearson residuals")
  }
  response_residuals(fit) / sqrt(spread)
}

deviance_residuals <- function(fit) {
  family <- fit$model$family
  if (is.null(family)) {
    admle_abort("unsupported", paste(
      "Deviance residuals are defined for families (`family =`). Use",
      "type = \"quantile\"."
    ))
  }
  mean <- fitted_values(fit)
  y <- observed_response(fit)
  squares <- family$dev.resids(y, mean, family_weights(fit))
  ifelse(y > mean, 1, -1) * sqrt(pmax(squares, 0))
}

score_residuals <- function(fit, parameter) {
  model <- model_at(fit)
  part <- chosen_component(model, parameter)
  if (is.null(part)) {
    admle_abort("argument", sprintf(
      "Scores are those of a parameter with a formula: `%s` has none.",
      if (is.null(parameter)) model$scalars[[1L]] else parameter
    ), argument = "parameter")
  }
  theta <- all_parameters(fit)
  eta <- rep_len(model_function(fit, model, linear_code(part))(theta),
                 model$rows)
  moved <- model
  index <- match(part$parameter,
                 vapply(model$components, `[[`, "", "parameter"))
  moved$components[[index]]$columns <- character()
  moved$components[[index]]$offset <- eta
  moved$components[[index]]$effects <- NULL
  fn <- model_function(fit, moved, density_statement(moved),
                       stats::setNames(list(model$y), model$response_name))
  env <- environment(fn)
  offset <- offset_name(part)
  contributions <- function(eta) NULL
  formals(contributions) <- stats::setNames(alist(x = ), offset)
  body(contributions) <- bquote({
    .theta <- .(theta)
    .(body(fn))
  })
  environment(contributions) <- env
  scores <- vjp(contributions)(eta, u = rep(1, model$rows))
  if (is.null(fit$weights)) scores else scores * fit$weights
}
