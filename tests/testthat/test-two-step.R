# Two-step covariances against closed forms and against stacked moments that are
# written out and differenced by hand.

exact <- 1e-8

# d is made without random numbers, so that all can be read off the test.
n <- 200
steps_data <- local({
  u <- qnorm(((1:n) * 0.6180339887) %% 1)
  e <- qnorm(((1:n) * 0.7548776662) %% 1)
  z <- qnorm(((1:n) * 0.5698402909) %% 1)
  x <- sin(1:n)
  work <- as.numeric(0.3 + 0.8 * z - 0.5 * x + u > 0)
  data.frame(
    z = z, x = x, work = work, wage = 1 + x + 0.5 * u + e,
    group = rep(1:20, each = 10)
  )
})

# The sandwich of moments m(theta), n x k, that are zero in sum.
stacked_by_hand <- function(moments, theta, group = NULL) {
  slope <- admle:::difference_jacobian(function(t) colSums(moments(t)), theta)
  m <- moments(theta)
  factor <- 1
  if (!is.null(group)) {
    m <- rowsum(m, group)
    factor <- nrow(m) / (nrow(m) - 1)
  }
  inverse <- solve(slope)
  factor * inverse %*% crossprod(m) %*% t(inverse)
}

normal_scores <- function(r, X, sigma) {
  cbind(X * r / sigma^2, (r^2 / sigma^2 - 1) / sigma)
}

probit_scores <- function(y, Z, g) {
  eta <- drop(Z %*% g)
  Z * ifelse(y == 1, dnorm(eta) / pnorm(eta), -dnorm(eta) / pnorm(-eta))
}

control_first <- function() mle_fit(hp ~ disp, data = mtcars)
control_function <- function(b, rho, sigma, g) {
  residual <- hp - g[1] - g[2] * disp
  dnorm(mpg, b[1] + b[2] * hp + rho * residual, sigma, log = TRUE)
}
control_start <- list(b = c(30, 0), rho = 0, sigma = positive(3))

test_that("a control function has the covariance of two-stage least squares", {
  fit <- mle_fit(control_function, control_start, data = mtcars,
                 after = list(g = control_first()))
  Z <- cbind(1, mtcars$disp)
  X <- cbind(1, mtcars$hp)
  b <- solve(crossprod(Z, X), crossprod(Z, mtcars$mpg))
  e <- drop(mtcars$mpg - X %*% b)
  fitted <- Z %*% solve(crossprod(Z), crossprod(Z, X))
  bread <- solve(crossprod(fitted))
  expect_equal(unname(coef(fit)[1:2]), drop(b), tolerance = exact)
  expect_equal(unname(vcov(fit)[1:2, 1:2]),
               bread %*% crossprod(fitted * e) %*% bread, tolerance = exact)
  sums <- rowsum(fitted * e, mtcars$cyl)
  expect_warning(
    clustered <- vcov(fit, cluster = ~ cyl, cadjust = FALSE),
    class = "admle_warning_clusters"
  )
  expect_equal(unname(clustered[1:2, 1:2]),
               bread %*% crossprod(sums) %*% bread, tolerance = exact)
  by_formula <- mle_fit(
    mpg ~ dnorm(mu + rho * (hp - g[1] - g[2] * disp), sigma), mu ~ hp,
    data = mtcars, after = list(g = control_first())
  )
  expect_equal(unname(vcov(by_formula)), unname(vcov(fit)), tolerance = exact)
})

mills <- function(eta) dnorm(eta) / pnorm(eta)

test_that("a probit index in a regression: both covariances, by hand", {
  d <- steps_data
  first <- mle_fit(
    function(g) dbinom(work, 1, pnorm(g[1] + g[2] * z + g[3] * x), log = TRUE),
    start = list(g = numeric(3)), data = d
  )
  second <- mle_fit(
    function(b, sigma, g) {
      index <- g[1] + g[2] * z + g[3] * x
      dnorm(wage, b[1] + b[2] * x + b[3] * pnorm(index), sigma, log = TRUE)
    },
    start = list(b = numeric(3), sigma = positive(1)), data = d, after = first
  )
  generated <- lm(wage ~ x + pnorm(drop(cbind(1, z, x) %*% coef(first))), d)
  expect_equal(unname(coef(second)[1:3]), unname(coef(generated)),
               tolerance = exact)
  g <- unname(coef(first))
  own <- unname(coef(second))
  Z <- cbind(1, d$z, d$x)
  moments <- function(t) {
    index <- pnorm(drop(Z %*% t[1:3]))
    X <- cbind(1, d$x, index)
    cbind(probit_scores(d$work, Z, t[1:3]),
          normal_scores(d$wage - drop(X %*% t[4:6]), X, t[7]))
  }
  wanted <- stacked_by_hand(moments, c(g, own))[4:7, 4:7]
  expect_equal(unname(vcov(second)), wanted, tolerance = exact)
  wanted <- stacked_by_hand(moments, c(g, own), d$group)[4:7, 4:7]
  clustered <- update(second, vcov = ~ group)
  for (found in list(vcov(second, cluster = ~ group), vcov(clustered),
                     summary(second, vcov = ~ group)$vcov)) {
    expect_equal(unname(found), wanted, tolerance = exact)
  }
  # Murphy and Topel's formula, term by term
  index <- drop(Z %*% g)
  X <- cbind(1, d$x, pnorm(index))
  r <- d$wage - drop(X %*% own[1:3])
  s1 <- probit_scores(d$work, Z, g)
  s2 <- normal_scores(r, X, own[4])
  by_first <- Z * (r / own[4]^2 * own[3] * dnorm(index))
  V1 <- vcov(first)
  V2 <- vcov(second, "hessian")
  C <- crossprod(s2, by_first)
  R <- crossprod(s2, s1)
  wanted <- V2 + V2 %*% (C %*% V1 %*% t(C) - R %*% V1 %*% t(C) -
                           C %*% V1 %*% t(R)) %*% V2
  expect_equal(vcov(second, "murphy-topel"), wanted, tolerance = exact,
               ignore_attr = TRUE)
  # no cross terms, where the first sample is another one
  other <- update(second, after = other_sample(first), vcov = "murphy-topel")
  expect_equal(vcov(other), V2 + V2 %*% C %*% V1 %*% t(C) %*% V2,
               tolerance = exact, ignore_attr = TRUE)
})

test_that("Heckman's second step uses some of the rows of the first", {
  d <- steps_data
  d$wage[d$work == 0] <- NA
  first <- mle_fit(work ~ z + x, data = d, family = binomial("probit"))
  heckit <- function(b, lambda, sigma, g) {
    index <- g["(Intercept)"] + g["z"] * z + g["x"] * x
    dnorm(wage, b[1] + b[2] * x + lambda * mills(index), sigma, log = TRUE)
  }
  start <- list(b = numeric(2), lambda = 0, sigma = positive(1))
  by_subset <- mle_fit(heckit, start, data = d, subset = work == 1,
                       after = list(g = first))
  by_missing <- mle_fit(heckit, start, data = d, na.action = na.omit,
                        after = list(g = first))
  expect_equal(vcov(by_missing), vcov(by_subset), tolerance = exact)
  Z <- cbind(1, d$z, d$x)
  moments <- function(t) {
    m <- mills(drop(Z %*% t[1:3]))
    X <- cbind(1, d$x, m)
    second <- normal_scores(d$wage - drop(X %*% t[4:6]), X, t[7])
    second[d$work == 0, ] <- 0
    cbind(probit_scores(d$work, Z, t[1:3]), second)
  }
  at <- unname(c(coef(first), coef(by_subset)))
  expect_equal(unname(vcov(by_subset)),
               stacked_by_hand(moments, at)[4:7, 4:7], tolerance = exact)
  # all rows of the first step count in the clusters
  expect_equal(unname(vcov(by_subset, cluster = ~ group)),
               stacked_by_hand(moments, at, d$group)[4:7, 4:7],
               tolerance = exact)
})

test_that("Heckman's own formula is near, where the model is right", {
  # Normal disturbances of rho 0.6 on a grid that fills the cube evenly.
  size <- 4000
  at <- function(ratio) qnorm(((1:size) * ratio) %% 1)
  u <- at(0.8191725134)
  z <- at(0.6710436067)
  x <- at(0.5497004779)
  y <- 1 + x + 0.6 * u + 0.8 * at(0.4503 + sqrt(2) - 1)
  d <- data.frame(z, x, y, work = as.numeric(0.3 + z + 0.5 * x + u > 0))
  first <- mle_fit(work ~ z + x, data = d, family = binomial("probit"))
  second <- mle_fit(
    function(b, lambda, sigma, g) {
      index <- g[1] + g[2] * z + g[3] * x
      dnorm(y, b[1] + b[2] * x + lambda * mills(index), sigma, log = TRUE)
    },
    start = list(b = numeric(2), lambda = 0, sigma = positive(1)), data = d,
    subset = work == 1, after = list(g = first)
  )
  # Greene (2003), Econometric Analysis, equation (22-22)
  used <- d$work == 1
  Z <- cbind(1, d$z, d$x)[used, ]
  index <- drop(Z %*% coef(first))
  m <- mills(index)
  X <- cbind(1, d$x[used], m)
  b <- coef(second)[1:3]
  delta <- m * (m + index)
  e <- d$y[used] - drop(X %*% b)
  sigma2 <- mean(e^2) + mean(delta) * b[3]^2
  rho2 <- b[3]^2 / sigma2
  F <- crossprod(X, delta * Z)
  Q <- rho2 * F %*% vcov(first) %*% t(F)
  bread <- solve(crossprod(X))
  heckman <- sigma2 * bread %*% (crossprod(X * (1 - rho2 * delta), X) + Q) %*%
    bread
  ratio <- diag(vcov(second))[1:3] / diag(heckman)
  expect_lt(max(abs(ratio - 1)), 0.1)
})

test_that("first steps have first steps, and there may be several", {
  d <- steps_data
  one <- mle_fit(function(a) dnorm(x, a, 1, log = TRUE), start = list(a = 0),
                 data = d)
  two <- mle_fit(function(b, a) dnorm(z, b * a + x, 1, log = TRUE),
                 start = list(b = 0), data = d, after = one)
  three <- mle_fit(
    function(k, p, q) dnorm(wage, k + exp(p[1]) * x + q["b"] * z, 1,
                            log = TRUE),
    start = list(k = 0), data = d, after = list(p = one, q = two)
  )
  moments <- function(t) {
    cbind(d$x - t[1], t[1] * (d$z - t[2] * t[1] - d$x),
          d$wage - t[3] - exp(t[1]) * d$x - t[2] * d$z)
  }
  at <- c(coef(one), coef(two), coef(three))
  expect_equal(unname(vcov(three))[[1]], stacked_by_hand(moments, at)[3, 3],
               tolerance = exact)
  expect_error(vcov(three, "murphy-topel"), class = "admle_error_unsupported")
})

test_that("declared ranges, constraints and weights are carried along", {
  d <- steps_data
  first <- mle_fit(
    function(m, s) dnorm(z, m, s, log = TRUE),
    start = list(m = 0, s = positive(1)), data = d, weights = 1 + group %% 3
  )
  second <- mle_fit(
    function(b, sigma, s) {
      dnorm(wage, b[1] + b[2] * x + b[3] * s * z, sigma, log = TRUE)
    },
    start = list(b = numeric(3), sigma = positive(1)), data = d,
    constraints = "b2 = 2 * b3", after = first
  )
  w <- 1 + d$group %% 3
  moments <- function(t) {
    X <- cbind(1, 2 * d$x + t[2] * d$z)
    cbind(w * normal_scores(d$z - t[1], 1, t[2]),
          normal_scores(d$wage - drop(X %*% t[3:4]), X, t[5]))
  }
  at <- unname(c(coef(first), coef(second)[c("b1", "b3", "sigma")]))
  own <- c("b1", "b3", "sigma")
  expect_equal(unname(vcov(second)[own, own]),
               stacked_by_hand(moments, at)[3:5, 3:5], tolerance = exact)
  expect_equal(vcov(second)["b2", "b2"], 4 * vcov(second)["b3", "b3"],
               tolerance = exact)
})

test_that("a fit read from a file still has its covariance", {
  fit <- mle_fit(control_function, control_start, data = mtcars,
                 after = list(g = control_first()))
  before <- vcov(fit)
  file <- tempfile()
  on.exit(unlink(file))
  saveRDS(fit, file)
  expect_equal(vcov(readRDS(file)), before, tolerance = 1e-12)
})

test_that("summaries say whether the first step is accounted for", {
  first <- control_first()
  fit <- mle_fit(control_function, control_start, data = mtcars,
                 after = list(g = first))
  expect_snapshot(print(summary(fit)))
  last <- function(...) utils::tail(capture.output(summary(fit, ...)), 5)
  expect_snapshot(last(vcov = "hessian"))
  expect_snapshot(last(vcov = "murphy-topel"))
  expect_snapshot(last(cluster = ~ carb))
  expect_snapshot(print(mle_fit(control_function, control_start, data = mtcars,
                                after = list(g = other_sample(first)))))
})

test_that("first steps that cannot be used are errors", {
  first <- control_first()
  fit <- function(after, ..., start = control_start) {
    mle_fit(control_function, start, data = mtcars, after = after, ...)
  }
  unfinished <- first
  unfinished$converged <- FALSE
  flat <- suppressWarnings(mle_fit(
    function(a, b) dnorm(mpg, a + b, 6, log = TRUE), list(a = 0, b = 0),
    data = mtcars
  ))
  fewer <- mle_fit(hp ~ disp, data = mtcars[1:20, ])
  expect_snapshot(error = TRUE, {
    fit(lm(hp ~ disp, mtcars))
    fit(list(g = unfinished))
    fit(list(g = flat))
    fit(first)
    fit(list(h = first))
    fit(list(g = first), start = c(control_start, list(g = c(0, 0))))
    fit(list(g = fewer))
    vcov(first, "stacked")
    other_sample(1)
  })
})
