# Functions that a recorded function hands to uniroot(), optim(), integrate()
# and their like. R's own routine runs at the recording point, on the function
# recorded on an unknown argument and evaluated by the engine at the points
# that the routine asks for; what it finds is where the engine's search begins.
#' @include trace-mask.R
NULL

# f as R's routines want it:
#   at(x)      its numbers at x
#   slope(x, shift, stretch)
#              a derivative in which everything takes part, by which the nodes
#              of integrals are placed as well; NULL where there is none
#   body(x)    what is recorded of it, valid at x; see `recorded_body()`
#   last()     what is recorded of it, whatever it is valid at
inner_function <- function(f) {
  known <- NULL
  body <- function(x) {
    if (is.null(known) || is.null(body_value(known$body, x))) {
      known <<- recorded_body(f, x)
    }
    known
  }
  at <- function(x) {
    value <- if (!is.null(known)) body_value(known$body, x)
    if (is.null(value)) value <- body_value(body(x)$body, x)
    if (is.null(value)) {
      unsupported(
        "a function inside of it branches differently each time",
        "It must be a function of its arguments."
      )
    }
    if (is.null(known$plain)) value else known$plain
  }
  slope <- function(x, shift, stretch) {
    at(x)
    if (!"slope" %in% names(known)) {
      known["slope"] <<- list(body_slope(known$body, shift, stretch))
    }
    if (!is.null(known$slope)) body_value(known$slope, x)
  }
  list(f = f, at = at, slope = slope, body = body, last = function() known)
}

# As inner_function(), for R's routines: `at` calls f with numbers as long as no
# parameter takes part, in f or in `bounds`; `used()` says whether one did.
searched_function <- function(f, start, bounds = NULL) {
  inner <- inner_function(f)
  used <- any_traced(bounds) || has_parameters(inner, start)
  recorded <- inner$at
  inner$at <- function(x) {
    if (!used) {
      guards <- trace_guard_count_()
      value <- f(x)
      used <<- contains_traced(value) || trace_guard_count_() > guards
    }
    if (used) recorded(x) else value
  }
  inner$used <- function() used
  inner
}

# Whether parameters take part in the value at `at` or in what it is compared
# with there. What cannot be recorded is asked as it is.
has_parameters <- function(inner, at) {
  recorded <- tryCatch(inner$body(at), error = function(e) NULL)
  if (!is.null(recorded)) {
    return(body_has_parameters(recorded$body))
  }
  guards <- trace_guard_count_()
  contains_traced(inner$f(at)) || trace_guard_count_() > guards
}

# `body`, the engine's function of the unknown; `plain`, what f returned where
# that is the same as long as the same branches are taken.
recorded_body <- function(f, at) {
  noted <- trace_session$branches
  trace_session$branches <- NULL
  trace_session$inside$any <- TRUE
  trace_session$inside$depth <- trace_session$inside$depth + 1L
  guards <- trace_guard_count_()
  x <- trace_alias(as.double(at), unknown = TRUE)
  # Comparisons of the unknown are none of the recording, also after an error.
  taken <- FALSE
  on.exit({
    trace_session$branches <- noted
    trace_session$inside$depth <- trace_session$inside$depth - 1L
    if (!taken) body_take(x, 0, guards)
  })
  value <- f(x)
  body <- engine(body_take(x, if (is_traced(value)) value else 0, guards))
  taken <- TRUE
  list(body = body, plain = if (!is_traced(value)) value)
}

# The root (or "fixed point", "minimum", "maximum") near `start`, polished, and
# the body that is valid there.
inner_root <- function(inner, target, start, lower = NULL, upper = NULL) {
  for (attempt in seq_len(most_branches)) {
    recorded <- inner$body(start)
    if (!is.null(recorded$plain)) break
    id <- engine(body_root(recorded$body, target, start, lower, upper))
    x <- traced_from_id(id)
    found <- trace_value(x)
    if (anyNA(found)) break
    if (!is.null(body_value(recorded$body, found))) {
      # Zeros; NaN where none is found, so that the function is recorded again.
      guarded_value(x - x)
      return(list(x = x, body = recorded$body, found = found))
    }
    start <- found
  }
  NULL
}

# Regions of other branches that are passed on the way to a root.
most_branches <- 8L

# Where R's routine has a result and the recording has none: an error about the
# value there, which at a trial point of a fit makes the step shorter.
no_result <- function(what, instead) {
  call <- user_call()
  admle_abort("value", sprintf(
    "%s: %s. %s", if (is.null(call)) "A function inside of the function"
    else sprintf("`%s`", call_text(call)), what, instead
  ))
}

# The searches of a recording: whether there are any, how many functions inside
# functions it is in, and the tolerance to which R's own results are known.
new_searches <- function() {
  searches <- new.env(parent = emptyenv())
  searches$any <- FALSE
  searches$depth <- 0L
  searches$tolerance <- 0
  searches
}

# Says that R's own routine finds these numbers where the recording has x. Those
# of a search inside another are not those that R has there.
stand_in_for <- function(x, numbers) {
  searches <- trace_session$inside
  searches$tolerance <- max(searches$tolerance,
                            if (searches$depth > 0L) 1e-3 else 1e-8)
  trace_stand_in(x, numbers)
}

# The value of the recording as R's own evaluation would have it, in which
# results of searches are not polished.
value_as_r <- function(x) {
  if (is.list(x)) {
    return(lapply(x, value_as_r))
  }
  if (is_traced(x)) trace_value_as_r(x) else x
}

# The polished value, for the comparison with R's; NULL where nothing was
# searched.
searched_values <- function(x) {
  tolerance <- trace_session$inside$tolerance
  if (tolerance > 0) list(value = trace_value(x), tolerance = tolerance)
}

# A value that depends on the argument of a function inside cannot leave it.
check_unknowns <- function(trace, id) {
  if (!trace_session$inside$any) {
    return()
  }
  nodes <- as.integer(unlist(id))
  if (depends_on_unknown(trace, nodes[nodes >= 0L])) {
    unsupported(
      "a value of a function inside of it is used outside of that function",
      "Return it; do not assign it by `<<-`."
    )
  }
}
