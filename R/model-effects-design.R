# Effects of groups and the other columns of a model: which levels and columns
# are determined by others, and least squares that takes the effects into
# account.

# For each effect, which levels are those that earlier effects determine. Of two
# effects these are one in each connected component of the graph in which levels
# that occur together are joined.
reference_levels <- function(groups, rows) {
  out <- lapply(groups, function(group) logical(length(group$levels)))
  if (length(groups) == 2L) {
    component <- connected_components(groups[[1L]], groups[[2L]])
    out[[2L]] <- !duplicated(component)
  } else if (length(groups) > 2L) {
    out[-1L] <- dependent_levels(groups, rows)
  }
  out
}

# Of the levels of the second, by passing the smallest number of a component on.
connected_components <- function(first, second) {
  met <- unique(first$code + length(first$levels) * (second$code - 1))
  pairs <- cbind((met - 1) %% length(first$levels) + 1,
                 (met - 1) %/% length(first$levels) + 1)
  label <- seq_along(second$levels)
  repeat {
    of_first <- smallest(label[pairs[, 2L]], pairs[, 1L],
                         length(first$levels))
    new <- pmin(label, smallest(of_first[pairs[, 1L]], pairs[, 2L],
                                length(second$levels)))
    new <- pmin(new, new[new])
    if (identical(new, label)) {
      return(label)
    }
    label <- new
  }
}

smallest <- function(value, by, count) {
  order <- order(value, decreasing = TRUE)
  out <- integer(count)
  out[by[order]] <- value[order]
  out
}

# Of several: the pivots that vanish when the levels are eliminated in order,
# those of the first effect, which is a diagonal block, at once.
dependent_levels <- function(groups, rows) {
  sizes <- lengths(lapply(groups, `[[`, "levels"))[-1L]
  if (sum(sizes) > 5000L) {
    admle_abort("unsupported", sprintf(paste(
      "Of more than two effects, those but the first may have 5,000 levels in",
      "all; here they have %s. Put the one with most levels first."
    ), grouped_digits(sum(sizes))))
  }
  indicator <- function(group) {
    Matrix::sparseMatrix(i = seq_len(rows), j = group$code, x = 1,
                         dims = c(rows, length(group$levels)))
  }
  first <- indicator(groups[[1L]])
  rest <- do.call(cbind, lapply(groups[-1L], indicator))
  cross <- Matrix::crossprod(first, rest)
  counts <- Matrix::colSums(first)
  S <- as.matrix(Matrix::crossprod(rest) -
                   Matrix::crossprod(cross, cross / counts))
  dependent <- vanishing_pivots(S, Matrix::colSums(rest))
  split(dependent, rep(seq_along(sizes), sizes))
}

vanishing_pivots <- function(S, scale) {
  vanishing <- logical(ncol(S))
  for (j in seq_len(ncol(S))) {
    vanishing[[j]] <- S[j, j] <= 1e-9 * scale[[j]]
    if (vanishing[[j]]) next
    later <- seq_len(ncol(S)) > j & S[, j] != 0
    S[later, later] <- S[later, later] -
      tcrossprod(S[later, j]) / S[j, j]
  }
  vanishing
}

# The coefficients of the regression on the effects.
on_groups <- function(groups, X) {
  moments <- Matrix::crossprod(groups, X)
  product <- Matrix::crossprod(groups)
  if (Matrix::isDiagonal(product)) {
    as.matrix(moments) / Matrix::diag(product)
  } else {
    as.matrix(Matrix::solve(Matrix::forceSymmetric(product), moments))
  }
}

# Adds `within`, the columns net of the effects, and `unvaried_within`, those of
# which nothing is left.
columns_within <- function(part, X) {
  if (is.null(part$effects)) {
    return(part)
  }
  centred <- sweep(X, 2L, colMeans(X))
  span <- if (isTRUE(part$without_intercept)) cbind(1, part$groups) else
    part$groups
  part$within <- centred - as.matrix(span %*% on_groups(span, centred))
  left <- colSums(part$within^2) > lm_tolerance^2 * colSums(centred^2)
  part$unvaried_within <- colnames(X)[!left]
  colnames(part$within) <- colnames(X)
  part
}

split_effects <- function(part, values) {
  sizes <- vapply(part$effects, function(effect) max(effect$position), 1L)
  stats::setNames(
    split(as.vector(values), rep(factor(seq_along(sizes)), sizes)),
    effect_arguments(part)
  )
}

unvaried_within_text <- function(part) {
  sprintf(paste(
    "%s of `%s`: not defined, because %s not vary within the effects of %s.",
    "The estimate is NA."
  ), enumerate(part$unvaried_within), part$parameter,
  if (length(part$unvaried_within) == 1L) "it does" else "they do",
  enumerate(vapply(part$effects, `[[`, "", "name")))
}

check_not_only_effects <- function(model) {
  if (length(model$arguments) == 0L &&
        length(grouping_codes(model$components))) {
    admle_abort("argument", paste(
      "The model has no parameters to estimate besides the absorbed effects.",
      "Use a factor among the terms to estimate effects alone."
    ))
  }
}

# What is only needed until the fit is made.
without_groups <- function(part) {
  part$groups <- part$within <- NULL
  part$effects <- lapply(part$effects, function(effect) {
    effect$index <- NULL
    effect
  })
  part
}
