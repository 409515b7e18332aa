# Starting values of a model. The parameters of the density get values from
# moments (model-moments.R), the coefficients reproduce these values: least
# squares of the response on the scale of the link for a location, a constant
# for others. What does not give a finite log-likelihood is replaced by the best
# of a small set of combinations. The user's own values have priority.

# -> named list of starting values, one element per argument of the function
model_start <- function(model, fn, start, weights) {
  given <- read_start(model, start)
  candidates <- start_candidates(model, given, weights)
  values <- lapply(candidates, `[[`, 1L)
  finite <- is.finite(plain_loglik(fn, values, weights))
  doubtful <- intersect(names(which(lengths(candidates) > 1L)),
                        model$unresolved)
  if (!finite || length(doubtful)) {
    values <- best_start(fn, candidates, weights)
    finite <- is.finite(plain_loglik(fn, values, weights))
  }
  if (!finite) {
    check_support(model, fn, values)
    check_start_found(model, given)
  }
  for (name in model$scalars) {
    values[[name]] <- declare_scalar(values[[name]], model$roles[[name]])
  }
  values
}

# The start that satisfies linear constraints and is nearest to the one without
# them in the linear predictors: in the coefficients it would depend on units.
constrained_start <- function(parameters, model) {
  linear <- parameters$linear
  if (is.null(linear)) {
    return(parameters)
  }
  layout <- parameters_layout(parameters)
  metric <- diag(length(linear$offset))
  for (part in model$components) {
    at <- layout[[coefficient_argument(part)]]$free
    used <- which(!is.na(at))
    if (ncol(part$matrix) != length(at)) next
    X <- part$matrix[, used, drop = FALSE] / sqrt(nrow(part$matrix))
    metric[at[used], at[used]] <- triangular_factor(X)
  }
  wanted <- parameters$working$start[parameters$working$free] - linear$offset
  theta <- qr.solve(metric %*% linear$matrix, metric %*% wanted)
  parameters_at(parameters, parameters_expand(parameters, as.numeric(theta)))
}

# Nothing suggests where a parameter inside of an expression starts.
check_start_found <- function(model, given) {
  lacking <- setdiff(intersect(model$scalars, model$unresolved), names(given))
  if (length(lacking)) {
    admle_abort("start", sprintf(paste(
      "No starting value was found for %s of `%s`, which %s no formula. Give",
      "start = list(%s)."
    ), enumerate(lacking), deparse1(model$density),
    if (length(lacking) == 1L) "has" else "have",
    paste(lacking, "= ...", collapse = ", ")), missing = lacking)
  }
}

undeclared <- function(value) if (is_declared(value)) value$value else value

plain_loglik <- function(fn, start, weights) {
  start <- lapply(start, undeclared)
  value <- tryCatch(suppressWarnings(do.call(fn, start)),
                    error = function(e) NaN)
  if (!is.null(weights) && length(weights) == length(value)) {
    value <- value * weights
  }
  sum(value)
}

# The best combination, one argument after the other, where there are many.
# Without a finite one the first is returned: the error at the start explains.
best_start <- function(fn, candidates, weights, limit = 200L) {
  counts <- lengths(candidates)
  grid <- if (prod(counts) <= limit) {
    as.matrix(expand.grid(lapply(counts, seq_len)))
  } else {
    t(vapply(seq_len(limit), function(i) {
      ((i - 1L) * seq_along(counts) %/% 1L) %% counts + 1L
    }, numeric(length(counts))))
  }
  values <- apply(grid, 1L, function(row) {
    plain_loglik(fn, Map(`[[`, candidates, row), weights)
  })
  best <- if (any(is.finite(values))) {
    which.max(ifelse(is.finite(values), values, -Inf))
  } else {
    1L
  }
  Map(`[[`, candidates, grid[best, ])
}

# Per argument of the function: a list of values to try, best first.
start_candidates <- function(model, given, weights) {
  located <- located_component(model, given, weights)
  statistics <- response_statistics(model$y_start, located$centre)
  candidates <- list()
  for (part in model$components) {
    if (length(part$effects)) {
      candidates <- c(candidates, grouped_candidates(part, model, given,
                                                     statistics, located))
      next
    }
    if (length(part$columns) == 0L) next
    name <- coefficient_argument(part)
    own <- if (identical(part$parameter, located$parameter)) {
      list(located$coefficients)
    }
    if (!is.null(given[[name]])) {
      own <- list(complete_start(given[[name]], own, part))
    } else if (!is.null(part$outcomes)) {
      own <- list(numeric(coefficient_count(part)))
    } else {
      own <- c(own, component_candidates(part, model, statistics))
    }
    names <- if (is.null(part$outcomes)) part$columns
    candidates[[name]] <- lapply(own, function(value) {
      stats::setNames(as.vector(value), names)
    })
  }
  for (name in model$scalars) {
    candidates[[name]] <- if (is.null(given[[name]])) {
      scalar_candidates(name, model, statistics)
    } else {
      list(given[[name]])
    }
  }
  candidates[model$arguments]
}

scalar_candidates <- function(name, model, statistics) {
  moment <- moment_start(name, model, statistics)
  if (!is.null(moment)) list(moment) else list(1, 0.1, 0.5, 2, 10, -1)
}

component_candidates <- function(part, model, statistics) {
  lapply(predictor_candidates(part, model, statistics), constant_coefficients,
         part = part)
}

predictor_candidates <- function(part, model, statistics) {
  moment <- moment_start(part$parameter, model, statistics)
  values <- if (is.null(moment)) {
    c(statistics$mean, 1, 0.5, 0.1, 0)
  } else {
    moment
  }
  eta <- suppressWarnings(part$link$link(values))
  c(eta[is.finite(eta)], if (is.null(moment)) 0)
}

# The moment that the density's argument of this name suggests, or NULL.
moment_start <- function(name, model, statistics) {
  role <- model$roles[[name]]
  if (is.null(role)) {
    return(NULL)
  }
  rule <- moment_starts[[role$density]][[role$argument]]
  if (!is.null(role$part)) {
    statistics <- part_statistics(statistics$y, role$part)
  }
  value <- if (!is.null(rule)) rule(statistics)
  if (length(value) && all(is.finite(value))) value
}

# Equal components of a mixture are a saddle point: each starts at a part of
# the ordered response.
part_statistics <- function(y, part) {
  limits <- round(length(y) * (part[[1L]] + c(-1, 0)) / part[[2L]])
  response_statistics(sort(y)[seq.int(limits[[1L]] + 1L, limits[[2L]])])
}

# The part that is the centre of the response, with least squares on the scale
# of its link: -> list(parameter, coefficients, centre), or NULL.
located_component <- function(model, given, weights) {
  for (part in model$components) {
    if (length(part$columns) + length(part$effects) == 0L ||
          !is_location(part, model)) next
    if (length(part$effects)) {
      return(located_groups(part, model, weights))
    }
    name <- coefficient_argument(part)
    y <- model$y_location
    if (is.null(y)) y <- numeric_response(model$y_start)
    coefficients <- if (!is.null(given[[name]]) && !anyNA(given[[name]])) {
      given[[name]]
    } else {
      link_least_squares(part, y, weights)
    }
    if (is.null(coefficients)) next
    centre <- link_inverse_at(part$link, linear_predictor(part, coefficients))
    return(list(parameter = part$parameter, coefficients = coefficients,
                centre = if (all(is.finite(centre))) centre))
  }
  NULL
}

is_location <- function(part, model) {
  if (!is.null(model$family)) {
    return(isTRUE(part$first))
  }
  role <- model$roles[[part$parameter]]
  !is.null(role) && role$argument %in% location_arguments[role$density]
}

link_least_squares <- function(part, y, weights) {
  z <- linked_response(part, y)
  if (!is.null(z)) least_squares(part, z, weights)
}

# Where the link is not finite at the response, this is drawn to its mean.
linked_response <- function(part, y) {
  mean <- mean(y[is.finite(y)])
  for (drawn in c(0, 0.05, 0.5)) {
    z <- suppressWarnings(part$link$link((1 - drawn) * y + drawn * mean))
    if (all(is.finite(z))) {
      return(z)
    }
  }
  NULL
}

constant_coefficients <- function(value, part) {
  z <- rep(value, nrow(part$matrix))
  if (part$constant && is.null(part$offset)) {
    return(value)
  }
  at <- match("(Intercept)", part$columns)
  if (!is.na(at) && is.null(part$offset)) {
    return(replace(numeric(length(part$columns)), at, value))
  }
  least_squares(part, z, NULL)
}

least_squares <- function(part, z, weights) {
  if (!is.null(part$offset)) {
    z <- z - part$offset
  }
  X <- part$matrix
  if (!is.null(part$root)) {
    coefficients <- rooted_least_squares(X, part$root, z, weights)
    if (!is.null(coefficients)) return(coefficients)
  }
  if (!is.null(weights)) {
    X <- X * sqrt(weights)
    z <- z * sqrt(weights)
  } else if (!is.null(part$cholesky)) {
    moments <- drop(crossprod(X, z)) / part$cholesky$scale
    half <- backsolve(part$cholesky$factor, moments, transpose = TRUE)
    return(backsolve(part$cholesky$factor, half) / part$cholesky$scale)
  }
  solved <- stats::.lm.fit(X, z)
  coefficients <- solved$coefficients
  coefficients[seq_along(coefficients) > solved$rank] <- 0
  coefficients[solved$pivot] <- coefficients
  coefficients
}

linear_predictor <- function(part, coefficients, X = part$matrix,
                             offset = part$offset) {
  eta <- if (length(coefficients)) drop(X %*% coefficients) else
    numeric(nrow(X))
  if (is.null(offset)) eta else eta + offset
}

# -> list(coefficients, effects) of z, a number for each row.
grouped_least_squares <- function(part, z) {
  if (!is.null(part$offset)) z <- z - part$offset
  b <- numeric(length(part$columns))
  if (length(b)) {
    # The columns net of the effects are orthogonal to these.
    net <- part
    net["offset"] <- list(NULL)
    net$matrix <- part$within
    b <- least_squares(net, z, NULL)
    z <- z - drop(part$matrix %*% b)
  }
  list(coefficients = b,
       effects = split_effects(part, on_groups(part$groups, z)))
}

# Of a predictor that is `eta` in all rows.
constant_effects <- function(part, eta) {
  split_effects(part, on_groups(part$groups, rep(eta, nrow(part$groups))))
}

# The coefficients and the absorbed effects of a location.
located_groups <- function(part, model, weights) {
  y <- model$y_location
  if (is.null(y)) y <- numeric_response(model$y_start)
  z <- linked_response(part, y)
  if (is.null(z)) {
    return(NULL)
  }
  start <- grouped_least_squares(part, z)
  eta <- linear_predictor(part, start$coefficients) +
    as.vector(part$groups %*% unlist(start$effects))
  centre <- link_inverse_at(part$link, eta)
  list(parameter = part$parameter, coefficients = start$coefficients,
       effects = start$effects, centre = if (all(is.finite(centre))) centre)
}

# Elsewhere no slopes, and effects that give the values that moments suggest.
grouped_candidates <- function(part, model, given, statistics, located) {
  name <- coefficient_argument(part)
  if (identical(part$parameter, located$parameter)) {
    own <- lapply(located$effects, list)
    slopes <- located$coefficients
  } else {
    eta <- predictor_candidates(part, model, statistics)
    own <- lapply(eta, constant_effects, part = part)
    own <- do.call(Map, c(list(list), own))
    slopes <- numeric(length(part$columns))
  }
  if (length(slopes) == 0L) {
    return(own)
  }
  if (!is.null(given[[name]])) {
    slopes <- complete_start(given[[name]], list(slopes), part)
  }
  slopes <- stats::setNames(as.vector(slopes), part$columns)
  c(own, stats::setNames(list(list(slopes)), name))
}

# The user's `start` by the function's arguments. Its names are parameters,
# arguments of the function or coefficients; what it lacks is NA here.
read_start <- function(model, start) {
  if (is.null(start)) {
    return(list())
  }
  if (is.null(names(start)) || any(names(start) == "") ||
        !(is.list(start) || is.numeric(start))) {
    admle_abort("start", sprintf(
      "`start` must be a named list or a named numeric vector, not %s.",
      if (is.list(start) || is.numeric(start)) "one without names" else
        described(start)
    ))
  }
  given <- list()
  for (name in names(start)) {
    value <- start[[name]]
    if (name %in% model$scalars) {
      given[[name]] <- value
      next
    }
    found <- find_start(model, name)
    if (is.null(found)) {
      abort_unknown_start(model, name)
    }
    value <- check_start_value(value, name)
    size <- coefficient_count(found$part)
    positions <- if (is.null(found$column)) seq_len(size) else found$column
    value <- with_slopes(value, found$part, length(positions))
    if (length(value) != length(positions)) {
      admle_abort("start", sprintf(
        "`start` gives `%s` %s, but it has %d.", name,
        counted(length(value), "value"), length(positions)
      ))
    }
    argument <- coefficient_argument(found$part)
    if (is.null(given[[argument]])) {
      given[[argument]] <- rep(NA_real_, size)
    }
    given[[argument]][positions] <- as.vector(value)
  }
  given
}

# One number for a parameter with a formula is its intercept's; the others start
# at 0.
with_slopes <- function(value, part, size) {
  intercept <- match("(Intercept)", part$columns)
  if (length(value) != 1L || size == 1L || is.na(intercept) ||
        !is.null(part$outcomes)) {
    return(value)
  }
  replace(numeric(size), intercept, value)
}

find_start <- function(model, name) {
  for (part in model$components) {
    if (name %in% c(part$parameter, coefficient_argument(part))) {
      return(list(part = part))
    }
    column <- match(name, coefficient_labels_of(part))
    if (!is.na(column)) {
      return(list(part = part, column = column))
    }
  }
  NULL
}

abort_unknown_start <- function(model, name) {
  parts <- vapply(model$components, `[[`, "", "parameter")
  labels <- unlist(lapply(model$components, coefficient_labels_of))
  admle_abort("start", sprintf(
    "`start` names an unknown parameter: `%s`. Known are %s.", name,
    enumerate(unique(c(model$scalars, parts, labels)))
  ), unknown = name)
}

complete_start <- function(given, own, part) {
  if (!anyNA(given)) {
    return(given)
  }
  rest <- if (is.null(own)) numeric(coefficient_count(part)) else own[[1L]]
  ifelse(is.na(given), rest, given)
}
