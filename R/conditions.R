# Errors and warnings are conditions with classes, so that a program can react
# to the kind of a failure and not to the wording of its message. The kinds are
# listed in ?admle_conditions; everything in admle is signalled from here.

#' Errors and warnings of admle
#'
#' Every error that admle raises is a condition of the classes
#' `admle_error_<kind>`, `admle_error`, `error` and `condition`; every warning
#' is of the classes `admle_warning_<kind>`, `admle_warning`, `warning` and
#' `condition`. An error of a class of the user's own is passed on unchanged at
#' the start. At a trial point of the search an error is a step to be shortened,
#' see [mle_fit()].
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
#'   `if`) and `values` (of the parameters) say where, `cause` is the
#'   function's own error;
#' * `function`: an error of R's in the likelihood at the starting values; the
#'   field `cause` is R's error;
#' * `deprecated`: a function of an earlier version, with what to use instead;
#' * `internal`: a mistake of admle's; please report it.
#'
#' Kinds of warnings, all made by [mle_fit()] and kept in the fit as
#' `fit$problems`:
#' * `convergence`: the optimiser stopped before it found a maximum;
#' * `diverging`: the parameters run off without bound, as with separated data;
#' * `unbounded`: the log-likelihood rises without bound, as with an exact fit;
#' * `kink`: the log-likelihood has a kink where the optimiser stopped;
#' * `edge`: it rises up to a point beyond which it is not finite, as that of a
#'   uniform distribution;
#' * `hessian`: the Hessian is not negative definite where the optimiser
#'   stopped, so that the point is not known to be a maximum;
#' * `identification`: the data do not determine some of the parameters;
#' * `conditioning`: whether they do cannot be told in double precision;
#' * `boundary`: a parameter ran to the boundary of its declared range;
#' * `maxima`: of several starts (see [mle_control()]), two ended at different
#'   maxima of the same or nearly the same height.
#'
#' `profile()` and profile intervals warn of `better_optimum`, a higher maximum
#' than the fit's, and of `open_profile`, a profile that does not fall to the
#' level of the interval.
#'
#' Not kept are the warnings `observations` (what counts as an observation is
#' not what one would expect), `data` (a column hides a variable of the
#' function), `argument` (`predict()` was given an argument that it does not
#' have; or a test rests on what the fit was not made with, or does not hold
#' at a boundary) and `clusters` (a covariance has no more clusters than
#' there are parameters);
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

admle_abort <- function(kind, message, ...) {
  rlang::cnd_signal(admle_condition("error", kind, message, ...))
}

admle_warn <- function(kind, message, ...) {
  rlang::cnd_signal(admle_condition("warning", kind, message, ...))
}

# The text is wrapped where it is shown, to the width that is there then.
admle_condition <- function(type, kind, message, ...) {
  family <- paste0("admle_", type)
  class <- c(paste0(family, "_", kind), family)
  frame <- users_frame()
  call <- rlang::error_call(frame)
  if (type == "warning") {
    return(rlang::warning_cnd(class, message = message, call = call,
                              use_cli_format = TRUE, ...))
  }
  # The calls that led into admle; those inside are of no use to a user.
  rlang::error_cnd(class, message = message, call = call,
                   trace = rlang::trace_back(bottom = frame),
                   use_cli_format = TRUE, ...)
}

# The frame of the call into admle that the user wrote: the first one of ours.
users_frame <- function() {
  own <- environment(users_frame)
  for (i in seq_len(sys.nframe())) {
    from <- environment(sys.function(i))
    if (!is.null(from) && identical(topenv(from), own)) {
      return(sys.frame(i))
    }
  }
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

# "3, 7, 8, 12, 20, ..."
first_few <- function(x, limit = 5L) {
  paste0(paste(utils::head(x, limit), collapse = ", "),
         if (length(x) > limit) ", ...")
}

first_line <- function(text) strsplit(text, "\n", fixed = TRUE)[[1L]][[1L]]

# "1 row", "2 rows"
counted <- function(n, noun) {
  sprintf("%s %s%s", grouped_digits(n), noun, if (n == 1) "" else "s")
}

# "12,345"; with a decimal comma "12.345".
grouped_digits <- function(n) {
  format(n, big.mark = if (getOption("OutDec") == ",") "." else ",")
}

# Errors of the engine become conditions of ours.
engine <- function(expr) {
  tryCatch(expr, "admle::GraphError" = function(e) {
    admle_abort("unsupported", conditionMessage(e))
  })
}

capital <- function(text) {
  paste0(toupper(substr(text, 1L, 1L)), substring(text, 2L))
}
