# `mle_fit()` for a log-likelihood written as an R function. The function reads
# as the order of work: parameters, data, recording, start, maximisation,
# judgement. What was found is kept as it is; what must be doubted is a warning
# and stays in the object as `problems`.

#' Maximum likelihood from a log-likelihood written in R
#'
#' `mle_fit()` records the function once, derives exact derivatives, maximises,
#' and returns a fitted model with the methods of [lm()].
#'
#' @param loglik A function of the parameters that returns the log-likelihood:
#'   the vector of the observations' contributions or, less usefully, their
#'   total. (`mle_fit()` is generic in this argument.)
#' @param start Starting values: a named list with one element per parameter,
#'   which is an argument of `loglik`: a scalar, a vector, a matrix, or a list
#'   of these. A range is declared where there is one, as in
#'   `sigma = positive(5)` (see [parameter_types]). Or one numeric vector for
#'   the one argument that nothing else gives.
#' @param data A data frame, or a list of variables. The columns are visible in
#'   `loglik`, before the function's own environment, and give its arguments of
#'   the same names; an argument `data` is all of them.
#' @param ... Further arguments of `loglik`, by name, as in [optim()].
#' @param fixed Parameters that are not estimated: a named list or named numeric
#'   vector of their values. Names are arguments of `loglik` or names of single
#'   coefficients.
#' @param constraints Linear equations between coefficients, as in
#'   [wald_test()]: `c("b1 + b2 = 1", "b3 = 0")` or formulas, `~ b[1] == b[2]`.
#'   Coefficients with a declared range can only be fixed (`"sigma = 1"`). What
#'   the constraints determine has no variance. [lr_test()] tests them.
#' @param weights Non-negative weights of the contributions, as a vector or an
#'   expression in columns of `data`. A weight multiplies the contribution, see
#'   below.
#' @param subset The observations to be used: logical or row numbers (which may
#'   repeat), or an expression in columns of `data`.
#' @param na.action What to do about missing values in columns of `data` that
#'   `loglik` uses. The default is an error that names them; [stats::na.omit()]
#'   leaves the rows out, [stats::na.pass()] leaves them to the function.
#' @param negative `TRUE` for a function that returns the *negative*
#'   log-likelihood.
#' @param method `"newton"` (trust region, exact Hessians), `"bfgs"`, `"lbfgs"`,
#'   `"bhhh"`, or `"auto"` to choose; the fit says what was chosen.
#' @param vcov The covariance matrix of `vcov()`, `summary()` and everything
#'   else that is not told otherwise: a type of [vcov.mle_fit()], such as
#'   `"opg"` or `"sandwich"`, the clusters as a formula, `~ firm` or
#'   `~ firm + year`, or a type with settings, see [vcov_spec()].
#' @param adjust Small-sample adjustment, see [vcov.mle_fit()].
#' @param derivatives `"exact"`, or `"numeric"` for a function that cannot be
#'   recorded: differences of plain evaluations, extrapolated to step zero.
#' @param bias `"firth"`, `"jeffreys"` or `"cox-snell"`: estimates of less bias
#'   than maximum likelihood's, see [bias_reduction].
#' @param after An earlier fit whose estimates the log-likelihood uses, or a
#'   list of several, see [two_step].
#' @param random Names of parameters in `start` that are random effects: the
#'   function returns the joint log-density of data and effects, which are
#'   integrated over by Laplace's method; see [random_effects].
#' @param integration How: `"laplace"`, or `agq(9)` for adaptive Gauss-Hermite
#'   quadrature with so many nodes, where each independent part of the effects
#'   is one number, see [integrate_laplace()].
#' @param absorb Names of parameters in `start`, effects of groups say, that are
#'   estimated but are not among the coefficients: the log-likelihood is
#'   maximised over them for each value of the others. Standard errors of the
#'   others, robust ones too, are those of the whole model. Only what the
#'   observations determine can be absorbed: one effect of each further factor
#'   has to be left out. See [fixed_effects].
#' @param control Settings of the optimiser, see [mle_control()].
#' @param trace `TRUE` prints a line per iteration.
#' @param vce The same as `vcov`, by Stata's name.
#' @param cluster Clusters, for a clustered covariance: a formula, an expression
#'   in columns of `data`, or a data frame of several; see [vcov.mle_fit()].
#'
#' @section Arguments of the function:
#' An argument of `loglik` is a parameter if it is in `start` (or `fixed`);
#' otherwise it has the value of the further argument of that name, or the
#' column of `data`, or its own default, in this order. Where two of them give
#' it, a warning says which one is used. Only what is in `data` follows
#' `subset`, `na.action` and expressions in columns. A name of an argument of
#' `mle_fit()` itself, such as `weights`, is `mle_fit()`'s.
#'
#' The attributes `"gradient"` and `"hessian"` that functions for [nlm()], or
#' made by [deriv()], give to their value are not used. At the start they are
#' compared with the exact derivatives; a warning tells of a difference.
#'
#' @section Names of coefficients:
#' A scalar is called by its argument; the elements of a vector are `beta1`,
#' `beta2`, ..., or `beta_<name>` where it has names; those of a matrix `B1_2`,
#' or `B_<row>_<column>`; the elements of a list `p` as if they were arguments
#' called `p_a`, `p_b`. A name that there would be twice, `a`, becomes `a` and
#' `a.1`. One vector alone (`start = c(...)`) is called by its
#' names, or `theta1`, ... after the function's argument. Characters that no R
#' name can have are replaced as by [make.names()].
#'
#' @section Observations:
#' The number of observations is the number of contributions (with weights, of
#' those whose weight is not zero). A function that returns a total has the
#' contributions that it is shown to be the sum of: addends, in sums, loops or
#' vectors that grow, of which each reads one row of the data, and perhaps
#' earlier ones. What reads no data is spread evenly over them. Where rows
#' cannot be told, as in log-determinants of a covariance matrix, the number is
#' that of the rows of `data`,
#' if that is a data frame, and unknown (`NA`) otherwise;
#' what needs contributions then stops with that reason.
#'
#' A warning says so where a sum is divided by its number of addends, as by
#' `mean()`, where data are recycled, and where the number of contributions is
#' another one at other parameters.
#'
#' @section Fitting again:
#' A function that is fitted again to other data of the same shape, in a loop or
#' by `update(fit, data = )`, is not recorded again if nothing that it reads has
#' changed but the numbers of its data. The results are the same to the last
#' bit; `options(admle.remember = FALSE)` records it at each fit.
#'
#' @section Weights:
#' A weight multiplies the contribution of its observation. What it stands for
#' only the user knows:
#' * *frequencies*, numbers of equal observations: standard errors from the
#'   Hessian (the default) and the log-likelihood are those of the data with
#'   each row repeated. Others count a row as one observation: `nobs()` is the
#'   number of rows with a weight that is not zero, not the sum of the weights,
#'   and `BIC()`, `adjust` and robust covariances use it. Where these matter,
#'   repeat the rows: `data[rep(seq_len(nrow(data)), w), ]`;
#' * *sampling weights*, inverse probabilities of being drawn: estimates are
#'   those of the population; standard errors need `vcov = "sandwich"`, or
#'   clusters, as those from the Hessian take weights for frequencies. The
#'   weighted log-likelihood is none of the sample: likelihood ratios, `AIC()`
#'   and `BIC()` do not mean what they say.
#'
#' @section Points outside of the domain:
#' Where the function returns a constant or a value that is not finite, as in
#' `if (sigma <= 0) return(-Inf)`, or stops, the step that led there is
#' shortened and the search goes on. Such a point is never accepted, whatever
#' the constant.
#' `fit$rejected` has a row for each of the last hundred: the `iteration`, the
#' `reason`, and the `coefficients` as a matrix; its attribute `"count"` is the
#' number of all. It is `NULL` where there were none. Code that cannot be
#' recorded is an error wherever it is met. At the starting values such a point
#' is an error of class `admle_error_domain`. Where the log-likelihood rises up
#' to such a point, the parameters that the condition reads have no standard
#' error.
#'
#' @section Errors and warnings:
#' They are conditions with classes, see [admle_conditions].
#'
#' @return An object of class `"mle_fit"`, of a model given as a formula of
#'   class `c("mle_model", "mle_fit")`: a list whose fields are, as far as they
#'   are meant to be read,
#' * what came out: `coefficients`, `loglik`, `rank` (identified free
#'   parameters), `nobs`, `df.residual` (`Inf` where tests use the normal
#'   distribution);
#' * how it ended: `converged`, `message`, `problems` (a list of `kind`,
#'   `message` and what they are about), `rejected` (points outside of the
#'   domain, see below);
#' * what was fitted: `call`, `fixed`, `start` (flat vectors), `data`,
#'   `weights`, `subset` (row numbers), `na.action`, `negative`, `derivatives`,
#'   `control`, and `model`, what formulas say;
#' * `theta`, the numbers that the optimiser moved, which are the coefficients
#'   unless ranges are declared, linear constraints given, or the columns of a
#'   model matrix ill-conditioned; `gradient` and
#'   `hessian` of the log-likelihood in them (of more than 500 of which few are
#'   coupled, an object that [as.matrix()] makes a matrix of; `NULL` where more
#'   than `dense_limit` are coupled); `jacobian`, the derivative of the
#'   coefficients by them (`NULL` for the identity); `boundary`, which of them
#'   ran to the boundary of a declared range, or press against a condition of
#'   the function's own;
#' * `search`, how the maximum was found: `outcome` (a code), `method`,
#'   `iterations`, `evaluations` (of value, gradient and Hessian), `decrement`,
#'   `scaled_gradient`, `path` (one row per iteration), `recordings`,
#'   `start_loglik` (the log-likelihood at the start);
#' * `maxima`, with `mle_control(multistart = )`: a data frame with a row for
#'   each maximum found, the highest first: `loglik`, `searches` (how many ended
#'   there), `from` (the first of them; 1 is that from `start`) and
#'   `coefficients`, a matrix; its attributes `searches` and `unfinished` count
#'   all searches and those that did not end at a maximum;
#' * `covariance` (see [vcov_spec()]), `vcov_type` (its type), `adjust`,
#'   `adjustment`.
#'
#'   Further fields serve the package itself: `n` (contributions, zero weights
#'   included), `returns` (`"contributions"` or `"total"`), `fn` (see
#'   [loglik_function()]), `parameters` (shapes and names), `all_weights`
#'   (before `subset`), `globals` (the global variables that the function used),
#'   `objective` (where this session keeps the recorded function),
#'   `information` (what the Hessian says about identification).
#'
#'   A fit may be saved and read in another session. `str()` of it is an
#'   overview. Fits that were saved by version 0.1 have one class for both kinds
#'   of models and the elements of `search` as fields of their own; they are
#'   understood.
#'
#' @seealso [vcov.mle_fit()], [summary.mle_fit()], [mle_control()]
#' @examples
#' fit <- mle_fit(
#'   function(a, b, log_sigma) {
#'     dnorm(mpg, a + b * wt, exp(log_sigma), log = TRUE)
#'   },
#'   start = list(a = 30, b = 0, log_sigma = 1), data = mtcars
#' )
#' summary(fit, adjust = TRUE) # the table of lm(mpg ~ wt)
#'
#' # one vector of parameters, a negative log-likelihood, no data argument
#' y <- c(3, 0, 2, 5, 1)
#' mle_fit(function(theta) -dpois(y, exp(theta), log = TRUE), start = 0,
#'         negative = TRUE)
#' @export
mle_fit <- function(loglik, ...) {
  UseMethod("mle_fit")
}

#' @rdname mle_fit
#' @export
mle_fit.default <- function(loglik, ...) {
  if (inherits(list(...)$formula, "formula")) {
    call <- sys.call(-1L)
    call[[1L]] <- mle_fit.formula
    if (!"data" %in% names(call)) names(call)[[2L]] <- "data"
    return(eval(call, parent.frame()))
  }
  admle_abort("argument", sprintf(
    "`loglik` must be a function, not %s.%s",
    if (missing(loglik)) "missing" else described(loglik),
    if (any(vapply(list(...), is.function, NA))) {
      " The function comes first: mle_fit(fn, start)."
    } else {
      ""
    }
  ), argument = "loglik")
}

abort_no_loglik <- function(given) {
  admle_abort("argument", paste(c(
    "`loglik` is missing.", other_names_text(given)
  ), collapse = " "), argument = "loglik")
}

#' @rdname mle_fit
#' @export
mle_fit.function <- function(loglik, start, data = NULL, ..., fixed = NULL,
                             constraints = NULL, weights = NULL, subset = NULL,
                             na.action = stats::na.fail, negative = FALSE,
                             method = c("auto", "bfgs", "lbfgs", "newton",
                                        "bhhh"),
                             vcov = "hessian", adjust = FALSE,
                             derivatives = c("exact", "numeric"),
                             bias = c("none", "firth", "jeffreys", "cox-snell"),
                             control = mle_control(), trace = FALSE,
                             vce = NULL, cluster = NULL, after = NULL,
                             random = NULL, integration = "laplace",
                             absorb = NULL) {
  if (missing(loglik)) abort_no_loglik(names(substitute(list(...))))
  marked <- marked_arguments(sys.call(), loglik, parent.frame())
  if (!is.null(marked)) {
    marked[[1L]] <- mle_fit
    return(eval(marked, parent.frame()))
  }
  call <- match.call()
  call[[1L]] <- quote(mle_fit)
  names(call) <- unmarked(names(call))
  given <- further_arguments(...)
  control <- as_control(control)
  control$method <- match_choice(method, method_choices, "method")
  control$trace <- check_flag(trace, "trace")
  start <- if (!missing(start)) {
    declared_start(start, substitute(start), sys.call(), parent.frame())
  }
  derivatives <- match_choice(derivatives, c("exact", "numeric"), "derivatives")
  hooks <- read_hooks(
    environment(), derivatives = derivatives, data = data, env = parent.frame(),
    known = names(formals(loglik)),
    taken = c(names(start), names(fixed), names(given))
  )
  adapted <- adapted_likelihood(loglik, hook_start(hooks, start), fixed, given,
                                data)
  changed <- hook_likelihood(hooks, adapted, check_flag(negative, "negative"))
  adapted <- changed$adapted
  hooks <- changed$settings
  fn <- adapted$fn
  parameters <- parameters_new(adapted$start, fn, adapted$fixed)
  parameters <- hook_parameters(hooks, parameters, start)
  parameters <- parameters_constrain(parameters, constraints, parent.frame())
  inputs <- fit_inputs(
    fn, parameters, data, substitute(weights), substitute(subset),
    na.action, parent.frame()
  )
  settings <- list(
    negative = check_flag(negative, "negative"), derivatives = derivatives,
    adjust = check_adjust(adjust, parameters), control = control
  )
  fit <- new_mle_fit(call, fn, parameters, inputs, c(settings, hooks))
  maximised(replace(fit, "asked", list(adapted$asked)))
}

# From a model with parameters, data and settings to the fitted one;
# score_test() needs one that is only set up.
maximised <- function(fit) {
  if (isTRUE(fit$control$only_set_up)) {
    return(fit)
  }
  objective <- fit_objective(fit)
  fit <- count_observations(fit, objective)
  theta <- unname(parameters_theta(fit$parameters))
  solution <- objective_maximise(objective, theta, fit$control)
  check_start_finite(solution, objective, theta)
  solution <- with_cause_at_start(solution, objective, theta)
  warnings <- objective$warnings
  several <- from_several_starts(fit, objective, solution)
  solution <- several$solution
  placed <- placed_anew(fit, objective, solution)
  objective <- placed$objective
  solution <- placed$solution
  solution <- maximum_at_guard(objective, solution, fit$control)
  made <- hook_solution(fit, objective, solution)
  for (message in warnings) warning(message, call. = FALSE)
  warn_rows(objective)
  fit <- fit_with_solution(made$fit, made$solution, objective)
  if (!is.null(several$maxima)) fit$maxima <- several$maxima
  fit <- run_hooks(judge_fit(fit, objective), "judged")
  warn_problems(fit)
  fit
}

method_choices <- c("auto", "bfgs", "lbfgs", "newton", "bhhh")

check_start_finite <- function(solution, objective, theta) {
  value <- solution$value
  if (solution$outcome != "nonfinite_start" || is.finite(value)) {
    return()
  }
  outside <- solution$rejected$reason
  if (any(nzchar(outside))) {
    values <- parameters_coefficients(objective$parameters, theta)
    abort_outside(outside[[1L]], values, start_remedy(NULL))
  }
  why <- objective_explain(objective, theta)
  message <- sprintf("The log-likelihood is %s at the starting values.",
                     format(value))
  if (!is.null(why)) {
    message <- paste(message, why$message)
    place <- if (!is.null(why$call)) paste(deparse(why$call), collapse = " ")
    if (!is.null(place) && !grepl(place, message, fixed = TRUE)) {
      message <- sprintf("%s In %s.", message, place)
    }
  }
  if (is.na(value) && !is.nan(value)) {
    message <- paste(c(message, missing_element(objective$code,
                                                objective$parameters)),
                     collapse = " ")
  }
  admle_abort("nonfinite", message, row = why$row, values = why$values)
}

# A value that is finite where its gradient is not: which call, and where.
with_cause_at_start <- function(solution, objective, theta) {
  if (solution$outcome != "nonfinite_start" || !is.finite(solution$value)) {
    return(solution)
  }
  why <- objective_explain_gradient(objective, theta)
  if (!is.null(why)) {
    solution$message <- sprintf("%s: %s", solution$message, why)
  }
  solution
}

fit_with_solution <- function(fit, solution, objective) {
  names <- parameters_theta_names(fit$parameters)
  fit$theta <- stats::setNames(as.numeric(solution$par), names)
  fit$coefficients <- parameters_coefficients(fit$parameters, fit$theta)
  jacobian <- parameters_jacobian(fit$parameters, fit$theta)
  # The covariance of fewer parameters than coefficients needs their map.
  if (is.null(jacobian) && length(solution$guards)) {
    jacobian <- diag(length(names))
  }
  fit["jacobian"] <- list(jacobian)
  fit$loglik <- solution$value
  fit$gradient <- stats::setNames(as.numeric(solution$gradient), names)
  hessian <- if (!is.null(solution$hessian)) symmetric_matrix(solution$hessian)
  if (is.null(hessian) && solution$outcome != "interrupted" &&
        length(names) <= fit$control$dense_limit) {
    hessian <- objective_curvature(objective, solution$par)
  }
  differenced <- isTRUE(attr(hessian, "differenced"))
  if (!is.null(hessian)) {
    attr(hessian, "differenced") <- NULL
    if (!is_sparse_hessian(hessian)) hessian <- (hessian + t(hessian)) / 2
    dimnames(hessian) <- list(names, names)
  }
  fit["hessian"] <- list(hessian)
  fit["rejected"] <- list(rejected_points(fit$parameters, solution$rejected))
  fit[c("converged", "message")] <- solution[c("converged", "message")]
  fit$search <- search_report(
    solution, hessian_differenced = differenced,
    hessian_made = !is.null(hessian) ||
      length(names) <= fit$control$dense_limit
  )
  # Recorded again from a file, it is at the estimate.
  fit$search$placed <- if (isTRUE(objective$placed)) TRUE
  fit
}

# Identification, convergence, adjustment; the problems in the user's words.
judge_fit <- function(fit, objective) {
  fit$boundary <- c(find_boundary(fit, objective), guard_edges(fit))
  information <- NULL
  if (!is.null(fit$hessian)) {
    information <- analyse_information(fit, objective)
    information <- doubt_identification(information, fit, objective)
  }
  if (length(fit$boundary) && !isFALSE(fit$search$settled) &&
        interior_is_stationary(fit, information)) {
    fit$search$outcome <- "boundary"
    fit$message <- "the maximum is on the boundary"
    fit$converged <- TRUE
  }
  fit$converged <- isTRUE(fit$converged) &&
    (is.null(information) || information$status == "definite")
  fit$rank <- if (is.null(information)) length(fit$theta) else
    information$rank + length(fit$theta) - length(interior(fit))
  fit$rank <- fit$rank + hook_df(fit)
  unfinished <- is_unfinished(fit, information)
  if (unfinished) information <- doubt_errors(information, fit, objective)
  doubtful <- unfinished ||
    !is.null(information) && information$status != "definite"
  cause <- if (doubtful) find_cause(fit, information, objective) else
    if (fit$derivatives == "numeric") hidden_cause(fit, information, objective)
  if (!is.null(cause)) {
    fit$converged <- FALSE
    information <- without_errors(information, cause)
    information$ill <- NULL
  }
  fit["information"] <- list(information)
  # Away from a maximum, no curvature says nothing about identification.
  problems <- c(
    if (!is.null(cause)) {
      list(cause)
    } else if (unfinished) {
      list(convergence_problem(fit, information, objective))
    } else {
      hessian_problem(information, fit$negative)
    },
    conditioning_problem(information),
    identification_problems(information, fit,
                            only_flat = unfinished || !is.null(cause))
  )
  problems <- with_forgotten_log(problems, fit)
  fit$problems <- c(list(), explain_branches(problems, fit, objective),
                    boundary_problems(fit), guard_problems(fit),
                    edge_settled_problem(fit, objective),
                    maxima_problems(fit))
  fit["adjustment"] <- list(adjustment(fit, fit$adjust))
  fit
}

# Whether there is something to say about the optimiser that is not said about
# the Hessian: a ridge, e.g., is a maximum, but not one point.
is_unfinished <- function(fit, information) {
  stationary <- c("decrement", "rounding", "gradient", "boundary",
                  if (!is.null(information$ill)) "no_progress")
  explained <- switch(
    if (is.null(information)) "" else information$status,
    singular = "singular_hessian", indefinite = "indefinite_hessian"
  )
  !fit$search$outcome %in% c(stationary, explained)
}

warn_problems <- function(fit) {
  for (problem in fit$problems) {
    do.call(admle_warn, problem)
  }
}
