# Profile likelihood of a fit: which parameters it can be made for, the curve,
# and what happens when the search finds a higher maximum than the fit's. The
# numbers come from profile-solver.R.

#' Profile likelihood
#'
#' The log-likelihood as a function of one parameter, maximised over all others.
#' The result is an object of class `"profile"` as made by R's own methods:
#' `plot()`, `pairs()` and `confint()` work.
#'
#' @param fitted A fit by [mle_fit()].
#' @param which Names or numbers of coefficients, all by default; or one
#'   combination of them as a formula, as in `~ b1 - b2` or `~ b1 / (1 - rho)`.
#' @param alpha The profile goes as far as the limits of an interval of level
#'   1 - `alpha`, and one step further.
#' @param steps How many steps this is on each side.
#' @param modified `TRUE` for the modified profile likelihood, see below.
#' @param ... Ignored.
#'
#' @section Method:
#' The points are equally spaced in the signed root \eqn{z = \pm\sqrt{2
#' (\hat\ell - \ell_p)}}. Each is computed directly, by Newton's method for
#' \eqn{\nabla\ell(\theta) = \lambda \nabla\psi(\theta)}, \eqn{\ell(\theta) =
#' \hat\ell - z^2/2} from the point before, with exact derivatives. Where this
#' fails the parameter is moved outward in growing steps, with a maximum over
#' the others at each.
#'
#' Parameters with a declared range are profiled within it.
#' A profile that flattens out before it falls far enough ends there, with a
#' warning of class `admle_warning_open_profile`; the limit of an interval is
#' then infinite, or the end of the declared range. When the search meets a
#' higher log-likelihood than the fit's, the model is fitted again from there,
#' the profile is that around the better optimum, and a warning of class
#' `admle_warning_better_optimum` says so; its fields are `name`, `loglik`,
#' `parameters` (a list to use as `start`) and `fit`, the better fit.
#'
#' @section Modified profile likelihood:
#' With many nuisance parameters \eqn{\lambda} the profile of \eqn{\psi} is
#' biased and too narrow. Barndorff-Nielsen's modified profile likelihood,
#' in Severini's (1998) approximation,
#' \deqn{\ell_M(\psi) = \ell_p(\psi) +
#'   \frac12 \log|j_{\lambda\lambda}(\psi, \hat\lambda_\psi)| -
#'   \log\left|\sum_i s_{\lambda i}(\psi, \hat\lambda_\psi)
#'   s_{\lambda i}(\hat\psi, \hat\lambda)'\right|,}{%
#'   l_M(psi) = l_p(psi) + 1/2 log |j(psi, lambda_psi)|
#'   - log |sum_i s_i(psi, lambda_psi) s_i(psi_hat, lambda_hat)'|,}
#' takes the observed information \eqn{j} of the nuisance parameters and the
#' contributions \eqn{s_i} to their score. It does not depend on how the
#' nuisance parameters are written. It needs independent contributions, many for
#' each nuisance parameter: with few it can be further off than the maximum
#' likelihood estimate. In simulated binary logits with an intercept for each
#' stratum, the estimate was further from the conditional likelihood's in 6 of
#' 10 samples with four observations in a stratum, and nearer in all 10 with
#' eight (half to four fifths of the way) and with sixteen (seven to nine
#' tenths).
#' `modified = "cox-reid"` is Cox and Reid's (1987) adjusted profile,
#' \eqn{\ell_p - \frac12 \log|j_{\lambda\lambda}|}{l_p - 1/2 log |j|}, which is
#' for nuisance parameters orthogonal to \eqn{\psi}. The curve is about its own
#' maximum, which is in the attribute `estimate`.
#'
#' @return A list of class `c("profile.mle_fit", "profile")` with a data frame
#'   for each parameter: `z`, the signed root, and `par.vals`, a matrix of all
#'   coefficients at each point (with a column for a combination). Attributes:
#'   `original.fit`, `summary`, `open` (by parameter, on which sides the profile
#'   flattens out, `"open"`, or could not be followed, `"failed"`), `estimate`,
#'   `modified`.
#' @references Venzon and Moolgavkar (1988), A method for computing
#'   profile-likelihood-based confidence intervals, *Applied Statistics* 37,
#'   87-94. Severini (1998), An approximation to the modified profile likelihood
#'   function, *Biometrika* 85, 403-411; Severini (2000), *Likelihood Methods in
#'   Statistics*, chapter 9. Cox and Reid (1987), *Journal of the Royal
#'   Statistical Society B* 49, 1-39.
#' @seealso [confint.mle_fit()], [plot.mle_fit()]
#' @examples
#' fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
#' p <- profile(fit, "wt")
#' p
#' plot(p)
#'
#' # the divisor n - 2 instead of n in the variance of a regression
#' fit <- mle_fit(mpg ~ wt, data = mtcars)
#' attr(profile(fit, "sigma", modified = TRUE), "estimate")
#' sigma(lm(mpg ~ wt, mtcars))
#' @importFrom stats profile
#' @export
profile.mle_fit <- function(fitted, which = NULL, alpha = 0.01, steps = 8,
                            modified = FALSE, ...) {
  check_no_dots(...)
  check_level(alpha, "alpha")
  steps <- check_count(steps, "steps")
  modified <- check_modified(modified, fitted)
  chosen <- profiled(fitted, which)
  furthest <- sqrt(stats::qchisq(1 - alpha, 1))
  roots <- furthest * seq_len(steps + 1) / steps
  made <- around_best(fitted, function(fit) {
    each_profile(fit, chosen, 2 * length(roots), function(problem) {
      if (isFALSE(modified)) {
        profile_curve(problem, roots)
      } else {
        modified_curve(problem, modified, roots)
      }
    })
  })
  fit <- made$fit
  for (curve in made$results) warn_open(curve, fit)
  names <- vapply(made$results, `[[`, "", "name")
  by_name <- function(field) {
    stats::setNames(lapply(made$results, `[[`, field), names)
  }
  structure(
    lapply(by_name("curve"), as_profile_frame),
    original.fit = fit, summary = summary.mle_fit(fit),
    open = by_name("open"), estimate = unlist(by_name("estimate")),
    modified = modified, chosen = chosen,
    class = c("profile.mle_fit", "profile")
  )
}

# What `which` or `parm` means -> list of names or formulas; errors for what has
# no profile.
profiled <- function(fit, which, argument = "which") {
  if (inherits(which, "formula")) {
    check_profile(fit, character())
    return(list(which))
  }
  estimate <- fit$coefficients
  if (is.null(which)) which <- profile_default(fit)
  aliased <- setdiff(complete_names(fit), names(estimate))
  for (why in list(
    list(names(fit$fixed), "is fixed: it has no profile"),
    list(aliased, "is a combination of other columns: it has no profile")
  )) {
    left_out <- intersect(which, why[[1L]])
    if (length(left_out)) {
      admle_abort("argument", sprintf("%s %s.", enumerate(left_out[[1L]]),
                                      why[[2L]]), argument = argument)
    }
  }
  chosen <- chosen_coefficients(which, estimate, argument)
  check_profile(fit, chosen)
  as.list(unname(chosen))
}

# All that the data identify.
profile_default <- function(fit) {
  setdiff(names(fit$coefficients), unidentified_coefficients(fit))
}

unidentified_coefficients <- function(fit) {
  information <- fit_information(fit)
  if (is.null(information$null)) {
    return(character())
  }
  moved_coefficients(fit, interior(fit)[information$involved])
}

check_profile <- function(fit, chosen) {
  if (!is.null(fit$bias)) {
    admle_abort("unsupported", paste(
      "A profile is that of the log-likelihood, of which a fit with `bias` is",
      "not the maximum. Use update(fit, bias = \"none\")."
    ))
  }
  if (!is_profiled_outcome(fit)) {
    admle_abort("unsupported", paste(
      "A profile needs a fit at a maximum, and this one has not converged.",
      "Refit from coef(fit), or with more iterations."
    ))
  }
  if (!is.null(fit$first_steps)) {
    admle_warn("argument", paste(
      "The profile takes the estimates of the first step as known; Wald",
      "intervals account for their errors."
    ))
  }
  unidentified <- intersect(chosen, unidentified_coefficients(fit))
  if (length(unidentified)) {
    admle_abort("unsupported", sprintf(paste(
      "The data do not identify %s: the profile is flat there. See the",
      "warning at the fit."
    ), enumerate(unidentified)), argument = "which")
  }
}

# Parameters on their way to infinity (separated data) have a profile too, if
# the log-likelihood does not go with them.
is_profiled_outcome <- function(fit) {
  search <- fit_search(fit)
  flattened <- search$outcome == "diverging" && search$scaled_gradient < 1e-3
  flattened || fit_information(fit)$status %in% c("definite", "singular") &&
    search$outcome %in% c(stationary_outcomes, "boundary")
}

# `points` of them for each parameter; problem$advance() says that one is done.
each_profile <- function(fit, chosen, points, curve) {
  objective <- fit_objective(fit)
  report <- progress_bar(length(chosen) * points)
  on.exit(report$close())
  lapply(seq_along(chosen), function(i) {
    psi <- parameter_of_interest(fit, chosen[[i]])
    problem <- profile_problem(fit, psi, objective)
    done <- (i - 1) * points
    problem$advance <- function() {
      done <<- min(done + 1, i * points)
      report$show(done)
    }
    result <- curve(problem)
    report$show(i * points)
    c(list(name = psi$name, psi = psi), result)
  })
}

# Work around the fit's maximum, or around a higher one that it meets.
# -> list(fit, results)
around_best <- function(fit, work) {
  best <- fit
  found <- NULL
  for (attempt in 1:10) {
    results <- tryCatch(work(best), better_optimum = function(better) better)
    if (!inherits(results, "better_optimum")) {
      if (!is.null(found)) warn_better(found, fit, best)
      return(list(fit = best, results = results))
    }
    found <- results
    best <- fit_from(best, found$theta)
  }
  admle_abort("unsupported", paste(
    "The profile meets ever higher maxima: the log-likelihood may have none."
  ))
}

fit_from <- function(fit, theta) {
  values <- parameters_expand(fit$parameters, theta)
  maximised(with_parameters(fit, parameters_at(fit$parameters, values)))
}

warn_better <- function(found, fit, best) {
  shown <- utils::head(best$coefficients, 8L)
  admle_warn("better_optimum", sprintf(
    paste(
      "The profile of `%s` found a better optimum than the fit's: a",
      "log-likelihood of %s instead of %s, at %s%s. The result is about the",
      "better one; refit from there (the warning's `parameters` as `start`)."
    ), found$name, format(best$loglik, digits = 8),
    format(fit$loglik, digits = 8),
    paste(names(shown), "=", format_each(shown), collapse = ", "),
    if (length(best$coefficients) > 8L) ", ..." else ""
  ), name = found$name, loglik = best$loglik,
  parameters = fit_arguments(best), fit = best)
}

# The curve on both sides of the estimate.
# -> list(curve = list(z, coefficients), open, estimate)
profile_curve <- function(problem, roots) {
  walked_curve(
    problem, roots, problem$point, theta = function(point) point$theta,
    at_level = function(near, root, side) {
      profile_at_level(problem, near, problem$loglik - root^2 / 2, side)
    }
  )
}

# Outwards from the `centre` to one root after the other, on either side.
walked_curve <- function(problem, roots, centre, theta, at_level) {
  psi <- problem$psi
  rows <- list(list(z = 0, theta = theta(centre)))
  open <- character()
  for (side in c(-1, 1)) {
    near <- centre
    for (root in roots) {
      reached <- at_level(near, root, side)
      problem$advance()
      if (reached$status != "found") {
        open <- c(open, ended_side(psi, side, reached$status))
        break
      }
      near <- reached$point
      rows <- c(rows, list(list(
        z = side * psi$orientation * root, theta = theta(near)
      )))
    }
  }
  list(curve = curve_table(problem, rows), open = open,
       estimate = psi$natural(centre$u))
}

# c(lower = "open"), say.
ended_side <- function(psi, side, status) {
  stats::setNames(status,
                  if (side * psi$orientation < 0) "lower" else "upper")
}

curve_table <- function(problem, rows) {
  z <- vapply(rows, `[[`, 0, "z")
  parameters <- problem$objective$parameters
  psi <- problem$psi
  values <- lapply(rows, function(row) {
    natural <- parameters_coefficients(parameters, row$theta)
    if (!psi$name %in% names(natural)) {
      natural[[psi$name]] <- psi$natural(psi$value(row$theta))
    }
    natural
  })
  list(z = z[order(z)], values = do.call(rbind, values[order(z)]))
}

as_profile_frame <- function(curve) {
  frame <- data.frame(z = curve$z)
  frame$par.vals <- curve$values
  frame
}

warn_open <- function(result, fit) {
  for (side in names(result$open)) {
    where <- paste(if (side == "lower") "below" else "above", "the estimate")
    if (result$open[[side]] == "failed") {
      admle_warn("open_profile", sprintf(
        "The profile of `%s` could not be followed %s: no %s limit.",
        result$name, where, side
      ), name = result$name, side = side)
      next
    }
    end <- result$psi$natural(
      if ((side == "upper") == (result$psi$orientation > 0)) Inf else -Inf
    )
    admle_warn("open_profile", sprintf(
      paste("The profile of `%s` flattens out %s and does not fall far enough:",
            "its %s limit is %s."), result$name, where, side,
      if (is.finite(end)) paste("the end of its range,", format(end)) else
        format(end)
    ), name = result$name, side = side)
  }
}

#' @export
print.profile.mle_fit <- function(x, digits = max(3L, getOption("digits") - 3L),
                                  ...) {
  modified <- attr(x, "modified")
  cat(switch(
    as.character(modified), `FALSE` = "Profile likelihood",
    severini = "Modified profile likelihood (Severini)",
    "Adjusted profile likelihood (Cox and Reid)"
  ), "\n", sep = "")
  for (name in names(x)) {
    cat("\n")
    shown <- cbind(x[[name]]$par.vals[, name], x[[name]]$z,
                   -x[[name]]$z^2 / 2)
    colnames(shown) <- c(name, "z", "log-likelihood ratio")
    rownames(shown) <- rep("", nrow(shown))
    print(shown, digits = digits)
    open <- attr(x, "open")[[name]]
    if (length(open)) {
      what <- ifelse(open == "open", "flattens out", "could not be followed")
      cat(paste0(what, " on the ", names(open), " side\n"), sep = "")
    }
  }
  invisible(x)
}
