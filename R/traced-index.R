# Indexing and assignment. R itself computes which positions are meant, by
# indexing the array of positions; the graph gets a gather, a slice or, for a
# single element of a vector that a loop has filled, the node stored there.
#' @include traced.R
NULL

traced_subset <- function(x, i, j, ..., drop = TRUE) {
  n_args <- nargs()
  if (n_args == 2L && !missing(i)) {
    fast <- .Call(`_admle_traced_element`, x, i)
    if (!is.null(fast)) {
      return(fast)
    }
  }
  n_args <- n_args - !missing(drop)
  if (n_args == 2L) {
    return(if (missing(i)) x else vector_subset(x, plain_index(i)))
  }
  check_plain(drop = drop)
  d <- dim(x)
  if (length(d) != n_args - 1L) {
    stop("incorrect number of dimensions", call. = FALSE)
  }
  if (n_args == 3L) {
    rows <- if (missing(i)) NULL else plain_index(i)
    cols <- if (missing(j)) NULL else plain_index(j)
    return(matrix_subset(x, rows, cols, missing(i), missing(j), drop))
  }
  call <- sys.call()
  call[[1L]] <- quote(`[`)
  call[[2L]] <- positions(x)
  rearranged(x, eval(call, parent.frame()))
}
setMethod("[", "traced", traced_subset)

vector_subset <- function(x, i) {
  if (is.factor(i)) i <- as.integer(i)
  if (is.matrix(i) && length(dim(x)) == ncol(i) &&
      (is.numeric(i) || is.character(i))) {
    p <- positions(x)[i]
    return(traced_gather(x, p, NULL, NULL))
  }
  labels <- names(x)
  # Positions within x need no look at its other elements.
  if (is.null(labels) && is.numeric(i) && !is.object(i)) {
    if (length(i) == 0L ||
        (!anyNA(i) && min(i) >= 1 && max(i) < length(x) + 1)) {
      return(traced_gather(x, i, NULL, NULL))
    }
  }
  p <- seq_len(length(x))
  names(p) <- labels
  p <- p[i]
  traced_gather(x, as.vector(p), NULL, names(p))
}

# Positions of rows i and columns j of a matrix.
matrix_subset <- function(x, i, j, missing_row, missing_col, drop) {
  d <- dim(x)
  labels <- dimnames(x)
  pick <- function(index, k, absent) {
    p <- seq_len(d[k])
    if (absent) {
      return(p)
    }
    names(p) <- labels[[k]]
    p <- p[if (is.factor(index)) as.integer(index) else index]
    if (anyNA(p) && (is.character(index) || any(index > d[k], na.rm = TRUE))) {
      stop("subscript out of bounds", call. = FALSE)
    }
    as.vector(p)
  }
  rows <- pick(i, 1L, missing_row)
  cols <- pick(j, 2L, missing_col)
  p <- rep(rows, length(cols)) + rep((cols - 1) * d[1L], each = length(rows))
  names_out <- if (!is.null(labels)) {
    list(labels[[1L]][rows], labels[[2L]][cols])
  }
  size <- c(length(rows), length(cols))
  if (drop && any(size == 1L)) {
    keep <- if (!is.null(names_out) && !all(size == 1L)) {
      names_out[[which(size != 1L)]]
    }
    return(traced_gather(x, p, NULL, keep))
  }
  if (!is.null(names_out)) names(names_out) <- names(labels)
  traced_gather(x, p, as.integer(size), names_out)
}

setMethod("[[", "traced", function(x, i, j, ...) {
  if (nargs() == 2L) {
    fast <- traced_element(x, i)
    if (!is.null(fast)) {
      return(fast)
    }
    i <- plain_index(i)
    p <- positions(x)[[i]]
  } else {
    i <- plain_index(i)
    j <- plain_index(j)
    p <- if (nargs() == 3L) positions(x)[[i, j]] else positions(x)[[i, j, ...]]
  }
  traced_gather(x, p, NULL, NULL)
})

setMethod("$", "traced", function(x, name) {
  stop("$ operator is invalid for atomic vectors", call. = FALSE)
})

# Assigning numbers to elements: everything else would make the vector a list
# or a character vector in R.
check_assigned <- function(value) {
  if (is_traced(value) ||
      ((is.numeric(value) || is.logical(value)) && !is.factor(value))) {
    return(invisible())
  }
  unsupported(
    sprintf(
      "\"%s\" is assigned into numbers depending on parameters",
      typeof(value)),
    "Assign numbers, or keep unlike things in a list."
  )
}

assign_positions <- function(
  x, p, value, length_out = length(x), names_out = shape_names(x)
) {
  if (length(p) == 0L) {
    return(x)
  }
  if (length(value) == 0L) {
    stop("replacement has length zero", call. = FALSE)
  }
  if (anyNA(p)) {
    if (length(value) > 1L) {
      stop("NAs are not allowed in subscripted assignments", call. = FALSE)
    }
    p <- p[!is.na(p)]
  }
  if (length(p) %% length(value) != 0L) {
    warning(
      "number of items to replace is not a multiple of replacement length",
      call. = FALSE)
  }
  if (is_traced(value) && !(is.null(dim(value)) && is.null(names(value)))) {
    value <- flat(value)
  }
  traced_assign(x, p, value, length_out, names_out)
}

traced_assign_vector <- function(x, i, value) {
  if (is.factor(i)) i <- as.integer(i)
  n <- length(x)
  if (is.matrix(i) && length(dim(x)) == ncol(i)) {
    return(assign_positions(x, positions(x)[i], value))
  }
  labels <- names(x)
  p <- seq_len(n)
  names(p) <- labels
  if (is.character(i)) {
    new <- setdiff(i, labels)
    all_labels <- c(if (is.null(labels)) character(n) else labels, new)
    at <- match(i, all_labels)
    if (!is.null(dim(x))) x <- flat(x)
    return(assign_positions(x, at, value, length(all_labels), all_labels))
  }
  if (is.logical(i)) {
    at <- which(rep_len(i, max(n, length(i))))
    if (anyNA(i) && length(value) > 1L) {
      stop("NAs are not allowed in subscripted assignments", call. = FALSE)
    }
  } else if (any(i < 0, na.rm = TRUE)) {
    at <- p[i]
  } else {
    at <- as.vector(trunc(i))
    at <- at[is.na(at) | at != 0]
  }
  top <- max(n, at, na.rm = TRUE)
  keep <- shape_names(x)
  if (top > n) {
    if (!is.null(dim(x))) {
      x <- flat(x)
      keep <- NULL
    } else if (!is.null(keep)) {
      keep <- c(keep, character(top - n))
    }
  }
  assign_positions(x, at, value, top, keep)
}

traced_assign_index <- function(x, i, j, ..., value) {
  n_args <- nargs()
  if (n_args == 3L && !missing(i)) {
    fast <- .Call(`_admle_traced_assign_element`, x, i, value)
    if (!is.null(fast)) {
      return(fast)
    }
  }
  check_assigned(value)
  if (n_args == 3L) {
    if (missing(i)) {
      return(assign_positions(x, seq_len(length(x)), value))
    }
    return(traced_assign_vector(x, plain_index(i), value))
  }
  if (n_args == 4L) {
    d <- dim(x)
    if (length(d) != 2L) {
      stop("incorrect number of subscripts", call. = FALSE)
    }
    single <- function(k, d) {
      is.numeric(k) && length(k) == 1L && !is.na(k) && k >= 1 && k < d + 1
    }
    labels <- dimnames(x)
    pick <- function(index, k) {
      index <- plain_index(index)
      if (single(index, d[k])) {
        return(trunc(index))
      }
      p <- seq_len(d[k])
      names(p) <- labels[[k]]
      p <- as.vector(p[if (is.factor(index)) as.integer(index) else index])
      if (anyNA(p)) {
        stop("subscript out of bounds", call. = FALSE)
      }
      p
    }
    rows <- if (missing(i)) seq_len(d[1L]) else pick(i, 1L)
    cols <- if (missing(j)) seq_len(d[2L]) else pick(j, 2L)
    p <- rep(rows, length(cols)) + rep((cols - 1) * d[1L], each = length(rows))
    return(assign_positions(x, p, value))
  }
  call <- sys.call()
  call[[1L]] <- quote(`[`)
  call[[2L]] <- positions(x)
  call$value <- NULL
  assign_positions(x, as.vector(eval(call, parent.frame())), value)
}
setMethod("[<-", "traced", traced_assign_index)
setMethod("[[<-", "traced", function(x, i, j, ..., value) {
  check_assigned(value)
  if (length(value) != 1L) {
    stop("more elements supplied than there are to replace", call. = FALSE)
  }
  if (nargs() == 3L) {
    fast <- traced_assign_element(x, i, value)
    if (!is.null(fast)) {
      return(fast)
    }
    return(traced_assign_vector(x, plain_index(i), value))
  }
  x[plain_index(i), plain_index(j)] <- value
  x
})

setMethod("names<-", "traced", function(x, value) {
  if (is_traced(value)) {
    unsupported(
      "names made of values depending on parameters", "Use plain names."
    )
  }
  d <- dim(x)
  if (length(d) > 1L) {
    unsupported("names() of a matrix", "Use dimnames().")
  }
  if (!is.null(value)) {
    value <- as.character(value)
    if (length(value) > length(x)) {
      stop(
        "'names' attribute must be the same length as the vector", call. = FALSE
      )
    }
    value <- value[seq_len(length(x))]
  }
  traced_renamed(x, NULL, value)
})
setMethod("dim<-", "traced", function(x, value) {
  value <- plain_index(value, "a dimension")
  if (is.null(value)) {
    return(traced_renamed(x, NULL, NULL))
  }
  if (prod(value) != length(x)) {
    stop(sprintf("dims [product %d] do not match the length of object [%d]",
      as.integer(prod(value)), length(x)), call. = FALSE)
  }
  traced_renamed(x, as.integer(value), NULL)
})
setMethod("dimnames<-", "traced", function(x, value) {
  p <- positions(x)
  dimnames(p) <- value
  traced_renamed(x, dim(p), dimnames(p))
})
setMethod("length<-", "traced", function(x, value) {
  value <- plain_index(value, "a length")
  p <- positions(flat(x))
  names(p) <- names(x)
  length(p) <- value
  rearranged(x, p)
})
setMethod("levels<-", "traced", function(x, value) {
  unsupported("levels of values depending on parameters", "Use plain factors.")
})

traced_renamed <- function(x, dim, names) {
  if (length(x) == 0L) {
    return(x)
  }
  traced_as(x, dim, names, traced_kind(x))
}
