# Censored and truncated distributions: what is observed at a limit stands for
# everything beyond it, or nothing beyond it is observed at all.
#' @include distribution-response.R
#' @include distribution-numeric.R
NULL

#' Censored and truncated distributions
#'
#' `censored()`: values below `lower` are observed as `lower`, values above
#' `upper` as `upper`. An observation at or beyond a limit contributes the
#' probability of being there, others their density: the tobit model for a
#' normal distribution (Tobin 1958). A response of two columns is
#' interval-censored: the value is known to lie between the columns, which are
#' equal where it is known. `-Inf`, `Inf` or `NA` leave an end open.
#'
#' `truncated()`: only values from `lower` to `upper`, both included, are
#' observed; their density is divided by the probability of that interval.
#' `truncated(dpois(lambda), lower = 1)` is the zero-truncated Poisson
#' distribution; `lower = 0` would leave nothing out, which is a warning of
#' class `admle_warning_argument`.
#'
#' Probabilities are computed on the log scale and in the nearer tail, so that
#' observations far in a tail have their right contributions.
#'
#' @param d A distribution: a call like `dnorm(mu, sigma)`, see
#'   [distribution()], or the result of a function of this kind.
#' @param lower,upper Limits, one or one for each observation.
#' @return An object of class `"mle_distribution"`, see [distribution()].
#' @references Tobin, J. (1958). Estimation of relationships for limited
#'   dependent variables. *Econometrica* 26, 24-36.
#' @examples
#' log_density(censored(dnorm(1, 2), lower = 0), c(0, 0.5))
#' mean(truncated(dnorm(0, 1), lower = 0)) # sqrt(2 / pi)
#'
#' set.seed(1)
#' y <- pmax(rnorm(200, 0.5), 0)
#' mle_fit(
#'   function(mu, log_sigma) {
#'     log_density(censored(dnorm(mu, exp(log_sigma)), lower = 0), y)
#'   },
#'   start = list(mu = 0, log_sigma = 0)
#' )
#' @export
censored <- function(d, lower = -Inf, upper = Inf) {
  d <- read_distribution(substitute(d), parent.frame())
  censored_distribution(d, lower, upper)
}

censored_distribution <- function(d, lower, upper) {
  check_end_points(lower, upper)
  size <- max(d$size, length(lower), length(upper))
  log_density <- function(x) {
    if (is.matrix(x)) {
      ends <- interval_ends(x)
      return(log_density_interval(d, ends$lower, ends$upper))
    }
    x <- rep_len(as.vector(x), if (length(x)) max(length(x), size) else 0L)
    log_density_interval(
      d, ifelse(x <= lower, -Inf, pmin(x, upper)),
      ifelse(x >= upper, Inf, pmax(x, lower))
    )
  }
  cumulative <- function(q, lower.tail, log.p) {
    q <- rep_len(q, if (length(q)) max(length(q), size) else 0L)
    none <- q < lower
    all <- q >= upper
    none_p <- if (lower.tail) 0 else 1
    p <- d$cumulative(ifelse(none | all, 0, q), lower.tail, log.p)
    edge <- if (log.p) log else identity
    ifelse(none, edge(none_p), ifelse(all, edge(1 - none_p), p))
  }
  partial_moment <- function(power, centre = 0) {
    end <- function(limit, p) {
      # ifelse() has the length of its condition.
      limit <- rep_len(limit, size)
      ifelse(is.finite(limit), ifelse(is.finite(limit), limit - centre, 0)^power
        * p, 0)
    }
    at_lower <- end(lower, d$cumulative(lower, TRUE, FALSE))
    at_upper <- end(upper, d$cumulative(upper, FALSE, FALSE))
    at_lower + at_upper +
      expectation(d, function(y) (y - centre)^power, lower, upper)
  }
  new_distribution(
    name = "censored", parameters = list(d, lower = lower, upper = upper),
    size = size, discrete = d$discrete, log_density = log_density,
    cumulative = cumulative,
    quantile = function(p, lower.tail = TRUE) {
      pmin(pmax(d$quantile(p, lower.tail), lower), upper)
    },
    draw = function(n) pmin(pmax(d$draw(n), lower), upper),
    mean = function() partial_moment(1),
    variance = function() partial_moment(2, partial_moment(1)),
    support = function() limited_support(d, lower, upper, size),
    plain = function() {
      censored_distribution(d$plain(), trace_value(lower), trace_value(upper))
    }
  )
}

#' @rdname censored
#' @export
truncated <- function(d, lower = -Inf, upper = Inf) {
  d <- read_distribution(substitute(d), parent.frame())
  warn_nothing_truncated(d, lower)
  truncated_distribution(d, lower, upper)
}

# Of a discrete distribution, the limit is often meant to be left out itself.
warn_nothing_truncated <- function(d, lower) {
  lower <- trace_value(lower)
  if (!d$discrete || !is.numeric(lower) || !any(is.finite(lower))) {
    return(invisible())
  }
  least <- d$plain()$support()$lower
  if (all(lower <= least)) {
    admle_warn("argument", sprintf(paste(
      "`truncated(lower = %s)` leaves nothing out: the limit itself can be",
      "observed, and there is nothing below it. For values above %s write",
      "lower = %s."
    ), format(lower[[1L]]), format(least[[1L]]), format(least[[1L]] + 1)))
  }
}

truncated_distribution <- function(d, lower, upper) {
  check_end_points(lower, upper)
  size <- max(d$size, length(lower), length(upper))
  log_density <- function(x) {
    out <- d$log_density(x) - log_between(d, lower, upper)
    inside <- x >= lower & x <= upper
    if (all(inside %in% TRUE)) out else ifelse(inside & out == out, out, -Inf)
  }
  cumulative <- function(q, lower.tail, log.p) {
    n <- if (length(q)) max(length(q), size) else 0L
    if (d$discrete) q <- floor(q)
    none <- rep_len(q < lower, n)
    all <- rep_len(q >= upper, n)
    q <- ifelse(none | all, lower, rep_len(q, n))
    part <- if (lower.tail) {
      log_between(d, lower, q)
    } else {
      log_between(d, if (d$discrete) q + 1 else q, upper)
    }
    p <- part - log_between(d, lower, upper)
    edges <- if (lower.tail) c(-Inf, 0) else c(0, -Inf)
    p <- ifelse(none, edges[[1L]], ifelse(all, edges[[2L]], p))
    if (log.p) p else exp(p)
  }
  self <- new_distribution(
    name = "truncated", parameters = list(d, lower = lower, upper = upper),
    size = size, discrete = d$discrete, log_density = log_density,
    cumulative = cumulative,
    quantile = function(p, lower.tail = TRUE) {
      truncated_quantile(d, p, lower, upper, lower.tail)
    },
    draw = function(n) self$quantile(stats::runif(n)),
    mean = function() {
      expectation(d, identity, lower, upper) / exp(log_between(d, lower, upper))
    },
    variance = function() {
      centre <- self$mean()
      expectation(d, function(y) (y - centre)^2, lower, upper) /
        exp(log_between(d, lower, upper))
    },
    support = function() limited_support(d, lower, upper, size),
    plain = function() {
      truncated_distribution(d$plain(), trace_value(lower), trace_value(upper))
    }
  )
  self
}

# Through the tail in which the interval lies.
truncated_quantile <- function(d, p, lower, upper, lower.tail) {
  below <- d$cumulative(if (d$discrete) ceiling(lower) - 1 else lower)
  above <- d$cumulative(upper, FALSE)
  mass <- exp(log_between(d, lower, upper))
  q <- if (lower.tail) p else 1 - p
  low <- d$quantile(pmin(below + q * mass, 1), TRUE)
  high <- d$quantile(pmin(above + (1 - q) * mass, 1), FALSE)
  pmin(pmax(ifelse(below + q * mass < 0.5, low, high), lower), upper)
}

limited_support <- function(d, lower, upper, size) {
  ends <- d$support()
  list(
    lower = rep_len(pmax(ends$lower, lower), size),
    upper = rep_len(pmin(ends$upper, upper), size), discrete = d$discrete
  )
}

check_end_points <- function(lower, upper) {
  for (limit in list(lower, upper)) {
    if (!is_traced(limit) && (!is.numeric(limit) || anyNA(limit))) {
      admle_abort(
        "argument", "`lower` and `upper` must be numbers, none of them missing."
      )
    }
  }
  lower <- trace_value(lower)
  upper <- trace_value(upper)
  if (any(lower >= upper)) {
    admle_abort("argument", "`lower` must be below `upper`.")
  }
}

define_rewritten("admle",
  "censored", "censored_distribution", "truncated", "truncated_distribution"
)
