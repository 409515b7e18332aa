# What marginaleffects asks of a model: coefficients that can be replaced, their
# covariance matrix, predictions. Its list of classes is closed, but it reads an
# option to which more can be added when admle is loaded.

#' Methods for marginaleffects
#'
#' With these `avg_slopes()`, `predictions()`, `comparisons()`, `hypotheses()`
#' and others of the package marginaleffects work on a fit. They are registered
#' when marginaleffects is loaded. Its derivatives are differences unless told
#' otherwise (`numderiv`); [margins()] differentiates exactly.
#'
#' A covariance matrix may be chosen by `vcov`, see [covariance_choice];
#' `"robust"` is the sandwich. Words that only the package sandwich knows, such
#' as `"HC3"` or `"NeweyWest"`, are passed on to it.
#'
#' Of a model given as a function there are `hypotheses()`, which need the
#' coefficients only.
#'
#' With R before 4.4, marginaleffects 1.0.0 needs the operator `%||%`, which R
#' has since then: attach the package rlang.
#'
#' @param model A fit by [mle_fit()].
#' @param coefs A vector with names of coefficients.
#' @param vcov The covariance matrix; `FALSE` for none.
#' @param newdata,type,... As in [predict.mle_fit()].
#' @return `get_coef()`: the coefficients that exist; `set_coef()`: the fit with
#'   other ones, from which `predict()` predicts; `get_vcov()`: a matrix, or
#'   `NULL`; `get_predict()`: a data frame with a row for each prediction and
#'   the columns `rowid`, `estimate`, and `group` for responses of categories.
#' @examples
#' if (requireNamespace("marginaleffects", quietly = TRUE) &&
#'       getRversion() >= "4.4") {
#'   fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
#'   marginaleffects::avg_slopes(fit, vcov = "sandwich")
#' }
#' @name marginaleffects_methods
NULL

#' @rdname marginaleffects_methods
#' @exportS3Method marginaleffects::get_coef
get_coef.mle_fit <- function(model, ...) {
  model$coefficients
}

#' @rdname marginaleffects_methods
#' @exportS3Method marginaleffects::set_coef
set_coef.mle_fit <- function(model, coefs, ...) {
  names <- if (is.null(names(coefs))) seq_along(coefs) else names(coefs)
  model$coefficients[names] <- coefs
  model
}

#' @rdname marginaleffects_methods
#' @exportS3Method marginaleffects::get_vcov
get_vcov.mle_fit <- function(model, vcov = NULL, ...) {
  if (isFALSE(vcov)) {
    return(NULL)
  }
  interop_covariance(model, if (!isTRUE(vcov)) vcov)
}

#' @rdname marginaleffects_methods
#' @exportS3Method marginaleffects::get_predict
get_predict.mle_fit <- function(model, newdata = NULL, type = "response", ...) {
  dots <- list(...)
  dots <- dots[intersect(names(dots), c("parameter", "at", "na.action"))]
  value <- do.call(predict.mle_fit, c(
    list(model, newdata, type = if (is.null(type)) "response" else type), dots
  ))
  rows <- if (is.null(newdata$rowid)) seq_len(NROW(value)) else newdata$rowid
  if (!is.matrix(value)) {
    return(data.frame(rowid = rows, estimate = as.vector(value)))
  }
  group <- rep(colnames(value), each = nrow(value))
  data.frame(
    rowid = rep(rows, ncol(value)), estimate = as.vector(value),
    group = factor(group, levels = colnames(value))
  )
}

# What other packages call a covariance matrix: a choice of ours, or a word of
# the package sandwich, whose functions work on a fit.
interop_covariance <- function(fit, vcov = NULL, settings = NULL) {
  # Also of a model given as a function, in which sandwich finds no variables.
  if (identical(vcov, "vcovCL") && inherits(settings$cluster, "formula") &&
        length(settings) == 1L) {
    return(fit_covariance(fit, settings$cluster))
  }
  if (!is.character(vcov) || !vcov %in% names(sandwich_functions)) {
    return(do.call(fit_covariance, c(list(fit, vcov), settings)))
  }
  if (!requireNamespace("sandwich", quietly = TRUE)) {
    admle_abort("unsupported", sprintf(
      "`vcov = \"%s\"` needs the package sandwich, which is not installed.",
      vcov
    ), argument = "vcov")
  }
  fn <- getExportedValue("sandwich", sandwich_functions[[vcov]])
  if (startsWith(vcov, "HC")) settings$type <- vcov
  given_covariance(do.call(fn, c(list(fit), settings)),
                   names(fit$coefficients))
}

sandwich_functions <- c(
  HC2 = "vcovHC", HC3 = "vcovHC", HC4 = "vcovHC", HC4m = "vcovHC",
  HC5 = "vcovHC", HAC = "vcovHAC", NeweyWest = "NeweyWest",
  kernHAC = "kernHAC", PL = "vcovPL", PC = "vcovPC", CL = "vcovCL",
  BS = "vcovBS", vcovHC = "vcovHC", vcovHAC = "vcovHAC", vcovCL = "vcovCL",
  vcovPL = "vcovPL", vcovPC = "vcovPC", vcovBS = "vcovBS", vcovJK = "vcovJK",
  vcovOPG = "vcovOPG"
)

# The user's own classes, and those of other packages, stay.
add_to_marginaleffects <- function() {
  classes <- getOption("marginaleffects_model_classes")
  options(marginaleffects_model_classes = union(classes, "mle_fit"))
}
