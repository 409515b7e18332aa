# Row by row work against the same on whole columns.

m <- matrix(round(3 * sin(seq_len(180)^1.3), 2), 60)
n <- nrow(m)
at <- c(0.5, -0.3, 0.2)

nodes <- function(f) {
  tr <- record(f, list(b = at), check = FALSE)
  tr$id
}

expect_rows <- function(f, whole, few = TRUE) {
  expect_equal(value_and_grad(f)(at), value_and_grad(whole)(at),
               tolerance = 1e-12)
  expect_equal(hessian(f)(at), hessian(whole)(at), tolerance = 1e-10)
  # The size of the recording does not grow with the rows.
  if (few) expect_lt(nodes(f), 120L)
}

test_that("summaries of rows and columns", {
  v <- function(b) sweep(m, 2, b, "*")
  top <- function(b) pmax(v(b)[, 1], v(b)[, 2], v(b)[, 3])
  expect_rows(function(b) sum(apply(v(b), 1, max)^2), function(b) sum(top(b)^2))
  low <- function(b) pmin(v(b)[, 1], v(b)[, 2], v(b)[, 3])
  expect_rows(function(b) sum(apply(v(b), 1, min)^2), function(b) sum(low(b)^2))
  expect_rows(function(b) sum(apply(v(b), 1, prod)),
              function(b) sum(v(b)[, 1] * v(b)[, 2] * v(b)[, 3]))
  expect_rows(function(b) {
    r <- apply(v(b), 1, range)
    sum(r[2, ] - r[1, ])
  }, function(b) sum(top(b) - low(b)))
  expect_rows(function(b) {
    sum(apply(v(b), 1, function(r) {
      top <- max(r)
      top + log(sum(exp(r - top)))
    }))
  }, function(b) sum(log(rowSums(exp(v(b))))))
  expect_rows(function(b) sum(apply(v(b), 2, function(r) sum(r^2))),
              function(b) sum(v(b)^2), few = FALSE)
})

test_that("rows of data, and their numbers", {
  whole <- function(b) sum(dnorm(m[, 1], drop(m %*% b), 2, log = TRUE))
  for (f in list(
    function(b) sum(apply(m, 1, function(r) {
      dnorm(r[1], sum(r * b), 2, log = TRUE)
    })),
    function(b) sum(sapply(seq_len(n), function(i) {
      dnorm(m[i, 1], m[i, ] %*% b, 2, log = TRUE)
    })),
    function(b) sum(vapply(1:n, function(i) {
      e <- m[i, 1] * b[1] + m[i, 2] * b[[2]] + m[i, 3] * b[3]
      dnorm(m[i, 1], e, 2, log = TRUE)
    }, 0)),
    function(b) {
      mean <- drop(m %*% b)
      sum(mapply(function(u, v) dnorm(u, v, 2, log = TRUE), m[, 1], mean))
    },
    function(b) {
      mean <- m %*% b
      sum(sapply(1:n, function(i) dnorm(m[i, 1], mean[i], 2, log = TRUE)))
    }
  )) {
    expect_rows(f, whole)
  }
})

test_that("several values of a row are the columns of a matrix", {
  f <- function(b) apply(m, 1, function(r) r[1:2] * b[1:2])
  expect_equal(jacobian(f)(at),
               jacobian(function(b) t(m[, 1:2]) * b[1:2])(at))
  expect_equal(dim(record(f, list(b = at))$output), c(2L, n))
})

test_that("what has no form for all rows is done row by row", {
  expect_rows(function(b) {
    sum(apply(m, 1, function(r) if (r[1] > 0) r[1] * b[1] else r[2] * b[2]^2))
  }, function(b) {
    sum(ifelse(m[, 1] > 0, m[, 1] * b[1], m[, 2] * b[2]^2))
  }, few = FALSE)
  expect_rows(function(b) sum(apply(m, 1, function(r) sum(r[r > 0] * b[1]))),
              function(b) sum(m[m > 0]) * b[1] + 0 * sum(b), few = FALSE)
  expect_rows(function(b) {
    count <- 0
    s <- sapply(1:n, function(i) {
      count <<- count + 1
      m[i, 1] * b[1] * count
    })
    sum(s)
  }, function(b) sum(m[, 1] * 1:n) * b[1] + 0 * sum(b), few = FALSE)
})

test_that("rows of a total are still told apart", {
  fit <- mle_fit(function(b, s) {
    sum(sapply(1:n, function(i) dnorm(m[i, 1], b * m[i, 2], s, log = TRUE)))
  }, list(b = 0, s = positive(1)))
  expect_identical(fit$nobs, n)
})
