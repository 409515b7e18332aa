# Names of earlier versions that are no more. Each is a function that says what
# to use; they go with version 0.3.

#' Names of earlier versions
#'
#' `lincom()` and `delta_method()` are [nlcom()]; `constraint_test()` is
#' [lr_test()], [wald_test()] or [score_test()]; `bootstrap_covariance()` and
#' `jackknife_covariance()` are types of [vcov.mle_fit()]; `gauss_hermite()` and
#' `halton()` are methods of [integrate_normal()].
#'
#' @return An error of class `admle_error_deprecated` that says what to use.
#' @name deprecated
#' @aliases lincom delta_method constraint_test bootstrap_covariance
#'   jackknife_covariance gauss_hermite halton
#' @keywords internal
#' @rawNamespace export(lincom, delta_method, constraint_test,
#'   bootstrap_covariance, jackknife_covariance, gauss_hermite, halton)
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
  halton = "integrate_normal(method = \"halton\"), or randtoolbox::halton()"
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
