# A search from several starts (`mle_control(multistart = )`): the maximum that
# is found from the user's start says how far apart starts should be. They use
# the recording of the first search, and random numbers of their own.

# -> list(solution, maxima): the best of all searches, and what they found; the
# first solution and NULL where one search was asked for
from_several_starts <- function(fit, objective, solution) {
  count <- fit$control$multistart
  if (is.null(count) || count == 0 || solution$outcome == "interrupted") {
    return(list(solution = solution, maxima = NULL))
  }
  control <- fit$control
  control$trace <- FALSE
  spread <- start_spread(objective, solution$par)
  starts <- further_starts(fit$parameters, solution$par, spread, count,
                           control$seed)
  found <- lapply(seq_len(count), function(i) {
    search_from(objective, starts[, i], solution$par, control)
  })
  found <- c(list(solution), found)
  maxima <- distinct_maxima(found, spread, fit$parameters, objective)
  best <- maxima$from[1L]
  if (!is.na(best) && best > 1L) {
    solution <- better_solution(solution, found[[best]])
  }
  list(solution = solution, maxima = maxima)
}

# The standard errors by the curvature, or the size of the parameter where it
# has none.
start_spread <- function(objective, theta) {
  size <- pmax(abs(theta), 1)
  hessian <- tryCatch(objective_hessian(objective, theta),
                      error = function(e) NULL)
  inverse <- if (all(is.finite(hessian))) inverse_definite(-hessian)
  if (is.null(inverse)) {
    return(size)
  }
  errors <- sqrt(diag(inverse))
  ifelse(is.finite(errors) & errors > 0, errors, size)
}

# In turn 2, 5, 10 and 20 standard errors wide. In every other start numbers
# with a declared range are drawn from the whole of it. -> one column a start
further_starts <- function(parameters, theta, spread, count, seed) {
  ranges <- declared_numbers(parameters)
  widths <- rep_len(c(2, 5, 10, 20), count)
  drawn <- with_own_random(function() {
    set_replication_seed(seed)
    vapply(seq_len(count), function(i) {
      start <- theta + widths[[i]] * spread * stats::rnorm(length(theta))
      logit <- stats::rlogis(length(theta))
      wide <- i %% 2L == 0L
      both <- wide & ranges == "both"
      start[both] <- logit[both]
      half <- wide & ranges == "half"
      start[half] <- theta[half] + logit[half]
      start
    }, numeric(length(theta)))
  })
  matrix(drawn, nrow = length(theta))
}

# Of each number that the optimiser moves: "both" where its line stands for a
# range with two ends, on which the logistic distribution is a uniform one,
# "half" where for one with one end, else "none".
declared_numbers <- function(parameters) {
  kinds <- rep("none", length(parameters_theta(parameters)))
  if (!is.null(parameters$linear)) {
    return(kinds)
  }
  for (part in parameters_layout(parameters)) {
    if (is.null(part$type)) next
    ends <- is.finite(part$type$lower) + is.finite(part$type$upper)
    at <- part$free[!is.na(part$free)]
    of <- if (length(ends) == length(part$free)) ends[!is.na(part$free)] else
      rep(max(ends), length(at))
    kinds[at] <- c("none", "half", "both")[of + 1L]
  }
  kinds
}

# From a start without a value, half the way back, until there is one.
search_from <- function(objective, start, centre, control) {
  for (attempt in 1:10) {
    value <- tryCatch(as.numeric(objective_value(objective, start)),
                      error = function(e) NaN)
    if (is.finite(value)) {
      return(tryCatch(objective_maximise(objective, start, control),
                      error = function(e) NULL))
    }
    start <- (start + centre) / 2
  }
  NULL
}

# Searches that ended at a maximum: where the gradient vanishes and there is
# curvature, or, in a model that is not identified, where it vanishes.
ended_at_maximum <- function(found, objective) {
  stationary <- vapply(found, function(solution) {
    !is.null(solution) && solution$outcome %in% stationary_outcomes
  }, NA)
  curved <- stationary
  curved[stationary] <- vapply(found[stationary], has_curvature, NA, objective)
  which(if (any(curved)) curved else stationary)
}

# Hessians of more parameters are not made for this.
most_judged <- 500L

has_curvature <- function(solution, objective) {
  if (length(solution$par) > most_judged && is.null(solution$hessian)) {
    return(TRUE)
  }
  information <- -objective_hessian(objective, solution$par)
  scale <- sqrt(abs(diag(information)))
  all(is.finite(information)) && all(scale > 0) &&
    is_clearly_definite(information / outer(scale, scale))
}

# Maxima closer than this, in standard errors, are one.
same_maximum <- 0.05

# One row for each maximum, the highest first: `loglik`, `searches` that ended
# there, `from`, the first of them (1 is the user's start), `coefficients`.
distinct_maxima <- function(found, spread, parameters, objective) {
  ended <- ended_at_maximum(found, objective)
  value <- vapply(found[ended], function(s) as.numeric(s$value), 0)
  ended <- ended[order(-value, ended)]
  centres <- list()
  member <- integer()
  for (i in ended) {
    at <- found[[i]]$par
    near <- vapply(centres, function(other) {
      max(abs(at - found[[other]]$par) / spread) < same_maximum
    }, NA)
    if (!any(near)) centres <- c(centres, list(i))
    member <- c(member, if (any(near)) which(near)[[1L]] else length(centres))
  }
  from <- vapply(seq_along(centres), function(k) min(ended[member == k]), 0L)
  coefficients <- lapply(centres, function(i) {
    parameters_coefficients(parameters, found[[i]]$par)
  })
  maxima <- data.frame(
    loglik = vapply(centres, function(i) as.numeric(found[[i]]$value), 0),
    searches = tabulate(member, length(centres)), from = from
  )
  maxima$coefficients <- do.call(rbind, coefficients)
  structure(maxima, searches = length(found),
            unfinished = length(found) - length(ended))
}

# What it took is that of both.
better_solution <- function(first, best) {
  best$evaluations <- first$evaluations + best$evaluations
  best$recordings <- max(first$recordings, best$recordings)
  best
}

# Log-likelihoods that differ by less than rounding may be the same, and those
# within two units are hardly worse.
hardly_lower <- 2

maxima_problems <- function(fit) {
  maxima <- fit$maxima
  if (NROW(maxima) < 2L) {
    return(NULL)
  }
  below <- fit$loglik - maxima$loglik
  equal <- sum(below <= 1e-7 * (abs(fit$loglik) + 1))
  if (equal > 1L) {
    text <- sprintf(paste(
      "%d different maxima have the same log-likelihood: the data do not tell",
      "them apart, as where the components of a mixture can change places. The",
      "one found first was kept; `maxima` of the fit has all."
    ), equal)
  } else if (below[[2L]] < hardly_lower) {
    text <- sprintf(paste(
      "There is another maximum, whose log-likelihood is lower by %s only;",
      "standard errors do not know of it. `maxima` of the fit has all."
    ), format(signif(below[[2L]], 2)))
  } else {
    return(NULL)
  }
  list(problem("maxima", text))
}

# ", the highest of 3 maxima from 21 starts"
maxima_text <- function(maxima) {
  if (is.null(maxima)) {
    return(NULL)
  }
  unfinished <- attr(maxima, "unfinished")
  found <- nrow(maxima)
  paste0(
    if (found == 0L) "no maximum" else if (found == 1L) "the same maximum" else
      sprintf("the highest of %d maxima", found),
    sprintf(" from %d starts", attr(maxima, "searches")),
    if (found && unfinished) sprintf(" (%d of the searches did not end at one)",
                                     unfinished)
  )
}
