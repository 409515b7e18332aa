# Estimated marginal means: Lenth (2016), Journal of Statistical Software 69(1).
# The emmeans package asks for the data and for a linear predictor at the points
# of a grid, with its link.

#' Estimated marginal means of the emmeans package
#'
#' Methods that make `emmeans::emmeans()`, `emtrends()`, `emmip()` and others
#' work on models given as formulas. They are registered when emmeans is loaded.
#' Means are those of the linear predictor of a parameter;
#' `type = "response"` gives them on the scale of the parameter.
#'
#' @param object A fit by [mle_fit()] of a model given as a formula. For a
#'   likelihood written as a function there is an error, but `emmeans::qdrg()`
#'   makes means of its coefficients and their covariance, if you have a formula
#'   of their model matrix.
#' @param parameter The parameter; by default the one whose formula was given
#'   first. It can be given to `emmeans::emmeans()`.
#' @param data The data, if those of the fit are not to be used.
#' @param trms,xlev,grid Made by emmeans.
#' @param vcov. The covariance of all coefficients, see [covariance_choice].
#' @param ... Passed on.
#' @return What the generics of emmeans ask for.
#' @examples
#' if (requireNamespace("emmeans", quietly = TRUE)) {
#'   fit <- mle_fit(breaks ~ dnbinom2(mu, alpha), log(mu) ~ wool * tension,
#'                  data = warpbreaks)
#'   emmeans::emmeans(fit, pairwise ~ tension | wool, type = "response")
#' }
#' @name emmeans_methods
NULL

#' @rdname emmeans_methods
#' @exportS3Method emmeans::recover_data
recover_data.mle_model <- function(object, parameter = NULL, data = NULL,
                                   ...) {
  # A text is emmeans' sign for what cannot be done, which it says.
  tryCatch(
    recovered_data(object, parameter, data, ...),
    admle_error = function(e) conditionMessage(e)
  )
}

recovered_data <- function(object, parameter, data, ...) {
  part <- marginal_component(object, parameter)
  used <- all.vars(part$terms)
  if (is.null(data) && length(used) && all(used %in% names(object$data))) {
    data <- used_data(object)[used]
  }
  # emmeans reads the offset from the frame, which has those of all parameters.
  frame <- object$model$frame
  attr(frame, "terms") <- NULL
  frame[["(offset)"]] <- component_offset(part, object$model$frame)
  emmeans::recover_data(object$call, part$terms, object$na.action,
                        data = data, frame = frame, ...)
}

# The rows of `data` in use.
used_data <- function(fit) {
  data <- as.data.frame(unclass(fit$data)[vapply(fit$data, NROW, 0L) ==
                                            data_rows(fit$data)],
                        optional = TRUE)
  rows <- if (is.null(fit$na.action)) fit$subset else complete_rows(fit)
  if (is.null(rows)) data else data[rows, , drop = FALSE]
}

marginal_component <- function(fit, parameter) {
  part <- chosen_component(fit$model, parameter)
  if (is.null(part) || !is.null(part$outcomes)) {
    admle_abort("unsupported", sprintf(
      if (is.null(part)) {
        "`%s` has no formula: it has no marginal means."
      } else {
        "`%s` has coefficients for each category. Use `predict()`."
      },
      if (is.null(part)) c(parameter, fit$model$scalars)[[1L]] else
        part$parameter
    ), argument = "parameter")
  }
  part
}

#' @rdname emmeans_methods
#' @exportS3Method emmeans::emm_basis
emm_basis.mle_fit <- function(object, trms, xlev, grid, parameter = NULL,
                              vcov. = NULL, ...) {
  part <- marginal_component(object, parameter)
  labels <- coefficient_labels_of(part, part$all_columns)
  fixed <- intersect(labels, names(object$fixed))
  if (length(fixed)) {
    admle_abort("unsupported", sprintf(paste(
      "%s of `%s` held fixed. Marginal means are made of estimated",
      "coefficients only."
    ), enumerate(fixed), if (length(fixed) == 1L) "is" else "are"))
  }
  frame <- stats::model.frame(trms, grid, na.action = stats::na.pass,
                              xlev = xlev)
  X <- stats::model.matrix(trms, frame, contrasts.arg = part$contrasts)
  X <- X[, part$all_columns, drop = FALSE]
  estimated <- intersect(labels, names(object$coefficients))
  list(
    X = X, bhat = unname(coef.mle_fit(object)[labels]),
    nbasis = null_space(model.matrix.mle_model(object, part$parameter),
                        any = length(part$aliased) > 0L),
    V = fit_covariance(object, vcov.)[estimated, estimated, drop = FALSE],
    dffun = function(k, dfargs) dfargs$df,
    dfargs = list(df = object$df.residual),
    misc = marginal_link(part, object$model$family)
  )
}

# Combinations of coefficients that the data do not determine; NA if there are
# none, which is emmeans' sign for it.
null_space <- function(X, any) {
  if (!any) {
    return(matrix(NA))
  }
  size <- sqrt(colSums(X^2))
  size[size == 0] <- 1
  split <- svd(sweep(X, 2L, size, "/"), nu = 0L, nv = ncol(X))
  rank <- sum(split$d > 1e-7 * split$d[[1L]])
  basis <- split$v[, -seq_len(rank), drop = FALSE] / size
  sweep(basis, 2L, sqrt(colSums(basis^2)), "/")
}

# The link by a name that emmeans knows, or as an object with its functions.
marginal_link <- function(part, family) {
  link <- part$link
  if (identical(link$name, "identity")) {
    return(list())
  }
  is_mean <- !is.null(family) && identical(part$parameter, "mu")
  known <- c("log", "logit", "probit", "cauchit", "cloglog", "inverse", "sqrt",
             "1/mu^2")
  list(
    tran = if (link$name %in% known) link$name else structure(list(
      linkfun = link$link, linkinv = function(eta) link_inverse_at(link, eta),
      mu.eta = function(eta) link_slope(link, eta),
      valideta = function(eta) TRUE, name = link$name
    ), class = "link-glm"),
    inv.lbl = if (!is_mean) "response" else
      switch(family$family, binomial = "prob", poisson = "rate", "response")
  )
}
