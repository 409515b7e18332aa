# Why a log-likelihood has no regular maximum where the search ended, by name.
# Each cause is looked for at the end point, by values of the log-likelihood
# alone, and says what it found as a problem, or NULL. The first that is found
# takes the place of the general words (fit-problems.R).

causes <- list(
  kink = function(fit, information, objective) {
    found <- find_kink(fit, objective)
    if (!is.null(found)) kink_problem(found, fit)
  },
  exact = function(fit, information, objective) {
    found <- find_collapse(fit, information, objective)
    if (!is.null(found)) collapse_problem(found, fit)
  },
  edge = function(fit, information, objective) {
    found <- find_edge(fit, objective)
    if (!is.null(found)) edge_problem(found, fit)
  },
  separation = function(fit, information, objective) {
    found <- find_limit(fit, information, objective)
    if (!is.null(found)) limit_problem(found, fit)
  },
  pieces = function(fit, information, objective) {
    found <- find_straight_pieces(fit, objective)
    if (length(found)) pieces_problem(found, fit)
  }
)

# What differences cannot see, and so is looked for at every end of theirs.
hidden_cause <- function(fit, information, objective) {
  first_cause(causes[c("kink", "pieces")], fit, information, objective)
}

# Where data are ill-conditioned only an exact fit is a better word.
find_cause <- function(fit, information, objective) {
  first_cause(if (is.null(information$ill)) causes else causes["exact"], fit,
              information, objective)
}

first_cause <- function(causes, fit, information, objective) {
  for (cause in causes) {
    found <- cause(fit, information, objective)
    if (!is.null(found)) {
      return(found)
    }
  }
}

# At a limit the other parameters may well have standard errors.
without_errors <- function(information, cause) {
  involved <- information$involved
  if (is.null(involved)) {
    return(information)
  }
  at <- names(information$scale) %in% cause$parameters
  involved[if (cause$kind == "diverging") which(at) else
    seq_along(involved)] <- TRUE
  information$involved <- involved
  information
}

# Changes of the log-likelihood that rounding cannot make.
visible_change <- function(fit) 1e-10 * (abs(fit$loglik) + 1)

coordinate_steps <- function(fit) pmax(1, abs(fit$theta[interior(fit)]))

# What looks along many directions is for few parameters.
most_directions <- 100L

# Columns: directions between the coordinates, spread evenly enough.
mixed_directions <- function(k) {
  count <- if (k > 1L) min(4L * k, most_directions) else 0L
  cos(outer(seq_len(k)^1.5, seq_len(count)))
}

# Coordinates of theta in which the log-likelihood falls on both sides in
# proportion to the distance, however short, and whether it rises in some other
# direction.
find_kink <- function(fit, objective) {
  # By differences the search ends near a kink, not on it.
  lengths <- if (fit$derivatives == "numeric") 10^-seq(1.5, 3, 0.5) else
    10^-(2:8)
  units <- coordinate_steps(fit)
  k <- length(units)
  if (k == 0L || k > most_directions) {
    return(NULL)
  }
  look <- function(direction) {
    change <- matrix(change_along(c(lengths, -lengths), direction, fit,
                                  objective), ncol = 2L)
    # Not so far that the domain ends.
    inside <- rowSums(!is.finite(change)) == 0
    if (!inside[[length(inside)]]) {
      return(c(rises = FALSE, kink = FALSE))
    }
    change <- change[inside, , drop = FALSE]
    slope <- change / lengths[inside]
    seen <- colSums(change < -visible_change(fit))
    even <- vapply(1:2, function(side) {
      k <- seen[[side]]
      k >= 3L && diff(range(slope[(k - 2L):k, side])) <
        0.05 * abs(slope[k, side])
    }, NA)
    c(rises = any(change > visible_change(fit)), kink = all(even))
  }
  along <- apply(diag(units, k), 2L, look)
  if (!any(along["kink", ])) {
    return(NULL)
  }
  between <- if (k > 1L) apply(units * mixed_directions(k), 2L, look)
  list(coordinates = interior(fit)[along["kink", ]],
       rises = any(along["rises", ], between["rises", ]))
}

# Coordinates in which the log-likelihood falls on both sides, but is straight
# nearly everywhere: like a sum of absolute deviations. The gradient vanishes
# between two middle observations, or by differences across a kink.
find_straight_pieces <- function(fit, objective) {
  units <- coordinate_steps(fit)
  k <- length(units)
  if (k == 0L || k > most_directions) {
    return(NULL)
  }
  pieces <- apply(diag(units, k), 2L, is_straight_nearly_everywhere, fit,
                  objective)
  interior(fit)[pieces]
}

is_straight_nearly_everywhere <- function(direction, fit, objective) {
  places <- c(0.013, 0.07, 0.31, 1.1) %o% c(-1, 1)
  fall <- -change_along(places[4L, ], direction, fit, objective)
  before <- -change_along(places[3L, ], direction, fit, objective)
  if (!all(is.finite(fall)) || any(fall < 1e3 * visible_change(fit)) ||
        !all(is.finite(before) & before < 0.9 * fall)) {
    return(FALSE)
  }
  # A parabola that falls so far bends by `least` within two steps, which is
  # well above rounding; the steps are short, to hit few kinks.
  step <- sqrt(6400 * .Machine$double.eps * (abs(fit$loglik) + 1) / min(fall))
  least <- 1e-2 * min(fall) * step^2
  bends <- vapply(places, function(place) {
    around <- change_along(place + c(-1, 0, 1) * step, direction, fit,
                           objective)
    abs(sum(around * c(1, -2, 1))) >= least
  }, NA)
  sum(!bends, na.rm = TRUE) >= 6L
}

pieces_problem <- function(at, fit) {
  names <- names(fit$theta)[at]
  problem("kink", sprintf(paste(
    "The log-likelihood consists of straight pieces in %s%s. The curvature",
    "says nothing, and there are no standard errors; bootstrap() has some."
  ), enumerate(names), if (fit$derivatives == "exact") paste(
    ", and is level at the estimate: there is a maximum, but not a single one"
  ) else ", with kinks between them"), parameters = names)
}

kink_problem <- function(found, fit) {
  names <- names(fit$theta)[found$coordinates]
  problem("kink", sprintf(if (found$rises) {
    paste(
      "The optimiser stopped at a kink of the log-likelihood, in %s, from",
      "which it rises in other directions. Start elsewhere, or hold %s there",
      "by `fixed`. There are no standard errors."
    )
  } else {
    paste(
      "The log-likelihood has a kink at the estimate, in %s: it falls on both",
      "sides of %s at once, and the gradient does not vanish. Nothing higher",
      "was found nearby. The curvature says nothing, and there are no standard",
      "errors; bootstrap() has some."
    )
  }, enumerate(names), if (length(names) == 1L) "it" else "them"),
  parameters = names)
}

# A coordinate, or its logarithm, that went far along a straight line of the
# log-likelihood: a scale that falls to zero, whose logarithm is not below -750.
# -> list(coordinate, by: "sum" or "factor", away, observations)
# A maximum far from the start looks the same from some way back: it is none
# only if the line is straight up to the end, or if that is where rounding of
# the fitted values takes over.
find_collapse <- function(fit, information, objective) {
  steps <- 4 * (1:4)
  start <- parameters_theta(fit$parameters)
  for (i in interior(fit)) {
    moves <- list(
      sum = sign(start[[i]] - fit$theta[[i]]) * steps *
        (abs(start[[i]] - fit$theta[[i]]) > 16 && abs(fit$theta[[i]]) < 750),
      factor = fit$theta[[i]] * expm1(steps) *
        (abs(fit$theta[[i]]) < 1e-6 * abs(start[[i]]))
    )
    for (by in names(moves)) {
      back <- moves[[by]]
      if (back[[1L]] == 0) next
      change <- change_along(back, seq_along(fit$theta) == i, fit, objective)
      rate <- diff(change) / 4
      if (all(is.finite(rate)) && all(rate < -0.4) &&
            diff(range(rate)) < 1e-3 * abs(rate[[1L]]) &&
            (is_close(change[[1L]] / 4, rate[[1L]]) ||
               is_rounded(information, i, fit))) {
        return(list(coordinate = i, by = by, away = sign(back[[1L]]),
                    observations = straight_rows(back, i, fit, objective)))
      }
    }
  }
}

is_close <- function(x, y) abs(x - y) < 1e-3 * abs(y)

# Whether the curvature in some other parameter is that of an estimate with
# hardly a digit that is not certain.
is_rounded <- function(information, i, fit) {
  others <- interior(fit) != i
  any(information$scale[others] * abs(fit$theta[interior(fit)][others]) > 1e6)
}

# Which contributions take part; NULL where there are none.
straight_rows <- function(to, i, fit, objective) {
  if (is.na(objective$n)) {
    return(NULL)
  }
  at <- vapply(to[1:2], function(step) {
    theta <- unname(fit$theta)
    theta[[i]] <- theta[[i]] + step
    objective_contributions(objective, theta)
  }, numeric(objective$n))
  if (objective$n > 1L) which(at[, 2L] - at[, 1L] < -1)
}

collapse_problem <- function(found, fit) {
  name <- names(fit$theta)[[found$coordinate]]
  towards <- if (found$by == "factor") "goes to zero" else
    if (found$away > 0) "falls" else "rises"
  declared <- declared_end(fit, found$coordinate, -found$away)
  if (!is.null(declared)) {
    name <- declared$name
    towards <- paste("goes to", declared$limit)
  }
  rows <- found$observations
  text <- if (is.null(rows) || length(rows) == fit$n) {
    sprintf(paste(
      "The data are fitted exactly, within rounding: the log-likelihood rises",
      "without bound as `%s` %s, and has no maximum. There are no standard",
      "errors."
    ), name, towards)
  } else {
    sprintf(paste(
      "The log-likelihood rises without bound as `%s` %s, and has no maximum:",
      "%s (%s) %s fitted exactly. Another start may lead to a local maximum;",
      "a range may be declared in `start`, as by bounded(). There are no",
      "standard errors."
    ), name, towards, counted(length(rows), "observation"),
    first_few(rows), if (length(rows) == 1L) "is" else "are")
  }
  problem("unbounded", text, parameters = name, rows = rows)
}

# The coefficient of a declared range that a coordinate moves alone, and where
# it goes; NULL where there is none.
declared_end <- function(fit, coordinate, side) {
  edges <- parameters_edges(fit$parameters)
  alone <- function(edge) {
    edge$coordinate == coordinate && length(edge$coefficients) == 1L
  }
  edge <- Find(function(edge) alone(edge) && edge$side == side, edges)
  if (!is.null(edge)) {
    return(list(name = edge$coefficients, limit = format(edge$limit)))
  }
  # Half a range has one end.
  edge <- Find(alone, edges)
  if (!is.null(edge)) {
    above <- fit$coefficients[[edge$coefficients]] > edge$limit
    list(name = edge$coefficients, limit = if (above) "Inf" else "-Inf")
  }
}

# Along a direction without curvature the log-likelihood tends to a limit on one
# side and falls on the other. -> list(direction, rows: contributions that
# change, certain: whether these are probabilities that go to one, rises: there
# is no limit)
find_limit <- function(fit, information, objective) {
  for (way in candidate_ways(fit, information)) {
    size <- max(abs(way))
    way[abs(way) < 1e-6 * size] <- 0
    out <- change_along(c(1, 4, 16), way / size, fit, objective)
    # A logarithm goes on rising, as far out as one looks.
    beyond <- change_along(c(0.5, 1), way, fit, objective)
    back <- c(4, 16, size / 2, size)
    change <- change_along(-back, way / size, fit, objective)
    falls <- which(is.finite(change) & change < -1e-2)
    if (all(is.finite(out)) && all(abs(out) < 1e-2) &&
          all(out > -visible_change(fit)) && length(falls)) {
      if (isTRUE(beyond[[2L]] > beyond[[1L]] && beyond[[1L]] > 1e-2)) {
        return(list(direction = way, certain = FALSE, rises = TRUE))
      }
      back <- back[[falls[[1L]]]] * way / size
      return(c(list(direction = way), limit_rows(back, fit, objective)))
    }
  }
}

# Directions in which the search went far: that of a coordinate, the whole way,
# and those that have no curvature.
candidate_ways <- function(fit, information) {
  moved <- fit$theta - parameters_theta(fit$parameters)
  furthest <- utils::head(order(-abs(moved)), 3L)
  furthest <- furthest[abs(moved[furthest]) > 4]
  null <- information$null
  null <- if (!is.null(null)) {
    lapply(which(!information$flat), function(column) {
      way <- null[, column]
      names(way) <- names(information$scale)
      32 * way / max(abs(way)) * sign(sum(way * moved[interior(fit)]))
    })
  }
  alone <- lapply(furthest, function(i) moved * (seq_along(moved) == i))
  c(alone, null, list(moved)[any(abs(moved) > 4)])
}

limit_rows <- function(way, fit, objective) {
  if (is.na(objective$n)) {
    return(list(certain = FALSE))
  }
  theta <- unname(fit$theta)
  if (length(way) < length(theta)) {
    way <- replace(numeric(length(theta)), interior(fit), way)
  }
  at <- objective_contributions(objective, theta)
  rows <- which(abs(objective_contributions(objective, theta - way) - at) >
                  1e-6)
  sure <- at <= 0 & at > -1e-2
  if (all(sure)) rows <- seq_along(at)
  list(rows = rows, certain = length(at) > 1L && length(rows) > 0L &&
         all(sure[rows]))
}

limit_problem <- function(found, fit) {
  way <- found$direction[found$direction != 0]
  alone <- length(way) == 1L
  end <- if (alone) {
    declared_end(fit, match(names(way), names(fit$theta)), sign(way))
  }
  hint <- if (alone && is.null(end) && !isTRUE(found$rises)) logarithm_hint(way)
  if (alone && is.null(end)) {
    end <- list(name = names(way), limit = if (way > 0) "Inf" else "-Inf")
  }
  along <- if (alone) sprintf("`%s` goes to %s", end$name, end$limit) else
    sprintf("the parameters go to infinity along %s", direction_text(way))
  rows <- found$rows
  text <- if (found$certain) {
    sprintf(paste(
      "%s separation%s: the log-likelihood of %s (%s) goes to zero, their",
      "probability to one, as %s. It has no maximum, and the parameters",
      "concerned have no estimate and no standard error.",
      "`bias = \"firth\"` has finite estimates."
    ), if (length(rows) == fit$n) "Complete" else "Quasi-complete",
    # A function does not say what its numbers are.
    if (is.null(fit$model)) ", if these are probabilities" else "",
    counted(length(rows), "observation"), first_few(rows), along)
  } else {
    sprintf(paste0(
      "The log-likelihood has no maximum: it %s as %s. There is no standard ",
      "error for %s.%s"
    ), if (isTRUE(found$rises)) "goes on rising" else "tends to a limit", along,
    enumerate(if (alone) end$name else names(way)),
    if (is.null(hint)) "" else paste0(" ", hint))
  }
  problem("diverging", text, parameters = names(way), rows = rows)
}

logarithm_hint <- function(way) {
  if (way < 0) paste(
    "If it is a logarithm, as of a variance, declare the variance itself as",
    "positive() in `start`: its maximum at zero is then found and told."
  )
}
