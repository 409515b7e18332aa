# Every operation of op_table() at the edges of what it takes: its derivatives
# of first and second order in each argument, where another argument or itself
# is infinite, zero, at the end of its range or far out. Where R's value is
# finite, the derivative is the limit of differences of values, and not finite
# where these grow without bound.

test_that("derivatives at the edges are limits of differences", {
  ops <- op_table()
  names <- ops$name[ops$kind != "function"]
  table <- do.call(rbind, lapply(names, edge_table))
  table <- table[!is.na(table$wanted), ]
  right <- edge_agrees(table$got, table$wanted)
  excluded <- edge_excluded(table)
  counts <- tapply(right, table$order, function(r) c(sum(r), length(r)))
  message(sprintf("order %s: %.0f of %.0f derivatives at edges are limits; ",
    names(counts), vapply(counts, `[`, 0, 1L), vapply(counts, `[`, 0, 2L)))
  wrong <- table[!right & !excluded, ]
  expect_identical(sprintf("%s: order %d in %s at %s is %g, not %g", wrong$name,
    wrong$order, wrong$derivative, wrong$at, wrong$got, wrong$wanted),
    character())
  # An exclusion that excludes nothing is none.
  used <- vapply(edge_exclusions, function(rule) any(rule(table) & !right), NA)
  expect_identical(names(edge_exclusions)[!used], character())
})
