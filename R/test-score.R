# Score (Lagrange multiplier) tests. At the restricted estimate, the Newton step
# of the full model, d = A^-1 s, is how far its estimate is away; the test is a
# Wald test of that step in the restricted directions, R d, in its covariance
# R V R'. With V = A^-1 this is s'A^-1 s, Rao's statistic; with the sandwich
# V = A^-1 B A^-1, B of independent observations or of clusters, it is the
# generalised score test of Boos (1992, American Statistician 46, 327-333;
# White 1982, Econometrica 50, theorem 3.5).

#' Score (Lagrange multiplier) test
#'
#' Tests a restricted model within a larger one, from the estimates of the
#' restricted model alone. Robust and clustered versions are valid without the
#' likelihood being right.
#'
#' @param fit A fit by [mle_fit()], the restricted model (unless `against` are
#'   restrictions).
#' @param against The full model:
#' * a change of the formula, such as `. ~ . + x3` or `sigma ~ . + z`, as in
#'   [update.mle_fit()]; or a list of them. The full model is not fitted;
#' * a fit of the full model, of which only the specification is used;
#' * missing: the model without the `constraints` of `fit`, or, if it has none,
#'   with the parameters free that `fixed` gave;
#' * restrictions as in [wald_test()], of which `fit` is then the unrestricted
#'   model. The restricted one is fitted. (A two-sided formula is a change of
#'   the formula; equations are written `~ b1 == b2`, or as text.)
#' @param rhs For a matrix or function of restrictions: what it equals.
#' @param information The information matrix: `"observed"`, the negative Hessian
#'   of the full model at the restricted estimates, or `"opg"`, the outer
#'   product of the scores.
#' @param vcov `NULL`: as `fit` was made. `"sandwich"`, or a formula of
#'   clusters, `~ firm`: the robust test, without the factor n / (n - k) of
#'   `adjust` and `"HC1"`; see [covariance_choice]. `"hessian"`, `"expected"`
#'   and `"opg"` are kinds of `information`.
#' @param ... Passed on to [vcov.mle_fit()].
#'
#' @details The observed information need not be positive definite away from the
#' maximum of the full model; there is an error if it is not.
#'
#' @return An object of class `"htest"`: `statistic`, `parameter` (degrees of
#'   freedom), `p.value`, `method`, `data.name`; and `score`, the gradient of
#'   the full model's log-likelihood at the restricted estimates.
#' @seealso [lr_test()], [wald_test()]
#' @references Boos (1992), On generalized score tests, *American Statistician*
#'   46, 327-333.
#'
#'   Engle (1984), Wald, likelihood ratio, and Lagrange multiplier tests in
#'   econometrics, *Handbook of Econometrics* 2, chapter 13.
#' @examples
#' fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
#' score_test(fit, . ~ . + hp + qsec)
#' score_test(fit, . ~ . + hp + qsec, vcov = "sandwich")
#'
#' # is the variance constant?
#' fit <- mle_fit(dist ~ dnorm(mu, sigma), mu ~ speed, data = cars)
#' score_test(fit, log(sigma) ~ speed)
#' @export
score_test <- function(fit, against = NULL, rhs = NULL,
                       information = c("observed", "expected", "opg"),
                       vcov = NULL, ...) {
  check_fit(fit)
  warn_not_maximum(fit)
  information <- match_choice(information, c("observed", "expected", "opg"),
                              "information")
  full <- full_model(fit, against, rhs, parent.frame())
  score_result(full, information, vcov, ...)
}

# -> list(fit, the full model at the restricted estimates; rows, what is zero
#    of its step: restrictions of the free coefficients; texts)
full_model <- function(fit, against, rhs, frame) {
  if (is.null(against)) {
    return(if (is.null(fit$parameters$constraints)) without_fixed(fit) else
      without_own_constraints(fit))
  }
  if (inherits(against, "mle_fit")) {
    return(full_of_fit(fit, against))
  }
  changes <- if (inherits(against, "formula")) list(against) else against
  if (is.list(changes) && all(vapply(changes, is_change, NA, fit))) {
    return(full_of_changes(fit, changes, frame))
  }
  full_of_restrictions(fit, read_restrictions(against, fit, frame, rhs,
                                              "against"))
}

# A change of the model, not a restriction: it has a dot or two sides.
is_change <- function(change, fit) {
  inherits(change, "formula") && !is.null(fit$model) &&
    (length(change) == 3L || "." %in% all.vars(change))
}

full_of_restrictions <- function(fit, read) {
  restricted <- restricted_model(fit, read)
  theta <- unname(parameters_theta(
    parameters_at(fit$parameters, fit_arguments(restricted))
  ))
  if (is.null(restricted$multipliers)) {
    restricted <- fit_at(fit, theta)
  }
  read <- restrictions_at(read, fit, all_parameters(restricted))
  list(fit = restricted, rows = read$slopes, texts = read$texts)
}

without_own_constraints <- function(fit) {
  own <- need_constraints(fit)
  free <- without_constraints(fit)
  weights <- do.call(rbind, lapply(own$forms, `[[`, "weights"))
  list(fit = fit_at(free, parameters_theta(free$parameters)),
       rows = weights[, free$parameters$free, drop = FALSE], texts = own$texts)
}

# The parameters that the argument `fixed` gave are free.
without_fixed <- function(fit) {
  parameters <- fit$parameters
  was_fixed <- !parameters$free
  for (shape in parameters$shapes) {
    if (is.null(shape$type) || shape$type$dimension > 0L) {
      parameters$free[shape$positions] <- TRUE
      parameters$working$free[shape$working] <- TRUE
    }
  }
  freed <- was_fixed & parameters$free
  if (!any(freed)) {
    admle_abort("argument", paste(
      "`against` is missing, and the fit has no constraints and no `fixed`",
      "parameters of its own."
    ), argument = "against")
  }
  ends <- at_range_ends(parameters$start[freed], list(
    coefficients = parameters$start[parameters$free], parameters = parameters
  ))
  if (length(ends)) {
    admle_abort("unsupported", sprintf(paste(
      "`fixed` holds %s at the end of its range, where there is no score test.",
      "`lr_test(boundary = TRUE)` compares the two fits."
    ), enumerate(ends)), argument = "fit")
  }
  parameters <- parameters_at(parameters, fit_arguments(fit))
  full <- with_parameters(fit, parameters)
  rows <- diag(length(parameters$names))[freed, parameters$free, drop = FALSE]
  list(fit = fit_at(full, parameters_theta(parameters)), rows = rows,
       texts = paste(parameters$names[freed], "=",
                     vapply(parameters$start[freed], format, "")))
}

full_of_fit <- function(small, large) {
  check_same_data(small, large)
  if (large$rank <= small$rank) {
    admle_abort("argument", sprintf(paste(
      "`against` has %s and `fit` has %s: it must be the larger model."
    ), counted(large$rank, "parameter"), small$rank), argument = "against")
  }
  if (!same_density(small, large)) {
    admle_abort("unsupported", paste(
      "The score test needs to know where the restricted estimates are in the",
      "full model. It does for models of the same density given as formulas,",
      "and for a fit with `fixed` or `constraints`, where `against` is missing."
    ), argument = "against")
  }
  full_at_restricted(small, large)
}

# The full model is set up as update() would, but not fitted.
full_of_changes <- function(fit, changes, frame) {
  control <- fit$control
  control$only_set_up <- TRUE
  full <- fit
  for (change in changes) {
    full <- eval(as.call(list(update.mle_fit, full, change, control = control)),
                 frame)
  }
  check_same_data(fit, full)
  if (length(full$parameters$names) <= length(fit$parameters$names)) {
    admle_abort("argument", sprintf(
      "`against` adds nothing to the model: %s.",
      enumerate(vapply(changes, deparse1, ""))
    ), argument = "against")
  }
  full_at_restricted(fit, full)
}

full_at_restricted <- function(small, large) {
  carried <- carried_estimates(small, large)
  large$control$only_set_up <- NULL
  parameters <- parameters_at(large$parameters, carried$values)
  full <- fit_at(with_parameters(large, parameters),
                 parameters_theta(parameters))
  # Directions in which the smaller model can move; the others are tested.
  moves <- carried$map[, small$parameters$free, drop = FALSE]
  if (!is.null(small$jacobian)) moves <- moves %*% full_jacobian(small)
  moves <- moves[full$parameters$free, , drop = FALSE]
  units <- unit_size(t(moves))
  moves <- sweep(moves / units, 2L, unit_size(moves / units), "/")
  split <- qr(moves)
  rest <- qr.Q(split, complete = TRUE)[, -seq_len(split$rank), drop = FALSE]
  list(fit = full, rows = t(rest / units),
       texts = models_text(list(small, full)))
}

score_result <- function(full, information, vcov, ...) {
  fit <- full$fit
  rows <- independent_rows(full$rows, fit)
  wanted <- score_covariance(fit, vcov, ...)
  kind <- score_kind(wanted, information)
  inverse <- inverse_at_restriction(fit, kind)
  jacobian <- full_jacobian(fit)
  step <- drop(jacobian %*% (inverse %*% fit$gradient))
  made <- if (kind == "robust") covariance_made(fit, wanted, adjust = FALSE)
  covariance <- if (is.null(made)) jacobian %*% inverse %*% t(jacobian) else
    made$matrix
  statistic <- quadratic_form(drop(rows %*% step),
                              rows %*% covariance %*% t(rows))
  if (is.null(statistic)) abort_singular_test("score", fit)
  new_test(c(LM = statistic), c(df = nrow(rows)),
           score_method(kind, made, fit), full$texts, score = fit$gradient)
}

# Made anew at the restricted estimates, so not a matrix.
score_covariance <- function(fit, vcov, ...) {
  wanted <- covariance_wanted(vcov, ..., own = fit$covariance)
  if (is.matrix(wanted)) {
    admle_abort("argument", paste(
      "`vcov` of a score test cannot be a matrix: it is a covariance at the",
      "restricted estimates. Give a type, a formula or a function."
    ), argument = "vcov")
  }
  if (!inherits(wanted, "vcov_spec")) {
    return(wanted)
  }
  # Its factor counts the parameters of a fit, which there is none of.
  unadjusted <- covariance_of(wanted)$adjusts
  if (!is.null(unadjusted)) wanted$type <- unadjusted
  if (is_resampled(wanted)) {
    admle_abort("unsupported", paste(
      "A score test is made at the restricted estimates, where there is no",
      "bootstrap or jackknife of the full model."
    ), argument = "vcov")
  }
  wanted
}

# A kind of information, or "robust" for any other covariance.
score_kind <- function(wanted, information) {
  kind <- if (inherits(wanted, "vcov_spec")) {
    names(covariance_of(wanted)$information)
  }
  if (is.null(kind)) "robust" else
    if (kind == "observed") information else kind
}

inverse_at_restriction <- function(fit, kind) {
  analysis <- fit$information
  if (analysis$status != "definite" && kind %in% c("observed", "robust")) {
    admle_abort("unsupported", paste(
      "The score test needs the information of the full model at the",
      "restricted estimates, which is not positive definite. Another is always",
      "so, if the full model is identified: `information = \"expected\"` or",
      "\"opg\"."
    ))
  }
  # The other two do not ask what the Hessian identifies.
  analysis["identified"] <- list(NULL)
  type <- type_of_information(if (kind == "robust") "observed" else kind)
  theta_covariance(fit, vcov_spec(type$name), analysis)$matrix
}

score_method <- function(kind, made, fit) {
  if (kind == "robust") {
    return(covariance_named("Robust score (Lagrange multiplier) test", made,
                            fit))
  }
  paste0("Score (Lagrange multiplier) test, ",
         type_of_information(kind)$information,
         if (!is.null(fit$first_steps)) "; the first step is taken as known")
}

# As many restrictions as are independent within what the model can move.
independent_rows <- function(rows, fit) {
  by_theta <- if (is.null(fit$jacobian)) rows else rows %*% full_jacobian(fit)
  split <- qr(t(by_theta / unit_size(t(by_theta))))
  rows[sort(split$pivot[seq_len(split$rank)]), , drop = FALSE]
}
