# Functions of the coefficients that a user writes, for the delta method and for
# tests: formulas, text, matrices and R functions. All become one thing, a plain
# R function of the vector of all coefficients that can be recorded, so that
# values, exact derivatives and restrictions come from the same place.

# -> list of
#    fn      function(.theta) -> values less what they are compared with,
#            except for the numbers in `null`
#    null    the numbers on the right-hand sides
#    labels  of the left-hand sides; texts, of the equations
read_functions <- function(what, fit, env, rhs = NULL, name = "restrictions") {
  if (is.function(what)) {
    return(with_right_side(read_r_function(what, fit), rhs, name))
  }
  if (is.numeric(what)) {
    return(read_matrix(what, fit, rhs, name))
  }
  if (!is.null(rhs)) {
    admle_abort("argument", paste(
      "`rhs` belongs to a matrix or a function. A formula or text says what",
      "it is equal to, as in \"b1 + b2 = 1\"."
    ), argument = "rhs")
  }
  if (inherits(what, "formula")) what <- list(what)
  if (is.character(what)) {
    what <- read_texts(what, env, name)
  }
  is_formula <- vapply(what, inherits, NA, "formula")
  if (!is.list(what) || length(what) == 0L || !all(is_formula)) {
    admle_abort("argument", sprintf(
      "`%s` must be formulas, text, a matrix or a function, not %s.", name,
      if (is.list(what) && length(what)) {
        described(what[[which(!is_formula)[[1L]]]])
      } else if (length(what)) described(what) else "empty"
    ), argument = name)
  }
  read_formulas(what, fit, env, name)
}

# Text as formulas: "b1 - b2", "b1 = b2", "b1 = b2 = 0".
read_texts <- function(texts, env, name) {
  formulas <- lapply(texts, function(text) {
    parsed <- tryCatch(parse(text = text, keep.source = FALSE),
                       error = function(e) NULL)
    if (length(parsed) != 1L) {
      admle_abort("argument", sprintf(paste(
        "`%s`: \"%s\" is no expression or equation in R's syntax. Names that",
        "R code cannot use go between backticks."
      ), name, text), argument = name)
    }
    if (is_tilde(parsed[[1L]])) {
      return(stats::as.formula(parsed[[1L]], env))
    }
    stats::as.formula(call("~", parsed[[1L]]), env)
  })
  names(formulas) <- names(texts)
  formulas
}

is_tilde <- function(code) is.call(code) && identical(code[[1L]], quote(`~`))

read_formulas <- function(formulas, fit, env, name) {
  given <- names(formulas)
  if (is.null(given)) given <- rep("", length(formulas))
  equations <- list()
  for (i in seq_along(formulas)) {
    formula <- formulas[[i]]
    here <- environment(formula)
    sides <- if (length(formula) == 3L) as.list(formula)[2:3] else
      equal_sides(formula[[2L]])
    for (k in seq_len(max(1L, length(sides) - 1L))) {
      equations <- c(equations, list(read_equation(
        sides[[k]], if (length(sides) > 1L) sides[[k + 1L]], given[[i]], fit,
        if (is.null(here)) env else here, name
      )))
    }
  }
  join_functions(equations)
}

# The sides of `a = b = c`.
equal_sides <- function(expression) {
  if (is.call(expression) && length(expression) == 3L &&
        as.character(expression[[1L]])[[1L]] %in% c("=", "==")) {
    return(c(equal_sides(expression[[2L]]), equal_sides(expression[[3L]])))
  }
  list(expression)
}

# One equation `left = right`; without a right-hand side it is zero. Numbers
# on the right stay there, coefficients move to the left.
read_equation <- function(left, right, given, fit, env, name) {
  text <- shown <- deparse1(left)
  if (!is.null(right)) text <- paste(shown, "=", deparse1(right))
  code <- name_coefficients(left, fit)
  null <- 0
  if (!is.null(right)) {
    right <- name_coefficients(right, fit)
    if (any(all.vars(right) %in% known_names(fit))) {
      shown <- paste(shown, "-", if (is_sum(right)) {
        paste0("(", deparse1(right), ")")
      } else {
        deparse1(right)
      })
      code <- call("-", code, right)
    } else {
      null <- constant_side(right, env, text, name)
    }
  }
  check_names_used(code, fit, env, text, name)
  fn <- expression_function(code, fit, env)
  values <- evaluated(fn, fit, text, name)
  count <- length(values)
  if (!length(null) %in% c(1L, count)) {
    admle_abort("argument", sprintf(
      "`%s`: the sides of \"%s\" have %d and %d elements.", name, text, count,
      length(null)
    ), argument = name)
  }
  if (nzchar(given)) shown <- given
  if (is.null(right)) text <- paste(text, "= 0")
  list(fn = fn, null = rep_len(as.numeric(null), count),
       labels = function_labels(shown, values),
       texts = function_labels(text, values))
}

is_sum <- function(code) {
  is.call(code) && as.character(code[[1L]])[[1L]] %in% c("+", "-")
}

# `~ b[1:3]` is three functions.
function_labels <- function(label, values) {
  if (length(values) == 1L) {
    return(label)
  }
  inside <- names(values)
  if (is.null(inside)) inside <- seq_along(values)
  sprintf("%s [%s]", label, inside)
}

constant_side <- function(code, env, text, name) {
  value <- tryCatch(eval(code, env), error = function(e) NULL)
  if (!is.numeric(value) || length(value) == 0L || any(!is.finite(value))) {
    admle_abort("argument", sprintf(
      "`%s`: the right-hand side of \"%s\" is no number and no coefficient.",
      name, text
    ), argument = name)
  }
  value
}

known_names <- function(fit) {
  unique(c(fit$parameters$names, fit$parameters$arguments))
}

# What is written like the name of a coefficient stands for it: (Intercept),
# x1:x2, log(x), factor(g)2.
name_coefficients <- function(code, fit) {
  if (!is.call(code)) {
    return(code)
  }
  text <- deparse1(code)
  if (text %in% fit$parameters$names) {
    return(as.name(text))
  }
  code[-1L] <- lapply(as.list(code)[-1L], function(part) {
    if (missing(part)) quote(expr = ) else name_coefficients(part, fit)
  })
  code
}

check_names_used <- function(code, fit, env, text, name) {
  used <- all.vars(code)
  known <- known_names(fit)
  for (unknown in setdiff(used, known)) {
    if (!exists(unknown, envir = env)) {
      admle_abort("argument", sprintf(
        "`%s`: \"%s\" names no coefficient `%s`. They are %s.", name, text,
        unknown, enumerate(fit$parameters$names, limit = 12L)
      ), argument = name)
    }
  }
  if (!any(used %in% known)) {
    admle_abort("argument", sprintf(
      "`%s`: \"%s\" names no coefficient. They are %s.", name, text,
      enumerate(fit$parameters$names, limit = 12L)
    ), argument = name)
  }
}

# The expression as a function of the vector of all coefficients.
expression_function <- function(code, fit, env) {
  used <- all.vars(code)
  takes <- lapply(used, function(name) {
    value <- parameter_code(name, fit$parameters)
    if (!is.null(value)) call("<-", as.name(name), value)
  })
  theta_function(c(takes[lengths(takes) > 0L], list(call("c", code))), env)
}

theta_function <- function(statements, env) {
  fn <- function(.theta) NULL
  body(fn) <- as.call(c(quote(`{`), statements))
  environment(fn) <- env
  fn
}

# A coefficient or an argument of the likelihood, taken from `.theta`.
parameter_code <- function(name, parameters) {
  at <- match(name, parameters$names)
  if (!is.na(at)) {
    return(bquote(.theta[.(at)]))
  }
  shape <- parameters$shapes[[name]]
  if (!is.null(shape)) {
    argument_code(shape, parameters$template[[name]])
  }
}

# R's functions: of the named vector of coefficients, or of the likelihood's own
# arguments (or single coefficients) if the function names them.
read_r_function <- function(f, fit) {
  parameters <- fit$parameters
  formals <- formals(args(f))
  optional <- !vapply(formals, identical, NA, quote(expr = ))
  needed <- setdiff(names(formals)[!optional], "...")
  known <- known_names(fit)
  env <- new.env(parent = baseenv_stats)
  env$.f <- as_function(f)
  if (length(needed) && all(needed %in% known)) {
    named <- intersect(names(formals), known)
    given <- lapply(named, parameter_code, parameters)
    call <- as.call(c(quote(.f), stats::setNames(given, named)))
  } else if (length(setdiff(needed, names(formals)[1L])) == 0L) {
    labels <- names(fit$coefficients)
    positions <- match(labels, parameters$names)
    call <- bquote(.f(stats::setNames(.theta[.(positions)], .(labels))))
  } else {
    admle_abort("argument", sprintf(paste(
      "The function must have one argument, the vector of coefficients, or",
      "arguments among %s; it has %s."
    ), enumerate(known, limit = 12L), enumerate(needed)), argument = "f")
  }
  fn <- theta_function(list(call), env)
  values <- evaluated(fn, fit, "the function", "f")
  labels <- filled_names(names(values), if (length(values) == 1L) "value" else
    paste0("value", seq_along(values)))
  list(fn = fn, null = numeric(length(values)), labels = labels)
}

# Names, where there are any, and otherwise the default.
filled_names <- function(names, default) {
  if (is.null(names)) {
    return(default)
  }
  ifelse(is.na(names) | !nzchar(names), default, names)
}

with_right_side <- function(read, rhs, name) {
  if (!is.null(rhs)) {
    if (!is.numeric(rhs) || !length(rhs) %in% c(1L, length(read$null)) ||
          any(!is.finite(rhs))) {
      admle_abort("argument", sprintf(
        "`rhs` must be %s, one for each row of `%s`.",
        counted(length(read$null), "number"), name
      ), argument = "rhs")
    }
    read$null[] <- rhs
  }
  if (is.null(read$texts)) {
    read$texts <- paste(read$labels, "=", vapply(read$null, format, ""))
  }
  read
}

# A row for each combination, a column for each coefficient (or named ones).
read_matrix <- function(rows, fit, rhs, name) {
  if (!is.matrix(rows)) rows <- matrix(rows, 1L, dimnames = list(NULL,
                                                                names(rows)))
  own <- names(fit$coefficients)
  if (is.null(colnames(rows))) {
    if (ncol(rows) != length(own)) {
      admle_abort("argument", sprintf(
        "`%s` has %s, but there are %s.", name, counted(ncol(rows), "column"),
        counted(length(own), "coefficient")
      ), argument = name)
    }
    colnames(rows) <- own
  }
  unknown <- setdiff(colnames(rows), own)
  if (length(unknown) || anyDuplicated(colnames(rows))) {
    admle_abort("argument", sprintf(
      "`%s` has columns that are no coefficients or appear twice: %s. %s %s.",
      name, enumerate(c(unknown, colnames(rows)[duplicated(colnames(rows))])),
      "The coefficients are", enumerate(own, limit = 12L)
    ), argument = name)
  }
  if (any(!is.finite(rows)) || any(rowSums(rows != 0) == 0)) {
    admle_abort("argument", sprintf(
      "`%s` has a row without a coefficient or with missing values.", name
    ), argument = name)
  }
  weights <- matrix(0, nrow(rows), length(fit$parameters$names))
  weights[, match(colnames(rows), fit$parameters$names)] <- rows
  labels <- filled_names(rownames(rows), apply(rows, 1L, combination_text))
  env <- list2env(list(.weights = weights), parent = baseenv_stats)
  with_right_side(list(
    fn = theta_function(list(quote(drop(.weights %*% .theta))), env),
    null = numeric(nrow(rows)), labels = labels
  ), rhs, name)
}

# "b1 - 2 * b2"
combination_text <- function(weights) {
  weights <- weights[weights != 0]
  size <- vapply(abs(weights), format, "", digits = 6L)
  terms <- paste0(ifelse(size == "1", "", paste(size, "* ")), names(weights))
  signs <- ifelse(weights < 0, "-", "+")
  text <- paste(signs, terms, collapse = " ")
  sub("^- ", "-", sub("^[+] ", "", text))
}

join_functions <- function(parts) {
  if (length(parts) == 1L) {
    return(parts[[1L]])
  }
  env <- new.env(parent = baseenv_stats)
  calls <- lapply(seq_along(parts), function(i) {
    name <- paste0(".f", i)
    assign(name, parts[[i]]$fn, envir = env)
    call(name, quote(.theta))
  })
  field <- function(name) unlist(lapply(parts, `[[`, name), use.names = FALSE)
  list(fn = theta_function(list(as.call(c(quote(c), calls))), env),
       null = field("null"), labels = field("labels"), texts = field("texts"))
}

# The values at the estimates, where a mistake is noticed first.
evaluated <- function(fn, fit, text, name) {
  value <- fn(all_parameters(fit))
  if (!is.numeric(value) && !is.logical(value) || length(value) == 0L) {
    admle_abort("argument", sprintf(
      "`%s`: the value of %s must be numeric, not %s.", name,
      if (name == "f") text else dQuote(text, FALSE),
      if (length(value)) described(value) else "of length zero"
    ), argument = name)
  }
  if (anyNA(value) || any(is.infinite(value))) {
    admle_abort("argument", sprintf(
      "`%s`: %s is %s at the estimates.", name,
      if (name == "f") text else dQuote(text, FALSE),
      format(value[!is.finite(value)][[1L]])
    ), argument = name)
  }
  value
}

# Which values have the same derivatives at three points, within rounding.
affine_rows <- function(fn, fit) {
  at <- all_parameters(fit)
  shift <- function(by) at + (1 + abs(at)) * cos(by * seq_along(at)) / 3
  slopes <- lapply(list(at, shift(1), shift(2)), function(theta) {
    tryCatch(suppressWarnings(free_slopes(fn, fit, theta)),
             error = function(e) NaN)
  })
  first <- slopes[[1L]]
  same <- lapply(slopes[-1L], function(other) {
    away <- if (length(other) == length(first)) abs(other - first) else
      NaN * first
    rowSums(!(away <= 1e-12 * pmax(1, apply(abs(first), 1L, max)))) == 0
  })
  same[[1L]] & same[[2L]]
}
