# The scalar that a profile is about: a coefficient, or a function of several.
# It is seen as u(theta), on a scale without limits, with exact derivatives: the
# profile log-likelihood does not depend on the scale on which its parameter is
# measured, and a limit of the range is never in the way. Where u is affine in
# theta (plain and positive parameters, linear constraints) there is no second
# derivative, and the constraint u(theta) = c is a plane.

# -> list(name, value(theta), gradient(theta), hessian(theta) or NULL,
#         natural(u), working(psi), orientation)
#    natural, working  from u to the quantity itself and back
#    orientation       -1 where u falls as the quantity rises
parameter_of_interest <- function(fit, which) {
  if (inherits(which, "formula")) {
    combination_of_interest(fit, which)
  } else {
    coefficient_of_interest(fit, which)
  }
}

coefficient_of_interest <- function(fit, name) {
  parameters <- fit$parameters
  position <- match(name, parameters$names)
  part <- Find(function(part) position %in% part$positions,
               parameters_layout(parameters))
  element <- match(position, part$positions)
  ends <- part$type[c("lower", "upper")]
  lower <- if (is.null(part$type)) -Inf else part$type$lower[[element]]
  upper <- if (is.null(part$type)) Inf else part$type$upper[[element]]
  scale <- range_scale(lower, upper)
  if (is.null(part$type) || isTRUE(part$type$elementwise)) {
    weights <- numeric(sum(parameters$working$free))
    weights[part$free[[element]]] <- 1
    return(c(affine_parameter(name, parameters, weights), scale))
  }
  if (!is.null(part$elements)) element <- part$elements[[element]]
  argument <- part$name
  own <- list2env(list(
    expand = function(theta) parameters_expand(parameters, theta)[[argument]],
    to = interval_scale[[scale$kind]]$to, element = element, lower = lower,
    upper = upper
  ), parent = globalenv())
  u <- eval(quote(
    function(theta) to(expand(theta)[element], lower, upper)
  ), own)
  c(smooth_parameter(name, u), scale)
}

# From a scale without limits to the range and back.
range_scale <- function(lower, upper) {
  kind <- interval_kind(lower, upper)
  maps <- interval_scale[[kind]]
  list(
    kind = kind, orientation = if (kind == "upper") -1 else 1,
    natural = function(u) maps$from(u, lower, upper),
    working = function(psi) maps$to(psi, lower, upper)
  )
}

# u = weights' U, U = offset + Z theta being all free unrestricted numbers.
affine_parameter <- function(name, parameters, weights, constant = 0) {
  linear <- parameters$linear
  if (!is.null(linear)) {
    constant <- constant + sum(weights * linear$offset)
    weights <- as.numeric(weights %*% linear$matrix)
  }
  if (all(weights == 0)) {
    admle_abort("argument", sprintf(
      "%s is determined by the constraints: it has no profile.",
      enumerate(name)
    ), argument = "which")
  }
  list(
    name = name, value = function(theta) constant + sum(weights * theta),
    gradient = function(theta) weights, hessian = NULL
  )
}

smooth_parameter <- function(name, u) {
  first <- grad(u)
  second <- hessian(u)
  list(
    name = name, value = function(theta) as.numeric(u(theta)),
    gradient = function(theta) as.numeric(first(theta)),
    hessian = function(theta) unname(second(theta))
  )
}

# ~ b1 - b2, in coefficients or in the function's arguments (~ beta[1] / s).
combination_of_interest <- function(fit, formula) {
  read <- read_functions(formula, fit, environment(formula), name = "which")
  name <- deparse1(formula[[length(formula)]])
  if (length(formula) != 2L || length(equal_sides(formula[[2L]])) > 1L ||
        length(read$null) != 1L) {
    admle_abort("argument", paste(
      "A combination of coefficients is one number, written as a formula",
      "without a left-hand side, as in ~ b1 - b2."
    ), argument = "which")
  }
  parameters <- fit$parameters
  scale <- range_scale(-Inf, Inf)
  if (affine_rows(read$fn, fit)) {
    form <- affine_forms(read, fit)[[1L]]
    if (!is_about_declared(form, parameters)) {
      reduced <- substitute_fixed(form, parameters)
      return(c(affine_parameter(name, parameters, reduced$weights,
                                -reduced$value), scale))
    }
  }
  psi <- smooth_parameter(name, function_of_theta(read$fn, parameters))
  if (!any(psi$gradient(unname(fit$theta)) != 0)) {
    admle_abort("argument", sprintf(
      "%s does not depend on what is estimated: it has no profile.",
      dQuote(name, FALSE)
    ), argument = "which")
  }
  c(psi, scale)
}

# A function of all coefficients as one of theta.
function_of_theta <- function(fn, parameters) {
  coefficients <- lapply(parameters_layout(parameters), function(part) {
    code <- bquote(.arguments[[.(part$name)]])
    if (is.null(part$elements)) code else bquote(.(code)[.(part$elements)])
  })
  own <- new.env(parent = baseenv_stats)
  own$.expand <- function(theta) parameters_expand(parameters, theta)
  own$.fn <- fn
  eval(bquote(function(theta) {
    .arguments <- .expand(theta)
    .fn(.(as.call(c(quote(c), unname(coefficients)))))
  }), own)
}
