# Predicted random effects of a fit, and what is said of them.
#' @include random-effects.R
NULL

#' Random effects
#'
#' Effects of groups, time points or places that have a distribution of their
#' own are integrated out of the likelihood: `mle_fit(y ~ x + (1 | g))` in
#' formulas, and `mle_fit(fn, start, random = "u")` of functions. The function
#' returns the *joint* log-density of data and effects, as it would be written
#' if `u` were known; `start` has an element for `u` like for any
#' parameter. What is maximised, over the other parameters, is the logarithm of
#' the integral over all `u`, by Laplace's method, see [integrate_laplace()].
#' Several names, and effects of any shape, are possible; `random = c("u",
#' "beta")` integrates over the coefficients `beta` as well: restricted maximum
#' likelihood.
#'
#' @section Formulas:
#' In formulas they are terms as in lme4, of any parameter of any model:
#'
#' * `(1 | g)`: an effect of each level of `g` (a number is taken as a factor);
#' * `(1 + x | g)`: also of the slope of `x`, and their correlation; `x` may be
#'   a factor;
#' * `(x || g)`: the same without correlation; `(0 + x | g)`: the slope alone;
#' * `(1 | a:b)`, and `(1 | a / b)` for `(1 | a) + (1 | b:a)`.
#'
#' `coef()` has the coefficients of the formulas, parameters without a formula,
#' and last the standard deviations and correlations of the effects of a group,
#' `sd_g_(Intercept)`, `sd_g_x`, `cor_g_(Intercept)_x`; those of a formula that
#' is not the first have its parameter in front. `start` and `fixed` take
#' these names. A standard deviation may become zero: see Variances.
#'
#' With `REML = TRUE` the coefficients of the first formula are integrated out
#' as well. They are then no parameters of the fit: `fixef(fit, se = TRUE)` has
#' them, and predictions take them into account.
#'
#' `weights` multiply the log-densities of the rows given the effects, not
#' those of the effects: a row of weight two is two rows of the same group,
#' but for the default normal model, where they are precisions as in `lm()`.
#' `subset`, `offset` and missing values mean what they mean without effects.
#' `integration = agq(15)` takes quadrature where there is one effect for each
#' group; [check_integration()] says whether that matters.
#'
#' [predict()], [fitted()] and [residuals()] are at the predicted effects;
#' `predict(re.form = NA)` is at effects of zero, as are [margins()]; the
#' standard errors of predictions at effects contain those of the effects.
#' [simulate()] draws new effects.
#'
#' @section What is exact:
#' Of the integrated log-likelihood the gradient and the Hessian, and of its
#' parts for independent groups the scores: nothing is differenced, and
#' everything that is asked of a fit (standard errors of all types, clusters,
#' profiles, tests) is asked of the integrated likelihood. The integral itself
#' is exact where the joint log-density is quadratic in the effects (normal
#' models with normal effects), and otherwise the better the more observations
#' each effect has.
#'
#' @section Variances:
#' Written as `dnorm(u, 0, sd, log = TRUE)` a standard deviation cannot become
#' zero; written with standard normal effects, `sd * u[group]` and
#' `dnorm(u, log = TRUE)`, it can, and the fit then says that it is at its
#' boundary when it is declared as [positive()]. Both are the same model.
#'
#' @section Observations:
#' The contributions of such a fit are the independent parts into which the
#' effects fall (groups, or the clusters of a nested design), followed by terms
#' without effects. [nobs()] counts the terms that read data. Where everything
#' is coupled, as with crossed effects, there is one part: robust covariances
#' are refused.
#'
#' @param object A fit by [mle_fit()] with random effects.
#' @param se `TRUE` for conditional standard errors.
#' @param ... Not used.
#' @return `ranef()`: the predicted effects, at the maximum of the joint
#' density: a
#'   list with a data frame for each grouping (in the function form, for each
#'   name in `random`). `as.data.frame()` makes one long data frame of it, with
#'   columns `grpvar`, `term`, `grp`, `condval` and `condsd`. The standard
#'   errors are the square roots of the conditional variances given the data, to
#'   which the uncertainty of the parameters is added by the delta method (Kass
#'   and Steffey 1989).
#'
#'   `fixef()`: the coefficients that are not random; of a model given as
#'   formulas those of the first formula, with `se` in a data
#'   frame. Of absorbed effects see [fixed_effects].
#'
#'   `VarCorr()`: for each term of the formulas the covariance matrix of its
#'   effects; printed as standard deviations and correlations, of which
#'   `as.data.frame()` makes a data frame with lme4's columns.
#' @section Errors:
#' `admle_error_argument` where the fit has no random effects, or `random` names
#' no parameter; `admle_error_value` where the joint density has no maximum in
#' the effects at the starting values.
#' @references Kass and Steffey (1989), *Journal of the American Statistical
#'   Association* 84, 717-726.
#' @name random_effects
#' @examples
#' fit <- mle_fit(
#'   function(b, sd, sigma, u) {
#'     c(dnorm(distance, b[1] + b[2] * age + sd * u[Subject], sigma, log =
#'     TRUE),
#'       dnorm(u, log = TRUE))
#'   },
#'   start = list(b = c(20, 0), sd = positive(1), sigma = positive(1),
#'                u = numeric(27)),
#'   data = as.data.frame(nlme::Orthodont), random = "u"
#' )
#' summary(fit)
#' head(as.data.frame(ranef(fit)))
#'
#' # The same, and a random slope, by formulas
#' fit <- mle_fit(distance ~ age + (1 | Subject),
#'                data = as.data.frame(nlme::Orthodont))
#' VarCorr(fit)
#' head(coef(fit, group = "Subject"))
#' slopes <- update(fit, . ~ age + (age | Subject))
#' anova(fit, slopes)
#' predict(slopes, data.frame(age = 16, Subject = "M01"), se.fit = TRUE)
NULL

#' @importFrom nlme ranef
#' @export
nlme::ranef

#' @importFrom nlme fixef
#' @export
nlme::fixef

#' @rdname random_effects
#' @export
ranef.mle_fit <- function(object, se = TRUE, ...) {
  effects <- need_effects(object)
  check_flag(se, "se")
  if (isTRUE(object$random$mixed)) {
    return(formula_ranef(object, se))
  }
  found <- predicted_effects(object, effects, se)
  ends <- cumsum(lengths(effects$start))
  parts <- Map(function(start, end) {
    at <- seq(end - length(start) + 1L, end)
    list(value = effects_frame(start, found$value[at]),
         se = if (se) effects_frame(start, found$se[at]))
  }, effects$start, ends)
  new_ranef(lapply(parts, `[[`, "value"),
            if (se) lapply(parts, `[[`, "se"))
}

#' @rdname random_effects
#' @export
fixef.mle_fit <- function(object, se = FALSE, ...) {
  check_fit(object, "object")
  check_flag(se, "se")
  if (!is.null(object$absorb)) {
    return(absorbed_effects(object))
  }
  effects <- need_effects(object)
  if (!isTRUE(effects$mixed)) {
    return(coef(object))
  }
  value <- first_coefficients(object)
  if (!se) {
    return(value)
  }
  error <- if (length(object$model$integrated)) {
    at <- integrated_coefficients(object)$positions
    predicted_effects(object, effects, TRUE)$se[at]
  } else {
    sqrt(diag(covariance_made(object)$matrix))[names(value)]
  }
  data.frame(Estimate = value, `Std. Error` = error, check.names = FALSE)
}

# `values`, `se`: lists of data frames by grouping.
new_ranef <- function(values, se = NULL) {
  structure(values, se = se, class = "mle_ranef")
}

need_effects <- function(fit, name = "object") {
  check_fit(fit, name)
  if (is.null(fit$random)) {
    admle_abort("argument", paste(
      "The fit has no random effects. They are named by mle_fit(..., random =)."
    ), argument = name)
  }
  fit$random
}

# What is `wanted` of the effects (laplace.R), as a function of theta.
effects_function <- function(fit, effects, wanted) {
  fn <- function_without_effects(effects, wanted)
  function(theta) plain_value(fn, fit$parameters, theta, data_to_record(fit))
}

# Of all effects, one after the other: list(value, se).
predicted_effects <- function(fit, effects, se) {
  theta <- unname(fit$theta)
  mode <- effects_function(fit, effects, "mode")
  value <- as.numeric(mode(theta))
  if (!se) {
    return(list(value = value))
  }
  inverse <- as.numeric(
    effects_function(fit, effects, "inverse")(theta)
  )
  pattern <- effects$facts$pattern
  conditional <- inverse[pattern$row == pattern$column]
  known <- identical(fit$information$status, "definite")
  spec <- vcov_spec("hessian")
  V <- if (known) theta_covariance(fit, spec, fit$information)$matrix else NA
  slopes <- jacobian(mode)(theta)[, interior(fit), drop = FALSE]
  of_parameters <- if (known) rowSums((slopes %*% V) * slopes) else NA_real_
  list(value = value, se = sqrt(conditional + of_parameters))
}

# A vector is one column; a matrix has its own.
effects_frame <- function(start, values) {
  if (is.null(dim(start))) {
    return(data.frame(`(Intercept)` = values, row.names = names(start),
                      check.names = FALSE))
  }
  values <- matrix(values, nrow(start), dimnames = dimnames(start))
  as.data.frame(values)
}

#' @export
as.data.frame.mle_ranef <- function(x, ...) {
  se <- attr(x, "se")
  parts <- lapply(names(x), function(name) {
    values <- x[[name]]
    data.frame(
      grpvar = name, term = rep(names(values), each = nrow(values)),
      grp = rep(rownames(values), times = ncol(values)),
      condval = unlist(values, use.names = FALSE),
      condsd = if (is.null(se)) NA_real_ else
        unlist(se[[name]], use.names = FALSE)
    )
  })
  do.call(rbind, parts)
}

#' @export
print.mle_ranef <- function(x, ..., n = 10L) {
  for (name in names(x)) {
    cat("$", name, "\n", sep = "")
    print(utils::head(x[[name]], n), ...)
    left <- nrow(x[[name]]) - n
    if (left > 0L) cat(sprintf("... and %d more\n", left))
    cat("\n")
  }
  if (!is.null(attr(x, "se"))) {
    cat("Conditional standard errors: as.data.frame()\n")
  }
  invisible(x)
}
