# `mle_fit()` for a model given as a formula. The formulas are read
# (model-read.R), the data put into one frame (model-frame.R) and model
# matrices (model-design.R); then the log-likelihood is built as a plain R
# function (model-loglik.R), given starting values (model-start.R), and fitted
# like any other.

#' @rdname mle_fit
#' @export
mle_fit.formula <- function(formula, ..., data = NULL, family = NULL,
                            start = NULL, weights = NULL, subset = NULL,
                            na.action = getOption("na.action"), offset = NULL,
                            contrasts = NULL, fixed = NULL,
                            constraints = NULL,
                            method = c("auto", "bfgs", "lbfgs", "newton",
                                       "bhhh"),
                            vcov = c("hessian", "opg", "sandwich"),
                            adjust = FALSE, control = mle_control(),
                            trace = FALSE) {
  check_dot_names(substitute(list(...)))
  call <- formula_call(match.call(expand.dots = FALSE), list(...))
  given <- take_dots(list(...))
  data <- if (is.null(given$data)) data else given$data
  family <- if (is.null(given$family)) family else given$family
  if (!is.null(family)) {
    family <- as_family(family, environment(formula))
  }
  control <- as_control(control)
  control$method <- match_choice(method, method_choices, "method")
  control$trace <- check_flag(trace, "trace")
  expressions <- list(weights = substitute(weights),
                      subset = substitute(subset), offset = substitute(offset))
  model <- model_read(formula, given$formulas, family, environment(formula))
  model <- model_symbols(model, data, start, fixed)
  inputs <- formula_inputs(expressions, data, model$env, model$response)
  model <- model_with_data(model, data, inputs, na.action, contrasts)
  inform_aliased(model)
  check_response(model)
  fn <- model_loglik(model)
  start <- model_start(model, fn, start, model$weights)
  check_support(model, fn, start)
  check_perfect_fit(model, start)
  parameters <- parameters_constrain(
    model_parameters(model, start, fn, fixed), constraints
  )
  settings <- list(
    negative = FALSE, derivatives = "exact",
    vcov_type = match_choice(vcov, vcov_choices, "vcov"),
    adjust = check_adjust(adjust, parameters), control = control
  )
  maximised(new_mle_fit(
    call, fn, parameters, model_inputs(model, data, inputs), settings,
    model_kept(model)
  ))
}

# A name in `...` is one that is misspelt, unless a formula follows.
check_dot_names <- function(dots) {
  given <- names(dots)
  for (i in which(nzchar(given))) {
    code <- dots[[i]]
    if (!(is.call(code) && identical(code[[1L]], quote(`~`)))) {
      admle_abort("argument", sprintf("Unused argument: `%s`.", given[[i]]),
                  argument = given[[i]])
    }
  }
}

# The call as it is printed and updated: formulas in `...` unnamed and first.
formula_call <- function(call, dots) {
  extra <- call$...
  call$... <- NULL
  call[[1L]] <- quote(mle_fit)
  if (length(extra) == 0L) {
    return(call)
  }
  named <- as.list(call)[-1L]
  is_data <- vapply(dots, is.data.frame, NA)
  is_family <- vapply(dots, is_family_object, NA)
  extra_names <- names(extra)
  if (is.null(extra_names)) extra_names <- rep("", length(extra))
  extra_names[is_data & extra_names == ""] <- "data"
  extra_names[is_family & extra_names == ""] <- "family"
  extra_names[vapply(dots, inherits, NA, "formula")] <- ""
  names(extra) <- extra_names
  as.call(c(call[[1L]], named[1L], extra, named[-1L]))
}

# The formulas in `...`; a data frame or a family there is one in lm()'s or
# glm()'s order of arguments.
take_dots <- function(dots) {
  labels <- names(dots)
  if (is.null(labels)) labels <- rep("", length(dots))
  is_formula <- vapply(dots, inherits, NA, "formula")
  is_data <- vapply(dots, is.data.frame, NA) & labels == ""
  is_family <- vapply(dots, is_family_object, NA) & labels == ""
  other <- !(is_formula | is_data | is_family)
  if (any(other)) {
    shown <- vapply(dots[other], function(x) deparse(x, nlines = 1L)[[1L]], "")
    admle_abort("argument", paste0("Unused argument: ",
                                   enumerate(unname(shown)), "."),
                argument = "...")
  }
  list(formulas = unname(dots[is_formula]),
       data = if (any(is_data)) dots[[which(is_data)[[1L]]]],
       family = if (any(is_family)) dots[[which(is_family)[[1L]]]])
}

is_family_object <- function(x) inherits(x, "family") || is.function(x)

# The parameters under the names of the model's coefficients.
model_parameters <- function(model, start, fn, fixed) {
  parameters <- parameters_new(start, fn)
  names <- parameters$names
  working <- parameters$working$names
  for (part in model$components) {
    shape <- parameters$shapes[[coefficient_argument(part)]]
    names[shape$positions] <- working[shape$working] <-
      coefficient_labels_of(part)
  }
  names <- make.unique(names)
  parameters$names <- names
  names(parameters$start) <- names
  parameters$working$names <- working
  parameters$fixed <- as_fixed(fixed)
  parameters_fix(parameters, parameters$fixed)
}

model_inputs <- function(model, data, inputs) {
  list(data = data, rows = inputs$rows, weights = model$weights,
       all_weights = inputs$weights, na.action = model$na.action)
}
