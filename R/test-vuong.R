# Vuong's tests of which of two models is closer to the truth (Vuong 1989,
# Econometrica 57, 307-333), from the contributions, scores and Hessians of
# both.

#' Vuong's tests of two models
#'
#' Compares two models of the same observations by their Kullback-Leibler
#' distance to the truth, whether nested, overlapping or neither. None of them
#' need be right.
#'
#' * `"nonnested"`: under the hypothesis that both are equally close, the
#'   difference of the log-likelihoods over its standard deviation is standard
#'   normal, provided that the models can be told apart. A large positive value
#'   is in favour of `fit1`. That they can be told apart is what the next one
#'   tests; its result is the element `distinguishability`.
#' * `"distinguishability"`: whether the variance of the differences of the
#'   contributions is zero. Its distribution is that of a weighted sum of
#'   chi-squared variables.
#' * `"nested"`: of nested models, the likelihood ratio compared with its
#'   distribution where neither model need be right, a weighted sum of
#'   chi-squared variables. If the larger one is right it is the chi-squared
#'   distribution of [lr_test()].
#'
#' @param fit1,fit2 Fits by [mle_fit()] of the same observations, whose
#'   log-likelihoods are sums of contributions.
#' @param test See above.
#' @param correction For the numbers of parameters, of the non-nested test:
#'   `"AIC"` takes the number off each log-likelihood, `"BIC"` half of it times
#'   the logarithm of the number of observations.
#' @param alternative `"two.sided"`; `"greater"`: `fit1` is closer; `"less"`.
#' @details A weight multiplies the contribution of its observation, which still
#' counts as one in variances: observations that stand for several are to be
#' given as repeated rows.
#'
#' @return An object of class `"htest"`. `weights` are those of the
#'   sum of chi-squared variables, whose distribution is computed by numerical
#'   inversion of its moment generating function.
#' @references Vuong (1989), Likelihood ratio tests for model selection and
#'   non-nested hypotheses, *Econometrica* 57, 307-333.
#'
#'   Rice (1980), Distribution of quadratic forms in normal random variables,
#'   *SIAM Journal on Scientific and Statistical Computing* 1, 438-448.
#' @examples
#' counts <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
#' normal <- mle_fit(count ~ spray, data = InsectSprays)
#' vuong_test(counts, normal)
#' vuong_test(counts, normal, correction = "BIC")
#' @export
vuong_test <- function(fit1, fit2,
                       test = c("nonnested", "distinguishability", "nested"),
                       correction = c("none", "AIC", "BIC"),
                       alternative = c("two.sided", "greater", "less")) {
  check_fit(fit1, "fit1")
  check_fit(fit2, "fit2")
  test <- match_choice(test, c("nonnested", "distinguishability", "nested"),
                       "test")
  correction <- match_choice(correction, c("none", "AIC", "BIC"), "correction")
  alternative <- match_choice(alternative, c("two.sided", "greater", "less"),
                              "alternative")
  if (correction != "none" && test != "nonnested") {
    admle_abort("argument", paste(
      "`correction` belongs to the test of models that are not nested."
    ), argument = "correction")
  }
  warn_not_maximum(fit1, "fit1")
  warn_not_maximum(fit2, "fit2")
  warn_first_step(fit1, "fit1")
  warn_first_step(fit2, "fit2")
  check_same_data(fit1, fit2)
  if (test == "nested") check_vuong_nested(fit1, fit2)
  pair <- model_pair(fit1, fit2)
  switch(
    test,
    nonnested = vuong_nonnested(pair, correction, alternative),
    distinguishability = vuong_variance(pair),
    nested = vuong_nested(pair)
  )
}

check_vuong_nested <- function(fit1, fit2) {
  fits <- list(fit1, fit2)[order(c(fit1$rank, fit2$rank))]
  if (fit1$rank == fit2$rank) {
    admle_abort("argument", sprintf(
      "Both models have %s: neither is a special case of the other.",
      counted(fit1$rank, "parameter")
    ), argument = "test")
  }
  check_nested(fits[[1L]], fits[[2L]])
}

# -> list(fits, difference of the contributions, omega2 its variance, n)
model_pair <- function(fit1, fit2) {
  fits <- list(fit1, fit2)
  parts <- lapply(fits, function(fit) {
    objective_contributions(fit_objective(fit), unname(fit$theta))
  })
  if (length(parts[[1L]]) != length(parts[[2L]])) {
    admle_abort("argument", sprintf(paste(
      "The log-likelihoods have %d and %d contributions: they are not of the",
      "same observations."
    ), length(parts[[1L]]), length(parts[[2L]])))
  }
  difference <- parts[[1L]] - parts[[2L]]
  if (!is.null(fit1$weights)) difference <- difference[fit1$weights != 0]
  n <- length(difference)
  list(fits = fits, difference = difference, n = n,
       omega2 = sum((difference - mean(difference))^2) / n,
       about = paste(model_label(fit1), "and", model_label(fit2)))
}

vuong_nonnested <- function(pair, correction, alternative) {
  count <- vapply(pair$fits, function(fit) as.numeric(fit$rank), 1)
  penalty <- (count[[1L]] - count[[2L]]) *
    switch(correction, none = 0, AIC = 1, BIC = log(pair$n) / 2)
  ratio <- sum(pair$difference) - penalty
  if (pair$omega2 <= 1e-20 * mean(pair$difference^2) || pair$omega2 == 0) {
    admle_abort("unsupported", paste(
      "The contributions of the two models differ by nothing but rounding:",
      "they cannot be told apart."
    ))
  }
  z <- ratio / sqrt(pair$n * pair$omega2)
  p <- switch(alternative, two.sided = 2 * stats::pnorm(-abs(z)),
              greater = stats::pnorm(z, lower.tail = FALSE),
              less = stats::pnorm(z))
  distinct <- tryCatch(vuong_variance(pair),
                       admle_error_unsupported = function(e) NULL)
  result <- new_test(
    c(z = z), NULL, paste0(
      "Vuong's test of non-nested models",
      if (correction != "none") paste0(", ", correction, " correction"),
      if (!is.null(distinct)) {
        sprintf(" (can they be told apart: p %s)",
                p_text(distinct$p.value))
      }
    ), pair$about, p = p, distinguishability = distinct,
    loglik = vapply(pair$fits, `[[`, 1, "loglik")
  )
  result$alternative <- switch(
    alternative, two.sided = "one of the models is closer to the truth",
    greater = "the first model is closer to the truth",
    less = "the second model is closer to the truth"
  )
  result
}

# "= 0.0312", "< 2e-16"
p_text <- function(p) {
  text <- format.pval(p, digits = 3)
  if (startsWith(text, "<")) sub("<", "< ", text) else paste("=", text)
}

vuong_variance <- function(pair) {
  weights <- vuong_weights(pair)^2
  statistic <- pair$n * pair$omega2
  new_test(c("n omega^2" = statistic), NULL,
           "Vuong's variance test of distinguishability", pair$about,
           p = weighted_chisq(statistic, weights), weights = weights)
}

vuong_nested <- function(pair) {
  ratio <- 2 * sum(pair$difference)
  weights <- vuong_weights(pair)
  if (pair$fits[[1L]]$rank < pair$fits[[2L]]$rank) {
    ratio <- -ratio
    weights <- -weights
  }
  new_test(c(LR = ratio), NULL, "Vuong's test of nested models", pair$about,
           p = weighted_chisq(ratio, weights), weights = weights)
}

# Eigenvalues of W, equation (3.6), with A the Hessians and B the products of
# scores per observation. They are those of the symmetric matrix
# B^(1/2) diag(-A_1^-1, A_2^-1) B^(1/2), and so real.
vuong_weights <- function(pair) {
  inverses <- lapply(pair$fits, function(fit) {
    information <- fit_information(fit)
    if (information$status != "definite" || length(fit$boundary)) {
      admle_abort("unsupported", paste(
        "The test needs two models whose parameters are identified and inside",
        "their ranges."
      ))
    }
    inverse_information(information)
  })
  scores <- lapply(pair$fits, theta_scores)
  units <- lapply(inverses, function(inverse) sqrt(diag(inverse)))
  scaled <- cbind(sweep(scores[[1L]], 2L, units[[1L]], "*"),
                  sweep(scores[[2L]], 2L, units[[2L]], "*"))
  k <- lengths(units)
  middle <- matrix(0, sum(k), sum(k))
  first <- seq_len(k[[1L]])
  middle[first, first] <- inverses[[1L]] / outer(units[[1L]], units[[1L]])
  middle[-first, -first] <- -inverses[[2L]] / outer(units[[2L]], units[[2L]])
  split <- svd(scaled, nu = 0L)
  root <- split$v %*% (split$d * t(split$v))
  symmetric <- root %*% middle %*% root
  eigen((symmetric + t(symmetric)) / 2, symmetric = TRUE,
        only.values = TRUE)$values
}
