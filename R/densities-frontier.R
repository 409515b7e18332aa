# Stochastic frontiers: normal noise and a one-sided inefficiency.
#' @include densities-location.R
NULL

#' Stochastic frontier
#'
#' The composed error of a stochastic frontier: `x = location + v - u` for a
#' production frontier and `x = location + v + u` for a cost frontier, with
#' normal noise `v` of standard deviation `sigma_v` and an inefficiency `u >= 0`
#' that is half-normal (the absolute value of a normal variable with standard
#' deviation `sigma_u`) or exponential (with mean `sigma_u`).
#'
#' With \eqn{s = 1} for production and \eqn{-1} for cost, \eqn{e = x - \mu}:
#' half-normal, with \eqn{\sigma^2 = \sigma_u^2 + \sigma_v^2},
#' \deqn{f(x) = \frac{2}{\sigma} \phi\left(\frac{e}{\sigma}\right)
#' \Phi\left(-\frac{s e \sigma_u}{\sigma \sigma_v}\right);} exponential,
#' \deqn{f(x) = \frac{1}{\sigma_u} \exp\left(\frac{s e}{\sigma_u} +
#' \frac{\sigma_v^2}{2 \sigma_u^2}\right) \Phi\left(-\frac{s e}{\sigma_v} -
#' \frac{\sigma_v}{\sigma_u}\right).}
#'
#' @inheritParams dstudent_t
#' @param location The frontier.
#' @param sigma_v,sigma_u Scales of the noise and of the inefficiency, positive.
#' @param inefficiency `"half-normal"` or `"exponential"`.
#' @param type `"production"` or `"cost"`.
#' @return A vector, recycled over the arguments.
#' @references
#' Aigner, D., Lovell, C. A. K. and Schmidt, P. (1977). Formulation and
#' estimation of stochastic frontier production function models. *Journal of
#' Econometrics* 6, 21-37.
#'
#' Meeusen, W. and van den Broeck, J. (1977). Efficiency estimation from
#' Cobb-Douglas production functions with composed error. *International
#' Economic Review* 18, 435-444.
#' @examples
#' dfrontier(c(-1, 0, 1), location = 0, sigma_v = 0.5, sigma_u = 1)
#' @export
dfrontier <- function(
  x, location, sigma_v, sigma_u, inefficiency = "half-normal",
  type = "production", log = FALSE
) {
  e <- frontier_sign(type) * (x - location)
  if (frontier_is_normal(inefficiency)) {
    sigma <- sqrt(sigma_u^2 + sigma_v^2)
    value <- log(2) - log(sigma) + stats::dnorm(e / sigma, log = TRUE) +
      stats::pnorm(-e * sigma_u / (sigma * sigma_v), log.p = TRUE)
  } else {
    value <- -log(sigma_u) + e / sigma_u + (sigma_v / sigma_u)^2 / 2 +
      stats::pnorm(-e / sigma_v - sigma_v / sigma_u, log.p = TRUE)
  }
  from_log(value, log)
}

#' @rdname dfrontier
#' @export
pfrontier <- function(
  q, location, sigma_v, sigma_u, inefficiency = "half-normal",
  type = "production", lower.tail = TRUE, log.p = FALSE
) {
  sign <- frontier_sign(type)
  if (frontier_is_normal(inefficiency)) {
    return(pskewnorm(
      q, location, sqrt(sigma_u^2 + sigma_v^2), -sign * sigma_u / sigma_v,
      lower.tail, log.p
    ))
  }
  with_ends(function(q) {
    exponential_tails(
      sign * (q - location), sigma_v, sigma_u, lower.tail == (sign > 0), log.p
    )
  }, q, lower.tail, log.p)
}

# The distribution function of v - u with an exponential u.
exponential_tails <- function(e, sigma_v, sigma_u, lower.tail, log.p) {
  tilted <- e / sigma_u + (sigma_v / sigma_u)^2 / 2 +
    stats::pnorm(-e / sigma_v - sigma_v / sigma_u, log.p = TRUE)
  from_log_tails(
    log_add(stats::pnorm(e / sigma_v, log.p = TRUE), tilted),
    log_difference(stats::pnorm(-e / sigma_v, log.p = TRUE), tilted),
    lower.tail, log.p
  )
}

#' @rdname dfrontier
#' @export
rfrontier <- function(
  n, location, sigma_v, sigma_u, inefficiency = "half-normal",
  type = "production"
) {
  u <- if (frontier_is_normal(inefficiency)) {
    abs(stats::rnorm(n, 0, sigma_u))
  } else {
    stats::rexp(n, 1 / sigma_u)
  }
  location + stats::rnorm(n, 0, sigma_v) - frontier_sign(type) * u
}

frontier_sign <- function(type) {
  if (match_choice(type, c("production", "cost"), "type") == "cost") -1 else 1
}

frontier_is_normal <- function(inefficiency) {
  choices <- c("half-normal", "exponential")
  match_choice(inefficiency, choices, "inefficiency") == "half-normal"
}

define_facts("dfrontier", discrete = FALSE,
  mean = function(
    location, sigma_v, sigma_u, inefficiency = "half-normal",
    type = "production"
  ) {
    mean_u <- if (frontier_is_normal(inefficiency)) sqrt(2 / pi) else 1
    location - frontier_sign(type) * mean_u * sigma_u + 0 * sigma_v
  },
  variance = function(
    location, sigma_v, sigma_u, inefficiency = "half-normal",
    type = "production"
  ) {
    share <- if (frontier_is_normal(inefficiency)) 1 - 2 / pi else 1
    sigma_v^2 + share * sigma_u^2 + 0 * location
  }
)

define_rewritten("admle", "dfrontier", "pfrontier", "exponential_tails")
