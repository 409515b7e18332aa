# A point mass at zero beside a continuous distribution: what zero_inflated()
# and hurdle() are of a density.
#' @include distribution-mixture.R
NULL

# Zero with probability 1 - weight, otherwise the distribution d.
two_part_distribution <- function(name, d, pi, weight, plain) {
  size <- max(d$size, length(pi))
  # Where d is looked at in place of a zero, which is no observation of it.
  upper <- d$plain()$support()$upper
  inside <- if (all(is.finite(upper))) min(upper) / 2 else 1
  log_density <- function(x) {
    is_zero <- x == 0
    part <- log(weight) + d$log_density(replaced(x, is_zero, inside))
    replaced(part, rep_len(is_zero, length(part)), log(1 - weight))
  }
  cumulative <- function(q, lower.tail = TRUE, log.p = FALSE) {
    # The tail away from zero, whose complement has the zeros.
    above <- q >= 0
    tail <- if (all(above %in% TRUE)) {
      d$cumulative(q, FALSE, log.p)
    } else {
      ifelse(rep_len(above, max(length(q), d$size)),
             d$cumulative(q, FALSE, log.p), d$cumulative(q, TRUE, log.p))
    }
    tail <- if (log.p) log(weight) + tail else weight * tail
    has_zero <- rep_len(above == lower.tail, length(tail))
    replaced(tail, has_zero, if (log.p) log1m_exp(-tail) else 1 - tail)
  }
  new_distribution(
    name = name, parameters = list(d, pi = pi), size = size, discrete = FALSE,
    log_density = log_density, cumulative = cumulative,
    quantile = function(p, lower.tail = TRUE) {
      if (!lower.tail) p <- 1 - p
      below <- weight * d$cumulative(0, TRUE, FALSE)
      above <- p > below + (1 - weight)
      share <- ifelse(above, p - (1 - weight), p) / weight
      q <- d$quantile(pmin(pmax(share, 0), 1))
      ifelse(above | p < below, q, 0)
    },
    draw = function(n) ifelse(stats::runif(n) < weight, d$draw(n), 0),
    mean = function() weight * d$mean(),
    variance = function() weight * (d$variance() + (1 - weight) * d$mean()^2),
    support = function() {
      ends <- d$support()
      list(lower = rep_len(pmin(ends$lower, 0), size),
           upper = rep_len(pmax(ends$upper, 0), size), discrete = FALSE)
    },
    plain = plain
  )
}

continuous_zero_inflated <- function(d, pi) {
  two_part_distribution("zero_inflated", d, pi, 1 - pi, function() {
    continuous_zero_inflated(d$plain(), trace_value(pi))
  })
}

# The positive part is what the distribution is above zero.
continuous_hurdle <- function(d, pi) {
  positive <- if (all(d$plain()$support()$lower >= 0)) d
              else truncated_distribution(d, 0, Inf)
  two_part_distribution("hurdle", positive, pi, pi, function() {
    continuous_hurdle(d$plain(), trace_value(pi))
  })
}

define_rewritten("admle",
  "two_part_distribution", "continuous_zero_inflated", "continuous_hurdle"
)
