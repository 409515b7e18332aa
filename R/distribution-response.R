# Observations that are intervals: probabilities of intervals, on the log scale
# and from the nearer tail, and `survival::Surv` responses in terms of them.
#' @include distribution.R
NULL

# log(1 - exp(-u)) for u >= 0 (Maechler 2012, "Accurately computing log(1 -
# exp(-|a|))"); recorded as one operation.
log1m_exp <- function(u) {
  ifelse(u < log(2), log(-expm1(-u)), log1p(-exp(-u)))
}
define_masks("admle",
  log1m_exp = function(u) {
    if (is_traced(u)) {
      traced_function("log1m_exp", list(u), kind_number)
    } else {
      log1m_exp(u)
    }
  }
)

# log(exp(a) - exp(b)), a >= b.
log_difference <- function(a, b) a + log1m_exp(a - b)

# log(exp(a) + exp(b)), elementwise.
log_add <- function(a, b) {
  high <- ifelse(a >= b, a, b)
  low <- ifelse(a >= b, b, a)
  ifelse(high > -Inf, high + log1p(exp(low - high)), -Inf)
}

# log P(lower <= Y <= upper), limits included. Where a limit is infinite a
# finite one, near `inside`, stands in the branch that is not taken, because
# its derivatives have to be finite.
log_between <- function(d, lower, upper, inside = 0) {
  if (d$discrete) lower <- ceiling(lower) - 1
  no_lower <- lower == -Inf
  no_upper <- upper == Inf
  if (all(no_lower) && all(no_upper)) {
    return(numeric(max(length(lower), length(upper), d$size)))
  }
  n <- max(length(lower), length(upper), d$size)
  no_lower <- rep_len(no_lower, n)
  no_upper <- rep_len(no_upper, n)
  lower <- replaced(rep_len(lower, n), no_lower, inside)
  upper <- replaced(rep_len(upper, n), no_upper, inside)
  if (all(no_upper)) {
    return(replaced(d$cumulative(lower, FALSE, TRUE), no_lower, 0))
  }
  if (all(no_lower)) {
    return(replaced(d$cumulative(upper, TRUE, TRUE), no_upper, 0))
  }
  lower <- replaced(lower, no_lower & !no_upper, upper - 1)
  upper <- replaced(upper, no_upper, lower + 1)
  below <- list(
    d$cumulative(lower, TRUE, TRUE), d$cumulative(upper, TRUE, TRUE)
  )
  above <- list(
    d$cumulative(lower, FALSE, TRUE), d$cumulative(upper, FALSE, TRUE)
  )
  upper_tail <- below[[1L]] > log(0.5)
  out <- log_difference(
    ifelse(upper_tail, above[[1L]], below[[2L]]),
    ifelse(upper_tail, above[[2L]], below[[1L]])
  )
  out <- replaced(out, no_upper, above[[1L]])
  replaced(replaced(out, no_lower, below[[2L]]), no_lower & no_upper, 0)
}

# x with the elements of `value` where `condition` holds.
replaced <- function(x, condition, value) {
  if (any(condition)) ifelse(condition, value, x) else x
}

# Contributions of observations known to lie between two numbers: the density
# where those are equal.
log_density_interval <- function(d, lower, upper) {
  exact <- lower == upper
  if (all(exact)) {
    return(d$log_density(lower))
  }
  # Positive where the limit is: a distribution may be one of positive numbers.
  below <- ifelse(upper > 0, upper / 2, upper - 1)
  inside <- replaced((lower + upper) / 2, lower == -Inf, below)
  inside <- replaced(inside, upper == Inf, lower + 1)
  inside <- replaced(inside, lower == -Inf & upper == Inf, 1)
  inside <- replaced(inside, exact, lower)
  between <- log_between(
    d, replaced(lower, exact, -Inf), replaced(upper, exact, Inf), inside
  )
  if (any(exact)) ifelse(exact, d$log_density(inside), between) else between
}

# The columns of an interval-censored response; an open end may be missing.
interval_ends <- function(x) {
  lower <- as.vector(x[, 1L])
  upper <- as.vector(x[, 2L])
  lower[is.na(lower)] <- -Inf
  upper[is.na(upper)] <- Inf
  wrong <- which(lower > upper)
  if (length(wrong) > 0L) {
    admle_abort("data", sprintf(
      "The interval of row %d ends before it starts: %s to %s.", wrong[[1L]],
      format(lower[[wrong[[1L]]]]), format(upper[[wrong[[1L]]]])
    ))
  }
  list(lower = lower, upper = upper)
}

# A `survival::Surv` response as intervals, and the times of entry.
surv_ends <- function(y) {
  type <- attr(y, "type")
  y <- unclass(y)
  status <- y[, "status"]
  time <- if (type == "counting") {
    y[, "stop"]
  } else if (type == "interval") {
    y[, "time1"]
  } else {
    y[, "time"]
  }
  ends <- list(lower = as.vector(time), upper = as.vector(time))
  if (type %in% c("right", "counting")) {
    ends$upper[status %in% 0] <- Inf
  } else if (type == "left") {
    ends$lower[status %in% 0] <- -Inf
  } else if (type == "interval") {
    ends$upper[status %in% 0] <- Inf
    ends$lower[status %in% 2] <- -Inf
    between <- status %in% 3
    ends$upper[between] <- y[between, "time2"]
  } else {
    admle_abort("unsupported", sprintf(
      "Survival responses of type \"%s\" are not supported.", type
    ))
  }
  if (type == "counting") ends$entry <- as.vector(y[, "start"])
  ends
}

log_density_surv <- function(d, y) {
  ends <- surv_ends(y)
  out <- log_density_interval(d, ends$lower, ends$upper)
  if (is.null(ends$entry)) out else out - log_between(d, ends$entry, Inf)
}

# For each observation, NA where it is missing.
within_support <- function(d, x) {
  value <- suppressWarnings(log_density(d, x))
  missing <- if (inherits(x, "Surv")) is.na(x) else missing_responses(x)
  ifelse(rep_len(missing, length(value)), NA, value > -Inf)
}

missing_responses <- function(x) {
  if (is.matrix(x)) rowSums(is.na(x)) == ncol(x) else is.na(x)
}

define_rewritten("admle",
  "log_difference", "log_add", "replaced", "log_between",
  "log_density_interval", "log_density_surv"
)
