# Several starts: the highest maximum, whatever the user's start.

several <- function(...) mle_control(multistart = 20, ...)
twin_peaks <- function(m) -(m^2 - 4)^2 / 4 + 0.3 * m

test_that("the highest of several maxima is found and the others are listed", {
  expect_warning(
    fit <- mle_fit(twin_peaks, list(m = -1), control = several()),
    "another maximum, whose log-likelihood is lower by 1.2 only",
    class = "admle_warning_maxima"
  )
  peak <- function(near) {
    optimize(twin_peaks, near + c(-1, 1), maximum = TRUE, tol = 1e-10)
  }
  expect_equal(coef(fit)[["m"]], peak(2)$maximum, tolerance = 1e-6)
  expect_equal(fit$maxima$loglik, c(peak(2)$objective, peak(-2)$objective))
  expect_equal(fit$maxima$coefficients[, "m"],
               c(peak(2)$maximum, peak(-2)$maximum), tolerance = 1e-6)
  expect_identical(sum(fit$maxima$searches) + attr(fit$maxima, "unfinished"),
                   21L)
  expect_identical(fit$maxima$from[2], 1L)
  expect_true(fit$converged)
  alone <- mle_fit(twin_peaks, list(m = -1))
  expect_lt(coef(alone)[["m"]], 0)
  expect_null(alone$maxima)
})

test_that("one recording serves all, and the same seed gives the same", {
  fit <- suppressWarnings(mle_fit(twin_peaks, list(m = -1),
                                  control = several()))
  expect_equal(fit$search$recordings, 1)
  set.seed(4)
  before <- .Random.seed
  again <- suppressWarnings(mle_fit(twin_peaks, list(m = -1),
                                    control = several()))
  expect_identical(.Random.seed, before)
  expect_identical(again$maxima, fit$maxima)
  other <- suppressWarnings(mle_fit(twin_peaks, list(m = -1),
                                    control = several(seed = 7)))
  expect_equal(coef(other), coef(fit), tolerance = 1e-8)
})

test_that("maxima of the same height are told", {
  expect_warning(
    fit <- mle_fit(function(m) -(m^2 - 4)^2, list(m = 1), control = several()),
    "2 different maxima have the same", class = "admle_warning_maxima"
  )
  expect_equal(sort(fit$maxima$coefficients[, "m"]), c(-2, 2),
               tolerance = 1e-6)
})

test_that("starts cover declared ranges, and stay in the domain", {
  # The maximum at 9 has a standard error of 0.1; that at 1 is higher.
  fit <- mle_fit(
    function(p) log(dnorm(p, 1, 0.1) + 0.01 * dnorm(p, 9, 0.1)),
    list(p = bounded(9.1, 0, 10)), control = several()
  )
  expect_equal(coef(fit)[["p"]], 1, tolerance = 1e-6)
  expect_identical(nrow(fit$maxima), 2L)
  fit <- mle_fit(function(s) {
    if (s <= 0) stop("not there")
    dnorm(cars$dist, 40, s, log = TRUE)
  }, list(s = 20), control = several())
  expect_equal(coef(fit)[["s"]], sqrt(mean((cars$dist - 40)^2)),
               tolerance = 1e-6)
})

test_that("a mixture has no maximum where a component is empty", {
  fit <- suppressWarnings(mle_fit(
    function(p, mu, s) {
      log(p * dnorm(eruptions, mu[1], s[1]) +
            (1 - p) * dnorm(eruptions, mu[2], s[2]))
    },
    list(p = bounded(0.5, 0, 1), mu = c(2, 4), s = positive(c(1, 1))),
    data = faithful, control = several()
  ))
  expect_true(all(is.finite(fit$maxima$coefficients)))
  expect_equal(fit$maxima$loglik[[1]], -276.36, tolerance = 1e-6)
})

test_that("the summary and formulas know of it", {
  fit <- mle_fit(dist ~ speed, data = cars, control = list(multistart = 5))
  expect_output(print(summary(fit)), "same maximum\\s+from 6\\s+starts")
  expect_error(mle_control(multistart = -1), "multistart",
               class = "admle_error_argument")
  numeric <- suppressWarnings(mle_fit(twin_peaks, list(m = -1),
                                      derivatives = "numeric",
                                      control = several()))
  expect_gt(coef(numeric)[["m"]], 0)
})
