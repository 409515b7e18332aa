# Parameters: the user's list of scalars, vectors and matrices on one side, one
# flat vector on the other. A `parameters` object knows the way between them.
# `parameters_layout()` hands that knowledge to the tracer, which builds the
# arguments from one traced vector in the same manner as
# `parameters_expand()` builds them from a numeric one.

# -> list(names, labels, arguments, shapes, start, free, template)
#    names   coefficient names of all parameters, fixed ones too
#    labels  the same as the user writes them in R: beta[2], B[1, 2]
#    shapes  per argument: name, positions, dim, names, dimnames
#    start   flat vector, with the values of the fixed parameters in place
#    free    which of them are estimated
parameters_new <- function(start, fn, fixed = NULL) {
  check_likelihood(fn)
  single <- is.atomic(start) && !is.null(start)
  fixed <- as_fixed(fixed)
  template <- start_template(start, fn, fixed)
  check_arguments(template, fn, start)
  shapes <- list()
  names <- labels <- character()
  for (argument in names(template)) {
    value <- check_start_value(template[[argument]], argument)
    shape <- parameter_shape(argument, value, length(names))
    alone <- single && length(template) == 1L
    names <- c(names, coefficient_names(argument, shape, alone))
    labels <- c(labels, coefficient_labels(argument, shape))
    shapes[[argument]] <- shape
    template[[argument]] <- value
  }
  check_unique(names)
  parameters <- list(
    names = names, labels = labels, arguments = names(template),
    shapes = shapes, start = unlist(lapply(template, as.vector), FALSE, FALSE),
    free = rep(TRUE, length(names)), template = template
  )
  names(parameters$start) <- names
  parameters <- structure(parameters, class = "parameters")
  parameters_fix(parameters, fixed)
}

# The free ones' names.
parameters_free_names <- function(parameters) {
  parameters$names[parameters$free]
}

# A list in the users' shapes -> the flat vector of all parameters.
parameters_flatten <- function(parameters, values) {
  flat <- parameters$start
  for (shape in parameters$shapes) {
    value <- values[[shape$name]]
    if (length(value) != length(shape$positions)) {
      admle_abort("start", sprintf(
        "`%s` has %s, not %d.", shape$name,
        counted(length(value), "element"), length(shape$positions)
      ))
    }
    flat[shape$positions] <- as.vector(value)
  }
  flat
}

# The flat vector of the free parameters -> list of arguments.
parameters_expand <- function(parameters, theta) {
  flat <- unname(parameters$start)
  flat[parameters$free] <- theta
  lapply(parameters$shapes, function(shape) {
    value <- flat[shape$positions]
    if (is.null(shape$dim)) {
      names(value) <- shape$names
    } else {
      dim(value) <- shape$dim
      dimnames(value) <- shape$dimnames
    }
    value
  })
}

# Per argument: its name; `positions` of its elements among all parameters;
# `free`, their positions in the flat vector of the free ones (NA: fixed);
# `values`, start values and the values of the fixed; dim, names, dimnames.
parameters_layout <- function(parameters) {
  among_free <- rep(NA_integer_, length(parameters$free))
  among_free[parameters$free] <- seq_len(sum(parameters$free))
  lapply(parameters$shapes, function(shape) {
    shape$free <- among_free[shape$positions]
    shape$values <- unname(parameters$start[shape$positions])
    shape
  })
}

# ---- Reading `start` -------------------------------------------------------

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

described <- function(x) {
  if (is.null(x)) {
    return("NULL")
  }
  if (is.primitive(x)) {
    return("a primitive function")
  }
  paste("an object of class", dQuote(class(x)[[1L]], FALSE))
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
  if (is.atomic(start)) {
    check_vector_start(start, arguments, fn)
    start <- stats::setNames(list(start), arguments[[1L]])
  }
  if (!is.list(start) || (length(start) && is.null(names(start))) ||
        any(names(start) == "")) {
    admle_abort("start", sprintf(
      "`start` must be a named list or one numeric vector, not %s.",
      if (is.list(start)) "a list without names" else described(start)
    ))
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
  if (length(needed) > 1L && !is.null(names(start)) &&
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
      "`start` does not match the function's arguments: %s.",
      paste(parts, collapse = "; ")
    ), unknown = unknown, missing = lacking)
  }
  if (length(template) == 0L) {
    admle_abort("start", "`start` is empty: there is nothing to estimate.")
  }
}

check_start_value <- function(value, argument, where = "start") {
  place <- sprintf("`%s` in `%s`", argument, where)
  if (!is.numeric(value)) {
    what <- if (is.atomic(value) && length(value) == 1L && is.na(value)) {
      "NA"
    } else {
      described(value)
    }
    admle_abort("start", sprintf("%s must be numeric, not %s.", place, what))
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

# ---- Shapes and names ------------------------------------------------------

parameter_shape <- function(argument, value, offset) {
  list(
    name = argument, positions = offset + seq_along(value), dim = dim(value),
    names = if (is.null(dim(value))) names(value), dimnames = dimnames(value)
  )
}

# Scalars by their name; beta1, beta2; beta_wt; B1_2; B_row_column. One vector
# alone takes its own names. All of them are names that R code can use.
coefficient_names <- function(argument, shape, alone) {
  count <- length(shape$positions)
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

coefficient_labels <- function(argument, shape) {
  count <- length(shape$positions)
  if (is.null(shape$dim)) {
    if (count == 1L) {
      return(argument)
    }
    inside <- as.character(seq_len(count))
    named <- !is.na(shape$names) & nzchar(shape$names)
    inside[named] <- dQuote(shape$names[named], FALSE)
    return(sprintf("%s[%s]", argument, inside))
  }
  index <- arrayInd(seq_len(count), shape$dim)
  sprintf("%s[%s]", argument, apply(index, 1L, paste, collapse = ", "))
}

# "(Intercept)" becomes "Intercept", "log(x)" becomes "log.x."
syntactic <- function(names) {
  make.names(sub("^\\((.*)\\)$", "\\1", names))
}

# What may follow "beta_": any characters of a name, digits in front included.
part_name <- function(names) {
  sub("^x", "", syntactic(paste0("x", sub("^\\((.*)\\)$", "\\1", names))))
}

check_unique <- function(names) {
  twice <- unique(names[duplicated(names)])
  if (length(twice)) {
    admle_abort("start", sprintf(
      "`start` gives two parameters the same coefficient name: %s.",
      enumerate(twice)
    ))
  }
}

# ---- Fixed parameters ------------------------------------------------------

as_fixed <- function(fixed) {
  if (length(fixed) == 0L) {
    return(list())
  }
  if (!is.numeric(fixed) && !is.list(fixed) || is.null(names(fixed)) ||
        any(names(fixed) == "")) {
    admle_abort(
      "argument", "`fixed` must be a named list or a named numeric vector.",
      argument = "fixed"
    )
  }
  fixed <- as.list(fixed)
  for (name in names(fixed)) {
    fixed[[name]] <- check_start_value(fixed[[name]], name, "fixed")
  }
  fixed
}

parameters_fix <- function(parameters, fixed) {
  for (name in names(fixed)) {
    value <- fixed[[name]]
    positions <- parameters$shapes[[name]]$positions
    if (is.null(positions)) {
      positions <- match(name, parameters$names, nomatch = 0L)
    }
    if (identical(positions, 0L)) {
      admle_abort("argument", sprintf(
        "`fixed` names an unknown parameter: `%s`. Known are %s.",
        name, enumerate(unique(c(parameters$arguments, parameters$names)))
      ), argument = "fixed")
    }
    if (length(value) != length(positions)) {
      admle_abort("argument", sprintf(
        "`fixed` gives `%s` %s, but it has %d.", name,
        counted(length(value), "value"), length(positions)
      ), argument = "fixed")
    }
    parameters$start[positions] <- as.vector(value)
    parameters$free[positions] <- FALSE
  }
  if (!any(parameters$free)) {
    admle_abort(
      "argument", "All parameters are fixed: there is nothing to estimate.",
      argument = "fixed"
    )
  }
  parameters
}
