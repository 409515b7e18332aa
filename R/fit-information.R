# The estimates of the information that covariances are made of.

# Parameters up to which a dense Hessian is made when it is asked for.
largest_hessian <- 5000L

# Analysed at the fit; only now where the fit made no Hessian.
fit_information <- function(fit) {
  if (!is.null(fit$information)) {
    return(fit$information)
  }
  k <- length(fit$theta)
  if (k > largest_hessian) {
    admle_abort("unsupported", sprintf(paste(
      "Standard errors need the Hessian, which for %s would be a matrix",
      "of %.0f GB. It is made for at most %d."
    ), counted(k, "parameter"), 8e-9 * k^2, largest_hessian))
  }
  objective <- fit_objective(fit)
  fit$hessian <- objective_curvature(objective, unname(fit$theta))
  dimnames(fit$hessian) <- rep(list(names(fit$theta)), 2L)
  analyse_information(fit, objective)
}

# (-H)^-1; its inverse on the identified directions where H is singular.
inverse_information <- function(information) {
  if (is_sparse_hessian(information$scaled)) {
    return(information_solve(information, diag(length(information$scale))))
  }
  kept <- information$identified
  inverse <- if (is.null(kept)) {
    inverse_definite(information$scaled)
  } else {
    vectors <- information$vectors[, kept, drop = FALSE]
    vectors %*% (t(vectors) / information$values[kept])
  }
  inverse / outer(information$scale, information$scale)
}

inverse_definite <- function(scaled) {
  if (length(scaled) == 0L) {
    return(scaled)
  }
  factor <- tryCatch(chol(scaled), error = function(e) NULL)
  if (is.null(factor)) NULL else chol2inv(factor)
}

# The inverse of another estimate of the information, such as S'S, on the same
# directions.
inverse_within <- function(information, other, what) {
  units <- outer(information$scale, information$scale)
  basis <- diag(length(information$scale))
  if (!is.null(information$identified)) {
    basis <- information$vectors[, information$identified, drop = FALSE]
  }
  scaled <- crossprod(basis, other / units) %*% basis
  inverse <- if (rcond(scaled) > 1e-15) inverse_definite(scaled)
  if (is.null(inverse)) {
    admle_warn("hessian", paste(what,
                                "is singular: it gives no standard errors."))
    return(units * NA)
  }
  (basis %*% inverse %*% t(basis)) / units
}

# The scores by what is not on its boundary.
interior_scores <- function(fit) {
  theta_scores(fit)[, interior(fit), drop = FALSE]
}
