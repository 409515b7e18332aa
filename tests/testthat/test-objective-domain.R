set.seed(11)
y <- rnorm(60, 3, 2)
normal <- c(mean(y), sqrt(mean((y - mean(y))^2)))
methods <- c("auto", "newton", "bfgs", "lbfgs", "bhhh")

# Guards by what they do outside of the domain.
guards <- list(
  minus_infinity = function(m, s) {
    if (s <= 0) return(-Inf)
    dnorm(y, m, s, log = TRUE)
  },
  penalty = function(m, s) {
    if (s <= 0) return(-1e10)
    sum(dnorm(y, m, s, log = TRUE))
  },
  high_penalty = function(m, s) if (s > 0) dnorm(y, m, s, log = TRUE) else -10,
  missing = function(m, s) if (s <= 0) NA else dnorm(y, m, s, log = TRUE),
  vector = function(m, s) {
    if (s > 0) dnorm(y, m, s, log = TRUE) else rep(-Inf, length(y))
  },
  afterwards = function(m, s) {
    v <- suppressWarnings(sum(dnorm(y, m, s, log = TRUE)))
    if (!is.finite(v)) v <- -1e20
    v
  },
  stops = function(m, s) {
    if (s <= 0) stop("s must be positive")
    dnorm(y, m, s, log = TRUE)
  },
  stopifnot = function(m, s) {
    stopifnot(s > 0)
    dnorm(y, m, s, log = TRUE)
  },
  helper = function(m, s) {
    valid <- function(...) all(c(...) > 0)
    if (!valid(s)) return(NaN)
    dnorm(y, m, s, log = TRUE)
  },
  caught = function(m, s) {
    tryCatch({
      if (s <= 0) stop("no")
      sum(dnorm(y, m, s, log = TRUE))
    }, error = function(e) -1e8)
  }
)

unguarded <- function(m, s) dnorm(y, m, s, log = TRUE)
fit_from <- function(fn, m, s, method) {
  suppressWarnings(mle_fit(fn, list(m = m, s = s), method = method))
}

test_that("guarded functions reach the maximum wherever others do", {
  starts <- expand.grid(m = c(-100, -10, 0, 3, 10, 100),
                        s = c(0.05, 0.5, 1, 2, 4, 8, 20, 50, 300, 1000))
  reaches <- function(fn, at, method) {
    fit <- fit_from(fn, starts$m[[at]], starts$s[[at]], method)
    fit$converged && max(abs(coef(fit) / normal - 1)) < 1e-6
  }
  grid <- expand.grid(at = seq_len(nrow(starts)), method = methods,
                      stringsAsFactors = FALSE)
  plain <- mapply(reaches, at = grid$at, method = grid$method,
                  MoreArgs = list(fn = unguarded))
  expect_gt(mean(plain), 0.9)
  for (name in names(guards)) {
    guarded <- mapply(reaches, at = grid$at, method = grid$method,
                      MoreArgs = list(fn = guards[[name]]))
    expect_true(all(guarded[plain]), info = name)
  }
})

test_that("rejected points are kept and told", {
  fit <- mle_fit(guards$stops, list(m = 0, s = 20))
  expect_s3_class(fit$rejected, "data.frame")
  expect_named(fit$rejected, c("iteration", "reason", "coefficients"))
  expect_match(fit$rejected$reason, "s must be positive", fixed = TRUE)
  expect_match(fit$rejected$reason, "`if (s <= 0)` is TRUE", fixed = TRUE)
  expect_true(all(fit$rejected$coefficients[, "s"] <= 0))
  expect_identical(attr(fit$rejected, "count"), nrow(fit$rejected))
  expect_null(mle_fit(guards$stops, list(m = 3, s = 2))$rejected)
  expect_output(mle_fit(guards$stops, list(m = 0, s = 20), trace = TRUE),
                "outside the domain")
  expect_false(any(grepl("Of the last", capture.output(summary(fit)))))
})

test_that("a start outside the domain is an error that says why", {
  start <- list(m = 1, s = -3)
  for (name in setdiff(names(guards), c("afterwards", "helper"))) {
    e <- expect_error(mle_fit(guards[[name]], start),
                      class = "admle_error_domain", info = name)
    expect_identical(e$values, c(m = 1, s = -3))
  }
  expect_snapshot(error = TRUE, {
    mle_fit(guards$minus_infinity, start)
    mle_fit(guards$stops, start)
    mle_fit(guards$stopifnot, start)
    mle_fit(guards$stops, start, derivatives = "numeric")
    mle_fit(function(m, s) sum(y) + undefined, start)
  })
})

test_that("a constant above the log-likelihood is not accepted", {
  far <- 1e4 + y
  fn <- function(m, s) {
    if (m < 0.5) return(-1e6)
    sum(dnorm(far, m, s, log = TRUE))
  }
  fit <- mle_fit(fn, list(m = 1, s = 0.3))
  expect_lt(fit$search$start_loglik, -1e6)
  expect_equal(unname(coef(fit)), normal + c(1e4, 0), tolerance = 1e-6)
})

test_that("numeric derivatives reject points too", {
  for (name in names(guards)) {
    fit <- mle_fit(guards[[name]], list(m = 0, s = 20), derivatives = "numeric")
    expect_equal(unname(coef(fit)), normal, tolerance = 1e-6, info = name)
  }
})

test_that("code that cannot be recorded stays an error at a trial point", {
  fn <- function(m, s) {
    if (s < 0) return(sum(Re(polyroot(c(m, s)))))
    dnorm(y, m, s, log = TRUE)
  }
  expect_error(mle_fit(fn, list(m = 0, s = 20)),
               class = "admle_error_unsupported")
})

test_that("profiles, bootstraps and restricted fits reject points", {
  fit <- mle_fit(guards$stops, list(m = 3, s = 2))
  same <- mle_fit(unguarded, list(m = 3, s = 2))
  expect_equal(confint(fit, method = "profile"),
               confint(same, method = "profile"), tolerance = 1e-6)
  expect_equal(lr_test(fit, "s = 2.5")$p.value,
               lr_test(same, "s = 2.5")$p.value, tolerance = 1e-8)
  expect_equal(vcov(fit, "bootstrap", R = 20, seed = 1),
               vcov(same, "bootstrap", R = 20, seed = 1), tolerance = 1e-6)
})

test_that("a maximum on the edge of the domain is told", {
  z <- rnorm(60)
  r <- 1 + 2 * z + y - 3
  edge <- function(m, b, s) {
    if (m > 0.5 || s <= 0) return(-Inf)
    dnorm(r, m + b * z, s, log = TRUE)
  }
  expect_warning(fit <- mle_fit(edge, list(m = 0, b = 0, s = 1)),
                 class = "admle_warning_boundary")
  same <- mle_fit(edge, list(m = 0.5, b = 0, s = 1), fixed = list(m = 0.5))
  expect_true(fit$converged)
  expect_equal(coef(fit), c(m = 0.5, coef(same)), tolerance = 1e-8)
  expect_equal(vcov(fit)[-1, -1], vcov(same), tolerance = 1e-6)
  expect_true(all(is.na(vcov(fit)["m", ])))
  # along a sloping edge
  sum_edge <- function(m, b, s) {
    if (m + b > 1.5) return(-Inf)
    dnorm(r, m + b * z, s, log = TRUE)
  }
  expect_warning(fit <- mle_fit(sum_edge, list(m = 0, b = 0, s = 1)),
                 class = "admle_warning_boundary")
  same <- mle_fit(function(m, b, s) dnorm(r, m + b * z, s, log = TRUE),
                  list(m = 0, b = 0, s = 1), constraints = "m + b = 1.5")
  expect_equal(coef(fit), coef(same), tolerance = 1e-7)
  expect_identical(is.na(diag(vcov(fit))), c(m = TRUE, b = TRUE, s = FALSE))
  expect_snapshot(summary(mle_fit(function(a) {
    if (a > 2) return(-Inf)
    dexp(c(0.1, 0.2, 0.3), a, log = TRUE)
  }, list(a = 1))))
})

test_that("an edge without a condition leaves no standard error", {
  z <- cbind(y - 3, rev(y) - 3)
  fn <- function(a) {
    if (a > 0.1) stop("not here")
    dexp(abs(y), a, log = TRUE)
  }
  expect_warning(
    fit <- mle_fit(fn, list(a = 0.05), derivatives = "numeric"),
    class = "admle_warning_boundary"
  )
  expect_true(is.na(vcov(fit)))
  expect_equal(coef(fit), c(a = 0.1), tolerance = 1e-4)
})

test_that("a parameter that a branch leaves out is told by the branch", {
  fn <- function(a, q) {
    if (abs(q) < 1e-6) -(y - a)^2 else -(y - a - q)^2 - (q - 0.2)^2
  }
  w <- expect_warning(mle_fit(fn, list(a = 0, q = 0)),
                      class = "admle_warning_identification")
  expect_match(conditionMessage(w), "`if (abs(q) < 1e-06)` is TRUE",
               fixed = TRUE)
})

test_that("it is so in a total whose rows a recording with data tells", {
  total <- function(a, b) {
    m <- if (b > 0) a else a + b
    ll <- 0
    for (i in seq_along(y)) ll <- ll + dnorm(y[i], m, 1, log = TRUE)
    ll
  }
  fit <- NULL
  w <- expect_warning(fit <- mle_fit(total, list(a = 0, b = 1)),
                      class = "admle_warning_identification")
  expect_match(conditionMessage(w), "`if (b > 0)` is TRUE", fixed = TRUE)
  expect_identical(nobs(fit), length(y))
})

test_that("an edge is left where the log-likelihood rises inwards", {
  set.seed(3)
  e <- numeric(200)
  h <- 1
  for (t in 1:200) {
    if (t > 1) h <- 0.1 + 0.15 * e[t - 1]^2 + 0.75 * h
    e[t] <- sqrt(h) * rnorm(1)
  }
  garch <- function(p) {
    if (p[1] <= 0 || p[2] < 0 || p[3] < 0 || p[2] + p[3] >= 1) return(-1e10)
    h <- numeric(200)
    h[1] <- var(e)
    for (t in 2:200) h[t] <- p[1] + p[2] * e[t - 1]^2 + p[3] * h[t - 1]
    dnorm(e, 0, sqrt(h), log = TRUE)
  }
  best <- mle_fit(garch, c(0.1, 0.1, 0.8))
  fit <- mle_fit(garch, c(5, 0.01, 0.01), method = "bhhh")
  expect_equal(coef(fit), coef(best), tolerance = 1e-6)
  # What it took is told of the whole way.
  search <- fit$search
  expect_equal(search$start_loglik, sum(garch(c(5, 0.01, 0.01))))
  expect_true(all(fit$rejected$iteration <= search$iterations))
  expect_identical(utils::tail(search$path$iteration, 1), search$iterations)
})

test_that("what may be no maximum along the edge is not called one", {
  set.seed(1)
  low <- rnorm(50, 2)
  high <- rnorm(50, -1)
  # The edge runs along the diagonal, and its condition is no comparison.
  ordered <- function(a, b) {
    stopifnot(a <= b)
    dnorm(low, a, 1, log = TRUE) + dnorm(high, b, 1, log = TRUE)
  }
  fit <- suppressWarnings(mle_fit(ordered, list(a = -3, b = 3)))
  expect_false(fit$converged)
  # A curved edge.
  circle <- function(a, b) {
    if (a^2 + b^2 > 1) return(-Inf)
    dnorm(low, 2 * a, 1, log = TRUE) + dnorm(low, 3 * b, 1, log = TRUE)
  }
  expect_warning(fit <- suppressWarnings(
    mle_fit(circle, list(a = 0, b = 0)), classes = "admle_warning_convergence"
  ), "may not be the maximum", class = "admle_warning_boundary")
  expect_false(fit$converged)
})

test_that("what no condition says is told by the value", {
  singular <- function(p) {
    R <- tryCatch(chol(matrix(c(1, p, p, 1), 2)), error = function(e) NULL)
    if (is.null(R)) return(-1e10)
    -sum(R^2) - p^2
  }
  expect_error(mle_fit(singular, 3), "returns -1e+10", fixed = TRUE,
               class = "admle_error_domain")
  missing <- function(m, s2) {
    s <- sqrt(s2)
    if (s < 1e-8) return(-Inf)
    dnorm(y, m, s, log = TRUE)
  }
  expect_error(mle_fit(missing, list(m = 0, s2 = -1)), "`if (s < 1e-08)` is NA",
               fixed = TRUE, class = "admle_error_domain")
})
