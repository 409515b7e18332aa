# Covariances of some of many coefficients. With columns X of the inverse
# information, those of the coefficients asked for, all that a covariance needs
# of the others is X'M X: the scores enter by their products with X, one number
# for each observation and coefficient.

# The most coefficients of which a whole matrix is made, and numbers of a
# product with scores.
largest_covariance <- 5000L
most_score_numbers <- 2.5e8

# Positions of what `parm` names, in the order of the coefficients.
parm_positions <- function(fit, parm) {
  names <- names(fit$coefficients)
  at <- if (is.character(parm)) match(parm, names) else
    if (is.numeric(parm)) match(parm, seq_along(names)) else NA
  if (length(at) == 0L || anyNA(at)) {
    admle_abort("argument", sprintf(paste(
      "`parm` must be names or numbers of coefficients%s."
    ), if (length(at) && (is.character(parm) || is.numeric(parm))) sprintf(
      ": there is no %s", enumerate(format(parm[is.na(at)]))
    ) else ""), argument = "parm")
  }
  at
}

# Of a function of the coefficients with these slopes (columns): what is needed.
# NULL: all, where a whole covariance matrix is what there is.
needed_coefficients <- function(fit, slopes) {
  if (!is_sparse_hessian(fit$information$scaled)) {
    return(NULL)
  }
  needed <- which(colSums(is.na(slopes) | slopes != 0) > 0)
  if (length(needed)) needed else 1L
}

check_covariance_size <- function(fit) {
  k <- length(fit$coefficients)
  if (k > largest_covariance) {
    admle_abort("unsupported", sprintf(paste(
      "The covariance matrix of all %s would have %.1f GB.",
      "`vcov(fit, parm = )` computes that of some, by names or numbers."
    ), counted(k, "coefficient"), 8e-9 * k^2))
  }
}

# -> list(matrix, facts): of the coefficients at the positions `at`.
covariance_of_few <- function(fit, spec, information, at) {
  type <- covariance_of(spec)
  slopes <- coefficient_slopes(fit, at)
  made <- if (!is.null(type$meat)) {
    meat_of_few(fit, spec, information_solve(information, slopes$columns))
  } else if (!is.null(type$few)) {
    type$few(fit, spec, information, slopes)
  } else {
    admle_abort("unsupported", sprintf(paste(
      "Covariances of type \"%s\" are not made for %s with a sparse Hessian.",
      "Types that are: %s."
    ), spec$type, counted(length(fit$coefficients), "coefficient"),
    enumerate(sparse_types(), "\"")), argument = "vcov")
  }
  lacking <- slopes$lacking(information$involved)
  covariance <- (made$matrix + t(made$matrix)) / 2
  covariance[lacking, ] <- NA
  covariance[, lacking] <- NA
  names <- names(fit$coefficients)[at]
  dimnames(covariance) <- list(names, names)
  made$matrix <- covariance
  made
}

sparse_types <- function() {
  names(Filter(function(type) !is.null(type$meat) || !is.null(type$few),
               covariance_types$all))
}

# The derivative of the coefficients at `at` by theta, as what is done with it:
# its transpose; its product with a matrix; which of the coefficients depend on
# theta at `involved`, or on none that is within its range.
coefficient_slopes <- function(fit, at) {
  within <- interior(fit)
  if (!is.null(fit$jacobian)) {
    slopes <- jacobian_part(fit$jacobian, at, within)
    return(list(
      columns = t(slopes), times = function(x) slopes %*% x,
      lacking = function(involved) {
        rowSums(abs(slopes[, involved, drop = FALSE])) > 0 |
          rowSums(abs(slopes)) == 0
      }
    ))
  }
  place <- match(at, within)
  columns <- matrix(0, length(within), length(at))
  columns[cbind(place, seq_along(at))] <- 1
  list(columns = columns, times = function(x) x[place, , drop = FALSE],
       lacking = function(involved) is.na(place) | involved[place])
}

meat_of_few <- function(fit, spec, columns) {
  numbers <- as.numeric(fit$n) * ncol(columns)
  if (isTRUE(numbers > most_score_numbers)) {
    admle_abort("unsupported", sprintf(paste(
      "This covariance of %s takes a matrix of %.1f GB.",
      "`vcov(fit, parm = )` computes that of some, by names or numbers."
    ), counted(ncol(columns), "coefficient"), 8e-9 * numbers))
  }
  directions <- matrix(0, length(fit$theta), ncol(columns))
  directions[interior(fit), ] <- columns
  influence <- objective_slopes(fit_objective(fit), unname(fit$theta),
                                directions)
  type <- covariance_of(spec)
  made <- type$meat(influence, kept_variables(fit, spec), fit)
  covariance <- made$meat
  if (!isFALSE(spec$fix) && type$indefinite(made)) {
    fixed <- semidefinite(covariance, sqrt(colSums(influence^2)))
    covariance <- fixed$matrix
    made$negative <- fixed$negative
  }
  made$meat <- NULL
  c(list(matrix = covariance), made)
}
