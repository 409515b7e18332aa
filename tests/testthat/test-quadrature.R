# Nodes against moments and definitions, random-effects models against numerical
# integration, lme4 and a plain-R computation.

quadrature_tolerance <- list(
  rule = 1e-13,     # moments, to rounding
  integral = 1e-10, # stats::integrate at its tightest
  # glmer stops at 1e-7 or so in the parameters; its log-likelihood is better
  estimate = 1e-5, loglik = 1e-9
)

test_that("Gauss-Hermite rules have the moments of the normal distribution", {
  for (n in c(1, 2, 3, 8, 15, 40, 100)) {
    rule <- hermite_nodes(n)
    expect_length(rule$nodes, n)
    expect_false(is.unsorted(rule$nodes))
    degrees <- seq(0, min(2 * n - 2, 40), by = 2)
    found <- vapply(degrees, function(d) sum(rule$weights * rule$nodes^d), 0)
    expect_equal(found, vapply(degrees, function(d) {
      prod(seq_len(d)[seq_len(d) %% 2 == 1])
    }, 0), tolerance = quadrature_tolerance$rule)
  }
  # Abramowitz and Stegun (1964), table 25.10, n = 5, for the weight exp(-x^2)
  rule <- hermite_nodes(5)
  expect_equal(rule$nodes[4:5] / sqrt(2), c(0.958572464613819,
                                            2.020182870456086))
  expect_equal(rule$weights[3:5] * sqrt(pi), c(0.9453087204829,
    0.3936193231522, 0.01995324205905), tolerance = 1e-12)
})

test_that("Halton points", {
  expect_equal(halton_points(8, 1)[, 1],
               c(1 / 2, 1 / 4, 3 / 4, 1 / 8, 5 / 8, 3 / 8, 7 / 8, 1 / 16))
  expect_equal(halton_points(4, 2)[, 2], c(1 / 3, 2 / 3, 1 / 9, 4 / 9))
  expect_identical(halton_points(5, 3, skip = 7), halton_points(12, 3)[8:12, ])
  expect_equal(colMeans(halton_points(5000, 5)), rep(0.5, 5), tolerance = 2e-3)
})

test_that("the likelihood of a group is the integral", {
  y <- c(1, 0, 1, 1, 0, 0, 1)
  x <- c(0.5, -1, 0.3, 1.2, 0.4, -0.7, 0.1)
  id <- c("b", "a", "b", "a", "c", "c", "c")
  loglik <- function(beta, sigma, ...) {
    integrate_normal(function(u) {
      plogis((2 * y - 1) * (beta * x + sigma * u), log.p = TRUE)
    }, id, ...)
  }
  exact <- vapply(c("a", "b", "c"), function(k) {
    at <- id == k
    log(integrate(function(u) {
      vapply(u, function(v) {
        prod(plogis((2 * y[at] - 1) * (0.7 * x[at] + 0.9 * v))) * dnorm(v)
      }, 0)
    }, -Inf, Inf, rel.tol = 1e-12)$value)
  }, 0)
  for (method in c("adaptive", "gauss-hermite")) {
    expect_equal(loglik(0.7, 0.9, n = 40, method = method), unname(exact),
                 tolerance = quadrature_tolerance$integral)
  }
  expect_equal(loglik(0.7, 0.9, n = 4000, method = "halton"), unname(exact),
               tolerance = 2e-3)
  f <- function(theta) {
    sum(loglik(theta[1], theta[2], method = "gauss-hermite"))
  }
  expect_derivatives(f, list(theta = c(0.7, 0.9)))
  # effects of two dimensions: their sum is one effect of another variance
  two <- integrate_normal(function(u) {
    plogis((2 * y - 1) * (0.7 * x + 0.6 * u[[1]] + 0.8 * u[[2]]), log.p = TRUE)
  }, id, n = 25, dim = 2)
  expect_equal(two, loglik(0.7, 1, n = 40), tolerance = 1e-8)
})

panel_data <- function(groups = 120, size = 6) {
  set.seed(20)
  id <- rep(seq_len(groups), each = size)
  x <- rnorm(groups * size)
  eta <- 0.2 + 0.6 * x + 0.8 * rnorm(groups)[id]
  list(id = id, x = x, y = as.numeric(eta + rlogis(groups * size) > 0),
       z = as.numeric(eta + rnorm(groups * size) > 0))
}

test_that("random intercepts: logit and probit as in lme4", {
  skip_if_not_installed("lme4")
  d <- panel_data()
  control <- lme4::glmerControl(optimizer = "bobyqa",
                                optCtrl = list(rhoend = 1e-9))
  models <- list(
    list(link = "logit", y = d$y, p = function(q) plogis(q, log.p = TRUE)),
    list(link = "probit", y = d$z, p = function(q) pnorm(q, log.p = TRUE))
  )
  for (model in models) {
    y <- model$y
    log_p <- model$p
    fit <- mle_fit(
      function(a, b, sigma) {
        integrate_normal(function(u) {
          log_p((2 * y - 1) * (a + b * d$x + sigma * u))
        }, d$id, n = 25)
      },
      start = list(a = 0, b = 0, sigma = positive(1))
    )
    other <- lme4::glmer(y ~ x + (1 | id), data.frame(y = y, d[1:2]),
                         family = binomial(model$link), nAGQ = 25,
                         control = control)
    sigma <- sqrt(unlist(lme4::VarCorr(other)))
    expect_equal(unname(coef(fit)), unname(c(lme4::fixef(other), sigma)),
                 tolerance = quadrature_tolerance$estimate)
    expect_equal(fit$loglik, as.numeric(logLik(other)),
                 tolerance = quadrature_tolerance$loglik)
    expect_identical(nobs(fit), 120L)
  }
})

test_that("adaptive nodes follow groups that tell much about their effect", {
  y <- rep(c(0, 3, 40, 900), each = 3) + rep(0:2, 4)
  id <- rep(1:4, each = 3)
  loglik <- function(mu, sigma, n) {
    integrate_normal(function(u) dpois(y, exp(mu + sigma * u), log = TRUE),
                     id, n = n)
  }
  exact <- vapply(1:4, function(k) {
    at <- id == k
    mode <- log(mean(y[at]))
    h <- function(v) {
      vapply(v, function(m) sum(dpois(y[at], exp(m), log = TRUE)), 0) +
        dnorm(v, 1, 2, log = TRUE)
    }
    top <- h(mode)
    far <- 15 / sqrt(sum(y[at]))
    top + log(integrate(function(v) exp(h(v) - top), mode - far, mode + far,
                        rel.tol = 1e-12, subdivisions = 1000)$value)
  }, 0)
  expect_equal(loglik(1, 2, 40)[2:4], exact[2:4],
               tolerance = quadrature_tolerance$integral)
  expect_gt(abs(sum(integrate_normal(function(u) {
    dpois(y, exp(1 + 2 * u), log = TRUE)
  }, id, method = "gauss-hermite")) - sum(exact)), 10)
  f <- function(theta) sum(loglik(theta[1], theta[2], 30))
  # Nodes that move change the sum only by the error of the rule.
  expect_lt(max(check_gradient(f, c(1, 2))$error), 1e-6)
})

test_that("a fit moves its adaptive nodes where that is needed", {
  skip_if_not_installed("lme4")
  set.seed(1)
  id <- rep(1:100, each = 5)
  x <- rnorm(500)
  slope <- 0.3 + 0.5 * rnorm(100)
  y <- rpois(500, exp(0.5 + rnorm(100)[id] + slope[id] * x))
  fit <- mle_fit(
    function(a, b, s) {
      integrate_normal(function(u) {
        dpois(y, exp(a + b * x + s * u), log = TRUE)
      }, id, n = 25)
    },
    list(a = 0, b = 0, s = positive(1))
  )
  expect_gt(fit$search$recordings, 1)
  expect_true(fit$converged)
  other <- lme4::glmer(y ~ x + (1 | id), family = poisson, nAGQ = 25,
                       control = lme4::glmerControl(
                         optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9)
                       ))
  sigma <- sqrt(unlist(lme4::VarCorr(other)))
  expect_equal(unname(coef(fit)), unname(c(lme4::fixef(other), sigma)),
               tolerance = quadrature_tolerance$estimate)
  # two correlated effects, the covariance matrix declared
  both <- mle_fit(
    function(a, b, S) {
      root <- t(chol(S))
      integrate_normal(function(u) {
        intercept <- a + root[1, 1] * u[[1]]
        slope <- b + root[2, 1] * u[[1]] + root[2, 2] * u[[2]]
        dpois(y, exp(intercept + slope * x), log = TRUE)
      }, id, n = 7, dim = 2)
    },
    list(a = 0, b = 0, S = covariance(diag(2)))
  )
  expect_true(both$converged)
  expect_gt(both$loglik, fit$loglik + 10)
  laplace <- lme4::glmer(y ~ x + (1 + x | id), family = poisson)
  S <- lme4::VarCorr(laplace)$id
  # The Laplace approximation is off by a few per cent itself.
  expect_equal(unname(coef(both)),
               unname(c(lme4::fixef(laplace), S[lower.tri(S, TRUE)])),
               tolerance = 0.03)
})

test_that("a mixed logit against a plain-R computation", {
  set.seed(4)
  people <- 60
  id <- rep(seq_len(people), each = 5)
  n <- length(id)
  price <- matrix(rexp(3 * n), n)
  time <- matrix(rexp(3 * n), n)
  slope <- 0.8 + 0.9 * rnorm(people)[id]
  utility <- slope * time - price - log(-log(matrix(runif(3 * n), n)))
  chosen <- max.col(utility)
  pick <- cbind(seq_len(n), chosen)

  loglik <- function(b, m, s) {
    integrate_normal(function(u) {
      slope <- m + s * u
      v <- lapply(1:3, function(j) b * price[, j] + slope * time[, j])
      own <- b * price[pick] + slope * time[pick]
      own - log(exp(v[[1]]) + exp(v[[2]]) + exp(v[[3]]))
    }, id, n = 50, method = "halton")
  }
  fit <- mle_fit(loglik, list(b = 0, m = 0, s = positive(1)))

  # the same simulated likelihood, person by person, node by node
  draws <- matrix(qnorm(halton_points(50 * people, 1, skip = 10)), 50)
  plain <- function(theta) {
    sum(vapply(seq_len(people), function(i) {
      at <- which(id == i)
      log(mean(vapply(draws[, i], function(u) {
        v <- exp(theta[1] * price[at, ] + (theta[2] + theta[3] * u) *
                   time[at, ])
        prod(v[cbind(seq_along(at), chosen[at])] / rowSums(v))
      }, 0)))
    }, 0))
  }
  expect_equal(plain(coef(fit)), fit$loglik, tolerance = 1e-12)
  gradient <- check_gradient(function(p) sum(loglik(p[1], p[2], p[3])),
                             c(-0.9, 0.7, 0.8))
  expect_lt(max(gradient$error), 1e-8)
  best <- optim(coef(fit) * 0.9, plain, method = "BFGS",
                control = list(fnscale = -1, reltol = 1e-14))
  expect_equal(best$par, coef(fit), tolerance = 1e-4)
  expect_lte(best$value, fit$loglik + 1e-9)
})

test_that("wrong uses are errors", {
  id <- c(1, 1, 2)
  expect_snapshot(error = TRUE, {
    integrate_normal(function(u) u, id, n = 0)
    integrate_normal(function(u) u, id, n = 201)
    integrate_normal(function(u) u, id, dim = 41, method = "halton")
    integrate_normal(1, id)
    integrate_normal(function(u) u[, 1], id)
    integrate_normal(function(u) u[1:2, ], id)
    integrate_normal(function(u) u, id, n = 2.5)
    integrate_normal(function(u) u[[1]], id, n = 20, dim = 5)
    integrate_normal(function(u) u, c(1, NA))
  })
})

test_that("adaptive quadrature does not depend on the start", {
  set.seed(3)
  id <- rep(1:60, each = 5)
  x <- rnorm(300)
  sign <- 2 * (x / 2 + 1.6 * rnorm(60)[id] + rnorm(300) > 0) - 1
  probit <- function(a, b, s) {
    integrate_normal(function(u) {
      pnorm(sign * (a + b * x + s * u), log.p = TRUE)
    }, id)
  }
  first <- mle_fit(probit, list(a = 0, b = 0, s = positive(0.3)))
  second <- mle_fit(probit, list(a = 0, b = 0.5, s = positive(3)))
  expect_equal(coef(first), coef(second), tolerance = 1e-9)
  expect_equal(vcov(first), vcov(second), tolerance = 1e-9)
  expect_false(is.unsorted(first$search$path$iteration))
  # What is recorded again from a file has the nodes of the estimate.
  again <- unserialize(serialize(first, NULL))
  again$objective <- list2env(list(key = "of another process"))
  expect_equal(vcov(again, "opg"), vcov(first, "opg"), tolerance = 1e-9)
})

test_that("a normal model is exact with any number of nodes", {
  set.seed(3)
  id <- rep(1:8, each = 6)
  x <- rep(0:5, 8)
  y <- 3 + x + 2 * rnorm(8)[id] + 0.6 * rnorm(8)[id] * x + rnorm(48)
  exact <- function(b, t, s) {
    Z <- cbind(1, 0:5)
    V <- Z %*% diag(t^2) %*% t(Z) + diag(s^2, 6)
    sum(vapply(split(y, id), function(v) {
      r <- v - drop(Z %*% b)
      -3 * log(2 * pi) - log(det(V)) / 2 - sum(r * solve(V, r)) / 2
    }, 0))
  }
  for (n in c(3, 4, 9)) {
    fit <- mle_fit(function(b, t, s) {
      integrate_normal(function(u) {
        mean <- b[1] + t[1] * u[[1]] + (b[2] + t[2] * u[[2]]) * x
        dnorm(y, mean, s, log = TRUE)
      }, id, dim = 2, n = n)
    }, list(b = c(3, 1), t = positive(c(2, 1)), s = positive(1)))
    at <- unname(coef(fit))
    expect_equal(fit$loglik, exact(at[1:2], at[3:4], at[5]), tolerance = 1e-9)
  }
})
