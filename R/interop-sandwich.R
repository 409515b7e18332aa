# The two generics of the sandwich package, by the theory's names (bread, meat,
# estfun): Zeileis (2006), Journal of Statistical Software 16(9).

#' Scores and bread for the sandwich package
#'
#' Methods of `sandwich::estfun()` and `sandwich::bread()`, which make
#' `sandwich::sandwich()`, `vcovCL()`, `vcovOPG()` and others work. They are
#' registered when sandwich is loaded.
#'
#' @param x A fit by [mle_fit()].
#' @param ... Ignored; of `vcovHC()`, passed on.
#' @return `estfun`: the scores, a matrix with a row per contribution to the
#'   log-likelihood (weighted, in the rows in use) and a column per coefficient.
#'   Of coefficients that are tied together (a simplex, linear constraints)
#'   there are fewer free ones, and the scores are those along the surface on
#'   which the coefficients lie. Unless they are a number times the row of the
#'   model matrix, see below, the matrix has the class `"mle_scores"`.
#'   `bread`: the number of contributions times the inverse of the observed
#'   information, without small-sample adjustment.
#'
#' @section What needs a model matrix:
#' `sandwich::vcovHC()`, `vcovPC()` and the types `"HC2"` and `"HC3"` of
#' `vcovCL()` divide the scores by the model matrix. This means something if
#' every coefficient belongs to one linear predictor, as in logit and Poisson
#' models given as formulas; for other fits, among them normal regressions,
#' whose `sigma` is one more coefficient, there is an error of class
#' `admle_error_unsupported`.
#'
#' @section Clusters:
#' A formula, as in `vcovCL(fit, cluster = ~ firm)`, is looked up in the data of
#' the fit, however its model was given. The default are the clusters of a fit
#' that was made with some, see [mle_fit()].
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
  scores <- natural_scores(theta_scores(x), x)
  dimnames(scores) <- list(NULL, names(x$coefficients))
  if (is.null(x$model) || is_single_index(x)) scores else
    structure(scores, class = c("mle_scores", "matrix"))
}

# Whether the scores are a number times the rows of the model matrix.
is_single_index <- function(fit) {
  parts <- fit$model$components
  length(parts) == 1L &&
    parameters_are_plain(parameters_unconditioned(fit$parameters)) &&
    is.null(parts[[1L]]$outcomes) && !fit$model$grouped &&
    identical(coefficient_labels_of(parts[[1L]]), names(fit$coefficients))
}

#' @rdname sandwich_methods
#' @exportS3Method sandwich::vcovHC
vcovHC.mle_fit <- function(x, ...) {
  if (is.null(x$model) || !is_single_index(x)) abort_not_single_index()
  NextMethod()
}

abort_not_single_index <- function() {
  admle_abort("unsupported", paste(
    "vcovHC(), vcovPC() and clustered HC2 and HC3 need scores that are",
    "multiples of the regressors: models given as formulas, all of whose",
    "coefficients belong to one linear predictor. This is not one of them. Use",
    "`vcov(fit, type = \"sandwich\")`, `sandwich::sandwich()` or `vcovCL()`."
  ))
}

# What sandwich divides by a model matrix would be nonsense, or non-conformable
# arrays, where the coefficients are not those of its columns.
#' @export
Ops.mle_scores <- function(e1, e2) {
  if (.Generic == "/" && is.matrix(e2)) abort_not_single_index()
  if (missing(e2)) get(.Generic)(unclass(e1)) else
    get(.Generic)(unclass(e1), unclass(e2))
}

#' @rdname sandwich_methods
#' @exportS3Method sandwich::bread
bread.mle_fit <- function(x, ...) {
  if (is.na(x$n)) {
    abort_total()
  }
  covariance_matrix(x, "hessian") * x$n
}
