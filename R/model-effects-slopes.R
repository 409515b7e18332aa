# The delta method with absorbed effects. They are parameters that follow those
# of the fit (all_parameters()). A function g of both has along the maximum in
# the effects the slopes g_theta + g_alpha dalpha/dtheta, and to the variance
# that these give comes that of the effects given theta: with the covariance of
# maximum likelihood the sum is the delta method with all of them as parameters.

# Of slopes by all parameters: those by the free ones of the fit, with the
# addition to the covariance as attribute `effects`.
along_maximum <- function(slopes, fit) {
  own <- seq_along(fit$parameters$free)
  by_effects <- slopes[, -own, drop = FALSE]
  slopes <- slopes[, own, drop = FALSE][, fit$parameters$free, drop = FALSE]
  if (all(by_effects == 0)) {
    return(slopes)
  }
  curvature <- effects_curvature(fit)
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
effects_curvature <- function(fit) {
  size <- length(fit$parameters$free)
  H <- hessian(joint_function(fit), sparse = TRUE)(all_parameters(fit))
  effects <- seq.int(size + 1L, ncol(H))
  list(
    own = Matrix::forceSymmetric(-H[effects, effects, drop = FALSE]),
    with_parameters = as.matrix(H[effects, which(fit$parameters$free),
                                  drop = FALSE])
  )
}

# The log-likelihood as a function of all parameters, effects included.
joint_function <- function(fit) {
  joint <- fit$absorb$joint
  arguments <- lapply(stats::setNames(nm = names(formals(joint))), as.name)
  known <- c(names(fit$parameters$shapes), names(fit$absorb$start))
  target <- as.call(c(quote(.joint), arguments[names(arguments) %in% known]))
  if (!is.null(fit$weights)) {
    target <- bquote(with_term_weights(.(target), .(fit$weights)))
  }
  if (isTRUE(fit$negative)) target <- call("-", target)
  columns <- if (is.null(fit$model)) likelihood_data(fit)
  environment(joint) <- list2env(as.list(columns), parent = environment(joint))
  model <- list(components = list(), given = list())
  model_function(fit, model, call("sum", target), list(.joint = joint))
}

# A matrix with a row for each prediction and a column for each effect.
check_effect_slopes <- function(rows, fit) {
  if (rows * length(unlist(fit$absorb$start)) > 5e7) {
    admle_abort("unsupported", sprintf(paste(
      "Standard errors of %s predictions with %s absorbed effects need too much",
      "memory: give `newdata` with fewer rows."
    ), grouped_digits(rows), grouped_digits(length(unlist(fit$absorb$start)))))
  }
}
