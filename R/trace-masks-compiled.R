# Compiled code of R's that functions hand values to by .Call(): that of the
# closures of make.link() and binomial(). Their other closures are R code, which
# is recorded as it is.
#' @include trace-masks.R
NULL

# By the name of the entry point of stats, as C code in family.c says it: the
# limits, beyond which values do not move, are R's.
compiled_functions <- list(
  logit_link = function(mu) log(mu / (1 - mu)),
  logit_linkinv = function(eta) {
    e <- .Machine$double.eps
    ifelse(eta < -30, e / (1 + e), ifelse(
      eta > 30, (1 / e) / (1 + 1 / e), plogis(eta)
    ))
  },
  logit_mu_eta = function(eta) {
    ifelse(abs(eta) > 30, .Machine$double.eps, dlogis(eta))
  },
  binomial_dev_resids = function(y, mu, wt) {
    part <- function(y, mu) {
      ifelse(y != 0, y * (log(ifelse(y != 0, y, 1)) - log(mu)), 0)
    }
    2 * wt * (part(y, mu) + part(1 - y, 1 - mu))
  }
)

define_masks("base",
  .Call = function(...) {
    arguments <- list(...)
    if (!any_traced(arguments)) {
      return(do.call(base::.Call, arguments))
    }
    entry <- arguments[[1L]]
    name <- if (is.list(entry)) entry$name else as.character(entry)[[1L]]
    known <- compiled_functions[[name]]
    if (is.null(known)) {
      unsupported(
        sprintf(
          "a value depending on parameters is given to compiled code, \"%s\"",
          name
        ),
        "Write it in R, or give its derivative by with_derivative()."
      )
    }
    call_named(mask_closure(known), unname(arguments[-1L]))
  }
)
