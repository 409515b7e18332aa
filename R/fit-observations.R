# How many observations a fit has, and whether what the function returned can be
# those of the data.

count_observations <- function(fit, objective) {
  is_total <- objective$returns == "total"
  rows <- if (hook_by_row(fit)) observed_rows(fit)
  for (name in c("weights", if (is.null(fit$data)) "subset")) {
    if (is_total && !is.null(fit[[name]])) {
      admle_abort("unsupported", sprintf(paste(
        "`%s` needs the contributions of the observations, but the function",
        "returns one total. Return the vector of contributions instead."
      ), name), argument = name)
    }
  }
  if (!is_total && !is.null(rows) && objective$n != rows) {
    admle_abort("value", sprintf(paste(
      "The function returned %s for %s of `data`. Return one contribution per",
      "row; or give `data` as a list, if its rows are not the observations."
    ), counted(objective$n, "contribution"), counted(rows, "row")))
  }
  fit$n <- objective$n
  fit$returns <- objective$returns
  fit$nobs <- if (is.na(objective$n)) {
    if (is.null(rows)) NA_integer_ else rows
  } else if (is.null(fit$weights)) {
    objective$n
  } else {
    sum(fit$weights != 0)
  }
  run_hooks(fit, "counted")
}

# The rows that the contributions should have, where that is known.
observed_rows <- function(fit) {
  if (!is.null(fit$model)) {
    return(if (!fit$model$grouped) fit$model$rows)
  }
  if (is.data.frame(fit$data)) {
    if (is.null(fit$subset)) nrow(fit$data) else length(fit$subset)
  }
}
