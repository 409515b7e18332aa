# A recorded log-likelihood as a function of the flat vector of free
# parameters: value, derivatives, maximum. The numbers come from C++
# (glue_objective.cpp); here are the recording and its errors.

# -> list(pointer, n, returns, fn, parameters, data); see the functions below
objective_record <- function(fn, parameters, data = NULL, weights = NULL,
                             subset = NULL, negative = FALSE,
                             derivatives = "exact", threads = 1,
                             check = TRUE) {
  if (derivatives == "numeric") {
    return(numeric_objective(fn, parameters, data, weights, subset, negative))
  }
  layout <- parameters_layout(parameters)
  fixed <- vapply(layout, function(part) all(is.na(part$free)), NA)
  at_point <- function(theta, locate = FALSE, check = FALSE, branches = NULL) {
    recorded <- record(
      fn, lapply(layout[fixed], `[[`, "value"), data = data, locate = locate,
      check = check, branches = branches,
      flat = list(theta = theta, build = function(theta) {
        parameters_expand(parameters, theta, layout[!fixed])
      })
    )
    describe_recorded(recorded, weights, subset, negative)
  }
  plain <- function(theta) plain_value(fn, parameters, theta, data)
  theta <- unname(parameters_theta(parameters))
  first <- at_start(at_point, theta, parameters, check)
  pointer <- objective_make(first, function(theta) {
    at_trial(at_point, theta, plain)
  }, as.integer(threads))
  n <- objective_contribution_count(pointer)
  # A total over groups, say, does not have a contribution for each row.
  if (is.data.frame(data) && !first$contributions && !n %in% nrow(data)) {
    n <- NA_real_
  }
  structure(list(
    pointer = pointer, n = if (is.na(n)) NA_integer_ else as.integer(n),
    returns = if (first$contributions) "contributions" else "total",
    at_point = at_point, parameters = parameters,
    warnings = first$recorded$warnings
  ), class = "recorded_objective")
}

# The same log-likelihood with a weight on each of its n contributions, which
# multiplies the one it has: of any sign, and 0 leaves the observation out.
# Nothing is recorded again and no data are copied; what is made for weights is
# made once for all of them, so that thousands of weightings are cheap.
objective_reweight <- function(objective, weights) {
  if (is.na(objective$n)) abort_total()
  stopifnot(is.numeric(weights), length(weights) == objective$n)
  if (is_numeric_objective(objective)) {
    return(objective$reweight(as.double(weights)))
  }
  objective$pointer <- engine(
    objective_with_weights(objective$pointer, as.double(weights))
  )
  objective
}

# What `objective_make()` needs of a recording; an unusable value is an error.
describe_recorded <- function(recorded, weights, subset, negative) {
  output <- recorded$output
  if (!is_traced(output)) abort_constant(check_contributions(output))
  shape <- dim(output)
  if (length(shape) > 1L && all(shape[-1L] != 1L)) {
    abort_unusable(sprintf(
      "a matrix of %s columns", paste(shape[-1L], collapse = " x ")
    ))
  }
  if (length(output) == 0L) {
    abort_unusable("a vector of length zero")
  }
  contributions <- length(output) > 1L
  list(
    trace = trace_graph(recorded$trace),
    input = recorded$input_ids[[1L]],
    output = recorded$id, contributions = contributions,
    weights = if (contributions && !is.null(weights)) as.numeric(weights),
    subset = if (contributions && !is.null(subset)) as.integer(subset) - 1L,
    negative = negative, calls = recorded$calls, recorded = recorded
  )
}

abort_unusable <- function(what) {
  admle_abort("value", sprintf(paste(
    "The function returned %s. It must return the log-likelihood: one",
    "number, or better the vector of its contributions."
  ), what))
}

# R's special functions warn of lost precision; a jump out of the engine by
# options(warn = 2) must not happen, so the warnings are muffled here.
quietly <- function(expr) engine(suppressWarnings(expr))

is_numeric_objective <- function(objective) {
  inherits(objective, "numeric_objective")
}

objective_value <- function(objective, theta) {
  if (is_numeric_objective(objective)) {
    return(objective$value(theta))
  }
  quietly(objective_value_at(objective$pointer, theta))
}

objective_gradient <- function(objective, theta) {
  if (is_numeric_objective(objective)) {
    return(objective$gradient(theta))
  }
  objective_value_and_gradient(objective, theta)$gradient
}

objective_value_and_gradient <- function(objective, theta) {
  if (is_numeric_objective(objective)) {
    value <- objective$value(theta)
    gradient <- if (is.finite(value)) objective$gradient(theta) else NA * theta
    return(list(value = value, gradient = gradient))
  }
  gradient <- quietly(objective_gradient_at(objective$pointer, theta))
  value <- attr(gradient, "value")
  attr(gradient, "value") <- NULL
  list(value = value, gradient = gradient)
}

# Where a function of with_derivative() has no rule for second derivatives, the
# exact gradient is differenced; the attribute `differenced` says so.
objective_hessian <- function(objective, theta) {
  if (is_numeric_objective(objective)) {
    return(objective$hessian(theta))
  }
  if (objective_has_hessian(objective$pointer)) {
    return(quietly(objective_hessian_at(objective$pointer, theta)))
  }
  gradient <- function(theta) objective_gradient(objective, theta)
  hessian <- difference_jacobian(gradient, theta)
  structure((hessian + t(hessian)) / 2, differenced = TRUE)
}

objective_contributions <- function(objective, theta) {
  if (is_numeric_objective(objective)) {
    return(objective$contributions(theta))
  }
  if (is.na(objective$n)) abort_total()
  quietly(objective_contributions_at(objective$pointer, theta))
}

objective_scores <- function(objective, theta) {
  if (is_numeric_objective(objective)) {
    return(objective$scores(theta))
  }
  if (is.na(objective$n)) abort_total()
  quietly(objective_scores_at(objective$pointer, theta))
}

# Second derivatives of the n contributions: f(i, j, values) for j <= i.
# `scale`: the step in each parameter, where they are differences of scores.
objective_curvatures <- function(objective, theta, scale, f) {
  if (is.na(objective$n)) abort_total()
  differenced <- is_numeric_objective(objective) ||
    !objective_has_hessian(objective$pointer)
  unit <- diag(length(theta))
  scores <- function(theta) objective_scores(objective, theta)
  for (i in seq_along(theta)) {
    if (differenced) {
      column <- extrapolated(function(h) slope(scores, theta, i, h), scale[[i]])
    }
    for (j in seq_len(i)) {
      f(i, j, if (differenced) column[, j] else quietly(
        objective_curvatures_at(objective$pointer, theta, unit[, i], unit[, j])
      ))
    }
  }
}

# control: a list made by `solver_control()`.
objective_maximise <- function(objective, theta, control) {
  if (is_numeric_objective(objective)) {
    return(objective$maximise(theta, control))
  }
  found <- quietly(objective_solve(
    objective$pointer, theta, solver_control(control), reporter(control)
  ))
  if (isTRUE(found$interrupted)) {
    found <- interrupted_solution(objective, found)
  }
  found
}

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
      cat(strwrap(rejected_text(rejected - before, reason), indent = 6L,
                  exdent = 8L), sep = "\n")
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
interrupted_solution <- function(objective, found) {
  list(
    par = found$par, value = found$value,
    gradient = objective_gradient(objective, found$par), hessian = NULL,
    converged = FALSE, outcome = "interrupted",
    message = "interrupted by the user", method = "interrupted",
    iterations = NA_integer_,
    evaluations = c(value = NA, gradient = NA, hessian = NA),
    decrement = NA_real_, scaled_gradient = NA_real_,
    hessian_definite = NA, path = NULL, rejected = NULL,
    recordings = objective_recordings(objective$pointer)
  )
}

# Why the log-likelihood is not finite at theta: message, call, row, values;
# NULL when it is finite.
objective_explain <- function(objective, theta) {
  if (is_numeric_objective(objective)) {
    return(objective$explain(theta))
  }
  located <- objective$at_point(theta, locate = TRUE)
  why <- suppressWarnings(explain_trace(located$trace, located$output))
  if (is.null(why)) {
    return(NULL)
  }
  origin <- if (why$origin > 0L) located$calls[[why$origin]]
  values <- parameters_coefficients(objective$parameters, theta)
  list(
    message = explanation(why, origin, values),
    call = origin$call, row = why$row, values = values
  )
}

# Why its gradient is not finite there, in words.
gradient_explain <- function(objective, theta) {
  if (is_numeric_objective(objective)) {
    return(NULL)
  }
  located <- objective$at_point(theta, locate = TRUE)
  why <- suppressWarnings(
    explain_gradient(located$trace, located$output, located$input)
  )
  if (is.null(why) || why$origin <= 0L) {
    return(NULL)
  }
  sprintf(
    "the derivative of `%s` is %s%s, at %s",
    call_text(located$calls[[why$origin]]$call), format(why$value),
    if (is.na(why$row)) "" else sprintf(" in observation %.0f", why$row),
    values_text(parameters_coefficients(objective$parameters, theta))
  )
}

explanation <- function(why, origin, values) {
  shown <- if (is.nan(why$value)) "NaN" else format(why$value)
  what <- if (is.null(origin)) {
    sprintf("`%s`", why$operation)
  } else {
    sprintf("`%s`", call_text(origin$call))
  }
  arguments <- if (length(why$arguments)) {
    sprintf(
      " (%s of %s)", why$operation,
      paste(format_each(why$arguments), collapse = ", ")
    )
  } else {
    ""
  }
  where <- if (is.na(why$row)) "" else sprintf(" in observation %.0f", why$row)
  at <- values_text(values)
  within <- origin$within
  within <- if (is.null(within) || identical(within, origin$call)) {
    ""
  } else {
    sprintf(" In %s.", call_text(within))
  }
  hint <- positive_hint(why, values)
  sprintf(
    "%s is %s%s%s, at %s.%s%s", what, shown, where, arguments, at, within, hint
  )
}

# A logarithm or root of a parameter itself: it is meant to be positive.
positive_hint <- function(why, values) {
  if (!why$operation %in% c("log", "sqrt") || !any(why$arguments <= 0)) {
    return("")
  }
  name <- names(values)[values %in% why$arguments]
  if (length(name) != 1L) {
    return("")
  }
  sprintf(
    " Declare `%s` as positive() in `start`, or use exp(log_%s).", name, name
  )
}

format_each <- function(x) vapply(x, format, "", digits = 4L)
