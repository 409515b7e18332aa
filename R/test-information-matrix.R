# White's information matrix test. If the model is right, the Hessians and the
# outer products of the scores cancel in expectation: E d = 0 for d = H_i +
# s_i s_i'. The Hessian of each contribution is exact, the derivative of the
# recorded scores, and so are the third derivatives that White's own form of the
# variance needs (White 1982, Econometrica 50, 1-25, theorem 4.1).

#' White's information matrix test
#'
#' Tests whether the two estimates of the information, the Hessian and the outer
#' product of the scores, differ by more than chance, as they do in a wrong
#' model. A rejection says that standard errors from either alone are not right
#' (a sandwich's are, if the estimates still mean something).
#'
#' @param fit A fit by [mle_fit()] whose log-likelihood is a sum of
#'   contributions.
#' @param elements `"all"` distinct elements of the matrix, or the `"diagonal"`
#'   alone. Elements that are combinations of others (and the scores) are left
#'   out.
#' @param form The estimate of the variance:
#' * `"white"`: White's (1982), with exact third derivatives;
#' * `"opg"`: that of Chesher (1983) and Lancaster (1984), which needs none: n
#'   times the uncentred \eqn{R^2} of the regression of ones on scores and
#'   elements.
#' @param simulations How many responses to simulate from the fitted model, to
#'   which it is fitted again, for a p-value from the statistics of these in
#'   place of the chi-squared distribution (Horowitz 1994). For models given as
#'   formulas; those that cannot be fitted are left out and counted in
#'   `method`.
#' @param seed The seed of the simulated responses; the session's random numbers
#'   are left as they are.
#'
#' @details Both are asymptotically chi-squared. In small samples both reject
#' too often, the second much more so. The elements are those of the numbers
#' that the optimiser moved (`fit$theta`). The second form with all elements
#' does not depend on the parametrisation; the others do in small samples.
#' Weights are taken for frequencies. It is an error if there are no more
#' observations than elements: the statistic would be their number.
#'
#' @return An object of class `"htest"`: `statistic`, `parameter` (degrees of
#'   freedom), `p.value`, and `indicators`, the average elements.
#' @references White (1982), Maximum likelihood estimation of misspecified
#'   models, *Econometrica* 50, 1-25.
#'
#'   Chesher (1983), The information matrix test: simplified calculation via a
#'   score test interpretation, *Economics Letters* 13, 45-48; Lancaster (1984),
#'   The covariance matrix of the information matrix test, *Econometrica* 52,
#'   1051-1053.
#'
#'   Horowitz (1994), Bootstrap-based critical values for the information matrix
#'   test, *Journal of Econometrics* 61, 395-411.
#' @examples
#' information_matrix_test(mle_fit(dist ~ speed, data = cars))
#' information_matrix_test(mle_fit(count ~ spray, data = InsectSprays,
#'                                 family = poisson), form = "opg")
#' @export
information_matrix_test <- function(fit, elements = c("all", "diagonal"),
                                    form = c("white", "opg"),
                                    simulations = 0, seed = 1) {
  check_fit(fit)
  elements <- match_choice(elements, c("all", "diagonal"), "elements")
  form <- match_choice(form, c("white", "opg"), "form")
  simulations <- check_count(simulations, "simulations", least = 0)
  warn_not_maximum(fit)
  warn_first_step(fit)
  found <- information_statistic(fit, elements, form)
  simulated <- if (simulations > 0) {
    simulated_statistics(fit, elements, form, simulations, seed)
  }
  used <- simulated[!is.na(simulated)]
  method <- sprintf(
    "White's information matrix test, %s, %s%s",
    if (elements == "all") "all elements" else "diagonal elements",
    switch(form, opg = "outer products of scores (Chesher-Lancaster)",
           white = "exact third derivatives"),
    if (simulations > 0) {
      sprintf("; p-value of %s%s", counted(length(used), "simulation"),
              if (length(used) < simulations) {
                sprintf(" (%d more failed)", simulations - length(used))
              } else {
                ""
              })
    } else {
      ""
    }
  )
  new_test(
    stats::setNames(found$statistic, if (form == "opg") "n R^2" else "W"),
    c(df = found$df), method, model_label(fit),
    p = if (simulations > 0) {
      (1 + sum(used >= found$statistic)) / (1 + length(used))
    }, indicators = found$average
  )
}

information_statistic <- function(fit, elements, form) {
  inverse <- inverse_information(definite_information(fit))
  found <- information_indicators(fit, sqrt(diag(inverse)), elements)
  c(switch(form, opg = opg_form(found),
           white = white_form(found, fit, inverse)),
    found["average"])
}

# Of fits to responses that the model simulates; NA where one does not converge.
simulated_statistics <- function(fit, elements, form, simulations, seed) {
  if (is.null(fit$model)) abort_no_model("simulated responses")
  control <- replace(fit$control, "trace", FALSE)
  responses <- simulated_responses(fit, simulations, seed)
  vapply(responses, function(response) {
    objective <- objective_with_response(fit, response)
    again <- fit
    again$objective <- new.env(parent = emptyenv())
    register_objective(again$objective, objective)
    tryCatch({
      found <- objective_maximise(objective, unname(fit$theta), control)
      if (isTRUE(found$converged)) {
        information_statistic(fit_at(again, found$par), elements,
                              form)$statistic
      } else {
        NA_real_
      }
    }, admle_error = function(e) NA_real_)
  }, 1)
}

# The most numbers that the Hessians of all contributions may have.
most_hessian_numbers <- 2e8

# Scores and elements of each observation in units of the standard errors, both
# times the root of the weight.
# -> list(scores, indicators, root, pairs, units, average, derived)
information_indicators <- function(fit, units, elements) {
  derived <- contribution_hessians(fit)
  k <- length(units)
  pairs <- which(lower.tri(diag(k), diag = TRUE), arr.ind = TRUE)
  if (elements == "diagonal") {
    pairs <- pairs[pairs[, 1L] == pairs[, 2L], , drop = FALSE]
  }
  rows <- derived$rows
  scores <- sweep(derived$scores[rows, , drop = FALSE], 2L, units, "*")
  indicators <- vapply(seq_len(nrow(pairs)), function(p) {
    a <- pairs[p, 1L]
    b <- pairs[p, 2L]
    derived$hessians[rows, a, b] * units[[a]] * units[[b]] +
      scores[, a] * scores[, b]
  }, numeric(length(rows)))
  root <- sqrt(derived$weights)
  labels <- names(fit$theta)
  names <- ifelse(pairs[, 1L] == pairs[, 2L], labels[pairs[, 1L]],
                  paste0(labels[pairs[, 2L]], ":", labels[pairs[, 1L]]))
  average <- colSums(indicators * root^2) / sum(root^2) /
    (units[pairs[, 1L]] * units[pairs[, 2L]])
  list(scores = scores * root, indicators = indicators * root, root = root,
       pairs = pairs, units = units, average = stats::setNames(average, names),
       derived = derived)
}

# Exact, by differentiating the recorded contributions twice.
# -> list(trace, node (of the Hessians), input, scores, hessians, rows, weights)
contribution_hessians <- function(fit) {
  objective <- fit_objective(fit)
  differenced <- is.null(objective$at_point)
  if (differenced || objective$returns == "total") {
    admle_abort("unsupported", sprintf(paste(
      "The information matrix test needs the second derivatives of each",
      "contribution: %s."
    ), if (differenced) {
      "derivatives = \"numeric\" has none that are exact enough"
    } else {
      "return the vector of contributions instead of their total"
    }))
  }
  k <- length(fit$theta)
  recorded <- objective$at_point(unname(fit$theta))
  sign <- if (fit$negative) -1 else 1
  first <- engine(derive_node(recorded$trace, "jacobian", recorded$output,
                              recorded$input, NULL))
  scores <- sign * node_value(recorded$trace, first)
  n <- length(scores) / k
  if (n * k^2 > most_hessian_numbers) {
    admle_abort("unsupported", sprintf(paste(
      "The Hessians of %s in %s would be %.1f GB. Test a random subset."
    ), counted(n, "contribution"), counted(k, "parameter"), 8e-9 * n * k^2))
  }
  second <- engine(derive_node(recorded$trace, "jacobian", first,
                               recorded$input, NULL))
  rows <- if (is.null(recorded$subset)) seq_len(n) else recorded$subset + 1L
  weights <- if (is.null(recorded$weights)) rep(1, length(rows)) else
    recorded$weights
  list(
    trace = recorded$trace, node = second, input = recorded$input, sign = sign,
    scores = matrix(scores, n, k), rows = rows, weights = weights,
    hessians = array(sign * node_value(recorded$trace, second), c(n, k, k))
  )
}

# The explained sum of squares of ones on scores and indicators.
opg_form <- function(found) {
  both <- cbind(found$scores, found$indicators)
  split <- qr(sweep(both, 2L, unit_size(both), "/"), tol = 1e-7)
  df <- split$rank - qr(found$scores)$rank
  check_some_indicators(df)
  check_not_saturated(split$rank, found)
  list(statistic = sum(qr.fitted(split, found$root)^2), df = df)
}

check_some_indicators <- function(df) {
  if (df < 1L) {
    admle_abort("unsupported", paste(
      "All elements of the information matrix are zero or combinations of the",
      "scores: there is nothing to test."
    ))
  }
}

# The statistic is then the number of observations, whatever they are.
check_not_saturated <- function(rank, found) {
  n <- sum(found$root > 0)
  if (rank >= n) {
    admle_abort("unsupported", sprintf(paste(
      "With %s the variance of the elements of the information matrix cannot",
      "be estimated: there are as many of them. elements = \"diagonal\" has",
      "fewer."
    ), counted(n, "observation")))
  }
}

# n d'V^-1 d with v_i = d_i + (sum of the derivatives of d) (-H)^-1 s_i. Of an
# indicator that is a combination of scores nothing but rounding is left.
white_form <- function(found, fit, inverse) {
  scaled <- inverse / outer(found$units, found$units)
  slopes <- indicator_slopes(found, fit)
  influence <- found$indicators + found$scores %*% scaled %*% t(slopes)
  left <- unit_size(influence) / unit_size(found$indicators) > 1e-6
  check_some_indicators(sum(left))
  influence <- influence[, left, drop = FALSE]
  units <- unit_size(influence)
  split <- qr(sweep(influence, 2L, units, "/"), tol = 1e-7)
  check_not_saturated(split$rank, found)
  kept <- split$pivot[seq_len(split$rank)]
  total <- colSums(found$indicators[, left, drop = FALSE] * found$root) / units
  half <- backsolve(qr.R(split)[seq_along(kept), seq_along(kept), drop = FALSE],
                    total[kept], transpose = TRUE)
  list(statistic = sum(half^2), df = split$rank)
}

# The derivatives of the sums of the indicators: a row for each of them.
indicator_slopes <- function(found, fit) {
  derived <- found$derived
  units <- found$units
  n <- nrow(derived$scores)
  k <- length(units)
  weight <- numeric(n)
  counted <- tapply(derived$weights, derived$rows, sum)
  weight[as.integer(names(counted))] <- counted
  weighted <- derived$scores * weight
  t(apply(found$pairs, 1L, function(pair) {
    a <- pair[[1L]]
    b <- pair[[2L]]
    chosen <- array(0, c(n, k, k))
    chosen[, a, b] <- weight
    third <- derived$sign * node_value(derived$trace, engine(derive_node(
      derived$trace, "vjp", derived$node, derived$input, as.numeric(chosen)
    )))
    products <- crossprod(weighted[, a], derived$hessians[, b, ]) +
      crossprod(weighted[, b], derived$hessians[, a, ])
    (third + drop(products)) * units * units[[a]] * units[[b]]
  }))
}
