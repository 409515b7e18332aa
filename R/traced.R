# A traced value stands for a number, vector, matrix or array while a function
# is recorded. It holds a node of the graph and its shape, and no numbers. It
# is an S4 object without a data part, because base code that does not know
# the class then stops in most places instead of returning something else.
# The slots have obscure names, so that `attr(x, "id") <- 9` hits none. Objects
# are made in C++ (glue-traced.cpp) by copying `traced_prototype`.

setClass("traced", slots = c(
  .admle_handle = "integer", .admle_dim = "ANY", .admle_names = "ANY"
))

traced_prototype <- new("traced",
  .admle_handle = integer(5), .admle_dim = NULL, .admle_names = NULL
)

kind_number <- 0L
kind_logical <- 1L
kind_whole <- 2L

# The value at the recording point. Nothing is recorded by looking at it.
trace_value <- function(x) {
  if (is.list(x)) {
    return(lapply(x, trace_value))
  }
  if (is_traced(x)) traced_value_(x, FALSE) else x
}

# The value at the recording point, on which the recording depends from now on.
guarded_value <- function(x) {
  if (is_traced(x)) traced_value_(x, TRUE) else x
}

# A traced whole number or logical where R needs a plain one: an index, a
# length. Anything else would be cut off by R and lose its derivative.
plain_index <- function(x, what = "an index") {
  if (!is_traced(x)) {
    return(x)
  }
  if (traced_kind(x) == kind_number) {
    unsupported(sprintf(
      "%s depends on a parameter through a number that is not whole", what
    ), paste(
      "Use floor(), round() or a comparison",
      "to say which whole number is meant."
    ))
  }
  guarded_value(x)
}

# An argument such as `log`, `na.rm`, `digits` that must not be traced.
check_plain <- function(...) {
  arguments <- list(...)
  for (i in seq_along(arguments)) {
    if (any_traced(arguments[[i]])) {
      unsupported(sprintf("`%s` depends on a parameter", names(arguments)[[i]]),
        "This argument must be an ordinary value.")
    }
  }
}

# The object of a node that was made elsewhere (an inner derivative).
traced_from_id <- function(id, like = NULL, dim = NULL, names = NULL) {
  if (!is.null(like)) {
    dim <- dim(like)
    names <- if (is.null(dim)) names(like) else dimnames(like)
  }
  traced_from_id_(id, dim, names)
}

setMethod("show", "traced", function(object) {
  cat("<value depending on parameters, here:>\n")
  print(trace_value(object))
})

setMethod("length", "traced", function(x) traced_length(x))
setMethod("dim", "traced", function(x) traced_dim(x))
setMethod("names", "traced", function(x) {
  d <- traced_dim(x)
  if (length(d) == 1L) traced_dimnames(x)[[1L]] else traced_names(x)
})
setMethod("dimnames", "traced", function(x) traced_dimnames(x))

setMethod("is.matrix", "traced", function(x) length(traced_dim(x)) == 2L)
setMethod("is.array", "traced", function(x) length(traced_dim(x)) > 0L)

# dim and names or dimnames in one list, as the C++ side takes them.
shape_names <- function(x) {
  if (is.null(dim(x))) names(x) else dimnames(x)
}

# Plain numbers with the shape and the names of x: what R's own functions are
# applied to when only positions or attributes matter.
positions <- function(x) {
  p <- seq_len(length(x))
  if (is.null(dim(x))) {
    names(p) <- names(x)
  } else {
    dim(p) <- dim(x)
    dimnames(p) <- dimnames(x)
  }
  p
}

# x rearranged as `p`, an array of positions, shape and names included.
rearranged <- function(x, p) {
  traced_gather(x, as.vector(p), dim(p), shape_names(p))
}

# Applies a function that only rearranges to x by applying it to positions.
by_position <- function(x, f, ...) {
  rearranged(x, f(positions(x), ...))
}

# A plain or traced vector without attributes.
flat <- function(x) {
  if (is_traced(x)) {
    if (is.null(dim(x)) && is.null(names(x))) {
      return(x)
    }
    return(traced_as(x, NULL, NULL, traced_kind(x)))
  }
  as.vector(x)
}

# The elements as a list of scalars.
elements <- function(x) {
  lapply(seq_len(length(x)), function(i) traced_gather(x, i, NULL, NULL))
}

as.list.traced <- function(x, ...) {
  out <- elements(x)
  names(out) <- names(x)
  out
}

is_traced_logical <- function(x) traced_kind(x) == kind_logical

# A plain object of the same type and shape, for questions about those.
stand_in <- function(x) {
  out <- if (is_traced_logical(x)) logical(length(x)) else numeric(length(x))
  if (is.null(dim(x))) {
    names(out) <- names(x)
  } else {
    dim(out) <- dim(x)
    dimnames(out) <- dimnames(x)
  }
  out
}

# Matrices of the package Matrix.
is_matrix_object <- function(x) isS4(x) && !is_traced(x) && is(x, "Matrix")
is_sparse <- function(x) {
  isS4(x) && !is_traced(x) &&
    (is(x, "sparseMatrix") || is(x, "diagonalMatrix"))
}

# x, or the ordinary matrix where it is one of Matrix.
most_dense <- 1e7
dense_matrix <- function(x) {
  if (!is_matrix_object(x)) {
    return(x)
  }
  check_dense_size(nrow(x), ncol(x))
  Matrix::as.matrix(x)
}

check_dense_size <- function(rows, cols) {
  if (as.numeric(rows) * cols > most_dense) {
    unsupported(sprintf(paste(
      "a sparse matrix of %d x %d would become dense where its elements",
      "meet values depending on parameters"
    ), rows, cols), paste(
      "Use products, which stay sparse: S %*% (d * b) instead of",
      "(S %*% Diagonal(x = d)) %*% b, d * (S %*% b) instead of (d * S) %*% b."
    ))
  }
}

# The engine's copy of a sparse matrix, made once for a recording.
sparse_data <- function(x) {
  key <- function_key(x)
  known <- trace_session$sparse[[key]]
  if (is.null(known)) {
    t <- methods::as(x, "TsparseMatrix")
    t <- methods::as(methods::as(t, "generalMatrix"), "dMatrix")
    elements <- lapply(c(i = "i", j = "j", x = "x"), methods::slot, object = t)
    known <- list(original = x, data = sparse_rows(
      elements$i, elements$j, elements$x, dim(x)
    ))
    assign(key, known, envir = trace_session$sparse)
  }
  known$data
}
