# Functions that admle cannot record (compiled code, a search, a table) with a
# derivative given by the user. In the graph such a function is one node that
# calls back to R. A rule that admle can record is recorded and becomes part of
# the graph, so that it is differentiated further; another rule is called back
# too and ends the chain.

#' Give the derivative of a function that admle cannot record
#'
#' A function that calls compiled code, searches or looks something up cannot be
#' differentiated by admle. With a rule for its derivative it can still be used
#' inside any log-likelihood; it is called back at each evaluation.
#'
#' One of the two rules is enough for first derivatives:
#' * `vjp(x, u)`: the vector `u` (as long as `f(x)`) times the Jacobian of `f`
#'   at `x`, as long as `x`. For a function of single numbers this is
#'   `u * f'(x)`; for a function that works element by element likewise.
#' * `jvp(x, v)`: the Jacobian times `v` (as long as `x`), as long as `f(x)`.
#'
#' If `f` has several arguments the rules have them too, before `u` or `v`:
#' `vjp(x, y, u)` returns a list with one element for each argument, and the
#' last argument of `jvp(x, y, v)` is such a list.
#'
#' Higher derivatives (the Hessian, hence standard errors and Newton's method)
#' come from the rule itself, if it is made of functions that admle knows, or of
#' functions that were themselves made by `with_derivative()`. Otherwise a
#' derivative beyond the rule is an error that says so.
#'
#' @param f A function of numeric arguments that returns a numeric vector.
#' @param vjp,jvp Rules, see above; at least one.
#' @return A function like `f`, which admle can differentiate.
#' @section Errors:
#' `admle_error_argument` when no rule is given; `admle_error_value` when a rule
#' returns a result of another length than it should, or, when a recording is
#' checked, is not what differences of `f` say along one direction.
#' @references Griewank and Walther (2008), *Evaluating Derivatives*, SIAM,
#'   section 6.1, on user-supplied derivatives.
#' @seealso [derivatives], [check_gradient()] to check a rule.
#' @examples
#' # besselI() is compiled code; its derivative in x is a formula in besselI().
#' bessel <- with_derivative(
#'   function(x) besselI(x, 0),
#'   vjp = function(x, u) u * bessel1(x)
#' )
#' bessel1 <- with_derivative(
#'   function(x) besselI(x, 1),
#'   vjp = function(x, u) u * (bessel(x) - bessel1(x) / x)
#' )
#' grad(bessel)(2)
#' besselI(2, 1)
#' # von Mises log-likelihood of some angles, with standard errors
#' angle <- c(0.4, -0.1, 0.9, 0.2, -0.6, 0.3, 1.1, -0.2)
#' fit <- mle_fit(
#'   function(mu, kappa) kappa * cos(angle - mu) - log(2 * pi * bessel(kappa)),
#'   start = list(mu = 0, kappa = 1)
#' )
#' coef(summary(fit))
#' @export
with_derivative <- function(f, vjp = NULL, jvp = NULL) {
  f <- as_function(f)
  if (is.null(vjp) && is.null(jvp)) {
    admle_abort("argument", paste(
      "with_derivative() needs a rule: `vjp = function(x, u) ...` or",
      "`jvp = function(x, v) ...`."
    ), argument = "vjp")
  }
  for (rule in list(vjp, jvp)) if (!is.null(rule)) as_function(rule)
  wrapped <- function(...) {
    arguments <- match_arguments(argument_names(f), list(...))
    if (!any_traced(arguments)) {
      return(do.call(f, arguments, quote = TRUE))
    }
    foreign_call(f, vjp, jvp, arguments)
  }
  structure(wrapped,
    arguments = argument_names(f), class = c("admle_operator", "function")
  )
}

foreign_call <- function(f, vjp, jvp, arguments) {
  parts <- argument_parts(arguments, "the argument")
  flat_argument <- flatten_argument(arguments)
  point <- trace_value(flat_argument)
  build <- function(z) build_argument(arguments, parts, z)
  template <- do.call(f, build(point), quote = TRUE)
  if (!is.numeric(template)) {
    admle_abort("value", sprintf(
      "A function given to with_derivative() must return numbers, not %s.",
      described(template)
    ))
  }
  n <- c(x = length(point), y = length(template))
  value <- function(z) {
    given <- do.call(f, build(z), quote = TRUE)
    checked_numbers(given, n[["y"]], "the function")
  }
  rules <- list(
    vjp = foreign_rule(vjp, build, point, n[["y"]], n[["x"]], "vjp",
                       function(u) u),
    jvp = foreign_rule(jvp, build, point, n[["x"]], n[["y"]], "jvp",
                       function(v) {
      if (length(parts) == 1L) build(v)[[1L]] else build(v)
    })
  )
  if (isTRUE(trace_session$checks)) check_rules(rules, value, point, template)
  id <- trace_foreign(flat_argument, as.integer(n[["y"]]), value, rules$vjp,
                      rules$jvp)
  traced_from_id(id, dim = dim(template), names = shape_names(template))
}

# Along one direction each rule must say what differences of the function say,
# where these can be trusted: on both sides, and for two steps, they agree.
check_rules <- function(rules, value, point, template) {
  direction <- (0.5 + abs(point)) * rep_len(c(1, -0.7, 0.4), length(point))
  weights <- rep_len(c(1, -0.6, 0.8, 0.3), length(template))
  along <- function(h) {
    tryCatch(sum(weights * (value(point + h * direction) - template)) / h,
             error = function(e) NA_real_)
  }
  steps <- c(1e-4, -1e-4, 1e-5, -1e-5)
  slopes <- vapply(steps, along, 1)
  found <- mean(slopes[3:4])
  size <- max(abs(slopes))
  if (!all(is.finite(slopes)) || diff(range(slopes)) > 1e-2 * size) {
    return()
  }
  told <- c(
    vjp = if (!is.null(rules$vjp))
      sum(rules$vjp$value(c(point, weights)) * direction),
    jvp = if (!is.null(rules$jvp))
      sum(rules$jvp$value(c(point, direction)) * weights)
  )
  wrong <- which(is.finite(told) & abs(told - found) > 0.05 * size)
  if (length(wrong)) {
    call <- user_call()
    admle_abort("value", sprintf(paste(
      "The rule `%s` given to with_derivative() is not the derivative of its",
      "function%s: along one direction it says %s, and differences say %s."
    ), names(told)[[wrong[[1L]]]],
    if (is.null(call)) "" else sprintf(", called by `%s`", call_text(call)),
    format(told[[wrong[[1L]]]], digits = 4), format(found, digits = 4)))
  }
}

# A rule as a function of one flat vector c(x, u): recorded where that is
# possible, else called back.
foreign_rule <- function(rule, build, point, n_more, n_result, name, shape) {
  if (is.null(rule)) {
    return(NULL)
  }
  n <- length(point)
  flat_rule <- function(z) {
    more <- shape(z[n + seq_len(n_more)])
    arguments <- unname(c(build(z[seq_len(n)]), list(more)))
    flatten_argument(do.call(rule, arguments, quote = TRUE))
  }
  numbers <- function(z) {
    checked_numbers(flat_rule(z), n_result, sprintf("the rule `%s`", name))
  }
  recorded <- record_rule(flat_rule, c(point, numeric(n_more) + 1), n_result)
  list(value = numbers, trace = recorded$trace, input = recorded$input,
       output = recorded$output)
}

record_rule <- function(rule, at, n_result) {
  depth <- trace_session$rule_depth
  # A rule that uses its own function would be recorded without end.
  if (!is.null(depth) && depth >= rule_depth_limit) {
    return(NULL)
  }
  trace_session$rule_depth <- if (is.null(depth)) 1L else depth + 1L
  on.exit(trace_session$rule_depth <- depth)
  recorded <- tryCatch(
    record(structure(rule, class = c("admle_operator", "function")),
           list(z = at), check = FALSE),
    error = function(e) NULL
  )
  if (is.null(recorded) || !is_traced(recorded$output) ||
        length(recorded$output) != n_result) {
    return(NULL)
  }
  list(trace = trace_graph(recorded$trace), input = recorded$input_ids[[1L]],
       output = recorded$id)
}

# How many derivatives of a function that occurs in its own rule are prepared.
rule_depth_limit <- 4L

checked_numbers <- function(value, n, what) {
  if (is.list(value)) value <- unlist(value, use.names = FALSE)
  if (!is.numeric(value) || length(value) != n) {
    admle_abort("value", sprintf(
      "with_derivative(): %s must return %s, not %s.", what,
      counted(n, "number"),
      if (is.numeric(value)) length(value) else described(value)
    ))
  }
  as.double(value)
}
