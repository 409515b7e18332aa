# Statements of loops that are recorded in one go. A method call costs R a
# microsecond or two, and h[t] <- w + a * e2[t - 1] + b * h[t - 1] makes seven.
# Such a statement becomes
#   if (!<all at once, in C++>) h[t] <- ...
# (glue-traced-step.cpp). Only expressions without side effects are tried, so
# that R can always evaluate the statement itself; and only where the value of
# the assignment is not used: the statements of a `for`.
#' @include trace-rewrite.R
NULL

# The C++ side knows these, and numbers, variables, elements of variables.
step_words <- c(
  "+", "-", "*", "/", "^", "(", "[", "[[",
  "exp", "log", "sqrt", "abs", "log1p", "expm1", "tanh"
)

# Those that mean base R's functions to code in this environment.
step_words_of <- function(where) {
  meant <- vapply(step_words, function(name) {
    identical(
      get0(name, envir = where, mode = "function"),
      get(name, envir = baseenv(), mode = "function")
    )
  }, NA)
  c(step_words[meant])
}

# A call whose value is not used.
rewrite_statement <- function(e, context) {
  if (!is.call(e)) {
    return(e)
  }
  name <- if (is.symbol(e[[1L]])) as.character(e[[1L]]) else ""
  if (name == "{" && !name %in% context$locals) {
    e[-1L] <- lapply(e[-1L], rewrite_statement, context = context)
    return(e)
  }
  if (name == "if" && !name %in% context$locals) {
    branches <- lapply(e[-(1:2)], rewrite_statement, context = context)
    e[1:2] <- rewrite_condition(e[1:2], context)
    e[-(1:2)] <- branches
    return(e)
  }
  rewritten <- rewrite(e, context)
  if (!is_step(e, context)) {
    return(rewritten)
  }
  tried <- as.call(list(base::.External2, step_symbol(), list(e)))
  call("if", call("!", tried), rewritten)
}

step_symbol <- function() {
  if (is.null(trace_session$step)) trace_session$step <- traced_step_symbol()
  trace_session$step
}

is_step <- function(e, context) {
  if (length(e) != 3L || !is.symbol(e[[1L]]) ||
      !as.character(e[[1L]]) %in% setdiff(c("<-", "="), context$locals)) {
    return(FALSE)
  }
  target <- e[[2L]]
  if (is.symbol(target)) {
    return(is.call(e[[3L]]) && is_step_value(e[[3L]], context))
  }
  is.call(target) && is_step_element(target, context) &&
    is_step_value(e[[3L]], context)
}

is_step_value <- function(e, context) {
  if (!is.call(e)) {
    return(is.symbol(e) || (is.numeric(e) && length(e) == 1L))
  }
  if (!is.symbol(e[[1L]]) || !is.null(names(e))) {
    return(FALSE)
  }
  name <- as.character(e[[1L]])
  if (name %in% c("[", "[[")) {
    return(is_step_element(e, context))
  }
  name %in% context$words && length(e) %in% 2:3 &&
    all(vapply(as.list(e)[-1L], is_step_value, NA, context = context))
}

# x[i], x[i, j] of a variable.
is_step_element <- function(e, context) {
  is.symbol(e[[1L]]) && as.character(e[[1L]]) %in% c("[", "[[") &&
    as.character(e[[1L]]) %in% context$words && is.null(names(e)) &&
    length(e) %in% 3:4 && is.symbol(e[[2L]]) &&
    all(vapply(as.list(e)[-(1:2)], function(i) {
      !identical(i, quote(expr = )) && is_step_value(i, context)
    }, NA))
}
