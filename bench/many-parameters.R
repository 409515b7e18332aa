# Thousands of parameters, few of them coupled: effects of one factor and of two
# crossed ones, neighbours on a grid, a random walk. Against fixest::fepois(),
# where it is installed, and against one factor.

source("bench/harness.R")

n <- by_mode(1e5, 2e4)
effects <- by_mode(1000, 200)
others <- by_mode(500, 50)
side <- by_mode(100, 30)
steps <- by_mode(1e5, 5e3)

simulate_effects <- function() {
  g <- rep_len(seq_len(effects), n)
  h <- sample.int(others, n, replace = TRUE)
  x <- stats::rnorm(n)
  z <- stats::rnorm(n)
  eta <- 0.3 * x - 0.2 * z + stats::rnorm(effects, sd = 0.3)[g] +
    stats::rnorm(others, sd = 0.3)[h]
  data.frame(g, h, x, z, y = stats::rpois(n, exp(eta)))
}

fit_one <- function(data) {
  y <- data$y
  x <- data$x
  z <- data$z
  g <- data$g
  mle_fit(function(b, a) dpois(y, exp(b[1] * x + b[2] * z + a[g]), log = TRUE),
          start = list(b = c(0, 0), a = numeric(effects)))
}

fit_two <- function(data) {
  y <- data$y
  x <- data$x
  z <- data$z
  g <- data$g
  h <- data$h
  mle_fit(function(b, a, c) {
    dpois(y, exp(b[1] * x + b[2] * z + a[g] + c(0, c)[h]), log = TRUE)
  }, start = list(b = c(0, 0), a = numeric(effects), c = numeric(others - 1)))
}

fit_grid <- function() {
  id <- matrix(seq_len(side^2), side)
  from <- c(id[-1, ], id[, -1])
  to <- c(id[-side, ], id[, -side])
  y <- stats::rpois(side^2, exp(1 + sin(row(id) / 10)))
  mle_fit(function(u) {
    sum(dpois(y, exp(u), log = TRUE)) - 2.5 * sum((u[from] - u[to])^2)
  }, start = list(u = rep(1, side^2)))
}

fit_walk <- function() {
  y <- stats::rpois(steps, 3)
  mle_fit(function(u) {
    sum(dpois(y, exp(u), log = TRUE)) +
      sum(dnorm(diff(u), 0, 0.1, log = TRUE))
  }, start = list(u = rep(1, steps)))
}

rows <- function() {
  set.seed(1)
  data <- simulate_effects()
  has_fixest <- requireNamespace("fixest", quietly = TRUE)
  runs <- list(
    one = function() fit_one(data), two = function() fit_two(data),
    errors = function() NULL
  )
  fit <- fit_one(data)
  runs$errors <- function() vcov(fit, parm = c("b1", "b2"))
  if (has_fixest) {
    runs$fixest <- function() {
      fixest::fepois(y ~ x + z | g, data, nthreads = 1)
    }
  }
  times <- paired(runs)
  long <- paired(list(grid = fit_grid, walk = fit_walk,
                      one = function() fit_one(data)))
  label <- function(what) {
    sprintf("%s, N = %s", what, format_count(n))
  }
  one <- sprintf("%d effects", effects)
  rbind(
    if (has_fixest) {
      compare(times, label(one), "fixest", ours = "one", at_most = 1.5,
              label = "fepois()")
    },
    compare(times, label(sprintf("%d and %d crossed", effects, others)), "one",
            ours = "two", at_most = 3, label = one),
    compare(times, "standard errors of two coefficients", "one",
            ours = "errors", at_most = 1, label = "the fit"),
    compare(long, sprintf("a field on a grid of %d x %d", side, side), "one",
            ours = "grid", label = one),
    compare(long, sprintf("a random walk of %s steps", format_count(steps)),
            "one", ours = "walk", label = one)
  )
}

scenario("Thousands of parameters, few of them coupled.", rows)
