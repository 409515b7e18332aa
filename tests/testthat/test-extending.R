# What users add: the examples of the page, whose results are known otherwise,
# and what is refused.

# What a test registers is gone after it.
with_own_types <- function(code) {
  types <- covariance_types$all
  own <- as.list(own_links)
  on.exit({
    covariance_types$all <- types
    rm(list = ls(own_links), envir = own_links)
    list2env(own, own_links)
  })
  force(code)
}

page_examples <- function(topic) {
  code <- tempfile()
  on.exit(unlink(code))
  tools::Rd2ex(tools::Rd_db("admle")[[paste0(topic, ".Rd")]], code)
  env <- new.env(parent = globalenv())
  capture.output(source(code, env, print.eval = TRUE))
  env
}

test_that("the examples of the page do what it says", {
  with_own_types({
    page <- page_examples("extending")
    # a function that is recorded, one that has a rule
    expect_equal(grad(page$softplus)(2), plogis(2), tolerance = 1e-12)
    expect_equal(page$quartic_mean(coef(page$quartic_fit))[[1]],
                 mean(page$quartic), tolerance = 1e-6)
    # a link: the same model three ways, one of them not ours
    reference <- glm(am ~ wt, binomial(page$skewed), mtcars,
                     control = glm.control(epsilon = 1e-14))
    expect_equal(unname(coef(page$skewed_fit)), unname(coef(reference)),
                 tolerance = 1e-6)
    expect_equal(coef(page$skewed_family), coef(reference), tolerance = 1e-6)
    expect_equal(c(logLik(page$skewed_fit)), c(logLik(reference)))
    # a parameter type: the unrestricted maximum is inside of the range
    free <- mle_fit(page$lake_loglik, start = list(
      mu = 579, phi = c(0.5, 0), sigma = positive(1)
    ))
    expect_equal(coef(page$lake_fit), coef(free), tolerance = 1e-6)
    expect_equal(vcov(page$lake_fit), vcov(free), tolerance = 1e-4)
    expect_identical(names(page$lake_fit$theta)[2:3],
                     c("stationary(phi1)", "stationary(phi2)"))
    # a covariance type that is clustered by blocks, but for its factor
    fit <- page$blocks_fit
    for (length in c(12, 6)) {
      block <- (seq_len(nobs(fit)) - 1) %/% length
      expect_equal(vcov(fit, "blocks", length = length),
                   vcov(fit, cluster = block, cadjust = FALSE))
    }
    expect_equal(vcov(fit), vcov(fit, "blocks", length = 12))
    expect_output(print(summary(fit)), "scores summed in blocks of 12",
                  fixed = TRUE)
    quasi <- glm(count ~ spray, quasipoisson, InsectSprays)
    expect_equal(vcov(page$spray_fit, "dispersed"), vcov(quasi),
                 tolerance = 1e-5)
  })
})

test_that("a covariance type works wherever one is named", {
  with_own_types({
    covariance_type("paired", meat = function(scores, settings) {
      crossprod(rowsum(scores, settings$pair[[1]])) * settings$times
    }, settings = "times", variables = "pair", check = function(settings) {
      stopifnot(is.numeric(settings$times))
    })
    d <- transform(mtcars, pair = rep(1:16, each = 2))
    spec <- vcov_spec("paired", pair = ~pair, times = 4)
    fit <- mle_fit(am ~ wt, data = d, family = binomial, vcov = spec)
    clustered <- vcov(fit, cluster = ~pair, cadjust = FALSE)
    expect_equal(vcov(fit), 4 * clustered)
    expect_identical(fit$vcov_type, "paired")
    expect_equal(sqrt(diag(4 * clustered)),
                 coef(summary(fit))[, "Std. Error"])
    expect_equal(wald_test(fit, "wt = 0", vcov = spec)$statistic,
                 wald_test(fit, "wt = 0", vcov = 4 * clustered)$statistic)
    plain <- update(fit, vcov = "hessian")
    expect_equal(confint(plain, vcov = spec), confint(fit))
    expect_equal(score_test(plain, "wt = 0", vcov = spec)$statistic,
                 score_test(plain, "wt = 0", vcov = vcov_spec(
                   "cluster", cluster = ~pair, cadjust = FALSE
                 ))$statistic / 4)
    # The bread is the model's, and the variables are those of the fit.
    if (requireNamespace("sandwich", quietly = TRUE)) {
      expect_equal(sandwich::sandwich(fit), vcov(fit, "sandwich"))
    }
    fit$data <- NULL
    expect_equal(vcov(fit), 4 * clustered)
    expect_output(print(summary(fit)), "of type \"paired\"", fixed = TRUE)
    expect_error(vcov_spec("paired", times = "a"), "is.numeric")
    expect_error(vcov(fit, "paired", cadjust = FALSE), "cannot be set",
                 class = "admle_error_argument")
    # A session that does not know it says so.
    covariance_types$all$paired <- NULL
    expect_error(vcov(fit), "covariance_type(\"paired\", ...)", fixed = TRUE,
                 class = "admle_error_unsupported")
  })
})

test_that("a covariance type leaves out what is on a boundary", {
  with_own_types({
    covariance_type("again", meat = function(scores, settings) {
      crossprod(scores)
    })
    y <- c(1, 2, 4, 3)
    fit <- suppressWarnings(mle_fit(
      function(m, v) dnorm(y, m, sqrt(2 + v), log = TRUE),
      start = list(m = 1, v = positive(1))
    ))
    expect_length(fit$boundary, 1L)
    expect_equal(vcov(fit, "again"), vcov(fit, "sandwich"))
    expect_equal(vcov(fit, "again", adjust = TRUE), vcov(fit, "HC1"))
  })
})

test_that("two parameters have links of the user's", {
  with_own_types({
    cubic <- structure(function(mu) sign(mu) * abs(mu)^(1 / 3),
                       inverse = function(eta) eta^3)
    link("softplus", function(s) log(expm1(s)), function(eta) log1p(exp(eta)),
         range = c(0, Inf))
    both <- mle_fit(mpg ~ dnorm(mu, sigma), cubic(mu) ~ wt,
                    softplus(sigma) ~ 1, data = mtcars)
    one <- mle_fit(mpg ~ dnorm(mu, sigma), cubic(mu) ~ wt, data = mtcars)
    expect_equal(coef(both)[1:2], coef(one)[1:2], tolerance = 1e-6)
    expect_equal(log1p(exp(coef(both)[[3]])), coef(one)[["sigma"]],
                 tolerance = 1e-6)
    # It is in the fit, wherever that is read.
    rm("softplus", envir = own_links)
    expect_equal(predict(both, type = "parameter", parameter = "sigma")[[1]],
                 coef(one)[["sigma"]], tolerance = 1e-6)
  })
})

test_that("single elements of an elementwise type can be fixed", {
  squared <- parameter_type("squared", function(theta) theta^2, sqrt,
                            elementwise = TRUE, lower = 0)
  y <- c(1, 3, 2, 8, 9, 7)
  g <- rep(1:2, each = 3)
  fit <- mle_fit(function(m) dnorm(y, m[g], 1, log = TRUE),
                 start = list(m = squared(c(1, 1))), fixed = c(m2 = 7))
  expect_equal(coef(fit), c(m1 = 2), tolerance = 1e-6)
})

test_that("an edge is where a parameter runs off", {
  exponential <- parameter_type("exponential", exp, log, lower = 0, edges = -1)
  y <- c(1, 2, 4, 3)
  f <- function(m, v) dnorm(y, m, sqrt(2 + v), log = TRUE)
  own <- capture_warnings(fit <- mle_fit(
    f, start = list(m = 1, v = exponential(1))
  ))
  ours <- capture_warnings(mle_fit(f, start = list(m = 1, v = positive(1))))
  expect_identical(gsub("exponential", "log", own), ours)
  expect_equal(is.na(diag(vcov(fit))), c(m = FALSE, v = TRUE))
})

test_that("what cannot be added is refused", {
  with_own_types({
    expect_snapshot(error = TRUE, {
      covariance_type("robust", meat = function(scores, settings) scores)
      covariance_type("mine")
      covariance_type("mine", meat = "crossprod")
      covariance_type(c("a", "b"), meat = crossprod)
      link("logit", qlogis, plogis)
      link("halved", function(mu) mu / 2, function(eta) eta)
      link("twice", function(mu) 2 * mu, function(eta) eta / 2, range = 1)
      parameter_type("mine", exp, "log")
      parameter_type("mine", exp, log, edges = 2)
    })
    covariance_type("scores", meat = function(scores, settings) scores)
    y <- c(1, 2, 4)
    fit <- mle_fit(function(m) dnorm(y, m, 1, log = TRUE), list(m = 1))
    odd <- parameter_type("odd", function(theta) theta, function(value) -value)
    low <- parameter_type("low", exp, log, check = function(value) {
      if (value > 1) "is above one"
    })
    expect_snapshot(error = TRUE, {
      vcov(fit, "scores")
      mle_fit(function(m) dnorm(y, m, 1, log = TRUE), list(m = odd(1)))
      mle_fit(function(m) dnorm(y, m, 1, log = TRUE), list(m = low(2)))
    })
  })
})
