# What a user reads who made a mistake. Each message is a snapshot, each error
# also has its class.

likelihood <- function(a, b, log_sigma) {
  dnorm(mpg, a + b * wt, exp(log_sigma), log = TRUE)
}
start <- list(a = 30, b = 0, log_sigma = 1)

expect_refused <- function(code, kind) {
  error <- tryCatch(code, error = identity)
  expect_s3_class(error, paste0("admle_error_", kind))
  cat("Error (", kind, "): ", conditionMessage(error), "\n", sep = "")
}

test_that("the likelihood", {
  expect_snapshot({
    expect_refused(mle_fit("dnorm", start = 1), "argument")
    expect_refused(mle_fit(sum, start = 1), "argument")
    expect_refused(mle_fit(function() 1, start = 1), "argument")
    expect_refused(mle_fit(), "argument")
  })
})

test_that("the start", {
  expect_snapshot({
    expect_refused(mle_fit(likelihood, data = mtcars), "start")
    expect_refused(mle_fit(likelihood, list(1, 2, 3), mtcars), "start")
    expect_refused(mle_fit(likelihood, start[1:2], mtcars), "start")
    expect_refused(
      mle_fit(likelihood, c(start, sigma = 1), mtcars), "start"
    )
    expect_refused(
      mle_fit(likelihood, c(a = 30, b = 0, log_sigma = 1), mtcars), "start"
    )
    expect_refused(
      mle_fit(likelihood, list(a = NA, b = 0, log_sigma = 1), mtcars), "start"
    )
    expect_refused(
      mle_fit(likelihood, list(a = "1", b = 0, log_sigma = 1), mtcars),
      "start"
    )
    expect_refused(
      mle_fit(likelihood, list(a = c(1, Inf), b = 0, log_sigma = 1), mtcars),
      "start"
    )
    expect_refused(
      mle_fit(likelihood, list(a = NULL, b = 0, log_sigma = 1), mtcars),
      "start"
    )
    expect_refused(
      mle_fit(likelihood, list(a = numeric(), b = 0, log_sigma = 1), mtcars),
      "start"
    )
  })
})

test_that("fixed parameters", {
  expect_snapshot({
    expect_refused(
      mle_fit(likelihood, start, mtcars, fixed = c(sigma = 1)), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, fixed = list(a = 1:2)), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, fixed = start), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, fixed = 1), "argument"
    )
  })
})

test_that("the data", {
  with_missing <- mtcars
  with_missing$wt[c(3, 5, 9)] <- NA
  expect_snapshot({
    expect_refused(mle_fit(likelihood, start, with_missing), "data")
    expect_refused(
      mle_fit(likelihood, start, with_missing, subset = 3:10), "data"
    )
    expect_refused(mle_fit(likelihood, start, as.matrix(mtcars)), "argument")
    expect_refused(mle_fit(likelihood, start, "mtcars"), "argument")
    expect_refused(
      mle_fit(function(m) dnorm(mpg[1:10], m, 5, log = TRUE), list(m = 1),
              mtcars),
      "value"
    )
  })
})

test_that("weights and subset", {
  total <- function(m) sum(dnorm(mpg, m, 5, log = TRUE))
  expect_snapshot({
    expect_refused(
      mle_fit(likelihood, start, mtcars, weights = 1:3), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, weights = -hp), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, weights = "hp"), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, weights = hp / vs - hp / vs),
      "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, subset = 33), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, subset = hp > 1000), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, subset = c(TRUE, FALSE, TRUE)),
      "argument"
    )
    expect_refused(
      mle_fit(total, list(m = 1), mtcars, weights = hp), "unsupported"
    )
  })
})

test_that("choices and settings", {
  expect_snapshot({
    expect_refused(
      mle_fit(likelihood, start, mtcars, method = "BFGS"), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, vcov = "white"), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, negative = NA), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, control = list(maxit = 5)),
      "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, maxit = 5), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, adjust = -3), "argument"
    )
    expect_refused(
      mle_fit(likelihood, start, mtcars, adjust = "sigma"), "argument"
    )
  })
})

test_that("a log-likelihood that is not finite at the start", {
  error <- expect_error(
    mle_fit(function(m, s) log(s) - (mpg - m)^2, list(m = 20, s = 0), mtcars),
    class = "admle_error_nonfinite"
  )
  expect_match(conditionMessage(error), "-Inf at the starting values")
  expect_match(conditionMessage(error), "log of 0", fixed = TRUE)
  expect_error(
    suppressWarnings(
      mle_fit(function(m) dnorm(log(m), 0, 1, log = TRUE) + mpg - mpg,
              list(m = -1), mtcars)
    ),
    "NaN at the starting values", class = "admle_error_nonfinite"
  )
})

test_that("the user's own errors pass unchanged", {
  own <- function(m) {
    stop(structure(class = c("my_error", "error", "condition"),
                   list(message = "mine", call = NULL)))
  }
  expect_error(mle_fit(own, list(m = 1)), "mine", class = "my_error")
})

test_that("values that are no log-likelihood", {
  for (value in list(NULL, "a", list(1, 2), numeric(), matrix(1, 3, 2))) {
    expect_error(mle_fit(function(m) value, list(m = 1)),
                 class = "admle_error_value")
    expect_error(
      mle_fit(function(m) value, list(m = 1), derivatives = "numeric"),
      class = "admle_error_value"
    )
  }
})
