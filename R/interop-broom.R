# Data frames of a fit for the packages that build tables: a row for each
# coefficient (tidy), one for the fit (glance), one for each observation
# (augment). The generics are those of the generics package, which broom
# re-exports; names of columns are those of broom's glossary.

#' A fit as data frames
#'
#' Methods of `tidy()`, `glance()` and `augment()` of the packages generics and
#' broom, registered when generics is loaded.
#'
#' @param x A fit by [mle_fit()]; of `tidy()` also what [margins()], [nlcom()],
#'   or [bootstrap()] returns.
#' @param conf.int Whether there are confidence intervals.
#' @param conf.level Their level.
#' @param exponentiate `TRUE` for exp() of the coefficients, and of the limits
#'   of their intervals, in the linear predictors with a link that makes odds
#'   or other ratios of them: log, logit, cloglog and loglog. Others are left
#'   as they are; standard errors are those of the coefficients.
#' @param vcov The covariance matrix, see [covariance_choice].
#' @param data The data to which columns are added: by default the model frame,
#'   otherwise all rows that the fit was given, or those in use.
#' @param newdata New data, instead of those of the fit.
#' @param se_fit Whether there are standard errors of what is fitted.
#' @param interval,type.predict,type.residuals As `interval` and `type` of
#'   [predict.mle_fit()], and `type` of [residuals.mle_fit()].
#' @param ... Of `tidy()`: arguments of [confint.mle_fit()], such as `method`;
#'   of `augment()`: arguments of [predict.mle_fit()]. Ignored by `glance()`.
#' @return Data frames.
#'   * `tidy()`: a row for each coefficient that exists, with the columns
#'     `term`, `estimate`, `std.error`, `statistic`, `p.value` and, with
#'     `conf.int`, `conf.low` and `conf.high`; of a bootstrap, `bias` instead
#'     of tests;
#'   * `glance()`: one row with `logLik`, `AIC`, `BIC`, `df` (identified free
#'     parameters), `df.residual` (`Inf` for the normal distribution), `nobs`
#'     and `converged`;
#'   * `augment()`: `data` with `.fitted` (`.fitted.<category>` for a response
#'     of categories), `.se.fit`, `.lower`, `.upper` and `.resid` (only where
#'     the response is known). For a model given as a function there is an
#'     error of class `admle_error_unsupported`.
#' @examples
#' fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
#' if (requireNamespace("generics", quietly = TRUE)) {
#'   generics::tidy(fit, conf.int = TRUE, vcov = "sandwich")
#'   generics::glance(fit)
#'   generics::augment(fit, newdata = data.frame(wt = 2:4), se_fit = TRUE)
#' }
#' @name broom_methods
NULL

#' @rdname broom_methods
#' @exportS3Method generics::tidy
tidy.mle_fit <- function(x, conf.int = FALSE, conf.level = 0.95,
                         exponentiate = FALSE, vcov = NULL, ...) {
  check_renamed(list(...))
  estimate <- x$coefficients
  table <- coefficient_table(estimate, fit_covariance(x, vcov),
                             residual_df(x, vcov = vcov),
                             tested_against_zero(x))
  result <- data.frame(
    term = names(estimate), estimate = table[, 1L], std.error = table[, 2L],
    statistic = table[, 3L], p.value = table[, 4L], row.names = NULL
  )
  if (check_flag(conf.int, "conf.int")) {
    limits <- confint(x, level = check_level(conf.level, "conf.level"),
                      vcov = vcov, ...)
    limits <- limits[names(estimate), , drop = FALSE]
    result$conf.low <- unname(limits[, 1L])
    result$conf.high <- unname(limits[, 2L])
  }
  if (check_flag(exponentiate, "exponentiate")) {
    ratios <- has_ratio_link(x)
    shown <- intersect(c("estimate", "conf.low", "conf.high"), names(result))
    result[ratios, shown] <- exp(result[ratios, shown])
  }
  result
}

# Links in which a coefficient is the logarithm of a ratio.
ratio_links <- c("log", "logit", "cloglog", "loglog")

has_ratio_link <- function(fit) {
  parts <- need_model(fit, "links to say what exp() of a coefficient is")
  parts <- Filter(function(part) part$link$name %in% ratio_links,
                  parts$components)
  if (length(parts) == 0L) {
    admle_abort("argument", sprintf(paste(
      "`exponentiate` needs a linear predictor with one of the links %s. The",
      "model has none."
    ), enumerate(ratio_links, "\"")), argument = "exponentiate")
  }
  names(fit$coefficients) %in% unlist(lapply(parts, function(part) {
    coefficient_labels_of(part, part$columns)
  }))
}

#' @rdname broom_methods
#' @exportS3Method generics::glance
glance.mle_fit <- function(x, ...) {
  log_lik <- logLik.mle_fit(x)
  data.frame(
    logLik = as.numeric(log_lik), AIC = stats::AIC(log_lik),
    BIC = stats::BIC(log_lik), df = x$rank, df.residual = x$df.residual,
    nobs = x$nobs, converged = x$converged
  )
}

#' @rdname broom_methods
#' @exportS3Method generics::augment
augment.mle_model <- function(x, data = NULL, newdata = NULL, se_fit = FALSE,
                              interval = c("none", "confidence", "prediction"),
                              type.predict = "response",
                              type.residuals = "response", ...) {
  interval <- match_choice(interval, c("none", "confidence", "prediction"),
                           "interval")
  columns <- fitted_columns(predict.mle_fit(
    x, newdata = newdata, type = type.predict, interval = interval,
    se.fit = check_flag(se_fit, "se_fit"), ...
  ))
  if (is.null(newdata)) {
    columns$.resid <- known_residuals(x, type.residuals)
    return(cbind(augmented_data(x, data, nrow(columns)), columns))
  }
  response <- all.vars(x$model$response)
  if (type.residuals == "response" && type.predict == "response" &&
        all(response %in% names(newdata))) {
    columns$.resid <- new_residuals(x, newdata, columns)
  }
  cbind(as.data.frame(newdata), columns)
}

# What predict() returns, a vector, a matrix or a list of it and the errors.
fitted_columns <- function(predicted) {
  error <- if (is.list(predicted)) predicted$se.fit
  value <- if (is.list(predicted)) predicted$fit else predicted
  if (!is.matrix(value)) {
    columns <- data.frame(.fitted = as.vector(value))
  } else if (identical(colnames(value), c("fit", "lwr", "upr"))) {
    columns <- stats::setNames(as.data.frame(value),
                               c(".fitted", ".lower", ".upper"))
  } else {
    columns <- stats::setNames(as.data.frame(value),
                               paste0(".fitted.", colnames(value)))
  }
  if (!is.null(error)) columns$.se.fit <- as.vector(error)
  row.names(columns) <- NULL
  columns
}

# NULL for a response that has none, such as categories.
known_residuals <- function(fit, type) {
  if (type == "response" && is.factor(fit$model$y)) {
    return(NULL)
  }
  as.vector(stats::residuals(fit, type))
}

# NULL where the response is no number that could be subtracted from.
new_residuals <- function(fit, newdata, columns) {
  y <- eval(fit$model$response, newdata, fit$model$env)
  if (is.numeric(y) && is.null(dim(y)) && !is.null(columns$.fitted)) {
    y - columns$.fitted
  }
}

# The rows to which `rows` fitted values belong.
augmented_data <- function(fit, data, rows) {
  if (is.null(data)) {
    frame <- as.data.frame(model.frame.mle_model(fit))
    attr(frame, "terms") <- NULL
    # Rows that na.exclude() keeps the places of are not in the frame.
    if (nrow(frame) == rows) {
      return(frame)
    }
    data <- fit$data
  }
  in_use <- data_in_use_rows(fit, nrow(data))
  if (nrow(data) != rows && length(in_use) == rows &&
        max(in_use) <= nrow(data)) {
    data <- data[in_use, , drop = FALSE]
  }
  if (nrow(data) != rows) {
    admle_abort("argument", sprintf(
      "`data` has %s, but the fit has fitted values for %d.",
      counted(nrow(data), "row"), rows
    ), argument = "data")
  }
  as.data.frame(data)
}

# Row numbers of what the fit was given; with na.exclude() the places of the
# rows left out too.
data_in_use_rows <- function(fit, total) {
  rows <- if (is.null(fit$subset)) seq_len(total) else fit$subset
  omitted <- fit$na.action
  if (is.null(omitted) || inherits(omitted, "exclude")) rows else rows[-omitted]
}

#' @rdname broom_methods
#' @exportS3Method generics::tidy
tidy.mle_margins <- function(x, ...) {
  as.data.frame.mle_margins(x)
}

#' @rdname broom_methods
#' @exportS3Method generics::tidy
tidy.mle_delta <- function(x, conf.int = FALSE, conf.level = x$level, ...) {
  without_limits(as.data.frame(x, level = conf.level), conf.int)
}

#' @rdname broom_methods
#' @exportS3Method generics::tidy
tidy.mle_bootstrap <- function(x, conf.int = FALSE, conf.level = 0.95, ...) {
  table <- summary(x, level = conf.level, ...)$table
  result <- as.data.frame(table, row.names = seq_len(nrow(table)))
  names(result) <- c("estimate", "bias", "std.error", "conf.low", "conf.high")
  without_limits(cbind(term = rownames(table), result), conf.int)
}

without_limits <- function(table, conf.int) {
  if (!check_flag(conf.int, "conf.int")) {
    table <- table[setdiff(names(table), c("conf.low", "conf.high"))]
  }
  table
}
