# Links: the left-hand side of a parameter's formula, as in log(sigma) ~ x. A
# link g says how the parameter follows from the linear predictor eta = g(mu);
# what a model needs is the inverse, as R code that can be read and recorded.

# A link consists of
#   name       that on the left-hand side, or in a family
#   inverse    an expression in `eta`
#   link       a function of the parameter, for starting values
#   functions  what the expression uses that is not R's
link_new <- function(name, inverse, link, functions = list()) {
  list(name = name, inverse = inverse, link = link, functions = functions)
}

links <- list(
  link_new("identity", quote(eta), function(mu) mu),
  link_new("log", quote(exp(eta)), log),
  link_new("logit", quote(plogis(eta)), stats::qlogis),
  link_new("probit", quote(pnorm(eta)), stats::qnorm),
  link_new("cauchit", quote(pcauchy(eta)), stats::qcauchy),
  link_new("cloglog", quote(-expm1(-exp(eta))), function(mu) log(-log1p(-mu))),
  link_new("loglog", quote(exp(-exp(-eta))), function(mu) -log(-log(mu))),
  link_new("inverse", quote(1 / eta), function(mu) 1 / mu),
  link_new("1/mu^2", quote(1 / sqrt(eta)), function(mu) 1 / mu^2),
  link_new("sqrt", quote(eta^2), sqrt),
  link_new("tanh", quote(tanh(eta)), atanh),
  link_new("log1p", quote(expm1(eta)), log1p),
  link_new("expm1", quote(log1p(eta)), expm1),
  link_new("exp", quote(log(eta)), exp),
  link_new("log2", quote(2^eta), log2),
  link_new("log10", quote(10^eta), log10)
)
names(links) <- vapply(links, `[[`, "", "name")

# Other names of the same.
link_aliases <- c(qlogis = "logit", qnorm = "probit", qcauchy = "cauchit",
                  atanh = "tanh", I = "identity")

own_links <- new.env(parent = emptyenv())

#' A link of your own
#'
#' After `link("name", ...)` a formula may have `name(parameter)` for its
#' left-hand side, in every call of [mle_fit()] of the session. The result is
#' also a link for R's families, as in `binomial(link)`, here and in [glm()].
#'
#' @param name The name of the link.
#' @param link The function of the parameter that is linear in the regressors.
#'   It gives starting values.
#' @param inverse Its inverse, plain R code, which is recorded with the
#'   likelihood: its derivatives are exact.
#' @param range The two limits between which the parameter lies. Outside, `link`
#'   is not called.
#' @return Invisibly, an object of class `"link-glm"`, as of
#'   [stats::make.link()], with the derivative of `inverse`.
#'
#'   Errors: `admle_error_argument` where admle itself has a link of this name,
#'   or where `inverse(link(mu))` is not `mu` for numbers in the range.
#' @seealso [extending], for more examples.
#' @examples
#' link("softplus", function(s) log(expm1(s)), function(eta) log1p(exp(eta)),
#'      range = c(0, Inf))
#' mle_fit(dist ~ dnorm(mu, sigma), mu ~ speed, softplus(sigma) ~ speed,
#'         data = cars)
#' @export
link <- function(name, link, inverse, range = c(-Inf, Inf)) {
  check_own_name(name, c(names(links), names(link_aliases)), "link")
  link <- within_range(as_function(link, "link"), check_range(range))
  inverse <- as_function(inverse, "inverse")
  made <- link_new(name, quote(inverse_link(eta)), link,
                   list(inverse_link = inverse))
  check_inverse(made, range)
  own_links[[name]] <- made
  invisible(structure(
    list(linkfun = link, linkinv = inverse,
         mu.eta = function(eta) link_slope(made, eta),
         valideta = function(eta) TRUE, name = name),
    class = "link-glm"
  ))
}

check_range <- function(range) {
  if (!is.numeric(range) || length(range) != 2L ||
        !isTRUE(range[[1L]] < range[[2L]])) {
    admle_abort("argument", "`range` must be two numbers in order.",
                argument = "range")
  }
  range
}

within_range <- function(link, range) {
  force(link)
  force(range)
  function(mu) {
    mu[!(mu >= range[[1L]] & mu <= range[[2L]])] <- NaN
    link(mu)
  }
}

# On a few numbers in the range.
check_inverse <- function(made, range) {
  at <- c(0.1, 0.3, 0.5, 0.7, 0.9)
  kind <- interval_kind(range[[1L]], range[[2L]])
  mu <- interval_scale[[kind]]$from(stats::qlogis(at), range[[1L]],
                                    range[[2L]])
  back <- tryCatch(link_inverse_at(made, made$link(mu)),
                   error = function(e) NULL)
  wrong <- if (length(back) == length(mu)) {
    which(!(abs(back - mu) <= 1e-8 * (abs(mu) + 1)))
  } else {
    1L
  }
  if (length(wrong)) {
    i <- wrong[[1L]]
    admle_abort("argument", sprintf(
      "`inverse` does not invert `link`: inverse(link(%s)) is %s.",
      format(mu[[i]]), if (is.numeric(back)) format(back[i]) else
        described(back)
    ), argument = "inverse")
  }
}

known_links <- function() c(links, as.list(own_links))

# The left-hand side of a parameter's formula -> list(parameter, link).
read_link <- function(lhs, env) {
  if (is.symbol(lhs)) {
    return(list(parameter = as.character(lhs), link = links$identity))
  }
  power <- reciprocal_link(lhs)
  if (!is.null(power)) {
    return(power)
  }
  if (!is.call(lhs) || length(lhs) != 2L || !is.symbol(lhs[[2L]])) {
    abort_link(lhs)
  }
  parameter <- as.character(lhs[[2L]])
  link <- find_link(lhs[[1L]], env, lhs)
  list(parameter = parameter, link = link_of_parameter(link, parameter))
}

# A function that is called in the code of the likelihood is called after the
# parameter: several of them may have links of the user's.
link_of_parameter <- function(link, parameter) {
  if (length(link$functions)) {
    name <- paste0("inverse_", parameter)
    link$inverse <- call(name, quote(eta))
    names(link$functions) <- name
  }
  link
}

# 1/mu and 1/mu^2, as R prints the links of its families.
reciprocal_link <- function(lhs) {
  if (!is.call(lhs) || !identical(lhs[[1L]], quote(`/`)) ||
        !identical(lhs[[2L]], 1)) {
    return(NULL)
  }
  below <- lhs[[3L]]
  if (is.symbol(below)) {
    return(list(parameter = as.character(below), link = links$inverse))
  }
  if (is.call(below) && identical(below[[1L]], quote(`^`)) &&
        is.symbol(below[[2L]]) && identical(below[[3L]], 2)) {
    list(parameter = as.character(below[[2L]]), link = links[["1/mu^2"]])
  }
}

find_link <- function(head, env, lhs) {
  name <- if (is.symbol(head)) as.character(head) else ""
  if (name %in% names(link_aliases)) {
    name <- link_aliases[[name]]
  }
  known <- known_links()[[name]]
  if (!is.null(known)) {
    return(known)
  }
  value <- tryCatch(eval(head, env), error = function(e) NULL)
  if (inherits(value, "link-glm")) {
    return(link_of_family(value$name, value$linkfun, value$linkinv))
  }
  inverse <- attr(value, "inverse")
  if (!is.function(value) || !is.function(inverse)) {
    abort_link(lhs)
  }
  link_of_family(name, value, inverse)
}

abort_link <- function(lhs) {
  name <- if (is.call(lhs)) deparse(lhs[[1L]])[[1L]] else "f"
  admle_abort("argument", sprintf(paste(
    "The left-hand side `%s` is no parameter or link(parameter) with a link",
    "whose inverse is known: %s, an object of make.link(), or a function with",
    "its inverse as attribute: attr(%s, \"inverse\") <- function(eta) ..."
  ), deparse1(lhs), enumerate(names(known_links()), limit = Inf), name),
  link = lhs)
}

# The link of a family object; R's own are known by name, so that their code
# can be read and does not clamp.
link_of_family <- function(name, linkfun, linkinv) {
  known <- known_links()[[name]]
  if (!is.null(known)) {
    return(known)
  }
  power <- sub("^mu\\^", "", name)
  if (power != name && !is.na(suppressWarnings(as.numeric(power)))) {
    exponent <- 1 / as.numeric(power)
    return(link_new(name, bquote(eta^.(exponent)), linkfun))
  }
  link_new(name, quote(inverse_link(eta)), linkfun,
           functions = list(inverse_link = linkinv))
}

# The inverse as code in another expression than `eta`.
link_inverse_code <- function(link, eta) {
  do.call(substitute, list(link$inverse, list(eta = eta)))
}

# The inverse as a function of `eta`, to be called or recorded.
link_inverse_of <- function(link) {
  as.function(c(alist(eta = ), link$inverse),
              envir = list2env(link$functions, parent = baseenv_stats))
}

link_inverse_at <- function(link, eta) link_inverse_of(link)(eta)

# d mu / d eta
link_slope <- function(link, eta) {
  if (identical(link$name, "identity")) {
    return(rep(1, length(eta)))
  }
  vjp(link_inverse_of(link))(eta, u = rep(1, length(eta)))
}

baseenv_stats <- environment(stats::plogis)
