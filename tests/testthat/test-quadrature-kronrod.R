# Gauss-Kronrod rules and where their intervals are halved.

test_that("the rules are exact for polynomials", {
  for (case in list(c(15, 22, 13), c(21, 31, 19))) {
    rule <- kronrod_rule(case[[1L]])
    expect_false(is.unsorted(rule$nodes))
    for (degree in 0:case[[2L]]) {
      expect_equal(sum(rule$weights * rule$nodes^degree), 1 / (degree + 1),
                   tolerance = 1e-14)
    }
    for (degree in 0:case[[3L]]) {
      expect_equal(sum(rule$gauss * rule$nodes^degree), 1 / (degree + 1),
                   tolerance = 1e-14)
    }
  }
})

test_that("intervals are halved where it is needed", {
  rule <- kronrod_rules$finite
  expect_length(adapted_intervals(exp, rule)$begin, 1L)
  singular <- adapted_intervals(function(s) 1 / sqrt(s), rule)
  expect_lt(singular$width[[1L]], 1e-12)
  expect_gt(singular$width[[length(singular$width)]], 0.1)
  s <- interval_nodes(singular, rule)
  weights <- rule$weights * rep(singular$width, each = 21)
  expect_equal(sum(weights / sqrt(s)), 2, tolerance = 1e-10)
  jump <- adapted_intervals(function(s) s > 0.3, rule)
  expect_true(jumps_between(function(s) s > 0.3, rule, jump))
  kink <- adapted_intervals(function(s) abs(s - 0.3), rule)
  expect_false(jumps_between(function(s) abs(s - 0.3), rule, kink))
})
