# Mathematical functions and summaries of traced values. Elementwise functions
# keep shape and names; reductions give one number.
#' @include traced.R
NULL

unary_functions <- c(
  "abs", "exp", "expm1", "log1p", "log2", "log10", "sqrt", "sign",
  "sin", "cos", "tan", "sinpi", "cospi", "tanpi", "asin", "acos", "atan",
  "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
  "gamma", "lgamma", "digamma", "trigamma"
)
for (name in unary_functions) {
  kind <- if (name %in% c("abs", "sign")) -1L else kind_number
  setMethod(name, "traced", eval(bquote(
    function(x) traced_unary(.(name), x, .(kind))
  )))
}
rm(name, kind)

setMethod("floor", "traced", function(x) traced_unary("floor", x, kind_whole))
setMethod("ceiling", "traced", function(x) {
  traced_unary("ceiling", x, kind_whole)
})
setMethod("trunc", "traced", function(x, ...) {
  traced_unary("trunc", x, kind_whole)
})
setMethod("round", "traced", function(x, digits) {
  if (missing(digits)) digits <- 0
  check_plain(digits = digits)
  if (all(digits == 0)) {
    return(traced_unary("round", x, kind_whole))
  }
  traced_binary("round_digits", x, digits, kind_number)
})
setMethod("signif", "traced", function(x, digits) {
  if (missing(digits)) digits <- 6
  check_plain(digits = digits)
  traced_binary("round_signif", x, digits, kind_number)
})
setMethod("log", "traced", function(x, ...) {
  if (...length() == 0L) {
    return(traced_unary("log", x, kind_number))
  }
  traced_unary("log", x, kind_number) / log(..1)
})

# Running sums and the like drop all but the names of a vector.
setMethod("cumsum", "traced", function(x) traced_along("cumsum", x, names(x)))
setMethod("cumprod", "traced", function(x) traced_along("cumprod", x, names(x)))
cumulative_extreme <- function(name) {
  force(name)
  function(x) {
    at <- guarded_value(traced_along(name, x, NULL))
    traced_gather(x, at + 1, NULL, names(x))
  }
}
setMethod("cummax", "traced", cumulative_extreme("cummax_at"))
setMethod("cummin", "traced", cumulative_extreme("cummin_at"))

# x without its missing values; which are missing is guarded.
without_missing <- function(x) {
  if (!is_traced(x)) {
    return(x[!is.na(x)])
  }
  missing <- is.na(x)
  if (any(missing)) x[!missing] else x
}

# The numbers of all arguments in one vector.
gathered_numbers <- function(arguments, na.rm) {
  check_plain(na.rm = na.rm)
  if (na.rm) arguments <- lapply(arguments, without_missing)
  for (x in arguments) if (!is_traced(x)) check_summand(x)
  if (length(arguments) == 1L) {
    return(arguments[[1L]])
  }
  traced_concat(lapply(arguments, flat), NULL, NULL)
}

check_summand <- function(x) {
  if (!is.numeric(x) && !is.logical(x) || is.factor(x)) {
    stop("invalid 'type' of argument", call. = FALSE)
  }
}

traced_summary <- function(generic, arguments, na.rm = FALSE) {
  arguments <- Filter(function(x) !is.null(x) && length(x) > 0L, arguments)
  if (generic %in% c("any", "all")) {
    return(traced_quantifier(generic, arguments, na.rm))
  }
  if (generic == "sum") {
    for (x in arguments) if (!is_traced(x)) check_summand(x)
    check_plain(na.rm = na.rm)
    if (na.rm) arguments <- lapply(arguments, without_missing)
    parts <- lapply(arguments, function(x) {
      if (is_traced(x)) traced_reduce("sum", x) else sum(x)
    })
    return(Reduce(`+`, parts))
  }
  x <- gathered_numbers(arguments, na.rm)
  if (generic == "range") {
    return(traced_concat(
      list(traced_reduce("min", x), traced_reduce("max", x)), NULL, NULL
    ))
  }
  traced_reduce(generic, x)
}

# any() and all() are plain logicals; the guard is on the outcome and not on
# every element.
traced_quantifier <- function(generic, arguments, na.rm) {
  check_plain(na.rm = na.rm)
  outcomes <- vapply(arguments, function(x) {
    if (!is_traced(x)) {
      return(do.call(generic, list(x, na.rm = na.rm)))
    }
    x <- as_condition(x)
    if (!is_traced(x)) {
      return(x)
    }
    if (na.rm || anyNA(trace_value(x))) {
      return(do.call(generic, list(guarded_value(x), na.rm = na.rm)))
    }
    count <- traced_reduce("sum", x)
    if (generic == "any") count > 0 else count == length(x)
  }, logical(1))
  do.call(generic, list(outcomes, na.rm = na.rm))
}

setMethod("Summary", "traced", function(x, ..., na.rm = FALSE) {
  traced_summary(.Generic, list(x, ...), na.rm)
})
mean.traced <- function(x, trim = 0, na.rm = FALSE, ...) {
  check_plain(trim = trim, na.rm = na.rm)
  if (!identical(as.numeric(trim), 0)) {
    unsupported("mean() with `trim` of values depending on parameters",
      "Use mean(x) of the values that count.")
  }
  if (na.rm) x <- without_missing(x)
  traced_reduce("sum", x) / length(x)
}

# Second moments, as stats::var: columns of matrices, divisor n - 1.
traced_var <- function(
  x, y = NULL, na.rm = FALSE, use = NULL, correlation = FALSE
) {
  check_plain(na.rm = na.rm, use = use)
  if (na.rm && is.null(y) && is.null(dim(x))) {
    x <- without_missing(x)
    na.rm <- FALSE
  }
  if (na.rm || !is.null(use)) {
    unsupported(
      "missing-value handling in var() of values depending on parameters",
      "Remove missing values from the data before.")
  }
  plain_shape <- is.null(dim(x)) && (is.null(y) || is.null(dim(y)))
  centred <- function(x) {
    if (is.null(dim(x))) {
      return(x - sum(x) / length(x))
    }
    sweep_columns(x, traced_means(x))
  }
  n <- NROW(x)
  if (is.data.frame(x)) x <- as.matrix(x)
  if (!is.null(y) && NROW(y) != n) {
    stop("incompatible dimensions", call. = FALSE)
  }
  u <- centred(x)
  v <- if (is.null(y)) u else centred(y)
  if (plain_shape) {
    out <- sum(flat(u) * flat(v)) / (n - 1)
    if (correlation) {
      out <- sum(flat(u) * flat(v)) / sqrt(sum(flat(u)^2) * sum(flat(v)^2))
    }
    return(out)
  }
  out <- mat_crossprod(u, v) / (n - 1)
  if (correlation) {
    su <- sqrt(mat_sums(u^2, FALSE))
    sv <- sqrt(mat_sums(v^2, FALSE))
    out <- out * (n - 1) / mat_outer(su, sv)
  }
  out
}

traced_means <- function(x) mat_sums(x, FALSE) / nrow(x)
sweep_columns <- function(x, stats) {
  x - rearranged_rows(stats, nrow(x))
}
# A vector as the rows of a matrix, each equal.
rearranged_rows <- function(v, n) {
  p <- rep(seq_len(length(v)), each = n)
  if (is_traced(v)) {
    traced_gather(v, p, c(n, length(v)), NULL)
  } else {
    matrix(v[p], n)
  }
}

# The position of the first extreme, guarded; there is none where all are NaN.
traced_which_extreme <- function(x, maximum) {
  which(guarded_value(
    traced_along(if (maximum) "max_at" else "min_at", x, names(x))
  ) != 0)
}

#' Logarithm of a sum of exponentials
#'
#' `log(sum(exp(x)))` without overflow: the largest element is taken out first.
#' Works on ordinary numbers and inside a function that admle records, where
#' its derivative is the vector of weights `exp(x) / sum(exp(x))`.
#'
#' @param x A numeric vector or matrix.
#' @param by Of a matrix: `"all"`, one number for all elements; `"row"` or
#'   `"column"`, one for each row or column, as for the components of a mixture.
#'   If it is left out for a matrix of several rows and columns it is `"all"`,
#'   which a warning says.
#' @return A number, or a vector for the rows or columns; `-Inf` for an empty
#'   `x` or one of `-Inf` only.
#' @examples
#' log_sum_exp(c(1000, 1001))
#' log_sum_exp(log(c(0.2, 0.3)))
#' log_sum_exp(cbind(c(0, 1000), c(0, 1001)), by = "row")
#' @export
log_sum_exp <- function(x, by = c("all", "row", "column")) {
  if (missing(by) && length(dim(x)) == 2L && all(dim(x) > 1L)) {
    admle_warn("argument", sprintf(paste(
      "log_sum_exp() of a %d x %d matrix is one number. `by = \"row\"` gives",
      "one for each row; `by = \"all\"` says that one is meant."
    ), nrow(x), ncol(x)))
  }
  by <- match_choice(by, c("all", "row", "column"), "by")
  if (by != "all" && length(dim(x)) == 2L) {
    return(row_log_sum_exp(if (by == "row") x else t(x)))
  }
  if (length(x) == 0L) {
    return(-Inf)
  }
  if (!is_traced(x)) {
    m <- max(x)
    if (!is.finite(m)) {
      return(m)
    }
    return(m + log(sum(exp(x - m))))
  }
  m <- traced_reduce("max", x)
  finite <- traced_binary("lt", abs(m), Inf, kind_whole)
  shift <- traced_select(finite, m, 0)
  shift + log(sum(exp(flat(x) - shift)))
}

# Missing and infinite values: plain answers, guarded through a comparison that
# is NaN for a missing value, 0 for an infinite and 1 for a finite one.
finiteness <- function(x) {
  guarded_value(traced_binary("lt", abs(x), Inf, kind_whole))
}
setMethod("is.na", "traced", function(x) is.na(finiteness(x)))
setMethod("is.nan", "traced", function(x) is.nan(finiteness(x)))
setMethod("is.finite", "traced", function(x) finiteness(x) %in% 1)
setMethod("is.infinite", "traced", function(x) finiteness(x) %in% 0)
setMethod(
  "anyNA", "traced", function(x, recursive = FALSE) anyNA(finiteness(x))
)
