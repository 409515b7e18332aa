# Confidence intervals: Wald, profile likelihood, bootstrap, each coefficient on
# its own or all of them at once.

#' Confidence intervals
#'
#' @param object A fit by [mle_fit()].
#' @param parm Names or numbers of coefficients; all by default. For
#'   `method = "profile"` also a combination as a formula, `~ b1 - b2`.
#' @param level The confidence level.
#' @param method `"wald"`, `"profile"` or `"bootstrap"`, see below.
#' @param vcov The covariance matrix of Wald intervals, see [covariance_choice].
#' @param simultaneous `TRUE` for intervals that hold all at once with
#'   probability `level`.
#' @param modified For `method = "profile"`: `TRUE` for the modified profile
#'   likelihood, see [profile.mle_fit()].
#' @param ... For `"wald"`, settings of the covariance and `adjust`, see
#'   [vcov.mle_fit()]; for `"bootstrap"`, arguments of [bootstrap()] and of its
#'   `confint()` method.
#'
#' @section Wald:
#' Estimate plus and minus the quantile times the standard error, from the
#' normal distribution or, with `adjust`, from the t. For coefficients with a
#' declared range ([positive()] and the like) this is done on a scale without
#' limits and mapped back, so that the interval is within the range.
#'
#' @section Profile:
#' The values at which twice the log-likelihood, maximised over the other
#' parameters, is less than the quantile of the chi-squared distribution below
#' its maximum. Neither a covariance matrix nor `adjust`, of the fit or not,
#' enters: the intervals are those of a likelihood that is right, in large
#' samples. The two limits are computed directly, by Newton's method on
#' exact derivatives, and not interpolated. They are `-Inf` or `Inf`, or
#' the end of the declared range, where the profile flattens out before
#' (with a warning). See [profile.mle_fit()], also on what happens when a
#' better optimum is met.
#'
#' @section Bootstrap:
#' `confint(bootstrap(object, ...), ...)`, to which `type` is given; all else is
#' for [bootstrap()], whose `method` is its default. See
#' [confint.mle_bootstrap()].
#'
#' @section Simultaneous intervals:
#' The quantile is that of the largest absolute value of the jointly normal (or
#' t) estimates of the chosen coefficients, computed by the package mvtnorm.
#' Where that is not installed, and for more than 100 coefficients, it is
#' Sidak's, which is not smaller. Profile intervals use its square in place of
#' the chi-squared quantile. The attribute `simultaneous` of the result says
#' which.
#'
#' @return A matrix with a row per coefficient and columns for the two limits.
#'   Coefficients that are not determined have limits `NA`.
#' @references Venzon and Moolgavkar (1988), A method for computing
#'   profile-likelihood-based confidence intervals, *Applied Statistics* 37,
#'   87-94. Hothorn, Bretz and Westfall (2008), Simultaneous inference in
#'   general parametric models, *Biometrical Journal* 50, 346-363. Sidak (1967),
#'   Rectangular confidence regions for the means of multivariate normal
#'   distributions, *Journal of the American Statistical Association* 62,
#'   626-633.
#' @examples
#' fit <- mle_fit(function(mu, s) dnorm(speed, mu, exp(s), log = TRUE),
#'                start = list(mu = 10, s = 1), data = cars)
#' confint(fit)
#' confint(fit, method = "profile")
#' confint(fit, simultaneous = TRUE)
#' @export
confint.mle_fit <- function(object, parm, level = 0.95,
                            method = c("wald", "profile", "bootstrap"),
                            vcov = NULL, simultaneous = FALSE, ...,
                            modified = FALSE) {
  method <- match_choice(method, c("wald", "profile", "bootstrap"), "method")
  check_level(level)
  check_flag(simultaneous, "simultaneous")
  if (missing(parm)) parm <- NULL
  check_interval(method, list(
    modified = !isFALSE(modified), vcov = !is.null(vcov),
    simultaneous = simultaneous, parm = inherits(parm, "formula")
  ))
  switch(
    method,
    wald = wald_intervals(object, parm, level, vcov, simultaneous, ...),
    profile = profile_intervals(object, parm, level, vcov, simultaneous,
                                modified, ...),
    bootstrap = bootstrap_intervals(object, parm, level, ...)
  )
}

# Arguments that are given, but that the method does not have.
check_interval <- function(method, given) {
  refuse <- function(name, message) {
    if (given[[name]]) admle_abort("argument", message, argument = name)
  }
  if (method != "profile") {
    refuse("modified", "`modified` is for `method = \"profile\"`.")
    refuse("parm", paste(
      "Only `method = \"profile\"` takes a combination of coefficients. A",
      "Wald interval of one is made by `nlcom()`."
    ))
  } else if (!given$simultaneous) {
    refuse("vcov", paste(
      "A profile interval has no covariance matrix: `vcov` is for `method =",
      "\"wald\"`, or for the quantile of simultaneous intervals."
    ))
  }
  if (method == "bootstrap") {
    refuse("vcov", "Bootstrap intervals need no `vcov`.")
    refuse("simultaneous", "Bootstrap intervals are not simultaneous.")
  }
}

wald_intervals <- function(fit, parm, level, vcov, simultaneous, ...) {
  all_names <- complete_names(fit)
  chosen <- chosen_coefficients(parm, all_names)
  estimate <- fit$coefficients
  known <- intersect(chosen, names(estimate))
  covariance <- fit_covariance(fit, vcov, parm = known, ...)
  df <- residual_df(fit, vcov = vcov, ...)
  quantile <- interval_quantile(level, covariance, df, simultaneous)
  range <- lapply(parameters_range(fit$parameters), function(end) {
    end[match(known, names(estimate))]
  })
  limits <- range_limits(estimate[known], sqrt(diag(covariance)),
                         quantile$value, range)
  rownames(limits) <- known
  interval_table(limits, chosen, level, quantile)
}

# Rows of NA for what is not determined.
interval_table <- function(limits, chosen, level, quantile) {
  tail <- (1 - level) / 2
  table <- limits[match(chosen, rownames(limits)), , drop = FALSE]
  dimnames(table) <- list(chosen, percent_names(c(tail, 1 - tail)))
  attr(table, "simultaneous") <- quantile$text
  table
}

# "2.5 %", "97.5 %"
percent_names <- function(tails) {
  paste(format(100 * tails, trim = TRUE, digits = 3, scientific = FALSE), "%")
}

# -> list(value, text): how many standard errors on each side
interval_quantile <- function(level, covariance, df, simultaneous) {
  one <- stats::qt((1 + level) / 2, df)
  error <- sqrt(diag(covariance))
  known <- which(is.finite(error) & error > 0)
  count <- length(known)
  if (!simultaneous) {
    return(list(value = one))
  }
  if (count < 2L) {
    return(list(value = one, text = "one coefficient"))
  }
  installed <- requireNamespace("mvtnorm", quietly = TRUE)
  if (installed && count <= most_joint) {
    correlation <- stats::cov2cor(covariance[known, known, drop = FALSE])
    value <- largest_quantile(level, correlation, df)
    text <- sprintf("maximum of %d %s statistics (mvtnorm)", count,
                    if (is.finite(df)) "t" else "normal")
  } else {
    value <- stats::qt((1 + level^(1 / count)) / 2, df)
    text <- sprintf("Sidak, %d coefficients (%s)", count, if (installed) {
      "too many for mvtnorm"
    } else {
      "mvtnorm is not installed"
    })
  }
  list(value = value, text = text)
}

# The integral over more dimensions takes minutes.
most_joint <- 100L

# The integral is made from random points: always the same ones, which leave the
# session's own random numbers alone.
largest_quantile <- function(level, correlation, df) {
  old <- random_seed()
  kinds <- RNGkind()
  on.exit(restore_random(old, kinds))
  set.seed(1L, "default", "default")
  largest_probability <- function(q) {
    size <- nrow(correlation)
    found <- if (is.finite(df)) {
      mvtnorm::pmvt(rep(-q, size), rep(q, size), df = df, corr = correlation,
                    algorithm = mvtnorm::GenzBretz(1e5, 1e-6, 0))
    } else {
      mvtnorm::pmvnorm(rep(-q, size), rep(q, size), corr = correlation,
                       algorithm = mvtnorm::GenzBretz(1e5, 1e-6, 0))
    }
    as.numeric(found)
  }
  least <- stats::qt((1 + level) / 2, df)
  most <- stats::qt((1 + level^(1 / nrow(correlation))) / 2, df)
  if (most - least < 1e-8) {
    return(most)
  }
  stats::uniroot(function(q) largest_probability(q) - level,
                 c(least, most), extendInt = "upX", tol = 1e-6)$root
}

profile_intervals <- function(fit, parm, level, vcov, simultaneous, modified,
                              ...) {
  check_no_dots(...)
  modified <- check_modified(modified, fit)
  known <- if (inherits(parm, "formula")) parm else
    profile_names(fit, parm)
  chosen <- profiled(fit, known, "parm")
  quantile <- if (simultaneous && is.list(chosen) && is.character(known)) {
    interval_quantile(level, fit_covariance(fit, vcov)[known, known], Inf,
                      TRUE)
  } else {
    interval_quantile(level, diag(1), Inf, simultaneous)
  }
  made <- around_best(fit, function(fit) {
    each_profile(fit, chosen, 1, function(problem) {
      profile_limits(problem, quantile$value, modified)
    })
  })
  for (limits in made$results) warn_open(limits, fit)
  limits <- matrix(vapply(made$results, `[[`, c(0, 0), "limits"), ncol = 2L,
                   byrow = TRUE)
  rownames(limits) <- vapply(made$results, `[[`, "", "name")
  rows <- if (is.null(parm)) complete_names(fit) else
    if (is.character(known)) chosen_coefficients(parm, complete_names(fit)) else
      rownames(limits)
  interval_table(limits, rows, level, quantile)
}

# Rows that were not asked for by name are NA where there is no profile.
profile_names <- function(fit, parm) {
  if (is.null(parm)) {
    return(profile_default(fit))
  }
  intersect(chosen_coefficients(parm, complete_names(fit)),
            names(fit$coefficients))
}

# The two limits: where the profile flattens out those of the range, NA where it
# could not be followed.
profile_limits <- function(problem, quantile, modified) {
  psi <- problem$psi
  drop <- quantile^2 / 2
  at_level <- if (isFALSE(modified)) {
    function(side) {
      profile_at_level(problem, problem$point, problem$loglik - drop, side)
    }
  } else {
    maximum <- modified_maximum(problem, modified)
    function(side) modified_at_level(problem, maximum, drop, side)
  }
  sides <- c(-1, 1) * psi$orientation
  ends <- lapply(sides, at_level)
  status <- vapply(ends, `[[`, "", "status")
  u <- vapply(ends, function(end) end$point$u, 0)
  u[status == "open"] <- sides[status == "open"] * Inf
  u[status == "failed"] <- NA
  names(status) <- c("lower", "upper")
  list(limits = psi$natural(u), open = status[status != "found"])
}

# `type` is that of the intervals, all others are arguments of bootstrap().
bootstrap_intervals <- function(fit, parm, level, ...) {
  arguments <- list(...)
  of_interval <- names(arguments) == "type"
  if (any(arguments[of_interval] %in% names(bootstrap_kinds))) {
    abort_bootstrap_type("confint(bootstrap(fit, method = ))")
  }
  made <- do.call(bootstrap, c(list(fit), arguments[!of_interval]))
  given <- c(list(made), if (!is.null(parm)) list(parm = parm),
             list(level = level), arguments[of_interval])
  do.call(stats::confint, given)
}

# NULL, names or numbers -> names; `names` may be those of a vector.
chosen_coefficients <- function(parm, estimate, argument = "parm") {
  known <- if (is.character(estimate)) estimate else names(estimate)
  if (is.null(parm)) {
    return(known)
  }
  chosen <- if (is.numeric(parm)) known[parm] else parm
  unknown <- is.na(chosen) | !chosen %in% known
  if (any(unknown)) {
    admle_abort("argument", sprintf(
      "`%s` has no coefficient %s. They are %s.", argument,
      enumerate(format(parm[unknown])), enumerate(known)
    ), argument = argument)
  }
  chosen
}

#' @rdname profile.mle_fit
#' @param object A profile.
#' @param parm,level As in [confint.mle_fit()]; the limits are computed anew and
#'   not interpolated.
#' @export
confint.profile.mle_fit <- function(object, parm = names(object), level = 0.95,
                                    ...) {
  chosen <- attr(object, "chosen")
  fit <- attr(object, "original.fit")
  modified <- attr(object, "modified")
  if (inherits(chosen[[1L]], "formula")) parm <- chosen[[1L]]
  confint.mle_fit(fit, parm, level, method = "profile", modified = modified,
                  ...)
}
