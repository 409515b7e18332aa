# The likelihood of a model with random effects in its formulas: the joint
# log-density of the rows and the effects, which the fit integrates over the
# effects as it does for a function (random-effects.R), and starting values.

# -> list(model, fn, start, hooks). `settings`: given (starting values of
# standard deviations and correlations), REML, hooks, and plain(), the starting
# values at the fit without effects.
mixed_likelihood <- function(model, settings) {
  start <- settings$plain()
  integrated <- if (settings$REML) coefficient_argument(model$components[[1L]])
  model <- with_joint_density(model, integrated)
  effects <- random_effects_start(model)
  hooks <- settings$hooks
  hooks$random$names <- c(names(effects), integrated)
  adapted <- list(
    fn = model_loglik(model),
    start = c(start, random_start(model, start, settings$given), effects)
  )
  made <- hook_likelihood(hooks, adapted, FALSE)
  model["weights"] <- list(NULL)
  list(model = model, fn = made$adapted$fn, start = made$adapted$start,
       hooks = made$settings)
}

with_joint_density <- function(model, integrated) {
  terms <- random_terms(model)
  model$arguments <- c(
    model$arguments, unlist(lapply(terms, `[`, c("sd", "cor"))),
    unlist(lapply(terms, `[[`, "effects"))
  )
  model$joint <- TRUE
  model$integrated <- integrated
  model["row_weights"] <- list(model$weights)
  model$components <- lapply(model$components, conditional_on, TRUE)
  model
}

# The components whose coefficients are parameters of the fit.
unintegrated <- function(model) {
  Filter(function(part) !coefficient_argument(part) %in% model$integrated,
         model$components)
}

random_effects_start <- function(model) {
  terms <- random_terms(model)
  zeros <- lapply(terms, function(term) {
    rep(list(numeric(length(term$levels))), length(term$effects))
  })
  stats::setNames(unlist(zeros, recursive = FALSE),
                  unlist(lapply(terms, `[[`, "effects")))
}

# Standard deviations with which the effects are of moderate size beside what is
# known of the linear predictor, and correlations of zero.
random_start <- function(model, start, given) {
  found <- list()
  for (part in model$components) {
    size <- effect_size(part, model, start)
    for (term in part$random) {
      scale <- vapply(term$z, function(z) {
        if (is.null(z)) 1 else sqrt(mean(z^2))
      }, 0)
      labels <- random_labels(model)
      value <- size / ifelse(scale > 0, scale, 1)
      found[[term$sd]] <- positive(given_or(value, labels[[term$sd]], given))
      if (length(term$cor)) {
        found[[term$cor]] <- correlation_start(
          given_or(0 * seq_along(labels[[term$cor]]), labels[[term$cor]],
                     given), length(term$columns)
        )
      }
    }
  }
  found
}

given_or <- function(value, labels, given) {
  at <- match(labels, names(given))
  value[!is.na(at)] <- unlist(given[at[!is.na(at)]])
  value
}

# Of two effects it is one number.
correlation_start <- function(value, size) {
  if (size == 2L) {
    return(bounded(value, -1, 1))
  }
  R <- diag(size)
  R[lower.tri(R)] <- value
  correlation(R + t(R) - diag(size))
}

effect_size <- function(part, model, start) {
  if (!identical(part$link$name, "identity")) {
    return(0.5)
  }
  eta <- linear_predictor(part, start[[coefficient_argument(part)]])
  if (is_location(part, model)) {
    y <- numeric_response(model$y_start)
    size <- stats::sd((y - eta)[is.finite(y)])
  } else {
    size <- mean(abs(eta))
  }
  if (is.finite(size) && size > 0) size / 2 else 0.5
}

# The start at the fit without effects, where there is one.
plain_start <- function(model, fn, start, control, wanted) {
  if (!wanted) {
    return(start)
  }
  values <- tryCatch(suppressWarnings({
    parameters <- parameters_new(start, fn)
    inputs <- list(data = NULL, rows = NULL, weights = model$weights)
    control$trace <- FALSE
    fit <- maximised(new_mle_fit(
      quote(mle_fit()), fn, parameters, inputs,
      list(negative = FALSE, derivatives = "exact", adjust = FALSE,
           control = control)
    ))
    parameters_expand(fit$parameters, unname(fit$theta))
  }), error = function(e) NULL)
  if (!all(is.finite(unlist(values))) || is.null(values)) {
    return(start)
  }
  for (name in names(start)) {
    if (is_declared(start[[name]])) {
      if (in_declared_range(values[[name]], start[[name]])) {
        start[[name]]$value[] <- values[[name]]
      }
    } else {
      start[[name]][] <- values[[name]]
    }
  }
  start
}

in_declared_range <- function(value, declared) {
  tryCatch({
    type <- declared$declare(value, "x")
    all(is.finite(type$unconstrain(value))) &&
      all(abs(type$unconstrain(value)) < 12)
  }, error = function(e) FALSE)
}

check_mixed <- function(REML, model, bias) {
  check_flag(REML, "REML")
  if (has_effects(model) && length(grouping_codes(model$components))) {
    admle_abort("unsupported", paste(
      "Random effects, (1 | g), and absorbed ones, | g, cannot be combined:",
      "add factor(g) to the formula in place of the absorbed effects."
    ), argument = "formula")
  }
  if (has_effects(model) && !identical(bias[[1L]], "none")) {
    admle_abort("unsupported", paste(
      "`bias` is not known for likelihoods with random effects. Of variances",
      "REML = TRUE reduces the bias."
    ), argument = "bias")
  }
  if (REML && !has_effects(model)) {
    admle_abort("argument", paste(
      "`REML` is about random effects, (1 | g), and no formula has any."
    ), argument = "REML")
  }
  if (REML && length(model$components) == 0L) {
    admle_abort("argument", "`REML` needs a formula of a parameter.")
  }
}

# Starting values, and fixed ones, without those of standard deviations and
# correlations of random effects, whose names the data determine.
random_names <- function(start, fixed, model) {
  own <- function(given) {
    names <- names(given)
    pattern <- "(^|_)(sd|cor)_"
    has_effects(model) & grepl(pattern, if (is.null(names)) character() else
      names)
  }
  list(
    start = if (any(own(start))) {
      if (all(own(start))) NULL else start[!own(start)]
    } else {
      start
    },
    random = as.list(start[own(start)]),
    fixed = if (any(own(fixed))) fixed[!own(fixed)] else fixed
  )
}
