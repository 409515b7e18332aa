# Integrals over normal random effects. A likelihood of a group is the integral,
# over the effects that its observations share, of the product of their
# densities; it is replaced by a weighted sum over nodes: Gauss-Hermite points
# for one or two effects, Halton draws for more. All nodes are columns of one
# matrix, so that the whole is a few operations on matrices.
#' @include panel.R
NULL

# -> list(nodes, weights) of the rule for the standard normal density, exact for
# polynomials of degree 2 n - 1 (Golub and Welsch 1969, Mathematics of
# Computation 23, 221-230).
hermite_nodes <- function(n) {
  steps <- sqrt(seq_len(n - 1L))
  jacobi <- matrix(0, n, n)
  jacobi[cbind(seq_len(n - 1L), seq_len(n - 1L) + 1L)] <- steps
  nodes <- sort(eigen(jacobi + t(jacobi), symmetric = TRUE,
                      only.values = TRUE)$values)
  # The eigenvalues are exact to rounding of the largest, the polynomials make
  # each exact to its own, and the weights too.
  for (pass in 1:2) {
    values <- hermite_values(nodes, n)
    nodes <- nodes - values[, n + 1L] / (sqrt(n) * values[, n])
  }
  nodes <- (nodes - rev(nodes)) / 2
  values <- hermite_values(nodes, n)[, seq_len(n), drop = FALSE]
  weights <- 1 / rowSums(values^2)
  list(nodes = nodes, weights = weights / sum(weights))
}

# The orthonormal Hermite polynomials of degrees 0 to n, a column for each.
hermite_values <- function(x, n) {
  values <- matrix(1, length(x), n + 1L)
  values[, 2L] <- x
  for (k in seq_len(n - 1L)) {
    values[, k + 2L] <-
      (x * values[, k + 1L] - sqrt(k) * values[, k]) / sqrt(k + 1)
  }
  values
}

# Points that fill the unit cube evenly; column d is the sequence to the base of
# the d-th prime number (Train 2009, Discrete Choice Methods with Simulation,
# 9.3.3).
halton_points <- function(n, dim = 1, skip = 0) {
  points <- vapply(first_primes[seq_len(dim)], function(base) {
    radical_inverse(skip + seq_len(n), base)
  }, numeric(n))
  matrix(points, n, dim)
}

first_primes <- c(2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53,
                  59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
                  127, 131, 137, 139, 149, 151, 157, 163, 167, 173)

# The digits of k to the base, mirrored at the point.
radical_inverse <- function(k, base) {
  out <- numeric(length(k))
  place <- 1 / base
  while (any(k > 0)) {
    out <- out + place * (k %% base)
    k <- k %/% base
    place <- place / base
  }
  out
}

#' Log-likelihood with normal random effects
#'
#' The logarithm of the likelihood of each group,
#' \deqn{\log \int \prod_{i \in g} f_i(u)\, \phi(u)\, du,}
#' where the observations of a group share `dim` independent standard normal
#' effects `u`. To be used in the log-likelihood given to [mle_fit()], where
#' everything else is ordinary R.
#'
#' @param f A function of `u` that returns the logarithm of \eqn{f_i(u)}: a
#'   matrix with a row for each observation and a column for each node, like
#'   `u`. With `dim > 1`, `u` is a list of `dim` such matrices. Effects with a
#'   standard deviation or a correlation are made of `u` in the function:
#'   `sigma * u`, or `s2 * (r * u[[1]] + sqrt(1 - r^2) * u[[2]])`.
#' @param group The group of each observation: a vector or factor, as for
#'   [group_index()].
#' @param n The number of nodes: per effect for quadrature (the product grid has
#'   `n^dim` nodes), altogether for `"halton"`.
#' @param dim The number of effects.
#' @param method `"adaptive"`: Gauss-Hermite nodes that are moved to the
#'   posterior mean and covariance of the effects of each group; for one to
#'   three effects. While the function is maximised they stay in place and are
#'   moved again where they have become far off, and at the maximum until it
#'   stays, so that it does not depend on the start. `"gauss-hermite"`: the same
#'   nodes for all groups, which is wrong where a group tells much about its
#'   effect (many observations, counts, a large standard deviation) unless there
#'   are very many. `"halton"`: the average over `n` quasi-random draws, others
#'   for each group (simulated maximum likelihood); for more effects. Whichever
#'   it is, increase `n` until the log-likelihood stays.
#' @return A vector with the log-likelihood of each group, in the order of
#'   `group_index(group)`. Where `data` of `mle_fit()` is a data frame, it
#'   expects a contribution for each row: give a list, as in
#'   `data = as.list(d)`.
#' @section Matrices and vectors:
#' The sum of a vector with an element for each observation and the matrix `u`
#' is a matrix. A product `X %*% b` is a matrix of one column, which R does not
#' add to one of several: write `drop(X %*% b)`.
#' @references Butler and Moffitt (1982), A computationally efficient quadrature
#'   procedure for the one-factor multinomial probit model, *Econometrica* 50,
#'   761-764. Naylor and Smith (1982), Applications of a method for the
#'   efficient computation of posterior distributions, *Applied Statistics* 31,
#'   214-225.
#'   Train (2009), *Discrete Choice Methods with Simulation*,
#'   chapters 6 and 9.
#' @seealso [group_sum()]
#' @examples
#' # probit with a random effect for each subject
#' set.seed(1)
#' d <- data.frame(id = rep(1:40, each = 6), x = rnorm(240))
#' d$y <- as.numeric(0.5 * d$x + 0.8 * rnorm(40)[d$id] + rnorm(240) > 0)
#' fit <- mle_fit(
#'   function(a, b, sigma) {
#'     integrate_normal(function(u) {
#'       pnorm((2 * y - 1) * (a + b * x + sigma * u), log.p = TRUE)
#'     }, id)
#'   },
#'   start = list(a = 0, b = 0, sigma = positive(1)), data = as.list(d)
#' )
#' summary(fit)
#'
#' # mixed logit: three alternatives, the taste for time differs between people
#' id <- rep(1:50, each = 4)
#' price <- matrix(rexp(600), 200)
#' time <- matrix(rexp(600), 200)
#' utility <- (rnorm(50) - 1)[id] * time - price - log(rexp(600))
#' chosen <- cbind(1:200, max.col(utility))
#' mle_fit(
#'   function(b, m, s) {
#'     integrate_normal(function(u) {
#'       taste <- m + s * u
#'       v <- lapply(1:3, function(j) b * price[, j] + taste * time[, j])
#'       own <- b * price[chosen] + taste * time[chosen]
#'       own - log(exp(v[[1]]) + exp(v[[2]]) + exp(v[[3]]))
#'     }, id, n = 50, method = "halton")
#'   },
#'   start = list(b = 0, m = 0, s = positive(1))
#' )
#' @export
integrate_normal <- function(f, group, n = 15, dim = 1,
                             method = c("adaptive", "gauss-hermite",
                                        "halton")) {
  if (!is.function(f)) {
    admle_abort("argument", sprintf(
      "`f` must be a function of the effects, not %s.", described(f)
    ), argument = "f")
  }
  group <- group_index(group)
  method <- match_choice(method, names(integration_rules), "method")
  rule_type <- integration_rules[[method]]
  n <- check_count(n, "n", most = if (rule_type$product) 200 else Inf)
  dim <- check_count(dim, "dim", most = length(first_primes))
  if (rule_type$product) check_grid_size(n, dim, length(group))
  rule <- rule_type$make(f, group, n, dim)
  values <- f(given_effects(rule))
  values <- check_integrand(values, length(group), ncol(rule$log_weights))
  terms <- group_sum(values, group) + rule$log_weights
  result <- row_log_sum_exp(terms)
  if (!is.null(rule$grid)) guard_nodes(terms, result, rule$grid)
  result
}

# Whether the nodes are a product of those in each dimension, and
# make(f, group, n, dim) -> list(effects, a matrix for each, a row for each
# observation; log_weights, a row for each group; grid, the standard nodes
# behind those that were moved).
integration_rules <- list(
  adaptive = list(product = TRUE, make = function(...) adaptive_rule(...)),
  "gauss-hermite" = list(product = TRUE, make = function(f, ...) {
    hermite_rule(...)
  }),
  halton = list(product = FALSE, make = function(f, ...) halton_rule(...))
)

# One matrix, or a list of several.
given_effects <- function(rule) {
  if (length(rule$effects) == 1L) rule$effects[[1L]] else rule$effects
}

# The integrand has a number for each observation and node.
check_grid_size <- function(n, dim, observations) {
  if (n^dim > 1e5 || n^dim * observations > 2^28) {
    admle_abort("argument", sprintf(paste(
      "%d nodes for each of %d effects are %s nodes for %s.",
      "Use `method = \"halton\"` for many effects."
    ), n, dim, grouped_digits(n^dim),
    counted(observations, "observation")), argument = "dim")
  }
}

# The product rule: nodes, a column for each effect, and log-weights.
hermite_grid <- function(n, dim) {
  rule <- hermite_nodes(n)
  grid <- as.matrix(expand.grid(rep(list(seq_len(n)), dim)))
  list(nodes = matrix(rule$nodes[grid], ncol = dim),
       log_weights = rowSums(matrix(log(rule$weights)[grid], ncol = dim)))
}

hermite_rule <- function(group, n, dim) {
  grid <- hermite_grid(n, dim)
  size <- nrow(grid$nodes)
  list(
    effects = lapply(seq_len(dim), function(d) {
      matrix(grid$nodes[, d], length(group), size, byrow = TRUE)
    }),
    log_weights = matrix(grid$log_weights, max(group), size, byrow = TRUE)
  )
}

# The sequence goes on from group to group; its first points are left out, which
# are correlated between the primes.
halton_rule <- function(group, n, dim) {
  groups <- max(group)
  draws <- stats::qnorm(halton_points(n * groups, dim, skip = 10))
  list(
    effects = lapply(seq_len(dim), function(d) {
      matrix(draws[, d], groups, n, byrow = TRUE)[group, , drop = FALSE]
    }),
    log_weights = matrix(-log(n), groups, n)
  )
}

check_integrand <- function(values, rows, columns) {
  # if (...) return(-Inf), say.
  if (is.numeric(values) && length(values) == 1L) {
    return(matrix(values, rows, columns))
  }
  shape <- dim(values)
  if (!is_traced(values) && !is.numeric(values) ||
        !identical(as.integer(shape), c(rows, columns))) {
    admle_abort("value", sprintf(paste(
      "The integrand must return a matrix with %s and %s like `u`, not %s."
    ), counted(rows, "row"), counted(columns, "column"),
    if (is.null(shape)) {
      paste("a vector of length", length(values))
    } else {
      paste("one of", paste(shape, collapse = " x "))
    }))
  }
  values
}

# log(rowSums(exp(x))), the largest element of each row taken out first.
row_log_sum_exp <- function(x) {
  columns <- lapply(seq_len(ncol(x)), function(j) x[, j])
  if (!is_traced(x)) {
    largest <- do.call(pmax, columns)
    largest[!is.finite(largest)] <- 0
    return(largest + log(rowSums(exp(x - largest))))
  }
  largest <- traced_parallel("pmax2", columns, FALSE)
  finite <- traced_binary("lt", abs(largest), Inf, kind_whole)
  shift <- traced_select(finite, largest, 0)
  shift + log(mat_sums(exp(x - shift), TRUE))
}
