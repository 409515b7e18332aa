# R's own errors in a likelihood: the call, what its operands are, what to do.

y <- c(1.2, 0.4, 2.2, 1.9)

test_that("a mistake is told with the call and its operands", {
  f0 <- factor(c("u", "v", "u", "v"))
  l0 <- list(1, 2, 3, 4)
  expect_snapshot(error = TRUE, {
    mle_fit(function(b) -sum((cbind(1, y) %*% b)^2), list(b = c(0, 0, 0)))
    mle_fit(function(a, s) dnorm(f0, a, s, log = TRUE), list(a = 0, s = 1))
    mle_fit(function(a, s) dnorm(l0 - a, 0, s, log = TRUE), list(a = 0, s = 1))
    mle_fit(function(a) -(y - a[[3]])^2, list(a = 0))
    mle_fit(function(a) dnorm(yy, a, 1, log = TRUE), list(a = 0))
    mle_fit(function(a) dnrm(y, a, 1, log = TRUE), list(a = 0))
    mle_fit(function(a) dnorm(y, a, 1, lg = TRUE), list(a = 0))
    mle_fit(function(a) dnorm(speed, a, 1, log = TRUE), list(a = 0),
            data = data.frame(sped = y))
  })
})

test_that("a mistake keeps R's error, and numeric derivatives tell it too", {
  e <- tryCatch(mle_fit(function(a) y + undefined, list(a = 0)),
                error = identity)
  expect_s3_class(e, "admle_error_function")
  expect_s3_class(e$cause, "simpleError")
  expect_error(mle_fit(function(a) -(y - undefined - a)^2, list(a = 0),
                       derivatives = "numeric"),
               "undefined", class = "admle_error_function")
  own <- structure(class = c("mine", "error", "condition"),
                   list(message = "of mine", call = NULL))
  expect_error(mle_fit(function(a) stop(own), list(a = 0)), class = "mine")
})

test_that("operands are described as they are", {
  expect_identical(what_it_is(factor(1:3)),
                   "a factor of 3 levels, whose codes are as.integer() of it")
  expect_identical(what_it_is("a"), "text")
  expect_identical(what_it_is(matrix(0, 2, 3)), "a 2 x 3 matrix")
  expect_identical(what_it_is(1:5), "a vector of length 5")
  expect_identical(what_it_is(2), "one number")
  expect_match(what_it_is(cars), "data frame")
})

test_that("what is no number is named, also by methods of base R that stop", {
  cars$day <- as.Date("2024-01-01") + seq_len(50)
  cars$kind <- gl(5, 10)
  expect_error(
    mle_fit(function(a, b) dnorm(dist, a + b * day, 1, log = TRUE),
            list(a = 0, b = 0), data = cars),
    "b, day.*not defined for \"Date\" objects", class = "admle_error_function"
  )
  expect_error(
    mle_fit(function(a, b) dnorm(dist, a + b * kind, 1, log = TRUE),
            list(a = 0, b = 0), data = cars),
    "`kind` is a factor of 5 levels", class = "admle_error_unsupported"
  )
  expect_error(
    mle_fit(function(a) dnorm(dist, match.arg(a, c("x", "y")), 1, log = TRUE),
            list(a = 0), data = cars), class = "admle_error_function"
  )
})
