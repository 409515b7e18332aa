# A maximum at the edge of the domain that the user's function draws by itself,
# with `if (a > 2) return(-Inf)` or stop(), or beyond which its value is not
# finite, as by log(1 - p). There the search only shortens its steps. It goes on
# along the edge: across the normals of the conditions that reject its steps,
# until the gradient vanishes there (an active set of linear constraints; see
# Nocedal and Wright 2006, Numerical Optimization, 16.5). A condition that is
# one comparison has its derivative as normal, another one the axes along which
# an uphill step leaves the domain. All normals point outwards.
#
# What ends there is called a maximum only if the gradient is a combination of
# the normals with positive multipliers, and no step aside raises the value.

most_guards <- 8L
most_edge_searches <- 20L

# A solution on the edge gets `guards`: a list of `text`, `reads` (positions in
# theta) and `normals`; and `settled`, whether it is a maximum along the edge.
maximum_at_guard <- function(objective, solution, control) {
  rejected <- solution$rejected$reason
  if (length(rejected) == 0L || solution$outcome %in% stationary_outcomes) {
    return(solution)
  }
  control$trace <- FALSE
  theta <- solution$par
  for (attempt in seq_len(most_edge_searches)) {
    edge <- edge_maximum(objective, theta, control)
    if (length(edge$guards) == 0L) {
      return(solution)
    }
    # With the other parameters where they belong there may be a way on.
    aside <- step_aside(objective, edge$theta)
    again <- objective_maximise(
      objective, if (is.null(aside)) edge$theta else aside, control
    )
    if (again$outcome %in% stationary_outcomes) {
      return(continued(solution, again))
    }
    if (is.null(aside)) break
    theta <- again$par
  }
  settled <- is.null(aside) && is_edge_maximum(objective, edge)
  stated <- vapply(edge$guards, function(guard) nzchar(guard$text), NA)
  # Of an edge that nobody stated find_edge() knows more; and where the value
  # goes to infinity is no edge.
  straight <- vapply(edge$guards[!stated], falls_straight, NA, objective,
                     edge$theta)
  if (!all(straight) || !settled && !all(stated)) {
    return(solution)
  }
  solution_at_edge(objective, solution, edge, settled)
}

# A search that went on after another, as one: what it took, its path from the
# start, and the points rejected on the way.
continued <- function(before, after) {
  offset <- before$iterations
  after$path$iteration <- after$path$iteration + offset
  after$path <- rbind(before$path, after$path)
  after$iterations <- offset + after$iterations
  after$evaluations <- before$evaluations + after$evaluations
  first <- before$rejected
  last <- after$rejected
  after$rejected <- list(
    count = first$count + last$count,
    iteration = c(first$iteration, offset + last$iteration),
    reason = c(first$reason, last$reason),
    theta = rbind(first$theta, last$theta)
  )
  after
}

# -> theta, and the guards that are active there.
edge_maximum <- function(objective, theta, control) {
  guards <- list()
  across <- diag(length(theta))
  while (length(guards) < most_guards && ncol(across) > 0L) {
    guard <- pressing_guard(objective, theta, across)
    if (is.null(guard)) break
    guards <- c(guards, list(guard))
    # A condition of which nothing is known has no edge to go along.
    if (ncol(guard$normals) == 0L) break
    across <- orthogonal_complement(guard_normals(guards))
    if (ncol(across) == 0L) break
    found <- maximum_across(objective, theta, across, control)
    theta <- found$theta
    if (found$outcome %in% stationary_outcomes) break
  }
  list(theta = theta, guards = guards)
}

guard_normals <- function(guards) {
  do.call(cbind, lapply(guards, `[[`, "normals"))
}

# The conditions of Karush, Kuhn and Tucker, with the normals as they are here.
is_edge_maximum <- function(objective, edge) {
  theta <- edge$theta
  gradient <- objective_gradient(objective, theta)
  normals <- lapply(edge$guards, function(guard) {
    if (ncol(guard$normals) != 1L) {
      return(guard$normals)
    }
    step <- edge_step * edge_scale(theta)
    there <- theta + step * guard$normals[, 1L] / max(abs(guard$normals))
    text <- attr(objective_value(objective, there), "outside")
    if (is.null(text)) guard$normals else
      guard_at(objective, there, theta, gradient, text)$normals
  })
  normals <- do.call(cbind, normals) * edge_scale(theta)
  slope <- gradient * edge_scale(theta)
  split <- qr(normals)
  ncol(normals) > 0L && split$rank == ncol(normals) &&
    all(qr.coef(split, slope) > 0) &&
    max(abs(qr.resid(split, slope))) <= 1e-5 * max(abs(slope))
}

# Directions in the planes of two parameters, and along one; NULL where no step
# along any of them, long or short, raises the value.
step_aside <- function(objective, theta) {
  gradient <- objective_gradient(objective, theta)
  scale <- edge_scale(theta)
  value <- objective_value(objective, theta)
  least <- value + 1e-10 * (abs(value) + 1)
  for (direction in directions_aside(length(theta))) {
    if (sum(gradient * scale * direction) <= 0) next
    for (length in c(0.1, 1e-3, edge_step)) {
      there <- theta + length * scale * direction
      if (isTRUE(as.numeric(objective_value(objective, there)) > least)) {
        return(there)
      }
    }
  }
  NULL
}

directions_aside <- function(k, most_planes = 45L) {
  along <- lapply(seq_len(k), function(i) as.numeric(seq_len(k) == i))
  pairs <- if (k > 1L) utils::combn(k, 2L, simplify = FALSE)
  planes <- lapply(utils::head(pairs, most_planes), function(pair) {
    lapply(c(1, -1, 0.2, -0.2, 5, -5), function(ratio) {
      along[[pair[[1L]]]] + ratio * along[[pair[[2L]]]]
    })
  })
  all <- c(along, unlist(planes, recursive = FALSE))
  c(all, lapply(all, `-`))
}

solution_at_edge <- function(objective, solution, edge, settled) {
  at <- objective_value_and_gradient(objective, edge$theta)
  if (is.finite(at$value) && at$value >= solution$value) {
    solution$par <- edge$theta
    solution[c("value", "gradient")] <- at[c("value", "gradient")]
    solution["hessian"] <- list(NULL)
  }
  # Of what lies across the edge they say nothing.
  solution[c("decrement", "scaled_gradient")] <- NA_real_
  c(solution, list(guards = edge$guards, settled = settled))
}

# Whether the value falls in proportion to the distance from the edge, and this
# is not where exp() has no more numbers.
falls_straight <- function(guard, objective, theta) {
  if (any(abs(abs(theta[guard$reads]) - 727) < 20)) {
    return(FALSE)
  }
  normal <- rowSums(guard$normals) * edge_scale(theta)
  lengths <- 10^-(3:4)
  value <- objective_value(objective, theta)
  slopes <- vapply(lengths, function(length) {
    (value - objective_value(objective, theta - length * normal)) / length
  }, 0)
  isTRUE(diff(range(slopes)) < 0.05 * slopes[[1L]])
}

edge_step <- 1e-6
edge_scale <- function(theta) pmax(abs(theta), 1e-3)

# The condition that rejects a step uphill of a millionth, in the directions
# `across` that are still free; NULL where there is none.
pressing_guard <- function(objective, theta, across) {
  gradient <- objective_gradient(objective, theta)
  uphill <- cbind(gradient, diag(gradient, length(theta)))
  uphill <- across %*% crossprod(across, uphill * edge_scale(theta)^2)
  sizes <- apply(abs(uphill) / edge_scale(theta), 2L, max)
  for (j in which(is.finite(sizes) & sizes > 0)) {
    there <- theta + edge_step * uphill[, j] / sizes[[j]]
    value <- objective_value(objective, there)
    text <- attr(value, "outside")
    if (!is.null(text)) {
      return(guard_at(objective, there, theta, gradient, text))
    }
    if (!is.finite(value)) {
      reads <- which(rowSums(across^2) > 0.5)
      normals <- axes_outside(objective, theta, gradient, reads)
      at <- which(rowSums(normals != 0) > 0)
      return(list(text = "", reads = at, normals = normals))
    }
  }
  NULL
}

guard_at <- function(objective, outside, theta, gradient, text) {
  found <- objective$outside(outside)
  branch <- found$branch
  reads <- if (is.null(branch)) seq_along(theta) else
    branch_reads(found$branches, branch)
  slope <- if (!is.null(branch)) branch_slope(found$branches, branch)
  known <- all(is.finite(slope)) && any(slope != 0)
  normals <- if (known) {
    cbind(slope * sign(sum(slope * (outside - theta))))
  } else {
    axes_outside(objective, theta, gradient, reads)
  }
  # Of a condition that is unknown, what it reads is seen by what leaves.
  if (is.null(branch) && ncol(normals) > 0L) {
    reads <- which(rowSums(normals != 0) > 0)
  }
  list(text = text, reads = reads, normals = normals)
}

# Unit vectors, uphill, of those parameters that alone cannot move that way.
axes_outside <- function(objective, theta, gradient, reads) {
  step <- edge_step * edge_scale(theta) * sign(gradient)
  leaves <- vapply(reads, function(i) {
    step[[i]] != 0 &&
      !is.finite(objective_value(objective, moved(theta, i, step[[i]])))
  }, NA)
  diag(sign(gradient), length(step))[, reads[leaves], drop = FALSE]
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
guard_edges <- function(fit, guards = fit_search(fit)$guards) {
  labels <- names(fit$theta)
  unlist(lapply(guards, function(guard) {
    lapply(guard$reads, function(i) {
      moves <- if (!is.null(fit$jacobian)) rows_moved(fit$jacobian, i) else
        seq_along(labels) == i
      list(coordinate = i, label = labels[[i]], guard = guard,
           coefficients = names(fit$coefficients)[moves])
    })
  }), recursive = FALSE)
}

guard_problems <- function(fit) {
  guards <- fit_search(fit)$guards
  texts <- vapply(guards, `[[`, "", "text")
  lapply(setdiff(texts, ""), function(text) {
    edges <- guard_edges(fit, guards[texts == text])
    names <- unique(unlist(lapply(edges, `[[`, "coefficients")))
    most <- length(guard_edges(fit)) >= length(fit$theta)
    problem("boundary", paste0(
      "The log-likelihood rises up to the edge of the function's own domain, ",
      "beyond which ", text, ". There is no standard error for ",
      enumerate(names), if (most) "." else
        "; those of the other parameters are computed as if it were known.",
      if (!isTRUE(fit_search(fit)$settled)) paste(
        " Along the edge, this may not be the maximum: positive(), bounded()",
        "and the like in `start` declare a range."
      )
    ), parameters = names)
  })
}
