# Predictions. Every type is an expression of the model's parameters
# (model-evaluate.R), and so are those that a user writes: values and, through
# the delta method with exact derivatives, standard errors.

#' Predictions from a model
#'
#' @param object A fit by [mle_fit()].
#' @param newdata A data frame with the variables of the model; the data of the
#'   fit by default. Terms such as `poly()` and `ns()` are evaluated with what
#'   they learned from the data of the fit.
#' @param expr An expression of parameters, variables and R functions, such as
#'   `mu / sigma`, or a one-sided formula, `~ mu / sigma`, which may also be the
#'   second argument, without a name. For a model given as a function, its
#'   parameters are the function's arguments. Functions and other variables are
#'   those of the place where it was written.
#' @param type
#' * `"response"`: the mean of the response (of a binomial family the
#'   probability of success, of categories the probability of each);
#' * `"link"`: the linear predictor of a parameter;
#' * `"parameter"`: a parameter of the density at each observation;
#' * `"quantile"`: quantiles at the probabilities `at`;
#' * `"prob"`: of a category or a count, the probabilities of its values (`at`;
#'   by default the categories or 0 to the largest count); of a continuous
#'   response, of values up to `at`;
#' * `"density"`: the density at `at`, by default at the response.
#' @param parameter The parameter for `"link"` and `"parameter"`; by default the
#'   one whose formula was given first.
#' @param at Probabilities or values of the response, see `type`.
#' @param se.fit Whether to return standard errors, by the delta method.
#' @param interval `"confidence"` for an interval of what is predicted,
#'   `"prediction"` for one of a new response.
#' @param level The level of the interval.
#' @param vcov The covariance matrix of the estimates, a function of the fit
#'   that computes it, or a `type` of [vcov.mle_fit()].
#' @param na.action What happens to rows of `newdata` with missing values: by
#'   default their predictions are `NA`.
#' @param re.form With random effects in the formulas: `NULL` for predictions
#'   with all of them, at their predicted values; `NA` or `~0` for predictions
#'   at effects of zero.
#' @param allow.new.levels Whether groups in `newdata` that the fit has not seen
#'   have the effect zero; otherwise they are an error.
#' @param ... Ignored, with a warning.
#'
#' @details
#' Confidence intervals of the response of a family are made on the scale of the
#' link, so that they respect the range of the mean; others are estimate plus
#' and minus quantile times standard error. The quantiles are those of the t
#' distribution in a fit with `adjust`.
#'
#' A prediction interval for a normal response takes the errors of the estimated
#' mean into account, as [predict.lm()] does. For other distributions it is from
#' quantiles of the estimated distribution, without the uncertainty of its
#' parameters.
#'
#' @return A vector with a value for each row; a matrix with columns `fit`,
#'   `lwr` and `upr` with `interval`; a matrix with a column for each element of
#'   `at`, or each category; with `se.fit`, a list with `fit`, `se.fit` and the
#'   degrees of freedom `df`.
#' @examples
#' fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ hp,
#'                data = mtcars)
#' new <- data.frame(wt = 2:4, hp = 120)
#' predict(fit, new, se.fit = TRUE)
#' predict(fit, new, type = "quantile", at = c(0.1, 0.9))
#' predict(fit, ~ sigma / mu, newdata = new, interval = "confidence")
#' @importFrom stats predict
#' @export
predict.mle_fit <- function(object, newdata = NULL, expr = NULL,
                            type = c("response", "link", "parameter",
                                     "quantile", "prob", "density"),
                            parameter = NULL, at = NULL, se.fit = FALSE,
                            interval = c("none", "confidence", "prediction"),
                            level = 0.95, vcov = NULL,
                            na.action = stats::na.pass, re.form = NULL,
                            allow.new.levels = FALSE, ...) {
  check_renamed(list(...))
  warn_unused(names(list(...)))
  random <- read_re_form(re.form)
  view <- conditional_fit(object, random,
                          check_flag(allow.new.levels, "allow.new.levels"))
  newdata <- evaluated_newdata(newdata, substitute(newdata), object)
  asked <- read_expression(substitute(expr), object, parent.frame())
  if (inherits(newdata, "formula")) {
    asked <- read_second(newdata, asked)
    newdata <- NULL
  }
  if (!is.null(asked$type)) type <- asked$type
  type <- match_choice(type, predict_types, "type")
  interval <- match_choice(interval, c("none", "confidence", "prediction"),
                           "interval")
  se.fit <- check_flag(se.fit, "se.fit")
  check_parameter_use(parameter, type)
  if (is.null(object$model) && is.null(asked$code)) {
    abort_no_model("predictions")
  }
  wanted <- list(
    code = asked$code, env = asked$env, type = type, at = at,
    interval = interval, level = level, se.fit = se.fit, parameter = parameter,
    covariance = if (se.fit || interval != "none")
      predictive_covariance(object, view, vcov),
    df = residual_df(object, vcov)
  )
  if (is.null(object$model)) {
    return(predict_function_form(object, newdata, wanted))
  }
  model <- model_at(view, newdata)
  result <- predict_model(view, model, newdata, wanted)
  result <- name_rows(result, model$row_names)
  if (is.null(newdata)) pad_missing(result, object$na.action) else result
}

# `p = 0.9` would be taken for `parameter`.
check_parameter_use <- function(parameter, type) {
  if (!is.null(parameter) &&
        !(is.character(parameter) && type %in% c("link", "parameter"))) {
    admle_abort("argument", paste(
      "`parameter` must be the name of a parameter, for `type = \"link\"` or",
      "\"parameter\"; probabilities and values of the response are given by",
      "`at`."
    ), argument = "parameter")
  }
}

# Packages that predict with any model pass arguments that only some know.
warn_unused <- function(names) {
  if (length(names)) {
    admle_warn("argument", sprintf(
      "`predict()` has no argument %s: it is ignored.", enumerate(names)
    ))
  }
}

predict_types <- c("response", "link", "parameter", "quantile", "prob",
                   "density")

predict_model <- function(fit, model, newdata, wanted) {
  if (wanted$interval == "prediction") {
    return(prediction_interval(fit, model, wanted))
  }
  if (!is.null(wanted$code)) {
    variables <- if (is.null(newdata)) as.list(model$frame) else newdata
    fn <- asked_function(fit, model, wanted, variables)
    return(predicted(fn, fit, wanted))
  }
  switch(
    wanted$type,
    response = predict_response(fit, model, wanted),
    link = predict_parameter(fit, model, wanted, link = TRUE),
    parameter = predict_parameter(fit, model, wanted),
    quantile = predict_distribution(fit, model, wanted, predicted_quantiles),
    prob = predict_distribution(fit, model, wanted, function(d, at) {
      predicted_probabilities(d, at, levels(model$y))
    }),
    density = predict_distribution(fit, model, wanted, function(d, at) {
      exp(log_density(d, if (is.null(at)) new_response(model, newdata) else at))
    })
  )
}

predict_response <- function(fit, model, wanted) {
  if (!is.null(model$family)) {
    return(predict_parameter(fit, model, wanted, of_mean = TRUE))
  }
  d <- model_distribution(fit, model)
  if (is.null(mean(d))) {
    shares <- d$probabilities()
    if (!is.null(shares) && !wanted$se.fit && wanted$interval == "none") {
      return(predicted_probabilities(d, NULL, levels(model$y)))
    }
    admle_abort("unsupported", paste(
      "The response of this model has no mean that is a number. Use",
      "type = \"prob\" or type = \"parameter\"."
    ))
  }
  predicted(model_function(fit, model, mean_code(model)), fit, wanted,
            model$rows)
}

predict_parameter <- function(fit, model, wanted, link = FALSE,
                              of_mean = FALSE) {
  part <- chosen_component(model, if (!of_mean) wanted$parameter)
  if (is.null(part)) {
    name <- if (is.null(wanted$parameter)) model$scalars[[1L]] else
      wanted$parameter
    return(predicted(model_function(fit, model, as.name(name)), fit, wanted,
                     model$rows))
  }
  fn <- model_function(fit, model, linear_code(part))
  eta <- delta_values(fn, fit, wanted$covariance)
  eta <- lapply(eta, rep_len, model$rows)
  if (link) {
    return(with_errors(eta$value, eta$error, wanted))
  }
  mapped <- function(eta) link_inverse_at(part$link, eta)
  slope <- if (!is.null(eta$error)) link_slope(part$link, eta$value)
  result <- with_errors(mapped(eta$value), abs(slope) * eta$error, wanted)
  if (wanted$interval == "confidence") {
    limits <- with_errors(eta$value, eta$error, wanted, only_limits = TRUE)
    limits <- mapped(limits)
    ordered <- cbind(result_fit(result)[, 1L],
                     pmin(limits[, 1L], limits[, 2L]),
                     pmax(limits[, 1L], limits[, 2L]))
    colnames(ordered) <- c("fit", "lwr", "upr")
    if (is.list(result)) result$fit <- ordered else result <- ordered
  }
  result
}

result_fit <- function(result) if (is.list(result)) result$fit else result

linear_code <- function(part) {
  part$link <- links$identity
  parameter_statement(part)[[3L]]
}

# NULL for a parameter without a formula.
chosen_component <- function(model, parameter) {
  names <- vapply(model$components, `[[`, "", "parameter")
  if (is.null(parameter)) {
    return(if (length(names)) model$components[[1L]])
  }
  if (parameter %in% names) {
    return(model$components[[match(parameter, names)]])
  }
  if (!parameter %in% model$scalars) {
    admle_abort("argument", sprintf(
      "`parameter` must be one of %s, not \"%s\".",
      enumerate(c(names, model$scalars)), parameter
    ), argument = "parameter")
  }
  NULL
}

predicted <- function(fn, fit, wanted, rows = NULL) {
  found <- delta_values(fn, fit, wanted$covariance)
  if (!is.null(rows)) {
    found <- lapply(found, rep_len, rows)
  }
  with_errors(found$value, found$error, wanted)
}

# A value, its error and its interval in the shape that was asked for.
with_errors <- function(value, error, wanted, only_limits = FALSE) {
  result <- as.vector(value)
  if (wanted$interval == "confidence") {
    half <- stats::qt((1 + wanted$level) / 2, wanted$df) * error
    result <- cbind(fit = result, lwr = result - half, upr = result + half)
    if (only_limits) return(result[, -1L, drop = FALSE])
  }
  if (wanted$se.fit) list(fit = result, se.fit = as.vector(error),
                          df = wanted$df) else result
}

predict_function_form <- function(fit, newdata, wanted) {
  if (!is.null(newdata)) check_new_data(newdata)
  model <- list(components = list(), given = list())
  variables <- if (is.null(newdata)) data_in_use(fit$data, fit$subset) else
    newdata
  predicted(asked_function(fit, model, wanted, as.list(variables)), fit, wanted)
}

name_rows <- function(result, names) {
  named <- function(x) {
    if (is.matrix(x) && nrow(x) == length(names)) {
      rownames(x) <- names
    } else if (is.null(dim(x)) && length(x) == length(names)) {
      names(x) <- names
    }
    x
  }
  if (is.list(result)) {
    result[c("fit", "se.fit")] <- lapply(result[c("fit", "se.fit")], named)
    return(result)
  }
  named(result)
}

# na.exclude() keeps the places of the rows that it left out.
pad_missing <- function(result, omitted) {
  if (is.list(result)) {
    result[c("fit", "se.fit")] <- lapply(result[c("fit", "se.fit")],
                                         stats::napredict, omit = omitted)
    return(result)
  }
  stats::napredict(omitted, result)
}
