# Functions that build, join and rearrange: c, rep, matrix, array, cbind, head,
# aperm, ... They are reached through the mask and fall through to base R when
# nothing is traced. What only rearranges is applied to positions.
#' @include traced-index.R
NULL

# Vectors side by side in one vector, with the names that c() gives: base R is
# asked to join the positions under the same names.
traced_c <- function(..., recursive = FALSE, use.names = TRUE) {
  parts <- list(...)
  if (any(vapply(parts, is_list_like, NA))) {
    if (isTRUE(recursive)) {
      return(traced_unlist(parts, TRUE, use.names))
    }
    parts <- lapply(parts, function(p) if (is_traced(p)) as.list(p) else p)
    return(do.call(base::c, parts))
  }
  join_parts(parts, use.names)
}

is_list_like <- function(x) {
  is.list(x) || is.function(x) || is.language(x) || is.environment(x)
}

join_parts <- function(parts, use.names = TRUE) {
  parts <- parts[!vapply(parts, is.null, NA)]
  for (p in parts) {
    if (is.character(p)) {
      unsupported("text is joined with values depending on parameters",
        "Keep text and numbers in separate vectors.")
    }
  }
  labels <- NULL
  if (use.names &&
      (!is.null(names(parts)) || any(vapply(parts, has_names, NA)))) {
    outlines <- lapply(parts, function(p) {
      stats::setNames(logical(length(p)), names(p))
    })
    labels <- names(do.call(base::c, outlines))
  }
  names(parts) <- NULL
  traced_concat(
    lapply(parts, function(p) if (is.factor(p)) as.integer(p) else p), NULL,
    labels
  )
}
has_names <- function(x) !is.null(names(x))

traced_unlist <- function(x, recursive = TRUE, use.names = TRUE) {
  if (!is.list(x)) {
    return(x)
  }
  leaves <- rapply_leaves(x)
  if (!any_traced(leaves)) {
    return(base::unlist(x, recursive, use.names))
  }
  labels <- if (use.names) names(base::unlist(outline_of(x)))
  names(leaves) <- NULL
  out <- join_parts(leaves, FALSE)
  if (!is.null(labels)) names(out) <- labels
  out
}
rapply_leaves <- function(x) {
  if (is_traced(x) || !is.list(x)) {
    return(list(x))
  }
  do.call(base::c, lapply(unname(x), rapply_leaves))
}
outline_of <- function(x) {
  if (is_traced(x) || !is.list(x)) {
    return(stats::setNames(logical(length(x)), names(x)))
  }
  lapply(x, outline_of)
}
contains_traced <- function(x) {
  is_traced(x) || (is.list(x) && any(vapply(x, contains_traced, NA)))
}

# rep() and its like: base R repeats the positions.
traced_rep <- function(x, ...) {
  extra <- lapply(list(...), plain_index, what = "a number of repetitions")
  p <- positions(flat(x))
  names(p) <- names(x)
  p <- do.call(base::rep, c(list(p), extra))
  scalar <- length(x) == 1L && is.null(names(p)) && length(p) > 0L
  if (scalar) traced_recycle(x, length(p), NULL, NULL) else rearranged(x, p)
}

traced_matrix <- function(data, nrow, ncol, byrow = FALSE, dimnames = NULL) {
  check_plain(byrow = byrow)
  arguments <- list(seq_len(length(data)))
  if (!missing(nrow)) arguments$nrow <- plain_index(nrow, "a dimension")
  if (!missing(ncol)) arguments$ncol <- plain_index(ncol, "a dimension")
  p <- do.call(
    base::matrix, c(arguments, list(byrow = byrow, dimnames = dimnames))
  )
  if (length(data) == 1L && length(p) > 1L) {
    return(traced_recycle(data, length(p), dim(p), dimnames))
  }
  rearranged(data, p)
}

traced_array <- function(data, dim = length(data), dimnames = NULL) {
  dim <- as.integer(plain_index(dim, "a dimension"))
  p <- base::array(seq_len(length(data)), dim, dimnames)
  if (length(data) == 1L && length(p) > 1L) {
    return(traced_recycle(data, length(p), dim(p), dimnames))
  }
  rearranged(data, p)
}

# cbind() and rbind(): base R joins outlines, which gives dimensions, names and
# errors; the columns are joined as nodes, rows through a transpose.
traced_bind <- function(generic, parts, deparsed, deparse.level = 1L) {
  for (p in parts) {
    if (is.data.frame(p)) {
      unsupported("a data frame is bound to values depending on parameters",
        "Use as.matrix() on it.")
    }
  }
  parts <- lapply(parts, dense_matrix)
  parts_named <- !vapply(parts, is.null, NA)
  labels <- names(parts)
  if (is.null(labels)) labels <- character(length(parts))
  symbols <- labels == "" & deparsed != "" & deparse.level > 0L &
    vapply(parts, function(p) length(dim(p)) != 2L, NA)
  labels[symbols] <- deparsed[symbols]
  parts <- parts[parts_named]
  labels <- labels[parts_named]
  outlines <- lapply(parts, function(p) {
    out <- array(0, c(length(p)))
    dim(out) <- dim(p)
    if (is.null(dim(p))) {
      names(out) <- names(p)
    } else {
      dimnames(out) <- dimnames(p)
    }
    out
  })
  names(outlines) <- labels
  bind <- if (generic == "cbind") base::cbind else base::rbind
  shape <- do.call(bind, c(outlines, list(deparse.level = 0)))
  along <- if (generic == "cbind") 1L else 2L
  n <- dim(shape)[along]
  columns <- lapply(parts, function(p) {
    if (length(dim(p)) == 2L) {
      return(
        if (generic == "cbind") {
          p
        } else if (is_traced(p)) mat_transpose(p) else t(p)
      )
    }
    if (length(p) == 0L) NULL else recycled(flat(p), n)
  })
  columns <- unname(columns[!vapply(columns, is.null, NA)])
  if (generic == "cbind") {
    return(traced_concat(columns, dim(shape), dimnames(shape)))
  }
  out <- traced_concat(columns, rev(dim(shape)), NULL)
  mat_linear("transpose", out, dimnames = dimnames(shape))
}

traced_append <- function(x, values, after = length(x)) {
  after <- plain_index(after)
  n <- length(x)
  if (after <= 0) {
    traced_c(values, x)
  } else if (after >= n) {
    traced_c(x, values)
  } else {
    traced_c(x[seq_len(after)], values, x[(after + 1L):n])
  }
}

# Sorting: the order is guarded, then the vector is a gather.
traced_order <- function(
  ..., na.last = TRUE, decreasing = FALSE, method = NULL
) {
  keys <- list(...)
  check_plain(na.last = na.last, decreasing = decreasing)
  if (length(keys) != 1L || anyNA(trace_value(keys[[1L]]))) {
    unsupported("order() by several keys or with missing values",
      "Order by one key at a time.")
  }
  name <- if (isTRUE(decreasing)) "order_decreasing" else "order"
  as.integer(guarded_value(traced_along(name, keys[[1L]], NULL)))
}
traced_sort <- function(x, decreasing = FALSE, ...) {
  rearranged(x, positions(x)[traced_order(x, decreasing = decreasing)])
}
traced_rank <- function(x, ...) {
  if (...length() > 0L) check_plain(...)
  o <- traced_order(x)
  sorted <- x[o]
  n <- length(x)
  # Equal neighbours share a rank; which are equal is guarded.
  tied <- if (n > 1L) {
    guarded_value(
      traced_binary("eq", flat(sorted)[-1L], flat(sorted)[-n], kind_whole)
    ) != 0
  } else {
    logical()
  }
  group <- cumsum(c(TRUE, !tied))
  keys <- integer(n)
  keys[o] <- group
  out <- base::rank(keys, ...)
  names(out) <- names(x)
  out
}
traced_quantile <- function(
  x, probs = seq(0, 1, 0.25), na.rm = FALSE, names = TRUE,
                            type = 7, ...) {
  check_plain(probs = probs, na.rm = na.rm, names = names, type = type)
  if (type != 7 || na.rm) {
    unsupported("quantile() with `type` other than 7 or `na.rm`",
      "Use the default type.")
  }
  n <- length(x)
  h <- (n - 1) * probs
  low <- floor(h + 4 * .Machine$double.eps)
  high <- pmin(low + 1, n - 1)
  sorted <- traced_sort(flat(x))
  weight <- h - low
  weight[abs(weight) < 1e-12] <- 0
  out <- sorted[low + 1] * (1 - weight) + sorted[high + 1] * weight
  if (names) names(out) <- names(stats::quantile(0, probs))
  out
}
traced_median <- function(x, na.rm = FALSE, ...) {
  check_plain(na.rm = na.rm)
  n <- length(x)
  half <- (n + 1L) %/% 2L
  sorted <- traced_sort(flat(x))
  if (n %% 2L == 1L) sorted[half] else (sorted[half] + sorted[half + 1L]) / 2
}

traced_diff <- function(x, lag = 1L, differences = 1L, ...) {
  lag <- plain_index(lag)
  differences <- plain_index(differences)
  for (k in seq_len(differences)) {
    if (is.matrix(x)) {
      n <- nrow(x)
      x <- x[(lag + 1L):n, , drop = FALSE] - x[seq_len(n - lag), , drop = FALSE]
    } else {
      n <- length(x)
      if (n <= lag) {
        return(numeric())
      }
      later <- x[(lag + 1L):n]
      x <- later - flat(x)[seq_len(n - lag)]
    }
  }
  x
}

traced_scale <- function(x, center = TRUE, scale = TRUE) {
  if (is.null(dim(x))) x <- as.matrix.traced(x)
  if (is.logical(center)) {
    if (center) x <- sweep_columns(x, traced_means(x))
  } else {
    x <- sweep_columns(x, center)
  }
  if (is.logical(scale)) {
    if (!scale) {
      return(x)
    }
    scale <- sqrt(mat_sums(x^2, FALSE) / (nrow(x) - 1))
  }
  x / rearranged_rows(scale, nrow(x))
}

traced_sweep <- function(x, MARGIN, STATS, FUN = "-") {
  check_plain(MARGIN = MARGIN)
  d <- dim(x)
  others <- setdiff(seq_along(d), MARGIN)
  p <- aperm(
    array(seq_len(prod(d[MARGIN])), d[c(MARGIN, others)]),
    order(c(MARGIN, others))
  )
  p <- (p - 1L) %% length(STATS) + 1L
  stats <- if (is_traced(STATS)) {
    traced_gather(STATS, as.vector(p), d, NULL)
  } else {
    array(STATS[p], d)
  }
  FUN(x, stats)
}

traced_split <- function(x, f, drop = FALSE, ...) {
  groups <- base::split(seq_len(length(x)), f, drop = drop, ...)
  lapply(groups, function(p) x[p])
}

# Derivatives of a value, as deriv() and nlm() have them, are dropped: see
# objective-attribute.R.
stated_attributes <- c("gradient", "hessian")

traced_setattr <- function(x, which, value) {
  if (which %in% stated_attributes) {
    if (is_traced(x)) {
      trace_session$stated <- c(trace_session$stated, traced_id(x))
    }
    return(x)
  }
  switch(which,
    names = names(x) <- value,
    dim = dim(x) <- value,
    dimnames = dimnames(x) <- value,
    unsupported(
      sprintf("an attribute \"%s\" of values depending on parameters", which),
      "Keep it in a variable of its own.")
  )
  x
}

# S3 methods that base code finds when it is handed a traced value.
rep.traced <- function(x, ...) traced_rep(x, ...)
rev.traced <- function(x) by_position(x, rev)
sort.traced <- function(
  x, decreasing = FALSE, ...
) traced_sort(x, decreasing, ...)
diff.traced <- function(x, ...) traced_diff(x, ...)
median.traced <- function(x, na.rm = FALSE, ...) traced_median(x, na.rm, ...)
quantile.traced <- function(x, ...) traced_quantile(x, ...)
unlist.traced <- function(x, ...) x
scale.traced <- function(
  x, center = TRUE, scale = TRUE
) traced_scale(x, center, scale)
split.traced <- function(x, f, drop = FALSE, ...) traced_split(x, f, drop, ...)
head.traced <- function(x, ...) by_position(x, utils::head, ...)
tail.traced <- function(x, ...) {
  p <- if (is.matrix(x)) {
    utils::tail(positions(x), ..., keepnums = FALSE)
  } else {
    utils::tail(positions(x), ...)
  }
  rearranged(x, p)
}
aperm.traced <- function(a, perm = NULL, ...) by_position(a, aperm, perm, ...)
# R's own `[<-` on plain numbers asks for as.vector() of the value, under its
# own call, until that is no object: returning a traced value would never end.
as.vector.traced <- function(x, mode = "any", ...) {
  if ("value" %in% names(sys.call())) {
    unsupported(
      "a value depending on parameters is assigned into plain numbers",
      "Make the assignment in the function itself."
    )
  }
  if (mode == "list") {
    return(as.list(x))
  }
  if (!mode %in% c("any", "numeric", "double")) {
    unsupported(
      sprintf("conversion of values depending on parameters to \"%s\"", mode),
      "Keep them as numbers.")
  }
  flat(x)
}
as.double.traced <- function(x, ...) {
  if (length(x) == 0L) {
    x
  } else {
    traced_as(
      x, NULL, NULL,
      if (traced_kind(x) == kind_logical) kind_whole else traced_kind(x)
    )
  }
}
as.numeric.traced <- as.double.traced
as.integer.traced <- function(x, ...) {
  if (traced_kind(x) == kind_logical) {
    return(traced_as(x, NULL, NULL, kind_whole))
  }
  if (traced_kind(x) == kind_whole) {
    return(flat(x))
  }
  unsupported("as.integer() of a value depending on parameters",
    "Use floor() or trunc(), whose derivative is zero.")
}
as.logical.traced <- function(x, ...) flat(as_condition(x))
as.matrix.traced <- function(x, ...) {
  if (is.matrix(x)) {
    return(x)
  }
  traced_renamed(
    x, c(length(x), 1L), if (!is.null(names(x))) list(names(x), NULL)
  )
}
as.character.traced <- function(x, ...) as.character(trace_value(x))
format.traced <- function(x, ...) format(trace_value(x), ...)
print.traced <- function(x, ...) {
  print(trace_value(x), ...)
  invisible(x)
}
xtfrm.traced <- function(x) {
  if (anyNA(trace_value(x))) {
    unsupported("ranking values that are missing", "Remove them.")
  }
  as.numeric(traced_rank(x, ties.method = "min"))
}
all.equal.traced <- function(target, current, ...) {
  unsupported("all.equal() of values depending on parameters",
    "Compare with abs(x - y) < tolerance.")
}
seq.traced <- function(...) {
  arguments <- lapply(list(...), plain_index, what = "an end of a sequence")
  do.call(base::seq, arguments)
}
unique.traced <- function(x, ...) {
  unsupported(
    "unique() of values depending on parameters", "Use it on data only."
  )
}
duplicated.traced <- unique.traced
summary.traced <- unique.traced
as.data.frame.traced <- function(x, ...) {
  unsupported("a data frame with values depending on parameters", "Use a list.")
}


# The elements or the rows without missing ones; which these are is guarded.
na.omit.traced <- function(object, ...) {
  if (length(dim(object)) != 2L) {
    return(without_missing(object))
  }
  complete <- base::rowSums(is.na(object)) == 0
  if (all(complete)) object else object[complete, , drop = FALSE]
}

traced_s3_methods <- list(
  base = c(
    "mean", "t", "solve", "chol", "determinant", "as.list", "rep", "rev",
    "sort",
    "diff", "unlist", "scale", "split", "aperm", "as.vector", "as.double",
    "as.numeric", "as.integer", "as.logical", "as.matrix", "as.character",
    "format", "print", "xtfrm", "all.equal", "seq", "unique", "duplicated",
    "summary", "as.data.frame"
  ),
  stats = c("median", "quantile", "na.omit"),
  utils = c("head", "tail")
)
# Of base, by class: complex values and distances.
other_s3_methods <- list(
  traced_complex = c("mean", "rev"), traced_dist = "as.matrix"
)
