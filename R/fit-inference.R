# Covariance matrices.

#' Covariance matrix of the estimate
#'
#' @param object A fit by [mle_fit()].
#' @param type `"hessian"`: the inverse of the observed information \eqn{-H};
#'   `"opg"`: the inverse of the outer product of the scores \eqn{S'S};
#'   `"sandwich"`: \eqn{H^{-1} S'S H^{-1}}, valid under misspecification. The
#'   default is the
#'   `vcov` argument of the fit.
#' @param cluster Reserved for clustered standard errors.
#' @param complete Whether coefficients that are `NA` because their columns are
#'   explained by others have rows and columns of `NA`, as in [stats::vcov()].
#' @param adjust The small-sample adjustment, see below. The default is that of
#'   the fit.
#' @param ... Ignored.
#'
#' @section Small-sample adjustment:
#' With `adjust` the covariance is multiplied by n / (n - k), and tests and
#' intervals use the t distribution with n - k degrees of freedom; n is the
#' number of observations, and k, for
#' * `TRUE`: the number of identified free parameters without *dispersion*
#'   parameters. A parameter is one if the estimates of all others do not depend
#'   on it, while its own estimate depends on theirs, like the (log) standard
#'   deviation of a normal regression or the shape of a gamma regression. This
#'   is found out from the scores at displaced values of the parameters.
#'   `summary()` says what was found. For a normal linear model, the result is
#'   that of [lm()];
#' * names (of arguments or coefficients): the number of the identified free
#'   parameters without these;
#' * a number: `adjust` itself is n - k, the residual degrees of freedom.
#'
#' @section Weights:
#' A weight multiplies the contribution to the log-likelihood and so its score.
#' `"hessian"` and `"opg"` take a weight for a frequency: a weight of 2 is the
#' same as two equal observations. The middle of the `"sandwich"` is the outer
#' product of the weighted scores, which takes it for one observation that
#' counts twice (a sampling weight).
#'
#' @section Not identified:
#' Where the log-likelihood has no curvature along some direction, the rows and
#' columns of the parameters that take part in it are `NA`. Those of the others
#' do not depend on how the direction is resolved, and are computed. Where the
#' Hessian is not negative definite all are `NA`.
#'
#' @section Declared parameters and constraints:
#' The covariance is made for the numbers that the optimiser moved (`theta` of
#' the fit) and carried to the coefficients by the derivative of the map between
#' them (delta method). It is singular where there are more coefficients than
#' free numbers: a [simplex()], linear constraints.
#'
#' @return A symmetric matrix, names and order as in `coef(object)`.
#' @references Zeileis (2006), Object-oriented computation of sandwich
#'   estimators, *Journal of Statistical Software* 16(9).
#' @examples
#' fit <- mle_fit(function(mu, s) dnorm(speed, mu, exp(s), log = TRUE),
#'                start = list(mu = 10, s = 1), data = cars)
#' vcov(fit)
#' vcov(fit, type = "sandwich")
#' @export
vcov.mle_fit <- function(object, type = NULL, cluster = NULL,
                         adjust = object$adjust, complete = TRUE, ...) {
  made <- covariance_made(object, type = type, cluster = cluster,
                          adjust = adjust, ...)
  if (isTRUE(complete)) covariance_with_aliased(made$matrix, object) else
    made$matrix
}

# Parameters up to which a Hessian is made when it is asked for.
largest_hessian <- 10000L

# Analysed at the fit; only now where the fit made no Hessian.
fit_information <- function(fit) {
  if (!is.null(fit$information)) {
    return(fit$information)
  }
  k <- length(fit$theta)
  if (k > largest_hessian) {
    admle_abort("unsupported", sprintf(paste(
      "Standard errors need the Hessian, which for %s would be a matrix",
      "of %.0f GB. It is made for at most %d."
    ), counted(k, "parameter"), 8e-9 * k^2, largest_hessian))
  }
  objective <- fit_objective(fit)
  fit$hessian <- objective_hessian(objective, unname(fit$theta))
  dimnames(fit$hessian) <- rep(list(names(fit$theta)), 2L)
  analyse_information(fit, objective)
}

# (-H)^-1; its inverse on the identified directions where H is singular.
inverse_information <- function(information) {
  kept <- information$identified
  inverse <- if (is.null(kept)) {
    inverse_definite(information$scaled)
  } else {
    vectors <- information$vectors[, kept, drop = FALSE]
    vectors %*% (t(vectors) / information$values[kept])
  }
  inverse / outer(information$scale, information$scale)
}

inverse_definite <- function(scaled) {
  if (length(scaled) == 0L) {
    return(scaled)
  }
  factor <- tryCatch(chol(scaled), error = function(e) NULL)
  if (is.null(factor)) NULL else chol2inv(factor)
}

# The inverse of another estimate of the information, such as S'S, on the same
# directions.
inverse_within <- function(information, other, what) {
  units <- outer(information$scale, information$scale)
  basis <- diag(length(information$scale))
  if (!is.null(information$identified)) {
    basis <- information$vectors[, information$identified, drop = FALSE]
  }
  scaled <- crossprod(basis, other / units) %*% basis
  inverse <- if (rcond(scaled) > 1e-15) inverse_definite(scaled)
  if (is.null(inverse)) {
    admle_warn("hessian", paste(what,
                                "is singular: it gives no standard errors."))
    return(units * NA)
  }
  (basis %*% inverse %*% t(basis)) / units
}

# Sums of w^2 s s', the variance of the weighted scores, or of w s s', which
# estimates the same as the weighted Hessian.
score_product <- function(fit, squared = TRUE) {
  scores <- theta_scores(fit)[, interior(fit), drop = FALSE]
  weights <- fit$weights
  if (!squared && !is.null(weights)) {
    scores <- scores[weights > 0, , drop = FALSE] / sqrt(weights[weights > 0])
  }
  crossprod(scores)
}

# The degrees of freedom of tests and intervals with the covariance that the
# arguments mean, see fit_covariance().
residual_df <- function(object, vcov = NULL, adjust = object$adjust, ...) {
  wanted <- covariance_wanted(vcov, ..., own = object$covariance)
  covariance_df(object, wanted, adjust)
}
