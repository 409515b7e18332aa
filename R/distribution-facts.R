# What is known of a distribution beyond its functions: moments, and what its
# parameters look like. Everything works without such facts: the moments by
# quadrature, the support from the quantiles of 0 and 1.
#' @include distribution-density.R
NULL

known_facts <- new.env()

# Facts of one density: functions of its parameters `mean`, `variance`,
# with NULL for those that it has not, `support` (a list of two vectors), `size`
# (how many observations the parameters are for), `categories` (how many); and
# `discrete`, a logical. `sees_part`: the second column of the response says
# where the first is seen.
define_facts <- function(name, ...) {
  assign(name, list(...), envir = known_facts)
}

# Facts are for R's and admle's own densities, not for others of that name.
density_facts <- function(name, density) {
  home <- environment(density)
  own <- isNamespace(home) &&
    getNamespaceName(home) %in% c("stats", "admle")
  facts <- if (own) known_facts[[name]] else NULL
  if (is.null(facts)) facts <- list()
  if (is.null(facts$size)) facts$size <- parameter_sets
  facts
}

# Vectors have a value for each observation, matrices a row.
parameter_sets <- function(...) {
  parameters <- list(...)
  numbers <- vapply(
    parameters, function(p) is_traced(p) || is.numeric(p) || is.logical(p), NA
  )
  if (!any(numbers)) {
    return(1L)
  }
  max(vapply(parameters[numbers], NROW, 1L))
}

# Whether quantiles are whole numbers, for a density of the user's.
looks_discrete <- function(quantile, parameters) {
  if (is.null(quantile)) {
    return(FALSE)
  }
  probe <- function(p) do.call(quantile, c(list(p), parameters))
  values <- tryCatch(
    suppressWarnings(unlist(lapply(c(0.1, 0.37, 0.5, 0.81), probe))),
    error = function(e) NA
  )
  is.numeric(values) && length(values) > 0L && all(is.finite(values)) &&
    all(values == round(values))
}

define_facts("dnorm", discrete = FALSE,
  mean = function(mean = 0, sd = 1) mean + 0 * sd,
  variance = function(mean = 0, sd = 1) sd^2 + 0 * mean
)
define_facts("dlnorm", discrete = FALSE,
  mean = function(meanlog = 0, sdlog = 1) exp(meanlog + sdlog^2 / 2),
  variance = function(meanlog = 0, sdlog = 1) {
    expm1(sdlog^2) * exp(2 * meanlog + sdlog^2)
  }
)
define_facts("dexp", discrete = FALSE,
  mean = function(rate = 1) 1 / rate, variance = function(rate = 1) 1 / rate^2
)
define_facts("dgamma", discrete = FALSE,
  mean = function(shape, rate = 1, scale = 1 / rate) shape * scale,
  variance = function(shape, rate = 1, scale = 1 / rate) shape * scale^2
)
define_facts("dchisq", discrete = FALSE,
  mean = function(df, ncp = 0) df + ncp,
  variance = function(df, ncp = 0) 2 * (df + 2 * ncp)
)
define_facts("dbeta", discrete = FALSE,
  mean = function(shape1, shape2) shape1 / (shape1 + shape2),
  variance = function(shape1, shape2) {
    total <- shape1 + shape2
    shape1 * shape2 / (total^2 * (total + 1))
  },
  support = function(shape1, shape2) list(0, 1)
)
define_facts("dweibull", discrete = FALSE,
  mean = function(shape, scale = 1) scale * gamma(1 + 1 / shape),
  variance = function(shape, scale = 1) {
    scale^2 * (gamma(1 + 2 / shape) - gamma(1 + 1 / shape)^2)
  }
)
define_facts("dlogis", discrete = FALSE,
  mean = function(location = 0, scale = 1) location + 0 * scale,
  variance = function(location = 0, scale = 1) {
    pi^2 / 3 * scale^2 + 0 * location
  }
)
define_facts("dcauchy", discrete = FALSE,
  mean = function(location = 0, scale = 1) NaN * (location + scale),
  variance = function(location = 0, scale = 1) NaN * (location + scale)
)
define_facts("dunif", discrete = FALSE,
  mean = function(min = 0, max = 1) (min + max) / 2,
  variance = function(min = 0, max = 1) (max - min)^2 / 12
)
define_facts("dt", discrete = FALSE,
  mean = function(df) ifelse(df > 1, 0 * df, NaN),
  variance = function(df) {
    ifelse(df > 2, df / (df - 2), ifelse(df > 1, Inf, NaN))
  }
)
define_facts("df", discrete = FALSE,
  mean = function(df1, df2) ifelse(df2 > 2, df2 / (df2 - 2), Inf) + 0 * df1,
  variance = function(df1, df2) {
    ifelse(
      df2 > 4,
      2 * df2^2 * (df1 + df2 - 2) / (df1 * (df2 - 2)^2 * (df2 - 4)),
      ifelse(df2 > 2, Inf, NaN)
    )
  }
)
define_facts("dpois", discrete = TRUE,
  mean = function(lambda) lambda, variance = function(lambda) lambda
)
define_facts("dbinom", discrete = TRUE,
  mean = function(size, prob) size * prob,
  variance = function(size, prob) size * prob * (1 - prob)
)
define_facts("dgeom", discrete = TRUE,
  mean = function(prob) (1 - prob) / prob,
  variance = function(prob) (1 - prob) / prob^2
)
define_facts("dnbinom", discrete = TRUE,
  mean = function(size, prob, mu = size * (1 - prob) / prob) mu + 0 * size,
  variance = function(size, prob, mu = size * (1 - prob) / prob) {
    mu + mu^2 / size
  }
)
define_facts("dhyper", discrete = TRUE,
  mean = function(m, n, k) k * m / (m + n),
  variance = function(m, n, k) {
    total <- m + n
    k * m / total * n / total * (total - k) / (total - 1)
  }
)
