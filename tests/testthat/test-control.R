# mle_control(): what is kept, changed by a plain list, refused and printed.

test_that("settings are kept as numbers", {
  control <- mle_control(iterations = 7L, memory = 2L)
  expect_s3_class(control, "mle_control")
  expect_identical(control$iterations, 7)
  expect_identical(control$memory, 2)
  expect_identical(mle_control(dense_limit = Inf)$dense_limit, Inf)
  expect_null(mle_control()$iterations)
})

test_that("a plain list changes settings, a wrong one is an error", {
  expect_identical(as_control(list(memory = 3)), mle_control(memory = 3))
  expect_identical(as_control(list()), mle_control())
  expect_error(as_control(list(maxit = 3)), class = "admle_error_argument")
  expect_error(as_control(3), class = "admle_error_argument")
})

test_that("settings are validated", {
  expect_error(mle_control(iterations = 0), class = "admle_error_argument")
  expect_error(mle_control(iterations = 2.5), class = "admle_error_argument")
  expect_error(mle_control(memory = NA), class = "admle_error_argument")
  expect_error(mle_control(memory = "two"), class = "admle_error_argument")
  expect_error(mle_control(memory = Inf), class = "admle_error_argument")
  for (bad in list(0, -1, 1, NA_real_, "a", c(0.1, 0.2))) {
    expect_error(mle_control(decrement_tolerance = bad),
                 class = "admle_error_argument")
  }
})

test_that("settings print", {
  expect_snapshot(mle_control(iterations = 20))
})
