# Masks of functions that build and rearrange: c, rep, matrix, seq, order.
#' @include trace-masks.R
NULL

# A sequence between numbers, unless only its whole ends say how long it is.
sequence_mask <- function(name) {
  whole <- index_mask(name, "an end of a sequence")
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(...) {
    if (any_traced(list(...))) traced_seq(whole, ...) else .(original)(...)
  }))
}

define_masks("base",
  c = function(...) {
    arguments <- list(...)
    if (are_complex(arguments)) {
      complex_concat(arguments)
    } else if (any_traced(arguments)) {
      traced_c(...)
    } else {
      base::c(...)
    }
  },
  unlist = function(x, recursive = TRUE, use.names = TRUE) {
    if (is_traced(x)) {
      return(x)
    }
    if (is.list(x)) {
      traced_unlist(x, recursive, use.names)
    } else {
      base::unlist(x, recursive, use.names)
    }
  },
  append = function(x, values, after = length(x)) {
    if (is_traced(x) || is_traced(values) || is_traced(after)) {
      traced_append(x, values, after)
    } else {
      base::append(x, values, after)
    }
  },
  rep = function(x, ...) {
    if (is_traced(x)) {
      return(traced_rep(x, ...))
    }
    if (...length() == 0L || !any_traced(list(...))) {
      return(base::rep(x, ...))
    }
    do.call(
      base::rep,
      c(
        list(x),
        lapply(list(...), plain_index, what = "a number of repetitions")
      )
    )
  },
  rep_len = function(x, length.out) {
    length.out <- plain_index(length.out, "a length")
    if (is_traced(x)) {
      recycled(flat(x), length.out)
    } else {
      base::rep_len(x, length.out)
    }
  },
  rep.int = function(x, times) {
    times <- plain_index(times, "a number of repetitions")
    if (is_traced(x)) {
      traced_rep(flat(x), times = times)
    } else {
      base::rep.int(x, times)
    }
  },
  matrix = function(
    data = NA, nrow = 1, ncol = 1, byrow = FALSE, dimnames = NULL
  ) {
    call <- match.call()
    if (is_traced(data)) {
      arguments <- list(data = data, byrow = byrow, dimnames = dimnames)
      if (!missing(nrow)) arguments$nrow <- nrow
      if (!missing(ncol)) arguments$ncol <- ncol
      return(do.call(traced_matrix, arguments))
    }
    arguments <- list(data = data, byrow = byrow, dimnames = dimnames)
    if (!missing(nrow)) arguments$nrow <- plain_index(nrow, "a dimension")
    if (!missing(ncol)) arguments$ncol <- plain_index(ncol, "a dimension")
    do.call(base::matrix, arguments)
  },
  array = function(data = NA, dim = length(data), dimnames = NULL) {
    if (is_traced(data)) {
      traced_array(data, dim, dimnames)
    } else {
      base::array(data, plain_index(dim, "a dimension"), dimnames)
    }
  },
  numeric = index_mask("numeric", "a length"),
  double = index_mask("double", "a length"),
  integer = index_mask("integer", "a length"),
  logical = index_mask("logical", "a length"),
  vector = index_mask("vector", "a length"),
  seq_len = index_mask("seq_len", "a length"),
  seq = sequence_mask("seq"),
  seq.int = sequence_mask("seq.int"),
  ":" = function(from, to) {
    if (is_traced(from)) from <- plain_index(from, "an end of a sequence")
    if (is_traced(to)) to <- plain_index(to, "an end of a sequence")
    base::`:`(from, to)
  },
  seq_along = function(along.with) base::seq_len(length(along.with)),
  cbind = function(..., deparse.level = 1) {
    arguments <- list(...)
    if (!any_traced(arguments)) {
      return(base::cbind(..., deparse.level = deparse.level))
    }
    traced_bind(
      "cbind", arguments, symbol_names(substitute(list(...))), deparse.level
    )
  },
  rbind = function(..., deparse.level = 1) {
    arguments <- list(...)
    if (!any_traced(arguments)) {
      return(base::rbind(..., deparse.level = deparse.level))
    }
    traced_bind(
      "rbind", arguments, symbol_names(substitute(list(...))), deparse.level
    )
  },
  drop = first_argument_mask(
    "base", "drop", quote(function(x) by_position(x, base::drop))
  ),
  order = function(
    ..., na.last = TRUE, decreasing = FALSE,
    method = c("auto", "shell", "radix")
  ) {
    if (any_traced(list(...))) {
      traced_order(..., na.last = na.last, decreasing = decreasing)
    } else {
      base::order(
        ..., na.last = na.last, decreasing = decreasing, method = method
      )
    }
  },
  rank = first_argument_mask("base", "rank", quote(traced_rank)),
  sort.int = first_argument_mask("base", "sort.int", quote(traced_sort)),
  rowsum = function(x, group, reorder = TRUE, ...) {
    if (is_traced(x)) {
      traced_rowsum(x, group, reorder)
    } else {
      base::rowsum(x, group, reorder, ...)
    }
  },
  sweep = function(x, MARGIN, STATS, FUN = "-", check.margin = TRUE, ...) {
    if (is_traced(x) || is_traced(STATS)) {
      traced_sweep(x, MARGIN, STATS, masked_function(match.fun(FUN)))
    } else {
      base::sweep(x, MARGIN, STATS, FUN, check.margin, ...)
    }
  },
  split = function(x, f, drop = FALSE, ...) {
    if (is_traced(f)) {
      unsupported("split() by values depending on parameters", "Split by data.")
    }
    if (is_traced(x)) {
      traced_split(x, f, drop, ...)
    } else {
      base::split(x, f, drop, ...)
    }
  }
)

# seq() as in seq.default(): a start, a step and a length. The length that a
# step gives is guarded.
traced_seq <- function(whole, from, to, by, length.out, along.with, ...) {
  if (!missing(along.with)) length.out <- length(along.with)
  if (missing(length.out) && missing(by)) {
    if (missing(from)) from <- 1
    return(if (missing(to)) whole(from) else whole(from, to))
  }
  if (missing(length.out)) {
    if (missing(from)) from <- 1
    if (missing(to)) to <- 1
    steps <- plain_index(floor((to - from) / by + 1e-10))
    if (steps < 0) stop("wrong sign in 'by' argument", call. = FALSE)
    return(from + seq.int(0, steps) * by)
  }
  n <- ceiling(plain_index(length.out, "a length"))
  if (!missing(to) && !missing(from)) {
    if (n == 1) {
      return(from)
    }
    by <- (to - from) / (n - 1)
  } else if (missing(by)) {
    by <- 1
  }
  if (missing(from) && !missing(to)) {
    to + (seq_len(n) - n) * by
  } else {
    (if (missing(from)) 1 else from) + (seq_len(n) - 1) * by
  }
}

# The names cbind() gives to arguments that are symbols.
symbol_names <- function(call) {
  vapply(as.list(unwrap(call))[-1L], function(e) {
    if (is.symbol(e) && !identical(e, quote(...))) as.character(e) else ""
  }, "")
}
