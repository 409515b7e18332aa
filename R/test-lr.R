# Likelihood ratio tests, of two fits or of restrictions of one, whose
# restricted fit is made (Wilks 1938, Annals of Mathematical Statistics 9).

#' Likelihood ratio test
#'
#' Twice the difference of the log-likelihoods of a model and of a special case
#' of it, compared with the chi-squared distribution.
#'
#' @param fit A fit by [mle_fit()].
#' @param against Another fit, of which one is a special case of the other, in
#'   either order; or restrictions of `fit`, linear or not, as in [wald_test()]:
#'   the restricted model is fitted. If it is missing, the `constraints` of
#'   `fit` are tested.
#' @param rhs For a matrix or function of restrictions: what it equals.
#' @param boundary For two fits: how many of the restrictions put a parameter on
#'   the boundary of its range, such as a variance of zero (`TRUE`: all), or the
#'   names of these coefficients of the larger fit. At most three.
#' @param correlation With two or three parameters on the boundary: the
#'   correlation matrix of their estimates if there were no boundary (or, of
#'   two, the correlation). By default it is taken from the covariance matrix of
#'   the larger fit, of the coefficients that `boundary` names.
#'
#' @details
#' The test needs the two models to be nested, and fitted to the same
#' observations. What can be known is checked: the number of observations, the
#' response, the rows and the weights, that the log-likelihood of the larger
#' model is not the lower one; and of models of the same density given as
#' formulas, that the columns of each parameter's model matrix are among, or
#' combinations of, those of the larger model.
#'
#' Under nonlinear restrictions the log-likelihood is maximised by an augmented
#' Lagrangian with exact first and second derivatives, and Newton steps on the
#' first-order conditions.
#'
#' The distribution is that of a correctly specified model with all parameters
#' inside their ranges. Where restrictions put parameters on the boundary, the
#' estimate cannot be on the other side, and the distribution is
#' chi-bar-squared: with one such parameter \eqn{\frac12 \chi^2_0 + \frac12
#' \chi^2_1}{1/2 chi2_0 + 1/2 chi2_1}, half the usual p-value. The weights of
#' the mixture are the probabilities that the projection of a normal vector with
#' that correlation on the positive orthant has 0, 1, ... positive elements
#' (Kudo 1963). All other parameters must be inside their ranges, and identified
#' under the hypothesis: the mixture is not right for, e.g., the number of
#' components of a mixture model. Coefficients without a declared range have no
#' boundary, but for one at infinity, as that of the logarithm of a variance:
#' they must be named. [vuong_test()] compares models that are not nested.
#' Robust covariances, and the errors of a first step, do not enter, of which a
#' warning tells if the fit was made with them: see [wald_test()] and
#' [score_test()]. Weights should count observations.
#'
#' @return An object of class `"htest"`: `statistic`, `parameter` (degrees of
#'   freedom), `p.value`, `method`, `data.name`; and `loglik`, the two
#'   log-likelihoods; `restricted`, the restricted fit (under nonlinear
#'   restrictions its `coefficients`, `loglik` and `multipliers`); with
#'   `boundary`, `weights`, named by degrees of freedom, instead of `parameter`.
#' @references Self and Liang (1987), Asymptotic properties of maximum
#'   likelihood estimators and likelihood ratio tests under nonstandard
#'   conditions, *Journal of the American Statistical Association* 82, 605-610.
#'
#'   Kudo (1963), A multivariate analogue of the one-sided test, *Biometrika*
#'   50, 403-418.
#' @seealso [wald_test()], [score_test()], [anova.mle_fit()] for several fits
#' @examples
#' large <- mle_fit(mpg ~ wt + hp + qsec, data = mtcars)
#' small <- update(large, . ~ . - hp - qsec)
#' lr_test(small, large)
#' lr_test(large, c("hp = 0", "qsec = 0"))
#' lr_test(large, ~ wt * qsec == -3)
#'
#' # Is there more variation than Poisson's? 1 / size = 0 is the boundary.
#' counts <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
#' dispersed <- mle_fit(count ~ dnbinom(size = size, mu = mu), log(mu) ~ spray,
#'                      data = InsectSprays)
#' lr_test(counts, dispersed, boundary = TRUE)
#' @export
lr_test <- function(fit, against = NULL, rhs = NULL, boundary = FALSE,
                    correlation = NULL) {
  check_fit(fit)
  if (!isFALSE(boundary)) {
    check_fit(against, "against")
    return(lr_at_boundary(fit, against, boundary, correlation))
  }
  if (inherits(against, "mle_fit")) {
    larger <- if (fit$rank > against$rank) fit else against
    warn_at_boundary(unlist(c(fit$fixed, against$fixed)), larger)
    return(lr_of_fits(fit, against))
  }
  warn_not_maximum(fit)
  warn_not_likelihood(fit)
  if (is.null(against)) {
    own <- need_constraints(fit)
    return(lr_result(fit, maximised(without_constraints(fit)),
                     length(own$forms), own$texts))
  }
  read <- read_restrictions(against, fit, parent.frame(), rhs, "against")
  warn_at_boundary(implied_values(read, fit), fit)
  lr_result(restricted_model(fit, read), fit, length(read$value), read$texts)
}

lr_of_fits <- function(first, second) {
  warn_not_maximum(first)
  warn_not_maximum(second, "against")
  warn_not_likelihood(if (is_likelihood_alone(first)) second else first)
  fits <- list(first, second)
  fits <- fits[order(c(first$rank, second$rank))]
  if (first$rank == second$rank) {
    admle_abort("argument", sprintf(paste(
      "Both models have %s: neither is a special case of the other.",
      "`vuong_test()` compares models that are not nested."
    ), counted(first$rank, "parameter")), argument = "against")
  }
  check_same_data(first, second)
  check_nested(fits[[1L]], fits[[2L]])
  lr_result(fits[[1L]], fits[[2L]], fits[[2L]]$rank - fits[[1L]]$rank,
            models_text(fits))
}

is_likelihood_alone <- function(fit) {
  is.null(fit$first_steps) && uses_likelihood_covariance(fit)
}

# One that takes the likelihood to be right, as its ratio does.
uses_likelihood_covariance <- function(fit) {
  !is.null(covariance_of(fit$covariance)$information)
}

warn_not_likelihood <- function(fit) {
  if (!is.null(fit$first_steps)) {
    warn_first_step(fit)
  } else if (!uses_likelihood_covariance(fit)) {
    admle_warn("argument", paste(
      "The likelihood ratio takes the likelihood to be right: the covariance",
      "that the fit was made with does not enter. `wald_test()` and",
      "`score_test()` use it."
    ))
  }
}

models_text <- function(fits) {
  labels <- vapply(fits, model_label, "")
  if (labels[[1L]] == labels[[2L]]) {
    labels <- sprintf("%s (%s)", labels, vapply(fits, function(fit) {
      counted(length(fit$theta), "parameter")
    }, ""))
  }
  paste(labels[[1L]], "against", labels[[2L]])
}

lr_result <- function(restricted, free, df, about) {
  statistic <- 2 * (free$loglik - restricted$loglik)
  if (!is.finite(statistic) || statistic < -1e-7 * (abs(free$loglik) + 1)) {
    admle_abort("argument", sprintf(paste(
      "The log-likelihood of the larger model, %s, is lower than that of the",
      "smaller one, %s: they are not nested, or the larger one is not at its",
      "maximum."
    ), format(free$loglik, digits = 8), format(restricted$loglik, digits = 8)))
  }
  new_test(c(LR = max(statistic, 0)), c(df = df), "Likelihood ratio test",
           about,
           loglik = c(restricted = restricted$loglik, full = free$loglik),
           restricted = restricted)
}

need_constraints <- function(fit) {
  own <- own_constraints(fit$parameters)
  if (is.null(own)) {
    admle_abort("argument", paste(
      "`against` is missing, and the fit has no constraints of its own."
    ), argument = "against")
  }
  own
}
