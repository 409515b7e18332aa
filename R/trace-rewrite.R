# Rewriting a user's function before it is recorded. R's control flow is kept;
# only what R does not dispatch on is wrapped:
#   for (p in x)        ->  for (p in .admle_elements(x))
#   x[i] <- v           ->  x[i] <- .admle_lift(v, x)     (x becomes traced)
#   x[i]                ->  x[.admle_index(i)]            (i may be traced)
#   switch(e, ...)      ->  switch(.admle_index(e), ...)
#   f(...) of a local f ->  .admle_masked(f)(...)         (f may be unmasked)
#   UseMethod("f")      ->  UseMethod("f", .admle_class_of(x)) (trace-methods.R)
#   if (e), while (e)   ->  if (.admle_branch(e, "e"))    (trace-branches.R)
# The wrappers live in the mask (trace-mask.R). `unwrap()` is the inverse, for
# error messages and recorded calls.

wrapper_names <- c(
  ".admle_elements", ".admle_lift", ".admle_lift_super", ".admle_index",
  ".admle_masked", ".admle_condition", ".admle_branch", ".admle_class_of",
  ".admle_first"
)
hidden_prefix <- ".admle_fn_"

# Context: `locals`, names that may hold a function made outside; `hidden`,
# functions whose names are also variables; `plain`, loop counters.
rewrite <- function(e, context) {
  if (missing(e) || !is.call(e)) {
    return(e)
  }
  head <- e[[1L]]
  if (is.symbol(head)) {
    name <- as.character(head)
    special <- rewriters[[name]]
    if (!is.null(special)) {
      return(special(e, context))
    }
    e <- rewrite_arguments(e, context)
    if (name %in% context$locals) {
      e[[1L]] <- call(".admle_masked", head)
    } else if (name %in% context$hidden) {
      e[[1L]] <- as.name(paste0(hidden_prefix, name))
    }
    return(e)
  }
  e <- rewrite_arguments(e, context)
  if (is.call(head) && !is_namespace_call(head)) {
    inner <- rewrite(head, context)
    e[[1L]] <- if (
      is_function_literal(head)
    ) inner else call(".admle_masked", inner)
  }
  e
}

is_namespace_call <- function(e) {
  is.symbol(e[[1L]]) && as.character(e[[1L]]) %in% c("::", ":::")
}
is_function_literal <- function(e) {
  while (is.call(e) && identical(e[[1L]], quote(`(`))) e <- e[[2L]]
  is.call(e) && identical(e[[1L]], quote(`function`))
}

rewrite_arguments <- function(e, context, from = 2L) {
  for (k in seq_along(e)) {
    if (k >= from && is.call(e[[k]])) e[[k]] <- rewrite(e[[k]], context)
  }
  e
}

leave_alone <- function(e, context) e

rewrite_for <- function(e, context) {
  written <- e
  counter <- as.character(e[[2L]])
  counts <- always_plain(e[[3L]], context)
  e[3L] <- list(rewrite(e[[3L]], context))
  if (!counts) e[[3L]] <- call(".admle_elements", e[[3L]])
  outside <- context
  context$plain <- setdiff(context$plain, counter)
  if (counts && !counter %in% context$assigned) {
    context$plain <- c(context$plain, counter)
  }
  if (is.call(e[[4L]])) e[[4L]] <- rewrite_statement(e[[4L]], context)
  if (is_scannable(written, outside)) scanned_loop(e, written, outside) else e
}

rewrite_function <- function(e, context) {
  inner <- function_context(e[[2L]], e[[3L]], context)
  formal <- e[[2L]]
  for (k in seq_along(formal)) {
    if (is.call(formal[[k]])) formal[[k]] <- rewrite(formal[[k]], inner)
  }
  code <- if (is.call(e[[3L]])) rewrite(e[[3L]], inner) else e[[3L]]
  as.call(list(e[[1L]], formal, code))
}

# x[i]: the index arguments are wrapped, unless they cannot be traced.
rewrite_index <- function(e, context) {
  if (!is.null(context$loop)) {
    return(rewrite_step_index(e, context))
  }
  e[[2L]] <- rewrite(e[[2L]], context)
  rewrite_subscripts(e, context)
}

rewrite_subscripts <- function(e, context) {
  labels <- names(e)
  for (k in seq_along(e)[-(1:2)]) {
    if (identical(e[[k]], quote(expr = ))) next
    if (!is.null(labels) && labels[[k]] %in% c("drop", "exact")) next
    plain <- always_plain(e[[k]], context)
    e[k] <- list(rewrite(e[[k]], context))
    if (!plain) e[[k]] <- call(".admle_index", e[[k]])
  }
  e
}

rewrite_switch <- function(e, context) {
  e <- rewrite_arguments(e, context)
  if (length(e) > 1L) e[[2L]] <- call(".admle_index", e[[2L]])
  e
}

# if (x), while (x) on a value that is no comparison.
rewrite_condition <- function(e, context) {
  bare <- is.symbol(e[[2L]]) || (
    is.call(e[[2L]]) && identical(e[[2L]][[1L]], quote(`[`))
  )
  written <- e[[2L]]
  e <- rewrite_arguments(e, context)
  if (bare) e[[2L]] <- call(".admle_condition", e[[2L]])
  if (!is.null(trace_session$branches)) {
    lazy <- switch(function_name(written), "||" = TRUE, "&&" = FALSE, NA)
    e[[2L]] <- call(".admle_branch", e[[2L]], call_text(written), lazy)
  }
  e
}

rewrite_assign <- function(e, context) {
  target <- e[[2L]]
  if (is.call(target) && is.symbol(target[[2L]]) &&
      as.character(target[[2L]]) %in% context$loop$filled) {
    return(rewrite_step_assign(e, context))
  }
  if (is.call(e[[3L]])) e[[3L]] <- rewrite(e[[3L]], context)
  if (!is.call(target)) {
    return(e)
  }
  e[[2L]] <- rewrite_target(target, context)
  operator <- as.character(e[[1L]])
  indexed <- is.symbol(
    target[[1L]]
  ) && as.character(target[[1L]]) %in% c("[", "[[")
  if (indexed) {
    lift <- if (operator == "<<-") ".admle_lift_super" else ".admle_lift"
    e[[3L]] <- call(lift, e[[3L]], target[[2L]], as.character(target[[1L]]))
  }
  e
}

# Only the indices inside a target are rewritten: it must stay a target.
rewrite_target <- function(e, context) {
  if (!is.call(e)) {
    return(e)
  }
  name <- if (is.symbol(e[[1L]])) as.character(e[[1L]]) else ""
  if (name %in% c("[", "[[")) {
    inner <- rewrite_target(e[[2L]], context)
    e <- rewrite_subscripts(e, context)
    e[[2L]] <- inner
    return(e)
  }
  if (length(e) > 1L) e[[2L]] <- rewrite_target(e[[2L]], context)
  if (name %in% c("$", "@")) e else rewrite_arguments(e, context, 3L)
}

# UseMethod("f"), UseMethod("f", x) -> UseMethod("f", .admle_class_of(x))
rewrite_dispatch <- function(e, context) {
  if (length(e) < 2L) {
    return(e)
  }
  object <- if (length(e) > 2L) rewrite(e[[3L]], context) else
    if (identical(context$first, "...")) quote(..1) else
      if (length(context$first)) as.name(context$first)
  if (!is.null(object)) e[[3L]] <- call(".admle_class_of", object)
  e
}

rewriters <- list(
  "for" = rewrite_for, "function" = rewrite_function,
  "[" = rewrite_index, "[[" = rewrite_index, "switch" = rewrite_switch,
  "UseMethod" = rewrite_dispatch,
  "if" = rewrite_condition, "while" = rewrite_condition,
  "<-" = rewrite_assign, "=" = rewrite_assign, "<<-" = rewrite_assign,
  "quote" = leave_alone, "bquote" = leave_alone, "substitute" = leave_alone,
  "expression" = leave_alone, "~" = leave_alone, "::" = leave_alone,
  ":::" = leave_alone,
  "$" = function(e, context) {
    e[[2L]] <- rewrite(e[[2L]], context)
    e
  }
)

plain_functions <- c(
  ":", "seq_len", "seq_along", "which", "length", "nrow", "ncol", "order"
)

# Expressions that give plain values whatever the parameters are.
always_plain <- function(e, context) {
  if (is.numeric(e) || is.character(e) || is.logical(e)) {
    return(TRUE)
  }
  if (is.symbol(e)) {
    return(as.character(e) %in% context$plain)
  }
  if (!is.call(e) || !is.symbol(e[[1L]])) {
    return(FALSE)
  }
  name <- as.character(e[[1L]])
  if (name %in% context$locals) {
    return(FALSE)
  }
  if (name %in% plain_functions) {
    return(TRUE)
  }
  name %in% c("+", "-", "*", "%%", "%/%", "(") &&
    all(vapply(as.list(e)[-1L], always_plain, NA, context = context))
}

# Names bound inside a function, and those bound to a function literal only.
function_context <- function(formal, body, outer = NULL) {
  found <- assigned_names(body)
  bound <- found$name[!found$literal]
  callable <- unique(c(names(formal), bound))
  literal_only <- setdiff(found$name[found$literal], callable)
  list(
    locals = unique(c(callable, setdiff(outer$locals, literal_only))),
    first = utils::head(names(formal), 1L),
    assigned = unique(c(names(formal), found$name, outer$assigned)),
    hidden = outer$hidden,
    f = outer$f,
    words = setdiff(outer$words, found$name),
    plain = setdiff(outer$plain, c(names(formal), found$name))
  )
}

assigned_names <- function(e) {
  name <- character()
  literal <- logical()
  visit <- function(e) {
    if (missing(e) || !is.call(e)) {
      return()
    }
    head <- e[[1L]]
    if (is.symbol(head)) {
      operator <- as.character(head)
      if (operator %in% c("<-", "=", "<<-") && length(e) == 3L) {
        target <- e[[2L]]
        whole <- !is.call(target)
        while (is.call(target) && length(target) > 1L) target <- target[[2L]]
        if (is.symbol(target) || is.character(target)) {
          name <<- c(name, as.character(target))
          literal <<- c(literal, whole && is_function_literal(e[[3L]]))
        }
      } else if (operator == "for") {
        # the counter itself is looked at where the loop is rewritten
      } else if (operator == "assign" && length(e) > 1L &&
          is.character(e[[2L]])) {
        name <<- c(name, e[[2L]])
        literal <<- c(literal, FALSE)
      } else if (operator == "quote") {
        return()
      }
    }
    for (k in seq_along(e)) if (is.call(e[[k]])) visit(e[[k]])
  }
  visit(e)
  list(name = name, literal = literal)
}

# The user's own code of a rewritten call.
unwrap <- function(e) {
  if (missing(e)) {
    return(e)
  }
  if (is.symbol(e)) {
    name <- as.character(e)
    if (startsWith(name, hidden_prefix)) {
      return(as.name(substring(name, nchar(hidden_prefix) + 1L)))
    }
    return(e)
  }
  if (!is.call(e)) {
    plain <- is.language(e) || is.atomic(e) || is.pairlist(e)
    return(if (plain) e else quote(...))
  }
  head <- if (is.symbol(e[[1L]])) as.character(e[[1L]]) else ""
  if (head %in% wrapper_names && length(e) > 1L) {
    return(unwrap(e[[2L]]))
  }
  # R's own form of x[i] <- v knows neither x nor the expression of v.
  if (endsWith(head, "<-") && length(e) > 2L &&
      identical(e[[2L]], quote(`*tmp*`))) {
    e[[1L]] <- as.name(sub("<-$", "", head))
    e[[2L]] <- quote(...)
    e[[length(e)]] <- NULL
    return(call("<-", unwrap(e), quote(...)))
  }
  for (k in seq_along(e)) {
    if (!identical(e[[k]], quote(expr = )) && !is.null(e[[k]])) {
      e[[k]] <- unwrap(e[[k]])
    }
  }
  e
}
