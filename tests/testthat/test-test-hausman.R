# Hausman's test against the formula, and the joint scores of an instrumental
# variable estimate written as one.

counts <- mle_fit(breaks ~ wool + tension, data = warpbreaks, family = poisson)
dispersed <- mle_fit(breaks ~ dnbinom(size = size, mu = mu),
                     log(mu) ~ wool + tension, data = warpbreaks)

test_that("the statistic is the textbook's", {
  names <- names(coef(counts))
  d <- coef(dispersed)[names] - coef(counts)
  V <- vcov(dispersed)[names, names] - vcov(counts)
  own <- hausman_test(counts, dispersed)
  expect_equal(own$statistic[["H"]], drop(d %*% solve(V, d)), tolerance = 1e-8)
  expect_equal(own$parameter[["df"]], 4)
  expect_equal(own$estimate, d)
  one <- hausman_test(counts, dispersed, "woolB")
  expect_equal(one$statistic[["H"]], d[["woolB"]]^2 / V["woolB", "woolB"],
               tolerance = 1e-8)
})

test_that("other fits can be compared", {
  a <- glm(breaks ~ wool + tension, poisson, warpbreaks, epsilon = 1e-14)
  expect_equal(hausman_test(a, dispersed)$statistic,
               hausman_test(counts, dispersed)$statistic, tolerance = 1e-5)
})

test_that("the robust variance is of the influences", {
  names <- names(coef(counts))
  a <- glm(breaks ~ wool + tension, poisson, warpbreaks, epsilon = 1e-14)
  influence <- model.matrix(a) * (warpbreaks$breaks - fitted(a))
  influence <- influence %*% vcov(a)
  other <- (theta_scores(dispersed) %*%
              solve(-dispersed$hessian))[, 1:4]
  moved <- other - influence
  d <- coef(dispersed)[names] - coef(a)
  own <- hausman_test(counts, dispersed, vcov = "sandwich")
  expect_equal(own$statistic[["H"]],
               drop(d %*% solve(crossprod(moved), d)), tolerance = 1e-5)
  sums <- rowsum(moved, warpbreaks$tension)
  clustered <- hausman_test(counts, dispersed, "woolB", vcov = ~ tension)
  expect_equal(clustered$statistic[["H"]],
               d[["woolB"]]^2 / sum(sums[, 2]^2), tolerance = 1e-5)
})

test_that("the difference is that of the likelihood's covariances", {
  robust <- update(dispersed, vcov = "sandwich")
  expect_warning(hausman_test(counts, robust, "woolB"),
                 "only if the likelihood is right",
                 class = "admle_warning_argument")
  expect_no_warning(hausman_test(counts, robust, vcov = "sandwich"))
  expect_warning(hausman_test(update(counts, bias = "firth"), dispersed,
                              vcov = "sandwich"), "not at the maximum")
})

test_that("what is printed, and mistakes", {
  expect_snapshot({
    hausman_test(counts, dispersed, c("woolB", "tensionM"))
    hausman_test(counts, dispersed, "woolB", vcov = ~ tension)
  })
  expect_snapshot(error = TRUE, {
    hausman_test(counts, counts)
    hausman_test(dispersed, counts)
    hausman_test(counts, dispersed, "size")
    hausman_test(counts, lm(speed ~ dist - 1, cars))
    hausman_test(counts, update(dispersed, subset = -1), vcov = "sandwich")
    hausman_test(counts, dispersed, vcov = "opg")
    hausman_test(counts, dispersed, vcov = ~ mill)
    hausman_test(counts, dispersed, vcov = ~ wool + tension)
  })
})
