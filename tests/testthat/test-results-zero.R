# Tests against zero are for what can be zero.

tests_of <- function(fit) {
  table <- coef(summary(fit))
  rownames(table)[!is.na(table[, 4])]
}

test_that("a positive parameter is not tested against zero", {
  formula <- mle_fit(dist ~ dnorm(mu, sigma), mu ~ speed, data = cars)
  expect_identical(tests_of(formula), c("(Intercept)", "speed"))
  declared <- mle_fit(function(m, s) dnorm(speed, m, s, log = TRUE),
                      list(m = 10, s = positive(5)), data = cars)
  expect_identical(tests_of(declared), "m")
  table <- coef(summary(declared))
  expect_gt(table["s", 2], 0)
  expect_identical(unname(table["s", 3:4]), c(NA_real_, NA_real_))
})

test_that("a link makes a coefficient, which is tested", {
  fit <- mle_fit(dist ~ dnorm(mu, sigma), mu ~ speed, log(sigma) ~ 1,
                 data = cars)
  expect_identical(tests_of(fit), names(coef(fit)))
})

test_that("the code of a function tells what is positive", {
  dist <- cars$dist
  bare <- mle_fit(function(m, s) dnorm(dist, m, s, log = TRUE),
                  list(m = 40, s = 20))
  expect_identical(tests_of(bare), "m")
  element <- mle_fit(function(p) {
    dnorm(dist, sd = p[2], mean = p[1], log = TRUE)
  }, c(40, 20))
  expect_identical(tests_of(element), "p1")
  # What the density is given is not the parameter.
  other <- mle_fit(function(m, s) {
    s <- exp(s)
    dnorm(dist, m, s, log = TRUE)
  }, list(m = 40, s = 3))
  expect_identical(tests_of(other), c("m", "s"))
})

test_that("zero inside of a declared range is tested", {
  fit <- mle_fit(function(r) dnorm(r, 0.3, 0.1, log = TRUE),
                 list(r = bounded(0.1, -1, 1)))
  expect_identical(tests_of(fit), "r")
})

test_that("tables of other packages have no such test either", {
  skip_if_not_installed("generics")
  fit <- mle_fit(dist ~ speed, data = cars)
  table <- generics::tidy(fit)
  expect_identical(table$term[is.na(table$p.value)], "sigma")
  expect_false(anyNA(table$std.error))
})

test_that("what is printed has blanks, or no columns for tests", {
  printed <- capture.output(print(summary(mle_fit(dist ~ speed, data = cars))))
  expect_match(printed, "^sigma +15\\.0689 +1\\.5069 *$", all = FALSE)
  alone <- mle_fit(function(s) dnorm(cars$dist, 40, s, log = TRUE),
                   list(s = 20))
  printed <- capture.output(print(summary(alone)))
  expect_match(printed, "^  Estimate Std. Error *$", all = FALSE)
  expect_no_match(printed, "value|NA")
})
