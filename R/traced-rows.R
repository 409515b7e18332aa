# Work row by row as work on whole columns. apply(m, 1, f), sapply(x, f) and
# others call f once with all rows in the place of one: an object of the class
# "traced_rows" holds n numbers, or a matrix of n rows, and is used as one
# number or as a vector. What f does with it is done for all rows: sums are
# sums of rows, a vector of f's own is recycled along rows. Whatever has no
# such form stops (a condition on a row, an index that differs from row to
# row, a length), and then f is called row by row. The two are compared in
# some rows, and the whole of the recording with the plain function as always.
#' @include trace-masks-stats.R
NULL

setClass("traced_rows", slots = c(value = "ANY"))

boxed_rows <- function(value) {
  if (length(dim(value)) == 2L && ncol(value) == 1L) value <- value[, 1L]
  new("traced_rows", value = value)
}

is_rows <- function(x) isS4(x) && inherits(x, "traced_rows")

# In each row: how many, and of how many rows.
rows_width <- function(x) if (length(dim(x)) == 2L) ncol(x) else 1L
rows_count <- function(x) NROW(x@value)

no_rows_form <- function(...) stop("no form for all rows", call. = FALSE)

# x of all rows as n numbers, or as a matrix of `width` columns.
rows_matrix <- function(x, n, width) {
  if (!is_rows(x)) {
    if (!is_traced(x) && !is.numeric(x) && !is.logical(x) || is.object(x) &&
          !is_traced(x) || length(dim(x)) > 1L) no_rows_form()
    if (length(x) == 1L) {
      return(flat(x))
    }
    return(rearranged_rows(recycled(flat(x), width), n))
  }
  own <- rows_width(x@value)
  if (own == 1L || own == width) {
    return(x@value)
  }
  x@value[, rep_len(seq_len(own), width)]
}

# f of the arguments, element by element, in all rows.
rows_elementwise <- function(f, arguments) {
  boxed <- vapply(arguments, is_rows, NA)
  n <- rows_count(arguments[[which(boxed)[[1L]]]])
  numbers <- boxed | vapply(arguments, function(x) {
    is_traced(x) || is.numeric(x)
  }, NA)
  widths <- vapply(arguments[numbers], function(x) {
    if (is_rows(x)) rows_width(x@value) else length(x)
  }, 1L)
  if (any(widths == 0L) || any(max(widths) %% widths != 0L)) no_rows_form()
  arguments[numbers] <- lapply(arguments[numbers], rows_matrix, n, max(widths))
  value <- do.call(f, arguments)
  if (max(widths) > 1L && length(dim(value)) != 2L) {
    value <- recycled(value, n * max(widths), c(n, max(widths)))
  }
  boxed_rows(value)
}

for (operator in c(names(arithmetic_operators), names(comparison_operators),
                   names(logical_operators), "+", "-")) {
  method <- eval(bquote(function(e1, e2) {
    rows_elementwise(.(as.name(operator)), list(e1, e2))
  }))
  setMethod(operator, signature("traced_rows", "traced_rows"), method)
  setMethod(operator, signature("traced_rows", "ANY"), method)
  setMethod(operator, signature("ANY", "traced_rows"), method)
  setMethod(operator, signature("traced_rows", "traced"), method)
  setMethod(operator, signature("traced", "traced_rows"), method)
}
rm(operator, method)
setMethod("-", signature("traced_rows", "missing"), function(e1, e2) {
  boxed_rows(-e1@value)
})
setMethod("!", "traced_rows", function(x) boxed_rows(!x@value))

for (name in setdiff(unary_functions, "sign")) {
  setMethod(name, "traced_rows", eval(bquote(function(x) {
    boxed_rows(.(as.name(name))(x@value))
  })))
}
rm(name)
setMethod("log", "traced_rows", function(x, ...) boxed_rows(log(x@value, ...)))

setMethod("Summary", "traced_rows", function(x, ..., na.rm = FALSE) {
  if (...length() || !isFALSE(na.rm)) no_rows_form()
  boxed_rows(margin_of_rows(.Generic, x@value))
})
mean.traced_rows <- function(x, ...) {
  if (...length()) no_rows_form()
  boxed_rows(margin_of_rows("mean", x@value))
}

# A summary of each row of a matrix, by its columns; NULL where it has none.
margin_of_rows <- function(summary, x) {
  if (length(dim(x)) != 2L) {
    return(if (summary == "range") cbind(x, x) else x)
  }
  columns <- function() lapply(seq_len(ncol(x)), function(j) x[, j])
  extreme <- function(name) {
    columns <- columns()
    if (!is_traced(x)) {
      return(do.call(if (name == "pmax2") pmax else pmin, columns))
    }
    traced_parallel(name, columns)
  }
  switch(
    summary,
    sum = , mean = {
      divide <- summary == "mean"
      if (is_traced(x)) mat_sums(x, TRUE, divide = divide) else
        rowSums(x) / if (divide) ncol(x) else 1
    },
    max = extreme("pmax2"), min = extreme("pmin2"),
    range = {
      low <- extreme("pmin2")
      high <- extreme("pmax2")
      if (is_traced(x)) traced_concat(list(low, high), c(nrow(x), 2L), NULL)
      else cbind(low, high)
    },
    prod = Reduce(`*`, columns()),
    no_rows_form()
  )
}

setMethod("length", "traced_rows", function(x) rows_width(x@value))
setMethod("names", "traced_rows", function(x) colnames(x@value))
for (name in c("is.na", "is.nan", "is.finite", "is.infinite")) {
  setMethod(name, "traced_rows", function(x) no_rows_form())
}
rm(name)
setMethod("anyNA", "traced_rows", function(x, recursive = FALSE) no_rows_form())
setMethod("[", "traced_rows", function(x, i, j, ..., drop = TRUE) {
  rows_element(x, i)
})
setMethod("[[", "traced_rows", function(x, i, j, ...) {
  if (length(i) != 1L) no_rows_form()
  rows_element(x, i)
})

rows_element <- function(x, i) {
  if (is_rows(i) || is_traced(i)) no_rows_form()
  at <- stats::setNames(seq_len(length(x)), names(x))[i]
  if (length(at) == 0L || anyNA(at)) no_rows_form()
  if (length(dim(x@value)) == 2L) boxed_rows(x@value[, unname(at)]) else x
}

# One matrix product for all rows.
rows_product <- function(x, y) {
  if (is_rows(y) || length(dim(x@value)) != 2L || NROW(y) != ncol(x@value)) {
    no_rows_form()
  }
  boxed_rows(x@value %*% y)
}
for (class in c("ANY", "traced")) {
  setMethod("%*%", signature("traced_rows", class), rows_product)
}
rm(class)

# x[i], x[i, j] where `i` is another one in each row.
rows_index <- function(x, i, j, ..., drop = TRUE) {
  count <- nargs() - 1L - !missing(drop)
  if (count == 1L && missing(i) || count == 0L || ...length()) no_rows_form()
  if (is_rows(x)) {
    if (count != 1L) no_rows_form()
    return(rows_element(x, i))
  }
  if (count == 1L) {
    return(if (is_rows(i)) {
      boxed_rows(flat(x)[rows_positions(i, length(x))])
    } else {
      x[i]
    })
  }
  if (missing(i)) {
    if (missing(j) || is_rows(j)) no_rows_form()
    return(x[, j, drop = drop])
  }
  if (!is_rows(i)) {
    if (!missing(j) && is_rows(j)) no_rows_form()
    return(if (missing(j)) x[i, , drop = drop] else x[i, j, drop = drop])
  }
  at <- rows_positions(i, nrow(x))
  if (is.data.frame(x)) {
    if (missing(j) || length(j) != 1L) no_rows_form()
    return(boxed_rows(x[[j]][at]))
  }
  if (missing(j)) {
    return(boxed_rows(x[at, , drop = FALSE]))
  }
  boxed_rows(if (is_rows(j)) x[cbind(at, rows_positions(j, ncol(x)))] else
    x[at, j, drop = FALSE])
}

rows_positions <- function(i, top) {
  at <- i@value
  if (!is.numeric(at) || is.matrix(at) || anyNA(at) || min(at) < 1 ||
        max(at) > top) no_rows_form()
  at
}

# Functions of all rows, for what does not dispatch.
rows_functions <- list(
  drop = function(x) if (is_rows(x)) x else mask_table[["base::drop"]](x),
  as.vector = function(x, ...) if (is_rows(x)) x else as.vector(x, ...),
  as.numeric = function(x, ...) if (is_rows(x)) x else as.numeric(x, ...),
  "[" = rows_index,
  "[[" = function(x, i, ...) {
    if (is_rows(x) || is_rows(i)) rows_index(x, i, ...) else x[[i, ...]]
  },
  mean = function(x, ...) if (is_rows(x)) mean.traced_rows(x, ...) else
    mean(x, ...),
  c = function(...) {
    parts <- list(...)
    boxed <- vapply(parts, is_rows, NA)
    if (!any(boxed)) {
      return(mask_table[["base::c"]](...))
    }
    n <- rows_count(parts[[which(boxed)[[1L]]]])
    columns <- lapply(parts, function(x) {
      value <- rows_matrix(x, n, length(x))
      if (length(value) == 1L) recycled(value, n) else value
    })
    boxed_rows(do.call(mask_table[["base::cbind"]], unname(columns)))
  },
  ifelse = function(test, yes, no) {
    parts <- list(test, yes, no)
    if (!any(vapply(parts, is_rows, NA))) {
      return(mask_table[["base::ifelse"]](test, yes, no))
    }
    if (!is_rows(test) || length(test) < max(length(yes), length(no))) {
      no_rows_form()
    }
    rows_elementwise(mask_table[["base::ifelse"]], parts)
  }
)
rows_elementwise_masks <- c(
  paste0("stats::", names(distributions)),
  paste0("base::", c(names(elementwise_masks), "pmin", "pmax"))
)

# The function with those in front of what it sees.
with_rows_functions <- function(f) {
  home <- environment(f)
  named <- unique(all.names(body(f)))
  # Not where a variable has the name: then it is the variable that is hidden.
  seen <- function(name) get0(name, envir = home)
  own <- Filter(function(name) {
    identical(seen(name), get(name, envir = baseenv())) ||
      identical(seen(name), mask_table[[paste0("base::", name)]])
  }, intersect(named, names(rows_functions)))
  functions <- rows_functions[own]
  for (entry in rows_elementwise_masks) {
    name <- sub("^.*::", "", entry)
    if (name %in% named && identical(seen(name), mask_table[[entry]])) {
      functions[[name]] <- rows_mask(mask_table[[entry]])
    }
  }
  environment(f) <- list2env(functions, parent = home)
  f
}

rows_mask <- function(f) {
  force(f)
  function(...) {
    arguments <- list(...)
    if (any(vapply(arguments, is_rows, NA))) {
      rows_elementwise(f, arguments)
    } else {
      f(...)
    }
  }
}

# f of all rows at once, or NULL where it has no such form. `values`: arguments,
# vectors of n numbers or matrices of n rows; `extra`: further ones, the same in
# each row; `one(k)`: f in row k.
rows_at_once <- function(f, values, n, one, extra = list(), fewest = 8L) {
  if (n < fewest || typeof(f) != "closure" || length(super_assigned(body(f))) ||
        !all(vapply(values, rows_allowed, NA, n))) {
    return(NULL)
  }
  kept <- mget(c("failure", "caught", "warned"), envir = trace_session)
  value <- tryCatch(suppressWarnings({
    boxed <- lapply(values, function(x) boxed_rows(x))
    out <- do.call(with_rows_functions(f), c(boxed, extra))
    if (is_rows(out) && rows_count(out) == n) out@value
  }), error = function(e) NULL)
  for (name in names(kept)) assign(name, kept[[name]], envir = trace_session)
  if (!is.null(value) && rows_agree(value, one, n)) value
}

rows_allowed <- function(x, n) {
  (is_traced(x) || is.numeric(x) && !is.object(x)) && NROW(x) == n &&
    length(dim(x)) < 3L && !anyNA(trace_value(x))
}

# Whether some rows have the value that f has there.
rows_agree <- function(value, one, n) {
  for (k in unique(c(1L, n, 1L + (n * c(1L, 3L)) %/% 5L))) {
    own <- as.numeric(trace_value(one(k)))
    all <- as.numeric(trace_value(
      if (length(dim(value)) == 2L) value[k, ] else value[k]
    ))
    if (length(own) != length(all) ||
          first_disagreement(all, own, 1e-10) > 0L) {
      return(FALSE)
    }
  }
  TRUE
}

# As sapply() simplifies: n numbers, or a column for each row.
rows_result <- function(value, labels = NULL) {
  if (length(dim(value)) != 2L) {
    value <- flat(value)
    if (!is.null(labels)) names(value) <- labels
    return(value)
  }
  rows <- colnames(value)
  value <- if (is_traced(value)) mat_transpose(value) else t(value)
  dimnames(value) <- if (!is.null(rows) || !is.null(labels)) list(rows, labels)
  value
}
