# What insight asks of a model, on which the easystats packages, modelsummary
# and marginaleffects are built. Where insight's own default is true of a fit,
# as for the response and the number of observations, there is no method here.

#' Methods for insight
#'
#' Methods for the package insight, registered when it is loaded; with them
#' parameters, performance and modelsummary work on a fit.
#'
#' A fit that was made with a covariance matrix of its own (`vcov` of
#' [mle_fit()]) has it in these packages too. modelsummary's
#' `vcov = "classical"`, `"iid"` and `"constant"` ask for what the fit has, and
#' are labelled wrongly in this case: give it `vcov(fit, type = "hessian")`.
#'
#' @param x A fit by [mle_fit()].
#' @param component A parameter with a formula: `"conditional"` is the one whose
#'   formula was given first, others have their own names. `"all"` is all.
#' @param flatten Whether to return a vector.
#' @param vcov,vcov_args The covariance matrix, see [covariance_choice], and a
#'   list of its settings. Words of the package sandwich, such as `"vcovCL"` or
#'   `"HC3"`, are passed on to it.
#' @param type What degrees of freedom: `"model"`, the number of identified free
#'   parameters; of tests otherwise, which are `Inf` for the normal
#'   distribution.
#' @param additional_variables Whether columns that the model does not use are
#'   returned, or their names.
#' @param ... Ignored.
#' @return What the generic functions of insight return. Of a model given as a
#'   function `find_formula()` and `model_info()` are `NULL`, `get_data()` is
#'   the data frame that it was given, if it was, and the links are an error of
#'   class `admle_error_unsupported`.
#' @examples
#' if (requireNamespace("insight", quietly = TRUE)) {
#'   fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ wt,
#'                  data = mtcars)
#'   insight::find_formula(fit)
#'   insight::get_parameters(fit, component = "sigma")
#' }
#' @name insight_methods
NULL

#' @rdname insight_methods
#' @exportS3Method insight::find_statistic
find_statistic.mle_fit <- function(x, ...) {
  if (is.finite(x$df.residual)) "t-statistic" else "z-statistic"
}

#' @rdname insight_methods
#' @exportS3Method insight::find_formula
find_formula.mle_model <- function(x, ...) {
  parts <- x$model$components
  formulas <- lapply(parts[-1L], function(part) part$formula)
  names(formulas) <- component_names(x)[-1L]
  structure(c(list(conditional = conditional_formula(x)), formulas),
            class = c("insight_formula", "list"))
}

# The response on what its density uses, where no parameter has a formula.
conditional_formula <- function(fit) {
  model <- fit$model
  if (length(model$components)) {
    return(formula.mle_model(fit))
  }
  right <- lapply(model$variables, as.name)
  right <- if (length(right)) Reduce(function(a, b) call("+", a, b), right) else
    1
  formula <- eval(call("~", model$response, right))
  environment(formula) <- model$env
  formula
}

component_names <- function(fit) {
  names <- vapply(fit$model$components, `[[`, "", "parameter")
  if (length(names)) names[[1L]] <- "conditional"
  names
}

# The component of each coefficient; scalar parameters are their own.
coefficient_components <- function(fit) {
  names <- names(fit$coefficients)
  result <- stats::setNames(rep("conditional", length(names)), names)
  if (is.null(fit$model)) {
    return(result)
  }
  parts <- fit$model$components
  if (length(parts)) {
    scalars <- intersect(fit$model$scalars, names)
    result[scalars] <- scalars
  }
  for (i in seq_along(parts)) {
    result[intersect(coefficient_labels_of(parts[[i]]), names)] <-
      component_names(fit)[[i]]
  }
  result
}

#' @rdname insight_methods
#' @exportS3Method insight::find_parameters
find_parameters.mle_fit <- function(x, component = "all", flatten = FALSE,
                                    ...) {
  of <- coefficient_components(x)
  of <- of[in_component(of, component)]
  if (flatten) {
    return(names(of))
  }
  split(names(of), factor(of, levels = unique(of)))
}

in_component <- function(of, component) {
  if (identical(component, "all")) {
    return(rep(TRUE, length(of)))
  }
  if (!all(component %in% of)) {
    admle_abort("argument", sprintf(
      "`component` must be one of %s, not %s.",
      enumerate(c("all", unique(of)), "\""), enumerate(component, "\"")
    ), argument = "component")
  }
  of %in% component
}

#' @rdname insight_methods
#' @exportS3Method insight::get_parameters
get_parameters.mle_fit <- function(x, component = "all", ...) {
  of <- coefficient_components(x)
  kept <- in_component(of, component)
  data.frame(Parameter = names(x$coefficients)[kept],
             Estimate = unname(x$coefficients)[kept])
}

#' @rdname insight_methods
#' @exportS3Method insight::get_varcov
get_varcov.mle_fit <- function(x, component = "all", vcov = NULL,
                               vcov_args = NULL, ...) {
  kept <- in_component(coefficient_components(x), component)
  interop_covariance(x, vcov, vcov_args)[kept, kept, drop = FALSE]
}

#' @rdname insight_methods
#' @exportS3Method insight::get_statistic
get_statistic.mle_fit <- function(x, component = "all", ...) {
  table <- coefficient_table(x$coefficients, fit_covariance(x), x$df.residual,
                             tested_against_zero(x))
  kept <- in_component(coefficient_components(x), component)
  structure(
    data.frame(Parameter = rownames(table)[kept],
               Statistic = unname(table[kept, 3L])),
    statistic = find_statistic.mle_fit(x)
  )
}

#' @rdname insight_methods
#' @exportS3Method insight::get_df
get_df.mle_fit <- function(x, type = "residual", ...) {
  switch(type, model = x$rank, normal = Inf, x$df.residual)
}

#' @rdname insight_methods
#' @exportS3Method insight::get_loglikelihood
get_loglikelihood.mle_fit <- function(x, ...) {
  each <- if (!is.na(x$n)) {
    objective_contributions(fit_objective(x), unname(x$theta))
  }
  structure(logLik.mle_fit(x), nall = x$nobs,
            per_obs = if (is.null(each)) NA else each)
}

# insight takes the deviance for that of lm() or glm(), and would make a
# residual standard deviation of it.
#' @rdname insight_methods
#' @exportS3Method insight::get_deviance
get_deviance.mle_fit <- function(x, ...) {
  admle_abort("unsupported", paste(
    "There is no deviance from a saturated model. Minus twice the",
    "log-likelihood is deviance(fit)."
  ))
}

#' @rdname insight_methods
#' @exportS3Method insight::get_data
get_data.mle_model <- function(x, additional_variables = FALSE, ...) {
  frame <- margins_data(x)
  frame[["(offset)"]] <- NULL
  if (isTRUE(additional_variables)) {
    return(frame)
  }
  named <- c(all.vars(x$model$response), model_variables(x$model),
             all.vars(x$call$weights), additional_variables)
  frame[intersect(unique(named), names(frame))]
}

# Of a model given as a function without a data frame, no column is known.
function_data <- function(fit) {
  if (is.data.frame(fit$data)) {
    return(as.data.frame(data_in_use(fit$data, fit$subset)))
  }
  if (!is.na(fit$nobs)) data.frame(row.names = seq_len(fit$nobs))
}

#' @rdname insight_methods
#' @exportS3Method insight::link_inverse
link_inverse.mle_model <- function(x, component = "conditional", ...) {
  link <- component_link(x, component)
  function(eta) link_inverse_at(link, eta)
}

#' @rdname insight_methods
#' @exportS3Method insight::link_function
link_function.mle_model <- function(x, component = "conditional", ...) {
  component_link(x, component)$link
}

component_link <- function(fit, component) {
  at <- match(component, component_names(fit))
  if (is.na(at)) {
    admle_abort("argument", sprintf(
      "`component` must be one of %s.", enumerate(component_names(fit), "\"")
    ), argument = "component")
  }
  fit$model$components[[at]]$link
}

#' @rdname insight_methods
#' @exportS3Method insight::find_predictors
find_predictors.mle_model <- function(x, ...) {
  default <- utils::getS3method("find_predictors", "default",
                                envir = asNamespace("insight"))
  default(x, ...)
}
