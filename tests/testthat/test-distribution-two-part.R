# A point mass at zero beside a continuous distribution, and weights of mixtures
# from indices.

y <- c(0, 0.3, 1.2, 0, 2.5, 0.7)
positive <- y > 0

test_that("of a positive variable both are the two-part model", {
  wanted <- ifelse(positive, log(0.7) + dlnorm(y, 0.2, 0.8, TRUE), log(0.3))
  expect_equal(log_density(hurdle(dlnorm(0.2, 0.8), 0.7), y), wanted)
  expect_equal(log_density(zero_inflated(dlnorm(0.2, 0.8), 0.3), y), wanted)
})

test_that("a hurdle of a normal distribution is Cragg's model", {
  cragg <- hurdle(dnorm(0.5, 1.5), 0.6)
  wanted <- ifelse(positive, log(0.6) + dnorm(y, 0.5, 1.5, TRUE) -
                     pnorm(1 / 3, log.p = TRUE), log(0.4))
  expect_equal(log_density(cragg, y), wanted)
  expect_equal(log_density(cragg, -1), -Inf)
  # Extra zeros leave negative values possible.
  expect_equal(log_density(zero_inflated(dnorm(0.5, 1.5), 0.4), -1),
               log(0.6) + dnorm(-1, 0.5, 1.5, TRUE))
})

test_that("probabilities, quantiles, moments and draws belong together", {
  set.seed(1)
  cases <- list(
    hurdle(dgamma(2, 1.5), 0.7), hurdle(dnorm(0.5, 1.5), 0.6),
    zero_inflated(dbeta(2, 3), 0.3), zero_inflated(dnorm(0.5, 1), 0.3)
  )
  for (d in cases) {
    q <- c(-0.4, 0.1, 0.6)
    p <- cumulative(d, q)
    expect_equal(cumulative(d, q, lower.tail = FALSE), 1 - p)
    expect_equal(cumulative(d, q, log.p = TRUE), log(p))
    mass <- cumulative(d, 0) - cumulative(d, -1e-12)
    expect_equal(mass, exp(log_density(d, 0)), tolerance = 1e-9)
    inside <- p > 0 & p < 1
    expect_equal(quantile(d, p[inside]), q[inside], tolerance = 1e-6)
    expect_equal(quantile(d, cumulative(d, 0) - mass / 2), 0)
    x <- draw(d, 4e4)
    expect_lt(abs(mean(x) - mean(d)), 5 * sqrt(variance(d) / 4e4))
    expect_lt(abs(mean(x == 0) - mass), 5 * sqrt(mass * (1 - mass) / 4e4))
    expect_equal(variance(d), var(x), tolerance = 0.05)
  }
})

test_that("they are recorded with their derivatives", {
  expect_derivatives(function(m, s, q) {
    c(log_density(hurdle(dnorm(m, s), q), y),
      log_density(zero_inflated(dgamma(m, s), q), y),
      cumulative(hurdle(dnorm(m, s), q), c(-1, 0.4)))
  }, list(m = 0.5, s = 1.5, q = 0.6), order = 2)
})

test_that("a formula with zeros finds the parts that separate fits find", {
  data <- data.frame(w = pmax(c(y, 0.2, 1.9), 0), x = c(1:6, 3, 2))
  fit <- mle_fit(w ~ hurdle(dlnorm(m, s), q), m ~ x, logit(q) ~ x,
                 data = data)
  above <- mle_fit(w ~ dlnorm(m, s), m ~ x, data = subset(data, w > 0))
  seen <- glm(w > 0 ~ x, binomial, data)
  expect_equal(as.numeric(logLik(fit)),
               as.numeric(logLik(above) + logLik(seen)), tolerance = 1e-8)
})

test_that("softmax() gives probabilities, with the last alternative at 0", {
  expect_equal(softmax(0.3), cbind(plogis(0.3), plogis(-0.3)))
  expect_equal(softmax(1, 2), t(exp(c(1, 2, 0)) / sum(exp(c(1, 2, 0)))))
  expect_equal(rowSums(softmax(c(800, -800), 0)), c(1, 1))
  expect_equal(dim(softmax(1:3, 0.5)), c(3L, 3L))
  expect_error(softmax(), "an index or more")
  expect_derivatives(function(a, b) softmax(a, b * c(1, 2)),
                     list(a = 0.4, b = -0.3), order = 2)
})

test_that("indices of a mixture start at equal weights", {
  set.seed(4)
  z <- c(rnorm(60), rnorm(40, 5), rnorm(50, 10))
  fit <- mle_fit(z ~ mixture(softmax(a, b), dnorm(m1, 1), dnorm(m2, 1),
                             dnorm(m3, 1)))
  weights <- softmax(coef(fit)[["a"]], coef(fit)[["b"]])
  expect_equal(c(weights), c(60, 40, 50) / 150, tolerance = 0.02)
  z <- z[1:100]
  by_index <- mle_fit(z ~ mixture(softmax(a), dnorm(m1, s), dnorm(m2, s)))
  by_share <- mle_fit(z ~ mixture(p, dnorm(m1, s), dnorm(m2, s)))
  expect_equal(logLik(by_index), logLik(by_share), tolerance = 1e-7,
               ignore_attr = TRUE)
})

test_that("logarithms of tails keep their digits", {
  log_of <- function(d, q, lower.tail) {
    cumulative(d, q, lower.tail = lower.tail, log.p = TRUE)
  }
  for (make in list(zero_inflated, hurdle)) {
    share <- if (identical(make, hurdle)) 0.6 else 0.4
    weight <- log(if (identical(make, hurdle)) share else 1 - share)
    d <- make(dlnorm(0, 1), share)
    q <- exp(c(9, 40))
    upper <- weight + plnorm(q, lower.tail = FALSE, log.p = TRUE)
    expect_equal(log_of(d, q, FALSE), upper, tolerance = 1e-14)
    expect_equal(log_of(d, q, TRUE), -exp(upper), tolerance = 1e-14)
    count <- make(dpois(2), share)
    q <- c(30, 400)
    upper <- weight + ppois(q, 2, lower.tail = FALSE, log.p = TRUE) -
      if (identical(make, hurdle)) log1p(-exp(-2)) else 0
    expect_equal(log_of(count, q, FALSE), upper, tolerance = 1e-13)
    expect_equal(log_of(count, q, TRUE), -exp(upper), tolerance = 1e-13)
    for (lower in c(TRUE, FALSE)) {
      expect_equal(exp(log_of(count, -1:3, lower)),
                   cumulative(count, -1:3, lower.tail = lower),
                   tolerance = 1e-14)
    }
  }
})
