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
  value <- function(theta) {
    tryCatch(sum(weighted(theta)), error = function(e) {
      structure(-Inf, outside = outside_text(e, NULL))
    })
  }
  size <- if (splittable) length(weighted(theta)) else 1
  numeric <- difference_maker(value, theta, size)
  # A value that no parameter changes is no log-likelihood.
  inside <- function(at, theta) {
    if (!is.finite(at) || !numeric$is_constant(theta, at)) {
      return(at)
    }
    structure(-Inf, outside = sprintf(
      "the function returns %s, whatever its parameters", format(sign * at)
    ))
  }
  scores <- function(theta) numeric$jacobian(weighted, theta)
  list(
    parameters = parameters,
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
        gradient = numeric$gradient, hessian = numeric$hessian,
        value = function(theta) inside(value(theta), theta)
      )
      if (splittable) functions$scores <- scores
      c(solve_callbacks(functions, theta, control), list(recordings = 0L))
    },
    explain = function(theta) explain_plain(plain(theta), parameters, theta),
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
  for (text in unique(found$warnings)) warning(text, call. = FALSE)
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

explain_plain <- function(contributions, parameters, theta) {
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
    message = sprintf("%s is %s at %s%s.", place, contributions[[row[[1L]]]],
                      at, if (length(values) > 5L) ", ..." else ""),
    call = NULL, row = row[[1L]], values = NULL
  )
}

# The step at which the second difference of `value` is about
# `numeric_target * scale`; smaller where the function is not finite.
curvature_step <- function(value, theta, i, h, centre, scale) {
  largest <- Inf
  limit <- max(abs(theta[[i]]), 1)
  for (attempt in 1:15) {
    bend <- abs(value(moved(theta, i, h)) + value(moved(theta, i, -h)) -
                  2 * centre) / scale
    if (!is.finite(bend)) {
      largest <- h / 2
      h <- h / 8
      next
    }
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
  h
}

numeric_hessian <- function(value, theta, h, centre) {
  size <- length(theta)
  hessian <- matrix(0, size, size)
  for (i in seq_len(size)) {
    hessian[i, i] <- extrapolated(function(t) {
      step <- t * h[[i]]
      (value(moved(theta, i, step)) + value(moved(theta, i, -step)) -
         2 * centre) / step^2
    }, 1)
    for (j in seq_len(i - 1L)) {
      hessian[i, j] <- hessian[j, i] <-
        cross_difference(value, theta, c(i, j), h[c(i, j)])
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
  steps_at <- function(theta, centre) {
    scale <- max(abs(centre), size, 1, na.rm = TRUE)
    for (i in seq_along(theta)) {
      step[[i]] <<- curvature_step(value, theta, i, step[[i]], centre, scale)
    }
    step
  }
  list(
    gradient = function(theta) {
      h <- steps_at(theta, value(theta))
      vapply(seq_along(theta), function(i) {
        extrapolated(function(h) slope(value, theta, i, h), h[[i]])
      }, numeric(1))
    },
    jacobian = function(f, theta) {
      h <- steps_at(theta, value(theta))
      columns <- lapply(seq_along(theta), function(i) {
        extrapolated(function(h) slope(f, theta, i, h), h[[i]])
      })
      do.call(cbind, columns)
    },
    hessian = function(theta) {
      centre <- value(theta)
      h <- steps_at(theta, centre)
      numeric_hessian(value, theta, h, centre)
    },
    is_constant = function(theta, centre) {
      isTRUE(value(theta + step) == centre) &&
        isTRUE(value(theta - step) == centre)
    }
  )
}
