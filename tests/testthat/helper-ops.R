# What each operation of op_table() is in plain R, and where it is tested.

# An operation as a function that plain R evaluates as well.
op_function <- function(name) {
  if (name %in% names(op_expressions)) {
    return(op_expressions[[name]])
  }
  if (name %in% names(internal_references)) {
    return(internal_op(name, internal_references[[name]]))
  }
  if (grepl("^[dpq]", name) && !is.null(distribution_call(name))) {
    return(distribution_call(name))
  }
  if (exists(name, envir = baseenv(), inherits = FALSE)) {
    return(as.function(alist(x = , f(x)), envir = list2env(
      list(f = get(name, envir = baseenv())), parent = globalenv()
    )))
  }
  NULL
}

# The way a user writes them.
op_expressions <- list(
  add = function(x, y) x + y, sub = function(x, y) x - y,
  mul = function(x, y) x * y, div = function(x, y) x / y,
  neg = function(x) -x, pow = function(x, y) x^y,
  mod = function(x, y) x %% y, int_div = function(x, y) x %/% y,
  pmin2 = function(x, y) pmin(x, y), pmax2 = function(x, y) pmax(x, y),
  lt = function(x, y) (x < y) + 0, le = function(x, y) (x <= y) + 0,
  gt = function(x, y) (x > y) + 0, ge = function(x, y) (x >= y) + 0,
  eq = function(x, y) (x == y) + 0, ne = function(x, y) (x != y) + 0,
  logical_and = function(x, y) (x & y) + 0,
  logical_or = function(x, y) (x | y) + 0,
  logical_not = function(x) (!x) + 0,
  select = function(x, y, z) ifelse(x != 0, y, z),
  atan2 = function(x, y) atan2(x, y),
  beta = function(x, y) beta(x, y), lbeta = function(x, y) lbeta(x, y),
  choose = function(x, y) choose(x, y), lchoose = function(x, y) lchoose(x, y),
  psigamma = function(x, y) psigamma(x, y[1L])
)

# Operations that only derivatives and densities use: reached by name.
internal_op <- function(name, reference) {
  force(name)
  force(reference)
  function(...) {
    arguments <- list(...)
    if (!any_traced(arguments)) {
      return(do.call(reference, arguments))
    }
    traced_function(name, unname(arguments), kind_number)
  }
}

internal_references <- list(
  mulz = function(x, y) ifelse(x == 0, 0, x * y),
  square = function(x) x * x,
  log1p_exp = function(x) -plogis(-x, log.p = TRUE),
  log1m_exp = function(x) ifelse(x < 0, NaN, pexp(x, log.p = TRUE)),
  logistic = function(x) plogis(x),
  log_logistic = function(x) plogis(x, log.p = TRUE),
  polygamma_difference = function(x, y, z) {
    mapply(function(n, a, b) psigamma(a + b, n) - psigamma(a, n), x, y, z)
  },
  phi = function(x) dnorm(x), cdf_normal = function(x) pnorm(x),
  log_cdf_normal = function(x) pnorm(x, log.p = TRUE),
  mills = function(x) exp(dnorm(x, log = TRUE) - pnorm(x, log.p = TRUE)),
  quantile_normal = function(x) qnorm(x),
  gamma_p = function(x, y) pgamma(x, y),
  gamma_q = function(x, y) pgamma(x, y, lower.tail = FALSE),
  log_gamma_p = function(x, y) pgamma(x, y, log.p = TRUE),
  log_gamma_q = function(x, y) pgamma(x, y, lower.tail = FALSE, log.p = TRUE),
  beta_p = function(x, y, z) pbeta(x, y, z),
  beta_q = function(x, y, z) pbeta(x, y, z, lower.tail = FALSE),
  log_beta_p = function(x, y, z) pbeta(x, y, z, log.p = TRUE),
  log_beta_q = function(x, y, z) {
    pbeta(x, y, z, lower.tail = FALSE, log.p = TRUE)
  },
  student_p = function(x, y) pt(x, y),
  log_student_p = function(x, y) pt(x, y, log.p = TRUE)
)

# "pnbinom_mu_upper_log" and the like as a call of R's function.
distribution_call <- function(name) {
  parts <- strsplit(name, "_", fixed = TRUE)[[1L]]
  r_name <- parts[[1L]]
  arguments <- c(density_arguments, probability_arguments, quantile_arguments)[[r_name]]
  if (is.null(arguments)) {
    return(NULL)
  }
  if ("mu" %in% parts) arguments[arguments == "prob"] <- "mu"
  call <- as.call(c(as.name(r_name), stats::setNames(lapply(arguments, as.name), arguments)))
  if ("upper" %in% parts) call$lower.tail <- FALSE
  if ("log" %in% parts) call[[if (substr(r_name, 1L, 1L) == "d") "log" else "log.p"]] <- TRUE
  empty <- rep(alist(x = ), length(arguments))
  as.function(c(stats::setNames(empty, arguments), call), envir = globalenv())
}

# ---- Where ---------------------------------------------------------------------

op_domain <- function(row) strsplit(row$domain, ",", fixed = TRUE)[[1L]]
without_derivative <- c("fixed", "count", "size")

# Points inside of each domain, in five columns that do not move together, and
# how far each may be moved.
domain_points <- list(
  real = list(c(-1.7, -0.6, 0.4, 1.3, 2.2), c(0.8, 2.3, -1.4, -0.3, 0.6), c(1.2, -0.7, 0.9, 0.2, -1.6)),
  nonzero = list(c(-2, 0.7, 1.3, -0.4, 3.1), c(-0.9, 1.7, -1.2, 0.45, 2.6)),
  positive = list(c(0.7, 1.9, 4.2, 0.3, 11), c(2.6, 0.4, 1.7, 3.8, 9), c(1.3, 2.9, 0.6, 5.2, 0.8)),
  unit = list(c(0.12, 0.35, 0.55, 0.8, 0.93), c(0.7, 0.9, 0.2, 0.4, 0.15), c(0.4, 0.2, 0.8, 0.65, 0.3)),
  nonpositive = list(c(-0.5, -1.3, -0.2, -3, -0.8)),
  above1 = list(c(1.3, 2.4, 5.5, 1.1, 12), c(3.2, 1.2, 1.8, 7.1, 2.3), c(1.4, 2.1, 1.7, 2.2, 3.4)),
  count = list(c(0, 1, 3, 7, 2)), size = list(c(4, 6, 3, 12, 5), c(5, 3, 8, 9, 4), c(2, 1, 4, 5, 3)),
  fixed = list(c(0, 1, 3, 2, 1), c(5, 6, 3, 12, 5), c(5, 3, 8, 9, 4), c(2, 1, 4, 5, 3))
)
domain_steps <- list(
  real = function(x) 0.3 + 0 * x, nonzero = function(x) 0.3 * abs(x),
  positive = function(x) x, unit = function(x) pmin(x, 1 - x),
  nonpositive = function(x) abs(x), above1 = function(x) x - 1
)

# Arguments that the domain does not describe alone.
op_points <- list(
  psigamma = list(x = c(0.7, 1.9, 4.2, 0.3, 11), y = 1),
  lchoose = list(x = c(4.3, 7.1, 3.6, 12.2, 2.5), y = c(2, 5, 1, 7, 0)),
  dbinom_log = list(x = c(0, 1, 3, 7, 2), size = c(5, 6, 3, 12, 5), prob = c(0.12, 0.35, 0.55, 0.8, 0.93)),
  dhyper = list(x = c(0, 1, 2, 3, 2), m = c(4, 6, 3, 12, 5), n = c(5, 3, 8, 9, 4), k = c(2, 3, 4, 5, 3)),
  punif = list(q = c(0.12, 0.35, 0.55, 0.8, 0.93), min = -c(0.5, 1.3, 0.2, 3, 0.8), max = c(1.3, 2.4, 5.5, 1.1, 12)),
  choose_derivative = list(x = c(0.7, 1.9, 4.2, 0.3, 11), y = c(1, 2, 3, 4, 5), z = c(1, 1, 2, 1, 2))
)
op_points$dhyper_log <- op_points$dhyper

op_point <- function(row) {
  given <- op_points[[row$name]]
  if (!is.null(given)) {
    return(given)
  }
  domains <- op_domain(row)
  out <- lapply(seq_along(domains), function(k) {
    columns <- domain_points[[domains[[k]]]]
    columns[[(k - 1L) %% length(columns) + 1L]]
  })
  stats::setNames(out, op_arguments(row))
}
op_arguments <- function(row) {
  f <- op_function(row$name)
  labels <- if (is.function(f)) setdiff(names(formals(f)), "...")
  if (length(labels) == row$arity) labels else c("x", "y", "z", "w")[seq_len(row$arity)]
}
op_scale <- function(row, at) {
  Map(function(x, domain) {
    step <- domain_steps[[domain]]
    if (is.null(step)) 0 * x else step(x)
  }, at, op_domain(row))
}
