# Predictions that ask the whole distribution of the response: quantiles,
# probabilities, densities, prediction intervals. They are values only.

predict_distribution <- function(fit, model, wanted, ask) {
  if (wanted$se.fit || wanted$interval == "confidence") {
    admle_abort("unsupported", sprintf(paste(
      "There are no standard errors for type = \"%s\". Write it as an",
      "expression of the parameters: predict(fit, ~ expr, se.fit = TRUE)."
    ), wanted$type))
  }
  ask(model_distribution(fit, model), wanted$at)
}

predicted_quantiles <- function(d, at) {
  at <- if (is.null(at)) 0.5 else at
  if (!is.numeric(at) || anyNA(at) || any(at < 0 | at > 1)) {
    admle_abort("argument", "`at` must be probabilities.", argument = "at")
  }
  columns(at, d$rows, function(p) stats::quantile(d, rep(p, d$rows)))
}

predicted_probabilities <- function(d, at, levels = NULL) {
  categories <- d$probabilities()
  if (!is.null(categories)) {
    colnames(categories) <- levels
    return(if (is.null(at)) categories else categories[, at, drop = FALSE])
  }
  if (d$discrete) {
    return(columns(at, d$rows, function(y) exp(log_density(d, rep(y, d$rows)))))
  }
  if (is.null(at)) {
    admle_abort("argument", paste(
      "type = \"prob\" of a continuous response needs `at`: the probabilities",
      "are those of values up to `at`."
    ), argument = "at")
  }
  columns(at, d$rows, function(y) cumulative(d, rep(y, d$rows)))
}

# A column for each element of `at`; a vector for one.
columns <- function(at, rows, value) {
  result <- vapply(at, function(x) rep_len(as.numeric(value(x)), rows),
                   numeric(rows))
  if (length(at) == 1L) {
    return(as.vector(result))
  }
  matrix(result, rows, length(at), dimnames = list(NULL, format(at)))
}

new_response <- function(model, newdata) {
  if (is.null(newdata)) {
    return(model$y)
  }
  y <- eval(model$response, newdata, model$env)
  if (is.null(model$family)) plain_response(y) else
    family_response(model$family, y, NULL)$response
}

# A normal response: the error of the mean and that of the response add up.
prediction_interval <- function(fit, model, wanted) {
  tail <- (1 - wanted$level) / 2
  centre <- predict_response(fit, model, utils::modifyList(
    wanted, list(interval = "none", se.fit = TRUE)
  ))
  if (is_normal(model)) {
    d <- model_distribution(fit, model)
    factor <- if (is.null(fit$adjustment)) 1 else fit$adjustment$factor
    half <- stats::qt(1 - tail, wanted$df) *
      sqrt(centre$se.fit^2 + factor * variance(d))
    limits <- cbind(centre$fit - half, centre$fit + half)
  } else {
    d <- model_distribution(fit, model)
    limits <- columns(c(tail, 1 - tail), model$rows, function(p) {
      stats::quantile(d, rep(p, model$rows))
    })
  }
  result <- cbind(fit = centre$fit, lwr = limits[, 1L], upr = limits[, 2L])
  if (wanted$se.fit) list(fit = result, se.fit = centre$se.fit,
                          df = wanted$df) else result
}

is_normal <- function(model) {
  !model$combined && called_name(model$density[[1L]]) == "dnorm"
}
