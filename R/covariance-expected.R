# The expected information of a fit at its estimates. Families of generalised
# linear models have it as a formula (McCullagh and Nelder 1989, chapter 2): the
# information about the mean and that about the dispersion parameter, which are
# orthogonal, carried to the coefficients by the derivatives of both. Any other
# model that was given as a formula has it as the mean of negative Hessians at
# responses simulated from the fit.

#' @include covariance-hessian.R
NULL

# -> list(matrix, simulations), of the part of theta that is not on a boundary;
# `simulations` is NULL for a family.
expected_covariance <- function(fit, spec, information) {
  if (is.null(fit$model)) {
    admle_abort("unsupported", paste(
      "The expected information needs the distribution of the response, which",
      "a likelihood written as a function does not say. Use type = \"hessian\"",
      "or \"opg\"."
    ), argument = "type")
  }
  made <- if (is.null(fit$model$family)) {
    simulated_information(fit, setting(spec, "simulations", 100L),
                          setting(spec, "seed", 1L))
  } else {
    list(information = family_information(fit))
  }
  within <- interior(fit)
  expected <- made$information[within, within, drop = FALSE]
  made$information <- NULL
  c(list(matrix = inverse_within(information, expected,
                                 "The expected information")), made)
}

# Per observation, of the mean and of the other parameter.
family_informations <- list(
  gaussian = function(mu, sigma, given) {
    precision <- if (is.null(given$precision)) 1 else given$precision
    list(mu = precision / sigma^2, sigma = 2 / sigma^2)
  },
  binomial = function(mu, size) list(mu = size / (mu * (1 - mu))),
  poisson = function(mu) list(mu = 1 / mu),
  Gamma = function(mu, shape) {
    list(mu = shape / mu^2, shape = trigamma(shape) - 1 / shape)
  },
  inverse.gaussian = function(mu, shape) {
    list(mu = shape / mu^3, shape = 1 / (2 * shape^2))
  }
)

family_information <- function(fit) {
  model <- model_at(fit)
  rows <- model$rows
  at <- all_parameters(fit)
  evaluate <- function(code, variables = list()) {
    model_function(fit, model, code, variables)
  }
  names <- intersect(c("mu", "sigma", "shape"), all.vars(model$density))
  values <- lapply(stats::setNames(names, names), function(name) {
    rep_len(evaluate(as.name(name))(at), rows)
  })
  per_row <- family_informations[[model$family$family]]
  known <- c(values, model$given["size"], list(given = model$given))
  elements <- do.call(per_row, known[intersect(names(formals(per_row)),
                                               names(known))])
  weights <- if (is.null(fit$weights)) 1 else fit$weights
  total <- 0
  for (name in names(elements)) {
    # As long as the observations, also where it is one number.
    code <- bquote(.(as.name(name)) + .zero)
    slopes <- jacobian(evaluate(code, list(.zero = numeric(rows))))(at)
    slopes <- slopes[, fit$parameters$free, drop = FALSE]
    total <- total + crossprod(slopes, weights * elements[[name]] * slopes)
  }
  if (is.null(fit$jacobian)) total else
    t(fit$jacobian) %*% total %*% fit$jacobian
}

# The mean over simulated responses of the negative Hessian at the estimates.
simulated_information <- function(fit, simulations, seed) {
  check_simulations(fit, simulations)
  responses <- simulated_responses(fit, simulations, seed)
  theta <- unname(fit$theta)
  total <- 0
  used <- 0L
  for (response in responses) {
    objective <- objective_with_response(fit, response)
    hessian <- objective_hessian(objective, theta)
    if (all(is.finite(hessian))) {
      total <- total - hessian
      used <- used + 1L
    }
  }
  if (used == 0L) {
    admle_abort("unsupported", paste(
      "The expected information cannot be simulated: the Hessian is not finite",
      "for any of the simulated responses."
    ), argument = "type")
  }
  list(information = total / used, simulations = used,
       failed = simulations - used)
}

check_simulations <- function(fit, simulations) {
  if (!is.numeric(simulations) || length(simulations) != 1L ||
        !isTRUE(is.finite(simulations) && simulations >= 1)) {
    admle_abort("argument", "`simulations` must be a positive number.",
                argument = "simulations")
  }
  if (inherits(fit$model$y, "Surv")) {
    admle_abort("unsupported", paste(
      "The expected information of censored survival times depends on when",
      "those that were not censored would have been, which the model does not",
      "say. Use type = \"hessian\"."
    ), argument = "type")
  }
}

simulated_responses <- function(fit, simulations, seed) {
  d <- model_distribution(fit)
  with_own_random(function() {
    set_replication_seed(seed)
    lapply(seq_len(simulations), function(i) {
      likelihood_response(draw(d, fit$model$rows), fit)
    })
  })
}

# Random numbers in the form in which the likelihood takes its response: that of
# a family is the number of successes, whatever was given.
likelihood_response <- function(drawn, fit) {
  if (is.null(fit$model$family)) {
    plain_response(response_like(drawn, fit$model))
  } else {
    drawn
  }
}

# The likelihood of the fit for another response.
objective_with_response <- function(fit, response) {
  fn <- fit$fn
  own <- environment(fn)
  environment(fn) <- list2env(as.list(own, all.names = TRUE),
                              parent = parent.env(own))
  assign(fit$model$response_name, response, envir = environment(fn))
  objective_record(fn, fit$parameters, weights = fit$weights,
                   negative = fit$negative, derivatives = fit$derivatives,
                   threads = fit$control$threads, check = FALSE)
}

expected_text <- function(made) {
  simulated <- if (!is.null(made$simulations)) {
    sprintf(", the mean of %s at simulated responses",
            counted(made$simulations, "negative Hessian"))
  }
  failed <- if (isTRUE(made$failed > 0)) {
    sprintf(" (%s not finite)", counted(made$failed, "other"))
  }
  paste0("inverse of the expected information", simulated, failed)
}

check_seed_setting <- function(settings) {
  if (!is.null(settings$seed)) check_seed_number(settings$seed)
}

register_covariance(
  "expected", synonyms = "eim", settings = c("simulations", "seed"),
  check = check_seed_setting,
  scores = FALSE, information = c(expected = "expected information"),
  theta = expected_covariance, text = expected_text
)
