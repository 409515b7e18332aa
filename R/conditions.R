# Errors and warnings are conditions with classes, so that a program can react
# to the kind of a failure and not to the wording of its message. The kinds are
# listed in ?admle_conditions; everything in admle is signalled from here.

#' Errors and warnings of admle
#'
#' Every error that admle raises is a condition of the classes
#' `admle_error_<kind>`, `admle_error`, `error` and `condition`; every warning
#' is of the classes `admle_warning_<kind>`, `admle_warning`, `warning` and
#' `condition`. An error of the user's own likelihood is passed on unchanged at
#' the start, if it was not raised by [stop()] on purpose (`domain`). At a trial
#' point of the search it is a step to be shortened, see [mle_fit()].
#'
#' Kinds of errors:
#' * `argument`: an argument that cannot be used as it is;
#' * `start`: starting values that do not fit the likelihood's arguments;
#' * `data`: missing values in the data, or a column named like a parameter;
#' * `unsupported`: something that admle cannot do for this likelihood;
#' * `value`: the likelihood returned something that is no log-likelihood;
#' * `nonfinite`: the log-likelihood is not finite at the starting values;
#' * `domain`: the function returns a constant or stops at the starting values,
#'   as by `if (sigma <= 0) return(-Inf)`; the fields `condition` (that of the
#'   `if`) and `values` (of the parameters) say where, `parent` is the
#'   function's own error;
#' * `internal`: a mistake of admle's; please report it.
#'
#' Kinds of warnings, all made by [mle_fit()] and kept in the fit as
#' `fit$problems`:
#' * `convergence`: the optimiser stopped before it found a maximum;
#' * `diverging`: the parameters run off without bound;
#' * `hessian`: the Hessian is not negative definite where the optimiser
#'   stopped, so that the point is not known to be a maximum;
#' * `identification`: the data do not determine some of the parameters;
#' * `boundary`: a parameter ran to the boundary of its declared range.
#'
#' `profile()` and profile intervals warn of `better_optimum`, a higher maximum
#' than the fit's, and of `open_profile`, a profile that does not fall to the
#' level of the interval.
#'
#' Not kept are the warnings `data` (a column hides a variable of the function),
#' `argument` (`predict()` was given an argument that it does not have; or a
#' test rests on what the fit was not made with, or does not hold at a boundary)
#' and `clusters` (a covariance has no more clusters than there are parameters);
#' [bootstrap()] warns of `bootstrap`: replications that failed, or too few for
#' an interval.
#'
#' @name admle_conditions
#' @examples
#' tryCatch(
#'   mle_fit(function(a) dnorm(3, a, 1, log = TRUE), start = list(b = 1)),
#'   admle_error_start = function(e) conditionMessage(e)
#' )
NULL

admle_abort <- function(kind, message, ..., call = NULL) {
  stop(admle_condition("error", kind, message, ..., call = call))
}

admle_warn <- function(kind, message, ..., call = NULL) {
  warning(admle_condition("warning", kind, message, ..., call = call))
}

admle_condition <- function(type, kind, message, ..., call = NULL) {
  family <- paste0("admle_", type)
  structure(
    class = c(paste0(family, "_", kind), family, type, "condition"),
    list(message = message, call = call, ...)
  )
}

# "`a`, `b` and `c`"
enumerate <- function(x, quote = "`", limit = 8L) {
  x <- paste0(quote, x, quote)
  if (length(x) > limit) {
    more <- sprintf("%d more", length(x) - limit)
    x <- c(x[seq_len(limit)], more)
  }
  if (length(x) < 2L) {
    return(x)
  }
  paste(paste(x[-length(x)], collapse = ", "), "and", x[[length(x)]])
}

first_line <- function(text) strsplit(text, "\n", fixed = TRUE)[[1L]][[1L]]

# "1 row", "2 rows"
counted <- function(n, noun) {
  sprintf("%s %s%s", format(n, big.mark = ","), noun, if (n == 1) "" else "s")
}

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

# Errors of the engine become conditions of ours.
engine <- function(expr) {
  tryCatch(expr, "admle::GraphError" = function(e) {
    admle_abort("unsupported", conditionMessage(e))
  })
}
