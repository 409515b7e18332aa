# Parameters that ran to the boundary of their declared range. There one of the
# numbers that the optimiser moves is on its way to infinity, and the
# log-likelihood tends to a limit: it has no curvature in this number, and no
# standard error. The others are judged as if it were known; interior() says
# which they are. (Inference about a parameter on its boundary: Self and Liang
# 1987, Journal of the American Statistical Association 82, 605-610.)

# -> list of edges (see parameter-types.R), each with `coordinate` in theta, its
#    label, the names of the `coefficients` on the boundary and their limit
find_boundary <- function(fit, objective) {
  if (is.null(fit$jacobian) || is.null(fit$hessian)) {
    return(list())
  }
  bends <- abs(symmetric_diagonal(fit$hessian)) > 0.1
  Filter(function(edge) {
    !isTRUE(bends[[edge$coordinate]]) && is_at_edge(edge, fit, objective)
  }, parameters_edges(fit$parameters))
}

# The edges of all declared ranges within which something is free.
parameters_edges <- function(parameters) {
  labels <- parameters_theta_names(parameters)
  edges <- list()
  for (part in parameters_layout(parameters)) {
    for (edge in part$type$edges) {
      coordinate <- part$free[[edge$coordinate]]
      if (!is.null(parameters$linear)) {
        coordinate <- match(coordinate, parameters$linear$kept)
      }
      if (is.na(coordinate)) next
      ends <- part$type[[if (edge$side < 0) "lower" else "upper"]]
      if (!is.finite(ends[[edge$elements[[1L]]]])) ends <- part$type$upper
      edges <- c(edges, list(list(
        coordinate = coordinate, side = edge$side,
        label = labels[[coordinate]],
        coefficients = parameters$names[part$positions[edge$elements]],
        limit = if (length(edge$elements) == 1L) ends[[edge$elements]]
      )))
    }
  }
  edges
}

# Whether the coordinate moved out, the log-likelihood does not fall further
# out, hardly rises any more, and falls on the way back. Where curvature gives a
# standard error there is nothing to ask.
is_at_edge <- function(edge, fit, objective) {
  i <- edge$coordinate
  start <- parameters_theta(fit$parameters)[[i]]
  moved <- edge$side * (fit$theta[[i]] - start)
  if (moved < 0) {
    return(FALSE)
  }
  direction <- edge$side * (seq_along(fit$theta) == i)
  outward <- change_along(c(1, 4, 16), direction, fit, objective)
  rounding <- 1e-10 * (abs(fit$loglik) + 1)
  # Further out there is nothing where rounding has reached the limit.
  if (!is.finite(outward[[1L]]) && !has_reached(edge, fit) ||
        any(outward < -rounding | outward > 1e-3, na.rm = TRUE)) {
    return(FALSE)
  }
  inward <- change_along(-c(1, 4, 16, moved), direction, fit, objective)
  any(inward < -100 * rounding, na.rm = TRUE)
}

has_reached <- function(edge, fit) {
  limit <- edge$limit
  !is.null(limit) && all(abs(fit$coefficients[edge$coefficients] - limit) <=
                           4 * .Machine$double.eps * abs(limit))
}

# Positions in theta of what is not on its boundary.
interior <- function(fit) {
  setdiff(seq_along(fit$theta),
          vapply(fit$boundary, `[[`, 0L, "coordinate"))
}

boundary_coefficients <- function(fit) {
  unique(unlist(lapply(fit$boundary, `[[`, "coefficients")))
}

# Away from the boundary the gradient has to vanish as at any maximum.
interior_is_stationary <- function(fit, information) {
  if (!identical(information$status, "definite")) {
    return(FALSE)
  }
  gradient <- fit$gradient[interior(fit)]
  decrement <- sum(gradient * information_solve(information, gradient))
  decrement <= max(fit$control$decrement_tolerance, 1e-8)
}

boundary_problems <- function(fit) {
  declared <- Filter(function(edge) is.null(edge$guard), fit$boundary)
  lapply(declared, function(edge) {
    names <- edge$coefficients
    alone <- length(names) == 1L
    message <- sprintf(paste(
      "%s to the boundary of %s range%s: the log-likelihood does not fall as",
      "%s goes to %s. There %s for %s; those of the other parameters are",
      "computed as if %s known."
    ), paste(enumerate(names), if (alone) "runs" else "run"),
    if (alone) "its" else "their",
    if (is.null(edge$limit)) "" else paste(",", format(edge$limit)),
    edge$label, if (edge$side < 0) "-Inf" else "Inf",
    if (alone) "is no standard error" else "are no standard errors",
    if (alone) "it" else "them", if (alone) "it were" else "they were")
    problem("boundary", message, parameters = names)
  })
}
