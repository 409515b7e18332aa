# What mle_check() looks at, in the order in which it is told: each function
# adds rows to the report.

check_set_up <- function(report, fit) {
  report$add("model", "ok", sprintf(
    "%s, %s to be estimated%s", if (is.null(fit$model)) "A function" else
      "A formula", counted(sum(fit$parameters$free), "coefficient"),
    if (length(fit$fixed)) paste(", fixed:", enumerate(names(fit$fixed))) else
      ""
  ))
  objective <- checked_objective(report, fit)
  if (is.null(objective)) {
    return(invisible())
  }
  if (objective$derivatives == "numeric") fit$derivatives <- "numeric"
  objective <- objective$objective
  theta <- unname(parameters_theta(fit$parameters))
  value <- report$look("value", objective_value(objective, theta))
  check_value(report, fit, objective, theta, value)
  check_contributions_of(report, fit, objective)
  report$look("data", check_data_used(report, fit))
  if (is.null(value) || !is.finite(value)) {
    return(invisible())
  }
  report$look("sign", check_logarithm(report, fit, objective, theta))
  checked <- report$look("gradient",
                         check_slopes(report, fit, objective, theta))
  if (!is.null(checked)) report$keep("parameters", checked)
  if (!is.null(checked) && length(theta) <= fit$control$dense_limit) {
    report$look("curvature", check_curvature(report, fit, objective, theta,
                                             checked))
  }
}

# Recorded; where that cannot be, by plain evaluations for the other looks.
# -> list(objective, derivatives), or NULL
checked_objective <- function(report, fit) {
  objective <- tryCatch(
    report_warnings(report, fit_objective(fit)), error = identity
  )
  if (!inherits(objective, "error")) {
    # Of a value that is not finite there is more to say.
    for (text in setdiff(objective$warnings, "NaNs produced")) {
      report$add("recording", "doubt", text)
    }
    report$add("recording", "ok", if (fit$derivatives == "numeric") {
      "Not recorded: `derivatives` are numeric"
    } else {
      "The function can be recorded: its derivatives are exact"
    })
    return(list(objective = objective, derivatives = fit$derivatives))
  }
  report$add("recording", "error", plain_text(objective))
  if (!inherits(objective, "admle_error_unsupported") || !is.null(fit$model)) {
    return(NULL)
  }
  fit$derivatives <- "numeric"
  objective <- report$look("recording", record_fit(fit))
  if (is.null(objective)) {
    return(NULL)
  }
  report$add("recording", "note", paste(
    "It can be fitted by differences, with `derivatives = \"numeric\"`; what",
    "follows is by plain evaluations"
  ))
  list(objective = objective, derivatives = "numeric")
}

report_warnings <- function(report, expr) {
  withCallingHandlers(expr, warning = function(w) {
    report$add("recording", "doubt", plain_text(w))
    tryInvokeRestart("muffleWarning")
  })
}

check_value <- function(report, fit, objective, theta, value) {
  if (is.null(value)) {
    return()
  }
  report$keep("value", as.numeric(value))
  if (is.finite(value)) {
    report$add("value", "ok", sprintf(
      "The log-likelihood is %s at the start", format(value, digits = 7L)
    ))
  } else {
    report$look("value", check_start_finite(
      list(value = value, outcome = "nonfinite_start",
           rejected = list(reason = c(attr(value, "outside"), ""))),
      objective, theta
    ))
  }
}

check_contributions_of <- function(report, fit, objective) {
  counted_fit <- report$look("contributions",
                             count_observations(fit, objective))
  report$keep("nobs", if (is.null(counted_fit)) NA_integer_ else
    counted_fit$nobs)
  for (text in objective$row_warnings()) {
    report$add("contributions", "doubt", text)
  }
  if (is.null(counted_fit)) {
    return()
  }
  number <- if (!is.na(objective$n)) counted(objective$n, "observation")
  if (objective$returns == "contributions") {
    report$add("contributions", "ok", paste("One for each of", number))
  } else if (is.null(number)) {
    report$add("contributions", "note", paste(
      "One total that is not shown to be a sum over the observations: there",
      "are no robust standard errors, and BIC is unknown. Return the vector of",
      "contributions, if there is one"
    ))
  } else {
    report$add("contributions", "ok", sprintf(
      "One total, which is a sum over %s", number
    ))
  }
}

check_data_used <- function(report, fit) {
  used <- variables_used(fit)
  elsewhere <- used$elsewhere
  unused <- setdiff(names(fit$data), used$columns)
  known <- !is.null(fit$data)
  if (known && length(used$columns) == 0L) {
    report$add("data", "doubt", "No column of `data` is used")
  }
  rows <- c(
    if (length(fit$na.action)) {
      sprintf("%s left out because of missing values",
              counted(length(fit$na.action), "row"))
    },
    if (!is.null(fit$subset) && known) {
      sprintf("%d of %s in use by `subset`", length(fit$subset),
              counted(fit_total(fit), "row"))
    },
    if (!is.null(fit$weights)) "weighted"
  )
  report$add("data", "ok", paste(c(
    if (known && length(used$columns)) {
      paste("Used:", enumerate(used$columns))
    },
    if (known && length(unused)) {
      sprintf("not used: %s", enumerate(unused, limit = 4L))
    },
    if (length(elsewhere)) {
      sprintf("%s %s", if (known) "from outside of `data`:" else
        "Variables from where the function was written:", enumerate(elsewhere))
    },
    if (!known && length(elsewhere) == 0L) {
      "The code of the function names no variable itself"
    },
    rows
  ), collapse = "; "))
}

# Columns of `data`, and the user's variables that are no functions.
variables_used <- function(fit) {
  by_function <- is.null(fit$model)
  given <- as.list(fit$call)[-1L]
  given <- given[!names(given) %in% c("data", "start", "family", "control")]
  names <- if (by_function) names_in(fit$fn) else
    all.vars(as.call(c(quote(list), given)))
  env <- if (by_function) environment(fit$fn) else fit$model$env
  others <- setdiff(names, c(names(fit$data), fit$parameters$arguments))
  found <- lapply(others, function(name) {
    own <- find_variable(name, env)$value
    if (is.null(own)) attached_variable(name) else own
  })
  data <- !vapply(found, function(x) is.null(x) || is.function(x), NA)
  list(columns = intersect(names(fit$data), names), elsewhere = others[data])
}

# A variable of an attached data set, or of a package that has some; R's own
# constants are none.
attached_variable <- function(name) {
  for (where in setdiff(search(), c(".GlobalEnv", "package:base"))) {
    value <- get0(name, as.environment(where), inherits = FALSE)
    if (!is.null(value) && !is.function(value)) {
      return(value)
    }
  }
}

# Densities in place of their logarithms are not negative. What curves upwards
# tells the sign as well, but only near a minimum (see check_curvature()).
check_logarithm <- function(report, fit, objective, theta) {
  if (is.null(fit$model) && !fit$negative && is_minus_density(body(fit$fn))) {
    report$add("sign", "doubt", paste(
      "The function returns minus the logarithm of a density: is that the",
      "negative log-likelihood, which needs `negative = TRUE`?"
    ))
  }
  forgotten <- if (is.null(fit$model)) density_without_log(body(fit$fn))
  at <- if (is.na(objective$n)) objective_value(objective, theta) else
    objective_contributions(objective, theta)
  if (fit$negative) at <- -at
  if (!is.null(forgotten) && all(at >= 0)) {
    report$add("sign", "doubt", sprintf(paste(
      "`%s()` without `log = TRUE`, and no contribution is negative: are these",
      "densities instead of their logarithms?"
    ), forgotten))
  }
}

# Whether the last expression is -dnorm(..., log = TRUE), or minus its sum.
is_minus_density <- function(code) {
  assigned <- assigned_once(code)
  within <- function(code, heads) {
    repeat {
      name <- if (is.symbol(code)) as.character(code)
      if (!is.null(name) && !is.null(assigned[[name]])) {
        code <- assigned[[name]]
        assigned[[name]] <<- NULL
      } else if (is.call(code) && head_name(code) %in% heads) {
        code <- code[[length(code)]]
      } else {
        return(code)
      }
    }
  }
  code <- within(code, c("{", "return", "("))
  negated <- is.call(code) && identical(code[[1L]], quote(`-`)) &&
    length(code) == 2L
  if (!negated) {
    return(FALSE)
  }
  code <- within(code[[2L]], c("sum", "("))
  if (!is.call(code) || !"log" %in% names(code)) {
    return(FALSE)
  }
  own <- assigned[[head_name(code)]]
  (if (is.null(own)) head_name(code) else bare_name(own)) %in% density_names
}

# Of dnorm(...) and stats::dnorm(...) the name.
head_name <- function(call) bare_name(call[[1L]])

bare_name <- function(code) {
  if (is.call(code) && is_namespace_call(code)) code <- code[[3L]]
  if (is.symbol(code)) as.character(code) else ""
}

# What the names stand for that the lines of a block assign, each once.
assigned_once <- function(code) {
  lines <- if (is.call(code) && identical(code[[1L]], quote(`{`))) {
    as.list(code)[-1L]
  }
  lines <- Filter(function(line) {
    is.call(line) && head_name(line) %in% c("<-", "=") && is.symbol(line[[2L]])
  }, lines)
  names <- vapply(lines, function(line) as.character(line[[2L]]), "")
  found <- stats::setNames(lapply(lines, `[[`, 3L), names)
  found[!names %in% names[duplicated(names)]]
}

most_slopes <- 100L

# -> the table of parameters, without what the curvature says
check_slopes <- function(report, fit, objective, theta) {
  names <- parameters_theta_names(fit$parameters)
  gradient <- objective_gradient(objective, theta)
  looked <- seq_len(min(length(theta), most_slopes))
  error <- rep(NA_real_, length(theta))
  if (fit$derivatives == "exact") {
    difference <- difference_jacobian(function(part) {
      as.numeric(objective_value(objective, replace(theta, looked, part)))
    }, theta[looked])
    error[looked] <- abs(gradient[looked] - as.numeric(difference)) /
      pmax(1, abs(gradient[looked]))
    say_slopes(report, error[looked], names[looked], length(theta))
  }
  data.frame(parameter = names, start = theta, gradient = gradient,
             error = error, step = NA_real_,
             rows = rows_that_depend(objective, theta), row.names = NULL)
}

# Scores that are zero at the start may be zero by chance. Of many parameters
# they would be a large matrix.
rows_that_depend <- function(objective, theta) {
  if (is.na(objective$n) || length(theta) > most_slopes) {
    return(NA_integer_)
  }
  beside <- theta + 1e-4 * pmax(1, abs(theta))
  depend <- objective_scores(objective, theta) != 0 |
    objective_scores(objective, beside) != 0
  as.integer(colSums(depend, na.rm = TRUE))
}

say_slopes <- function(report, error, names, count) {
  worst <- which.max(error)
  if (length(worst) == 0L) {
    return(report$add("gradient", "doubt", paste(
      "No difference could be compared with the exact gradient: near the start",
      "the function has no value, as at the edge of its domain"
    )))
  }
  agrees <- error[[worst]] < 1e-6
  of <- if (count > length(error)) {
    sprintf(" in the first %d parameters", length(error))
  }
  report$add("gradient", if (agrees) "ok" else "doubt", paste0(
    "The exact gradient ", if (agrees) "agrees" else "does not agree",
    " with differences", of, if (!agrees) sprintf(paste(
      ": the largest error is %s, in `%s`. There may be a kink or a jump near",
      "the start, a rule of with_derivative() that is not the derivative, or",
      "too much rounding"
    ), format(signif(error[[worst]], 2)), names[[worst]])
  ))
}

# Identification, sign and scaling.
check_curvature <- function(report, fit, objective, theta, parameters) {
  hessian <- objective_hessian(objective, theta)
  if (!all(is.finite(hessian))) {
    return(report$add("scaling", "doubt", paste(
      "The Hessian is not finite at the start, where the search has to do",
      "without it"
    )))
  }
  report$keep("parameters", within(parameters, {
    step <- ifelse(diag(hessian) < 0, 1 / sqrt(abs(diag(hessian))), NA)
  }))
  at <- fit_at(fit, theta)
  information <- at$information
  if (curves_upwards(information) && !report$doubts("sign")) {
    report$add("sign", "doubt", sprintf(paste(
      "The log-likelihood curves upwards in every direction in which it",
      "curves. If the function returns %s, `negative = %s` is needed"
    ), if (fit$negative) "the log-likelihood" else
      "the negative log-likelihood", !fit$negative))
  }
  flat <- identification_problems(information, at, only_flat = TRUE)
  for (found in flat) {
    report$add("identification", "doubt", sub("[.]$", "", found$message))
  }
  if (length(flat) == 0L) {
    report$add("identification", "ok", paste(
      "The log-likelihood changes along every direction that was tried"
    ))
  }
  check_scaling(report, diag(hessian), parameters$parameter)
}

# Without the directions in which it is flat, which is_convex() does not excuse.
curves_upwards <- function(information) {
  values <- if (length(information$scaled)) {
    eigen(information$scaled, symmetric = TRUE, only.values = TRUE)$values
  }
  any(values < -believed_eigenvalue) && all(values < believed_eigenvalue)
}

# Steps of one standard error that are further apart than this are a burden for
# methods without a Hessian.
most_apart <- 1e6

check_scaling <- function(report, curvature, names) {
  size <- sqrt(abs(curvature))
  seen <- size > 0
  if (!any(seen)) {
    return()
  }
  low <- which(seen)[[which.min(size[seen])]]
  high <- which.max(size)
  ratio <- size[[high]] / size[[low]]
  text <- if (ratio > 1.5) sprintf(
    "A step in `%s` counts as much as one %s times as long in `%s`",
    names[[high]], format(signif(ratio, 2)), names[[low]]
  ) else "All parameters have the same scale"
  report$add("scaling", if (ratio > most_apart) "note" else "ok", paste0(
    text, if (ratio > most_apart) paste(
      ": Newton's method does not mind, others do. Other units of the data",
      "would help them"
    )
  ))
}
