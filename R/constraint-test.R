# The three classical tests of the linear constraints of a fit, by one name.
# They compare the same two models: the Wald test at the unrestricted estimate,
# the Lagrange multiplier (score) test at the restricted one, the likelihood
# ratio test at both. What is missing of the two fits is made.

#' Tests of linear constraints
#'
#' Likelihood ratio, Wald and Lagrange multiplier (score) test of linear
#' equations between coefficients. Under the constraints all three are
#' asymptotically chi-squared, with as many degrees of freedom as there are
#' constraints.
#'
#' @param fit A fit by [mle_fit()], with `constraints` or without.
#' @param constraints Text as in [mle_fit()]; by default the constraints of
#'   `fit`. To be given for a fit without.
#' @param test `"lr"`: twice the difference of the log-likelihoods; `"wald"`:
#'   the constraints at the unrestricted estimate, in its covariance matrix;
#'   `"lm"`: the score of the unrestricted model at the restricted estimate, in
#'   the observed information there. In small samples it can be far from the
#'   other two.
#' @param type The covariance matrix of the Wald test, see [covariance_choice].
#' @return An object of class `"htest"`: `statistic`, `parameter` (degrees of
#'   freedom), `p.value`, `method`, `data.name` (the constraints).
#' @references Engle (1984), Wald, likelihood ratio, and Lagrange multiplier
#'   tests in econometrics, *Handbook of Econometrics* 2, chapter 13.
#' @seealso [lr_test()], [wald_test()] and [score_test()], which take more than
#'   linear equations; [mle_fit()]
#' @examples
#' fit <- mle_fit(
#'   function(b, sigma) {
#'     dnorm(mpg, b[1] + b[2] * wt + b[3] * hp, sigma, log = TRUE)
#'   },
#'   start = list(b = c(30, 0, 0), sigma = positive(3)), data = mtcars
#' )
#' constraint_test(fit, "b3 = 0")
#' restricted <- update(fit, constraints = "b3 = 0")
#' constraint_test(restricted, test = "lm")
#' @export
constraint_test <- function(fit, constraints = NULL,
                            test = c("lr", "wald", "lm"),
                            type = NULL) {
  check_fit(fit)
  test <- match_choice(test, c("lr", "wald", "lm"), "test")
  own <- fit$parameters$constraints
  if (is.null(constraints)) constraints <- own
  if (is.null(constraints) ||
        !is.null(own) && !identical(constraints, own)) {
    admle_abort("argument", if (is.null(own)) {
      "`constraints` is missing: the fit has none of its own."
    } else {
      "`constraints` must be those of `fit`, or `fit` one without."
    }, argument = "constraints")
  }
  switch(
    test,
    lr = if (is.null(own)) lr_test(fit, constraints) else lr_test(fit),
    wald = wald_test(unrestricted_fit(fit), constraints, vcov = type),
    lm = score_test(restricted_fit(fit, constraints), vcov = "hessian")
  )
}

unrestricted_fit <- function(fit) {
  if (is.null(fit$parameters$constraints)) {
    return(fit)
  }
  maximised(without_constraints(fit))
}

restricted_fit <- function(fit, constraints) {
  if (!is.null(fit$parameters$constraints)) {
    return(fit)
  }
  at_estimate <- parameters_at(fit$parameters, fit_arguments(fit))
  maximised(with_parameters(fit,
                            parameters_constrain(at_estimate, constraints)))
}

# The model without its constraints, started where they hold.
without_constraints <- function(fit) {
  with_parameters(
    fit, parameters_at(fit$parameters$unconstrained, fit_arguments(fit))
  )
}
