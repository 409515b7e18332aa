# From the numbers that the optimiser moves (theta) to the coefficients that a
# user sees, and the derivative of that map. Where nothing is declared and
# nothing constrained the two are the same, and the Jacobian is NULL, which
# stands for the identity. Linear algebra is on columns of length one, so that
# the units of the parameters do not matter.

# theta -> the free coefficients.
parameters_coefficients <- function(parameters, theta) {
  theta <- as.numeric(theta)
  names <- parameters_free_names(parameters)
  if (parameters_are_plain(parameters)) {
    return(stats::setNames(theta, names))
  }
  values <- parameters_expand(parameters, theta)
  stats::setNames(
    unname(parameters_flatten(parameters, values)[parameters$free]), names
  )
}

# The derivative of the free coefficients by theta; NULL for the identity.
parameters_jacobian <- function(parameters, theta) {
  if (parameters_are_plain(parameters)) {
    return(NULL)
  }
  linear <- parameters$linear
  unrestricted <- as.numeric(theta)
  if (!is.null(linear)) {
    unrestricted <- as.numeric(linear$offset + linear$matrix %*% unrestricted)
  }
  blocks <- list()
  for (part in parameters_layout(parameters)) {
    columns <- part$free[!is.na(part$free)]
    if (length(columns) == 0L) next
    block <- part_jacobian(part, unrestricted[columns])
    # One number for each element: the diagonal is all there is.
    alone <- is.null(dim(block))
    if (!is.null(part$elements)) {
      block <- if (alone) block[part$elements] else
        block[part$elements, , drop = FALSE]
    }
    kept <- !is.na(part$free)
    blocks <- c(blocks, list(if (alone) {
      list(row = part$positions[kept], column = columns, value = block[kept])
    } else {
      list(row = rep(part$positions, length(columns)), value = block[, kept],
           column = rep(columns, each = length(part$positions)))
    }))
  }
  entry <- function(name) unlist(lapply(blocks, `[[`, name))
  dim <- c(length(parameters$names), length(unrestricted))
  if (length(unrestricted) > most_dense_columns) {
    out <- Matrix::sparseMatrix(i = entry("row"), j = entry("column"),
                                x = as.numeric(entry("value")), dims = dim)
  } else {
    out <- matrix(0, dim[[1L]], dim[[2L]])
    out[cbind(entry("row"), entry("column"))] <- entry("value")
  }
  out <- out[parameters$free, , drop = FALSE]
  if (!is.null(linear)) out <- out %*% linear$matrix
  dimnames(out) <- list(parameters_free_names(parameters),
                        parameters_theta_names(parameters))
  out
}

# More parameters than this: a sparse matrix.
most_dense_columns <- 500L

# Rows and columns of it as a matrix. The class of a sparse one is known once
# the namespace is loaded, which it is not after readRDS().
jacobian_part <- function(jacobian, rows = TRUE, columns = TRUE) {
  if (is.null(jacobian)) {
    return(NULL)
  }
  if (!is.matrix(jacobian)) loadNamespace("Matrix")
  as.matrix(jacobian[rows, columns, drop = FALSE])
}

# Of all coefficients by all of theta, also where it is the identity.
full_jacobian <- function(fit) {
  if (is.null(fit$jacobian)) diag(length(fit$theta)) else
    jacobian_part(fit$jacobian)
}

# Which coefficients (rows) the numbers `columns` of theta move, and which
# numbers (columns) move the coefficients `rows`.
rows_moved <- function(jacobian, columns) {
  rowSums(jacobian_part(jacobian, columns = columns) != 0) > 0
}
columns_moving <- function(jacobian, rows) {
  colSums(jacobian_part(jacobian, rows) != 0) > 0
}

# Of the elements of one argument by the numbers that are moved for it: a matrix
# or, of a type with one number for each element, its diagonal.
part_jacobian <- function(part, free) {
  if (is.null(part$type)) {
    return(rep(1, length(part$free)))
  }
  at <- part$unrestricted
  at[!is.na(part$free)] <- free
  constrain <- first_of_its_kind(part$type$constrain)
  known <- if (is_own_closure(constrain)) TRUE
  if (isTRUE(part$type$elementwise)) {
    as.numeric(jvp(constrain, remember = known)(at, rep(1, length(at))))
  } else {
    jacobian(constrain, remember = known)(at)
  }
}

# Scores by theta (rows) to scores by the coefficients. Where there are more
# coefficients than free numbers these are the scores along the surface on which
# the coefficients lie: J (J'J)^-1 s.
natural_scores <- function(scores, fit) {
  if (is.null(fit$jacobian)) {
    return(scores)
  }
  jacobian <- jacobian_part(fit$jacobian)
  if (is_conditioned(fit$parameters)) {
    root <- fit$parameters$linear$root
    scores <- scores %*% root
    jacobian <- jacobian_part(
      parameters_jacobian(parameters_unconditioned(fit$parameters),
                          backsolve(root, fit$theta))
    )
    if (is.null(jacobian)) {
      return(scores)
    }
  }
  size <- unit_size(jacobian)
  split <- qr(sweep(jacobian, 2L, size, "/"))
  if (split$rank < ncol(jacobian)) {
    return(matrix(NA_real_, nrow(scores), nrow(jacobian)))
  }
  inverse <- qr.coef(split, diag(nrow(jacobian))) / size
  scores %*% inverse
}

unit_size <- function(columns) {
  size <- sqrt(colSums(columns^2))
  replace(size, size == 0, 1)
}

# The attribute `by_theta` of a covariance is where it comes from, with columns
# that are ill-conditioned: the covariance of theta and the derivative by it.
# There the covariance of the coefficients has lost what predictions are made
# of, so what is a function of them takes the other way.
propagated_covariance <- function(slopes, covariance) {
  by <- propagation(slopes, covariance)
  by$slopes %*% by$covariance %*% t(by$slopes)
}

# Its diagonal.
propagated_variance <- function(slopes, covariance) {
  by <- propagation(slopes, covariance)
  rowSums((by$slopes %*% by$covariance) * by$slopes)
}

propagation <- function(slopes, covariance) {
  by_theta <- attr(covariance, "by_theta")
  if (is.null(by_theta)) {
    return(list(slopes = slopes, covariance = covariance))
  }
  list(slopes = slopes %*% by_theta$jacobian, covariance = by_theta$covariance)
}

scaled_covariance <- function(covariance, factor) {
  by_theta <- attr(covariance, "by_theta")
  covariance <- covariance * factor
  if (!is.null(by_theta)) {
    by_theta$covariance <- by_theta$covariance * factor
    attr(covariance, "by_theta") <- by_theta
  }
  covariance
}

# As it is handed to others.
plain_covariance <- function(covariance) {
  attr(covariance, "by_theta") <- NULL
  covariance
}

# The range of each free coefficient: list(lower, upper).
parameters_range <- function(parameters) {
  range <- function(name, default) {
    ends <- lapply(unname(parameters$shapes), function(shape) {
      if (is.null(shape$type)) {
        rep(default, length(shape$positions))
      } else {
        shape$type[[name]]
      }
    })
    unlist(ends)[parameters$free]
  }
  list(lower = range("lower", -Inf), upper = range("upper", Inf))
}

# Estimate plus and minus `quantile` standard errors, on the scale where the
# range of the coefficient is the whole line.
range_limits <- function(estimate, error, quantile, range) {
  limits <- estimate + outer(error, c(-quantile, quantile))
  kind <- interval_kind(range$lower, range$upper)
  for (k in setdiff(unique(kind), "none")) {
    at <- which(kind == k)
    scale <- interval_scale[[k]]
    lower <- range$lower[at]
    upper <- range$upper[at]
    slope <- scale$slope(estimate[at], lower, upper)
    centre <- scale$to(estimate[at], lower, upper)
    change <- outer(error[at] * slope, c(-quantile, quantile))
    mapped <- scale$from(centre + change, lower, upper)
    # A scale may run the other way.
    limits[at, 1L] <- pmin(mapped[, 1L], mapped[, 2L])
    limits[at, 2L] <- pmax(mapped[, 1L], mapped[, 2L])
  }
  limits
}
