# What a recorded log-likelihood gives besides its value: contributions of
# totals, and recordings anew where the function branches.

y <- mtcars$mpg
x <- mtcars$wt
start <- list(a = 30, b = -3, s = 5)
rows <- function(a, b, s) dnorm(y, a + b * x, s, log = TRUE)
theta <- c(35, -4, 3)

objective_of <- function(fn, at = start) {
  objective_record(fn, parameters_new(at, fn))
}

test_that("totals are split into the contributions they were summed from", {
  expected <- objective_of(rows)
  n <- length(y)
  totals <- list(
    sum = function(a, b, s) sum(dnorm(y, a + b * x, s, log = TRUE)),
    formula = function(a, b, s) {
      e <- y - a - b * x
      -n / 2 * log(2 * pi * s^2) - sum(e^2) / (2 * s^2)
    },
    crossprod = function(a, b, s) {
      e <- y - a - b * x
      -n / 2 * log(2 * pi) - n * log(s) - drop(crossprod(e)) / (2 * s^2)
    },
    loop = function(a, b, s) {
      total <- 0
      for (i in seq_along(y)) {
        total <- total + dnorm(y[i], a + b * x[i], s, log = TRUE)
      }
      total
    }
  )
  for (name in names(totals)) {
    split <- objective_of(totals[[name]])
    expect_identical(split$returns, "total", info = name)
    expect_identical(split$n, n, info = name)
    expect_equal(
      objective_contributions(split, theta), rows(35, -4, 3),
      tolerance = 1e-13, info = name
    )
    expect_equal(
      objective_scores(split, theta), objective_scores(expected, theta),
      tolerance = 1e-12, info = name
    )
  }
})

test_that("sums over groups are opened into their rows", {
  by_group <- objective_of(function(a, b, s) {
    total <- 0
    for (g in 1:8) {
      here <- seq(g, length(y), by = 8)
      total <- total + sum(dnorm(y[here], a + b * x[here], s, log = TRUE))
    }
    total
  })
  expect_identical(by_group$n, length(y))
  expect_equal(
    objective_contributions(by_group, theta), rows(35, -4, 3),
    tolerance = 1e-13
  )
})

test_that("what is no sum of observations is not split", {
  banana <- function(a, b) -(a - 1)^2 - 100 * (b - a^2)^2
  objective <- objective_of(banana, list(a = 0, b = 0))
  expect_identical(objective$n, NA_integer_)
  expect_error(
    objective_scores(objective, c(0, 0)), class = "admle_error_unsupported"
  )
})

test_that("addends of one row are added up", {
  pieces <- function(a, b, s) {
    total <- 0
    for (i in seq_along(y)) {
      total <- total - log(s) - ((y[i] - a - b * x[i]) / s)^2 / 2
    }
    total
  }
  split <- objective_of(pieces)
  expect_identical(split$n, length(y))
  expect_equal(
    objective_scores(split, theta),
    objective_scores(objective_of(rows), theta), tolerance = 1e-12
  )
})

test_that("a function is recorded again only when it branches anew", {
  calls <- 0
  kinked <- function(m) {
    calls <<- calls + 1
    if (m > 1) -(m - 2)^2 else -2 * (m - 2)^2 + (m - 2)
  }
  objective <- objective_of(kinked, list(m = 0))
  after_start <- calls
  expect_equal(objective_value(objective, 0.5), -2 * 1.5^2 - 1.5)
  expect_identical(calls, after_start)
  expect_equal(objective_value(objective, 3), -1)
  expect_identical(calls, after_start + 1)
  for (m in c(-1, 4, 0, 2)) objective_gradient(objective, m)
  expect_identical(calls, after_start + 1)
  expect_identical(objective_recordings(objective$pointer), 2L)
  expect_equal(objective_gradient(objective, 0), 2 * 2 * 2 + 1)
  expect_equal(objective_gradient(objective, 4), -4)
})

test_that("results do not depend on the order of the rows", {
  set.seed(1)
  n <- 3000
  x <- rnorm(n)
  y <- rpois(n, exp(0.3 + 0.5 * x))
  shuffled <- sample(n)
  poisson <- function(y, x) {
    force(y)
    force(x)
    function(a, b) dpois(y, exp(a + b * x), log = TRUE)
  }
  at <- list(a = 0, b = 0)
  one <- objective_of(poisson(y, x), at)
  other <- objective_of(poisson(y[shuffled], x[shuffled]), at)
  theta <- c(0.2, 0.4)
  expect_equal(
    objective_hessian(one, theta), objective_hessian(other, theta),
    tolerance = 1e-13
  )
  expect_equal(
    objective_scores(one, theta)[shuffled, ], objective_scores(other, theta)
  )
  expect_equal(
    colSums(objective_scores(one, theta)), objective_gradient(one, theta),
    tolerance = 1e-12
  )
})

test_that("sums over different observations are not paired", {
  d <- mtcars$am == 1
  first <- seq_len(13)
  halves <- function(a, b, s) {
    sum(dnorm(y[d], a + b * x[d], s, log = TRUE)) +
      sum(dnorm(y[!d][first], a + b * x[!d][first], s, log = TRUE))
  }
  expect_identical(sum(d), length(first))
  split <- objective_of(halves)
  expect_identical(split$n, 26L)
  expect_equal(
    objective_contributions(split, theta),
    rows(35, -4, 3)[d | !d & cumsum(!d) <= 13], tolerance = 1e-13
  )
  y2 <- y + 1
  samples <- function(a, b, s) {
    sum(dnorm(y, a, s, log = TRUE)) + sum(dnorm(y2, b, s, log = TRUE))
  }
  expect_identical(objective_of(samples)$n, NA_integer_)
})

test_that("a sum of sums, or with a penalty, has the terms of its rows", {
  sums <- function(a, b, s) {
    sum(colSums(matrix(dnorm(y, a + b * x, s, log = TRUE), 8, 4)))
  }
  penalised <- function(a, b, s) {
    sum(c(dnorm(y, a + b * x, s, log = TRUE), -b^2))
  }
  expect_identical(objective_of(sums)$n, 32L)
  expect_identical(objective_of(penalised)$n, 32L)
})

test_that("observations left out by a missing value have no influence", {
  gap <- replace(y, 3, NA)
  dropped <- objective_of(function(a, b, s) {
    sum(dnorm(gap, a + b * x, s, log = TRUE), na.rm = TRUE)
  })
  expected <- objective_of(function(a, b, s) {
    sum(dnorm(y[-3], a + b * x[-3], s, log = TRUE))
  })
  expect_equal(
    objective_gradient(dropped, theta), objective_gradient(expected, theta),
    tolerance = 1e-13
  )
  expect_equal(
    objective_hessian(dropped, theta), objective_hessian(expected, theta),
    tolerance = 1e-13
  )
})

test_that("a summary says that the contributions are those of a total", {
  total <- function(a, b, s) sum(dnorm(y, a + b * x, s, log = TRUE))
  fit <- mle_fit(total, start = start)
  robust <- utils::capture.output(summary(fit, vcov = "sandwich"))
  expect_match(paste(robust, collapse = " "), "the total is split")
  expect_no_match(
    paste(utils::capture.output(summary(fit)), collapse = " "), "split"
  )
})

test_that("contributions are weighted anew without recording again", {
  calls <- 0
  counted <- function(a, b, s) {
    calls <<- calls + 1
    dnorm(y, a + b * x, s, log = TRUE)
  }
  weights <- rep_len(c(2, 0, 1, -0.5), length(y))
  plain <- objective_of(counted)
  recorded <- calls
  found <- objective_reweight(plain, weights)
  expected <- objective_record(rows, parameters_new(start, rows),
                               weights = weights)
  expect_same <- function(found, expected) {
    for (what in list(objective_value, objective_gradient, objective_hessian,
                      objective_contributions, objective_scores)) {
      expect_equal(what(found, theta), what(expected, theta), tolerance = 1e-12)
    }
  }
  expect_same(found, expected)
  expect_same(objective_reweight(found, weights),
              objective_record(rows, parameters_new(start, rows),
                               weights = weights^2))
  expect_same(plain, objective_of(rows))
  expect_identical(calls, recorded)
  total <- function(a, b, s) sum(dnorm(y, a + b * x, s, log = TRUE))
  expect_same(objective_reweight(objective_of(total), weights), expected)
})

test_that("a reweighted log-likelihood is maximised like another", {
  weights <- rep_len(c(2, 0, 1, 3), length(y))
  control <- mle_control()
  found <- objective_maximise(
    objective_reweight(objective_of(rows), weights), theta, control
  )
  expect_true(found$converged)
  ols <- lm(y ~ x, weights = weights)
  expect_equal(found$par[1:2], unname(coef(ols)), tolerance = 1e-8)
  expect_equal(found$par[[3]]^2, deviance(ols) / sum(weights), tolerance = 1e-8)
})

test_that("numeric objectives are reweighted, too", {
  weights <- rep_len(c(2, 0, 1), length(y))
  record <- function(weights) {
    objective_record(rows, parameters_new(start, rows), weights = weights,
                     derivatives = "numeric")
  }
  found <- objective_reweight(record(NULL), weights)
  expected <- record(weights)
  expect_identical(objective_value(found, theta),
                   objective_value(expected, theta))
  expect_identical(objective_hessian(found, theta),
                   objective_hessian(expected, theta))
  again <- objective_reweight(found, weights)
  expect_identical(objective_value(again, theta),
                   objective_value(record(weights^2), theta))
})

test_that("a total that is no sum has nothing to weight", {
  banana <- function(a, b) -(a - 1)^2 - 100 * (b - a^2)^2
  for (derivatives in c("exact", "numeric")) {
    objective <- objective_record(
      banana, parameters_new(list(a = 0, b = 0), banana),
      derivatives = derivatives
    )
    expect_error(objective_reweight(objective, 1), "cannot be split",
                 class = "admle_error_unsupported")
  }
})

test_that("reweighted log-likelihoods branch, and share what was recorded", {
  calls <- 0
  kinked <- function(m) {
    calls <<- calls + 1
    if (m > 1) -(m - y)^2 else -2 * (m - y)^2
  }
  plain <- objective_of(kinked, list(m = 2))
  recorded <- calls
  weights <- rep_len(0:2, length(y))
  one <- objective_reweight(plain, weights)
  other <- objective_reweight(plain, rev(weights))
  rm(plain)
  gc()
  expect_equal(objective_value(one, 0), -2 * sum(weights * y^2))
  expect_equal(objective_gradient(other, 0), 4 * sum(rev(weights) * y))
  expect_identical(calls, recorded + 1)
  expect_equal(objective_gradient(other, 3), sum(2 * rev(weights) * (y - 3)))
  expect_identical(calls, recorded + 1)
})
