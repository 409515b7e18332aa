# What a fit consists of, and what everything that is given one asks of it:
# whether it is one, whether it has a formula, what its rows and coefficients
# are. Its fields are described in ?mle_fit.

# `model`: what a formula says beyond the function made of it (model-read.R).
# `settings`: `negative`, `derivatives`, `adjust`, `control`, and those of the
# hooks, under their names.
new_mle_fit <- function(call, fn, parameters, inputs, settings,
                        model = NULL) {
  fit <- c(list(
    call = call, coefficients = NULL,
    fixed = fixed_coefficients(parameters),
    start = parameters$start[parameters$free], parameters = parameters,
    fn = fn, globals = global_variables(
      fn, if (is.null(model)) names(inputs$data)
    ),
    data = inputs$data, subset = inputs$rows, weights = inputs$weights,
    all_weights = inputs$all_weights, na.action = inputs$na.action,
    objective = new.env(parent = emptyenv())
  ), settings, vcov_type = settings$covariance$type,
  if (!is.null(model)) list(model = model))
  stopifnot(
    is.call(call), is.function(fn), is.numeric(parameters$start),
    is.null(fit$data) || is.list(fit$data),
    is.null(fit$weights) || is.numeric(fit$weights),
    is.null(model) || length(model$rows) == 1L,
    is.logical(fit$negative), fit$derivatives %in% c("exact", "numeric"),
    is.list(fit$control), is.list(fit$covariance),
    !anyDuplicated(names(fit))
  )
  structure(fit, class = c(if (!is.null(model)) "mle_model", "mle_fit"))
}

#' @importFrom utils str
#' @export
str.mle_fit <- function(object, max.level = 1, give.attr = FALSE, ...) {
  cat(sprintf("A fit by mle_fit(), class %s: ",
              enumerate(class(object), "\"")))
  utils::str(unclass(object), max.level = max.level, give.attr = give.attr, ...)
}

check_fit <- function(fit, name = "fit") {
  if (!inherits(fit, "mle_fit")) {
    admle_abort("argument", sprintf(
      "`%s` must be a fit by mle_fit(), not %s.", name, described(fit)
    ), argument = name)
  }
}

need_model <- function(fit, what) {
  if (is.null(fit$model)) {
    admle_abort("unsupported", sprintf(paste(
      "The model was given as a function, not as a formula: it has no %s."
    ), what))
  }
  fit$model
}

abort_no_model <- function(what) {
  admle_abort("unsupported", sprintf(paste(
    "A likelihood written as a function does not say what its %s are.",
    "Compute them from coef(fit)."
  ), what))
}

# The estimates in the shapes of the function's arguments.
fit_arguments <- function(fit) {
  parameters_expand(fit$parameters, unname(fit$theta))
}

# The same model with other parameters, not yet fitted.
with_parameters <- function(fit, parameters) {
  fit$fn <- with_missing_globals(fit)
  fit$objective <- new.env(parent = emptyenv())
  fit$parameters <- parameters
  fit$fixed <- fixed_coefficients(parameters)
  fit$start <- parameters$start[parameters$free]
  fit["boundary"] <- list(NULL)
  fit
}

# Names of all coefficients, those of aliased columns in their places.
complete_names <- function(fit) {
  parts <- fit$model$components
  if (!any(lengths(lapply(parts, `[[`, "aliased")))) {
    return(names(fit$coefficients))
  }
  all <- unlist(lapply(parts, function(part) {
    coefficient_labels_of(part, part$all_columns)
  }))
  aliased <- unlist(lapply(parts, function(part) {
    coefficient_labels_of(part, part$aliased)
  }))
  own <- names(fit$coefficients)
  c(all[all %in% c(own, aliased)], setdiff(own, all))
}

with_aliased <- function(fit) {
  names <- complete_names(fit)
  stats::setNames(fit$coefficients[names], names)
}

# NA in the rows and columns of aliased coefficients.
covariance_with_aliased <- function(covariance, fit) {
  names <- complete_names(fit)
  at <- match(names, rownames(covariance))
  structure(covariance[at, at, drop = FALSE], dimnames = list(names, names))
}

# Row numbers of the data, in the order of the contributions; NULL for all.
rows_in_use <- function(fit) {
  rows <- fit$subset
  if (is.null(fit$model) || length(fit$na.action) == 0L) {
    return(rows)
  }
  if (is.null(rows)) rows <- seq_len(fit$model$rows + length(fit$na.action))
  rows[-fit$na.action]
}

# How many rows there were before any were left out; NA where that is unknown.
fit_total <- function(fit) {
  if (!is.null(fit$data)) {
    return(data_rows(fit$data))
  }
  if (!is.null(fit$all_weights)) {
    return(length(fit$all_weights))
  }
  if (!is.null(fit$subset)) {
    return(NA_integer_)
  }
  if (is.null(fit$model)) fit$n else fit$model$rows + length(fit$na.action)
}

# The choice situation of each row, whose rows make up one observation; NULL
# where each row is one.
choice_sets <- function(fit) {
  if (!isTRUE(fit$model$grouped)) {
    return(NULL)
  }
  eval(choice_set_code(fit$model$density), environment(fit$fn))
}
