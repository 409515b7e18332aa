# Interpolation and distances: R's own code is recorded, with these in place of
# the compiled code that it calls. What is interpolated is linear in the values
# and piecewise polynomial in the point; the piece is guarded.
#' @include trace-masks-compiled.R
NULL

# C_Approx: method 1 is linear, 2 constant.
approx_at <- function(x, y, v, method, yleft, yright, f, na.rm) {
  n <- length(x)
  i <- pmin(pmax(findInterval(v, x), 1), max(n - 1, 1))
  j <- pmin(i + 1, n)
  between <- if (n == 1) {
    y[i]
  } else if (method == 1) {
    y[i] + (y[j] - y[i]) * ((v - x[i]) / (x[j] - x[i]))
  } else {
    ifelse(v == x[j], y[j], ifelse(v == x[i], y[i], y[i] * (1 - f) + y[j] * f))
  }
  below <- rep_len(yleft, length(v))
  above <- rep_len(yright, length(v))
  ifelse(v < x[1], below, ifelse(v > x[n], above, between))
}

# C_SplineEval; method 1 is periodic, 2 natural (linear to the left).
spline_at <- function(v, z) {
  x <- z$x
  first <- x[1]
  if (z$method == 1 && z$n > 1) {
    period <- x[z$n] - first
    v <- first + (v - first) - period * floor((v - first) / period)
  }
  i <- pmax(findInterval(v, x), 1)
  h <- v - x[i]
  cubic <- z$d[i]
  if (z$method == 2) cubic <- ifelse(v < first, 0, cubic)
  z$y[i] + h * (z$b[i] + h * (z$c[i] + h * cubic))
}

# C_SplineCoef: linear in y, so that unit vectors say what it does.
spline_coefficients <- function(method, x, y) {
  if (is_traced(x)) {
    unsupported("the knots of a spline depend on parameters",
      "Only the values at the knots, and the points, may.")
  }
  name <- c("periodic", "natural", "fmm")[method]
  n <- length(x)
  units <- lapply(seq_len(n), function(j) {
    unit <- replace(numeric(n), j, 1)
    if (method == 1) unit[n] <- unit[1L]
    environment(stats::splinefun(x, unit, name))$z
  })
  part <- function(which) {
    map <- vapply(units, function(z) z[[which]], numeric(n))
    flat(mat_product(map, y))
  }
  list(method = method, n = n, x = x, y = y, b = part("b"), c = part("c"),
       d = part("d"))
}

# Knots in order; the values of repeated ones are averaged.
regular_values <- function(x, y, ties) {
  if (is.null(y)) {
    y <- x
    x <- seq_along(y)
  }
  if (length(x) != length(y)) stop("'x' and 'y' lengths differ")
  o <- order(x)
  x <- x[o]
  y <- y[o]
  distinct <- unique(trace_value(x))
  if (length(distinct) < length(x)) {
    if (is_traced(x) || !identical(ties, base::mean)) {
      unsupported("values at repeated knots depend on parameters",
        "Take their mean before, which `ties = mean` does for knots of data.")
    }
    group <- match(x, distinct)
    y <- traced_rowsum(as_matrix(y), group, TRUE)[, 1L] / tabulate(group)
    x <- distinct
  }
  list(x = x, y = flat(y), notNA = rep_len(TRUE, length(x)), keptNA = FALSE)
}

# C_Cdist, in the order of the lower triangle.
pair_distances <- function(x, method, attrs, p) {
  n <- nrow(x)
  i <- unlist(lapply(seq_len(n - 1), function(j) j + seq_len(n - j)))
  j <- rep(seq_len(n - 1), (n - 1):1)
  apart <- abs(x[i, , drop = FALSE] - x[j, , drop = FALSE])
  switch(method,
    sqrt(rowSums(apart^2)), apply(apart, 1, max), rowSums(apart),
    {
      total <- abs(x[i, , drop = FALSE] + x[j, , drop = FALSE])
      rowSums(apart / total)
    },
    stop("binary distances have no derivative"), rowSums(apart^p)^(1 / p)
  )
}

# A traced vector that as.matrix() makes a square of, as of a "dist".
setClass("traced_dist", contains = "traced", slots = c(
  .admle_size = "integer", .admle_labels = "ANY"
))
as.matrix.traced_dist <- function(x, ...) {
  n <- x@.admle_size
  at <- matrix(0L, n, n)
  at[lower.tri(at)] <- seq_len(n * (n - 1L) / 2L)
  labels <- x@.admle_labels
  if (is.null(labels)) labels <- as.character(seq_len(n))
  values <- traced_concat(list(0, flat(x)), NULL, NULL)
  traced_gather(values, 1L + pmax(at, t(at)), c(n, n), list(labels, labels))
}

compiled_functions$Approx <- approx_at
compiled_functions$ApproxTest <- function(...) NULL
compiled_functions$SplineCoef <- spline_coefficients
compiled_functions$SplineEval <- spline_at

define_masks("stats",
  regularize.values = function(x, y, ties, ...) {
    if (is_traced(x) || is_traced(y)) {
      regular_values(x, y, ties)
    } else {
      original <- get("regularize.values", envir = asNamespace("stats"))
      original(x, y, ties, ...)
    }
  },
  dist = function(x, method = "euclidean", diag = FALSE, upper = FALSE, p = 2) {
    if (!is_traced(x)) {
      return(stats::dist(x, method, diag, upper, p))
    }
    check_plain(method = method, p = p)
    methods <- c("euclidean", "maximum", "manhattan", "canberra", "binary",
                 "minkowski")
    chosen <- pmatch(method, methods)
    x <- if (is.null(dim(x))) as_matrix(x) else x
    out <- call_named(mask_closure(pair_distances), list(x, chosen, NULL, p))
    methods::new("traced_dist", flat(out), .admle_size = nrow(x),
                 .admle_labels = rownames(x))
  }
)
define_rewritten("stats",
  "approx", "approxfun", ".approxfun", "spline", "splinefun", ".splinefun"
)
