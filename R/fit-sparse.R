# The information of many parameters, few of which are coupled: a sparse matrix,
# of which a factor is all that is made. A dense inverse, or eigenvalues of all
# directions, are never needed.

# A sparse symmetric matrix as the engine returns it: its upper triangle by
# columns, row numbers `i` from 0, where columns begin `p`, elements `x`. The
# package Matrix, which takes a second to load, is needed only to hand one on.
symmetric_matrix <- function(found) {
  if (is.matrix(found)) found else structure(found, class = "sparse_symmetric")
}

is_sparse <- function(x) inherits(x, "sparse_symmetric")

as_sparse_matrix <- function(x, names = NULL) {
  if (!is_sparse(x)) {
    upper <- which(x != 0 & row(x) <= col(x), arr.ind = TRUE)
    x <- list(i = upper[, 1L] - 1L, x = x[upper],
              p = c(0L, cumsum(tabulate(upper[, 2L], ncol(x)))))
  }
  size <- length(x$p) - 1L
  Matrix::sparseMatrix(
    i = x$i, p = x$p, x = x$x, index1 = FALSE, dims = c(size, size),
    symmetric = TRUE, dimnames = list(names, names)
  )
}

#' @export
dim.sparse_symmetric <- function(x) rep(length(x$p) - 1L, 2L)

#' @export
dimnames.sparse_symmetric <- function(x) x$names

#' @export
`dimnames<-.sparse_symmetric` <- function(x, value) {
  x <- unclass(x)
  x$names <- value
  structure(x, class = "sparse_symmetric")
}

#' @export
as.matrix.sparse_symmetric <- function(x, ...) {
  out <- matrix(0, nrow(x), ncol(x), dimnames = dimnames(x))
  out[cbind(x$i + 1L, sparse_columns(x))] <- x$x
  out[lower.tri(out)] <- t(out)[lower.tri(out)]
  out
}

#' @export
print.sparse_symmetric <- function(x, ...) {
  cat(sprintf(paste0(
    "A symmetric matrix of %s rows, %s elements of its upper triangle not ",
    "zero.\nas.matrix() gives all elements.\n"
  ), format(nrow(x), big.mark = ","), format(length(x$x), big.mark = ",")))
  invisible(x)
}

sparse_columns <- function(x) rep(seq_along(diff(x$p)), diff(x$p))

sparse_diagonal <- function(x) {
  on <- x$i + 1L == sparse_columns(x)
  x$x[on]
}

# The rows and columns `at`, ascending.
sparse_part <- function(x, at) {
  if (length(at) == nrow(x)) {
    return(x)
  }
  place <- match(seq_len(nrow(x)), at)
  row <- place[x$i + 1L]
  column <- place[sparse_columns(x)]
  kept <- !is.na(row) & !is.na(column)
  structure(list(
    i = row[kept] - 1L, x = x$x[kept],
    p = c(0L, cumsum(tabulate(column[kept], length(at))))
  ), class = "sparse_symmetric")
}

# D^-1 A D^-1.
sparse_scaled <- function(x, scale) {
  x$x <- x$x / (scale[x$i + 1L] * scale[sparse_columns(x)])
  x
}

sparse_times <- function(x, b) {
  engine(sparse_multiply(x$i, x$p, x$x, as.matrix(b)))
}

# As analyse_information(), with `scaled` sparse; of the eigenvalues and vectors
# the few that are in doubt. `basis`: directions without curvature.
analyse_sparse <- function(fit, objective) {
  within <- interior(fit)
  information <- sparse_part(fit$hessian, within)
  information$x <- -information$x
  size <- length(within)
  result <- list(status = "nonfinite", rank = 0L, involved = rep(TRUE, size))
  if (!all(is.finite(information$x))) {
    return(result)
  }
  scale <- sqrt(abs(sparse_diagonal(information)))
  scale[!(scale > 0)] <- 1
  result$scale <- stats::setNames(scale, names(fit$theta)[within])
  result$scaled <- sparse_scaled(information, scale)
  result$factors <- new.env(parent = emptyenv())
  split <- smallest_directions(result)
  kinds <- direction_kinds(split, scale, fit, objective)
  null <- kinds %in% c("flat", "singular")
  result$status <- if (any(kinds == "rising")) "indefinite" else
    if (any(null)) "singular" else "definite"
  result$rank <- size - sum(null)
  result$involved <- logical(size)
  if (any(null)) {
    result$basis <- split$vectors[, null, drop = FALSE]
    result$null <- simple_basis(result$basis, scale)
    result$involved <- rowSums(abs(result$null)) > 0
    result$flat <- apply(result$null, 2L, is_flat, scale, fit, objective)
  }
  result
}

# Directions that are looked at; more without curvature are not told apart.
most_null <- 64L
settled_eigenvalue <- 0.01

# Eigenvalues and vectors of the scaled information up to those that are
# believed: powers of the inverse of a definite shift of it (subspace iteration;
# Golub and Van Loan 2013, Matrix Computations, section 8.2).
smallest_directions <- function(information) {
  shift <- 0
  while (is.null(sparse_factor_of(information, shift))) {
    shift <- max(10 * shift, 1e-9)
  }
  size <- ncol(information$scaled)
  count <- 4L
  repeat {
    count <- min(count, size)
    block <- cos(outer(seq_len(size)^1.5, seq_len(count)))
    before <- rep(Inf, count)
    for (iteration in seq_len(60L)) {
      block <- qr.Q(qr(factor_solve(information, block, shift)))
      split <- eigen(crossprod(block, sparse_times(information$scaled, block)),
                     symmetric = TRUE)
      block <- block %*% split$vectors
      change <- abs(split$values - before)
      before <- split$values
      if (all(change <= settled_eigenvalue * abs(before) + 1e-12)) break
    }
    if (count == size || count >= most_null ||
          max(split$values) > believed_eigenvalue) {
      break
    }
    count <- 2L * count
  }
  list(values = split$values, vectors = block)
}

# A factor of the scaled information with a shift, made once in a process; NULL
# where that is not positive definite.
sparse_factor_of <- function(information, shift = 0) {
  key <- format(shift)
  factor <- information$factors[[key]]
  if (is.null(factor) || !is_live_factor(factor)) {
    scaled <- information$scaled
    factor <- engine(sparse_factor(scaled$i, scaled$p, scaled$x, shift))
    information$factors[[key]] <- factor
  }
  factor
}

factor_solve <- function(information, b, shift = 0) {
  engine(sparse_factor_solve(sparse_factor_of(information, shift), as.matrix(b)))
}

# (-H)^-1 b, or on the identified directions.
information_solve <- function(information, b) {
  if (!is_sparse(information$scaled)) {
    return(inverse_information(information) %*% b)
  }
  b <- as.matrix(b) / information$scale
  basis <- information$basis
  if (is.null(basis)) {
    return(factor_solve(information, b) / information$scale)
  }
  # A small shift keeps the factor definite; what it changes is taken out again.
  shift <- 1e-7
  within <- function(x) x - basis %*% crossprod(basis, x)
  b <- within(b)
  x <- within(factor_solve(information, b, shift))
  for (round in 1:3) {
    rest <- within(b - sparse_times(information$scaled, x))
    x <- x + within(factor_solve(information, rest, shift))
  }
  x / information$scale
}
