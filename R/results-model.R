# The parts of a model that was given as a formula, for R's generics: formula,
# terms, frame, matrices, family.

#' Parts of a model given as a formula
#'
#' A model may have a formula for each of several parameters. What these methods
#' return without `parameter` belongs to the response and the parameter whose
#' formula was given first: for `mle_fit(y ~ dnorm(mu, sigma), mu ~ x)` the
#' formula is `y ~ x`. This is what other packages expect.
#'
#' @param x,object,formula A fit by [mle_fit()].
#' @param parameter The name of a parameter with a formula.
#' @param ... Ignored.
#' @return `formula()`: a formula; the parameter is on its left-hand side if
#'   `parameter` is given. `terms()`: the terms. `model.frame()`: a data frame
#'   of the response and the variables of all formulas, in the rows in use.
#'   `model.matrix()`: the model matrix, with all columns. `family()`: the
#'   family object, of a model given with one.
#'
#'   For a model given as a function there is an error of class
#'   `admle_error_unsupported`, as it has none of these.
#' @examples
#' fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ factor(cyl),
#'                data = mtcars)
#' formula(fit)
#' formula(fit, "sigma")
#' head(model.matrix(fit, "sigma"))
#' @name model_parts
NULL

#' @rdname model_parts
#' @export
formula.mle_model <- function(x, parameter = NULL, ...) {
  model <- x$model
  if (length(model$components) == 0L) {
    asked <- expanded_variables(parent.frame())
    if (length(asked)) {
      return(formula_of_data(x, asked[[1L]], model$env))
    }
  }
  if (is.null(parameter)) {
    if (!is.null(model$family) || length(model$components) == 0L) {
      return(model$formula)
    }
    left <- model$response
    part <- model$components[[1L]]
  } else {
    part <- component_of(model, parameter)
    left <- if (is.null(part$left)) as.name(parameter) else part$left
  }
  formula <- eval(call("~", left, written_formula(part)[[2L]]))
  environment(formula) <- model$env
  formula
}

# sandwich looks up clusters by expand.model.frame(), which takes nothing of the
# formula but the data that it is about. A likelihood written as a function has
# data too, though no formula to be shown to anyone else; and the formula of a
# nonlinear model has names that are no variables.
expanded_variables <- function(frame) {
  extras <- get0("extras", frame, inherits = FALSE)
  if (identical(topenv(frame), asNamespace("stats")) &&
        inherits(extras, "formula")) all.vars(extras)
}

# Its environment has the data of the fit under their name in the call.
formula_of_data <- function(fit, variable, env) {
  name <- fit$call$data
  if (is.symbol(name)) {
    data <- stats::setNames(list(fit$data), as.character(name))
    env <- list2env(data, parent = env)
  }
  formula <- eval(call("~", as.name(variable), 1))
  environment(formula) <- env
  formula
}

#' @rdname model_parts
#' @importFrom stats terms
#' @export
terms.mle_model <- function(x, parameter = NULL, ...) {
  model <- x$model
  if (length(model$components) == 0L) {
    admle_abort("unsupported", paste(
      "No parameter of the model has a formula: it has no terms."
    ))
  }
  if (!is.null(parameter)) {
    return(component_of(model, parameter)$terms)
  }
  two_sided_terms(model)
}

# The terms of the location with the response, as lm() has them.
two_sided_terms <- function(model) {
  own <- model$components[[1L]]$terms
  frame <- attr(model$frame, "terms")
  formula <- stats::formula(own)
  formula <- eval(call("~", model$response, formula[[2L]]))
  environment(formula) <- model$env
  terms <- stats::terms(formula)
  at <- match(as.list(attr(terms, "variables"))[-1L],
              as.list(attr(frame, "variables"))[-1L])
  attr(terms, "predvars") <- as.call(c(
    quote(list), as.list(attr(frame, "predvars"))[-1L][at]
  ))
  attr(terms, "dataClasses") <- attr(frame, "dataClasses")[at]
  terms
}

#' @rdname model_parts
#' @importFrom stats model.frame
#' @export
model.frame.mle_model <- function(formula, ...) {
  formula$model$frame
}

#' @rdname model_parts
#' @importFrom stats model.matrix
#' @export
model.matrix.mle_model <- function(object, parameter = NULL, ...) {
  model <- object$model
  part <- if (is.null(parameter) && length(model$components)) {
    model$components[[1L]]
  } else {
    component_of(model, parameter)
  }
  X <- component_matrix(part, model$frame)
  if (!identical(colnames(X), part$all_columns)) {
    kept <- colnames(X) %in% part$all_columns
    X <- structure(X[, kept, drop = FALSE], assign = attr(X, "assign")[kept],
                   contrasts = attr(X, "contrasts"))
  }
  X
}

#' @rdname model_parts
#' @importFrom stats family
#' @export
family.mle_model <- function(object, ...) {
  family <- object$model$family
  if (is.null(family)) {
    admle_abort("unsupported", paste(
      "The model was given as a density: it has no family object."
    ))
  }
  family
}

component_of <- function(model, parameter) {
  names <- vapply(model$components, `[[`, "", "parameter")
  index <- if (is.null(parameter)) NA else match(parameter, names)
  if (is.na(index)) {
    admle_abort("argument", if (length(names)) {
      sprintf("`parameter` must be one of %s.", enumerate(names, "\""))
    } else {
      "No parameter of the model has a formula."
    }, argument = "parameter")
  }
  model$components[[index]]
}
