# Absorbed effects: what is maximised is the log-likelihood at its maximum over
# them, a function of the other parameters, whose derivatives are exact. Scores,
# Hessian and all that is made of them are those of this function, which are the
# blocks of the other parameters in the model with all effects as parameters.
#' @include random-effects.R
#' @include bias-reduction.R
NULL

#' Fixed effects
#'
#' Effects of groups (firms, years, pairs of countries) that are parameters, but
#' of which there are so many that they are not to be among the coefficients.
#' They are written right of a bar in the formula of a parameter, of any
#' density, family or combinator: `mle_fit(y ~ x | firm + year, family =
#' poisson)`, `mle_fit(y ~ dnorm(mu, s), mu ~ x | firm, log(s) ~ z | year)`.
#' `firm^year` is an effect for each combination. In a likelihood that is
#' written as a function they are named by `absorb`, as in `mle_fit(fn, start,
#' absorb = "alpha")`.
#'
#' @details
#' The log-likelihood is maximised over the effects for each value of the other
#' parameters, by a sparse Newton iteration inside of the likelihood. Estimates,
#' log-likelihood, standard errors, robust and clustered ones too, tests and
#' profiles are those of the model with a column for each group: nothing is
#' approximated, in nonlinear models either. (The outer product of the scores is
#' that of the concentrated log-likelihood.) Many groups with few observations
#' each bias the estimates of nonlinear models (the incidental parameters
#' problem, Neyman and Scott 1948); this is not corrected. Poisson and linear
#' models with one set of effects have no such bias in their slopes.
#'
#' The constant is one of the effects, and is left out. A regressor that does
#' not vary within the groups has the coefficient `NA`, which a message says. Of
#' a second and further effect one level in each connected component is the
#' reference: levels that occur together are connected.
#'
#' Event studies are ordinary factors:
#' `y ~ relevel(factor(period), ref = "-1") | firm + year`.
#'
#' @section Observations without information:
#' Groups all responses of which are 0 (binary responses, Poisson and negative
#' binomial counts) or at their largest (binary) have effects that run off to
#' infinity; a Poisson effect of one observation fits it exactly. Whatever the
#' other parameters are, these observations say nothing about them. They are
#' found before the search where the density is `dbinom()`, `dpois()` or
#' `dnbinom(mu = )` or such a family, with a link under which this is so, left
#' out of the fit and of `nobs()`, told by a message and listed by
#' `fit$dropped`: a data frame of `row` (its name in the data), `reason`,
#' `effect` and `level`. For other densities nothing is left out, but a
#' warning names the effects that ran off. Groups whose weights are all zero are
#' left out of any.
#'
#' @section Degrees of freedom:
#' `logLik()`, and with it `AIC()` and `BIC()`, counts the absorbed effects as
#' parameters, without the references, also those of `absorb`.
#'
#' @section Small-sample factors:
#' What a covariance of the coefficients of a formula is multiplied by; k counts
#' all parameters of the mean with the effects, G the clusters.
#'
#' | `vcov(fit, )` | factor | fixest, `ssc =` | Stata |
#' |---|---|---|---|
#' | (default) | 1 | `"iid"`, `ssc(K.adj = FALSE)` | `poisson y x i.firm` |
#' | `"sandwich"` | 1 | `"hetero"`, `ssc(K.adj = FALSE)` | n / (n - 1) |
#' | `cluster = ` | G / (G - 1) | `ssc(K.adj = FALSE)` | `poisson`, `logit` |
#' | and `cadjust = FALSE` | 1 | `ssc(K.adj = FALSE, G.adj = FALSE)` | |
#' | and `adjust = TRUE` | (n - 1) / (n - k) | `ssc(K.fixef="full")` | `areg` |
#' | two ways, `"min"` | the smaller G | `ssc(K.adj = FALSE)` | |
#'
#' The first row is that of families without a scale; of linear models
#' `adjust = TRUE` is `ssc()`, as of `"sandwich"`. Of clusters in two ways each
#' has its own G; `adjust` multiplies what is there; `cadjust = "min"` takes the
#' smaller for all. The default of fixest, `ssc(K.fixef = "nonnested")`, does
#' not count effects whose groups lie inside of the clusters, and has no equal
#' here.
#'
#' @section Predictions:
#' `predict()`, `fitted()`, `residuals()`, `simulate()` and [margins()] use the
#' effects. Their standard errors contain those of the effects: to the delta
#' method along the maximum in the effects, with the covariance that is asked
#' for, comes the variance of the effects given the other parameters, from the
#' Hessian. A level in `newdata` that the fit has not seen is an error.
#'
#' @section Not with effects:
#' `random`, and bias reduction. The index of [dcategorical()] and
#' [dconditional()] takes none. Of more than two effects those but the first may
#' have 5,000 levels in all. A bootstrap searches for the effects again, and
#' leaves those of groups that it did not draw out.
#'
#' @return `fixef()`: a list with a named vector for each effect. The first has
#'   the level of the predictor, the references of the others are 0, so that
#'   effects of levels in one connected component can be compared.
#' @section Errors:
#' `admle_error_argument` for a formula with two bars, or an effect that is
#' given twice; `admle_error_data` for an effect with one level, effects that
#' exhaust the data, that others determine or that are missing in a row in use,
#' and for new levels in `predict()`.
#' @references Neyman and Scott (1948), *Econometrica* 16, 1-32.
#'
#'   Correia, Guimaraes and Zylkin (2021), Verifying the existence of maximum
#'   likelihood estimates for generalized linear models.
#'
#'   Abowd, Creecy and Kramarz (2002), Computing person and firm effects using
#'   linked longitudinal employer-employee data.
#' @seealso [random_effects] for effects with a distribution.
#' @name fixed_effects
#' @examples
#' d <- transform(warpbreaks, loom = rep(1:9, 6))
#' fit <- mle_fit(breaks ~ tension | wool + loom, data = d, family = poisson)
#' summary(fit, vcov = ~ loom)
#' fixef(fit)
#' margins(fit)
NULL

register_fit_hook("absorb",
  arguments = "absorb",
  read = function(asked, settings) {
    found <- read_effects(asked, "absorb")
    if (!is.null(found) && !is.null(settings$random)) {
      admle_abort("unsupported", paste(
        "`random` and `absorb` cannot be combined: give the absorbed effects",
        "as parameters like others."
      ), argument = "absorb")
    }
    if (!is.null(found)) check_absorbed_with(settings)
    found
  },
  model = function(settings, model) {
    found <- model_effects(model)
    if (is.null(found)) {
      return(settings$absorb)
    }
    check_absorbed_with(settings)
    found
  },
  likelihood = function(settings, adapted, negative) {
    without_effects_in(adapted, c(settings, list(
      argument = "absorb", wanted = "profile", nodes = 1L, negative = negative
    )))
  },
  recorded = function(fit) {
    if (is.null(fit$weights) || identical(fit$absorb$weights, fit$weights)) {
      return(fit)
    }
    fit$absorb$weights <- fit$weights
    fit$absorb$idle <- idle_effects(fit)
    fit$fn <- function_without_effects(fit$absorb)
    fit
  },
  df = function(fit) length(unlist(fit$absorb$start)),
  counted = function(fit) {
    if (is.null(fit$data) && !is.null(fit$subset) && is.null(fit$model)) {
      admle_abort("unsupported", paste(
        "With `absorb`, `subset` needs `data`: the effects are those of the",
        "rows in use, and the function sees all of its own variables."
      ), argument = "subset")
    }
    fit$dropped <- fit$model$dropped
    run_hooks(fit, "recorded")
  },
  judged = function(fit) {
    fit$absorb$value <- effects_at(fit, unname(fit$theta))
    fit$problems <- c(fit$problems, run_off_problem(fit))
    fit
  },
  text = function(fit) {
    sprintf("Absorbed effects: %s", effects_sizes(fit$absorb))
  }
)

# What changes the estimates of maximum likelihood would have to know the
# effects.
check_absorbed_with <- function(settings) {
  if (!is.null(settings$bias)) {
    admle_abort("unsupported", paste(
      "Bias reduction does not know absorbed effects: it would be that of the",
      "concentrated likelihood. Remove `bias`, or give the effects as",
      "parameters (a factor among the terms)."
    ), argument = "bias")
  }
}

# The settings of a model whose formulas name effects, or NULL.
model_effects <- function(model) {
  parts <- Filter(function(part) length(part$effects), model$components)
  if (length(parts) == 0L) {
    return(NULL)
  }
  sizes <- lapply(parts, function(part) {
    names <- vapply(part$effects, `[[`, "", "name")
    if (length(parts) > 1L) names <- paste0(part$parameter, ": ", names)
    stats::setNames(lengths(lapply(part$effects, `[[`, "levels")), names)
  })
  list(names = unlist(lapply(parts, effect_arguments)),
       sizes = unlist(sizes), by_formula = TRUE)
}

# Positions of the effects of which no observation has weight, as of groups that
# a bootstrap did not draw: they are held.
idle_effects <- function(fit) {
  start <- fit$absorb$start
  before <- cumsum(lengths(start)) - lengths(start)
  names(before) <- names(start)
  effects <- unlist(lapply(fit$model$components, `[[`, "effects"), FALSE)
  unlist(lapply(effects, function(effect) {
    index <- get(effect$index_name, envir = environment(fit$absorb$joint))
    position <- index - any(effect$position == 0L)
    seen <- tabulate(position[fit$weights > 0], max(effect$position)) > 0L
    before[[effect$argument]] + which(!seen)
  }))
}

# Where the log-likelihood is largest in the effects, all of them.
effects_at <- function(fit, theta) {
  fn <- function_without_effects(fit$absorb, "mode")
  as.numeric(plain_value(fn, fit$parameters, theta, data_to_record(fit)))
}

# Effects that run off to where the likelihood is flat: their curvature per
# observation is nothing beside that of others. Where observations without
# information were looked for, or all are alike, there are none.
run_off_problem <- function(fit) {
  parts <- Filter(function(part) length(part$effects), fit$model$components)
  parts <- Filter(function(part) !isTRUE(part$limits_known), parts)
  if (length(parts) == 0L || isTRUE(fit$model$family$family == "gaussian")) {
    return(NULL)
  }
  joint <- joint_function(fit)
  at <- all_parameters(fit)
  along <- as.numeric(seq_along(at) > length(fit$parameters$free))
  curvature <- -hvp(joint)(at, along)[along == 1]
  ends <- cumsum(lengths(fit$absorb$start))
  names(ends) <- names(fit$absorb$start)
  found <- unlist(lapply(parts, function(part) {
    lapply(part$effects, run_off_levels, curvature = curvature, ends = ends,
           env = environment(fit$absorb$joint))
  }))
  if (length(found)) {
    list(problem("run_off", sprintf(paste(
      "%s to infinity: the log-likelihood does not change with %s any more.",
      "Leave the observations out, or describe these groups otherwise."
    ), paste(if (length(found) == 1L) "The effect of" else "The effects of",
             toString(found), if (length(found) == 1L) "runs" else "run"),
    if (length(found) == 1L) "it" else "them")))
  }
}

run_off_levels <- function(effect, curvature, ends, env) {
  size <- max(effect$position)
  own <- curvature[seq.int(ends[[effect$argument]] - size + 1L,
                           length.out = size)]
  index <- get(effect$index_name, envir = env) - any(effect$position == 0L)
  each <- own / tabulate(index, size)
  flat <- which(each < 1e-4 * stats::median(each))
  if (length(flat)) {
    sprintf("`%s` %s", effect$name,
            effect$levels[match(flat, effect$position)])
  }
}

absorbed_effects <- function(fit) {
  start <- fit$absorb$start
  ends <- cumsum(lengths(start))
  values <- Map(function(value, end) {
    value[] <- fit$absorb$value[seq(end - length(value) + 1L, end)]
    value
  }, start, ends)
  if (is.null(fit$model)) {
    return(values)
  }
  effects <- unlist(lapply(fit$model$components, `[[`, "effects"), FALSE)
  out <- lapply(effects, function(effect) {
    stats::setNames(c(0, values[[effect$argument]])[effect$position + 1L],
                    effect$levels)
  })
  stats::setNames(out, names(fit$absorb$sizes))
}
