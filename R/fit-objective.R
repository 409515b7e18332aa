# The recorded log-likelihood of a fit. Only a fit that was read from a file has
# work to do: its function may speak of variables that no longer exist, for
# which the fit keeps values, and what was recorded is gone and must be recorded
# again.

# The recorded likelihood. It holds pointers to memory outside R, so it is not
# kept in the fit, which may be saved, but in this session's registry, under a
# key that the fit holds. A fit that was read in another process finds nothing
# under its key: the function is recorded again, with the global variables that
# it used at the fit.
fit_objective <- function(fit) {
  holder <- fit$objective
  objective <- if (!is.null(holder$key)) registry$objectives[[holder$key]]
  if (is.null(objective)) {
    if (!is.null(holder$key)) fit$fn <- with_globals(fit$fn, fit$globals)
    objective <- if (isTRUE(fit$search$placed)) {
      recorded_at(fit, unname(fit$theta))
    } else {
      record_fit(fit)
    }
    register_objective(holder, objective)
  }
  objective
}

record_fit <- function(fit, parameters = fit$parameters) {
  fit <- run_hooks(fit, "recorded")
  # A function made of a formula has its variables in its environment.
  by_formula <- !is.null(fit$model)
  objective <- objective_record(
    fit$fn, parameters, weights = fit$weights,
    data = data_to_record(fit),
    subset = if (is.null(fit$data) && !by_formula) fit$subset,
    negative = fit$negative, derivatives = fit$derivatives,
    threads = fit$control$threads, check = fit$control$check
  )
  # What is recorded depends on the weights by more than a factor.
  if (length(active_hooks(fit, "recorded"))) {
    own <- if (is.null(fit$weights)) 1 else fit$weights
    objective$reweight <- function(weights) {
      record_fit(replace(fit, "weights", list(own * weights)), parameters)
    }
  }
  objective
}

# The same, recorded at another point than the start.
recorded_at <- function(fit, theta) {
  record_fit(fit, parameters_at(fit$parameters,
                                parameters_expand(fit$parameters, theta)))
}

# Numbers that were chosen for the point of recording, such as the nodes of
# adaptive quadrature, are chosen anew at the maximum until it stays: then it
# does not depend on the start. -> list(objective, solution)
most_placings <- 20L
placed_anew <- function(fit, objective, solution) {
  if (!isTRUE(objective$placed) || !solution$converged) {
    return(list(objective = objective, solution = solution))
  }
  for (round in seq_len(most_placings)) {
    objective <- recorded_at(fit, solution$par)
    again <- objective_maximise(objective, solution$par, fit$control)
    if (!again$converged) break
    moved <- max(abs(again$par - solution$par) / pmax(1, abs(solution$par)))
    again$path$iteration <- again$path$iteration + solution$iterations
    for (count in c("iterations", "evaluations", "recordings")) {
      again[[count]] <- again[[count]] + solution[[count]]
    }
    again$path <- rbind(solution$path, again$path[-1L, ])
    solution <- again
    if (moved < 1e-8) break
  }
  register_objective(fit$objective, objective)
  list(objective = objective, solution = solution)
}

registry <- new.env(parent = emptyenv())

# Forgotten when the last copy of the fit is.
register_objective <- function(holder, objective) {
  if (is.null(registry$objectives)) {
    registry$objectives <- new.env(parent = emptyenv())
    registry$process <- paste(Sys.getpid(), as.numeric(Sys.time()),
                              basename(tempdir()))
    registry$count <- 0
  }
  registry$count <- registry$count + 1
  holder$key <- paste(registry$process, registry$count)
  assign(holder$key, objective, envir = registry$objectives)
  reg.finalizer(holder, forget_objective)
}

forget_objective <- function(holder) {
  if (exists(holder$key, envir = registry$objectives, inherits = FALSE)) {
    rm(list = holder$key, envir = registry$objectives)
  }
}

theta_scores <- function(fit) {
  objective_scores(fit_objective(fit), unname(fit$theta))
}

# Whether the function finds all the variables that it found at the fit.
has_globals <- function(fn, fit) {
  found <- global_variables(fn, names(fit$data))
  all(names(fit$globals) %in% names(found))
}

with_missing_globals <- function(fit) {
  if (has_globals(fit$fn, fit)) fit$fn else with_globals(fit$fn, fit$globals)
}

# The variables and functions in the global environment that `fn` uses, by way
# of helper functions too: saveRDS() does not keep them with the closure.
global_variables <- function(fn, columns = character()) {
  found <- list()
  seen <- character()
  pending <- list(fn)
  while (length(pending)) {
    current <- pending[[1L]]
    pending <- pending[-1L]
    for (name in setdiff(names_in(current), c(seen, columns))) {
      own <- find_variable(name, environment(current))
      if (is.null(own)) next
      seen <- c(seen, name)
      if (typeof(own$value) == "closure") {
        pending <- c(pending, list(own$value))
      }
      if (identical(own$env, globalenv())) {
        found[[name]] <- own$value
      }
    }
  }
  found
}

# `fn` with the kept variables between its own environments and the global one.
with_globals <- function(fn, globals) {
  if (length(globals) == 0L) {
    return(fn)
  }
  base <- list2env(globals, parent = globalenv())
  for (name in names(globals)) {
    base[[name]] <- rebased(globals[[name]], base)
  }
  rebased(fn, base)
}

rebased <- function(fn, base) {
  if (typeof(fn) != "closure") {
    return(fn)
  }
  environment(fn) <- rebased_environment(environment(fn), base)
  fn
}

rebased_environment <- function(env, base) {
  if (identical(env, globalenv())) {
    return(base)
  }
  if (isNamespace(env) || identical(env, baseenv()) ||
        identical(env, emptyenv())) {
    return(env)
  }
  copy <- list2env(as.list(env, all.names = TRUE),
                   parent = rebased_environment(parent.env(env), base))
  for (name in ls(copy, all.names = TRUE)) {
    value <- copy[[name]]
    if (typeof(value) == "closure" && identical(environment(value), env)) {
      environment(value) <- copy
      assign(name, value, envir = copy)
    }
  }
  copy
}
