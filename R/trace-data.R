# Recordings for other data: a recording with leaves (trace-leaves.R), where its
# numbers come from, and whether new data can take their place. What the
# function computes of data alone R computes, as it would in a fresh recording.
# The rule is in design/0022.
#' @include trace-reads.R
#' @include trace-leaves.R
#' @include trace-closures.R
NULL

# More numbers than this are not copied into a recording again and again.
most_leaf_numbers <- 2e5

# How many the function finds by name.
count_leaf_numbers <- function(f) {
  values <- lapply(all.names(body(f), unique = TRUE), function(name) {
    if (nzchar(name)) get0(name, envir = environment(f))
  })
  numbers <- vapply(values, function(x) {
    if (is.data.frame(x)) length(x) * nrow(x) else if (is.numeric(x))
      length(x) else 0L
  }, 1)
  sum(numbers)
}

# Calls that are not taken out of a function: they say shapes, or are no values.
kept_in_place <- c(
  "{", "(", "if", "for", "while", "repeat", "break", "next", "return",
  "function", "<-", "=", "$", "[[", "missing", "stop", "warning", "length",
  "nrow", "ncol", "NROW", "NCOL", "dim", "seq_along", "names", "dimnames",
  "rownames", "colnames", "nlevels", "levels", "is.null", "is.numeric",
  "is.matrix", "is.vector", "is.list", "is.function", "is.logical", "list",
  "apply", "sapply", "lapply", "vapply", "mapply", "Map", "Reduce", "Filter",
  "do.call", "match.fun", "tapply", "outer"
)

# `f` with what it computes of data alone under names of their own. All that it
# calls has been read by collect_reads().
# -> list(f, parts: the expressions by name)
take_out_data <- function(f) {
  where <- environment(f)
  own <- local_names(f)
  parts <- list()
  is_data <- function(name) {
    if (name %in% own) {
      return(FALSE)
    }
    value <- get0(name, envir = where)
    is.null(value) || !is.function(value) && is_plain_data_(value)
  }
  of_data <- function(e) {
    if (is.symbol(e)) {
      return(nzchar(as.character(e)) && is_data(as.character(e)))
    }
    if (!is.call(e)) {
      return(is.atomic(e))
    }
    head <- e[[1L]]
    if (!is.symbol(head) || as.character(head) %in% c(own, control_words)) {
      return(FALSE)
    }
    called <- get0(as.character(head), envir = where, mode = "function")
    is.function(called) && (is_pure(called) || is_user_function(called)) &&
      all(vapply(as.list(e)[-1L], of_data, NA))
  }
  visit <- function(e) {
    if (!is.call(e)) {
      return(e)
    }
    head <- if (is.symbol(e[[1L]])) as.character(e[[1L]]) else ""
    if (!head %in% kept_in_place && of_data(e) &&
          any(vapply(all.vars(e), function(name) {
            value <- get0(name, envir = where)
            is.list(value) || has_rows(value)
          }, NA))) {
      name <- paste0(part_prefix, length(parts) + 1L)
      parts[[name]] <<- e
      return(as.name(name))
    }
    for (k in seq_along(e)) {
      if (is.call(e[[k]])) e[[k]] <- visit(e[[k]])
    }
    e
  }
  body(f) <- visit(body(f))
  environment(f) <- where
  list(f = f, parts = parts)
}

control_words <- c("function", "<-", "=", "<<-", "for", "while", "repeat",
                   "missing", "stop", "warning", "return", "break", "next")

# Arguments of a function and of those within it, and what is assigned to.
local_names <- function(f) {
  found <- names(formals(f))
  visit <- function(e) {
    if (!is.call(e)) {
      return()
    }
    head <- if (is.symbol(e[[1L]])) as.character(e[[1L]]) else ""
    if (head %in% c("<-", "=", "<<-", "for")) {
      target <- e[[2L]]
      while (is.call(target) && length(target) > 1L) target <- target[[2L]]
      found <<- c(found, as.character(target))
    }
    if (head == "function") found <<- c(found, names(e[[2L]]))
    for (part in as.list(e)) if (is.call(part)) visit(part)
  }
  visit(body(f))
  unique(found)
}

# The values of the parts, or NULL where one cannot be computed quietly.
data_parts <- function(parts, where) {
  tryCatch(lapply(parts, eval, envir = where), error = function(e) NULL,
           warning = function(w) NULL)
}

# Where the numbers of a recording with leaves come from. `f`: the function in
# the environment that its data are found in; `taken`: without what was taken
# out of it, whose values are `values`; `order`: the addresses of the leaves.
# -> list(places, fixed), or NULL where that cannot be told:
#   places: for each leaf those where it is found, each list(name, where,
#     column, part); `where` is NULL for the function's own environment
#   fixed: list(name, where, mode, value), what has to be the same
data_sources <- function(f, reads, taken, values, order) {
  sources <- new.env()
  sources$own <- environment(f)
  sources$order <- order
  sources$places <- vector("list", length(order))
  sources$mentioned <- mentioned_names(taken, reads, sources$own)
  told <- vapply(seq_along(reads$symbols), function(i) {
    read <- list(name = as.character(reads$symbols[[i]]),
                 where = reads$environments[[i]], mode = reads$modes[[i]])
    tell_read(sources, read, reads$values[[i]])
  }, NA)
  told_parts <- vapply(names(values), function(name) {
    tell_value(sources, list(name = name, where = NULL, part = TRUE), "part",
               values[[name]])
  }, NA)
  if (all(told, told_parts)) list(places = sources$places,
                                  fixed = sources$fixed)
}

# Names in the code and in that of helpers in the same environment.
mentioned_names <- function(f, reads, own) {
  helpers <- Filter(function(value) {
    typeof(value) == "closure" && identical(environment(value), own)
  }, reads$values)
  unlist(lapply(c(f, helpers), function(f) {
    c(all.names(body(f)), unlist(lapply(formals(f), all.names)))
  }))
}

tell_read <- function(sources, read, value) {
  at_home <- identical(read$where, sources$own)
  if (!at_home && !is_top_level(read$where) && !is_method_table(read$where)) {
    return(FALSE)
  }
  place <- list(name = read$name, where = if (!at_home) read$where)
  if (read$mode != read_modes[["variable"]]) {
    return(tell_fixed(sources, place, read$mode, value))
  }
  # Only what was taken out reads it.
  if (at_home && has_rows(value) && !read$name %in% sources$mentioned) {
    return(TRUE)
  }
  if (!is.data.frame(value)) {
    return(tell_value(sources, place, read$mode, value))
  }
  kept <- !vapply(seq_along(value), function(k) {
    tell_place(sources, c(place, list(column = k)), value[[k]])
  }, NA)
  tell_fixed(sources, place, "frame", list(
    rest = unclass(value)[kept], kept = kept, attributes = attributes(value)
  ))
}

tell_value <- function(sources, place, mode, value) {
  tell_place(sources, place, value) ||
    tell_fixed(sources, place, mode, value)
}

# Whether the value is a leaf, of which another place is noted.
tell_place <- function(sources, place, value) {
  at <- match(function_key(value), sources$order)
  if (!is.numeric(value) || !is_leaf(place$name, value) || is.na(at)) {
    return(FALSE)
  }
  sources$places[[at]] <- c(sources$places[[at]], list(place))
  TRUE
}

tell_fixed <- function(sources, place, mode, value) {
  kept <- frozen(value, sources$own)
  if (is.null(kept)) {
    return(FALSE)
  }
  sources$fixed <- c(sources$fixed,
                     list(c(place, list(mode = mode, value = kept))))
  TRUE
}

# Where methods are registered.
is_method_table <- function(where) {
  tables <- lapply(c("base", "stats", "utils"), function(package) {
    asNamespace(package)[[".__S3MethodsTable__."]]
  })
  any(vapply(tables, identical, NA, where))
}

# What a value is compared with later, in a list: a copy of data, against code
# that writes by reference; of a function at home its code. NULL: not kept.
frozen <- function(value, own) {
  if (typeof(value) == "closure") {
    where <- environment(value)
    if (identical(where, own)) {
      return(list(code = list(formals(value), body(value), attributes(value))))
    }
    return(if (is_top_level(where)) list(same = value))
  }
  if (is.function(value) || is.null(value)) {
    return(list(same = value))
  }
  if (is.environment(value) || utils::object.size(value) > 1e5) {
    return(NULL)
  }
  list(same = unserialize(serialize(value, NULL)))
}

is_frozen <- function(value, kept, own) {
  if (is.null(kept$code)) {
    return(identical(value, kept$same))
  }
  typeof(value) == "closure" && identical(environment(value), own) &&
    identical(list(formals(value), body(value), attributes(value)), kept$code)
}

# What data are like that may take each other's places: no missing values, the
# same attributes, whole numbers for whole numbers.
leaf_form <- function(x) {
  list(typeof(x), length(x), attributes(x),
       is.integer(x) || all(x == floor(x), na.rm = TRUE), all(is.finite(x)))
}

# The numbers of the leaves as the function in its environment would find them
# now, or NULL where anything else that it reads has changed.
rebound_leaves <- function(f, template) {
  own <- environment(f)
  parts <- data_parts(template$parts, own)
  if (length(parts) != length(template$parts)) {
    return(NULL)
  }
  for (kept in template$fixed) {
    if (!holds_still(kept, own, parts)) {
      return(NULL)
    }
  }
  leaves <- vector("list", length(template$places))
  for (i in seq_along(leaves)) {
    numbers <- leaf_now(template$places[[i]], template$forms[[i]], own, parts)
    if (is.null(numbers)) {
      return(NULL)
    }
    leaves[[i]] <- numbers
  }
  leaves
}

# Zeros for a leaf that nothing depends on, which has no places.
leaf_now <- function(places, form, own, parts) {
  if (length(places) == 0L) {
    return(numeric(form[[2L]]))
  }
  found <- lapply(places, value_at_place, own, parts)
  x <- found[[1L]]
  same <- all(vapply(found, function(other) {
    identical(function_key(other), function_key(x))
  }, NA))
  if (same && is.numeric(x) && is_leaf(places[[1L]]$name, x) &&
        identical(leaf_form(x), form)) {
    as.numeric(x)
  }
}

value_at_place <- function(place, own, parts) {
  if (isTRUE(place$part)) {
    return(parts[[place$name]])
  }
  where <- if (is.null(place$where)) own else place$where
  value <- found_value(place$name, where)$value
  if (is.null(place$column)) {
    return(value)
  }
  if (is.data.frame(value) && place$column <= length(value)) {
    value[[place$column]]
  }
}

holds_still <- function(kept, own, parts) {
  if (identical(kept$mode, "part")) {
    return(is_frozen(parts[[kept$name]], kept$value, own))
  }
  where <- if (is.null(kept$where)) own else kept$where
  if (identical(kept$mode, "frame")) {
    value <- found_value(kept$name, where)$value
    return(is.data.frame(value) &&
             identical(attributes(value), kept$value$same$attributes) &&
             identical(unclass(value)[kept$value$same$kept],
                       kept$value$same$rest))
  }
  wanted <- abs(kept$mode)
  value <- if (wanted == read_modes[["variable"]]) {
    found_value(kept$name, where)
  } else {
    found <- get0(kept$name, envir = where,
                  mode = if (wanted == 2L) "function" else "any",
                  inherits = wanted != 3L)
    list(value = found, found = !is.null(found))
  }
  if (kept$mode < 0L) !value$found else
    value$found && is_frozen(value$value, kept$value, own)
}
