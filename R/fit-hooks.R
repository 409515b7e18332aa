# What changes how a fit is made registers a hook here; mle_fit() runs the hooks
# and names none. A hook has the name of the field of the fit that holds its
# settings, and is active for a fit that has this field. They run in the order
# of registration, but for those that come `last`. A hook consists of
#   arguments   names of arguments of mle_fit() that it reads; `expressions`
#               names those that it evaluates itself
#   read(asked, settings) -> its settings, or NULL where nothing asks for it;
#               asked: its arguments, NULL where left out, and the facts that
#               read_hooks() is given; settings: of the hooks before
# and of what it does, all of it optional:
#   covariance  the type of covariance where none is asked for
#   start(settings, start) -> starting values, a list, with those it adds
#   likelihood(settings, adapted, negative) -> list(adapted, settings): another
#               function and start (parameters-arguments.R) and what the fit
#               keeps of it
#   model(settings, model) -> its settings, of a model that was given as a
#               formula and asks for it there
#   by_row      FALSE where contributions are not those of rows of the data
#   parameters(settings, parameters, start) -> the parameters with those that it
#               holds or adds; start: what the user gave
#   recorded(fit) -> the fit, whose function is about to be recorded with its
#               weights
#   df(fit)     how many parameters were estimated besides those of the fit
#   counted(fit) -> the fit, now that its observations are counted
#   solve(fit, objective, solution) -> another solution, from that of maximum
#               likelihood; its element of the hook's name is what the fit keeps
#   judged(fit) -> the fit, complete
#   text(fit)   -> what print() and summary() say about the estimates

fit_hooks <- new.env(parent = emptyenv())

register_fit_hook <- function(name, read, arguments = character(),
                              expressions = character(), covariance = NULL,
                              start = NULL, likelihood = NULL,
                              model = NULL, by_row = NULL, parameters = NULL,
                              recorded = NULL, df = NULL, counted = NULL,
                              solve = NULL, judged = NULL, text = NULL,
                              last = FALSE) {
  hooks <- fit_hooks$all
  hooks[[name]] <- list(
    name = name, read = read, arguments = c(arguments, expressions),
    expressions = expressions, covariance = covariance, start = start,
    likelihood = likelihood, model = model, by_row = by_row,
    parameters = parameters, recorded = recorded, df = df,
    counted = counted, solve = solve, judged = judged, text = text, last = last
  )
  fit_hooks$all <- hooks[order(vapply(hooks, `[[`, NA, "last"))]
}

# Those of a fit, or of settings, that do something at this point.
active_hooks <- function(fit, point) {
  Filter(function(hook) !is.null(fit[[hook$name]]) && !is.null(hook[[point]]),
         fit_hooks$all)
}

# The settings of all hooks, for the call of mle_fit() whose frame this is.
# `...`: `derivatives`, `data`, `env` (where expressions are evaluated), the
# names `known` to the likelihood, and those `taken` by what the user gave.
read_hooks <- function(frame, ...) {
  settings <- list()
  for (hook in fit_hooks$all) {
    given <- lapply(hook$arguments, function(name) {
      take <- if (name %in% hook$expressions) "substitute" else "identity"
      # Not all methods of mle_fit() have all arguments.
      missing <- !exists(name, frame, inherits = FALSE) ||
        eval(call("missing", as.name(name)), frame)
      if (!missing) eval(call(take, as.name(name)), frame)
    })
    asked <- c(stats::setNames(given, hook$arguments), list(...))
    settings[[hook$name]] <- hook$read(asked, settings)
  }
  settings
}

hook_start <- function(settings, start) {
  for (hook in active_hooks(settings, "start")) {
    start <- hook$start(settings[[hook$name]], start)
  }
  start
}

hook_model <- function(settings, model) {
  for (hook in fit_hooks$all) {
    if (is.null(hook$model)) next
    settings[[hook$name]] <- hook$model(settings, model)
  }
  settings
}

# -> list(adapted, settings)
hook_likelihood <- function(settings, adapted, negative) {
  for (hook in active_hooks(settings, "likelihood")) {
    made <- hook$likelihood(settings[[hook$name]], adapted, negative)
    adapted <- made$adapted
    settings[[hook$name]] <- made$settings
  }
  list(adapted = adapted, settings = settings)
}

hook_parameters <- function(settings, parameters, start) {
  for (hook in active_hooks(settings, "parameters")) {
    parameters <- hook$parameters(settings[[hook$name]], parameters, start)
  }
  parameters
}

# The type that the first of them asks for, or NULL.
hook_covariance <- function(settings) {
  types <- lapply(active_hooks(settings, "covariance"), `[[`, "covariance")
  if (length(types)) types[[1L]]
}

# Whether contributions are those of rows of the data.
hook_by_row <- function(fit) length(active_hooks(fit, "by_row")) == 0L

# Parameters that were estimated besides those of the fit.
hook_df <- function(fit) {
  sum(0L, vapply(active_hooks(fit, "df"), function(hook) {
    as.integer(hook$df(fit))
  }, 0L))
}

# `point`: "recorded", "counted" or "judged".
run_hooks <- function(fit, point) {
  for (hook in active_hooks(fit, point)) fit <- hook[[point]](fit)
  fit
}

# -> list(fit, solution)
hook_solution <- function(fit, objective, solution) {
  for (hook in active_hooks(fit, "solve")) {
    solution <- hook$solve(fit, objective, solution)
    fit[[hook$name]] <- solution[[hook$name]]
  }
  list(fit = fit, solution = solution)
}

hook_text <- function(fit) {
  unlist(lapply(active_hooks(fit, "text"), function(hook) hook$text(fit)),
         use.names = FALSE)
}
