# Every distribution function with all its flags and parametrisations equals
# R's own, with one argument after the other depending on the parameter.

cases <- list(
  dnorm = list(0.3, 0.5, 1.2), dlnorm = list(0.7, 0.5, 1.2),
  dt = list(0.4, 3.5),
  dchisq = list(2.5, 3.2), df = list(1.3, 4, 5.5), dgamma = list(1.3, 2.2, 0.7),
  dbeta = list(0.4, 1.5, 2.5), dexp = list(0.8, 1.7),
  dweibull = list(1.1, 1.4, 2),
  dlogis = list(0.3, 0.5, 1.2), dcauchy = list(0.3, 0.5, 1.2),
  dunif = list(0.3, 0.1, 1.2),
  dpois = list(3, 2.2), dbinom = list(3, 7, 0.3), dnbinom = list(3, 2.5, 0.4),
  dgeom = list(2, 0.3), dhyper = list(2, 5, 6, 4),
  pnorm = list(0.3, 0.5, 1.2), plnorm = list(0.7, 0.5, 1.2),
  plogis = list(0.3, 0.5, 1.2),
  pexp = list(0.8, 1.7), pweibull = list(1.1, 1.4, 2),
  pcauchy = list(0.3, 0.5, 1.2),
  punif = list(0.3, 0.1, 1.2), pgamma = list(1.3, 2.2, 0.7),
  pchisq = list(2.5, 3.2),
  pbeta = list(0.4, 1.5, 2.5), pt = list(0.4, 3.5), pf = list(1.3, 4, 5.5),
  ppois = list(3, 2.2), pbinom = list(3, 7, 0.3), pnbinom = list(3, 2.5, 0.4),
  pgeom = list(2, 0.3),
  qnorm = list(0.3, 0.5, 1.2), qlogis = list(0.3, 0.5, 1.2),
  qexp = list(0.8, 1.7),
  qweibull = list(0.6, 1.4, 2), qlnorm = list(0.7, 0.5, 1.2),
  qcauchy = list(0.3, 0.5, 1.2), qunif = list(0.3, 0.1, 1.2),
  qgamma = list(0.6, 1.4, 2), qchisq = list(0.6, 3.2),
  qbeta = list(0.4, 1.5, 2.5), qt = list(0.4, 3.5), qf = list(0.6, 4, 5.5)
)
flags_of <- function(name) {
  if (substr(name, 1, 1) == "d") {
    return(list(list(), list(log = TRUE), list(log = FALSE)))
  }
  list(list(), list(lower.tail = FALSE), list(log.p = TRUE),
       list(lower.tail = FALSE, log.p = TRUE))
}

test_that("densities, distribution and quantile functions", {
  expect_setequal(names(cases),
    c(names(density_arguments), names(probability_arguments),
      names(quantile_arguments)))
  for (name in names(cases)) {
    original <- getExportedValue("stats", name)
    for (flags in flags_of(name)) {
      arguments <- cases[[name]]
      if (isTRUE(flags$log.p) && substr(name, 1, 1) == "q") {
        arguments[[1]] <- log(arguments[[1]])
      }
      for (k in seq_along(arguments)) {
        f <- function(theta) {
          given <- arguments
          given[[k]] <- theta
          do.call(original, c(given, flags))
        }
        expect_traced(f, list(theta = arguments[[k]]))
        vector <- c(a = arguments[[k]], b = arguments[[k]])
        expect_traced(f, list(theta = vector))
      }
    }
  }
})

test_that("alternative parametrisations", {
  at <- list(x = 1.3)
  expect_traced(function(x) dgamma(1.3, 2, scale = x), at)
  expect_traced(function(x) dgamma(x, shape = 2), at)
  expect_traced(function(x) pgamma(1.3, x, scale = 2, lower.tail = FALSE), at)
  expect_traced(function(x) dnbinom(0:3, size = x, mu = 2, log = TRUE), at)
  expect_traced(function(x) dnbinom(0:3, mu = x, size = 2), at)
  expect_traced(function(x) pnbinom(0:3, mu = x, size = 2), at)
  expect_traced(function(x) dexp(x), at)
  expect_traced(function(x) dweibull(x, 2), at)
  expect_traced(function(x) dbeta(0.2, shape2 = x, shape1 = 2), at)
  expect_traced(function(x) dnorm(sd = x, 1), at)
  for (f in list(
    function(x) dt(x, 3, 1), function(x) dchisq(2, x, ncp = 1),
    function(x) pbeta(0.2, x, 1, ncp = 0.5), function(x) ptukey(x, 3, 4),
    function(x) qpois(0.3, x), function(x) dwilcox(2, 4, x),
    function(x) dsignrank(2, x)
  )) {
    expect_unsupported(f, at)
  }
  expect_error(record(function(x) dpois(x), at), "\"lambda\" is missing")
  expect_error(record(function(x) dnbinom(1, 2, 0.5, mu = x), at),
               "both specified")
})

test_that("recycling and attributes follow the first argument of full length", {
  expect_traced(function(x) dnorm(matrix(1:4, 2), x, 1), list(x = 1))
  expect_traced(function(x) dnorm(1:6, x, 1), list(x = c(a = 1, b = 2)))
  expect_traced(function(x) dnorm(numeric(0), x, 1), list(x = c(a = 1, b = 2)))
  expect_traced(function(x) dnorm(x, matrix(1:4, 2), 2), list(x = 1))
  expect_traced(function(x) dbinom(c(a = 1, b = 0), 1, x), list(x = 0.3))
})
