# Recordings with leaves: the data that a function finds by name are inputs of
# the graph, behind the one that holds the parameters. Then `y[i]` is an element
# of a leaf, not a number, and the graph says which row each value reads.

# Whether a function or its helpers find data by name.
mentions_rows <- function(f, data = NULL, known = new.env()) {
  key <- function_key(f)
  if (!is.function(f) || is.primitive(f) || !is.null(known[[key]])) {
    return(FALSE)
  }
  assign(key, TRUE, envir = known)
  where <- environment(f)
  if (!is.null(data)) where <- list2env(as.list(data), parent = where)
  defaults <- unlist(lapply(formals(f), all.names))
  for (name in unique(c(all.names(body(f)), defaults, names(data)))) {
    if (!nzchar(name) || name == "...") next
    value <- get0(name, envir = where)
    if (has_rows(value)) return(TRUE)
    if (is_user_function(value) && mentions_rows(value, NULL, known)) {
      return(TRUE)
    }
  }
  FALSE
}

# Binds leaves in a mask for the data that code mentions.
bind_leaves <- function(mask, names, where) {
  if (is.null(trace_session$leaves) || isNamespace(where)) {
    return()
  }
  for (name in names) {
    if (!nzchar(name) || name == "...") next
    value <- get0(name, envir = where)
    if (is_leaf(name, value)) assign(name, leaf_of(value), envir = mask)
  }
}

# What was taken out of the function (trace-data.R) may be a statistic.
is_leaf <- function(name, value) {
  has_rows(value) || startsWith(name, part_prefix) && is.double(value) &&
    !is.object(value) && length(value) > 0L && length(dim(value)) < 3L
}

part_prefix <- ".data_part_"

# Numbers in rows. A symmetric matrix is a statistic of the data.
has_rows <- function(x) {
  if (is.data.frame(x)) {
    return(nrow(x) > 1L)
  }
  is.numeric(x) && !is.object(x) && length(x) > 1L && length(dim(x)) < 3L &&
    !(is.matrix(x) && (nrow(x) < 2L || isSymmetric(unname(x))))
}

# One leaf for each object, however many names it has.
leaf_of <- function(x) {
  key <- function_key(x)
  known <- trace_session$leaves[[key]]
  if (is.null(known)) {
    if (is.data.frame(x)) {
      attributes <- attributes(x)
      x <- lapply(x, function(column) {
        if (has_rows(column)) leaf_of(column) else column
      })
      attributes(x) <- attributes
      known <- x
    } else {
      whole <- is.integer(x) || all(x == floor(x), na.rm = TRUE)
      known <- trace_input_(x, if (whole) 2L else 0L)
      trace_session$leaves$.order <- c(trace_session$leaves$.order, key)
    }
    assign(key, known, envir = trace_session$leaves)
  }
  known
}
