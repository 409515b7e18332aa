# The maximum of a recorded log-likelihood under equations between its
# coefficients. Linear ones leave a smaller set of free numbers (constraints.R)
# and are solved by the optimiser itself. Nonlinear ones, c(theta) = 0, take the
# augmented Lagrangian l - m'c - r c'c / 2, maximised on exact gradients and
# Hessians for multipliers m that are updated to m + r c, and then a few Newton
# steps on the first-order conditions, to rounding (Nocedal and Wright 2006,
# Numerical Optimization, 17.4 and 18.1). The equations are scaled to have unit
# variance at the unrestricted estimate, so that one penalty fits all.

# The fit under restrictions of what it estimates.
restricted_model <- function(fit, read) {
  if (!solved_by_elimination(fit, read)) {
    return(restricted_maximum(fit, read))
  }
  parameters <- parameters_at(fit$parameters, fit_arguments(fit))
  maximised(with_parameters(
    fit, parameters_restrict(parameters, affine_forms(read, fit), read$texts)
  ))
}

# Linear restrictions of coefficients without a declared range, which leave
# something to be estimated.
solved_by_elimination <- function(fit, read) {
  declared <- unlist(lapply(unname(fit$parameters$shapes), function(shape) {
    rep(!is.null(shape$type), length(shape$positions))
  }))
  read$affine && is.null(fit$parameters$constraints) &&
    nrow(read$slopes) < ncol(read$slopes) &&
    all(read$slopes[, declared[fit$parameters$free]] == 0)
}

# -> the fit at the restricted maximum, a model of all parameters at other than
#    their estimates (fit_at()), with `multipliers`
restricted_maximum <- function(fit, read) {
  problem <- restricted_problem(fit, read)
  point <- list(theta = unname(fit$theta),
                multipliers = numeric(length(read$null)))
  for (round in seq_len(30L)) {
    found <- augmented_maximum(problem, point, fit$control)
    distance <- problem$value(found$theta)
    change <- sqrt(sum(distance^2))
    point <- list(theta = found$theta,
                  multipliers = point$multipliers + problem$penalty * distance)
    if (!is.finite(change) || change < 1e-2) break
  }
  point <- polished(problem, point)
  check_restricted(problem, point, read)
  restricted <- fit_at(fit, point$theta)
  restricted$multipliers <- stats::setNames(
    point$multipliers / problem$units, read$labels
  )
  restricted
}

# The log-likelihood, and the scaled equations with their derivatives by theta.
restricted_problem <- function(fit, read) {
  objective <- fit_objective(fit)
  parameters <- fit$parameters
  jacobian <- full_jacobian(fit)
  information <- fit_information(fit)
  variance <- if (identical(information$status, "definite") &&
                    length(interior(fit)) == length(fit$theta)) {
    slopes <- read$slopes %*% jacobian
    rowSums((slopes %*% inverse_information(information)) * slopes)
  }
  units <- if (is.null(variance) || any(!(variance > 0))) {
    pmax(abs(read$value), 1)
  } else {
    sqrt(variance)
  }
  all_at <- function(theta) {
    all <- parameters$start
    all[parameters$free] <- parameters_coefficients(parameters, theta)
    unname(all)
  }
  # The optimiser asks for the gradient and the Hessian at the same point.
  last <- list()
  equations <- function(theta) {
    if (!identical(last$theta, theta)) {
      last <<- c(list(theta = theta), equations_at(theta))
    }
    last
  }
  equations_at <- function(theta) {
    at <- restrictions_at(read, fit, all_at(theta))
    by_theta <- jacobian_part(parameters_jacobian(parameters, theta))
    list(value = at$value / units, slopes = at$slopes / units,
         jacobian = (if (is.null(by_theta)) at$slopes else
           at$slopes %*% by_theta) / units, by_theta = by_theta)
  }
  list(
    objective = objective, equations = equations,
    value = function(theta) {
      (as.numeric(read$fn(all_at(theta))) - read$null) / units
    }, units = units, penalty = 10,
    curvature = function(theta, weights, at) {
      combined <- function(.theta) sum(weights * read$fn(.theta))
      second <- hessian(combined)(all_at(theta))
      map_curvature(second[parameters$free, parameters$free, drop = FALSE],
                    drop(weights %*% (at$slopes * units)), at$by_theta,
                    parameters, theta)
    }
  )
}

# Second derivatives by theta from those by the coefficients and the map.
map_curvature <- function(second, first, by_theta, parameters, theta) {
  if (is.null(by_theta)) {
    return(second)
  }
  t(by_theta) %*% second %*% by_theta +
    parameters_curvature(parameters, theta, first)
}

# The Hessian by theta of the free coefficients' sum with `weights`.
parameters_curvature <- function(parameters, theta, weights) {
  linear <- parameters$linear
  if (!is.null(linear)) {
    theta <- as.numeric(linear$offset + linear$matrix %*% theta)
  }
  all_weights <- numeric(length(parameters$names))
  all_weights[parameters$free] <- weights
  out <- matrix(0, length(theta), length(theta))
  for (part in parameters_layout(parameters)) {
    own <- all_weights[part$positions]
    moved <- !is.na(part$free)
    if (is.null(part$type) || !any(moved) || all(own == 0)) next
    at <- part$unrestricted
    at[moved] <- theta[part$free[moved]]
    block <- type_curvature(part, own)(at)
    columns <- part$free[moved]
    out[columns, columns] <- block[moved, moved]
  }
  if (is.null(linear)) out else t(linear$matrix) %*% out %*% linear$matrix
}

type_curvature <- function(part, weights) {
  constrain <- part$type$constrain
  elements <- part$elements
  hessian(function(theta) {
    value <- constrain(theta)
    if (!is.null(elements)) value <- value[elements]
    sum(weights * value)
  })
}

augmented_maximum <- function(problem, point, control) {
  multiplier <- function(at) point$multipliers + problem$penalty * at$value
  functions <- list(
    value = function(theta) {
      at <- tryCatch(problem$value(theta), error = function(e) NaN)
      objective_value(problem$objective, theta) -
        sum(point$multipliers * at) - problem$penalty * sum(at^2) / 2
    },
    gradient = function(theta) {
      at <- problem$equations(theta)
      objective_gradient(problem$objective, theta) -
        drop(multiplier(at) %*% at$jacobian)
    },
    hessian = function(theta) {
      at <- problem$equations(theta)
      objective_hessian(problem$objective, theta) -
        problem$penalty * crossprod(at$jacobian) -
        problem$curvature(theta, multiplier(at) / problem$units, at)
    }
  )
  control$method <- "newton"
  control$trace <- FALSE
  found <- suppressWarnings(solve_callbacks(functions, point$theta, control))
  list(theta = as.numeric(found$par))
}

# Newton steps on l' - C'm = 0, c = 0, as long as they come closer.
polished <- function(problem, point) {
  best <- conditions(problem, point)
  for (step in seq_len(20L)) {
    moved <- newton_step(best, point)
    if (is.null(moved)) break
    there <- tryCatch(conditions(problem, moved), error = function(e) NULL)
    if (is.null(there) || !is.finite(there$size) ||
          there$size >= best$size) break
    point <- moved
    best <- there
    if (best$size < 1e-14) break
  }
  c(point, best)
}

conditions <- function(problem, point) {
  at <- problem$equations(point$theta)
  gradient <- objective_gradient(problem$objective, point$theta) -
    drop(point$multipliers %*% at$jacobian)
  hessian <- objective_hessian(problem$objective, point$theta) -
    problem$curvature(point$theta, point$multipliers / problem$units, at)
  scale <- sqrt(abs(diag(hessian)) + colSums(at$jacobian^2))
  scale[!(scale > 0)] <- 1
  list(gradient = gradient, hessian = hessian, jacobian = at$jacobian,
       value = at$value, scale = scale,
       size = max(abs(gradient / scale), abs(at$value)))
}

newton_step <- function(at, point) {
  k <- length(at$gradient)
  q <- length(at$value)
  jacobian <- sweep(at$jacobian, 2L, at$scale, "/")
  system <- rbind(
    cbind(at$hessian / outer(at$scale, at$scale), -t(jacobian)),
    cbind(jacobian, matrix(0, q, q))
  )
  step <- tryCatch(solve(system, -c(at$gradient / at$scale, at$value)),
                   error = function(e) NULL)
  if (is.null(step) || any(!is.finite(step))) {
    return(NULL)
  }
  list(theta = point$theta + step[seq_len(k)] / at$scale,
       multipliers = point$multipliers + step[k + seq_len(q)])
}

# A maximum: the equations hold, the conditions are met, and the Lagrangian
# curves downwards along the surface of the equations.
check_restricted <- function(problem, point, read) {
  if (!is.finite(point$size) || max(abs(point$value)) > 1e-6) {
    admle_abort("argument", sprintf(paste(
      "`%s`: no parameters were found at which %s. Do the restrictions",
      "contradict each other or the ranges of the parameters?"
    ), read$name, if (length(read$texts) == 1L) {
      paste0("\"", read$texts, "\" holds")
    } else {
      "they hold"
    }), argument = read$name)
  }
  jacobian <- sweep(point$jacobian, 2L, point$scale, "/")
  q <- nrow(jacobian)
  surface <- qr.Q(qr(t(jacobian)), complete = TRUE)[, -seq_len(q),
                                                    drop = FALSE]
  curved <- t(surface) %*% (point$hessian / outer(point$scale, point$scale)) %*%
    surface
  top <- if (length(curved)) {
    max(eigen(curved, symmetric = TRUE, only.values = TRUE)$values)
  } else {
    -1
  }
  if (point$size > 1e-5 || top > 1e-6) {
    admle_warn("convergence", paste(
      "The restricted maximum was not found: the search ended at a point that",
      "is none."
    ))
  }
}

# The model at other values of theta than its estimate.
fit_at <- function(fit, theta) {
  objective <- fit_objective(fit)
  names <- parameters_theta_names(fit$parameters)
  fit <- count_observations(fit, objective)
  fit$rank <- length(names) + hook_df(fit)
  fit$theta <- stats::setNames(as.numeric(theta), names)
  fit$coefficients <- parameters_coefficients(fit$parameters, fit$theta)
  fit["jacobian"] <- list(parameters_jacobian(fit$parameters, fit$theta))
  fit$loglik <- objective_value(objective, unname(fit$theta))
  fit$gradient <- stats::setNames(
    as.numeric(objective_gradient(objective, unname(fit$theta))), names
  )
  fit$hessian <- objective_hessian(objective, unname(fit$theta))
  attr(fit$hessian, "differenced") <- NULL
  dimnames(fit$hessian) <- list(names, names)
  fit["boundary"] <- list(NULL)
  fit$information <- analyse_information(fit, objective)
  fit
}
