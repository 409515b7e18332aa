# Masks of R's routines that take a function: integrals and roots.
#' @include trace-body.R
#' @include trace-masks-stats.R
#' @include quadrature-kronrod.R
NULL

define_masks("stats",
  integrate = function(
    f, lower, upper, ..., subdivisions = 100L,
    rel.tol = .Machine$double.eps^0.25, abs.tol = rel.tol,
    stop.on.error = TRUE, keep.xy = FALSE, aux = NULL
  ) {
    f <- own_function(f, parent.frame())
    list(...)
    check_plain(rel.tol = rel.tol, abs.tol = abs.tol)
    integrand <- function(x) f(x, ...)
    ends <- trace_value(list(lower, upper))
    inner <- searched_function(
      integrand, first_points(ends[[1L]], ends[[2L]]), list(lower, upper)
    )
    out <- stats::integrate(
      inner$at, ends[[1L]], ends[[2L]],
      subdivisions = subdivisions, rel.tol = rel.tol, abs.tol = abs.tol,
      stop.on.error = stop.on.error
    )
    if (inner$used()) {
      tolerance <- max(rel.tol * abs(out$value), abs.tol)
      value <- traced_integral(integrand, inner, lower, upper, tolerance)
      if (is_traced(value)) stand_in_for(value, out$value)
      out$value <- value
    }
    out$call <- sys.call()
    out
  },
  uniroot = function(
    f, interval, ..., lower = min(interval), upper = max(interval),
    f.lower = NULL, f.upper = NULL, extendInt = c("no", "yes", "downX", "upX"),
    check.conv = FALSE, tol = .Machine$double.eps^0.25, maxiter = 1000,
    trace = 0
  ) {
    f <- own_function(f, parent.frame())
    list(...)
    extendInt <- match.arg(extendInt)
    check_plain(tol = tol)
    own <- function(x) f(x, ...)
    ends <- trace_value(list(lower, upper))
    inner <- searched_function(own, ends[[1L]], list(lower, upper))
    out <- stats::uniroot(
      inner$at, lower = ends[[1L]], upper = ends[[2L]],
      f.lower = if (is.null(f.lower)) inner$at(ends[[1L]])
                else trace_value(f.lower),
      f.upper = if (is.null(f.upper)) inner$at(ends[[2L]])
                else trace_value(f.upper),
      extendInt = extendInt, check.conv = check.conv, tol = tol,
      maxiter = maxiter, trace = trace
    )
    if (inner$used()) {
      within <- extendInt == "no"
      root <- inner_root(inner, "root", out$root, if (within) lower,
                         if (within) upper)
      if (is.null(root)) {
        no_result("the sign changes where there is no root with a derivative",
                  "Choose the interval so that the function is smooth in it.")
      }
      stand_in_for(root$x, out$root)
      out$root <- root$x
      out$f.root <- traced_from_id(body_at(root$body, root$x, TRUE))
    }
    out
  }
)

# The integral, in parts between the places where the integrand switches and
# which parameters move: there it has no derivative.
traced_integral <- function(integrand, inner, lower, upper, tolerance) {
  trace_session$placed <- TRUE
  cuts <- switching_points(integrand, inner, lower, upper)
  ends <- c(list(lower), cuts, list(upper))
  parts <- lapply(seq_along(ends)[-1L], function(k) {
    part <- if (length(cuts)) inner_function(integrand) else inner
    placed_sum(integrand, part, ends[[k - 1L]], ends[[k]],
               tolerance / (length(cuts) + 1))
  })
  Reduce(`+`, parts)
}

# A weighted sum over nodes that are accurate at the recording point. A guard
# holds while they are about as accurate.
placed_sum <- function(integrand, inner, lower, upper, tolerance) {
  range <- integral_range(lower, upper)
  plain <- plain_terms(inner, trace_value(lower), trace_value(upper),
                       c(is_traced(lower), is_traced(upper)))
  intervals <- adapted_intervals(plain, range$rule)
  # At an end that moves, a derivative for given points may be infinite.
  alone <- function(s) plain(s)[, 1L]
  if (!intervals$accurate) intervals <- adapted_intervals(alone, range$rule)
  if (!isTRUE(intervals$error <= max(tolerance, intervals$enough))) {
    no_result("the integral is not accurate enough on nodes that stay",
              "Split the range where the integrand is not smooth.")
  }
  if (body_jumps(inner$last()$body) &&
      jumps_between(alone, range$rule, intervals)) {
    no_result("the integrand jumps where a parameter says",
              "Split the range there: the place is a limit of both integrals.")
  }
  rule <- range$rule
  width <- rep(intervals$width, each = length(rule$nodes))
  s <- interval_nodes(intervals, rule)
  terms <- folded(range, flat(integrand(points_of(range, s)))) *
    range$slope(s) * width
  guard_integral(terms, rule, length(intervals$begin))
  sum(terms * rule$weights)
}

# The integrand as a function on (0, 1), by its numbers, and a derivative of it.
# Points move with ends that do (`moving`) as they stand between them.
plain_terms <- function(inner, lower, upper, moving) {
  range <- integral_range(lower, upper)
  width <- if (is.finite(upper - lower) && upper != lower) upper - lower
  stretch <- if (is.null(width)) 0 else (moving[[2L]] - moving[[1L]]) / width
  shift <- if (is.null(width)) as.numeric(any(moving)) else
    (moving[[1L]] * upper - moving[[2L]] * lower) / width
  function(s) {
    at <- points_of(range, s)
    terms <- function(values) folded(range, values) * range$slope(s)
    value <- terms(inner$at(at))
    slope <- inner$slope(at, shift, stretch)
    # On some branches nothing may depend on anything.
    cbind(value, if (is.null(slope)) 0 else terms(slope))
  }
}

# Where an integrand is asked first.
first_points <- function(lower, upper) {
  range <- integral_range(lower, upper)
  points_of(range, range$rule$nodes)
}

points_of <- function(range, s) {
  at <- range$at(s)
  if (range$mirror) c(at, -at) else at
}

folded <- function(range, values) {
  if (!range$mirror) {
    return(values)
  }
  half <- seq_len(length(values) %/% 2L)
  values[half] + values[-half]
}

# Traced numbers, in the order of the range. They are looked for between the
# nodes of the whole integral, which are close where it is not smooth.
switching_points <- function(integrand, inner, lower, upper) {
  ends <- unlist(trace_value(list(lower, upper)))
  range <- integral_range(ends[[1L]], ends[[2L]])
  inner$at(first_points(ends[[1L]], ends[[2L]]))
  if (ends[[1L]] == ends[[2L]] ||
      length(body_switches(inner$last()$body)) == 0L) {
    return(list())
  }
  intervals <- adapted_intervals(plain_terms(inner, ends[[1L]], ends[[2L]],
                                             c(FALSE, FALSE)), range$rule)
  at <- sort(points_of(range, interval_nodes(intervals, range$rule)),
             decreasing = ends[[1L]] > ends[[2L]])
  one <- inner_function(integrand)
  switches <- body_switches(one$body(at[[length(at) %/% 3L + 1L]])$body)
  found <- unlist(lapply(switches, sign_changes, at = at), recursive = FALSE)
  found <- found[order(vapply(found, trace_value, 1),
                       decreasing = ends[[1L]] > ends[[2L]])]
  plain <- vapply(found, trace_value, 1)
  found <- found[c(TRUE, diff(plain) != 0)[seq_along(found)]]
  for (k in seq_along(found)[-1L]) guard_order(found[[k - 1L]], found[[k]])
  if (length(found)) {
    guard_order(lower, found[[1L]])
    guard_order(found[[length(found)]], upper)
  }
  found
}

sign_changes <- function(difference, at) {
  value <- function(x) body_value(difference, x)
  changes <- which(diff(vapply(at, value, 1) >= 0) != 0)
  found <- lapply(changes, function(k) {
    start <- stats::uniroot(value, sort(at[c(k, k + 1L)]), tol = 1e-12)$root
    traced_from_id(engine(body_root(difference, "root", start, NULL, NULL)))
  })
  Filter(function(x) is.finite(trace_value(x)), found)
}

# The comparison keeps its outcome.
guard_order <- function(a, b) {
  if (is_traced(a) || is_traced(b)) {
    guarded_value(traced_binary("lt", a, b, kind_whole))
  }
}

# The two rules differ, interval by interval, by more than this part of the
# absolute integrand where the nodes are no longer accurate.
integral_difference <- 2e-8

# Without comparisons, which would be switches of a function around this one.
guard_integral <- function(terms, rule, intervals) {
  if (!is_traced(terms)) {
    return()
  }
  interval <- rep(seq_len(intervals), each = length(rule$nodes))
  apart <- group_sum(terms * (rule$weights - rule$gauss), interval)
  size <- sum(terms * (sign(trace_value(terms)) * rule$weights))
  part <- sqrt(sum(apart^2)) / size
  limit <- max(integral_difference, 20 * trace_value(part), na.rm = TRUE)
  guarded_value(floor(part / limit))
}
