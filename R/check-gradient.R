# A derivative against differences, for users who wonder, and for rules given
# to with_derivative().

#' Check a derivative against differences
#'
#' Compares the exact derivative of a function, or one that is given, with
#' extrapolated central differences of the function, element by element.
#'
#' @param f A function whose value is a number or a numeric vector.
#' @param x The point: the argument `wrt` of `f`, a numeric vector or a list.
#' @param ... Further arguments of `f`.
#' @param wrt Which argument to differentiate with respect to, as in [grad()].
#' @param gradient A function with the arguments of `f` to be checked instead:
#'   its value is the gradient, or the Jacobian of a vector-valued `f`.
#' @return A data frame of class `"gradient_check"` with a row for each
#'   derivative: `element`, `derivative`, `difference`, `error` (absolute, over
#'   the larger of 1 and the derivative's size). Printed, it names the worst
#'   element.
#' @references The differences are extrapolated to step zero as in Ridders
#'   (1982), *Advances in Engineering Software* 4, 75-76.
#' @seealso [grad()], [with_derivative()]
#' @examples
#' check_gradient(function(x) sum(exp(x) * sin(x)), c(a = 1, b = 2))
#' # a mistake in a hand-written gradient
#' check_gradient(function(x) sum(x^3), c(1, 2),
#'   gradient = function(x) 3 * x^2 + c(0, 1e-3))
#' @export
check_gradient <- function(f, x, ..., wrt = 1, gradient = NULL) {
  f <- as_function(f)
  wrt <- which_argument(wrt, argument_names(f))
  parts <- argument_parts(x, wrt)
  others <- list(...)
  evaluate <- function(fn, theta) {
    point <- stats::setNames(list(build_argument(x, parts, theta)), wrt)
    do.call(fn, c(point, others), quote = TRUE)
  }
  theta <- flatten_argument(x)
  value <- evaluate(f, theta)
  given <- if (is.null(gradient)) {
    evaluate(jacobian(f, wrt), theta)
  } else {
    evaluate(as_function(gradient), theta)
  }
  n <- length(value) * length(theta)
  if (is.list(given)) given <- unlist(given, use.names = FALSE)
  if (!is.numeric(given) || length(given) != n) {
    admle_abort("value", sprintf(
      "The gradient has %s instead of %d.",
      counted(length(given), "element"), n
    ))
  }
  difference <- difference_jacobian(function(theta) {
    as.numeric(evaluate(f, theta))
  }, theta)
  derivative <- as.numeric(given)
  out <- data.frame(
    element = element_labels(parts, wrt, value), derivative = derivative,
    difference = as.numeric(difference),
    error = abs(derivative - as.numeric(difference)) /
      pmax(1, abs(derivative))
  )
  structure(out, class = c("gradient_check", "data.frame"))
}

element_labels <- function(parts, wrt, value) {
  columns <- argument_labels(parts)
  n <- sum(lengths(lapply(parts, `[[`, "positions")))
  if (is.null(columns)) {
    columns <- if (n == 1L) wrt else sprintf("%s[%d]", wrt, seq_len(n))
  }
  if (length(value) == 1L) {
    return(columns)
  }
  rows <- if (is.null(names(value))) seq_along(value) else names(value)
  paste0(
    "value ", rep(rows, times = n), ", ", rep(columns, each = length(value))
  )
}

#' @export
print.gradient_check <- function(x, digits = 8, n = 10, ...) {
  worst <- order(-x$error)
  shown <- as.data.frame(x)[sort(utils::head(worst, n)), ]
  class(shown) <- "data.frame"
  print(shown, digits = digits, row.names = FALSE)
  if (nrow(x) > n) {
    cat(sprintf("... the %d largest errors of %d\n", n, nrow(x)))
  }
  if (nrow(x) == 0L) {
    return(invisible(x))
  }
  k <- worst[[1L]]
  cat(sprintf(
    "Largest error: %.2g, at %s.%s\n", x$error[[k]], x$element[[k]],
    if (is.na(x$error[[k]])) {
      " It could not be judged."
    } else if (x$error[[k]] < 1e-6) {
      " Derivative and differences agree."
    } else {
      " They do not agree."
    }
  ))
  invisible(x)
}
