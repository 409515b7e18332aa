# Compiled code of R's that functions hand values to by .Call(): what make.link()
# and binomial() make closures of. Their other closures are R code, which is
# recorded as it is.
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
        sprintf("a value depending on parameters is given to compiled code, \"%s\"",
                name),
        "Write it in R, or give its derivative by with_derivative()."
      )
    }
    call_named(mask_closure(known), unname(arguments[-1L]))
  }
)

# The functions that make.link() makes belong to stats, under no name.
is_link_code <- function(f) {
  if (!identical(environment(f), asNamespace("stats"))) {
    return(FALSE)
  }
  if (is.null(trace_session$link_code)) {
    names <- c("logit", "probit", "cauchit", "cloglog", "identity", "log",
               "sqrt", "1/mu^2", "inverse")
    parts <- c("linkfun", "linkinv", "mu.eta", "valideta")
    trace_session$link_code <- unlist(lapply(names, function(name) {
      lapply(unclass(stats::make.link(name))[parts], body)
    }))
  }
  code <- body(f)
  any(vapply(trace_session$link_code, identical, NA, code))
}
