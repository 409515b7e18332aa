# What is wrong with a model before it is fitted: responses that the density
# cannot have, or from which its parameters cannot be estimated. Said in terms
# of the variables and rows of the user's data.

# Before the variables are known: a density is written without the response,
# and without `log`.
check_density <- function(code, model) {
  if (!is.call(code) || !is.null(model$family)) {
    return()
  }
  name <- called_name(code[[1L]])
  if (name %in% combinators) {
    for (part in as.list(code)[-1L]) check_density(part, model)
    return()
  }
  fn <- called_function(code[[1L]], model$env)
  if (!is.function(fn)) abort_no_density(name)
  arguments <- as.list(code)[-1L]
  given <- names(arguments)
  first <- names(formals(fn))[1L]
  if ("log" %in% given) {
    admle_abort("argument", sprintf(paste(
      "`%s` has the argument `log`, which mle_fit() sets itself: leave it out."
    ), deparse1(code)), argument = "formula")
  }
  if (!is.null(given) && first %in% given ||
        length(arguments) && identical(arguments[[1L]], model$response)) {
    admle_abort("argument", sprintf(paste(
      "The first argument of `%s()` is the response, which is on the left of",
      "`~` already: leave it out of `%s`."
    ), name, deparse1(code)), argument = "formula")
  }
  full <- as.call(append(as.list(code), quote(.response), 1L))
  if (is.function(fn) && !is.primitive(fn)) {
    tryCatch(match.call(fn, full), error = function(e) {
      admle_abort("argument", sprintf(
        "`%s` cannot be called: %s. The arguments of `%s()` are %s.",
        deparse1(code), conditionMessage(e), name,
        enumerate(setdiff(names(formals(fn))[-1L], c("log", "...")))
      ), argument = "formula")
    })
  }
}

# Before starting values are made.
check_response <- function(model) {
  y <- model$y
  if (inherits(y, "Surv")) {
    check_events(y, model)
  } else if (is.numeric(y) && is.null(dim(y))) {
    bad <- which(!is.finite(y))
    if (length(bad)) {
      abort_response(model, sprintf("is %s in %s", format(y[[bad[[1L]]]]),
                                    rows_text(model, bad)), bad)
    }
    check_spread(y, model)
  } else if (is.character(y)) {
    admle_abort("data", sprintf(paste(
      "The response `%s` is text. Make it a factor for a model of categories."
    ), deparse1(model$response)))
  }
}

check_events <- function(y, model) {
  status <- unclass(y)[, "status"]
  type <- attr(y, "type")
  event <- if (type == "interval") status %in% c(1, 3) else status == 1
  one_sided <- type != "interval" || length(unique(status)) == 1L
  if (!any(event, na.rm = TRUE) && one_sided) {
    abort_response(model, paste(
      "is censored in every observation: the data say nothing about when the",
      "events happen"
    ))
  }
}

# A response without variation has no scale.
check_spread <- function(y, model) {
  if (length(y) < 2L || !all(y == y[[1L]]) || !estimates_scale(model)) {
    return()
  }
  limit <- if (model$combined) {
    " (are all observations at the limit of a censored distribution?)"
  } else {
    ""
  }
  abort_response(model, sprintf(
    "is %s in every row%s: without variation the likelihood has no maximum",
    format(y[[1L]]), limit
  ))
}

scale_arguments <- c("sd", "sigma", "scale", "sdlog", "precision", "sigma_v")

estimates_scale <- function(model) {
  if (!is.null(model$family)) {
    return(model$family$family %in% c("gaussian", "Gamma", "inverse.gaussian"))
  }
  arguments <- vapply(model$roles, `[[`, "", "argument")
  densities <- vapply(model$roles, `[[`, "", "density")
  any(arguments %in% scale_arguments |
        arguments == "shape" & densities %in% c("dgamma", "dweibull"))
}

abort_response <- function(model, what, rows = integer()) {
  admle_abort("data", sprintf(
    "The response `%s` %s%s", deparse1(model$response), what,
    if (endsWith(what, "...")) "" else "."
  ), rows = rows)
}

# "row 3", "rows 1, 2, 3, ...": names of the rows of the data.
rows_text <- function(model, rows) {
  paste(if (length(rows) == 1L) "row" else "rows",
        first_few(row.names(model$frame)[rows]))
}

# Where the likelihood is not finite at the starting values.
check_support <- function(model, fn, start) {
  start <- lapply(start, undeclared)
  value <- tryCatch(suppressWarnings(do.call(fn, start)),
                    error = function(e) NULL)
  if (is.null(value)) {
    return()
  }
  inside <- tryCatch(suppressWarnings(support_at(model, fn, start)),
                     error = function(e) NULL)
  outside <- which(!is.na(inside) & !inside & !is.finite(value))
  if (length(outside) == 0L) {
    return()
  }
  values <- format(model$frame[[1L]])
  values <- if (is.matrix(values)) values[outside, 1L] else values[outside]
  abort_response(model, sprintf(
    "is outside of the support of `%s`: %s in %s", deparse1(model$density),
    first_few(trimws(values)), rows_text(model, outside)
  ), outside)
}

# The distribution at the starting values: the function with the distribution
# in the place of its log density.
support_at <- function(model, fn, start) {
  code <- as.list(body(fn))
  code[[length(code)]] <- distribution_code(model)
  body(fn) <- as.call(code)
  environment(fn) <- list2env(list(distribution = distribution),
                              parent = environment(fn))
  rep_len(within_support(do.call(fn, start), model$y), model$rows)
}

# A linear model that fits exactly has no maximum: its variance goes to zero.
check_perfect_fit <- function(model, start) {
  if (!isTRUE(model$family$family == "gaussian")) {
    return()
  }
  sigma <- undeclared(start$sigma)
  scale <- sqrt(mean(model$y^2))
  if (length(sigma) == 1L && sigma <= 1e-14 * scale ||
        model$rows <= length(model$components[[1L]]$columns)) {
    abort_response(model, paste(
      "is fitted exactly by the columns of the model matrix: the variance goes",
      "to zero and the likelihood has no maximum"
    ))
  }
}
