# The types of covariance that are made by resampling.

#' @include covariance-types.R
#' @include bootstrap.R
NULL

# The arguments of bootstrap(), which takes the combinations of several ways of
# clustering for clusters.
resampling_settings <- function(spec) {
  settings <- unclass(spec)[setdiff(names(spec), c("type", "df"))]
  names(settings)[names(settings) == "method"] <- "type"
  ways <- settings$cluster
  if (inherits(ways, "fit_variables")) {
    settings$cluster <- stats::setNames(
      list(interaction(unclass(ways), drop = TRUE)),
      paste(names(ways), collapse = ":")
    )
  }
  settings
}

check_resampled <- function(fit) {
  check_unpenalised(fit)
  check_one_step(fit)
}

register_covariance(
  "bootstrap", methods = bootstrap_types,
  make = function(fit, spec) {
    replications <- do.call(bootstrap,
                            c(list(fit), resampling_settings(spec)))
    failed <- if (sum(replications$failures) > 0) failures_text(replications)
    list(matrix = vcov.mle_bootstrap(replications),
         resampled = c(bootstrap_text(replications), failed))
  },
  # The replications are those of now, whenever they are made.
  keep = function(fit, spec) {
    check_resampled(fit)
    if (is.null(spec$seed)) spec$seed <- new_seed()
    spec
  }
)

register_covariance(
  "jackknife",
  make = function(fit, spec) {
    do.call(jackknife, c(list(fit), resampling_settings(spec)))
  },
  keep = function(fit, spec) {
    check_resampled(fit)
    spec
  }
)
