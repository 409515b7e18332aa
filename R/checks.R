# What an argument must be. Each check names the argument, says what was given
# instead, and returns the value in the form in which it is used.

# `match.arg()` with an error of ours; the default is the first choice.
match_choice <- function(value, choices, name) {
  if (identical(value, choices)) {
    return(choices[[1L]])
  }
  if (is.character(value) && length(value) == 1L && value %in% choices) {
    return(value)
  }
  given <- paste(deparse(value, nlines = 1L)[[1L]])
  admle_abort("argument", sprintf(
    "`%s` must be one of %s, not %s.", name,
    enumerate(choices, "\"", length(choices)), given
  ), argument = name)
}

check_flag <- function(value, name) {
  if (!is.logical(value) || length(value) != 1L || is.na(value)) {
    admle_abort(
      "argument", sprintf("`%s` must be TRUE or FALSE.", name),
      argument = name
    )
  }
  value
}

check_count <- function(value, name, least = 1, infinite = FALSE, most = Inf) {
  whole <- is.numeric(value) && length(value) == 1L && !is.na(value) &&
    value >= least && value <= most && (value == floor(value)) &&
    (infinite || is.finite(value))
  if (!whole) {
    admle_abort("argument", sprintf(
      "`%s` must be a whole number of at least %d%s.", name, least,
      if (infinite) " (or Inf)" else
        if (is.finite(most)) sprintf(" and at most %d", most) else ""
    ), argument = name)
  }
  as.numeric(value)
}

check_level <- function(level, name = "level") {
  if (!is.numeric(level) || length(level) != 1L || is.na(level) ||
        level <= 0 || level >= 1) {
    admle_abort("argument", sprintf("`%s` must be a number between 0 and 1.",
                                    name), argument = name)
  }
  level
}

# The name of something that a user adds to what admle has.
check_own_name <- function(name, taken, what) {
  if (!is.character(name) || length(name) != 1L || is.na(name) ||
        !nzchar(name)) {
    admle_abort("argument", sprintf("`name` must be one name, not %s.",
                                    deparse(name, nlines = 1L)[[1L]]),
                argument = "name")
  }
  if (name %in% taken) {
    admle_abort("argument", sprintf(
      "admle itself has a %s \"%s\". Choose another name.", what, name
    ), argument = "name")
  }
}

check_no_dots <- function(...) {
  if (...length() == 0L) {
    return()
  }
  dots <- as.list(substitute(list(...)))[-1L]
  shown <- vapply(dots, function(x) deparse(x, nlines = 1L)[[1L]], "")
  given <- names(dots)
  if (!is.null(given)) {
    shown <- paste0(given, ifelse(nzchar(given), " = ", ""), shown)
  }
  admle_abort(
    "argument", paste0("Unused argument: ", enumerate(unname(shown)), "."),
    argument = "..."
  )
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
