# Masks of eigenvalues, singular values and the exponential of a matrix. Signs
# of vectors are R's at the recording point, and those nearest to these at
# other points.
#' @include trace-masks-matrix.R
NULL

# `both`: the other triangle counts as well.
mat_eigen <- function(x, symmetric, only.values, both) {
  check_plain(symmetric = symmetric, only.values = only.values)
  n <- square_dim(x, "x")[1L]
  plain <- base::eigen(unname(trace_value(x)), symmetric = symmetric)
  if (both) x <- (x + mat_transpose(x)) / 2
  if (is.complex(plain$values)) {
    unsupported("eigen() of a matrix with complex eigenvalues", paste(
      "A log-likelihood is real: use what is real of them, such as",
      "det(x), sum(diag(x)), or Mod(v)^2 by a product of matrices."
    ))
  }
  out <- mat_linear("eigenvalues", x, plain$vectors, upper = symmetric)
  whole <- traced_as(out, c(n, n + 1L), NULL, kind_number)
  structure(class = "eigen", list(
    values = flat(whole[, n + 1L]),
    vectors = if (!isTRUE(only.values)) whole[, seq_len(n), drop = FALSE]
  ))
}

# As isSymmetric(); the outcome is guarded.
looks_symmetric <- function(x) {
  square_dim(x, "x")
  tolerance <- 100 * .Machine$double.eps * mean(abs(trace_value(x)))
  all(abs(flat(x) - flat(mat_transpose(x))) <= tolerance)
}

mat_svd <- function(x, nu, nv) {
  d <- as.integer(dim(x))
  nu <- plain_index(nu, "`nu`")
  nv <- plain_index(nv, "`nv`")
  k <- min(d)
  if (nu > k || nv > k) {
    unsupported(sprintf("svd() with more than %d vectors", k),
      "Leave `nu` and `nv` out: the others complete a basis arbitrarily.")
  }
  plain <- base::svd(unname(trace_value(x)), k, 0L)
  out <- flat(mat_linear("singular_values", x, plain$u))
  part <- function(from, rows, columns) {
    traced_gather(out, from + seq_len(rows * columns), c(rows, columns), NULL)
  }
  list(
    d = out[d[1L] * k + seq_len(k)],
    u = if (nu > 0L) part(0L, d[1L], k)[, seq_len(nu), drop = FALSE],
    v = if (nv > 0L) part((d[1L] + 1L) * k, d[2L], k)[, seq_len(nv),
                                                      drop = FALSE]
  )
}

mat_exp <- function(x) {
  square_dim(x, "x")
  mat_linear("matrix_exp", x, dimnames = dimnames(x))
}

define_masks("base",
  eigen = function(x, symmetric, only.values = FALSE, EISPACK = FALSE) {
    if (!is_traced(x)) {
      return(
        if (missing(symmetric)) {
          base::eigen(x, only.values = only.values)
        } else {
          base::eigen(x, symmetric, only.values)
        }
      )
    }
    if (is.null(dim(x))) x <- traced_as(x, rep(length(x), 2L), NULL, 0L)
    found <- missing(symmetric)
    if (found) symmetric <- looks_symmetric(x)
    mat_eigen(x, symmetric, only.values, found && symmetric)
  },
  svd = function(x, nu = min(n, p), nv = min(n, p), ...) {
    if (!is_traced(x)) {
      return(base::svd(x, nu, nv))
    }
    n <- nrow(x)
    p <- ncol(x)
    mat_svd(x, nu, nv)
  }
)

# Of Matrix the mask stands for the method for ordinary matrices.
define_masks("Matrix", expm = function(x) {
  if (is_traced(x)) mat_exp(x) else Matrix::expm(x)
})
define_masks("expm", expm = function(x, ...) {
  if (is_traced(x)) mat_exp(x) else expm::expm(x, ...)
})
