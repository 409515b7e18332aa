# Matrices of the package Matrix that meet values depending on parameters. A
# sparse one in a product stays sparse: its elements go to the engine once for
# each recording. Elsewhere, and where parameters are put into one, it is an
# ordinary dense matrix, up to a size. Matrix itself is used only where the user
# has objects of it. The result of a product has the shape and the names of
# as.matrix(S %*% b).
#' @include traced-shape.R
#' @include trace-mask.R
#' @include traced-matrix.R
NULL

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

# A product of which one factor is sparse data: op(S) op(b), or its transpose.
mat_sparse_product <- function(a, b, da, db, transpose_a, transpose_b, names) {
  turned <- function(x, d, transpose) {
    if (is.null(dim(x))) x <- traced_as(x, as.integer(d), NULL, traced_kind(x))
    if (transpose) mat_transpose(x) else x
  }
  if (is_sparse(a)) {
    b <- turned(b, db, transpose_b)
    return(traced_sparse_product(sparse_data(a), b, dim(b), transpose_a, names))
  }
  a <- turned(a, da, !transpose_a)
  out <- traced_sparse_product(sparse_data(b), a, dim(a), !transpose_b,
                               rev(names))
  mat_transpose(out)
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

# Methods for the classes of Matrix, when it is loaded: `where` holds them, as
# the namespace is closed then.
add_matrix_methods <- function(namespace) {
  where <- new.env(parent = asNamespace("admle"))
  trace_session$matrix_methods <- where
  trace_session$registry <- NULL
  sides <- list(c("Matrix", "traced"), c("traced", "Matrix"))
  for (classes in sides) {
    setMethod("%*%", signature(classes[1L], classes[2L]),
      function(x, y) mat_product(x, y), where = where)
    setMethod("Ops", signature(classes[1L], classes[2L]), function(e1, e2) {
      methods::callGeneric(dense_matrix(e1), dense_matrix(e2))
    }, where = where)
  }
}

define_masks("Matrix",
  Diagonal = function(n, x = NULL, ...) {
    if (!is_traced(x)) {
      return(Matrix::Diagonal(n, x, ...))
    }
    n <- if (missing(n)) length(x) else plain_index(n, "a dimension")
    check_dense_size(n, n)
    mat_diag(x, n)
  },
  sparseMatrix = function(i, j, p, x, dims, dimnames, ...) {
    if (missing(x) || !is_traced(x)) {
      call <- sys.call()
      call[[1L]] <- Matrix::sparseMatrix
      return(eval(call, parent.frame()))
    }
    if (missing(i) || missing(j) || !missing(p) || ...length() > 0L) {
      unsupported("a sparse matrix of values depending on parameters",
        "Give `i`, `j`, `x`, `dims` and `dimnames` only, all positions from 1.")
    }
    if (missing(dims)) dims <- c(max(i), max(j))
    check_dense_size(dims[1L], dims[2L])
    traced_scatter(recycled(flat(x), length(i)), i + (j - 1L) * dims[1L], dims,
      if (!missing(dimnames)) dimnames)
  }
)
