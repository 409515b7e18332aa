# Clustered covariances against sandwich::vcovCL() of an equivalent glm() or
# lm(), for the formula and the function form, and against their definition.

tolerance <- 1e-10

clustered_data <- function() {
  i <- seq_len(240)
  firm <- (i * 7L) %% 24L + 1L
  year <- i %% 10L + 1L
  x <- sin(i) + cos(firm)
  data.frame(
    y = c(0, 1, 1, 2, 3, 5, 0, 4)[(i * i + firm) %% 8L + 1L],
    z = 1 + x / 2 + sin(3 * firm) + cos(5 * year) / 2 + sin(i^2),
    x = x, firm = firm, year = letters[year], w = 1 + i %% 3
  )
}
# The covariance of glm() is that of the last iteration but one: it starts again
# from its result.
converged_glm <- function(formula, family, data, weights = NULL) {
  data$.weights <- if (is.null(weights)) 1 else weights
  first <- glm(formula, family, data, weights = .weights)
  for (i in 1:2) {
    first <- glm(formula, family, data, weights = .weights, start = coef(first),
                 control = list(epsilon = 1e-15, maxit = 50))
  }
  first
}
count_models <- function(d = clustered_data()) {
  list(
    reference = converged_glm(y ~ x, poisson, d),
    formula = mle_fit(y ~ x, data = d, family = poisson),
    fn = mle_fit(function(b0, b1) dpois(y, exp(b0 + b1 * x), log = TRUE),
                 list(b0 = 0, b1 = 0), d)
  )
}

test_that("one way and two ways equal vcovCL() of glm()", {
  skip_if_not_installed("sandwich")
  d <- clustered_data()
  m <- count_models(d)
  for (fit in m[c("formula", "fn")]) {
    for (clusters in list(~firm, ~firm + year)) {
      given <- d[all.vars(clusters)]
      expect_equal(
        vcov(fit, cluster = clusters),
        sandwich::vcovCL(m$reference, given), tolerance = tolerance,
        ignore_attr = TRUE
      )
      expect_equal(
        vcov(fit, cluster = clusters, adjust = TRUE),
        sandwich::vcovCL(m$reference, given, type = "HC1"),
        tolerance = tolerance, ignore_attr = TRUE
      )
      expect_equal(
        vcov(fit, cluster = clusters, cadjust = FALSE),
        sandwich::vcovCL(m$reference, given, cadjust = FALSE),
        tolerance = tolerance, ignore_attr = TRUE
      )
    }
  }
})

test_that("three ways equal vcovCL()", {
  skip_if_not_installed("sandwich")
  d <- transform(clustered_data(), third = seq_along(x) %% 17)
  m <- count_models(d)
  expect_equal(
    vcov(m$formula, cluster = ~firm + year + third, fix = FALSE),
    sandwich::vcovCL(m$reference, d[c("firm", "year", "third")]),
    tolerance = tolerance, ignore_attr = TRUE
  )
})

test_that("a linear model has the factors of Stata's regression", {
  skip_if_not_installed("sandwich")
  d <- clustered_data()
  reference <- lm(z ~ x, d)
  fit <- mle_fit(z ~ x, data = d, vcov = ~firm, adjust = TRUE)
  # The default of vcovCL() for lm() is G / (G - 1) and (n - 1) / (n - k).
  expect_equal(vcov(fit)[1:2, 1:2], sandwich::vcovCL(reference, ~firm),
               tolerance = tolerance, ignore_attr = TRUE)
  expect_identical(df.residual(fit), 23)
  expect_identical(colnames(coef(summary(fit)))[[3L]], "t value")
  expect_equal(vcov(fit, "HC1", adjust = FALSE)[1:2, 1:2],
               sandwich::vcovHC(reference, "HC1"), tolerance = tolerance,
               ignore_attr = TRUE)
})

test_that("Stata's formulas, written out", {
  d <- clustered_data()
  fit <- count_models(d)$formula
  X <- model.matrix(fit)
  scores <- (d$y - fitted(fit)) * X
  bread <- solve(crossprod(X, fitted(fit) * X))
  sums <- rowsum(scores, d$firm)
  expect_equal(vcov(fit, "cluster", cluster = d$firm),
               24 / 23 * bread %*% crossprod(sums) %*% bread,
               tolerance = 1e-9, ignore_attr = TRUE)
  # vce(robust) of likelihood models: n / (n - 1).
  expect_equal(vcov(fit, cluster = seq_len(240)),
               240 / 239 * bread %*% crossprod(scores) %*% bread,
               tolerance = 1e-9, ignore_attr = TRUE)
})

test_that("the smallest number of clusters for all terms", {
  d <- clustered_data()
  fit <- count_models(d)$formula
  by <- function(clusters) {
    vcov(fit, cluster = clusters, cadjust = FALSE)
  }
  expect_equal(
    vcov(fit, cluster = ~firm + year, cadjust = "min", fix = FALSE),
    10 / 9 * (by(~firm) + by(~year) - by(~firm:year)), tolerance = 1e-12
  )
})

test_that("clusters may be given in any way", {
  d <- clustered_data()
  fit <- count_models(d)$formula
  one <- vcov(fit, cluster = ~firm)
  firm <- d$firm
  for (given in list("firm", d$firm, factor(d$firm), list(f = d$firm),
                     d["firm"], as.matrix(d["firm"]))) {
    expect_identical(vcov(fit, cluster = given), one)
  }
  expect_identical(vcov(fit, ~firm), one)
  expect_identical(vcov(fit, "cluster firm"), one)
  expect_identical(vcov(fit, "robust", cluster = ~firm), one)
  expect_identical(vcov(fit, vcov_spec("cluster", cluster = ~firm)), one)
  two <- vcov(fit, cluster = ~firm + year)
  expect_identical(vcov(fit, cluster = d[c("firm", "year")]), two)
  expect_identical(vcov(fit, cluster = c("firm", "year")), two)
})

test_that("a fit's own clusters are used by everything downstream", {
  skip_if_not_installed("sandwich")
  skip_if_not_installed("lmtest")
  d <- clustered_data()
  plain <- count_models(d)$formula
  robust <- vcov(plain, cluster = ~firm)
  fits <- list(
    mle_fit(y ~ x, data = d, family = poisson, vcov = ~firm),
    mle_fit(y ~ x, data = d, family = poisson, vce = "cluster", cluster = firm),
    mle_fit(y ~ x, data = d, family = poisson, vce = "cluster firm"),
    mle_fit(y ~ x, data = d, family = poisson, cluster = ~firm)
  )
  for (fit in fits) {
    expect_identical(vcov(fit), robust)
    expect_identical(fit$vcov_type, "cluster")
    expect_identical(fit$covariance$type, "cluster")
  }
  fit <- fits[[1L]]
  expect_identical(summary(fit)$vcov, robust)
  expect_identical(summary(plain, vcov = ~firm)$vcov, robust)
  expect_identical(confint(fit), confint(plain, vcov = ~firm))
  expect_identical(predict(fit, se.fit = TRUE),
                   predict(plain, se.fit = TRUE, vcov = ~firm))
  expect_equal(lmtest::coeftest(fit)[, 2L], sqrt(diag(robust)),
               tolerance = 1e-14)
  # sandwich finds the clusters and a bread that is not robust.
  expect_equal(sandwich::vcovCL(fit), robust, tolerance = 1e-12)
  expect_identical(sandwich::bread(fit), sandwich::bread(plain))
  expect_identical(vcov(update(fit, vcov = "hessian")), vcov(plain))
  path <- tempfile(fileext = ".rds")
  saveRDS(fit, path)
  expect_identical(vcov(readRDS(path)), robust)
})

test_that("clusters are those of the rows in use", {
  skip_if_not_installed("sandwich")
  d <- clustered_data()
  d$x[c(3, 50)] <- NA
  used <- setdiff(which(d$w > 1), c(3, 50))
  reference <- converged_glm(y ~ x, poisson, d[used, ])
  expected <- sandwich::vcovCL(reference, d$firm[used])
  fit <- mle_fit(y ~ x, data = d, family = poisson, subset = w > 1)
  fn <- mle_fit(function(b0, b1) dpois(y, exp(b0 + b1 * x), log = TRUE),
                list(b0 = 0, b1 = 0), d, subset = w > 1, na.action = na.omit)
  for (fit in list(fit, fn)) {
    for (given in list(~firm, d$firm, d$firm[used])) {
      expect_equal(vcov(fit, cluster = given), expected, tolerance = tolerance,
                   ignore_attr = TRUE)
    }
  }
  # Rows that repeat, as many as there are in the data.
  d <- clustered_data()
  rows <- rep(seq(1, 239, 2), 2)
  again <- mle_fit(y ~ x, data = d, family = poisson, subset = rows,
                   cluster = firm)
  reference <- converged_glm(y ~ x, poisson, d[rows, ])
  expect_equal(vcov(again), sandwich::vcovCL(reference, d$firm[rows]),
               tolerance = tolerance, ignore_attr = TRUE)
})

test_that("weights multiply the scores, and a weight of zero is no row", {
  skip_if_not_installed("sandwich")
  d <- clustered_data()
  reference <- converged_glm(y ~ x, poisson, d, d$w)
  fit <- mle_fit(y ~ x, data = d, family = poisson, weights = w)
  expect_equal(vcov(fit, cluster = ~firm), sandwich::vcovCL(reference, d$firm),
               tolerance = tolerance, ignore_attr = TRUE)
  some <- mle_fit(y ~ x, data = d, family = poisson, weights = +(w > 1),
                  vcov = ~firm, adjust = TRUE)
  without <- mle_fit(y ~ x, data = d[d$w > 1, ], family = poisson,
                     vcov = ~firm, adjust = TRUE)
  expect_equal(vcov(some), vcov(without), tolerance = 1e-10)
  expect_identical(df.residual(some), df.residual(without))
})

test_that("a matrix of two ways that is indefinite is made semi-definite", {
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  raw <- suppressWarnings(vcov(fit, cluster = ~cyl + gear, fix = FALSE))
  expect_lt(min(eigen(raw)$values), 0)
  fixed <- suppressWarnings(vcov(fit, cluster = ~cyl + gear))
  units <- sqrt(diag(vcov(fit)))
  values <- eigen(fixed / outer(units, units), symmetric = TRUE)$values
  expect_gt(min(values), -1e-12 * max(values))
  # The same in other units of a variable.
  small <- mle_fit(am ~ wt + I(hp / 1000), data = mtcars, family = binomial)
  again <- suppressWarnings(vcov(small, cluster = ~cyl + gear))
  expect_equal(again / outer(c(1, 1, 1000), c(1, 1, 1000)), fixed,
               tolerance = 1e-6, ignore_attr = TRUE)
  expect_output(
    print(suppressWarnings(summary(fit, vcov = ~cyl + gear))),
    "1 negative eigenvalue\\s+set to"
  )
})

test_that("declared parameters, constraints and boundaries", {
  d <- clustered_data()
  log_scale <- mle_fit(function(m, s) dnorm(z, m, exp(s), log = TRUE),
                       list(m = 0, s = 0), d)
  natural <- mle_fit(function(m, s) dnorm(z, m, s, log = TRUE),
                     list(m = 0, s = positive(1)), d)
  slope <- diag(c(1, exp(coef(log_scale)[["s"]])))
  expect_equal(vcov(natural, cluster = ~firm),
               slope %*% vcov(log_scale, cluster = ~firm) %*% slope,
               tolerance = 1e-7, ignore_attr = TRUE)
  tied <- mle_fit(z ~ x + w, data = d, constraints = "x = 0.5")
  free <- mle_fit(I(z - x / 2) ~ w, data = d)
  expect_equal(
    vcov(tied, cluster = ~firm)[c(1, 3, 4), c(1, 3, 4)],
    vcov(free, cluster = ~firm), tolerance = 1e-7, ignore_attr = TRUE
  )
  expect_identical(unname(vcov(tied, cluster = ~firm)["x", ]), rep(0, 4))
})

rank_of <- function(covariance) {
  units <- sqrt(diag(covariance))
  qr(covariance / outer(units, units), tol = 1e-9)$rank
}

test_that("G clusters have rank G - 1, which is said where it is too little", {
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  for (clusters in list(mtcars$vs, mtcars$cyl)) {
    G <- length(unique(clusters))
    made <- suppressWarnings(vcov(fit, cluster = clusters))
    expect_identical(rank_of(made), G - 1L)
    expect_warning(
      vcov(fit, cluster = clusters),
      sprintf("no more clusters of `cluster` (%d) than parameters (3): %s %d",
              G, "the covariance is singular, of rank", G - 1L),
      fixed = TRUE, class = "admle_warning_clusters"
    )
  }
  expect_silent(made <- vcov(fit, cluster = mtcars$carb))
  expect_identical(rank_of(made), 3L)
  expect_output(print(suppressWarnings(summary(fit, vcov = ~cyl))),
                "(3 clusters, no more than the 3", fixed = TRUE)
  expect_warning(vcov(fit, cluster = ~cyl + carb), "is not reliable",
                 class = "admle_warning_clusters")
})

test_that("few periods or clusters that are left out are said, too", {
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  few <- "admle_warning_clusters"
  expect_warning(made <- vcov(fit, "driscoll-kraay", time = ~cyl, lag = 1),
                 "no more periods of `cyl` (3)", fixed = TRUE, class = few)
  expect_identical(rank_of(made), 2L)
  expect_warning(made <- vcov(fit, "jackknife", cluster = ~cyl),
                 "no more clusters of `cyl` (3)", fixed = TRUE, class = few)
  expect_identical(rank_of(made), 2L)
})

test_that("a type without clusters says which have them", {
  fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
  expect_snapshot(error = TRUE, {
    vcov(fit, "HC1", cluster = ~carb)
    vcov(fit, "opg", cluster = ~carb)
  })
})

test_that("a choice among several rows is in one cluster", {
  set.seed(8)
  d <- data.frame(set = rep(40:1, each = 3), price = rexp(120))
  utility <- -d$price - log(rexp(120))
  d$chosen <- as.numeric(ave(utility, d$set, FUN = max) == utility)
  d$person <- (d$set - 1) %/% 4
  fit <- mle_fit(chosen ~ dconditional(eta, set), eta ~ 0 + price, data = d,
                 subset = set > 8)
  probability <- exp(coef(fit) * d$price)
  probability <- probability / ave(probability, d$set, FUN = sum)
  score <- (d$chosen - probability) * d$price
  sums <- rowsum(score[d$set > 8], d$person[d$set > 8])
  expected <- vcov(fit)^2 * sum(sums^2) * 8 / 7
  expect_equal(vcov(fit, cluster = ~person), expected, tolerance = 1e-8)
  expect_equal(vcov(fit, cluster = d$person[d$set > 8]), expected,
               tolerance = 1e-8)
  expect_equal(vcov(fit, cluster = (39:8) %/% 4), expected, tolerance = 1e-8)
  expect_identical(bootstrap(fit, R = 2, method = "score", seed = 1,
                             cluster = ~person)$units$count, 8L)
  expect_identical(names(cooks.distance(fit)), as.character(40:9))
  expect_error(
    vcov(fit, cluster = ~price), "`price` differs between the rows",
    class = "admle_error_argument"
  )
})

test_that("a value for each row of a group is refused with the reason", {
  fit <- mle_fit(
    function(m) rowsum(dnorm(weight, m, 70, log = TRUE), c(Chick)),
    start = list(m = 100), data = as.list(ChickWeight)
  )
  expect_error(vcov(fit, cluster = ~Diet), "of several rows",
               class = "admle_error_argument")
})
