# The covariance that a fit is made with: read from the call of mle_fit(), kept
# with its variables, and the degrees of freedom of its tests.

#' @include fit-hooks.R
NULL

# The specification that mle_fit() was given. `cluster` is an unevaluated
# expression in columns of the data, as `weights` is.
fit_specification <- function(asked, settings) {
  expression <- asked$cluster
  cluster <- tryCatch(
    eval(expression, as.list(asked$data), asked$env),
    error = function(e) {
      admle_abort("argument", sprintf("`cluster` cannot be evaluated: %s.",
                                      conditionMessage(e)),
                  argument = "cluster")
    }
  )
  if (is.atomic(cluster) && !is.null(cluster) && is.symbol(expression)) {
    is_name <- is.character(cluster) && length(cluster) == 1L
    if (!is_name) {
      cluster <- stats::setNames(list(cluster), as.character(expression))
    }
  }
  default <- hook_covariance(settings)
  if (is.null(default)) default <- "hessian"
  wanted <- covariance_wanted(asked$vcov, vce = asked$vce, cluster = cluster,
                              own = vcov_spec(default))
  if (!inherits(wanted, "vcov_spec")) {
    admle_abort("argument", paste(
      "`vcov` of mle_fit() must be a type, a formula or a specification made",
      "by vcov_spec(). Functions and matrices can be given to summary(),",
      "confint() and others."
    ), argument = "vcov")
  }
  wanted
}

# The specification that a fit is to keep: its variables as they are now, so
# that they are still known when the fit has been saved and read.
kept_covariance <- function(fit) {
  spec <- fit$covariance
  if (is.na(fit$n) && needs_scores(spec)) {
    abort_total()
  }
  # The clusters of a stacked covariance are those of a first step's rows too.
  if (spec$type == "stacked") {
    return(spec)
  }
  for (name in intersect(names(spec), variable_settings)) {
    spec[[name]] <- fit_variables(fit, spec[[name]], name)
  }
  if (is_resampled(spec)) {
    return(covariance_types[[spec$type]]$keep(fit, spec))
  }
  # What is missing is an error now, not when the covariance is made.
  switch(
    spec$type, cluster = fit_clusters(fit, spec), hac = time_order(fit, spec),
    `driscoll-kraay` = panel_periods(fit, spec), conley = fit_places(fit, spec)
  )
  spec
}

variable_settings <- c("cluster", "time", "coordinates")

# Where sandwich::vcovCL() looks for the clusters that it is not told.
sandwich_clusters <- function(spec) {
  if (spec$type == "cluster") {
    data.frame(unclass(spec$cluster), check.names = FALSE)
  }
}

# The last, because others say which covariance is the default.
register_fit_hook(
  "covariance", last = TRUE, arguments = c("vcov", "vce"),
  expressions = "cluster",
  read = fit_specification,
  counted = function(fit) {
    fit$covariance <- kept_covariance(fit)
    attr(fit, "cluster") <- sandwich_clusters(fit$covariance)
    fit
  },
  judged = function(fit) {
    fit$df.residual <- residual_df(fit)
    fit
  }
)
