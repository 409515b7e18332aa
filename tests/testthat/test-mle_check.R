# The report before a fit. Each mistake is found, and named as what it is.

y <- c(2, 3, 0, 1, 4, 2, 5)
x <- c(-1, 0, 1, 0.5, 2, -0.3, 1.7)

verdict <- function(check, name) {
  rows <- check$checks[check$checks$check == name, ]
  stats::setNames(rows$text, rows$verdict)
}

test_that("a sound model passes, in both forms, and nothing is fitted", {
  by_function <- mle_check(
    function(a, b, sigma) dnorm(dist, a + b * speed, sigma, log = TRUE),
    start = list(a = 0, b = 1, sigma = positive(10)), data = cars
  )
  expect_true(by_function$ok)
  expect_equal(by_function$value,
               sum(dnorm(cars$dist, cars$speed, 10, log = TRUE)))
  expect_identical(by_function$nobs, 50L)
  table <- by_function$parameters
  expect_identical(table$parameter, c("a", "b", "log(sigma)"))
  expect_equal(table$gradient[1], sum(cars$dist - cars$speed) / 100)
  expect_equal(table$step[1], 10 / sqrt(50))
  here <- cars
  by_formula <- mle_check(dist ~ dnorm(mu, sigma), mu ~ speed, data = here)
  expect_match(verdict(by_formula, "data"), "^Used: `speed` and `dist`$")
  expect_true(by_formula$ok)
  expect_identical(by_formula$nobs, 50L)
})

test_that("what is printed fits a page", {
  expect_snapshot({
    mle_check(
      function(a, b, sigma) dnorm(dist, a + b * speed, sigma, log = TRUE),
      start = list(a = 0, b = 1, sigma = positive(10)), data = cars
    )
    mle_check(
      function(a, b, sigma) -dnorm(dist, a + b, sigma, log = TRUE),
      start = list(a = 0, b = 1, sigma = positive(10)), data = cars
    )
    mle_check(function(m, s) sum(dnorm(y, m, s, log = TRUE)),
              start = list(m = 1, s = -1))
  })
})

test_that("a wrong sign is told, with flat directions too", {
  check <- mle_check(function(l) -dpois(y, exp(l), log = TRUE), list(l = 0))
  expect_match(verdict(check, "sign")[["doubt"]], "negative = TRUE")
  check <- mle_check(function(l, q) -dpois(y, exp(l), log = TRUE),
                     list(l = 0, q = 0))
  expect_match(verdict(check, "sign")[["doubt"]], "negative = TRUE")
  expect_match(verdict(check, "identification")[["doubt"]], "`q` is not")
  right <- mle_check(function(l) -dpois(y, exp(l), log = TRUE), list(l = 0),
                     negative = TRUE)
  expect_true(right$ok)
})

test_that("densities are told from their logarithms", {
  check <- mle_check(function(l) prod(dpois(y, l)), list(l = 2))
  expect_match(verdict(check, "sign")[["doubt"]], "`dpois\\(\\)` without")
  logged <- mle_check(function(l) {
    d <- dpois(y, l)
    log(d)
  }, list(l = 2))
  expect_true(logged$ok)
})

test_that("an error of the likelihood is a line of the report", {
  for (fn in list(function(a) dpois(yy, a, log = TRUE),
                  function(a) stop("no"),
                  function(a) "text", function(a) dnorm(a))) {
    check <- mle_check(fn, start = list(b = 1))
    expect_s3_class(check, "mle_check")
    expect_false(check$ok)
    check <- mle_check(fn, start = list(a = 1))
    expect_s3_class(check, "mle_check")
    expect_output(print(check), "mle_check")
  }
  expect_match(verdict(mle_check(dist ~ speeed, data = cars), "model"),
               "`speeed`")
  expect_false(mle_check()$ok)
})

test_that("what cannot be recorded is looked at by plain evaluations", {
  check <- mle_check(function(l) {
    z <- stats::runmed(c(1, l, 3), 3)[[2L]]
    dpois(y, z, log = TRUE)
  }, list(l = 2))
  expect_match(verdict(check, "recording")[["note"]], "numeric")
  expect_equal(check$nobs, 7)
  expect_true(is.finite(check$parameters$gradient))
})

test_that("contributions, rows and columns are counted", {
  d <- data.frame(y = c(y, NA), x = c(x, 1), unused = 1)
  check <- mle_check(function(a, b) dpois(y, exp(a + b * x), log = TRUE),
                     list(a = 0, b = 0), data = d, na.action = na.omit)
  expect_match(verdict(check, "data"), "not used: `unused`; 1 row left out")
  expect_identical(check$nobs, 7L)
  # y = 1 has no score at exp(a) = 1, but depends on a.
  expect_identical(check$parameters$rows, c(7L, 6L))
  total <- mle_check(function(p) -sum(p^2) * length(y), list(p = 1))
  expect_match(verdict(total, "contributions")[["note"]], "One total")
  mean <- mle_check(function(l) mean(dpois(y, l, log = TRUE)), list(l = 2))
  expect_match(verdict(mean, "contributions")[["doubt"]], "divided by 7")
  none <- mle_check(function(l) dpois(y, l, log = TRUE), list(l = 2),
                    data = cars)
  expect_match(verdict(none, "data")[["doubt"]], "No column")
})

test_that("a gradient that is none and scales far apart are told", {
  wrong <- with_derivative(function(b) sum(dnorm(y, b, 1, log = TRUE)),
                           vjp = function(b, v) 2 * v * sum(y - b))
  check <- mle_check(function(b) wrong(b), list(b = 1))
  expect_false(check$ok)
  apart <- mle_check(function(a, b) dpois(y, exp(a * 1e7 + b * x), log = TRUE),
                     list(a = 0, b = 0))
  expect_match(verdict(apart, "scaling")[["note"]], "`a`.*`b`")
})

test_that("minus a density is seen by any of its names", {
  y <- c(1, 2, 4)
  negated <- list(
    quote({
      -stats::dnorm(y, m, 1, log = TRUE)
    }),
    quote({
      d <- dnorm
      -sum(d(y, m, 1, log = TRUE))
    }),
    quote({
      d <- stats::dnorm
      ll <- d(y, m, 1, log = TRUE)
      return(-sum(ll))
    }),
    quote({
      out <- -dnorm(y, m, 1, log = TRUE)
      out
    })
  )
  for (code in negated) expect_true(is_minus_density(code))
  expect_false(is_minus_density(quote({
    d <- dnorm
    d <- function(...) -dnorm(...)
    -sum(d(y, m, 1, log = TRUE))
  })))
  expect_false(is_minus_density(quote({
    ll <- -dnorm(y, m, 1, log = TRUE)
    -sum(ll)
  })))
})

test_that("what the data are is said only where it is known", {
  attach(list(attached_y = c(1, 2, 4)), name = "test-data")
  on.exit(detach("test-data", character.only = TRUE))
  text <- function(f) {
    found <- mle_check(f, list(m = 1))$checks
    found$text[found$check == "data"]
  }
  expect_match(text(function(m) dnorm(attached_y, m, 1, log = TRUE)),
               "attached_y")
  expect_match(text(function(m) dnorm(faithful$eruptions, m, 1, log = TRUE)),
               "faithful")
  inside <- function(m) dnorm(attached_y, m, 1, log = TRUE)
  expect_match(text(function(m) inside(m)), "names no variable itself")
})
