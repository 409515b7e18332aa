# Checks of derivatives against something that knows nothing of automatic
# differentiation. Every derivative is projected on directions, so that one
# number (one for each element where the function works element by element)
# stands for the whole tensor, and is compared with
#   * a difference of the derivative of the next lower order, central with six
#     points on each side (error of order h^12), or
#   * where base R evaluates the function on complex numbers (`analytic`), the
#     coefficients of its Taylor series by Cauchy's integral around the point
#     (Lyness and Moler 1967, SIAM J. Numer. Anal. 4, 202-210): no derivative of
#     ours is in them at any order.
# The recursion goes through the sequences of jvp and vjp, and a failure names
# it: "jvp of vjp of dnorm, argument sd".

# The tolerances of these tests, all relative.
derivative_tolerance <- list(
  # Values: the same formula in another order of operations.
  value = 1e-14,
  # In the far tails (values like 1e-65) parameters rounded in a transformation,
  # such as size / (size + mu), cost two digits.
  edge = 1e-12,
  # Differences: a lower derivative with an error of 1e-14 over a step of 0.02.
  difference = 1e-11,
  # Cauchy: k! / r^k times rounding, for k up to 3 and r = 0.15.
  contour = 1e-11,
  # Facts: first derivatives typed in with 16 digits; second derivatives.
  first = 1e-12,
  second = 1e-10
)

# `f` is differentiated in the arguments `wrt` at the point `at`, a named list.
# `elementwise`: f works element by element on arguments of equal lengths.
# `scale`: list of steps, the distance from the edge of the domain; by default
# the size of each number.
expect_derivatives <- function(f, at, order = 3, wrt = names(at),
                               elementwise = FALSE, analytic = FALSE,
                               scale = NULL,
                               tolerance = derivative_tolerance$difference,
                               label = deparse1(substitute(f))) {
  problem <- derivative_problem(f, at, wrt, elementwise, scale)
  problem$analytic <- analytic
  problem$tolerance <- if (analytic) derivative_tolerance$contour else tolerance
  problem$order <- order
  failure <- derivative_failure(problem)
  if (!is.null(failure)) {
    alone <- vapply(wrt, function(name) {
      problem$directions <- lapply(problem$directions, function(v) {
        v[setdiff(wrt, name)] <- lapply(v[setdiff(wrt, name)], `*`, 0)
        v
      })
      !is.null(derivative_failure(problem))
    }, NA)
    guilty <- if (any(alone)) wrt[alone] else wrt
    testthat::fail(sprintf(
      "%s of %s, argument %s: %s", failure$path, label,
      paste(guilty, collapse = ", "), failure$detail
    ))
  } else {
    testthat::succeed()
  }
  invisible(is.null(failure))
}

derivative_problem <- function(f, at, wrt, elementwise, scale) {
  active <- lapply(at[wrt], function(x) {
    storage.mode(x) <- "double"
    x
  })
  fixed <- at[setdiff(names(at), wrt)]
  if (is.null(scale)) {
    scale <- lapply(active, function(x) ifelse(abs(x) < 0.1, 0.1, abs(x)))
  }
  list(
    f = function(p) do.call(f, c(p, fixed)),
    active = active, elementwise = elementwise,
    ratio = max(mapply(function(x, s) max(abs(x) / s, 1), active, scale[wrt])),
    directions = lapply(1:3, function(k) {
      Map(function(x, s, j) spread(x, 10 * k + j) * s, active, scale[wrt],
        seq_along(active))
    })
  )
}

# Numbers between 0.4 and 1 of both signs, in the shape of x; no random seed is
# touched.
spread <- function(x, k) {
  i <- seq_along(x) + 7 * k
  x[] <- (0.4 + 0.6 * (i * 0.6180339887498949) %% 1) *
    ifelse((i * 0.4142135623730950) %% 1 < 0.5, -1, 1)
  unname(x)
}

# NULL, or the first sequence of operators that fails and by how much.
derivative_failure <- function(problem) {
  taylor <- if (problem$analytic) contour_derivatives(problem)
  descend <- function(lower, path, weigh, bound, size) {
    k <- length(path) + 1L
    wanted <- if (is.null(taylor)) {
      difference_along(lower, problem, problem$directions[[k]], size)
    } else {
      list(value = weigh(taylor$value[[k]]), noise = bound(taylor$noise[[k]]))
    }
    v <- problem$directions[[if (is.null(taylor)) k else 1L]]
    u <- spread(as.numeric(wanted$value), k)
    steps <- list(
      jvp = list(f = forward_step(lower, v), weigh = identity,
        bound = identity),
      vjp = list(f = reverse_step(lower, u, v, problem$elementwise),
        weigh = function(d) if (problem$elementwise) u * d else sum(u * d),
        bound = function(d) {
          if (problem$elementwise) abs(u) * d else sum(abs(u) * d)
        })
    )
    for (operator in operators_after(path)) {
      step <- steps[[operator]]
      noise <- step$bound(wanted$noise)
      detail <- disagreement(as.numeric(step$f(problem$active)),
        step$weigh(as.numeric(wanted$value)), noise, problem$tolerance)
      path_here <- c(operator, path)
      if (!is.null(detail)) {
        return(list(path = paste(path_here, collapse = " of "),
          detail = detail))
      }
      if (k < problem$order) {
        failure <- descend(step$f, path_here,
          weigh = function(d) step$weigh(weigh(d)),
          bound = function(d) step$bound(bound(d)),
          size = if (!is.null(wanted$size)) step$bound(wanted$size))
        if (!is.null(failure)) {
          return(failure)
        }
      }
    }
    NULL
  }
  descend(problem$f, character(), identity, identity, 0)
}

# Every sequence of two operators, and five of the eight of three.
operators_after <- function(path) {
  switch(paste(path, collapse = " "),
    "jvp vjp" = "vjp", "vjp jvp" = "jvp", "vjp vjp" = "vjp", c("jvp", "vjp")
  )
}

forward_step <- function(f, v) {
  function(p) jvp(f)(p, recycled_like(v, p))
}
reverse_step <- function(f, u, v, elementwise) {
  force(u)
  function(p) {
    v <- recycled_like(v, p)
    weights <- if (elementwise) rep(u, length(p[[1]]) / length(u)) else u
    g <- vjp(f)(p, weights)
    total <- 0
    for (k in 1:length(g)) {
      total <- total +
        (if (elementwise) g[[k]] * v[[k]] else sum(g[[k]] * v[[k]]))
    }
    total
  }
}
# Differences of elementwise functions are taken for all points at once: there
# the arguments are several times as long as the directions.
recycled_like <- function(v, p) {
  for (k in 1:length(v)) v[[k]] <- rep(v[[k]], length(p[[k]]) / length(v[[k]]))
  v
}

# d/dt f(at + t v) at t = 0 and the rounding error in it. Directions are in
# units of the distance over which f changes, so the derivatives of all orders
# have rounding errors like those of the largest of them: `size` is that of the
# lower orders.
difference_along <- function(f, problem, v, size) {
  h <- 0.02
  m <- 6L
  j <- seq_len(m)
  # Weights of the central difference of order 2 m (Fornberg 1988).
  w <- -(-1)^j * factorial(m)^2 / (j * factorial(m - j) * factorial(m + j))
  offsets <- c(-rev(j), j) * h
  weights <- c(-rev(w), w) / h
  moved <- function(t) Map(function(x, d) x + t * d, problem$active, v)
  values <- if (problem$elementwise) {
    all <- do.call(Map, c(list(c), lapply(offsets, moved)))
    matrix(as.numeric(f(all)), ncol = length(offsets))
  } else {
    do.call(cbind, lapply(offsets, function(t) as.numeric(f(moved(t)))))
  }
  d <- as.numeric(values %*% weights)
  size <- pmax(apply(abs(values), 1L, max) + abs(d) * problem$ratio, size)
  list(value = d, noise = 8 * .Machine$double.eps * size / h, size = size)
}

# Derivatives of t -> f(at + t v) at 0 of orders 1 to 3.
contour_derivatives <- function(problem) {
  r <- 0.15
  n <- 24L
  turn <- exp(2i * pi * seq(0, n - 1) / n)
  v <- problem$directions[[1L]]
  values <- do.call(cbind, lapply(r * turn, function(t) {
    as.complex(problem$f(Map(function(x, d) x + t * d, problem$active, v)))
  }))
  size <- apply(Mod(values), 1L, max)
  orders <- seq_len(problem$order)
  list(
    value = lapply(orders, function(k) {
      factorial(k) / r^k * Re(as.vector(values %*% turn^-k)) / n
    }),
    noise = lapply(orders, function(k) {
      8 * .Machine$double.eps * factorial(k) / r^k * size * problem$ratio
    })
  )
}

# NULL, or how far `got` is from `wanted`. A check whose rounding error is
# larger than a millionth of the largest number would check nothing, and fails.
disagreement <- function(got, wanted, noise, tolerance) {
  if (length(got) != length(wanted)) {
    return(sprintf("%d numbers instead of %d", length(got), length(wanted)))
  }
  bad <- !(abs(got - wanted) <= tolerance * abs(wanted) + noise) %in% TRUE
  if (any(bad)) {
    k <- which(bad)[[1L]]
    return(sprintf("element %d is %.15g, the difference %.15g (off by %.2g)", k,
      got[[k]], wanted[[k]], (got[[k]] - wanted[[k]]) / abs(wanted[[k]])))
  }
  if (any(wanted != 0) && max(noise) > 1e-6 * max(abs(wanted), abs(got)) &&
        max(abs(wanted)) > 1e-8) {
    return("the difference is too inaccurate to check anything")
  }
  NULL
}
