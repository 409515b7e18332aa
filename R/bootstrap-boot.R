# What makes a bootstrap an object of the package boot, too. boot's functions
# take replications from `t`, and the influence of single observations, for BCa
# intervals, from `statistic(data, w)`: the estimate at weights `w`.

# The elements of a "boot" object besides t0, t, R, seed and call. `data` are
# the units that were resampled.
boot_elements <- function(fit, plan) {
  units <- plan$units
  labels <- if (is.null(units)) seq_len(fit$n) else units$labels
  n <- length(labels)
  list(
    data = data.frame(unit = labels), statistic = weighted_statistic(fit, plan),
    stype = "w", strata = rep(1, n), weights = rep(1 / n, n),
    # boot.array(), which draws boot's own indices again, knows no such `sim`.
    sim = plan$method
  )
}

# By one Newton step from the estimate: near equal weights, where influence is
# asked for, that is the estimate itself.
weighted_statistic <- function(fit, plan) {
  directions <- NULL
  function(data, w, ...) {
    if (is.null(directions)) {
      scores <- theta_scores(fit)[, interior(fit), drop = FALSE]
      directions <<- unit_sums(scores, plan$units) %*% score_inverse(fit)
    }
    step <- (length(w) * as.numeric(w) / sum(w) - 1) %*% directions
    apply_statistic(moved_estimates(fit, step)[1L, ], plan$transformation)
  }
}

#' @export
c.mle_bootstrap <- function(...) {
  given <- list(...)
  same <- function(what) {
    all(vapply(given, function(x) identical(x[[what]], given[[1L]][[what]]),
               NA))
  }
  if (!all(vapply(given, inherits, NA, "mle_bootstrap")) ||
        !same("t0") || !same("method") || !same("units")) {
    admle_abort("argument", paste(
      "Only results of `bootstrap()` with the same statistic, method and units",
      "can be put together."
    ))
  }
  result <- given[[1L]]
  result$t <- do.call(rbind, lapply(given, `[[`, "t"))
  result$R <- nrow(result$t)
  failures <- unlist(lapply(given, function(x) {
    rep(names(x$failures), x$failures)
  }))
  result$failures <- if (length(failures)) tally(failures) else no_failures()
  result$seed <- vapply(given, `[[`, 0, "seed")
  result
}
