# Derivatives that the user's function computes itself and returns as the
# attributes "gradient" and "hessian" of its value, as nlm() and deriv() have
# it. The recording drops them (traced_setattr()); at the start they are
# compared once with the exact ones, and a difference is told.

# Texts of warnings. `recorded`: by record(), with the attributes of the plain
# value as `stated`; `functions`: gradient(theta) and hessian(theta) of the
# objective, whose sign is turned by `negative`.
stated_derivatives <- function(recorded, parameters, theta, functions,
                               negative) {
  stated <- Filter(is.numeric, recorded$stated)
  if (negative) stated <- lapply(stated, `-`)
  if (length(stated) == 0L || has_hidden_elements(parameters)) {
    return(character())
  }
  c(
    if (!is.null(stated$gradient)) {
      compare_gradient(stated$gradient, parameters, theta, functions$gradient)
    },
    if (!is.null(stated$hessian) && parameters_are_plain(parameters)) {
      compare_hessian(stated$hessian, parameters, functions$hessian(theta))
    }
  )
}

# Of a matrix type not every element is a coefficient.
has_hidden_elements <- function(parameters) {
  any(vapply(parameters$shapes, function(shape) !is.null(shape$elements), NA))
}

# A row for each contribution, or one number for each parameter.
compare_gradient <- function(stated, parameters, theta, gradient) {
  by_row <- is.matrix(stated) && nrow(stated) > 1L
  labels <- if (is.matrix(stated)) colnames(stated) else names(stated)
  stated <- if (by_row) colSums(stated) else as.vector(stated)
  stated <- stated_order(stated, labels, parameters)
  if (is.null(stated)) {
    return(size_warning("gradient", parameters))
  }
  jacobian <- parameters_jacobian(parameters, theta)
  if (!is.null(jacobian)) stated <- drop(crossprod(jacobian, stated))
  exact <- gradient(theta)
  k <- which_differs(stated, exact)
  if (length(k)) difference_warning("gradient", stated[[k]], exact[[k]],
                                    parameters_theta_names(parameters)[[k]])
}

compare_hessian <- function(stated, parameters, exact) {
  names <- parameters_free_names(parameters)
  if (length(dim(stated)) == 3L) stated <- colSums(stated)
  if (length(stated) != length(exact)) {
    return(size_warning("hessian", parameters))
  }
  k <- which_differs(stated, exact)
  if (length(k)) {
    at <- arrayInd(k, dim(exact))
    difference_warning("hessian", stated[[k]], exact[[k]],
                       paste(names[at], collapse = ", "))
  }
}

# The elements of the free coefficients, which names may tell; NULL where the
# numbers of elements do not fit.
stated_order <- function(stated, labels, parameters) {
  if (!is.null(labels) && setequal(labels, parameters$names)) {
    stated <- stated[match(parameters$names, labels)]
  }
  if (length(stated) == length(parameters$names)) {
    return(stated[parameters$free])
  }
  if (length(stated) == sum(parameters$free)) stated
}

# Derivatives by formulas agree to rounding, by differences to about 1e-6.
which_differs <- function(stated, exact) {
  difference <- abs(stated - exact)
  size <- max(abs(exact[is.finite(exact)]), 1e-8)
  bad <- which(is.na(difference) | difference > 1e-5 * size)
  bad[which.max(difference[bad])]
}

difference_warning <- function(what, stated, exact, where) {
  sprintf(paste(
    "The attribute \"%s\" of the function's value differs from the exact",
    "derivative: at the start it has %s for `%s`, where %s is right. The exact",
    "derivatives are used."
  ), what, format(stated), where, format(exact))
}

size_warning <- function(what, parameters) {
  sprintf(paste(
    "The attribute \"%s\" of the function's value is not of the size of %s, so",
    "it is not compared. The exact derivatives are used."
  ), what, counted(length(parameters$names), "parameter"))
}
