# The doubts about a fit in the user's words: each is a list of `kind`,
# `message` and fields, made when the fit is judged.

problem <- function(kind, message, ...) {
  list(kind = kind, message = message, ...)
}

has_problem <- function(x, kind) {
  kind %in% vapply(x$problems, `[[`, "", "kind")
}

convergence_problem <- function(fit, information, objective) {
  errors <- missing_errors_text(information)
  if (fit_search(fit)$outcome == "diverging" && rises_beyond(fit, objective)) {
    return(problem("convergence", paste0(
      "The optimiser stopped where the gradient vanishes, but it is no ",
      "maximum: the log-likelihood rises beyond. Try another start.", errors
    )))
  }
  if (fit_search(fit)$outcome == "diverging" && runs_off(fit, objective)) {
    return(problem("diverging", paste0(diverging_message(fit), errors)))
  }
  if (fit_search(fit)$outcome == "diverging") {
    return(problem("convergence", paste0(
      "The optimiser could not confirm a maximum: the curvature of the ",
      "log-likelihood vanishes at the estimate.", forgotten_log_text(fit$fn),
      errors
    )))
  }
  reason <- switch(
    fit_search(fit)$outcome,
    iteration_limit = paste0(sprintf(
      "it reached its limit of %s (see `mle_control(iterations = )`)",
      counted(fit_search(fit)$iterations, "iteration")
    ), late_reason(fit)),
    no_progress = paste0(
      "no step raises the log-likelihood, but it is no maximum",
      late_reason(fit)
    ),
    interrupted = "it was interrupted",
    fit$message
  )
  problem("convergence", paste0(sprintf(
    "The optimiser stopped before it found a maximum: %s.", reason
  ), errors))
}

# The usual mistake behind a log-likelihood without a maximum: a density where
# its logarithm was meant.
forgotten_log_text <- function(fn) {
  name <- density_without_log(body(fn))
  if (is.null(name)) {
    return("")
  }
  sprintf(" Was `%s(..., log = TRUE)` meant? `log` is missing.", name)
}

# A value that is not negative may be that of densities.
with_forgotten_log <- function(problems, fit) {
  text <- forgotten_log_text(fit$fn)
  doubted <- length(problems) > 0L && nzchar(text) && fit$loglik >= 0
  if (doubted && !grepl(text, problems[[1L]]$message, fixed = TRUE)) {
    problems[[1L]]$message <- paste0(problems[[1L]]$message, text)
  }
  problems
}

# The first call of a density without `log` and not inside of log(); or NULL.
density_without_log <- function(code) {
  if (!is.call(code)) {
    return(NULL)
  }
  head <- if (is.symbol(code[[1L]])) as.character(code[[1L]]) else ""
  if (head == "log") {
    return(NULL)
  }
  if (head %in% density_names && !"log" %in% names(code)) {
    return(head)
  }
  for (part in as.list(code)[-1L]) {
    found <- if (!missing(part)) density_without_log(part)
    if (!is.null(found)) {
      return(found)
    }
  }
  NULL
}

density_names <- c(
  "dbeta", "dbinom", "dcauchy", "dchisq", "dexp", "df", "dgamma", "dgeom",
  "dhyper", "dlnorm", "dlogis", "dmultinom", "dnbinom", "dnorm", "dpois", "dt",
  "dunif", "dweibull"
)

missing_errors_text <- function(information) {
  if (is.null(information) || !any(information$involved) &&
        information$status != "indefinite") {
    return("")
  }
  if (all(information$involved) ||
        information$status %in% c("indefinite", "nonfinite")) {
    return(" There are no standard errors.")
  }
  sprintf(" There are no standard errors for %s.",
          enumerate(names(information$scale)[information$involved]))
}

# Whether the point is stationary, but the log-likelihood is clearly higher
# further on: an inflection, not a likelihood that flattens out.
rises_beyond <- function(fit, objective) {
  way <- fit$theta - parameters_theta(fit$parameters)
  further <- change_along(c(0.5, 1), way, fit, objective)
  fit_search(fit)$scaled_gradient < 1e-6 &&
    any(is.finite(further) & further > 1e-3 * (abs(fit$loglik) + 1))
}

# Whether the log-likelihood does not fall further out, away from the start.
runs_off <- function(fit, objective) {
  way <- fit$theta - parameters_theta(fit$parameters)
  further <- change_along(c(0.5, 1), way, fit, objective)
  !any(is.finite(further) & further < 0)
}

diverging_message <- function(fit) {
  furthest <- which.max(abs(fit$theta))
  forgotten <- forgotten_log_text(fit$fn)
  doubt <- if (fit$negative) {
    "`negative = TRUE` is for one that returns the negative log-likelihood."
  } else {
    "One that returns the negative log-likelihood needs `negative = TRUE`."
  }
  bounded <- fit$loglik < 1e3 * (abs(fit_search(fit)$start_loglik) + 1)
  paste0(paste(
    sprintf(
      "The parameters run off without reaching a maximum: after %s `%s` is %s",
      counted(fit_search(fit)$iterations, "iteration"), names(furthest),
      format(signif(fit$theta[[furthest]], 3))
    ),
    sprintf("and the log-likelihood %s.", format(signif(fit$loglik, 6))),
    if (nzchar(forgotten)) {
      NULL
    } else if (bounded) {
      paste(
        "It may have no maximum, as with perfectly separated data; or is the",
        "sign of the function wrong?"
      )
    } else {
      "Is the sign of the function wrong?"
    },
    if (!nzchar(forgotten)) doubt
  ), forgotten)
}

hessian_problem <- function(information, negative) {
  status <- if (is.null(information)) "unknown" else information$status
  text <- switch(
    status,
    indefinite = paste0(
      "The Hessian is not negative definite where the optimiser stopped: the ",
      "point is not a maximum, and there are no standard errors.",
      if (is_convex(information)) sprintf(paste(
        " The curvature is upwards in every direction: if the function returns",
        "%s, `negative = %s` is needed."
      ), if (negative) "the log-likelihood" else "the negative log-likelihood",
      !negative)
    ),
    nonfinite = paste(
      "The Hessian is not finite where the optimiser stopped: there are no",
      "standard errors."
    )
  )
  if (!is.null(text)) {
    list(problem("hessian", text))
  }
}

is_convex <- function(information) {
  !is_sparse_hessian(information$scaled) &&
    all(eigen(information$scaled, symmetric = TRUE, only.values = TRUE)$values <
        -believed_eigenvalue)
}

identification_problems <- function(information, fit, only_flat = FALSE) {
  found <- if (is.null(information$ill)) information else information$ill
  if (is.null(found$null)) {
    return(NULL)
  }
  null <- null_directions(found$null, fit)
  if (isTRUE(found$more)) {
    return(list(more_problem(null, found$flat)))
  }
  shown <- if (only_flat) which(found$flat) else seq_along(found$flat)
  lapply(joined_directions(null, found$flat, shown), function(columns) {
    directions <- null[, columns, drop = FALSE]
    directions <- directions[rowSums(directions != 0) > 0, , drop = FALSE]
    problem(
      "identification",
      identification_message(directions, found$flat[[columns[[1L]]]]),
      parameters = rownames(directions), directions = directions
    )
  })
}

# Where there may be more directions than were looked at.
more_problem <- function(null, flat) {
  moved <- rownames(null)[rowSums(null != 0) > 0]
  problem("identification", sprintf(paste(
    "The parameters are not identified separately: %s along at least %d",
    "directions, which move %s. More were not looked for: the number of",
    "identified parameters, and so AIC, BIC and degrees of freedom, are bounds."
  ), if (all(flat)) "the log-likelihood does not change" else
    "the log-likelihood has no curvature (within rounding)",
  ncol(null), first_few(moved)), parameters = moved, directions = null,
  more = TRUE)
}

# Directions that share parameters belong to one statement, and so do all
# parameters that are not identified at all. -> list of column numbers
joined_directions <- function(null, flat, shown) {
  if (length(shown) < 2L) {
    return(as.list(shown))
  }
  used <- null[, shown, drop = FALSE] != 0
  shared <- crossprod(used) > 0 | outer(colSums(used) == 1, colSums(used) == 1)
  shared <- shared & outer(flat[shown], flat[shown], "==")
  group <- seq_along(shown)
  repeat {
    joined <- apply(shared, 2L, function(with) min(group[with]))
    if (identical(joined, group)) break
    group <- joined
  }
  unname(split(shown, group))
}

# By the numbers whose names the user knows.
null_directions <- function(null, fit) {
  rownames(null) <- names(fit$theta)[interior(fit)]
  if (!is_conditioned(fit$parameters)) {
    return(null)
  }
  linear <- fit$parameters$linear
  by_theta <- linear$matrix[, interior(fit), drop = FALSE]
  scale <- 1 / sqrt(rowSums(by_theta^2))
  null <- simple_basis((by_theta %*% null) * scale, scale)
  working <- fit$parameters$working
  rownames(null) <- working$names[working$free]
  null
}

# "`a` and `b` are not identified separately: the log-likelihood does not change
# along a = -b."
identification_message <- function(directions, flat) {
  if (ncol(directions) == 1L && nrow(directions) > most_shown) {
    return(many_message(directions[, 1L], flat))
  }
  names <- rownames(directions)
  alone <- all(colSums(directions != 0) == 1)
  where <- if (!alone) directions_text(directions) else
    if (length(names) == 1L) "it" else "them"
  if (!flat) {
    return(sprintf(paste(
      "The curvature of the log-likelihood does not identify %s%s: at the",
      "estimate it is zero (within rounding) along %s."
    ), enumerate(names), if (alone) "" else " separately", where))
  }
  who <- sprintf("%s %s not identified%s", enumerate(names),
                 if (length(names) == 1L) "is" else "are",
                 if (alone) "" else " separately")
  sprintf("%s: the log-likelihood does not change %s.", who,
          paste(if (alone) "with" else "along", where))
}

# More parameters than this are not listed one by one.
most_shown <- 12L

# "a" of "a12", "a[3]", "a1.2".
stem_of <- function(names) sub("(\\[.*|[0-9.]+)$", "", names)

# "5,000 of `a` (`a1`, `a2`, ...) and 500 of `c` (...) are not identified
# separately: the log-likelihood does not change when ...".
many_message <- function(direction, flat) {
  stem <- stem_of(names(direction))
  groups <- split(direction, factor(stem, unique(stem)))
  steps <- direction / max(abs(direction)) * sign(direction[[1L]])
  moves <- vapply(names(groups), function(name) {
    step <- unique(signif(steps[stem == name], 3))
    sprintf("`%s` %s", name, if (length(step) > 1L) {
      "by different amounts"
    } else {
      sprintf("by %s%s", if (step > 0) "+" else "", format(step))
    })
  }, "")
  who <- vapply(groups, function(group) {
    sprintf("%s of `%s` (%s)", grouped_digits(length(group)),
            stem_of(names(group)[[1L]]),
            first_few(names(group), 3L))
  }, "")
  sprintf(
    "%s are not identified separately: %s when all of these move, %s.",
    paste(who, collapse = " and "),
    if (flat) "the log-likelihood does not change" else
      "the log-likelihood has no curvature (within rounding)",
    paste(moves, collapse = " and ")
  )
}

directions_text <- function(directions, limit = 4L) {
  texts <- apply(directions, 2L, function(direction) {
    direction_text(direction[direction != 0])
  })
  count <- length(texts)
  if (count == 1L) {
    return(texts)
  }
  texts <- sub("^the direction ", "", texts)
  sprintf("%d directions: %s%s", count,
          paste(utils::head(texts, limit), collapse = ", "),
          if (count > limit) ", ..." else "")
}

direction_text <- function(direction) {
  names <- names(direction)
  if (length(direction) > most_shown) {
    return(sprintf("a direction of %s (%s)",
                   counted(length(direction), "parameter"), first_few(names)))
  }
  if (length(direction) == 2L) {
    ratio <- signif(direction[[1L]] / direction[[2L]], 4)
    factor <- if (ratio == 1) "" else if (ratio == -1) "-" else
      paste(format(ratio, digits = 4), "* ")
    return(sprintf("%s = %s%s", names[[1L]], factor, names[[2L]]))
  }
  steps <- direction / min(abs(direction)) * sign(direction[[1L]])
  whole <- max(abs(steps - round(steps))) < 1e-6 && max(abs(steps)) < 100
  steps <- if (whole) round(steps) else steps / max(abs(steps))
  sprintf(
    "the direction (%s)",
    paste(names, "=", format(signif(steps, 4), digits = 4, trim = TRUE,
                             drop0trailing = TRUE), collapse = ", ")
  )
}

# An element that the code takes of a parameter that does not have it.
missing_element <- function(code, parameters) {
  if (!is.call(code)) {
    return(NULL)
  }
  if (function_name(code) %in% c("[", "[[") && length(code) == 3L &&
        is.symbol(code[[2L]])) {
    name <- as.character(code[[2L]])
    value <- parameters$template[[name]]
    at <- code[[3L]]
    absent <- is.null(dim(value)) && (
      is.numeric(at) && at > length(value) ||
        is.character(at) && !at %in% names(value)
    )
    if (!is.null(value) && absent) {
      return(sprintf(
        "There is no `%s`: `%s` in `start` has %s%s.", call_text(code), name,
        counted(length(value), "element"),
        if (is.null(names(value))) " without names" else
          paste(", named", enumerate(names(value)))
      ))
    }
  }
  for (part in as.list(code)) {
    found <- if (!missing(part)) missing_element(part, parameters)
    if (!is.null(found)) {
      return(found)
    }
  }
}
