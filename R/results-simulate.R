# Simulated responses, from the distribution at the estimates.

#' Simulate responses
#'
#' @param object A fit by [mle_fit()] of a model given as a formula.
#' @param nsim Number of simulated responses.
#' @param seed As in [stats::simulate()].
#' @param re.form With random effects in the formulas: `NA`, the default, draws
#'   new ones; `NULL` takes the predicted ones.
#' @param ... Ignored.
#' @return A data frame with `nsim` columns, `sim_1`, ..., and the attribute
#'   `seed`. A binomial family returns what it was given: a factor, two columns
#'   of counts, or proportions. Survival times are simulated without censoring.
#' @examples
#' fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
#' head(simulate(fit, 3, seed = 1))
#' @importFrom stats simulate
#' @export
simulate.mle_model <- function(object, nsim = 1, seed = NULL, re.form = NA,
                               ...) {
  if (is.null(random_seed())) stats::runif(1)
  state <- random_seed()
  if (!is.null(seed)) {
    before <- state
    on.exit(restore_random(before))
    set.seed(seed)
    state <- structure(seed, kind = as.list(RNGkind()))
  }
  one <- simulated_response(object, !read_re_form(re.form))
  columns <- lapply(seq_len(nsim), function(i) {
    response_like(one(), object$model)
  })
  names(columns) <- paste0("sim_", seq_len(nsim))
  result <- as.data.frame(columns, optional = TRUE)
  if (any(vapply(columns, is.matrix, NA))) {
    result <- structure(columns, class = "data.frame",
                        row.names = seq_len(object$model$rows))
  }
  row.names(result) <- row.names(object$model$frame)
  attr(result, "seed") <- state
  result
}

# -> a function that draws a response, with new random effects each time or with
# the predicted ones.
simulated_response <- function(fit, new_effects = TRUE) {
  rows <- fit$model$rows
  if (!isTRUE(fit$random$mixed) || !new_effects) {
    d <- model_distribution(conditional_fit(fit))
    return(function() draw(d, rows))
  }
  effects <- effects_mode(fit)
  model <- model_at(conditional_fit(fit, effects = effects))
  drawn <- rep(names(fit$random$start), lengths(fit$random$start)) %in%
    unlist(lapply(random_terms(fit$model), `[[`, "effects"))
  function() {
    effects[drawn] <- stats::rnorm(sum(drawn))
    draw(model_distribution(conditional_fit(fit, effects = effects), model),
         rows)
  }
}
