# Names that admle shares with other packages. A package attached after admle
# masks them: stringr's fixed(), pscl's hurdle(), VGAM's dgumbel(). Where a name
# can only mean admle's, in starting values and in density formulas, it does;
# elsewhere R's rules hold, and an error says which function it was. A user's
# own function of such a name, and what a package imports, are respected.

declarations <- c("positive", "bounded", "simplex", "increasing",
                  "correlation", "covariance", "fixed")

# The environment that holds the function, masks of the recording left out.
where_function <- function(name, env) {
  while (!identical(env, emptyenv())) {
    if (!exists(".admle_mask", envir = env, inherits = FALSE) &&
        exists(name, envir = env, mode = "function", inherits = FALSE)) {
      return(env)
    }
    env <- parent.env(env)
  }
  NULL
}

# The attached package whose function `name` is seen from `env` in place of
# admle's; NULL where admle's is seen, or a user's, or none.
masking_package <- function(name, env) {
  where <- where_function(name, env)
  label <- attr(where, "name", exact = TRUE)
  if (is.null(label) || !startsWith(label, "package:") ||
        identical(get(name, envir = where), get(name, envir = topenv()))) {
    return(NULL)
  }
  sub("^package:", "", label)
}

# Of `names`, those of admle's functions that are masked: a vector of packages
# with the names of the functions.
masked_names <- function(names, env, own = getNamespaceExports(topenv())) {
  unlist(Map(masking_package, intersect(names, own), list(env)))
}

# The names in some code that are looked up: not those of pkg::name.
bare_names <- function(code) {
  if (identical(code, quote(expr = )) ||
        is.call(code) && is_namespace_call(code)) {
    return(character())
  }
  if (is.call(code) || is.pairlist(code)) {
    return(unique(unlist(lapply(as.list(code), bare_names))))
  }
  if (is.symbol(code)) as.character(code) else character()
}

# Code of the user's with admle's declarations, in a place where others make no
# sense.
with_declarations <- function(code, frame) {
  masked <- masked_names(bare_names(code), frame, declarations)
  if (length(masked) == 0L) frame else
    list2env(mget(names(masked), envir = topenv()), parent = frame)
}

# The argument `start` of the call, a promise. One that was handed on by `...`
# belongs to a frame that is not known, and stays what it is.
declared_start <- function(start, code, call, frame) {
  written <- is.call(code) && any(vapply(as.list(call), identical, NA, code))
  env <- if (written) with_declarations(code, frame) else frame
  if (identical(env, frame)) start else eval(code, env)
}

# What to write where a start is an object of another package.
declaration_hint <- function(value) {
  if (is.numeric(value) || is.null(attr(value, "class"))) {
    return(NULL)
  }
  masked <- masked_names(declarations, globalenv(), declarations)
  like <- vapply(declarations, function(name) {
    any(endsWith(class(value), paste0("_", name)))
  }, NA)
  if (any(like)) {
    masked <- masked[intersect(declarations[like], names(masked))]
    if (length(masked) == 0L) {
      return(sprintf("Write admle::%s().", declarations[like][[1L]]))
    }
  }
  if (length(masked)) masking_text(masked)
}

# "`fixed()` is stringr's here: write admle::fixed()."
masking_text <- function(masked) {
  paste(sprintf("`%s()` is %s's here: write admle::%s().", names(masked),
                masked, names(masked)), collapse = " ")
}

# An error of a recording with the names in the function that other packages
# have taken, which are most likely its cause.
with_masking_hint <- function(error, fn) {
  masked <- masked_in(fn)
  if (length(masked)) {
    error$message <- paste(sub("([^.])$", "\\1.", conditionMessage(error)),
                           masking_text(masked))
  }
  error
}

# Also in helper functions of the user's.
masked_in <- function(fn) {
  seen <- list()
  found <- character()
  visit <- function(f) {
    seen <<- c(seen, f)
    names <- bare_names(body(f))
    masked <- masked_names(names, environment(f))
    found <<- c(found, masked[setdiff(names(masked), names(found))])
    for (name in setdiff(names, names(masked))) {
      helper <- get0(name, envir = environment(f), mode = "function")
      if (typeof(helper) == "closure" && !in_package(helper) &&
            !any(vapply(seen, identical, NA, helper))) {
        visit(helper)
      }
    }
  }
  if (typeof(fn) == "closure") visit(fn)
  found
}

in_package <- function(f) isNamespace(topenv(environment(f)))

# Said once for each function and package.
informed <- new.env()

inform_masked <- function(masked) {
  for (name in names(masked)) {
    key <- paste0(masked[[name]], "::", name)
    if (startsWith(name, "d") && is.null(informed[[key]])) {
      assign(key, TRUE, envir = informed)
      arguments <- setdiff(names(formals(get(name, envir = topenv()))), "log")
      message(sprintf(paste(
        "`%s()` in the formula is admle's, %s(%s), not %s's. Write %s() for",
        "that one."
      ), name, name, paste(arguments, collapse = ", "), masked[[name]], key))
    }
  }
}
