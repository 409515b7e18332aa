# op_table() lists everything that can be recorded, once.

test_that("the table lists operations, formulas and functions once each", {
  table <- op_table()
  expect_named(table, c("name", "kind", "arity", "domain", "notes"))
  expect_false(anyDuplicated(table$name) > 0)
  expect_setequal(unique(table$kind), c("elementwise", "formula", "function"))
  some <- c("exp", "dnorm_log", "sapply", "solve", "[<-")
  expect_true(all(some %in% table$name))
})

test_that("every named density, probability and quantile has its operations", {
  names <- op_table()$name
  densities <- names(density_arguments)
  expect_true(all(c(densities, paste0(densities, "_log")) %in% names))
  for (suffix in c("", "_log", "_upper", "_upper_log")) {
    expect_true(all(paste0(names(probability_arguments), suffix) %in% names))
  }
  expect_true(all(names(quantile_arguments) %in% names))
})
