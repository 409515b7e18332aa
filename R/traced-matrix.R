# Matrix algebra on traced values. Arguments may be plain or traced; vectors
# become rows or columns as in base R, and dimnames are carried as there.
#' @include traced.R
NULL

matrix_dim <- function(x) {
  d <- dim(x)
  if (is.null(d)) c(length(x), 1L) else d
}

as_numbers <- function(x) {
  if (is_traced(x)) {
    return(x)
  }
  if (is_matrix_object(x)) {
    return(dense_matrix(x))
  }
  if (is.data.frame(x) || !(is.numeric(x) || is.logical(x))) {
    stop("requires numeric/complex matrix/vector arguments", call. = FALSE)
  }
  if (is.object(x)) unclass(x) else x
}

# Row names of op(a) and column names of op(b).
product_names <- function(a, b, transpose_a, transpose_b) {
  of <- function(x, side) {
    if (length(dim(x)) == 2L) dimnames(x)[[side]]
  }
  rows <- of(a, if (transpose_a) 2L else 1L)
  cols <- of(b, if (transpose_b) 1L else 2L)
  if (!is.null(rows) || !is.null(cols)) list(rows, cols)
}

mat_product <- function(a, b, transpose_a = FALSE, transpose_b = FALSE) {
  if (!is_sparse(a)) a <- as_numbers(a)
  if (!is_sparse(b)) b <- as_numbers(b)
  da <- matrix_dim(a)
  db <- matrix_dim(b)
  if (length(da) != 2L || length(db) != 2L) {
    stop("non-conformable arguments", call. = FALSE)
  }
  shapes <- vector_shapes(a, b, da, db, transpose_a, transpose_b)
  da <- shapes[[1L]]
  db <- shapes[[2L]]
  inner <- c(
    if (transpose_a) da[1L] else da[2L], if (transpose_b) db[2L] else db[1L]
  )
  if (inner[1L] != inner[2L]) {
    stop("non-conformable arguments", call. = FALSE)
  }
  names <- product_names(a, b, transpose_a, transpose_b)
  if (is_sparse(a) || is_sparse(b)) {
    return(mat_sparse_product(a, b, da, db, transpose_a, transpose_b, names))
  }
  gaps <- gappy_rows(a, transpose_a)
  if (any(gaps)) {
    if (transpose_a) a[, gaps] <- 0 else a[gaps, ] <- 0
  }
  out <- traced_matmul(a, as.integer(da), b, as.integer(db), transpose_a,
    transpose_b, names)
  if (any(gaps)) out + ifelse(gaps, NA, 0) else out
}

# Rows of data with a missing value: where the likelihood does not use what
# comes of them, zero times NA would still make the derivative NA.
gappy_rows <- function(a, transpose) {
  if (is_traced(a) || !is.matrix(a) || !anyNA(a)) return(FALSE)
  if (transpose) colSums(is.na(a)) > 0 else rowSums(is.na(a)) > 0
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

# A vector is a row or a column, whichever conforms (array.c, do_matprod).
vector_shapes <- function(a, b, da, db, transpose_a, transpose_b) {
  va <- is.null(dim(a))
  vb <- is.null(dim(b))
  plain <- !transpose_a && !transpose_b
  if (va && vb) {
    if (plain) {
      if (da[1L] == db[1L]) {
        da <- rev(da)
      } else if (db[1L] == 1L) {
        # a column times a 1 x 1
      } else if (da[1L] == 1L) {
        db <- rev(db)
      }
    }
  } else if (va) {
    rows_b <- if (transpose_b) db[2L] else db[1L]
    if (!transpose_a && da[1L] == rows_b) {
      da <- rev(da)
    } else if (transpose_a && da[1L] != rows_b && rows_b == 1L) {
      da <- rev(da)
    }
  } else if (vb) {
    cols_a <- if (transpose_a) da[1L] else da[2L]
    if (!transpose_b && db[1L] != cols_a && cols_a == 1L) {
      db <- rev(db)
    } else if (transpose_b && db[1L] == cols_a) {
      db <- rev(db)
    }
  }
  list(da, db)
}

setMethod(
  "%*%", signature("traced", "traced"), function(x, y) mat_product(x, y)
)
setMethod("%*%", signature("traced", "ANY"), function(x, y) mat_product(x, y))
setMethod("%*%", signature("ANY", "traced"), function(x, y) mat_product(x, y))

mat_crossprod <- function(x, y = NULL) {
  mat_product(x, if (is.null(y)) x else y, transpose_a = TRUE)
}
mat_tcrossprod <- function(x, y = NULL) {
  mat_product(x, if (is.null(y)) x else y, transpose_b = TRUE)
}

# x %o% y: every product, as a column times a row.
mat_outer <- function(x, y) {
  nx <- length(x)
  ny <- length(y)
  dim_out <- c(
    if (is.null(dim(x))) nx else dim(x), if (is.null(dim(y))) ny else dim(y)
  )
  names_of <- function(v) {
    if (is.null(dim(v))) list(names(v)) else if (is.null(dimnames(v))) {
      rep(list(NULL), length(dim(v)))
    } else {
      dimnames(v)
    }
  }
  names_out <- c(names_of(x), names_of(y))
  if (all(vapply(names_out, is.null, NA))) names_out <- NULL
  out <- traced_matmul(x, c(nx, 1L), y, c(1L, ny), FALSE, FALSE, NULL)
  traced_as(out, as.integer(dim_out), names_out, kind_number)
}

square_dim <- function(a, name = "a") {
  d <- matrix_dim(a)
  if (length(d) != 2L || d[1L] != d[2L]) {
    stop(
      sprintf("'%s' (%d x %d) must be square", name, d[1L], d[2L]),
      call. = FALSE
    )
  }
  as.integer(d)
}

mat_linear <- function(name, a, b = NULL, upper = TRUE, transposed = FALSE,
                       dimnames = NULL) {
  db <- if (is.null(b)) c(0L, 0L) else as.integer(matrix_dim(b))
  traced_linear(
    name, a, as.integer(matrix_dim(a)), b, db, upper, transposed, dimnames
  )
}

# Inside tryCatch() the outcome decides what the function does next: there the
# value is looked at, a failure raises R's error and the outcome is guarded.
check_factorisation <- function(out, message) {
  if (trace_session$catching > 0L) {
    finite <- traced_binary("lt", abs(sum(flat(out))), Inf, kind_logical)
    if (!isTRUE(finite)) {
      stop(message, call. = FALSE)
    }
  }
  out
}

mat_solve <- function(a, b, ...) {
  if (...length() > 0L) check_plain(...)
  d <- square_dim(a)
  names_a <- dimnames(a)
  if (missing(b)) {
    b <- diag(d[1L])
    names_out <- if (!is.null(names_a)) rev(names_a)
    out <- mat_linear("solve", as_numbers(a), b, dimnames = names_out)
    return(
      check_factorisation(
        out, "Lapack routine dgesv: system is exactly singular"
      )
    )
  }
  b <- as_numbers(b)
  if (NROW(b) != d[1L]) {
    stop(sprintf("'b' (%d x %d) must be compatible with 'a' (%d x %d)",
      NROW(b), NCOL(b), d[1L], d[1L]), call. = FALSE)
  }
  rows <- if (length(names_a) == 2L) names_a[[2L]]
  cols <- if (!is.null(dim(b))) dimnames(b)[[2L]]
  out <- mat_linear("solve", as_numbers(a), b,
    dimnames = if (!is.null(rows) || !is.null(cols)) list(rows, cols))
  out <- check_factorisation(
    out, "Lapack routine dgesv: system is exactly singular"
  )
  # Matrix gives a column.
  if (is.null(dim(b)) && !is_matrix_object(a)) {
    out <- traced_as(out, NULL, rows, kind_number)
  }
  out
}

mat_chol <- function(x, pivot = FALSE, ...) {
  check_plain(pivot = pivot)
  if (isTRUE(pivot)) {
    unsupported("chol() with `pivot = TRUE`", "Use chol(x) without pivoting.")
  }
  square_dim(x)
  out <- mat_linear("cholesky", x, dimnames = dimnames(x))
  check_factorisation(out, "the leading minor is not positive definite")
}

mat_chol2inv <- function(x, size = NCOL(x), LINPACK = FALSE) {
  size <- plain_index(size)
  if (is.null(dim(x))) x <- traced_as(x, c(1L, 1L), NULL, kind_number)
  if (size != ncol(x) || nrow(x) != size) {
    x <- x[seq_len(size), seq_len(size), drop = FALSE]
  }
  inverse <- mat_linear("tri_solve", x, diag(size), upper = TRUE)
  mat_tcrossprod(inverse)
}

mat_triangular <- function(r, x, k, upper.tri, transpose) {
  check_plain(upper.tri = upper.tri, transpose = transpose)
  k <- plain_index(k)
  r <- as_numbers(r)
  x <- as_numbers(x)
  vector <- is.null(dim(x))
  if (k != nrow(r) || k != ncol(r)) r <- r[seq_len(k), seq_len(k), drop = FALSE]
  if (NROW(x) != k) {
    x <- if (vector) x[seq_len(k)] else x[seq_len(k), , drop = FALSE]
  }
  out <- mat_linear(
    "tri_solve", r, x, upper = upper.tri, transposed = transpose
  )
  if (vector) traced_as(out, NULL, NULL, kind_number) else out
}

mat_determinant <- function(x, logarithm = TRUE, ...) {
  check_plain(logarithm = logarithm)
  square_dim(x)
  modulus <- mat_linear("log_abs_det", x)
  sign <- mat_linear("sign_det", x)
  if (!logarithm) modulus <- exp(modulus)
  list(modulus = modulus, sign = sign)
}

# By factors, except where they say nothing of the derivatives: at a singular
# matrix these are cofactors, which polynomials give.
mat_det <- function(x, ...) {
  n <- square_dim(x)[1L]
  if (n == 1L) {
    return(x[1L])
  }
  if (n <= 3L) {
    return(polynomial_det(x, n))
  }
  d <- mat_determinant(x)
  if (is_singular(x, n, d$modulus)) {
    polynomial_det(x, n)
  } else {
    d$sign * exp(d$modulus)
  }
}

# Against Hadamard's bound, the product of the lengths of the rows, which says
# something of small matrices only. The outcome is guarded.
is_singular <- function(x, n, modulus) {
  least <- if (n <= 6L) {
    log(1e-12) + sum(log(mat_sums(x^2, TRUE))) / 2
  } else {
    -Inf
  }
  !isTRUE(traced_binary("gt", modulus, least, kind_logical))
}

# Bird (2011), "A simple division-free algorithm for computing determinants",
# Information Processing Letters 111, 1072-1074.
polynomial_det <- function(x, n) {
  if (n == 2L) {
    return(x[1L] * x[4L] - x[2L] * x[3L])
  }
  above <- upper.tri(diag(n)) + 0
  x <- traced_as(x, c(n, n), NULL, kind_number)
  out <- x
  for (k in seq_len(n - 1L)) {
    rest <- flat(mat_product(above, mat_diag(out)))
    out <- mat_product(mat_diag(-rest) + out * above, x)
  }
  out[1L] * (-1)^(n - 1)
}

# Sums of rows or columns; `dims` splits the dimensions of an array.
mat_sums <- function(x, rows, na.rm = FALSE, dims = 1L, divide = FALSE) {
  check_plain(na.rm = na.rm, dims = dims)
  d <- dim(x)
  if (length(d) < 2L) {
    stop("'x' must be an array of at least two dimensions", call. = FALSE)
  }
  split <- as.integer(c(prod(d[seq_len(dims)]), prod(d[-seq_len(dims)])))
  keep <- if (rows) seq_len(dims) else seq_along(d)[-seq_len(dims)]
  one <- length(keep) == 1L
  counts <- split[if (rows) 2L else 1L]
  if (na.rm) {
    # Which are missing comes from the data; the outcome is guarded.
    missing <- is.na(x)
    x <- traced_ifelse(missing, 0, x)
    present <- array(!missing, split)
    counts <- if (rows) base::rowSums(present) else base::colSums(present)
  }
  out <- traced_margin_sums(x, split, rows, if (one) dimnames(x)[[keep]])
  if (divide) out <- out / counts
  if (!one) out <- traced_as(out, d[keep], dimnames(x)[keep], kind_number)
  out
}

mat_transpose <- function(x) {
  if (is.null(dim(x))) {
    names_out <- if (!is.null(names(x))) list(NULL, names(x))
    return(traced_as(x, c(1L, length(x)), names_out, traced_kind(x)))
  }
  names_out <- dimnames(x)
  if (!is.null(names_out)) names_out <- rev(names_out)
  mat_linear("transpose", x, dimnames = names_out)
}

t.traced <- function(x) mat_transpose(x)
solve.traced <- function(a, b, ...) mat_solve(a, b, ...)
chol.traced <- function(x, ...) mat_chol(x, ...)
determinant.traced <- function(x, logarithm = TRUE, ...) {
  mat_determinant(x, logarithm, ...)
}

# The diagonal of a matrix, or a matrix from its diagonal.
mat_diag <- function(x, nrow, ncol, names = TRUE) {
  if (length(dim(x)) == 2L) {
    return(by_position(x, diag, names = names))
  }
  n <- length(x)
  rows <- if (missing(nrow)) {
    if (missing(ncol)) n else ncol
  } else {
    plain_index(nrow)
  }
  cols <- if (missing(ncol)) rows else plain_index(ncol)
  if (n == 1L && missing(nrow) && missing(ncol)) {
    size <- plain_index(x, "a dimension")
    return(diag(size))
  }
  k <- min(rows, cols)
  at <- matrix(1L, rows, cols)
  if (k > 0L) at[cbind(seq_len(k), seq_len(k))] <- 1L + rep_len(seq_len(n), k)
  rearranged(traced_concat(list(0, flat(x)), NULL, NULL), at)
}

`mat_diag<-` <- function(x, value) {
  x <- dense_matrix(x)
  d <- dim(x)
  if (length(d) != 2L) {
    stop("only matrix diagonals can be replaced", call. = FALSE)
  }
  k <- min(d)
  if (length(value) != 1L && length(value) != k) {
    stop("replacement diagonal has wrong length", call. = FALSE)
  }
  if (k == 0L) {
    return(x)
  }
  if (!is_traced(x)) x <- traced_assembled(x)
  traced_assign(
    x, 1L + 0:(k - 1L) * (d[1L] + 1L), value, length(x), dimnames(x)
  )
}

# Kronecker product of arrays of any shapes: base R says which elements meet,
# then it is FUN of two gathers.
mat_kronecker <- function(x, y, FUN = `*`, make.dimnames = FALSE, ...) {
  shaped <- function(v, values) array(values, c(if (is.null(dim(v))) length(v)
                                                else dim(v)))
  ones <- function(v) shaped(v, 1)
  places <- function(v) shaped(v, seq_len(length(v)))
  pick <- function(v, p) {
    if (is_traced(v)) {
      traced_gather(v, as.vector(p), dim(p), NULL)
    } else {
      array(v[as.vector(p)], dim(p))
    }
  }
  out <- FUN(pick(x, base::kronecker(places(x), ones(y))),
    pick(y, base::kronecker(ones(x), places(y))), ...)
  if (make.dimnames) {
    outline <- function(v) if (is_traced(v)) stand_in(v) else v
    dimnames(out) <- dimnames(base::kronecker(outline(x), outline(y),
      make.dimnames = TRUE))
  }
  out
}
