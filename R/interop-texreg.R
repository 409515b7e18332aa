# Tables of texreg, whose generic extract() is one of S4: a method is set when
# texreg is loaded. (Leifeld 2013, Journal of Statistical Software 55(8).)

#' Tables by texreg
#'
#' `texreg::texreg()`, `screenreg()` and others take fits, together with models
#' of other classes.
#'
#' The method of `texreg::extract()` has these arguments, which the functions
#' that make tables pass on: `vcov`, a covariance matrix, see
#' [covariance_choice]; `include.loglik`, `include.aic`, `include.bic` and
#' `include.nobs`, what is below the coefficients.
#'
#' @examples
#' if (requireNamespace("texreg", quietly = TRUE)) {
#'   fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
#'   texreg::screenreg(list(fit, fit), vcov = "sandwich")
#' }
#' @name texreg_methods
NULL

methods::setOldClass(c("mle_model", "mle_fit"))

register_for_texreg <- function() {
  on_load_of("texreg", function(namespace) {
    # The namespace is locked; a table of methods needs a place of its own.
    methods::setMethod("extract", "mle_fit", texreg_extract,
                       where = new.env(parent = namespace))
  })
}

texreg_extract <- function(model, include.loglik = TRUE, include.aic = TRUE,
                           include.bic = TRUE, include.nobs = TRUE,
                           vcov = NULL, ...) {
  table <- tidy.mle_fit(model, vcov = vcov)
  log_lik <- logLik.mle_fit(model)
  measures <- data.frame(
    name = c("AIC", "BIC", "Log Likelihood", "Num. obs."),
    value = c(stats::AIC(log_lik), stats::BIC(log_lik), log_lik, model$nobs),
    decimal = c(TRUE, TRUE, TRUE, FALSE)
  )[c(include.aic, include.bic, include.loglik, include.nobs), ]
  texreg::createTexreg(
    coef.names = table$term, coef = table$estimate, se = table$std.error,
    pvalues = table$p.value, gof.names = measures$name, gof = measures$value,
    gof.decimal = measures$decimal
  )
}
