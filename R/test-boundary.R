# Likelihood ratio tests of parameters on the boundary of their range under the
# hypothesis, such as a variance of zero: the estimate cannot be on the other
# side, and the distribution is a mixture of chi-squared ones, chi-bar-squared
# (Chernoff 1954, Annals of Mathematical Statistics 25, 573-578; Self and Liang
# 1987, Journal of the American Statistical Association 82, 605-610).

lr_at_boundary <- function(first, second, boundary, correlation) {
  # A parameter that ran to the boundary is no reason to doubt the fit.
  ratio <- lr_of_fits(first, second)
  fits <- list(first, second)
  fits <- fits[order(c(first$rank, second$rank))]
  fit0 <- fits[[1L]]
  fit1 <- fits[[2L]]
  df <- ratio$parameter[["df"]]
  count <- boundary_count(boundary, df, fit1)
  check_bounded(boundary, count, df, fit0, fit1)
  matrix <- if (count > 1L) {
    boundary_correlation(correlation, boundary, count, fit1)
  }
  weights <- chi_bar_weights(count, matrix)
  dfs <- df - count + seq_along(weights) - 1L
  statistic <- ratio$statistic[[1L]]
  tails <- ifelse(dfs == 0L, as.numeric(statistic <= 0),
                  stats::pchisq(statistic, dfs, lower.tail = FALSE))
  names(weights) <- dfs
  shown <- paste0(format(weights, digits = 4, trim = TRUE), " chi2(", dfs, ")",
                  collapse = " + ")
  new_test(c(LR = statistic), NULL, paste(
    "Likelihood ratio test at the boundary,", shown
  ), ratio$data.name, p = sum(weights * tails), weights = weights,
  loglik = ratio$loglik)
}

boundary_count <- function(boundary, df, fit) {
  if (is.character(boundary)) {
    unknown <- setdiff(boundary, names(fit$coefficients))
    if (length(unknown)) {
      admle_abort("argument", sprintf(
        "`boundary` names no coefficient %s. They are %s.", enumerate(unknown),
        enumerate(names(fit$coefficients), limit = 12L)
      ), argument = "boundary")
    }
    boundary <- length(unique(boundary))
  }
  if (isTRUE(boundary)) boundary <- df
  if (!is.numeric(boundary) || length(boundary) != 1L || is.na(boundary) ||
        boundary != floor(boundary) || boundary < 1 || boundary > df) {
    admle_abort("argument", sprintf(paste(
      "`boundary` must be TRUE, %s, the number of restrictions, or the names",
      "of coefficients."
    ), if (df == 1) "1" else sprintf("a number between 1 and %d", df)),
    argument = "boundary")
  }
  if (boundary > 3) {
    admle_abort("unsupported", paste(
      "The weights are known for at most three parameters on the boundary.",
      "Simulate from the restricted model."
    ), argument = "boundary")
  }
  as.integer(boundary)
}

# Coefficients without a declared range have no boundary, but for one at
# infinity, as a logarithm has: it must be named, and a regression coefficient
# that both models could have has none.
check_bounded <- function(boundary, count, df, fit0, fit1) {
  named <- is.character(boundary)
  tested <- if (named) unique(boundary) else
    setdiff(names(fit1$coefficients), names(fit0$coefficients))
  if (!named && length(tested) != df) {
    return(invisible())
  }
  range <- parameters_range(fit1$parameters)
  free <- is.infinite(range$lower) & is.infinite(range$upper)
  free <- intersect(tested, names(fit1$coefficients)[free])
  if (length(tested) - length(free) >= count) {
    return(invisible())
  }
  slopes <- intersect(free, common_predictors(fit0, fit1))
  if (length(tested) - length(slopes) < count) {
    admle_abort("argument", sprintf(
      "%s %s of a linear predictor, without a boundary. %s.",
      enumerate(slopes),
      if (length(slopes) == 1L) "is a coefficient" else "are coefficients",
      if (length(slopes) < length(tested)) {
        paste("Name the others in `boundary`:",
              enumerate(setdiff(tested, slopes)))
      } else {
        "Leave `boundary` out"
      }
    ), argument = "boundary")
  }
  if (!named) {
    admle_warn("argument", sprintf(paste(
      "%s no declared range and so no boundary, unless it is at infinity as",
      "that of a logarithm: name %s in `boundary` then, or leave it out."
    ), paste(enumerate(free), if (length(free) == 1L) "has" else "have"),
    if (length(free) == 1L) "it" else "them"))
  }
}

# Coefficients of the linear predictors that both models have.
common_predictors <- function(fit0, fit1) {
  if (is.null(fit0$model) || is.null(fit1$model)) {
    return(character())
  }
  arguments <- lapply(list(fit0, fit1), function(fit) {
    vapply(model_at(fit)$components, coefficient_argument, "")
  })
  positions <- lapply(intersect(arguments[[1L]], arguments[[2L]]),
                      function(name) fit1$parameters$shapes[[name]]$positions)
  fit1$parameters$names[unlist(positions)]
}

boundary_correlation <- function(correlation, boundary, count, fit) {
  if (is.null(correlation)) {
    if (!is.character(boundary)) {
      admle_abort("argument", paste(
        "With several parameters on the boundary their correlation is needed:",
        "name them in `boundary`, or give `correlation`."
      ), argument = "boundary")
    }
    covariance <- fit_covariance(fit)[boundary, boundary]
    if (anyNA(covariance)) {
      admle_abort("argument", sprintf(paste(
        "%s no standard error in the larger fit from which their correlation",
        "could be taken. Give `correlation`."
      ), paste(enumerate(boundary[is.na(diag(covariance))]), "has")),
      argument = "correlation")
    }
    return(stats::cov2cor(covariance))
  }
  if (length(correlation) == 1L && count == 2L) {
    correlation <- matrix(c(1, correlation, correlation, 1), 2L)
  }
  valid <- is.matrix(correlation) && is.numeric(correlation) &&
    identical(dim(correlation), c(count, count)) &&
    isSymmetric(unname(correlation)) && all(diag(correlation) == 1) &&
    !is.null(tryCatch(chol(correlation), error = function(e) NULL))
  if (!valid) {
    admle_abort("argument", sprintf(
      "`correlation` must be a %d x %d correlation matrix.", count, count
    ), argument = "correlation")
  }
  correlation
}

# Of 0, 1, ... positive elements, for a normal vector with this correlation
# projected in the metric of its inverse.
chi_bar_weights <- function(count, correlation) {
  if (count == 1L) {
    return(c(0.5, 0.5))
  }
  all <- orthant(correlation)
  none <- orthant(stats::cov2cor(solve(correlation)))
  if (count == 2L) c(none, 0.5, all) else c(none, 0.5 - all, 0.5 - none, all)
}

# P(all elements positive), two or three of them.
orthant <- function(correlation) {
  angles <- acos(correlation[lower.tri(correlation)])
  if (length(angles) == 1L) {
    return((pi - angles) / (2 * pi))
  }
  (2 * pi - sum(angles)) / (4 * pi)
}
