# Declared parameters: the maps, natural-scale results, boundaries.

types <- list(
  positive = list(positive(c(0.5, 3)), c(0.2, 9)),
  both = list(bounded(c(0.5, 2), 0, c(1, 5)), c(0.9, 0.1)),
  upper = list(bounded(-1, upper = 2), 1.5),
  mixed = list(bounded(c(-1, 0, 1, 2), c(-Inf, -1, 0, -Inf),
                       c(Inf, 1, Inf, 3)), c(-9, 0.9, 4, -7)),
  simplex = list(simplex(c(0.2, 0.5, 0.3)), c(0.7, 0.1, 0.2)),
  increasing = list(increasing(c(-1, 0, 4)), c(-3, 2, 2.5)),
  correlation = list(
    correlation(matrix(c(1, 0.5, 0.2, 0.5, 1, -0.3, 0.2, -0.3, 1), 3)),
    diag(3) * 0.4 + 0.6
  ),
  covariance = list(
    covariance(matrix(c(4, 1, 0.5, 1, 2, -0.3, 0.5, -0.3, 1), 3)),
    crossprod(matrix(c(1, 2, 0, 3, 1, 1, 0, 1, 5), 3))
  )
)

test_that("the maps are inverse to each other and have exact derivatives", {
  for (name in names(types)) {
    declared <- types[[name]][[1L]]
    type <- declared$declare(declared$value, "x")
    for (value in list(declared$value, types[[name]][[2L]])) {
      theta <- type$unconstrain(value)
      expect_length(theta, type$dimension)
      expect_equal(as.vector(type$constrain(theta)), as.vector(value),
                   tolerance = 1e-14, label = name)
      check <- check_gradient(function(u) as.vector(type$constrain(u)), theta)
      expect_lt(max(check$error), 1e-8)
    }
  }
})

test_that("every point of the unrestricted space is within the range", {
  set.seed(1)
  for (name in names(types)) {
    declared <- types[[name]][[1L]]
    type <- declared$declare(declared$value, "x")
    for (draw in 1:5) {
      value <- type$constrain(rnorm(type$dimension, sd = 2))
      expect_no_error(declared$declare(value, "x"))
    }
  }
})

test_that("a declared parameter gives the fit of a hand-made transformation", {
  declared <- mle_fit(
    function(mu, sigma) dnorm(speed, mu, sigma, log = TRUE),
    start = list(mu = 10, sigma = positive(5)), data = cars
  )
  by_hand <- mle_fit(
    function(mu, s) dnorm(speed, mu, exp(s), log = TRUE),
    start = list(mu = 10, s = log(5)), data = cars
  )
  plain <- mle_fit(
    function(mu, sigma) dnorm(speed, mu, sigma, log = TRUE),
    start = list(mu = 10, sigma = 5), data = cars
  )
  expect_equal(coef(declared), coef(plain), tolerance = 1e-8)
  for (type in c("hessian", "opg", "sandwich")) {
    expect_equal(vcov(declared, type), vcov(plain, type), tolerance = 1e-8)
  }
  expect_equal(unname(confint(declared)["sigma", ]),
               unname(exp(confint(by_hand)["s", ])), tolerance = 1e-8)
  expect_equal(confint(declared)["mu", ], confint(plain)["mu", ],
               tolerance = 1e-8)
  expect_named(declared$theta, c("mu", "log(sigma)"))
  adjusted <- vcov(declared, adjust = TRUE)
  expect_equal(adjusted, vcov(plain, adjust = TRUE), tolerance = 1e-8)
  expect_equal(vcov(declared, adjust = "sigma"), adjusted, tolerance = 1e-12)
})

test_that("scores are on the natural scale and work with sandwich", {
  skip_if_not_installed("sandwich")
  f <- function(mu, sigma) dnorm(speed, mu, sigma, log = TRUE)
  declared <- mle_fit(f, list(mu = 10, sigma = positive(5)), data = cars)
  plain <- mle_fit(f, list(mu = 10, sigma = 5), data = cars)
  expect_equal(sandwich::estfun(declared), sandwich::estfun(plain),
               tolerance = 1e-7)
  mixture <- mle_fit(
    function(p, mu, s) {
      log(p[1] * dnorm(eruptions, mu[1], s) + p[2] * dnorm(eruptions, mu[2], s))
    },
    list(p = simplex(c(0.4, 0.6)), mu = increasing(c(2, 4)), s = positive(1)),
    data = faithful
  )
  expect_equal(sandwich::sandwich(mixture), vcov(mixture, "sandwich"),
               tolerance = 1e-10)
  expect_equal(unname(sandwich::estfun(mixture) %*% mixture$jacobian),
               unname(theta_scores(mixture)), tolerance = 1e-10)
})

test_that("a simplex has all elements, and one parameter less", {
  counts <- c(10, 30, 60)
  fit <- mle_fit(
    function(p) counts * log(p), list(p = simplex(rep(1, 3) / 3)),
    data = list(counts = counts)
  )
  p <- counts / 100
  expect_equal(unname(coef(fit)), p, tolerance = 1e-9)
  expect_equal(unname(vcov(fit)), (diag(p) - p %o% p) / 100, tolerance = 1e-8)
  expect_identical(attr(logLik(fit), "df"), 2L)
  logit <- qlogis(p) + outer(sqrt(1 / (100 * p * (1 - p))), qnorm(c(0.025,
                                                                  0.975)))
  expect_equal(unname(confint(fit)), plogis(logit), tolerance = 1e-7)
})

test_that("covariance and correlation matrices against closed forms", {
  y <- as.matrix(iris[1:3])
  n <- nrow(y)
  fit <- mle_fit(
    function(mu, S) {
      d <- t(t(y) - mu)
      -0.5 * (rowSums((d %*% solve(S)) * d) + log(det(S)) + 3 * log(2 * pi))
    },
    start = list(mu = colMeans(y) + 0.1, S = covariance(diag(3)))
  )
  S <- cov(y) * (n - 1) / n
  below <- lower.tri(S, TRUE)
  expect_equal(unname(coef(fit)[4:9]), S[below], tolerance = 1e-9)
  # Anderson (2003), An Introduction to Multivariate Statistical Analysis, 3.4.4
  at <- which(below, arr.ind = TRUE)
  i <- at[, 1]
  j <- at[, 2]
  wanted <- (S[i, i] * S[j, j] + S[i, j] * S[j, i]) / n
  expect_equal(unname(vcov(fit)[4:9, 4:9]), unname(wanted), tolerance = 1e-7)
  standard <- mle_fit(
    function(mu, s, R) {
      d <- t((t(y) - mu) / s)
      -0.5 * (rowSums((d %*% solve(R)) * d) + log(det(R)) + 3 * log(2 * pi)) -
        sum(log(s))
    },
    start = list(mu = colMeans(y) + 0.1, s = positive(c(1, 1, 1)),
                 R = correlation(diag(3)))
  )
  R <- cor(y)[lower.tri(S)]
  expect_equal(unname(coef(standard)[7:9]), R, tolerance = 1e-9)
  expect_equal(unname(sqrt(diag(vcov(standard)))[7:9]), (1 - R^2) / sqrt(n),
               tolerance = 1e-7)
  z <- atanh(R) + outer(rep(1 / sqrt(n), 3), qnorm(c(0.025, 0.975)))
  expect_equal(unname(confint(standard)[7:9, ]), tanh(z), tolerance = 1e-7)
})

test_that("fixed(), fixed = and partly fixed declared vectors agree", {
  f <- function(mu, sigma) dnorm(speed, mu, sigma, log = TRUE)
  a <- mle_fit(f, list(mu = 10, sigma = fixed(5)), data = cars)
  b <- mle_fit(f, list(mu = 10, sigma = positive(1)), data = cars,
               fixed = list(sigma = 5))
  expect_equal(coef(a), coef(b))
  expect_identical(a$fixed, b$fixed)
  expect_identical(a$fixed, c(sigma = 5))
  part <- mle_fit(
    function(mu, s) dnorm(speed, mu, s[1] * s[2], log = TRUE),
    list(mu = 10, s = positive(c(1, 1))), data = cars, fixed = c(s2 = 2)
  )
  expect_named(coef(part), c("mu", "s1"))
  expect_equal(coef(part)[["s1"]], sd(cars$speed) * sqrt(49 / 50) / 2,
               tolerance = 1e-8)
  expect_error(
    mle_fit(function(p) p, list(p = simplex(c(0.5, 0.5))), fixed = c(p1 = 0.4)),
    "Fix all of it", class = "admle_error_argument"
  )
})

test_that("numeric derivatives, update() and saved fits keep the types", {
  f <- function(mu, sigma) dnorm(speed, mu, sigma, log = TRUE)
  fit <- mle_fit(f, list(mu = 10, sigma = positive(5)), data = cars)
  numeric <- update(fit, derivatives = "numeric")
  expect_equal(coef(numeric), coef(fit), tolerance = 1e-7)
  expect_equal(vcov(numeric), vcov(fit), tolerance = 1e-5)
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  saveRDS(fit, file)
  read <- readRDS(file)
  expect_equal(vcov(read, "sandwich"), vcov(fit, "sandwich"))
  expect_equal(coef(update(read, method = "bfgs")), coef(fit),
               tolerance = 1e-6)
})

test_that("a parameter that runs to its boundary is said so", {
  g <- gl(10, 4)
  y <- sin(7 * (1:40))
  y <- y - 0.9 * ave(y, g)
  loglik <- function(mu, tau, sigma) {
    r <- y - mu
    v <- sigma^2 + 4 * tau^2
    within <- tapply(r^2, g, sum) - tau^2 / v * tapply(r, g, sum)^2
    -0.5 * (4 * log(2 * pi) + 3 * log(sigma^2) + log(v) + within / sigma^2)
  }
  start <- list(mu = 0, tau = positive(0.5), sigma = positive(1))
  expect_warning(fit <- mle_fit(loglik, start), "`tau` runs to the boundary",
                 class = "admle_warning_boundary")
  expect_true(fit$converged)
  known <- mle_fit(loglik, start, fixed = list(tau = 0))
  expect_equal(fit$loglik, known$loglik, tolerance = 1e-10)
  expect_true(all(is.na(vcov(fit)["tau", ])))
  free <- c("mu", "sigma")
  for (type in c("hessian", "opg", "sandwich")) {
    expect_equal(vcov(fit, type)[free, free], vcov(known, type)[free, free],
                 tolerance = 1e-6)
  }
  expect_snapshot(print(fit), transform = function(lines) {
    sub("-?[0-9.]+e-[0-9]+ +[0-9.e-]+ +", "(tiny) ", lines)
  })
})

test_that("boundaries of other types", {
  set.seed(5)
  x <- seq(-1, 1, length.out = 30)
  y <- 0.2 * x + 0.1 * cos(1:30)
  expect_warning(
    fit <- mle_fit(function(b) dnorm(y, b * x, 1, log = TRUE),
                   list(b = bounded(0.7, 0.5, 1))),
    "its range, 0.5", class = "admle_warning_boundary"
  )
  expect_true(is.na(vcov(fit)[1, 1]))
  counts <- c(10, 0, 60)
  expect_warning(
    fit <- mle_fit(function(p) counts * log(p),
                   list(p = simplex(c(0.3, 0.3, 0.4)))),
    "`p2` runs to the boundary", class = "admle_warning_boundary"
  )
  p <- 1 / 7
  expect_equal(unname(sqrt(diag(vcov(fit)))[c(1, 3)]),
               rep(sqrt(p * (1 - p) / 70), 2), tolerance = 1e-6)
  expect_true(is.na(vcov(fit)["p2", "p2"]))
})

test_that("values out of range and wrong uses are errors", {
  expect_snapshot(error = TRUE, {
    mle_fit(function(s) s, list(s = positive(-1)))
    mle_fit(function(s) s, list(s = positive(c(1, 0))))
    mle_fit(function(p) p, list(p = bounded(2, 0, 1)))
    mle_fit(function(p) p, list(p = bounded(0.5, 1, 0)))
    mle_fit(function(p) p, list(p = simplex(c(0.5, 0.6))))
    mle_fit(function(k) k, list(k = increasing(c(1, 1))))
    mle_fit(function(R) R, list(R = correlation(diag(2) * 2)))
    mle_fit(function(R) R, list(R = correlation(matrix(c(1, 2, 2, 1), 2))))
    mle_fit(function(S) S, list(S = covariance(matrix(1:4, 2))))
    mle_fit(function(S) S, list(S = covariance(4)))
    mle_fit(function(a, s) s, c(positive(1), 1))
    mle_fit(function(a, s) s, c(a = 1, s = positive(1)))
  })
})
