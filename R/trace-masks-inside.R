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
    inner <- inner_function(integrand)
    out <- stats::integrate(
      inner$at, trace_value(lower), trace_value(upper),
      subdivisions = subdivisions, rel.tol = rel.tol, abs.tol = abs.tol,
      stop.on.error = stop.on.error
    )
    if (inner$depends() || is_traced(lower) || is_traced(upper)) {
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
    inner <- inner_function(function(x) f(x, ...))
    ends <- trace_value(list(lower, upper))
    out <- stats::uniroot(
      inner$at, lower = ends[[1L]], upper = ends[[2L]],
      f.lower = if (is.null(f.lower)) inner$at(ends[[1L]])
                else trace_value(f.lower),
      f.upper = if (is.null(f.upper)) inner$at(ends[[2L]])
                else trace_value(f.upper),
      extendInt = extendInt, check.conv = check.conv, tol = tol,
      maxiter = maxiter, trace = trace
    )
    if (inner$depends() || is_traced(lower) || is_traced(upper)) {
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

# A weighted sum over nodes that are accurate at the recording point. A guard
# holds while they are about as accurate.
traced_integral <- function(integrand, inner, lower, upper, tolerance) {
  range <- integral_range(lower, upper)
  points <- function(at) if (range$mirror) c(at, -at) else at
  folded <- function(values) {
    if (!range$mirror) {
      return(values)
    }
    half <- seq_len(length(values) %/% 2L)
    values[half] + values[-half]
  }
  plain <- integral_range(trace_value(lower), trace_value(upper))
  plain_terms <- function(s) {
    folded(inner$at(points(plain$at(s)))) * plain$slope(s)
  }
  intervals <- adapted_intervals(plain_terms, range$rule)
  if (!isTRUE(intervals$error <= max(tolerance, integral_rounding))) {
    no_result("the integral is not accurate enough on nodes that stay",
              "Split the range where the integrand is not smooth.")
  }
  if (body_jumps(inner$last()$body) &&
      jumps_between(plain_terms, range$rule, intervals)) {
    no_result("the integrand jumps where a parameter says",
              "Split the range there: the place is a limit of both integrals.")
  }
  trace_session$placed <- TRUE
  rule <- range$rule
  width <- rep(intervals$width, each = length(rule$nodes))
  s <- rep(intervals$begin, each = length(rule$nodes)) + width * rule$nodes
  terms <- folded(flat(integrand(points(range$at(s))))) * range$slope(s) * width
  guard_integral(terms, rule, length(intervals$begin))
  sum(terms * rule$weights)
}

# The two rules differ, interval by interval, by more than this part of the
# absolute integrand where the nodes are no longer accurate.
integral_difference <- 2e-8

guard_integral <- function(terms, rule, intervals) {
  if (!is_traced(terms)) {
    return()
  }
  interval <- rep(seq_len(intervals), each = length(rule$nodes))
  apart <- group_sum(terms * (rule$weights - rule$gauss), interval)
  part <- sum(abs(apart)) / sum(abs(terms) * rule$weights)
  limit <- max(integral_difference, 20 * trace_value(part), na.rm = TRUE)
  guarded_value(traced_binary("lt", part, limit, kind_whole))
}
