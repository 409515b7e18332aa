# Masks of matrix algebra: crossprod, outer, solve, chol, diag, rowSums.
#' @include trace-masks.R
NULL

define_masks("base",
  crossprod = function(x, y = NULL) {
    if (is_traced(x) || is_traced(y)) {
      mat_crossprod(x, y)
    } else {
      base::crossprod(x, y)
    }
  },
  tcrossprod = function(x, y = NULL) {
    if (is_traced(x) || is_traced(y)) {
      mat_tcrossprod(x, y)
    } else {
      base::tcrossprod(x, y)
    }
  },
  outer = function(X, Y, FUN = "*", ...) {
    product <- missing(FUN) || identical(FUN, "*") || identical(FUN, base::`*`)
    if (!product) FUN <- masked_function(resolve_function(FUN, parent.frame()))
    if (product && (is_traced(X) || is_traced(Y))) {
      return(mat_outer(X, Y))
    }
    if (product) {
      return(base::outer(X, Y))
    }
    if (is_traced(X) || is_traced(Y)) {
      return(apply_outer(X, Y, FUN, ...))
    }
    if (typeof(FUN) == "closure" && is_under_mask(FUN)) {
      apply_outer(X, Y, FUN, ...)
    } else {
      base::outer(X, Y, FUN, ...)
    }
  },
  "%o%" = function(X, Y) {
    if (is_traced(X) || is_traced(Y)) mat_outer(X, Y) else base::`%o%`(X, Y)
  },
  kronecker = function(X, Y, FUN = "*", make.dimnames = FALSE, ...) {
    if (!is_traced(X) && !is_traced(Y)) {
      return(base::kronecker(X, Y, FUN, make.dimnames, ...))
    }
    check_plain(make.dimnames = make.dimnames)
    FUN <- masked_function(resolve_function(FUN, parent.frame()))
    mat_kronecker(X, Y, FUN, make.dimnames, ...)
  },
  "%x%" = function(X, Y) {
    if (is_traced(X) || is_traced(Y)) mat_kronecker(X, Y) else base::`%x%`(X, Y)
  },
  solve = function(a, b, ...) {
    if (inherits(a, "qr") && contains_traced(if (missing(b)) a else c(a, b))) {
      of_qr <- mask_table[["base::qr.solve"]]
      return(if (missing(b)) of_qr(a) else of_qr(a, b))
    }
    if (missing(b)) {
      return(if (is_traced(a)) mat_solve(a) else base::solve(a, ...))
    }
    if (is_traced(a) || is_traced(b)) {
      mat_solve(a, b)
    } else {
      base::solve(a, b, ...)
    }
  },
  chol = function(x, ...) {
    if (is_traced(x)) mat_chol(x, ...) else base::chol(x, ...)
  },
  chol2inv = function(x, size = NCOL(x), LINPACK = FALSE) {
    if (is_traced(x)) mat_chol2inv(x, size) else base::chol2inv(x, size)
  },
  det = function(x, ...) if (is_traced(x)) mat_det(x) else base::det(x, ...),
  determinant = function(x, logarithm = TRUE, ...) {
    if (is_traced(x)) {
      mat_determinant(x, logarithm)
    } else {
      base::determinant(x, logarithm, ...)
    }
  },
  backsolve = function(r, x, k = ncol(r), upper.tri = TRUE, transpose = FALSE) {
    if (is_traced(r) || is_traced(x)) {
      mat_triangular(r, x, k, upper.tri, transpose)
    } else {
      base::backsolve(r, x, k, upper.tri, transpose)
    }
  },
  forwardsolve = function(
    l, x, k = ncol(l), upper.tri = FALSE, transpose = FALSE
  ) {
    if (is_traced(l) || is_traced(x)) {
      mat_triangular(l, x, k, upper.tri, transpose)
    } else {
      base::forwardsolve(l, x, k, upper.tri, transpose)
    }
  },
  diag = function(x = 1, nrow, ncol, names = TRUE) {
    arguments <- list(x)
    if (!missing(names)) arguments$names <- names
    if (is_traced(x)) {
      if (!missing(nrow)) arguments$nrow <- nrow
      if (!missing(ncol)) arguments$ncol <- ncol
      return(do.call(mat_diag, arguments))
    }
    if (!missing(nrow)) arguments$nrow <- plain_index(nrow, "a dimension")
    if (!missing(ncol)) arguments$ncol <- plain_index(ncol, "a dimension")
    do.call(base::diag, arguments)
  },
  "diag<-" = function(x, value) {
    if (is_traced(x) || is_traced(value)) {
      `mat_diag<-`(x, value)
    } else {
      base::`diag<-`(x, value)
    }
  },
  norm = function(x, type = "O") {
    if (!is_traced(x)) {
      return(base::norm(x, type))
    }
    check_plain(type = type)
    switch(toupper(substr(type, 1L, 1L)),
      O = ,
      "1" = max(mat_sums(abs(x), FALSE)),
      I = max(mat_sums(abs(x), TRUE)),
      M = max(abs(x)),
      F = ,
      E = sqrt(sum(x^2)),
      "2" = mat_svd(x, 0L, 0L)$d[1L],
      unsupported(sprintf("norm() of type \"%s\"", type), "Use type \"F\".")
    )
  },
  rowSums = function(x, na.rm = FALSE, dims = 1L) {
    if (is_traced(x)) {
      mat_sums(x, TRUE, na.rm, dims)
    } else {
      base::rowSums(x, na.rm, dims)
    }
  },
  colSums = function(x, na.rm = FALSE, dims = 1L) {
    if (is_traced(x)) {
      mat_sums(x, FALSE, na.rm, dims)
    } else {
      base::colSums(x, na.rm, dims)
    }
  },
  rowMeans = function(x, na.rm = FALSE, dims = 1L) {
    if (is_traced(x)) {
      mat_sums(x, TRUE, na.rm, dims, TRUE)
    } else {
      base::rowMeans(x, na.rm, dims)
    }
  },
  colMeans = function(x, na.rm = FALSE, dims = 1L) {
    if (is_traced(x)) {
      mat_sums(x, FALSE, na.rm, dims, TRUE)
    } else {
      base::colMeans(x, na.rm, dims)
    }
  },
  aperm = function(a, perm = NULL, ...) {
    if (is_traced(a)) {
      by_position(a, base::aperm, perm, ...)
    } else {
      base::aperm(a, perm, ...)
    }
  },
  scale = function(x, center = TRUE, scale = TRUE) {
    if (is_traced(x) || is_traced(center) || is_traced(scale)) {
      traced_scale(x, center, scale)
    } else {
      base::scale(x, center, scale)
    }
  }
)
