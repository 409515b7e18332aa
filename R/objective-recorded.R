# A recorded log-likelihood. The numbers come from C++ (glue-objective.cpp);
# here are the recording and its errors.

recorded_objective <- function(fn, parameters, data = NULL, weights = NULL,
                               subset = NULL, negative = FALSE, threads = 1,
                               check = TRUE) {
  working <- working_likelihood(fn, parameters)
  record_at <- function(theta, ..., f = working$fn, visible = data) {
    recorded <- record(
      f, lapply(working$known, `[[`, "value"), data = visible, ...,
      flat = list(theta = theta, build = working$arguments)
    )
    describe_recorded(recorded, weights, subset, negative)
  }
  rows <- new.env()
  at_point <- function(theta, locate = FALSE, check = FALSE, branches = NULL) {
    described <- record_at(theta, locate = locate, check = check,
                           branches = branches)
    rows$lengths <- unique(c(rows$lengths, described$length))
    if (locate) return(described)
    told_rows(described, function() {
      if (mentions_rows(fn, data)) {
        record_at(theta, check = FALSE, leaves = TRUE)
      }
    }, rows)
  }
  plain <- function(theta) plain_value(fn, parameters, theta, data)
  theta <- unname(parameters_theta(parameters))
  first <- first_recording(list(
    fn = working$fn, data = data, layout = parameters_layout(parameters),
    linear = parameters$linear, theta = theta, check = check, plain = plain,
    record_at = record_at,
    describe = function(nodes) {
      describe_nodes(nodes, weights, subset, negative)
    },
    fresh = function() {
      at_start(at_point, theta, parameters, check,
               c(names(data), parameters$arguments))
    },
    told = function(described, again) told_rows(described, again, rows)
  ))
  rows$lengths <- first$length
  pointer <- objective_make(first, function(theta) {
    at_trial(at_point, theta, plain)
  }, as.integer(threads))
  n <- objective_contribution_count(pointer)
  # A total over groups, say, does not have a contribution for each row.
  if (is.data.frame(data) && !first$contributions && !n %in% nrow(data)) {
    n <- NA_real_
  }
  objective <- compiled_objective(pointer, list(
    n = if (is.na(n)) NA_integer_ else as.integer(n),
    returns = if (first$contributions) "contributions" else "total",
    parameters = parameters, code = body(fn), warnings = first$warnings,
    placed = isTRUE(first$placed),
    at_point = at_point, lengths = function() rows$lengths,
    explain = function(theta) {
      explain_recorded(at_point, parameters, theta, function(name) {
        if (name %in% names(data)) data[[name]] else
          find_variable(name, environment(fn))$value
      })
    },
    explain_gradient = function(theta) {
      explain_recorded_gradient(at_point, parameters, theta)
    },
    outside = function(theta) outside_domain(at_point, theta),
    taken = function(theta) branches_taken(at_point, theta)
  ))
  if (is.null(weights) && is.null(subset)) {
    objective$warnings <- c(objective$warnings, stated_derivatives(
      first, parameters, theta, objective, negative
    ))
  }
  objective
}

# What the engine does at `pointer`, added to what was found in recording.
compiled_objective <- function(pointer, recorded) {
  has_hessian <- objective_has_hessian(pointer, .Machine$integer.max)
  objective <- c(recorded, list(
    pointer = pointer,
    value = function(theta) quietly(objective_value_at(pointer, theta)),
    gradient = function(theta) objective$value_and_gradient(theta)$gradient,
    value_and_gradient = function(theta) {
      gradient <- quietly(objective_gradient_at(pointer, theta))
      value <- attr(gradient, "value")
      attr(gradient, "value") <- NULL
      list(value = value, gradient = gradient)
    },
    hessian = function(theta) {
      if (!has_hessian) {
        return(differenced_hessian(objective$gradient, theta))
      }
      symmetric_matrix(quietly(objective_hessian_at(pointer, theta)))
    },
    contributions = function(theta) {
      quietly(objective_contributions_at(pointer, theta))
    },
    scores = function(theta) quietly(objective_scores_at(pointer, theta)),
    outer_product = function(theta) {
      found <- quietly(objective_outer_product_at(pointer, theta))
      if (!is.null(found)) symmetric_matrix(found)
    },
    slopes = function(theta, directions) {
      quietly(objective_slopes_at(pointer, theta, directions))
    },
    curvature = if (has_hessian) function(theta, i, j) {
      unit <- diag(length(theta))
      quietly(objective_curvatures_at(pointer, theta, unit[, i], unit[, j]))
    },
    third = function(theta, directions) {
      quietly(objective_third_at(pointer, theta, directions))
    },
    score_hessian = function(theta, directions) {
      quietly(objective_score_hessian_at(pointer, theta, directions))
    },
    maximise = function(theta, control) {
      found <- quietly(objective_solve(
        pointer, theta, solver_control(control), reporter(control)
      ))
      if (!isTRUE(found$interrupted)) {
        return(found)
      }
      interrupted_solution(objective, found, objective_recordings(pointer))
    },
    row_warnings = function() {
      row_warnings(objective_row_facts(pointer), recorded$lengths(),
                   recorded$n)
    },
    # Nothing is recorded again and no data are copied; what is made for
    # weights is made once for all of them, so that thousands of weightings are
    # cheap.
    reweight = function(weights) {
      compiled_objective(engine(objective_with_weights(pointer, weights)),
                         recorded)
    }
  ))
  objective
}

# Where a function of with_derivative() has no rule for second derivatives, the
# exact gradient is differenced; the attribute `differenced` says so.
differenced_hessian <- function(gradient, theta) {
  hessian <- difference_jacobian(gradient, theta)
  structure((hessian + t(hessian)) / 2, differenced = TRUE)
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
  c(describe_nodes(
    list(trace = trace_graph(recorded$trace), input = recorded$input_ids[[1L]],
         output = recorded$id, length = length(output)),
    weights, subset, negative
  ), recorded[c("calls", "warnings", "stated", "placed")])
}

# `nodes`: list(trace, input, output, length, ...)
describe_nodes <- function(nodes, weights, subset, negative) {
  contributions <- nodes$length > 1L
  c(nodes, list(
    contributions = contributions,
    weights = if (contributions && !is.null(weights)) as.numeric(weights),
    subset = if (contributions && !is.null(subset)) as.integer(subset) - 1L,
    negative = negative
  ))
}

# R's special functions warn of lost precision; a jump out of the engine by
# options(warn = 2) must not happen, so the warnings are muffled here.
quietly <- function(expr) engine(suppressWarnings(expr))

# `variable(name)`: the data of that name, or NULL.
explain_recorded <- function(at_point, parameters, theta, variable) {
  located <- at_point(theta, locate = TRUE)
  why <- suppressWarnings(explain_trace(located$trace, located$output))
  if (is.null(why)) {
    return(NULL)
  }
  origin <- if (why$origin > 0L) located$calls[[why$origin]]
  values <- parameters_coefficients(parameters, theta)
  list(
    message = explanation(why, origin, values, variable),
    call = origin$call, row = why$row, values = values
  )
}

explain_recorded_gradient <- function(at_point, parameters, theta) {
  located <- at_point(theta, locate = TRUE)
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
    values_text(parameters_coefficients(parameters, theta))
  )
}

explanation <- function(why, origin, values, variable) {
  of_data <- infinite_data(why, origin, variable)
  if (!is.null(of_data)) {
    return(of_data)
  }
  shown <- if (is.nan(why$value)) "NaN" else format(why$value)
  what <- if (is.null(origin)) {
    sprintf("`%s`", why$operation)
  } else {
    sprintf("`%s`", call_text(origin$call))
  }
  arguments <- if (length(why$arguments)) {
    sprintf(" (%s)", operation_text(why$operation, why$arguments))
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
  hint <- paste0(positive_hint(why, values, origin$call),
                 product_hint(origin))
  sprintf(
    "%s is %s%s%s, at %s.%s%s", what, shown, where, arguments, at, within, hint
  )
}

# Data that the call reads and that are not finite.
infinite_data <- function(why, origin, variable) {
  for (name in all.vars(origin$call)) {
    x <- variable(name)
    if (!is.numeric(x)) next
    at <- which(!is.finite(x))
    if (!is.na(why$row)) at <- intersect(at, why$row)
    if (length(at)) {
      return(sprintf(
        "`%s` is %s in observation %d, where `%s` reads it.", name,
        format(x[[at[[1L]]]]), at[[1L]], call_text(origin$call)
      ))
    }
  }
}

# Operations that R has by another name, and which of their arguments it has.
public_operations <- local({
  operation <- function(name, arguments) {
    list(name = name, arguments = seq_len(arguments))
  }
  bessel <- lapply(c(bessel_k_scaled = "besselK", bessel_i_scaled = "besselI",
                     bessel_j_order = "besselJ", bessel_y_order = "besselY"),
                   operation, 2L)
  both <- function(name, ends, of, arguments) {
    names <- outer(c(name, paste0("log_", name)), ends, paste0)
    stats::setNames(rep(list(operation(of, arguments)), length(names)), names)
  }
  tails <- c("_p", "_q")
  c(bessel,
    both("quantile_gamma", tails, "qgamma", 2L),
    both("quantile_beta", tails, "qbeta", 3L),
    both("quantile_student", c("", tails), "qt", 2L),
    both("quantile_normal", "", "qnorm", 1L),
    both("gamma", tails, "pgamma", 2L), both("beta", tails, "pbeta", 3L),
    both("student", "_p", "pt", 2L), both("cdf_normal", "", "pnorm", 1L),
    both("nbinom", tails, "pnbinom", 3L),
    list(logistic = operation("plogis", 1L),
         log_logistic = operation("plogis", 1L), phi = operation("dnorm", 1L)))
})

# "log of -1", "2 / 0", "dbinom(2, 1, 0.5)": as the user knows the operation.
operation_text <- function(name, arguments) {
  shown <- format_each(arguments)
  sign <- c(add = "+", sub = "-", mul = "*", div = "/", pow = "^")[name]
  if (!is.na(sign) && length(shown) == 2L) {
    return(paste(shown[[1L]], sign, shown[[2L]]))
  }
  if (!is.null(public_operations[[name]])) {
    own <- public_operations[[name]]
    return(sprintf("%s(%s)", own$name,
                   paste(shown[own$arguments], collapse = ", ")))
  }
  if (grepl("^[dp][a-z]+_log", name)) {
    return(sprintf("%s(%s)", sub("_log.*", "", name),
                   paste(shown, collapse = ", ")))
  }
  sprintf("%s of %s", name, paste(shown, collapse = ", "))
}

# A logarithm or root of a parameter itself, or a division by it: it is meant to
# be positive.
positive_hint <- function(why, values, code) {
  of <- switch(why$operation, log = , sqrt = why$arguments,
               div = why$arguments[-1L])
  if (!any(of <= 0)) {
    return("")
  }
  # As they are in the call, `s` or `p[2]`, not in an expression.
  own <- gsub("[^[:alnum:]_.]", "", vapply(as.list(code)[-1L], deparse1, ""))
  name <- intersect(names(values)[values %in% of], own)
  if (length(name) != 1L) {
    return("")
  }
  sprintf(
    " Declare `%s` as positive() in `start`, or use exp(log_%s).", name, name
  )
}

# The product of many densities is too small a number.
product_hint <- function(origin) {
  code <- origin$call
  if (is.call(code) && function_name(code) == "log" && length(code) > 1L &&
        function_name(code[[2L]]) == "prod") {
    return(paste(
      " The product is too small a number: add the logarithms, as in",
      "sum(dnorm(..., log = TRUE))."
    ))
  }
  ""
}

format_each <- function(x) vapply(x, format, "", digits = 4L)
