# What a call of margins() asks for, checked: the variables as they are in the
# data (not as terms), what the effects are on, the points and the groups.

# The columns in the rows in use: those of `data`, and variables of the model
# from where the formula was written.
margins_data <- function(fit) {
  model <- fit$model
  total <- data_rows(fit$data)
  if (is.null(total)) total <- NROW(eval(model$response, NULL, model$env))
  columns <- as.list(fit$data)
  for (name in setdiff(model_variables(model), names(columns))) {
    columns[[name]] <- get0(name, envir = model$env)
  }
  columns <- columns[vapply(columns, NROW, 1L) == total]
  columns <- data_in_use(columns, fit$subset)
  rows <- seq_len(model$rows + length(fit$na.action))
  frame <- data.frame(row.names = rows)
  frame[names(columns)] <- columns
  if (length(fit$na.action)) {
    frame <- frame[-fit$na.action, , drop = FALSE]
  }
  # An offset that was an argument of the fit belongs to its rows.
  frame[["(offset)"]] <- model$frame[["(offset)"]]
  frame
}

# The model at these rows.
margins_model <- function(fit, data) {
  model <- model_at(fit, data)
  offset <- data[["(offset)"]]
  if (!is.null(offset)) {
    own <- model$components[[1L]]$offset
    model$components[[1L]]$offset <- offset + if (is.null(own)) 0 else own
  }
  model
}

# Variables that the formulas of the components, and the density, use.
model_variables <- function(model, components = model$components) {
  own <- lapply(components, function(part) {
    all.vars(stats::delete.response(part$terms))
  })
  unique(c(unlist(own), model$variables))
}

# -> list(code, variables, label)
margins_target <- function(fit, type, parameter) {
  model <- fit$model
  if (type == "response") {
    if (is.null(model$family) && is.null(mean(model_distribution(fit)))) {
      admle_abort("unsupported", paste(
        "The response of this model has no mean that is a number. Use",
        "type = \"link\" or type = \"parameter\"."
      ))
    }
    return(list(code = mean_code(model), variables = model_variables(model),
                label = "the expected response"))
  }
  part <- chosen_component(model, parameter)
  if (is.null(part) || !is.null(part$outcomes)) {
    name <- if (!is.null(parameter)) parameter else
      if (is.null(part)) model$scalars[[1L]] else part$parameter
    admle_abort("unsupported", sprintf(if (is.null(part)) {
      "`%s` has no formula, so no variable has an effect on it."
    } else {
      "`%s` has a value for each category: its effects are the coefficients."
    }, name))
  }
  code <- if (type == "link") linear_code(part) else
    as.name(part$parameter)
  list(code = code, variables = all.vars(part$terms), label = sprintf(
    if (type == "link") "the linear predictor of %s" else "the parameter %s",
    part$parameter
  ))
}

margins_variables <- function(variables, target, data, fit) {
  known <- intersect(target$variables, names(data))
  if (is.null(variables)) {
    if (length(known) == 0L) {
      admle_abort("argument", sprintf(
        "No variable of the data has an effect on %s.", target$label
      ), argument = "variables")
    }
    return(known)
  }
  check_names(variables, "variables")
  check_columns(variables, data, "variables")
  absent <- setdiff(variables, known)
  if (length(absent)) {
    admle_abort("argument", sprintf(
      "%s %s not in the model of %s, whose variables are %s.",
      enumerate(absent), if (length(absent) == 1L) "is" else "are",
      target$label, enumerate(known)
    ), argument = "variables", variables = absent)
  }
  unique(variables)
}

check_names <- function(names, argument) {
  if (!is.character(names) || length(names) == 0L || anyNA(names)) {
    admle_abort("argument", sprintf("`%s` must be names of variables, not %s.",
                                    argument, described(names)),
                argument = argument)
  }
}

check_columns <- function(names, data, argument) {
  unknown <- setdiff(names, names(data))
  if (length(unknown)) {
    admle_abort("argument", sprintf(
      "%s in `%s` %s no variable of the data.", enumerate(unknown), argument,
      if (length(unknown) == 1L) "is" else "are"
    ), argument = argument, variables = unknown)
  }
}

# The values of a variable that has differences, the first level first; NULL
# for others, among them numbers in step functions such as cut(x).
contrast_values <- function(name, fit, data) {
  x <- data[[name]]
  codes <- level_codes(name, fit, data)
  if (is.null(codes) && is.numeric(x)) {
    return(NULL)
  }
  values <- if (is.factor(x)) levels(droplevels(x)) else sort(unique(x))
  if (is.null(codes)) {
    return(values)
  }
  codes <- codes[match(as.character(values), as.character(x))]
  if (!(is.numeric(x) && anyDuplicated(codes))) values[order(codes)]
}

check_differentiable <- function(name, fit, data) {
  if (is.matrix(data[[name]])) {
    admle_abort("unsupported", sprintf(
      "`%s` is a matrix: there is no one effect of it.", name
    ), variable = name)
  }
  if (!is.null(level_codes(name, fit, data))) {
    admle_abort("unsupported", sprintf(paste(
      "`%s` is in a step function of the model, which has no derivative. Use",
      "predict() with `newdata`, or name other `variables`."
    ), name), variable = name)
  }
}

# The codes of the levels of the first term that makes levels of the variable.
level_codes <- function(name, fit, data) {
  for (part in fit$model$components) {
    variables <- as.list(attr(part$terms, "variables"))[-1L]
    for (v in variables[vapply(variables, function(v) {
      name %in% all.vars(v)
    }, NA)]) {
      column <- fit$model$frame[[deparse1(v)]]
      if (!is.numeric(column) && is.atomic(column)) {
        return(as.integer(as.factor(column)))
      }
    }
  }
  if (is_index(name, fit$model$density)) as.integer(as.factor(data[[name]]))
}

# Whether the variable chooses elements, as in dnorm(a[group], sigma).
is_index <- function(name, code) {
  if (!is.call(code)) {
    return(FALSE)
  }
  chooses <- as.character(code[[1L]])[[1L]] %in% c("[", "[[") &&
    name %in% all.vars(as.call(as.list(code)[-2L]))
  chooses || any(vapply(Filter(is.call, as.list(code)), is_index, NA,
                        name = name))
}

# -> list(grid, place(data, chosen, groups), label): `grid` has a row for each
# point; `place()` gives the rows, and a matrix whose rows average over them.
margins_points <- function(at, fit, data) {
  if (is.null(at)) {
    return(list(place = function(data, chosen, groups) {
      list(data = data, average = groups$average)
    }, label = ", averaged over the observations"))
  }
  if (identical(at, "means")) {
    return(list(place = function(data, chosen, groups) {
      list(data = typical_rows(data, groups$average, fit),
           average = diag(nrow(groups$average)))
    }, label = ", at the means"))
  }
  grid <- check_points(at, fit, data)
  list(grid = grid, place = function(data, chosen, groups) {
    for (name in names(chosen)) {
      data[[name]] <- constant_column(data[[name]], chosen[[name]], nrow(data))
    }
    list(data = data, average = groups$average)
  }, label = ", averaged over the observations, at chosen values")
}

check_points <- function(at, fit, data) {
  if (!is.list(at) || length(at) == 0L || is.null(names(at)) ||
        any(names(at) == "")) {
    admle_abort("argument", paste(
      "`at` must be a list of values with names of variables, such as",
      "list(x = 1:2), or \"means\"."
    ), argument = "at")
  }
  check_columns(names(at), data, "at")
  absent <- setdiff(names(at), model_variables(fit$model))
  if (length(absent)) {
    admle_abort("argument", sprintf(
      "%s in `at` %s not in the model.", enumerate(absent),
      if (length(absent) == 1L) "is" else "are"
    ), argument = "at", variables = absent)
  }
  for (name in names(at)) {
    check_point_values(at[[name]], name, data[[name]],
                       contrast_values(name, fit, data))
  }
  at <- lapply(at, function(x) if (is.factor(x)) as.character(x) else x)
  expand.grid(at, KEEP.OUT.ATTRS = FALSE, stringsAsFactors = FALSE)
}

check_point_values <- function(values, name, column, levels) {
  if (!is.null(levels)) {
    unknown <- setdiff(as.character(values), as.character(levels))
    if (length(unknown)) {
      admle_abort("argument", sprintf(
        "`%s` in `at` has no such levels: %s. They are %s.", name,
        enumerate(unknown, "\""), enumerate(levels, "\"")
      ), argument = "at", variable = name, levels = unknown)
    }
  } else if (!is.numeric(values) || !all(is.finite(values))) {
    admle_abort("argument", sprintf("`%s` in `at` must be numbers.", name),
                argument = "at", variable = name)
  }
}

# A row for each row of `average`: means, and the most frequent values.
typical_rows <- function(data, average, fit) {
  result <- data[rep(1L, nrow(average)), , drop = FALSE]
  row.names(result) <- NULL
  used <- c(model_variables(fit$model), "(offset)")
  for (name in intersect(used, names(data))) {
    x <- data[[name]]
    averaged <- is.numeric(x) && is.null(contrast_values(name, fit, data))
    result[[name]] <- if (averaged) {
      if (is.matrix(x)) average %*% x else drop(average %*% x)
    } else {
      x[apply(average, 1L, function(share) most_frequent(x, share))]
    }
  }
  result
}

# The position of a value with the largest share.
most_frequent <- function(x, share) {
  values <- as.factor(x)
  total <- tapply(share, values, sum)
  match(names(which.max(total)), as.character(values))
}

# -> list(labels, average): `average` has a row for each group, the shares of
# the observations in it.
margins_groups <- function(by, fit, fixed) {
  weights <- as.vector(stats::model.weights(fit$model$frame))
  data <- margins_data(fit)
  if (is.null(weights)) weights <- rep(1, nrow(data))
  if (is.null(by)) {
    return(list(average = matrix(weights / sum(weights), 1L)))
  }
  check_names(by, "by")
  check_columns(by, data, "by")
  both <- intersect(by, fixed)
  if (length(both)) {
    admle_abort("argument", sprintf("%s cannot be in both `at` and `by`.",
                                    enumerate(both)), argument = "by")
  }
  key <- interaction(data[by], drop = TRUE, lex.order = TRUE)
  member <- outer(levels(key), as.character(key), `==`)
  member[is.na(member)] <- FALSE
  average <- member * rep(weights, each = nlevels(key))
  labels <- data[match(levels(key), as.character(key)), by, drop = FALSE]
  list(labels = labels, average = average / rowSums(average))
}
