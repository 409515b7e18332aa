# A maximum at the edge of what a density allows, as that of a uniform
# distribution: beyond it an observation has probability zero, and the
# log-likelihood rises up to it with a slope that does not vanish. A cause in
# the sense of fit-causes.R. (A condition that the function itself states is a
# guard, see fit-guard.R.)

# -> list(coordinates, sides, rows: observations that are impossible beyond,
#    rises: whether it rises in some other direction), or NULL
find_edge <- function(fit, objective) {
  units <- coordinate_steps(fit)
  within <- interior(fit)
  sides <- sign(fit$gradient[within])
  # Where a step of is_edge() is seen.
  steep <- 1e-4 * abs(fit$gradient[within]) * units > visible_change(fit)
  at <- which(vapply(seq_along(within), function(k) {
    steep[[k]] &&
      is_edge(sides[[k]] * units[[k]] * (seq_along(within) == k), fit,
              objective)
  }, NA))
  if (length(at) == 0L) {
    return(NULL)
  }
  list(
    coordinates = within[at], sides = sides[at],
    rows = impossible_rows(within[at], (sides * units)[at], fit, objective),
    rises = rises_aside(at, units, fit, objective)
  )
}

# Whether the log-likelihood rises in some other coordinate or between them.
rises_aside <- function(at, units, fit, objective) {
  k <- length(units)
  ways <- cbind(diag(k)[, -at, drop = FALSE], mixed_directions(k))
  any(apply(units * ways, 2L, function(way) {
    change <- change_along(c(-1e-3, -1e-4, 1e-4, 1e-3), way, fit, objective)
    any(is.finite(change) & change > visible_change(fit))
  }))
}

# Nothing at any distance beyond, and a straight fall on the way back.
is_edge <- function(outward, fit, objective) {
  beyond <- change_along(10^-(2:6), outward, fit, objective)
  lengths <- 10^-(4:5)
  back <- change_along(-lengths, outward, fit, objective)
  slope <- back / lengths
  !any(is.finite(beyond) | beyond %in% Inf) && all(is.finite(back)) &&
    all(back < -visible_change(fit)) &&
    diff(range(slope)) < 0.05 * abs(slope[[1L]])
}

# The same where the maximum along the edge was found (fit-guard.R): what is at
# the edge is known better than by a standard error, others have theirs.
edge_settled_problem <- function(fit, objective) {
  unstated <- Filter(function(guard) guard$text == "", fit_search(fit)$guards)
  at <- unique(unlist(lapply(unstated, `[[`, "reads")))
  if (length(at) == 0L) {
    return(NULL)
  }
  steps <- sign(fit$gradient) * pmax(1, abs(fit$theta))
  rows <- impossible_rows(at, steps[at], fit, objective)
  names <- unique(unlist(lapply(guard_edges(fit, unstated), `[[`,
                                "coefficients")))
  list(problem("edge", sprintf(
    paste("The log-likelihood rises up to the edge of its domain, in %s:",
          "beyond, %s. There is no standard error for %s%s."),
    enumerate(names), beyond_text(rows), enumerate(names),
    if (length(at) == length(fit$theta)) "" else sprintf(
      "; those of the other parameters are computed as if %s known",
      if (length(names) == 1L) "it were" else "they were"
    )
  ), parameters = names, rows = rows))
}

impossible_rows <- function(coordinates, steps, fit, objective) {
  if (is.na(objective$n)) {
    return(integer())
  }
  beyond <- lapply(seq_along(coordinates), function(k) {
    theta <- unname(fit$theta)
    theta[[coordinates[[k]]]] <- theta[[coordinates[[k]]]] + 1e-6 * steps[[k]]
    which(!is.finite(objective_contributions(objective, theta)))
  })
  sort(unique(unlist(beyond)))
}

edge_problem <- function(found, fit) {
  names <- names(fit$theta)[found$coordinates]
  alone <- length(names) == 1L
  rows <- found$rows
  problem("edge", sprintf(
    paste("The log-likelihood rises up to the edge of its domain, in %s:",
          "beyond, %s. %s There are no standard errors."),
    enumerate(names), beyond_text(rows),
    if (found$rises) {
      sprintf(paste("It still rises in other directions: start elsewhere, or",
                    "hold %s there by `fixed`."), if (alone) "it" else "them")
    } else {
      "The gradient does not vanish there, and the curvature says nothing."
    }
  ), parameters = names, rows = rows)
}

beyond_text <- function(rows) {
  if (length(rows) == 0L) {
    return("there is no finite value")
  }
  sprintf("%s (%s) %s no finite log-likelihood",
          counted(length(rows), "observation"), first_few(rows),
          if (length(rows) == 1L) "has" else "have")
}
