# Adjusted scores of the families, from expected quantities. An observation has
# the mean mu = g(x'b) and, in some families, a second parameter psi = f(z'c),
# whose information is orthogonal to that of the mean. With
#    w(mu, psi)   the inverse of the variance, w_psi its derivative,
#    i(psi)       the information about psi, k3 = E l_ppp, k12 = E l_p l_pp,
#    h, r         leverages: x' I^-1 x for the mean, z' I^-1 z for psi,
# the adjustments A = -1/2 tr I^-1 (k_rst + 2 k_r,st) of Cox and Snell (1968,
# equation 20) are, summed over the observations,
#    b:  x  1/2 h w g' g''
#    c:  z  (r (-1/2 k3 - k12) f'^3 + 1/2 r i f' f'' - 1/2 h w_psi g'^2 f').
# Kosmidis and Firth (2009), Biometrika 96, section 4, have the first.

# Per family: w, its derivatives, and of the second parameter information,
# its derivative, k3 and k12, for one unit of precision or size.
family_moments <- list(
  binomial = list(
    w = function(mu, psi) 1 / (mu * (1 - mu)),
    w_mu = function(mu, psi) (2 * mu - 1) / (mu * (1 - mu))^2
  ),
  poisson = list(w = function(mu, psi) 1 / mu,
                 w_mu = function(mu, psi) -1 / mu^2),
  gaussian = list(
    w = function(mu, psi) 1 / psi^2, w_mu = function(mu, psi) 0,
    w_psi = function(mu, psi) -2 / psi^3,
    i = function(psi) 2 / psi^2, i_psi = function(psi) -4 / psi^3,
    k3 = function(psi) 10 / psi^3, k12 = function(psi) -6 / psi^3
  ),
  Gamma = list(
    w = function(mu, psi) psi / mu^2,
    w_mu = function(mu, psi) -2 * psi / mu^3,
    w_psi = function(mu, psi) 1 / mu^2,
    i = function(psi) trigamma(psi) - 1 / psi,
    i_psi = function(psi) psigamma(psi, 2) + 1 / psi^2,
    k3 = function(psi) -psigamma(psi, 2) - 1 / psi^2, k12 = function(psi) 0
  ),
  inverse.gaussian = list(
    w = function(mu, psi) psi / mu^3,
    w_mu = function(mu, psi) -3 * psi / mu^4,
    w_psi = function(mu, psi) 1 / mu^3,
    i = function(psi) 1 / (2 * psi^2), i_psi = function(psi) -1 / psi^3,
    k3 = function(psi) 1 / psi^3, k12 = function(psi) 0
  )
)

expected_problem <- function(natural, jeffreys = FALSE) {
  objective <- natural$objective
  terms <- function(nu) expected_terms(natural, nu)
  problem <- list(
    basis = "expected",
    score = function(nu) objective_gradient(objective, nu),
    information = function(nu) terms(nu)$information,
    adjustment = function(nu) {
      if (!natural$inside(nu)) {
        return(rep(NaN, length(nu)))
      }
      expected_adjustment(terms(nu), jeffreys)
    },
    inside = natural$inside
  )
  if (jeffreys) {
    problem$value <- function(nu) {
      half <- if (natural$inside(nu)) half_log(terms(nu)$information)
      if (is.null(half)) NaN else objective_value(objective, nu) + half
    }
  }
  problem
}

half_log <- function(information) {
  scale <- sqrt(diag(information))
  factor <- tryCatch(chol(information / outer(scale, scale)),
                     error = function(e) NULL)
  if (!is.null(factor)) sum(log(diag(factor))) + sum(log(scale))
}

# At nu, with leverages and the information by nu.
expected_terms <- function(natural, nu) {
  parameters <- natural$fit$parameters
  all <- parameters_flatten(parameters, parameters_expand(parameters, nu))
  inner <- if (!is.null(parameters$linear)) parameters$linear$matrix
  terms <- family_terms(natural$fit, all, inner)
  information <- terms$full
  inverse <- solve_root(information)
  mean <- terms$mean
  second <- terms$second
  mean$leverage <- quadratic_rows(mean, inverse)
  if (!is.null(second)) second$leverage <- quadratic_rows(second, inverse)
  list(mean = mean, second = second, information = information)
}

# At all coefficients: the two predictors with derivatives of the inverse links
# and the families' moments per observation; `full`, the information of the free
# numbers, by which the free coefficients have the derivative `inner`.
family_terms <- function(fit, all, inner) {
  map <- free_map(fit$parameters, inner)
  predictors <- lapply(family_predictors(fit, all), predictor_by, map)
  mean <- predictors[[1L]]
  second <- if (length(predictors) > 1L) predictors[[2L]]
  moments <- family_moments[[fit$model$family$family]]
  env <- environment(fit$fn)
  count <- if (is.null(fit$weights)) 1 else fit$weights
  unit <- count * switch(
    fit$model$family$family,
    binomial = env$size, gaussian = or_one(env$precision), 1
  )
  mean$w <- unit * moments$w(mean$value, second$value)
  mean$w_mu <- unit * moments$w_mu(mean$value, second$value)
  mean$information <- vanishing(mean$w * mean$slope^2)
  full <- matrix(0, ncol(map), ncol(map))
  full[mean$at, mean$at] <- crossprod(mean$matrix,
                                      mean$information * mean$matrix)
  if (!is.null(second)) {
    mean$w_psi <- unit * moments$w_psi(mean$value, second$value)
    for (name in c("i", "i_psi", "k3", "k12")) {
      second[[name]] <- count * moments[[name]](second$value)
    }
    second$information <- second$i * second$slope^2
    full[second$at, second$at] <- full[second$at, second$at] + crossprod(
      second$matrix, second$information * second$matrix
    )
  }
  list(mean = mean, second = second, full = full)
}

# A fitted probability of 0 or 1 has an infinite w, but products with slopes
# that vanish there tend to zero.
vanishing <- function(x) {
  x[is.nan(x) | is.infinite(x)] <- 0
  x
}

or_one <- function(x) if (is.null(x)) 1 else x

solve_root <- function(information) {
  columns <- lapply(seq_len(ncol(information)), function(j) {
    solve_scaled(information, as.numeric(seq_len(ncol(information)) == j))
  })
  do.call(cbind, columns)
}

quadratic_rows <- function(part, inverse) {
  block <- inverse[part$at, part$at, drop = FALSE]
  rowSums((part$matrix %*% block) * part$matrix)
}

# The derivative of all coefficients by the free numbers, `inner` that of the
# free coefficients; NULL is the identity.
free_map <- function(parameters, inner) {
  free <- which(parameters$free)
  if (is.null(inner)) inner <- diag(length(free))
  map <- matrix(0, length(parameters$free), ncol(inner))
  map[free, ] <- inner
  map
}

# A predictor's positions and matrix by the free numbers. (Products with what
# ill-conditioned columns have in these numbers, not with the columns.)
predictor_by <- function(part, map) {
  block <- map[part$at, , drop = FALSE]
  part$at <- which(colSums(block != 0) > 0)
  block <- block[, part$at, drop = FALSE]
  if (!identical(block, diag(ncol(block)))) {
    part$matrix <- part$matrix %*% block
  }
  part
}

# Per parameter of the family: positions of its coefficients, matrix, value,
# and first and second derivative of the inverse link.
family_predictors <- function(fit, all) {
  model <- model_at(fit)
  parts <- lapply(model$components, function(part) {
    at <- fit$parameters$shapes[[coefficient_argument(part)]]$positions
    eta <- drop(part$matrix %*% all[at])
    if (!is.null(part$offset)) eta <- eta + part$offset
    c(list(at = at, matrix = part$matrix), link_slopes(part$link, eta))
  })
  for (name in model$scalars) {
    at <- fit$parameters$shapes[[name]]$positions
    parts <- c(parts, list(list(
      at = at, matrix = matrix(1, model$rows, 1L),
      value = rep(all[[at]], model$rows), slope = 1, bend = 0
    )))
  }
  parts
}

link_slopes <- function(link, eta) {
  inverse <- link_inverse_of(link)
  ones <- rep(1, length(eta))
  along <- function(eta) jvp(inverse)(eta, ones)
  list(value = inverse(eta), slope = along(eta), bend = jvp(along)(eta, ones))
}

# A, or with `jeffreys` the gradient of 1/2 log|I|, by nu.
expected_adjustment <- function(terms, jeffreys) {
  mean <- terms$mean
  second <- terms$second
  out <- numeric(ncol(terms$information))
  by_mean <- vanishing(mean$leverage * mean$w * mean$slope * mean$bend / 2)
  if (jeffreys) {
    by_mean <- 2 * by_mean +
      vanishing(mean$leverage * mean$w_mu * mean$slope^3 / 2)
  }
  out[mean$at] <- crossprod(mean$matrix, by_mean)
  if (!is.null(second)) {
    bend <- second$leverage * second$i * second$slope * second$bend
    shared <- mean$leverage * mean$w_psi * mean$slope^2 * second$slope / 2
    by_second <- if (jeffreys) {
      second$leverage * second$i_psi * second$slope^3 / 2 + bend + shared
    } else {
      bend / 2 - shared -
        second$leverage * (second$k3 / 2 + second$k12) * second$slope^3
    }
    out[second$at] <- out[second$at] + crossprod(second$matrix, by_second)
  }
  out
}

# The root of the adjusted score by Fisher scoring; a step that does not bring
# it nearer to zero, in statistical units, is halved. Where the mean is not
# canonical the adjusted score is the gradient of no function.
adjusted_root <- function(problem, nu, control) {
  limit <- if (is.null(control$iterations)) 200L else control$iterations
  evaluations <- 0L
  look <- function(nu) {
    evaluations <<- evaluations + 1L
    adjusted <- problem$score(nu) + problem$adjustment(nu)
    information <- problem$information(nu)
    step <- if (all(is.finite(adjusted)) && all(is.finite(information)))
      solve_scaled(information, adjusted)
    list(nu = nu, adjusted = adjusted, step = step,
         decrement = if (is.null(step)) Inf else sum(step * adjusted))
  }
  here <- look(nu)
  if (!is.finite(here$decrement)) abort_adjusted_start()
  iterations <- 0L
  outcome <- "iteration_limit"
  path <- numeric()
  while (iterations < limit) {
    if (here$decrement <= control$decrement_tolerance) {
      outcome <- "decrement"
      break
    }
    iterations <- iterations + 1L
    there <- shortened(here, look, problem$inside)
    if (is.null(there)) {
      # Rounding is all that is left of the adjusted score, or the search fails.
      outcome <- if (here$decrement < 1e-12) "rounding" else "no_progress"
      break
    }
    here <- there
    path <- c(path, here$decrement)
  }
  root_solution(here, outcome, iterations, evaluations, path)
}

shortened <- function(here, look, inside) {
  for (fraction in 2^-(0:15)) {
    nu <- here$nu + fraction * here$step
    if (!inside(nu)) next
    there <- look(nu)
    if (isTRUE(there$decrement < here$decrement)) {
      return(there)
    }
  }
  NULL
}

abort_adjusted_start <- function() {
  admle_abort("unsupported", paste(
    "`bias` needs a finite adjusted score and a positive definite expected",
    "information where the search starts. Give other starting values."
  ), argument = "bias")
}

root_solution <- function(here, outcome, iterations, evaluations, path) {
  list(
    par = here$nu, converged = outcome %in% c("decrement", "rounding"),
    outcome = outcome, message = switch(
      outcome,
      decrement = sprintf("the decrement of the adjusted score is %.2g",
                          here$decrement),
      rounding = "rounding errors hide further progress",
      no_progress = "no step brings the adjusted score nearer to zero",
      "the iteration limit was reached"
    ),
    method = "scoring", iterations = iterations,
    evaluations = c(value = 0L, gradient = evaluations, hessian = 0L),
    decrement = here$decrement,
    scaled_gradient = max(abs(here$adjusted) * pmax(abs(here$nu), 1)),
    path = data.frame(iteration = seq_along(path), decrement = path)
  )
}
