# Which coefficients are compared with zero. One whose range does not have zero
# inside, like a standard deviation, cannot be zero, or only at a boundary where
# the ratio to its standard error is not normal (see `boundary` of lr_test()).

tested_against_zero <- function(fit) {
  range <- parameters_range(fit$parameters)
  inside <- range$lower < 0 & range$upper > 0
  inside & !names(fit$coefficients) %in% positive_by_code(fit)
}

# Coefficients without a declared range that are, as they are, an argument of a
# density with the range (0, Inf) or (0, 1): `s` and `p[2]` in
# dnorm(y, m, s, log = TRUE) and dexp(y, p[2], log = TRUE).
positive_by_code <- function(fit) {
  if (!is.null(fit$model)) {
    return(character())
  }
  code <- body(fit$fn)
  arguments <- setdiff(names(fit$parameters$shapes), names_reassigned(code))
  unlist(lapply(density_calls(code), function(call) {
    unlist(lapply(positive_arguments(call), coefficient_of, arguments,
                  fit$parameters))
  }))
}

# Names that the function gives another value.
names_reassigned <- function(code) {
  if (!is.call(code)) {
    return(character())
  }
  own <- switch(
    as.character(code[1L])[[1L]], `<-` = , `=` = , `<<-` = ,
    `for` = all.vars(code[[2L]]), `function` = names(code[[2L]]),
    assign = as.character(code[[2L]])
  )
  inner <- lapply(as.list(code), function(part) {
    if (!missing(part)) names_reassigned(part)
  })
  c(own, unlist(inner))
}

density_calls <- function(code) {
  if (!is.call(code)) {
    return(list())
  }
  own <- as.character(code[1L])[[1L]] %in% density_names
  inner <- lapply(as.list(code), function(part) {
    if (!missing(part)) density_calls(part)
  })
  c(if (own) list(code), unlist(inner, recursive = FALSE))
}

# The code of arguments that must be positive.
positive_arguments <- function(call) {
  name <- as.character(call[[1L]])
  call <- tryCatch(match.call(get(name, envir = asNamespace("stats")), call),
                   error = function(e) NULL)
  with_range <- setdiff(c(argument_ranges$positive, argument_ranges$unit),
                        unrestricted_arguments[[name]])
  given <- names(call) %in% c(with_range, if (name == "dnbinom") "mu")
  as.list(call)[given]
}

# The coefficients that the code stands for, as they are.
coefficient_of <- function(code, arguments, parameters) {
  at <- NULL
  if (is.call(code) && length(code) == 3L && is.numeric(code[[3L]]) &&
        as.character(code[1L]) %in% c("[", "[[")) {
    at <- code[[3L]]
    code <- code[[2L]]
  }
  if (is.symbol(code) && as.character(code) %in% arguments) {
    positions <- parameters$shapes[[as.character(code)]]$positions
    parameters$names[if (is.null(at)) positions else positions[at]]
  }
}
