# Linear equality constraints R b = q between coefficients. They are solved for
# as many coefficients as there are constraints (Gauss-Jordan elimination), and
# the optimiser moves the others: theta = (free coefficients that are left), and
# b = offset + Z theta with R Z = 0. The restricted estimator and its covariance
# matrix Z (Z'(-H)Z)^-1 Z' are exact, whatever Z spans the null space of R
# (Gourieroux and Monfort 1995, Statistics and Econometric Models, 10.3).

# -> parameters with `linear`: text; kept, positions of theta among the free
#    unrestricted numbers; matrix (Z) and offset. `constraints`, the equations
#    as text, `forms`, `asked`, what was given, and `unconstrained`, the
#    parameters as they were
parameters_constrain <- function(parameters, constraints, env) {
  if (length(constraints) == 0L) {
    return(parameters)
  }
  model <- list(parameters = parameters,
                coefficients = parameters$start[parameters$free])
  read <- read_functions(constraints, model, env, name = "constraints")
  curved <- which(!affine_rows(read$fn, model))
  if (length(curved)) {
    abort_constraint(read$texts[[curved[[1L]]]],
                     "is not linear in the coefficients")
  }
  parameters <- parameters_restrict(parameters, affine_forms(read, model),
                                    read$texts)
  parameters$asked <- constraints
  parameters
}

# Affine functions -> forms `sum(weights * coefficients) + constant`.
affine_forms <- function(read, fit) {
  at <- all_parameters(fit)
  weights <- jacobian(read$fn)(at)
  constants <- as.numeric(read$fn(0 * at)) - read$null
  lapply(seq_along(constants), function(i) {
    list(weights = as.numeric(weights[i, ]), constant = constants[[i]],
         text = read$texts[[i]])
  })
}

# The same from forms that are zero.
parameters_restrict <- function(parameters, forms, texts) {
  unconstrained <- parameters
  wanted <- parameters$working$start
  parameters <- parameters_unconditioned(parameters)
  others <- list()
  for (form in forms) {
    if (is_about_declared(form, parameters)) {
      parameters <- fix_by_constraint(parameters, form)
    } else {
      others <- c(others, list(form))
    }
  }
  if (!any(parameters$free)) abort_nothing_left()
  others <- lapply(others, function(form) substitute_fixed(form, parameters))
  solved <- eliminate(others, parameters)
  parameters$linear <- solved_map(solved, parameters)
  parameters$constraints <- texts
  parameters$forms <- forms
  parameters$unconstrained <- unconstrained
  conditioned_start(parameters_conditioned(parameters), wanted)
}

abort_constraint <- function(text, what) {
  admle_abort("argument", sprintf("`constraints`: \"%s\" %s.", text, what),
              argument = "constraints")
}

abort_nothing_left <- function() {
  admle_abort(
    "argument", "`constraints` determine all parameters: nothing is estimated.",
    argument = "constraints"
  )
}

is_about_declared <- function(form, parameters) {
  involved <- which(form$weights != 0 & parameters$free)
  any(vapply(parameters$shapes, function(shape) {
    !is.null(shape$type) && any(involved %in% shape$positions)
  }, NA))
}

# A coefficient with a declared range cannot be tied to others, but be fixed.
fix_by_constraint <- function(parameters, form) {
  involved <- which(form$weights != 0)
  if (length(involved) > 1L) {
    abort_constraint(form$text, paste(
      "ties a coefficient with a declared range to another.",
      "It can only be fixed at a value"
    ))
  }
  fix_coefficient(parameters, parameters$names[involved],
                  -form$constant / form$weights[involved])
}

# -> weights on the free unrestricted numbers, and `value` of their sum.
substitute_fixed <- function(form, parameters) {
  fixed <- !parameters$free
  value <- -form$constant - sum((form$weights * parameters$start)[fixed])
  weights <- numeric(sum(parameters$working$free))
  for (part in parameters_layout(parameters)) {
    free <- parameters$free[part$positions] & form$weights[part$positions] != 0
    weights[part$free[free]] <- form$weights[part$positions[free]]
  }
  list(weights = weights, value = value, text = form$text,
       size = sum(abs(form$weights)) + abs(form$constant))
}

# Gauss-Jordan elimination: rows [R | q] with R an identity in the columns
# `pivots`, the last coefficient where several would do.
eliminate <- function(forms, parameters) {
  columns <- sum(parameters$working$free)
  rows <- matrix(0, 0L, columns + 1L)
  pivots <- integer()
  for (form in forms) {
    row <- c(form$weights, form$value)
    for (k in seq_along(pivots)) {
      row <- row - row[[pivots[[k]]]] * rows[k, ]
    }
    weights <- row[seq_len(columns)]
    largest <- max(abs(weights))
    if (largest <= 1e-10 * form$size) {
      abort_constraint(form$text, if (abs(row[[columns + 1L]]) <=
                                        1e-10 * form$size) {
        "says nothing new. Leave it out"
      } else {
        "contradicts what else is fixed or constrained"
      })
    }
    pivot <- max(which(abs(weights) >= 0.999 * largest))
    row <- row / row[[pivot]]
    row[abs(row) < 1e-14 * max(abs(row))] <- 0
    rows <- rows - rows[, pivot] %o% row
    rows <- rbind(rows, row, deparse.level = 0)
    pivots <- c(pivots, pivot)
  }
  if (length(pivots) == columns) abort_nothing_left()
  list(rows = rows, pivots = pivots)
}

# All free unrestricted numbers from those that are left.
solved_map <- function(solved, parameters) {
  columns <- sum(parameters$working$free)
  if (length(solved$pivots) == 0L) {
    return(NULL)
  }
  kept <- setdiff(seq_len(columns), solved$pivots)
  map <- matrix(0, columns, length(kept))
  map[cbind(kept, seq_along(kept))] <- 1
  map[solved$pivots, ] <- -solved$rows[, kept]
  offset <- numeric(columns)
  offset[solved$pivots] <- solved$rows[, columns + 1L]
  list(kept = kept, matrix = map, offset = offset)
}

# -> list(forms, texts) of the constraints that parameters were made with. Fits
# saved by version 0.1 have the texts alone.
own_constraints <- function(parameters) {
  texts <- parameters$constraints
  if (is.null(texts)) {
    return(NULL)
  }
  if (is.null(parameters$forms)) {
    parameters <- parameters_constrain(parameters$unconstrained, texts,
                                       globalenv())
  }
  list(forms = parameters$forms, texts = parameters$constraints)
}

asked_constraints <- function(parameters) {
  if (is.null(parameters$asked)) parameters$constraints else parameters$asked
}
