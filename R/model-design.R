# Model matrices of the parts, without their aliased columns, and the names of
# the coefficients. A matrix is made once; what it is needed for later is made
# from the frame again.

# Adds to a component: matrix, offset, names of the coefficients, aliased.
# `start` is what a start may need of the decomposition: see model-start.R.
component_design <- function(part, frame, contrasts) {
  X <- component_matrix(part, frame, contrasts)
  part$contrasts <- attr(X, "contrasts")
  terms <- stats::setNames(attr(X, "assign"), colnames(X))
  if (isTRUE(part$without_intercept) || length(part$effects)) {
    X <- X[, colnames(X) != "(Intercept)", drop = FALSE]
  }
  part$all_columns <- colnames(X)
  part$unvaried <- columns_unvaried(X, part$sets)
  X <- X[, setdiff(colnames(X), part$unvaried), drop = FALSE]
  part <- component_groups(part, frame)
  within <- X
  if (length(part$effects)) {
    part <- columns_within(part, X)
    X <- X[, setdiff(colnames(X), part$unvaried_within), drop = FALSE]
    within <- part$within[, colnames(X), drop = FALSE]
  }
  part$constant <- ncol(X) == 1L && is.null(part$outcomes) &&
    identical(part$all_columns, "(Intercept)")
  part$offset <- component_offset(part, frame)
  part$cholesky <- gram_cholesky(within)
  if (is.null(part$cholesky)) check_finite(X, part, frame)
  kept <- independent_columns(within, part$cholesky, part$tolerance)
  part$aliased <- setdiff(part$all_columns, colnames(X)[kept])
  part$far <- term_variables(part, terms[nearly_explained(within, kept)])
  if (length(kept) == ncol(X)) {
    attributes(X) <- attributes(X)[c("dim", "dimnames")]
  } else {
    X <- X[, kept, drop = FALSE]
  }
  rownames(X) <- NULL
  part$columns <- colnames(X)
  within <- if (length(part$effects)) within[, kept, drop = FALSE] else X
  part["root"] <- list(column_root(within, part$cholesky))
  if (length(part$effects)) part$within <- within
  part$matrix <- X
  part
}

# Columns with one value within each choice set, which cancels.
columns_unvaried <- function(X, sets) {
  if (is.null(sets)) {
    return(character())
  }
  first <- match(sets, sets)
  colnames(X)[colSums(X != X[first, , drop = FALSE]) == 0]
}

component_matrix <- function(part, frame, contrasts = part$contrasts) {
  used <- intersect(names(contrasts), names(part$xlevels))
  tryCatch(
    stats::model.matrix(part$terms, frame,
                        contrasts.arg = if (length(used)) contrasts[used]),
    error = function(e) abort_matrix(part, frame, e)
  )
}

check_finite <- function(X, part, frame) {
  at <- which(!is.finite(X), arr.ind = TRUE)
  if (length(at) == 0L) {
    return()
  }
  row <- at[[1L, 1L]]
  name <- colnames(X)[[at[[1L, 2L]]]]
  admle_abort("data", sprintf(
    "`%s` is %s in row %s of the data, in the formula %s.", name,
    format(X[row, at[[1L, 2L]]]), row.names(frame)[[row]],
    deparse1(part$formula)
  ), column = name, rows = unname(at[, 1L]))
}

abort_matrix <- function(part, frame, e) {
  single <- names(part$xlevels)[lengths(part$xlevels) < 2L]
  if (length(single)) {
    admle_abort("data", sprintf(paste(
      "The factor %s has one level only in the rows in use (%s), so it has no",
      "effect that can be estimated."
    ), enumerate(single[[1L]]),
    enumerate(part$xlevels[[single[[1L]]]], "\"")), variables = single)
  }
  admle_abort("data", sprintf(
    "The model matrix of %s cannot be made: %s.", deparse1(part$formula),
    conditionMessage(e)
  ), parent = e)
}

# Offsets in the formula and, for the first part, the argument.
component_offset <- function(part, frame) {
  at <- attr(part$terms, "offset")
  variables <- as.list(attr(part$terms, "variables"))[-1L]
  columns <- vapply(variables[at], deparse1, "")
  total <- if (isTRUE(part$first)) frame[["(offset)"]]
  for (column in columns) {
    total <- (if (is.null(total)) 0 else total) + frame[[column]]
  }
  total
}

# As lm() and glm(): columns that earlier ones explain, up to rounding, are left
# out. These are the parts of their length up to which that is said.
lm_tolerance <- 1e-7
glm_tolerance <- 1e-11

independent_columns <- function(X, cholesky, tolerance = lm_tolerance) {
  if (ncol(X) == 0L || !is.null(cholesky)) {
    return(seq_len(ncol(X)))
  }
  split <- qr(triangular_factor(X), tol = tolerance)
  sort(split$pivot[seq_len(split$rank)])
}

# Names of the columns that the kept ones explain, but not to rounding.
nearly_explained <- function(X, kept) {
  if (length(kept) == ncol(X) || length(kept) == 0L) {
    return(character())
  }
  factor <- triangular_factor(X)
  left <- qr.resid(qr(factor[, kept, drop = FALSE], tol = 0),
                   factor[, -kept, drop = FALSE])
  part <- sqrt(colSums(left^2) / colSums(factor[, -kept, drop = FALSE]^2))
  colnames(X)[-kept][which(part > 1e3 * .Machine$double.eps)]
}

# The variables of these terms.
term_variables <- function(part, terms) {
  labels <- attr(part$terms, "term.labels")[unique(terms)]
  unique(unlist(lapply(labels, function(label) all.vars(str2lang(label)))))
}

# -> list(scale, factor): X'X = D R'R D. The condition of X'X is the square of
# that of X, so it is NULL unless the columns are clearly independent.
gram_cholesky <- function(X) {
  if (ncol(X) == 0L) {
    return(NULL)
  }
  product <- crossprod(X)
  scale <- sqrt(diag(product))
  if (!all(is.finite(scale)) || any(scale == 0)) {
    return(NULL)
  }
  scaled <- product / outer(scale, scale)
  factor <- tryCatch(chol(scaled), error = function(e) NULL)
  if (!is.null(factor) && min(diag(factor)) > 1e-4) {
    list(scale = scale, factor = factor)
  }
}

# The first part's coefficients have lm()'s names, those of the others are
# prefixed by their parameter.
# A parameter that has a column for each category has that in front.
coefficient_labels_of <- function(part, columns = part$columns) {
  if (!is.null(part$outcomes) && length(columns)) {
    columns <- as.vector(outer(columns, part$outcomes, function(column, level) {
      paste0(level, "_", column)
    }))
  }
  if (isTRUE(part$first) || length(columns) == 0L) columns else
    paste0(part$parameter, "_", columns)
}

coefficient_count <- function(part) {
  length(part$columns) * max(1L, length(part$outcomes))
}

# The thresholds of ordered categories take the place of an intercept, and there
# is none in a choice, from which it cancels like all that does not vary; the
# index of unordered categories has a column for each of them but the first.
fit_categories <- function(part, model, y) {
  role <- model$roles[[part$parameter]]
  if (is.null(role) || role$argument != "eta") {
    return(part)
  }
  part$without_intercept <- role$density %in% c("dordered", "dconditional")
  if (role$density == "dconditional") {
    part$sets <- eval(choice_set_code(model$density), model$frame, model$env)
  }
  if (role$density == "dcategorical") {
    levels <- if (is.factor(y)) levels(y) else seq_len(max(y))
    part$outcomes <- as.character(levels)[-1L]
  }
  part
}

# The response is no part of the call.
choice_set_code <- function(density) {
  density <- as.call(append(as.list(density), list(x = NULL), 1L))
  match.call(dconditional, density)$set
}

# Said once, at the fit, as print() says it.
inform_aliased <- function(model) {
  for (part in model$components) {
    if (length(part$unvaried_within)) message(unvaried_within_text(part))
    if (length(setdiff(part$aliased, part$unvaried_within))) {
      message(aliased_text(part))
    }
  }
}

aliased_text <- function(part) {
  if (length(part$unvaried)) {
    return(sprintf(paste(
      "%s of `%s`: not defined, because %s within a choice set. The estimate",
      "is NA."
    ), enumerate(part$unvaried), part$parameter,
    if (length(part$unvaried) == 1L) "it does not vary" else
      "they do not vary"))
  }
  if (length(part$far)) {
    return(sprintf(paste(
      "%s of `%s`: not defined, because the model matrix is too",
      "ill-conditioned to tell %s from a combination of other columns; centre",
      "or scale %s. The estimate is NA."
    ), enumerate(part$aliased), part$parameter,
    if (length(part$aliased) == 1L) "it" else "them", enumerate(part$far)))
  }
  others <- setdiff(part$aliased, part$unvaried_within)
  sprintf(paste(
    "%s of `%s`: not defined, because %s a combination of other columns of",
    "the model matrix. The estimate is NA."
  ), enumerate(others), part$parameter,
  if (length(others) == 1L) "it is" else "they are")
}
