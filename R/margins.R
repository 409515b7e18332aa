# Marginal effects: how the expected response, a linear predictor or a parameter
# changes with a variable of the data, averaged over observations. Each effect
# is a plain R function of the coefficients (margins-effects.R), so that its
# Jacobian, which the delta method needs, is exact too.
#
# Greene (2018), Econometric Analysis, section 17.3; Dowd, Greene and Norton
# (2014), Health Services Research 49, 731-750.

#' Marginal effects
#'
#' The derivative of the expected response with respect to a variable of the
#' data, or the difference between levels of a factor, averaged over the
#' observations or at chosen points, with standard errors by the delta method.
#'
#' @param fit A fit by [mle_fit()] of a model given as a formula.
#' @param variables Names of variables of the data; by default all that the
#'   formulas use for what `type` says.
#' @param at Where the effects are evaluated. `NULL`: at the observations,
#'   over which they are averaged. A list such as `list(x = 1:2, g = "a")`: with
#'   these variables set to every combination of the values, averaged over the
#'   observations' other variables. `"means"`: at one point, the means of
#'   numeric variables and the most frequent level of others.
#' @param by Names of columns of the data: effects in each of the groups that
#'   they form, over the observations of the group. Observations where one of
#'   them is missing are in no group.
#' @param type What the effect is on: `"response"`, the mean of the response as
#'   in [predict.mle_fit()]; `"link"`, the linear predictor of a parameter;
#'   `"parameter"`, a parameter of the density.
#' @param parameter The parameter for `"link"` and `"parameter"`; by default the
#'   one whose formula was given first.
#' @param vcov The covariance matrix of the estimates, a function of the fit
#'   that computes it, or a `type` of [vcov.mle_fit()]; by default the fit's.
#' @param level The level of the confidence intervals.
#' @param ... Ignored.
#'
#' @details
#' A variable that is numeric in every term has a derivative with respect to
#' itself as it is in the data, through all the terms that it is in:
#' `poly(x, 2)`, `I(x^2)`, `log(x)`, `x:z`, offsets, and the expressions of the
#' density. A factor, a character or logical variable, or a number that is used
#' as in `factor(x)` or `dnorm(a[x], sigma)`, has the differences to its first
#' level, in `contrast`.
#'
#' Terms act on each row by itself, with what they learned from the data of the
#' fit. They are differentiated exactly where they can be recorded (see
#' [op_table()]). A term that cannot, such as `splines::ns(x)`, is
#' differentiated in `x` by central differences, extrapolated (Richardson) to an
#' error of order \eqn{h^8}, where h is a thousandth of the standard deviation
#' of `x`; with respect to the coefficients the derivative is exact also then.
#'
#' Averages, means and frequencies are weighted by the `weights` of the fit.
#' Where `at` or `by` has the variable whose effect is asked for: a derivative
#' is evaluated there, differences of levels do not depend on it.
#'
#' @return A data frame of class `"mle_margins"`, with a row for each effect and
#'   the columns `term`; `contrast` (`"dY/dX"` for derivatives); the variables
#'   of `at` and of `by`; `estimate`, `std.error`, `statistic`, `p.value`,
#'   `conf.low` and `conf.high`. The quantiles are those of the t distribution
#'   in a fit with `adjust`. `coef()` and `vcov()` give the estimates and their
#'   covariance matrix.
#' @section Errors:
#' `admle_error_argument` for a variable that is unknown or not in the model and
#' for values in `at` that are no levels; `admle_error_unsupported` for a model
#' given as a function, a response without a mean and a variable in a step
#' function, such as `cut(x)`.
#' @references Greene (2018), *Econometric Analysis*, 8th edition, section 17.3.
#' @seealso [predict.mle_fit()]
#' @examples
#' fit <- mle_fit(am ~ poly(wt, 2) + factor(cyl), data = mtcars,
#'                family = binomial, subset = wt < 3.6)
#' margins(fit, "wt")
#' fit <- mle_fit(mpg ~ wt * factor(cyl), data = mtcars)
#' margins(fit)
#' margins(fit, "wt", by = "cyl")
#' margins(fit, at = list(wt = 2:3), vcov = "sandwich")
#' @export
margins <- function(fit, ...) {
  UseMethod("margins")
}

#' @rdname margins
#' @export
margins.mle_model <- function(fit, variables = NULL, at = NULL, by = NULL,
                              type = c("response", "link", "parameter"),
                              parameter = NULL, vcov = NULL, level = 0.95,
                              ...) {
  check_renamed(list(...))
  type <- match_choice(type, c("response", "link", "parameter"), "type")
  level <- check_level(level)
  data <- margins_data(fit)
  target <- margins_target(fit, type, parameter)
  variables <- margins_variables(variables, target, data, fit)
  points <- margins_points(at, fit, data)
  groups <- margins_groups(by, fit, names(points$grid))
  effects <- unlist(lapply(variables, function(name) {
    effects_of(name, fit, data, target, points, groups)
  }), recursive = FALSE)
  covariance <- covariance_made(fit, vcov)$matrix
  estimated_margins(effects, fit, covariance, level, list(
    target = target$label, points = points$label
  ))
}

# effects: list(labels, fn), a data frame and the effects of its rows as a
# function of all parameters.
estimated_margins <- function(effects, fit, covariance, level, about) {
  theta <- all_parameters(fit)
  labels <- do.call(rbind, lapply(effects, `[[`, "labels"))
  estimate <- unlist(lapply(effects, function(effect) effect$fn(theta)))
  slopes <- free_slopes(function(theta) {
    unlist(lapply(effects, function(effect) effect$fn(theta)))
  }, fit, theta)
  covariance <- delta_covariance(slopes, covariance)
  error <- sqrt(pmax(diag(covariance), 0))
  # An effect that is zero whatever the parameters has nothing to be tested.
  statistic <- ifelse(error == 0, NA, estimate / error)
  half <- stats::qt((1 + level) / 2, fit$df.residual) * error
  result <- cbind(labels, data.frame(
    estimate = estimate, std.error = error, statistic = statistic,
    p.value = 2 * stats::pt(-abs(statistic), fit$df.residual),
    conf.low = estimate - half, conf.high = estimate + half
  ))
  row.names(result) <- NULL
  names <- make.unique(do.call(paste, unname(lapply(labels, format_labels))))
  dimnames(covariance) <- list(names, names)
  structure(result, class = c("mle_margins", "data.frame"),
            vcov = covariance, about = c(about, level = level))
}

format_labels <- function(x) {
  if (is.numeric(x)) format(x, digits = 4L, trim = TRUE) else as.character(x)
}

#' @export
print.mle_margins <- function(x, digits = max(3L, getOption("digits") - 3L),
                              ...) {
  about <- attr(x, "about")
  cat(sprintf("Effects on %s%s\n\n", about$target, about$points))
  shown <- as.data.frame(x)
  for (name in setdiff(names(shown), "p.value")) {
    if (is.numeric(shown[[name]])) {
      shown[[name]] <- format(zapsmall(shown[[name]], digits + 2L),
                              digits = digits)
    }
  }
  if (!is.null(shown$p.value)) {
    shown$p.value <- format.pval(shown$p.value, digits = max(1L, digits - 2L),
                                 eps = 1e-4)
  }
  print.data.frame(shown, row.names = FALSE)
  if (!is.null(about$level)) {
    cat(sprintf("\nDelta-method standard errors; %s%% confidence intervals.\n",
                format(100 * about$level)))
  }
  invisible(x)
}

#' @export
as.data.frame.mle_margins <- function(x, ...) {
  attr(x, "vcov") <- attr(x, "about") <- NULL
  class(x) <- "data.frame"
  x
}

# Rows or columns of the table are a plain data frame: the covariance matrix
# belongs to the whole.
#' @export
`[.mle_margins` <- function(x, ...) {
  as.data.frame(x)[...]
}

#' @export
coef.mle_margins <- function(object, ...) {
  stats::setNames(object$estimate, rownames(attr(object, "vcov")))
}

#' @export
vcov.mle_margins <- function(object, ...) {
  attr(object, "vcov")
}
