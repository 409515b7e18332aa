# Loops that become one node. A `for` of enough steps is rewritten to
#   for (t in .admle_first(x, plan)) <body>
#   if (.admle_loop(plan)) for (t in .admle_rest(plan)) <body>
# The first two steps are recorded as they are. Then one step is recorded on
# unknowns in place of the counter and of what the loop assigns, and the engine
# makes a scan of it (src/trace/loop.h). Where that fails, for whatever reason,
# the variables are what they were, and the rest is recorded in full.
#' @include trace-rewrite.R
NULL

least_steps <- 64L
most_elements <- 1024L
most_selected <- 32L

# Leave the loop, or say what only a whole evaluation can do.
not_in_loops <- c(
  "break", "next", "return", "repeat", "<<-", "on.exit", "..."
)

is_scannable <- function(e, context) {
  is.call(e[[4L]]) && !is.null(context$f) && is.null(context$loop) &&
    !any(not_in_loops %in% all.names(e[[4L]]))
}

# `written`, the loop as the user wrote it; `e`, rewritten.
scanned_loop <- function(e, written, context) {
  plan <- new.env(parent = emptyenv())
  trace_session$loop_count <- c(trace_session$loop_count, 0L)[[1L]] + 1L
  plan$rest <- paste0(".admle_rest_", trace_session$loop_count)
  plan$counter <- as.character(written[[2L]])
  plan$body <- written[[4L]]
  plan$text <- sprintf(
    "for (%s in %s)", plan$counter, call_text(written[[3L]])
  )
  plan$context <- context
  first <- rest <- e
  first[[3L]] <- call(".admle_first", e[[3L]], plan)
  rest[[3L]] <- call(".admle_rest", plan)
  call("{", first, call("if", call(".admle_loop", plan), rest))
}

# The wrappers of rewritten code, in addition to those in trace-mask.R.
loop_wrappers <- list(
  .admle_first = function(x, plan) {
    scanned <- is.numeric(x) && !is.object(x) && length(x) >= least_steps &&
      is.null(trace_session$looping) && loops_are_scanned() &&
      !isFALSE(getOption("admle.loops"))
    assign(plan$rest, if (scanned) x, envir = parent.frame())
    if (scanned) x[1:2] else x
  },
  .admle_loop = function(plan) {
    frame <- parent.frame()
    x <- frame[[plan$rest]]
    if (is.null(x)) {
      return(FALSE)
    }
    rest <- x[-(1:2)]
    reason <- scan_loop(plan, rest, frame)
    if (identical(getOption("admle.loops"), "explain")) {
      message(loop_text(plan, length(x), reason))
    }
    assign(plan$rest, if (!is.null(reason)) rest, envir = frame)
    !is.null(reason)
  },
  .admle_rest = function(plan) parent.frame()[[plan$rest]],
  .admle_at = function(operator, x, ...) {
    at_step(operator, x, index_arguments(substitute(list(...)), parent.frame()))
  },
  .admle_read = function(operator, name, ...) {
    read_step(operator, name, parent.frame(),
              index_arguments(substitute(list(...)), parent.frame()))
  },
  .admle_write = function(operator, name, value, ...) {
    write_step(operator, name, value, parent.frame(),
               index_arguments(substitute(list(...)), parent.frame()))
  }
)

loop_text <- function(plan, steps, reason) {
  paste0(
    sprintf("`%s`: %s steps are recorded ", plan$text, grouped_digits(steps)),
    if (is.null(reason)) "as one." else sprintf("one by one, since %s.", reason)
  )
}

# The arguments of x[...], evaluated; those left out stay so.
index_arguments <- function(e, frame) {
  lapply(as.list(e)[-1L], function(i) {
    if (identical(i, quote(expr = ))) i else eval(i, frame)
  })
}

# In the code of a step: x[i, j] and x[i, j] <- v of the loop's own text.
rewrite_step_index <- function(e, context) {
  arguments <- lapply(as.list(e)[-(1:2)], function(i) {
    if (is.call(i)) rewrite(i, context) else i
  })
  x <- e[[2L]]
  if (is.symbol(x) && as.character(x) %in% context$loop$filled) {
    return(as.call(c(quote(.admle_read), as.character(e[[1L]]),
                     as.character(x), arguments)))
  }
  as.call(c(quote(.admle_at), as.character(e[[1L]]), rewrite(x, context),
            arguments))
}

rewrite_step_assign <- function(e, context) {
  target <- e[[2L]]
  arguments <- lapply(as.list(target)[-(1:2)], function(i) {
    if (is.call(i)) rewrite(i, context) else i
  })
  as.call(c(quote(.admle_write), as.character(target[[1L]]),
            as.character(target[[2L]]), rewrite(e[[3L]], context), arguments))
}

# The code of a step, what it assigns, and the vectors that it fills: those
# assigned by elements at a subscript that changes with the step.
step_of <- function(plan) {
  if (is.null(plan$step)) {
    found <- loop_targets(plan$body, plan$counter)
    context <- plan$context
    context$loop <- list(filled = found$filled)
    context$plain <- character()
    step <- found
    step$code <- rewrite(plan$body, context)
    plan$step <- step
  }
  plan$step
}

loop_targets <- function(body, counter) {
  assigned <- unique(assigned_names(body)$name)
  moving <- c(counter, assigned)
  filled <- whole <- character()
  visit <- function(e) {
    if (!is.call(e)) {
      return()
    }
    name <- function_name(e)
    if (name %in% c("<-", "=") && length(e) == 3L) {
      target <- e[[2L]]
      x <- if (is.call(target)) target[[2L]]
      element <- is.symbol(x) && function_name(target) %in% c("[", "[[") &&
        any(all.names(as.call(as.list(target)[-2L])) %in% moving)
      if (element) {
        filled <<- c(filled, as.character(x))
      } else {
        while (is.call(target) && length(target) > 1L) target <- target[[2L]]
        whole <<- c(whole, as.character(target))
      }
    }
    for (part in as.list(e)) if (!missing(part)) visit(part)
  }
  visit(body)
  list(assigned = setdiff(assigned, filled), filled = unique(filled),
       both = intersect(filled, whole), again = counter %in% assigned)
}

# Why the loop over `x` is no scan; NULL where it is one, whose results are then
# in `frame`.
scan_loop <- function(plan, x, frame) {
  step <- step_of(plan)
  if (step$again) {
    return("it assigns its counter")
  }
  if (!is_pure_loop(plan, frame)) {
    return("a function that it calls may read or change what is elsewhere")
  }
  kept <- mget(c("failure", "caught", "warned", "branches", "looping"),
               envir = trace_session, ifnotfound = list(NULL))
  on.exit(list2env(kept, envir = trace_session))
  names <- c(step$assigned, step$filled, plan$counter)
  before <- bindings(names, frame)
  reason <- tryCatch(
    withCallingHandlers(
      record_step(plan, step, x, frame, before),
      warning = function(w) no_scan(conditionMessage(w))
    ),
    error = function(e) first_line(conditionMessage(e))
  )
  if (!is.null(reason)) {
    if (!is.null(trace_session$looping$pointer)) {
      loop_abandon(trace_session$looping$pointer)
    }
    restore_bindings(before, names, frame)
  }
  reason
}

no_scan <- function(reason) stop(reason, call. = FALSE)

bindings <- function(names, frame) {
  names <- names[vapply(names, exists, NA, envir = frame, inherits = FALSE)]
  mget(names, envir = frame)
}

restore_bindings <- function(before, names, frame) {
  gone <- setdiff(names[vapply(names, exists, NA, envir = frame,
                               inherits = FALSE)], names(before))
  rm(list = gone, envir = frame)
  list2env(before, envir = frame)
}

# All code that a step can reach is on the positive list of trace-pure.R: that
# of the loop or, where that calls functions made inside of the function, all of
# the function; and that of functions that are its arguments.
is_pure_loop <- function(plan, frame) {
  f <- plan$context$f
  given <- list()
  local <- character()
  words <- unique(all.names(body(f)))
  while (!exists(".admle_mask", envir = frame, inherits = FALSE)) {
    for (name in intersect(words, ls(frame, all.names = TRUE))) {
      value <- get0(name, envir = frame, mode = "function", inherits = FALSE)
      if (is.null(value)) next
      local <- c(local, name)
      if (!is_under_mask(value)) given <- c(given, value)
    }
    frame <- parent.env(frame)
  }
  if (!any(local %in% all.names(plan$body))) {
    f <- as_closure(formals(f), plan$body, environment(f))
  }
  !is.null(collect_reads(f, given, local))
}

record_step <- function(plan, step, x, frame, before) {
  loop <- new.env(parent = emptyenv())
  loop$pointer <- loop_begin(length(x))
  trace_session$looping <- loop
  trace_session$branches <- NULL
  trace_session$inside$any <- TRUE
  assign(plan$counter, loop_row(
    loop$pointer, as.double(x), seq_along(x), NULL, NULL, kind_of_numbers(x),
    TRUE
  ), envir = frame)
  step <- with_small_vectors(step, before)
  loop$filled <- lapply(before[step$filled], filled_vector, loop = loop)
  if (!all(step$filled %in% names(loop$filled))) no_scan("it fills no vector")
  states <- list()
  for (name in step$assigned) {
    state <- if (name %in% names(before)) state_of(before[[name]], loop)
    if (is.null(state)) {
      poison(name, frame)
    } else {
      states[[name]] <- state
      assign(name, state, envir = frame)
    }
  }
  for (name in step$filled) poison(name, frame)
  eval(step$code, frame)
  finish_step(plan, step, loop, states, x, frame, before)
}

# A few numbers, elements of which are taken and assigned at a place that
# changes, are carried as a whole.
with_small_vectors <- function(step, before) {
  small <- vapply(step$filled, function(name) {
    is_numbers(before[[name]]) && length(before[[name]]) <= most_selected
  }, NA)
  step$assigned <- c(step$assigned, step$filled[small])
  step$filled <- step$filled[!small]
  both <- intersect(step$filled, step$both)
  if (length(both)) {
    no_scan(sprintf("it assigns both `%s` and elements of it", both[[1L]]))
  }
  step
}

# A value that is carried from step to step: numbers, or a list of those.
state_of <- function(value, loop) {
  if (is_numbers(value)) {
    if (length(value) > most_elements) no_scan("it assigns a long vector")
    return(loop_state(loop$pointer, value))
  }
  if (!is.list(value) || is.object(value) || length(value) == 0L) {
    return(NULL)
  }
  parts <- lapply(value, state_of, loop = loop)
  if (!any(vapply(parts, is.null, NA))) parts
}

is_numbers <- function(x) {
  length(x) > 0L && (is_traced(x) || (is.numeric(x) && !is.object(x)))
}

# Reading it before the step has assigned it is an error.
poison <- function(name, frame) {
  force(name)
  delayedAssign(
    name, no_scan(sprintf(
      "it uses `%s` in another way than by elements", name
    )), assign.env = frame
  )
}

filled_vector <- function(x, loop) {
  if (!is_numbers(x)) no_scan("it fills a list, or nothing of a known length")
  list(number = loop_filled(loop$pointer, x), dim = dim(x),
       length = length(x), dimnames = dimnames(x))
}

finish_step <- function(plan, step, loop, states, x, frame, before) {
  now <- lapply(stats::setNames(nm = step$assigned), function(name) {
    tryCatch(get(name, envir = frame, inherits = FALSE),
             error = function(e) NULL)
  })
  for (name in names(states)) {
    check_same_shape(states[[name]], now[[name]], name)
  }
  others <- now[setdiff(names(Filter(Negate(is.null), now)), names(states))]
  leaves <- leaves_of_list(others)
  moving <- vapply(leaves, loop_depends, NA, loop = loop$pointer)
  carried <- leaves_of_list(now[names(states)])
  found <- loop_finish(
    loop$pointer, carried, before[step$filled], leaves[moving]
  )
  if (is.character(found)) no_scan(found)
  values <- c(
    replace_leaves(now[names(states)], found$states,
                   rep(TRUE, length(carried))),
    replace_leaves(others, found$others, moving),
    stats::setNames(found$filled, step$filled),
    stats::setNames(list(x[[length(x)]]), plan$counter)
  )
  unassigned <- setdiff(step$assigned, names(values))
  restore_bindings(before[intersect(unassigned, names(before))], unassigned,
                   frame)
  list2env(values, envir = frame)
  NULL
}

check_same_shape <- function(old, new, name) {
  same <- if (is_numbers(old)) {
    is_numbers(new) && length(old) == length(new) &&
      identical(dim(old), dim(new)) && identical(names(old), names(new)) &&
      identical(dimnames(old), dimnames(new))
  } else {
    is.list(new) && !is_traced(new) && identical(names(old), names(new)) &&
      length(old) == length(new)
  }
  if (!same) no_scan(sprintf("the shape of `%s` changes", name))
  if (!is_numbers(old)) {
    for (k in seq_along(old)) check_same_shape(old[[k]], new[[k]], name)
  }
}

leaves_of_list <- function(x) {
  if (is.list(x) && !is_traced(x)) {
    return(unlist(lapply(unname(x), leaves_of_list), recursive = FALSE))
  }
  if (is_numbers(x)) list(x) else list()
}

# The leaves that are `wanted`, one after the other, by `values`.
replace_leaves <- function(x, values, wanted) {
  leaf <- k <- 0L
  visit <- function(x) {
    if (is.list(x) && !is_traced(x)) {
      x[] <- lapply(x, visit)
      return(x)
    }
    if (!is_numbers(x)) {
      return(x)
    }
    leaf <<- leaf + 1L
    if (!wanted[[leaf]]) {
      return(x)
    }
    k <<- k + 1L
    values[[k]]
  }
  visit(x)
}
