# Conditions: classes, fields, muffling, and how lists read in a sentence.

test_that("errors carry their kind, the package's class and their fields", {
  error <- tryCatch(
    admle_abort("data", "no", rows = 3:4), condition = identity
  )
  expect_s3_class(error, c("admle_error_data", "admle_error", "error",
                           "condition"), exact = TRUE)
  expect_identical(conditionMessage(error), "no")
  expect_identical(error$rows, 3:4)
  expect_null(conditionCall(error))
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
                          "warning", "condition"), exact = TRUE)
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
