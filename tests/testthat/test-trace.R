# record(): guards, linear growth, data, flat parameters, nesting, and what the
# user's own environment may contain.

y <- c(0.3, -1, 2, 0.5)

test_that("selections need no guard, decisions do", {
  at <- list(x = c(1.5, 2.5))
  expect_traced(
    function(x) sum(ifelse(x > 2, x, 0)), at, list(list(x = c(5, 1))),
    guards = 0
  )
  expect_traced(
    function(x) sum(pmax(x, 2)) + sum(abs(x - 2)), at, list(list(x = c(5, 1))),
    guards = 0
  )
  expect_traced(function(x) sum(x > 2), at, list(list(x = c(5, 4))), guards = 0)
  expect_traced(
    function(x) if (x[1] > 1) x[2] else 0, at, list(list(x = c(0.5, 1))),
    guards = 1, rerecord = TRUE)
  expect_traced(
    function(x) ifelse(x[1] > 1, x[2], 0), at, list(list(x = c(0.5, 1))),
    guards = 1, rerecord = TRUE)
  expect_traced(function(x) { k <- 0; while (k < x[1]) k <- k + 1; k * x }, at,
    list(list(x = c(1.9, 7))), guards = 3)
  expect_traced(
    function(x) sum(x[x > 2]), at, list(list(x = c(1, 9))), guards = 1
  )
  expect_traced(function(x) sort(x)[1], at, list(list(x = c(2, 9))), guards = 1)
  expect_traced(
    function(x) sort(x)[1], at, list(list(x = c(9, 2))), guards = 1,
    rerecord = TRUE
  )
  expect_traced(function(x) x * (1 + (2 > 1)), at, guards = 0)
})

test_that("a recursion in full records linearly", {
  old <- options(admle.loops = FALSE)
  on.exit(options(old))
  f <- function(x) {
    h <- numeric(length(e2))
    h[1] <- x[1]
    for (t in 2:length(e2)) h[t] <- x[1] + x[2] * e2[t - 1] + x[3] * h[t - 1]
    sum(log(h))
  }
  nodes <- vapply(c(200, 400, 800), function(n) {
    environment(f) <- list2env(list(e2 = seq_len(n) / n), parent = globalenv())
    trace_counts(record(f, list(x = c(0.1, 0.2, 0.5))))[["nodes"]]
  }, 1)
  expect_lt(abs(diff(nodes)[2] / diff(nodes)[1] - 2), 0.01)
})

test_that("older versions of an assigned vector keep their values", {
  expect_traced(function(x) {
    a <- numeric(3)
    a[1] <- x[1]
    b <- a
    b[1] <- x[2]
    b[2] <- a[1]
    a[3] <- 7
    c(a, b, a[1] * b[1])
  }, list(x = c(1.5, 2.5)), list(list(x = c(3, 4))))
})

test_that("columns of `data` come before the function's environment", {
  f <- function(a, s) sum(dnorm(z, a + w, s, log = TRUE))
  w <- 100
  d <- data.frame(z = y, w = 1:4)
  r <- record(f, list(a = 0, s = 1), data = d)
  expect_equal(
    replay(r, list(1, 2))$value, sum(dnorm(y, 1 + 1:4, 2, log = TRUE))
  )
  expect_error(record(f, list(a = 0, s = 1), data = d["w"]), "'z' not found")
})

test_that("one flat input is sliced into the arguments", {
  build <- function(theta) {
    list(
      b = layout_slice(theta, list(positions = 1:2, names = c("u", "v"))),
      S = layout_slice(theta, list(positions = 3:6, dim = c(2, 2)))
    )
  }
  f <- function(b, S, k = 2) k * sum(S %*% b) + b[["u"]]
  r <- record(
    f, list(k = 3), flat = list(theta = as.numeric(1:6), build = build)
  )
  theta <- c(2, 1, 4, 3, 6, 5)
  expect_length(r$inputs, 1)
  expect_equal(replay(r, list(theta))$value,
    f(c(u = 2, v = 1), matrix(theta[3:6], 2), 3))
})

test_that("recordings nest through trace_call()", {
  tr <- trace_begin()
  on.exit(trace_end(tr))
  x <- trace_input(c(a = 1, b = 2))
  inner <- function(v) trace_call(
    function(u) sum(dnorm(u, log = TRUE)), list(v)
  ) * v
  out <- trace_call(inner, list(v = x))
  expect_equal(trace_value(out), sum(dnorm(1:2, log = TRUE)) * c(a = 1, b = 2))
  other <- record(function(z) sum(z^2), list(z = 3))
  expect_equal(trace_value(x), c(a = 1, b = 2))
  expect_error(x + 1, NA)
  trace_end(tr)
  expect_error(x + 1, "recording has ended")
})

test_that("locate mode knows the user's call of each node", {
  f <- function(mu, s) {
    z <- (y - mu) / s
    sum(dnorm(z, log = TRUE)) - length(y) * log(s)
  }
  calls <- record(f, list(mu = 0, s = 1), locate = TRUE)$calls
  texts <- vapply(calls, function(k) deparse(k$call), "")
  expect_true(
    all(c("y - mu", "(y - mu)/s", "dnorm(z, log = TRUE)", "log(s)") %in% texts)
  )
})

test_that("the user's own names are respected", {
  here <- list(x = c(1.5, 2.5))
  there <- list(list(x = c(3, 4)))
  t <- 5
  c <- function(...) "mine"
  diag <- 3
  counter <- 0
  f <- function(x) {
    counter <<- counter + 1
    m <- t(x)
    k <- nchar(c(1, 2)) + diag
    sum(diag(2) %*% rep(x[1], 2)) * k + t + sum(m)
  }
  expect_traced(f, here, there)
  expect_gt(counter, 0)
  dnorm <- function(x, ...) x * 2
  expect_traced(function(x) dnorm(x), list(x = 3), list(list(x = 5)))
})

test_that("closures, methods and frames work as usual", {
  at <- list(x = c(a = 1.5, b = 2.5))
  also <- list(list(x = c(a = 3, b = 4)))
  area <- function(s) UseMethod("area")
  area.circle <- function(s) pi * s$r^2
  expect_traced(
    function(x) area(structure(list(r = x[1]), class = "circle")), at, also
  )
  expect_traced(function(x, kind = c("one", "two")) {
    kind <- match.arg(kind)
    switch(kind, one = sum(x), two = 0)
  }, at, also)
  expect_traced(
    function(x) { assign("v", x * 2); get("v") + mget("v")$v }, at, also
  )
  expect_traced(function(x) (function(...) sum(..., ...elt(1)))(x, 1), at, also)
  expect_traced(
    function(x) { on.exit(NULL); if (x[1] > 0) return(x); 0 }, at, also
  )
  expect_traced(
    function(x) { for (i in 1:3) if (i == 2) return(x * i); 0 }, at, also
  )
  expect_traced(
    function(x) { d <- data.frame(w = 1:2); d$mu <- x * 2; sum(d$mu * d$w) },
    at, also
  )
  expect_traced(function(x) { p <- list2env(as.list(x)); p$a * p$b }, at, also)
  expect_traced(
    function(x) relist(unlist(as.list(x)), list(a = 1, b = 2))$b, at, also
  )
  account <- setRefClass("admle_test_account", fields = list(k = "numeric"),
    methods = list(value = function(v) k * dnorm(v)))$new(k = 2)
  expect_traced(function(x) account$value(x), at, also)
  powers <- lapply(1:3, function(k) function(v) sum(v^k) + dnorm(k))
  expect_traced(
    function(x) powers[[2]](x) + do.call(powers[[3]], list(x)), at, also
  )
  even <- function(k, x) if (k == 0) x else odd(k - 1, x * 2)
  odd <- function(k, x) if (k == 0) -x else even(k - 1, exp(-x))
  expect_traced(function(x) even(3, x), at, also)
  expect_traced(
    compiler::cmpfun(function(x) { s <- 0; for (v in x) s <- s + dnorm(v); s }),
    at, also
  )
})

test_that("a loop over plain vectors stays fast under the mask", {
  f <- function(x) {
    v <- numeric(20000)
    for (i in seq_along(v)) v[i] <- i
    sum(v) * x
  }
  expect_lt(system.time(record(f, list(x = 1)))[["elapsed"]], 2)
})

test_that("a recording need not repeat the rounding errors of plain R", {
  # 1 - plogis(26) is a few units in the last place of 1
  outcome <- c(0, 1, 0)
  f <- function(eta) dbinom(outcome, 1, plogis(eta), log = TRUE)
  at <- list(eta = c(26.1, -20, 24.7))
  recorded <- record(f, at)
  value <- node_value(trace_graph(recorded$trace), recorded$id)
  expect_equal(as.numeric(value), f(at$eta), tolerance = 1e-3)
  # what it explains is no more than that
  bound <- rounding_bound(trace_graph(recorded$trace), recorded$id, 3L)
  expect_lt(max(bound), 0.02)
  expect_lt(bound[[2L]], 1e-12)
  expect_error(compare_values(c(1, 2), c(1, 2 + 1e-6), function() 1e-8),
               class = "admle_error_unsupported")
})

test_that("a sum of products may cancel, but not be another one", {
  year <- 1950:2020
  X <- outer(year, 0:6, "^")
  u <- (year - 1985) / 35
  b <- qr.coef(qr(X, tol = 1e-20), sin(2 * u))
  f <- function(b) drop(X %*% b)
  recorded <- record(f, list(b = unname(b)))
  bound <- rounding_bound(trace_graph(recorded$trace), recorded$id, 71L)
  # numbers of 1e10 that cancel, each wrong in the sixteenth digit
  terms <- drop(abs(X) %*% abs(b)) * .Machine$double.eps
  expect_true(all(bound > terms & bound < 20 * terms))
  total <- record(function(b) sum((X %*% b)^2), list(b = unname(b)))
  expect_length(total$output, 1L)
  expect_lt(max(rounding_bound(
    trace_graph(total$trace), total$id, 1L
  )), 1e-3)
})
