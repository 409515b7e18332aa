# Functions that have been saved and read again are recognised.

reread <- function(x) unserialize(serialize(x, NULL))

test_that("a copy of a function of a package is recorded as the function", {
  y <- c(0.2, -1.3, 0.7)
  build <- function(density, distribution, combine) {
    force(density)
    force(distribution)
    function(mu, s) {
      combine(density(y, mu, s, log = TRUE)) + distribution(0.4, mu, s)
    }
  }
  live <- build(dnorm, pnorm, function(x) Reduce(`+`, x))
  copied <- reread(live)
  expect_false(identical(function_key(environment(copied)$density),
                         function_key(dnorm)))
  at <- list(mu = 0.1, s = 1.4)
  expect_identical(do.call(jacobian(copied), at), do.call(jacobian(live), at))
  slope <- (live(0.1 + 1e-5, 1.4) - live(0.1 - 1e-5, 1.4)) / 2e-5
  expect_equal(c(grad(copied)(0.1, 1.4)), slope, tolerance = 1e-8)
})

test_that("a fit works whose function holds copies", {
  y <- c(2.1, 0.4, 1.7, 3.3)
  loglik <- local({
    density <- dgamma
    link <- exp
    function(a, b) density(y, link(a), link(b), log = TRUE)
  })
  start <- list(a = 0, b = 0)
  expect_equal(coef(mle_fit(reread(loglik), start)),
               coef(mle_fit(loglik, start)))
})

test_that("a changed copy is the user's own function", {
  changed <- reread(dnorm)
  body(changed) <- quote(-(x - mean)^2)
  expect_equal(c(grad(function(m) sum(changed(c(1, 2), m, 1)))(0)), 6)
})
