# Distributions as objects: a density with values for its parameters, from
# which come log densities, probabilities, quantiles, random numbers and
# moments. An object is a list of closures over its parameters. They are
# ordinary R, so an object made while a likelihood is recorded, from parameters
# that are recorded, works like one made of numbers.
#' @include trace-mask.R
NULL

#' Distributions as objects
#'
#' `distribution()` takes a call of a density without its first argument, such
#' as `dnorm(mu, sigma)`, and returns the distribution: what [censored()],
#' [truncated()], [mixture()], [zero_inflated()] and [hurdle()] modify, and what
#' the functions below evaluate. All of it may be used inside a likelihood given
#' to [mle_fit()].
#'
#' Any density will do, also one that is defined in the workspace: a function
#' whose name starts with `d`, whose first argument is the observation and whose
#' other arguments are parameters. If it has an argument `log`, that is used.
#' The distribution function, the quantile function and the random numbers are
#' those named in R's way, in the same place: `dfoo` goes with `pfoo`, `qfoo`
#' and `rfoo`. Without `qfoo`, quantiles are found from `pfoo` by bisection;
#' without `rfoo`, random numbers are quantiles of uniform ones. Without `pfoo`
#' there is a density only.
#'
#' @param density A call of a density without its first argument; or a
#'   distribution, which is returned as it is. The arguments are evaluated where
#'   `distribution()` is called; vectors hold a value for each observation.
#' @param d A distribution.
#' @param x Observations: numbers; a factor for [dordered()] and
#'   [dcategorical()]; a matrix for densities of several variables; or a
#'   `survival::Surv` object, whose censored observations contribute
#'   probabilities and whose entry times (type `"counting"`) are conditioned on.
#' @param q,p,probs Vectors of quantiles and of probabilities, recycled against
#'   the parameters.
#' @param lower.tail,log.p As in [pnorm()].
#' @param n Number of random numbers; by default, one for each observation.
#' @param ... Not used.
#' @return `distribution()` returns an object of class `"mle_distribution"`: a
#'   list with the `name` of the density and its `parameters`, among others.
#'
#'   `log_density()`, `cumulative()`, `quantile()`, `draw()`, `mean()` and
#'   `variance()` return vectors. The moments come from a formula where one is
#'   known and from quadrature elsewhere; they are `NULL` for several variables
#'   and for categories. `support()` returns a list: `lower`, `upper` and
#'   `discrete`.
#'
#' @section Errors:
#' `admle_error_argument` for something that is no distribution, and
#' `admle_error_unsupported` where the distribution function is needed and there
#' is none.
#' @examples
#' d <- distribution(dgamma(shape = 2, rate = c(1, 2, 4)))
#' log_density(d, 1)
#' cumulative(d, 1, lower.tail = FALSE)
#' quantile(d, 0.5)
#' mean(d)
#'
#' # A density of one's own
#' dlaplace <- function(x, location, scale, log = FALSE) {
#'   out <- -abs(x - location) / scale - log(2 * scale)
#'   if (log) out else exp(out)
#' }
#' log_density(distribution(dlaplace(0, 2)), c(-1, 0, 3))
#'
#' # In a likelihood: Gompertz survival times
#' if (requireNamespace("survival", quietly = TRUE)) {
#'   lung <- survival::lung
#'   y <- survival::Surv(lung$time / 365, lung$status)
#'   mle_fit(
#'     function(shape, log_rate) {
#'       log_density(distribution(dgompertz(shape, exp(log_rate))), y)
#'     },
#'     start = list(shape = 0.1, log_rate = 0)
#'   )
#' }
#' @export
distribution <- function(density) {
  read_distribution(substitute(density), parent.frame())
}

# The same of a quoted expression.
read_distribution <- function(expr, env = parent.frame()) {
  if (inherits(expr, "mle_distribution")) {
    return(expr)
  }
  if (is_density_call(expr)) {
    return(density_call(expr, env))
  }
  d <- eval(expr, env)
  check_distribution(d, expr)
  d
}

check_distribution <- function(d, expr) {
  if (!inherits(d, "mle_distribution")) {
    admle_abort("argument", sprintf(
      paste(
        "`%s` is no distribution. A distribution is a call of a density",
        "without its first argument, such as dnorm(mu, sigma)."
      ), call_text(unwrap(expr))
    ))
  }
}

# A list of closures; see design/0010-distributions.md for what each returns.
# `size`: the number of parameter sets. `plain`: the same distribution with the
# numbers at the point of recording.
new_distribution <- function(
  name, parameters, size, discrete, log_density, cumulative, quantile, draw,
  mean, variance, support, plain, probabilities = function() NULL
) {
  structure(
    list(
      name = name, parameters = parameters, size = size, discrete = discrete,
      log_density = log_density, cumulative = cumulative, quantile = quantile,
      draw = draw, mean = mean, variance = variance, support = support,
      plain = plain, probabilities = probabilities
    ),
    class = "mle_distribution"
  )
}

#' @rdname distribution
#' @export
log_density <- function(d, x) {
  check_distribution(d, substitute(d))
  if (inherits(x, "Surv")) log_density_surv(d, x) else d$log_density(x)
}

#' @rdname distribution
#' @export
cumulative <- function(d, q, lower.tail = TRUE, log.p = FALSE) {
  check_distribution(d, substitute(d))
  d$cumulative(q, lower.tail, log.p)
}

#' @rdname distribution
#' @importFrom stats quantile
#' @export
quantile.mle_distribution <- function(x, probs = seq(0, 1, 0.25), ...) {
  x$quantile(probs)
}

#' @rdname distribution
#' @export
draw <- function(d, n = d$size) {
  check_distribution(d, substitute(d))
  d$draw(n)
}

#' @rdname distribution
#' @export
mean.mle_distribution <- function(x, ...) x$mean()

#' @rdname distribution
#' @export
variance <- function(d) {
  check_distribution(d, substitute(d))
  d$variance()
}

#' @rdname distribution
#' @export
support <- function(d) {
  check_distribution(d, substitute(d))
  d$support()
}

#' @export
print.mle_distribution <- function(x, ...) {
  cat(sprintf("<distribution: %s>\n", format(x)))
  invisible(x)
}

#' @export
format.mle_distribution <- function(x, ...) {
  shown <- vapply(x$parameters, format_parameter, "")
  labels <- names(shown)
  if (is.null(labels)) labels <- rep("", length(shown))
  named <- nzchar(labels)
  shown[named] <- paste(labels[named], "=", shown[named])
  sprintf("%s(%s)", x$name, paste(shown, collapse = ", "))
}

format_parameter <- function(p) {
  if (inherits(p, "mle_distribution")) {
    return(format(p))
  }
  if (is_traced(p)) {
    return("<parameter>")
  }
  if (is.null(p)) {
    return("NULL")
  }
  if (length(p) == 1L) {
    return(if (is.character(p)) dQuote(p, FALSE) else format(p, digits = 5))
  }
  dims <- if (is.null(dim(p))) length(p) else dim(p)
  sprintf("<%s numbers>", paste(dims, collapse = " x "))
}

define_rewritten("admle",
  "distribution", "read_distribution", "new_distribution", "log_density",
  "cumulative", "draw", "variance"
)
