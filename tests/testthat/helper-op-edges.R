# The edges of what each operation takes (infinities, zero, the ends of a
# range, far out), and what its derivatives are there: from R's own values by
# differences, one-sided and extrapolated at the end of a range, or over
# distances that grow without bound at an infinity.

domain_edges <- list(
  real = c(-Inf, -800, 0, 800, Inf), nonzero = c(-Inf, -800, 800, Inf),
  positive = c(0, 800, Inf), unit = c(0, 1), correlation = c(-1, 1),
  nonpositive = c(-Inf, -800), above1 = c(1, 800, Inf), count = c(0, 800),
  size = numeric(), fixed = numeric()
)
# The direction that leads into the domain at its ends.
inwards <- function(domain, edge) {
  ends <- list(positive = c("0" = 1), unit = c("0" = 1, "1" = -1),
    correlation = c("-1" = 1, "1" = -1), above1 = c("1" = 1))
  side <- ends[[domain]][as.character(edge)]
  if (length(side) == 1L && !is.na(side)) unname(side) else 0
}

# One point for each edge of each argument, the other arguments at a point of
# the middle: a list of vectors, and which argument is at which edge.
edge_points <- function(row) {
  middle <- lapply(op_point(row), `[`, 2L)
  domains <- op_domain(row)
  edges <- domain_edges[domains]
  at <- rep(seq_along(edges), lengths(edges))
  value <- unlist(edges, use.names = FALSE)
  # Infinite parameters of a distribution are refused, but for these.
  followed <- row$kind != "formula" | at == 1L | is.finite(value) |
    grepl("^(pt|pnbinom_mu)($|_)", row$name)
  at <- at[followed]
  value <- value[followed]
  points <- lapply(middle, rep, times = length(at))
  for (i in seq_along(at)) points[[at[[i]]]][[i]] <- value[[i]]
  list(points = points, argument = at, edge = value, domain = domains[at])
}

# Derivatives of the elements in argument k, of order 1 and 2. What cannot be
# recorded at a point, such as a limiting distribution, is NaN there.
edge_derivatives <- function(f, points, k, orders) {
  along <- function(v) {
    points[[k]] <- v
    sum(do.call(f, unname(points)))
  }
  slope <- grad(along)
  all <- list(slope, grad(function(v) sum(slope(v))))[orders]
  at <- points[[k]]
  out <- try(lapply(all, function(g) as.numeric(g(at))), silent = TRUE)
  if (!inherits(out, "try-error")) {
    return(out)
  }
  if (length(at) == 1L) {
    return(lapply(orders, function(order) NaN))
  }
  single <- lapply(seq_along(at), function(i) {
    edge_derivatives(f, lapply(points, `[`, i), k, orders)
  })
  lapply(orders, function(order) vapply(single, `[[`, 0, order))
}

# What the derivative of `f`, a function of one number, is at `x`: NA where f
# has no finite value, Inf where differences grow without bound. `side` is 0
# inside of the domain.
limiting_derivative <- function(f, x, side) {
  if (!is.finite(f(x))) {
    return(NA)
  }
  if (is.infinite(x)) {
    far <- sign(x) * c(1e6, 1e8, 1e10)
    return(sequence_limit((f(2 * far) - f(far)) / far))
  }
  if (side == 0) {
    j <- 1:4
    w <- -(-1)^j * factorial(4)^2 / (j * factorial(4 - j) * factorial(4 + j))
    h <- 1e-3 * j
    return(sum(w * (f(x + h) - f(x - h))) / 1e-3)
  }
  h <- side * 1e-3 / 4^(0:3)
  sequence_limit((f(x + h) - f(x)) / h)
}

# The limit of the last three by Aitken's rule; what does not contract has none.
sequence_limit <- function(d) {
  if (anyNA(d)) {
    return(NA)
  }
  d <- utils::tail(d, 3L)
  step <- diff(d)
  if (any(!is.finite(step))) {
    return(Inf)
  }
  if (abs(step[[2L]]) <= 1e-9 * (abs(d[[3L]]) + 1e-3)) {
    return(d[[3L]])
  }
  ratio <- step[[2L]] / step[[1L]]
  if (abs(ratio) > 0.98) {
    return(Inf)
  }
  d[[3L]] + step[[2L]] * ratio / (1 - ratio)
}

# A row for each derivative at an edge: what it is, what it should be, and
# whether the two agree.
edge_table <- function(name) {
  row <- op_table()
  row <- row[row$name == name, ]
  f <- op_function(name)
  edges <- edge_points(row)
  active <- which(!op_domain(row) %in% without_derivative)
  if (length(edges$edge) == 0L) active <- integer()
  limit <- op_limit(name)
  if (!is.null(limit) && limit$order == 0) {
    active <- active[!names(edges$points)[active] %in% limit$shapes]
  }
  do.call(rbind, lapply(active, function(k) {
    in_shape <- names(edges$points)[[k]] %in% limit$shapes
    orders <- if (in_shape && limit$order < 2) 1L else 1:2
    got <- suppressWarnings(edge_derivatives(f, edges$points, k, orders))
    wanted <- suppressWarnings(wanted_at_edges(f, edges, k))[orders]
    data.frame(
      name = name, derivative = names(edges$points)[[k]],
      order = rep(orders, each = length(edges$edge)),
      at = paste(names(edges$points)[edges$argument], "=", edges$edge),
      got = unlist(got), wanted = unlist(wanted)
    )
  }))
}

# The second derivative is the difference of the first, where that is right.
wanted_at_edges <- function(f, edges, k) {
  one <- function(i) {
    here <- lapply(edges$points, `[[`, i)
    side <- if (edges$argument[[i]] == k) {
      inwards(edges$domain[[i]], edges$edge[[i]])
    } else {
      0
    }
    value <- function(v) {
      here[[k]] <- v
      do.call(f, unname(here))
    }
    slope <- function(v) {
      vapply(v, function(u) {
        tryCatch(as.numeric(grad(value)(u)), error = function(e) NA_real_)
      }, 0)
    }
    values <- function(v) vapply(v, function(u) as.numeric(value(u)), 0)
    first <- limiting_derivative(values, here[[k]], side)
    far <- is.infinite(here[[k]]) || !is.finite(first)
    second <- if (far) NA else limiting_derivative(slope, here[[k]], side)
    c(first, second)
  }
  all <- vapply(seq_along(edges$edge), one, c(0, 0))
  list(all[1L, ], all[2L, ])
}

edge_agrees <- function(got, wanted) {
  near <- abs(got - wanted) <= 1e-6 * pmax(abs(wanted), 1)
  ifelse(is.finite(wanted), is.finite(got) & near, !is.finite(got))
}

# Where the derivative is not the limit, with the reason.
edge_exclusions <- list(
  "jumps and kinks: the derivative of a piece" = function(table) {
    table$name %in% c("mod", "int_div", "abs", "sign", "floor", "ceiling",
      "trunc", "round_signif")
  },
  "an infinite quotient of infinities: NaN, not a number" = function(table) {
    table$name == "atan2" & grepl("Inf$", table$at)
  },
  "differences are rough where a function is steep" = function(table) {
    grepl("= -?800$", table$at) &
      table$name %in% c("pow", "mills", "log_cdf_binormal", "qlnorm_upper",
                        "qlnorm_upper_log")
  },
  "the square of a quantile beyond 1e154 overflows" = function(table) {
    table$name == "qf_upper_log" & table$at == "p = -800"
  },
  "a shape, size or rate of 0: the distribution sits at a point" =
    function(table) {
      grepl("^(y|z|shape|shape1|shape2|df|size|rate) = 0$", table$at)
    },
  "infinite parameters are refused, or limits of values only" =
    function(table) {
      grepl("= -?Inf$", table$at) & (!grepl("^[pqx] ", table$at) |
        grepl("_(d[ab]+|ddf[23])$", table$name))
    },
  # exp(l) has partial 0 where l is -Inf, and 0 times the infinite score is 0.
  "a parameter at the end of its range, where a density is exactly zero" =
    function(table) {
      at_end <- grepl("^(prob|lambda|mu) = [01]$", table$at) |
        (grepl("_continuous", table$name) & grepl("^[yz] = [01]$", table$at))
      at_end & (grepl("^d", table$name) | table$order == 2)
    },
  "the end of the support: the derivative of the side outside" =
    function(table) {
      grepl("^(q|x|p) = [01]$", table$at) &
        grepl("^(d|q|plnorm|pbeta|pf)", table$name)
    },
  "second derivatives in shapes, where only a product with 0 is used" =
    function(table) grepl("_d([ab]+|df[23])$", table$name)
)
edge_excluded <- function(table) {
  Reduce(`|`, lapply(edge_exclusions, function(rule) rule(table)),
    rep(FALSE, nrow(table)))
}
