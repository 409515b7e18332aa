# Replications: scores (one matrix product for many of them), and fits of the
# reweighted or of the simulated log-likelihood, in this session or on workers.
# -> list(coefficients: replications x coefficients, NA where one failed;
#    failures: their numbers by reason)

# Davidson and MacKinnon (1999), International Economic Review 40, 487-508, on
# bootstrap estimates by one Newton step.
score_replications <- function(fit, plan, seeds) {
  within <- interior(fit)
  inverse <- score_inverse(fit)
  units <- plan$units
  sums <- unit_sums(interior_scores(fit), units)
  centre <- bootstrap_kinds[[plan$method]]$centre
  steps <- with_own_random(function() {
    vapply(seeds, function(seed) {
      set_replication_seed(seed)
      drop((draw_weights(plan) - centre) %*% sums)
    }, numeric(length(within)))
  })
  steps <- inverse %*% matrix(steps, length(within))
  list(coefficients = moved_estimates(fit, t(steps)), failures = no_failures())
}

# (-H)^-1 of what is not on its boundary, or an error that says why not.
score_inverse <- function(fit) {
  information <- fit_information(fit)
  inverse <- if (identical(information$status, "definite")) {
    inverse_information(information)
  }
  if (is.null(inverse)) {
    admle_abort("unsupported", paste(
      "A step from the scores needs a negative definite Hessian, which the",
      "fit does not have."
    ))
  }
  inverse
}

unit_sums <- function(x, units) {
  counts <- !is.na(units$group)
  x <- x[counts, , drop = FALSE]
  if (is.null(units$name)) x else unname(rowsum(x, units$group[counts]))
}

# The coefficients after steps (rows) in theta from the estimate.
moved_estimates <- function(fit, steps) {
  within <- interior(fit)
  if (parameters_are_plain(fit$parameters) &&
        length(within) == length(fit$theta)) {
    out <- steps + rep(fit$coefficients, each = nrow(steps))
  } else {
    out <- matrix(NA_real_, nrow(steps), length(fit$coefficients))
    for (r in seq_len(nrow(steps))) {
      theta <- fit$theta
      theta[within] <- theta[within] + steps[r, ]
      out[r, ] <- parameters_coefficients(fit$parameters, theta)
    }
  }
  dimnames(out) <- list(NULL, names(fit$coefficients))
  out
}

refit_replications <- function(fit, plan, seeds, parallel, progress) {
  chunks <- distribute(parallel, seeds)
  made <- if (is.null(chunks)) {
    replicate_fits(seeds, fit, plan, progress)
  } else {
    unlist(chunks$map(replicate_fits, fit, plan), recursive = FALSE)
  }
  collect_replications(made, fit)
}

collect_replications <- function(made, fit) {
  coefficients <- collected(made, "coefficients", length(fit$coefficients))
  colnames(coefficients) <- names(fit$coefficients)
  reasons <- unlist(lapply(made, `[[`, "failure"))
  list(coefficients = coefficients,
       failures = if (length(reasons)) tally(reasons) else no_failures())
}

# A row for each fit, NA where it failed.
collected <- function(made, what, size) {
  rows <- vapply(made, function(one) {
    if (is.null(one[[what]])) rep(NA_real_, size) else one[[what]]
  }, numeric(size))
  matrix(rows, length(made), size, byrow = TRUE)
}

tally <- function(reasons) {
  counts <- table(reasons)
  counts <- stats::setNames(as.integer(counts), names(counts))
  counts[order(-counts, names(counts))]
}

no_failures <- function() stats::setNames(integer(), character())

# One after the other: -> a list of list(coefficients) or list(failure).
replicate_fits <- function(seeds, fit, plan, show = FALSE) {
  replication <- if (is_simulated(plan$method)) simulated_fit(fit) else
    resampled_fit(fit, plan)
  report <- progress_bar(length(seeds), show)
  on.exit(report$close())
  with_own_random(function() {
    lapply(seq_along(seeds), function(r) {
      set_replication_seed(seeds[[r]])
      one <- tryCatch(replication(), error = function(e) {
        list(failure = paste("error:", first_line(conditionMessage(e))))
      })
      report$show(r)
      one
    })
  })
}

resampled_fit <- function(fit, plan) {
  objective <- fit_objective(fit)
  function() {
    weights <- unit_weights(plan$units, draw_weights(plan))
    refit_objective(objective_reweight(objective, weights), fit)
  }
}

simulated_fit <- function(fit) {
  check_simulated(fit)
  drawn <- simulated_response(fit)
  response <- function() likelihood_response(drawn(), fit)
  # What cannot be drawn is an error, not a replication that failed.
  with_own_random(response)
  function() refit_objective(objective_with_response(fit, response()), fit)
}

check_simulated <- function(fit) {
  check_unpenalised(fit)
  if (is.null(fit$model)) {
    abort_no_model("simulated responses")
  }
  y <- fit$model$y
  if (inherits(y, "Surv") || is.matrix(y)) {
    admle_abort("unsupported", paste(
      "A response that is censored by observation, or of several columns,",
      "cannot be simulated as it was observed."
    ))
  }
}

# The maximum from the estimate, once more from the fit's own start where that
# does not end at one, or why there is none.
refit_objective <- function(objective, fit) {
  control <- fit$control
  control$trace <- FALSE
  control$method <- "auto"
  maximum_from <- function(theta) {
    solution <- objective_maximise(objective, theta, control)
    maximum_at_guard(objective, solution, control)
  }
  solution <- maximum_from(unname(fit$theta))
  if (is_maximum(solution, objective, fit)) {
    return(refitted(solution, fit))
  }
  if (!solution$outcome %in% c("diverging", "singular_hessian")) {
    start <- unname(parameters_theta(fit$parameters))
    solution <- maximum_from(start)
    if (is_maximum(solution, objective, fit)) {
      return(refitted(solution, fit))
    }
  }
  list(failure = failure_reason(solution$outcome))
}

refitted <- function(solution, fit) {
  theta <- as.numeric(solution$par)
  list(theta = theta, coefficients = unname(
    parameters_coefficients(fit$parameters, theta)
  ))
}

# A maximum on the boundary of a declared range, or at the edge of the domain
# of the function, is one, too.
is_maximum <- function(solution, objective, fit) {
  if (isTRUE(solution$converged) || isTRUE(solution$settled)) {
    return(TRUE)
  }
  if (is.null(solution$hessian) || !length(parameters_edges(fit$parameters)) ||
        !all_finite(symmetric_matrix(solution$hessian))) {
    return(FALSE)
  }
  fit <- fit_with_solution(fit, solution, objective)
  fit$boundary <- find_boundary(fit, objective)
  length(fit$boundary) > 0L &&
    interior_is_stationary(fit, analyse_information(fit, objective))
}

failure_reason <- function(outcome) {
  switch(
    outcome,
    diverging = "parameters run off without a maximum, as where data separate",
    singular_hessian = "singular Hessian",
    indefinite_hessian = "indefinite Hessian",
    iteration_limit = "limit of iterations",
    nonfinite_start = , nonfinite_hessian = "not finite",
    "not converged"
  )
}
