# The apply family on traced values. Base R's own loops are used, on lists of
# elements; results are simplified as base R simplifies numbers.
#' @include traced-shape.R
NULL

# What lapply() runs over.
as_elements <- function(x) {
  if (is_traced(x)) as.list(x) else x
}

apply_list <- function(X, FUN, ...) {
  base::lapply(as_elements(X), FUN, ...)
}

apply_at_once <- function(X, FUN, ...) {
  if (is.null(dim(X)) && (is_traced(X) || is.numeric(X))) {
    rows_at_once(FUN, list(X), length(X), function(k) FUN(X[[k]], ...),
                 list(...))
  }
}

# The result of sapply(): scalars to a vector, equal lengths to a matrix.
simplified <- function(out, higher = FALSE, ...) {
  if (!is.list(out) || length(out) == 0L || !any(vapply(out, is_traced, NA))) {
    return(if (length(out)) base::simplify2array(out, higher, ...) else out)
  }
  atomic <- vapply(
    out, function(v) is_traced(v) || is.numeric(v) || is.logical(v), NA
  )
  sizes <- lengths_of(out)
  if (!all(atomic) || length(unique(sizes)) != 1L || sizes[[1L]] == 0L) {
    return(out)
  }
  if (sizes[[1L]] == 1L) {
    labels <- names(out)
    first_names <- lapply(out, names)
    joined <- join_parts(unname(out), FALSE)
    if (is.null(labels) && !any(vapply(first_names, is.null, NA))) {
      labels <- unlist(first_names)
    } else if (!is.null(labels)) {
      labels <- names(
        base::unlist(lapply(out, function(v) stats::setNames(0, names(v))))
      )
    }
    if (!is.null(labels)) names(joined) <- labels
    return(joined)
  }
  rows <- names(out[[1L]])
  labels <- if (!is.null(rows) || !is.null(names(out))) list(rows, names(out))
  traced_concat(
    unname(lapply(out, flat)), as.integer(c(sizes[[1L]], length(out))), labels
  )
}
lengths_of <- function(x) vapply(x, length, 1L)

apply_simplify <- function(X, FUN, ..., simplify = TRUE, USE.NAMES = TRUE) {
  whole <- if (isTRUE(simplify)) apply_at_once(X, FUN, ...)
  if (!is.null(whole)) {
    return(rows_result(whole, if (USE.NAMES) names(X)))
  }
  out <- apply_list(X, FUN, ...)
  if (USE.NAMES && is.character(X) && is.null(names(out))) names(out) <- X
  if (isFALSE(simplify)) out else simplified(out, identical(simplify, "array"))
}

apply_checked <- function(X, FUN, FUN.VALUE, ..., USE.NAMES = TRUE) {
  whole <- if (is.numeric(FUN.VALUE)) apply_at_once(X, FUN, ...)
  if (is_traced(whole) && (length(FUN.VALUE) == 1L && is.null(dim(whole)) ||
                             identical(ncol(whole), length(FUN.VALUE)))) {
    return(rows_result(whole, if (USE.NAMES) names(X)))
  }
  out <- apply_list(X, FUN, ...)
  if (USE.NAMES && is.character(X) && is.null(names(out))) names(out) <- X
  if (!contains_traced(out)) {
    return(base::vapply(out, identity, FUN.VALUE, USE.NAMES = USE.NAMES))
  }
  if (!is.numeric(FUN.VALUE) && !is.logical(FUN.VALUE)) {
    stop(
      "values must be type 'character',\n",
      " but FUN(X[[1]]) result is type 'double'",
      call. = FALSE)
  }
  bad <- which(lengths_of(out) != length(FUN.VALUE))
  if (length(bad)) {
    stop(sprintf(
      "values must be length %d,\n but FUN(X[[%d]]) result is length %d",
      length(FUN.VALUE), bad[1L], length(out[[bad[1L]]])), call. = FALSE)
  }
  if (!USE.NAMES) names(out) <- NULL
  result <- simplified(out)
  if (length(FUN.VALUE) == 1L && !is.null(names(result)) &&
      is.null(names(out))) {
    names(result) <- NULL
  }
  result
}

apply_map <- function(
  FUN, dots, MoreArgs = NULL, SIMPLIFY = TRUE, USE.NAMES = TRUE
) {
  sizes <- lengths_of(dots)
  whole <- if (isTRUE(SIMPLIFY) && length(unique(sizes)) == 1L) rows_at_once(
    FUN, dots, sizes[[1L]], function(k) {
      do.call(FUN, c(lapply(dots, `[[`, k), MoreArgs))
    }, MoreArgs
  )
  if (!is.null(whole)) {
    return(rows_result(whole, if (USE.NAMES) names(dots[[1L]])))
  }
  dots <- lapply(dots, as_elements)
  out <- do.call(base::mapply, c(
    list(FUN = FUN), dots,
    list(MoreArgs = MoreArgs, SIMPLIFY = FALSE, USE.NAMES = USE.NAMES)
  ))
  if (isFALSE(SIMPLIFY)) out else simplified(out)
}

# apply() over rows or columns. Sums and means are one node; other functions
# get each row or column.
apply_margin <- function(X, MARGIN, FUN, ..., simplify = TRUE, summary = NULL) {
  d <- dim(X)
  if (is.character(MARGIN)) MARGIN <- match(MARGIN, names(dimnames(X)))
  if (length(d) == 2L && length(MARGIN) == 1L && ...length() == 0L &&
      !is.null(summary)) {
    return(mat_sums(X, MARGIN == 1L, divide = summary == "mean"))
  }
  rest <- seq_along(d)[-MARGIN]
  labels <- dimnames(X)
  if (length(d) == 2L && length(MARGIN) == 1L && simplify) {
    rows <- if (MARGIN == 1L) X else if (is_traced(X)) mat_transpose(X) else
      t(X)
    whole <- rows_at_once(FUN, list(rows), d[MARGIN], function(k) {
      FUN(if (MARGIN == 1L) X[k, ] else X[, k], ...)
    }, list(...))
    if (!is.null(whole)) {
      return(rows_result(whole, labels[[MARGIN]]))
    }
  }
  p <- aperm(array(seq_len(length(X)), d), c(rest, MARGIN))
  size <- prod(d[rest])
  p <- matrix(p, size)
  inner_dim <- if (length(rest) > 1L) d[rest]
  inner_names <- if (length(rest) == 1L) labels[[rest]] else labels[rest]
  out <- lapply(seq_len(ncol(p)), function(k) {
    forceAndCall(1, FUN, if (is_traced(X)) {
      traced_gather(X, p[, k], inner_dim, inner_names)
    } else {
      stats::setNames(X[p[, k]], inner_names)
    }, ...)
  })
  if (length(MARGIN) == 1L) names(out) <- labels[[MARGIN]]
  result <- if (simplify) simplified(out) else out
  if (length(MARGIN) > 1L && !is.list(result)) {
    if (length(result) == prod(d[MARGIN])) {
      dim(result) <- d[MARGIN]
      if (!is.null(labels)) dimnames(result) <- labels[MARGIN]
    } else {
      dim(result) <- c(length(result) / prod(d[MARGIN]), d[MARGIN])
    }
  }
  result
}

# outer() with a function calls it once, on all pairs.
apply_outer <- function(X, Y, FUN, ...) {
  nx <- length(X)
  ny <- length(Y)
  pair <- function(v, p) {
    if (is_traced(v)) traced_gather(v, p, NULL, NULL) else as.vector(v)[p]
  }
  out <- FUN(
    pair(X, rep(seq_len(nx), ny)), pair(Y, rep(seq_len(ny), each = nx)), ...
  )
  if (length(out) != nx * ny) {
    stop(
      "dims [product ", nx * ny, "] do not match the length of object [",
      length(out), "]",
      call. = FALSE)
  }
  dim(out) <- c(
    if (is.null(dim(X))) nx else dim(X), if (is.null(dim(Y))) ny else dim(Y)
  )
  if (is.null(dim(X)) && is.null(dim(Y)) &&
      (!is.null(names(X)) || !is.null(names(Y)))) {
    dimnames(out) <- list(names(X), names(Y))
  }
  out
}

apply_groups <- function(X, INDEX, FUN, ..., simplify = TRUE) {
  if (is.list(INDEX) && length(INDEX) == 1L) INDEX <- INDEX[[1L]]
  if (is.list(INDEX)) {
    return(apply_cells(X, INDEX, FUN, ..., simplify = simplify))
  }
  INDEX <- as.factor(INDEX)
  if (simplify && ...length() == 0L && identical(FUN, base::sum) &&
      is_traced(X) && !anyNA(INDEX)) {
    return(traced_scatter(flat(X), as.integer(INDEX), nlevels(INDEX),
      list(levels(INDEX))))
  }
  groups <- base::split(seq_len(length(X)), INDEX)
  out <- lapply(groups, function(p) FUN(X[p], ...))
  if (!simplify || !any(vapply(out, is_traced, NA)) ||
      any(lengths_of(out) != 1L)) {
    return(out)
  }
  joined <- join_parts(unname(out), FALSE)
  traced_renamed(joined, length(out), list(names(out)))
}

# The same by several factors: an array, NA in cells without values.
apply_cells <- function(X, INDEX, FUN, ..., simplify = TRUE) {
  cells <- base::tapply(seq_len(length(X)), INDEX, identity, simplify = FALSE)
  out <- lapply(cells, function(p) if (!is.null(p)) FUN(X[p], ...))
  empty <- vapply(out, is.null, NA)
  if (!simplify || any(lengths_of(out[!empty]) != 1L)) {
    return(array(out, dim(cells), dimnames(cells)))
  }
  out[empty] <- NA_real_
  joined <- if (contains_traced(out)) join_parts(unname(out), FALSE) else
    unlist(out)
  dim(joined) <- dim(cells)
  dimnames(joined) <- dimnames(cells)
  joined
}

# Sums by group: one scatter, whatever the number of groups.
traced_rowsum <- function(x, group, reorder = TRUE, ...) {
  labels <- unique(group)
  if (reorder) labels <- sort(labels)
  at <- match(group, labels)
  if (anyNA(at)) {
    unsupported(
      "rowsum() with missing groups", "Remove the rows without a group."
    )
  }
  columns <- NCOL(x)
  n <- length(labels)
  p <- rep(at, columns) + rep((seq_len(columns) - 1L) * n, each = length(at))
  names_out <- list(as.character(labels), if (!is.null(dim(x))) colnames(x))
  traced_scatter(x, p, c(n, columns), names_out)
}
