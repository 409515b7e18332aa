# Tests of the lmtest package that count observations.

#' Likelihood ratio and Wald tests of the lmtest package
#'
#' Methods of `lmtest::lrtest()` and `lmtest::waldtest()`, which are the default
#' ones, but say so if the number of observations is not known. One model is
#' compared with the one without terms if it was given as a formula; models
#' given as functions are compared with other fits, those of `waldtest()` by the
#' names of their coefficients. [wald_test()] takes any restriction.
#'
#' @param object A fit by [mle_fit()].
#' @param ... Other fits, terms or formulas, and arguments of the default
#'   methods.
#' @return What the default methods return.
#' @examples
#' if (requireNamespace("lmtest", quietly = TRUE)) {
#'   fit <- mle_fit(mpg ~ wt + hp, data = mtcars)
#'   lmtest::lrtest(fit, . ~ . - hp)
#' }
#' @name lmtest_methods
NULL

#' @rdname lmtest_methods
#' @exportS3Method lmtest::lrtest
lrtest.mle_fit <- function(object, ...) {
  check_counted(object, ...)
  NextMethod()
}

#' @rdname lmtest_methods
#' @exportS3Method lmtest::waldtest
waldtest.mle_fit <- function(object, ...) {
  check_counted(object, ...)
  if (is.null(object$model)) check_only_fits(...)
  NextMethod()
}

# What has no name is a model, or says how to change the one before.
check_only_fits <- function(...) {
  models <- list(...)
  if (!is.null(names(models))) models <- models[names(models) == ""]
  if (!all(vapply(models, inherits, NA, "mle_fit"))) {
    admle_abort("unsupported", paste(
      "The model was given as a function, not as a formula: it has no terms to",
      "leave out. Compare with another fit, or use `wald_test()`."
    ))
  }
}

check_counted <- function(...) {
  unknown <- vapply(list(...), function(fit) {
    inherits(fit, "mle_fit") && is.na(fit$nobs)
  }, NA)
  if (any(unknown)) {
    admle_abort("unsupported", paste(
      "lmtest compares numbers of observations, which are unknown where the",
      "function returns one total: return the vector of contributions, or use",
      "`anova()` or `lr_test()`."
    ))
  }
}
