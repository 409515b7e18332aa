# The bootstrap and the jackknife of the sandwich package. Its own method fits
# the model again to rows that repeat; here the recorded log-likelihood is
# maximised with other weights.

#' Bootstrap and jackknife covariances of the sandwich package
#'
#' A method of `sandwich::vcovBS()`, and by it of `sandwich::vcovJK()`. It draws
#' what the methods for [lm()] and [glm()] draw, so that with the same seed it
#' has their results. [bootstrap()] does more.
#'
#' @param x A fit by [mle_fit()].
#' @param cluster Clusters to be drawn as a whole: a formula (of a likelihood
#'   written as a function, too), a vector or a data frame; of several, the
#'   covariances are added as in [vcov.mle_fit()]. The default are those of the
#'   fit, or single observations.
#' @param R The number of replications.
#' @param start Ignored: every replication starts at the estimate.
#' @param type `"xy"`: clusters are drawn with replacement; `"jackknife"`: one
#'   after the other is left out; `"fractional"`: exponential weights.
#' @param ... Ignored.
#' @param fix Whether negative eigenvalues are set to zero.
#' @param use Passed to [stats::cov()]: which replications to use where some
#'   failed, of which a warning tells.
#' @param applyfun A function like [lapply()].
#' @param cores Not supported: see `parallel` of [bootstrap()].
#' @param center What the jackknife takes differences to.
#' @return The covariance matrix of `coef(x, complete = FALSE)`.
#' @examples
#' fit <- mle_fit(function(a, b) dpois(breaks, exp(a + b * (wool == "A")),
#'                                     log = TRUE),
#'                start = list(a = 0, b = 0), data = warpbreaks)
#' if (requireNamespace("sandwich", quietly = TRUE)) {
#'   sandwich::vcovBS(fit, cluster = ~ tension, R = 20)
#' }
#' @exportS3Method sandwich::vcovBS
vcovBS.mle_fit <- function(x, cluster = NULL, R = 250, start = FALSE,
                           type = c("xy", "jackknife", "fractional"), ...,
                           fix = FALSE, use = "pairwise.complete.obs",
                           applyfun = NULL, cores = NULL,
                           center = c("mean", "estimate")) {
  type <- match_choice(type, c("xy", "jackknife", "fractional"), "type")
  center <- match_choice(center, c("mean", "estimate"), "center")
  R <- check_count(R, "R", least = 2)
  if (!is.null(cores)) {
    admle_abort("unsupported", paste(
      "`cores` is not supported: give `applyfun`, or use",
      "bootstrap(fit, parallel = )."
    ), argument = "cores")
  }
  if (is.na(x$n)) abort_total()
  if (is.null(cluster)) cluster <- attr(x, "cluster")
  if (is.null(cluster)) cluster <- seq_len(x$n)
  if (is.null(applyfun)) applyfun <- lapply
  ways <- unclass(fit_variables(x, cluster, "cluster"))
  objective <- fit_objective(x)
  covariance <- 0
  for (chosen in way_subsets(length(ways))) {
    unit <- if (length(chosen) == 1L) ways[[chosen]] else
      do.call(paste, c(unname(ways[chosen]), sep = "_"))
    draw <- weights_drawn(unit, type)
    count <- if (type == "jackknife") length(unique(unit)) else R
    made <- applyfun(seq_len(count), function(r) {
      refit_objective(objective_reweight(objective, draw(r)), x)$coefficients
    })
    spread <- replication_spread(made, x, type, center, use)
    covariance <- covariance - (-1)^length(chosen) * spread
  }
  if (isTRUE(fix)) {
    units <- sqrt(abs(diag(covariance)))
    covariance <- semidefinite(covariance, units)$matrix
  }
  covariance
}

# -> a function of the number of the replication.
weights_drawn <- function(unit, type) {
  rows <- split(seq_along(unit), unit)
  order <- match(unit, unique(unit))
  switch(
    type,
    xy = function(r) {
      # By name, as sandwich does it: of the same seed come the same draws.
      drawn <- sample(names(rows), length(rows), replace = TRUE)
      tabulate(unlist(rows[drawn]), length(unit))
    },
    jackknife = function(r) replace(rep(1, length(unit)), rows[[r]], 0),
    fractional = function(r) {
      weights <- stats::rexp(max(order))[order]
      weights / mean(weights)
    }
  )
}

replication_spread <- function(made, fit, type, center, use) {
  failed <- vapply(made, is.null, NA)
  if (any(failed)) {
    admle_warn("bootstrap", sprintf(
      "%d of %d replications found no maximum.", sum(failed), length(made)
    ))
  }
  k <- length(fit$coefficients)
  estimates <- matrix(NA_real_, length(made), k, dimnames = list(
    NULL, names(fit$coefficients)
  ))
  estimates[!failed, ] <- do.call(rbind, made[!failed])
  if (type != "jackknife") {
    return(stats::cov(estimates, use = use))
  }
  middle <- if (center == "mean") colMeans(estimates) else fit$coefficients
  crossprod(sweep(estimates, 2L, middle)) * (length(made) - 1) / length(made)
}
