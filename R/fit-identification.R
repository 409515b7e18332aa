# What the curvature of the log-likelihood says: which parameters the data
# identify. All judgement of the Hessian is made on -H scaled to unit diagonal,
# which does not depend on the units of the parameters.

# All of it is about theta, the numbers that the optimiser moves, without those
# that ran to the boundary of a declared range.
# -> status   "definite", "singular", "indefinite" or "nonfinite"
#    scale, scaled   D and S of -H = D S D
#    values, vectors, identified   eigenvalues and -vectors of S where it is
#             singular, and which of them have curvature
#    null     directions without curvature: a k x m matrix in parameter units
#    flat     per direction: the log-likelihood is constant along the line
#    involved which parameters take part in one of them
analyse_information <- function(fit, objective) {
  within <- interior(fit)
  if (is_sparse_hessian(fit$hessian)) {
    return(analyse_sparse(fit, objective))
  }
  information <- -fit$hessian[within, within, drop = FALSE]
  size <- ncol(information)
  result <- list(status = "nonfinite", rank = 0L, involved = rep(TRUE, size))
  if (size == 0L) {
    return(list(status = "definite", rank = 0L, involved = logical(),
                scale = numeric(), scaled = information))
  }
  if (!all(is.finite(information))) {
    return(result)
  }
  scale <- sqrt(abs(diag(information)))
  scale[!(scale > 0)] <- 1
  scaled <- information / outer(scale, scale)
  result$scale <- scale
  result$scaled <- scaled
  if (is_clearly_definite(scaled)) {
    result[c("status", "rank")] <- list("definite", size)
    result$involved <- logical(size)
    return(result)
  }
  split <- eigen(scaled, symmetric = TRUE)
  kinds <- direction_kinds(split, scale, fit, objective)
  null <- kinds %in% c("flat", "singular")
  result$status <- if (any(kinds == "rising")) "indefinite" else
    if (any(null)) "singular" else "definite"
  result$rank <- sum(!null)
  basis <- simple_basis(split$vectors[, null, drop = FALSE], scale)
  result$involved <- rowSums(abs(basis)) > 0
  if (any(null)) {
    result[c("values", "vectors")] <- split[c("values", "vectors")]
    result$identified <- !null
    result$null <- basis
    result$flat <- apply(basis, 2L, is_flat, scale, fit, objective)
  }
  result
}

# Eigenvalues below this are not believed without a look at the function.
believed_eigenvalue <- 1e-6

# Whether all eigenvalues are well above that: the smallest one is at least one
# over the largest row sum of the inverse. Costs a tenth of the eigenvalues.
is_clearly_definite <- function(scaled) {
  inverse <- inverse_definite(scaled)
  !is.null(inverse) &&
    isTRUE(max(rowSums(abs(inverse))) < 0.1 / believed_eigenvalue)
}

# Each eigenvector as "curved" (a maximum along it), "rising" (none), "flat" or
# "singular" (no curvature within rounding, but not constant). Eigenvalues near
# zero are not believed, the log-likelihood itself is asked.
direction_kinds <- function(split, scale, fit, objective) {
  size <- length(scale)
  rounding <- if (fit$derivatives == "numeric") 1e-9 * size else
    100 * .Machine$double.eps * size
  vapply(seq_along(split$values), function(i) {
    value <- split$values[[i]]
    direction <- split$vectors[, i] / scale
    if (abs(value) > believed_eigenvalue) {
      return(if (value < 0) "rising" else "curved")
    }
    if (is_flat(direction, scale, fit, objective)) {
      return("flat")
    }
    if (abs(value) <= rounding) {
      return("singular")
    }
    if (!is_quadratic(value, direction, fit, objective)) {
      "singular"
    } else if (value > 0) {
      "curved"
    } else {
      "rising"
    }
  }, "")
}

# Whether the log-likelihood changes along a direction as its eigenvalue says,
# at one distance at least: that of a standard error, or a shorter one where a
# straight line soon leaves a bent ridge, but not one that rounding hides.
is_quadratic <- function(value, direction, fit, objective) {
  lengths <- 10^-(0:6)
  visible <- 1e3 * .Machine$double.eps * (abs(fit$loglik) + 1)
  lengths <- lengths[lengths^2 / 2 > visible]
  change <- change_along(c(-lengths, lengths) / sqrt(abs(value)), direction,
                         fit, objective)
  ratio <- matrix(change / (-sign(value) * lengths^2 / 2), ncol = 2L)
  agrees <- is.finite(ratio) & ratio > 0.5 & ratio < 2
  any(agrees[, 1L] & agrees[, 2L])
}

change_along <- function(lengths, direction, fit, objective) {
  theta <- unname(fit$theta)
  if (length(direction) < length(theta)) {
    direction <- replace(numeric(length(theta)), interior(fit), direction)
  }
  vapply(lengths, function(length) {
    objective_value(objective, theta + length * direction) - fit$loglik
  }, numeric(1))
}

# Whether the log-likelihood is constant along a line, far beyond what would be
# a standard error of each parameter if the others were known.
is_flat <- function(direction, scale, fit, objective) {
  far <- pmax(abs(fit$theta[interior(fit)]), 1e4 / scale)
  direction <- direction / max(abs(direction) / far)
  outward <- 10^-(0:3)
  change <- change_along(c(-outward, outward), direction, fit, objective)
  inside <- is.finite(change)
  any(inside[1:4]) && any(inside[5:8]) &&
    all(abs(change[inside]) <= 1e-11 * (abs(fit$loglik) + 1))
}

# Where the optimiser ran off or stalled, a definite Hessian may be that of a
# log-likelihood that flattens out. A standard error is believed if a step of
# its size costs about half a unit of log-likelihood, as it does at a maximum.
doubt_errors <- function(information, fit, objective) {
  stalled <- c("diverging", "no_progress", "singular_hessian",
               "nonfinite_hessian")
  outcome <- fit_search(fit)$outcome
  # On the way to a maximum the curvature is that of another point.
  if (outcome %in% c("iteration_limit", "interrupted")) {
    information$involved[] <- TRUE
    return(information)
  }
  if (!identical(information$status, "definite") || !outcome %in% stalled) {
    return(information)
  }
  # Of many parameters those that are known worst.
  size <- 1 / (information$scale * coordinate_steps(fit))
  asked <- sort(utils::head(order(size, decreasing = TRUE), most_directions))
  unit <- diag(length(size))[, asked, drop = FALSE]
  covariance <- information_solve(information, unit)
  information$involved <- stats::setNames(logical(length(size)),
                                          names(information$scale))
  information$involved[asked] <- vapply(seq_along(asked), function(i) {
    step <- covariance[, i] / sqrt(covariance[asked[[i]], i])
    change <- change_along(c(-1, 1), step, fit, objective)
    !all(is.finite(change) & change < -0.25 & change > -1)
  }, NA)
  # Where all of them are in doubt, so are the rest.
  if (all(information$involved[asked])) information$involved[] <- TRUE
  information
}

# A basis of the same space with as many zeros as possible (Gauss-Jordan with
# the largest entry as pivot): from the scaled parameters to their own units.
simple_basis <- function(basis, scale) {
  for (column in seq_len(ncol(basis))) {
    row <- which.max(abs(basis[, column]))
    basis[, column] <- basis[, column] / basis[row, column]
    for (other in setdiff(seq_len(ncol(basis)), column)) {
      basis[, other] <- basis[, other] - basis[row, other] * basis[, column]
    }
  }
  basis[abs(basis) < 1e-5] <- 0
  basis / scale
}
