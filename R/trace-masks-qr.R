# qr() of values that depend on parameters: Householder's reflections in the
# order and with the signs of LINPACK's dqrdc2, written in plain R and recorded
# as that. Columns are not pivoted, which dqrdc2 does where they are collinear.
# qr.coef() and its like, and lm.fit(), apply the reflections, be they of data
# or of parameters.
#' @include trace-masks-matrix.R
NULL

householder <- function(x) {
  rows <- nrow(x)
  columns <- ncol(x)
  qraux <- numeric(columns)
  for (k in seq_len(min(rows, columns))) {
    v <- x[k:rows, k]
    size <- sqrt(sum(v^2))
    if (!(size > 1e-7 * sqrt(sum(x[, k]^2)))) {
      stop("the columns are collinear: without pivoting there is no qr()")
    }
    if (k == rows) {
      qraux[k:columns] <- abs(x[k, k:columns])
      break
    }
    if (v[1] < 0) size <- -size
    v <- v / size
    v[1] <- 1 + v[1]
    qraux[k] <- v[1]
    x[k:rows, k] <- c(-size, v[-1])
    for (j in seq_len(columns - k) + k) {
      part <- x[k:rows, j]
      x[k:rows, j] <- part - v * (sum(v * part) / v[1])
    }
  }
  structure(list(qr = x, rank = min(rows, columns), qraux = qraux,
                 pivot = seq_len(columns)), class = "qr")
}

define_masks("base", qr = function(x, ...) {
  if (!is_traced(x)) return(base::qr(x, ...))
  check_plain(...)
  call_named(mask_closure(householder), list(x))
})

# t(Q) %*% y, or Q %*% y, for a matrix y (dqrqy, dqrqty).
reflected <- function(qr, y, transposed) {
  n <- nrow(qr$qr)
  steps <- seq_len(min(qr$rank, n - 1L))
  for (k in if (transposed) steps else rev(steps)) {
    if (qr$qraux[k] == 0) next
    v <- c(qr$qraux[k], qr$qr[-seq_len(k), k])
    part <- y[k:n, , drop = FALSE]
    y[k:n, ] <- part - v %*% (crossprod(v, part) / v[1L])
  }
  y
}

define_rewritten("admle", "reflected")

# Each is R's function of the same name, for a matrix y.
qr_functions <- list(
  qr.qty = function(qr, y) reflected(qr, y, TRUE),
  qr.qy = function(qr, y) reflected(qr, y, FALSE),
  qr.coef = function(qr, y) {
    used <- seq_len(qr$rank)
    found <- backsolve(
      qr$qr[used, used, drop = FALSE],
      reflected(qr, y, TRUE)[used, , drop = FALSE]
    )
    out <- matrix(NA_real_, ncol(qr$qr), ncol(y))
    out[qr$pivot[used], ] <- found
    names <- colnames(qr$qr)
    if (!is.null(names)) names <- names[order(qr$pivot)]
    dimnames(out) <- list(names, colnames(y))
    out
  },
  qr.fitted = function(qr, y, k = qr$rank) {
    inside <- seq_len(nrow(qr$qr)) <= k
    reflected(qr, reflected(qr, y, TRUE) * inside, FALSE)
  },
  qr.resid = function(qr, y) {
    outside <- seq_len(nrow(qr$qr)) > qr$rank
    reflected(qr, reflected(qr, y, TRUE) * outside, FALSE)
  }
)

of_decomposition <- function(name, code) {
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(qr, y, ...) {
    if (!contains_traced(list(qr, y, ...))) {
      return(.(original)(qr, y, ...))
    }
    check_linpack(qr)
    vector <- is.null(dim(y))
    columns <- if (vector) as_matrix(y) else y
    if (nrow(columns) != nrow(qr$qr)) {
      stop("'qr' and 'y' must have the same number of rows", call. = FALSE)
    }
    out <- call_named(mask_closure(.(code)), list(qr, columns, ...))
    if (!vector) {
      return(out)
    }
    labels <- if (.(name == "qr.coef")) rownames(out) else names(y)
    out <- flat(out)
    if (!is.null(labels)) names(out) <- labels
    out
  }))
}

as_matrix <- function(y) {
  if (is_traced(y)) {
    traced_as(y, c(length(y), 1L), NULL, kind_number)
  } else {
    matrix(y)
  }
}

check_linpack <- function(qr) {
  if (isTRUE(attr(qr, "useLAPACK"))) {
    unsupported("what qr(LAPACK = TRUE) has found is applied to parameters",
      "Use qr() without `LAPACK`.")
  }
}

do.call(define_masks, c(list("base"), Map(
  of_decomposition, names(qr_functions), qr_functions
)))

define_masks("base",
  qr.Q = function(qr, complete = FALSE,
                  Dvec = rep.int(1, if (complete) nrow(qr$qr)
                                    else min(dim(qr$qr)))) {
    if (!contains_traced(list(qr))) {
      return(base::qr.Q(qr, complete, Dvec))
    }
    columns <- diag(Dvec, nrow(qr$qr), length(Dvec))
    call_named(mask_closure(qr_functions$qr.qy), list(qr, columns))
  },
  qr.solve = function(a, b, tol = 1e-7) {
    if (!contains_traced(list(a)) && (missing(b) || !is_traced(b))) {
      return(if (missing(b)) base::qr.solve(a, tol = tol)
             else base::qr.solve(a, b, tol))
    }
    if (!inherits(a, "qr")) a <- mask_table[["base::qr"]](a)
    if (a$rank < min(dim(a$qr))) {
      stop("singular matrix 'a' in solve", call. = FALSE)
    }
    if (missing(b)) b <- diag(nrow(a$qr))
    mask_table[["base::qr.coef"]](a, b)
  }
)

# Least squares: what stats::lm.fit() finds, of parameters.
solved_by_qr <- function(x, y) {
  z <- qr(x)
  residuals <- qr.resid(z, y)
  list(
    coefficients = qr.coef(z, y), residuals = residuals,
    effects = qr.qty(z, y), rank = z$rank, fitted.values = y - residuals,
    assign = attr(x, "assign"), qr = z, df.residual = NROW(y) - z$rank
  )
}

# lm.fit() names the columns x1, x2, ... where they have no names, and the
# effects that belong to them.
with_labels <- function(out, x) {
  labels <- colnames(x)
  if (is.null(labels)) labels <- paste0("x", seq_len(ncol(x)))
  if (!is.null(dim(out$coefficients))) {
    rownames(out$coefficients) <- labels
    return(out)
  }
  names(out$coefficients) <- labels
  used <- seq_len(out$rank)
  names(out$effects) <- c(
    labels[out$qr$pivot[used]], rep("", length(out$effects) - out$rank)
  )
  out
}

unlabelled <- function(x) if (is.null(dim(x))) flat(x) else x

define_masks("stats",
  lm.fit = function(x, y, offset = NULL, method = "qr", tol = 1e-7,
                    singular.ok = TRUE, ...) {
    if (!contains_traced(list(x, y, offset))) {
      return(stats::lm.fit(x, y, offset, method, tol, singular.ok, ...))
    }
    if (!is.null(offset)) y <- y - offset
    out <- with_labels(call_named(mask_closure(solved_by_qr), list(x, y)), x)
    if (!is.null(offset)) out$fitted.values <- out$fitted.values + offset
    out
  },
  lm.wfit = function(x, y, w, offset = NULL, method = "qr", tol = 1e-7,
                     singular.ok = TRUE, ...) {
    if (!contains_traced(list(x, y, w, offset))) {
      return(stats::lm.wfit(x, y, w, offset, method, tol, singular.ok, ...))
    }
    if (!is.null(offset)) y <- y - offset
    # As in R rows of no weight take no part, but have fitted values.
    used <- guarded_value(w != 0)
    every <- all(used)
    rows <- function(v) {
      if (every) v else if (length(dim(v)) == 2L) v[used, , drop = FALSE] else
        v[used]
    }
    root <- sqrt(rows(w))
    out <- call_named(mask_closure(solved_by_qr),
                      list(rows(x) * root, rows(y) * root))
    out <- with_labels(out, x)
    out[c("residuals", "fitted.values")] <- if (every) {
      list(out$residuals / root, y - out$residuals / root)
    } else {
      fitted <- x %*% out$coefficients
      if (is.null(dim(y))) fitted <- flat(fitted)
      list(y - fitted, fitted)
    }
    if (!is.null(offset)) out$fitted.values <- out$fitted.values + offset
    c(out, list(weights = w))
  },
  .lm.fit = function(x, y, tol = 1e-7) {
    if (!is_traced(x) && !is_traced(y)) {
      return(stats::.lm.fit(x, y, tol))
    }
    out <- call_named(mask_closure(solved_by_qr), list(x, y))
    z <- out$qr
    list(
      qr = z$qr, coefficients = unlabelled(out$coefficients),
      residuals = out$residuals,
      effects = out$effects, rank = z$rank, pivot = z$pivot, qraux = z$qraux,
      tol = tol, pivoted = is.unsorted(z$pivot)
    )
  }
)
