# `mle_fit()` for a model given as a formula. The formulas are read
# (model-read.R), the data put into one frame (model-frame.R) and model
# matrices (model-design.R); then the log-likelihood is built as a plain R
# function (model-loglik.R), given starting values (model-start.R), and fitted
# like any other.

#' Maximum likelihood of models given as formulas
#'
#' One line for a linear model, a generalised linear model, or a model with a
#' formula for each parameter of any density. The formulas become a
#' log-likelihood written in R, see [loglik_function()], that is fitted as any
#' other.
#'
#' @inheritParams mle_fit
#' @param formula The model, in one of these forms:
#'   * `y ~ x1 + x2`: a normal linear model, or a generalised linear model with
#'     `family`;
#'   * `y ~ dname(mu, sigma)`: the density of the response, a call of a density
#'     without its first argument, see [distribution()]. Its arguments are
#'     expressions of parameters and variables. Censored, truncated, mixed,
#'     zero-inflated and hurdle versions are written [censored()],
#'     [truncated()], [mixture()], [zero_inflated()] and [hurdle()].
#'
#'   What is right of a bar in the formula of a parameter, `y ~ x | firm +
#'   year`, are effects of groups that are absorbed, see [fixed_effects].
#' @param ... Formulas of parameters, `link(parameter) ~ terms`; without a link
#'   `parameter ~ terms`.
#' @param data A data frame or list. Variables that are not in it are taken from
#'   where the formula was written.
#' @param family One of R's families with a likelihood: [gaussian()],
#'   [binomial()], [poisson()], [Gamma()], [inverse.gaussian()], with any link.
#' @param start Starting values, where those that admle finds are not to be
#'   used: a list or vector with names of parameters or coefficients. A
#'   parameter without a formula may be a vector, as in
#'   `y ~ dnorm(a[group], sigma)` with `start = list(a = c(1, 2, 3))`.
#' @param weights Non-negative weights, see below; an expression in columns of
#'   `data`.
#' @param subset The observations to be used: logical, or row numbers, which may
#'   repeat.
#' @param na.action What to do about missing values, as in [lm()].
#' @param offset A known part of the linear predictor of the first parameter;
#'   `offset()` in the formulas does the same for any.
#' @param contrasts As in [lm()].
#' @param integration,REML With random effects in the formulas, `(1 | g)`: how
#'   they are integrated out, and whether the coefficients of the first formula
#'   are integrated out as well; see [random_effects].
#'
#' @section Parameters and their formulas:
#' Names in the density are parameters with a formula, columns of `data`, or
#' else scalar parameters. These are reported on their own scale; those of known
#' densities whose range is known, such as `sd`, `scale` or `prob`, are declared
#' [positive()] or [bounded()].
#'
#' Links are `identity`, `log`, `logit`, `probit`, `cauchit`, `cloglog`,
#' `loglog`, `inverse`, `sqrt`, `1/mu`, `1/mu^2`, `tanh` (Fisher's z: the
#' parameter is the hyperbolic tangent of the linear predictor; `atanh` is the
#' same), `log1p`, `expm1`, `exp`, `log2`, `log10`, an object of [make.link()],
#' and any function whose attribute `inverse` is its inverse.
#'
#' The terms are those of R's model formulas, `poly()`, `splines::ns()` and
#' offsets included. With `family` a further formula may model the second
#' parameter: `mle_fit(y ~ x, log(sigma) ~ z, data = d)`. The parameters of
#' families are `mu`, the mean, and `sigma` (gaussian) or `shape` (Gamma,
#' inverse Gaussian: 1 / dispersion).
#'
#' An index `eta` of [dordered()] has no intercept, whose place the thresholds
#' take; that of [dconditional()] has none either, nor any other column that
#' does not vary within a choice set, since it cancels: a factor of the
#' alternatives has a constant for each but the first; that of [dcategorical()]
#' has coefficients for each category but the first.
#'
#' @section Names of coefficients:
#' The parameter whose formula comes first has the names that [lm()] would give,
#' `(Intercept)`, `x1`. Those of others have the parameter in front:
#' `sigma_(Intercept)`, `sigma_x1`. Scalar parameters have their own names.
#' `car::linearHypothesis()` takes these names; for `car::deltaMethod()` see
#' [deltaMethod.mle_fit()].
#'
#' @section Weights:
#' Those of the gaussian family are [lm()]'s: the variance is
#' \eqn{\sigma^2 / w}. For a binomial response of proportions they are the
#' numbers of trials. Elsewhere a weight multiplies the contribution of its
#' observation; [mle_fit()] says what that means for frequencies and for
#' sampling weights. `nobs()` is the number of rows with a weight that is not
#' zero.
#'
#' @section Columns that others explain:
#' have the coefficient `NA`, as in [lm()], which a message says.
#'
#' @return An object of class `c("mle_model", "mle_fit")`, see [mle_fit()]; its
#'   element `model` is what the formulas say.
#' @seealso [predict.mle_fit()], [residuals.mle_fit()], [anova.mle_fit()],
#'   [simulate.mle_fit()], [model_parts], [loglik_function()]
#' @references McCullagh and Nelder (1989), *Generalized Linear Models*.
#'
#'   Chambers and Hastie (1992), *Statistical Models in S*, chapters 2 and 3.
#' @examples
#' mle_fit(mpg ~ wt + hp, data = mtcars)
#' mle_fit(am ~ wt, data = mtcars, family = binomial("probit"))
#' mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt + hp, log(sigma) ~ wt, data = mtcars)
#'
#' # nonlinear least squares with standard errors
#' mle_fit(rate ~ dnorm(Vm * conc / (K + conc), sigma), data = Puromycin,
#'         subset = state == "treated", start = list(Vm = 200, K = 0.05))
#'
#' # a tobit model
#' d <- transform(mtcars, y = pmax(mpg, 18))
#' mle_fit(y ~ censored(dnorm(mu, sigma), lower = 18), mu ~ wt, data = d)
#' @export
mle_fit.formula <- function(formula, ..., data = NULL, family = NULL,
                            start = NULL, weights = NULL, subset = NULL,
                            na.action = getOption("na.action"), offset = NULL,
                            contrasts = NULL, fixed = NULL,
                            constraints = NULL,
                            method = c("auto", "bfgs", "lbfgs", "newton",
                                       "bhhh"),
                            vcov = "hessian", adjust = FALSE,
                            bias = c("none", "firth", "jeffreys", "cox-snell"),
                            control = mle_control(), trace = FALSE,
                            vce = NULL, cluster = NULL, after = NULL,
                            integration = "laplace", REML = FALSE) {
  check_dot_names(substitute(list(...)))
  call <- formula_call(match.call(expand.dots = FALSE), list(...))
  given <- take_dots(list(...))
  start <- declared_start(start, substitute(start), sys.call(), parent.frame())
  data <- if (is.null(given$data)) data else given$data
  check_formula_data(data)
  family <- if (is.null(given$family)) family else given$family
  if (!is.null(family)) {
    family <- as_family(family, environment(formula))
  }
  control <- as_control(control)
  control$method <- match_choice(method, method_choices, "method")
  control$trace <- check_flag(trace, "trace")
  expressions <- list(weights = substitute(weights),
                      subset = substitute(subset), offset = substitute(offset))
  model <- model_read(formula, given$formulas, family, environment(formula))
  hooks <- read_hooks(
    environment(), derivatives = "exact", data = data, env = model$env,
    known = all.vars(model$density),
    taken = c(names(start), names(fixed), names(data)),
    mixed = has_effects(model)
  )
  check_mixed(REML, model, bias)
  given_start <- start
  start <- hook_start(hooks, start)
  check_density(model$density, model)
  own <- random_names(start, fixed, model)
  model <- model_symbols(model, data, own$start, own$fixed)
  inputs <- formula_inputs(expressions, data, model$env, model$response,
                           parent.frame())
  model <- model_with_data(model, data, inputs, na.action, contrasts)
  inform_aliased(model)
  check_response(model)
  fn <- model_loglik(model)
  start <- model_start(model, fn, own$start, model$weights)
  check_perfect_fit(model, start)
  if (has_effects(model)) {
    made <- mixed_likelihood(model, list(
      given = own$random, REML = REML, hooks = hooks, plain = function() {
        plain_start(model, fn, start, control, is.null(given_start))
      }
    ))
    model <- made$model
    fn <- made$fn
    start <- made$start
    hooks <- made$hooks
  } else {
    changed <- hook_likelihood(hook_model(hooks, model), list(
      fn = fn, start = start, fixed = fixed
    ), negative = FALSE)
    hooks <- changed$settings
    fn <- changed$adapted$fn
    start <- changed$adapted$start
  }
  parameters <- hook_parameters(
    hooks, model_parameters(model, start, fn, fixed), given_start
  )
  parameters <- parameters_constrain(parameters, constraints, parent.frame())
  if (is.null(given_start)) parameters <- constrained_start(parameters, model)
  settings <- list(
    negative = FALSE, derivatives = "exact",
    adjust = check_adjust(adjust, parameters), control = control
  )
  maximised(new_mle_fit(
    call, fn, parameters, model_inputs(model, data, inputs),
    c(settings, hooks), model_kept(model)
  ))
}

# A name in `...` is one that is misspelt, unless a formula follows.
check_dot_names <- function(dots) {
  given <- names(dots)
  for (i in which(nzchar(given))) {
    code <- dots[[i]]
    if (!(is.call(code) && identical(code[[1L]], quote(`~`)))) {
      admle_abort("argument", paste(c(
        sprintf("Unused argument: `%s`.", given[[i]]),
        other_names_text(given[[i]])
      ), collapse = " "), argument = given[[i]])
    }
  }
}

# The call as it is printed and updated: formulas in `...` unnamed and first.
formula_call <- function(call, dots) {
  extra <- call$...
  call$... <- NULL
  call[[1L]] <- quote(mle_fit)
  if (length(extra) == 0L) {
    return(call)
  }
  named <- as.list(call)[-1L]
  is_data <- vapply(dots, is.data.frame, NA)
  is_family <- vapply(dots, is_family_object, NA)
  extra_names <- names(extra)
  if (is.null(extra_names)) extra_names <- rep("", length(extra))
  extra_names[is_data & extra_names == ""] <- "data"
  extra_names[is_family & extra_names == ""] <- "family"
  extra_names[vapply(dots, inherits, NA, "formula")] <- ""
  names(extra) <- extra_names
  as.call(c(call[[1L]], named[1L], extra, named[-1L]))
}

# The formulas in `...`; a data frame or a family there is one in lm()'s or
# glm()'s order of arguments.
take_dots <- function(dots) {
  labels <- names(dots)
  if (is.null(labels)) labels <- rep("", length(dots))
  is_formula <- vapply(dots, inherits, NA, "formula")
  is_data <- vapply(dots, is.data.frame, NA) & labels == ""
  is_family <- vapply(dots, is_family_object, NA) & labels == ""
  other <- !(is_formula | is_data | is_family)
  if (any(other)) {
    shown <- vapply(dots[other], function(x) deparse(x, nlines = 1L)[[1L]], "")
    admle_abort("argument", paste0("Unused argument: ",
                                   enumerate(unname(shown)), "."),
                argument = "...")
  }
  list(formulas = unname(dots[is_formula]),
       data = if (any(is_data)) dots[[which(is_data)[[1L]]]],
       family = if (any(is_family)) dots[[which(is_family)[[1L]]]])
}

is_family_object <- function(x) inherits(x, "family") || is.function(x)

# The parameters under the names of the model's coefficients.
model_parameters <- function(model, start, fn, fixed) {
  parameters <- parameters_new(start, fn)
  names <- parameters$names
  working <- parameters$working$names
  for (part in unintegrated(model)) {
    shape <- parameters$shapes[[coefficient_argument(part)]]
    names[shape$positions] <- working[shape$working] <-
      coefficient_labels_of(part)
  }
  labels <- random_labels(model)
  for (name in names(labels)) {
    shape <- parameters$shapes[[name]]
    names[shape$positions] <- labels[[name]]
    working[shape$working] <- shape$type$labels(labels[[name]])
  }
  names <- make.unique(names)
  parameters$names <- names
  names(parameters$start) <- names
  parameters$working$names <- working
  parameters$roots <- component_roots(model)
  parameters$fixed <- as_fixed(fixed)
  parameters_fix(parameters, parameters$fixed)
}

component_roots <- function(model) {
  parts <- Filter(function(part) !is.null(part$root), unintegrated(model))
  roots <- lapply(parts, function(part) {
    list(root = part$root, matrix = matrix_name(part),
         copies = max(1L, length(part$outcomes)))
  })
  stats::setNames(roots, vapply(parts, coefficient_argument, ""))
}

model_inputs <- function(model, data, inputs) {
  list(data = data, rows = inputs$rows, weights = model$weights,
       all_weights = inputs$weights, na.action = model$na.action)
}
