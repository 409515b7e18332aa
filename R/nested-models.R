# Whether two fits can be compared: of the same observations, and one a special
# case of the other. Of models of the same density given as formulas the
# estimates of the smaller one can be written as parameters of the larger one,
# parameter by parameter; that decides it, and the score test starts there.

check_same_data <- function(first, second) {
  # One that is only set up has counted nothing yet.
  if (!is.null(first$nobs) && !is.null(second$nobs)) {
    check_same_observations(list(first, second))
  }
  different <- if (!is.null(first$model) && !is.null(second$model)) {
    different_response(first, second)
  } else {
    different_columns(first, second)
  }
  if (is.null(different) && !same_weights(first, second)) {
    different <- "their weights differ"
  }
  if (!is.null(different)) {
    admle_abort("argument", sprintf(
      "The models were not fitted to the same data: %s.", different
    ), argument = "against")
  }
}

same_weights <- function(first, second) {
  all_equal <- function(weights) is.null(weights) || all(weights == 1)
  all_equal(first$all_weights) && all_equal(second$all_weights) ||
    isTRUE(all.equal(first$all_weights, second$all_weights))
}

different_response <- function(first, second) {
  rows <- lapply(list(first, second), function(fit) row.names(fit$model$frame))
  if (!identical(rows[[1L]], rows[[2L]])) {
    return("the rows in use differ")
  }
  responses <- lapply(list(first, second), function(fit) {
    y <- fit$model$frame[[1L]]
    if (is.factor(y)) as.character(y) else unname(as.matrix(y))
  })
  if (!isTRUE(all.equal(responses[[1L]], responses[[2L]],
                        check.attributes = FALSE))) {
    sprintf("the responses %s differ", enumerate(c(
      deparse1(first$model$response), deparse1(second$model$response)
    )))
  }
}

# Of functions, the columns that both of them use.
different_columns <- function(first, second) {
  if (is.null(first$data) || is.null(second$data)) {
    return(NULL)
  }
  used <- lapply(list(first, second), function(fit) {
    columns <- if (is.null(fit$model)) names_in(fit$fn) else
      names(fit$model$frame)
    data_in_use(fit$data, fit$subset)[intersect(names(fit$data), columns)]
  })
  for (name in intersect(names(used[[1L]]), names(used[[2L]]))) {
    if (!isTRUE(all.equal(used[[1L]][[name]], used[[2L]][[name]],
                          check.attributes = FALSE))) {
      return(sprintf("`%s` differs", name))
    }
  }
}

# An error where it is known that `small` is no special case of `large`.
check_nested <- function(small, large) {
  if (has_effects(large$model) || has_effects(small$model)) {
    return(invisible(check_same_contrasts(list(small, large))))
  }
  restricted <- length(large$fixed) || length(small$fixed) ||
    !is.null(large$parameters$constraints) ||
    !is.null(small$parameters$constraints)
  if (same_density(small, large) && !restricted) {
    carried_estimates(small, large)
  }
  invisible()
}

# Restricted likelihoods are of the same contrasts of the response only where
# the coefficients that were integrated out have the same model matrix.
check_same_contrasts <- function(fits) {
  columns <- lapply(fits, function(fit) {
    if (length(fit$model$integrated)) fit$model$components[[1L]]$columns
  })
  if (length(unique(columns)) > 1L) {
    admle_abort("argument", paste(
      "Restricted likelihoods (REML = TRUE) are compared only where all models",
      "have the same coefficients in the first formula. Fit them with",
      "REML = FALSE."
    ))
  }
}

same_density <- function(small, large) {
  !is.null(small$model) && !is.null(large$model) &&
    identical(deparse1(small$model$density), deparse1(large$model$density))
}

# The parameters of the larger model at the estimates of the smaller one.
# -> list(values, by argument; map, the derivatives of all coefficients of the
#    larger by all of the smaller one)
carried_estimates <- function(small, large) {
  own <- fit_arguments(small)
  from <- model_at(small)
  to <- model_at(large)
  values <- list()
  map <- matrix(0, length(large$parameters$names),
                length(small$parameters$names))
  for (name in large$parameters$arguments) {
    part <- component_with_argument(to, name)
    carried <- if (is.null(part)) {
      carried_scalar(name, small, from, own)
    } else {
      carried_component(part, small, from, own)
    }
    values[[name]] <- carried$value
    rows <- large$parameters$shapes[[name]]$positions
    columns <- small$parameters$shapes[[carried$from]]$positions
    map[rows, columns] <- carried$map
  }
  list(values = values, map = map)
}

component_with_argument <- function(model, argument) {
  Find(function(part) coefficient_argument(part) == argument,
       model$components)
}

abort_not_nested <- function(parameter, why) {
  admle_abort("argument", sprintf(
    "The smaller model is no special case of the larger one: %s.",
    sprintf(why, paste0("`", parameter, "`"))
  ), argument = "against")
}

# A parameter that has no formula in the larger model.
carried_scalar <- function(name, small, from, own) {
  if (!name %in% names(own)) {
    abort_not_nested(name, "%s has a formula in the smaller one only")
  }
  list(value = own[[name]], from = name, map = diag(length(own[[name]])))
}

# The linear predictor of the smaller model in the columns of the larger one.
carried_component <- function(part, small, from, own) {
  name <- part$parameter
  argument <- coefficient_argument(part)
  split <- qr(part$matrix, tol = 1e-11)
  rows <- nrow(part$matrix)
  offset <- function(part) {
    if (is.null(part$offset)) numeric(rows) else rep_len(part$offset, rows)
  }
  if (name %in% names(own)) {
    value <- own[[name]]
    if (length(value) != 1L) abort_not_nested(name, "%s is a vector")
    eta <- rep(part$link$link(value), rows)
    slopes <- matrix(1 / link_slope(part$link, eta[[1L]]), rows, 1L)
    from_argument <- name
  } else {
    given <- component_with_argument(from, argument)
    if (is.null(given)) abort_not_nested(name, "it has no parameter %s")
    if (given$link$name != part$link$name) {
      abort_not_nested(name, "%s has another link")
    }
    slopes <- given$matrix
    eta <- offset(given) + drop(slopes %*% matrix(own[[argument]],
                                                  ncol(slopes)))
    from_argument <- argument
  }
  outcomes <- NCOL(eta)
  target <- as.matrix(eta - offset(part))
  value <- qr.coef(split, target)
  map <- qr.coef(split, slopes)
  left <- max(abs(qr.resid(split, target)),
              abs(qr.resid(split, sweep(slopes, 2L, unit_size(slopes), "/"))))
  if (left > 1e-7 * (1 + max(abs(target)))) {
    abort_not_nested(name, paste(
      "the terms of %s in the smaller one are not among those in the larger one"
    ))
  }
  list(value = as.vector(value), from = from_argument,
       map = kronecker(diag(outcomes), map))
}
