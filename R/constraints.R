# Linear equality constraints R b = q between coefficients. They are solved for
# as many coefficients as there are constraints (Gauss-Jordan elimination), and
# the optimiser moves the others: theta = (free coefficients that are left), and
# b = offset + Z theta with R Z = 0. The restricted estimator and its covariance
# matrix Z (Z'(-H)Z)^-1 Z' are exact, whatever Z spans the null space of R
# (Gourieroux and Monfort 1995, Statistics and Econometric Models, 10.3).

# -> parameters with `linear`: text; kept, positions of theta among the free
#    unrestricted numbers; matrix (Z) and offset. `constraints` as given, and
#    `unconstrained`, the parameters as they were
parameters_constrain <- function(parameters, constraints) {
  if (length(constraints) == 0L) {
    return(parameters)
  }
  forms <- lapply(constraints_read(constraints), function(form) {
    constraint_form(form, parameters)
  })
  parameters_restrict(parameters, unlist(forms, FALSE), constraints)
}

# The same from forms `sum(weights * coefficients) + constant = 0`.
parameters_restrict <- function(parameters, forms, constraints) {
  unconstrained <- parameters
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
  parameters$constraints <- constraints
  parameters$unconstrained <- unconstrained
  parameters
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

# Text -> list(text, sides): the expressions that are equal.
constraints_read <- function(constraints) {
  if (!is.character(constraints) || anyNA(constraints)) {
    admle_abort("argument", paste(
      "`constraints` must be text, as in c(\"b1 + b2 = 1\", \"b3 = 0\"),",
      "not", paste0(described(constraints), ".")
    ), argument = "constraints")
  }
  lapply(constraints, function(text) {
    parsed <- tryCatch(parse(text = text, keep.source = FALSE),
                       error = function(e) NULL)
    if (length(parsed) != 1L) {
      abort_constraint(text, paste(
        "is no equation in R's syntax (names that R code cannot use go",
        "between backticks)"
      ))
    }
    sides <- equal_sides(parsed[[1L]])
    if (length(sides) < 2L) abort_constraint(text, "has no equality sign")
    list(text = text, sides = sides)
  })
}

equal_sides <- function(expression) {
  if (is.call(expression) && length(expression) == 3L &&
        as.character(expression[[1L]])[[1L]] %in% c("=", "==")) {
    return(c(equal_sides(expression[[2L]]), equal_sides(expression[[3L]])))
  }
  list(expression)
}

# One equation -> forms `sum(weights * coefficients) + constant = 0`, one less
# than it has sides.
constraint_form <- function(equation, parameters) {
  sides <- lapply(equation$sides, affine_form, equation$text, parameters)
  lapply(seq_along(sides)[-1L], function(k) {
    form <- combine_forms(sides[[k - 1L]], sides[[k]], -1)
    form$text <- equation$text
    form
  })
}

combine_forms <- function(a, b, sign) {
  list(weights = a$weights + sign * b$weights,
       constant = a$constant + sign * b$constant)
}

# An expression as a linear form in the coefficients.
affine_form <- function(expression, text, parameters) {
  none <- numeric(length(parameters$names))
  position <- coefficient_position(expression, parameters)
  if (!is.na(position)) {
    return(list(weights = replace(none, position, 1), constant = 0))
  }
  inner <- function(k) affine_form(expression[[k]], text, parameters)
  if (is.symbol(expression)) {
    abort_constraint(text, sprintf(
      "names no coefficient `%s`. They are %s", as.character(expression),
      enumerate(parameters$names)
    ))
  }
  if (is.numeric(expression) && is.finite(expression)) {
    return(list(weights = none, constant = as.numeric(expression)))
  }
  operator <- if (is.call(expression)) deparse(expression[[1L]])[[1L]] else ""
  arguments <- length(expression) - 1L
  zero <- list(weights = none, constant = 0)
  is_number <- function(form) all(form$weights == 0)
  scaled <- function(form, by) lapply(form, `*`, by)
  if (operator == "(") {
    return(inner(2L))
  }
  if (operator %in% c("+", "-")) {
    first <- if (arguments == 1L) zero else inner(2L)
    return(combine_forms(first, inner(arguments + 1L),
                         if (operator == "-") -1 else 1))
  }
  if (operator == "*") {
    a <- inner(2L)
    b <- inner(3L)
    if (is_number(a)) {
      return(scaled(b, a$constant))
    }
    if (is_number(b)) {
      return(scaled(a, b$constant))
    }
  }
  if (operator == "/") {
    b <- inner(3L)
    if (is_number(b) && b$constant != 0) {
      return(scaled(inner(2L), 1 / b$constant))
    }
  }
  abort_constraint(text, sprintf(
    "is not linear in the coefficients: %s", deparse(expression)[[1L]]
  ))
}

# b2 or beta[2].
coefficient_position <- function(expression, parameters) {
  if (is.symbol(expression)) {
    return(match(as.character(expression), parameters$names))
  }
  if (is.call(expression) && identical(expression[[1L]], quote(`[`))) {
    return(match(deparse(expression)[[1L]], parameters$labels))
  }
  NA_integer_
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
  held <- !parameters$free
  value <- -form$constant - sum((form$weights * parameters$start)[held])
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
