# Covariances for correlated scores against the sandwich package.

tolerance <- 1e-8

series_data <- function() {
  i <- seq_len(200)
  x <- as.numeric(stats::filter(sin(i^2), 0.6, "recursive"))
  e <- as.numeric(stats::filter(cos(i^2 / 3), 0.5, "recursive"))
  data.frame(
    y = round(exp(0.5 + 0.2 * x + 0.4 * e)), x = x, w = cos(i / 9) + sin(7 * i),
    moment = (i * 37L) %% 200L, year = (i - 1L) %/% 8L, unit = (i - 1L) %% 8L
  )
}
series_models <- function(d = series_data()) {
  list(
    reference = glm(y ~ x + w, poisson, d,
                    control = list(epsilon = 1e-15, maxit = 50)),
    formula = mle_fit(y ~ x + w, data = d, family = poisson),
    fn = mle_fit(
      function(b) dpois(y, exp(b[1] + b[2] * x + b[3] * w), log = TRUE),
      list(b = numeric(3)), d
    )
  )
}
expect_same <- function(object, expected) {
  expect_equal(object, expected, tolerance = tolerance, ignore_attr = TRUE)
}

test_that("Newey and West's covariance equals sandwich::NeweyWest()", {
  skip_if_not_installed("sandwich")
  m <- series_models()
  NeweyWest <- sandwich::NeweyWest
  expect_same(vcov(m$formula, "newey-west"),
              NeweyWest(m$reference, prewhite = FALSE))
  expect_same(vcov(m$formula, "newey-west", prewhite = TRUE),
              NeweyWest(m$reference))
  for (lag in c(0, 1, 6)) {
    expect_same(vcov(m$fn, "newey-west", lag = lag),
                NeweyWest(m$reference, lag = lag, prewhite = FALSE))
  }
  expect_same(vcov(m$fn, "newey-west", lag = 4, prewhite = 2),
              NeweyWest(m$reference, lag = 4, prewhite = 2))
  d <- series_data()
  for (time in list(~moment, d$moment, "moment")) {
    expect_same(
      vcov(m$formula, "newey-west", lag = 4, time = time),
      NeweyWest(m$reference, lag = 4, prewhite = FALSE, order.by = d$moment)
    )
  }
})

test_that("every kernel and bandwidth equals sandwich::kernHAC()", {
  skip_if_not_installed("sandwich")
  m <- series_models()
  for (kernel in c("Bartlett", "Parzen", "Quadratic Spectral",
                   "Tukey-Hanning", "Truncated")) {
    expected <- function(...) {
      sandwich::kernHAC(m$reference, kernel = kernel, ...)
    }
    expect_same(vcov(m$formula, "hac", kernel = kernel),
                expected(prewhite = 0, adjust = FALSE))
    expect_same(vcov(m$formula, "hac", kernel = kernel, prewhite = TRUE,
                     adjust = TRUE), expected())
    expect_same(vcov(m$fn, "hac", kernel = kernel, bandwidth = 3.3),
                expected(bw = 3.3, prewhite = 0, adjust = FALSE))
    if (kernel %in% c("Tukey-Hanning", "Truncated")) next
    expect_same(
      vcov(m$formula, "hac", kernel = kernel, bandwidth = "newey-west"),
      expected(bw = sandwich::bwNeweyWest, prewhite = 0, adjust = FALSE)
    )
  }
})

test_that("a linear model with given lags equals NeweyWest() of lm()", {
  skip_if_not_installed("sandwich")
  d <- series_data()
  fit <- mle_fit(y ~ x + w, data = d)
  expect_same(
    vcov(fit, "newey-west", lag = 5, adjust = TRUE)[1:3, 1:3],
    sandwich::NeweyWest(lm(y ~ x + w, d), lag = 5, prewhite = FALSE,
                        adjust = TRUE)
  )
  # Bandwidths are chosen from the scores by coefficient, as sandwich sees them.
  expect_same(vcov(fit, "newey-west"),
              sandwich::NeweyWest(fit, prewhite = FALSE))
})

test_that("Driscoll and Kraay's covariance equals sandwich::vcovPL()", {
  skip_if_not_installed("sandwich")
  m <- series_models()
  expected <- function(..., adjust = FALSE) {
    sandwich::vcovPL(m$reference, cluster = ~unit + year, adjust = adjust, ...)
  }
  expect_same(vcov(m$formula, "driscoll-kraay", time = ~year), expected())
  expect_same(vcov(m$fn, "driscoll-kraay", time = ~year, lag = "NW1994",
                   adjust = TRUE), expected(lag = "NW1994", adjust = TRUE))
  expect_same(vcov(m$fn, "DK", time = ~year, lag = 3, kernel = "qs"),
              expected(lag = 3, kernel = "Quadratic Spectral"))
})

test_that("without lags they are the sandwich and the clustered covariance", {
  fit <- series_models()$formula
  expect_equal(vcov(fit, "hac", lag = 0, kernel = "truncated"),
               vcov(fit, "sandwich"), tolerance = 1e-12)
  expect_equal(vcov(fit, "driscoll-kraay", time = ~year, lag = 0),
               vcov(fit, cluster = ~year, cadjust = FALSE), tolerance = 1e-12)
})

test_that("kernels are continuous and one at zero", {
  for (kernel in kernels) {
    expect_equal(kernel_weight(0, kernel), 1)
  }
  # The series of the quadratic spectral kernel meets its formula.
  at <- 0.01 * 5 / (6 * pi)
  expect_equal(kernel_weight(at * (1 - 1e-9), "quadratic-spectral"),
               kernel_weight(at * (1 + 1e-9), "quadratic-spectral"),
               tolerance = 1e-10)
})

test_that("lags within the units of a panel never run across them", {
  set.seed(8)
  panel <- data.frame(id = rep(1:7, c(3:8, 1)))
  panel$year <- 2000 + ave(panel$id, panel$id, FUN = seq_along)
  panel$x <- rnorm(34)
  panel$y <- panel$x + rnorm(7)[panel$id] + rnorm(34)
  panel <- panel[sample(34), ]
  fit <- mle_fit(y ~ x, data = panel)
  scores <- sandwich::estfun(fit)
  meat <- matrix(0, 3, 3)
  for (i in 1:34) for (j in 1:34) {
    apart <- abs(panel$year[i] - panel$year[j])
    if (panel$id[i] == panel$id[j] && apart < 3) {
      meat <- meat + (1 - apart / 3) * scores[i, ] %o% scores[j, ]
    }
  }
  within <- vcov(fit, "newey-west", unit = ~ id, time = ~ year, lag = 2)
  expect_equal(within, vcov(fit) %*% meat %*% vcov(fit), tolerance = 1e-10)
  # The fourth root of 8 periods is less than 2.
  automatic <- vcov(fit, "newey-west", unit = ~ id, time = ~ year)
  expect_equal(
    automatic, vcov(fit, "hac", unit = ~ id, time = ~ year, bandwidth = 2),
    tolerance = 1e-12
  )
  # The order of the rows where no time is given.
  sorted <- panel[order(panel$id, panel$year), ]
  expect_equal(
    vcov(mle_fit(y ~ x, data = sorted), "newey-west", unit = ~ id, lag = 2),
    within, tolerance = 1e-8
  )
  expect_output(
    print(summary(fit, vcov = vcov_spec("newey-west", unit = ~ id,
                                        time = ~ year))),
    "within 7 units of `id` in the\\s+order of `year`"
  )
})

test_that("units are asked for, and what they do not go with is refused", {
  panel <- data.frame(id = rep(1:5, each = 4), year = rep(1:4, 5),
                      y = sin(1:20))
  fit <- mle_fit(y ~ 1, data = panel)
  refused <- function(pattern, ...) {
    expect_error(vcov(fit, ...), pattern, class = "admle_error_argument")
  }
  refused("unit = ~ firm", "newey-west", time = ~ year)
  refused("unit 1 has several", "newey-west", unit = rep(1, 20), time = ~ year)
  refused("automatic bandwidth", "hac", unit = ~ id, bandwidth = "andrews")
  refused("prewhite", "hac", unit = ~ id, prewhite = TRUE)
})
