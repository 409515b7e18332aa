# What a bootstrap prints and returns.

#' @export
print.mle_bootstrap <- function(x, digits = max(3L, getOption("digits") - 3L),
                                ...) {
  print_bootstrap(x, bootstrap_table(x), digits)
  invisible(x)
}

print_bootstrap <- function(x, table, digits, intervals = NULL) {
  cat(strwrap(capital(bootstrap_text(x))), intervals, "", sep = "\n")
  print.default(table, digits = digits, print.gap = 2L)
  if (sum(x$failures) > 0) {
    cat("", strwrap(paste0(failures_text(x), ".")), sep = "\n")
  }
}

#' Results of a bootstrap
#'
#' @param object A result of [bootstrap()].
#' @param level,type Of the intervals, see [confint.mle_bootstrap()].
#' @param ... Ignored.
#' @return `vcov()`: the covariance matrix of the replications. `coef()`: the
#'   estimates. `summary()`: a matrix of estimates, biases, standard errors and
#'   limits of intervals, of class `"summary.mle_bootstrap"`.
#' @examples
#' fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
#' summary(bootstrap(fit, R = 199, method = "score", seed = 1))
#' @name bootstrap_methods
NULL

#' @rdname bootstrap_methods
#' @export
vcov.mle_bootstrap <- function(object, ...) {
  names <- names(object$t0)
  covariance <- if (too_many_failed(object)) {
    matrix(NA_real_, length(names), length(names))
  } else {
    stats::cov(used_replications(object))
  }
  dimnames(covariance) <- list(names, names)
  if (is_stepped(object$method) && is.null(object$transformation)) {
    covariance <- without_boundary(covariance, object$fit)
  }
  covariance
}

# One step moves nothing that is on the boundary of its range, which is no
# variance of zero.
without_boundary <- function(covariance, fit) {
  boundary <- boundary_coefficients(fit)
  covariance[boundary, ] <- NA
  covariance[, boundary] <- NA
  covariance
}

#' @rdname bootstrap_methods
#' @export
coef.mle_bootstrap <- function(object, ...) {
  object$t0
}

#' @rdname bootstrap_methods
#' @export
summary.mle_bootstrap <- function(object, level = 0.95, type = "percentile",
                                  ...) {
  table <- cbind(bootstrap_table(object),
                 confint.mle_bootstrap(object, level = level, type = type))
  structure(list(table = table, interval = type, bootstrap = object),
            class = "summary.mle_bootstrap")
}

#' @export
coef.summary.mle_bootstrap <- function(object, ...) {
  object$table
}

#' @export
print.summary.mle_bootstrap <- function(x, digits = max(3L, getOption("digits")
                                                        - 3L), ...) {
  print_bootstrap(
    x$bootstrap, x$table, digits,
    paste("Intervals:", bootstrap_interval_types[[x$interval]]$text)
  )
  invisible(x)
}

bootstrap_table <- function(x) {
  used <- used_replications(x)
  failed <- too_many_failed(x)
  cbind(estimate = x$t0,
        bias = if (failed) NA_real_ else colMeans(used) - x$t0,
        "std. error" = sqrt(diag(vcov.mle_bootstrap(x))))
}

used_replications <- function(x) {
  x$t[stats::complete.cases(x$t), , drop = FALSE]
}

# "bootstrap: 999 replications, 50 clusters (Chick) drawn, models fitted again"
bootstrap_text <- function(x) {
  sprintf("bootstrap: %s, %s", counted(x$R, "replication"),
          bootstrap_kinds[[x$method]]$text(x))
}

units_text <- function(units) {
  if (is.null(units$name)) {
    return(counted(units$count, "observation"))
  }
  sprintf("%s (%s)", counted(units$count, "cluster"), units$name)
}
