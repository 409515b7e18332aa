# Which names a function and its helpers mention, and what they are: what has
# to be the same for a recording to be used again. Code that may read anything
# else is not followed: the answer is NULL, "unknown".
#' @include trace-pure.R
NULL

# -> list(symbols, environments, values, modes), or NULL; what is done with them
# is in trace/remembered-entry.cpp of src.
# `given`: the arguments, which may be functions; `local`, where only
# the code matters: names that mean functions of its own, or its arguments.
collect_reads <- function(f, given = list(), local = NULL) {
  reads <- new.env()
  reads$local <- local
  reads$found <- list()
  reads$visited <- new.env()
  reads$seen <- new.env()
  reads$takes_names <- reads$makes_text <- FALSE
  known <- tryCatch({
    read_function(f, reads)
    for (value in given) {
      if (is.function(value)) {
        read_callable(value, reads)
      } else if (!is_plain_data_(value)) {
        not_known()
      } else {
        read_text(value, list(where = environment(f), locals = NULL), reads)
      }
    }
    if (reads$takes_names && reads$makes_text) not_known()
    TRUE
  }, admle_unknown = function(e) FALSE)
  if (!known) {
    return(NULL)
  }
  part <- function(name) lapply(reads$found, `[[`, name)
  list(
    symbols = part("symbol"), environments = part("where"),
    values = part("value"), modes = as.integer(unlist(part("mode")))
  )
}

not_known <- function() {
  stop(structure(
    class = c("admle_unknown", "error", "condition"),
    list(message = "unknown", call = NULL)
  ))
}

read_modes <- c(variable = 1L, "function" = 2L, element = 3L)

# Notes what a name is, or that it is nothing.
note_read <- function(reads, name, where, mode, value, found) {
  symbol <- as.name(name)
  key <- paste(mode, env_key(where), name)
  if (isTRUE(reads$seen[[key]])) {
    return(FALSE)
  }
  assign(key, TRUE, envir = reads$seen)
  reads$found[[length(reads$found) + 1L]] <- list(
    symbol = symbol, where = where, value = value,
    mode = if (found) read_modes[[mode]] else -read_modes[[mode]]
  )
  TRUE
}
env_key <- function(where) function_key(where)

# Code of the user's, or of a contributed package.
read_function <- function(f, reads) {
  key <- function_key(f)
  if (isTRUE(reads$visited[[key]])) {
    return()
  }
  assign(key, TRUE, envir = reads$visited)
  if (inherits(f, "admle_operator")) {
    read_callable(get("f", envir = environment(f)), reads)
    return()
  }
  where <- environment(f)
  scope <- list(where = where, locals = names(formals(f)))
  read_defaults(formals(f), scope, reads)
  read_code(body(f), scope, reads)
}

read_defaults <- function(formal, scope, reads) {
  for (k in seq_along(formal)) {
    if (!identical(formal[[k]], quote(expr = ))) {
      read_code(formal[[k]], scope, reads)
    }
  }
}

read_callable <- function(f, reads) {
  if (is_pure(f)) {
    return()
  }
  own <- inherits(f, "admle_operator")
  followed <- typeof(f) == "closure" && !isS4(f) &&
    (own || is.null(attr(f, "class")))
  if (!followed) not_known()
  where <- environment(f)
  listed <- isNamespace(where) &&
    unname(getNamespaceName(where)) %in% packages_with_masks
  if (!own && (listed || identical(where, baseenv()))) not_known()
  read_function(f, reads)
}

# -> the scope after the code: names that are certainly local from there on.
read_code <- function(e, scope, reads) {
  if (is.symbol(e)) {
    read_variable(as.character(e), scope, reads)
  } else if (is.character(e)) {
    read_text(e, scope, reads)
  } else if (is.call(e)) {
    return(read_call(e, scope, reads))
  } else if (is.language(e) || is.function(e)) {
    not_known()
  }
  scope
}

read_call <- function(e, scope, reads) {
  head <- e[[1L]]
  if (is.character(head)) not_known()
  if (is_namespace(e, scope)) {
    read_namespace(e, scope, reads)
    return(scope)
  }
  if (!is.symbol(head)) {
    read_code(head, scope, reads)
    return(read_arguments(e, scope, reads))
  }
  name <- as.character(head)
  f <- read_head(name, scope, reads)
  special <- if (is.function(f) && is_pure(f)) readers[[name]]
  if (is.null(special)) {
    read_arguments(e, scope, reads)
  } else {
    special(e, scope, reads)
  }
}

is_namespace <- function(head, scope) {
  is.call(head) && length(head) == 3L && is.symbol(head[[1L]]) &&
    as.character(head[[1L]]) %in% c("::", ":::") &&
    identical(get0(as.character(head[[1L]]), scope$where, mode = "function"),
              get(as.character(head[[1L]]), envir = baseenv()))
}

# package::name
read_namespace <- function(e, scope, reads) {
  read_head(as.character(e[[1L]]), scope, reads)
  value <- eval(e, baseenv())
  if (is.function(value)) {
    note_read(reads, as.character(e[[3L]]),
              asNamespace(as.character(e[[2L]])), "function", value, TRUE)
    read_callable(value, reads)
  } else if (is_plain_data_(value)) {
    read_text(value, scope, reads)
  } else {
    not_known()
  }
}

read_arguments <- function(e, scope, reads) {
  for (k in seq_along(e)[-1L]) {
    if (!identical(e[[k]], quote(expr = ))) read_code(e[[k]], scope, reads)
  }
  scope
}

# The function that a call names.
read_head <- function(name, scope, reads) {
  if (name %in% reads$local) {
    return(NULL)
  }
  f <- get0(name, envir = scope$where, mode = "function")
  first <- note_read(reads, name, scope$where, "function", f, !is.null(f))
  if (is.null(f)) {
    if (!name %in% c(scope$locals, "::", ":::")) not_known()
    return(NULL)
  }
  if (!first || name %in% c("::", ":::")) {
    return(f)
  }
  # A local function of this name is read where it is made, but a local number
  # does not hide this one.
  read_callable(f, reads)
  if (is_pure(f)) {
    reads$takes_names <- reads$takes_names || name %in% takes_names
    reads$makes_text <- reads$makes_text || name %in% makes_text
  }
  if (is_generic(f)) read_methods(name, f, scope, reads)
  f
}

# Methods that dispatch on plain numbers would find.
implicit_classes <- c("matrix", "array", "double", "integer", "numeric",
                      "logical", "function", "list", "data.frame", "factor",
                      "default", "traced")

is_generic <- function(f) {
  typeof(f) == "closure" && "UseMethod" %in% all.names(body(f))
}

read_methods <- function(name, f, scope, reads) {
  table <- get0(".__S3MethodsTable__.", envir = topenv(environment(f)),
                inherits = FALSE)
  for (method in paste(name, implicit_classes, sep = ".")) {
    value <- get0(method, envir = scope$where, mode = "function")
    note_read(reads, method, scope$where, "function", value, !is.null(value))
    if (is.environment(table)) {
      value <- get0(method, envir = table, inherits = FALSE)
      note_read(reads, method, table, "element", value, !is.null(value))
    }
  }
}

read_variable <- function(name, scope, reads) {
  if (name %in% scope$locals || !nzchar(name) || name == "...") {
    return()
  }
  value <- found_value(name, scope$where)
  first <- note_read(reads, name, scope$where, "variable", value$value,
                     value$found)
  if (!first || !value$found) {
    return()
  }
  x <- value$value
  if (is.function(x)) {
    note_read(reads, name, scope$where, "function", x, TRUE)
    read_callable(x, reads)
  } else if (!is_plain_data_(x)) {
    if (is.null(reads$local) || !stats::is.ts(x)) not_known()
  } else {
    read_classes(x, scope, reads)
    read_text(x, scope, reads)
  }
}

# Factors and data frames dispatch: a new method for them is a change.
read_classes <- function(x, scope, reads) {
  if (!is.object(x) && !is.list(x)) {
    return()
  }
  classed <- c(list(x), if (is.list(x)) unclass(x))
  for (class in unique(unlist(lapply(classed, oldClass)))) {
    for (generic in c("Ops", "Math", "Summary", "[", "[[", "$", "length",
                      "dim", "as.list", "levels", "as.vector", "as.numeric")) {
      method <- paste(generic, class, sep = ".")
      value <- get0(method, envir = scope$where, mode = "function")
      note_read(reads, method, scope$where, "function", value, !is.null(value))
    }
  }
}

# The value of a name that is neither an active binding nor an unforced promise.
found_value <- function(name, where) {
  while (!identical(where, emptyenv())) {
    if (exists(name, envir = where, inherits = FALSE)) {
      if (bindingIsActive(name, where)) not_known()
      return(list(value = get(name, envir = where, inherits = FALSE),
                  found = TRUE))
    }
    where <- parent.env(where)
  }
  list(value = NULL, found = FALSE)
}

# Text, also in a list, may name a function, as in sapply(x, "f").
read_text <- function(x, scope, reads) {
  if (is.list(x)) {
    for (element in unclass(x)) read_text(element, scope, reads)
  }
  if (!is.character(x)) {
    return()
  }
  text <- unique(x)
  if (length(text) > 100L) not_known()
  for (name in text) {
    if (is.na(name) || !nzchar(name)) next
    f <- get0(name, envir = scope$where, mode = "function")
    if (is.function(f)) read_head(name, scope, reads)
  }
}

# Calls whose arguments are not all values.
readers <- list(
  "{" = function(e, scope, reads) {
    inner <- scope
    for (k in seq_along(e)[-1L]) inner <- read_code(e[[k]], inner, reads)
    inner
  },
  "<-" = function(e, scope, reads) read_assignment(e, scope, reads),
  "=" = function(e, scope, reads) read_assignment(e, scope, reads),
  "for" = function(e, scope, reads) {
    read_code(e[[3L]], scope, reads)
    inner <- scope
    inner$locals <- c(inner$locals, as.character(e[[2L]]))
    read_code(e[[4L]], inner, reads)
    scope
  },
  "if" = function(e, scope, reads) {
    read_arguments(e, scope, reads)
    scope
  },
  "function" = function(e, scope, reads) {
    inner <- scope
    inner$locals <- c(inner$locals, names(e[[2L]]))
    read_defaults(e[[2L]], inner, reads)
    read_code(e[[3L]], inner, reads)
    scope
  },
  "$" = function(e, scope, reads) read_element(e, scope, reads),
  "[[" = function(e, scope, reads) read_element(e, scope, reads),
  # What an error says does not matter: with one, nothing is remembered.
  "stop" = function(e, scope, reads) scope,
  "warning" = function(e, scope, reads) scope
)

read_assignment <- function(e, scope, reads) {
  read_code(e[[3L]], scope, reads)
  target <- e[[2L]]
  if (is.symbol(target) || is.character(target)) {
    scope$locals <- c(scope$locals, as.character(target))
    return(scope)
  }
  while (is.call(target)) {
    if (!is.symbol(target[[1L]])) not_known()
    read_head(paste0(as.character(target[[1L]]), "<-"), scope, reads)
    read_head(as.character(target[[1L]]), scope, reads)
    for (k in seq_along(target)[-(1:2)]) {
      is_name <- as.character(target[[1L]]) == "$"
      if (!is_name && !identical(target[[k]], quote(expr = ))) {
        read_code(target[[k]], scope, reads)
      }
    }
    target <- target[[2L]]
  }
  read_code(target, scope, reads)
  scope
}

# x$name, x[["name"]]: of an environment, a name of its own.
read_element <- function(e, scope, reads) {
  x <- e[[2L]]
  dollar <- identical(e[[1L]], quote(`$`))
  space <- if (is.symbol(x) && !as.character(x) %in% scope$locals) {
    found_value(as.character(x), scope$where)$value
  }
  if (!is.environment(space)) {
    if (dollar) {
      read_code(x, scope, reads)
      return(scope)
    }
    return(read_arguments(e, scope, reads))
  }
  name <- if (dollar) as.character(e[[3L]]) else e[[3L]]
  if (length(e) != 3L || !is.character(name) || length(name) != 1L ||
        is.object(space)) {
    not_known()
  }
  note_read(reads, as.character(x), scope$where, "variable", space, TRUE)
  found <- exists(name, envir = space, inherits = FALSE)
  if (found && bindingIsActive(name, space)) not_known()
  value <- if (found) get(name, envir = space, inherits = FALSE)
  note_read(reads, name, space, "element", value, found)
  if (is.function(value)) {
    read_callable(value, reads)
  } else if (!is_plain_data_(value)) {
    not_known()
  }
  scope
}
