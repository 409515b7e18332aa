# Every density of admle: integrates to 1, agrees with its distribution
# function, quantiles and random numbers, and with other packages; is recorded;
# has correct derivatives.

# Parameters at ordinary values and at those where a formula changes.
density_cases <- list(
  dstudent_t = list(list(df = 4, location = 1, scale = 2)),
  dskewnorm = list(
    list(location = 1, scale = 2, shape = 3),
    list(location = 0, scale = 1, shape = -0.7)
  ),
  dgumbel = list(list(location = 1, scale = 2)),
  dgev = list(
    list(location = 1, scale = 2, shape = 0.3),
    list(location = 1, scale = 2, shape = -0.4),
    list(location = 1, scale = 2, shape = 0),
    list(location = 0, scale = 1, shape = 0.01)
  ),
  dgengamma = list(
    list(mu = 0.2, sigma = 0.7, Q = 0.8), list(mu = 0.2, sigma = 0.7, Q = -1.3),
    list(mu = 0.2, sigma = 0.7, Q = 0), list(mu = 0.2, sigma = 0.7, Q = 0.2)
  ),
  dllogis = list(list(shape = 2.5, scale = 3)),
  dgompertz = list(
    list(shape = 0.4, rate = 0.3), list(shape = 0, rate = 0.3),
    list(shape = 1e-3, rate = 2)
  ),
  dinvgauss = list(
    list(mean = 1.5, shape = 2), list(mean = 0.5, dispersion = 3)
  ),
  dbetar = list(list(mu = 0.3, phi = 5)),
  dalaplace = list(list(location = 1, scale = 2, tau = 0.4)),
  dgpd = list(
    list(shape = 0.2, scale = 1.5), list(shape = 0, scale = 2),
    list(shape = -0.3, scale = 2)
  ),
  dfrontier = list(
    list(location = 1, sigma_v = 0.5, sigma_u = 1),
    list(location = 1, sigma_v = 0.5, sigma_u = 1, type = "cost"),
    list(location = 1, sigma_v = 0.5, sigma_u = 1,
      inefficiency = "exponential"),
    list(location = 1, sigma_v = 0.5, sigma_u = 0.3,
      inefficiency = "exponential", type = "cost")
  ),
  dnbinom1 = list(list(mu = 3, alpha = 0.7)),
  dnbinom2 = list(list(mu = 3, alpha = 0.7)),
  dpoisinvgauss = list(
    list(mean = 2, shape = 1.5), list(mean = 4, dispersion = 0.2)
  ),
  dordered = list(
    list(eta = 0.4, thresholds = c(-1, 0.3, 2)),
    list(eta = 0.4, thresholds = c(-1, 0.3, 2), link = "probit"),
    list(eta = 0.4, thresholds = c(-1, 0.3, 2), link = "cloglog"),
    list(eta = 0.4, thresholds = c(-1, 0.3, 2), link = "loglog"),
    list(eta = 0.4, thresholds = c(-1, 0.3, 2), link = "cauchit")
  )
)
each_case <- function(check) {
  for (name in names(density_cases)) {
    for (parameters in density_cases[[name]]) {
      d <- read_distribution(as.call(c(list(as.name(name)), parameters)))
      check(d, sprintf("%s", format(d)))
    }
  }
}
middle <- c(0.05, 0.3, 0.5, 0.8, 0.97)

# Quadrature in the tests themselves.
tolerance_integral <- 1e-8

test_that("densities sum to 1 and to the distribution function", {
  each_case(function(d, label) {
    if (d$discrete) {
      counts <- 0:400
      p <- exp(log_density(d, counts))
      expect_equal(sum(p), 1, tolerance = 1e-12, label = label)
      expect_equal(cumulative(d, counts), cumsum(p),
        tolerance = 1e-12, label = label)
      return()
    }
    ends <- support(d)
    f <- function(x) exp(log_density(d, x))
    at <- c(ends$lower, quantile(d, middle), ends$upper)
    parts <- vapply(seq_along(at)[-1L], function(k) {
      integrate(f, at[k - 1L], at[k], rel.tol = 1e-11)$value
    }, 0)
    expect_equal(sum(parts), 1, tolerance = tolerance_integral, label = label)
    expect_equal(cumsum(parts)[seq_along(middle)], middle,
      tolerance = tolerance_integral, label = label)
  })
})

test_that("quantiles are the inverse, and tails and logarithms agree", {
  each_case(function(d, label) {
    q <- quantile(d, middle)
    p <- cumulative(d, q)
    if (d$discrete) {
      expect_true(all(p >= middle), label = label)
      expect_true(all(cumulative(d, q - 1) < middle), label = label)
    } else {
      expect_equal(p, middle, tolerance = 1e-11, label = label)
    }
    upper <- cumulative(d, q, lower.tail = FALSE)
    expect_equal(upper, 1 - p, tolerance = 1e-11, label = label)
    expect_equal(cumulative(d, q, log.p = TRUE), log(p),
      tolerance = 1e-11, label = label)
    expect_equal(cumulative(d, q, lower.tail = FALSE, log.p = TRUE),
      log(upper), tolerance = 1e-11, label = label)
  })
})

test_that("outside of the support there is nothing", {
  each_case(function(d, label) {
    ends <- support(d)
    if (is.finite(ends$lower)) {
      expect_identical(log_density(d, ends$lower - 1), -Inf, label = label)
      expect_identical(cumulative(d, ends$lower - 1), 0, label = label)
      expect_identical(within_support(d, ends$lower - 1), FALSE, label = label)
    }
    if (is.finite(ends$upper)) {
      expect_identical(log_density(d, ends$upper + 1), -Inf, label = label)
      expect_identical(cumulative(d, ends$upper + 1), 1, label = label)
    }
    if (d$discrete) {
      expect_identical(suppressWarnings(log_density(d, 1.5)), -Inf,
        label = label)
    }
    expect_identical(is.na(log_density(d, NA_real_)), TRUE, label = label)
  })
})

test_that("random numbers have the moments", {
  set.seed(20)
  each_case(function(d, label) {
    x <- draw(d, 2e4)
    expect_length(x, 2e4)
    p <- cumulative(d, quantile(d, c(0.3, 0.7)))
    found <- vapply(quantile(d, c(0.3, 0.7)), function(q) mean(x <= q), 0)
    expect_true(all(abs(found - p) < 5 * sqrt(p * (1 - p) / 2e4)),
      label = label)
  })
})

test_that("known moments are those of the density", {
  each_case(function(d, label) {
    if (is.null(mean(d)) || any(is.infinite(mean(d)))) {
      return()
    }
    # Quadrature does not see the kink, see the special cases.
    if (d$name == "dalaplace") return()
    moment <- function(g) {
      if (d$discrete) {
        return(sum(g(0:1000) * exp(log_density(d, 0:1000))))
      }
      admle:::expectation(d, g)
    }
    centre <- moment(identity)
    expect_equal(mean(d), centre, tolerance = tolerance_integral, label = label)
    heavy <- d$name %in% c("dgev", "dllogis", "dgpd") &&
      d$parameters$shape > 0.15
    if (!heavy) {
      expect_equal(variance(d), moment(function(y) (y - centre)^2),
        tolerance = 1e-6, label = label)
    }
  })
})

test_that("recorded densities are the plain ones, with their derivatives", {
  each_case(function(d, label) {
    numeric <- vapply(d$parameters, is.numeric, NA)
    x <- if (d$discrete) c(1, 3, 2) else quantile(d, middle[1:4])
    density <- getExportedValue("admle", d$name)
    f <- function(...) do.call(density, c(list(x), list(...), log = TRUE))
    # R evaluates these on differences that reach 1e-11 of the value.
    loose <- d$name %in% c("dgengamma", "dgev", "dbetar", "dnbinom1", "dgpd")
    expect_derivatives(f, d$parameters, order = 2,
      wrt = names(d$parameters)[numeric],
      tolerance = if (loose) 1e-9 else derivative_tolerance$difference,
      label = label)
  })
})

test_that("recorded distribution functions have correct derivatives", {
  each_case(function(d, label) {
    numeric <- vapply(d$parameters, is.numeric, NA)
    parameters <- d$parameters
    # No derivative of a distribution function at a shape of exactly 0.
    if (d$name == "dgengamma" && abs(parameters$Q) < 0.5) {
      return()
    }
    q <- if (d$discrete) c(1, 2) else quantile(d, middle[1:4])
    p <- getExportedValue("admle", sub("^d", "p", d$name))
    for (lower.tail in c(TRUE, FALSE)) {
      f <- function(...) {
        arguments <- c(list(q), list(...))
        do.call(p, c(arguments, lower.tail = lower.tail, log.p = TRUE))
      }
      # Differences of a probability that is nearly 1.
      expect_derivatives(f, parameters, order = 1,
        wrt = names(parameters)[numeric], tolerance = 1e-9, label = label)
    }
  })
})

test_that("arguments are recycled, also of length 0", {
  each_case(function(d, label) {
    expect_length(log_density(d, numeric()), 0)
    expect_length(cumulative(d, numeric()), 0)
    expect_length(log_density(d, rep(1, 3)), 3)
  })
  expect_equal(
    dgev(1:4, location = 0:1, scale = 2, shape = 0.1),
    c(dgev(1, 0, 2, 0.1), dgev(2, 1, 2, 0.1), dgev(3, 0, 2, 0.1),
      dgev(4, 1, 2, 0.1))
  )
})

test_that("special cases are R's distributions", {
  x <- c(0.2, 1, 3.7)
  expect_equal(dstudent_t(x, 5), dt(x, 5), tolerance = 1e-14)
  expect_equal(dskewnorm(x, 1, 2, 0), dnorm(x, 1, 2), tolerance = 1e-14)
  expect_equal(pskewnorm(x, 1, 2, 0), pnorm(x, 1, 2), tolerance = 1e-14)
  expect_equal(dgev(x, 1, 2, 0), dgumbel(x, 1, 2), tolerance = 1e-14)
  # -log of a Weibull variable
  expect_equal(dgumbel(-log(x), 0.3, 0.5),
    x * dweibull(x, 2, exp(-0.3)), tolerance = 1e-13)
  expect_equal(dgengamma(x, 0.3, 0.5, 1), dweibull(x, 2, exp(0.3)),
    tolerance = 1e-13)
  expect_equal(dgengamma(x, 0.3, 0.5, 0.5), dgamma(x, 4, 4 * exp(-0.3)),
    tolerance = 1e-13)
  expect_equal(dgengamma(x, 0.3, 0.5, 0), dlnorm(x, 0.3, 0.5),
    tolerance = 1e-13)
  expect_equal(pgengamma(x, 0.3, 0.5, c(0.5, 1, 0)),
    c(pgamma(x[1], 4, 4 * exp(-0.3)), pweibull(x[2], 2, exp(0.3)),
      plnorm(x[3], 0.3, 0.5)), tolerance = 1e-13)
  expect_equal(dllogis(x, 2, 3), dlogis(log(x), log(3), 0.5) / x,
    tolerance = 1e-13)
  expect_equal(dgompertz(x, 0, 0.4), dexp(x, 0.4), tolerance = 1e-14)
  expect_equal(qgompertz(c(0.2, 0.5), -1, 0.4), c(-log(1 + log(0.8) / 0.4),
    Inf), tolerance = 1e-13)
  expect_equal(dnbinom2(0:3, 2, 0.5), dnbinom(0:3, 2, mu = 2))
  expect_equal(dordered(1:2, 0.3, 0), c(plogis(-0.3), plogis(0.3)),
    tolerance = 1e-14)
  expect_equal(dcategorical(1:2, c(0.3, 0.3)), c(plogis(-0.3), plogis(0.3)),
    tolerance = 1e-14)
})

test_that("the von Mises distribution is a density on the circle", {
  set.seed(3)
  for (kappa in c(0, 0.3, 2, 60)) {
    f <- function(x) dvonmises(x, 0.5, kappa)
    at <- 0.5 + c(-pi, -1, 0, 0.4, 2, pi)
    parts <- vapply(2:6, function(k) {
      integrate(f, at[k - 1], at[k], rel.tol = 1e-11)$value
    }, 0)
    expect_equal(pvonmises(at[-1], 0.5, kappa), cumsum(parts),
      tolerance = tolerance_integral)
    expect_equal(f(at + 2 * pi), f(at))
    x <- rvonmises(2e4, 0.5, kappa)
    r <- besselI(kappa, 1, TRUE) / besselI(kappa, 0, TRUE)
    expect_lt(abs(mean(cos(x - 0.5)) - r), 5 / sqrt(2e4))
  }
  angles <- c(-2, 0.3, 1.1)
  for (log in c(FALSE, TRUE)) {
    expect_derivatives(function(mu, kappa) {
      c(dvonmises(angles, mu, kappa, log), pvonmises(angles, mu, kappa))
    }, list(mu = 0.5, kappa = 2), order = 2)
  }
})

test_that("tails of the von Mises distribution have their digits", {
  # Against the integral of the density, both in units of its value at the end.
  for (kappa in c(0.5, 30, 700, 1e6)) {
    for (a in c(0.3, 2.9)) {
      relative <- function(t) exp(kappa * (cos(t) - cos(a)))
      width <- min(pi - a, 60 / (kappa * sin(a)))
      part <- integrate(relative, a, a + width, rel.tol = 1e-12)$value
      tail <- dvonmises(a, 0, kappa, log = TRUE) + log(part)
      at <- function(q, ...) pvonmises(q, 0.2, kappa, ..., log.p = TRUE)
      expect_equal(at(0.2 - a), tail, tolerance = 1e-11)
      expect_equal(at(0.2 + a, lower.tail = FALSE), tail, tolerance = 1e-11)
    }
  }
  near <- c(-8, -1, 0, 2)
  expect_equal(pvonmises(near * 1e-6, 0, 1e12), pnorm(near), tolerance = 1e-9)
  expect_equal(dvonmises(near * 1e-6, 0, 1e12), dnorm(near) * 1e6,
               tolerance = 1e-9)
  expect_true(all(is.na(pvonmises(near, 0, -1))))
  expect_identical(pvonmises(c(-4, 4), 0, 2, log.p = TRUE), c(-Inf, 0))
})

test_that("a censored von Mises model is fitted wherever the search starts", {
  set.seed(1)
  x <- rvonmises(200, 0.3, 150)
  loglik <- function(mu, kappa) {
    ifelse(x > 0.35,
           pvonmises(0.35, mu, kappa, lower.tail = FALSE, log.p = TRUE),
           dvonmises(x, mu, kappa, log = TRUE))
  }
  far <- mle_fit(loglik, list(mu = 0, kappa = positive(0.1)))
  near <- mle_fit(loglik, list(mu = 0.3, kappa = positive(150)))
  expect_equal(coef(far), coef(near), tolerance = 1e-6)
  expect_equal(as.numeric(logLik(far)),
               sum(do.call(loglik, as.list(coef(far)))),
               tolerance = 1e-13)
})

test_that("the beta-binomial distribution has its moments and derivatives", {
  d <- distribution(dbetabinom(8, 0.3, 0.2))
  p <- exp(log_density(d, 0:8))
  expect_equal(sum(p), 1, tolerance = 1e-14)
  expect_equal(cumulative(d, 0:8), cumsum(p), tolerance = 1e-14)
  expect_equal(cumulative(d, 0:8, lower.tail = FALSE), 1 - cumsum(p),
    tolerance = 1e-13)
  expect_equal(mean(d), sum(0:8 * p), tolerance = 1e-14)
  expect_equal(variance(d), sum((0:8 - mean(d))^2 * p), tolerance = 1e-14)
  expect_equal(log_density(d, c(-1, 9, 1.5, NA)), c(-Inf, -Inf, -Inf, NA))
  expect_equal(quantile(d, cumsum(p)[3] - 0.01), 2)
  set.seed(2)
  expect_lt(abs(mean(draw(d, 2e4)) - 2.4), 5 * sqrt(4.032 / 2e4))
  expect_derivatives(function(prob, rho) {
    c(dbetabinom(c(0, 3, 8), 8, prob, rho, TRUE),
      pbetabinom(c(0, 5), c(8, 6), prob, rho, lower.tail = FALSE))
  }, list(prob = 0.3, rho = 0.2), order = 2)
})

test_that("new densities have known special cases", {
  x <- c(0.2, 1, 3.7)
  expect_equal(dgpd(x, 0, 2), dexp(x, 0.5), tolerance = 1e-14)
  expect_equal(dalaplace(x, 1, 0.5), exp(-abs(x - 1)) / 2, tolerance = 1e-14)
  expect_equal(dgpd(x, 0.2, 1.5, 0.1), dgpd(x - 0.1, 0.2, 1.5))
  # A difference of two exponential variables
  laplace <- distribution(dalaplace(1, 2, 0.4))
  rate <- c(0.4, 0.6) / 2
  expect_equal(mean(laplace), 1 + 1 / rate[1] - 1 / rate[2])
  expect_equal(variance(laplace), sum(1 / rate^2))
  expect_equal(dbetabinom(0:4, 4, 0.5, 1 / 3), rep(0.2, 5), tolerance = 1e-14)
  expect_equal(dbetabinom(0:4, 4, 0.3, 1e-7), dbinom(0:4, 4, 0.3),
    tolerance = 1e-6)
  counts <- cbind(0:4, 4:0)
  expect_equal(ddirmultinom(counts, c(0.6, 1.4)),
    dbetabinom(0:4, 4, 0.3, 1 / 3), tolerance = 1e-14)
  y <- cbind(x, x^2)
  S <- matrix(c(2, 0.5, 0.5, 1), 2)
  expect_equal(dmvt(y, 1e9, 1:2, S), dmvnorm(y, 1:2, S), tolerance = 1e-6)
  expect_equal(dmvt(cbind(x), 5, 1, matrix(4)), dstudent_t(x, 5, 1, 2),
    tolerance = 1e-14)
  expect_equal(dmvnorm(y, 1:2, precision = solve(S), log = TRUE),
    dmvnorm(y, 1:2, S, TRUE), tolerance = 1e-14)
  at <- list(df = 5, m = c(1, 2), s = c(2, 0.5, 1))
  expect_derivatives(function(df, m, s) {
    S <- matrix(s[c(1, 2, 2, 3)], 2)
    c(dmvt(y, df, m, S, log = TRUE), dmvnorm(y, m, precision = S, log = TRUE))
  }, at, order = 2)
  expect_derivatives(function(alpha) ddirmultinom(counts, alpha, TRUE),
    list(alpha = c(0.6, 1.4)), order = 2)
  skip_if_not_installed("mvtnorm")
  expect_equal(dmvt(y, 5, 1:2, S, log = TRUE), mvtnorm::dmvt(y, 1:2, S, 5),
    tolerance = 1e-12)
  expect_equal(grad(function(df) sum(mvtnorm::dmvt(y, 1:2, S, df)))(5),
    grad(function(df) sum(dmvt(y, df, 1:2, S, TRUE)))(5))
})

test_that("small shapes do not lose digits", {
  # Against neighbours that need no series.
  x <- c(0.5, 1, 3)
  for (Q in c(1e-8, 1e-4, 0.01)) {
    even <- (dgengamma(x, 0, 1, Q, TRUE) + dgengamma(x, 0, 1, -Q, TRUE)) / 2
    expect_equal(even, dlnorm(x, 0, 1, TRUE), tolerance = Q^2 + 1e-14)
  }
  slope <- grad(function(xi) sum(dgev(x, 0, 1, xi, TRUE)))(0)
  # log f = -z - exp(-z) + xi (z^2 / 2 - z - z^2 exp(-z) / 2) + ...
  expect_equal(slope, sum(x^2 / 2 - x - x^2 * exp(-x) / 2), tolerance = 1e-13)
  slope <- grad(function(a) sum(dgompertz(x, a, 2, TRUE)))(0)
  expect_equal(slope, sum(x - x^2), tolerance = 1e-13)
})

test_that("they are those of other packages", {
  x <- c(0.3, 1.2, 4)
  close <- function(mine, other) expect_equal(mine, other, tolerance = 1e-10)
  skip_if_not_installed("VGAM")
  close(dgumbel(x, 1, 2), VGAM::dgumbel(x, 1, 2))
  close(dgev(x, 1, 2, 0.3), VGAM::dgev(x, 1, 2, 0.3))
  close(pgev(x, 1, 2, -0.3), VGAM::pgev(x, 1, 2, -0.3))
  close(dskewnorm(x, 1, 2, -3), VGAM::dskewnorm(x, 1, 2, -3))
  close(dbivnorm(cbind(x, 1), 0.5, 1, 2, 3, 0.4),
    VGAM::dbinorm(x, 1, 0.5, 1, 4, 9, 2.4))
  skip_if_not_installed("statmod")
  close(dinvgauss(x, 1.5, 2), statmod::dinvgauss(x, 1.5, 2))
  for (tail in c(TRUE, FALSE)) {
    far <- c(0.01, x, 40)
    close(pinvgauss(far, 1.5, 2, lower.tail = tail, log.p = TRUE),
      statmod::pinvgauss(far, 1.5, 2, lower.tail = tail, log.p = TRUE))
  }
  close(qinvgauss(c(1e-5, 0.2, 0.9), 1.5, 2),
    statmod::qinvgauss(c(1e-5, 0.2, 0.9), 1.5, 2))
  skip_if_not_installed("pbivnorm")
  close(pbivnorm(x, 0.4, -0.3), pbivnorm::pbivnorm(x, 0.4, -0.3))
  skip_if_not_installed("sn")
  close(pskewnorm(x, 1, 2, 3), as.numeric(sn::psn(x, 1, 2, 3)))
  close(qskewnorm(middle, 1, 2, 3), as.numeric(sn::qsn(middle, 1, 2, 3)))
  skip_if_not_installed("mvtnorm")
  sigma <- matrix(c(2, 0.5, 0.3, 0.5, 1, 0.2, 0.3, 0.2, 1.5), 3)
  y <- cbind(x, 2:4, -1)
  close(dmvnorm(y, 1:3, sigma), mvtnorm::dmvnorm(y, 1:3, sigma))
  close(dmvnorm(y, 1:3, chol = chol(sigma), log = TRUE),
    mvtnorm::dmvnorm(y, 1:3, sigma, log = TRUE))
})

test_that("arguments are in the order of the packages that users know", {
  skip_if_not_installed("pbivnorm")
  expect_identical(pbivnorm(c(-1, 1), 0.4, -0.3, TRUE),
                   pbivnorm(c(-1, 1), 0.4, -0.3))
  expect_error(pbivnorm(c(-1, 1), 0.4, -0.3, FALSE),
               class = "admle_error_argument")
  skip_if_not_installed("mvtnorm")
  y <- cbind(c(-1, 0.5, 2), 1:3)
  sigma <- matrix(c(2, 0.5, 0.5, 1), 2)
  expect_equal(dmvnorm(y, 1:2, sigma, TRUE),
               mvtnorm::dmvnorm(y, 1:2, sigma, TRUE), tolerance = 1e-12)
  expect_equal(dmvnorm(y), mvtnorm::dmvnorm(y), tolerance = 1e-12)
  skip_if_not_installed("VGAM")
  expect_equal(dgompertz(1:3, 0.2, 0.3), VGAM::dgompertz(1:3, 0.2, 0.3),
               tolerance = 1e-12)
})

test_that("mvtnorm::dmvnorm() is recorded as dmvnorm()", {
  skip_if_not_installed("mvtnorm")
  set.seed(1)
  y <- matrix(rnorm(120), 60) %*% matrix(c(1, 0, 0.6, 0.8), 2)
  start <- list(m = c(0, 0), S = covariance(diag(2)))
  ours <- mle_fit(function(m, S) dmvnorm(y, m, S, log = TRUE), start)
  theirs <- mle_fit(function(m, S) mvtnorm::dmvnorm(y, m, S, log = TRUE), start)
  expect_identical(coef(theirs), coef(ours))
  expect_equal(unname(coef(ours)[1:2]), colMeans(y), tolerance = 1e-8)
  theirs <- mle_fit(function(m) {
    mvtnorm::dmvnorm(y, m, log = TRUE, checkSymmetry = FALSE) +
      mvtnorm::dmvnorm(c(0.1, 0.2), log = TRUE)
  }, list(m = c(0, 0)))
  expect_equal(unname(coef(theirs)), colMeans(y), tolerance = 1e-8)
})

test_that("Poisson-inverse Gaussian probabilities are the mixture's", {
  direct <- function(k) {
    integrate(function(m) dpois(k, m) * dinvgauss(m, 2, 1.5), 0, Inf,
      rel.tol = 1e-10)$value
  }
  k <- c(0, 1, 2, 5, 20)
  expect_equal(dpoisinvgauss(k, 2, 1.5), vapply(k, direct, 0),
    tolerance = 1e-9)
})

test_that("ordered categories far in a tail keep their digits", {
  # P(Y = 2) where both limits are far above or below the index
  f <- function(eta, link) dordered(2, eta, c(0, 1), link, log = TRUE)
  expect_equal(f(-30, "probit"),
    pnorm(30, lower.tail = FALSE, log.p = TRUE) +
      log1p(-exp(pnorm(31, lower.tail = FALSE, log.p = TRUE) -
        pnorm(30, lower.tail = FALSE, log.p = TRUE))), tolerance = 1e-14)
  expect_equal(f(31, "probit"), f(-30, "probit"), tolerance = 1e-14)
  expect_equal(f(-40, "logit"), -40 + log1p(-exp(-1)), tolerance = 1e-14)
  expect_true(all(is.nan(suppressWarnings(dordered(2, 0, c(1, 0))))))
})

test_that("a choice has one contribution for each set", {
  eta <- c(1, 2, 0.5, 0, -1)
  set <- c("b", "b", "a", "a", "a")
  x <- c(TRUE, FALSE, FALSE, FALSE, TRUE)
  expected <- c(1 - log(exp(1) + exp(2)),
    -1 - log(exp(0.5) + exp(0) + exp(-1)))
  expect_equal(dconditional(x, eta, set, log = TRUE), expected,
    tolerance = 1e-14)
  expect_derivatives(function(eta) dconditional(x, eta, set, log = TRUE),
    list(eta = eta), order = 2)
  expect_error(dconditional(c(1, 1, 0, 0, 1), eta, set),
    class = "admle_error_data")
})

test_that("categories have probabilities", {
  eta <- cbind(c(0.2, -1), c(1, 2))
  p <- distribution(dcategorical(eta))$probabilities()
  expected <- exp(cbind(0, eta)) / rowSums(exp(cbind(0, eta)))
  expect_equal(p, expected, tolerance = 1e-14)
  d <- distribution(dordered(c(0, 1), c(-1, 0.5), "probit"))
  expect_equal(rowSums(d$probabilities()), c(1, 1))
  expect_identical(dim(d$probabilities()), c(2L, 3L))
  expect_identical(
    log_density(d, factor(c("c", "a"), levels = c("a", "b", "c"))),
    log_density(d, c(3, 1))
  )
  expect_null(mean(d))
  expect_null(distribution(dnorm(0, 1))$probabilities())
  set.seed(1)
  x <- draw(distribution(dcategorical(eta[rep(1, 1e4), ])))
  expect_true(all(abs(tabulate(x, 3) / 1e4 - expected[1, ]) < 0.025))
})

test_that("at the ends of its range a density is 0 or has its limit", {
  at <- list(
    dgpd = list(0.2, 1), dgpd = list(0, 1), dgev = list(0, 1, 0.2),
    dgev = list(0, 1, 0), dgev = list(0, 1, -0.2), dgumbel = list(),
    dgengamma = list(0, 1, 0.5), dgengamma = list(0, 1, 0),
    dgompertz = list(-0.1, 1), dinvgauss = list(1, 2)
  )
  for (name in names(at)) {
    f <- function(x) do.call(name, c(list(x), at[[name]]))
    expect_identical(f(c(-Inf, Inf)), c(0, 0), label = name)
    expect_equal(f(c(1, Inf))[[1L]], f(1), label = name)
  }
  # Shape -1: uniform on (0, 2), and on (-Inf, 1) exponential from above.
  expect_equal(dgpd(c(-0.1, 0, 1, 2, 2.1), -1, 2), c(0, 0.5, 0.5, 0.5, 0))
  expect_equal(dgpd(c(1, 1.1), -2, 2), c(Inf, 0))
  expect_equal(dgev(c(-1, 1, 1.1), shape = -1), c(exp(-2), 1, 0))
  for (scale in c(-1, 0)) {
    expect_true(all(is.na(c(dgpd(0:2, 0.2, scale), pgpd(0:2, 0.2, scale),
                            dgev(0:2, 0, scale, 0.1), pgev(0:2, 0, scale, 0.1),
                            dgumbel(0:2, 0, scale), pgumbel(0:2, 0, scale)))))
  }
  expect_equal(grad(function(s) sum(qgpd(c(0.1, 0.9), 0.2, s)))(3),
               sum(qgpd(c(0.1, 0.9), 0.2, 1)), tolerance = 1e-14)
  expect_derivatives(function(m, s, k) qgev(c(0.1, 0.9), m, s, k),
                     list(m = 0, s = 1, k = 0.2), order = 2)
})

test_that("rows of means are those of the draws", {
  set.seed(1)
  means <- rbind(c(0, 100, 200), c(10, 110, 210))
  expected <- means[c(1, 2, 1, 2, 1), ]
  sd <- 1e-3
  near <- function(x) expect_lt(max(abs(x - expected)), 0.1)
  near(rmvnorm(5, means, chol = diag(sd, 3)))
  near(rmvt(5, 30, means, chol = diag(sd, 3)))
  expect_equal(dim(rmvnorm(5, means)), c(5L, 3L))
  expect_equal(dim(rmvnorm(1, means[1, , drop = FALSE])), c(1L, 3L))
  expect_equal(dim(rmvt(2, 5, means)), c(2L, 3L))
  expect_error(rmvnorm(5, c(0, 1), chol = diag(3)), "`mean` must have")
  # Rows of shapes: nearly all counts are in the category of the large one.
  shapes <- rbind(c(1e6, 1, 1), c(1, 1, 1e6))
  draws <- rdirmultinom(4, 100, shapes)
  expect_equal(max.col(draws), c(1L, 3L, 1L, 3L))
  expect_equal(rowSums(draws), rep(100, 4))
})

test_that("ddirmultinom() and softmax() say what they are given", {
  expect_equal(ddirmultinom(rbind(c(1, -1), c(0.5, 1), c(1, 1)), c(1, 2)),
               c(0, 0, ddirmultinom(c(1, 1), c(1, 2))))
  expect_true(is.na(ddirmultinom(c(1, 1), c(-1, 2))))
  expect_error(ddirmultinom(c(1, 1), c(1, 2, 3)), "`alpha` must have")
  expect_error(softmax("a", 1), "numbers")
  expect_error(softmax(1:2, 1:3), "lengths 2, 3")
  expect_equal(softmax(1:2, 0), rbind(softmax(1, 0), softmax(2, 0)))
})
