# What a profile does where Newton's method does not reach the target: a maximum
# on the surface u(theta) = u for one u after the other, further and further
# out. It needs no curvature at the estimate, so that it also serves where this
# is at infinity or on the boundary of a range.

# From a point above the target outward. Steps double; each begins on the
# tangent of the curve.
continued_to_level <- function(problem, from, target, side) {
  near <- from
  length <- problem$error / 2
  far_out <- 1e3 * problem$error + 100 * (1 + abs(problem$point$u))
  failures <- flat <- 0L
  for (step in 1:80) {
    beyond <- constrained_maximum(problem, near, near$u + side * length)
    if (is.null(beyond)) {
      failures <- failures + 1L
      length <- length / 8
      if (failures > 6L) break
      next
    }
    if (beyond$value <= target) {
      found <- level_in_bracket(problem, near, beyond, target)
      return(list(status = "found", point = found))
    }
    drop <- near$value - beyond$value
    is_flat <- drop < 1e-4 * (beyond$value - target)
    flat <- if (is_flat) flat + 1L else 0L
    near <- beyond
    enough <- if (problem$irregular) flat >= 4L else
      is_flat && abs(near$u - problem$point$u) > far_out
    if (enough) {
      return(list(status = "open", point = near))
    }
    length <- 2 * length
  }
  list(status = "failed", point = near)
}

# Where the estimate is no place to begin: from the start's value of u, where
# the profile may still be below the target.
level_from_start <- function(problem, target, side) {
  from <- point_of(problem, problem$start, list(value = -Inf))
  near <- constrained_maximum(problem, from, from$u)
  if (is.null(near)) {
    return(list(status = "failed", point = from))
  }
  upward <- sign(problem$point$u - near$u)
  length <- problem$error / 8
  failures <- 0L
  while (near$value < target) {
    beyond <- constrained_maximum(problem, near, near$u + upward * length)
    if (is.null(beyond)) {
      failures <- failures + 1L
      length <- length / 8
      if (failures > 6L) {
        return(list(status = "failed", point = near))
      }
      next
    }
    if (beyond$value >= target && side != upward) {
      found <- level_in_bracket(problem, beyond, near, target)
      return(list(status = "found", point = found))
    }
    near <- beyond
    length <- 2 * length
    if (abs(near$u - from$u) > 1e3 * (1 + abs(problem$point$u - from$u))) {
      return(list(status = "failed", point = near))
    }
  }
  continued_to_level(problem, near, target, side)
}

# Between a point above the target and one below: Newton's method for the signed
# root, which is nearly a straight line in u, bisection where it would leave the
# bracket.
level_in_bracket <- function(problem, above, below, target) {
  root <- function(value) sqrt(2 * max(problem$loglik - value, 0))
  wanted <- root(target)
  point <- below
  for (iteration in 1:60) {
    gap <- root(point$value) - wanted
    slope <- -point$lambda / root(point$value)
    u <- point$u - gap / slope
    inside <- is.finite(u) && (u - above$u) * (u - below$u) < 0
    if (!inside) u <- (above$u + below$u) / 2
    last <- abs(u - point$u)
    near <- if (abs(above$u - u) < abs(below$u - u)) above else below
    next_point <- constrained_maximum(problem, near, u)
    if (is.null(next_point)) {
      return(point)
    }
    point <- next_point
    if (point$value > target) above <- point else below <- point
    if (last <= 1e-9 * problem$error || abs(point$value - target) <= 1e-12) {
      break
    }
  }
  point
}

# Maximum of l on u(theta) = u; NULL where none is found.
constrained_maximum <- function(problem, from, u) {
  found <- newton_maximum(problem, from, u)
  if (is.null(found) && is.null(problem$psi$hessian)) {
    found <- region_maximum(problem, from, u)
  }
  found
}

# By Newton steps along the surface, each followed by a return to it.
newton_maximum <- function(problem, from, u) {
  theta <- restored(problem, tangent_move(problem, from, u), u)
  at <- if (!is.null(theta)) profile_gradient(problem, theta)
  if (is.null(at)) {
    theta <- restored(problem, from$theta, u)
    at <- if (!is.null(theta)) profile_gradient(problem, theta)
  }
  if (is.null(at)) {
    return(NULL)
  }
  for (iteration in 1:100) {
    point <- constrained_point(problem, theta, at)
    if (is.null(point)) {
      return(NULL)
    }
    across <- tangent_basis(point$slope)
    step <- ascent_step(point, across)
    # Twice the gain that the quadratic model promises.
    gain <- step$decrement
    if (gain < 1e-16 * (1 + abs(at$value)) ||
          problem$irregular && gain < 1e-12) {
      return(corrected_multiplier(point))
    }
    improved <- search_along(problem, point, across %*% step$step, gain, u)
    if (is.null(improved)) {
      return(if (gain < 1e-8) corrected_multiplier(point))
    }
    theta <- improved$theta
    at <- improved$at
  }
  NULL
}

constrained_point <- function(problem, theta, at) {
  hessian <- profile_hessian(problem, theta)
  if (is.null(hessian)) {
    return(NULL)
  }
  point <- point_of(problem, theta, at, hessian)
  point$lambda <- sum(point$gradient * point$slope) / sum(point$slope^2)
  point
}

# By the trust region of mle_fit() on the plane u(theta) = u: from the point
# before and, that being perhaps far out where all is flat, from the start.
region_maximum <- function(problem, from, u) {
  across <- tangent_basis(problem$point$slope)
  if (ncol(across) == 0L) {
    return(NULL)
  }
  best <- NULL
  for (start in list(from$theta, problem$start)) {
    base <- restored(problem, start, u)
    found <- plane_maximum(problem, base, across)
    if (!is.null(found) && (is.null(best) || found$value > best$value)) {
      best <- found
    }
  }
  at <- if (!is.null(best)) profile_gradient(problem, best$theta)
  point <- if (!is.null(at)) constrained_point(problem, best$theta, at)
  if (!is.null(point)) corrected_multiplier(point)
}

plane_maximum <- function(problem, base, across) {
  objective <- problem$objective
  scaled <- function(x) x[problem$moving] / problem$scale
  at <- function(w) moved_point(problem, base, as.numeric(across %*% w))
  found <- solve_callbacks(list(
    value = function(w) objective_value(objective, at(w)),
    gradient = function(w) {
      as.numeric(crossprod(across, scaled(objective_gradient(objective,
                                                             at(w)))))
    },
    hessian = function(w) {
      hessian <- objective_hessian(objective, at(w))
      hessian <- hessian[problem$moving, problem$moving, drop = FALSE] /
        outer(problem$scale, problem$scale)
      crossprod(across, hessian %*% across)
    }
  ), numeric(ncol(across)), problem$control)
  ended <- c(stationary_outcomes, "diverging")
  if (found$outcome %in% ended && is.finite(found$value)) {
    list(theta = at(found$par), value = found$value)
  }
}

# The rest of the gradient belongs to a step that was not made.
corrected_multiplier <- function(point) {
  pivot <- which.max(abs(point$slope))
  point$lambda <- point$gradient[[pivot]] / point$slope[[pivot]]
  point
}

# Newton's step on the surface, with the absolute eigenvalues of the Hessian
# where it is not negative definite.
ascent_step <- function(point, across) {
  if (ncol(across) == 0L) {
    return(list(step = numeric(), decrement = 0))
  }
  gradient <- as.numeric(crossprod(across, point$gradient))
  curvature <- -crossprod(across, lagrangian_hessian(point) %*% across)
  inverse <- inverse_definite(curvature)
  step <- if (!is.null(inverse)) {
    as.numeric(inverse %*% gradient)
  } else {
    split <- eigen(curvature, symmetric = TRUE)
    values <- pmax(abs(split$values), 1e-8 * max(abs(split$values), 1e-8))
    as.numeric(split$vectors %*%
                 (crossprod(split$vectors, gradient) / values))
  }
  list(step = step, decrement = sum(gradient * step))
}

# Armijo's rule, the step halved until the value rises.
search_along <- function(problem, point, step, decrement, u) {
  length <- 1
  for (trial in 1:30) {
    ahead <- moved_point(problem, point$theta, length * step)
    theta <- restored(problem, ahead, u)
    at <- if (!is.null(theta)) profile_gradient(problem, theta)
    if (!is.null(at) &&
          at$value >= point$value + 1e-4 * length * decrement) {
      return(list(theta = theta, at = at))
    }
    length <- length / 2
  }
  NULL
}

# Along the curve of constrained maxima where its direction is known.
tangent_move <- function(problem, from, u) {
  direction <- if (is.null(from$hessian)) NULL else
    tryCatch(solve(lagrangian_hessian(from), from$slope),
             error = function(e) NULL)
  along <- sum(direction * from$slope)
  if (!is.finite(along) || !(along < 0)) {
    return(from$theta)
  }
  moved_point(problem, from$theta, direction * (u - from$u) / along)
}

# Back to the surface u(theta) = u, along the gradient of u.
restored <- function(problem, theta, u) {
  psi <- problem$psi
  for (iteration in 1:30) {
    gap <- u - psi$value(theta)
    if (!is.finite(gap)) {
      return(NULL)
    }
    if (abs(gap) <= 1e-13 * (1 + abs(u))) {
      return(theta)
    }
    slope <- psi$gradient(theta)[problem$moving] / problem$scale
    theta <- moved_point(problem, theta, slope * gap / sum(slope^2))
    if (is.null(psi$hessian)) {
      return(theta)
    }
  }
  NULL
}
