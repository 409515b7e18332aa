# Mixtures of distributions, and the two ways to treat zeros.
#' @include distribution-response.R
#' @include distribution-numeric.R
NULL

#' Mixtures, and many zeros
#'
#' `mixture()`: each observation comes from one of several distributions, and it
#' is not known which. `zero_inflated()`: a mixture of a distribution of counts
#' with a zero that always occurs. `hurdle()`: one probability for a count being
#' positive, and the zero-truncated distribution for positive counts. Of a
#' continuous distribution both have a point mass at zero beside its density: of
#' a positive variable they are the two-part model, and `hurdle()` of a normal
#' distribution, of which the positive part is taken, is that of Cragg (1971).
#'
#' The meaning of `pi` is that of the packages in use: in `zero_inflated()` it
#' is the probability of an *extra zero* (Lambert 1992; the zero part of
#' `pscl::zeroinfl`), in `hurdle()` that of a *positive count* (Mullahy 1986;
#' the zero part of `pscl::hurdle`), so that with a logit link the coefficients
#' are theirs.
#'
#' @param p For two distributions, the probability of the first: one number or
#'   one for each observation. For more, a vector of their probabilities, or a
#'   matrix with a row for each observation, as [softmax()] makes them of
#'   indices.
#' @param ... The distributions: calls like `dnorm(m1, s1)`, see
#'   [distribution()], or results of functions of this kind.
#' @param d A distribution, of counts or continuous.
#' @param pi A probability, see above; one or one for each observation.
#' @return An object of class `"mle_distribution"`, see [distribution()].
#' @references
#' Cragg, J. G. (1971). Some statistical models for limited dependent variables
#' with application to the demand for durable goods. *Econometrica* 39, 829-844.
#'
#' Lambert, D. (1992). Zero-inflated Poisson regression, with an application to
#' defects in manufacturing. *Technometrics* 34, 1-14.
#'
#' Mullahy, J. (1986). Specification and testing of some modified count data
#' models. *Journal of Econometrics* 33, 341-365.
#' @examples
#' log_density(mixture(0.3, dnorm(0, 1), dnorm(4, 2)), c(0, 4))
#' log_density(zero_inflated(dpois(2), pi = 0.2), 0:3)
#' log_density(hurdle(dpois(2), pi = 0.7), 0:3)
#' log_density(zero_inflated(dbeta(2, 3), pi = 0.1), c(0, 0.2, 0.7))
#' log_density(hurdle(dnorm(1, 2), pi = 0.6), c(0, 0.5))  # Cragg's model
#'
#' # Two kinds of eruptions of the Old Faithful geyser
#' mle_fit(
#'   function(a, m1, m2, s1, s2) {
#'     log_density(mixture(plogis(a), dnorm(m1, s1), dnorm(m2, s2)), eruptions)
#'   },
#'   start = list(a = 0, m1 = 2, m2 = 4, s1 = 0.5, s2 = 0.5), data = faithful
#' )
#' @export
mixture <- function(p, ...) {
  frame <- parent.frame()
  calls <- as.list(substitute(list(...)))[-1L]
  parts <- lapply(calls, function(e) read_distribution(e, frame))
  mixture_distribution(p, unname(parts))
}

mixture_distribution <- function(p, parts) {
  weights <- mixture_weights(p, length(parts))
  if (length(unique(vapply(parts, function(d) d$discrete, NA))) > 1L) {
    admle_abort(
      "argument", "A mixture cannot have discrete and continuous parts."
    )
  }
  size <- max(
    vapply(parts, function(d) d$size, 1L), vapply(weights, length, 1L)
  )
  weighted <- function(part_value) {
    terms <- lapply(seq_along(parts), function(k) {
      weights[[k]] * part_value(parts[[k]])
    })
    Reduce(`+`, terms)
  }
  log_weighted <- function(part_value) {
    terms <- lapply(seq_along(parts), function(k) {
      log(weights[[k]]) + part_value(parts[[k]])
    })
    Reduce(log_add, terms)
  }
  cumulative <- function(q, lower.tail = TRUE, log.p = FALSE) {
    if (log.p) {
      log_weighted(function(d) d$cumulative(q, lower.tail, TRUE))
    } else {
      weighted(function(d) d$cumulative(q, lower.tail, FALSE))
    }
  }
  mean_of <- function() weighted(function(d) d$mean())
  new_distribution(
    name = "mixture", parameters = c(list(p = p), parts), size = size,
    discrete = parts[[1L]]$discrete,
    log_density = function(x) log_weighted(function(d) d$log_density(x)),
    cumulative = cumulative,
    quantile = function(p, lower.tail = TRUE) {
      invert_cumulative(cumulative, p, size, parts[[1L]]$discrete, lower.tail)
    },
    draw = function(n) mixture_draw(weights, parts, n),
    mean = mean_of,
    variance = function() {
      weighted(function(d) d$variance() + d$mean()^2) - mean_of()^2
    },
    support = function() {
      ends <- lapply(parts, function(d) d$support())
      list(
        lower = rep_len(do.call(pmin, lapply(ends, `[[`, "lower")), size),
        upper = rep_len(do.call(pmax, lapply(ends, `[[`, "upper")), size),
        discrete = parts[[1L]]$discrete
      )
    },
    plain = function() {
      mixture_distribution(
        trace_value(p), lapply(parts, function(d) d$plain())
      )
    }
  )
}

# A list of probabilities, one for each part.
mixture_weights <- function(p, parts) {
  if (parts < 2L) {
    admle_abort("argument", "A mixture needs two distributions or more.")
  }
  columns <- length(dim(p)) == 2L && ncol(p) == parts
  if (parts == 2L && !columns) {
    return(list(as.vector(p), 1 - as.vector(p)))
  }
  if (columns) {
    return(lapply(seq_len(parts), function(k) as.vector(p[, k])))
  }
  if (length(p) != parts) {
    admle_abort("argument", sprintf(
      paste(
        "A mixture of %d distributions needs %d probabilities, or a matrix",
        "with %d columns; `p` has length %d."
      ), parts, parts, parts, length(p)
    ))
  }
  lapply(seq_len(parts), function(k) as.vector(p[k]))
}

mixture_draw <- function(weights, parts, n) {
  u <- stats::runif(n)
  out <- rep_len(NA_real_, n)
  reached <- 0
  for (k in seq_along(parts)) {
    reached <- reached + weights[[k]]
    of_part <- is.na(out) & (u <= reached | k == length(parts))
    out[of_part] <- parts[[k]]$draw(n)[of_part]
  }
  out
}

#' @rdname mixture
#' @export
zero_inflated <- function(d, pi) {
  d <- read_distribution(substitute(d), parent.frame())
  zero_inflated_distribution(d, pi)
}

zero_inflated_distribution <- function(d, pi) {
  if (!d$discrete) return(continuous_zero_inflated(d, pi))
  size <- max(d$size, length(pi))
  log_density <- function(x) {
    count <- log(1 - pi) + d$log_density(x)
    is_zero <- rep_len(x == 0, length(count))
    replaced(count, is_zero, log_add(log(pi), count))
  }
  cumulative <- function(q, lower.tail = TRUE, log.p = FALSE) {
    p <- d$cumulative(q, lower.tail, log.p)
    p <- if (log.p) log1p(-pi) + p else (1 - pi) * p
    if (lower.tail && log.p) {
      upper <- log1p(-pi) + d$cumulative(q, FALSE, TRUE)
      p <- ifelse(upper < log(0.5), log1m_exp(-upper), log_add(log(pi), p))
    } else if (lower.tail) {
      p <- pi + p
    }
    replaced(p, rep_len(q < 0, length(p)), below_support(lower.tail, log.p))
  }
  new_distribution(
    name = "zero_inflated", parameters = list(d, pi = pi), size = size,
    discrete = TRUE, log_density = log_density, cumulative = cumulative,
    quantile = function(p, lower.tail = TRUE) {
      if (!lower.tail) p <- 1 - p
      d$quantile(pmax((p - pi) / (1 - pi), 0))
    },
    draw = function(n) ifelse(stats::runif(n) < pi, 0, d$draw(n)),
    mean = function() (1 - pi) * d$mean(),
    variance = function() (1 - pi) * (d$variance() + pi * d$mean()^2),
    support = function() count_support(d, size),
    plain = function() zero_inflated_distribution(d$plain(), trace_value(pi))
  )
}

#' @rdname mixture
#' @export
hurdle <- function(d, pi) {
  d <- read_distribution(substitute(d), parent.frame())
  hurdle_distribution(d, pi)
}

hurdle_distribution <- function(d, pi) {
  if (!d$discrete) return(continuous_hurdle(d, pi))
  size <- max(d$size, length(pi))
  log_zero <- function() d$log_density(numeric(d$size))
  log_density <- function(x) {
    positive <- log(pi) + d$log_density(x) - log1m_exp(-log_zero())
    is_zero <- rep_len(x == 0, length(positive))
    replaced(positive, is_zero, log(1 - pi))
  }
  cumulative <- function(q, lower.tail = TRUE, log.p = FALSE) {
    upper <- log(pi) + d$cumulative(q, FALSE, TRUE) - log1m_exp(-log_zero())
    upper <- replaced(upper, rep_len(q < 0, length(upper)), 0)
    from_log_tails(log1m_exp(-upper), upper, lower.tail, log.p)
  }
  positive_moment <- function(value) pi * value / -expm1(log_zero())
  new_distribution(
    name = "hurdle", parameters = list(d, pi = pi), size = size,
    discrete = TRUE, log_density = log_density, cumulative = cumulative,
    quantile = function(p, lower.tail = TRUE) {
      above <- rep_len(
        if (lower.tail) 1 - p else p, if (length(p)) max(length(p), size) else 0
      )
      share <- pmin(above / pi, 1)
      q <- d$quantile(-expm1(log_zero()) * share, FALSE)
      ifelse(above >= pi, 0, pmax(q, 1))
    },
    draw = function(n) {
      u <- stats::runif(n)
      zero <- exp(log_zero())
      count <- d$quantile(zero + u * (1 - zero))
      ifelse(stats::runif(n) < pi, pmax(count, 1), 0)
    },
    mean = function() positive_moment(d$mean()),
    variance = function() {
      positive_moment(d$variance() + d$mean()^2) - positive_moment(d$mean())^2
    },
    support = function() count_support(d, size),
    plain = function() hurdle_distribution(d$plain(), trace_value(pi))
  )
}

count_support <- function(d, size) {
  upper <- rep_len(d$support()$upper, size)
  list(lower = numeric(size), upper = upper, discrete = TRUE)
}

define_rewritten("admle",
  "mixture", "mixture_distribution", "mixture_weights", "zero_inflated",
  "zero_inflated_distribution", "hurdle", "hurdle_distribution"
)
