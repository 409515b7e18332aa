# Fixed points. Recorded, one is a node; for plain numbers the function is
# recorded as well, so that both are solved in the same way, to rounding.
#' @include trace-body.R
NULL

#' Fixed point of a function
#'
#' Solves x = f(x), from the iteration `x0`, `f(x0)`, `f(f(x0))`, ... on: the
#' first of it are taken as they are, then Newton's method with the exact
#' derivative of `f` finds the solution to rounding, also where the iteration
#' would take very many steps. Inside a function that admle differentiates, the
#' solution is differentiated by the implicit function theorem, to any order,
#' and its derivative does not pass through the iteration.
#'
#' For roots, optima and integrals inside a function use R's own [uniroot()],
#' [optimize()], [optim()], [nlm()], [nlminb()] and [integrate()].
#'
#' @param f A function of a numeric vector (or matrix) that returns one of the
#'   same length. Inside a recorded function it may use parameters and
#'   everything that can be recorded.
#' @param x0 Where the iteration begins: numbers in the shape of the solution.
#' @param ... Further arguments of `f`.
#' @return The solution, in the shape and with the names of `x0`.
#' @section Errors:
#' `admle_error_argument` when `x0` is not numeric; `admle_error_value` when `f`
#' returns another number of values than `x0` has, or when no fixed point is
#' found. During a fit the latter makes a point one outside of the domain of the
#' log-likelihood: the step is shortened.
#' @references Berry, Levinsohn and Pakes (1995), *Econometrica* 63, 841-890,
#'   and Rust (1987), *Econometrica* 55, 999-1033, for likelihoods with a fixed
#'   point inside; Griewank and Walther (2008), *Evaluating Derivatives*, SIAM,
#'   chapter 15, for its derivatives.
#' @examples
#' fixed_point(cos, 1)
#' # d x / d a of x = a cos(x)
#' grad(function(a) fixed_point(function(x) a * cos(x), 1))(1)
#' @export
fixed_point <- function(f, x0, ...) {
  f <- match.fun(f)
  if (!is.numeric(x0) || length(x0) == 0L) {
    admle_abort("argument", sprintf(
      "`x0` must be numeric, with at least one element, not %s.", described(x0)
    ), argument = "x0")
  }
  tr <- trace_begin()
  on.exit(trace_end(tr))
  home <- trace_session$home
  trace_session$home <- package_of(f)
  on.exit(trace_session$home <- home, add = TRUE)
  trace_value(recorded_fixed_point(masked_function(f), x0, ...))
}

define_masks("admle",
  fixed_point = function(f, x0, ...) {
    recorded_fixed_point(own_function(f, parent.frame()), x0, ...)
  }
)

# Steps of the iteration before Newton's method.
first_iterations <- 20L

recorded_fixed_point <- function(f, x0, ...) {
  list(...)
  start <- trace_value(x0)
  shaped <- function(x) {
    if (is.null(attributes(start))) x
    else if (is_traced(x)) traced_as(x, dim(start), shape_names(start), 0L)
    else replace(start, seq_along(start), x)
  }
  inner <- inner_function(function(x) flat(f(shaped(x), ...)))
  x <- as.double(start)
  for (k in seq_len(first_iterations)) {
    following <- inner$at(x)
    if (length(following) != length(x)) {
      admle_abort("value", sprintf(paste(
        "fixed_point(): the function must return as many numbers as it is",
        "given, %d, not %d."
      ), length(x), length(following)))
    }
    if (!all(is.finite(following))) break
    x <- following
  }
  found <- inner_root(inner, "fixed point", x)
  if (is.null(found)) {
    admle_abort("value", sprintf(
      "fixed_point(): no fixed point was found from x0 = %s on.",
      first_few(format(start, digits = 4, trim = TRUE))
    ))
  }
  if (traced_is_fixed(found$x)) shaped(found$found) else shaped(found$x)
}
