# How good Laplace's method or the quadrature is, by importance sampling.
#' @include ranef.R
NULL

#' Check the integration over random effects
#'
#' Laplace's method (and quadrature with few nodes) replaces an integral by an
#' approximation that no residual shows. `check_integration()` computes the
#' integral at the estimates by importance sampling, from the normal
#' distribution around the mode that the method takes the effects to have: what
#' the log-likelihood really is there, with a standard error.
#'
#' @param fit A fit by [mle_fit()] with random effects.
#' @param draws How many points, for each independent part of the effects.
#' @param seed Of the random numbers; the state of the session's generator is
#'   left as it was.
#' @return An object with `difference` (the integrated log-likelihood less that
#' of
#'   the fit), its `std.error`, `draws`, `logLik` (of the fit), `smallest` (the
#'   smallest effective number of draws of a part), and `parts`, a data frame
#'   with the difference and the effective number of draws for each part.
#' @section What to make of it: A difference that is many standard errors from
#' zero
#'   and not small compared with one says that the approximation matters: use
#'   `integration = agq(9)` where the effects are independent numbers. A
#'   difference of the log-likelihood that is nearly the same everywhere does
#'   not move the estimates. Where few draws carry the weight
#'   (`smallest` below about a tenth of `draws`) the check itself is
#'   unreliable, which `print()` says.
#' @references Skaug and Fournier (2006), *Computational Statistics & Data
#'   Analysis* 51, 699-709, section 2.3; Kong, Liu and Wong (1994), *Journal of
#'   the American Statistical Association* 89, 278-288, for effective numbers.
#' @examples
#' y <- c(2, 5, 3, 8, 1, 4)
#' group <- c(1, 1, 2, 2, 3, 3)
#' fit <- mle_fit(function(mu, sd, u) {
#'   c(dpois(y, exp(mu + sd * u[group]), log = TRUE), dnorm(u, log = TRUE))
#' }, start = list(mu = 1, sd = positive(0.3), u = numeric(3)), random = "u")
#' check_integration(fit)
#' @export
check_integration <- function(fit, draws = 1000, seed = 1) {
  effects <- need_effects(fit, "fit")
  draws <- check_count(draws, "draws", least = 2)
  pairs <- ceiling(draws / 2)
  theta <- unname(fit$theta)
  value <- as.numeric(effects_function(fit, effects, "value")(theta))
  # Laplace's method afresh, so that the search is at the estimates.
  effects$nodes <- 1L
  effects$facts <- new.env(parent = emptyenv())
  laplace <- as.numeric(effects_function(fit, effects, "value")(theta))
  size <- sum(lengths(effects$start))
  check_seed_number(seed)
  z <- with_own_random(function() {
    set_replication_seed(seed)
    matrix(stats::rnorm(size * pairs), size)
  })
  weights <- engine(effects_log_weights(effects$facts$search, cbind(z, -z)))
  # The weights are relative to Laplace's method.
  base <- (laplace - value)[seq_len(nrow(weights))]
  largest <- apply(weights, 1L, max)
  relative <- exp(weights - largest)
  # A point and its mirror image are one draw.
  both <- (relative[, seq_len(pairs), drop = FALSE] +
             relative[, pairs + seq_len(pairs), drop = FALSE]) / 2
  mean <- rowMeans(both)
  spread <- rowMeans((both - mean)^2) / (pairs - 1)
  effective <- rowSums(relative)^2 / rowSums(relative^2)
  difference <- log(mean) + largest + base
  structure(list(
    difference = sum(difference), std.error = sqrt(sum(spread / mean^2)),
    draws = 2 * pairs, logLik = fit$loglik, smallest = min(effective),
    parts = data.frame(difference = difference, effective = effective)
  ), class = "mle_integration_check")
}

#' @export
print.mle_integration_check <- function(x, digits = 3L, ...) {
  cat(cli::ansi_strwrap(sprintf(paste(
    "Log-likelihood %s; by importance sampling with %d draws%s it is %s by",
    "%s (standard error %s)."
  ), format(x$logLik, digits = 8L), x$draws,
  if (nrow(x$parts) > 1L) {
    sprintf(" for each of %d independent parts", nrow(x$parts))
  } else {
    ""
  }, if (x$difference < 0) "smaller" else "larger",
  format(abs(x$difference), digits = digits),
  format(x$std.error, digits = digits))), sep = "\n")
  if (x$smallest < x$draws / 10) {
    cat(cli::ansi_strwrap(sprintf(paste(
      "Few draws carry the weight (an effective number of %.0f in one part):",
      "this is not reliable. Take more draws."
    ), x$smallest)), sep = "\n")
  }
  invisible(x)
}
