# What mle_fit() is given besides the function: data, weights, subset and what
# to do about missing values. They become the rows in use and their weights,
# checked; the function itself sees the columns through `data_in_use()`.

# -> data (as given), rows (row numbers in use or NULL), weights (of these
#    rows), all_weights, na.action
fit_inputs <- function(fn, parameters, data, weights, subset, na_action,
                       frame) {
  check_data(data, fn, parameters)
  total <- data_rows(data)
  weights <- evaluate_input(weights, data, frame, "weights")
  subset <- evaluate_input(subset, data, frame, "subset")
  if (is.null(total) && !(is.null(weights) && is.null(subset))) {
    total <- count_contributions(fn, parameters)
  }
  check_weights(weights, total)
  rows <- subset_rows(subset, total)
  lacking <- if (!is.null(data)) missing_rows(fn, data, rows, total, na_action)
  if (length(lacking)) {
    rows <- (if (is.null(rows)) seq_len(total) else rows)[-lacking]
  }
  list(
    data = data, rows = rows, all_weights = weights,
    weights = if (is.null(rows)) weights else weights[rows],
    na.action = lacking
  )
}

evaluate_input <- function(expression, data, frame, name) {
  value <- eval(expression, as.list(data), frame)
  if (!is.null(value) && !is.numeric(value) && !is.logical(value)) {
    admle_abort("argument", sprintf(
      "`%s` must be numeric%s, not %s.", name,
      if (name == "subset") " or logical" else "", described(value)
    ), argument = name)
  }
  value
}

data_rows <- function(data) {
  if (is.null(data)) {
    return(NULL)
  }
  if (is.data.frame(data)) nrow(data) else max(0L, vapply(data, NROW, 0L))
}

# The columns that the function sees: all of them, in the rows in use.
data_in_use <- function(data, rows) {
  if (is.null(data) || is.null(rows)) {
    return(data)
  }
  total <- data_rows(data)
  lapply(data, function(column) {
    if (NROW(column) != total) {
      column
    } else if (length(dim(column)) == 2L) {
      column[rows, , drop = FALSE]
    } else {
      column[rows]
    }
  })
}

count_contributions <- function(fn, parameters) {
  theta <- unname(parameters_theta(parameters))
  length(check_contributions(
    do.call(fn, parameters_expand(parameters, theta))
  ))
}

check_weights <- function(weights, total) {
  if (is.null(weights)) {
    return()
  }
  problem <- if (length(weights) != total) {
    sprintf("has %s, but there are %s", counted(length(weights), "element"),
            counted(total, "observation"))
  } else if (anyNA(weights)) {
    sprintf("is NA in observation %d", which(is.na(weights))[[1L]])
  } else if (any(weights < 0 | is.infinite(weights))) {
    bad <- which(weights < 0 | is.infinite(weights))[[1L]]
    sprintf("is %s in observation %d", format(weights[[bad]]), bad)
  } else if (all(weights == 0)) {
    "is zero everywhere"
  }
  if (!is.null(problem)) {
    admle_abort("argument", sprintf("`weights` %s.", problem),
                argument = "weights")
  }
}

# As in lm(): NA in a logical subset leaves the row out.
subset_rows <- function(subset, total) {
  if (is.null(subset)) {
    return(NULL)
  }
  if (is.logical(subset) && length(subset) != total && length(subset) != 1L) {
    admle_abort("argument", sprintf(
      "`subset` has %s, but there are %s.",
      counted(length(subset), "element"), counted(total, "observation")
    ), argument = "subset")
  }
  rows <- seq_len(total)[if (is.logical(subset)) subset & !is.na(subset) else
    subset]
  if (anyNA(rows)) {
    admle_abort("argument", sprintf(
      "`subset` is not within the %s.", counted(total, "observation")
    ), argument = "subset")
  }
  if (length(rows) == 0L) {
    admle_abort("argument", "`subset` leaves no observation.",
                argument = "subset")
  }
  rows
}

check_data_kind <- function(data) {
  if (!is.null(data) && (!is.list(data) || is.null(names(data)))) {
    admle_abort("argument", sprintf(
      "`data` must be a data frame or a named list, not %s.%s",
      if (is.list(data)) "a list without names" else described(data),
      if (is.matrix(data)) " as.data.frame() makes one of it." else ""
    ), argument = "data")
  }
}

check_data <- function(data, fn, parameters) {
  if (is.null(data)) {
    return()
  }
  twice <- unique(names(data)[duplicated(names(data))])
  if (length(twice)) {
    admle_abort("data", sprintf(
      "`data` has more than one column called %s.", enumerate(twice)
    ))
  }
  both <- intersect(names(data), parameters$arguments)
  if (length(both)) {
    one <- length(both) == 1L
    admle_warn("data", sprintf(paste(
      "`data` has %s called %s, which %s also %s of the function.",
      "The %s used. Rename one of the two if the %s meant."
    ), if (one) "a column" else "columns", enumerate(both),
    if (one) "is" else "are", if (one) "a parameter" else "parameters",
    if (one) "parameter is" else "parameters are",
    if (one) "column is" else "columns are"), columns = both)
  }
  warn_shadowed(data, fn)
}

# A column that hides a different variable of the same name.
warn_shadowed <- function(data, fn) {
  for (name in intersect(names(data), names_in(fn))) {
    own <- find_variable(name, environment(fn))
    if (is.null(own) || is.function(own$value) ||
          identical(own$value, data[[name]])) {
      next
    }
    admle_warn("data", sprintf(paste(
      "`%s` is a column of `data` and also a variable where the function was",
      "defined. The column is used."
    ), name), column = name)
  }
}

names_in <- function(fn) {
  unique(c(all.names(body(fn)), unlist(lapply(formals(fn), all.names))))
}

# A variable of the user's: in the function's environments up to the global
# one, but not in a package.
find_variable <- function(name, env) {
  while (!identical(env, emptyenv()) && !isNamespace(env) &&
           !identical(env, baseenv())) {
    if (exists(name, envir = env, inherits = FALSE)) {
      value <- tryCatch(get(name, envir = env, inherits = FALSE),
                        error = function(e) NULL)
      return(list(value = value, env = env))
    }
    if (identical(env, globalenv())) {
      return(NULL)
    }
    env <- parent.env(env)
  }
  NULL
}

# Positions among the rows in use that na.action leaves out; an error by
# default.
missing_rows <- function(fn, data, rows, total, na_action) {
  na_action <- match.fun(if (is.null(na_action)) stats::na.pass else na_action)
  used <- data_in_use(data[intersect(names(data), names_in(fn))], rows)
  in_use <- if (is.null(rows)) total else length(rows)
  bad <- rep(FALSE, in_use)
  for (name in names(used)) {
    column <- used[[name]]
    if (!is.atomic(column) || NROW(column) != in_use || !anyNA(column)) {
      next
    }
    here <- rowSums(is.na(as.matrix(column))) > 0
    if (identical(na_action, stats::na.fail)) {
      abort_missing(name, which(here), rows)
    }
    bad <- bad | here
  }
  if (!any(bad)) {
    return(NULL)
  }
  acted <- na_action(data.frame(bad = ifelse(bad, NA, 0)))
  attr(acted, "na.action")
}

abort_missing <- function(name, here, rows) {
  if (!is.null(rows)) {
    here <- unique(rows[here])
  }
  admle_abort("data", sprintf(paste(
    "`%s` is missing (NA) in %s of `data`: %s. `na.action = na.omit`",
    "leaves such rows out."
  ), name, counted(length(here), "row"), first_few(here)),
  column = name, rows = here)
}

# What a likelihood may return: one number or a vector of contributions.
check_contributions <- function(value) {
  if (inherits(value, "logLik")) value <- as.numeric(value)
  trouble <- if (is.null(value)) {
    "NULL (is the log-likelihood its last expression?)"
  } else if (is.list(value) && !is.object(value)) {
    "a list, of which unlist() makes a vector"
  } else if (!is.numeric(value) && !is.logical(value) || is.object(value)) {
    described(value)
  } else if (length(value) == 0L) {
    "a vector of length zero"
  } else if (length(dim(value)) > 1L && all(dim(value)[-1L] != 1L)) {
    sprintf("a matrix of %s columns", paste(dim(value)[-1L], collapse = " x "))
  }
  if (!is.null(trouble)) abort_unusable(trouble)
  as.double(value)
}

abort_unusable <- function(what) {
  admle_abort("value", sprintf(paste(
    "The function returned %s. It must return the log-likelihood: one",
    "number, or better the vector of its contributions."
  ), what))
}
