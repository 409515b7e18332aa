# The information of many parameters, few of which are coupled: a sparse matrix,
# of which a factor is all that is made. A dense inverse, or eigenvalues of all
# directions, are never needed.

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
  view <- sparse_view(information)
  scale <- view$scale
  names(view$scale) <- names(fit$theta)[within]
  result[names(view)] <- view
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
  # There may be more directions, of any parameters: the rank is a bound.
  if (all(null) && length(null) < size) {
    result$more <- TRUE
    result$involved <- rep(TRUE, size)
  }
  result
}

# A matrix with unit diagonal, and where factors of it are kept.
sparse_view <- function(x) {
  scale <- sqrt(abs(symmetric_diagonal(x)))
  scale[!(scale > 0)] <- 1
  list(scale = scale, scaled = sparse_scaled(x, scale),
       factors = new.env(parent = emptyenv()))
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
  if (is.null(factor) || !is_live_pointer(factor)) {
    scaled <- information$scaled
    factor <- engine(sparse_factor(scaled$i, scaled$p, scaled$x, scaled$order,
                                   shift))
    information$factors[[key]] <- factor
  }
  factor
}

factor_solve <- function(information, b, shift = 0) {
  engine(sparse_factor_solve(sparse_factor_of(information, shift),
                             as.matrix(b)))
}

# (-H)^-1 b, or on the identified directions.
information_solve <- function(information, b) {
  if (!is_sparse_hessian(information$scaled)) {
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
