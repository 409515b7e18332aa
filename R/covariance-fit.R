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
  if (is.null(default)) default <- default_covariance
  wanted <- covariance_wanted(vcov_or_vce(asked$vcov, asked$vce), cluster,
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
  type <- covariance_of(fit$covariance)
  if (is.na(fit$n) && type$scores) {
    abort_total()
  }
  spec <- kept_variables(fit, fit$covariance)
  # What is missing is an error now, not when the covariance is made.
  type$need(fit, spec)
  type$keep(spec)
}

# Where sandwich::vcovCL() looks for the clusters that it is not told.
sandwich_clusters <- function(spec) {
  if (!is.null(covariance_of(spec)$clusters)) {
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
