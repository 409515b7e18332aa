# Likelihoods as people write them: recorded, replayed elsewhere, compared.

set.seed(42)
n <- 40L
x1 <- rnorm(n)
x2 <- runif(n)
X <- cbind(1, x1, x2)
y <- rnorm(n, X %*% c(1, 2, -1), 1.5)
counts <- rpois(n, exp(0.5 + 0.3 * x1))
binary <- rbinom(n, 1, plogis(x1))
times <- rexp(n, 0.3)
status <- rbinom(n, 1, 0.7)
group <- rep(1:5, length.out = n)
W <- matrix(rnorm(12), 4)
e <- rnorm(n)
rm_seed <- NULL

test_that("regressions", {
  at <- list(b = c(0.5, 1, -0.5), s = 1.3)
  other <- list(list(b = c(1, -1, 2), s = 0.4))
  expect_traced(function(b, s) sum(dnorm(y, X %*% b, s, log = TRUE)), at, other)
  expect_traced(function(b, s) dnorm(y, X %*% b, s, log = TRUE), at, other)
  expect_traced(function(b, s) {
    mu <- b[1] + b[2] * x1 + b[3] * x2
    -n / 2 * log(2 * pi * s^2) - sum((y - mu)^2) / (2 * s^2)
  }, at, other)
  expect_traced(function(b, s) {
    e <- y - X %*% b
    -n / 2 * log(2 * pi) - n * log(s) - crossprod(e) / (2 * s^2)
  }, at, other)
  expect_traced(function(b, s) {
    e <- drop(y - X %*% b)
    k <- length(b)
    out <- numeric(0)
    for (i in seq_along(e)) out[i] <- dt(e[i] / s, 5, log = TRUE) - log(s)
    sum(out) - k
  }, at, other)
  expect_traced(
    function(b, s) sum(dlogis(y, X %*% b, s, log = TRUE)), at, other
  )
  expect_traced(
    function(b, s) sum(dcauchy(y, X %*% b, s, log = TRUE)), at, other
  )
  expect_traced(function(b, s) {
    fit <- as.vector(X %*% b)
    r <- (y - fit) / s
    sum(ifelse(abs(r) < 1.345, -r^2 / 2, -1.345 * abs(r) + 1.345^2 / 2))
  }, at, other, guards = 0)
})

test_that("limited dependent variables", {
  at <- list(b = c(0.1, 0.2, -0.3))
  other <- list(list(b = c(1, -1, 2)))
  expect_traced(function(b) {
    p <- plogis(X %*% b)
    sum(binary * log(p) + (1 - binary) * log(1 - p))
  }, at, other)
  expect_traced(function(b) {
    q <- 2 * binary - 1
    sum(pnorm(q * (X %*% b), log.p = TRUE))
  }, at, other)
  expect_traced(function(b) {
    sum(ifelse(binary == 1, pnorm(X %*% b, log.p = TRUE),
      pnorm(X %*% b, lower.tail = FALSE, log.p = TRUE)))
  }, at, other)
  expect_traced(
    function(b) sum(dbinom(binary, 1, plogis(X %*% b), log = TRUE)), at, other
  )
  expect_traced(
    function(b) sum(dpois(counts, exp(X %*% b), log = TRUE)), at, other
  )
  expect_traced(function(b) {
    lambda <- exp(X %*% b)
    sum(-lambda + counts * log(lambda) - lfactorial(counts))
  }, at, other)
  expect_traced(
    function(b, size) sum(
      dnbinom(counts, size = size, mu = exp(X %*% b), log = TRUE)
    ),
    c(at, size = 2), list(list(b = c(0.4, 0, 0), size = 0.5)))
  expect_traced(function(b, p) {
    lambda <- exp(X %*% b)
    sum(
      log(
        ifelse(
          counts == 0, p + (1 - p) * exp(-lambda),
          (1 - p) * dpois(counts, lambda)
        )
      )
    )
  }, c(at, p = 0.2), list(list(b = c(0.4, 0, 0), p = 0.5)))
  # Tobit
  expect_traced(function(b, ls) {
    s <- exp(ls)
    mu <- X %*% b
    cens <- y <= 0
    ll <- numeric(n)
    ll[cens] <- pnorm(0, mu[cens], s, log.p = TRUE)
    ll[!cens] <- dnorm(y[!cens], mu[!cens], s, log = TRUE)
    sum(ll)
  }, c(at, ls = 0.1), list(list(b = c(0.4, 0, 0), ls = -0.5)))
  # Multinomial logit
  choice <- (seq_len(n) * 7) %% 3 + 1
  expect_traced(function(B) {
    eta <- cbind(0, X %*% B)
    p <- exp(eta) / rowSums(exp(eta))
    sum(log(p[cbind(seq_len(n), choice)]))
  }, list(B = matrix(c(0.1, 0.2, 0.3, -0.1, 0, 0.4), 3)),
  list(list(B = matrix(c(1, 0.2, 0.3, -0.1, 0, -0.4), 3))))
  # Ordered probit
  expect_traced(function(b, cuts) {
    eta <- drop(X[, -1] %*% b)
    k <- c(-Inf, cuts, Inf)
    sum(log(pnorm(k[choice + 1] - eta) - pnorm(k[choice] - eta)))
  }, list(b = c(0.1, 0.2), cuts = c(-0.5, 0.5)),
    list(list(b = c(1, 0.2), cuts = c(-0.1, 0.7))))
})

test_that("durations", {
  at <- list(shape = 1.2, scale = 2.5)
  other <- list(list(shape = 0.7, scale = 4))
  expect_traced(function(shape, scale) {
    sum(status * dweibull(times, shape, scale, log = TRUE) +
      (1 - status) *
        pweibull(times, shape, scale, lower.tail = FALSE, log.p = TRUE))
  }, at, other)
  expect_traced(function(shape, scale) {
    sum(ifelse(status == 1, dgamma(times, shape, scale = scale, log = TRUE),
      pgamma(times, shape, scale = scale, lower.tail = FALSE, log.p = TRUE)))
  }, at, other)
  expect_traced(function(shape, scale) {
    sum(dlnorm(times[status == 1], log(scale), shape, log = TRUE)) +
      sum(log(1 - plnorm(times[status == 0], log(scale), shape)))
  }, at, other)
  # Cox partial likelihood
  expect_traced(function(b) {
    eta <- drop(X[, -1] %*% b)
    o <- order(times)
    eta <- eta[o]
    risk <- rev(cumsum(rev(exp(eta))))
    sum((eta - log(risk))[status[o] == 1])
  }, list(b = c(0.1, -0.2)), list(list(b = c(1, 1))))
  expect_traced(function(b) {
    eta <- X[, -1] %*% b
    sum(
      sapply(
        which(status == 1),
        function(i) eta[i] - log(sum(exp(eta[times >= times[i]])))
      )
    )
  }, list(b = c(0.1, -0.2)), list(list(b = c(1, 1))))
})

test_that("time series", {
  at <- list(theta = c(0.1, 0.1, 0.8))
  other <- list(list(theta = c(0.2, 0.3, 0.5)))
  expect_traced(function(theta) {
    h <- numeric(n)
    h[1] <- var(e)
    for (t in 2:n) {
      h[t] <- theta[1] + theta[2] * e[t - 1]^2 + theta[3] * h[t - 1]
    }
    sum(dnorm(e, 0, sqrt(h), log = TRUE))
  }, at, other, guards = 0)
  expect_traced(function(theta) {
    h <- rep(theta[1] / (1 - theta[2] - theta[3]), n)
    ll <- 0
    for (t in seq_len(n)) {
      if (t > 1) h[t] <- theta[1] + theta[2] * e[t - 1]^2 + theta[3] * h[t - 1]
      ll <- ll - 0.5 * (log(2 * pi) + log(h[t]) + e[t]^2 / h[t])
    }
    ll
  }, at, other)
  expect_traced(function(theta) {
    u <- Reduce(
      function(u, t) theta[1] * u + y[t] - theta[2] * y[t - 1], 2:n,
      accumulate = TRUE, 0
    )
    -sum(u^2) * theta[3]
  }, at, other)
  # AR(2) by embedding
  expect_traced(function(theta) {
    z <- embed(y, 3)
    -sum((z[, 1] - z[, 2:3] %*% theta[1:2])^2) / 2 * theta[3]
  }, at, other)
  # Local level model: Kalman filter
  expect_traced(function(lq, lr) {
    a <- 0
    P <- 10
    ll <- 0
    q <- exp(lq)
    r <- exp(lr)
    for (obs in y) {
      P <- P + q
      v <- obs - a
      Fv <- P + r
      ll <- ll + dnorm(v, 0, sqrt(Fv), log = TRUE)
      K <- P / Fv
      a <- a + K * v
      P <- P * (1 - K)
    }
    ll
  }, list(lq = 0, lr = 0), list(list(lq = 1, lr = -1)), guards = 0)
  # Two-state Markov switching (Hamilton filter)
  expect_traced(function(mu, p) {
    P <- matrix(c(p[1], 1 - p[1], 1 - p[2], p[2]), 2)
    xi <- c(0.5, 0.5)
    ll <- 0
    for (t in 1:n) {
      f <- dnorm(y[t], mu, 1)
      prior <- P %*% xi
      joint <- prior * f
      ll <- ll + log(sum(joint))
      xi <- joint / sum(joint)
    }
    ll
  }, list(mu = c(-1, 2), p = c(0.9, 0.8)),
    list(list(mu = c(0, 1), p = c(0.5, 0.7))))
  # Stochastic matrix recursion with a state matrix filled by rows
  expect_traced(function(A) {
    Z <- matrix(0, 6, 2)
    Z[1, ] <- c(1, 2)
    for (t in 2:6) Z[t, ] <- A %*% Z[t - 1, ] + e[t]
    sum(Z^2)
  }, list(A = matrix(c(0.5, 0.1, -0.2, 0.3), 2)), list(list(A = diag(2) / 3)))
})

test_that("matrices and mixtures", {
  S <- crossprod(matrix(rnorm(30), 10)) / 10
  Y <- matrix(rnorm(24), 8)
  expect_traced(function(l) {
    L <- matrix(0, 3, 3)
    L[lower.tri(L, diag = TRUE)] <- l
    V <- L %*% t(L)
    -sum(log(diag(L))) - 0.5 * sum(diag(solve(V, S)))
  }, list(l = c(1, 0.2, 0.3, 1.5, -0.1, 0.8)),
    list(list(l = c(2, 0, 0.1, 1, 0.1, 3))))
  expect_traced(function(rho, s) {
    V <- s^2 * rho^abs(outer(1:3, 1:3, "-"))
    R <- chol(V)
    z <- backsolve(R, t(Y), transpose = TRUE)
    -nrow(Y) * sum(log(diag(R))) - 0.5 * sum(z^2)
  }, list(rho = 0.4, s = 1.2), list(list(rho = 0.7, s = 0.5)))
  expect_traced(function(rho) {
    V <- diag(3)
    V[1, 2] <- V[2, 1] <- rho
    -0.5 * log(det(V)) * 8 - 0.5 * sum(
      apply(Y, 1, function(r) t(r) %*% solve(V) %*% r)
    )
  }, list(rho = 0.4), list(list(rho = -0.2)))
  expect_traced(function(rho) {
    V <- diag(3) + rho
    as.numeric(determinant(V)$modulus) + sum(mahalanobis(Y, c(0, 0, rho), V))
  }, list(rho = 0.4), list(list(rho = 0.9)))
  expect_traced(function(p, m1, m2, s) {
    sum(log(p * dnorm(y, m1, s) + (1 - p) * dnorm(y, m2, s)))
  }, list(p = 0.3, m1 = 0, m2 = 2, s = 1),
    list(list(p = 0.6, m1 = -1, m2 = 1, s = 2)))
  expect_traced(function(logit, mu) {
    w <- exp(c(0, logit))
    w <- w / sum(w)
    sum(log(rowSums(sapply(1:3, function(k) w[k] * dnorm(y, mu[k], 1)))))
  }, list(logit = c(0.1, -0.2), mu = c(-1, 0, 2)),
    list(list(logit = c(1, 1), mu = 1:3)))
  expect_traced(function(logit, mu) {
    lp <- sapply(
      seq_along(mu), function(k) dnorm(y, mu[k], 1, log = TRUE) + c(0, logit)[k]
    )
    m <- apply(lp, 1, max)
    sum(m + log(rowSums(exp(lp - m))))
  }, list(logit = c(0.1, -0.2), mu = c(-1, 0, 2)),
    list(list(logit = c(1, 1), mu = 1:3)))
  expect_traced(function(alpha, s) sum(dnorm(y, alpha[group], s, log = TRUE)),
    list(alpha = 1:5 / 2, s = 1), list(list(alpha = 5:1, s = 2)))
  expect_traced(function(mu, s, t) {
    sum(
      tapply(
        dnorm(y, mu, s, log = TRUE), group, function(v) log(sum(exp(v)))
      ) * t
    )
  }, list(mu = 1, s = 2, t = 1), list(list(mu = 2, s = 1, t = 0.5)))
  expect_traced(function(mu, s) {
    parts <- split(dnorm(y, mu, s, log = TRUE), group)
    do.call(sum, lapply(parts, function(v) log(mean(exp(v)))))
  }, list(mu = 1, s = 2), list(list(mu = 2, s = 1)))
})
