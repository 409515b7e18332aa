# check_gradient(): right derivatives agree to many digits, wrong ones are
# named.

test_that("a correct derivative agrees, to many digits", {
  checked <- check_gradient(
    function(x) sum(exp(x) * sin(x)) + prod(x), c(a = 1, b = 2)
  )
  expect_s3_class(checked, "gradient_check")
  expect_identical(checked$element, c("a", "b"))
  expect_lt(max(checked$error), 1e-11)
})

test_that("a wrong derivative is found and named", {
  checked <- check_gradient(
    function(x) sum(x^3), c(1, 2), gradient = function(x) 3 * x^2 + c(0, 1e-3)
  )
  expect_identical(which.max(checked$error), 2L)
  expect_equal(checked$error[[2]], 1e-3 / 12.001, tolerance = 1e-6)
  expect_output(print(checked), "at x[2]. They do not agree.", fixed = TRUE)
})

test_that("vector values, lists and further arguments work", {
  checked <- check_gradient(function(x, k) c(p = x^k, q = k * x), 2, k = 3)
  expect_equal(checked$derivative, c(12, 3))
  expect_lt(max(checked$error), 1e-11)
  listed <- check_gradient(function(p) sum(p$a^2) * p$b, list(a = 1:2, b = 3))
  expect_equal(listed$derivative, c(6, 12, 5))
  expect_identical(listed$element, c("a1", "a2", "b"))
  expect_error(
    check_gradient(function(x) x^2, 1, gradient = function(x) c(1, 2)),
    class = "admle_error_value"
  )
})
