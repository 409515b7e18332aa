# From a specification to the matrix. All types are made for theta, the numbers
# that the optimiser moved, and carried to the coefficients; what a table is to
# say about the matrix comes with it.

# -> list(matrix, spec, df, adjustment, ...): the matrix of the coefficients
# that exist; the degrees of freedom of tests (Inf for the normal); what the
# small-sample adjustment was, or NULL; the facts of the type, such as
# `clusters`.
# `parm`: of some of the coefficients, by names or numbers.
covariance_made <- function(fit, vcov = NULL, adjust = fit$adjust, parm = NULL,
                            ...) {
  if (is.null(parm)) check_covariance_size(fit)
  wanted <- covariance_wanted(vcov, ..., own = fit$covariance)
  if (!inherits(wanted, "vcov_spec")) {
    given <- if (is.function(wanted)) wanted(fit) else wanted
    matrix <- given_covariance(given, names(fit$coefficients))
    few <- if (is.null(parm)) TRUE else parm_positions(fit, parm)
    return(list(
      matrix = matrix[few, few, drop = FALSE],
      spec = list(type = if (is.function(wanted)) "function" else "matrix"),
      adjustment = NULL, df = covariance_df(fit, wanted, adjust)
    ))
  }
  made <- specified_covariance(fit, wanted, parm)
  adjustment <- spec_adjustment(fit, wanted, adjust)
  if (!is.null(adjustment)) {
    made$matrix <- scaled_covariance(made$matrix, adjustment$factor)
  }
  c(made, list(spec = wanted, adjustment = adjustment,
               df = covariance_df(fit, wanted, adjust)))
}

# n / (n - k), or with clusters (n - 1) / (n - k) besides their own factor.
spec_adjustment <- function(fit, spec, adjust) {
  type <- covariance_of(spec)
  if (!is.null(type$adjusts) && isFALSE(adjust)) adjust <- TRUE
  adjustment <- fit_adjustment(fit, adjust)
  if (is.null(adjustment)) {
    return(NULL)
  }
  adjustment$numerator <- if (is_resampled(spec)) adjustment$df else
    adjustment$n - !is.null(type$clusters)
  adjustment$factor <- adjustment$numerator / adjustment$df
  adjustment
}

# Degrees of freedom of the t distribution; Inf stands for the normal.
covariance_df <- function(fit, spec, adjust = fit$adjust) {
  own <- inherits(spec, "vcov_spec")
  if (own && is.numeric(spec$df)) {
    return(as.numeric(spec$df))
  }
  clusters <- if (own) covariance_of(spec)$clusters
  if (!is.null(clusters) &&
        (identical(spec$df, "clusters") || !isFALSE(adjust))) {
    return(min(vapply(clusters(fit, spec), max, 0L)) - 1)
  }
  adjustment <- fit_adjustment(fit, adjust)
  if (is.null(adjustment)) Inf else adjustment$df
}

covariance_matrix <- function(fit, type) {
  specified_covariance(fit, vcov_spec(type))$matrix
}

# -> list(matrix, facts of the type)
specified_covariance <- function(fit, spec, parm = NULL) {
  type <- covariance_of(spec)
  if (isTRUE(type$resampled) || !is.null(type$coefficients)) {
    made <- if (isTRUE(type$resampled)) resampled_covariance(fit, spec) else
      type$coefficients(fit, spec)
    if (!is.null(parm)) {
      few <- parm_positions(fit, parm)
      made$matrix <- made$matrix[few, few, drop = FALSE]
    }
    return(made)
  }
  information <- fit_information(fit)
  names <- names(fit$coefficients)
  few <- if (is.null(parm)) seq_along(names) else parm_positions(fit, parm)
  if (!information$status %in% c("definite", "singular")) {
    return(list(matrix = matrix(NA_real_, length(few), length(few),
                                dimnames = list(names[few], names[few]))))
  }
  if (is_sparse_hessian(information$scaled)) {
    return(covariance_of_few(fit, spec, information, few))
  }
  made <- theta_covariance(fit, spec, information)
  made$matrix <- coefficient_covariance(made$matrix, fit, information$involved)
  if (!is.null(parm)) made$matrix <- made$matrix[few, few, drop = FALSE]
  made
}

# By resampling: the covariance of the coefficients themselves. That of a fit is
# made once, since it takes long.
resampled_covariance <- function(fit, spec) {
  kept <- fit$objective$resampled
  if (identical(kept$spec, spec) && identical(kept$theta, fit$theta)) {
    return(kept$made)
  }
  made <- covariance_of(spec)$coefficients(fit, spec)
  made$matrix <- given_covariance(made$matrix, names(fit$coefficients))
  if (identical(spec, fit$covariance)) {
    fit$objective$resampled <- list(spec = spec, theta = fit$theta, made = made)
  }
  made
}

# For the part of theta that is not on its boundary.
theta_covariance <- function(fit, spec, information) {
  type <- covariance_of(spec)
  make <- if (is.null(type$meat)) type$theta else sandwich_covariance
  make(fit, spec, information)
}

# To the coefficients, by the derivative of the map between them; NA for those
# that take part in what is not identified, or that are on a boundary.
coefficient_covariance <- function(covariance, fit, lacking) {
  names <- names(fit$coefficients)
  by_theta <- NULL
  if (!is.null(fit$jacobian)) {
    jacobian <- jacobian_part(fit$jacobian, columns = interior(fit))
    if (is_conditioned(fit$parameters)) {
      by_theta <- list(jacobian = jacobian, covariance = covariance)
    }
    covariance <- jacobian %*% covariance %*% t(jacobian)
    lacking <- names %in% boundary_coefficients(fit) |
      rowSums(abs(jacobian[, lacking, drop = FALSE])) > 0
  }
  covariance <- (covariance + t(covariance)) / 2
  covariance[lacking, ] <- NA
  covariance[, lacking] <- NA
  dimnames(covariance) <- list(names, names)
  structure(covariance, by_theta = by_theta)
}
