# Estimation in steps: a likelihood that uses the estimates of an earlier fit as
# if they were known. These are arguments of the second function like others,
# fixed at the first estimates. Freed, they give the derivatives of the second
# score by the first parameters exactly: what all corrections of standard errors
# need (covariance-two-step.R).

#' @include fit-hooks.R
NULL

#' Two-step estimation
#'
#' `mle_fit(..., after = fit1)` maximises a likelihood that uses the estimates
#' of an earlier fit: a generated regressor, a control function, a correction
#' for selection. The standard errors account for the first step.
#'
#' @section How the first estimates enter:
#' They are arguments of the second log-likelihood without a starting value:
#' * `after = fit1`: arguments with the names of arguments of the first
#'   log-likelihood have its estimates, in the same shapes. (Those of a formula
#'   are shown by [loglik_function()]: `beta_mu`, `sigma`.)
#' * `after = list(g = fit1)`: the argument `g` is the vector
#'   `coef(fit1)`; its elements may be taken by name, `g["x"]`.
#' * several first steps: a list of fits, with names or without.
#'
#' In a model given as a formula they are names in the density, as in
#' `y ~ dnorm(mu + rho * mills(drop(Z %*% g)), sigma)`. What depends on them has
#' to be written in the likelihood. A column of `data` that was made of
#' the first estimates beforehand is a constant, and its error is not seen.
#'
#' @section Observations:
#' The scores of the two steps are summed over the same observations, which
#' must be told apart by their rows: both fits need `data` with the same number
#' of rows, in the same order, of which `subset` and `na.action` may take
#' different ones; or no data and the same number of contributions. A first step
#' on another, independent sample is marked by `other_sample(fit1)`.
#'
#' @section Covariance:
#' With \eqn{\ell_1(\theta_1)} and \eqn{\ell_2(\theta_1, \theta_2)},
#' scores \eqn{s_1, s_2} and Hessian blocks \eqn{H_{11}, H_{21}, H_{22}}, types
#' of [vcov.mle_fit()] are
#' * `"stacked"`, the default: of the two scores as one system of moments,
#'   \eqn{H_{22}^{-1} (\sum u_i u_i') H_{22}^{-1}} with
#'   \eqn{u_i = s_{2i} - H_{21} H_{11}^{-1} s_{1i}} (Newey and McFadden 1994,
#'   section 6). Neither likelihood needs to be more than an estimating
#'   function. `cluster` sums \eqn{u_i} within clusters first. First steps may
#'   have first steps themselves.
#' * `"murphy-topel"`: \eqn{V_2 + V_2 (C V_1 C' - R V_1 C' - C V_1 R') V_2},
#'   with inverse negative Hessians \eqn{V_1, V_2} and
#'   \eqn{C = \sum s_2 (\partial \ell_2 / \partial \theta_1)'},
#'   \eqn{R = \sum s_2 s_1'} (Murphy and Topel 1985; Hardin 2002). Both
#'   likelihoods must be right. For one first step.
#'
#' All other types take the first step as known, which `summary()` says.
#' [bootstrap()] and the jackknife refuse a second step, as they would not
#' repeat the first. The scores that other packages are given are those of the
#' second step alone.
#'
#' @section Errors:
#' `admle_error_argument`: `after` is no fit, did not converge or has parameters
#' that are not identified or on their boundary; nothing in the second step
#' takes its estimates; the observations are not the same.
#'
#' @param fit A fit by [mle_fit()], made from another sample.
#' @return `other_sample()`: the fit, marked, for `after`.
#' @references
#' Hardin (2002), The robust variance estimator for two-stage models, *Stata
#' Journal* 2, 253-266.
#'
#' Murphy and Topel (1985), Estimation and inference in two-step econometric
#' models, *Journal of Business and Economic Statistics* 3, 370-379.
#'
#' Newey and McFadden (1994), Large sample estimation and hypothesis testing,
#' *Handbook of Econometrics* 4, chapter 36.
#' @name two_step
#' @examples
#' # hp is endogenous, disp its instrument: residuals of the first step are a
#' # control function in the second
#' first <- mle_fit(hp ~ disp, data = mtcars)
#' second <- mle_fit(
#'   function(b, rho, sigma, g) {
#'     residual <- hp - g[1] - g[2] * disp
#'     dnorm(mpg, b[1] + b[2] * hp + rho * residual, sigma, log = TRUE)
#'   },
#'   start = list(b = c(30, 0), rho = 0, sigma = positive(3)),
#'   data = mtcars, after = list(g = first)
#' )
#' summary(second)
NULL

#' @rdname two_step
#' @export
other_sample <- function(fit) {
  check_fit(fit)
  structure(list(fit = fit), class = "other_sample")
}

# What `after` says, for a second step whose names `known` may be first
# estimates and `taken` may not.
# -> list(given, steps) or NULL. A step: fit, independent, values (a named list
# of arguments), slopes (the derivative of these, one after the other, by theta
# of the fit).
first_steps <- function(after, known, taken) {
  if (is.null(after)) {
    return(NULL)
  }
  given <- after
  if (inherits(after, c("mle_fit", "other_sample"))) after <- list(after)
  if (!is.list(after) || is.object(after) || length(after) == 0L) {
    abort_after(after)
  }
  labels <- names(after)
  if (is.null(labels)) labels <- character(length(after))
  steps <- Map(function(element, label) {
    independent <- inherits(element, "other_sample")
    fit <- if (independent) element$fit else element
    if (!inherits(fit, "mle_fit")) abort_after(fit)
    check_first_step(fit)
    step <- if (nzchar(label)) named_step(fit, label, known, taken) else
      matched_step(fit, known, taken)
    c(list(fit = fit, independent = independent), step)
  }, after, labels)
  used <- unlist(lapply(steps, function(step) names(step$values)))
  if (anyDuplicated(used)) {
    admle_abort("argument", sprintf(paste(
      "Two fits in `after` give %s. Give one of them a name, as in",
      "after = list(g = fit1)."
    ), enumerate(unique(used[duplicated(used)]))), argument = "after")
  }
  list(given = given, steps = unname(steps))
}

abort_after <- function(given) {
  admle_abort("argument", sprintf(
    "`after` must be a fit by mle_fit() or a list of them, not %s.",
    described(given)
  ), argument = "after")
}

# Its covariance must exist for the second one's to be right.
check_first_step <- function(fit) {
  trouble <- if (length(fit$boundary)) {
    "has a parameter on the boundary of its range"
  } else if (fit_information(fit)$status == "singular") {
    "has parameters that are not identified"
  } else if (!isTRUE(fit$converged)) {
    "did not converge"
  }
  if (!is.null(trouble)) {
    admle_abort("argument", sprintf(paste(
      "The fit in `after` %s, so the errors of its estimates are not known."
    ), trouble), argument = "after")
  }
}

# All coefficients as one vector.
named_step <- function(fit, label, known, taken) {
  if (label %in% taken) {
    admle_abort("argument", sprintf(
      "`%s` is in `after` and in `start`. It can only be one of them.", label
    ), argument = "after")
  }
  if (!label %in% known) {
    admle_abort("argument", sprintf(paste(
      "`after` gives `%s`, which is no parameter of the second step. Use it",
      "there as the vector of the first step's coefficients."
    ), label), argument = "after")
  }
  list(values = stats::setNames(list(fit$coefficients), label),
       slopes = full_jacobian(fit))
}

# Arguments of the same names.
matched_step <- function(fit, known, taken) {
  arguments <- setdiff(intersect(fit$parameters$arguments, known), taken)
  if (length(arguments) == 0L) {
    admle_abort("argument", sprintf(paste(
      "The second step has no parameter without a start that is one of the",
      "first step's, %s. Name the fit to use its coefficients:",
      "after = list(g = fit1)."
    ), enumerate(fit$parameters$arguments)), argument = "after")
  }
  chosen <- function(theta) {
    parameters_expand(fit$parameters, theta)[arguments]
  }
  theta <- unname(fit$theta)
  values <- chosen(theta)
  columns <- lapply(arguments, function(name) {
    if (all(is.na(parameters_layout(fit$parameters)[[name]]$free))) {
      return(matrix(0, length(values[[name]]), length(theta)))
    }
    jacobian(function(theta) c(chosen(theta)[[name]]))(theta)
  })
  list(values = values, slopes = unname(do.call(rbind, columns)))
}

step_values <- function(first) {
  unlist(lapply(first$steps, `[[`, "values"), FALSE)
}

# The first estimates fixed; `start` is what the user gave.
fix_steps <- function(first, parameters, start) {
  values <- step_values(first)
  parameters$declared <- start
  parameters <- parameters_fix(parameters, values)
  parameters$from_steps <- names(values)
  parameters
}

# Rows of the data behind the contributions, out of `total`.
step_rows <- function(fit) {
  total <- fit_total(fit)
  rows <- rows_in_use(fit)
  if (is.null(rows) && !is.na(total)) rows <- seq_len(total)
  if (is.na(fit$n) || length(rows) != fit$n) {
    return(list(rows = seq_len(if (is.na(fit$n)) 0L else fit$n),
                total = fit$n))
  }
  list(rows = rows, total = if (is.na(total)) max(rows) else total)
}

check_step_rows <- function(fit) {
  own <- step_rows(fit)$total
  for (step in fit$first_steps$steps) {
    total <- step_rows(step$fit)$total
    if (!step$independent && !identical(as.numeric(total), as.numeric(own))) {
      admle_abort("argument", sprintf(paste(
        "The first step has %s, the second %s: which are the same is not",
        "known. Give both the same data and choose rows by `subset`; or mark a",
        "first step on an independent sample, after = other_sample(fit1)."
      ), count_text(total), count_text(own)), argument = "after")
    }
  }
  fit
}

count_text <- function(n) {
  if (is.na(n)) "an unknown number of rows" else counted(n, "row")
}

# "Second step: `g` is from an earlier fit."
first_step_text <- function(first) {
  gave <- vapply(first$steps, function(step) {
    names <- names(step$values)
    paste(enumerate(names), if (length(names) == 1L) "is" else "are",
          "from an earlier fit", if (step$independent) "to another sample")
  }, "")
  sprintf("Second step: %s.", paste(trimws(gave), collapse = ", "))
}

register_fit_hook(
  "first_steps", arguments = "after", covariance = "stacked",
  read = function(asked, ...) {
    first_steps(asked$after, asked$known, asked$taken)
  },
  start = function(first, start) c(as.list(start), step_values(first)),
  parameters = fix_steps, counted = check_step_rows,
  text = function(fit) first_step_text(fit$first_steps)
)
