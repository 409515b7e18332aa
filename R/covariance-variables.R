# Variables that a covariance needs besides the likelihood: clusters, time,
# places. They are looked up as lm() looks up `weights`: in the data of the fit,
# then where the formula was written, and reduced to the rows in use.

# `given`: a formula, names of columns, a vector, a list or a data frame.
# -> a list of vectors of the length of the contributions, named; class
# "fit_variables", which is returned as it is.
fit_variables <- function(fit, given, argument) {
  if (inherits(given, "fit_variables")) {
    return(given)
  }
  if (is.na(fit$n)) {
    abort_total()
  }
  values <- if (inherits(given, "formula")) {
    formula_variables(given, fit$data, argument)
  } else if (is.character(given) && length(given) < fit$n) {
    named_columns(given, fit$data, argument)
  } else {
    plain_variables(given, argument)
  }
  values <- Map(variable_in_use, values, names(values),
                MoreArgs = list(fit = fit, argument = argument))
  structure(values, class = "fit_variables")
}

# A specification with the values of its variables.
kept_variables <- function(fit, spec) {
  for (name in intersect(names(spec), covariance_of(spec)$variables)) {
    spec[[name]] <- fit_variables(fit, spec[[name]], name)
  }
  spec
}

named_columns <- function(names, data, argument) {
  unknown <- setdiff(names, names(data))
  if (length(unknown)) {
    admle_abort("argument", sprintf(
      "`%s` names %s, which %s no column of `data`.", argument,
      enumerate(unknown), if (length(unknown) == 1L) "is" else "are"
    ), argument = argument)
  }
  as.list(data)[names]
}

formula_variables <- function(formula, data, argument) {
  code <- formula[[length(formula)]]
  labels <- tryCatch(
    attr(stats::terms(formula), "term.labels"), error = function(e) character()
  )
  if (length(formula) != 2L || length(labels) == 0L) {
    admle_abort("argument", sprintf(
      "`%s` must name variables, as in ~ firm or ~ firm + year; it is %s.",
      argument, deparse1(formula)
    ), argument = argument)
  }
  check_variables(all.vars(code), data, environment(formula), formula)
  values <- lapply(labels, function(label) {
    evaluate_term(str2lang(label), as.list(data), environment(formula))
  })
  stats::setNames(values, labels)
}

# a:b are the combinations of a and b.
evaluate_term <- function(code, data, env) {
  if (is.call(code) && identical(code[[1L]], quote(`:`))) {
    parts <- lapply(as.list(code)[-1L], evaluate_term, data, env)
    return(interaction(parts, drop = TRUE, lex.order = TRUE))
  }
  eval(code, data, env)
}

plain_variables <- function(given, argument) {
  if (is.matrix(given)) given <- as.data.frame(given)
  values <- if (is.list(given)) as.list(given) else list(given)
  if (is.null(names(values))) {
    names(values) <- if (length(values) == 1L) argument else
      paste0(argument, seq_along(values))
  }
  usable <- vapply(values, is.atomic, NA) & lengths(values) > 0L
  if (length(values) == 0L || !all(usable)) {
    admle_abort("argument", sprintf(paste(
      "`%s` must be a formula, names of columns, or a vector or data frame",
      "with an element for each observation."
    ), argument), argument = argument)
  }
  values
}

# From all rows of the data, from those in use already, or by contribution.
variable_in_use <- function(value, name, fit, argument) {
  value <- drop_matrix(value)
  sets <- choice_sets(fit)
  used <- if (is.null(sets)) fit$n else length(sets)
  rows <- rows_in_use(fit)
  if (length(rows) != used) rows <- NULL
  total <- fit_total(fit)
  own <- length(value) %in% c(fit$n, used)
  if (!is.null(rows) &&
        (length(value) == total || !own && length(value) >= max(rows) &&
           is.na(total))) {
    value <- value[rows]
  } else if (!own) {
    abort_length(value, name, fit, argument)
  }
  if (anyNA(value)) {
    where <- which(is.na(value))
    if (length(rows) == length(value)) where <- unique(rows[where])
    admle_abort("data", sprintf(
      "`%s` is missing (NA) in %s: %s%s. Fit the model without %s.", name,
      counted(length(where), "row"), paste(utils::head(where, 5L),
                                           collapse = ", "),
      if (length(where) > 5L) ", ..." else "",
      if (length(where) == 1L) "it" else "them"
    ), column = name, rows = where, argument = argument)
  }
  if (length(value) == fit$n) value else
    value_by_set(value, sets, name, argument)
}

abort_length <- function(value, name, fit, argument) {
  total <- fit_total(fit)
  unequal <- !is.na(total) && total != fit$n
  several <- unequal && length(value) == total && is.null(rows_in_use(fit))
  admle_abort("argument", sprintf(
    "`%s` has %s, but there are %s%s.%s", name,
    counted(length(value), "element"), counted(fit$n, "observation"),
    if (unequal) sprintf(" (%s of data)", counted(total, "row")) else "",
    if (several) {
      paste(" An observation is here a contribution of several rows to the",
            "log-likelihood: give a vector with one element for each.")
    } else {
      ""
    }
  ), argument = argument)
}

value_by_set <- function(value, sets, name, argument) {
  first <- match(sets, sets)
  differ <- which(value != value[first])
  if (length(differ)) {
    admle_abort("argument", sprintf(paste(
      "`%s` differs between the rows of one observation, the choice situation",
      "%s."
    ), name, format(sets[[differ[[1L]]]])), argument = argument)
  }
  value[unique(first)]
}

drop_matrix <- function(value) {
  if (is.matrix(value) && ncol(value) == 1L) value[, 1L] else value
}
