# Subscripts in a step of a loop that is recorded as a scan: one that changes
# with the step is evaluated for all steps, and what it reads or writes is known
# by position.
#' @include trace-loop.R
NULL

# x[...] or x[[...]]: as ever, or a row for each step.
at_step <- function(operator, x, arguments) {
  loop <- trace_session$looping
  options <- names(arguments) %in% c("drop", "exact")
  if (is.null(names(arguments))) options <- rep(FALSE, length(arguments))
  indices <- arguments[!options]
  moving <- vapply(indices, function(i) loop_depends(loop$pointer, i), NA)
  if (!any(moving)) {
    return(plain_at(operator, x, arguments))
  }
  if (is_traced(x) && loop_depends(loop$pointer, x)) {
    no_scan("it takes elements of what it carries at a place that changes")
  }
  if (is.data.frame(x)) {
    if (length(indices) != 2L || moving[[2L]]) {
      no_scan("it takes rows of a data frame")
    }
    x <- x[[indices[[2L]]]]
    indices <- indices[1L]
  }
  if (is.list(x) && operator == "[[") {
    return(list_at(loop, x, indices))
  }
  if (inherits(x, "ts") && !isS4(x)) x <- unclass(x)
  if (!is_numbers(x)) {
    no_scan("it takes elements of something else than numbers")
  }
  keep <- isFALSE(arguments[["drop"]])
  found <- positions_by_step(
    loop, indices, dim(x), length(x), dimnames(x), keep
  )
  loop_row(loop$pointer, x, found$positions, found$dim, found$names,
           kind_of_numbers(x), FALSE)
}

kind_of_numbers <- function(x) {
  if (is_traced(x)) {
    return(traced_kind(x))
  }
  if (all(x == floor(x), na.rm = TRUE)) kind_whole else kind_number
}

plain_at <- function(operator, x, arguments, value = NULL) {
  frame <- new.env(parent = baseenv())
  frame$x <- x
  call <- list(as.name(operator), quote(x))
  for (k in seq_along(arguments)) {
    label <- paste0("i", k)
    if (identical(arguments[[k]], quote(expr = ))) {
      call <- c(call, list(quote(expr = )))
    } else {
      frame[[label]] <- plain_index(arguments[[k]])
      call <- c(call, list(as.name(label)))
    }
  }
  labels <- names(arguments)
  if (is.null(labels)) labels <- rep("", length(arguments))
  names(call) <- c("", "", labels)
  if (!is.null(value)) {
    frame$value <- value
    call$value <- quote(value)
  }
  eval(as.call(call), frame)
}

# L[[t]], all of one shape.
list_at <- function(loop, x, indices) {
  if (length(indices) != 1L) no_scan("it takes elements of a list")
  like <- x[[1L]]
  same <- vapply(x, function(part) {
    is.numeric(part) && !is.object(part) && length(part) == length(like) &&
      length(part) > 0L && identical(dim(part), dim(like)) &&
      identical(names(part), names(like))
  }, NA)
  if (!all(same)) no_scan("it takes elements of a list that are not alike")
  size <- length(like)
  at <- numbers_by_step(loop, indices[[1L]], length(x))
  if (ncol(at) != 1L) no_scan("it takes elements of a list")
  positions <- outer(size * (at[, 1L] - 1), seq_len(size), "+")
  numbers <- as.double(unlist(x, use.names = FALSE))
  loop_row(loop$pointer, numbers, as.integer(positions), dim(like),
           shape_names(like), kind_of_numbers(numbers), FALSE)
}

read_step <- function(operator, name, frame, arguments) {
  loop <- trace_session$looping
  if (is.null(loop$filled[[name]])) {
    x <- get(name, envir = frame)
    if (!any_moving(loop, arguments)) {
      return(plain_at(operator, x, arguments))
    }
    return(sum(traced_ifelse(selected(loop, x, arguments), flat(x), 0)))
  }
  filled <- filled_at(loop, name, arguments)
  loop_read(loop$pointer, filled$number, filled$found$positions,
            filled$found$dim, filled$found$names)
}

write_step <- function(operator, name, value, frame, arguments) {
  loop <- trace_session$looping
  if (!is_numbers(value)) {
    no_scan("it fills a vector with something else than numbers")
  }
  if (is.null(loop$filled[[name]])) {
    x <- get(name, envir = frame)
    if (!any_moving(loop, arguments)) {
      x <- plain_at(paste0(operator, "<-"), x, arguments, value)
    } else {
      if (length(value) != 1L) no_scan("it assigns several elements at a time")
      changed <- traced_ifelse(selected(loop, x, arguments), value, flat(x))
      x <- traced_as(changed, dim(x), shape_names(x), kind_number)
    }
    assign(name, x, envir = frame)
    return(invisible(value))
  }
  filled <- filled_at(loop, name, arguments)
  size <- length(filled$found$positions) / filled$found$steps
  if (size %% length(value) != 0) no_scan("what it assigns does not fit")
  if (length(value) < size) value <- rep(value, length.out = size)
  loop_write(loop$pointer, filled$number, filled$found$positions, value)
  invisible(value)
}

any_moving <- function(loop, arguments) {
  any(vapply(arguments, function(i) loop_depends(loop$pointer, i), NA))
}

# Which of the few elements of x the subscript means: TRUE for one of them.
selected <- function(loop, x, arguments) {
  found <- positions_by_step(loop, arguments, dim(x), length(x), NULL, FALSE)
  if (length(found$positions) != found$steps) {
    no_scan("it takes several elements at a time")
  }
  n <- length(x)
  is_meant <- outer(found$positions, seq_len(n), "==") + 0
  loop_row(loop$pointer, is_meant, seq_along(is_meant), NULL, NULL, 1L, FALSE)
}

filled_at <- function(loop, name, arguments) {
  known <- loop$filled[[name]]
  options <- names(arguments) %in% c("drop", "exact")
  if (is.null(names(arguments))) options <- rep(FALSE, length(arguments))
  found <- positions_by_step(
    loop, arguments[!options], known$dim, known$length, known$dimnames,
    isFALSE(arguments[["drop"]])
  )
  list(number = known$number, found = found)
}

# -> positions, steps x elements; dim and names of what is taken.
positions_by_step <- function(loop, indices, d, length, labels, keep) {
  if (is.null(d)) d <- length
  if (length(indices) != length(d)) {
    if (length(indices) != 1L || identical(indices[[1L]], quote(expr = ))) {
      no_scan("it takes elements in an unusual way")
    }
    d <- length
    labels <- NULL
  }
  positions <- NULL
  sizes <- integer()
  taken <- vector("list", length(d))
  stride <- 1
  for (k in seq_along(d)) {
    at <- index_by_step(loop, indices[[k]], d[[k]], labels[[k]])
    sizes[[k]] <- ncol(at)
    if (nrow(at) == 1L) taken[k] <- list(labels[[k]][at])
    positions <- if (is.null(positions)) at
                 else combined(positions, (at - 1) * stride)
    stride <- stride * d[[k]]
  }
  steps <- nrow(positions)
  if (steps == 1L) {
    steps <- loop_steps(loop$pointer)
    positions <- positions[rep(1L, steps), , drop = FALSE]
  }
  shape <- if (length(d) > 1L) if (keep) sizes else sizes[sizes != 1L]
  names <- if (length(d) > 1L) {
    if (keep || sum(sizes != 1L) > 1L) {
      kept <- if (keep) taken else taken[sizes != 1L]
      if (!all(vapply(kept, is.null, NA))) kept
    } else if (any(sizes != 1L)) {
      taken[[which(sizes != 1L)]]
    }
  }
  if (!is.integer(positions)) storage.mode(positions) <- "integer"
  list(positions = positions, steps = steps,
       dim = if (length(shape) > 1L) as.integer(shape), names = names)
}

# All sums of an element of `a` and one of `b`, step by step; `a` varies first.
combined <- function(a, b) {
  n <- max(nrow(a), nrow(b))
  if (nrow(a) < n) a <- a[rep(1L, n), , drop = FALSE]
  if (nrow(b) < n) b <- b[rep(1L, n), , drop = FALSE]
  if (ncol(b) == 1L) {
    return(a + b[, 1L])
  }
  a[, rep(seq_len(ncol(a)), ncol(b)), drop = FALSE] +
    b[, rep(seq_len(ncol(b)), each = ncol(a)), drop = FALSE]
}

# The elements that an index means: a row for each step, or one for all.
index_by_step <- function(loop, i, size, labels) {
  if (identical(i, quote(expr = ))) {
    return(matrix(seq_len(size), 1L))
  }
  if (loop_depends(loop$pointer, i)) {
    return(numbers_by_step(loop, i, size))
  }
  p <- seq_len(size)
  names(p) <- labels
  p <- p[plain_index(i)]
  if (anyNA(p)) no_scan("a subscript is out of bounds")
  matrix(unname(p), 1L)
}

numbers_by_step <- function(loop, i, size) {
  if (traced_kind(i) == 1L) no_scan("a subscript is a condition")
  found <- loop_subscripts(loop$pointer, i, size)
  if (!is.matrix(found)) {
    no_scan(if (found) "a subscript is out of bounds in some steps"
            else "a subscript depends on parameters or on what it carries")
  }
  found
}
