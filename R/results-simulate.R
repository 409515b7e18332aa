# Simulated responses, from the distribution at the estimates.

#' Simulate responses
#'
#' @param object A fit by [mle_fit()] of a model given as a formula.
#' @param nsim Number of simulated responses.
#' @param seed As in [stats::simulate()].
#' @param ... Ignored.
#' @return A data frame with `nsim` columns, `sim_1`, ..., and the attribute
#'   `seed`. A binomial family returns what it was given: a factor, two columns
#'   of counts, or proportions. Survival times are simulated without censoring.
#' @examples
#' fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
#' head(simulate(fit, 3, seed = 1))
#' @importFrom stats simulate
#' @export
simulate.mle_model <- function(object, nsim = 1, seed = NULL, ...) {
  if (is.null(random_seed())) stats::runif(1)
  state <- random_seed()
  if (!is.null(seed)) {
    before <- state
    on.exit(restore_random(before))
    set.seed(seed)
    state <- structure(seed, kind = as.list(RNGkind()))
  }
  d <- model_distribution(object)
  columns <- lapply(seq_len(nsim), function(i) {
    response_like(draw(d, object$model$rows), object$model)
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
