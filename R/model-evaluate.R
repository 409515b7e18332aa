# A fitted model at its own or at new data: any expression of its parameters as
# a plain R function of the coefficients, so that the same code gives values
# and, recorded, exact derivatives for the delta method.

# What the formulas say about data: the components with their matrices and
# offsets, and the variables of the density. NULL: the rows of the fit.
model_at <- function(fit, newdata = NULL) {
  model <- fit$model
  env <- likelihood_home(fit)
  if (is.null(newdata)) {
    model$components <- lapply(model$components, fitted_component, env = env,
                               rows = model$rows)
    model$row_names <- row.names(model$frame)
    return(model)
  }
  check_new_data(newdata)
  model$components <- lapply(model$components, new_component, newdata)
  model$rows <- new_rows(model, newdata)
  model$row_names <- if (is.data.frame(newdata)) row.names(newdata)
  model$given <- new_variables(model, newdata)
  model
}

fitted_component <- function(part, env, rows) {
  part$matrix <- if (length(part$columns) == 0L) {
    matrix(0, rows, 0L)
  } else if (part$constant) {
    matrix(1, rows, 1L)
  } else {
    get(matrix_name(part), envir = env)
  }
  part$offset <- get0(offset_name(part), envir = env, inherits = FALSE)
  part$random <- lapply(part$random, fitted_rows, env)
  part$effects <- lapply(part$effects, function(effect) {
    effect$index <- get(effect$index_name, envir = env)
    effect
  })
  part
}

new_component <- function(part, newdata) {
  terms <- stats::delete.response(part$terms)
  frame <- tryCatch(
    stats::model.frame(terms, newdata, xlev = part$xlevels,
                       na.action = stats::na.pass),
    error = function(e) abort_new_data(part, newdata, e)
  )
  part$first_offset <- part$first
  part$first <- FALSE
  part$offset <- component_offset(part, frame)
  part$first <- part$first_offset
  X <- stats::model.matrix(terms, frame, contrasts.arg = part$contrasts)
  part$matrix <- X[, part$columns, drop = FALSE]
  part$random <- if (isTRUE(part$conditional)) {
    lapply(part$random, new_random_term, newdata, part)
  }
  part$effects <- lapply(part$effects, function(effect) {
    effect$index <- new_effect_index(effect, newdata,
                                     environment(part$formula))
    effect
  })
  part
}

abort_new_data <- function(part, newdata, e) {
  for (name in names(part$xlevels)) {
    values <- tryCatch(eval(str2lang(name), newdata, environment(part$formula)),
                       error = function(e) NULL)
    unknown <- setdiff(unique(as.character(values)),
                       c(part$xlevels[[name]], NA))
    if (length(unknown)) {
      admle_abort("data", sprintf(
        "`%s` has levels in `newdata` that the fit has not seen: %s.", name,
        enumerate(unknown, "\"")
      ), variable = name, levels = unknown)
    }
  }
  absent <- setdiff(all.vars(stats::delete.response(part$terms)),
                    names(newdata))
  if (length(absent)) {
    admle_abort("data", sprintf("`newdata` lacks %s.", enumerate(absent)),
                variables = absent)
  }
  admle_abort("data", sprintf("`newdata` cannot be used: %s.",
                              sub("[.]$", "", conditionMessage(e))))
}

check_new_data <- function(newdata) {
  if (!is.list(newdata) || is.null(names(newdata)) && length(newdata)) {
    admle_abort("argument", sprintf(
      "`newdata` must be a data frame, not %s.", described(newdata)
    ), argument = "newdata")
  }
}

new_rows <- function(model, newdata) {
  if (is.data.frame(newdata)) {
    return(nrow(newdata))
  }
  max(1L, vapply(model$components, function(part) nrow(part$matrix), 1L),
      lengths(newdata))
}

# Of a binomial family, one trial; weights of precision are 1.
new_variables <- function(model, newdata) {
  if (!is.null(model$family)) {
    return(lapply(model$given, function(value) 1))
  }
  values <- lapply(model$variables, function(name) {
    value <- newdata[[name]]
    if (is.null(value)) value <- get0(name, envir = model$env)
    if (is.null(value)) {
      admle_abort("data", sprintf("`newdata` lacks `%s`.", name),
                  variables = name)
    }
    value
  })
  stats::setNames(values, model$variables)
}

# `target`, an expression of parameters and variables, as a function of the
# vector of all parameters: function(theta) { beta_mu <- theta[1:2]; ... }
# `env` is where a target of the user's was written.
model_function <- function(fit, model, target, variables = list(),
                           env = NULL) {
  if (length(model$integrated) && !isTRUE(fit$conditional)) {
    admle_abort("unsupported", paste(
      "The coefficients were integrated out (REML = TRUE): this needs the fit",
      "of maximum likelihood."
    ))
  }
  takes <- lapply(fit$parameters$shapes, function(shape) {
    call("<-", as.name(shape$name),
         argument_code(shape, fit$parameters$template[[shape$name]]))
  })
  lists <- list_arguments(fit)
  lists <- Map(function(name, code) call("<-", as.name(name), code),
               names(lists), lists)
  steps <- lapply(model$components, parameter_statement)
  fn <- function(.theta) NULL
  absorbed <- absorbed_statements(fit)
  body(fn) <- as.call(c(quote(`{`), unname(takes), unname(lists), absorbed,
                        steps, target))
  base <- scope_of(target, env, fit)
  environment(fn) <- evaluation_environment(model, variables, base)
  fn
}

# Names are looked up where the target was written and, if they do not exist
# there, where the model was.
scope_of <- function(target, env, fit) {
  home <- likelihood_home(fit)
  if (!is.null(fit$model)) home <- parent.env(home)
  if (is.null(env)) {
    return(home)
  }
  names <- all.names(target, unique = TRUE)
  lost <- names[!vapply(names, exists, NA, envir = env)]
  found <- lost[vapply(lost, exists, NA, envir = home)]
  list2env(mget(found, envir = home, inherits = TRUE), parent = env)
}

evaluation_environment <- function(model, variables, base) {
  own <- list2env(
    list(distribution = distribution, log_density = log_density,
         variance = variance, cumulative = cumulative), parent = base
  )
  env <- list2env(as.list(variables), parent = own)
  for (part in model$components) {
    assign(matrix_name(part), part$matrix, envir = env)
    assign(offset_name(part), part$offset, envir = env)
    list2env(part$link$functions, env)
    list2env(random_values(part), env)
    assign_effect_indices(part, env)
  }
  list2env(model$given, env)
}

# The environment that has the matrices, around which that of an integral over
# random effects may lie.
likelihood_home <- function(fit) {
  environment(if (isTRUE(fit$random$mixed)) fit$random$joint else fit$fn)
}

# All parameters, the fixed ones in their places, and absorbed effects after
# them.
all_parameters <- function(fit) {
  theta <- fit$parameters$start
  theta[fit$parameters$free] <- fit$coefficients
  c(unname(theta), fit$absorb$value)
}

# An argument of the likelihood, in its shape, taken from the vector `.theta` of
# all coefficients. Of a symmetric matrix these are the lower triangle, and
# what is no coefficient (a diagonal of ones) is as in `template`.
argument_code <- function(shape, template) {
  slice <- bquote(.theta[.(shape$positions)])
  if (!is.null(shape$elements)) {
    index <- matrix(NA_integer_, shape$dim[[1L]], shape$dim[[2L]])
    index[shape$elements] <- seq_along(shape$elements)
    index <- pmax(index, t(index), na.rm = TRUE)
    rest <- which(is.na(index))
    index[rest] <- length(shape$elements) + seq_along(rest)
    slice <- bquote(c(.(slice), .(template[rest]))[.(as.vector(index))])
  }
  if (!is.null(shape$dim)) {
    return(bquote(array(.(slice), .(shape$dim), .(shape$dimnames))))
  }
  if (is.null(shape$names)) {
    return(slice)
  }
  bquote(stats::setNames(.(slice), .(shape$names)))
}

# -> list(value, error): error is NULL unless `covariance` is given, that of
# the free parameters.
delta_values <- function(fn, fit, covariance = NULL) {
  value <- fn(all_parameters(fit))
  if (is.null(covariance)) {
    return(list(value = value))
  }
  slopes <- free_slopes(fn, fit)
  known <- known_covariance(slopes, covariance)
  error <- sqrt(propagated_variance(slopes, known$covariance) +
                  of_effects(slopes, diagonal = TRUE))
  list(value = value, error = replace(error, known$lacking, NA))
}

# The derivatives by the free coefficients.
free_slopes <- function(fn, fit, theta = all_parameters(fit)) {
  free <- fit$parameters$free
  if (length(theta) == length(free)) {
    return(jacobian(fn)(theta)[, free, drop = FALSE])
  }
  check_effect_slopes(length(fn(theta)), length(theta) - length(free))
  along_maximum(jacobian(fn)(theta), joint_function(fit), theta, free)
}

# The log-likelihood as a function of all parameters, effects included.
joint_function <- function(fit) {
  joint <- fit$absorb$joint
  arguments <- lapply(stats::setNames(nm = names(formals(joint))), as.name)
  known <- c(names(fit$parameters$shapes), names(fit$absorb$start))
  target <- as.call(c(quote(.joint), arguments[names(arguments) %in% known]))
  if (!is.null(fit$weights)) {
    target <- bquote(.(with_term_weights)(.(target), .(fit$weights)))
  }
  if (isTRUE(fit$negative)) target <- call("-", target)
  environment(joint) <- list2env(as.list(data_to_record(fit)),
                                 parent = environment(joint))
  model <- list(components = list(), given = list())
  model_function(fit, model, call("sum", target), list(.joint = joint))
}

# Coefficients without a variance matter only to what depends on them: without
# them the covariance, and `lacking`, the rows of `slopes` that do.
known_covariance <- function(slopes, covariance) {
  unknown <- is.na(diag(covariance))
  if (any(unknown)) {
    covariance <- plain_covariance(covariance)
    covariance[unknown, ] <- 0
    covariance[, unknown] <- 0
  }
  list(covariance = covariance,
       lacking = rowSums(slopes[, unknown, drop = FALSE] != 0) > 0)
}

# The distribution of the response, at the estimates.
model_distribution <- function(fit, model = model_at(fit)) {
  theta <- all_parameters(fit)
  fn <- model_function(fit, model, distribution_code(model))
  d <- fn(theta)
  d$rows <- model$rows
  d
}

distribution_code <- function(model) {
  if (model$combined) model$density else call("distribution", model$density)
}

# The mean of the response as an expression: of a family it is the parameter.
mean_code <- function(model) {
  if (!is.null(model$family)) {
    return(quote(mu))
  }
  call("mean", distribution_code(model))
}

# In the form of the response of the fit.
response_like <- function(y, model) {
  given <- model$frame[[1L]]
  if (is.null(model$family) || model$family$family != "binomial") {
    if (is.factor(given) && is.numeric(y)) {
      return(factor(levels(given)[y], levels = levels(given),
                    ordered = is.ordered(given)))
    }
    return(y)
  }
  if (is.matrix(given)) {
    counts <- cbind(y, model$given$size - y)
    colnames(counts) <- colnames(given)
    return(counts)
  }
  if (is.factor(given)) {
    return(factor(levels(given)[y + 1], levels = levels(given)[1:2]))
  }
  y / model$given$size
}
