# The mask: an environment between a user's function and its own environment
# that holds, for the names occurring in the body, versions of base functions
# that know traced values, and recorded versions of the user's own helpers.
# Nothing on the search path changes. A function is recognised by identity, so
# an alias works and a function of the user's that is called `c` is respected.
#
# `mask_table` lists the replacements; `masked_function()` turns any function
# into what the recording calls instead.
#' @include trace-rewrite.R
#' @include trace-step.R
#' @include traced-apply.R
#' @include traced-distributions.R
NULL

mask_table <- new.env()

# Registers replacements for functions of one package, by name.
define_masks <- function(package, ...) {
  masks <- list(...)
  for (name in names(masks)) {
    assign(paste0(package, "::", name), masks[[name]], envir = mask_table)
  }
}

# Functions of packages that are R code through and through, by package: they
# are recorded like a helper of the user's.
rewritten_functions <- new.env()

define_rewritten <- function(package, ...) {
  assign(
    package, c(rewritten_functions[[package]], ...),
    envir = rewritten_functions
  )
}

# State of the session's recordings. `registry` maps the address of a function
# to its replacement, `originals` are the functions that have one, also
# `by_arguments`; `closures`
# holds the recorded versions of functions for one recording, `packages` those
# of packages for all; `generics` what stands for a function of R's in one
# recording; `sparse` the engine's copies of sparse data; `catching` counts the
# tryCatch() calls being evaluated.
trace_session <- new.env()
trace_session$registry <- NULL
trace_session$closures <- NULL
trace_session$generics <- new.env()
trace_session$packages <- new.env()
trace_session$originals <- NULL
trace_session$by_arguments <- NULL
trace_session$failure <- NULL
trace_session$caught <- NULL
trace_session$catching <- 0L
trace_session$calls <- list()

# Those that may be loaded later.
masked_packages <- function() {
  packages <- unique(sub("::.*$", "", ls(mask_table)))
  setdiff(packages, c("base", "methods", "stats", "utils", "admle"))
}

mask_registry <- function() {
  if (is.null(trace_session$registry)) {
    registry <- new.env()
    originals <- list()
    for (entry in ls(mask_table)) {
      parts <- regmatches(
        entry, regexpr("::", entry, fixed = TRUE), invert = TRUE
      )[[1L]]
      # Of packages that are not needed; see .onLoad().
      if (!isNamespaceLoaded(parts[[1L]])) next
      original <- get0(
        parts[[2L]], envir = asNamespace(parts[[1L]]), inherits = TRUE
      )
      replacement <- mask_table[[entry]]
      if (is.function(original)) {
        assign(function_key(original), replacement, envir = registry)
        assign(function_key(replacement), replacement, envir = registry)
        originals[[entry]] <- original
      }
    }
    for (package in ls(rewritten_functions)) {
      for (name in rewritten_functions[[package]]) {
        original <- get(name, envir = asNamespace(package), inherits = FALSE)
        assign(function_key(original), "rewrite", envir = registry)
        originals[[paste0(package, "::", name)]] <- original
      }
    }
    trace_session$registry <- registry
    trace_session$originals <- originals
    trace_session$by_arguments <- split(
      originals, vapply(originals, arguments_key, "")
    )
  }
  trace_session$registry
}

# What the recording calls in place of `f`.
masked_function <- function(f) {
  replacement <- mask_registry()[[function_key(f)]]
  if (is.function(replacement)) {
    return(replacement)
  }
  generic <- if (is.null(replacement)) generic_mask(f)
  if (!is.null(generic)) {
    return(generic)
  }
  if (is.null(replacement) && (!is_user_function(f) || is_under_mask(f))) {
    return(f)
  }
  key <- function_key(f)
  where <- environment(f)
  lasting <- isNamespace(where) && !identical(where, trace_session$home) &&
    !is_link_code(f)
  known_closures <- trace_session[[if (lasting) "packages" else "closures"]]
  known <- known_closures[[key]]
  if (is.null(known)) {
    known <- list(original = f, masked = mask_closure(f))
    assign(key, known, envir = known_closures)
  }
  known$masked
}

# Closures of the user's: defined outside of packages, in the package whose
# function is being recorded, or in a contributed package. S4 generics keep
# their environment.
is_user_function <- function(f) {
  generic <- isS4(f) && !is(f, "refMethodDef")
  if (typeof(f) != "closure" || generic || inherits(f, "admle_operator")) {
    return(FALSE)
  }
  where <- environment(f)
  if (isNamespace(where)) {
    return(identical(where, trace_session$home) ||
             is_contributed_r_code(f) || is_link_code(f))
  }
  !identical(where, baseenv()) && is.null(attr(where, "name", exact = TRUE))
}

# What belongs to R itself has masks of its own, and so has admle.
packages_with_masks <- c(
  "base", "compiler", "datasets", "graphics", "grDevices", "grid", "methods",
  "parallel", "splines", "stats", "stats4", "tcltk", "tools", "utils", "admle",
  "Rcpp", "testthat"
)
unrecorded_calls <- c(".External2", ".Internal")

# What the recording calls in place of a function that stands for one of R's;
# NULL for others. Kept for one recording: methods come and go.
generic_mask <- function(f) {
  source <- generic_source(f)
  if (is.null(source)) {
    return(NULL)
  }
  known <- trace_session$generics[[function_key(f)]]
  if (is.null(known$mask)) {
    mask <- if (is_masked(source)) masked_function(source)
            else mask_closure(source)
    known <- list(original = f, source = source, mask = dispatching(mask, f))
    assign(function_key(f), known, envir = trace_session$generics)
  }
  known$mask
}

# The function that is recorded in place of a generic: R's, or the code of a
# default method.
generic_source <- function(f) {
  if (typeof(f) != "closure" || is_under_mask(f)) {
    return(NULL)
  }
  known <- trace_session$generics[[function_key(f)]]
  if (is.null(known)) {
    source <- if (has_own_masks(f)) original_of_copy(f) else function_behind(f)
    if (is.null(source) && is_s4_generic(f)) source <- own_default(f)
    known <- list(original = f, source = source)
    assign(function_key(f), known, envir = trace_session$generics)
  }
  known$source
}

# A default method that is R code of a package or of the user's is recorded.
own_default <- function(f) {
  default <- default_method(f, generic_kind(f))
  if (!is.function(default)) {
    return(NULL)
  }
  default <- as(default, "function")
  if (is_user_function(default)) default
}

# The mask, in front of which is looked whether R would choose another method
# than the default. It stays one function: masks ask for missing arguments and
# for the frame that they are called from.
dispatching <- function(mask, f) {
  elsewhere <- other_method(f, if (is_user_function(f)) mask_closure(f) else f,
                            names(formals(mask)))
  body(mask) <- bquote({
    .admle_other <- .(elsewhere)(environment())
    if (!is.null(.admle_other)) {
      return(.admle_other[[1L]])
    }
    .(body(mask))
  })
  mask
}

# Defined by a package whose functions have masks where they need one.
has_own_masks <- function(f) {
  where <- environment(f)
  isNamespace(where) && !isS4(f) &&
    unname(getNamespaceName(where)) %in% packages_with_masks
}

is_contributed_r_code <- function(f) {
  package <- unname(getNamespaceName(environment(f)))
  !package %in% packages_with_masks &&
    !any(unrecorded_calls %in% all.names(body(f)))
}

# A copy of the closure with its code rewritten and the mask around it; `data`
# is a list whose elements are seen before the closure's own environment.
mask_closure <- function(f, data = NULL) {
  where <- environment(f)
  if (!is.null(data)) where <- list2env(as.list(data), parent = where)
  context <- function_context(formals(f), body(f))
  names_used <- unique(c(
    all.names(body(f)), unlist(lapply(formals(f), all.names)),
    replacement_names(body(f))
  ))
  written <- super_assigned(body(f))
  functions <- list()
  hidden <- character()
  for (name in setdiff(names_used, written)) {
    if (!nzchar(name) || name == "...") next
    value <- get0(name, envir = where, mode = "function")
    if (is.null(value)) next
    if (!needs_mask(value)) next
    if (!is.function(get0(name, envir = where))) {
      hidden <- c(hidden, name)
      name <- paste0(hidden_prefix, name)
    }
    functions[[name]] <- value
  }
  methods <- visible_methods(names_used, where)
  functions[names(methods)] <- methods
  context$f <- f
  context$hidden <- setdiff(hidden, context$locals)
  context$words <- setdiff(
    step_words_of(where), c(context$locals, context$assigned)
  )
  mask <- new_mask(where, functions)
  bind_leaves(mask, setdiff(names_used, written), where)
  out <- f
  formal <- formals(f)
  for (k in seq_along(formal)) {
    if (is.call(formal[[k]])) formal[[k]] <- rewrite(formal[[k]], context)
  }
  as_closure(formal, rewrite(body(f), context), mask)
}

as_closure <- function(formal, body, env) {
  out <- as.function(c(formal, list(NULL)), envir = env)
  body(out, envir = env) <- body
  out
}

needs_mask <- function(f) {
  !is.null(mask_registry()[[function_key(f)]]) ||
    !is.null(generic_source(f)) || (is_user_function(f) && !is_under_mask(f))
}

# Helpers are rewritten when they are first looked up: they may call each other.
new_mask <- function(parent, functions) {
  mask <- new.env(parent = parent)
  for (name in names(wrappers)) assign(name, wrappers[[name]], envir = mask)
  list2env(loop_wrappers, envir = mask)
  # TRUE for code of the user's, FALSE for functions of admle's own.
  own <- !identical(parent, topenv()) || identical(parent, trace_session$home)
  assign(".admle_mask", own, envir = mask)
  lapply(names(functions), function(name) {
    f <- functions[[name]]
    delayedAssign(name, masked_function(f), assign.env = mask)
  })
  mask
}

is_users_code <- function(f) {
  is_under_mask(f) && get(".admle_mask", envir = environment(f))
}

# The functions `f<-` that assignments to f(x) call.
replacement_names <- function(e) {
  found <- character()
  visit <- function(e) {
    if (!is.call(e)) {
      return()
    }
    if (is.symbol(e[[1L]]) && as.character(e[[1L]]) %in% c("<-", "=", "<<-")) {
      target <- e[[2L]]
      while (is.call(target) && length(target) > 1L) {
        if (is.symbol(target[[1L]])) {
          found <<- c(found, paste0(as.character(target[[1L]]), "<-"))
        }
        target <- target[[2L]]
      }
    }
    for (k in seq_along(e)) if (is.call(e[[k]])) visit(e[[k]])
  }
  visit(e)
  unique(found)
}

super_assigned <- function(e) {
  if (!is.call(e)) {
    return(character())
  }
  own <- character()
  if (identical(e[[1L]], quote(`<<-`))) {
    target <- e[[2L]]
    while (is.call(target) && length(target) > 1L) target <- target[[2L]]
    own <- as.character(target)
  }
  inner <- lapply(
    as.list(e), function(part) if (!missing(part)) super_assigned(part)
  )
  c(own, unlist(inner))
}

# The wrappers of rewritten code.
wrappers <- list(
  .admle_branch = function(x, condition, lazy) {
    before <- trace_guard_count_()
    note_branch(trace_session$branches, condition, x, before, lazy)
    x
  },
  .admle_elements = function(x) if (is_traced(x)) elements(x) else x,
  .admle_index = function(i) {
    if (isS4(i) && is_traced(i)) plain_index(i) else i
  },
  .admle_class_of = function(x) {
    if (missing(x)) NULL else if (is_traced(x)) stand_in(x) else x
  },
  .admle_condition = function(x) {
    if (isS4(x) && is_traced(x)) guarded_value(as_condition(x)) else x
  },
  # `x` stays an unevaluated promise while v is plain: evaluating it would make
  # R copy the vector at every step of a loop.
  .admle_lift = function(v, x, operator) {
    if (!isS4(v) || !is_traced(v) || is_traced(x)) {
      return(v)
    }
    lift(v, x, operator, substitute(x), parent.frame(), FALSE)
  },
  .admle_lift_super = function(v, x, operator) {
    if (!isS4(v) || !is_traced(v)) {
      return(v)
    }
    where <- parent.env(parent.frame())
    lift(v, eval(substitute(x), where), operator, substitute(x), where, TRUE)
  },
  .admle_masked = function(f) {
    e <- substitute(f)
    if (is.symbol(e)) {
      f <- get(as.character(e), envir = parent.frame(), mode = "function")
    }
    if (is.character(f)) f <- get(f, envir = parent.frame(), mode = "function")
    masked_function(f)
  }
)

# The value to assign, after the vector x at `target` has become traced. A
# single value put into a list by `[<-` has to be in a list itself, and more
# than one by `[[<-` makes a list of nothing. A column of a data frame is one
# element of it.
lift <- function(v, x, operator, target, frame, super) {
  if (operator == "[" && is.data.frame(x) && length(dim(v)) < 2L) {
    return(list(v))
  }
  if (operator == "[" && is.list(x)) {
    return(as.list(v))
  }
  if (operator == "[[" && is.null(x) && length(v) != 1L) {
    assign_lifted(target, list(), frame, super)
    return(v)
  }
  lift_target(target, frame, super)
  v
}

assign_lifted <- function(target, value, frame, super) {
  if (super) {
    eval(call("<<-", target, value), new.env(parent = frame))
  } else {
    eval(call("<-", target, value), frame)
  }
  invisible()
}

# Makes the plain numbers at `e` traced, so that R's own `[<-` dispatches.
lift_target <- function(e, frame, super = FALSE) {
  if (is.call(e) && is.symbol(e[[1L]]) && as.character(e[[1L]]) == "[") {
    return(lift_target(e[[2L]], frame, super))
  }
  value <- dense_matrix(eval(e, frame))
  liftable <- is.null(value) || ((is.numeric(value) || is.logical(value)) &&
    !is.factor(value))
  if (!liftable) {
    if (is.character(value) || is.factor(value)) {
      unsupported(
        "a value depending on parameters is assigned into text or a factor",
        "Assign it into a numeric vector."
      )
    }
    return(invisible())
  }
  assign_lifted(e, traced_assembled(value), frame, super)
}
