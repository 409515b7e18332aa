# The bootstrap of a fit. Resampling gives the contributions to the
# log-likelihood weights (how often each was drawn), so that a replication is
# the recorded log-likelihood with other weights, maximised from the estimate:
# nothing is recorded again and no data are copied. A score replication is one
# Newton step from the estimate, which needs only the scores and one Hessian.
#
# Davison and Hinkley (1997), Bootstrap Methods and their Application.

#' Bootstrap of a fit
#'
#' @param fit A fit by [mle_fit()].
#' @param R The number of replications.
#' @param method How a replication is made; see below. The default is
#'   `"cluster"` where `cluster` is given, else `"pairs"`.
#' @param cluster Clusters to be resampled as a whole: a formula, as in
#'   `~ firm`, or a vector with an element for each observation (or row of the
#'   data). With every method but `"parametric"`.
#' @param statistic A function of the named vector of coefficients that returns
#'   one or more numbers to be bootstrapped; by default the coefficients.
#' @param seed A number that makes the replications reproducible, without a
#'   trace in the session's random numbers. By default it is drawn from these,
#'   so that [set.seed()] before the call does the same.
#' @param multipliers Of `"wild"`: the distribution of the multipliers, which
#'   have mean 0 and variance 1: `"rademacher"` (-1 or 1), `"mammen"` (two
#'   points, third moment 1), `"webb"` (six points, for few clusters) or
#'   `"normal"`.
#' @param parallel `TRUE` for the daemons that were started by
#'   `mirai::daemons()`. They have to find admle in their libraries (`R_LIBS` in
#'   `?Startup`). Results do not depend on their number. The log-likelihood is
#'   recorded once on each.
#' @param progress Whether a progress bar is shown when the replications of this
#'   session take more than two seconds.
#' @param max_failed The share of failed replications above which there are no
#'   standard errors and intervals.
#' @param ... An error if there is anything here.
#'
#' @section Methods:
#' * `"pairs"`: observations are drawn with replacement, and the model is fitted
#'   again. With `cluster`, and as `"cluster"`, whole clusters are drawn.
#' * `"bayesian"`: weights of independent exponential variables in place of
#'   numbers of draws (Rubin 1981). No observation is ever left out, which helps
#'   where resamples of `"pairs"` do not identify the model.
#' * `"score"`: one Newton step from the estimate to that of the resampled data,
#'   \eqn{\theta + (-H)^{-1} \sum w_i s_i} with scores \eqn{s_i} and numbers of
#'   draws \eqn{w_i}. Nothing is fitted, and no replication fails.
#' * `"wild"`: the same step with multipliers for \eqn{w_i} (Kline and Santos
#'   2012); of clusters with `cluster`. Its covariance is that of the sandwich,
#'   clustered with clusters; what it adds are the other quantiles.
#' * `"parametric"`: responses are simulated at the estimate, see
#'   [simulate.mle_fit()]; for models given as a formula.
#'
#' Steps are taken in the numbers that the optimiser moves, so that estimates
#' stay within declared ranges ([positive()] and the like).
#'
#' Each contribution to the log-likelihood is one observation: a group, where
#' rows are integrated or chosen from jointly ([integrate_normal()], whose
#' adaptive nodes are those of the fit unless they become far off;
#' [dconditional()]). Those with weight zero are not drawn; the weight of
#' another stays with it. Contributions that depend on the observations before
#' them, as in a recursion over time, are not made anew: there, `"score"` and
#' `"wild"` are meaningful as long as the scores are not correlated.
#'
#' @section Failures:
#' A replication fails if no maximum is found: resamples of a small logit may
#' be separated, and a rare category may not be drawn. Failed replications are
#' `NA` in `t`, they are counted by reason in `failures`, which `print()` shows
#' and a warning of class `admle_warning_bootstrap` says. Everything computed is
#' from the others; as failures do not happen at random, it is then for
#' resamples that identify the model. With more than `max_failed` of them it is
#' `NA`.
#'
#' @return An object of classes `"mle_bootstrap"` and `"boot"`, a list of
#'   * `t0`, the estimates, and `t`, a matrix with a row for each replication,
#'     as in `boot::boot()`;
#'   * `R`, `method`, `seed`, `multipliers`, `units` (what was resampled),
#'     `transformation` (the argument `statistic`), `failures` (numbers by
#'     reason), `max_failed`, `call`, `fit`;
#'   * `data`, `statistic`, `stype`, `sim`, `strata` and `weights` for the
#'     package boot: `boot::boot.ci()`, `boot::empinf()` and `plot()` take the
#'     object; `statistic(data, w)` is the estimate at weights `w` of the units,
#'     by one Newton step. BCa limits of boot's differ a little from those of
#'     `confint()`: its acceleration is that of small changes of the weights.
#'     The indices that were drawn are not kept, so that `boot::boot.array()` is
#'     an error.
#'
#'   Methods: `print()`, `summary()`, `coef()`, `vcov()`,
#'   [confint()][confint.mle_bootstrap], and `c()`, which adds replications of
#'   another seed.
#' @references Kline and Santos (2012), A score based approach to wild bootstrap
#'   inference, *Journal of Econometric Methods* 1(1), 23-41.
#'
#'   Mammen (1993), *Annals of Statistics* 21, 255-285. Webb (2023), *Canadian
#'   Journal of Economics* 56, 839-858. Rubin (1981), *Annals of Statistics* 9,
#'   130-134.
#' @seealso [vcov.mle_fit()], whose types `"bootstrap"` and `"jackknife"` are
#'   covariances by resampling
#' @examples
#' fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
#' bootstrap(fit, R = 99, method = "score", seed = 1)
#'
#' fit <- mle_fit(weight ~ Time, data = ChickWeight)
#' again <- bootstrap(fit, R = 99, cluster = ~ Chick, seed = 1)
#' again
#' confint(again, type = "percentile")
#' @export
bootstrap <- function(fit, R = 999, method = NULL, cluster = NULL,
                      statistic = NULL, seed = NULL,
                      multipliers = c("rademacher", "mammen", "webb",
                                      "normal"),
                      parallel = FALSE, progress = interactive(),
                      max_failed = 0.25, ...) {
  call <- match.call()
  if ("type" %in% ...names()) abort_bootstrap_type("bootstrap(fit, method = )")
  check_no_dots(...)
  check_fit(fit)
  check_one_step(fit)
  R <- check_count(R, "R", least = 2)
  check_share(max_failed)
  if (is.null(method)) method <- if (is.null(cluster)) "pairs" else "cluster"
  method <- match_choice(method, names(bootstrap_kinds), "method")
  plan <- list(
    method = method, units = bootstrap_units(fit, cluster, method),
    multipliers = match_choice(multipliers, names(draw_from), "multipliers"),
    transformation = check_statistic(statistic)
  )
  estimate <- apply_statistic(fit$coefficients, plan$transformation)
  drawn <- replication_seeds(R, seed)
  made <- if (is_stepped(method)) {
    score_replications(fit, plan, drawn$seeds)
  } else {
    refit_replications(fit, plan, drawn$seeds, parallel,
                       check_flag(progress, "progress"))
  }
  result <- structure(c(
    list(t0 = estimate, t = statistic_matrix(made$coefficients, plan, estimate),
         R = R, call = call, seed = drawn$seed, failures = made$failures,
         max_failed = max_failed, fit = fit), plan, boot_elements(fit, plan)
  ), class = c("mle_bootstrap", "boot"), boot_type = "boot")
  warn_failures(result)
  result
}

abort_bootstrap_type <- function(use) {
  admle_abort("argument", sprintf(
    "How replications are made is chosen by `method`: use %s.", use
  ), argument = "type")
}

check_share <- function(max_failed) {
  if (!is.numeric(max_failed) || length(max_failed) != 1L ||
        !isTRUE(max_failed >= 0 && max_failed <= 1)) {
    admle_abort("argument", "`max_failed` must be a share between 0 and 1.",
                argument = "max_failed")
  }
}

check_statistic <- function(statistic) {
  if (!is.null(statistic) && !is.function(statistic)) {
    admle_abort("argument", sprintf(
      "`statistic` must be a function of the coefficients, not %s.",
      described(statistic)
    ), argument = "statistic")
  }
  statistic
}

apply_statistic <- function(coefficients, statistic) {
  if (is.null(statistic)) {
    return(coefficients)
  }
  value <- statistic(coefficients)
  if (!is.numeric(value) || length(value) == 0L) {
    admle_abort("argument", sprintf(
      "`statistic` must return numbers; it returned %s.", described(value)
    ), argument = "statistic")
  }
  if (is.null(names(value))) {
    names(value) <- if (length(value) == 1L) "statistic" else
      paste0("statistic", seq_along(value))
  }
  value
}

# Coefficients by replication (rows) to statistics by replication.
statistic_matrix <- function(coefficients, plan, estimate) {
  out <- coefficients
  if (!is.null(plan$transformation)) {
    out <- matrix(NA_real_, nrow(coefficients), length(estimate))
    for (r in which(stats::complete.cases(coefficients))) {
      value <- apply_statistic(coefficients[r, ], plan$transformation)
      if (length(value) != length(estimate)) {
        admle_abort("argument", sprintf(
          "`statistic` returned %s at the estimate, but %d in replication %d.",
          counted(length(estimate), "number"), length(value), r
        ), argument = "statistic")
      }
      out[r, ] <- value
    }
  }
  dimnames(out) <- list(NULL, names(estimate))
  out
}

# What is drawn: the contributions that count, or clusters of them.
# -> list(group: the unit of each contribution or NA; count; labels; name)
bootstrap_units <- function(fit, cluster, method) {
  if (is_simulated(method)) {
    if (!is.null(cluster)) {
      admle_abort("argument", paste(
        "`cluster` is of no use for a parametric bootstrap, which simulates",
        "independent responses."
      ), argument = "cluster")
    }
    return(NULL)
  }
  if (isTRUE(bootstrap_kinds[[method]]$clustered) && is.null(cluster)) {
    admle_abort("argument", paste(
      "`method = \"cluster\"` needs the clusters, as in cluster = ~ firm."
    ), argument = "cluster")
  }
  resampling_units(fit, cluster)
}

warn_failures <- function(x) {
  if (sum(x$failures) > 0) {
    admle_warn("bootstrap", paste0(failures_text(x), "."),
               failures = x$failures)
  }
}

failures_text <- function(x) {
  failed <- sum(x$failures)
  sprintf(
    "%s of %s failed and %s left out%s: %s", format(failed),
    counted(x$R, "replication"), if (failed == 1) "is" else "are",
    if (too_many_failed(x)) {
      sprintf(", more than `max_failed` (%s%%), so that there are no results",
              format(100 * x$max_failed))
    } else {
      ""
    },
    paste(sprintf("%s (%d)", names(x$failures), x$failures), collapse = "; ")
  )
}

too_many_failed <- function(x) {
  sum(x$failures) > x$max_failed * x$R || sum(x$failures) > x$R - 2
}
