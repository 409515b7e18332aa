# Matrices of the package Matrix that meet values depending on parameters. A
# sparse one in a product stays sparse: its elements go to the engine once for
# each recording. Elsewhere, and where parameters are put into one, it is an
# ordinary dense matrix, up to a size. Matrix itself is used only where the user
# has objects of it. The result of a product has the shape and the names of
# as.matrix(S %*% b).
#' @include trace-masks.R
NULL

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
