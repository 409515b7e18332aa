# Adjusted scores of any likelihood from observed quantities: the information
# j = -H, and for vectors v the contractions d^3 l [v, v, .] and
# sum_i (v's_i) H_i v, both exact. With j^-1 = sum_m v_m v_m':
#
#    gradient of  1/2 log|j|         -1/2 sum_m d^3 l [v_m, v_m, .]
#    gradient of -1/2 tr(j^-1 e)     -sum_m sum_i (v_m's_i) H_i v_m
#                                    -1/2 sum_m d^3 l [q_m, q_m, .],
#
# where e = sum_i s_i s_i' and j^-1 e j^-1 = sum_m q_m q_m'. The first is Firth
# (1993), Biometrika 80, section 3; the second Kosmidis and Lunardon (2024),
# JRSS B 86, equations (8) and (12).

jeffreys_problem <- function(natural) {
  penalised_problem(
    natural,
    penalty = function(at, nu) at$half_log_determinant,
    adjustment = function(at, nu) {
      -rowSums(natural$objective$third(nu, at$root)) / 2
    }
  )
}

empirical_problem <- function(natural) {
  objective <- natural$objective
  # One row per contribution: v'j^-1 s_i for each unit vector v.
  influences <- function(at, nu) {
    objective_scores(objective, nu) %*% tcrossprod(at$root)
  }
  penalised_problem(
    natural,
    penalty = function(at, nu) {
      -sum((objective_scores(objective, nu) %*% at$root)^2) / 2
    },
    adjustment = function(at, nu) {
      middle <- crossprod(influences(at, nu))
      directions <- symmetric_root(middle, at$scale)
      -rowSums(objective$score_hessian(nu, at$root)) -
        rowSums(objective$third(nu, directions)) / 2
    }
  )
}

# `penalty` and `adjustment` are functions of the information at nu and of nu.
# Where the information is not positive definite there is no value.
penalised_problem <- function(natural, penalty, adjustment) {
  objective <- natural$objective
  last <- NULL
  at <- function(nu) {
    if (!identical(last$nu, nu)) {
      last <<- c(list(nu = nu), factored_information(natural, nu))
    }
    last
  }
  list(
    value = function(nu) {
      here <- at(nu)
      if (is.null(here$root)) {
        return(NaN)
      }
      objective_value(objective, nu) + penalty(here, nu)
    },
    score = function(nu) objective_gradient(objective, nu),
    adjustment = function(nu) {
      here <- at(nu)
      if (is.null(here$root)) rep(NaN, length(nu)) else adjustment(here, nu)
    },
    information = function(nu) -objective_hessian(objective, nu)
  )
}

# -> root, with root root' = j^-1; scale, the square roots of its diagonal;
# half_log_determinant of j. Nothing where j is not positive definite or
# nu is outside of a declared range.
factored_information <- function(natural, nu) {
  if (!natural$inside(nu)) {
    return(NULL)
  }
  information <- -objective_hessian(natural$objective, nu)
  if (isTRUE(attr(information, "differenced"))) abort_third()
  if (!all(is.finite(information)) || any(diag(information) <= 0)) {
    return(NULL)
  }
  scale <- sqrt(diag(information))
  factor <- tryCatch(chol(information / outer(scale, scale)),
                     error = function(e) NULL)
  if (is.null(factor)) {
    return(NULL)
  }
  list(
    root = backsolve(factor, diag(length(scale))) / scale, scale = scale,
    half_log_determinant = sum(log(diag(factor))) + sum(log(scale))
  )
}

# Vectors q_m with sum q_m q_m' = `middle`, an inverse information in units of
# 1 / scale.
symmetric_root <- function(middle, scale) {
  split <- eigen(middle * outer(scale, scale), symmetric = TRUE)
  kept <- split$values > 0
  vectors <- split$vectors[, kept, drop = FALSE]
  sweep(vectors, 2L, sqrt(split$values[kept]), "*") / scale
}

abort_third <- function() {
  admle_abort("unsupported", paste(
    "`bias` needs third derivatives, but a function of with_derivative() in",
    "the likelihood has no rule for them."
  ), argument = "bias")
}

# The maximum of the penalised likelihood. The derivatives of the adjustment,
# fourth derivatives of the log-likelihood, are differences: they decide how
# fast the search is, not where it ends.
maximise_penalised <- function(problem, natural, control) {
  gradient <- function(nu) problem$score(nu) + problem$adjustment(nu)
  hessian <- function(nu) {
    information <- problem$information(nu)
    step <- 1e-3 / sqrt(pmax(abs(diag(information)), .Machine$double.xmin))
    change <- vapply(seq_along(nu), function(i) {
      slope(problem$adjustment, nu, i, step[[i]])
    }, nu)
    dim(change) <- dim(information)
    change[!is.finite(change)] <- 0
    (change + t(change)) / 2 - information
  }
  if (!is.finite(problem$value(natural$start))) {
    admle_abort("unsupported", paste(
      "`bias` needs an information that is positive definite where the search",
      "starts, which it is not. Give other starting values."
    ), argument = "bias")
  }
  if (control$method %in% c("auto", "bhhh")) control$method <- "newton"
  found <- solve_callbacks(
    list(value = problem$value, gradient = gradient, hessian = hessian),
    natural$start, control
  )
  found$penalised <- found$value
  found
}

# A variable that the log-likelihood uses linearly in the parameters, so that
# the information does not depend on it: the response of an exponential family
# in its canonical parameters. NULL where there is none.
canonical_response <- function(natural) {
  fit <- natural$fit
  objective <- natural$objective
  rows <- if (is.null(fit$subset)) objective$n else data_rows(fit$data)
  for (candidate in response_candidates(fit, c(rows, objective$n))) {
    other <- tryCatch(
      fit_objective(with_variable(fit, candidate$name, candidate$value)),
      error = function(e) NULL
    )
    if (!is.null(other) && differs_in_score_alone(natural, other)) {
      return(candidate$label)
    }
  }
  NULL
}

# Variables that the function names and columns of lists, as in d$y, of one of
# these lengths -> list(label, name, value) with other values of them.
response_candidates <- function(fit, lengths) {
  used <- setdiff(names_in(fit$fn), fit$parameters$arguments)
  candidates <- lapply(used, function(name) {
    value <- used_variable(name, fit)
    if (!is.list(value)) {
      changed <- if (NROW(value) %in% lengths) exchanged(value)
      return(list(list(label = name, name = name, value = changed)))
    }
    lapply(intersect(names(value), used), function(column) {
      changed <- if (NROW(value[[column]]) %in% lengths)
        exchanged(value[[column]])
      list(label = paste0(name, "$", column), name = name,
           value = if (!is.null(changed)) replace(value, column, list(changed)))
    })
  })
  Filter(function(candidate) !is.null(candidate$value),
         unlist(candidates, FALSE))
}

used_variable <- function(name, fit) {
  column <- if (is.null(fit$model)) fit$data[[name]]
  if (!is.null(column)) {
    return(column)
  }
  own <- find_variable(name, environment(fit$fn))
  if (is.null(own)) {
    # A data frame of a package.
    get0(name, envir = environment(fit$fn), mode = "list")
  } else {
    own$value
  }
}

# Other values that a response could have had: the first observation's for all,
# which no reordering makes of the old ones. NULL where there are none.
exchanged <- function(value) {
  if (!is.atomic(value) || !is.null(dim(value)) || anyNA(value)) {
    return(NULL)
  }
  if (any(value != value[[1L]])) {
    return(rep(value[1L], length(value)))
  }
  if (is.logical(value)) {
    return(!value)
  }
  if (is.numeric(value) && !is.object(value) && value[[1L]] %in% 0:1) 1 - value
}

with_variable <- function(fit, name, value) {
  fit$objective <- new.env(parent = emptyenv())
  fit$control$check <- FALSE
  if (is.null(fit$model) && !is.null(fit$data[[name]])) {
    fit$data[[name]] <- value
  } else {
    environment(fit$fn) <- list2env(stats::setNames(list(value), name),
                                    parent = environment(fit$fn))
  }
  fit
}

differs_in_score_alone <- function(natural, other) {
  start <- natural$start
  # Two points, so that a Hessian which is the same at one by chance is seen.
  same <- vapply(c(0, 0.01), function(step) {
    at <- start + step * (abs(start) + 0.1)
    own <- objective_hessian(natural$objective, at)
    size <- root_diagonal(own)
    change <- abs(objective_hessian(other, at) - own) / outer(size, size)
    isTRUE(max(change) < 1e-9)
  }, NA)
  slopes <- objective_gradient(other, start) -
    objective_gradient(natural$objective, start)
  size <- root_diagonal(objective_hessian(natural$objective, start))
  all(same) && isTRUE(any(abs(slopes) / size > 1e-6))
}

# The units of the parameters in which a symmetric matrix has a unit diagonal.
root_diagonal <- function(matrix) {
  size <- sqrt(abs(diag(matrix)))
  size[!(size > 0)] <- 1
  size
}
