# What is counted as an observation where a function returns a total.

set.seed(5)
n <- 40L
x <- rnorm(n)
k <- rpois(n, exp(0.4 + 0.3 * x))
d <- data.frame(x = x, k = k)
poisson <- function(a, b) dpois(k, exp(a + b * x), log = TRUE)
at <- list(a = 0, b = 0)
theta <- c(0.3, 0.2)

recorded <- function(fn, start = at, ...) {
  objective_record(fn, parameters_new(start, fn), ...)
}

expect_rows <- function(fn, ...) {
  split <- recorded(fn, ...)
  testthat::expect_identical(split$returns, "total")
  testthat::expect_identical(split$n, n)
  testthat::expect_equal(objective_contributions(split, theta),
                         poisson(theta[1], theta[2]), tolerance = 1e-12)
  testthat::expect_equal(objective_scores(split, theta),
                         objective_scores(recorded(poisson), theta),
                         tolerance = 1e-12)
}

test_that("a total has the contributions of its rows, however it is added up", {
  one <- function(i, a, b) dpois(k[i], exp(a + b * x[i]), log = TRUE)
  expect_rows(function(a, b) {
    ll <- c()
    for (i in 1:n) ll <- c(ll, one(i, a, b))
    sum(ll)
  })
  expect_rows(function(a, b) {
    ll <- NULL
    for (i in rev(seq_len(n))) ll <- append(ll, one(i, a, b))
    sum(ll)
  })
  expect_rows(function(a, b) {
    ll <- list()
    for (i in 1:n) ll[[i]] <- one(i, a, b)
    sum(unlist(ll))
  })
  expect_rows(function(a, b) sum(sapply(1:n, one, a, b)))
  expect_rows(function(a, b) Reduce(`+`, lapply(1:n, one, a, b)))
  expect_rows(function(a, b) {
    l <- 0
    for (i in 1:n) {
      l <- l + k[i] * (a + b * x[i])
      l <- l - exp(a + b * x[i])
      l <- l - lgamma(k[i] + 1)
    }
    l
  })
  expect_rows(function(a, b) {
    l <- 0
    for (i in 1:n) l <- l + dpois(d$k[i], exp(a + b * d[i, "x"]), log = TRUE)
    l
  })
  expect_rows(function(a, b) {
    l <- 0
    for (g in 1:4) {
      here <- seq(g, n, by = 4)
      l <- l + sum(one(here, a, b))
    }
    l
  })
})

test_that("a recursion reads earlier rows", {
  sums <- function(a, b) {
    h <- 1
    l <- 0
    for (i in 2:n) {
      h <- exp(a) + plogis(b) * h + 0.1 * x[i - 1]^2
      l <- l + dnorm(x[i], 0, sqrt(h), log = TRUE)
    }
    l
  }
  vector <- function(a, b) {
    h <- numeric(n)
    h[1] <- 1
    for (i in 2:n) h[i] <- exp(a) + plogis(b) * h[i - 1] + 0.1 * x[i - 1]^2
    dnorm(x[-1], 0, sqrt(h[-1]), log = TRUE)
  }
  split <- recorded(sums)
  expect_identical(split$n, n - 1L)
  expect_equal(objective_scores(split, theta),
               objective_scores(recorded(vector), theta), tolerance = 1e-10)
  started <- function(a, b) {
    e2 <- (x - a)^2
    h <- numeric(n)
    h[1] <- mean(e2)
    for (i in 2:n) h[i] <- 0.1 + plogis(b) * h[i - 1] + 0.1 * e2[i - 1]
    sum(dnorm(x, a, sqrt(h), log = TRUE))
  }
  expect_identical(recorded(started)$n, n)
  apart <- function(a, b) {
    e2 <- (x - a)^2
    h <- numeric(n)
    h[1] <- mean(e2)
    for (i in 2:n) h[i] <- 0.1 + plogis(b) * h[i - 1] + 0.1 * e2[i - 1]
    -n / 2 * log(2 * pi) - sum(log(h)) / 2 - sum(e2 / h) / 2
  }
  expect_equal(objective_scores(recorded(apart), theta),
               objective_scores(recorded(started), theta), tolerance = 1e-10)
  plain <- function(a, b) {
    h <- numeric(n)
    h[1] <- 1
    for (i in 2:n) h[i] <- 0.1 + plogis(b) * h[i - 1] + 0.1 * x[i - 1]^2
    -n / 2 * log(2 * pi) - sum(log(h)) / 2 - sum((x - a)^2 / h) / 2
  }
  together <- function(a, b) {
    h <- numeric(n)
    h[1] <- 1
    for (i in 2:n) h[i] <- 0.1 + plogis(b) * h[i - 1] + 0.1 * x[i - 1]^2
    dnorm(x, a, sqrt(h), log = TRUE)
  }
  expect_equal(objective_scores(recorded(plain), theta),
               objective_scores(recorded(together), theta), tolerance = 1e-10)
  two_addends <- function(a, b) {
    h <- 1
    l <- 0
    for (i in 2:n) {
      h <- exp(a) + plogis(b) * h + 0.1 * x[i - 1]^2
      l <- l - log(h) / 2
      l <- l - x[i]^2 / h / 2
    }
    l
  }
  expect_identical(recorded(two_addends)$n, NA_integer_)
})

test_that("where rows cannot be told there are none, and it is said", {
  R <- cor(mtcars[, 1:4])
  structure <- function(l, p) {
    S <- tcrossprod(l) + diag(exp(p))
    -16 * (log(det(S)) + sum(diag(solve(S, R))))
  }
  start <- list(l = rep(0.5, 4), p = rep(-0.5, 4))
  expect_identical(recorded(structure, start)$n, NA_integer_)
  products <- function(l, p) {
    S <- tcrossprod(l) + diag(exp(p))
    -16 * (log(det(S)) + sum(R * solve(S)))
  }
  expect_identical(recorded(products, start)$n, NA_integer_)
  groups <- rep(1:5, each = 8)
  integrals <- function(a, b) {
    l <- 0
    for (g in 1:5) {
      here <- which(groups == g)
      l <- l + log(mean(exp(c(-1, 1) + sum(
        dpois(k[here], exp(a + b * x[here]), log = TRUE)
      ))))
    }
    l
  }
  expect_identical(recorded(integrals)$n, NA_integer_)
  concentrated <- function(a, b) -n / 2 * log(sum((k - a - b * x)^2))
  expect_identical(recorded(concentrated)$n, NA_integer_)
  fit <- mle_fit(concentrated, at)
  expect_warning(expect_identical(BIC(fit), NA_real_), "not known",
                 class = "admle_warning_observations")
  for (type in c("opg", "sandwich", "bootstrap")) {
    expect_error(vcov(fit, type = type), "one\\s+for each row",
                 class = "admle_error_unsupported")
  }
  in_rows <- mle_fit(concentrated, at, data = d)
  expect_identical(nobs(in_rows), n)
})

test_that("averages, recycled data and changing lengths are told", {
  average <- function(a, s) mean(dnorm(x, a, s, log = TRUE))
  start <- list(a = 0, s = positive(1))
  expect_warning(fit <- mle_fit(average, start), "divided by 40.*6.32 times",
                 class = "admle_warning_observations")
  expect_equal(fit$loglik, mean(dnorm(x, mean(x), sd(x) * sqrt(39 / 40),
                                      log = TRUE)))
  by_hand <- function(a, s) -sum(dnorm(x, a, s, log = TRUE)) / n
  expect_warning(mle_fit(by_hand, start, negative = TRUE), "divided by 40")
  each <- function(a, s) dnorm(x, a, s, log = TRUE) / n
  expect_warning(mle_fit(each, start), "divided by 40")
  partial <- x[1:10]
  expect_warning(
    mle_fit(function(a, b) dnorm(x, a + b * (partial * exp(b)), 1, log = TRUE),
            list(a = 0, b = 0.1)), "10 data values is recycled to 40"
  )
  shorter <- function(a, s) {
    r <- dnorm(x, a, exp(s), log = TRUE)
    if (a < 3) r[1:10] else r
  }
  expect_warning(mle_fit(shorter, list(a = 5, s = 0)), "40 contributions.*10")
  expect_silent(mle_fit(poisson, at))
})
