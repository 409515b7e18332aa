# The profile log-likelihood l_p(u) = max of l(theta) over u(theta) = u, at
# points where it is wanted. A point is asked for by its log-likelihood, not by
# u: it solves
#
#    grad l(theta) = lambda grad u(theta),   l(theta) = target,
#
# k + 1 equations for theta and lambda = dl_p/du, by Newton's method on exact
# Hessians (Venzon and Moolgavkar 1988, Applied Statistics 37, 87-94). A step
# from a point of the curve is the tangent of the curve with its curvature
# (the predictor), further steps from where it leads are the corrector. Where
# this fails, because the profile is not concave or flattens out, u is moved
# outward in growing steps, with a maximum at each, until the target is between
# two of them or the profile turns out to be flat.
#
# theta is measured in units of the curvature at the estimate, so that the units
# of the parameters do not matter, and lengths are in standard errors.

# -> list: objective; psi, the parameter of interest; theta and point, the
#    estimate; moving, positions of theta that move; scale; loglik, and margin,
#    by how much the log-likelihood must be higher to be called a better
#    optimum; irregular, that the estimate is on the boundary, or infinite: no
#    curvature to start from
profile_problem <- function(fit, psi, objective = fit_objective(fit)) {
  information <- fit_information(fit)
  theta <- unname(fit$theta)
  irregular <- length(fit$boundary) > 0L ||
    !fit_search(fit)$outcome %in% stationary_outcomes
  moving <- setdiff(seq_along(theta), flat_coordinates(fit, information))
  hessian <- unname(if (is.null(fit$hessian)) {
    objective_hessian(objective, theta)
  } else {
    as_dense(fit$hessian, "A profile")
  })[moving, moving, drop = FALSE]
  scale <- sqrt(abs(diag(hessian)))
  scale[!(scale > 0) | irregular & scale < 1e-3] <- 1
  problem <- list(
    objective = objective, psi = psi, theta = theta, moving = moving,
    scale = scale, loglik = fit$loglik, irregular = irregular,
    margin = if (irregular) 1e-3 else 1e-6 + 1e-10 * abs(fit$loglik),
    start = unname(parameters_theta(fit$parameters)),
    weights = positive_weights(fit),
    control = utils::modifyList(unclass(fit$control),
                                list(method = "newton", trace = FALSE))
  )
  problem$point <- point_of(problem, theta, list(
    value = fit$loglik, gradient = unname(fit$gradient)[moving] / scale
  ), hessian / outer(scale, scale))
  problem$error <- parameter_error(problem)
  problem
}

# To divide by: contributions of weight zero are zero anyway.
positive_weights <- function(fit) {
  if (is.null(fit$weights)) 1 else replace(fit$weights, fit$weights == 0, 1)
}

# One coordinate for each direction along which the log-likelihood is constant:
# where it stays makes no difference to the others.
flat_coordinates <- function(fit, information) {
  null <- information$null
  if (is.null(null)) {
    return(integer())
  }
  interior(fit)[unique(apply(abs(null) * information$scale, 2L, which.max))]
}

# The standard error of u, or a length to begin with where there is none.
parameter_error <- function(problem) {
  point <- problem$point
  variance <- tryCatch(
    -sum(point$slope * solve(point$hessian, point$slope)),
    error = function(e) NaN
  )
  if (!problem$irregular && is.finite(variance) && variance > 0) {
    return(sqrt(variance))
  }
  way <- abs(point$u - problem$psi$value(problem$start))
  max(way / 8, 0.1)
}

# theta and what is known there: u, its slope and bend (first and second
# derivatives), value, gradient and, where it was made, the Hessian.
point_of <- function(problem, theta, at, hessian = NULL, lambda = 0) {
  psi <- problem$psi
  slope <- psi$gradient(theta)[problem$moving] / problem$scale
  bend <- if (!is.null(psi$hessian)) {
    psi$hessian(theta)[problem$moving, problem$moving, drop = FALSE] /
      outer(problem$scale, problem$scale)
  }
  list(theta = theta, u = psi$value(theta), slope = slope, bend = bend,
       value = at$value, gradient = at$gradient, hessian = hessian,
       lambda = lambda)
}

moved_point <- function(problem, theta, step) {
  theta[problem$moving] <- theta[problem$moving] + step / problem$scale
  theta
}

# Value and gradient; NULL outside of the domain. A value above the fit's own
# ends the search: the condition carries the point to begin a better fit from.
profile_gradient <- function(problem, theta) {
  at <- objective_value_and_gradient(problem$objective, theta)
  if (!is.finite(at$value) || !all(is.finite(at$gradient))) {
    return(NULL)
  }
  if (at$value > problem$loglik + problem$margin) {
    stop(structure(
      class = c("better_optimum", "condition"),
      list(message = "a better optimum", call = NULL, theta = theta,
           value = at$value, name = problem$psi$name)
    ))
  }
  list(value = at$value, gradient = at$gradient[problem$moving] / problem$scale)
}

profile_hessian <- function(problem, theta) {
  hessian <- objective_hessian(problem$objective, theta)
  hessian <- hessian[problem$moving, problem$moving, drop = FALSE] /
    outer(problem$scale, problem$scale)
  if (all(is.finite(hessian))) (hessian + t(hessian)) / 2
}

# Of the Lagrangian l - lambda u.
lagrangian_hessian <- function(point) {
  if (is.null(point$bend)) {
    return(point$hessian)
  }
  point$hessian - point$lambda * point$bend
}

# The point with log-likelihood `target` on one side (-1, 1: of u) of the
# estimate, from a point of the curve nearer to it.
# -> list(status, point): "found"; "open", the profile flattens out; or "failed"
profile_at_level <- function(problem, from, target, side) {
  if (problem$irregular) {
    return(level_from_start(problem, target, side))
  }
  point <- newton_to_level(problem, from, target, side)
  if (!is.null(point)) {
    return(list(status = "found", point = point))
  }
  continued_to_level(problem, from, target, side)
}

# Lengths of steps, in standard errors: below `accepted_step` a step is the last
# one, its error being of second order; above `fresh_step` a new Hessian pays.
accepted_step <- 1e-8
fresh_step <- 1e-3

# Newton's method; NULL where it does not get there.
newton_to_level <- function(problem, from, target, side) {
  point <- from
  last <- Inf
  longest <- 2 * sqrt(2 * (problem$loglik - target)) + 1
  for (iteration in 1:30) {
    model <- level_step(point, target, side)
    if (is.null(model)) {
      return(NULL)
    }
    size <- model$size
    stalled <- iteration > 3L && size > last / 2
    if (size < accepted_step || stalled && size < 1e-5) {
      theta <- moved_point(problem, point$theta, model$step)
      end <- point_of(problem, theta, list(
        value = target, gradient = model$lambda * point$slope
      ), point$hessian, model$lambda)
      return(if (is_profile_point(end, from, side)) end)
    }
    if (iteration > 12L && stalled) {
      return(NULL)
    }
    shorter <- min(1, longest / size)
    point <- stepped(problem, point, model, shorter, size > fresh_step)
    if (is.null(point)) {
      return(NULL)
    }
    last <- size
  }
  NULL
}

# The step to the point of the quadratic model of l (and of the Lagrangian)
# where l is `target`: lambda p - n with H p = grad u, H n = grad l.
level_step <- function(point, target, side) {
  slopes <- cbind(point$slope, point$gradient)
  solved <- tryCatch(solve(lagrangian_hessian(point), slopes),
                     error = function(e) NULL)
  if (is.null(solved)) {
    return(NULL)
  }
  p <- solved[, 1L]
  n <- solved[, 2L]
  hessian_p <- as.numeric(point$hessian %*% p)
  a <- sum(p * hessian_p) / 2
  b <- sum(point$gradient * p) - sum(hessian_p * n)
  c <- point$value - sum(point$gradient * n) +
    sum(n * (point$hessian %*% n)) / 2 - target
  inside <- b^2 - 4 * a * c
  if (!is.finite(inside) || !(a < 0)) {
    return(NULL)
  }
  # The model may lie below the target altogether: then to its maximum.
  roots <- (-b + c(-1, 1) * sqrt(max(inside, 0))) / (2 * a)
  lambda <- if (side > 0) min(roots) else max(roots)
  step <- lambda * p - n
  list(step = step, lambda = lambda,
       size = sqrt(max(abs(sum(step * (point$hessian %*% step))), 0)))
}

stepped <- function(problem, point, model, length, fresh) {
  for (trial in 1:12) {
    theta <- moved_point(problem, point$theta, length * model$step)
    at <- profile_gradient(problem, theta)
    hessian <- if (is.null(at)) NULL else if (fresh) {
      profile_hessian(problem, theta)
    } else {
      point$hessian
    }
    if (!is.null(hessian)) {
      return(point_of(problem, theta, at, hessian, model$lambda))
    }
    length <- length / 2
  }
  NULL
}

# Whether it is further out than the one before, and a maximum on its surface.
is_profile_point <- function(point, from, side) {
  if (!is.finite(point$u) || side * (point$u - from$u) <= 0 ||
        side * point$lambda > 0) {
    return(FALSE)
  }
  across <- tangent_basis(point$slope)
  ncol(across) == 0L || !is.null(inverse_definite(
    -crossprod(across, lagrangian_hessian(point) %*% across)
  ))
}

# Directions in which u does not change: each coordinate with as much of the one
# on which u depends most (`pivot`).
tangent_basis <- function(slope, pivot = which.max(abs(slope))) {
  size <- length(slope)
  basis <- diag(size)[, -pivot, drop = FALSE]
  basis[pivot, ] <- -slope[-pivot] / slope[[pivot]]
  basis
}
