# Absorbed effects: what is maximised is the log-likelihood at its maximum over
# them, a function of the other parameters, whose derivatives are exact. Scores,
# Hessian and all that is made of them are those of this function, which are the
# blocks of the other parameters in the model with all effects as parameters.
#' @include random-effects.R
#' @include bias-reduction.R
NULL

register_fit_hook("absorb",
  arguments = "absorb",
  read = function(asked, settings) {
    found <- read_effects(asked, "absorb")
    if (!is.null(found) && !is.null(settings$random)) {
      admle_abort("unsupported", paste(
        "`random` and `absorb` cannot be combined: give the absorbed effects as",
        "parameters like others."
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
  # A function made of a formula has its variables in its environment.
  data <- if (is.null(fit$model)) likelihood_data(fit)
  as.numeric(plain_value(fn, fit$parameters, theta, data))
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
