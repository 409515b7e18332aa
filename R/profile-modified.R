# Modified profile log-likelihoods. The nuisance parameters are the coordinates
# of theta other than the pivot, on which the scalar of interest depends most;
# the pivot follows from them and u. Moving one nuisance parameter with u held
# is then a column of tangent_basis(), and scores and information in the
# nuisance parameters are those of theta on that basis. Which coordinates they
# are does not matter: another choice adds a constant (Severini 2000, Likelihood
# Methods in Statistics, section 9.5).

modified_kinds <- c("severini", "cox-reid")

check_modified <- function(modified, fit) {
  if (identical(modified, FALSE)) {
    return(FALSE)
  }
  if (isTRUE(modified)) modified <- "severini"
  modified <- match_choice(modified, modified_kinds, "modified")
  if (modified == "severini" && is.na(fit$n)) abort_total()
  modified
}

# -> function(u, near): list(value, point), value the modified log-likelihood
modified_likelihood <- function(problem, kind) {
  if (problem$irregular) {
    admle_abort("unsupported", paste(
      "The modified profile likelihood needs an estimate inside of the",
      "parameter space, with a negative definite Hessian."
    ))
  }
  pivot <- which.max(abs(problem$point$slope))
  scores_at <- function(point) {
    scores <- objective_scores(problem$objective, point$theta)
    scores <- sweep(scores[, problem$moving, drop = FALSE], 2L, problem$scale,
                    "/")
    scores %*% tangent_basis(point$slope, pivot)
  }
  if (kind == "severini") estimate_scores <- scores_at(problem$point)
  function(u, near) {
    point <- constrained_maximum(problem, near, u)
    if (is.null(point)) {
      return(NULL)
    }
    across <- tangent_basis(point$slope, pivot)
    information <- -crossprod(across, lagrangian_hessian(point) %*% across)
    adjustment <- if (kind == "cox-reid") {
      -log_determinant(information) / 2
    } else {
      covariance <- crossprod(scores_at(point),
                              estimate_scores / problem$weights)
      log_determinant(information) / 2 - log_determinant(covariance)
    }
    list(value = point$value + adjustment, point = point)
  }
}

log_determinant <- function(x) {
  if (length(x) == 0L) {
    return(0)
  }
  found <- determinant(x)
  if (found$sign > 0) as.numeric(found$modulus) else NaN
}

# The maximum and the means to look for levels around it.
# -> list(u, value, at(u)): `at` starts from the nearest point known
modified_maximum <- function(problem, kind) {
  likelihood <- modified_likelihood(problem, kind)
  known <- list(problem$point)
  at <- function(u) {
    distance <- vapply(known, function(point) abs(point$u - u), 0)
    found <- likelihood(u, known[[which.min(distance)]])
    if (is.null(found) || !is.finite(found$value)) {
      return(NaN)
    }
    known <<- c(known, list(found$point))
    found$value
  }
  theta_at <- function(u) {
    known[[which.min(abs(vapply(known, `[[`, 0, "u") - u))]]$theta
  }
  unit <- problem$error
  if (!is.finite(at(problem$point$u))) abort_unmodified(kind)
  slope <- function(u) {
    h <- 1e-3 * unit
    (8 * (at(u + h) - at(u - h)) - (at(u + 2 * h) - at(u - 2 * h))) / (12 * h)
  }
  centre <- problem$point$u
  rising <- slope(centre)
  far <- centre
  repeat {
    far <- far + sign(rising) * unit / 2
    here <- slope(far)
    if (!is.finite(here) || abs(far - centre) > 50 * unit) {
      abort_unmodified(kind)
    }
    if (here * rising <= 0) break
  }
  u <- stats::uniroot(slope, sort(c(centre, far)), tol = 1e-10 * unit)$root
  list(u = u, value = at(u), at = at, theta_at = theta_at)
}

abort_unmodified <- function(kind) {
  admle_abort("unsupported", paste(
    "The modified profile likelihood has no maximum here.",
    if (kind == "severini") paste(
      "Are there fewer contributions than nuisance parameters, or not",
      "independent ones?"
    )
  ))
}

# Where the modified log-likelihood is `drop` below its maximum, beyond `from`;
# returns what profile_at_level() does, of the point u alone.
modified_at_level <- function(problem, maximum, drop, side, from = maximum$u) {
  gap <- function(u) maximum$value - drop - maximum$at(u)
  far_out <- 1e3 * problem$error + 100 * (1 + abs(maximum$u))
  length <- problem$error / 2
  near <- from
  last <- gap(near)
  for (step in 1:60) {
    far <- near + side * length
    now <- gap(far)
    if (is.nan(now)) {
      length <- length / 8
      next
    }
    if (now >= 0) {
      u <- stats::uniroot(gap, sort(c(near, far)),
                          tol = 1e-11 * problem$error)$root
      return(list(status = "found", point = list(u = u)))
    }
    if (abs(far - maximum$u) > far_out && now - last < -1e-4 * now) {
      return(list(status = "open", point = list(u = far)))
    }
    near <- far
    last <- now
    length <- 2 * length
  }
  list(status = "failed", point = list(u = near))
}

modified_curve <- function(problem, kind, roots) {
  maximum <- modified_maximum(problem, kind)
  walked_curve(
    problem, roots, list(u = maximum$u),
    theta = function(point) maximum$theta_at(point$u),
    at_level = function(near, root, side) {
      modified_at_level(problem, maximum, root^2 / 2, side, near$u)
    }
  )
}
