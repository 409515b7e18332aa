# Leaving out one unit (an observation, a cluster) after the other: by one
# Newton step from the estimate on the log-likelihood without it,
#    theta - (J - J_i)^{-1} s_i,
# with its score s_i and its part J_i in the information J = -H (but for that
# between a mean and a dispersion parameter, see estimated_apart()); or exactly,
# by a fit with its weight set to zero. For a generalised linear model with
# canonical link, the step is that of Pregibon (1981), Annals of Statistics 9,
# 705-724.

# -> list(matrix, resampled: what was left out, as text)
jackknife <- function(fit, cluster = NULL, exact = FALSE,
                      center = c("mean", "estimate")) {
  check_fit(fit)
  check_one_step(fit)
  center <- match_choice(center, c("mean", "estimate"), "center")
  units <- resampling_units(fit, cluster)
  if (!is.null(units$name)) {
    check_cluster_counts(stats::setNames(units$count, units$name), fit)
  }
  estimates <- leave_out(fit, units, check_flag(exact, "exact"))$coefficients
  lost <- which(!stats::complete.cases(estimates))
  if (length(lost)) {
    admle_abort("unsupported", sprintf(
      "Without %s %s the model has no estimate: there is no jackknife.",
      if (is.null(units$name)) "observation" else "cluster",
      enumerate(units$labels[lost])
    ), units = units$labels[lost])
  }
  middle <- if (center == "mean") colMeans(estimates) else fit$coefficients
  away <- estimates - rep(middle, each = nrow(estimates))
  covariance <- (units$count - 1) / units$count * crossprod(away)
  list(
    matrix = if (exact) covariance else without_boundary(covariance, fit),
    resampled = sprintf(
      "jackknife: %s left out in turn, %s", units_text(units),
      if (exact) "fitted again" else "one Newton step from the estimate"
    )
  )
}

# Without each unit (rows), NA where there is no estimate:
# -> list(steps: change of theta without what is on its boundary; coefficients)
leave_out <- function(fit, units, exact = FALSE, show = FALSE) {
  if (!exact) {
    steps <- leave_out_steps(fit, units)
    return(list(steps = steps, coefficients = moved_estimates(fit, steps)))
  }
  objective <- fit_objective(fit)
  report <- progress_bar(units$count, show)
  on.exit(report$close())
  made <- lapply(seq_len(units$count), function(unit) {
    weights <- as.numeric(!units$group %in% unit)
    one <- refit_objective(objective_reweight(objective, weights), fit)
    report$show(unit)
    one
  })
  theta <- collected(made, "theta", length(fit$theta))
  steps <- theta - rep(unname(fit$theta), each = nrow(theta))
  list(steps = steps[, interior(fit), drop = FALSE],
       coefficients = collect_replications(made, fit)$coefficients)
}

# Numbers of second derivatives that are held at a time.
most_curvatures <- 2e7

# Steps in what is not on its boundary: units x parameters, NA for a unit
# without which the information is not positive definite.
leave_out_steps <- function(fit, units, largest = most_curvatures) {
  within <- interior(fit)
  scale <- information_scale(fit)
  information <- interior_information(fit)
  sums <- unit_sums(interior_scores(fit), units)
  steps <- matrix(NA_real_, units$count, length(within))
  apart <- estimated_apart(fit, information, scale)
  each_unit_curvature(fit, units, function(unit, curvature) {
    curvature[apart] <- 0
    without <- (information + curvature) / outer(scale, scale)
    factor <- tryCatch(chol(without), error = function(e) NULL)
    if (is.null(factor) || rcond_triangle(factor) < 1e-12) {
      return()
    }
    step <- backsolve(factor, backsolve(factor, sums[unit, ] / scale,
                                        transpose = TRUE))
    steps[unit, ] <<- -step / scale
  }, largest)
  steps
}

# Pairs of parameters between which there is no information at the estimate
# because the score of one vanishes there whatever the other is, as those of a
# mean and a dispersion parameter: without a unit the same holds at another
# estimate, and the unit's own part of that information is no reason to move.
# Such information changes with the parameters, in any direction that moves all
# of them; that between regressors which happen to be orthogonal does not.
estimated_apart <- function(fit, information, scale) {
  units <- outer(scale, scale)
  zero <- abs(information) <= 1e-6 * units
  if (!any(zero)) {
    return(zero)
  }
  within <- interior(fit)
  way <- step_sizes(fit) * cos(seq_along(fit$theta)^1.5)
  hessian <- function(side) {
    objective_hessian(fit_objective(fit), unname(fit$theta) + side * way)
  }
  change <- (hessian(1) - hessian(-1))[within, within, drop = FALSE]
  change <- abs(change) / units / 0.1
  zero & is.finite(change) & change > 0.01 / sqrt(fit$n)
}

rcond_triangle <- function(factor) {
  size <- abs(diag(factor))
  (min(size) / max(size))^2
}

# Units of about a standard error, in which matrices are scaled.
information_scale <- function(fit) {
  information <- fit_information(fit)
  if (!identical(information$status, "definite")) {
    admle_abort("unsupported", paste(
      "A step from the scores needs a negative definite Hessian, which the",
      "fit does not have."
    ))
  }
  unname(information$scale)
}

interior_information <- function(fit) {
  hessian <- fit$hessian
  if (is.null(hessian)) {
    hessian <- objective_hessian(fit_objective(fit), unname(fit$theta))
  }
  -unname(as_dense(hessian, "The jackknife"))[interior(fit), interior(fit),
                                               drop = FALSE]
}

# f(unit, its Hessian) for each unit, in chunks that fit into memory.
each_unit_curvature <- function(fit, units, f, largest) {
  within <- interior(fit)
  k <- length(within)
  for (chunk in consecutive(seq_len(units$count),
                            ceiling(units$count * k^2 / largest))) {
    sums <- array(0, c(length(chunk), k, k))
    objective_curvatures(
      fit_objective(fit), unname(fit$theta), step_sizes(fit),
      function(i, j, values) {
        i <- match(i, within)
        j <- match(j, within)
        if (is.na(i) || is.na(j)) {
          return()
        }
        values <- unit_sums(matrix(values), units)[chunk, ]
        sums[, i, j] <<- values
        sums[, j, i] <<- values
      }
    )
    for (at in seq_along(chunk)) f(chunk[[at]], matrix(sums[at, , ], k))
  }
}

# A twentieth of a standard error, for differences of scores.
step_sizes <- function(fit) {
  sizes <- rep(1, length(fit$theta))
  sizes[interior(fit)] <- 0.05 / information_scale(fit)
  sizes
}
