# The user's own S3 generics. R dispatches; a traced value has the class that a
# number of its shape has, and R, which looks for methods where the generic is
# called from, finds recorded ones there, in the mask.

# The methods f.class that the user has of the functions `names`, by name.
visible_methods <- function(names, where) {
  found <- list()
  while (!isNamespace(where) && !identical(where, emptyenv())) {
    own <- ls(where, all.names = TRUE, sorted = FALSE)
    own <- own[grepl(".", own, fixed = TRUE)]
    own <- own[vapply(own, has_generic, NA, names = c(names, group_generics))]
    for (name in setdiff(own, base::names(found))) {
      value <- get0(name, envir = where, mode = "function", inherits = FALSE)
      if (!is.null(value)) found[[name]] <- value
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
