# The small-sample adjustment n / (n - k): which parameters count as k.

check_adjust <- function(adjust, parameters) {
  flag <- is.logical(adjust) && length(adjust) == 1L && !is.na(adjust)
  number <- is.numeric(adjust) && length(adjust) == 1L && is.finite(adjust) &&
    adjust > 0
  if (!flag && !number && !is.character(adjust)) {
    admle_abort("argument", paste(
      "`adjust` must be TRUE, FALSE, the names of parameters that are not",
      "counted, or the residual degrees of freedom."
    ), argument = "adjust")
  }
  if (is.character(adjust)) {
    named_parameters(adjust, parameters)
  }
  adjust
}

# The one made at the fit, or another.
fit_adjustment <- function(fit, adjust) {
  if (identical(adjust, fit$adjust)) {
    return(fit$adjustment)
  }
  adjustment(fit, check_adjust(adjust, fit$parameters))
}

# -> NULL, or list(n, k, df, factor, excluded): see ?vcov.mle_fit
adjustment <- function(fit, adjust) {
  if (isFALSE(adjust)) {
    return(NULL)
  }
  n <- fit$nobs
  if (is.na(n)) {
    admle_abort("unsupported", paste(
      "`adjust` needs the number of observations, which is not known for a",
      "function that returns one total. Return the vector of contributions."
    ), argument = "adjust")
  }
  excluded <- character()
  if (is.numeric(adjust)) {
    df <- as.numeric(adjust)
  } else {
    excluded <- if (isTRUE(adjust)) dispersion_parameters(fit) else
      named_parameters(adjust, fit$parameters)
    df <- n - (fit$rank - free_count(fit, excluded))
  }
  if (df <= 0) {
    admle_abort("argument", sprintf(
      "`adjust` leaves no degrees of freedom: %s, %s.",
      counted(n, "observation"), counted(n - df, "parameter")
    ), argument = "adjust")
  }
  df <- as.numeric(df)
  list(n = n, k = n - df, df = df, factor = n / df, excluded = excluded)
}

named_parameters <- function(names, parameters) {
  free <- parameters_free_names(parameters)
  matched <- lapply(names, function(name) {
    positions <- parameters$shapes[[name]]$positions
    found <- if (is.null(positions)) name else parameters$names[positions]
    if (!any(found %in% free)) {
      admle_abort("argument", sprintf(
        "`adjust` names `%s`, which is no free parameter. These are %s.",
        name, enumerate(free)
      ), argument = "adjust")
    }
    intersect(found, free)
  })
  unique(unlist(matched))
}

# Parameters on which the estimates of the others do not depend (the others'
# scores stay zero when it is moved), while its own estimate depends on theirs
# (its score changes when they are moved). Candidates have no information in
# common with any other parameter.
dispersion_parameters <- function(fit) {
  information <- fit_information(fit)
  within <- interior(fit)
  if (information$status != "definite" || length(within) < 2L) {
    return(character())
  }
  decrement <- fit_search(fit)$decrement
  unfinished <- if (is.finite(decrement)) 10 * sqrt(decrement) else 0
  tolerance <- max(if (fit$derivatives == "numeric") 1e-5 else 1e-6,
                   min(unfinished, 1e-3))
  alone <- which(largest_couplings(information$scaled) < tolerance)
  objective <- fit_objective(fit)
  theta <- unname(fit$theta)
  step <- 1 / information$scale
  scaled_scores <- function(moved) {
    at <- within[moved]
    theta[at] <- theta[at] + step[moved]
    unname(objective_gradient(objective, theta))[within] * step
  }
  rest <- unname(fit$gradient[within]) * step
  is_dispersion <- vapply(alone, function(i) {
    change <- abs(scaled_scores(i) - rest)[-i]
    own <- abs(scaled_scores(-i) - rest)[[i]]
    all(is.finite(change)) && max(change) < tolerance &&
      is.finite(own) && own > 10 * tolerance
  }, NA)
  moved_coefficients(fit, within[alone[is_dispersion]])
}

# The coefficients that depend on these of theta.
moved_coefficients <- function(fit, at) {
  if (is.null(fit$jacobian)) {
    return(names(fit$coefficients)[at])
  }
  names(fit$coefficients)[rows_moved(fit$jacobian, at)]
}

# How many free numbers stand for these coefficients.
free_count <- function(fit, names) {
  if (is.null(fit$jacobian)) {
    return(length(names))
  }
  sum(columns_moving(fit$jacobian, names))
}
