# Comparing models: likelihood ratio tests and what step(), drop1() and add1()
# need. All of it is about log-likelihoods, so that it holds for every model.

#' Compare fitted models
#'
#' Likelihood ratio tests of nested models. Several fits are compared in the
#' order of their number of parameters. One fit of a model given as a formula
#' is compared with those that lack its terms, from the last to the first,
#' whose parameters are estimated anew.
#'
#' @param object,fit A fit by [mle_fit()].
#' @param ... Further fits of the same observations.
#' @param test `"Chisq"` or `"LRT"`, which are the same: the argument that
#'   [anova.glm()] has.
#' @param scale Ignored.
#' @param k The penalty per parameter; 2 for AIC.
#' @return `anova()`: a data frame of class `"anova"` with a row for each model:
#'   the number of parameters, log-likelihood, degrees of freedom, likelihood
#'   ratio and its p-value from the chi-squared distribution. `extractAIC()`:
#'   the number of parameters and the AIC; with it [stats::step()],
#'   [stats::drop1()] and [stats::add1()] work for models given as formulas.
#' @examples
#' small <- mle_fit(mpg ~ wt, data = mtcars)
#' large <- update(small, . ~ . + hp + qsec)
#' anova(small, large)
#' anova(large)
#' drop1(large, test = "Chisq")
#' @importFrom stats anova
#' @export
anova.mle_fit <- function(object, ..., test = "Chisq") {
  match_choice(test, c("Chisq", "LRT"), "test")
  fits <- list(object, ...)
  is_fit <- vapply(fits, inherits, NA, "mle_fit")
  if (!all(is_fit)) {
    admle_abort("argument", sprintf(
      "`anova()` compares fits by mle_fit(); argument %d is %s.",
      which(!is_fit)[[1L]], described(fits[[which(!is_fit)[[1L]]]])
    ))
  }
  if (length(fits) == 1L) {
    return(anova_terms(object))
  }
  for (other in fits[-1L]) check_same_data(object, other)
  for (i in seq_along(fits)) {
    warn_not_maximum(fits[[i]], sprintf("Model %d", i))
  }
  doubted <- Filter(Negate(is_likelihood_alone), fits)
  if (length(doubted)) warn_not_likelihood(doubted[[1L]])
  ranks <- vapply(fits, `[[`, 1, "rank")
  fits <- fits[order(ranks)]
  labels <- as.character(seq_along(fits))
  heading <- paste0("Model ", labels, ": ", vapply(fits, model_label, ""))
  anova_table(fits, labels, c("Likelihood ratio tests\n",
                              paste(heading, collapse = "\n")))
}

anova_table <- function(fits, labels, heading) {
  rank <- vapply(fits, function(fit) as.numeric(fit$rank), 1)
  loglik <- vapply(fits, `[[`, 1, "loglik")
  df <- c(NA, diff(rank))
  ratio <- c(NA, 2 * diff(loglik))
  p <- stats::pchisq(ratio, df, lower.tail = FALSE)
  p[!is.na(df) & df == 0] <- NA
  table <- data.frame(rank, loglik, df, ratio, p, row.names = labels)
  names(table) <- c("Parameters", "Log-likelihood", "Df", "LR", "Pr(>Chisq)")
  structure(table, heading = heading, class = c("anova", "data.frame"))
}

# Fits of one model may differ in what was held fixed only.
model_label <- function(fit) {
  restrictions <- c(
    if (length(fit$fixed)) paste(names(fit$fixed), "=", format(
      fit$fixed, digits = 4L, trim = TRUE
    )),
    fit$parameters$constraints
  )
  paste0(model_words(fit), if (length(restrictions)) {
    paste0(", with ", paste(restrictions, collapse = ", "))
  })
}

model_words <- function(fit) {
  if (is.null(fit$model)) {
    return(paste0("function of ", enumerate(fit$parameters$arguments)))
  }
  parts <- if (is.null(fit$model$family)) fit$model$components else
    fit$model$components[-1L]
  others <- vapply(parts, function(part) {
    right <- deparse1(written_formula(part))
    paste(deparse1(part$left), sub("^~ *", "~ ", right))
  }, "")
  paste(c(deparse1(fit$model$formula), others), collapse = ", ")
}

check_same_observations <- function(fits) {
  check_same_contrasts(fits)
  n <- vapply(fits, function(fit) as.numeric(fit$nobs), 1)
  if (anyNA(n) || all(n == n[[1L]])) {
    return(invisible())
  }
  counts <- enumerate(format(n, trim = TRUE), "")
  # A function may have one contribution for each group of observations.
  by_function <- any(vapply(fits, function(fit) is.null(fit$model), NA))
  admle_abort("argument", if (by_function) {
    sprintf(paste(
      "The log-likelihoods have different numbers of contributions (%s). Fit",
      "the models to the same rows; or make the smaller one of the larger one",
      "with `fixed`, if that has a contribution for each group."
    ), counts)
  } else {
    sprintf(paste(
      "The models were fitted to different observations (%s of them). Fit them",
      "to the same rows, e.g. with `subset`."
    ), counts)
  })
}

# The terms of the location, taken away one after the other.
anova_terms <- function(fit) {
  terms <- stats::delete.response(stats::terms(fit))
  warn_not_maximum(fit, "object")
  warn_not_likelihood(fit)
  labels <- attr(terms, "term.labels")
  if (length(labels) == 0L) {
    admle_abort("argument", paste(
      "`anova()` of one model needs a formula with terms; or give several",
      "models."
    ))
  }
  frame <- parent.frame(2L)
  same_rows <- if (!is.null(fit$na.action)) {
    list(subset = complete_rows(fit), na.action = stats::na.omit)
  }
  fits <- list(fit)
  current <- fit
  for (label in rev(labels)) {
    change <- stats::as.formula(paste(". ~ . -", label))
    current <- do.call(update.mle_fit, c(list(current, change), same_rows),
                       envir = frame)
    fits <- c(list(current), fits)
  }
  anova_table(fits, c("NULL", labels), c(
    "Likelihood ratio tests, terms added first to last\n",
    paste0("Model: ", model_label(fit))
  ))
}

# A model with fewer variables must not use rows that were left out for missing
# values of the others.
complete_rows <- function(fit) {
  rows <- fit$subset
  if (is.null(rows)) {
    rows <- seq_len(nrow(fit$model$frame) + length(fit$na.action))
  }
  rows[-fit$na.action]
}

#' @rdname anova.mle_fit
#' @importFrom stats extractAIC
#' @export
extractAIC.mle_fit <- function(fit, scale = 0, k = 2, ...) {
  c(fit$rank, -2 * fit$loglik + k * fit$rank)
}
