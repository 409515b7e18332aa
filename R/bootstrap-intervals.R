# Intervals from the replications. Quantiles are interpolated between order
# statistics on the normal scale (Davison and Hinkley 1997, equation 5.8), as in
# the package boot.

# limits(estimate, replications, tails, acceleration); `accelerated` where this
# is needed; `extreme` where a limit may be the last of the replications.
bootstrap_interval_types <- list(
  percentile = list(
    text = "bootstrap percentiles", extreme = TRUE,
    limits = function(estimate, replications, tails, ...) {
      order_quantile(replications, tails)
    }
  ),
  bca = list(
    text = "bias-corrected and accelerated bootstrap percentiles (BCa)",
    extreme = TRUE, accelerated = TRUE,
    limits = function(estimate, replications, tails, acceleration) {
      order_quantile(replications, bca_tails(estimate, replications, tails,
                                             acceleration))
    }
  ),
  basic = list(
    text = "basic bootstrap",
    limits = function(estimate, replications, tails, ...) {
      2 * estimate - order_quantile(replications, rev(tails))
    }
  ),
  normal = list(
    text = "normal, with bootstrap bias and error",
    limits = function(estimate, replications, tails, ...) {
      2 * estimate - mean(replications) +
        stats::qnorm(tails) * stats::sd(replications)
    }
  )
)

#' Confidence intervals from a bootstrap
#'
#' @param object A result of [bootstrap()].
#' @param parm Names or numbers of the statistics; all by default.
#' @param level The confidence level.
#' @param type
#' * `"percentile"`: quantiles of the replications;
#' * `"bca"`: quantiles corrected for bias and for a standard error that changes
#'   with the estimate (Efron 1987). The acceleration is that of the jackknife,
#'   by one Newton step for each observation or cluster left out;
#' * `"basic"`: twice the estimate minus the opposite quantile;
#' * `"normal"`: estimate minus bias, plus and minus the normal quantile times
#'   the standard error.
#'
#' The first two lie within the range of a parameter and do not depend on its
#' scale.
#' @param ... Ignored.
#' @return A matrix with a row for each statistic and columns for the limits;
#'   `NA` where too many replications failed.
#' @references Efron (1987), Better bootstrap confidence intervals, *Journal of
#'   the American Statistical Association* 82, 171-185.
#'
#'   Davison and Hinkley (1997), *Bootstrap Methods and their Application*,
#'   chapter 5.
#' @examples
#' fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
#' again <- bootstrap(fit, R = 399, method = "score", seed = 1)
#' confint(again, type = "bca")
#' @export
confint.mle_bootstrap <- function(object, parm, level = 0.95,
                                  type = c("percentile", "bca", "basic",
                                           "normal"), ...) {
  type <- match_choice(type, names(bootstrap_interval_types), "type")
  check_level(level)
  chosen <- if (missing(parm)) names(object$t0) else
    chosen_coefficients(parm, object$t0)
  tails <- c(1 - level, 1 + level) / 2
  limits <- matrix(NA_real_, length(chosen), 2L)
  if (!too_many_failed(object)) {
    used <- used_replications(object)
    kind <- bootstrap_interval_types[[type]]
    acceleration <- if (isTRUE(kind$accelerated)) {
      bootstrap_acceleration(object)[chosen]
    }
    for (i in seq_along(chosen)) {
      limits[i, ] <- kind$limits(
        object$t0[[chosen[[i]]]], used[, chosen[[i]]], tails,
        acceleration[[i]]
      )
    }
    warn_extreme(limits, used[, chosen, drop = FALSE], type)
  }
  dimnames(limits) <- list(chosen, percent_names(tails))
  limits
}

# Efron (1987), equation 2.3 and 4.5: the probabilities to take quantiles at.
bca_tails <- function(estimate, replications, tails, acceleration) {
  bias <- stats::qnorm(mean(replications < estimate))
  shifted <- bias + stats::qnorm(tails)
  stats::pnorm(bias + shifted / (1 - acceleration * shifted))
}

# Quantiles at probabilities `at`: the order statistics numbered (R + 1) `at`,
# between two of them linear in the normal quantile, the extremes beyond.
order_quantile <- function(x, at) {
  if (anyNA(at)) {
    return(rep(NA_real_, length(at)))
  }
  sorted <- sort(x)
  R <- length(x)
  below <- floor((R + 1) * at)
  inside <- pmin(pmax(below, 1), R - 1)
  scale <- stats::qnorm(cbind(at, inside / (R + 1), (inside + 1) / (R + 1)))
  share <- (scale[, 1L] - scale[, 2L]) / (scale[, 3L] - scale[, 2L])
  share <- pmin(pmax(share, 0), 1)
  sorted[inside] + share * (sorted[inside + 1L] - sorted[inside])
}

warn_extreme <- function(limits, used, type) {
  if (nrow(limits) == 0L || !isTRUE(bootstrap_interval_types[[type]]$extreme)) {
    return()
  }
  if (any(is.na(limits))) {
    admle_warn("bootstrap", paste(
      "All replications are on one side of the estimate: there are no BCa",
      "limits."
    ))
  }
  ends <- apply(used, 2L, range)
  if (any(limits == t(ends), na.rm = TRUE)) {
    admle_warn("bootstrap", sprintf(paste(
      "Some limits are the smallest or largest of %s: more are needed for",
      "this level."
    ), counted(nrow(used), "replication")))
  }
}

# Efron and Tibshirani (1993), An Introduction to the Bootstrap, equation 14.15.
bootstrap_acceleration <- function(x) {
  if (x$method == "parametric") {
    admle_abort("unsupported", paste(
      "BCa intervals are made for resampled observations, not for a parametric",
      "bootstrap."
    ), argument = "type")
  }
  left_out <- leave_out_steps(x$fit, x$units)
  estimates <- statistic_matrix(moved_estimates(x$fit, left_out), x, x$t0)
  difference <- rep(colMeans(estimates), each = nrow(estimates)) - estimates
  colSums(difference^3) / (6 * colSums(difference^2)^1.5)
}
