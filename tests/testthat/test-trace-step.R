# Statements of loops that are recorded in one go: the same values, graphs and
# errors as R's own evaluation of them, and what must be left to R.

steps_of <- function(f) {
  tr <- trace_begin()
  on.exit(trace_end(tr))
  # The first steps of a loop and the others are written out by themselves.
  found <- list()
  visit <- function(e) {
    if (!is.call(e)) {
      return()
    }
    if (identical(e[[1L]], base::.External2)) found <<- c(found, e[3L])
    for (part in as.list(e)) if (!missing(part)) visit(part)
  }
  visit(body(masked_function(f)))
  length(unique(found))
}

# Value and gradient of the recording against plain evaluation.
expect_recorded <- function(f, at) {
  found <- value_and_grad(f)(at)
  expect_equal(found$value, f(at), tolerance = 1e-14)
  slope <- vapply(seq_along(at), function(i) {
    step <- replace(numeric(length(at)), i, 1e-5)
    (f(at + step) - f(at - step)) / 2e-5
  }, 0)
  expect_equal(as.vector(found$grad), slope, tolerance = 1e-7)
}

y <- c(0.3, -0.2, 0.5, 0.9, -0.4, 0.1)
theta <- c(0.2, 0.3, 0.4)

test_that("recursions over vectors, scalars and matrices are steps", {
  garch <- function(p) {
    h <- numeric(6)
    h[1] <- 1
    for (t in 2:6) h[t] <- p[1] + p[2] * y[t - 1]^2 + p[3] * h[t - 1]
    sum(log(h) + y^2 / h)
  }
  expect_identical(steps_of(garch), 1L)
  expect_recorded(garch, theta)
  scalars <- function(p) {
    total <- s <- 0
    for (t in seq_along(y)) {
      s <- -(p[1] * s) + (y[t] - p[2]) / exp(p[3])
      if (t > 2) total <- total + sqrt(abs(s) + 1) else total <- total - s^2
    }
    total
  }
  expect_identical(steps_of(scalars), 3L)
  expect_recorded(scalars, theta)
  both <- function(p) {
    m <- matrix(p[3], 3, 2)
    x <- cbind(y[1:3], y[4:6])
    for (i in 2:3) {
      for (j in 1:2) m[i, j] <- p[1] * m[i - 1, j] + p[2] * x[[i, j]]
    }
    sum(m^2)
  }
  expect_identical(steps_of(both), 1L)
  expect_recorded(both, theta)
})

test_that("the graph is the one that R's own evaluation makes", {
  body <- quote({
    h <- numeric(6)
    h[1] <- p[3]
    for (t in 2:6) h[t] <- p[1] + p[2] * y[t - 1]^2 + p[3] * log(h[t - 1])
    sum(h)
  })
  recorded <- function(f) {
    tr <- record(f, list(p = theta))$trace
    trace_counts_(trace_graph(tr))
  }
  at_once <- eval(call("function", as.pairlist(alist(p = )), body))
  # A `log` of the user's own is left to R.
  apart <- at_once
  environment(apart) <- list2env(list(log = function(x) base::log(x)))
  parent.env(environment(apart)) <- environment()
  expect_identical(steps_of(at_once), 1L)
  expect_identical(steps_of(apart), 0L)
  expect_identical(recorded(at_once), recorded(apart))
})

test_that("what is out of the ordinary is left to R", {
  cases <- list(
    names = function(p) {
      h <- c(a = 1, b = 2, c = 3)
      for (t in 2:3) h[t] <- p[1] * h[t - 1]
      h[["c"]] + length(names(h))
    },
    grown = function(p) {
      h <- p[1]
      for (t in 2:4) h[t] <- h[t - 1] * p[2]
      sum(h)
    },
    vectors = function(p) {
      h <- 1
      for (t in 1:3) h <- h + p * t
      sum(h)
    },
    missing = function(p) {
      x <- c(1, NA, 2)
      h <- numeric(3)
      for (t in 1:3) h[t] <- p[1] + x[t]
      sum(h[c(1, 3)])
    },
    factor_index = function(p) {
      g <- factor(c("b", "a", "b"))
      total <- 0
      for (t in 1:3) total <- total + p[g[t]]
      total
    },
    dates = function(p) {
      x <- as.Date("2020-01-01") + 0:2
      total <- 0
      for (t in 1:3) total <- total + p[1] * as.numeric(x[t] - x[1])
      total
    },
    series = function(p) {
      x <- ts(y, start = 2000)
      total <- 0
      for (t in 2:6) total <- total + p[1] * x[t - 1] - p[2] * x[t]
      total
    },
    large = function(p) {
      total <- 0
      for (t in c(46340L, 46342L)) total <- total + p[1] * (t * 1.5 * t)
      total
    },
    lists = function(p) {
      x <- list(p[1], p[2])
      total <- 0
      for (t in 1:2) total <- total + x[[t]]^2
      total
    },
    result = function(p) {
      f <- function(h) for (t in 1:2) h[t] <- p[t]
      is.null(f(numeric(2))) * p[1]
    },
    shadowed = function(p) {
      `+` <- function(x, y) x * y
      total <- 1
      for (t in 1:3) total <- total + p[t]
      total
    }
  )
  for (name in names(cases)) {
    found <- value_and_grad(cases[[name]])(theta)
    expect_equal(found$value, cases[[name]](theta), tolerance = 1e-14,
      info = name)
  }
})

test_that("errors name the user's own statement", {
  beyond <- function(p) {
    h <- matrix(p[1], 2, 2)
    for (t in 2:3) h[t, 1] <- p[2] * h[t - 1, 1]
    sum(h)
  }
  expect_error(grad(beyond)(theta), "subscript out of bounds")
  text <- function(p) {
    x <- c("a", "b")
    total <- 0
    for (t in 1:2) total <- total + p[1] * x[t]
    total
  }
  expect_error(grad(text)(theta), "non-numeric argument to binary operator")
})
