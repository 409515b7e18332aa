# Hausman's specification test: two estimates of the same parameters that only
# differ by chance if the assumptions of the efficient one hold (Hausman 1978,
# Econometrica 46, 1251-1271).

#' Hausman's specification test
#'
#' Compares the coefficients that two fits have in common. Under the hypothesis
#' both estimate the same; the `efficient` one may be wrong otherwise.
#'
#' @param efficient,consistent Fits by [mle_fit()]; without `vcov`, also other
#'   fits with methods `coef()` and `vcov()`.
#' @param coefficients Names of the coefficients to compare; by default all that
#'   both have.
#' @param vcov `NULL`: the variance of the difference is the difference of the
#'   variances, which holds if `efficient` is. `"sandwich"`, or clusters
#'   (`~ firm`): it is estimated from the joint scores of both fits, of the same
#'   observations, without this assumption.
#'
#' @details The difference of two variances need not be positive definite in a
#' sample. Its generalised inverse is taken on the directions with a positive
#' variance, whose number is the degrees of freedom; `negative` counts those
#' with a negative one, and a warning tells of it, as the test is then not to
#' be trusted.
#'
#' @return An object of class `"htest"`: `statistic`, `parameter` (degrees of
#'   freedom), `p.value`, `estimate` (the differences), `negative`.
#' @references Hausman (1978), Specification tests in econometrics,
#'   *Econometrica* 46, 1251-1271.
#'
#'   White (1982), Maximum likelihood estimation of misspecified models,
#'   *Econometrica* 50, theorem 5.1.
#' @examples
#' counts <- mle_fit(breaks ~ wool + tension, data = warpbreaks,
#'                   family = poisson)
#' dispersed <- mle_fit(breaks ~ dnbinom(size = size, mu = mu),
#'                      log(mu) ~ wool + tension, data = warpbreaks)
#' hausman_test(counts, dispersed, vcov = "sandwich")
#' @export
hausman_test <- function(efficient, consistent, coefficients = NULL,
                         vcov = NULL) {
  fits <- list(efficient = efficient, consistent = consistent)
  estimates <- lapply(fits, hausman_estimate)
  for (name in names(fits)) {
    if (inherits(fits[[name]], "mle_fit")) {
      warn_not_maximum(fits[[name]], name)
    }
  }
  names <- common_coefficients(estimates, coefficients)
  difference <- estimates$consistent[names] - estimates$efficient[names]
  parts <- if (is.null(vcov)) {
    warn_no_difference(fits)
    lapply(fits, function(fit) hausman_covariance(fit)[names, names,
                                                       drop = FALSE])
  } else {
    stacked_covariances(fits, vcov, names)
  }
  covariance <- if (is.null(vcov)) parts$consistent - parts$efficient else
    parts$difference
  if (anyNA(covariance)) {
    admle_abort("unsupported", sprintf(
      "%s without a standard error cannot be compared.",
      enumerate(names[is.na(diag(covariance))])
    ))
  }
  size <- sqrt(diag(parts$consistent) + diag(parts$efficient))
  hausman_result(difference, covariance, size, parts$text)
}

# Directions in which the fits differ by no more than rounding are left out.
# `joint`: what the variance from the joint scores is, if it is that.
hausman_result <- function(difference, covariance, size, joint) {
  robust <- !is.null(joint)
  split <- eigen(covariance / outer(size, size), symmetric = TRUE)
  tolerance <- if (robust) 1e-12 else 1e-8
  kept <- split$values > tolerance
  negative <- sum(split$values < -tolerance)
  if (!any(kept)) {
    admle_abort("unsupported", if (negative > 0L) {
      paste(
        "The difference of the covariances has no positive direction. Are",
        "`efficient` and `consistent` the wrong way round?"
      )
    } else {
      "The two fits are the same: there is nothing to test."
    })
  }
  if (negative > 0L) {
    admle_warn("hessian", sprintf(paste(
      "The difference of the covariances has %s: the test is not to be",
      "trusted. `vcov = \"sandwich\"` does not need the difference."
    ), counted(negative, "negative eigenvalue")))
  }
  along <- drop(crossprod(split$vectors[, kept, drop = FALSE],
                          difference / size))
  new_test(
    c(H = sum(along^2 / split$values[kept])), c(df = sum(kept)),
    paste0("Hausman test", joint),
    names(difference), estimate = difference, negative = negative
  )
}

hausman_estimate <- function(fit) {
  if (inherits(fit, "mle_fit")) {
    return(fit$coefficients)
  }
  stats::coef(fit)
}

# The efficient estimate is uncorrelated with the difference only where the
# likelihood, and with it its own covariance, is right.
warn_no_difference <- function(fits) {
  ours <- vapply(fits, inherits, NA, "mle_fit")
  if (!all(vapply(fits[ours], uses_likelihood_covariance, NA))) {
    admle_warn("argument", paste(
      "The difference of the covariances is the variance of the difference",
      "only if the likelihood is right, and a fit was made with another",
      "covariance. `vcov = \"sandwich\"`, or clusters, needs no such",
      "assumption."
    ))
  }
}

hausman_covariance <- function(fit) {
  if (inherits(fit, "mle_fit")) {
    return(fit_covariance(fit))
  }
  stats::vcov(fit)
}

common_coefficients <- function(estimates, coefficients) {
  common <- intersect(names(estimates$efficient), names(estimates$consistent))
  unknown <- setdiff(coefficients, common)
  if (length(unknown) || length(common) == 0L) {
    admle_abort("argument", if (length(unknown)) {
      sprintf("%s no coefficient of both fits. Those that both have are %s.",
              paste(enumerate(unknown),
                    if (length(unknown) == 1L) "is" else "are"),
              enumerate(common, limit = 12L))
    } else {
      "The fits have no coefficients in common."
    }, argument = "coefficients")
  }
  if (is.null(coefficients)) common else coefficients
}

# -> the variances of both estimates and of their difference, and a text; from
# the influence of each observation, A^-1 s, or of each cluster.
stacked_covariances <- function(fits, vcov, names) {
  for (name in names(fits)) {
    check_fit(fits[[name]], name)
    warn_first_step(fits[[name]], name)
  }
  check_same_data(fits$efficient, fits$consistent)
  clustered <- inherits(vcov, "formula")
  if (!clustered && !identical(vcov, "sandwich")) {
    admle_abort("argument", paste(
      "`vcov` of a Hausman test must be NULL, \"sandwich\", or a formula of",
      "clusters."
    ), argument = "vcov")
  }
  influence <- lapply(fits, function(fit) {
    fit_influence <- theta_scores(fit) %*% inverse_information(
      definite_information(fit)
    )
    if (!is.null(fit$jacobian)) {
      fit_influence <- fit_influence %*% t(full_jacobian(fit))
    }
    colnames(fit_influence) <- names(fit$coefficients)
    fit_influence
  })
  n <- vapply(influence, nrow, 1L)
  if (n[[1L]] != n[[2L]]) {
    admle_abort("argument", sprintf(
      "The fits have %d and %d contributions: they are not of the same rows.",
      n[[1L]], n[[2L]]
    ))
  }
  influence <- lapply(influence, function(rows) rows[, names, drop = FALSE])
  text <- ", variance from the joint scores"
  if (clustered) {
    clusters <- joint_clusters(vcov, fits$efficient)
    influence <- lapply(influence, rowsum, clusters[[1L]])
    text <- paste0(text, ", ", clusters_text(lengths(lapply(clusters, unique))))
  }
  c(lapply(influence, crossprod), list(
    difference = crossprod(influence$consistent - influence$efficient),
    text = text
  ))
}

definite_information <- function(fit) {
  information <- fit_information(fit)
  if (information$status != "definite" || length(fit$boundary)) {
    admle_abort("unsupported", paste(
      "The test needs fits whose parameters are identified and inside their",
      "ranges."
    ))
  }
  information
}

# A list of one: the number of the cluster of each observation.
joint_clusters <- function(vcov, fit) {
  ways <- fit_clusters(fit, list(cluster = vcov))
  if (length(ways) != 1L || length(ways[[1L]]) != fit$n) {
    admle_abort("unsupported", paste(
      "The joint scores can be clustered in one way, without weights of zero."
    ), argument = "vcov")
  }
  ways
}
