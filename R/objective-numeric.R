# Derivatives by differences, for likelihoods that cannot be recorded
# (`derivatives = "numeric"`). The step of the differences, which are
# extrapolated (derivatives-numeric.R), is in units of the log-likelihood's own
# curvature: h is such that the second difference is a small fraction of the
# log-likelihood itself, so that the truncation and the rounding error are both
# near 1e-12 whatever the units of the parameter (Gill, Murray and Wright 1981,
# Practical Optimization, 8.6).

numeric_target <- 4e-3

# An objective, see objective.R.
numeric_objective <- function(fn, parameters, data = NULL, weights = NULL,
                              subset = NULL, negative = FALSE) {
  sign <- if (negative) -1 else 1
  plain <- function(theta) {
    sign * check_contributions(plain_value(fn, parameters, theta, data))
  }
  theta <- unname(parameters_theta(parameters))
  count <- length(plain_at_start(plain, parameters, theta,
                                 c(names(data), parameters$arguments)))
  splittable <- count > 1L
  weighted <- function(theta) {
    value <- suppressWarnings(plain(theta))
    if (!is.null(subset)) value <- value[subset]
    if (!is.null(weights)) value <- ifelse(weights == 0, 0, value * weights)
    value
  }
  evaluated <- function(theta) {
    tryCatch(sum(weighted(theta)), error = function(e) {
      structure(-Inf, outside = outside_text(e, NULL))
    })
  }
  size <- if (splittable) length(weighted(theta)) else 1
  # A value that no parameter changes is no log-likelihood.
  value <- function(theta) {
    at <- evaluated(theta)
    if (!is.finite(at) || !numeric$is_constant(theta, at)) {
      return(at)
    }
    structure(-Inf, outside = sprintf(
      "the function returns %s, whatever its parameters", format(sign * at)
    ))
  }
  numeric <- difference_maker(evaluated, theta, size)
  scores <- function(theta) numeric$jacobian(weighted, theta)
  list(
    parameters = parameters, code = body(fn),
    n = if (splittable) as.integer(size) else NA_integer_,
    returns = if (splittable) "contributions" else "total",
    value = value,
    gradient = numeric$gradient,
    value_and_gradient = function(theta) {
      at <- value(theta)
      finite <- is.finite(at)
      list(value = at,
           gradient = if (finite) numeric$gradient(theta) else NA * theta)
    },
    hessian = numeric$hessian,
    contributions = weighted,
    scores = scores,
    slopes = function(theta, directions) scores(theta) %*% directions,
    outer_product = function(theta) NULL,
    maximise = function(theta, control) {
      functions <- list(
        gradient = numeric$gradient, hessian = numeric$hessian, value = value
      )
      if (splittable) functions$scores <- scores
      c(solve_callbacks(functions, theta, control), list(recordings = 0L))
    },
    explain = function(theta) {
      explain_plain(suppressWarnings(plain(theta)), parameters, theta,
                    evaluated)
    },
    explain_gradient = function(theta) NULL,
    outside = function(theta) list(branches = NULL, branch = NULL),
    taken = function(theta) NULL, row_warnings = function() character(),
    reweight = function(multiply) {
      if (!is.null(weights)) multiply <- multiply * weights
      numeric_objective(fn, parameters, data, multiply, subset, negative)
    }
  )
}

plain_at_start <- function(plain, parameters, theta, known) {
  found <- evaluate_watched(plain(theta))
  if (!is.null(found$error$deliberate) && has_no_class(found$error)) {
    abort_start(list(), found$error, parameters, theta)
  }
  if (!is.null(found$error)) {
    if (is_of_r(found$error)) abort_mistake(found$error, known)
    stop(found$error)
  }
  # Of a value that is not finite there is more to say.
  if (all(is.finite(found$value))) {
    for (text in unique(found$warnings)) warning(text, call. = FALSE)
  }
  found$value
}

# What the user's function returns, not under the mask.
plain_value <- function(fn, parameters, theta, data) {
  do.call(function_with_data(fn, data), parameters_expand(parameters, theta))
}

# The user's function with the columns of `data` before its own environment.
function_with_data <- function(fn, data) {
  if (!is.null(data)) {
    environment(fn) <- list2env(as.list(data), parent = environment(fn))
  }
  fn
}

explain_plain <- function(contributions, parameters, theta, value) {
  row <- which(!is.finite(contributions))
  if (length(row) == 0L) {
    return(NULL)
  }
  values <- parameters_coefficients(parameters, theta)
  shown <- utils::head(values, 5L)
  at <- paste(names(shown), "=", signif(shown, 4), collapse = ", ")
  place <- if (length(contributions) > 1L) {
    sprintf("The contribution of observation %d", row[[1L]])
  } else {
    "It"
  }
  list(
    message = paste(c(sprintf(
      "%s is %s at %s%s.", place, contributions[[row[[1L]]]], at,
      if (length(values) > 5L) ", ..." else ""
    ), failing_parameter(value, theta, parameters)), collapse = " "),
    call = NULL, row = row[[1L]], values = NULL
  )
}

# The parameter that alone keeps the value from being finite; or NULL.
failing_parameter <- function(value, theta, parameters) {
  names <- parameters_theta_names(parameters)
  for (i in seq_along(theta)) {
    for (other in c(-theta[[i]], 1, 0.5, 0.1, 10, -1)) {
      if (is.finite(value(replace(theta, i, other)))) {
        return(sprintf(paste(
          "It is finite with another `%s`, as at %s = %s: start there, or",
          "declare its range in `start`, by %s."
        ), names[[i]], names[[i]], format(other),
        if (theta[[i]] <= 0 && other > 0) "positive()" else "bounded()"))
      }
    }
  }
}

# The step at which the second difference of `value` is about
# `numeric_target * scale`; smaller where the function is not finite.
# -> list(step, side): where the domain ends too near for that, the side on
# which it goes on, and a step for differences from that side alone
curvature_step <- function(value, theta, i, h, centre, scale) {
  both <- target_step(function(h) {
    value(moved(theta, i, h)) + value(moved(theta, i, -h)) - 2 * centre
  }, h, theta[[i]], scale)
  if (!both$cut_short) {
    return(list(step = both$step, side = 0))
  }
  beyond <- is.finite(c(value(moved(theta, i, 64 * both$step)),
                        value(moved(theta, i, -64 * both$step))))
  if (sum(beyond) != 1L) {
    return(list(step = both$step, side = 0))
  }
  side <- if (beyond[[1L]]) 1 else -1
  inside <- target_step(function(h) {
    centre - 2 * value(moved(theta, i, side * h)) +
      value(moved(theta, i, 2 * side * h))
  }, 64 * both$step, theta[[i]], scale)
  list(step = inside$step, side = side)
}

# -> list(step, cut_short): whether the second difference is far from its target
# because of the domain
target_step <- function(second_difference, h, at, scale) {
  largest <- Inf
  limit <- max(abs(at), 1)
  reached <- 0
  for (attempt in 1:15) {
    bend <- abs(second_difference(h)) / scale
    if (!is.finite(bend)) {
      largest <- h / 2
      h <- h / 8
      next
    }
    reached <- bend
    factor <- sqrt(numeric_target / max(bend, 1e-12))
    if (factor > 0.5 && factor < 2) {
      break
    }
    following <- min(h * min(max(factor, 0.01), 30), largest, limit)
    if (following == h) {
      break
    }
    h <- following
  }
  list(step = h, cut_short = is.finite(largest) &&
         reached < 1e-3 * numeric_target)
}

# Of a parameter at the edge of the domain the second derivatives are those a
# few steps inside: they serve the search, and no standard error.
numeric_hessian <- function(value, theta, h, side, centre) {
  size <- length(theta)
  hessian <- matrix(0, size, size)
  for (i in seq_len(size)) {
    for (j in seq_len(i)) {
      pair <- unique(c(i, j))
      at <- theta
      at[pair] <- at[pair] + 8 * h[pair] * side[pair]
      middle <- if (any(side[pair] != 0)) value(at) else centre
      hessian[i, j] <- hessian[j, i] <- if (i == j) {
        extrapolated(function(t) {
          step <- t * h[[i]]
          (value(moved(at, i, step)) + value(moved(at, i, -step)) -
             2 * middle) / step^2
        }, 1)
      } else {
        cross_difference(value, at, c(i, j), h[c(i, j)])
      }
    }
  }
  hessian
}

cross_difference <- function(value, theta, pair, h) {
  corner <- function(t) {
    same <- value(moved(theta, pair, t * h)) + value(moved(theta, pair, -t * h))
    turned <- t * h * c(1, -1)
    other <- value(moved(theta, pair, turned)) +
      value(moved(theta, pair, -turned))
    (same - other) / (4 * t^2 * prod(h))
  }
  for (size in 2^-(0:6)) {
    result <- extrapolated(corner, size)
    if (is.finite(result)) {
      break
    }
  }
  result
}

# gradient(theta), hessian(theta), jacobian(f, theta) around one function. The
# steps are remembered from one call to the next as first guesses.
difference_maker <- function(value, theta, size) {
  step <- 1e-4 * pmax(abs(theta), 1)
  side <- numeric(length(theta))
  find_steps <- function(theta, centre) {
    scale <- max(abs(centre), size, 1, na.rm = TRUE)
    for (i in seq_along(theta)) {
      found <- curvature_step(value, theta, i, step[[i]], centre, scale)
      step[[i]] <<- found$step
      side[[i]] <<- found$side
    }
  }
  slopes <- function(f, theta) {
    find_steps(theta, value(theta))
    lapply(seq_along(theta), function(i) {
      slope_from(f, theta, i, step[[i]], side[[i]])
    })
  }
  list(
    gradient = function(theta) unlist(slopes(value, theta)),
    jacobian = function(f, theta) do.call(cbind, slopes(f, theta)),
    hessian = function(theta) {
      centre <- value(theta)
      find_steps(theta, centre)
      numeric_hessian(value, theta, step, side, centre)
    },
    is_constant = function(theta, centre) {
      isTRUE(value(theta + step) == centre) &&
        isTRUE(value(theta - step) == centre)
    }
  )
}
