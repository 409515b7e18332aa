# What no formula gives: quantiles by bisection of the distribution function,
# moments by Gauss-Legendre quadrature between quantiles. Both work on all
# parameter sets at once.
#' @include distribution-density.R
NULL

# The largest whole number, or the number itself, at which P(Y <= q) reaches p.
# The bracket is doubled until it holds the quantile, then halved until nothing
# is left of it.
invert_cumulative <- function(
  cumulative, p, size, discrete = FALSE, lower.tail = TRUE
) {
  n <- if (length(p) == 0L) 0L else max(length(p), size)
  p <- rep_len(p, n)
  out <- rep_len(NaN, n)
  out[is.na(p)] <- NA
  out[p %in% 0] <- if (lower.tail) -Inf else Inf
  out[p %in% 1] <- if (lower.tail) Inf else -Inf
  open <- !is.na(p) & p > 0 & p < 1
  if (!any(open)) {
    return(out)
  }
  reached <- function(q) {
    value <- cumulative(q, lower.tail, FALSE)
    slack <- if (discrete) 64 * .Machine$double.eps * p else 0
    if (lower.tail) value >= p - slack else value <= p + slack
  }
  low <- rep_len(-1, n)
  high <- rep_len(1, n)
  for (step in seq_len(1024L)) {
    below <- open & !(reached(low) %in% FALSE)
    above <- open & !(reached(high) %in% TRUE)
    if (!any(below | above)) break
    low[below] <- 2 * low[below]
    high[above] <- 2 * high[above]
  }
  for (step in seq_len(1200L)) {
    middle <- low + (high - low) / 2
    if (discrete) middle <- floor(middle)
    if (all((middle <= low | middle >= high | !open) %in% c(TRUE, NA))) break
    above <- reached(middle) %in% TRUE
    high[above] <- middle[above]
    low[!above] <- middle[!above]
  }
  high[is.infinite(low) | is.infinite(high)] <- NaN
  out[open] <- high[open]
  out
}

# Nodes and weights on (-1, 1): eigenvalues of the Jacobi matrix (Golub and
# Welsch 1969, Mathematics of Computation 23, 221-230).
gauss_legendre <- function(n) {
  k <- seq_len(n - 1L)
  jacobi <- matrix(0, n, n)
  jacobi[cbind(k, k + 1L)] <- jacobi[cbind(k + 1L, k)] <- k / sqrt(4 * k^2 - 1)
  e <- eigen(jacobi, symmetric = TRUE)
  list(nodes = rev(e$values), weights = rev(2 * e$vectors[1L, ]^2))
}

# Nodes in a tail of probability 1/2, and their weights. The singularity of the
# quantile at 0 limits the accuracy on a panel (a, a sqrt(10)) to 3.6^-24.
tail_nodes <- function() {
  rule <- gauss_legendre(12L)
  edges <- c(10^seq(-20, -0.5, by = 0.5), 0.5)
  half <- diff(edges) / 2
  centre <- edges[-1L] - half
  list(
    p = as.vector(outer(rule$nodes, half) + rep(centre, each = 12L)),
    weights = as.vector(outer(rule$weights, half))
  )
}

# E[g(Y); lower <= Y <= upper] for each parameter set, as an integral over the
# probability. The nodes, quantiles of the numbers at hand, stay where they are:
# only the density depends on recorded parameters, so that the derivative of
# the sum is that of the integral.
expectation <- function(d, g, lower = -Inf, upper = Inf) {
  at <- d$plain()
  lower <- trace_value(lower)
  upper <- trace_value(upper)
  if (d$discrete) {
    return(expectation_discrete(d, at, g, lower, upper))
  }
  parts <- lapply(c(TRUE, FALSE), function(lower.tail) {
    at_limits <- rep_len(
      pmin(at$cumulative(if (lower.tail) upper else lower, lower.tail), 0.5),
      d$size
    )
    rest <- at$cumulative(if (lower.tail) lower else upper, lower.tail)
    expectation_tail(d, at, g, pmin(rest, at_limits), at_limits, lower.tail)
  })
  parts[[1L]] + parts[[2L]]
}

# The part of the integral over probabilities of one tail, from `low` to `high`.
expectation_tail <- function(d, at, g, low, high, lower.tail) {
  rule <- tail_nodes()
  n <- length(rule$p)
  p <- low + outer(2 * (high - low), rule$p)
  x <- at$quantile(as.vector(p), lower.tail)
  weight <- as.vector(outer(2 * (high - low), rule$weights)) /
    exp(at$log_density(x))
  used <- is.finite(x) & is.finite(weight) & weight > 0
  x[!used] <- at$quantile(0.5)[[1L]]
  weight[!used] <- 0
  terms <- weight * g(x) * exp(d$log_density(x))
  # A quantile at infinity: part of the distribution is there.
  unbounded <- rowSums(matrix(is.infinite(x), nrow = d$size, ncol = n)) > 0
  total <- rowSums(matrix(terms, nrow = d$size, ncol = n))
  replaced(total, unbounded, Inf)
}

# Counts up to a tail of 1e-15.
expectation_discrete <- function(d, at, g, lower, upper) {
  first <- pmax(at$quantile(1e-15, TRUE), lower)
  last <- pmin(at$quantile(1e-15, FALSE), upper)
  total <- 0
  for (y in seq(min(first), max(last))) {
    inside <- rep_len(y >= lower & y <= upper, d$size)
    term <- g(y) * exp(d$log_density(rep_len(y, d$size)))
    total <- total + ifelse(inside, term, 0)
  }
  total
}

numeric_moment <- function(d, which) {
  if (which == "mean") {
    return(expectation(d, identity))
  }
  centre <- d$mean()
  expectation(d, function(y) (y - centre)^2)
}

define_rewritten("admle",
  "expectation", "expectation_tail", "expectation_discrete", "numeric_moment"
)
