# Confidence intervals other than one by one. Wald intervals are tested with the
# covariance, profile intervals with the profile.

test_that("rows of NA for what is not determined", {
  d <- transform(mtcars, wt2 = 2 * wt)
  fit <- suppressMessages(mle_fit(mpg ~ wt + wt2 + hp, data = d))
  reference <- confint(lm(mpg ~ wt + wt2 + hp, d))
  found <- confint(fit)
  expect_identical(rownames(found), c(rownames(reference), "sigma"))
  expect_true(all(is.na(found["wt2", ])))
  by_profile <- confint(fit, method = "profile")
  expect_identical(is.na(by_profile), is.na(found))
  expect_true(all(is.na(confint(fit, "wt2", method = "profile"))))
})

test_that("simultaneous intervals are those of multcomp", {
  skip_if_not_installed("mvtnorm")
  skip_if_not_installed("multcomp")
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  set.seed(3)
  before <- .Random.seed
  found <- confint(fit, simultaneous = TRUE)
  expect_identical(.Random.seed, before)
  reference <- multcomp::glht(glm(am ~ wt + hp, binomial, mtcars))
  # Their quantile is found to three digits.
  expect_equal(unname(found[, ]),
               unname(confint(reference)$confint[, c("lwr", "upr")]),
               tolerance = 2e-3, ignore_attr = TRUE)
  expect_snapshot(print(found, digits = 3))
  by_t <- mle_fit(mpg ~ wt + hp, data = mtcars, adjust = TRUE)
  reference <- multcomp::glht(lm(mpg ~ wt + hp, mtcars))
  expect_equal(
    unname(confint(by_t, 1:3, simultaneous = TRUE)[, ]),
    unname(confint(reference)$confint[, c("lwr", "upr")]), tolerance = 2e-3,
    ignore_attr = TRUE
  )
})

test_that("of very many coefficients the quantile is Sidak's", {
  covariance <- diag(most_joint + 1)
  found <- interval_quantile(0.95, covariance, Inf, TRUE)
  expect_equal(2 * pnorm(-found$value), 1 - 0.95^(1 / (most_joint + 1)),
               tolerance = 1e-10)
  expect_match(found$text, "too many for mvtnorm")
})

test_that("the quantile of independent estimates is Sidak's", {
  skip_if_not_installed("mvtnorm")
  expect_equal(interval_quantile(0.9, diag(3), Inf, TRUE)$value,
               qnorm((1 + 0.9^(1 / 3)) / 2), tolerance = 1e-4)
  expect_equal(interval_quantile(0.9, matrix(1, 2, 2), Inf, TRUE)$value,
               qnorm(0.95), tolerance = 1e-4)
  level <- pchisq(interval_quantile(0.95, diag(2), Inf, TRUE)$value^2, 1)
  fit <- speed_fit()
  # mu and s are asymptotically independent.
  expect_equal(
    unname(confint(fit, method = "profile", simultaneous = TRUE)[, ]),
    unname(confint(fit, method = "profile", level = level)[, ]),
    tolerance = 1e-4, ignore_attr = TRUE
  )
})

test_that("bootstrap intervals are those of bootstrap()", {
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  direct <- suppressWarnings(bootstrap(fit, R = 49, seed = 1))
  expect_equal(
    suppressWarnings(confint(fit, "wt", level = 0.9, method = "bootstrap",
                             R = 49, seed = 1)),
    suppressWarnings(confint(direct, "wt", level = 0.9))
  )
  expect_equal(
    suppressWarnings(confint(fit, method = "bootstrap", R = 49, seed = 1,
                             type = "basic")),
    suppressWarnings(confint(direct, type = "basic"))
  )
})

test_that("arguments that a method does not have", {
  fit <- speed_fit()
  expect_snapshot(error = TRUE, confint(fit, level = 1, method = "profile"))
  expect_snapshot(error = TRUE, confint(fit, method = "likelihood"))
  expect_snapshot(error = TRUE, confint(fit, modified = TRUE))
  expect_snapshot(error = TRUE, confint(fit, ~ mu / s))
  expect_snapshot(error = TRUE, confint(fit, "x"))
  expect_snapshot(error = TRUE, confint(fit, method = "profile",
                                        vcov = "sandwich"))
  expect_snapshot(error = TRUE, confint(fit, method = "profile", adjust = TRUE))
  expect_snapshot(error = TRUE, confint(fit, method = "bootstrap",
                                        simultaneous = TRUE))
})
