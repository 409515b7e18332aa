# A maximum at the edge of the domain that the user's function draws by itself,
# with `if (a > 2) return(-Inf)` or stop(). There the search only shortens its
# steps. It goes on along the edge: across the normals of the conditions that
# reject its steps, until the gradient vanishes there (an active set of linear
# constraints; Nocedal and Wright 2006, Numerical Optimization, 16.5). A
# condition that is one comparison has its derivative as normal, another one the
# axes along which an uphill step leaves the domain.

most_guards <- 8L

# A solution on the edge gets `guards`: a list of `text`, `reads` (positions in
# theta) and `normals`; and `settled`, whether it is a maximum along the edge.
maximum_at_guard <- function(objective, solution, control) {
  rejected <- any(nzchar(solution$rejected$reason))
  if (!rejected || solution$outcome %in% stationary_outcomes) {
    return(solution)
  }
  control$trace <- FALSE
  guards <- list()
  normals <- matrix(0, length(solution$par), 0L)
  theta <- solution$par
  across <- diag(length(theta))
  settled <- FALSE
  while (!settled && length(guards) < most_guards) {
    guard <- pressing_guard(objective, theta, across)
    if (is.null(guard)) break
    guards <- c(guards, list(guard))
    # A condition of which nothing is known has no edge to go along.
    if (ncol(guard$normals) == 0L) break
    normals <- cbind(normals, guard$normals)
    across <- orthogonal_complement(normals)
    settled <- ncol(across) == 0L
    if (!settled) {
      found <- maximum_across(objective, theta, across, control)
      theta <- found$theta
      settled <- found$outcome %in% stationary_outcomes
    }
  }
  if (length(guards) == 0L) {
    return(solution)
  }
  finished_at_guard(objective, solution, theta, guards, settled, control)
}

# With the other parameters where they belong there may be a way on.
finished_at_guard <- function(objective, solution, theta, guards, settled,
                              control) {
  again <- objective_maximise(objective, theta, control)
  if (again$outcome %in% stationary_outcomes) {
    again$rejected <- solution$rejected
    return(again)
  }
  at <- objective_value_and_gradient(objective, theta)
  if (is.finite(at$value) && at$value >= solution$value) {
    solution$par <- theta
    solution[c("value", "gradient")] <- at[c("value", "gradient")]
    solution["hessian"] <- list(NULL)
  }
  # Of what lies across the edge they say nothing.
  solution[c("decrement", "scaled_gradient")] <- NA_real_
  c(solution, list(guards = guards, settled = settled))
}

# The condition that rejects a step uphill of a millionth, in the directions
# `across` that are still free; NULL where there is none.
pressing_guard <- function(objective, theta, across) {
  gradient <- objective_gradient(objective, theta)
  uphill <- cbind(gradient, diag(gradient, length(theta)))
  uphill <- across %*% crossprod(across, uphill * pmax(abs(theta), 1e-3)^2)
  sizes <- apply(abs(uphill) / pmax(abs(theta), 1e-3), 2L, max)
  for (j in which(sizes > 0)) {
    there <- theta + edge_step * uphill[, j] / sizes[[j]]
    text <- attr(objective_value(objective, there), "outside")
    if (!is.null(text)) {
      return(guard_at(objective, there, theta, gradient, text))
    }
  }
  NULL
}

edge_step <- 1e-6

guard_at <- function(objective, outside, theta, gradient, text) {
  found <- objective_outside(objective, outside)
  branch <- found$branch
  reads <- if (is.null(branch)) seq_along(theta) else
    branch_reads(found$branches, branch)
  slope <- if (!is.null(branch)) branch_slope(found$branches, branch)
  known <- all(is.finite(slope)) && any(slope != 0)
  list(text = text, reads = reads, normals = if (known) cbind(slope) else
    axes_outside(objective, theta, gradient, reads))
}

# Unit vectors of those parameters that alone cannot move uphill.
axes_outside <- function(objective, theta, gradient, reads) {
  step <- edge_step * pmax(abs(theta), 1e-3) * sign(gradient)
  leaves <- vapply(reads, function(i) {
    !is.finite(objective_value(objective, moved(theta, i, step[[i]])))
  }, NA)
  diag(length(step))[, reads[leaves], drop = FALSE]
}

orthogonal_complement <- function(vectors) {
  split <- qr(vectors)
  qr.Q(split, complete = TRUE)[, -seq_len(split$rank), drop = FALSE]
}

# The maximum at theta + across w.
maximum_across <- function(objective, theta, across, control) {
  at <- function(w) theta + as.numeric(across %*% w)
  found <- solve_callbacks(list(
    value = function(w) objective_value(objective, at(w)),
    gradient = function(w) {
      as.numeric(crossprod(across, objective_gradient(objective, at(w))))
    },
    hessian = function(w) {
      crossprod(across, objective_hessian(objective, at(w)) %*% across)
    }
  ), numeric(ncol(across)), control)
  list(theta = at(found$par), outcome = found$outcome)
}

# What find_boundary() finds of declared ranges.
guard_edges <- function(fit) {
  labels <- names(fit$theta)
  unlist(lapply(fit$guards, function(guard) {
    lapply(guard$reads, function(i) {
      moves <- if (!is.null(fit$jacobian)) fit$jacobian[, i] != 0 else
        seq_along(labels) == i
      list(coordinate = i, label = labels[[i]], guard = guard,
           coefficients = names(fit$coefficients)[moves])
    })
  }), recursive = FALSE)
}

guard_problems <- function(fit) {
  lapply(fit$guards, function(guard) {
    names <- unique(unlist(lapply(guard_edges(list(
      guards = list(guard), theta = fit$theta, jacobian = fit$jacobian,
      coefficients = fit$coefficients
    )), `[[`, "coefficients")))
    all <- length(guard$reads) == length(fit$theta)
    problem("boundary", paste0(
      "The log-likelihood rises up to the edge of the function's own domain, ",
      "beyond which ", guard$text, ". There is no standard error for ",
      enumerate(names), if (all) "." else
        "; those of the other parameters are computed as if it were known."
    ), parameters = names)
  })
}
