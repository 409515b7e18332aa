# Loops that are recorded as one node: values and derivatives are those of the
# loop recorded step by step, at the recording point and elsewhere; loops that
# are none; classical models of time series against R's own functions.

n <- 150L
set.seed(2)
y <- as.numeric(arima.sim(list(ar = 0.6), n))
x <- rnorm(n)
X <- cbind(1, x, rnorm(n))
g <- sample(5L, n, TRUE)

# What options(admle.loops = "explain") says: "" of a scan, else the reason.
loops_of <- function(f, at) {
  said <- character()
  withCallingHandlers(
    with_loops("explain", grad(f)(at)),
    message = function(m) {
      said <<- c(said, conditionMessage(m))
      tryInvokeRestart("muffleMessage")
    }
  )
  said <- sub("\n$", "", said)
  sub("^.*(as one[.]|one by one, since )", "", said)
}

with_loops <- function(how, code) {
  old <- options(admle.loops = how, admle.remember = FALSE)
  on.exit(options(old))
  force(code)
}

# Gradient and Hessian at two points, scan or not.
expect_same_derivatives <- function(f, at) {
  both <- lapply(c(TRUE, FALSE), function(how) {
    with_loops(how, list(grad(f)(at), hessian(f)(at), grad(f)(1.1 * at + 0.01)))
  })
  expect_equal(both[[1L]], both[[2L]], tolerance = 1e-12)
}

expect_scan <- function(f, at) {
  expect_identical(loops_of(f, at), "")
  expect_same_derivatives(f, at)
}

expect_no_scan <- function(f, at, reason) {
  expect_match(loops_of(f, at), reason)
  expect_same_derivatives(f, at)
}

test_that("numbers that are carried", {
  expect_scan(function(p) {
    h <- numeric(n)
    for (t in seq_len(n)) {
      h[t] <- p[1]
      if (t > 1) h[t] <- h[t] + p[2] * h[t - 1] + p[3] * y[t]^2
    }
    sum(dnorm(y, 0, sqrt(h), log = TRUE))
  }, c(0.5, 0.1, 0.2))
  expect_scan(function(p) {
    h <- rep(NA, n + 1)
    h[n + 1] <- 0
    for (t in n:1) h[t] <- p[1] * h[t + 1] + y[t] * p[2]
    h[1]
  }, c(0.5, 0.3))
  expect_scan(function(p) {
    h <- numeric(n)
    h[1:2] <- p[1]
    for (t in 3:n) h[t] <- p[1] * h[t - 1] + p[2] * h[t - 2] + y[t]
    sum(h^2) + h[n]
  }, c(0.5, 0.3))
  expect_scan(function(p) {
    s <- p[1]
    for (v in y) s <- p[2] * s + sin(v) * p[1]
    s
  }, c(0.5, 0.1))
  expect_scan(function(p) {
    s <- 0
    h <- numeric(n)
    for (t in 1:n) {
      s <- 0.5 * s + y[t]
      h[t] <- p * s
    }
    sum(h * y)
  }, 0.5)
})

test_that("vectors, matrices, lists and what a loop leaves behind", {
  expect_scan(function(p) {
    m <- matrix(0, n, 2)
    m[1, ] <- p
    for (t in 2:n) {
      m[t, 1] <- p[1] * m[t - 1, 2] + y[t]
      m[t, 2] <- p[2] * m[t - 1, 1] - m[t, 1]
    }
    sum(m^2)
  }, c(0.5, 0.3))
  expect_scan(function(p) {
    state <- list(m = 0, l = 0)
    step <- function(state, now) {
      list(m = p[1] * state$m + (1 - p[1]) * now,
           l = state$l + dnorm(now, state$m, exp(p[2]), log = TRUE))
    }
    for (t in 1:n) state <- step(state, y[t])
    state$l
  }, c(0.5, 0.1))
  expect_scan(function(p) {
    s <- 0
    for (t in 1:n) {
      z <- p[1] * s + y[t]
      w <- list(a = z, b = c(z, 1))
      s <- z * p[2]
    }
    z + sum(w$b) + t
  }, c(0.5, 0.1))
  expect_scan(function(p) {
    L <- lapply(1:n, function(i) matrix(c(1, x[i], x[i], 1 + x[i]^2), 2))
    s <- c(0, 0)
    for (t in 1:n) s <- tanh(p[1] * (L[[t]] %*% s) + p[2])
    sum(s)
  }, c(0.5, 0.3))
  expect_scan(function(p) {
    s <- c(0, 0, 0)
    for (t in 1:n) for (j in 1:3) s[j] <- p[1] * s[j] + X[t, j] * p[2]
    sum(s^2)
  }, c(0.5, 0.3))
})

test_that("few numbers, one of which a step changes", {
  expect_scan(function(p) {
    Q <- numeric(5)
    ll <- 0
    for (t in 1:n) {
      k <- g[t]
      ll <- ll + Q[k] - log(sum(exp(Q)))
      Q[k] <- Q[k] + plogis(p[1]) * (y[t] * p[2] - Q[k])
    }
    ll
  }, c(0.5, 0.1))
})

test_that("conditions hold in every step, and are watched in every step", {
  flips <- function(p) {
    s <- 0
    ll <- 0
    for (t in 1:n) {
      s <- 0.5 * s + y[t]
      ll <- ll + if (s > p + 1.5) p * s else p^2
    }
    ll
  }
  expect_no_scan(flips, 0.5, "another outcome in some steps")
  # One step is above the threshold, by 1e-12, and changes the value by that.
  z <- cos(1:n / 40)
  z[n - 2L] <- 2 + 1e-12
  late <- function(p) {
    s <- 0
    for (t in 1:n) s <- s + if (z[t] > p) p * (z[t] - 2) else 0
    s
  }
  expect_no_scan(late, 2, "another outcome in some steps")
  expect_equal(with_loops(TRUE, grad(late)(2)), 1e-12, tolerance = 1e-3)
  # No step is at the recording point, and one at another.
  f <- function(p) {
    s <- 0
    for (t in 1:n) s <- s + if (z[t] > p) 3 * p else p^2
    s
  }
  expect_identical(loops_of(f, 2.1), "")
  with_loops(TRUE, {
    slope <- grad(f)
    expect_equal(slope(2.1), 2 * n * 2.1)
    expect_equal(slope(2), 3 + 2 * (n - 1) * 2)
  })
})

test_that("loops that are no scan are recorded in full", {
  expect_identical(loops_of(function(p) {
    s <- 0
    for (t in 1:n) {
      s <- s + p * y[t]
      if (t == 100) break
    }
    s
  }, 0.5), character())
  expect_no_scan(function(p) {
    h <- p
    for (t in 1:n) h <- c(h, h[t] * p + y[t])
    sum(h)
  }, 0.5, "place that changes")
  expect_no_scan(function(p) {
    h <- p
    for (t in 2:n) h[t] <- h[t - 1] * p + y[t]
    sum(h)
  }, 0.5, "out of bounds")
  expect_no_scan(function(p) {
    s <- 0
    add <- function(v) s <<- p * s + v
    for (t in 1:n) add(y[t])
    s
  }, 0.5, "elsewhere")
  expect_no_scan(function(p) {
    h <- numeric(n)
    h[1] <- 1
    before <- function(t) h[t - 1]
    for (t in 2:n) h[t] <- p * before(t) + y[t]
    sum(h)
  }, 0.5, "another way than by elements")
  expect_no_scan(function(p) {
    yy <- replace(y, c(20, 70), NA)
    s <- ll <- 0
    for (t in 1:n) {
      if (!is.na(yy[t])) ll <- ll + dnorm(yy[t], s, exp(p[2]), log = TRUE)
      s <- p[1] * if (is.na(yy[t])) s else yy[t]
    }
    ll
  }, c(0.5, 0.3), "another outcome")
  expect_no_scan(function(p) {
    s <- 0
    k <- 0
    for (t in 1:n) {
      k <- k + 1
      s <- p * s + y[k]
    }
    s
  }, 0.5, "depends on parameters or on what it carries")
  expect_no_scan(function(p) {
    s <- 1
    for (t in 1:n) s <- if (t %% 2 == 0) c(p, s[1]) else p * s[1]
    sum(s)
  }, 0.5, "another outcome|shape")
  d <- data.frame(y = y, x = x)
  expect_no_scan(function(p) {
    s <- 0
    for (i in seq_len(nrow(d))) {
      row <- d[i, ]
      s <- p * s + row$y * row$x
    }
    s
  }, 0.5, "something else than numbers")
  expect_scan(function(p) {
    s <- 0
    for (i in seq_len(nrow(d))) s <- p * s + d$y[i] * d[i, "x"]
    s
  }, 0.5)
})

test_that("names, lists and lengths that depend on parameters", {
  parts <- split(y, g)
  by_name <- function(p) {
    s <- 0
    for (name in rep(names(parts), 20)) s <- s * p + sum(parts[[name]])
    s
  }
  expect_same_derivatives(by_name, 0.5)
  by_list <- function(p) {
    s <- 0
    for (part in rep(parts, 20)) s <- s * p + sum(part)
    s
  }
  expect_same_derivatives(by_list, 0.5)
  expect_scan(function(p) {
    s <- 0
    for (t in 1:(100 + floor(p))) s <- p * s + y[t]
    s
  }, 0.5)
})

test_that("gradients of linear recursions by themselves", {
  f <- function(p) {
    s <- 0
    for (t in 1:n) s <- p * s + y[t]
    s
  }
  slope <- sum((n - 1:(n - 1)) * 0.5^(n - 1:(n - 1) - 1) * y[1:(n - 1)])
  for (how in c(TRUE, FALSE)) {
    expect_equal(with_loops(how, grad(f)(0.5)), slope, tolerance = 1e-13)
  }
})

test_that("filter() and Reduce()", {
  for (f in list(
    function(p) sum(filter(x, p, "recursive")^2),
    function(p) sum(filter(x * p[1], p, "recursive", init = c(1, p[2]))^2),
    function(p) sum(filter(x * p[1], c(0.2, 0.3, p[2]))[2:(n - 1)]^2),
    function(p) sum(filter(x, c(p, 0.1), sides = 1, circular = TRUE)^2),
    function(p) {
      sum(Reduce(function(a, b) p[1] * a + b, x, accumulate = TRUE)^2)
    },
    function(p) Reduce(function(a, b) tanh(p[1] * a + b), x, c(p[2], 0.2))[1]
  )) {
    p <- c(0.5, 0.3)
    slope <- vapply(1:2, function(i) {
      step <- replace(c(0, 0), i, 1e-5)
      (f(p + step) - f(p - step)) / 2e-5
    }, 0)
    expect_equal(grad(f)(p), slope, tolerance = 1e-7)
  }
  wrong <- function(p) filter(x, p, "recursive", init = 1)[1]
  expect_error(grad(wrong)(c(1, 1)), "length of 'init'")
})

test_that("contributions of loops are those of their steps", {
  total <- function(a, b, s) {
    ll <- 0
    for (t in 2:n) ll <- ll + dnorm(y[t], a + b * y[t - 1], exp(s), log = TRUE)
    ll
  }
  rows <- function(a, b, s) dnorm(y[-1], a + b * y[-n], exp(s), log = TRUE)
  start <- list(a = 0, b = 0, s = 0)
  one <- mle_fit(total, start)
  other <- mle_fit(rows, start)
  expect_identical(nobs(one), nobs(other))
  for (type in c("hessian", "opg", "sandwich")) {
    expect_equal(vcov(one, type = type), vcov(other, type = type),
                 tolerance = 1e-7)
  }
})

test_that("ARMA models are those of arima()", {
  arma <- function(ar, ma, log_s) {
    e <- numeric(n)
    for (t in 2:n) e[t] <- y[t] - ar * y[t - 1] - ma * e[t - 1]
    dnorm(e[-1], 0, exp(log_s), log = TRUE)
  }
  fit <- mle_fit(arma, list(ar = 0.3, ma = 0, log_s = 0))
  r <- arima(y, c(1, 0, 1), include.mean = FALSE, method = "CSS",
             optim.control = list(reltol = 1e-14))
  expect_equal(unname(coef(fit)[1:2]), unname(coef(r)), tolerance = 1e-4)
  expect_equal(unname(exp(2 * coef(fit)[3])), r$sigma2, tolerance = 1e-6)
})

# Exact likelihood of a local level by a Kalman filter.
test_that("Kalman filters are those of StructTS() and arima()", {
  level <- function(log_q, log_r) {
    a <- Nile[[1]]
    P <- 1e7 * 1
    ll <- 0
    for (t in seq_along(Nile)) {
      v <- Nile[t] - a
      S <- P + exp(log_r)
      ll <- ll - 0.5 * (log(2 * pi * S) + v^2 / S)
      K <- P / S
      a <- a + K * v
      P <- P * (1 - K) + exp(log_q)
    }
    ll
  }
  expect_scan(function(p) level(p[1], p[2]), c(7, 9.5))
  fit <- mle_fit(level, list(log_q = 7, log_r = 9))
  r <- StructTS(Nile, "level")
  expect_equal(unname(exp(coef(fit))), unname(r$coef), tolerance = 0.02)
  # AR(2) in state space form, from its stationary distribution.
  ar2 <- function(p) {
    Tm <- matrix(c(p[1], 1, p[2], 0), 2)
    Q <- diag(c(exp(p[3]), 0))
    P <- matrix(solve(diag(4) - Tm %x% Tm, c(Q)), 2)
    a <- c(0, 0)
    ll <- 0
    for (t in seq_along(y)) {
      v <- y[t] - a[1]
      S <- P[1, 1]
      ll <- ll - 0.5 * (log(2 * pi) + log(S) + v^2 / S)
      K <- Tm %*% P[, 1] / S
      a <- drop(Tm %*% a + K * v)
      P <- Tm %*% P %*% t(Tm) + Q - K %*% t(K) * S
    }
    ll
  }
  expect_scan(ar2, c(0.5, 0.1, 0.1))
  r <- arima(y, c(2, 0, 0), include.mean = FALSE, method = "ML",
             optim.control = list(reltol = 1e-14))
  fit <- mle_fit(ar2, list(p = c(0.5, 0.1, 0)))
  expect_equal(as.numeric(logLik(fit)), r$loglik, tolerance = 1e-8)
  expect_equal(unname(coef(fit)[1:2]), unname(coef(r)), tolerance = 1e-4)
})

test_that("hidden Markov and regime switching models", {
  hmm <- function(p, m = n) {
    G <- matrix(c(plogis(p[1]), 1 - plogis(p[2]),
                  1 - plogis(p[1]), plogis(p[2])), 2)
    f <- c(0.5, 0.5)
    ll <- 0
    for (t in 1:m) {
      v <- (f %*% G) * dnorm(y[t], p[3:4], 1)
      ll <- ll + log(sum(v))
      f <- v / sum(v)
    }
    ll
  }
  expect_scan(hmm, c(1, 2, -0.5, 0.6))
  # The sum over all paths of the first six observations.
  brute <- function(p, m) {
    paths <- as.matrix(expand.grid(rep(list(1:2), m + 1)))
    G <- matrix(c(plogis(p[1]), 1 - plogis(p[2]),
                  1 - plogis(p[1]), plogis(p[2])), 2)
    log(sum(apply(paths, 1, function(k) {
      0.5 * prod(G[cbind(k[-(m + 1)], k[-1])]) *
        prod(dnorm(y[1:m], p[3:4][k[-1]]))
    })))
  }
  at <- c(1, 2, -0.5, 0.6)
  expect_equal(hmm(at, 6), brute(at, 6), tolerance = 1e-12)
})

test_that("a long loop takes memory for its states only", {
  long <- 1e5
  z <- rnorm(long)
  garch <- function(p) {
    h <- numeric(long)
    h[1] <- 1
    for (t in 2:long) h[t] <- p[1] + p[2] * z[t - 1]^2 + p[3] * h[t - 1]
    sum(dnorm(z, 0, sqrt(h), log = TRUE))
  }
  at <- c(0.1, 0.1, 0.8)
  expect_equal(with_loops(TRUE, grad(garch)(at)),
               with_loops(FALSE, grad(garch)(at)), tolerance = 1e-12)
})
