# What is drawn in a replication: the units and their random weights.

# The contributions that count, or clusters of them, numbered in order of
# appearance. -> list(group: by contribution, NA where the weight is zero;
# count; labels; name of the clusters or NULL)
resampling_units <- function(fit, cluster = NULL) {
  if (is.na(fit$n)) {
    abort_total()
  }
  check_unpenalised(fit)
  counts <- if (is.null(fit$weights)) rep(TRUE, fit$n) else fit$weights != 0
  name <- NULL
  if (is.null(cluster)) {
    group <- rep(NA_integer_, fit$n)
    group[counts] <- seq_len(sum(counts))
    labels <- observation_names(fit)[counts]
  } else {
    read <- read_clusters(fit, cluster)
    name <- read$name
    values <- read$values[counts]
    group <- rep(NA_integer_, fit$n)
    group[counts] <- match(values, unique(values))
    labels <- as.character(unique(values))
  }
  count <- length(labels)
  if (count < 2L) {
    admle_abort("argument", sprintf(
      "There is only one %s: it cannot be resampled or left out.",
      if (is.null(cluster)) "observation" else "cluster"
    ), argument = "cluster")
  }
  list(group = group, count = count, labels = labels, name = name)
}

# Replications and leave-one-out estimates are maxima of the log-likelihood.
check_unpenalised <- function(fit) {
  if (!is.null(fit$bias)) {
    admle_abort("unsupported", paste(
      "The estimate has its bias reduced: it is not the maximum of the",
      "log-likelihood that is reweighted. Use update(fit, bias = \"none\")."
    ))
  }
}

# The estimate of a first step would be the same in every replication.
check_one_step <- function(fit) {
  if (!is.null(fit$first_steps)) {
    admle_abort("unsupported", paste(
      "The fit uses the estimates of an earlier one, which resampling would",
      "have to make anew. vcov() takes their error into account."
    ))
  }
}

# One way of clustering: the values for the contributions, and its name.
read_clusters <- function(fit, cluster) {
  ways <- fit_variables(fit, cluster, "cluster")
  if (length(ways) != 1L) {
    admle_abort("argument", sprintf(paste(
      "`cluster` names %d variables, but clusters are drawn or left out in one",
      "way. Combinations are written ~ a:b."
    ), length(ways)), argument = "cluster")
  }
  list(values = ways[[1L]], name = names(ways))
}

observation_names <- function(fit) {
  sets <- choice_sets(fit)
  if (!is.null(sets)) {
    return(as.character(unique(sets)))
  }
  if (!is.null(fit$model) && fit$model$rows == fit$n) {
    return(row.names(fit$model$frame))
  }
  rows <- rows_in_use(fit)
  names <- if (is.data.frame(fit$data) && is.null(fit$model)) {
    row.names(fit$data)
  }
  if (!is.null(rows) && length(rows) == fit$n) {
    return(if (is.null(names)) as.character(rows) else
      make.unique(names[rows]))
  }
  if (length(names) == fit$n) names else as.character(seq_len(fit$n))
}

# Weights of the contributions from those of the units.
unit_weights <- function(units, weights) {
  out <- weights[units$group]
  out[is.na(out)] <- 1
  out
}
