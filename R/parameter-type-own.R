# Parameter types of the user's.

#' A parameter type of your own
#'
#' Makes a function that declares starting values of [mle_fit()], as
#' [positive()] does: the optimiser moves numbers without restrictions, and all
#' results are in terms of the parameter.
#'
#' @param name The name of the type, for messages.
#' @param constrain The function from the unrestricted numbers, a vector, to the
#'   parameter. Plain R code, which is recorded with the likelihood: its
#'   derivatives are exact.
#' @param unconstrain Its inverse.
#' @param check A function of the starting value that returns a text for a value
#'   that cannot be used, what is wrong with it, as in `"is not sorted"`;
#'   otherwise anything else.
#' @param lower,upper The range of the coefficients, numbers or vectors.
#'   Confidence intervals stay within it, see [parameter_types].
#' @param labels A function from the names of the coefficients to those of the
#'   unrestricted numbers, which messages and `theta` use.
#' @param edges On which sides, -1, 1 or both, the unrestricted numbers are
#'   infinite at a boundary of the parameter. An estimate that runs there is a
#'   warning of class `admle_warning_boundary`, with standard errors for the
#'   others; where no edges are known the search does not converge.
#' @param elementwise Whether each unrestricted number stands for one element of
#'   the parameter, so that single elements can be fixed.
#' @return A function of a starting value, like [positive()].
#'
#'   Errors: `admle_error_start` in [mle_fit()] for a starting value that
#'   `check` refuses, or of which `constrain(unconstrain(value))` is another.
#' @seealso [extending], for more examples; [parameter_types]
#' @examples
#' negative <- parameter_type("negative", function(theta) -exp(theta),
#'                            function(value) log(-value), upper = 0,
#'                            edges = -1, elementwise = TRUE)
#' fit <- mle_fit(
#'   function(a, b, sigma) dnorm(mpg, a + b * wt, sigma, log = TRUE),
#'   start = list(a = 30, b = negative(-1), sigma = positive(5)), data = mtcars
#' )
#' confint(fit)
#' @export
parameter_type <- function(name, constrain, unconstrain, check = NULL,
                           lower = -Inf, upper = Inf, labels = NULL,
                           edges = NULL, elementwise = FALSE) {
  check_own_name(name, character(), "parameter type")
  constrain <- as_function(constrain, "constrain")
  unconstrain <- as_function(unconstrain, "unconstrain")
  if (!is.null(check)) check <- as_function(check, "check")
  if (!is.null(labels)) labels <- as_function(labels, "labels")
  check_flag(elementwise, "elementwise")
  if (!all(edges %in% c(-1, 1))) {
    admle_abort("argument", "`edges` must be -1, 1 or both.",
                argument = "edges")
  }
  declare <- function(value, argument) {
    wrong <- if (!is.null(check)) check(value)
    if (is.character(wrong)) {
      abort_range(argument, sprintf("is declared %s(), but it %s", name,
                                    wrong))
    }
    theta <- checked_inverse(value, constrain, unconstrain, argument, name)
    new_type(
      value, unconstrain, own_labels(labels, name, length(theta)), constrain,
      lower = lower, upper = upper, elementwise = elementwise,
      dimension = length(theta),
      edges = unlist(lapply(edges, function(side) {
        edges_of(seq_along(theta), side,
                 if (elementwise) identity else function(i) seq_along(value))
      }), recursive = FALSE)
    )
  }
  function(x) declared_parameter(x, declare)
}

checked_inverse <- function(value, constrain, unconstrain, argument, name) {
  theta <- unconstrain(value)
  back <- if (is.numeric(theta) && all(is.finite(theta))) constrain(theta)
  if (length(back) != length(value) ||
        !isTRUE(all(abs(back - value) <= 1e-8 * (abs(value) + 1)))) {
    abort_range(argument, sprintf(
      "is declared %s(), but constrain(unconstrain(%s)) is not `%s`", name,
      argument, argument
    ))
  }
  theta
}

own_labels <- function(labels, name, count) {
  if (!is.null(labels)) {
    return(labels)
  }
  function(names) {
    if (length(names) == count) sprintf("%s(%s)", name, names) else
      paste0(name, seq_len(count))
  }
}
