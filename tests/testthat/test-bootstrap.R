# Replications against fits of the resampled data, intervals against the package
# boot from the same replications, seeds, failures, workers.

logit_data <- local({
  set.seed(4)
  n <- 200
  x <- rnorm(n)
  data.frame(x, g = rep(1:20, each = 10), y = rbinom(n, 1, plogis(0.3 + x)))
})
logit <- mle_fit(y ~ x, data = logit_data, family = binomial)
cars_fit <- mle_fit(function(mu, s) dnorm(speed, mu, s, log = TRUE),
                    start = list(mu = 10, s = positive(1)), data = cars)

# The weights of replication r, drawn as bootstrap() draws them.
drawn <- function(x, r) {
  seeds <- replication_seeds(x$R, x$seed)$seeds
  with_own_random(function() {
    set_replication_seed(seeds[[r]])
    draw_weights(x)
  })
}

test_that("a replication is the fit of the data that were drawn", {
  pairs <- bootstrap(logit, R = 5, seed = 1)
  clusters <- bootstrap(logit, R = 5, cluster = ~ g, seed = 1)
  expect_identical(clusters$method, "cluster")
  for (r in 1:5) {
    w <- drawn(pairs, r)
    expect_identical(sum(w), 200L)
    rows <- logit_data[rep(1:200, w), ]
    expect_equal(pairs$t[r, ], coef(glm(y ~ x, binomial, rows)),
                 tolerance = 1e-6)
    w <- drawn(clusters, r)
    expect_identical(sum(w), 20L)
    rows <- logit_data[rep(1:200, w[logit_data$g]), ]
    expect_equal(clusters$t[r, ], coef(glm(y ~ x, binomial, rows)),
                 tolerance = 1e-6)
  }
})

test_that("a score replication is one Newton step", {
  score <- bootstrap(logit, R = 4, method = "score", cluster = ~ g, seed = 1)
  wild <- bootstrap(logit, R = 4, method = "wild", seed = 1,
                    multipliers = "mammen")
  X <- cbind(1, logit_data$x)
  p <- plogis(drop(X %*% coef(logit)))
  inverse <- solve(crossprod(X, p * (1 - p) * X))
  for (r in 1:4) {
    step <- inverse %*% crossprod(X, drawn(score, r)[logit_data$g] *
                                    (logit_data$y - p))
    expect_equal(unname(score$t[r, ] - coef(logit)), drop(step),
                 tolerance = 1e-8)
    step <- inverse %*% crossprod(X, drawn(wild, r) * (logit_data$y - p))
    expect_equal(unname(wild$t[r, ] - coef(logit)), drop(step),
                 tolerance = 1e-8)
  }
})

test_that("multipliers have mean 0 and variance 1", {
  set.seed(1)
  for (kind in names(draw_from)) {
    draws <- draw_multipliers(1e5, kind)
    expect_lt(abs(mean(draws)), 4 / sqrt(1e5))
    expect_lt(abs(mean(draws^2) - 1), 4 * sd(draws^2) / sqrt(1e5) + 1e-12)
  }
  expect_equal(sort(unique(draw_multipliers(1000, "mammen"))),
               c(1 - sqrt(5), 1 + sqrt(5)) / 2)
  expect_length(unique(draw_multipliers(1000, "webb")), 6)
})

test_that("the wild bootstrap has the covariance of the sandwich", {
  wild <- bootstrap(logit, R = 4000, method = "wild", seed = 1)
  expected <- vcov(logit, type = "sandwich")
  # The standard deviation of a variance is itself times sqrt(2 / R).
  ratio <- diag(vcov(wild)) / diag(expected)
  expect_lt(max(abs(ratio - 1)), 4 * sqrt(2 / 4000))
})

test_that("other types estimate the same variance", {
  for (type in c("bayesian", "parametric")) {
    x <- bootstrap(logit, R = 300, method = type, seed = 1)
    ratio <- diag(vcov(x)) / diag(vcov(logit))
    expect_lt(max(abs(log(ratio))), 0.4)
    expect_identical(sum(x$failures), 0L)
  }
})

test_that("parametric replications are fits of simulated responses", {
  x <- bootstrap(logit, R = 2, method = "parametric", seed = 1)
  seeds <- replication_seeds(2, 1)$seeds
  for (r in 1:2) {
    y <- with_own_random(function() {
      set_replication_seed(seeds[[r]])
      simulate(logit)[[1]]
    })
    expect_equal(
      x$t[r, ], coef(glm(y ~ x, binomial, data.frame(y, x = logit_data$x))),
      tolerance = 1e-6
    )
  }
  expect_error(bootstrap(cars_fit, method = "parametric"),
               class = "admle_error_unsupported")
})

test_that("weighted observations keep their weights, those of zero are not", {
  w <- rep(c(0, 1, 2, 1), 50)
  weighted <- mle_fit(y ~ x, data = logit_data, family = binomial, weights = w)
  x <- bootstrap(weighted, R = 3, seed = 1)
  expect_identical(x$units$count, 150L)
  for (r in 1:3) {
    times <- numeric(200)
    times[w > 0] <- drawn(x, r)
    expect_equal(
      x$t[r, ],
      coef(suppressWarnings(glm(y ~ x, binomial, logit_data,
                                weights = w * times))), tolerance = 1e-6
    )
  }
})

test_that("clusters are read from the rows in use", {
  holes <- logit_data
  holes$x[c(3, 50)] <- NA
  fit <- mle_fit(y ~ x, data = holes, family = binomial, subset = g > 2)
  by_formula <- bootstrap(fit, R = 2, cluster = ~ g, seed = 1)
  expect_identical(by_formula$units$count, 18L)
  expect_identical(bootstrap(fit, R = 2, cluster = holes$g, seed = 1)$t,
                   by_formula$t)
  expect_identical(
    bootstrap(fit, R = 2, cluster = holes$g[-c(1:20, 50)], seed = 1)$t,
    by_formula$t
  )
  expect_error(bootstrap(fit, cluster = 1:7), "7 elements",
               class = "admle_error_argument")
  expect_error(bootstrap(fit, cluster = rep(1, 200)),
               class = "admle_error_argument")
})

test_that("percentile, basic, normal and BCa limits are those of boot", {
  skip_if_not_installed("boot")
  x <- bootstrap(logit, R = 499, seed = 3)
  left_out <- leave_out(logit, x$units)$coefficients
  mocked <- structure(list(
    t0 = x$t0, t = x$t, R = 499, data = logit_data, sim = "ordinary",
    stype = "i", call = quote(boot()), strata = rep(1, 200),
    weights = rep(1 / 200, 200)
  ), class = "boot")
  for (i in 1:2) {
    L <- mean(left_out[, i]) - left_out[, i]
    expected <- boot::boot.ci(mocked, 0.9, c("perc", "basic", "norm", "bca"),
                              index = i, L = L)
    limits <- function(type) unname(confint(x, i, 0.9, type)[1, ])
    expect_equal(limits("percentile"), expected$percent[4:5], tolerance = 1e-12)
    expect_equal(limits("basic"), expected$basic[4:5], tolerance = 1e-12)
    expect_equal(limits("normal"), expected$normal[2:3], tolerance = 1e-12)
    expect_equal(limits("bca"), expected$bca[4:5], tolerance = 1e-10)
  }
})

test_that("a statistic is bootstrapped with the same draws", {
  x <- bootstrap(logit, R = 20, method = "score", seed = 1,
                 statistic = function(b) c(ratio = -b[["(Intercept)"]] /
                                             b[["x"]]))
  plain <- bootstrap(logit, R = 20, method = "score", seed = 1)
  expect_identical(x$t[, "ratio"], -plain$t[, 1] / plain$t[, 2])
  expect_identical(dim(vcov(x)), c(1L, 1L))
  suppressWarnings(expect_true(all(is.finite(confint(x, type = "bca")))))
  expect_error(bootstrap(logit, statistic = function(b) "a"),
               class = "admle_error_argument")
})

test_that("a seed reproduces, and leaves the session's numbers alone", {
  set.seed(7)
  state <- .Random.seed
  one <- bootstrap(cars_fit, R = 5, seed = 3)
  expect_identical(.Random.seed, state)
  kinds <- RNGkind()
  suppressWarnings(RNGkind("Wichmann-Hill", sample.kind = "Rounding"))
  expect_identical(bootstrap(cars_fit, R = 5, seed = 3)$t, one$t)
  expect_identical(RNGkind()[[1]], "Wichmann-Hill")
  suppressWarnings(do.call(RNGkind, as.list(kinds)))
  set.seed(7)
  drawn <- bootstrap(cars_fit, R = 5)
  expect_false(identical(.Random.seed, state))
  set.seed(7)
  expect_identical(bootstrap(cars_fit, R = 5)$t, drawn$t)
  expect_identical(bootstrap(cars_fit, R = 5, seed = drawn$seed)$t, drawn$t)
})

test_that("estimates stay within their ranges", {
  x <- bootstrap(cars_fit, R = 200, method = "wild", multipliers = "normal",
                 seed = 1)
  expect_true(all(x$t[, "s"] > 0))
  expect_true(all(confint(x) > 0))
})

test_that("failures are counted and said", {
  small <- data.frame(x = c(1:10), y = c(0, 0, 0, 1, 0, 1, 0, 1, 1, 1))
  fit <- mle_fit(y ~ x, data = small, family = binomial)
  expect_warning(x <- bootstrap(fit, R = 100, seed = 1),
                 class = "admle_warning_bootstrap")
  # A resample is separated where the largest x of one outcome is below the
  # smallest of the other.
  separated <- vapply(1:100, function(r) {
    rows <- small[rep(1:10, drawn(x, r)), ]
    ends <- function(y) range(rows$x[rows$y == y])
    length(unique(rows$y)) == 1 || ends(0)[[2]] <= ends(1)[[1]] ||
      ends(1)[[2]] <= ends(0)[[1]]
  }, NA)
  expect_gt(sum(separated), 5)
  expect_identical(which(is.na(x$t[, 1])), which(separated))
  expect_identical(sum(x$failures), sum(separated))
  expect_snapshot(print(x))
  few <- suppressWarnings(bootstrap(fit, R = 100, seed = 1, max_failed = 0.01))
  expect_true(all(is.na(vcov(few))))
  expect_true(all(is.na(confint(few))))
  expect_snapshot(print(few))
})

test_that("a level that is not drawn fails as what it is", {
  d <- data.frame(y = c(2, 3, 4, 5, 3, 6), f = gl(2, 1, 6, c("a", "b")))
  d$f <- factor(c("a", "a", "a", "a", "a", "b"))
  fit <- mle_fit(y ~ f, data = d, family = poisson)
  x <- suppressWarnings(bootstrap(fit, R = 40, seed = 1))
  lost <- vapply(1:40, function(r) drawn(x, r)[[6]] == 0, NA)
  expect_gt(sum(lost), 0)
  expect_identical(is.na(x$t[, 1]), lost)
})

test_that("work is split into consecutive chunks", {
  expect_identical(lengths(consecutive(1:7, 3)), c(2L, 2L, 3L))
  expect_identical(unlist(consecutive(1:7, 20)), 1:7)
  expect_error(bootstrap(cars_fit, parallel = "threads"),
               class = "admle_error_argument")
  expect_error(bootstrap(cars_fit, parallel = "future"), "mirai::daemons",
               class = "admle_error_argument")
})

test_that("daemons make the same replications, or say why they cannot", {
  skip_if_not_installed("mirai")
  skip_on_cran()
  expect_error(bootstrap(cars_fit, R = 3, parallel = TRUE), "needs daemons",
               class = "admle_error_unsupported")
  # A daemon that does not find mirai itself never answers.
  libraries <- Sys.getenv("R_LIBS")
  Sys.setenv(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  on.exit(Sys.setenv(R_LIBS = libraries))
  mirai::daemons(2)
  on.exit(mirai::daemons(0), add = TRUE)
  here <- bootstrap(cars_fit, R = 5, seed = 3)
  there <- bootstrap(cars_fit, R = 5, seed = 3, parallel = TRUE)
  expect_identical(there$t, here$t)
  skip_if(dir.exists(file.path(.Library, "admle")))
  mirai::daemons(0)
  mirai::daemons(1)
  mirai::everywhere({
    unloadNamespace("admle")
    .libPaths(tempdir(), include.site = FALSE)
  })
  expect_error(bootstrap(cars_fit, R = 3, parallel = TRUE),
               "cannot load the package admle",
               class = "admle_error_unsupported")
})

test_that("a bootstrap covariance is that of the seed when it was fitted", {
  set.seed(7)
  fit <- mle_fit(y ~ x, data = logit_data, family = binomial,
                 vcov = vcov_spec("bootstrap", R = 20, cluster = ~ g))
  runif(1)
  set.seed(7)
  expect_identical(vcov(fit),
                   vcov(bootstrap(logit, R = 20, cluster = ~ g)))
  expect_output(print(summary(fit)), "20 replications, 20 clusters (g) drawn",
                fixed = TRUE)
  again <- unserialize(serialize(fit, NULL))
  again$objective$resampled <- NULL
  expect_identical(vcov(again), vcov(fit))
  # The settings of another type are not taken over.
  clustered <- update(logit, vcov = ~ g)
  expect_identical(vcov(clustered, "bootstrap", R = 9, seed = 1),
                   vcov(bootstrap(logit, R = 9, seed = 1)))
})

test_that("contributions of groups are resampled as groups", {
  d <- data.frame(z = logit_data$x, logit_data[c("g", "y")])
  loglik <- function(a, sigma) {
    integrate_normal(function(u) {
      dbinom(y, 1, plogis(a + z + sigma * u), log = TRUE)
    }, g, method = "gauss-hermite")
  }
  start <- list(a = 0, sigma = positive(0.5))
  fit <- mle_fit(loglik, start, data = as.list(d))
  x <- bootstrap(fit, R = 3, seed = 1)
  expect_identical(x$units$count, 20L)
  for (r in 1:3) {
    w <- drawn(x, r)
    rows <- unlist(lapply(rep(1:20, w), function(j) which(d$g == j)))
    again <- d[rows, ]
    again$g <- rep(seq_len(sum(w)), each = 10)
    expect_equal(x$t[r, ], coef(mle_fit(loglik, start, data = as.list(again))),
                 tolerance = 1e-6)
  }
})

test_that("one step says nothing about a parameter on its boundary", {
  fit <- suppressWarnings(mle_fit(
    function(a, s) dnorm(c(1, 1.1, 2), a, 1 + s, log = TRUE),
    start = list(a = 1, s = positive(0.1))
  ))
  for (type in c("score", "wild")) {
    made <- vcov(bootstrap(fit, R = 9, method = type, seed = 1))
    expect_identical(is.na(diag(made)), c(a = FALSE, s = TRUE))
  }
  expect_identical(is.na(diag(vcov(fit, "jackknife"))),
                   c(a = FALSE, s = TRUE))
})

test_that("a response that cannot be simulated is an error", {
  d <- data.frame(set = rep(1:4, each = 2), x = c(1, 2, 4, 3, 2, 5, 3, 1),
                  chosen = c(1, 0, 1, 0, 1, 0, 1, 0))
  fit <- mle_fit(chosen ~ dconditional(eta, set), eta ~ 0 + x, data = d)
  expect_error(bootstrap(fit, R = 3, method = "parametric"),
               class = "admle_error_unsupported")
})

test_that("a bootstrap prints and is summarised", {
  x <- bootstrap(logit, R = 99, cluster = ~ g, seed = 1)
  expect_snapshot({
    x
    summary(x)
    bootstrap(logit, R = 99, method = "wild", multipliers = "webb", seed = 1)
  })
  expect_identical(coef(x), coef(logit))
  expect_equal(vcov(logit, "bootstrap", R = 99, cluster = ~ g, seed = 1),
               cov(x$t))
})

test_that("what cannot be resampled is refused", {
  banana <- mle_fit(function(a, b) -(a - 1)^2 - 100 * (b - a^2)^2,
                    start = list(a = 0, b = 0))
  expect_error(bootstrap(banana), class = "admle_error_unsupported")
  expect_snapshot(error = TRUE, {
    bootstrap(logit, method = "cluster")
    bootstrap(logit, method = "parametric", cluster = ~ g)
    bootstrap(logit, R = 1)
    bootstrap(logit, R = 9, max_failed = "none")
    bootstrap(lm(dist ~ speed, cars))
    confint(bootstrap(logit, R = 9, method = "parametric"), type = "bca")
    bootstrap(update(logit, bias = "firth"), R = 9)
    bootstrap(mle_fit(function(mu, t) dnorm(speed, mu, t, log = TRUE),
                      list(t = 3), data = cars, after = cars_fit), R = 9)
    bootstrap(logit, cluster = ~ g + x)
  })
})

test_that("BCa limits that do not exist are NA with a warning", {
  x <- bootstrap(logit, R = 20, method = "score", seed = 1)
  x$t <- abs(x$t) + 100
  expect_warning(limits <- confint(x, type = "bca"), "one side",
                 class = "admle_warning_bootstrap")
  expect_true(all(is.na(limits)))
})
