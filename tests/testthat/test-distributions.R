# Densities, distribution and quantile functions as a user calls them:
# derivatives in the quantile and in every parameter. Values and third
# derivatives of all of them are tested with the operations (test-ops.R); here
# are the numbers that are known independently.
#
# distribution-facts.csv: values, gradients and Hessians (lower triangle by
# rows) of the distribution functions and their logarithms, computed with mpmath
# at 60 to 100 digits: series of the incomplete gamma and beta functions,
# differentiated by differences with steps of 1e-12. Arguments are those of R's
# function; of ppois, pbinom and pnbinom the parameters only.

facts <- utils::read.csv(test_path("distribution-facts.csv"))
fact_numbers <- function(text) {
  as.numeric(strsplit(as.character(text), " ")[[1L]])
}
fact_active <- function(name, at) {
  switch(name, ppois = 2L, pbinom = 3L, pnbinom = 2:3, seq_along(at))
}

# The distribution function as a function of its active arguments.
fact_function <- function(fact, at) {
  active <- fact_active(fact$name, at)
  values <- lapply(seq_along(at), function(k) {
    if (k %in% active) bquote(p[[.(match(k, active))]]) else at[[k]]
  })
  names(values) <- probability_arguments[[fact$name]]
  call <- as.call(c(
    as.name(fact$name), values,
    lower.tail = fact$lower_tail, log.p = fact$log_p
  ))
  as.function(c(alist(p = ), call), envir = new.env(parent = globalenv()))
}

# The largest relative error; of numbers much smaller than the others, relative
# to those.
worst <- function(got, known, size = max(abs(known))) {
  max(abs(got - known) / pmax(abs(known), 1e-3 * size))
}

test_that("derivatives of distribution functions are the facts", {
  expect_gt(nrow(facts), 150)
  for (i in seq_len(nrow(facts))) {
    fact <- facts[i, ]
    at <- fact_numbers(fact$at)
    point <- at[fact_active(fact$name, at)]
    f <- fact_function(fact, at)
    label <- sprintf("%s(%s), lower.tail = %s, log.p = %s", fact$name, fact$at,
      fact$lower_tail, fact$log_p)
    gradient <- fact_numbers(fact$gradient)
    expect_lt(worst(grad(f)(point), gradient), derivative_tolerance$first,
      label = paste("error of the gradient of", label))
    second <- hessian(f)(point)
    known <- matrix(0, length(point), length(point))
    known[upper.tri(known, TRUE)] <- fact_numbers(fact$hessian)
    expect_lt(
      worst(second[upper.tri(known, TRUE)], fact_numbers(fact$hessian),
        max(abs(known), 1e-6 * abs(gradient))),
      derivative_tolerance$second,
      label = paste("error of the Hessian of", label))
    expect_lt(worst(second, t(second), max(abs(second), 1e-6)),
      derivative_tolerance$second, label = label)
  }
})

# Identities.

density_of <- function(name) {
  sub("^p", "d", name)
}
continuous <- c("pnorm", "plnorm", "plogis", "pexp", "pweibull", "pcauchy",
  "punif", "pgamma", "pchisq", "pbeta", "pt", "pf")
distribution_points <- list(
  pnorm = list(q = c(-1, 0.4, 3), mean = 0.3, sd = 1.4),
  plnorm = list(q = c(0.2, 1.4, 5), meanlog = 0.3, sdlog = 0.8),
  plogis = list(q = c(-1, 0.4, 3), location = 0.3, scale = 1.4),
  pexp = list(q = c(0.1, 1, 4), rate = 0.7),
  pweibull = list(q = c(0.2, 1, 2.1), shape = 1.6, scale = 1.2),
  pcauchy = list(q = c(-4, 0.4, 3), location = 0.3, scale = 1.4),
  punif = list(q = c(0.1, 0.6), min = -0.3, max = 1.2),
  pgamma = list(q = c(0.2, 1, 4), shape = 1.6, rate = 1.2),
  pchisq = list(q = c(0.2, 3, 9), df = 3.4),
  pbeta = list(q = c(0.1, 0.5, 0.9), shape1 = 1.6, shape2 = 2.3),
  pt = list(q = c(-2, 0.4, 3), df = 4.5),
  pf = list(q = c(0.2, 1, 3), df1 = 3.5, df2 = 6)
)

test_that("the derivative of a distribution function is the density", {
  for (name in continuous) {
    at <- distribution_points[[name]]
    p <- match.fun(name)
    d <- match.fun(density_of(name))
    slope <- function(q, ...) {
      parameters <- at[-1L]
      f <- function(q) do.call(p, c(list(q), parameters, list(...)))
      jvp(f)(q, rep(1, length(q)))
    }
    density <- do.call(d, unname(at))
    lower <- do.call(p, unname(at))
    upper <- do.call(p, c(unname(at), lower.tail = FALSE))
    expect_equal(slope(at$q), density, tolerance = 1e-13, label = name)
    expect_equal(slope(at$q, lower.tail = FALSE), -density, tolerance = 1e-13,
      label = name)
    expect_equal(slope(at$q, log.p = TRUE), density / lower, tolerance = 1e-12,
      label = name)
    expect_equal(slope(at$q, lower.tail = FALSE, log.p = TRUE),
      -density / upper,
      tolerance = 1e-12, label = name)
  }
})

test_that("quantile functions are the inverses of distribution functions", {
  for (name in names(quantile_arguments)) {
    p_name <- sub("^q", "p", name)
    parameters <- unname(distribution_points[[p_name]][-1L])
    q <- match.fun(name)
    p <- match.fun(p_name)
    level <- c(0.1, 0.4, 0.85)
    for (upper in c(FALSE, TRUE)) for (log_p in c(FALSE, TRUE)) {
      chance <- if (log_p) log(level) else level
      there <- function(u, theta) {
        x <- do.call(q,
          c(list(u), as.list(theta), list(lower.tail = !upper, log.p = log_p)))
        do.call(p,
          c(list(x), as.list(theta), list(lower.tail = !upper, log.p = log_p)))
      }
      theta <- unlist(parameters)
      label <- sprintf("%s, upper %s, log %s", name, upper, log_p)
      expect_equal(there(chance, theta), chance, tolerance = 1e-13,
        label = label)
      expect_equal(jacobian(there)(chance, theta), diag(3), tolerance = 1e-12,
        label = label)
      expect_lt(max(abs(jacobian(there, "theta")(chance, theta))), 1e-12,
        label = label)
    }
  }
})

test_that("densities integrate to one, whatever the parameters", {
  # The score has mean zero: sums over the support of discrete distributions.
  mean_score <- function(density, theta, support) {
    weights <- density(support, theta)
    scores <- jacobian(function(theta) log(density(support, theta)))(theta)
    colSums(weights * scores)
  }
  expect_zero <- function(x) expect_lt(max(abs(x)), 1e-12)
  expect_zero(mean_score(function(x, t) dpois(x, t), 3.2, 0:80))
  expect_zero(mean_score(function(x, t) dbinom(x, 9, t), 0.3, 0:9))
  expect_zero(mean_score(function(x, t) dgeom(x, t), 0.4, 0:100))
  expect_zero(mean_score(function(x, t) dnbinom(x, t[1], t[2]), c(2.4, 0.6),
    0:120))
  expect_zero(mean_score(function(x, t) dnbinom(x, t[1], mu = t[2]),
    c(2.4, 1.7), 0:200))
})

test_that("log = TRUE and the logarithm have the same derivatives", {
  points <- list(
    dnorm = list(0.4, 0.3, 1.4), dlnorm = list(1.4, 0.3, 0.8), dt = list(0.7,
      4.5),
    dchisq = list(3, 3.4), df = list(1.3, 3.5, 6), dgamma = list(1.2, 1.6, 1.3),
    dbeta = list(0.4, 1.6, 2.3), dexp = list(1, 0.7), dweibull = list(1, 1.6,
      1.2),
    dlogis = list(-0.4, 0.3, 1.4), dcauchy = list(0.4, 0.3, 1.4),
    dunif = list(0.5, -0.3, 1.2), dpois = list(3, 2.2), dbinom = list(3, 7,
      0.4),
    dnbinom = list(3, 2.2, 0.4), dgeom = list(3, 0.4)
  )
  expect_setequal(names(points), setdiff(names(density_arguments), "dhyper"))
  for (name in names(points)) {
    d <- match.fun(name)
    fixed <- switch(name, dbinom = 1:2, dpois = , dnbinom = , dgeom = 1L,
      integer())
    at <- points[[name]]
    active <- setdiff(seq_along(at), fixed)
    of <- function(log) {
      function(p) {
        arguments <- at
        for (k in seq_along(active)) arguments[[active[k]]] <- p[[k]]
        value <- do.call(d, c(arguments, list(log = log)))
        if (log) value else base::log(value)
      }
    }
    p <- unlist(at[active])
    expect_equal(of(TRUE)(p), of(FALSE)(p), tolerance = 1e-14, label = name)
    expect_equal(grad(of(TRUE))(p), grad(of(FALSE))(p), tolerance = 1e-12,
      label = name)
    expect_equal(hessian(of(TRUE))(p), hessian(of(FALSE))(p), tolerance = 1e-11,
      label = name)
  }
})

# Support and tails.

test_that("outside of the support a density is zero and has no derivative", {
  outside <- list(
    function(t) dexp(-1, t), function(t) dgamma(-1, t,
      2), function(t) dbeta(1.2, t, 2),
    function(t) dweibull(-1, t, 2), function(t) dlnorm(-1, t,
      2), function(t) dunif(3, 0, t),
    function(t) dpois(-1, t), function(t) dbinom(5, 4,
      t / 2), function(t) dchisq(-1, t),
    function(t) df(-1, t, 2), function(t) df(-1, 2, t), function(t) dbeta(1.2,
      2, t),
    function(t) dbeta(-0.2, t, 2), function(t) pgamma(-1,
      t), function(t) pbeta(-0.1, t, 2),
    function(t) pbeta(1.1, t, 2), function(t) pexp(-1, t), function(t) punif(3,
      0, t)
  )
  for (f in outside) {
    expect_identical(grad(f)(1), 0, label = deparse1(body(f)))
  }
})

test_that("a component that cannot have made an observation does no harm", {
  x <- c(-0.7, 0.4, 1.9)
  mixture <- function(t) {
    log(0.3 * dgamma(x, t[1], t[2]) + 0.3 * df(x, t[1], t[2]) +
          0.2 * dbeta(x, t[1], t[2]) + 0.2 * dnorm(x, t[3]))
  }
  on_log_scale <- function(t) {
    parts <- cbind(
      log(0.3) + dgamma(x, t[1], t[2], log = TRUE), log(0.3) + df(x, t[1], t[2],
        log = TRUE),
      log(0.2) + dbeta(x, t[1], t[2], log = TRUE), log(0.2) + dnorm(x, t[3],
        log = TRUE)
    )
    apply(parts, 1, log_sum_exp)
  }
  t <- c(2.1, 1.4, 0.2)
  expect_equal(jacobian(mixture)(t)[1L, ], c(0, 0, x[1] - t[3]),
    tolerance = 1e-14)
  expect_derivatives(mixture, list(t = t))
  expect_equal(jacobian(on_log_scale)(t), jacobian(mixture)(t),
    tolerance = 1e-13)
})

test_that("parameters out of their range give NaN, as in base R", {
  calls <- expression(
    pnorm(1, 0, s), dnorm(1, 0, s), plogis(1, 0, s), pcauchy(1, 0, s),
    pexp(1, s), pweibull(1, 2, s), pweibull(1, s, 2), pgamma(1, s, 2),
    pgamma(1, 2, s), pbeta(0.5, s, 1), pt(1, s), pf(1, s, 2), ppois(1, s),
    pbinom(1, 2, s), pnbinom(1, s, 0.5), pnbinom(1, 2, s), pgeom(1, s),
    qnorm(0.3, 0, s), qexp(0.3, s), qweibull(0.3, s, 1), qunif(0.3, 0, s),
    dexp(-1, s), dweibull(1, s, s), dgamma(1, s, 1), dpois(1, s)
  )
  for (call in calls) {
    f <- as.function(c(alist(s = ), call), envir = globalenv())
    value <- function(s) suppressWarnings(f(s))
    expect_identical(value(-0.5), NaN, label = deparse1(call))
    expect_true(is.nan(suppressWarnings(value_and_grad(f)(-0.5))$value),
      label = deparse1(call))
  }
})

test_that("far tails keep their digits", {
  # d log Phi(x) / dx = x + 1/x - 2/x^3 + ... for x -> -Inf, with a minus sign.
  x <- -c(20, 60, 1e3, 1e8)
  slope <- jvp(function(x) pnorm(x, log.p = TRUE))(x, rep(1, 4))
  series <- -x - 1 / x + 2 / x^3 - 10 / x^5 + 74 / x^7
  expect_equal(slope, series, tolerance = 1e-9)
  expect_equal(slope[-1L], series[-1L], tolerance = 1e-14)
  # Logistic, exactly.
  z <- c(-800, -40, 40, 800)
  slope <- jvp(function(z) plogis(z, log.p = TRUE))(z, rep(1, 4))
  expect_equal(slope, plogis(-z), tolerance = 1e-15)
})

test_that("quantiles of a logarithm keep their digits where it underflows", {
  tails <- list(
    function(l, ...) pnorm(qnorm(l, 1, 2, ...), 1, 2, ...),
    function(l, ...) plogis(qlogis(l, 1, 2, ...), 1, 2, ...),
    function(l, ...) pgamma(qgamma(l, 3, 2, ...), 3, 2, ...),
    function(l, ...) pweibull(qweibull(l, 3, 2, ...), 3, 2, ...),
    # The other tails end where a number near 1, or its inverse, is 1.
    function(l, lower.tail, ...) pbeta(qbeta(l, 3, 2, ...), 3, 2, ...),
    function(l, lower.tail, ...) {
      pf(qf(l, 3, 2, lower.tail = FALSE, ...), 3, 2, lower.tail = FALSE, ...)
    },
    function(l, ...) pt(qt(l, 3, ...), 3, ...),
    function(l, ...) pcauchy(qcauchy(l, 1, 2, ...), 1, 2, ...)
  )
  for (f in tails) {
    for (lower in c(TRUE, FALSE)) {
      back <- value_and_grad(function(l) {
        f(l, lower.tail = lower, log.p = TRUE)
      })(-300)
      expect_equal(back$value, -300, tolerance = 1e-10)
      expect_equal(back$grad, 1, tolerance = 1e-9)
    }
  }
  # R's, and its derivative by Mills's ratio.
  at <- value_and_grad(function(l) qnorm(l, log.p = TRUE))(-800)
  expect_identical(at$value, qnorm(-800, log.p = TRUE))
  expect_equal(at$grad, exp(-800 - dnorm(at$value, log = TRUE)),
               tolerance = 1e-11)
})

test_that("infinite degrees of freedom have R's quantiles", {
  for (df in list(c(3, Inf), c(Inf, 3), c(Inf, Inf))) {
    q <- function(p) qf(p, df[[1L]], df[[2L]])
    at <- value_and_grad(q)(0.3)
    expect_equal(at$value, q(0.3), tolerance = 1e-14)
    if (any(is.finite(df))) { # otherwise at a point
      expect_equal(at$grad, 1 / df(q(0.3), df[[1L]], df[[2L]]),
                   tolerance = 1e-12)
    }
  }
  expect_equal(value_and_grad(function(p) qt(p, Inf))(0.3),
               value_and_grad(function(p) qnorm(p))(0.3), tolerance = 1e-12)
})

test_that("dmultinom() has the derivatives of its formula", {
  x <- c(2, 0, 3)
  f <- function(p) dmultinom(x, prob = p, log = TRUE)
  p <- c(0.2, 0.3, 0.9)
  expect_equal(grad(f)(p), x / p - sum(x) / sum(p), tolerance = 1e-14)
  expect_equal(hessian(f)(p), diag(-x / p^2) + sum(x) / sum(p)^2,
    tolerance = 1e-13)
})
