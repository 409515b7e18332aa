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
#' @param start Starting values: a named list with one element per argument of
#'   `loglik`, each a scalar, a vector or a matrix; or one numeric vector for a
#'   function of one argument. Arguments without a start keep their default.
#' @param data A data frame, or a list of variables. The columns are visible in
#'   `loglik`, before the function's own environment.
#' @param ... Further arguments of methods; an error if there are any here.
#' @param fixed Parameters that are not estimated: a named list or named numeric
#'   vector of their values. Names are arguments of `loglik` or names of single
#'   coefficients.
#' @param weights Non-negative weights of the contributions, as a vector or an
#'   expression in columns of `data`. A weight multiplies the contribution.
#' @param subset The observations to be used: logical or row numbers (which may
#'   repeat), or an expression in columns of `data`.
#' @param na.action What to do about missing values in columns of `data` that
#'   `loglik` uses. The default is an error that names them; [stats::na.omit()]
#'   leaves the rows out, [stats::na.pass()] leaves them to the function.
#' @param negative `TRUE` for a function that returns the *negative*
#'   log-likelihood.
#' @param method `"newton"` (trust region, exact Hessians), `"bfgs"`, `"lbfgs"`,
#'   `"bhhh"`, or `"auto"` to choose; the fit says what was chosen.
#' @param vcov The covariance matrix of `vcov()` and `summary()` where these are
#'   not told otherwise: from the Hessian, the outer product of the scores, or
#'   both. See [vcov.mle_fit()].
#' @param adjust Small-sample adjustment, see [vcov.mle_fit()].
#' @param derivatives `"exact"`, or `"numeric"` for a function that cannot be
#'   recorded: differences of plain evaluations, extrapolated to step zero.
#' @param control Settings of the optimiser, see [mle_control()].
#' @param trace `TRUE` prints a line per iteration.
#'
#' @section Names of coefficients:
#' A scalar is called by its argument; the elements of a vector are `beta1`,
#' `beta2`, ..., or `beta_<name>` where it has names; those of a matrix `B1_2`,
#' or `B_<row>_<column>`. One vector alone (`start = c(...)`) is called by its
#' names, or `theta1`, ... after the function's argument. Characters that no R
#' name can have are replaced as by [make.names()].
#'
#' @section Observations:
#' The number of observations is the number of contributions (with weights, of
#' those whose weight is not zero). For a function whose total cannot be split
#' it is the number of rows of `data`, if that is a data frame, and unknown
#' (`NA`) otherwise.
#'
#' @section Errors and warnings:
#' They are conditions with classes, see [admle_conditions].
#'
#' @return An object of class `"mle_fit"`: a list with
#' * `call`, `coefficients`, `loglik` (at the estimate) and `start_loglik` (at
#'   the start), `gradient`, `hessian` (of the log-likelihood in the free
#'   parameters; `NULL` with more than `dense_limit` of them), `rank`
#'   (identified free parameters);
#' * `start`, `fixed` (flat vectors), `parameters` (shapes and names);
#' * `converged`, `outcome` (a code), `message`, `problems` (a list of `kind`,
#'   `message`), `method`, `iterations`, `evaluations` (of value, gradient and
#'   Hessian), `decrement`, `scaled_gradient`, `path` (one row per iteration),
#'   `recordings`, `control`;
#' * `nobs`, `n` (contributions, zero weights included), `df.residual` (`Inf`
#'   without `adjust`), `vcov_type`, `adjust`, `adjustment`;
#' * `fn`, `data`, `weights`, `subset` (row numbers), `na.action`, `negative`,
#'   `derivatives`; `all_weights` (before `subset`), `globals` (the global
#'   variables that the function used), `objective` (where this session keeps
#'   the recorded function), `information` (what the Hessian says about
#'   identification).
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
  admle_abort("argument", sprintf(
    "`loglik` must be a function, not %s.",
    if (missing(loglik)) "missing" else described(loglik)
  ), argument = "loglik")
}

#' @rdname mle_fit
#' @export
mle_fit.function <- function(loglik, start, data = NULL, ..., fixed = NULL,
                             weights = NULL, subset = NULL,
                             na.action = stats::na.fail, negative = FALSE,
                             method = c("auto", "bfgs", "lbfgs", "newton",
                                        "bhhh"),
                             vcov = c("hessian", "opg", "sandwich"),
                             adjust = FALSE,
                             derivatives = c("exact", "numeric"),
                             control = mle_control(), trace = FALSE) {
  call <- match.call()
  call[[1L]] <- quote(mle_fit)
  check_no_dots(...)
  control <- as_control(control)
  control$method <- match_choice(method, method_choices, "method")
  control$trace <- check_flag(trace, "trace")
  parameters <- parameters_new(if (missing(start)) NULL else start, loglik,
                               fixed)
  inputs <- fit_inputs(
    loglik, parameters, data, substitute(weights), substitute(subset),
    na.action, parent.frame()
  )
  settings <- list(
    negative = check_flag(negative, "negative"),
    derivatives = match_choice(derivatives, c("exact", "numeric"),
                               "derivatives"),
    vcov_type = match_choice(vcov, vcov_choices, "vcov"),
    adjust = check_adjust(adjust, parameters), control = control
  )
  fit <- new_mle_fit(call, loglik, parameters, inputs, settings)
  objective <- fit_objective(fit)
  fit <- count_observations(fit, objective)
  theta <- unname(parameters$start[parameters$free])
  fit$start_loglik <- check_start_finite(objective, theta)
  solution <- objective_maximise(objective, theta, control)
  fit <- judge_fit(fit_with_solution(fit, solution, objective), objective)
  warn_problems(fit)
  fit
}

method_choices <- c("auto", "bfgs", "lbfgs", "newton", "bhhh")

# What the solver calls them.
method_labels <- c(bfgs = "BFGS", lbfgs = "L-BFGS",
                   newton = "trust-region Newton", bhhh = "BHHH")

check_no_dots <- function(...) {
  if (...length() == 0L) {
    return()
  }
  dots <- as.list(substitute(list(...)))[-1L]
  shown <- vapply(dots, function(x) deparse(x, nlines = 1L)[[1L]], "")
  given <- names(dots)
  if (!is.null(given)) {
    shown <- paste0(given, ifelse(nzchar(given), " = ", ""), shown)
  }
  admle_abort(
    "argument", paste0("Unused argument: ", enumerate(unname(shown)), "."),
    argument = "..."
  )
}

# ---- Data, weights, subset -------------------------------------------------

# -> data (as given), rows (row numbers in use or NULL), weights (of these
#    rows), all_weights, na.action
fit_inputs <- function(fn, parameters, data, weights, subset, na_action,
                       frame) {
  check_data(data, fn, parameters)
  total <- data_rows(data)
  weights <- evaluate_input(weights, data, frame, "weights")
  subset <- evaluate_input(subset, data, frame, "subset")
  if (is.null(total) && !(is.null(weights) && is.null(subset))) {
    total <- count_contributions(fn, parameters)
  }
  check_weights(weights, total)
  rows <- subset_rows(subset, total)
  lacking <- if (!is.null(data)) missing_rows(fn, data, rows, total, na_action)
  if (length(lacking)) {
    rows <- (if (is.null(rows)) seq_len(total) else rows)[-lacking]
  }
  list(
    data = data, rows = rows, all_weights = weights,
    weights = if (is.null(rows)) weights else weights[rows],
    na.action = lacking
  )
}

evaluate_input <- function(expression, data, frame, name) {
  value <- eval(expression, as.list(data), frame)
  if (!is.null(value) && !is.numeric(value) && !is.logical(value)) {
    admle_abort("argument", sprintf(
      "`%s` must be numeric%s, not %s.", name,
      if (name == "subset") " or logical" else "", described(value)
    ), argument = name)
  }
  value
}

data_rows <- function(data) {
  if (is.null(data)) {
    return(NULL)
  }
  if (is.data.frame(data)) nrow(data) else max(0L, vapply(data, NROW, 0L))
}

# The columns that the function sees: all of them, in the rows in use.
data_in_use <- function(data, rows) {
  if (is.null(data) || is.null(rows)) {
    return(data)
  }
  total <- data_rows(data)
  lapply(data, function(column) {
    if (NROW(column) != total) {
      column
    } else if (length(dim(column)) == 2L) {
      column[rows, , drop = FALSE]
    } else {
      column[rows]
    }
  })
}

count_contributions <- function(fn, parameters) {
  theta <- parameters$start[parameters$free]
  length(check_contributions(
    do.call(fn, parameters_expand(parameters, theta))
  ))
}

check_weights <- function(weights, total) {
  if (is.null(weights)) {
    return()
  }
  problem <- if (length(weights) != total) {
    sprintf("has %s, but there are %s", counted(length(weights), "element"),
            counted(total, "observation"))
  } else if (anyNA(weights)) {
    sprintf("is NA in observation %d", which(is.na(weights))[[1L]])
  } else if (any(weights < 0 | is.infinite(weights))) {
    bad <- which(weights < 0 | is.infinite(weights))[[1L]]
    sprintf("is %s in observation %d", format(weights[[bad]]), bad)
  } else if (all(weights == 0)) {
    "is zero everywhere"
  }
  if (!is.null(problem)) {
    admle_abort("argument", sprintf("`weights` %s.", problem),
                argument = "weights")
  }
}

# As in lm(): NA in a logical subset leaves the row out.
subset_rows <- function(subset, total) {
  if (is.null(subset)) {
    return(NULL)
  }
  if (is.logical(subset) && length(subset) != total && length(subset) != 1L) {
    admle_abort("argument", sprintf(
      "`subset` has %s, but there are %s.",
      counted(length(subset), "element"), counted(total, "observation")
    ), argument = "subset")
  }
  rows <- seq_len(total)[if (is.logical(subset)) subset & !is.na(subset) else
    subset]
  if (anyNA(rows)) {
    admle_abort("argument", sprintf(
      "`subset` is not within the %s.", counted(total, "observation")
    ), argument = "subset")
  }
  if (length(rows) == 0L) {
    admle_abort("argument", "`subset` leaves no observation.",
                argument = "subset")
  }
  rows
}

check_data <- function(data, fn, parameters) {
  if (is.null(data)) {
    return()
  }
  if (!is.list(data) || is.null(names(data))) {
    admle_abort("argument", sprintf(
      "`data` must be a data frame or a named list, not %s.",
      if (is.list(data)) "a list without names" else described(data)
    ), argument = "data")
  }
  both <- intersect(names(data), parameters$arguments)
  if (length(both)) {
    admle_abort("data", sprintf(paste(
      "`data` has %s called %s, which %s also %s of the function.",
      "Rename one of the two."
    ), if (length(both) == 1L) "a column" else "columns", enumerate(both),
    if (length(both) == 1L) "is" else "are",
    if (length(both) == 1L) "a parameter" else "parameters"), columns = both)
  }
  warn_shadowed(data, fn)
}

# A column that hides a different variable of the same name.
warn_shadowed <- function(data, fn) {
  for (name in intersect(names(data), names_in(fn))) {
    own <- find_variable(name, environment(fn))
    if (is.null(own) || is.function(own$value) ||
          identical(own$value, data[[name]])) {
      next
    }
    admle_warn("data", sprintf(paste(
      "`%s` is a column of `data` and also a variable where the function was",
      "defined. The column is used."
    ), name), column = name)
  }
}

names_in <- function(fn) {
  unique(c(all.names(body(fn)), unlist(lapply(formals(fn), all.names))))
}

# A variable of the user's: in the function's environments up to the global
# one, but not in a package.
find_variable <- function(name, env) {
  while (!identical(env, emptyenv()) && !isNamespace(env) &&
           !identical(env, baseenv())) {
    if (exists(name, envir = env, inherits = FALSE)) {
      value <- tryCatch(get(name, envir = env, inherits = FALSE),
                        error = function(e) NULL)
      return(list(value = value, env = env))
    }
    if (identical(env, globalenv())) {
      return(NULL)
    }
    env <- parent.env(env)
  }
  NULL
}

# Positions among the rows in use that na.action leaves out; an error by
# default.
missing_rows <- function(fn, data, rows, total, na_action) {
  na_action <- match.fun(if (is.null(na_action)) stats::na.pass else na_action)
  used <- data_in_use(data[intersect(names(data), names_in(fn))], rows)
  in_use <- if (is.null(rows)) total else length(rows)
  bad <- rep(FALSE, in_use)
  for (name in names(used)) {
    column <- used[[name]]
    if (!is.atomic(column) || NROW(column) != in_use || !anyNA(column)) {
      next
    }
    here <- rowSums(is.na(as.matrix(column))) > 0
    if (identical(na_action, stats::na.fail)) {
      abort_missing(name, which(here), rows)
    }
    bad <- bad | here
  }
  if (!any(bad)) {
    return(NULL)
  }
  acted <- na_action(data.frame(bad = ifelse(bad, NA, 0)))
  attr(acted, "na.action")
}

abort_missing <- function(name, here, rows) {
  if (!is.null(rows)) {
    here <- unique(rows[here])
  }
  admle_abort("data", sprintf(paste(
    "`%s` is missing (NA) in %s of `data`: %s%s. `na.action = na.omit`",
    "leaves such rows out."
  ), name, counted(length(here), "row"),
  paste(utils::head(here, 5L), collapse = ", "),
  if (length(here) > 5L) ", ..." else ""), column = name, rows = here)
}

# ---- The fit ---------------------------------------------------------------

new_mle_fit <- function(call, fn, parameters, inputs, settings) {
  fixed <- parameters$start[!parameters$free]
  structure(
    c(list(
      call = call, coefficients = NULL, fixed = fixed,
      start = parameters$start[parameters$free], parameters = parameters,
      fn = fn, globals = global_variables(fn, names(inputs$data)),
      data = inputs$data, subset = inputs$rows, weights = inputs$weights,
      all_weights = inputs$all_weights, na.action = inputs$na.action,
      objective = new.env(parent = emptyenv())
    ), settings),
    class = "mle_fit"
  )
}

count_observations <- function(fit, objective) {
  is_total <- objective$returns == "total"
  rows <- if (is.data.frame(fit$data)) {
    if (is.null(fit$subset)) nrow(fit$data) else length(fit$subset)
  }
  for (name in c("weights", if (is.null(fit$data)) "subset")) {
    if (is_total && !is.null(fit[[name]])) {
      admle_abort("unsupported", sprintf(paste(
        "`%s` needs the contributions of the observations, but the function",
        "returns one total. Return the vector of contributions instead."
      ), name), argument = name)
    }
  }
  if (!is_total && !is.null(rows) && objective$n != rows) {
    admle_abort("value", sprintf(paste(
      "The function returned %s for %s of `data`. Return one contribution per",
      "row; or give `data` as a list, if its rows are not the observations."
    ), counted(objective$n, "contribution"), counted(rows, "row")))
  }
  fit$n <- objective$n
  fit$nobs <- if (is.na(objective$n)) {
    if (is.null(rows)) NA_integer_ else rows
  } else if (is.null(fit$weights)) {
    objective$n
  } else {
    sum(fit$weights != 0)
  }
  if (is.na(objective$n) && fit$vcov_type != "hessian") {
    abort_total()
  }
  fit
}

check_start_finite <- function(objective, theta) {
  value <- objective_value(objective, theta)
  if (is.finite(value)) {
    return(value)
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
  admle_abort("nonfinite", message, row = why$row, values = why$values)
}

fit_with_solution <- function(fit, solution, objective) {
  names <- parameters_free_names(fit$parameters)
  fit$coefficients <- stats::setNames(as.numeric(solution$par), names)
  fit$loglik <- solution$value
  fit$gradient <- stats::setNames(as.numeric(solution$gradient), names)
  hessian <- solution$hessian
  if (is.null(hessian) && solution$outcome != "interrupted" &&
        length(names) <= fit$control$dense_limit) {
    hessian <- objective_hessian(objective, solution$par)
  }
  fit$hessian_differenced <- isTRUE(attr(hessian, "differenced"))
  if (!is.null(hessian)) {
    attr(hessian, "differenced") <- NULL
    hessian <- (hessian + t(hessian)) / 2
    dimnames(hessian) <- list(names, names)
  }
  fit["hessian"] <- list(hessian)
  fit$hessian_made <- !is.null(hessian) ||
    length(names) <= fit$control$dense_limit
  kept <- c("converged", "outcome", "message", "method", "iterations",
            "evaluations", "decrement", "scaled_gradient", "path", "recordings")
  fit[kept] <- solution[kept]
  if (fit$method %in% method_labels) {
    fit$method <- names(method_labels)[match(fit$method, method_labels)]
  }
  fit
}

# ---- What must be doubted --------------------------------------------------

# Identification, convergence, adjustment; the problems in the user's words.
judge_fit <- function(fit, objective) {
  information <- NULL
  if (!is.null(fit$hessian)) {
    information <- analyse_information(fit, objective)
  }
  fit$converged <- isTRUE(fit$converged) &&
    (is.null(information) || information$status == "definite")
  fit$rank <- if (is.null(information)) length(fit$coefficients) else
    information$rank
  fit["information"] <- list(information)
  if (is_unfinished(fit, information)) {
    information <- doubt_errors(information, fit, objective)
    fit["information"] <- list(information)
    # Away from a maximum, no curvature says nothing about identification.
    problems <- c(list(convergence_problem(fit, information, objective)),
                  identification_problems(information, only_flat = TRUE))
  } else {
    problems <- c(hessian_problem(information),
                  identification_problems(information))
  }
  fit$problems <- c(list(), problems)
  fit["adjustment"] <- list(adjustment(fit, fit$adjust))
  fit$df.residual <- if (is.null(fit$adjustment)) Inf else fit$adjustment$df
  fit
}

# Whether there is something to say about the optimiser that is not said about
# the Hessian: a ridge, e.g., is a maximum, but not one point.
is_unfinished <- function(fit, information) {
  stationary <- c("decrement", "rounding", "gradient")
  explained <- switch(
    if (is.null(information)) "" else information$status,
    singular = "singular_hessian", indefinite = "indefinite_hessian"
  )
  !fit$outcome %in% c(stationary, explained)
}

warn_problems <- function(fit) {
  for (problem in fit$problems) {
    do.call(admle_warn, problem)
  }
}
