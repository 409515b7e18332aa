# One model frame for all formulas of a model, so that subset, weights, offsets
# and missing values mean the same for each of its parameters. It holds the
# response, the variables of every formula and those that the density uses
# itself. `terms` of the parts keep `predvars`, so that poly() or ns() of new
# data use the knots of the old.
#
# Chambers and Hastie (1992), Statistical Models in S, chapter 3.

# -> list(frame, rows, weights, all_weights, na.action, components): the
# components with their terms.
model_frame <- function(model, data, inputs, na_action) {
  env <- model$env
  own <- setdiff(names(data), looked_up(model$response))
  components <- lapply(model$components, function(part) {
    part$terms <- component_terms(part$formula, data[own])
    part <- with_bar_terms(part, data[own])
    whole <- if (is.null(part$position)) model$formula else
      eval(call("~", part$left, written_formula(part)[[2L]]))
    names <- c(looked_up(attr(part$terms, "variables")),
               unlist(lapply(bar_variables(part), all.vars)),
               unlist(lapply(grouping_codes(list(part)), looked_up)))
    check_variables(unique(names), data, env, whole)
    part
  })
  check_variables(looked_up(model$response), data, env, model$formula)
  combined <- combined_formula(model, components)
  if (sees_part(model)) na_action <- with_unseen(na_action)
  frame <- evaluate_frame(combined, data, inputs, na_action)
  if (nrow(frame) == 0L) {
    abort_no_rows(combined, data, inputs)
  }
  list(
    frame = frame, rows = nrow(frame),
    components = lapply(components, component_frame, frame)
  )
}

# Whether the second column of the response says where the first is seen: then
# it may be missing elsewhere.
sees_part <- function(model) {
  code <- model$density
  name <- if (is.call(code) && is.name(code[[1L]])) as.character(code[[1L]])
  !is.null(name) && isTRUE(known_facts[[name]]$sees_part)
}

with_unseen <- function(na_action) {
  na_action <- match.fun(na_action)
  function(object, ...) {
    y <- object[[1L]]
    if (is.matrix(y) && ncol(y) == 2L) {
      unseen <- is.na(y[, 1L]) & y[, 2L] %in% 0
      object[[1L]][unseen, 1L] <- 0
    }
    na_action(object, ...)
  }
}

component_terms <- function(formula, data) {
  tryCatch(stats::terms(formula, data = if (length(data)) data),
           error = function(e) {
    admle_abort("argument", sprintf(
      "The formula %s cannot be read: %s.", deparse1(formula),
      conditionMessage(e)
    ), formula = formula)
  })
}

# response ~ every variable of the terms + variables of the density
combined_formula <- function(model, components) {
  variables <- lapply(components, function(part) {
    c(as.list(attr(part$terms, "variables"))[-1L], bar_variables(part))
  })
  variables <- unique(c(unlist(variables, FALSE), grouping_codes(components),
                        lapply(model$variables, as.name)))
  right <- if (length(variables) == 0L) 1 else
    Reduce(function(a, b) call("+", a, b), variables)
  formula <- eval(call("~", model$response, right))
  environment(formula) <- model$env
  formula
}

evaluate_frame <- function(formula, data, inputs, na_action) {
  arguments <- list(formula, drop.unused.levels = TRUE)
  arguments$data <- data
  arguments$subset <- inputs$rows
  arguments$weights <- inputs$weights
  arguments$offset <- inputs$offset
  arguments$na.action <- na_action
  tryCatch(
    do.call(stats::model.frame, arguments, quote = TRUE),
    error = function(e) {
      if (inherits(e, "admle_error")) stop(e)
      admle_abort("data", paste0(
        "The variables of the model cannot be put together: ",
        sub("[.]?\\s*$", ".", conditionMessage(e))
      ))
    }
  )
}

# The terms of one part with what was learned from the data.
component_frame <- function(part, frame) {
  combined <- attr(frame, "terms")
  variables <- as.list(attr(part$terms, "variables"))[-1L]
  everything <- as.list(attr(combined, "variables"))[-1L]
  at <- match(variables, everything)
  attr(part$terms, "predvars") <- as.call(c(
    quote(list), as.list(attr(combined, "predvars"))[-1L][at]
  ))
  attr(part$terms, "dataClasses") <- attr(combined, "dataClasses")[at]
  part$xlevels <- stats::.getXlevels(part$terms, frame)
  part
}

# Weights, subset and offset as lm() has them: expressions in columns of `data`
# and variables where the formula was written; or else where the model is
# fitted, which may be a function that fits a formula of somewhere else again.
formula_inputs <- function(expressions, data, env, response, frame) {
  value <- function(name) {
    evaluate_formula_input(expressions[[name]], data, env, name, frame)
  }
  weights <- value("weights")
  subset <- value("subset")
  offset <- value("offset")
  total <- if (is.data.frame(data)) nrow(data) else
    NROW(eval(response, data, env))
  # Missing ones are left to na.action, as in lm().
  if (!is.null(weights)) {
    check_weights(ifelse(is.na(weights), 1, weights), total)
  }
  list(weights = weights, rows = subset_rows(subset, total), offset = offset,
       total = total)
}

evaluate_formula_input <- function(expression, data, env, name, frame) {
  value <- tryCatch(eval(expression, data, env), error = function(e) {
    tryCatch(eval(expression, data, frame), error = function(again) {
      admle_abort("argument", sprintf("`%s` cannot be evaluated: %s.", name,
                                      conditionMessage(e)), argument = name)
    })
  })
  evaluate_input(value, NULL, env, name)
}

check_formula_data <- function(data) {
  if (!is.null(data) && (!is.list(data) || is.null(names(data)))) {
    admle_abort("argument", sprintf(
      "`data` must be a data frame or a named list, not %s.%s", described(data),
      if (is.matrix(data)) " as.data.frame() makes one of it." else ""
    ), argument = "data")
  }
}

abort_no_rows <- function(formula, data, inputs) {
  if (is.data.frame(data) && nrow(data) == 0L) {
    admle_abort("data", "`data` has no rows.", argument = "data")
  }
  whole <- evaluate_frame(formula, data, inputs, stats::na.pass)
  lacking <- vapply(whole, function(x) all(rowSums(is.na(as.matrix(x))) > 0),
                    NA)
  admle_abort("data", paste0(
    "No observation is left: every row has missing values",
    if (any(lacking)) paste(";", enumerate(names(whole)[lacking]),
                            "is missing in all"), "."
  ))
}

# A misspelt density is read as a function of variables.
check_is_no_density <- function(formula, env) {
  right <- formula[[length(formula)]]
  if (is.call(right) && is.symbol(right[[1L]]) && is_density_call(right)) {
    name <- as.character(right[[1L]])
    if (!exists(name, envir = env, mode = "function")) abort_no_density(name)
  }
}

# Every name has to be a column or a variable where the formula was written.
check_variables <- function(names, data, env, formula) {
  known <- names %in% names(data) |
    vapply(names, exists, NA, envir = env, mode = "any")
  if (!all(known)) {
    check_is_no_density(formula, env)
    missing <- names[!known]
    admle_abort("data", sprintf(paste(
      "%s in %s %s neither a column of `data` nor a variable where the formula",
      "was written."
    ), enumerate(missing), deparse1(formula),
    if (length(missing) == 1L) "is" else "are"), variables = missing)
  }
}

# The model with everything that the likelihood needs: the components with
# their matrices, the response as the density wants it, known vectors, and the
# weights that multiply contributions.
model_with_data <- function(model, data, inputs, na_action, contrasts) {
  if (length(model$components)) model$components[[1L]]$first <- TRUE
  made <- model_frame(model, data, inputs, na_action)
  model[names(made)] <- made
  model <- without_uninformative(model, na_action)
  model$na.action <- attr(model$frame, "na.action")
  check_rows(model)
  # Not model.response(), which makes names of the rows.
  y <- model$frame[[1L]]
  model$components <- lapply(model$components, function(part) {
    part$tolerance <- if (is_glm(model, part)) glm_tolerance else lm_tolerance
    component_design(fit_categories(part, model, y), model$frame, contrasts)
  })
  weights <- as.vector(stats::model.weights(model$frame))
  model$given <- list()
  if (is.null(model$family)) {
    model$y <- plain_response(y)
    model["weights"] <- list(weights)
    model$given <- as.list(model$frame)[
      vapply(model$variables, function(v) deparse1(as.name(v)), "")
    ]
    names(model$given) <- model$variables
  } else {
    read <- family_response(model$family, y, weights)
    model$y <- read$response
    model["weights"] <- list(read$weights)
    model$given <- read$given
    if (!is.null(read$density)) model$density <- read$density
    if (model$family$family == "binomial") {
      model$y_location <- (read$response + 0.5) / (read$given$size + 1)
    }
  }
  model$y_start <- model$y
  random_design(complete_model(model), contrasts)
}

is_glm <- function(model, part) {
  isTRUE(part$first) && !is.null(model$family) &&
    model$family$family != "gaussian"
}

# A vector without names; what has a class or columns as it is.
plain_response <- function(y) {
  if (is.object(y) || is.matrix(y)) y else as.vector(y)
}

check_rows <- function(model) {
  if (model$rows == 1L) {
    admle_abort("data", "One observation is too few to estimate a model.")
  }
}

# Names of the function's variables, and how the density is called.
complete_model <- function(model) {
  used <- c(all.names(model$density), names(model$given))
  shown <- if (is.symbol(model$response)) as.character(model$response) else
    "response"
  model$response_name <- utils::tail(make.unique(c(used, shown)), 1L)
  columns <- lengths(lapply(model$components, `[[`, "columns")) > 0L
  model$arguments <- c(
    vapply(model$components[columns], coefficient_argument, ""), model$scalars
  )
  check_not_only_effects(model)
  model$arguments <- c(
    unlist(lapply(model$components, effect_arguments)), model$arguments
  )
  head <- model$density[[1L]]
  model$combined <- called_name(head) %in% combinators
  fn <- called_function(head, model$env)
  model$plain <- !model$combined && is.function(fn) &&
    (!is.object(model$y) || is.factor(model$y)) && "log" %in% names(formals(fn))
  # A choice among several rows is one observation.
  model$grouped <- called_name(head) == "dconditional"
  if (length(model$arguments) == 0L) {
    admle_abort("argument", "The model has no parameters to estimate.")
  }
  model
}

# What stays in the fit: the matrices are in the function's environment.
model_kept <- function(model) {
  model$components <- lapply(model$components, function(part) {
    part$matrix <- part$cholesky <- part$offset <- NULL
    part$random <- lapply(part$random, without_rows)
    part$conditional <- NULL
    without_groups(part)
  })
  model[c("y_start", "y_location", "weights")] <- NULL
  model
}
