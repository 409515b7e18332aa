# Fits of one function to other data: what is used again, and that every change
# is seen. A fit that uses a recording again is that of a fresh one, bit by bit.

with_remember <- function(word, code) {
  old <- options(admle.remember = word)
  on.exit(options(old))
  code
}

# How often a function is recorded at a start.
count_records <- function(code) {
  before <- reused$recordings
  with_remember(NULL, code)
  reused$recordings - before
}

result_of <- function(fit) {
  list(coef(fit), fit$hessian, fit$gradient, fit$loglik, fit$nobs, fit$search)
}

# Whether run(), a fit, used a recording again; it must be what it is afresh.
expect_as_fresh <- function(run, reused, label = NULL) {
  records <- count_records(fit <- run())
  fresh <- with_remember(FALSE, run())
  testthat::expect_identical(result_of(fit), result_of(fresh), label = label)
  testthat::expect_identical(records == 0, reused, label = label)
}

# Fits often enough that the next to data of this kind uses a recording again.
prepare <- function(fit_to, draw) {
  assign("known", list(), envir = reused)
  with_remember(NULL, for (i in 1:2) fit_to(draw()))
  expect_as_fresh(local({
    data <- draw()
    function() fit_to(data)
  }), TRUE)
}

n <- 60L
X <- cbind(1, sin(1:n), cos(3 * 1:n))
gaussian <- function(a, b, s) dnorm(y, a + b * x, exp(s), log = TRUE)
at <- list(a = 0, b = 0, s = 0)
draw_line <- function() {
  x <- rnorm(n)
  data.frame(y = 1 + x + rnorm(n), x = x)
}

test_that("models of many kinds are recorded once for data of one shape", {
  set.seed(1)
  fits <- function(fn, start, draw, ...) {
    prepare(function(data) mle_fit(fn, start = start, data = data, ...), draw)
  }
  fits(gaussian, at, draw_line)
  fits(function(b) dbinom(y, 1, plogis(drop(X %*% b)), log = TRUE),
       list(b = numeric(3)),
       function() list(y = rbinom(n, 1, plogis(X[, 2])), X = X))
  counts <- function() list(y = rpois(n, exp(X[, 2] / 2)), X = X)
  fits(function(b) {
    eta <- drop(X %*% b)
    sum(y * eta - exp(eta) - lgamma(y + 1))
  }, list(b = numeric(3)), counts)
  fits(function(b) {
    eta <- drop(X %*% b)
    -(y * eta - exp(eta) - lgamma(y + 1))
  }, list(b = numeric(3)), counts, negative = TRUE)
  fits(function(shape, scale) sum(dweibull(t, shape, scale, log = TRUE)),
       list(shape = positive(1), scale = positive(1)),
       function() list(t = rweibull(n, 1.5, 2)))
  fits(function(m, s) {
    z <- (y - mean(y)) / sd(y)
    dnorm(z, m, exp(s), log = TRUE)
  }, list(m = 0, s = 0), draw_line)
  fits(function(w, a) {
    h <- numeric(length(r))
    h[1] <- var(r)
    for (t in 2:length(r)) h[t] <- exp(w) + plogis(a) * r[t - 1]^2
    sum(dnorm(r, 0, sqrt(h), log = TRUE))
  }, list(w = 0, a = -1), function() {
    r <- rnorm(n)
    for (t in 2:n) r[t] <- r[t] * sqrt(0.5 + 0.6 * r[t - 1]^2)
    list(r = r)
  })
  fits(function(m, s) {
    l <- 0
    for (i in seq_along(y)) l <- l + dnorm(y[i], m, exp(s), log = TRUE)
    l
  }, list(m = 0, s = 0), draw_line)
})

test_that("formulas are recorded once, and so are updates", {
  set.seed(2)
  line <- function(data) mle_fit(y ~ x, data = data)
  prepare(line, draw_line)
  fit <- line(draw_line())
  other <- draw_line()
  expect_as_fresh(function() update(fit, data = other), TRUE)
  simulated <- transform(other, y = simulate(fit, 1, seed = 1)[[1L]])
  expect_as_fresh(function() update(fit, data = simulated), TRUE)
  prepare(function(data) mle_fit(k ~ x, data = data, family = poisson),
          function() data.frame(k = rpois(n, 2), x = rnorm(n)))
  prepare(function(data) {
    mle_fit(t ~ dweibull(shape, scale), log(scale) ~ x, data = data)
  }, function() data.frame(t = rweibull(n, 2, 1), x = rnorm(n)))
  prepare(function(data) {
    mle_fit(y ~ dnorm(mu, sigma), mu ~ x, log(sigma) ~ f, data = data)
  }, function() cbind(draw_line(), f = gl(2, n / 2)))
})

test_that("a parametric bootstrap records once", {
  set.seed(3)
  fit <- mle_fit(y ~ x, data = draw_line())
  boot <- function() {
    suppressWarnings(bootstrap(fit, R = 20, method = "parametric", seed = 1))
  }
  assign("known", list(), envir = reused)
  with_remember(NULL, boot())
  expect_identical(count_records(again <- boot()), 0)
  expect_identical(again$t, with_remember(FALSE, boot())$t)
})

test_that("functions that are made anew are the same function", {
  set.seed(4)
  make <- function(y, x) {
    function(a, b, s) sum(dnorm(y, a + b * x + mean(y), exp(s), log = TRUE))
  }
  prepare(function(data) mle_fit(make(data$y, data$x), start = at), draw_line)
})

test_that("two fits that share a recording do not disturb each other", {
  set.seed(5)
  fits <- with_remember(NULL, {
    lapply(1:5, function(i) mle_fit(gaussian, at, draw_line()))
  })
  for (fit in fits) {
    expect_equal(objective_value(fit_objective(fit), unname(fit$theta)),
                 fit$loglik)
    expect_equal(confint(fit, method = "profile"),
                 confint(mle_fit(gaussian, at, fit$data), method = "profile"))
  }
})

# What the function reads beside the numbers of its data: after the change the
# fit is that of the changed function.
expect_seen <- function(fit_to, draw, change, reused = FALSE, label = NULL) {
  prepare(fit_to, draw)
  change()
  data <- draw()
  expect_as_fresh(function() fit_to(data), reused, label = label)
}

test_that("every change that a function can read is seen", {
  set.seed(6)
  space <- new.env(parent = globalenv())
  space$draw <- draw_line
  draw <- function() space$draw()
  fit_to <- function(fn, start = at, ...) {
    function(data) mle_fit(fn, start = start, data = data, ...)
  }
  own <- function(fn) {
    environment(fn) <- space
    fn
  }

  expect_seen(fit_to(gaussian), draw, function() {
    space$draw <- function() draw_line()[1:50, ]
  }, label = "another length")
  space$draw <- draw_line
  expect_seen(fit_to(gaussian), draw, function() {
    space$draw <- function() transform(draw_line(), y = round(y))
  }, label = "whole numbers")
  space$draw <- draw_line
  expect_seen(fit_to(gaussian), draw, function() {
    space$draw <- function() transform(draw_line(), x = x > 0)
  }, label = "another type")

  space$scale <- 2
  scaled <- own(function(a, b, s) {
    dnorm(y, a + b * x * scale, exp(s), log = TRUE)
  })
  space$draw <- draw_line
  expect_seen(fit_to(scaled), draw, function() space$scale <- 3,
              label = "a number of the environment")
  space$shift <- sin(1:n)
  shifted <- own(function(a, b, s) {
    dnorm(y, a + b * x + shift, exp(s), log = TRUE)
  })
  expect_seen(fit_to(shifted), draw, function() space$shift <- cos(1:n),
              reused = TRUE, label = "a vector of the environment")

  space$helper <- function(x) x^2
  environment(space$helper) <- globalenv()
  helped <- own(function(a, b, s) {
    dnorm(y, a + b * helper(x), exp(s), log = TRUE)
  })
  expect_seen(fit_to(helped), draw, function() {
    space$helper <- function(x) x^3
    environment(space$helper) <- globalenv()
  }, label = "a helper")
  expect_seen(fit_to(helped), draw, function() {
    space$exp <- function(x) 2^x
    environment(space$exp) <- globalenv()
  }, label = "a nearer binding")
  rm("exp", envir = space)
  changing <- gaussian
  expect_seen(function(data) mle_fit(changing, start = at, data = data), draw,
              function() body(changing)[[3]] <<- quote(a + b * x^2),
              label = "the function")

  branching <- function(a, b, s) {
    if (mean(x) > 0) dnorm(y, a + b * x, exp(s), log = TRUE) else
      dnorm(y, a, exp(s + b * x), log = TRUE)
  }
  space$draw <- function() transform(draw_line(), x = abs(x))
  expect_seen(fit_to(branching), draw, function() {
    space$draw <- function() transform(draw_line(), x = -abs(x))
  }, label = "a condition on a statistic")
  by_element <- function(a, b, s) {
    slope <- b
    if (x[1] > 0) slope <- -b
    dnorm(y, a + slope * x, exp(s), log = TRUE)
  }
  space$draw <- function() transform(draw_line(), x = abs(x))
  expect_seen(fit_to(by_element), draw, function() {
    space$draw <- function() transform(draw_line(), x = -abs(x))
  }, label = "a condition on an element")

  grouped <- function(a, s) dnorm(y, a[g], exp(s), log = TRUE)
  levels <- list(a = numeric(2), s = 0)
  space$g <- rep(1:2, n / 2)
  space$draw <- function() cbind(draw_line(), g = space$g)
  expect_seen(fit_to(grouped, levels), draw,
              function() space$g <- rev(space$g), label = "a subscript")
  space$g <- gl(2, n / 2)
  expect_seen(fit_to(grouped, levels), draw, function() {
    space$g <- factor(space$g, levels = 2:1)
  }, label = "levels of a factor")

  space$z <- sin(1:n)
  pieces <- own(function(a, b, s) {
    dnorm(y, a + b * x, exp(s), log = TRUE) + ifelse(is.na(z), a, 0)
  })
  expect_seen(fit_to(pieces), draw, function() space$z[3] <- NA,
              label = "missing values")

})

test_that("arguments of the fit change nothing that is kept", {
  set.seed(7)
  w <- rep(c(0.5, 1.5), n / 2)
  prepare(function(data) mle_fit(gaussian, at, data), draw_line)
  data <- draw_line()
  expect_as_fresh(function() mle_fit(gaussian, at, data, weights = w), TRUE)
  expect_as_fresh(function() mle_fit(gaussian, at, data, subset = x > 0), FALSE)
  expect_as_fresh(function() {
    mle_fit(gaussian, list(a = 3, b = 1, s = 1), data)
  }, TRUE)
  expect_as_fresh(function() mle_fit(gaussian, at[1:2], data,
                                     fixed = list(s = 0)), FALSE)
  expect_as_fresh(function() mle_fit(gaussian, at, data, method = "bfgs"), TRUE)
  expect_as_fresh(function() {
    mle_fit(gaussian, list(a = 0, b = positive(1), s = 0), data)
  }, FALSE)
  prepare(function(data) mle_fit(y ~ x, data = data), draw_line)
  # The density has weights of precision in it.
  expect_as_fresh(function() mle_fit(y ~ x, data = data, weights = w), FALSE)
  expect_as_fresh(function() mle_fit(y ~ x, data = data, offset = x^2), FALSE)
  expect_as_fresh(function() mle_fit(y ~ x, data = data, subset = x > 0), FALSE)
})

test_that("what the engine computes of data otherwise than R is not used", {
  set.seed(8)
  fn <- function(a, s) {
    z <- y
    dnorm(z - log(sum(z^2)), a, exp(s), log = TRUE)
  }
  assign("known", list(), envir = reused)
  for (i in 1:4) {
    data <- draw_line()
    expect_as_fresh(function() mle_fit(fn, list(a = 0, s = 0), data), FALSE)
  }
})

test_that("functions with effects, or that read elsewhere, are not kept", {
  set.seed(9)
  count <- 0
  counting <- function(a, b, s) {
    count <<- count + 1
    dnorm(y, a + b * x, exp(s), log = TRUE)
  }
  reading <- function(a, b, s) {
    dnorm(get("y"), a + b * x, exp(s), log = TRUE)
  }
  for (fn in list(counting, reading)) {
    assign("known", list(), envir = reused)
    for (i in 1:4) {
      data <- draw_line()
      expect_gt(count_records(mle_fit(fn, at, data)), 0L)
    }
  }
})

test_that("what is kept is bounded, and holds no data and no environment", {
  set.seed(10)
  assign("known", list(), envir = reused)
  gone <- FALSE
  with_remember(NULL, local({
    make <- function(y) {
      reg.finalizer(environment(), function(e) gone <<- TRUE)
      function(m, s) dnorm(y, m, exp(s), log = TRUE)
    }
    for (i in 1:4) mle_fit(make(rnorm(n)), start = list(m = 0, s = 0))
  }))
  expect_length(reused$known[[1L]]$templates, 1L)
  gc()
  gc()
  expect_true(gone)
  for (k in 1:12) {
    fn <- gaussian
    body(fn)[[3]] <- bquote(a + b * x * .(k))
    with_remember(NULL, for (i in 1:3) mle_fit(fn, at, draw_line()))
  }
  expect_lte(length(reused$known), most_reused)
})
