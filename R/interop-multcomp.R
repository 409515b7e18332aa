# Multiple comparisons of the multcomp package: Hothorn, Bretz and Westfall
# (2008), Biometrical Journal 50(3), 346-363.

#' Multiple comparisons
#'
#' A method of `multcomp::modelparm()`, which makes `multcomp::glht()` work:
#' with matrices and equations in all coefficients, with `multcomp::mcp()` of
#' the factors in the formula that was given first (a likelihood written as a
#' function has no factors: use a matrix). Critical values are those of the
#' multivariate t distribution in a fit with `adjust`, of the normal otherwise.
#'
#' @param model A fit by [mle_fit()].
#' @param coef.,vcov. The coefficients and their covariance, or functions of the
#'   fit that return them.
#' @param df Degrees of freedom; 0 stands for the normal distribution. The
#'   default is that of the fit.
#' @param ... Ignored.
#' @return An object of class `"modelparm"`.
#' @examples
#' if (requireNamespace("multcomp", quietly = TRUE)) {
#'   fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
#'   summary(multcomp::glht(fit, multcomp::mcp(spray = "Dunnett")))
#' }
#' @exportS3Method multcomp::modelparm
modelparm.mle_fit <- function(model, coef. = NULL, vcov. = NULL, df = NULL,
                              ...) {
  given <- function(value, default) {
    if (is.null(value)) default else if (is.function(value)) value(model) else
      value
  }
  estimate <- given(coef., coef.mle_fit(model))
  covariance <- fit_covariance(model, vcov.)
  if (is.null(df)) {
    df <- if (is.finite(model$df.residual)) model$df.residual else 0
  }
  # glht(mcp()) gives contrasts a column for each of the model matrix, where
  # there are coefficients of other parameters too. They are seen nowhere but
  # in the function that calls this one.
  contrasts <- get0("linfct", parent.frame(), inherits = FALSE)
  if (is.null(coef.) && is.matrix(contrasts)) {
    chosen <- contrast_coefficients(colnames(contrasts), model)
    estimate <- estimate[chosen]
    kept <- names(estimate)[!is.na(estimate)]
    covariance <- covariance[kept, kept, drop = FALSE]
  }
  structure(list(
    coef = estimate[!is.na(estimate)], vcov = covariance, df = df,
    estimable = !is.na(unname(estimate))
  ), class = "modelparm")
}

# The coefficients of the model matrix, if contrasts have its columns and no
# others.
contrast_coefficients <- function(columns, fit) {
  every <- complete_names(fit)
  part <- fit$model$components
  labels <- if (length(part)) coefficient_labels_of(part[[1L]],
                                                    part[[1L]]$all_columns)
  if (!is.null(columns) && identical(columns, labels) &&
        all(labels %in% every)) labels else every
}
