# What make.link() makes: functions of stats that have no name there, of R code
# but for calls of compiled code (trace-masks-compiled.R). They are recorded as
# functions of the user's are.

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
