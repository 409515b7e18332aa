# The delta method with absorbed effects. They are parameters that follow those
# of the fit (all_parameters()). A function g of both has along the maximum in
# the effects the slopes g_theta + g_alpha dalpha/dtheta, and to the variance
# that these give comes that of the effects given theta: with the covariance of
# maximum likelihood the sum is the delta method with all of them as parameters.

# Of slopes by all parameters: those by the free ones of the fit, with the
# addition to the covariance as attribute `effects`.
# `joint`: the log-likelihood as a function of all parameters, which are `at`.
along_maximum <- function(slopes, joint, at, free) {
  own <- seq_along(free)
  by_effects <- slopes[, -own, drop = FALSE]
  slopes <- slopes[, own, drop = FALSE][, free, drop = FALSE]
  if (all(by_effects == 0)) {
    return(slopes)
  }
  curvature <- effects_curvature(joint, at, free)
  solved <- as.matrix(Matrix::solve(curvature$own, t(by_effects)))
  structure(slopes + t(solved) %*% curvature$with_parameters,
            effects = by_effects %*% solved)
}

# What effects add to the covariance, or to the variances.
of_effects <- function(slopes, diagonal = FALSE) {
  added <- attr(slopes, "effects")
  if (is.null(added)) 0 else if (diagonal) diag(added) else added
}

# Minus the second derivatives of the log-likelihood by the effects, and the
# mixed ones by effects and free parameters.
effects_curvature <- function(joint, at, free) {
  H <- hessian(joint, sparse = TRUE)(at)
  effects <- seq.int(length(free) + 1L, ncol(H))
  list(
    own = Matrix::forceSymmetric(-H[effects, effects, drop = FALSE]),
    with_parameters = as.matrix(H[effects, which(free), drop = FALSE])
  )
}

# A matrix with a row for each prediction and a column for each effect.
check_effect_slopes <- function(rows, effects) {
  if (rows * effects > 5e7) {
    admle_abort("unsupported", sprintf(paste(
      "Standard errors of %s predictions with %s absorbed effects need too",
      "much memory: give `newdata` with fewer rows."
    ), grouped_digits(rows), grouped_digits(effects)))
  }
}
