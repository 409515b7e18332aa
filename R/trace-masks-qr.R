# qr() of values that depend on parameters: Householder's reflections in the
# order and with the signs of LINPACK's dqrdc2, written in plain R and recorded
# as that. Columns are not pivoted, which dqrdc2 does where they are collinear.
# What qr() has found is handed to compiled code by qr.coef() and the like.
#' @include trace-masks.R
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

of_decomposition <- function(name) {
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(...) {
    if (contains_traced(list(...))) {
      unsupported("it has no recorded form", "Use chol() or solve().")
    }
    call <- sys.call()
    call[[1L]] <- quote(.(original))
    eval(call, parent.frame())
  }))
}

define_masks("base",
  qr.coef = of_decomposition("qr.coef"),
  qr.fitted = of_decomposition("qr.fitted"),
  qr.resid = of_decomposition("qr.resid"), qr.qy = of_decomposition("qr.qy"),
  qr.qty = of_decomposition("qr.qty"), qr.Q = of_decomposition("qr.Q"),
  qr.solve = of_decomposition("qr.solve")
)
