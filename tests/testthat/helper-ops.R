# What each operation of op_table() is in plain R, and where it is tested.

# An operation as a function that plain R evaluates as well.
op_function <- function(name) {
  if (name %in% names(op_expressions)) {
    return(op_expressions[[name]])
  }
  if (name %in% names(internal_references)) {
    return(internal_op(name, internal_references[[name]]))
  }
  if (name %in% names(derivative_ops)) {
    return(internal_op(name, function(...) engine_value(name, list(...))))
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

# The way a user writes them, in a place where a user would: helper files are
# read into the namespace, whose functions are not recorded like a user's.
op_expressions <- local(list(
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
  round_digits = function(x, y) round(x, y),
  round_signif = function(x, y) signif(x, y),
  atan2 = function(x, y) atan2(x, y),
  beta = function(x, y) beta(x, y), lbeta = function(x, y) lbeta(x, y),
  choose = function(x, y) choose(x, y), lchoose = function(x, y) lchoose(x, y),
  psigamma = function(x, y) psigamma(x, y[1L])
), envir = new.env(parent = globalenv()))

# The order of psigamma() and the digits of round() are data: tested with the
# functions.
plain_second <- c("psigamma", "round_digits", "round_signif")

# Operations that only derivatives and densities use: reached by name.
internal_op <- function(name, reference) {
  force(name)
  force(reference)
  function(...) {
    arguments <- unname(list(...))
    if (!any_traced(arguments)) {
      return(do.call(reference, arguments))
    }
    traced_function(name, arguments, kind_number)
  }
}

internal_references <- list(
  mulz = function(x, y) ifelse(x == 0 | y == 0, 0, x * y),
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
  cdf_binormal = function(x, y, z) exp(reference_log_binormal(x, y, z)),
  log_cdf_binormal = function(x, y, z) reference_log_binormal(x, y, z),
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
  quantile_gamma_p = function(x, y) qgamma(x, y),
  quantile_gamma_q = function(x, y) qgamma(x, y, lower.tail = FALSE),
  quantile_beta_p = function(x, y, z) qbeta(x, y, z),
  quantile_beta_q = function(x, y, z) qbeta(x, y, z, lower.tail = FALSE),
  quantile_student = function(x, y) qt(x, y),
  log_quantile_normal = function(x) qnorm(x, log.p = TRUE),
  log_quantile_gamma_p = function(x, y) qgamma(x, y, log.p = TRUE),
  log_quantile_gamma_q = function(x, y) {
    qgamma(x, y, lower.tail = FALSE, log.p = TRUE)
  },
  log_quantile_beta_p = function(x, y, z) qbeta(x, y, z, log.p = TRUE),
  log_quantile_beta_q = function(x, y, z) {
    qbeta(x, y, z, lower.tail = FALSE, log.p = TRUE)
  },
  log_quantile_student_p = function(x, y) qt(x, y, log.p = TRUE),
  log_quantile_student_q = function(x, y) {
    qt(x, y, lower.tail = FALSE, log.p = TRUE)
  },
  student_p = function(x, y) pt(x, y),
  log_student_p = function(x, y) pt(x, y, log.p = TRUE),
  nbinom_p = function(x, y, z) pnbinom(x, y, mu = z),
  nbinom_q = function(x, y, z) pnbinom(x, y, mu = z, lower.tail = FALSE),
  log_nbinom_p = function(x, y, z) pnbinom(x, y, mu = z, log.p = TRUE),
  log_nbinom_q = function(x, y, z) {
    pnbinom(x, y, mu = z, lower.tail = FALSE, log.p = TRUE)
  }
)

# Densities of counts with gamma functions in place of factorials.
continued_references <- local(list(
  dpois = function(x, y) {
    inside <- x * log(y) - y - lgamma(x + 1)
    ifelse(y < 0, NaN, ifelse(x < 0, -Inf, ifelse(x == 0, -y, inside)))
  },
  dbinom = function(x, y, z) {
    part <- function(n, p) ifelse(n == 0, 0, n * p)
    inside <- lgamma(y + 1) - lgamma(x + 1) - lgamma(y - x + 1) +
      part(x, log(z)) + part(y - x, log1p(-z))
    ifelse(y < 0 | z < 0 | z > 1, NaN, ifelse(x < 0 | x > y, -Inf, inside))
  },
  dgeom = function(x, y) {
    inside <- log(y) + ifelse(x == 0, 0, x * log1p(-y))
    ifelse(y <= 0 | y > 1, NaN, ifelse(x < 0, -Inf, inside))
  },
  dnbinom = function(x, y, z) {
    inside <- lgamma(x + y) - lgamma(y) - lgamma(x + 1) + y * log(z) +
      ifelse(x == 0, 0, x * log1p(-z))
    ifelse(y < 0 | z <= 0 | z > 1, NaN, ifelse(x < 0, -Inf, inside))
  },
  dnbinom_mu = function(x, y, z) {
    inside <- lgamma(x + y) - lgamma(y) - lgamma(x + 1) - y * log1p(z / y) -
      ifelse(x == 0, 0, x * log1p(y / z))
    ifelse(y <= 0 | z < 0, NaN, ifelse(x < 0, -Inf, inside))
  },
  dhyper = function(x, y, z, w) {
    choose_log <- function(n, k) {
      lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    }
    inside <- choose_log(y, x) + choose_log(z, w - x) - choose_log(y + z, w)
    ifelse(x < 0 | x > y | x > w | w - x > z, -Inf, inside)
  }
), envir = new.env(parent = globalenv()))
for (name in names(continued_references)) {
  f <- continued_references[[name]]
  internal_references[[paste0(name, "_continuous_log")]] <- f
  internal_references[[paste0(name, "_continuous")]] <- local({
    f <- f
    function(...) exp(f(...))
  })
}
internal_references$choose_continuous <- function(x, y) {
  ifelse(y > -1 & y <= x,
         exp(lgamma(x + 1) - lgamma(y + 1) - lgamma(x - y + 1)), 0)
}
internal_references$lchoose_continuous <- function(x, y) {
  lgamma(x + 1) - lgamma(y + 1) - lgamma(x - y + 1)
}
rm(name, f)

# log P(X <= x, Y <= y) by integrating over X around the largest value of the
# integrand, which is log-concave.
reference_log_binormal <- function(x, y, rho) {
  one <- function(x, y, rho) {
    if (anyNA(c(x, y, rho)) || abs(rho) > 1) {
      return(NaN)
    }
    if (x == -Inf || y == -Inf) return(-Inf)
    if (x == Inf) return(pnorm(y, log.p = TRUE))
    if (y == Inf) return(pnorm(x, log.p = TRUE))
    if (x > 2 && y > 2) {
      return(log1p(exp(one(-x, -y, rho)) - pnorm(-x) - pnorm(-y)))
    }
    if (rho == 1) return(pnorm(min(x, y), log.p = TRUE))
    if (rho == -1) {
      return(if (x + y > 0) log1p(-pnorm(-x) - pnorm(-y)) else -Inf)
    }
    g <- function(u) {
      dnorm(u, log = TRUE) +
        pnorm((y - rho * u) / sqrt((1 - rho) * (1 + rho)), log.p = TRUE)
    }
    top <- optimize(g, c(-45, min(x, 45)), maximum = TRUE, tol = 1e-10)
    peak <- max(top$objective, g(min(x, 45)))
    f <- function(u) exp(g(u) - peak)
    steps <- c(-40, -9, -2, 0, 2, 9, 40)
    cuts <- sort(unique(c(pmin(x, top$maximum + steps), x)))
    parts <- vapply(seq_along(cuts)[-1L], function(k) {
      integrate(f, cuts[k - 1L], cuts[k], rel.tol = 1e-13, abs.tol = 0,
        subdivisions = 1000L, stop.on.error = FALSE)$value
    }, 0)
    peak + log(sum(parts))
  }
  mapply(one, x, y, rho)
}

# Operations that are derivatives of others, which have no function in R: their
# values are tested as those derivatives, and their own derivatives here.
derivative_ops <- c(
  choose_derivative = "choose", mills_excess = "mills",
  mills_curvature = "mills_excess", dt_log_ddf = "dt_log",
  dt_log_ddf2 = "dt_log_ddf", log_gamma_p_da = "log_gamma_p",
  log_gamma_q_da = "log_gamma_q", log_gamma_p_daa = "log_gamma_p_da",
  log_gamma_q_daa = "log_gamma_q_da", log_beta_p_da = "log_beta_p",
  log_beta_p_db = "log_beta_p", log_beta_q_da = "log_beta_q",
  log_beta_q_db = "log_beta_q", log_beta_p_daa = "log_beta_p_da",
  log_beta_p_dab = "log_beta_p_da", log_beta_p_dbb = "log_beta_p_db",
  log_beta_q_daa = "log_beta_q_da", log_beta_q_dab = "log_beta_q_da",
  log_beta_q_dbb = "log_beta_q_db", log_student_p_ddf = "log_student_p",
  log_student_p_ddf2 = "log_student_p_ddf",
  log_student_p_ddf3 = "log_student_p_ddf2",
  log_gamma_p_daaa = "log_gamma_p_daa", log_gamma_q_daaa = "log_gamma_q_daa",
  log_beta_p_daaa = "log_beta_p_daa", log_beta_p_daab = "log_beta_p_daa",
  log_beta_p_dabb = "log_beta_p_dab", log_beta_p_dbbb = "log_beta_p_dbb",
  log_beta_q_daaa = "log_beta_q_daa", log_beta_q_daab = "log_beta_q_daa",
  log_beta_q_dabb = "log_beta_q_dab", log_beta_q_dbbb = "log_beta_q_dbb",
  bessel_k_scaled = "bessel_k_scaled", bessel_i_scaled = "bessel_i_scaled",
  bessel_j_order = "bessel_j_order", bessel_y_order = "bessel_y_order"
)

# "pnbinom_mu_upper_log" and the like as a call of R's function.
distribution_call <- function(name) {
  parts <- strsplit(name, "_", fixed = TRUE)[[1L]]
  r_name <- parts[[1L]]
  arguments <- c(density_arguments, probability_arguments,
    quantile_arguments)[[r_name]]
  if (is.null(arguments)) {
    return(NULL)
  }
  if ("mu" %in% parts) arguments[arguments == "prob"] <- "mu"
  call <- as.call(c(as.name(r_name),
    stats::setNames(lapply(arguments, as.name), arguments)))
  if ("upper" %in% parts) call$lower.tail <- FALSE
  if ("log" %in% parts) call[[if (substr(r_name, 1L,
    1L) == "d") "log" else "log.p"]] <- TRUE
  empty <- rep(alist(x = ), length(arguments))
  as.function(c(stats::setNames(empty, arguments), call), envir = globalenv())
}

op_domain <- function(row) strsplit(row$domain, ",", fixed = TRUE)[[1L]]
without_derivative <- c("fixed", "count", "size")

# Points inside of each domain, in columns that do not move together, and how
# far a point may be moved (a fraction of the distance from the edge).
domain_points <- list(
  real = list(c(-1.1, -0.6, 0.4, 1.2, 2.2), c(0.8, 2.3, -1.4, -0.3, 0.6),
    c(1.2, -0.7, 0.9, 0.2, -1.6)),
  nonzero = list(c(-2, 0.7, 1.3, -0.4, 3.1), c(-0.9, 1.7, -1.2, 0.55, 2.6)),
  positive = list(c(0.7, 1.9, 2.4, 0.3, 3.6), c(2.6, 0.4, 1.7, 3.8, 1.1),
    c(1.3, 2.9, 0.6, 1.2, 0.8)),
  unit = list(c(0.12, 0.35, 0.55, 0.8, 0.9), c(0.7, 0.9, 0.2, 0.4, 0.15),
    c(0.4, 0.2, 0.8, 0.65, 0.3)),
  correlation = list(c(-0.8, -0.3, 0.2, 0.6, 0.9)),
  nonpositive = list(-c(0.5, 1.3, 0.2, 3, 0.8)),
  above1 = list(c(1.3, 2.4, 5.5, 1.1, 3.6), c(3.2, 1.2, 1.8, 7.1, 2.3),
    c(1.4, 2.1, 1.7, 2.2, 3.4)),
  count = list(c(0, 1, 3, 7, 2)),
  size = list(c(4, 6, 3, 12, 5), c(5, 3, 8, 9, 4), c(2, 3, 4, 5, 3))
)
domain_steps <- list(
  real = function(x) 0.3 + 0 * x, nonzero = function(x) 0.3 * abs(x),
  positive = function(x) x / 2, unit = function(x) pmin(x, 1 - x) / 2,
  correlation = function(x) (1 - abs(x)) / 2,
  nonpositive = function(x) abs(x), above1 = function(x) x - 1
)

# Where the domain of each argument does not describe them together.
orders <- c(0, 1, 3, 2, 1)
op_points <- list(
  psigamma = list(x = domain_points$positive[[1L]], y = 2),
  round_digits = list(x = domain_points$real[[1L]], y = c(-1, 0, 0, 0, 0)),
  round_signif = list(x = domain_points$real[[1L]], y = rep(1, 5)),
  polygamma_difference = list(x = orders, y = domain_points$positive[[1L]],
    z = domain_points$positive[[2L]]),
  choose = list(x = c(7.3, 8.1, 9.6, 12.2, 8.5), y = c(2, 5, 1, 7, 3)),
  lchoose = list(x = c(4.3, 7.1, 3.6, 12.2, 2.5), y = c(2, 5, 1, 7, 0)),
  choose_derivative = list(x = domain_points$positive[[1L]],
    y = c(3, 4, 5, 4, 6),
    z = c(1, 2, 1, 2, 3)),
  tanpi = list(x = c(-1.2, -0.75, 0.1, 0.25, 2.2)),
  dbinom_log = list(x = domain_points$count[[1L]], size = c(5, 6, 3, 12, 5),
    prob = domain_points$unit[[3L]]),
  pweibull = list(q = c(0.7, 1.9, 2.4, 0.3, 2.6),
    shape = c(2.6, 0.4, 1.3, 1.8, 1.1),
    scale = c(1.3, 2.9, 1.6, 1.2, 1.8)),
  qunif = list(p = domain_points$unit[[1L]], min = domain_points$real[[1L]],
    max = c(0.8, 2.3, 1.4, 3.3, 2.6)),
  dhyper = list(x = c(0, 1, 2, 3, 2), m = domain_points$size[[1L]],
    n = domain_points$size[[2L]], k = domain_points$size[[3L]])
)
op_points$dhyper_log <- op_points$dhyper
op_points$bessel_k_scaled <- op_points$bessel_i_scaled <- list(
  x = domain_points$positive[[1L]], y = domain_points$positive[[2L]],
  z = c(0, 1, 0, 2, 1), w = c(0, 0, 1, 1, 2)
)
op_points$bessel_j_order <- op_points$bessel_y_order <-
  op_points$bessel_k_scaled[1:3]
for (name in c("dbinom_continuous", "dbinom_continuous_log")) {
  op_points[[name]] <- list(x = c(0.7, 1.9, 2.4, 0.3, 3.6),
    y = c(2.3, 4.4, 5.5, 3.1, 7.6), z = domain_points$unit[[3L]])
}
for (name in c("dhyper_continuous", "dhyper_continuous_log")) {
  op_points[[name]] <- list(x = c(1.7, 1.9, 2.4, 1.3, 2.6),
    y = c(4.3, 5.2, 4.8, 4.1, 5.3), z = c(4.4, 3.1, 4.7, 5.2, 5.4),
    w = c(3.5, 4.2, 5.5, 3.1, 4.6))
}
for (name in c("pweibull_upper", "pweibull_log", "pweibull_upper_log")) {
  op_points[[name]] <- op_points$pweibull
}
for (name in c("dweibull", "dweibull_log")) {
  op_points[[name]] <- stats::setNames(op_points$pweibull,
    c("x", "shape", "scale"))
}
rm(name)

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
  labels <- setdiff(names(formals(op_function(row$name))), "...")
  if (length(labels) == row$arity) labels else c("x", "y", "z",
    "w")[seq_len(row$arity)]
}
op_scale <- function(row, at) {
  Map(function(x, domain) {
    step <- domain_steps[[domain]]
    if (is.null(step)) 0 * x else step(x)
  }, at, op_domain(row))
}
op_active <- function(row, at) {
  names(at)[!op_domain(row) %in% without_derivative]
}

# The value by the engine itself, whatever a recording makes of R's function.
engine_value <- function(name, arguments) {
  r <- record(function(...) traced_function(name, unname(list(...)),
    kind_number),
    arguments, check = FALSE)
  node_value(trace_graph(r$trace), r$id)
}

# The incomplete gamma and beta functions have derivatives to third order in
# their shapes (`y`, `z`), of any order in the rest.
shape_arguments <- list(
  gamma_p = "y", gamma_q = "y", beta_p = c("y", "z"), beta_q = c("y", "z"),
  student_p = "y", pgamma = "shape", pchisq = "df",
  pbeta = c("shape1", "shape2"), pt = "df", pf = c("df1", "df2"),
  pnbinom = "size", pnbinom_mu = "size", nbinom_p = "y", nbinom_q = "y"
)
op_limit <- function(name) {
  taken <- regmatches(name, regexec("_d([ab]+|df[23]?)$", name))[[1L]][2L]
  used <- if (is.na(taken)) 0 else c(a = 1, b = 1, aa = 2, ab = 2, bb = 2,
    aaa = 3, aab = 3, abb = 3, bbb = 3, df = 1, df2 = 2, df3 = 3)[[taken]]
  family <- sub("_d([ab]+|df[23]?)$", "", sub("^log_", "", name))
  family <- sub("(_upper)?(_log)?$", "", family)
  shapes <- shape_arguments[[family]]
  if (!is.null(shapes)) list(shapes = shapes, order = 3 - used)
}

# f as a function of the arguments `active` alone, the others plain numbers.
with_fixed <- function(f, at, active) {
  positions <- match(active, names(at))
  function(...) {
    values <- at
    values[positions] <- list(...)
    do.call(f, unname(values))
  }
}

# Operations reached by name have no argument names.
unname_if_dots <- function(f, at) {
  if (identical(names(formals(f)), "...")) unname(at) else at
}

# Second derivatives of the distribution functions in their shapes come from
# series with an error of 1e-13, which the differences multiply by 50 / 1.
op_tolerance <- function(name) {
  # Differences in all four arguments come near the ends of the support.
  if (grepl("^dhyper_continuous", name)) return(1e-9)
  if (is.null(op_limit(name))) derivative_tolerance$difference else 1e-10
}

with_names <- function(f, labels) {
  f <- force(f)
  arguments <- lapply(labels, as.name)
  as.function(c(
    stats::setNames(rep(alist(x = ), length(labels)), labels),
    as.call(c(quote(f), arguments))
  ), envir = environment())
}
