# What the curvature of the log-likelihood says: which parameters the data
# identify, covariance matrices, confidence intervals, and the two generics of
# the sandwich package. All judgement of the Hessian is made on -H scaled to
# unit diagonal, which does not depend on the units of the parameters.
# The theory's names (bread, meat, estfun) are those of Zeileis (2006), Journal
# of Statistical Software 16(9).

vcov_choices <- c("hessian", "opg", "sandwich")

# All of it is about theta, the numbers that the optimiser moves, without those
# that ran to the boundary of a declared range.
# -> status   "definite", "singular", "indefinite" or "nonfinite"
#    scale, scaled   D and S of -H = D S D
#    values, vectors, identified   eigenvalues and -vectors of S where it is
#             singular, and which of them have curvature
#    null     directions without curvature: a k x m matrix in parameter units
#    flat     per direction: the log-likelihood is constant along the line
#    involved which parameters take part in one of them
analyse_information <- function(fit, objective) {
  within <- interior(fit)
  information <- -fit$hessian[within, within, drop = FALSE]
  size <- ncol(information)
  result <- list(status = "nonfinite", rank = 0L, involved = rep(TRUE, size))
  if (size == 0L) {
    return(list(status = "definite", rank = 0L, involved = logical(),
                scale = numeric(), scaled = information))
  }
  if (!all(is.finite(information))) {
    return(result)
  }
  scale <- sqrt(abs(diag(information)))
  scale[!(scale > 0)] <- 1
  scaled <- information / outer(scale, scale)
  result$scale <- scale
  result$scaled <- scaled
  if (is_clearly_definite(scaled)) {
    result[c("status", "rank")] <- list("definite", size)
    result$involved <- logical(size)
    return(result)
  }
  split <- eigen(scaled, symmetric = TRUE)
  kinds <- direction_kinds(split, scale, fit, objective)
  null <- kinds %in% c("flat", "singular")
  result$status <- if (any(kinds == "rising")) "indefinite" else
    if (any(null)) "singular" else "definite"
  result$rank <- sum(!null)
  basis <- simple_basis(split$vectors[, null, drop = FALSE], scale)
  result$involved <- rowSums(abs(basis)) > 0
  if (any(null)) {
    result[c("values", "vectors")] <- split[c("values", "vectors")]
    result$identified <- !null
    result$null <- basis
    result$flat <- apply(basis, 2L, is_flat, scale, fit, objective)
  }
  result
}

# Eigenvalues below this are not believed without a look at the function.
believed_eigenvalue <- 1e-6

# Whether all eigenvalues are well above that: the smallest one is at least one
# over the largest row sum of the inverse. Costs a tenth of the eigenvalues.
is_clearly_definite <- function(scaled) {
  inverse <- inverse_definite(scaled)
  !is.null(inverse) &&
    isTRUE(max(rowSums(abs(inverse))) < 0.1 / believed_eigenvalue)
}

# Each eigenvector as "curved" (a maximum along it), "rising" (none), "flat" or
# "singular" (no curvature within rounding, but not constant). Eigenvalues near
# zero are not believed, the log-likelihood itself is asked.
direction_kinds <- function(split, scale, fit, objective) {
  size <- length(scale)
  rounding <- if (fit$derivatives == "numeric") 1e-9 * size else
    100 * .Machine$double.eps * size
  vapply(seq_len(size), function(i) {
    value <- split$values[[i]]
    direction <- split$vectors[, i] / scale
    if (abs(value) > believed_eigenvalue) {
      return(if (value < 0) "rising" else "curved")
    }
    if (is_flat(direction, scale, fit, objective)) {
      return("flat")
    }
    if (abs(value) <= rounding) {
      return("singular")
    }
    if (!is_quadratic(value, direction, fit, objective)) {
      "singular"
    } else if (value > 0) {
      "curved"
    } else {
      "rising"
    }
  }, "")
}

# Whether the log-likelihood changes along a direction as its eigenvalue says,
# at one distance at least: that of a standard error, or a shorter one where a
# straight line soon leaves a bent ridge, but not one that rounding hides.
is_quadratic <- function(value, direction, fit, objective) {
  lengths <- 10^-(0:6)
  visible <- 1e3 * .Machine$double.eps * (abs(fit$loglik) + 1)
  lengths <- lengths[lengths^2 / 2 > visible]
  change <- change_along(c(-lengths, lengths) / sqrt(abs(value)), direction,
                         fit, objective)
  ratio <- matrix(change / (-sign(value) * lengths^2 / 2), ncol = 2L)
  agrees <- is.finite(ratio) & ratio > 0.5 & ratio < 2
  any(agrees[, 1L] & agrees[, 2L])
}

change_along <- function(lengths, direction, fit, objective) {
  theta <- unname(fit$theta)
  if (length(direction) < length(theta)) {
    direction <- replace(numeric(length(theta)), interior(fit), direction)
  }
  vapply(lengths, function(length) {
    objective_value(objective, theta + length * direction) - fit$loglik
  }, numeric(1))
}

# Whether the log-likelihood is constant along a line, far beyond what would be
# a standard error of each parameter if the others were known.
is_flat <- function(direction, scale, fit, objective) {
  far <- pmax(abs(fit$theta[interior(fit)]), 1e4 / scale)
  direction <- direction / max(abs(direction) / far)
  outward <- 10^-(0:3)
  change <- change_along(c(-outward, outward), direction, fit, objective)
  inside <- is.finite(change)
  any(inside[1:4]) && any(inside[5:8]) &&
    all(abs(change[inside]) <= 1e-11 * (abs(fit$loglik) + 1))
}

# Where the optimiser ran off or stalled, a definite Hessian may be that of a
# log-likelihood that flattens out. A standard error is believed if a step of
# its size costs about half a unit of log-likelihood, as it does at a maximum.
doubt_errors <- function(information, fit, objective) {
  stalled <- c("diverging", "no_progress", "singular_hessian",
               "nonfinite_hessian")
  if (!identical(information$status, "definite") ||
        !fit$outcome %in% stalled) {
    return(information)
  }
  covariance <- inverse_information(information)
  information$involved <- vapply(seq_along(information$scale), function(i) {
    step <- covariance[, i] / sqrt(covariance[i, i])
    change <- change_along(c(-1, 1), step, fit, objective)
    !all(is.finite(change) & change < -0.25 & change > -1)
  }, NA)
  names(information$involved) <- names(information$scale)
  information
}

# A basis of the same space with as many zeros as possible (Gauss-Jordan with
# the largest entry as pivot): from the scaled parameters to their own units.
simple_basis <- function(basis, scale) {
  for (column in seq_len(ncol(basis))) {
    row <- which.max(abs(basis[, column]))
    basis[, column] <- basis[, column] / basis[row, column]
    for (other in setdiff(seq_len(ncol(basis)), column)) {
      basis[, other] <- basis[, other] - basis[row, other] * basis[, column]
    }
  }
  basis[abs(basis) < 1e-5] <- 0
  basis / scale
}

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
vcov.mle_fit <- function(object, type = object$vcov_type, cluster = NULL,
                         adjust = object$adjust, complete = TRUE, ...) {
  type <- match_choice(type, vcov_choices, "type")
  if (!is.null(cluster)) {
    admle_abort("unsupported", paste(
      "`cluster` is not supported by `vcov()` yet;",
      "`sandwich::vcovCL(fit, cluster = )` is."
    ), argument = "cluster")
  }
  covariance <- covariance_matrix(object, type)
  factor <- fit_adjustment(object, adjust)$factor
  if (!is.null(factor)) covariance <- covariance * factor
  if (isTRUE(complete)) covariance_with_aliased(covariance, object) else
    covariance
}

covariance_matrix <- function(fit, type) {
  names <- names(fit$coefficients)
  information <- fit_information(fit)
  blank <- matrix(NA_real_, length(names), length(names),
                  dimnames = list(names, names))
  if (!information$status %in% c("definite", "singular")) {
    return(blank)
  }
  result <- switch(
    type,
    hessian = inverse_information(information),
    opg = inverse_opg(information, score_product(fit, squared = FALSE)),
    sandwich = {
      inverse <- inverse_information(information)
      inverse %*% score_product(fit) %*% inverse
    }
  )
  lacking <- information$involved
  if (!is.null(fit$jacobian)) {
    jacobian <- fit$jacobian[, interior(fit), drop = FALSE]
    result <- jacobian %*% result %*% t(jacobian)
    lacking <- names %in% boundary_coefficients(fit) |
      rowSums(abs(jacobian[, lacking, drop = FALSE])) > 0
  }
  result <- (result + t(result)) / 2
  result[lacking, ] <- NA
  result[, lacking] <- NA
  dimnames(result) <- dimnames(blank)
  result
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

# (S'S)^-1, on the same directions.
inverse_opg <- function(information, product) {
  units <- outer(information$scale, information$scale)
  basis <- diag(length(information$scale))
  if (!is.null(information$identified)) {
    basis <- information$vectors[, information$identified, drop = FALSE]
  }
  scaled <- crossprod(basis, product / units) %*% basis
  inverse <- if (rcond(scaled) > 1e-15) inverse_definite(scaled)
  if (is.null(inverse)) {
    admle_warn("hessian", paste(
      "The outer product of the scores is singular: it gives no standard",
      "errors."
    ))
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

check_adjust <- function(adjust, parameters) {
  flag <- is.logical(adjust) && length(adjust) == 1L && !is.na(adjust)
  number <- is.numeric(adjust) && length(adjust) == 1L && is.finite(adjust) &&
    adjust > 0
  if (!flag && !number && !is.character(adjust)) {
    admle_abort("argument", paste(
      "`adjust` must be TRUE, FALSE, the names of parameters that are not",
      "counted, or the residual degrees of freedom."
    ), argument = "adjust")
  }
  if (is.character(adjust)) {
    named_parameters(adjust, parameters)
  }
  adjust
}

# The one made at the fit, or another.
fit_adjustment <- function(fit, adjust) {
  if (identical(adjust, fit$adjust)) {
    return(fit$adjustment)
  }
  adjustment(fit, check_adjust(adjust, fit$parameters))
}

# -> NULL, or list(n, k, df, factor, excluded): see ?vcov.mle_fit
adjustment <- function(fit, adjust) {
  if (isFALSE(adjust)) {
    return(NULL)
  }
  n <- fit$nobs
  if (is.na(n)) {
    admle_abort("unsupported", paste(
      "`adjust` needs the number of observations, which is not known for a",
      "function that returns one total. Return the vector of contributions."
    ), argument = "adjust")
  }
  excluded <- character()
  if (is.numeric(adjust)) {
    df <- as.numeric(adjust)
  } else {
    excluded <- if (isTRUE(adjust)) dispersion_parameters(fit) else
      named_parameters(adjust, fit$parameters)
    df <- n - (fit$rank - free_count(fit, excluded))
  }
  if (df <= 0) {
    admle_abort("argument", sprintf(
      "`adjust` leaves no degrees of freedom: %s, %s.",
      counted(n, "observation"), counted(n - df, "parameter")
    ), argument = "adjust")
  }
  df <- as.numeric(df)
  list(n = n, k = n - df, df = df, factor = n / df, excluded = excluded)
}

named_parameters <- function(names, parameters) {
  free <- parameters_free_names(parameters)
  matched <- lapply(names, function(name) {
    positions <- parameters$shapes[[name]]$positions
    found <- if (is.null(positions)) name else parameters$names[positions]
    if (!any(found %in% free)) {
      admle_abort("argument", sprintf(
        "`adjust` names `%s`, which is no free parameter. These are %s.",
        name, enumerate(free)
      ), argument = "adjust")
    }
    intersect(found, free)
  })
  unique(unlist(matched))
}

# Parameters on which the estimates of the others do not depend (the others'
# scores stay zero when it is moved), while its own estimate depends on theirs
# (its score changes when they are moved). Candidates have no information in
# common with any other parameter.
dispersion_parameters <- function(fit) {
  information <- fit_information(fit)
  within <- interior(fit)
  if (information$status != "definite" || length(within) < 2L) {
    return(character())
  }
  unfinished <- if (is.finite(fit$decrement)) 10 * sqrt(fit$decrement) else 0
  tolerance <- max(if (fit$derivatives == "numeric") 1e-5 else 1e-6,
                   min(unfinished, 1e-3))
  scaled <- information$scaled
  diag(scaled) <- 0
  alone <- which(apply(abs(scaled), 1L, max) < tolerance)
  objective <- fit_objective(fit)
  theta <- unname(fit$theta)
  step <- 1 / information$scale
  scaled_scores <- function(moved) {
    at <- within[moved]
    theta[at] <- theta[at] + step[moved]
    unname(objective_gradient(objective, theta))[within] * step
  }
  rest <- unname(fit$gradient[within]) * step
  is_dispersion <- vapply(alone, function(i) {
    change <- abs(scaled_scores(i) - rest)[-i]
    own <- abs(scaled_scores(-i) - rest)[[i]]
    all(is.finite(change)) && max(change) < tolerance &&
      is.finite(own) && own > 10 * tolerance
  }, NA)
  moved_coefficients(fit, within[alone[is_dispersion]])
}

# The coefficients that depend on these of theta.
moved_coefficients <- function(fit, at) {
  if (is.null(fit$jacobian)) {
    return(names(fit$coefficients)[at])
  }
  moved <- rowSums(abs(fit$jacobian[, at, drop = FALSE])) > 0
  names(fit$coefficients)[moved]
}

# How many free numbers stand for these coefficients.
free_count <- function(fit, names) {
  if (is.null(fit$jacobian)) {
    return(length(names))
  }
  sum(colSums(abs(fit$jacobian[names, , drop = FALSE])) > 0)
}

#' Confidence intervals
#'
#' Wald intervals, estimate plus and minus the quantile times the standard
#' error, from the normal distribution or, with `adjust`, from the t. For
#' coefficients with a declared range ([positive()] and the like) this is done
#' on a scale without limits and mapped back, so that the interval is within the
#' range.
#'
#' @param object A fit by [mle_fit()].
#' @param parm Names or numbers of coefficients; all by default.
#' @param level The confidence level.
#' @param method `"wald"`.
#' @param ... Passed to [vcov.mle_fit()]: `type`, `adjust`.
#' @return A matrix with a row per coefficient and columns for the two limits.
#' @examples
#' fit <- mle_fit(function(mu, s) dnorm(speed, mu, exp(s), log = TRUE),
#'                start = list(mu = 10, s = 1), data = cars)
#' confint(fit)
#' @export
confint.mle_fit <- function(object, parm, level = 0.95, method = "wald", ...) {
  match_choice(method, "wald", "method")
  if (!is.numeric(level) || length(level) != 1L || is.na(level) ||
        level <= 0 || level >= 1) {
    admle_abort("argument", "`level` must be a number between 0 and 1.",
                argument = "level")
  }
  estimate <- object$coefficients
  chosen <- if (missing(parm)) names(estimate) else
    chosen_coefficients(parm, estimate)
  error <- sqrt(diag(vcov.mle_fit(object, ..., complete = FALSE)))[chosen]
  tail <- (1 - level) / 2
  quantile <- stats::qt(1 - tail, residual_df(object, ...))
  range <- lapply(parameters_range(object$parameters), function(end) {
    end[match(chosen, names(estimate))]
  })
  limits <- range_limits(estimate[chosen], error, quantile, range)
  percent <- format(100 * c(tail, 1 - tail), trim = TRUE, digits = 3)
  dimnames(limits) <- list(chosen, paste(percent, "%"))
  limits
}

residual_df <- function(object, adjust = object$adjust, ...) {
  made <- fit_adjustment(object, adjust)
  if (is.null(made)) Inf else made$df
}

chosen_coefficients <- function(parm, estimate) {
  chosen <- if (is.numeric(parm)) names(estimate)[parm] else parm
  unknown <- is.na(chosen) | !chosen %in% names(estimate)
  if (any(unknown)) {
    admle_abort("argument", sprintf(
      "`parm` has no coefficient %s. They are %s.",
      enumerate(format(parm[unknown])), enumerate(names(estimate))
    ), argument = "parm")
  }
  chosen
}

#' Scores and bread for the sandwich package
#'
#' Methods of `sandwich::estfun()` and `sandwich::bread()`, which make
#' `sandwich::sandwich()`, `vcovCL()`, `vcovOPG()` and others work. They are
#' registered when sandwich is loaded.
#'
#' @param x A fit by [mle_fit()].
#' @param ... Ignored.
#' @return `estfun`: the scores, a matrix with a row per contribution to the
#'   log-likelihood (weighted, in the rows in use) and a column per coefficient.
#'   Of coefficients that are tied together (a simplex, linear constraints)
#'   there are fewer free ones, and the scores are those along the surface on
#'   which the coefficients lie.
#'   `bread`: the number of contributions times the inverse of the observed
#'   information, without small-sample adjustment.
#' @examples
#' fit <- mle_fit(weight ~ Time, data = ChickWeight)
#' if (requireNamespace("sandwich", quietly = TRUE)) {
#'   # weighings of the same chick are not independent
#'   sandwich::vcovCL(fit, cluster = ~ Chick)
#' }
#' @name sandwich_methods
NULL

#' @rdname sandwich_methods
#' @exportS3Method sandwich::estfun
estfun.mle_fit <- function(x, ...) {
  scores <- natural_scores(theta_scores(x), x$jacobian)
  dimnames(scores) <- list(NULL, names(x$coefficients))
  scores
}

theta_scores <- function(fit) {
  objective_scores(fit_objective(fit), unname(fit$theta))
}

#' @rdname sandwich_methods
#' @exportS3Method sandwich::bread
bread.mle_fit <- function(x, ...) {
  if (is.na(x$n)) {
    abort_total()
  }
  covariance_matrix(x, "hessian") * x$n
}
