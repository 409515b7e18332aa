# Functions of packages that are copies: what was saved and read again, or sent
# to another process, has the package's code and not its address. A copy is
# known by its namespace, its arguments and its body.

# Closures by the names of their arguments.
index_by_arguments <- function(functions) {
  functions <- Filter(function(f) typeof(f) == "closure", functions)
  list2env(split(functions, vapply(functions, arguments_key, "")))
}

arguments_key <- function(f) paste(c("(", names(formals(f))), collapse = " ")

# Of the functions of an index the one of which `f` is a copy, or NULL.
original_of <- function(f, index) {
  if (typeof(f) != "closure" || !isNamespace(environment(f))) {
    return(NULL)
  }
  Find(function(g) identical(g, f), index[[arguments_key(f)]])
}
