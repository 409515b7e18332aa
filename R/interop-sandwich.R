# The two generics of the sandwich package, by the theory's names (bread, meat,
# estfun): Zeileis (2006), Journal of Statistical Software 16(9).

#' Scores and bread for the sandwich package
#'
#' Methods of `sandwich::estfun()` and `sandwich::bread()`, which make
#' `sandwich::sandwich()`, `vcovCL()`, `vcovOPG()` and others work. They are
#' registered when sandwich is loaded.
#'
#' @param x A fit by [mle_fit()].
#' @param ... Ignored.
#' @return `estfun`: the scores, a matrix with a row per contribution to the
#'   log-likelihood (weighted, in the rows in use) and a column per coefficient.
#'   Of coefficients that are tied together (a simplex, linear constraints)
#'   there are fewer free ones, and the scores are those along the surface on
#'   which the coefficients lie.
#'   `bread`: the number of contributions times the inverse of the observed
#'   information, without small-sample adjustment.
#' @examples
#' fit <- mle_fit(weight ~ Time, data = ChickWeight)
#' if (requireNamespace("sandwich", quietly = TRUE)) {
#'   # weighings of the same chick are not independent
#'   sandwich::vcovCL(fit, cluster = ~ Chick)
#' }
#' @name sandwich_methods
NULL

#' @rdname sandwich_methods
#' @exportS3Method sandwich::estfun
estfun.mle_fit <- function(x, ...) {
  scores <- natural_scores(theta_scores(x), x$jacobian)
  dimnames(scores) <- list(NULL, names(x$coefficients))
  scores
}

theta_scores <- function(fit) {
  objective_scores(fit_objective(fit), unname(fit$theta))
}

#' @rdname sandwich_methods
#' @exportS3Method sandwich::bread
bread.mle_fit <- function(x, ...) {
  if (is.na(x$n)) {
    abort_total()
  }
  covariance_matrix(x, "hessian") * x$n
}

# Where sandwich::vcovCL() looks for the clusters that it is not told.
sandwich_clusters <- function(spec) {
  if (spec$type == "cluster") {
    data.frame(unclass(spec$cluster), check.names = FALSE)
  }
}
