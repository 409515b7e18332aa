# Where the arguments of the function come from.

counts <- data.frame(events = c(2, 0, 1, 4, 3, 7, 6, 9),
                     dose = c(0, 0, 1, 1, 2, 2, 3, 3))
loglik <- function(par, events, dose) {
  dpois(events, exp(par[1] + par[2] * dose), log = TRUE)
}
right <- function(rows = seq_len(nrow(counts))) {
  unname(coef(glm(events ~ dose, poisson, counts[rows, ],
                  control = glm.control(1e-14))))
}
estimates <- function(...) unname(coef(mle_fit(...)))

test_that("arguments are columns of data, or further arguments", {
  expect_equal(estimates(loglik, c(0, 0), counts), right(), tolerance = 1e-7)
  fit <- mle_fit(loglik, list(par = c(0, 0)), events = counts$events,
                 dose = counts$dose)
  expect_equal(unname(coef(fit)), right(), tolerance = 1e-7)
  expect_identical(fit$nobs, 8L)
  again <- update(fit, events = counts$events[3:8], dose = counts$dose[3:8])
  expect_equal(unname(coef(again)), right(3:8), tolerance = 1e-7)
  expect_equal(
    estimates(function(par, ...) loglik(par, ...), c(0, 0),
              events = counts$events, dose = counts$dose),
    right(), tolerance = 1e-7
  )
})

test_that("the parameter need not be the first argument", {
  turned <- function(events, dose, par) loglik(par, events, dose)
  expect_equal(estimates(turned, c(0, 0), counts), right(), tolerance = 1e-7)
  expect_equal(
    estimates(turned, c(0, 0), events = counts$events, dose = counts$dose),
    right(), tolerance = 1e-7
  )
})

test_that("subset, weights and resampling act on what comes from data", {
  expect_equal(estimates(loglik, c(0, 0), counts, subset = 2:7), right(2:7),
               tolerance = 1e-7)
  times <- c(0, 1, 1, 2, 0, 1, 3, 1)
  weighted <- mle_fit(loglik, c(0, 0), counts, weights = times)
  expect_equal(unname(coef(weighted)), right(rep(1:8, times)),
               tolerance = 1e-7)
  expect_equal(estimates(loglik, c(0, 0), counts[rep(1:8, times), ]),
               right(rep(1:8, times)), tolerance = 1e-7)
})

test_that("an argument can be all of the data", {
  whole <- function(par, data) {
    sum(loglik(par, data$events, data[["dose"]]))
  }
  fit <- mle_fit(whole, c(0, 0), data = counts, subset = 2:7)
  expect_equal(unname(coef(fit)), right(2:7), tolerance = 1e-7)
  expect_identical(fit$nobs, 6L)
  # `d` is the function's, not short for `data`.
  short <- mle_fit(function(par, d) loglik(par, d$events, d$dose), c(0, 0),
                   d = counts)
  expect_equal(unname(coef(short)), right(), tolerance = 1e-7)
  expect_true("d" %in% names(short$call))
})

test_that("start comes before arguments, these before data and defaults", {
  y <- c(1, 2, 6)
  shifted <- function(m, s = 5) dnorm(y - s, m, 1, log = TRUE)
  expect_equal(estimates(shifted, list(m = 0)), -2)
  expect_equal(estimates(shifted, list(m = 0), data = list(s = 1)), 2)
  expect_warning(
    found <- estimates(shifted, list(m = 0), s = 2, data = list(s = 1)),
    "`s` is given twice"
  )
  expect_equal(found, 1)
  expect_warning(
    found <- estimates(shifted, list(m = 0), m = 9), "The parameter is used"
  )
  expect_equal(found, -2)
  expect_warning(
    found <- estimates(shifted, list(m = 0), data = list(m = 9)),
    "also a parameter"
  )
  expect_equal(found, -2)
})

test_that("functions that look at their arguments see what was given", {
  chosen <- function(m, y, link = c("log", "identity")) {
    link <- match.arg(link)
    if (missing(y)) stop("no y")
    dnorm(y, if (link == "log") exp(m) else m, 1, log = TRUE)
  }
  expect_equal(estimates(chosen, list(m = 0), y = c(1, 3), link = "log"),
               log(2))
  expect_equal(estimates(chosen, list(m = 0), data = list(y = c(1, 3)),
                         link = "identity"), 2)
  expect_equal(estimates(function(m, inverse) {
    dnorm(c(1, 3), inverse(m), 1, log = TRUE)
  }, list(m = 0), inverse = exp), log(2))
})

test_that("what nothing gives, or too much, is told", {
  expect_snapshot(error = TRUE, {
    mle_fit(loglik, list(par = c(0, 0)), events = 1:3)
    mle_fit(loglik, list(par = c(0, 0)), data = as.matrix(counts))
    mle_fit(loglik, list(par = c(0, 0)), data = counts, doze = 1)
    mle_fit(loglik, list(par = c(0, 0)), counts, 3)
    mle_fit(function(m, weights) dnorm(weights, m, 1, log = TRUE),
            list(m = 0), weights = 1:3)
    mle_fit(function(p) dnorm(1:3, p$m, p$s, log = TRUE),
            start = list(m = 1, s = 1))
    mle_fit(function(p) dnorm(1:3, p$m, log = TRUE),
            start = list(p = list(m = 1, name = "m")))
  })
})

test_that("a list of parameters is one argument", {
  y <- c(1, 2, 6, 3)
  listed <- function(p) dnorm(y, p$mean[["a"]], p[["scale"]]$s, log = TRUE)
  fit <- mle_fit(listed, list(p = list(mean = c(a = 1),
                                       scale = list(s = positive(1)))))
  expect_named(coef(fit), c("p_mean", "p_scale_s"))
  expect_equal(unname(coef(fit)), c(3, sqrt(3.5)), tolerance = 1e-7)
  expect_equal(predict(fit, ~ p$scale$s^2), 3.5, tolerance = 1e-7)
  expect_equal(coef(update(fit, start = coef(fit))), coef(fit),
               tolerance = 1e-7)
  held <- mle_fit(listed, list(p = list(mean = c(a = 1),
                                        scale = list(s = 1))),
                  fixed = list(p = list(scale = list(s = 2))))
  expect_equal(coef(held), c(p_mean = 3), tolerance = 1e-7)
})

test_that("a list of parameters can be taken apart in R's ways", {
  y <- c(1, 2, 6, 3)
  start <- list(p = list(m = 1, B = matrix(c(1, 0, 0, 1), 2)))
  minus <- function(m, B) -sum((y - m)^2) - sum((B - matrix(1:4, 2))^2)
  for (fn in list(
    function(p) with(p, minus(m, B)),
    function(p) do.call(minus, p),
    function(p) minus(unlist(p)[1], matrix(unlist(p)[2:5], 2)),
    function(p) do.call(minus, relist(unlist(p), p))
  )) {
    expect_equal(coef(mle_fit(fn, start)),
                 c(p_m = 3, p_B1_1 = 1, p_B2_1 = 2, p_B1_2 = 3, p_B2_2 = 4))
  }
})

test_that("a name that repeats is made another one, and told", {
  expect_message(
    fit <- mle_fit(function(p) -sum((p - 1:2)^2), c(a = 0, a = 0)),
    "more than one coefficient called `a`"
  )
  expect_equal(coef(fit), c(a = 1, a.1 = 2))
})
