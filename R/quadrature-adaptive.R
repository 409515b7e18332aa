# Adaptive Gauss-Hermite nodes: those of each group are moved to where its
# integrand is, to the posterior mean and covariance of its effects, which are
# found with the rule itself (Naylor and Smith 1982, Applied Statistics 31,
# 214-225; Rabe-Hesketh, Skrondal and Pickles 2005, Journal of Econometrics
# 128, 301-323). The rule is valid wherever its nodes are, so they are numbers
# for the recording, found at the point where the function is recorded. A guard
# on the posterior moments says when the nodes have become far off; then the
# function is recorded again, with nodes for that point.

# Nodes for the search of the place, per effect, however few the rule has.
search_nodes <- 7L
search_passes <- 30L
# Part of the variance that is added in the search, so that nodes do not fall
# together before they have found the place; none in the passes after that, so
# that the rule is exact, with any number of nodes, where the posterior is
# normal.
search_spread <- 0.05

# -> as hermite_rule(), with nodes and log-weights for each group, and `grid`,
#    the standard nodes behind them
adaptive_rule <- function(f, group, n, dim) {
  trace_session$placed <- TRUE
  place <- posterior_place(f, group, dim, search_nodes)
  placed_rule(hermite_grid(n, dim), place, group)
}

# Mean and Cholesky factor of each group's effects: `mean`, a list of vectors,
# `factor`, a list of lists (row, column) of vectors.
posterior_place <- function(f, group, dim, n) {
  groups <- max(group)
  grid <- hermite_grid(n, dim)
  place <- list(
    mean = rep(list(numeric(groups)), dim),
    factor = lapply(seq_len(dim), function(d) {
      lapply(seq_len(d), function(e) rep(as.numeric(d == e), groups))
    })
  )
  for (spread in c(search_spread, 0)) {
    found <- search_place(f, group, grid, place, spread)
    # Where nodes fall together without the spread, its place is kept.
    if (!all(is.finite(unlist(found)))) break
    place <- found
  }
  place
}

search_place <- function(f, group, grid, place, spread) {
  for (pass in seq_len(search_passes)) {
    rule <- placed_rule(grid, place, group)
    values <- trace_value(f(given_effects(rule)))
    values <- check_integrand(values, length(group), nrow(grid$nodes))
    weights <- group_sum(values, group) + rule$log_weights
    weights <- exp(weights - row_log_sum_exp(weights))
    moments <- standard_moments(weights, grid$nodes, spread)
    if (moments$distance < 1e-10) break
    place <- moved_place(place, moments)
  }
  place
}

placed_rule <- function(grid, place, group) {
  dim <- length(place$mean)
  by_group <- lapply(seq_len(dim), function(d) {
    steps <- lapply(seq_len(d), function(e) {
      outer(place$factor[[d]][[e]], grid$nodes[, e])
    })
    place$mean[[d]] + Reduce(`+`, steps)
  })
  volume <- Reduce(`+`, lapply(seq_len(dim), function(d) {
    log(place$factor[[d]][[d]])
  }))
  squares <- Reduce(`+`, lapply(by_group, `^`, 2))
  groups <- max(group)
  constant <- grid$log_weights + rowSums(grid$nodes^2) / 2
  list(
    effects = lapply(by_group, function(b) b[group, , drop = FALSE]),
    log_weights = volume + rep(constant, each = groups) - squares / 2,
    grid = grid
  )
}

# Mean and covariance of the standard nodes under the posterior weights, group
# by group; nothing is moved where the integrand is not finite.
standard_moments <- function(weights, nodes, spread) {
  dim <- ncol(nodes)
  usable <- is.finite(rowSums(weights))
  weights[!usable, ] <- 0
  mean <- lapply(seq_len(dim), function(d) drop(weights %*% nodes[, d]))
  covariance <- lapply(seq_len(dim), function(d) {
    lapply(seq_len(d), function(e) {
      second <- drop(weights %*% (nodes[, d] * nodes[, e]))
      second <- second - mean[[d]] * mean[[e]] + spread * (d == e)
      ifelse(usable, second, as.numeric(d == e))
    })
  })
  away <- lapply(seq_len(dim), function(d) {
    lapply(seq_len(d), function(e) covariance[[d]][[e]] - (d == e))
  })
  list(mean = mean, covariance = covariance,
       distance = max(abs(unlist(list(mean, away)))))
}

# The place in the effects' own units: mean + L m, and L times the Cholesky
# factor of the covariance.
moved_place <- function(place, moments) {
  dim <- length(place$mean)
  step <- vector_cholesky(moments$covariance)
  factor <- lapply(seq_len(dim), function(d) {
    lapply(seq_len(d), function(e) {
      Reduce(`+`, lapply(e:d, function(k) {
        place$factor[[d]][[k]] * step[[k]][[e]]
      }))
    })
  })
  mean <- lapply(seq_len(dim), function(d) {
    place$mean[[d]] + Reduce(`+`, lapply(seq_len(d), function(e) {
      place$factor[[d]][[e]] * moments$mean[[e]]
    }))
  })
  list(mean = mean, factor = factor)
}

# Cholesky factors of many small matrices at once: every element is a vector.
vector_cholesky <- function(a) {
  factor <- list()
  for (d in seq_along(a)) {
    factor[[d]] <- list()
    for (e in seq_len(d)) {
      rest <- a[[d]][[e]]
      for (k in seq_len(e - 1L)) {
        rest <- rest - factor[[d]][[k]] * factor[[e]][[k]]
      }
      factor[[d]][[e]] <- if (d == e) sqrt(rest) else rest / factor[[e]][[e]]
    }
  }
  factor
}

# Records that the nodes are where the integrand is: means within half a
# standard deviation, variances within a factor of about two.
guard_nodes <- function(terms, result, grid) {
  if (!is_traced(terms)) {
    return()
  }
  weights <- exp(terms - result)
  groups <- nrow(terms)
  for (d in seq_len(ncol(grid$nodes))) {
    nodes <- rep(grid$nodes[, d], each = groups)
    mean <- mat_sums(weights * nodes, TRUE)
    variance <- mat_sums(weights * nodes^2, TRUE) - mean^2
    for (far in list(abs(mean) / 0.5, variance / 2, 0.4 / variance)) {
      furthest <- traced_reduce("max", far)
      guarded_value(traced_binary("lt", furthest, 1, kind_whole))
    }
  }
}
