# Distribution objects: naming convention, recycling, numeric fallbacks, errors.

tolerance <- 1e-12

test_that("R's own functions give densities, probabilities and quantiles", {
  d <- distribution(dgamma(shape = 2, rate = c(1, 2, 4)))
  rate <- c(1, 2, 4)
  expect_identical(log_density(d, 1), dgamma(1, 2, rate, log = TRUE))
  expect_identical(cumulative(d, 1), pgamma(1, 2, rate))
  expect_identical(
    cumulative(d, 1, lower.tail = FALSE, log.p = TRUE),
    pgamma(1, 2, rate, lower.tail = FALSE, log.p = TRUE)
  )
  expect_identical(quantile(d, c(0.1, 0.2, 0.3)),
    qgamma(c(0.1, 0.2, 0.3), 2, rate))
  expect_identical(mean(d), 2 / rate)
  expect_identical(variance(d), 2 / rate^2)
  expect_identical(
    support(d),
    list(lower = numeric(3), upper = rep(Inf, 3), discrete = FALSE)
  )
  expect_identical(d$parameters, list(shape = 2, rate = rate))
})

test_that("random numbers come from the r function and recycle parameters", {
  d <- distribution(dnorm(c(0, 1e6), 1))
  set.seed(1)
  x <- draw(d)
  set.seed(1)
  expect_identical(x, rnorm(2, c(0, 1e6), 1))
  expect_length(draw(d, 5), 5)
})

test_that("a density is found in the workspace, in a package, in a frame", {
  frame <- new.env()
  frame$dtriangle <- function(x, width) ifelse(x < width, 2 * x / width^2, 0)
  frame$ptriangle <- function(q, width) pmax(0, pmin(q / width, 1))^2
  d <- read_distribution(quote(dtriangle(3)), frame)
  expect_equal(log_density(d, 1), log(2 / 9))
  expect_equal(cumulative(d, 1, lower.tail = FALSE, log.p = TRUE), log(8 / 9))
  expect_equal(quantile(d, c(0.25, 0.5)), 3 * sqrt(c(0.25, 0.5)))
  expect_equal(mean(d), 2, tolerance = 1e-9)
  expect_equal(variance(d), 0.5, tolerance = 1e-9)
  set.seed(2)
  x <- draw(d, 3)
  set.seed(2)
  expect_equal(x, 3 * sqrt(runif(3)))
  qualified <- distribution(stats::dnorm(sd = 2))
  expect_identical(log_density(qualified, 1), dnorm(1, 0, 2, log = TRUE))
})

test_that("p, q and r are taken from where the density is", {
  dm <- function(x, rate, log = FALSE) dexp(x, rate, log)
  d <- distribution(dm(2))
  expect_error(cumulative(d, 1), class = "admle_error_unsupported")
  expect_error(draw(d), class = "admle_error_unsupported")
})

test_that("moments by quadrature agree with the formulas", {
  without_facts <- function(name, ...) {
    frame <- new.env()
    for (letter in c("d", "p", "q")) {
      f <- getExportedValue("stats", paste0(letter, name))
      environment(f) <- new.env(parent = asNamespace("stats"))
      assign(paste0(letter, name), f, envir = frame)
    }
    read_distribution(as.call(list(as.name(paste0("d", name)), ...)), frame)
  }
  cases <- list(
    list("norm", -1, 2), list("gamma", 0.7, 3), list("lnorm", 0, 0.5),
    list("weibull", 1.5, 2), list("beta", 2, 0.6), list("logis", 3, 2),
    list("unif", -1, 4), list("pois", 3.3), list("binom", 7, 0.3),
    list("nbinom", 2, 0.4), list("geom", 0.3), list("exp", 2)
  )
  for (case in cases) {
    known <- read_distribution(as.call(c(
      as.name(paste0("d", case[[1L]])), case[-1L]
    )))
    found <- do.call(without_facts, case)
    expect_identical(found$discrete, known$discrete, label = case[[1L]])
    expect_equal(mean(found), mean(known),
      tolerance = 1e-8, label = case[[1L]])
    expect_equal(variance(found), variance(known),
      tolerance = 1e-8, label = case[[1L]])
  }
})

test_that("known moments are the integrals of the density", {
  moment <- function(d, g) {
    if (d$discrete) {
      return(sum(g(0:2000) * exp(log_density(d, 0:2000))))
    }
    ends <- support(d)
    integrate(function(x) g(x) * exp(log_density(d, x)), ends$lower, ends$upper,
      rel.tol = 1e-10)$value
  }
  for (d in list(
    distribution(dnorm(1, 2)), distribution(dlnorm(0.2, 0.6)),
    distribution(dexp(2)), distribution(dgamma(2, scale = 3)),
    distribution(dchisq(3)), distribution(dbeta(2, 3)),
    distribution(dweibull(2, 3)), distribution(dlogis(1, 0.5)),
    distribution(dunif(1, 3)), distribution(dt(7)), distribution(df(4, 11)),
    distribution(dpois(3)), distribution(dbinom(5, 0.3)),
    distribution(dgeom(0.4)), distribution(dnbinom(2, 0.3)),
    distribution(dnbinom(2, mu = 4)), distribution(dhyper(5, 6, 4))
  )) {
    centre <- moment(d, identity)
    expect_equal(mean(d), centre, tolerance = 1e-7, label = d$name)
    expect_equal(variance(d), moment(d, function(y) (y - centre)^2),
      tolerance = 1e-5, label = d$name)
  }
})

test_that("lengths 0, 1 and n", {
  for (d in list(
    distribution(dnorm(c(0, 1), 1)),
    truncated(dnorm(c(0, 1), 1), lower = -1),
    censored(dnorm(c(0, 1), 1), lower = -1),
    zero_inflated(dpois(c(1, 2)), 0.3), hurdle(dpois(c(1, 2)), 0.3),
    mixture(0.3, dnorm(c(0, 1), 1), dnorm(2, 1))
  )) {
    expect_length(log_density(d, numeric()), 0)
    expect_length(log_density(d, 1), 2)
    expect_length(log_density(d, c(1, 2)), 2)
    expect_length(log_density(d, c(1, 2, 1, 2)), 4)
    expect_length(cumulative(d, c(1, 2)), 2)
    expect_length(quantile(d, 0.5), 2)
    expect_length(mean(d), 2)
    expect_length(variance(d), 2)
    expect_length(draw(d), 2)
  }
})

test_that("moments with a limit for all are those of each", {
  mu <- c(0.5, 1, 3)
  for (limited in list(censored, truncated)) {
    for (moment in list(mean, variance)) {
      each <- vapply(mu, function(m) {
        moment(limited(dnorm(m, 2), lower = 0, upper = 4))
      }, 1)
      expect_equal(moment(limited(dnorm(mu, 2), lower = 0, upper = 4)), each,
                   tolerance = 1e-14)
    }
  }
  expect_equal(mean(censored(dnorm(mu, 2), lower = 0)),
               mu * pnorm(mu / 2) + 2 * dnorm(mu / 2), tolerance = 1e-12)
})

test_that("a recorded distribution is that of its parameters", {
  x <- c(0.5, 1, 3)
  f <- function(shape, rate) {
    log_density(distribution(dgamma(shape, rate)), x)
  }
  direct <- function(shape, rate) dgamma(x, shape, rate, log = TRUE)
  expect_identical(jacobian(f)(2, 3), jacobian(direct)(2, 3))
  expect_derivatives(
    function(m, s) {
      d <- truncated(dnorm(m, s), lower = 0)
      mean(d) + variance(d)
    }, list(m = 0.5, s = 1.5), order = 2
  )
  tail <- function(m) sum(cumulative(distribution(dnorm(m, 1)), x))
  expect_equal(grad(tail)(0), -sum(dnorm(x)), tolerance = tolerance)
})

test_that("densities of the workspace are recorded", {
  dlaplace <- function(x, location, scale, log = FALSE) {
    out <- -abs(x - location) / scale - log(2 * scale)
    if (log) out else exp(out)
  }
  f <- function(s) sum(log_density(distribution(dlaplace(0, s)), c(-1, 2)))
  expect_equal(grad(f)(2), 3 / 4 - 1)
})

test_that("what is no distribution is refused", {
  expect_snapshot(error = TRUE, {
    distribution(3 + 4)
    distribution(dnothing(1))
    distribution(dnorm(1, wrong = 2))
    log_density(dnorm, 1)
    cumulative(distribution(dmultinom(prob = 1)), 1)
    censored(dnorm(0, 1), lower = 2, upper = 1)
    mixture(c(0.2, 0.3), dnorm(0, 1), dnorm(1, 1), dnorm(2, 1))
    mixture(0.3, dnorm(0, 1), dpois(2))
  })
})

test_that("printing shows the call", {
  expect_snapshot({
    distribution(dnorm(0, 1 / 3))
    truncated(mixture(0.2, dgamma(2, 1:3), dexp(1)), lower = 0.1)
  })
})

test_that("a limit that truncates nothing is told", {
  expect_warning(truncated(dpois(2), lower = 0), "lower = 1",
                 class = "admle_warning_argument")
  expect_warning(
    mle_fit(k ~ truncated(dpois(l), lower = 0), data = data.frame(k = 1:4),
            start = list(l = 2)),
    "leaves nothing out"
  )
  expect_no_warning(truncated(dpois(2), lower = 1))
  expect_no_warning(truncated(dnorm(2), lower = 0))
  expect_no_warning(truncated(dexp(2), lower = 0))
})
