# R's family objects as densities and links, so that families and densities are
# one path. The names of the parameters are those of the literature on
# generalised linear models: mu for the mean, and a second one for the
# dispersion where there is one.
#
# McCullagh and Nelder (1989), Generalized Linear Models, chapter 2.

# -> list(density, parameter, link, response, given, scalars, weights): what
# the formula of `y ~ dname()` would say. `given` are known vectors that the
# density uses; `weights` what is left of the weights as multipliers.
family_densities <- list(
  gaussian = quote(dnorm(mu, sigma)),
  binomial = quote(dbinom(size, mu)),
  poisson = quote(dpois(mu)),
  Gamma = quote(dgamma(shape, scale = mu / shape)),
  inverse.gaussian = quote(dinvgauss(mu, shape))
)

as_family <- function(family, env = parent.frame()) {
  given <- family
  if (is.character(family) && length(family) == 1L) {
    family <- get0(family, mode = "function", envir = env)
  }
  if (is.function(family)) {
    family <- family()
  }
  if (!inherits(family, "family")) {
    admle_abort("argument", sprintf(paste(
      "`family` must be one of R's family objects, such as",
      "binomial(\"probit\"), not %s."
    ), if (is.character(given)) enumerate(given, "\"") else described(given)),
    argument = "family")
  }
  check_family_known(family)
  family
}

check_family_known <- function(family) {
  name <- family$family
  if (name %in% names(family_densities)) {
    return()
  }
  if (startsWith(name, "quasi")) {
    admle_abort("unsupported", sprintf(paste(
      "The family `%s` has no likelihood: it gives a mean and a variance, but",
      "no density. Use %s with vcov = \"sandwich\"; or a density with the",
      "variance that is wanted, such as dnbinom2() or dbetar()."
    ), name, switch(name, quasibinomial = "binomial()",
                    quasipoisson = "poisson()", "a family with a density")),
    argument = "family")
  }
  admle_abort("unsupported", sprintf(paste(
    "The family `%s` is not among those that admle knows (%s). Write its",
    "density: y ~ dname(mu, ...), log(mu) ~ x."
  ), name, enumerate(names(family_densities))), argument = "family")
}

# Response, known vectors and weights of a family; the response may be a
# factor, logical, two columns of counts, or a proportion with weights.
family_response <- function(family, y, weights) {
  if (family$family == "binomial") {
    return(binomial_response(y, weights))
  }
  if (!is.numeric(y) || !is.null(dim(y)) && NCOL(y) != 1L) {
    admle_abort("data", sprintf(
      "The response of family %s must be a numeric vector, not %s.",
      family$family, described(y)
    ))
  }
  y <- as.vector(y)
  if (family$family == "gaussian" && !is.null(weights)) {
    used <- weights > 0
    return(list(
      response = y, given = list(precision = ifelse(used, weights, 1)),
      density = quote(dnorm(mu, sigma / sqrt(precision))),
      weights = if (!all(used)) as.numeric(used)
    ))
  }
  list(response = y, given = list(), weights = weights)
}

binomial_response <- function(y, weights) {
  if (is.factor(y) || is.logical(y)) {
    success <- if (is.factor(y)) as.numeric(y != levels(y)[[1L]]) else
      as.numeric(y)
    return(list(response = success, given = list(size = 1), weights = weights))
  }
  if (is.matrix(y) && ncol(y) == 2L) {
    size <- rowSums(y)
    return(list(response = unname(y[, 1L]), given = list(size = unname(size)),
                weights = weights))
  }
  if (!is.numeric(y) || !is.null(dim(y)) && NCOL(y) != 1L) {
    admle_abort("data", sprintf(paste(
      "The response of a binomial model must be a factor, logical, numbers",
      "from 0 to 1, or cbind(success, failure), not %s."
    ), described(y)))
  }
  y <- as.vector(y)
  outside <- which(y < 0 | y > 1)
  if (length(outside)) {
    admle_abort("data", sprintf(paste(
      "The response of a binomial model must lie between 0 and 1: it is %s in",
      "observation %d. Counts are given as cbind(success, failure)."
    ), format(y[[outside[[1L]]]]), outside[[1L]]), rows = outside)
  }
  if (all(y == 0 | y == 1)) {
    return(list(response = y, given = list(size = 1), weights = weights))
  }
  binomial_proportions(y, weights)
}

# Proportions of `weights` trials.
binomial_proportions <- function(y, weights) {
  size <- if (is.null(weights)) rep(1, length(y)) else weights
  count <- size * y
  if (any(abs(count - round(count)) > 1e-3)) {
    row <- which(abs(count - round(count)) > 1e-3)[[1L]]
    admle_abort("data", sprintf(paste(
      "The response times `weights` must be whole numbers, the successes in",
      "`weights` trials: it is %s in observation %d. For shares that are not",
      "counts use y ~ dbetar(mu, phi)."
    ), format(count[[row]]), row), rows = row)
  }
  list(response = round(count), given = list(size = size), weights = NULL)
}
