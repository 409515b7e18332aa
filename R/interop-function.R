# What a fit of a likelihood written as a function answers other packages that
# ask for parts of a model (results-function.R).

#' @rdname broom_methods
#' @exportS3Method generics::augment
augment.mle_fit <- function(x, ...) {
  without_model(x, abort_no_model("fitted values"))
}

#' @rdname insight_methods
#' @exportS3Method insight::find_formula
find_formula.mle_fit <- function(x, ...) without_model(x, NULL)

#' @rdname insight_methods
#' @exportS3Method insight::model_info
model_info.mle_fit <- function(x, ...) without_model(x, NULL)

#' @rdname insight_methods
#' @exportS3Method insight::get_data
get_data.mle_fit <- function(x, ...) without_model(x, function_data(x))

#' @rdname insight_methods
#' @exportS3Method insight::link_inverse
link_inverse.mle_fit <- function(x, ...) {
  without_model(x, need_model(x, "links"))
}

#' @rdname insight_methods
#' @exportS3Method insight::link_function
link_function.mle_fit <- function(x, ...) {
  without_model(x, need_model(x, "links"))
}

#' @rdname insight_methods
#' @exportS3Method insight::find_predictors
find_predictors.mle_fit <- function(x, ...) {
  without_model(x, admle_abort("unsupported", paste(
    "A likelihood written as a function does not say what its regressors are."
  )))
}

#' @rdname emmeans_methods
#' @exportS3Method emmeans::recover_data
recover_data.mle_fit <- function(object, ...) {
  # A text is emmeans' sign for what cannot be done, which it says.
  without_model(object, paste(
    "Estimated marginal means need a model given as a formula. With a",
    "formula of the model matrix, emmeans::qdrg(~ x, data,",
    "coef = unname(coef(fit)), vcov = unname(vcov(fit))) makes them from a",
    "likelihood written as a function."
  ))
}
