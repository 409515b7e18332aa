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
  if (!is.null(fit$absorb) || !is.null(fit$random)) {
    admle_abort("unsupported", paste(
      "The expected information of a model with random or absorbed effects is",
      "not made. Use type = \"hessian\", which is exact, or \"sandwich\"."
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

family_information <- function(fit) {
  family_terms(fit, all_parameters(fit), jacobian_part(fit$jacobian))$full
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
