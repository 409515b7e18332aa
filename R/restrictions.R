# Restrictions g(b) = 0 on the coefficients of a fit, linear or not, as all
# tests use them: their values and derivatives at a point. Whether they are
# independent of each other is judged by the derivatives, each in units of the
# coefficients' own curvature, so that no units matter.

# -> read_functions() with `slopes` (by the free coefficients), `value` (what
#    should be zero), `affine`
read_restrictions <- function(what, fit, env, rhs = NULL,
                              name = "restrictions") {
  read <- read_functions(what, fit, env, rhs, name)
  read$name <- name
  read$affine <- all(affine_rows(read$fn, fit))
  read <- restrictions_at(read, fit)
  check_independent(read, fit)
  read
}

restrictions_at <- function(read, fit, all = all_parameters(fit)) {
  read$value <- as.numeric(read$fn(all)) - read$null
  read$slopes <- unname(free_slopes(read$fn, fit, all))
  read
}

# The model without its constraints, started where they hold.
without_constraints <- function(fit) {
  with_parameters(
    fit, parameters_at(fit$parameters$unconstrained, fit_arguments(fit))
  )
}

# Each restriction must say something new, and nothing that contradicts the
# others; which is which is known of linear ones.
check_independent <- function(read, fit) {
  slopes <- read$slopes
  if (any(!is.finite(slopes))) {
    abort_restriction(read, which(rowSums(!is.finite(slopes)) > 0)[[1L]],
                      "has no finite derivatives at the estimates")
  }
  size <- sqrt(rowSums(slopes^2))
  none <- which(size == 0)
  if (length(none)) {
    abort_restriction(read, none[[1L]],
                      "does not depend on what is estimated")
  }
  split <- qr(t(slopes / size), tol = 1e-9)
  if (split$rank == nrow(slopes)) {
    return(invisible())
  }
  kept <- split$pivot[seq_len(split$rank)]
  last <- split$pivot[[split$rank + 1L]]
  abort_restriction(read, last, if (!read$affine) {
    "depends on the others at the estimates"
  } else if (follows(read, kept, last)) {
    "says nothing new. Leave it out"
  } else {
    "contradicts the others"
  })
}

# Whether a combination of the `kept` linear restrictions is the `last` one.
follows <- function(read, kept, last) {
  weights <- qr.coef(qr(t(read$slopes[kept, , drop = FALSE])),
                     read$slopes[last, ])
  size <- abs(read$value[[last]]) + sum(abs(weights * read$value[kept]))
  abs(read$value[[last]] - sum(weights * read$value[kept])) <= 1e-8 * size
}

abort_restriction <- function(read, index, what) {
  admle_abort("argument", sprintf("`%s`: \"%s\" %s.", read$name,
                                  read$texts[[index]], what),
              argument = read$name)
}

# The values that linear restrictions of one coefficient each say it has.
implied_values <- function(read, fit) {
  single <- which(read$affine & rowSums(read$slopes != 0) == 1)
  at <- apply(read$slopes[single, , drop = FALSE] != 0, 1L, which)
  stats::setNames(
    fit$coefficients[at] - read$value[single] / read$slopes[cbind(single, at)],
    names(fit$coefficients)[at]
  )
}

# Which of these values are ends of the coefficients' declared ranges.
at_range_ends <- function(values, fit) {
  values <- values[names(values) %in% names(fit$coefficients)]
  at <- match(names(values), names(fit$coefficients))
  is_end <- lapply(parameters_range(fit$parameters), function(end) {
    abs(values - end[at]) <= 1e-12 * (1 + abs(values))
  })
  names(values)[is_end$lower | is_end$upper]
}

warn_at_boundary <- function(values, fit) {
  ends <- at_range_ends(values, fit)
  if (length(ends)) {
    admle_warn("argument", sprintf(paste(
      "The hypothesis is at the end of the range of %s, where the statistic is",
      "not distributed as the p-value has it: see `boundary` of `lr_test()`."
    ), enumerate(ends)))
  }
}

# v' M^-1 v for a covariance matrix M, in units of the standard errors; NULL
# where it is not positive definite.
quadratic_form <- function(value, covariance) {
  error <- sqrt(pmax(diag(covariance), 0))
  if (anyNA(error) || any(error == 0)) {
    return(NULL)
  }
  scaled <- covariance / outer(error, error)
  factor <- tryCatch(chol(scaled), error = function(e) NULL)
  if (is.null(factor) || rcond(scaled) < 1e-14) {
    return(NULL)
  }
  sum(backsolve(factor, value / error, transpose = TRUE)^2)
}

# The class that R's own tests have.
new_test <- function(statistic, df, method, about, ..., p = NULL) {
  if (is.null(p)) {
    p <- if (length(df) == 2L) {
      stats::pf(statistic[[1L]], df[[1L]], df[[2L]], lower.tail = FALSE)
    } else {
      stats::pchisq(statistic[[1L]], df[[1L]], lower.tail = FALSE)
    }
  }
  structure(list(statistic = statistic, parameter = df, p.value = p,
                 method = method, data.name = paste(about, collapse = ", "),
                 ...), class = "htest")
}
