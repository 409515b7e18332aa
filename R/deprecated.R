# Names of earlier versions that are no more. Each is a function that says what
# to use; they go with version 0.3.

#' Names of earlier versions
#'
#' `lincom()` and `delta_method()` are [nlcom()]; `constraint_test()` is
#' [lr_test()], [wald_test()] or [score_test()], and `boundary_test()` an
#' argument of [lr_test()]; `bootstrap_covariance()` and
#' `jackknife_covariance()` are types of [vcov.mle_fit()]; `gauss_hermite()` and
#' `halton()` are methods of [integrate_normal()]; `as_distribution()` is
#' [distribution()], and `in_support()`, `is_discrete()` and `probabilities()`
#' are parts of what it returns.
#'
#' @return An error of class `admle_error_deprecated` that says what to use.
#' @name deprecated
#' @aliases lincom delta_method constraint_test bootstrap_covariance
#'   jackknife_covariance gauss_hermite halton boundary_test as_distribution
#'   in_support is_discrete probabilities
#' @keywords internal
#' @rawNamespace export(lincom, delta_method, constraint_test,
#'   bootstrap_covariance, jackknife_covariance, gauss_hermite, halton,
#'   boundary_test, as_distribution, in_support, is_discrete, probabilities)
NULL

successors <- c(
  lincom = "nlcom(fit, combinations, rhs = )",
  delta_method = "nlcom(fit, f)",
  constraint_test = paste(
    "lr_test(fit, restrictions), wald_test(fit, restrictions) or",
    "score_test(fit, restrictions)"
  ),
  bootstrap_covariance = "vcov(fit, \"bootstrap\")",
  jackknife_covariance = "vcov(fit, \"jackknife\")",
  gauss_hermite = "integrate_normal(), or statmod::gauss.quad.prob()",
  halton = "integrate_normal(method = \"halton\"), or randtoolbox::halton()",
  boundary_test = "lr_test(fit0, fit1, boundary = TRUE)",
  as_distribution = "distribution()",
  in_support = "log_density(d, x) > -Inf",
  is_discrete = "support(d)$discrete",
  probabilities = "predict(fit, type = \"prob\")"
)

for (name in names(successors)) {
  assign(name, local({
    old <- name
    function(...) {
      admle_abort("deprecated", sprintf("`%s()` is no more: use %s.", old,
                                        successors[[old]]))
    }
  }))
}
rm(name)
