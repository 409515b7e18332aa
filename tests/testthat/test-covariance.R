# Which covariance is meant: types, their other names, matrices, functions; and
# what the summary says about it.

logit <- function(...) mle_fit(am ~ wt + hp, data = mtcars, family = binomial,
                               ...)

test_that("types have the names of Stata and sandwich", {
  fit <- logit()
  for (name in c("oim", "observed", "OIM")) {
    expect_identical(vcov(fit, name), vcov(fit, "hessian"))
  }
  for (name in c("robust", "HC0", "HC")) {
    expect_identical(vcov(fit, name), vcov(fit, "sandwich"))
  }
  expect_equal(vcov(fit, "HC1"), vcov(fit, "sandwich") * 32 / 29,
               tolerance = 1e-14)
  expect_equal(vcov(fit, "HC1", adjust = TRUE), vcov(fit, "HC1"),
               tolerance = 1e-14)
  for (type in c("hessian", "opg", "robust", "HC1", "eim")) {
    by_type <- logit(vcov = type)
    expect_identical(vcov(by_type), vcov(fit, type))
    expect_identical(vcov(logit(vce = type)), vcov(by_type))
    expect_identical(summary(fit, vcov = type)$vcov, vcov(by_type))
    expect_identical(summary(fit, vce = type)$vcov, vcov(by_type))
  }
})

test_that("a matrix or a function may be given", {
  fit <- logit()
  robust <- vcov(fit, "sandwich")
  shuffled <- robust[3:1, 3:1]
  by_function <- function(x) vcov(x, "sandwich")
  for (given in list(robust, shuffled, unname(robust), by_function)) {
    expect_identical(fit_covariance(fit, given), robust)
    expect_identical(summary(fit, vcov = given)$vcov, robust)
    expect_identical(confint(fit, vcov = given), confint(fit, vcov = "robust"))
  }
  expect_error(fit_covariance(fit, robust[1:2, 1:2]), "2 x 2 matrix",
               class = "admle_error_argument")
  expect_error(fit_covariance(fit, function(x) 1), "not an object",
               class = "admle_error_argument")
  expect_error(logit(vcov = robust), "must be a type",
               class = "admle_error_argument")
})

test_that("a type with settings is the fit's for everything", {
  settings <- vcov_spec("hac", kernel = "parzen", lag = 3)
  fit <- logit(vcov = settings)
  plain <- logit()
  expected <- vcov(plain, "hac", kernel = "parzen", lag = 3)
  expect_identical(vcov(fit), expected)
  expect_identical(vcov(fit, fit$vcov_type), expected)
  expect_identical(vcov(fit, kernel = "bartlett"),
                   vcov(plain, "newey-west", lag = 3))
  expect_identical(vcov(fit, "hessian"), vcov(plain))
  expect_identical(sqrt(diag(expected)), coef(summary(fit))[, "Std. Error"])
  skip_if_not_installed("sandwich")
  expect_identical(sandwich::bread(fit), sandwich::bread(plain))
})

test_that("the degrees of freedom of tests are as asked", {
  fit <- logit()
  letter <- function(...) {
    suppressWarnings(colnames(coef(summary(fit, ...)))[[3L]])
  }
  df <- function(...) suppressWarnings(summary(fit, ...)$df.residual)
  expect_identical(letter(vcov = "HC1"), "z value")
  expect_identical(letter(vcov = ~carb), "z value")
  expect_identical(df(vcov = ~carb, df = "clusters"), 5)
  expect_identical(df(vcov = ~carb, adjust = TRUE), 5)
  expect_identical(df(vcov = ~ carb + gear, adjust = TRUE), 2)
  expect_identical(df(vcov = ~carb, adjust = TRUE, df = Inf), Inf)
  expect_identical(df(vcov = "opg", df = 12), 12)
  expect_identical(df(vcov = "HC1", adjust = TRUE), 29)
  expect_equal(
    confint(fit, "wt", vcov = ~carb, df = "clusters")[1:2],
    coef(fit)[["wt"]] + c(-1, 1) * qt(0.975, 5) *
      sqrt(vcov(fit, cluster = ~carb)["wt", "wt"]),
    tolerance = 1e-12
  )
})

test_that("resampled covariances are those of their functions", {
  fit <- logit()
  expected <- vcov(bootstrap(fit, R = 20, method = "score", seed = 1,
                             cluster = ~carb))
  expect_identical(vcov(fit, "bootstrap", R = 20, method = "score", seed = 1,
                        cluster = ~carb), expected)
  own <- logit(vcov = vcov_spec("bootstrap", R = 20, method = "score",
                                cluster = ~carb))
  # Without a seed another one each time, but one for the fit.
  expect_identical(summary(own)$vcov, vcov(own))
  expect_false(identical(vcov(own, seed = 1), vcov(own)))
  expect_identical(vcov(own, seed = 1), expected)
  expect_output(print(summary(own)), "20 replications, 6 clusters")
  expect_error(vcov(fit, "jackknife", R = 9), "`R` cannot be set",
               class = "admle_error_argument")
})

test_that("not identified is NA in every covariance", {
  fit <- suppressWarnings(mle_fit(
    function(a, b, m, s) dnorm(mpg, (a + b) + m * wt, exp(s), log = TRUE),
    list(a = 1, b = 1, m = 0, s = 1), mtcars
  ))
  clear <- mle_fit(
    function(a, m, s) dnorm(mpg, a + m * wt, exp(s), log = TRUE),
    list(a = 1, m = 0, s = 1), mtcars
  )
  for (type in list("sandwich", ~carb, vcov_spec("newey-west", lag = 2),
                    vcov_spec("conley", coordinates = ~hp, cutoff = 20,
                              distance = "euclidean"))) {
    covariance <- vcov(fit, type)
    expect_true(all(is.na(covariance[1:2, ])))
    expect_equal(covariance[3:4, 3:4], vcov(clear, type)[2:3, 2:3],
                 tolerance = 1e-6)
    expect_true(isSymmetric(vcov(clear, type)))
  }
})

test_that("the summary says which covariance it is", {
  fit <- logit()
  said <- function(...) {
    made <- suppressWarnings(summary(fit, ...))
    cat(strwrap(covariance_text(made), exdent = 2L), sep = "\n")
  }
  expect_snapshot({
    said("HC1")
    said("eim")
    said("HC1", adjust = TRUE)
    said(~carb)
    said(~ carb + gear)
    said(~gear, cadjust = FALSE)
    said(vce = "cluster gear", adjust = TRUE)
    said(~ gear:carb, df = "clusters")
    said(~ gear + carb, cadjust = "min")
    said("newey-west", lag = 3)
    said("newey-west", adjust = TRUE, time = ~ seq_along(wt))
    said(vcov_spec("hac", prewhite = TRUE))
    said("hac", kernel = "parzen", bandwidth = 3)
    said("driscoll-kraay", time = ~carb)
    said("conley", coordinates = ~ hp + wt, cutoff = 50,
         distance = "euclidean", kernel = "uniform")
    said(function(x) vcov(x))
  })
})
