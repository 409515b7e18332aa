# Covariance types of the user's.

#' A covariance type of your own
#'
#' Registers a type of covariance matrix for the session: it can then be named
#' wherever admle takes a type, in [mle_fit()], [vcov.mle_fit()], `summary()`,
#' tests and intervals. It is either the middle of a sandwich or a whole matrix.
#'
#' @param name The name of the type.
#' @param meat `function(scores, settings)`: the middle of the sandwich, an
#'   estimate of the variance of the sum of the scores. `scores` is a matrix
#'   with a row for each observation, weighted, and a column for each number
#'   that the optimiser moved and that is not on a boundary; the result is a
#'   symmetric matrix with as many rows and columns. What the fit has declared,
#'   fixed and constrained, and what is not identified, is taken account of.
#' @param covariance `function(fit, settings)`, in place of `meat`: the
#'   covariance matrix of the coefficients, with their names or without.
#' @param settings Names of what can be set. The functions are given a list of
#'   what was set.
#' @param variables Those of `settings` that are variables, with a value for
#'   each observation. They are given as a formula, names of columns or vectors,
#'   looked up in the data as `cluster` is in [vcov.mle_fit()], and reach `meat`
#'   and `covariance` as data frames in the rows in use.
#' @param check A function of the list of settings that stops for those that
#'   cannot be used.
#' @param text What a summary says of the matrix, or a function of the list of
#'   settings that returns it.
#' @return The name, invisibly.
#'
#'   Errors: `admle_error_argument` for a name that admle itself uses or for
#'   arguments that are no functions; when the covariance is made, for a matrix
#'   of another size.
#' @seealso [extending], for more examples; [vcov_spec()]
#' @examples
#' # autocorrelation of the first order only, without weights
#' covariance_type("neighbours", meat = function(scores, settings) {
#'   next_one <- crossprod(scores[-1, ], scores[-nrow(scores), ])
#'   crossprod(scores) + next_one + t(next_one)
#' }, text = "robust to correlation of neighbours")
#' fit <- mle_fit(nhtemp ~ time(nhtemp))
#' summary(fit, vcov = "neighbours")
#' @export
covariance_type <- function(name, meat = NULL, covariance = NULL,
                            settings = character(), variables = character(),
                            check = NULL, text = NULL) {
  ours <- Filter(function(type) !isTRUE(type$own), covariance_types$all)
  taken <- unlist(lapply(ours, `[`, c("name", "synonyms")))
  check_own_name(name, taken, "covariance type")
  if (is.null(meat) == is.null(covariance)) {
    admle_abort("argument", paste(
      "A covariance type needs one of `meat`, for the middle of a sandwich,",
      "and `covariance`, for the whole matrix."
    ), argument = "meat")
  }
  if (is.null(text)) text <- sprintf("of type \"%s\"", name)
  own <- list(
    name = name, own = TRUE, settings = union(settings, variables),
    variables = variables,
    text = function(made) {
      if (is.function(text)) text(set_values(made$spec)) else text
    }
  )
  if (!is.null(check)) own$check <- as_function(check, "check")
  if (is.null(meat)) {
    own$coefficients <- own_coefficients(as_function(covariance, "covariance"))
  } else {
    own$meat <- own_meat(as_function(meat, "meat"), name)
  }
  do.call(register_covariance, own)
  invisible(name)
}

# Settings as the functions of the user's take them.
set_values <- function(spec) {
  settings <- unclass(spec)[setdiff(names(spec), c("type", "df"))]
  lapply(settings, function(value) {
    if (inherits(value, "fit_variables")) {
      as.data.frame(unclass(value), optional = TRUE)
    } else {
      value
    }
  })
}

own_meat <- function(meat, name) {
  force(meat)
  function(scores, spec, fit) {
    colnames(scores) <- names(fit$theta)[interior(fit)]
    made <- meat(scores, set_values(spec))
    if (!is.matrix(made) || !is.numeric(made) ||
          any(dim(made) != ncol(scores))) {
      admle_abort("argument", sprintf(paste(
        "`meat` of covariance type \"%s\" must return a %d x %d matrix, a row",
        "and a column for each column of the scores, not %s."
      ), name, ncol(scores), ncol(scores), if (is.matrix(made)) {
        sprintf("a %d x %d matrix", nrow(made), ncol(made))
      } else {
        described(made)
      }), argument = "meat")
    }
    list(meat = made)
  }
}

own_coefficients <- function(covariance) {
  force(covariance)
  function(fit, spec) {
    made <- covariance(fit, set_values(kept_variables(fit, spec)))
    list(matrix = given_covariance(made, names(fit$coefficients)))
  }
}
