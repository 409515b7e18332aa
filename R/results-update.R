# `update()` of a fit: its call with changes, evaluated again. Variables that
# the call names and that no longer exist are replaced by what the fit kept.

#' @rdname mle_fit_methods
#' @param formula. Changes of the formula, as in [stats::update.formula()]: of
#'   the response and the parameter whose formula was given first, as in
#'   `. ~ . - x`; or of another one, by its name, as in `sigma ~ . + x`.
#' @export
update.mle_fit <- function(object, formula., ..., evaluate = TRUE) {
  call <- restored_call(object)
  if (!missing(formula.)) {
    if (is.null(object$model)) {
      admle_abort("argument", if (inherits(formula., "formula")) paste(
        "The model was given as a function, not as a formula: it has no terms",
        "to change. Fit the other model and compare the two."
      ) else {
        "Arguments of `update()` must be named."
      })
    }
    call <- changed_formula(call, object, stats::as.formula(formula.))
  }
  changes <- match.call(expand.dots = FALSE)$...
  if (length(changes) && (is.null(names(changes)) ||
                            any(names(changes) == ""))) {
    admle_abort("argument", "Arguments of `update()` must be named.")
  }
  if (!is.null(changes$start)) {
    changes$start <- changed_start(changes$start, object, parent.frame())
  }
  for (name in names(changes)) {
    call[name] <- list(changes[[name]])
  }
  if (!evaluate) {
    return(call)
  }
  frame <- parent.frame()
  evaluated <- call
  evaluated[[1L]] <- mle_fit
  kept <- setdiff(names(call)[-1L], c(names(changes), ""))
  for (name in setdiff(kept, "formula")) {
    evaluated[name] <- list(call_argument(name, call[[name]], object, frame))
  }
  if (!is.null(object$model)) {
    evaluated <- with_formulas(evaluated, object$model$env)
  }
  fit <- eval(evaluated, frame)
  fit$call <- call
  fit
}

# `start = coef(fit)`, which functions that fit again and again give: the
# coefficients in the shapes of the function's arguments, with the ranges that
# these were declared with. Other starts stay the expressions that they are.
changed_start <- function(expression, fit, frame) {
  given <- tryCatch(eval(expression, with_declarations(expression, frame)),
                    error = function(e) NULL)
  given <- given[!is.na(given)]
  names <- names(fit$coefficients)
  if (!is.numeric(given) || !setequal(names(given), names)) {
    return(expression)
  }
  declared <- fit$parameters$declared
  nested <- fit$asked$start
  if (!is.null(fit$model) || !is.list(declared) || is_declared(declared)) {
    return(given)
  }
  flat <- fit$parameters$start
  flat[names] <- given[names]
  for (argument in intersect(names(fit$parameters$shapes), names(declared))) {
    shape <- fit$parameters$shapes[[argument]]
    # Of a matrix type not every element is a coefficient.
    if (!is.null(shape$elements)) next
    values <- unname(flat[shape$positions])
    if (is_declared(declared[[argument]])) {
      declared[[argument]]$value[] <- values
    } else {
      declared[[argument]][] <- values
    }
  }
  if (is.null(nested)) declared else listed_start(declared, nested)
}

# step() writes the terms of the location into the call: what the fit knows of
# its formulas comes first.
restored_call <- function(fit) {
  call <- fit$call
  if (!is.null(fit$model)) {
    call$formula <- fit$model$formula
  }
  call
}

# Formulas written in the call mean variables of the place where they were
# written at the fit.
with_formulas <- function(call, env) {
  for (i in seq_along(call)[-1L]) {
    code <- call[[i]]
    if (is.call(code) && identical(code[[1L]], quote(`~`))) {
      formula <- code
      if (!inherits(code, "formula")) formula <- eval(code)
      environment(formula) <- env
      call[[i]] <- formula
    }
  }
  call
}

changed_formula <- function(call, fit, change) {
  model <- fit$model
  names <- vapply(model$components, `[[`, "", "parameter")
  left <- if (length(change) == 3L) change[[2L]]
  part <- if (is.null(left) || identical(left, quote(.))) NULL else
    tryCatch(read_link(left, model$env), error = function(e) NULL)
  if (is.null(part) || !part$parameter %in% c(names, model$scalars) ||
        part$parameter %in% all.vars(model$response)) {
    return(changed_location(call, fit, change))
  }
  index <- match(part$parameter, names)
  if (is.na(index)) {
    changed <- stats::update.formula(~1, change)
    position <- 2L + length(model$components) - !is.null(model$family)
    return(as.call(append(as.list(call), list(changed), position)))
  }
  old <- model$components[[index]]
  if (is.null(old$position)) {
    return(changed_location(call, fit, change))
  }
  right <- updated_formula(old$formula, change[-2L], old)[[2L]]
  replace_component(call, old, if (is.symbol(left)) old$left else left, right,
                    model$env)
}

# The response and the first parameter.
changed_location <- function(call, fit, change) {
  model <- fit$model
  if (length(model$components) == 0L &&
        !identical(change[[length(change)]], quote(.))) {
    admle_abort("argument", paste(
      "No parameter of the model has a formula: there are no terms to change.",
      "Fit the other model and compare the two."
    ))
  }
  first <- if (length(model$components)) model$components[[1L]]
  changed <- updated_formula(formula.mle_model(fit), change, first)
  if (!is.null(model$family)) {
    call$formula <- changed
    return(call)
  }
  call$formula[[2L]] <- changed[[2L]]
  if (length(model$components) == 0L) {
    return(call)
  }
  part <- model$components[[1L]]
  replace_component(call, part, part$left, changed[[3L]], model$env)
}

replace_component <- function(call, part, left, right, env) {
  formula <- eval(call("~", left, right))
  environment(formula) <- env
  call[[component_position(call, part)]] <- formula
  call
}

# What is left of the bar is changed; effects right of it stay, unless the
# change has a bar too: . ~ . | year.
updated_formula <- function(old, change, part) {
  bar <- part[["bar"]]
  right <- length(change)
  if (is_bar(change[[right]])) {
    bar <- change[[right]][[3L]]
    change[[right]] <- change[[right]][[2L]]
  }
  if (is_bar(old[[length(old)]])) old[[length(old)]] <- old[[length(old)]][[2L]]
  changed <- stats::update.formula(old, change)
  if (!is.null(bar)) {
    right <- length(changed)
    changed[[right]] <- call("|", changed[[right]], bar)
  }
  changed
}

# Where the formula of a part is in the call: unnamed, in the order given.
component_position <- function(call, part) {
  unnamed <- which(names(call)[-1L] == "") + 1L
  unnamed[[part$position]]
}

# The argument as the call has it, or what was kept of it where the expression
# cannot be evaluated to something of its kind any more. A function written in
# the call is kept with the environment that it was made in.
call_argument <- function(name, expression, fit, frame) {
  kept <- kept_argument(name, fit)
  if (is.null(kept)) {
    return(expression)
  }
  if (name == "loglik" && is.call(expression) &&
        identical(expression[[1L]], quote(`function`))) {
    return(kept$value)
  }
  columns <- if (name %in% c("weights", "subset")) as.list(fit$data)
  frame <- with_declarations(expression, frame)
  value <- tryCatch(eval(expression, columns, frame), error = function(e) NULL)
  if (kept$valid(value)) expression else kept$value
}

kept_argument <- function(name, fit) {
  switch(
    name,
    loglik = list(
      value = asked_function_of(with_missing_globals(fit), fit$asked),
      valid = function(value) is.function(value) && has_globals(value, fit)
    ),
    data = list(value = fit$data, valid = is.list),
    start = list(
      value = if (is.null(fit$asked$start)) fit$parameters$declared else
        fit$asked$start,
      valid = function(value) is.list(value) || is.numeric(value)
    ),
    fixed = list(value = fit$parameters$fixed, valid = function(value) {
      is.list(value) || is.numeric(value)
    }),
    constraints = list(value = asked_constraints(fit$parameters),
                       valid = Negate(is.null)),
    weights = list(value = fit$all_weights, valid = is.numeric),
    subset = list(value = fit$subset, valid = function(value) {
      is.numeric(value) || is.logical(value)
    }),
    control = list(value = fit$control, valid = is.list),
    after = list(value = fit$first_steps$given, valid = is.list),
    if (name %in% names(fit$asked$given)) {
      list(value = fit$asked$given[[name]], valid = Negate(is.null))
    }
  )
}
