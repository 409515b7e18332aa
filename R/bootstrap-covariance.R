# The types of covariance that are made by resampling.

#' @include covariance-spatial.R
#' @include bootstrap-kinds.R
NULL

# The arguments of bootstrap(), which takes the combinations of several ways of
# clustering for clusters.
resampling_settings <- function(spec) {
  settings <- unclass(spec)[setdiff(names(spec), c("type", "df"))]
  ways <- settings$cluster
  if (inherits(ways, "fit_variables")) {
    settings$cluster <- stats::setNames(
      list(interaction(unclass(ways), drop = TRUE)),
      paste(names(ways), collapse = ":")
    )
  }
  settings
}

check_resampled <- function(fit, spec) {
  check_unpenalised(fit)
  check_one_step(fit)
}

resampled_text <- function(made) paste(made$resampled, collapse = "; ")

register_covariance(
  "bootstrap", methods = names(bootstrap_kinds), resampled = TRUE,
  settings = c("R", "method", "cluster", "seed", "multipliers", "parallel",
               "progress", "max_failed"), variables = "cluster",
  check = check_seed_setting,
  coefficients = function(fit, spec) {
    replications <- do.call(bootstrap,
                            c(list(fit), resampling_settings(spec)))
    failed <- if (sum(replications$failures) > 0) failures_text(replications)
    list(matrix = vcov.mle_bootstrap(replications),
         resampled = c(bootstrap_text(replications), failed))
  },
  # The replications are those of now, whenever they are made.
  need = check_resampled,
  keep = function(spec) {
    if (is.null(spec$seed)) spec$seed <- new_seed()
    spec
  },
  text = resampled_text
)

register_covariance(
  "jackknife", resampled = TRUE, settings = c("cluster", "exact", "center"),
  variables = "cluster",
  coefficients = function(fit, spec) {
    do.call(jackknife, c(list(fit), resampling_settings(spec)))
  },
  need = check_resampled,
  text = resampled_text
)
