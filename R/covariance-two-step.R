# Covariances of a second step that account for the first: see ?two_step for the
# formulas. All is in theta, the numbers that the optimisers moved.

#' @include covariance-opg.R
NULL

check_two_step <- function(fit, spec) {
  if (is.null(fit$first_steps)) {
    admle_abort("unsupported", sprintf(paste(
      "A covariance of type \"%s\" is for the second of two steps, a fit with",
      "`after`."
    ), spec$type), argument = "type")
  }
}

# -> list(matrix, clusters, parameters) for the part of theta that is not on its
# boundary.
stacked_covariance <- function(fit, spec, information) {
  check_two_step(fit, spec)
  inverse <- inverse_information(information)
  made <- stacked_moments(fit)
  clusters <- NULL
  scores <- made$scores
  factor <- 1
  if (!is.null(spec$cluster)) {
    group <- step_clusters(fit, spec$cluster, made)
    clusters <- stats::setNames(max(group$code), group$name)
    check_cluster_counts(clusters, fit,
                         sums_to_zero = all(made$independent == 0))
    if (!isFALSE(spec$cadjust)) factor <- clusters / (clusters - 1)
    scores <- rowsum(scores, group$code, reorder = FALSE)
  }
  middle <- unname(factor) * crossprod(scores) + made$independent
  list(matrix = inverse %*% middle %*% inverse, clusters = clusters,
       parameters = fit_information(fit)$rank)
}

# -> scores: a row for each row of the data that takes part, u_i; rows, their
# numbers; independent: what first steps on other samples add to the sum of
# their products.
stacked_moments <- function(fit) {
  if (is.na(fit$n)) abort_total()
  within <- interior(fit)
  if (is.null(fit$first_steps)) {
    scores <- interior_scores(fit)
    return(by_row(scores, step_rows(fit)$rows, 0))
  }
  second <- second_step_derivatives(fit)
  scores <- second$scores
  rows <- step_rows(fit)$rows
  independent <- 0
  for (k in seq_along(fit$first_steps$steps)) {
    step <- fit$first_steps$steps[[k]]
    first <- stacked_moments(step$fit)
    # d theta_2 / d theta_1, but for the inverse of the second Hessian.
    through <- second$cross[[k]] %*%
      inverse_information(fit_information(step$fit))
    shifted <- first$scores %*% t(through)
    independent <- independent + through %*% first$independent %*% t(through)
    if (step$independent) {
      independent <- independent + crossprod(shifted)
    } else {
      scores <- rbind(scores, shifted)
      rows <- c(rows, first$rows)
    }
  }
  by_row(scores, rows, independent)
}

# One row per row of the data.
by_row <- function(scores, rows, independent) {
  k <- ncol(scores)
  numbers <- unique(rows)
  if (anyDuplicated(rows)) {
    scores <- rowsum(scores, match(rows, numbers), reorder = FALSE)
  }
  if (length(independent) == 1L) independent <- matrix(independent, k, k)
  list(scores = unname(scores), rows = numbers, independent = independent)
}

murphy_topel <- function(fit, spec, information) {
  check_two_step(fit, spec)
  inverse <- inverse_information(information)
  steps <- fit$first_steps$steps
  step <- steps[[1L]]
  if (length(steps) > 1L || !is.null(step$fit$first_steps)) {
    admle_abort("unsupported", paste(
      "Murphy and Topel's covariance is for one first step. Use",
      "type = \"stacked\"."
    ), argument = "type")
  }
  if (is.na(fit$n)) abort_total()
  second <- second_step_derivatives(fit)
  first <- inverse_information(fit_information(step$fit))
  by_scores <- crossprod(second$scores, second$first_scores[[1L]])
  change <- by_scores %*% first %*% t(by_scores)
  if (!step$independent) {
    both <- shared_products(fit, step$fit, second$scores)
    cross <- both %*% first %*% t(by_scores)
    change <- change - cross - t(cross)
  }
  list(matrix = inverse + inverse %*% change %*% inverse)
}

# The sum of s_2 s_1' over the rows that both steps use.
shared_products <- function(fit, first, scores) {
  rows <- step_rows(fit)$rows
  other <- stacked_moments(first)
  own <- by_row(scores, rows, 0)
  at <- match(own$rows, other$rows)
  seen <- !is.na(at)
  crossprod(own$scores[seen, , drop = FALSE],
            other$scores[at[seen], , drop = FALSE])
}

# The second likelihood with the first estimates freed: its scores by theta, and
# per first step its scores by theta_1 and the block of the Hessian.
second_step_derivatives <- function(fit) {
  joint <- joint_model(fit)
  objective <- fit_objective(joint)
  parameters <- joint$parameters
  theta <- unname(parameters_theta(parameters))
  hessian <- objective_hessian(objective, theta)
  scores <- objective_scores(objective, theta)
  own <- setdiff(seq_along(theta), parameters$freed)[interior(fit)]
  end <- 0L
  out <- list(scores = scores[, own, drop = FALSE])
  for (k in seq_along(fit$first_steps$steps)) {
    step <- fit$first_steps$steps[[k]]
    numbers <- unlist(lapply(names(step$values), function(name) {
      parameters$freed_by[[name]]
    }))
    out$cross[[k]] <- hessian[own, numbers, drop = FALSE] %*% step$slopes
    out$first_scores[[k]] <- scores[, numbers, drop = FALSE] %*% step$slopes
  }
  out
}

# The recording is kept beside that of the fit.
joint_model <- function(fit) {
  holder <- fit$objective
  if (is.null(holder$joint)) holder$joint <- new.env(parent = emptyenv())
  model <- with_parameters(fit, joint_parameters(fit))
  model$objective <- holder$joint
  model
}

# The parameters of the fit at its estimates, with those of the first steps free
# too. `freed`: their positions in theta, `freed_by`: by argument.
joint_parameters <- function(fit) {
  parameters <- parameters_at(fit$parameters, fit_arguments(fit))
  parameters <- parameters_unconditioned(parameters)
  shapes <- parameters$shapes[parameters$from_steps]
  working <- lapply(shapes, `[[`, "working")
  before <- which(parameters$working$free)
  parameters$free[unlist(lapply(shapes, `[[`, "positions"))] <- TRUE
  parameters$working$free[unlist(working)] <- TRUE
  for (shape in shapes) {
    parameters$working$start[shape$working] <-
      as.vector(parameters$template[[shape$name]])
  }
  after <- which(parameters$working$free)
  kept <- seq_along(after)
  linear <- parameters$linear
  if (!is.null(linear)) {
    parameters$linear <- widened(linear, match(before, after), length(after))
    kept <- parameters$linear$kept
  }
  parameters$freed_by <- lapply(working, function(numbers) {
    match(match(numbers, after), kept)
  })
  parameters$freed <- unlist(parameters$freed_by)
  parameters_conditioned(parameters)
}

# Linear constraints among `old` of `size` numbers; the others are free.
widened <- function(linear, old, size) {
  new <- setdiff(seq_len(size), old)
  inner <- ncol(linear$matrix)
  map <- matrix(0, size, inner + length(new))
  map[old, seq_len(inner)] <- linear$matrix
  map[cbind(new, inner + seq_along(new))] <- 1
  offset <- numeric(size)
  offset[old] <- linear$offset
  list(kept = c(old[linear$kept], new), matrix = map, offset = offset)
}

# -> list(code, name): the clusters of the rows that take part, of a variable
# with a value for each row of the data.
step_clusters <- function(fit, given, moments) {
  values <- if (inherits(given, "formula")) {
    formula_variables(given, fit$data, "cluster")
  } else if (is.character(given) && all(given %in% names(fit$data))) {
    as.list(fit$data)[given]
  } else {
    plain_variables(given, "cluster")
  }
  total <- step_rows(fit)$total
  if (length(values) != 1L || length(values[[1L]]) != total) {
    admle_abort("argument", sprintf(paste(
      "`cluster` of a stacked covariance must be one variable with a value for",
      "each of the %s of the data."
    ), counted(total, "row")), argument = "cluster")
  }
  value <- values[[1L]][moments$rows]
  if (anyNA(value)) {
    admle_abort("data", sprintf("`%s` is missing (NA) in %s.",
                                names(values), counted(sum(is.na(value)),
                                                       "row")),
                argument = "cluster")
  }
  list(code = match(value, unique(value)), name = names(values))
}

# The clusters are those of a first step's rows too: a fit does not reduce them
# to its own.
register_covariance(
  "stacked", settings = c("cluster", "cadjust"), steps = TRUE,
  check = function(settings) check_cadjust(settings$cadjust),
  theta = stacked_covariance,
  text = function(made) {
    paste0("stacked scores of both steps", if (!is.null(made$clusters)) {
      paste0(", ", clusters_text(made$clusters, made$parameters))
    })
  },
  factor = function(made) if (!is.null(made$clusters)) clusters_factor(made)
)

register_covariance(
  "murphy-topel", steps = TRUE, theta = murphy_topel,
  text = function(made) "Murphy and Topel's, of both steps"
)
