# The covariance matrix that a test, an interval or a table is to use. Wherever
# a user may choose one, the argument `vcov` is read here, so that every
# function understands the same: a type, the clusters, a matrix, or a function.

#' Choosing a covariance matrix
#'
#' Functions with an argument `vcov` take:
#' * `NULL`: the covariance that the fit was made with, see [mle_fit()];
#' * a type of [vcov.mle_fit()], such as `"sandwich"`, or a type with settings,
#'   see [vcov_spec()];
#' * a formula, as in `~ firm` or `~ firm + year`: clustered;
#' * a matrix, with the names of the coefficients or without names;
#' * a function of the fit that returns a matrix, such as `sandwich::vcovHAC`.
#'
#' @name covariance_choice
#' @keywords internal
NULL

# -> the matrix of the coefficients that exist, `coef(fit, complete = FALSE)`.
# `...`: `adjust`, and what vcov.mle_fit() takes.
fit_covariance <- function(fit, vcov = NULL, ...) {
  plain_covariance(covariance_made(fit, vcov, ...)$matrix)
}

# A covariance from elsewhere, in the order of the coefficients.
given_covariance <- function(given, names) {
  if (!is.matrix(given) || !is.numeric(given)) {
    abort_no_covariance(given)
  }
  if (!is.null(rownames(given)) && all(names %in% rownames(given))) {
    return(given[names, names, drop = FALSE])
  }
  if (any(dim(given) != length(names))) {
    admle_abort("argument", sprintf(
      "`vcov` is a %d x %d matrix, but there are %s.", nrow(given),
      ncol(given), counted(length(names), "coefficient")
    ), argument = "vcov")
  }
  dimnames(given) <- list(names, names)
  given
}

abort_no_covariance <- function(given) {
  admle_abort("argument", sprintf(
    "`vcov` must be a type, a formula, a matrix or a function, not %s.",
    described(given)
  ), argument = "vcov")
}

# The degrees of freedom of tests and intervals with the covariance that the
# arguments mean, see fit_covariance().
residual_df <- function(object, vcov = NULL, adjust = object$adjust, ...) {
  wanted <- covariance_wanted(vcov, ..., own = object$covariance)
  covariance_df(object, wanted, adjust)
}
