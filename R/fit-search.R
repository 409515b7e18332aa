# What a fit keeps of the search for its maximum. `settled` says whether the
# search along a guard ended (fit-guard.R).

search_fields <- c(
  "outcome", "method", "iterations", "evaluations", "decrement",
  "scaled_gradient", "path", "recordings", "guards", "settled",
  "start_loglik", "hessian_differenced", "hessian_made"
)

search_report <- function(solution, ...) {
  if (solution$method %in% method_labels) {
    solution$method <- names(method_labels)[match(solution$method,
                                                  method_labels)]
  }
  facts <- list(start_loglik = c(solution$path$value, NA_real_)[[1L]], ...)
  of_solution <- setdiff(search_fields, names(facts))
  c(stats::setNames(solution[of_solution], of_solution), facts)
}

# In fits saved by version 0.1 these are fields of the fit.
fit_search <- function(fit) {
  if (is.null(fit$search)) unclass(fit)[search_fields] else fit$search
}

# What the solver calls its methods.
method_labels <- c(bfgs = "BFGS", lbfgs = "L-BFGS",
                   newton = "trust-region Newton", bhhh = "BHHH",
                   scoring = "Fisher scoring")
