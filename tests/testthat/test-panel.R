# Groups: against base R's rowsum(), tapply(), ave(), plainly and recorded.

g <- group_index(c("b", "a", "c", "a", "b", "a"))
x <- c(0.3, -1.2, 2.5, 0.7, 1.1, -0.4)

test_that("groups are numbered in order", {
  expect_identical(g, c(2L, 1L, 3L, 1L, 2L, 1L))
  expect_identical(group_index(factor(c("y", "x"), levels = c("z", "y", "x"))),
                   1:2)
  a <- c(2, 1, 2, 1, 2)
  b <- c("u", "v", "v", "v", "u")
  expect_identical(group_index(a, b), c(2L, 1L, 3L, 1L, 2L))
  wide <- expand.grid(1:20, 1:30, 1:40)
  many <- do.call(group_index, wide)
  expect_identical(sort(many), seq_len(24000))
  expect_identical(order(many), do.call(order, unname(as.list(wide))))
})

test_that("sums by group, plainly", {
  expect_identical(group_sum(x, g), as.vector(rowsum(x, g)))
  m <- cbind(u = x, v = x^2)
  expect_equal(group_sum(m, g), unname(rowsum(m, g)), ignore_attr = TRUE)
  expect_identical(colnames(group_sum(m, g)), c("u", "v"))
  expect_identical(group_sum(x, g, n = 5)[4:5], c(0, 0))
  expect_identical(group_sum(x, factor(g)), group_sum(x, g))
})

test_that("sums by group have exact derivatives of all orders", {
  f <- function(x) sum(sin(group_sum(x, g))^2)
  expect_derivatives(f, list(x = x))
  h <- function(x) group_sum(cbind(sin(x), x * cos(x)), g)
  expect_derivatives(h, list(x = x), order = 2)
  effects <- function(alpha) group_sum(exp(alpha[g]) * alpha[g], g)
  expect_derivatives(effects, list(alpha = c(0.3, -0.5, 0.8)))
})

test_that("base R's functions by group are recorded", {
  functions <- list(
    rowsum = function(x) sum(cos(rowsum(exp(x), g))),
    tapply = function(x) sum(cos(tapply(exp(x), g, sum))),
    tapply_mean = function(x) sum(cos(tapply(exp(x), g, mean))),
    ave = function(x) sum(cos(exp(x) - ave(exp(x), g))),
    ave_sum = function(x) sum(cos(ave(exp(x), g, FUN = sum))),
    ave_all = function(x) sum(cos(ave(exp(x)))),
    ave_own = function(x) sum(cos(ave(exp(x), g, FUN = function(z) z - z[1]))),
    ave_two = function(x) sum(cos(ave(exp(x), g > 1, x0 > 0)))
  )
  x0 <- x
  for (name in names(functions)) {
    f <- functions[[name]]
    expect_equal(value_and_grad(f)(x)$value, f(x), tolerance = 1e-14,
                 label = name)
    expect_lt(max(check_gradient(f, x)$error), 1e-9, label = name)
  }
})

test_that("recording is linear in the rows, whatever the number of groups", {
  n <- 2e5
  many <- rep(seq_len(n / 2), each = 2)
  z <- cos(seq_len(n))
  f <- function(a) sum(log1p(exp(group_sum(a * z, many))))
  expect_equal(
    grad(f)(0.5),
    sum(plogis(group_sum(0.5 * z, many)) * group_sum(z, many)),
    tolerance = 1e-12
  )
})

test_that("what is no group is an error", {
  expect_snapshot(error = TRUE, {
    group_index(c(1, NA))
    group_index(1:2, 1:3)
    group_index()
    group_sum(x, g[-1])
    group_sum(x, letters[1:6])
    group_sum(x, g - 1)
    group_sum(x, g + 0.5)
    group_sum(x, g, n = 2)
  })
})
