# Parameters: the user's list of scalars, vectors and matrices on one side, one
# flat vector on the other. A `parameters` object knows the way between them.
# `parameters_layout()` hands that knowledge to the tracer, which builds the
# arguments from one traced vector in the same manner as
# `parameters_expand()` builds them from a numeric one.

# -> list(names, arguments, shapes, start, free, template, declared, working,
#         linear)
#    names    coefficient names of all parameters, fixed ones too
#    shapes   per argument: name, positions among the coefficients, dim, names,
#             dimnames; working, positions among the unrestricted numbers;
#             elements, the coefficients' positions in the argument (NULL: all);
#             type, NULL where nothing is declared
#    start    flat vector, with the values of the fixed parameters in place
#    free     which of them are estimated
#    working  the unrestricted numbers behind them: start, names, free
#    linear   the constraints between them (see constraints.R), or NULL
#    template arguments in the users' shapes
#    declared, fixed   `start` and `fixed` as they were given
parameters_new <- function(start, fn, fixed = NULL) {
  check_likelihood(fn)
  single <- !is.null(start) && (is.atomic(start) || is_declared(start))
  fixed <- as_fixed(fixed)
  template <- start_template(start, fn, fixed)
  check_arguments(template, fn, start)
  parts <- list()
  coefficients <- numbers <- 0L
  for (argument in names(template)) {
    part <- parameter_part(argument, template[[argument]],
                           single && length(template) == 1L)
    part$shape$positions <- coefficients + seq_along(part$start)
    part$shape$working <- numbers + seq_along(part$working)
    coefficients <- coefficients + length(part$start)
    numbers <- numbers + length(part$working)
    template[[argument]] <- part$value
    parts[[argument]] <- part
  }
  field <- function(name) {
    unlist(lapply(unname(parts), `[[`, name), FALSE, FALSE)
  }
  names <- unique_names(field("names"))
  parameters <- structure(list(
    names = names, arguments = names(template),
    shapes = lapply(parts, `[[`, "shape"),
    start = stats::setNames(field("start"), names), free = field("free"),
    template = template, declared = start,
    working = list(start = field("working"),
                   names = make.unique(field("working_names")),
                   free = rep(TRUE, numbers)),
    linear = NULL, fixed = fixed
  ), class = "parameters")
  parameters_fix(parameters, fixed)
}

# One argument: its value in the user's shape, its coefficients, and the
# unrestricted numbers that stand for them.
parameter_part <- function(argument, given, alone) {
  value <- check_start_value(if (is_declared(given)) given$value else given,
                             argument)
  shape <- list(name = argument, dim = dim(value), dimnames = dimnames(value),
                names = if (is.null(dim(value))) names(value))
  type <- if (is_declared(given)) given$declare(value, argument)
  shape$type <- type
  shape$elements <- type$elements
  chosen <- if (is.null(type$elements)) seq_along(value) else type$elements
  names <- coefficient_names(argument, shape, length(value), alone)[chosen]
  start <- as.vector(value)[chosen]
  list(
    shape = shape, value = value, names = names, start = start,
    free = rep(is.null(type) || type$dimension > 0L, length(start)),
    working = if (is.null(type)) start else type$unconstrain(value),
    working_names = if (is.null(type)) names else type$labels(names)
  )
}

# The free coefficients' names.
parameters_free_names <- function(parameters) {
  parameters$names[parameters$free]
}

# What the optimiser moves: the free unrestricted numbers, of which linear
# constraints leave some, in well-conditioned coordinates
# (model-conditioning.R).
parameters_theta <- function(parameters) {
  theta <- parameters$working$start[parameters$working$free]
  if (!is.null(parameters$linear)) theta <- theta[parameters$linear$kept]
  if (is_conditioned(parameters)) {
    theta <- as.numeric(parameters$linear$root %*% theta)
  }
  theta
}

parameters_theta_names <- function(parameters) {
  names <- parameters$working$names[parameters$working$free]
  if (is.null(parameters$linear)) names else names[parameters$linear$kept]
}

# Whether they are the free coefficients themselves.
parameters_are_plain <- function(parameters) {
  is.null(parameters$linear) &&
    all(vapply(parameters$shapes, function(shape) is.null(shape$type), NA))
}

# A list in the users' shapes -> the flat vector of all coefficients.
parameters_flatten <- function(parameters, values) {
  flat <- parameters$start
  for (shape in parameters$shapes) {
    value <- as.vector(values[[shape$name]])
    if (!is.null(shape$elements)) value <- value[shape$elements]
    if (length(value) != length(shape$positions)) {
      admle_abort("start", sprintf(
        "`%s` has %s, not %d.", shape$name,
        counted(length(value), "element"), length(shape$positions)
      ))
    }
    flat[shape$positions] <- value
  }
  flat
}

# theta, plain or traced -> list of arguments. In a recording the declared
# types' maps are recorded with the likelihood.
parameters_expand <- function(parameters, theta,
                              layout = parameters_layout(parameters)) {
  if (!is.null(parameters$linear)) {
    theta <- parameters$linear$offset + parameters$linear$matrix %*% theta
  }
  lapply(layout, function(part) {
    if (all(is.na(part$free))) {
      return(part$value)
    }
    if (is.null(part$type)) {
      return(layout_slice(theta, replace(part, "positions", list(part$free))))
    }
    unrestricted <- layout_slice(theta, list(
      positions = part$free, values = part$unrestricted
    ))
    shaped <- part
    shaped$positions <- seq_along(part$value)
    shaped$positions[part$fixed] <- NA
    layout_slice(constrained(part$type, unrestricted), shaped)
  })
}

constrained <- function(type, theta) {
  if (is_traced(theta)) {
    trace_call(type$constrain, list(theta))
  } else {
    type$constrain(as.vector(theta))
  }
}

# Values in the users' shapes as the new start of what is free.
parameters_at <- function(parameters, values) {
  for (part in parameters_layout(parameters)) {
    if (all(is.na(part$free))) next
    value <- values[[part$name]]
    parameters$template[[part$name]] <- value
    parameters$working$start[part$working] <- if (is.null(part$type)) {
      as.vector(value)
    } else {
      part$type$unconstrain(value)
    }
  }
  parameters$start[] <- parameters_flatten(parameters, parameters$template)
  parameters
}

# Per argument its shape, and
#    free          positions of its unrestricted numbers in theta before linear
#                  constraints (NA: fixed); unrestricted, what they start from
#    value         the start, or what the fixed elements are; `values`, flat
#    fixed         which elements of a declared type are fixed
parameters_layout <- function(parameters) {
  among_free <- rep(NA_integer_, length(parameters$working$free))
  among_free[parameters$working$free] <-
    seq_len(sum(parameters$working$free))
  lapply(parameters$shapes, function(shape) {
    shape$free <- among_free[shape$working]
    shape$unrestricted <- parameters$working$start[shape$working]
    shape$value <- parameters$template[[shape$name]]
    shape$values <- as.vector(shape$value)
    shape$fixed <- if (isTRUE(shape$type$elementwise)) which(is.na(shape$free))
    shape
  })
}

check_likelihood <- function(fn) {
  if (typeof(fn) != "closure") {
    admle_abort("argument", sprintf(
      "`loglik` must be a function written in R, not %s.", described(fn)
    ), argument = "loglik")
  }
  if (length(setdiff(names(formals(fn)), "...")) == 0L) {
    admle_abort("argument", paste(
      "`loglik` has no arguments: its arguments are the parameters, as in",
      "function(mu, sigma) dnorm(y, mu, sigma, log = TRUE)."
    ), argument = "loglik")
  }
}

# `start` as a named list, the fixed arguments without a start at its end.
start_template <- function(start, fn, fixed) {
  arguments <- setdiff(names(formals(fn)), "...")
  if (is.null(start)) {
    admle_abort("start", sprintf(
      paste("`start` is missing: give a starting value for each of %s, as in",
            "start = list(%s)."),
      enumerate(arguments), paste(arguments, "= 0", collapse = ", ")
    ))
  }
  if (is.atomic(start) || is_declared(start)) {
    check_vector_start(start, arguments, fn)
    start <- stats::setNames(list(start), arguments[[1L]])
  }
  # What c() made of a declared parameter that was not its first argument.
  if (any(vapply(start, is.function, NA))) abort_in_vector()
  if (!is.list(start) || (length(start) && is.null(names(start))) ||
        any(names(start) == "")) {
    message <- sprintf(
      "`start` must be a named list or one numeric vector, not %s.",
      if (is.list(start)) "a list without names" else described(start)
    )
    admle_abort("start", paste(c(message, declaration_hint(start)),
                               collapse = " "))
  }
  twice <- unique(names(start)[duplicated(names(start))])
  if (length(twice)) {
    admle_abort("start", paste0(
      "`start` has more than one element called ", enumerate(twice), "."
    ))
  }
  extra <- setdiff(intersect(names(fixed), arguments), names(start))
  c(as.list(start), fixed[extra])
}

# A vector of starting values for a function of several arguments is most
# likely meant as a list.
check_vector_start <- function(start, arguments, fn) {
  needed <- required_arguments(fn)
  if (length(needed) > 1L && is.atomic(start) && !is.null(names(start)) &&
        all(names(start) %in% arguments)) {
    admle_abort("start", sprintf(paste(
      "`start` is one vector, which would be the first argument `%s` alone.",
      "For several arguments give a list: start = list(%s)."
    ), arguments[[1L]], paste(names(start), "=", format(start, trim = TRUE),
                              collapse = ", ")))
  }
}

required_arguments <- function(fn) {
  formals <- formals(fn)
  no_default <- vapply(formals, function(x) identical(x, quote(expr = )), NA)
  setdiff(names(formals)[no_default], "...")
}

check_arguments <- function(template, fn, start) {
  arguments <- names(formals(fn))
  unknown <- setdiff(names(template), arguments)
  lacking <- setdiff(required_arguments(fn), names(template))
  if ("..." %in% arguments) {
    unknown <- character()
  }
  parts <- character()
  if (length(unknown)) {
    parts <- sprintf(
      "%s %s no argument of the function", enumerate(unknown),
      if (length(unknown) == 1L) "is" else "are"
    )
  }
  if (length(lacking)) {
    parts <- c(parts, sprintf(
      "the argument%s %s %s no starting value and no default",
      if (length(lacking) == 1L) "" else "s", enumerate(lacking),
      if (length(lacking) == 1L) "has" else "have"
    ))
  }
  if (length(parts)) {
    admle_abort("start", sprintf(
      "`start` does not match the function's arguments: %s.%s",
      paste(parts, collapse = "; "), argument_hint(lacking, template, fn)
    ), unknown = unknown, missing = lacking)
  }
  if (length(template) == 0L) {
    admle_abort("start", "`start` is empty: there is nothing to estimate.")
  }
}

# What else gives an argument that nothing gave.
argument_hint <- function(lacking, template, fn) {
  if (length(lacking) == 0L) {
    return("")
  }
  taken <- names(formals(utils::getS3method("mle_fit", "function")))
  own <- intersect(lacking, taken)
  if (length(own)) {
    return(sprintf(paste(
      " %s %s of mle_fit() itself, which keeps %s: rename the function's, or",
      "give it a default."
    ), enumerate(own), if (length(own) == 1L) "is an argument" else
      "are arguments", if (length(own) == 1L) "it" else "them"))
  }
  required <- required_arguments(fn)
  if (length(required) == 1L && !any(names(template) %in% names(formals(fn)))) {
    return(sprintf(
      " For elements of a list `%s` write start = list(%s = list(%s)).",
      required, required, paste(names(template), "= ...", collapse = ", ")
    ))
  }
  sprintf(paste(
    " What is no parameter may be a column of `data`, or a further argument of",
    "mle_fit(), as in mle_fit(fn, start, %s = ...)."
  ), lacking[[1L]])
}

check_start_value <- function(value, argument, where = "start") {
  place <- sprintf("`%s` in `%s`", argument, where)
  if (!is.numeric(value)) {
    what <- if (is.atomic(value) && length(value) == 1L && is.na(value)) {
      "NA"
    } else {
      described(value)
    }
    message <- sprintf("%s must be numeric, not %s.", place, what)
    admle_abort("start", paste(c(message, declaration_hint(value)),
                               collapse = " "))
  }
  if (length(value) == 0L) {
    admle_abort("start", sprintf("%s has length zero.", place))
  }
  bad <- which(!is.finite(value))
  if (length(bad)) {
    element <- if (length(value) == 1L) "" else
      sprintf(" in element %d", bad[[1L]])
    admle_abort("start", sprintf(
      "%s is %s%s.", place, format(value[[bad[[1L]]]]), element
    ))
  }
  shape <- attributes(value)[c("names", "dim", "dimnames")]
  value <- as.double(value)
  attributes(value) <- shape[!vapply(shape, is.null, NA)]
  value
}

# Scalars by their name; beta1, beta2; beta_wt; B1_2; B_row_column. One vector
# alone takes its own names. All of them are names that R code can use.
coefficient_names <- function(argument, shape, count, alone) {
  if (is.null(shape$dim)) {
    if (count == 1L && !(alone && length(shape$names))) {
      return(argument)
    }
    named <- !is.na(shape$names) & nzchar(shape$names)
    suffix <- as.character(seq_len(count))
    full <- paste0(argument, suffix)
    own <- if (alone) syntactic(shape$names) else
      paste0(argument, "_", part_name(shape$names))
    full[named] <- own[named]
    return(full)
  }
  index <- arrayInd(seq_len(count), shape$dim)
  parts <- lapply(seq_along(shape$dim), function(d) {
    labels <- shape$dimnames[[d]]
    number <- index[, d]
    if (!is.null(labels)) {
      return(paste0("_", part_name(labels[number])))
    }
    paste0(if (d > 1L) "_", number)
  })
  do.call(paste0, c(list(argument), parts))
}

# "(Intercept)" becomes "Intercept", "log(x)" becomes "log.x."
syntactic <- function(names) {
  make.names(sub("^\\((.*)\\)$", "\\1", names))
}

# What may follow "beta_": any characters of a name, digits in front included.
part_name <- function(names) {
  sub("^x", "", syntactic(paste0("x", sub("^\\((.*)\\)$", "\\1", names))))
}

# Two elements of one name, as in c(a = 0, a = 0): a, a.1.
unique_names <- function(names) {
  twice <- unique(names[duplicated(names)])
  if (length(twice) == 0L) {
    return(names)
  }
  made <- make.unique(names)
  message(sprintf(
    "`start` has more than one coefficient called %s. They are called %s.",
    enumerate(twice), enumerate(made[names %in% twice])
  ))
  made
}
