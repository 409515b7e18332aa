# R's functions under another name. A package that is attached may put a generic
# in front of a function of R's (rowSums() of Matrix, rank() of bit64), and so
# may setGeneric(): where its default method is R's function, the recording
# calls the mask of that function, and the generic itself only where R would
# choose another method. A function that only shares the name is left alone.
# Here: what a function stands for, and which method R would choose; the masks
# are made in trace-mask.R.
#' @include traced.R
NULL

# The function with a mask that a generic, or a copy in another environment,
# stands for.
function_behind <- function(f) {
  generic <- generic_kind(f)
  if (is.null(generic)) {
    return(if (isNamespace(environment(f))) original_of_copy(f))
  }
  default <- default_method(f, generic)
  if (!is.function(default)) {
    return(NULL)
  }
  behind <- if (is_masked(default)) default else original_of_copy(default)
  if (is.null(behind)) behind <- wrapped_function(default)
  if (is.null(behind)) behind <- base_generic(generic$name, default)
  if (is.null(behind) && !is.null(generic_kind(default))) {
    behind <- function_behind(default)
  }
  behind
}

is_masked <- function(f) !is.null(trace_session$registry[[function_key(f)]])

is_s4_generic <- function(f) isS4(f) && is(f, "genericFunction")

# Whether f dispatches, how, and on which name.
generic_kind <- function(f) {
  if (is_s4_generic(f)) {
    return(list(kind = "S4", name = as.character(f@generic)))
  }
  body <- only_call(f)
  if (is.call(body) && identical(body[[1L]], quote(UseMethod)) &&
      is.character(body[[2L]])) {
    list(kind = "S3", name = body[[2L]])
  }
}

# The one call that a function consists of.
only_call <- function(f) {
  body <- body(f)
  while (is.call(body) && identical(body[[1L]], quote(`{`)) &&
         length(body) == 2L) {
    body <- body[[2L]]
  }
  body
}

default_method <- function(f, generic) {
  if (generic$kind == "S4") {
    any <- rep("ANY", length(f@signature))
    return(methods::selectMethod(f, any, optional = TRUE))
  }
  s3_method(generic$name, "default", environment(f))
}

s3_method <- function(name, class, where) {
  if (is.null(where)) where <- baseenv()
  utils::getS3method(name, class, optional = TRUE, envir = where)
}

# Methods keep a copy of the function that they were made from, packages have
# copies that see their own functions, and what was saved and read again, or
# sent to another process, has the code of a function and not its address.
original_of_copy <- function(f) {
  Find(function(original) {
    identical(body(original), body(f)) &&
      identical(formals(original), formals(f))
  }, trace_session$by_arguments[[arguments_key(f)]])
}

arguments_key <- function(f) paste(c("(", names(formals(f))), collapse = " ")

# function(x, ...) base::rank(x, ...)
wrapped_function <- function(f) {
  call <- only_call(f)
  if (!is.call(call)) {
    return(NULL)
  }
  given <- vapply(as.list(call)[-1L], function(e) {
    if (is.symbol(e)) as.character(e) else ""
  }, "")
  if (!identical(setdiff(given, "..."), setdiff(names(formals(f)), "..."))) {
    return(NULL)
  }
  head <- call[[1L]]
  target <- if (is.call(head) && is_namespace_call(head)) {
    tryCatch(eval(head, baseenv()), error = function(e) NULL)
  } else if (is.symbol(head)) {
    get0(as.character(head), envir = environment(f), mode = "function")
  }
  if (is.function(target) && is_masked(target)) target
}

# A generic of R's with the same default method, where one has a mask.
base_generic <- function(name, default) {
  for (original in trace_session$originals) {
    generic <- if (typeof(original) == "closure") generic_kind(original)
    if (!is.null(generic) && generic$name == name &&
        identical(default_method(original, generic), default)) {
      return(original)
    }
  }
  NULL
}

# A function of the mask's frame: the value of the method in a list, or NULL
# where the mask is meant. `other` is called by the names of the mask.
other_method <- function(f, other, formal) {
  generic <- generic_kind(f)
  on <- dispatch_arguments(f, generic)
  function(frame) {
    values <- argument_values(frame, formal, on)
    if (!chooses_method(f, generic, values)) {
      return(NULL)
    }
    given <- formal[vapply(formal, is_given, NA, frame = frame)]
    arguments <- lapply(given, as.name)
    known <- names(formals(f))
    names(arguments) <- ifelse(given == "..." | !given %in% known, "", given)
    list(eval(as.call(c(list(other), arguments)), frame))
  }
}

dispatch_arguments <- function(f, generic) {
  if (identical(generic$kind, "S4")) {
    as.character(f@signature)
  } else {
    names(formals(f))[1L]
  }
}

is_given <- function(name, frame) {
  name == "..." || !eval(call("missing", as.name(name)), frame)
}

# The values of the arguments `on`, NULL for those that are missing.
argument_values <- function(frame, formal, on) {
  dots <- if ("..." %in% formal) eval(quote(list(...)), frame)
  if ("..." %in% on) {
    return(dots)
  }
  lapply(stats::setNames(nm = on), function(name) {
    if (name %in% formal) {
      if (is_given(name, frame)) get(name, envir = frame)
    } else if (name %in% names(dots)) {
      dots[[name]]
    } else if (match(name, on) <= length(dots)) {
      dots[[match(name, on)]]
    }
  })
}

chooses_method <- function(f, generic, values) {
  traced <- vapply(values, is_traced, NA)
  foreign <- vapply(values, is.object, NA) & !traced
  # The masks take what is of Matrix.
  if (any(traced) && all(vapply(values[foreign], is_matrix_object, NA))) {
    return(FALSE)
  }
  if (is.null(generic)) {
    return(any(foreign))
  }
  if (generic$kind == "S3") {
    default <- default_method(f, generic)
    classes <- .class2(values[[1L]])
    found <- lapply(classes, s3_method, name = generic$name,
                    where = environment(f))
    return(!all(vapply(found, function(m) is.null(m) || identical(m, default),
                       NA)))
  }
  classes <- vapply(values, function(v) {
    if (is.null(v)) "missing" else class(v)[[1L]]
  }, "")
  if (identical(as.character(f@signature), "...")) {
    classes <- unique(classes)
    if (length(classes) != 1L) classes <- "ANY"
  }
  method <- methods::selectMethod(f, classes, optional = TRUE)
  is(method, "MethodDefinition") && !all(method@defined == "ANY")
}
