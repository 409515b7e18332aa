# Whether directions without curvature are ones in which the parameters are not
# identified, or ones that double precision cannot tell: the information of a
# cubic in calendar years has a condition of 1e14. Two things that the Hessian
# does not show are asked.
#  * The scores. Their condition is the root of the Hessian's, so that they show
#    what is identified eight digits further: along a direction in which the
#    likelihood does not change they are zero to rounding.
#  * The data. If the directions have curvature in the same function of centred
#    data, it is the data that hide it.

# Relative sizes of the scores along a direction: below the first the Hessian
# shows no curvature, below the second they are zero to rounding.
hidden_score <- 1e-5
rounded_score <- 16 * .Machine$double.eps

# Adds `ill` to what analyse_information() found: NULL, or a list of
# `parameters`; `variables`, the data that would have to be centred; and `null`
# and `flat`, as there, of the directions that are not identified all the same.
doubt_identification <- function(information, fit, objective) {
  count <- NCOL(information$null)
  if (is.null(information$null) || fit$derivatives == "numeric" ||
        is_sparse_hessian(information$scaled)) {
    return(information)
  }
  split <- score_split(objective, unname(fit$theta), interior(fit))
  last <- if (!is.null(split)) utils::tail(seq_along(split$d), count)
  if (any(split$d[last] > hidden_score)) {
    return(information)
  }
  hidden <- last[split$d[last] > rounded_score]
  centred <- centred_variables(fit, information, count > length(hidden))
  if (length(hidden) < count && any(centred$left < 1)) {
    hidden <- if (is.null(split)) seq_len(count) else last
  }
  if (length(hidden) == 0L) {
    return(information)
  }
  direction <- function(columns) {
    basis <- split$v[, columns, drop = FALSE]
    simple_basis(basis * information$scale / split$size, information$scale)
  }
  involved <- if (is.null(split)) information$involved else
    rowSums(abs(direction(hidden))) > 0
  information$ill <- list(
    parameters = names(information$scale)[involved],
    variables = centred$label[centred$left < count]
  )
  rest <- setdiff(last, hidden)
  if (length(rest)) {
    null <- direction(rest)
    information$ill$null <- null
    information$ill$flat <- apply(null, 2L, is_flat, information$scale, fit,
                                  objective)
  }
  information$rank <- information$rank + count - length(rest)
  information
}

# Singular values and vectors of the scores with columns of length one (`size`),
# NULL where there are none.
score_split <- function(objective, theta, within = seq_along(theta)) {
  if (is.na(objective$n) || objective$n < length(within)) {
    return(NULL)
  }
  scores <- objective_scores(objective, theta)[, within, drop = FALSE]
  if (!all(is.finite(scores)) || all(scores == 0)) {
    return(NULL)
  }
  size <- unit_size(scores)
  # Scores whose squares are beyond the range of numbers tell nothing.
  if (!all(is.finite(size))) {
    return(NULL)
  }
  split <- svd(triangular_factor(sweep(scores, 2L, size, "/")), nu = 0L)
  split$d <- split$d / split$d[[1L]]
  c(split, list(size = size))
}

# How many directions have hardly any score or, of a total, any curvature.
hidden_directions <- function(objective, theta) {
  split <- score_split(objective, theta)
  if (!is.null(split)) {
    return(sum(split$d < 1e-6))
  }
  information <- -objective_hessian(objective, theta)
  if (!is.na(objective$n) || !all(is.finite(information))) {
    return(Inf)
  }
  scale <- unit_size(information)
  values <- eigen(information / sqrt(outer(scale, scale)), symmetric = TRUE,
                  only.values = TRUE)$values
  sum(values < 1e-10)
}

# -> label of each variable of the data far from zero, and how many of the
# directions are `left` without score where it is centred and scaled. Centred
# data have other estimates, so it is asked where the parameters that are in
# doubt are zero. A matrix whose own columns are nearly dependent leaves fewer.
centred_variables <- function(fit, information, distinct) {
  variables <- far_variables(fit, distinct)
  zero <- unname(fit$theta)
  zero[interior(fit)[information$involved]] <- 0
  points <- list(zero, parameters_theta(fit$parameters))
  left <- vapply(variables, function(variable) {
    other <- tryCatch(centred_objective(fit, variable),
                      error = function(e) NULL)
    if (is.null(other)) {
      return(Inf)
    }
    counts <- vapply(points, function(theta) {
      tryCatch(as.numeric(hidden_directions(other, theta)),
               error = function(e) Inf)
    }, 0)
    if (is_ill_matrix(variable$own)) {
      counts <- c(counts, NCOL(information$null) - 0.5)
    }
    min(counts)
  }, 0)
  list(label = vapply(variables, `[[`, "", "label"), left = left)
}

# Of the variables that the function finds by name, those whose distance from
# zero is several times their spread: lists of name, value centred and scaled,
# and label. `distinct`: without what another variable explains, since centring
# one of them would make two of what is one.
far_variables <- function(fit, distinct) {
  names <- if (is.null(fit$model)) names_in(fit$fn) else fit$model$variables
  found <- list()
  for (name in setdiff(names, fit$parameters$arguments)) {
    value <- if (is.null(fit$model) && name %in% names(fit$data)) {
      data_in_use(fit$data[name], fit$subset)[[1L]]
    } else {
      find_variable(name, environment(fit$fn))$value
    }
    if (!has_rows(value)) next
    if (is.data.frame(value)) {
      columns <- names(value)[vapply(value, has_rows, NA)]
      found <- c(found, lapply(columns, function(column) {
        changed <- value
        changed[[column]] <- centred(value[[column]])
        list(name = name, value = changed, own = value[[column]],
             label = sprintf("`%s$%s`", name, column))
      }))
    } else {
      found <- c(found, list(list(
        name = name, value = centred(value), own = value,
        label = paste0(if (is.matrix(value)) "the columns of ",
                       "`", name, "`")
      )))
    }
  }
  far <- vapply(found, function(one) {
    own <- as.matrix(one$own)
    any(abs(colMeans(own)) > 3 * apply(own, 2L, stats::sd))
  }, NA)
  found[vapply(seq_along(found), function(i) {
    isTRUE(far[[i]]) &&
      !(distinct && any(vapply(found[-i], explains, NA, found[[i]])))
  }, NA)]
}

is_ill_matrix <- function(own) {
  if (!is.matrix(own) || nrow(own) < ncol(own)) {
    return(FALSE)
  }
  values <- svd(sweep(own, 2L, unit_size(own), "/"), 0L, 0L)$d
  min(values) < hidden_score * max(values)
}

explains <- function(other, one) {
  NROW(other$own) == NROW(one$own) && is.null(dim(other$own)) &&
    is.null(dim(one$own)) &&
    isTRUE(abs(stats::cor(other$own, one$own)) > 1 - 1e-12)
}

# What does not vary stays as it is.
centred <- function(value) {
  shape <- attributes(value)
  columns <- as.matrix(value)
  spread <- apply(columns, 2L, stats::sd)
  varies <- which(is.finite(spread) & spread > 0)
  columns[, varies] <- sweep(
    sweep(columns[, varies, drop = FALSE], 2L, colMeans(columns)[varies]),
    2L, spread[varies], "/"
  )
  attributes(columns) <- shape
  columns
}

# The log-likelihood with the variable replaced.
centred_objective <- function(fit, variable) {
  data <- if (is.null(fit$model)) as.list(data_in_use(fit$data, fit$subset))
  data[[variable$name]] <- variable$value
  objective_record(fit$fn, fit$parameters, data = data, weights = fit$weights,
                   negative = fit$negative, check = FALSE)
}

conditioning_problem <- function(information) {
  ill <- information$ill
  if (is.null(ill)) {
    return(NULL)
  }
  remedy <- if (length(ill$variables)) {
    sprintf("centre or scale %s", paste(ill$variables, collapse = " or "))
  } else {
    "in these data their effects hardly differ"
  }
  list(problem("conditioning", sprintf(paste(
    "The curvature of the log-likelihood in %s is too ill-conditioned to tell;",
    "%s. There %s."
  ), enumerate(ill$parameters), remedy,
  if (length(ill$parameters) == 1L) "is no standard error for it" else
    "are no standard errors for them"), parameters = ill$parameters,
  variables = ill$variables))
}
