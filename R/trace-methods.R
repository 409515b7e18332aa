# The user's own S3 generics. R dispatches; a traced value has the class that a
# number of its shape has, and R, which looks for methods where the generic is
# called from, finds recorded ones there, in the mask.

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

# The methods f.class that the user has of the functions `names`, by name.
visible_methods <- function(names, where) {
  found <- list()
  while (!isNamespace(where) && !identical(where, emptyenv())) {
    own <- ls(where, all.names = TRUE, sorted = FALSE)
    own <- own[grepl(".", own, fixed = TRUE)]
    own <- own[vapply(own, has_generic, NA, names = c(names, group_generics))]
    for (name in setdiff(own, base::names(found))) {
      value <- get0(name, envir = where, mode = "function", inherits = FALSE)
      if (is_user_function(value)) found[[name]] <- value
    }
    if (identical(where, globalenv())) break
    where <- parent.env(where)
  }
  found
}

group_generics <- c("Ops", "Math", "Summary")

has_generic <- function(method, names) {
  dots <- gregexpr(".", method, fixed = TRUE)[[1L]]
  any(substring(method, 1L, dots - 1L) %in% names)
}
