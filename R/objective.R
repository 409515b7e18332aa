# What an objective is: the log-likelihood as a function of the flat vector of
# free parameters, theta. There are two kinds, which are used alike: recorded
# ones (objective-recorded.R) and those differentiated by differences
# (objective-numeric.R). Both are lists with
#   parameters, n (contributions, NA for a total), returns, warnings, code of
#     the user's function
#   placed: whether the recording has numbers that were chosen for its point
#   value(theta), gradient(theta), value_and_gradient(theta), hessian(theta)
#   contributions(theta), scores(theta): for each of the n
#   slopes(theta, directions): the scores times a matrix
#   outer_product(theta): the scores' own, sparse where that is worth it; NULL
#     where it has to be made of the scores
#   curvature(theta, i, j): second derivatives of the n contributions; NULL
#     where these are differences of the scores
#   maximise(theta, control): control as of `solver_control()`
#   explain(theta): why the value is not finite, as list(message, call, row,
#     values); NULL where it is
#   explain_gradient(theta): why its gradient is not finite, in words; NULL
#     where it is, or that is unknown
#   outside(theta): the condition that says that theta is outside the domain,
#     as `branch` of `branches`
#   taken(theta): list(branches, used): the branches at theta, and which
#     parameters the value there depends on; NULL where that is unknown
#   row_warnings(): what is worth telling about the observations, as text
#   reweight(weights): the objective with a factor on each contribution
# and, recorded ones only, at_point(theta), the graph there, and third() and
# score_hessian(), products of higher derivatives (bias-penalty.R).

objective_record <- function(fn, parameters, data = NULL, weights = NULL,
                             subset = NULL, negative = FALSE,
                             derivatives = "exact", threads = 1,
                             check = TRUE) {
  if (derivatives == "numeric") {
    return(numeric_objective(fn, parameters, data, weights, subset, negative))
  }
  recorded_objective(fn, parameters, data, weights, subset, negative, threads,
                     check)
}

objective_value <- function(objective, theta) objective$value(theta)

objective_gradient <- function(objective, theta) objective$gradient(theta)

objective_value_and_gradient <- function(objective, theta) {
  objective$value_and_gradient(theta)
}

# Sparse where that is worth it, see trace-symmetric.R; and all elements.
objective_curvature <- function(objective, theta) objective$hessian(theta)

objective_hessian <- function(objective, theta) {
  as_dense(objective$hessian(theta))
}

objective_contributions <- function(objective, theta) {
  if (is.na(objective$n)) abort_total()
  objective$contributions(theta)
}

objective_scores <- function(objective, theta) {
  if (is.na(objective$n)) abort_total()
  objective$scores(theta)
}

objective_slopes <- function(objective, theta, directions) {
  if (is.na(objective$n)) abort_total()
  objective$slopes(theta, directions)
}

abort_total <- function() {
  admle_abort("unsupported", paste(
    "The function returns one total, which cannot be split into the",
    "contributions of the observations: its addends are not shown to be one",
    "for each row of the data. Return the vector of contributions instead of",
    "their sum."
  ))
}

# Second derivatives of the n contributions: f(i, j, values) for j <= i.
# `scale`: the step in each parameter, where they are differences of scores.
objective_curvatures <- function(objective, theta, scale, f) {
  if (is.na(objective$n)) abort_total()
  for (i in seq_along(theta)) {
    if (is.null(objective$curvature)) {
      column <- extrapolated(function(h) slope(objective$scores, theta, i, h),
                             scale[[i]])
    }
    for (j in seq_len(i)) {
      f(i, j, if (is.null(objective$curvature)) column[, j] else
        objective$curvature(theta, i, j))
    }
  }
}

# The same log-likelihood with a weight on each of its n contributions, which
# multiplies the one it has: of any sign, and 0 leaves the observation out.
objective_reweight <- function(objective, weights) {
  if (is.na(objective$n)) abort_total()
  stopifnot(is.numeric(weights), length(weights) == objective$n)
  objective$reweight(as.double(weights))
}

objective_maximise <- function(objective, theta, control) {
  objective$maximise(theta, control)
}

objective_explain <- function(objective, theta) objective$explain(theta)

objective_explain_gradient <- function(objective, theta) {
  objective$explain_gradient(theta)
}

# How a search ends where the gradient vanishes.
stationary_outcomes <- c("decrement", "rounding", "gradient",
                         "singular_hessian")

# Maximises functions of the parameters written in R.
solve_callbacks <- function(functions, start, control) {
  callbacks_solve(functions, start, solver_control(control), reporter(control))
}

# What `trace = TRUE` prints, one line for each iteration.
reporter <- function(control) {
  if (!isTRUE(control$trace)) {
    return(NULL)
  }
  before <- 0
  function(iteration, value, gradient, decrement, step, rejected, reason) {
    cat(sprintf(
      "%4d  log-likelihood %.10g  gradient %.2e  decrement %s  step %.2g\n",
      iteration, value, gradient,
      if (is.na(decrement)) "-" else sprintf("%.2e", decrement), step
    ))
    if (rejected > before) {
      cat(cli::ansi_strwrap(rejected_text(rejected - before, reason),
                            indent = 6L, exdent = 8L), sep = "\n")
    }
    before <<- rejected
  }
}

solver_control <- function(control) {
  or <- function(value, default) if (is.null(value)) default else value
  list(
    method = or(control$method, "auto"),
    max_iterations = as.integer(or(control$iterations, 0)),
    gradient_tolerance = control$gradient_tolerance,
    decrement_tolerance = control$decrement_tolerance,
    value_tolerance = control$value_tolerance,
    lbfgs_memory = as.integer(control$memory),
    dense_limit = as.integer(min(control$dense_limit, .Machine$integer.max))
  )
}

# The best point so far is all that an interrupted run has.
interrupted_solution <- function(objective, found, recordings) {
  list(
    par = found$par, value = found$value,
    gradient = objective_gradient(objective, found$par), hessian = NULL,
    converged = FALSE, outcome = "interrupted",
    message = "interrupted by the user", method = "interrupted",
    iterations = NA_integer_,
    evaluations = c(value = NA, gradient = NA, hessian = NA),
    decrement = NA_real_, scaled_gradient = NA_real_,
    hessian_definite = NA, path = NULL, rejected = NULL,
    recordings = recordings
  )
}
