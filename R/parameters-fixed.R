# Parameters that are fixed at a value: whole arguments, or single coefficients
# for which one unrestricted number stands.

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
    value <- fixed[[name]]
    if (is_declared(value)) value <- value$value
    fixed[[name]] <- check_start_value(value, name, "fixed")
  }
  fixed
}

parameters_fix <- function(parameters, fixed) {
  wanted <- parameters$working$start
  parameters <- parameters_unconditioned(parameters)
  for (name in names(fixed)) {
    parameters <- if (name %in% parameters$arguments) {
      fix_argument(parameters, name, fixed[[name]])
    } else {
      fix_coefficient(parameters, name, fixed[[name]])
    }
  }
  if (!any(parameters$free)) {
    admle_abort(
      "argument", "All parameters are fixed: there is nothing to estimate.",
      argument = "fixed"
    )
  }
  parameters <- parameters_conditioned(parameters)
  if (length(fixed)) conditioned_start(parameters, wanted) else parameters
}

fix_argument <- function(parameters, name, value) {
  shape <- parameters$shapes[[name]]
  template <- parameters$template[[name]]
  check_fixed_length(name, value, length(template))
  template[] <- value
  parameters$template[[name]] <- template
  flat <- as.vector(template)
  if (!is.null(shape$elements)) flat <- flat[shape$elements]
  parameters$start[shape$positions] <- flat
  parameters$free[shape$positions] <- FALSE
  parameters$working$free[shape$working] <- FALSE
  parameters
}

# One element, where a number of its own stands for it.
fix_coefficient <- function(parameters, name, value) {
  position <- match(name, parameters$names)
  if (is.na(position)) {
    admle_abort("argument", sprintf(
      "`fixed` names an unknown parameter: `%s`. Known are %s.",
      name, enumerate(unique(c(parameters$arguments, parameters$names)))
    ), argument = "fixed")
  }
  check_fixed_length(name, value, 1L)
  shape <- Find(function(shape) position %in% shape$positions,
                parameters$shapes)
  element <- match(position, shape$positions)
  if (!is.null(shape$type) && !isTRUE(shape$type$elementwise)) {
    admle_abort("argument", sprintf(paste(
      "`fixed` names `%s`, but the declaration of `%s` ties its elements",
      "together. Fix all of it."
    ), name, shape$name), argument = "fixed")
  }
  parameters$template[[shape$name]][[element]] <- value
  parameters$start[[position]] <- value
  parameters$free[[position]] <- FALSE
  at <- shape$working[[element]]
  parameters$working$free[[at]] <- FALSE
  # What stands for it does not matter, but must be finite.
  if (is.null(shape$type)) parameters$working$start[[at]] <- value
  parameters
}

check_fixed_length <- function(name, value, needed) {
  if (length(value) != needed) {
    admle_abort("argument", sprintf(
      "`fixed` gives `%s` %s, but it has %d.", name,
      counted(length(value), "value"), needed
    ), argument = "fixed")
  }
}

# What a user fixed, without what a first step did.
fixed_coefficients <- function(parameters) {
  shapes <- parameters$shapes[parameters$from_steps]
  steps <- unlist(lapply(shapes, `[[`, "positions"))
  fixed <- !parameters$free
  fixed[steps] <- FALSE
  parameters$start[fixed]
}
