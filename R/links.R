# Links: the left-hand side of a parameter's formula, as in log(sigma) ~ x. A
# link g says how the parameter follows from the linear predictor eta = g(mu);
# what a model needs is the inverse, as R code that can be read and recorded.

# -> list(name, inverse, link): `inverse` is an expression in `eta`, `link` a
# function of the parameter, for starting values.
link_new <- function(name, inverse, link, functions = list()) {
  list(name = name, inverse = inverse, link = link, functions = functions)
}

# By the name that the function has on the left-hand side, or in a family.
links <- list(
  identity = link_new("identity", quote(eta), function(mu) mu),
  log = link_new("log", quote(exp(eta)), log),
  logit = link_new("logit", quote(plogis(eta)), stats::qlogis),
  probit = link_new("probit", quote(pnorm(eta)), stats::qnorm),
  cauchit = link_new("cauchit", quote(pcauchy(eta)), stats::qcauchy),
  cloglog = link_new("cloglog", quote(-expm1(-exp(eta))),
                     function(mu) log(-log1p(-mu))),
  loglog = link_new("loglog", quote(exp(-exp(-eta))),
                    function(mu) -log(-log(mu))),
  inverse = link_new("inverse", quote(1 / eta), function(mu) 1 / mu),
  "1/mu^2" = link_new("1/mu^2", quote(1 / sqrt(eta)), function(mu) 1 / mu^2),
  sqrt = link_new("sqrt", quote(eta^2), sqrt),
  tanh = link_new("tanh", quote(tanh(eta)), atanh),
  log1p = link_new("log1p", quote(expm1(eta)), log1p),
  expm1 = link_new("expm1", quote(log1p(eta)), expm1),
  exp = link_new("exp", quote(log(eta)), exp),
  log2 = link_new("log2", quote(2^eta), log2),
  log10 = link_new("log10", quote(10^eta), log10)
)

# Other names of the same.
link_aliases <- c(qlogis = "logit", qnorm = "probit", qcauchy = "cauchit",
                  atanh = "tanh", I = "identity")

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
  list(parameter = as.character(lhs[[2L]]), link = find_link(lhs[[1L]], env,
                                                             lhs))
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
  if (name %in% names(links)) {
    return(links[[name]])
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
  ), deparse1(lhs), enumerate(names(links), limit = length(links)), name),
  link = lhs)
}

# The link of a family object; R's own are known by name, so that their code
# can be read and does not clamp.
link_of_family <- function(name, linkfun, linkinv) {
  if (name %in% names(links)) {
    return(links[[name]])
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

# The inverse at numbers.
link_inverse_at <- function(link, eta) {
  eval(link$inverse, c(list(eta = eta), link$functions), baseenv_stats)
}

baseenv_stats <- environment(stats::plogis)
