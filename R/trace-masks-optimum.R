# Masks of R's optimisers. The optimum is the root of the gradient in what is
# free of bounds; what is on a bound stays there as long as the function would
# fall beyond it.
#' @include trace-body.R
#' @include trace-masks-stats.R
NULL

define_masks("stats",
  optimize = function(
    f, interval, ..., lower = min(interval), upper = max(interval),
    maximum = FALSE, tol = .Machine$double.eps^0.25
  ) {
    f <- own_function(f, parent.frame())
    list(...)
    check_plain(tol = tol, maximum = maximum)
    ends <- unlist(trace_value(list(lower, upper)))
    # The ends themselves are not asked.
    inner <- searched_function(function(x) f(x, ...), mean(ends),
                               list(lower, upper))
    out <- stats::optimize(inner$at, lower = ends[[1L]], upper = ends[[2L]],
                           maximum = maximum, tol = tol)
    if (!inner$used()) {
      return(out)
    }
    found <- inner_optimum(inner, out[[1L]], lower, upper, maximum,
                           brent_slack(tol))
    out[[1L]] <- found$x
    out$objective <- found$value
    out
  },
  optim = function(
    par, fn, gr = NULL, ...,
    method = c("Nelder-Mead", "BFGS", "CG", "L-BFGS-B", "SANN", "Brent"),
    lower = -Inf, upper = Inf, control = list(), hessian = FALSE
  ) {
    fn <- own_function(fn, parent.frame())
    if (!is.null(gr)) gr <- own_function(gr, parent.frame())
    list(...)
    start <- trace_value(par)
    inner <- searched_function(named_like(start, function(x) fn(x, ...)),
                               start, list(lower, upper))
    slope <- if (!is.null(gr)) {
      searched_function(named_like(start, function(x) gr(x, ...)), start)$at
    }
    bounds <- if (is_traced(lower) || any(trace_value(lower) > -Inf) ||
                    is_traced(upper) || any(trace_value(upper) < Inf)) {
      list(lower = lower, upper = upper)
    }
    out <- do.call(stats::optim, c(
      list(start, inner$at, slope),
      if (!missing(method)) list(method = method),
      lapply(bounds, trace_value), list(control = control, hessian = hessian)
    ))
    if (!inner$used()) {
      return(out)
    }
    maximum <- !is.null(control$fnscale) && control$fnscale < 0
    brent <- identical(method, "Brent")
    found <- inner_optimum(
      inner, out$par, bounds$lower, bounds$upper, maximum,
      if (brent) brent_slack(control$reltol) else no_slack, names(par)
    )
    out$par <- found$x
    out$value <- found$value
    if (hessian) out$hessian <- inner_hessian(inner, found$x, out$hessian)
    out
  },
  nlm = function(
    f, p, ..., hessian = FALSE, typsize = rep(1, length(p)), fscale = 1,
    print.level = 0, ndigit = 12, gradtol = 1e-6,
    stepmax = max(1000 * sqrt(sum((p / typsize)^2)), 1000), steptol = 1e-6,
    iterlim = 100, check.analyticals = TRUE
  ) {
    f <- own_function(f, parent.frame())
    list(...)
    p <- trace_value(p)
    inner <- searched_function(named_like(p, function(x) f(x, ...)), p)
    out <- stats::nlm(
      inner$at, p, hessian = hessian, typsize = typsize, fscale = fscale,
      print.level = print.level, ndigit = ndigit, gradtol = gradtol,
      stepmax = stepmax, steptol = steptol, iterlim = iterlim,
      check.analyticals = check.analyticals
    )
    if (!inner$used()) {
      return(out)
    }
    found <- inner_optimum(inner, out$estimate, NULL, NULL, FALSE)
    out$estimate <- found$x
    out$minimum <- found$value
    if (hessian) out$hessian <- inner_hessian(inner, found$x, out$hessian)
    out
  },
  nlminb = function(
    start, objective, gradient = NULL, hessian = NULL, ..., scale = 1,
    control = list(), lower = -Inf, upper = Inf
  ) {
    objective <- own_function(objective, parent.frame())
    list(...)
    labels <- names(start)
    start <- trace_value(start)
    plain <- function(f) {
      if (!is.null(f)) {
        f <- own_function(f, parent.frame(2L))
        searched_function(named_like(start, function(x) f(x, ...)), start)$at
      }
    }
    inner <- searched_function(
      named_like(start, function(x) objective(x, ...)), start,
      list(lower, upper)
    )
    slope <- plain(gradient)
    curvature <- plain(hessian)
    out <- stats::nlminb(
      start, inner$at, slope, if (!is.null(curvature)) function(x) {
        matrix(curvature(x), length(x))
      }, scale = scale, control = control, lower = trace_value(lower),
      upper = trace_value(upper)
    )
    if (!inner$used()) {
      return(out)
    }
    found <- inner_optimum(inner, out$par, lower, upper, FALSE, names = labels)
    out$par <- found$x
    out$objective <- found$value
    out
  }
)
define_masks("stats", optimise = mask_table[["stats::optimize"]])

# R's optimisers give their argument the names of the start.
named_like <- function(start, f) {
  labels <- names(start)
  function(x) {
    if (is_traced(x)) x <- traced_as(x, NULL, labels, kind_number)
    f(x)
  }
}

# How far from a bound R's routine leaves what belongs on it: nowhere; or, by
# Brent's method, by a few times its tolerance.
no_slack <- function(bound) 0
brent_slack <- function(tol) {
  rounding <- sqrt(.Machine$double.eps)
  if (is.null(tol)) tol <- rounding
  function(bound) 10 * (tol + rounding * abs(bound))
}

# The optimum near what R's routine found: list(x, value).
inner_optimum <- function(inner, start, lower, upper, maximum,
                          slack = no_slack, names = NULL) {
  n <- length(start)
  bounds <- list(lower = full_bound(lower, n), upper = full_bound(upper, n))
  side <- active_bounds(inner, start, bounds, maximum, slack)
  fixed <- side != ""
  ends <- lapply(which(fixed), function(k) {
    end <- trace_alias(bounds[[side[[k]]]][[k]])
    stand_in_for(end, start[[k]])
    end
  })
  whole <- function(z) {
    parts <- vector("list", n)
    parts[fixed] <- ends
    if (!all(fixed)) parts[!fixed] <- elements(z)
    traced_concat(parts, NULL, NULL)
  }
  if (all(fixed)) {
    x <- whole(NULL)
    value <- traced_from_id(body_at(inner$body(trace_value(x))$body, x, TRUE))
  } else {
    free <- if (any(fixed)) inner_function(function(z) inner$f(whole(z)))
            else inner
    target <- if (maximum) "maximum" else "minimum"
    root <- inner_root(free, target, start[!fixed])
    if (is.null(root) || !is_interior(root$found, bounds, !fixed)) {
      no_result(
        sprintf("there is no strict %s with finite derivatives", target),
        "Choose the start or the interval so that the function is smooth there."
      )
    }
    stand_in_for(root$x, start[!fixed])
    x <- if (any(fixed)) whole(root$x) else root$x
    guard_inside(root$x, bounds, !fixed)
    body_at(root$body, root$x, TRUE)
    value <- traced_from_id(engine(body_envelope(root$body, root$x)))
  }
  if (any(fixed)) guard_active(inner, x, side, maximum)
  if (!is.null(names)) x <- traced_as(x, NULL, names, kind_number)
  list(x = x, value = value)
}

full_bound <- function(bound, n) {
  if (is.null(bound) || length(bound) == n) {
    return(bound)
  }
  bound <- if (is_traced(bound)) elements(bound) else as.list(bound)
  traced_concat(rep_len(bound, n), NULL, NULL)
}

# By element "lower" or "upper" where the function would be better beyond that
# bound, else "".
active_bounds <- function(inner, start, bounds, maximum, slack) {
  side <- rep("", length(start))
  numbers <- lapply(bounds, trace_value)
  near <- list(lower = start <= numbers$lower + slack(numbers$lower),
               upper = start >= numbers$upper - slack(numbers$upper))
  for (end in names(near)) {
    at <- which(near[[end]])
    side[at] <- end
    start[at] <- numbers[[end]][at]
  }
  if (any(side != "")) {
    slope <- trace_value(inner_slope(inner, start)) * (if (maximum) -1 else 1)
    side[side == "lower" & !(slope > 0) | side == "upper" & !(slope < 0)] <- ""
  }
  side
}

# The gradient at x, plain or traced.
inner_slope <- function(inner, x, kind = "gradient") {
  body <- inner$body(trace_value(x))$body
  at <- trace_alias(x)
  value <- body_at(body, at, FALSE)
  dim <- if (kind == "hessian") rep(length(x), 2L)
  traced_from_id(engine(derive_node(NULL, kind, value, traced_id(at), NULL)),
                 dim = dim)
}

inner_hessian <- function(inner, x, numbers) {
  out <- inner_slope(inner, flat(x), "hessian")
  stand_in_for(out, as.vector(numbers))
  dimnames(out) <- dimnames(numbers)
  out
}

is_interior <- function(x, bounds, free) {
  all(x > trace_value(bounds$lower)[free]) &&
    all(x < trace_value(bounds$upper)[free])
}

# What is free stays between its bounds, and what is on a bound would rather be
# beyond it.
guard_inside <- function(x, bounds, free) {
  for (end in names(bounds)) {
    bound <- bounds[[end]]
    if (is.null(bound)) next
    for (k in which(is.finite(trace_value(bound)) & free)) {
      guarded_value(traced_binary(if (end == "lower") "gt" else "lt",
                                  x[[match(k, which(free))]], bound[[k]],
                                  kind_whole))
    }
  }
}

guard_active <- function(inner, x, side, maximum) {
  slope <- inner_slope(inner, x)
  for (k in which(side != "")) {
    rises <- (side[[k]] == "lower") != maximum
    guarded_value(traced_binary(if (rises) "gt" else "lt", slope[[k]], 0,
                                kind_whole))
  }
}
