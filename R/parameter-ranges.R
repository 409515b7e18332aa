# Ranges: parameters between limits, and the scales on which the line between
# two limits is the whole line. Confidence intervals of all coefficients use the
# same scales, by the range that their type gives them.
#' @include parameter-types.R
NULL

# Numbers within limits, element by element.
range_type <- function(value, lower, upper, name, declared) {
  size <- length(value)
  check_limits(lower, upper, size, name)
  lower <- rep_len(as.numeric(lower), size)
  upper <- rep_len(as.numeric(upper), size)
  outside <- which(!(value > lower & value < upper))
  if (length(outside)) {
    i <- outside[[1L]]
    abort_range(name, sprintf(
      "is declared %s, but it is %s%s, not between %s and %s", declared,
      format(value[[i]]), if (size > 1L) sprintf(" in element %d", i) else "",
      format(lower[[i]]), format(upper[[i]])
    ))
  }
  maps <- range_maps(lower, upper)
  new_type(
    value, lower = lower, upper = upper, elementwise = TRUE,
    unconstrain = maps$unconstrain, constrain = maps$constrain,
    labels = function(names) interval_labels(names, lower, upper),
    edges = range_edges(lower, upper)
  )
}

check_limits <- function(lower, upper, size, name) {
  usable <- is.numeric(lower) && is.numeric(upper) &&
    length(lower) %in% c(1L, size) && length(upper) %in% c(1L, size) &&
    !anyNA(lower) && !anyNA(upper) && all(lower < upper)
  if (!usable) {
    abort_range(name, paste(
      "is declared bounded() by limits that are no numbers, not as many as",
      "there are elements, or not in order"
    ))
  }
}

# Each kind of range is mapped as one vector.
range_maps <- function(lower, upper) {
  kind <- interval_kind(lower, upper)
  kinds <- unique(kind)
  of_kind <- lapply(stats::setNames(kinds, kinds), function(k) which(kind == k))
  each <- function(value, direction) {
    if (length(kinds) == 1L) {
      return(interval_scale[[kinds]][[direction]](value, lower, upper))
    }
    out <- value
    for (k in kinds) {
      at <- of_kind[[k]]
      out[at] <- interval_scale[[k]][[direction]](value[at], lower[at],
                                                  upper[at])
    }
    out
  }
  list(
    unconstrain = function(value) each(as.numeric(value), "to"),
    constrain = function(theta) each(theta, "from")
  )
}

range_edges <- function(lower, upper) {
  above <- which(is.finite(upper))
  # With an upper limit alone the logarithm is that of the distance to it.
  c(edges_of(which(is.finite(lower)), -1),
    edges_of(above, ifelse(is.finite(lower[above]), 1, -1)))
}

interval_kind <- function(lower, upper) {
  ifelse(
    is.finite(lower), ifelse(is.finite(upper), "both", "lower"),
    ifelse(is.finite(upper), "upper", "none")
  )
}

# Between a range and the whole line: there, back, and the slope of `to`. The
# environment is not the package's own, so that they are recorded like a user's
# functions.
interval_scale <- local({
  keep <- function(x, lower, upper) x
  list(
    none = list(
      to = keep, from = keep,
      slope = function(x, lower, upper) rep(1, length(x))
    ),
    lower = list(
      to = function(x, lower, upper) log(x - lower),
      from = function(u, lower, upper) lower + exp(u),
      slope = function(x, lower, upper) 1 / (x - lower)
    ),
    upper = list(
      to = function(x, lower, upper) log(upper - x),
      from = function(u, lower, upper) upper - exp(u),
      slope = function(x, lower, upper) -1 / (upper - x)
    ),
    both = list(
      to = function(x, lower, upper) log((x - lower) / (upper - x)),
      from = function(u, lower, upper) {
        lower + (upper - lower) * stats::plogis(u)
      },
      slope = function(x, lower, upper) {
        (upper - lower) / ((x - lower) * (upper - x))
      }
    )
  )
})

# "log(sigma)", "log(x - 2)", "logit(p)", "logit(x; -1, 1)".
interval_labels <- function(names, lower, upper) {
  number <- function(x) vapply(x, format, "", digits = 4L)
  labels <- names
  kind <- interval_kind(lower, upper)
  below <- ifelse(lower == 0, names, paste(names, "-", number(lower)))
  labels[kind == "lower"] <- sprintf("log(%s)", below)[kind == "lower"]
  above <- sprintf("log(%s - %s)", number(upper), names)
  labels[kind == "upper"] <- above[kind == "upper"]
  limits <- ifelse(lower == 0 & upper == 1, "",
                   sprintf("; %s, %s", number(lower), number(upper)))
  both <- sprintf("logit(%s%s)", names, limits)
  labels[kind == "both"] <- both[kind == "both"]
  labels
}
