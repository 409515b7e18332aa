# Conditions: classes, fields, muffling, and how lists read in a sentence.

test_that("errors carry their kind, the package's class and their fields", {
  error <- tryCatch(
    admle_abort("data", "no", rows = 3:4), condition = identity
  )
  expect_s3_class(error, c("admle_error_data", "admle_error", "rlang_error",
                           "error", "condition"), exact = TRUE)
  expect_identical(conditionMessage(error), "no")
  expect_identical(error$rows, 3:4)
})

test_that("conditions carry the call that the user wrote", {
  fit <- mle_fit(dist ~ speed, data = cars)
  error <- tryCatch(confint(fit, level = 2), error = identity)
  expect_identical(conditionCall(error)[[1L]], quote(confint))
  error <- tryCatch(mle_fit(1), error = identity)
  expect_identical(conditionCall(error)[[1L]], quote(mle_fit))
  flat <- function(a, b) dnorm(c(1, 2, 4), a + b, 1, log = TRUE)
  warned <- tryCatch(mle_fit(flat, list(a = 0, b = 0)), warning = identity)
  expect_identical(conditionCall(warned)[[1L]], quote(mle_fit))
})

test_that("messages wrap at the width of the console", {
  long <- paste(rep("word", 40), collapse = " ")
  error <- tryCatch(admle_abort("data", long), error = identity)
  old <- options(width = 40, cli.width = 40, cli.condition_width = 40)
  on.exit(options(old))
  lines <- strsplit(conditionMessage(error), "\n")[[1L]]
  expect_gt(length(lines), 4L)
  expect_true(all(nchar(lines) <= 40L))
  expect_identical(error$message, long)
})

test_that("warnings can be muffled and execution goes on", {
  seen <- NULL
  result <- withCallingHandlers(
    {
      admle_warn("convergence", "careful", detail = 1)
      "after"
    },
    admle_warning_convergence = function(w) {
      seen <<- w
      invokeRestart("muffleWarning")
    }
  )
  expect_identical(result, "after")
  expect_s3_class(seen, c("admle_warning_convergence", "admle_warning",
                          "rlang_warning", "warning", "condition"),
                  exact = TRUE)
  expect_identical(seen$detail, 1)
})

test_that("lists in sentences", {
  expect_identical(enumerate("a"), "`a`")
  expect_identical(enumerate(c("a", "b")), "`a` and `b`")
  expect_identical(enumerate(c("a", "b", "c")), "`a`, `b` and `c`")
  expect_identical(enumerate(letters, limit = 2L), "`a`, `b` and 24 more")
  expect_identical(counted(1, "row"), "1 row")
  expect_identical(counted(12345, "row"), "12,345 rows")
})
