# Ill-conditioned model matrices. The coefficients of a cubic in calendar years
# are identified, but their information has a condition of 1e14 whatever their
# units. So where the columns of a model matrix X are nearly dependent, the
# optimiser moves R b instead of the coefficients b, R being the triangular
# factor of X, and the likelihood is recorded with the columns of Q = X R^-1,
# which are nearly orthogonal. R is any matrix that makes them so: Q R is X to
# rounding, and results are in the user's columns (Bjorck 1996, Numerical
# Methods for Least Squares Problems, 2.4 and 7.1). Where X is not
# ill-conditioned nothing is done.

# Condition of the scaled columns from which on this is done. Up to there, the
# information of the coefficients is judged without looking at the likelihood
# (`believed_eigenvalue`).
largest_condition <- 1e3

# The triangular factor of X'X / n; NULL where the columns are as good as it.
# `cholesky` is that of gram_cholesky().
column_root <- function(X, cholesky = gram_cholesky(X)) {
  if (ncol(X) < 2L || !is.null(cholesky) &&
        rcond(cholesky$factor, triangular = TRUE) > 1 / largest_condition) {
    return(NULL)
  }
  root <- triangular_factor(X) / sqrt(nrow(X))
  if (all(diag(root) > 0)) root
}

# R of X = Q R, with a positive diagonal, in chunks of rows.
triangular_factor <- function(X, chunk = max(10000L, 2L * ncol(X))) {
  R <- NULL
  for (first in seq.int(1L, nrow(X), by = chunk)) {
    rows <- seq.int(first, min(first + chunk - 1L, nrow(X)))
    # No column is moved with a tolerance of zero.
    R <- qr.R(qr(rbind(R, X[rows, , drop = FALSE]), tol = 0))
  }
  R * ifelse(diag(R) < 0, -1, 1)
}

# Least squares by the well-conditioned columns.
rooted_least_squares <- function(X, root, z, weights = NULL) {
  Q <- triangular_quotient(X, root)
  w <- if (is.null(weights)) 1 else weights
  solved <- tryCatch(
    solve(crossprod(Q, w * Q), crossprod(Q, w * z)), error = function(e) NULL
  )
  if (!is.null(solved)) drop(backsolve(root, solved))
}

# What the optimiser moves instead of the coefficients. `parameters$roots`: by
# argument, the `root` of its matrix, the name of that `matrix`, and the number
# of `copies`, one for each category.
# -> parameters with `linear` (see parameters.R): matrix and offset of all
#    unrestricted numbers by theta, root (theta = root times what constraints
#    leave), and `reduced`, the matrix by what they leave; `given`, `linear` as
#    it was
parameters_conditioned <- function(parameters) {
  parameters <- parameters_unconditioned(parameters)
  if (length(parameters$roots) == 0L) {
    return(parameters)
  }
  given <- parameters$linear
  count <- sum(parameters$working$free)
  reduced <- if (is.null(given)) diag(count) else given$matrix
  root <- conditioned_root(parameters, reduced)
  if (is.null(root)) {
    return(parameters)
  }
  parameters$linear <- list(
    kept = if (is.null(given)) seq_len(count) else given$kept,
    offset = if (is.null(given)) numeric(count) else given$offset,
    matrix = t(backsolve(root, t(reduced), transpose = TRUE)),
    root = root, reduced = reduced, given = given
  )
  parameters
}

parameters_unconditioned <- function(parameters) {
  if (is_conditioned(parameters)) {
    parameters["linear"] <- list(parameters$linear$given)
  }
  parameters
}

is_conditioned <- function(parameters) !is.null(parameters$linear$root)

# Of what moves linear predictors with ill-conditioned matrices; an identity for
# the rest. NULL where there are none.
conditioned_root <- function(parameters, reduced) {
  layout <- parameters_layout(parameters)[names(parameters$roots)]
  rows <- Map(function(part, own) {
    used <- !is.na(part$free)
    block <- kronecker(diag(own$copies), own$root)
    block[, used, drop = FALSE] %*% reduced[part$free[used], , drop = FALSE]
  }, layout, parameters$roots)
  rows <- do.call(rbind, unname(rows))
  moved <- if (!is.null(rows)) which(colSums(rows != 0) > 0)
  if (length(moved) < 2L) {
    return(NULL)
  }
  factor <- triangular_factor(rows[, moved, drop = FALSE])
  # Constraints may make predictors depend on sums of coefficients alone.
  if (nrow(factor) < length(moved) ||
        any(diag(factor) <= 1e-13 * sqrt(colSums(factor^2)))) {
    return(NULL)
  }
  root <- diag(ncol(reduced))
  root[moved, moved] <- factor
  root
}

# Starts at what is nearest to the unrestricted numbers `wanted`, measured in
# the linear predictors: a coefficient that is moved alone moves them far.
conditioned_start <- function(parameters, wanted) {
  if (length(parameters$roots) == 0L) {
    return(parameters)
  }
  free <- parameters$working$free
  linear <- parameters$linear
  if (is.null(linear)) {
    linear <- list(offset = numeric(sum(free)), matrix = diag(sum(free)))
  }
  nearest <- parameters$working$start
  nearest[free] <- linear$offset
  rest <- wanted - nearest
  moves <- matrix(0, length(free), ncol(linear$matrix))
  moves[free, ] <- linear$matrix
  metric <- diag(length(free))
  for (name in names(parameters$roots)) {
    own <- parameters$roots[[name]]
    at <- parameters$shapes[[name]]$working
    metric[at, at] <- kronecker(diag(own$copies), own$root)
  }
  theta <- qr.solve(metric %*% moves, metric %*% rest)
  parameters_at(parameters, parameters_expand(parameters, as.numeric(theta)))
}

# The likelihood as it is recorded: list(fn, arguments(theta)). Where parameters
# are conditioned, `fn` has Q in the place of X, and the arguments are what
# multiplies it.
working_likelihood <- function(fn, parameters) {
  layout <- parameters_layout(parameters)
  known <- vapply(layout, function(part) all(is.na(part$free)), NA)
  plain <- list(fn = fn, known = layout[known], arguments = function(theta) {
    parameters_expand(parameters, theta, layout[!known])
  })
  if (!is_conditioned(parameters)) {
    return(plain)
  }
  own <- parameters$roots[setdiff(names(parameters$roots),
                                  names(layout)[known])]
  made <- lapply(names(own), function(name) {
    working_matrix(fn, parameters, layout[[name]], own[[name]])
  })
  names(made) <- names(own)
  made <- made[lengths(made) > 0L]
  matrices <- lapply(made, `[[`, "matrix")
  names(matrices) <- vapply(own[names(made)], `[[`, "", "matrix")
  environment(fn) <- list2env(matrices, parent = environment(fn))
  rest <- rest_arguments(parameters, layout[!known], names(made))
  list(fn = fn, known = layout[known], arguments = function(theta) {
    c(lapply(made, function(one) layout_slice(theta, one)), rest(theta))
  })
}

# -> list(matrix, positions, values): the linear predictor is the matrix times
# these elements of theta (NA: the number in `values`). NULL where it is better
# left as it is.
working_matrix <- function(fn, parameters, part, own) {
  linear <- parameters$linear
  X <- get(own$matrix, envir = environment(fn))
  used <- which(!is.na(part$free))
  if (own$copies > 1L) {
    if (!is.null(linear$given) || length(used) < length(part$free)) {
      return(NULL)
    }
    return(list(matrix = triangular_quotient(X, own$root),
                positions = part$free))
  }
  at <- part$free[used]
  moves <- which(colSums(linear$matrix[at, , drop = FALSE] != 0) > 0)
  columns <- X[, used, drop = FALSE]
  if (length(used) < ncol(X) || !is.null(linear$given)) {
    columns <- columns %*% linear$reduced[at, moves, drop = FALSE]
  }
  Q <- triangular_quotient(columns, linear$root[moves, moves, drop = FALSE])
  constant <- part$values
  constant[used] <- linear$offset[at]
  if (all(constant == 0)) {
    return(list(matrix = Q, positions = moves))
  }
  list(matrix = cbind(Q, X %*% constant), positions = c(moves, NA),
       values = c(numeric(length(moves)), 1))
}

# The other arguments, without the map where it does not touch them.
rest_arguments <- function(parameters, layout, made) {
  layout <- layout[setdiff(names(layout), made)]
  linear <- parameters$linear
  free <- unlist(lapply(unname(layout), `[[`, "free"))
  rows <- linear$matrix[free[!is.na(free)], , drop = FALSE]
  same <- rowSums(rows != 0) == 1 & rowSums(rows) == 1 &
    linear$offset[free[!is.na(free)]] == 0
  if (all(same)) {
    place <- apply(linear$matrix != 0, 1L, which.max)
    layout <- lapply(layout, function(part) {
      part$free <- place[part$free]
      part
    })
    parameters["linear"] <- list(NULL)
  }
  function(theta) parameters_expand(parameters, theta, layout)
}
