# Integrals over effects by Laplace's method. The function of the effects is
# recorded on an unknown, as those of fixed_point() are; the engine finds the
# mode and makes the integral of ordinary nodes (src/model/laplace.h).
#' @include trace-body.R
NULL

#' Integral over effects by Laplace's method
#'
#' The logarithm of the integral of exp(f(u)) over all numbers u, by Laplace's
#' method: f at its maximum in u, minus half the log-determinant of its
#' curvature there, plus `length(u) / 2 * log(2 * pi)`. It is exact where `f` is
#' quadratic in u. Inside a function that admle differentiates, all that `f`
#' uses may depend on parameters, and the derivatives, to second order, are
#' exact: those of the maximum and of the curvature are parts of them.
#'
#' [mle_fit()] with `random =` calls it for the effects that are named there.
#' Call it yourself for integrals inside of a larger likelihood, or for several
#' of them.
#'
#' Which effects occur together is found in the recording: thousands of effects
#' of which few occur in each term of `f` take time and memory in proportion to
#' their number.
#'
#' @param f A function of the effects that returns the logarithm of a joint
#'   density: a vector of terms (`c(dnorm(y, u[g], s, log = TRUE),
#'   dnorm(u, 0, t, log = TRUE))`), or their sum.
#' @param integration `"laplace"`; or [agq()], adaptive Gauss-Hermite
#'   quadrature, where each part of the effects is one number.
#' @param start Where the search for the maximum begins: numbers in the shape in
#'   which `f` takes its argument, or a list of these, by the names of the
#'   arguments of `f`.
#' @return A vector with the integral over each part of the effects that no term
#'   couples with the others (a group), and the terms without effects; the sum
#'   of these where `f` cannot be taken apart. Their sum is the logarithm of the
#'   integral.
#' @section Errors:
#' `admle_error_argument` when `start` is not numeric; `admle_error_value` when
#' `f` has no maximum, or one without curvature in some direction: the integral
#' does not exist, or an effect has neither density nor data. During a fit this
#' makes a point one outside of the domain of the log-likelihood: the step is
#' shortened.
#' @references Tierney and Kadane (1986), *Journal of the American Statistical
#'   Association* 81, 82-86; Kristensen, Nielsen, Berg, Skaug and Bell (2016),
#'   *Journal of Statistical Software* 70(5).
#' @seealso [integrate_normal()] for one normal effect by quadrature.
#' @examples
#' # The normalising constant of a normal density
#' integrate_laplace(function(u) dnorm(u, 1, 2, log = TRUE), start = 0)
#' y <- c(2, 5, 3, 8, 1, 4)
#' group <- c(1, 1, 2, 2, 3, 3)
#' joint <- function(mu, s) {
#'   sum(integrate_laplace(function(u) {
#'     c(dpois(y, exp(mu + u[group]), log = TRUE), dnorm(u, 0, s, log = TRUE))
#'   }, start = numeric(3)))
#' }
#' grad(function(p) joint(p[1], p[2]))(c(1, 0.5))
#' @export
integrate_laplace <- function(f, start, integration = "laplace") {
  integrate_effects(f, start, nodes = integration_nodes(integration))
}

#' @rdname integrate_laplace
#' @param nodes Their number for each effect.
#' @return `agq()`: what `integration` takes.
#' @export
agq <- function(nodes = 9) {
  structure(list(nodes = check_count(nodes, "nodes")), class = "mle_agq")
}

# 1 for Laplace's method.
integration_nodes <- function(integration) {
  if (inherits(integration, "mle_agq")) {
    return(integration$nodes)
  }
  if (!identical(integration, "laplace")) {
    admle_abort("argument", paste(
      "`integration` must be \"laplace\", or agq(9), the number of nodes."
    ), argument = "integration")
  }
  1L
}

define_masks("admle",
  integrate_laplace = function(f, start, integration = "laplace") {
    recorded_effects(own_function(f, parent.frame()), start,
                     nodes = integration_nodes(integration))
  },
  integrate_effects = function(f, start, facts = NULL, wanted = "value",
                               nodes = 1L, weights = NULL, idle = NULL) {
    recorded_effects(own_function(f, parent.frame()), start, facts, wanted,
                     nodes, weights, idle)
  }
)

# What mle_fit() calls for random and absorbed effects. `wanted`: the "value" of
# the integral; the "profile", f at its maximum; the "mode", where that is; or
# the "inverse" of the curvature there, the elements of which are where
# `facts$pattern` says. `facts`: an environment for what is found, see
# recorded_effects(). `weights`, of the terms of f: the mode is that of their
# weighted sum, the profile are the terms themselves. `idle`: positions of
# effects that no term with weight has; they are 0.
integrate_effects <- function(f, start, facts = NULL, wanted = "value",
                              nodes = 1L, weights = NULL, idle = NULL) {
  f <- match.fun(f)
  known <- if (wanted %in% c("value", "profile")) {
    value_as_recorded(f, start, facts, weights)
  }
  if (!is.null(known)) {
    return(known)
  }
  tr <- trace_begin()
  on.exit(trace_end(tr))
  home <- trace_session$home
  trace_session$home <- package_of(f)
  on.exit(trace_session$home <- home, add = TRUE)
  trace_value(recorded_effects(masked_function(f), start, facts, wanted, nodes,
                               weights, idle))
}

# The plain evaluation that a recording is compared with: the function at the
# mode that the recording found, which need not be searched again.
value_as_recorded <- function(f, start, facts, weights) {
  at <- facts$mode
  if (is.null(at)) {
    return(NULL)
  }
  apart <- effects_layout(start)
  joint <- if (is.list(start)) do.call(f, apart(at)) else f(apart(at))
  joint <- sum(with_term_weights(joint, weights))
  same <- abs(joint - facts$joint) <= 1e-12 * max(1, abs(joint))
  if (isTRUE(same)) facts$value
}

check_effects_start <- function(start) {
  parts <- if (is.list(start)) start else list(start)
  wrong <- !vapply(parts, function(x) {
    (is.numeric(x) || is_traced(x)) && length(x) > 0L
  }, NA)
  if (any(wrong) || length(parts) == 0L ||
        (is.list(start) && is.null(names(start)))) {
    admle_abort("argument", paste(
      "`start` must be numeric, with at least one element, or a list of such",
      "with the names of the arguments of `f`."
    ), argument = "start")
  }
}

# Into `facts`: rows (of data, that f has), parts, by_part, pattern, and what
# value_as_recorded() needs: mode, joint (f there) and value.
recorded_effects <- function(f, start, facts = NULL, wanted = "value",
                             nodes = 1L, weights = NULL, idle = NULL) {
  check_effects_start(start)
  rule <- if (nodes > 1L) hermite_nodes(nodes) else list(weights = numeric())
  start <- trace_value(start)
  apart <- effects_layout(start)
  terms <- function(x) {
    if (is.list(start)) do.call(f, apart(x)) else f(apart(x))
  }
  inner <- inner_function(function(x) {
    weighted <- with_term_weights(terms(x), weights)
    if (is.null(idle)) weighted else sum(weighted) - sum(0.5 * x[idle]^2)
  })
  at <- as.double(unlist(start, use.names = FALSE))
  for (attempt in seq_len(most_branches)) {
    recorded <- inner$body(at)
    if (!is.null(recorded$plain)) {
      return(without_effects(recorded$plain))
    }
    made <- with_several_effects(engine(body_laplace(
      recorded$body, at, as.double(rule$nodes), as.double(log(rule$weights))
    )))
    mode <- trace_value(traced_from_id(made$mode))
    if (anyNA(mode)) {
      if (anyNA(body_value(recorded$body, at))) no_value_at_start(start)
      no_mode(made$search, start)
    }
    joint <- body_value(recorded$body, mode)
    if (!is.null(joint)) break
    at <- mode
  }
  out <- if (wanted == "profile" && !is.null(weights)) {
    terms(traced_from_id(made$mode))
  } else {
    traced_from_id(made[[wanted]])
  }
  if (!is.null(facts) && wanted %in% c("value", "profile")) {
    facts$rows <- made$rows
    facts$parts <- made$parts
    facts$by_part <- made$by_part
    facts$mode <- mode
    facts$joint <- sum(joint)
    facts$value <- trace_value(out)
  }
  if (!is.null(facts)) facts$search <- made$search
  if (wanted == "inverse") facts$pattern <- effects_pattern(made$search)
  out
}

with_several_effects <- function(expr) {
  tryCatch(expr, error = function(e) {
    if (!grepl("parts with several effects", conditionMessage(e))) stop(e)
    admle_abort("unsupported", paste(
      "agq() needs effects that fall into independent parts of one number",
      "each; here some terms hold several effects. Use integration =",
      "\"laplace\"."
    ))
  })
}

# A function that says that there is no value here, return(-Inf), says it of the
# integral.
without_effects <- function(value) {
  if (length(value) == 1L && !is.finite(value)) {
    return(value)
  }
  no_result("the function does not depend on the effects",
            "It must return the joint log-density of data and effects.")
}

no_mode <- function(search, start) {
  failure <- effects_failure(search)
  instead <- if (failure$loose > 0L) {
    sprintf(paste(
      "%s is not determined, by itself or together with others: it needs a",
      "density, or observations."
    ), effect_label(start, failure$loose))
  } else if (nzchar(failure$why)) {
    sprintf("The search ended: %s.", failure$why)
  } else {
    "Each effect needs a density, unless the observations determine it."
  }
  no_result("the joint log-density has no maximum in the effects", instead)
}

no_value_at_start <- function(start) {
  parts <- if (is.list(start)) start else list(start)
  no_result("the joint log-density is missing at the start of the effects",
            sprintf(paste(
              "Do indices of the effects stay within their numbers (%s), and",
              "have the data no missing values?"
            ), toString(paste(c(names(parts), "")[seq_along(parts)],
                              lengths(parts)))))
}

# "`u[3]`"
effect_label <- function(start, i) {
  if (!is.list(start)) {
    return(sprintf("Effect %d", i))
  }
  part <- findInterval(i - 1L, c(0L, cumsum(lengths(start))))
  before <- sum(lengths(start)[seq_len(part - 1L)])
  sprintf("`%s[%d]`", names(start)[[part]], i - before)
}

# The flat vector -> what f takes.
effects_layout <- function(start) {
  shaped <- function(part, from) {
    at <- from + seq_along(part)
    function(x) {
      taken <- if (length(x) == length(at)) x else x[at]
      if (is.null(attributes(part))) taken
      else if (is_traced(taken)) {
        traced_as(taken, dim(part), shape_names(part), 0L)
      } else {
        replace(part, seq_along(part), taken)
      }
    }
  }
  if (!is.list(start)) {
    return(shaped(start, 0L))
  }
  ends <- cumsum(lengths(start))
  parts <- Map(shaped, start, ends - lengths(start))
  function(x) lapply(parts, function(part) part(x))
}

# Terms without weight may be infinite.
with_term_weights <- function(terms, weights) {
  if (is.null(weights)) {
    return(terms)
  }
  used <- which(weights != 0)
  if (length(used) < length(weights)) {
    terms <- terms[used]
    weights <- weights[used]
  }
  weights * terms
}
