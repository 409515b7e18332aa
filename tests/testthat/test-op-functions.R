# Functions of op_table() that are composed in R or rearrange: what they compute
# here and at another point, and derivatives. A function without a case or a
# reason fails.

functions <- op_table()
functions <- functions$name[functions$kind == "function"]

test_that("every function of the table has a case here or a reason", {
  expect_setequal(c(names(function_cases), names(function_exclusions)),
    functions)
  expect_identical(
    intersect(names(function_cases), names(function_exclusions)), character()
  )
})

test_that("functions have base R's values, here and at another point", {
  for (name in names(function_cases)) {
    f <- function_cases[[name]]
    r <- record(f, list(x = case_point))
    expect_true(is_traced(r$output), label = name)
    replayed <- replay(r, list(case_other))
    expect_true(replayed$valid, label = name)
    expect_equal(replayed$value, as.numeric(f(case_other)),
      tolerance = derivative_tolerance$value, label = name
    )
    expect_equal(dim(r$output), dim(f(case_point)), label = name)
    expect_equal(shape_names(r$output), shape_names(f(case_point)),
      label = name)
  }
})

test_that("functions have the derivatives of what they compute", {
  for (name in names(function_cases)) {
    expect_derivatives(function_cases[[name]], list(x = case_point),
      order = 2, label = name
    )
  }
})
