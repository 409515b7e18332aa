# Influence of single observations, or clusters, on a fit: what would change
# without them (jackknife.R), and their share in the curvature.
#
# Pregibon (1981), Annals of Statistics 9, 705-724, for generalised linear
# models; Cook (1986), Journal of the Royal Statistical Society B 48, 133-169,
# for likelihoods; Wei, Hu and Fung (1998), Scandinavian Journal of Statistics
# 25, 25-37, on leverage.

#' Influence of observations or clusters
#'
#' What a fit would be without one of its observations, or without one cluster.
#'
#' @param model A fit by [mle_fit()].
#' @param exact Whether the model is fitted again without each of them. By
#'   default, one Newton step is made from the estimate on the log-likelihood of
#'   the others, see below.
#' @param cluster Clusters to be left out as a whole: a formula, as in `~ firm`,
#'   or a vector with an element for each observation.
#' @param vcov Whose standard errors `dfbetas()` divides by; see
#'   [covariance_choice].
#' @param progress Whether a progress bar is shown when exact results take more
#'   than two seconds.
#' @param ... Passed on to `influence()`: `exact`, `cluster`, `progress`.
#'
#' @section What is computed:
#' * `dfbeta()`: the estimates minus those without the observation (the sign of
#'   [stats::dfbeta()]). One step is \eqn{(J - J_i)^{-1} s_i} with the
#'   observation's score \eqn{s_i} and its part \eqn{J_i} in the information
#'   \eqn{J = -H}. For a generalised linear model
#'   with canonical link that is
#'   \eqn{(X'WX)^{-1} x_i (y_i - \mu_i) / (1 - h_i)}; [stats::influence.glm()]
#'   puts the deviance residual in the place of the Pearson residual.
#' * `dfbetas()`: that, divided by the standard errors with all observations
#'   (not by those without the observation, as for [lm()]).
#' * `cooks.distance()`: \eqn{d' J d / k} with the change \eqn{d} of all \eqn{k}
#'   free parameters. It equals that of [glm()] for logit models and for Poisson
#'   models with log link. It does not with another link, where [glm()] has the
#'   expected information for \eqn{J}; nor where a dispersion parameter is
#'   estimated ([lm()], gamma), which here is one of the parameters.
#' * `hatvalues()`: leverage. Of a model given by a formula, that of the
#'   parameter whose formula comes first; for [lm()]'s and [glm()]'s models the
#'   diagonal of their hat matrix. Otherwise (and for a likelihood written as a
#'   function, of all its parameters) the share of the observation in the
#'   curvature, \eqn{\mathrm{tr}(J^{-1} J_i)}: it adds up to the number of
#'   parameters, and may be negative where an observation's contribution is not
#'   concave. That of a cluster is the sum over its observations.
#'
#' After a first step (`after =`), its estimates are held. Where the bias is
#' reduced (`bias =`) nothing is computed.
#'
#' A weighted observation is left out with its weight. Where nothing can be
#' estimated without an observation, the result is `NA`. With `na.action =
#' na.exclude`, observations with missing values have leverage and changes of
#' zero, as in [stats::lm.influence()], and `NA` for Cook's distance.
#'
#' @return `influence()`: a list of class `"mle_influence"` of `hat`,
#'   `coefficients` (`dfbeta()`), `cooks.distance`, `exact`, `cluster` (the name
#'   of the clusters). `hatvalues()` and `cooks.distance()`: a named vector.
#'   `dfbeta()` and `dfbetas()`: a matrix with a row for each observation or
#'   cluster.
#' @examples
#' fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
#' influence(fit)
#' head(dfbeta(fit, exact = TRUE))
#'
#' chicks <- mle_fit(weight ~ Time, data = ChickWeight)
#' head(dfbetas(chicks, cluster = ~ Chick))
#' @name fit_influence
NULL

#' @rdname fit_influence
#' @importFrom stats influence
#' @export
influence.mle_fit <- function(model, exact = FALSE, cluster = NULL,
                              progress = interactive(), ...) {
  left <- left_out_units(model, exact, cluster, progress)
  structure(list(
    hat = hatvalues.mle_fit(model, cluster = cluster),
    coefficients = left$change, cooks.distance = left$distance,
    exact = exact, cluster = left$name
  ), class = "mle_influence")
}

#' @rdname fit_influence
#' @importFrom stats dfbeta
#' @export
dfbeta.mle_fit <- function(model, ...) {
  left_out_units(model, ...)$change
}

#' @rdname fit_influence
#' @importFrom stats dfbetas
#' @export
dfbetas.mle_fit <- function(model, vcov = NULL, ...) {
  change <- left_out_units(model, ...)$change
  error <- sqrt(diag(fit_covariance(model, vcov)))
  change / rep(error, each = nrow(change))
}

#' @rdname fit_influence
#' @importFrom stats cooks.distance
#' @export
cooks.distance.mle_fit <- function(model, ...) {
  left_out_units(model, ...)$distance
}

#' @rdname fit_influence
#' @importFrom stats hatvalues
#' @export
hatvalues.mle_fit <- function(model, cluster = NULL, ...) {
  if (!is.null(model$absorb) || !is.null(model$random)) {
    admle_abort("unsupported", paste(
      "Leverage is not defined for random effects, and not made for absorbed",
      "ones: take them as coefficients, factor(g) in the formula."
    ), argument = "model")
  }
  units <- resampling_units(model, cluster)
  leverage <- if (is_generalised_linear(model)) {
    linear_leverage(model)
  } else {
    curvature_share(model)
  }
  per_unit(model, units, unit_sums(matrix(leverage), units))[, 1L]
}

#' @export
print.mle_influence <- function(x, digits = max(3L, getOption("digits") - 3L),
                                ...) {
  what <- if (is.null(x$cluster)) "observations" else
    sprintf("clusters (%s)", x$cluster)
  cat(sprintf("Influence of %d %s, %s\n", length(x$hat), what,
              if (x$exact) "fitted again without each" else
                "one Newton step without each"), sep = "")
  order <- utils::head(order(-x$cooks.distance), 6L)
  cat("\nLargest Cook's distances, with the change of the estimates:\n")
  table <- cbind(cooks.distance = x$cooks.distance, leverage = x$hat,
                 x$coefficients)
  print.default(table[order, , drop = FALSE], digits = digits, print.gap = 2L)
  invisible(x)
}

# -> list(change, distance, name): of the coefficients, and Cook's distance
left_out_units <- function(fit, exact = FALSE, cluster = NULL,
                           progress = interactive(), ...) {
  check_no_dots(...)
  units <- resampling_units(fit, cluster)
  left <- leave_out(fit, units, check_flag(exact, "exact"),
                    check_flag(progress, "progress"))
  change <- rep(fit$coefficients, each = units$count) - left$coefficients
  distance <- rowSums((left$steps %*% interior_information(fit)) * left$steps) /
    ncol(left$steps)
  list(change = per_unit(fit, units, change),
       distance = per_unit(fit, units, matrix(distance), NA)[, 1L],
       name = units$name)
}

# A row for each cluster, or for each observation: those of weight zero change
# nothing. `omitted`: what na.exclude pads with; zero as in lm.influence().
per_unit <- function(fit, units, x, omitted = 0) {
  if (!is.null(units$name)) {
    rownames(x) <- units$labels
    return(x)
  }
  out <- matrix(0, fit$n, ncol(x),
                dimnames = list(observation_names(fit), colnames(x)))
  out[!is.na(units$group), ] <- x
  padded <- stats::naresid(fit$na.action, out)
  padded[is.na(padded) & !rownames(padded) %in% rownames(out)] <- omitted
  padded
}

# Whether the leverage of glm() means anything: one mean, one dispersion.
is_generalised_linear <- function(fit) {
  model <- fit$model
  !is.null(model$family) && length(model$components) == 1L
}

# The diagonal of the hat matrix, with the weights of Fisher scoring.
linear_leverage <- function(fit) {
  part <- model_at(fit)$components[[1L]]
  family <- fit$model$family
  eta <- part$offset
  if (is.null(eta)) eta <- 0
  X <- part$matrix
  location <- coefficient_labels_of(part)
  coefficients <- all_parameters(fit)[match(location, fit$parameters$names)]
  eta <- drop(eta + X %*% coefficients)
  mean <- family$linkinv(eta)
  weights <- family_weights(fit) * family$mu.eta(eta)^2 / family$variance(mean)
  free <- match(location, names(fit$coefficients))
  X <- X[, !is.na(free), drop = FALSE]
  if (!is.null(fit$jacobian)) {
    X <- X %*% jacobian_part(fit$jacobian, free[!is.na(free)])
  }
  split <- qr(sqrt(weights) * X)
  rowSums(qr.Q(split)[, seq_len(split$rank), drop = FALSE]^2)
}

# tr(J^-1 J_i), J the block of the location's parameters or all of it.
curvature_share <- function(fit) {
  block <- leverage_block(fit)
  information <- interior_information(fit)
  scale <- information_scale(fit)
  inverse <- matrix(0, length(fit$theta), length(fit$theta))
  at <- match(block, interior(fit))
  units <- outer(scale[at], scale[at])
  inverse[block, block] <-
    inverse_definite(information[at, at, drop = FALSE] / units) / units
  share <- 0
  objective_curvatures(
    fit_objective(fit), unname(fit$theta), step_sizes(fit),
    function(i, j, values) {
      if (inverse[i, j] == 0) {
        return()
      }
      share <<- share - (if (i == j) 1 else 2) * inverse[i, j] * values
    }
  )
  rep_len(share, fit$n)
}

# Positions in theta that move the parameter whose formula comes first.
leverage_block <- function(fit) {
  within <- interior(fit)
  parts <- fit$model$components
  if (length(parts) == 0L) {
    return(within)
  }
  rows <- names(fit$coefficients) %in% coefficient_labels_of(parts[[1L]])
  moves <- if (is.null(fit$jacobian)) which(rows) else
    which(columns_moving(fit$jacobian, rows))
  block <- intersect(within, moves)
  if (length(block)) block else within
}
