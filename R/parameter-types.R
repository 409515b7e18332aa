# Declared parameter types. The optimiser sees a vector without restrictions,
# the user's function and every result the parameter itself. A type is all that
# is known about the way between them, and no other file knows one by name; see
# new_type().
#
# The maps are those of the Stan Reference Manual (chapter Constraint
# Transforms): logarithm, scaled logit, stick breaking, cumulative exponentials,
# canonical partial correlations (Lewandowski, Kurowicka and Joe 2009, Journal
# of Multivariate Analysis 100, 1989-2001), and the log-Cholesky factor
# (Pinheiro and Bates 1996, Statistics and Computing 6, 289-296).

#' Declare the range of a parameter
#'
#' Marks a starting value in [mle_fit()]: the optimiser works on a scale without
#' restrictions, while the log-likelihood function and all results are in terms
#' of the parameter itself.
#'
#' * `positive(x)`: numbers above zero;
#' * `bounded(x, lower, upper)`: numbers between two limits, of which one may be
#'   infinite; the limits may differ between elements;
#' * `simplex(x)`: probabilities or shares, positive and with sum one;
#' * `increasing(x)`: a vector whose elements increase strictly, like the
#'   thresholds of an ordered model;
#' * `correlation(x)`: a correlation matrix;
#' * `covariance(x)`: a positive definite symmetric matrix;
#' * `fixed(x)`: a value that is not estimated, as in the argument `fixed` of
#'   `mle_fit()`.
#'
#' Arguments without a declaration are not restricted.
#'
#' @param x The starting value: a number, vector or matrix. It has to be inside
#'   of the range and not on its boundary.
#' @param lower,upper The limits: numbers, or vectors of the length of `x`.
#' @return An object of class `"declared_parameter"` that `start` takes in place
#'   of the number: `list(value, declare)`.
#'
#' @section Coefficients:
#' They are the elements of the parameter, named as in [mle_fit()]. A simplex
#' has all of its elements as coefficients, one more than is free: their
#' covariance matrix is singular, and `logLik()` counts one parameter less. For
#' the symmetric matrices the coefficients are the lower triangle, without the
#' diagonal of a correlation matrix: `R2_1`, `S1_1`, `S2_1`, `S2_2`.
#'
#' @section Covariance and intervals:
#' The covariance matrix is that of the unrestricted parameters, carried over by
#' the derivative of the transformation (delta method). Confidence intervals
#' are made where the range of the coefficient is the whole line, and
#' mapped back: by the logarithm of the distance to its limit if it has one, by
#' the logit of its position between them if it has two. This holds for every
#' coefficient by its own range: (0, infinity) for `positive()` and variances,
#' (0, 1) for each element of a simplex, (-1, 1) for correlations, where it is
#' Fisher's z. The elements of `increasing()` and covariances have the whole
#' line for range, and plain intervals.
#'
#' @section Boundary:
#' A parameter that runs to the boundary of its range is a warning of class
#' `admle_warning_boundary`: it has no standard error (`NA`), and those of the
#' others are computed as if it were known.
#'
#' @section Sources:
#' Logarithm, scaled logit, stick breaking and cumulative exponentials as in the
#' *Stan Reference Manual*, chapter "Constraint Transforms". Correlations by
#' canonical partial correlations: Lewandowski, Kurowicka and Joe (2009),
#' *Journal of Multivariate Analysis* 100, 1989-2001. Covariances by the
#' Cholesky factor with the logarithm of its diagonal: Pinheiro and Bates
#' (1996), *Statistics and Computing* 6, 289-296.
#' @name parameter_types
#' @examples
#' fit <- mle_fit(
#'   function(mu, sigma) dnorm(speed, mu, sigma, log = TRUE),
#'   start = list(mu = 10, sigma = positive(5)), data = cars
#' )
#' confint(fit) # the interval of sigma is not symmetric
#'
#' # a mixture of two normal distributions
#' fit <- mle_fit(
#'   function(p, mu, sigma) {
#'     log(p[1] * dnorm(eruptions, mu[1], sigma[1]) +
#'           p[2] * dnorm(eruptions, mu[2], sigma[2]))
#'   },
#'   start = list(p = simplex(c(0.5, 0.5)), mu = increasing(c(2, 4)),
#'                sigma = positive(c(1, 1))),
#'   data = faithful
#' )
#' coef(fit)
NULL

#' @rdname parameter_types
#' @export
positive <- function(x) {
  declared_parameter(x, function(value, name) {
    range_type(value, 0, Inf, name, "positive()")
  })
}

#' @rdname parameter_types
#' @export
bounded <- function(x, lower = -Inf, upper = Inf) {
  declared_parameter(x, function(value, name) {
    range_type(value, lower, upper, name, "bounded()")
  })
}

#' @rdname parameter_types
#' @export
simplex <- function(x) declared_parameter(x, simplex_type)

#' @rdname parameter_types
#' @export
increasing <- function(x) declared_parameter(x, increasing_type)

#' @rdname parameter_types
#' @export
correlation <- function(x) declared_parameter(x, correlation_type)

#' @rdname parameter_types
#' @export
covariance <- function(x) declared_parameter(x, covariance_matrix_type)

#' @rdname parameter_types
#' @export
fixed <- function(x) declared_parameter(x, fixed_type)

# What is known about a type, for one parameter with this value:
#    dimension    how many unrestricted numbers stand for the parameter
#    elements     positions in the parameter that are coefficients; NULL: all
#    unconstrain  parameter -> unrestricted numbers
#    constrain    unrestricted numbers -> parameter; plain R code, recorded
#                 with the likelihood, so that its derivatives are exact
#    lower, upper the range of each coefficient; the scale of its confidence
#                 interval follows from it (see `interval_scale()`)
#    labels       coefficient names -> what the unrestricted numbers are called
#    edges        which unrestricted numbers are infinite on the boundary: a
#                 list of `coordinate`, `side` (-1, 1) and the `elements` that
#                 are on the boundary there (positions among the coefficients)
#    elementwise  one number per element, so that single ones can be fixed
new_type <- function(value, unconstrain, labels, constrain = NULL,
                     elements = NULL, lower = -Inf, upper = Inf,
                     edges = list(), elementwise = FALSE,
                     dimension = count) {
  count <- length(if (is.null(elements)) value else elements)
  list(dimension = dimension, elements = elements, unconstrain = unconstrain,
       constrain = constrain, lower = rep_len(as.numeric(lower), count),
       upper = rep_len(as.numeric(upper), count), labels = labels,
       edges = edges, elementwise = elementwise)
}

# An edge at each coordinate, and which elements are on the boundary there.
edges_of <- function(coordinates, side, elements = identity) {
  Map(function(i, side) list(coordinate = i, side = side,
                             elements = elements(i)),
      coordinates, rep_len(side, length(coordinates)))
}

# `declare(value, name)` makes the type; it fails for a value out of range. A
# list, not a number with a class, so that c() cannot quietly lose it.
declared_parameter <- function(x, declare) {
  if (is_declared(x)) x <- x$value
  structure(list(value = x, declare = declare, call = sys.call(-1L)),
            class = "declared_parameter")
}

is_declared <- function(x) inherits(x, "declared_parameter")

#' @export
print.declared_parameter <- function(x, ...) {
  cat("Starting value of a parameter, ", deparse(x$call)[[1L]], ":\n", sep = "")
  print(x$value)
  invisible(x)
}

#' @export
c.declared_parameter <- function(...) abort_in_vector()

abort_in_vector <- function() {
  admle_abort("start", paste(
    "A declared parameter cannot be an element of a vector.",
    "Use list() in place of c()."
  ))
}

abort_range <- function(name, what) {
  admle_abort("start", sprintf("`%s` in `start` %s.", name, what))
}

# Stick breaking: each element is a share of what the ones before it left.
simplex_type <- function(value, name) {
  size <- length(value)
  if (size < 2L || any(value <= 0) || abs(sum(value) - 1) > 1e-8) {
    abort_range(name, paste(
      "is declared simplex(), but it is not two or more positive numbers with",
      "sum one"
    ))
  }
  rest <- seq_len(size)[-1L]
  new_type(
    value, dimension = size - 1L, lower = 0, upper = 1,
    unconstrain = function(value) {
      left <- rev(cumsum(rev(value)))
      log(value[-size]) - log(left[rest])
    },
    constrain = function(theta) {
      exp(c(stats::plogis(theta, log.p = TRUE), 0) +
            c(0, cumsum(stats::plogis(-theta, log.p = TRUE))))
    },
    labels = function(names) {
      before <- c("", sprintf(" | not %s", names[seq_len(size - 2L)]))
      sprintf("logit(%s%s)", names[-size], before[seq_len(size - 1L)])
    },
    edges = c(edges_of(seq_len(size - 1L), -1),
              edges_of(seq_len(size - 1L), 1, function(i) seq(i, size)))
  )
}

increasing_type <- function(value, name) {
  size <- length(value)
  if (any(diff(as.numeric(value)) <= 0)) {
    abort_range(name, "is declared increasing(), but it does not increase")
  }
  rest <- seq_len(size)[-1L]
  new_type(
    value,
    unconstrain = function(value) c(value[1L], log(diff(as.numeric(value)))),
    constrain = function(theta) cumsum(c(theta[1L], exp(theta[rest]))),
    labels = function(names) {
      c(names[1L], sprintf("log(%s - %s)", names[rest], names[rest - 1L]))
    },
    edges = edges_of(rest, -1, function(i) c(i - 1L, i))
  )
}

fixed_type <- function(value, name) {
  new_type(value, dimension = 0L, unconstrain = function(value) numeric(),
           labels = function(names) NULL)
}

check_square <- function(value, name, declared) {
  square <- is.matrix(value) && nrow(value) == ncol(value)
  if (!square || !isSymmetric(unname(value))) {
    abort_range(name, sprintf("is declared %s, but it is no symmetric matrix",
                              declared))
  }
  factor <- tryCatch(chol(value), error = function(e) NULL)
  if (is.null(factor)) {
    abort_range(name, sprintf(
      "is declared %s, but it is not positive definite", declared
    ))
  }
}

# Row i of the Cholesky factor is a unit vector, whose elements are partial
# correlations times what the elements before left.
correlation_type <- function(value, name) {
  check_square(value, name, "correlation()")
  size <- nrow(value)
  if (size < 2L || any(abs(diag(value) - 1) > 1e-8)) {
    abort_range(name, paste(
      "is declared correlation(), but it does not have two or more rows and",
      "ones on its diagonal"
    ))
  }
  below <- which(lower.tri(value))
  where <- arrayInd(below, dim(value))
  new_type(
    value, elements = below, lower = -1, upper = 1,
    unconstrain = function(value) {
      factor <- t(chol(value))
      squares <- t(apply(factor^2, 1L, cumsum))
      left <- sqrt(1 - cbind(0, squares[, -size, drop = FALSE]))
      atanh((factor / left)[below])
    },
    constrain = function(theta) {
      partial <- tanh(theta)
      # sqrt(1 - tanh^2) without cancellation
      rest <- 1 / cosh(theta)
      factor <- diag(size)
      for (k in seq_along(theta)) {
        i <- where[k, 1L]
        factor[i, where[k, 2L]] <- factor[i, i] * partial[k]
        factor[i, i] <- factor[i, i] * rest[k]
      }
      factor %*% t(factor)
    },
    labels = function(names) {
      given <- vapply(where[, 2L] - 1L, function(last) {
        if (last == 0L) "" else
          paste(" |", paste(seq_len(last), collapse = ", "))
      }, "")
      sprintf("atanh(%s%s)", names, given)
    },
    edges = c(edges_of(seq_along(below), -1), edges_of(seq_along(below), 1))
  )
}

covariance_matrix_type <- function(value, name) {
  check_square(value, name, "covariance()")
  size <- nrow(value)
  below <- which(lower.tri(value, diag = TRUE))
  where <- arrayInd(below, dim(value))
  pivot <- which(where[, 1L] == where[, 2L])
  new_type(
    value, elements = below,
    lower = ifelse(seq_along(below) %in% pivot, 0, -Inf),
    unconstrain = function(value) {
      theta <- t(chol(value))[below]
      theta[pivot] <- log(theta[pivot])
      theta
    },
    constrain = function(theta) {
      theta[pivot] <- exp(theta[pivot])
      factor <- matrix(0, size, size)
      factor[below] <- theta
      factor %*% t(factor)
    },
    labels = function(names) {
      labels <- sprintf("cholesky(%s)", names)
      labels[pivot] <- sprintf("log(%s)", labels[pivot])
      labels
    },
    edges = edges_of(pivot, -1, function(at) {
      i <- where[[at, 1L]]
      which(where[, 1L] == i | where[, 2L] == i)
    })
  )
}
