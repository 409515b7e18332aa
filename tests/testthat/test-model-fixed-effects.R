# Absorbed effects of groups against models with a column for each group.

panel_data <- function(groups = 25, times = 6, seed = 1) {
  set.seed(seed)
  d <- expand.grid(time = seq_len(times), firm = seq_len(groups))
  d$x <- rnorm(nrow(d)) + d$firm / groups
  d$z <- rnorm(nrow(d))
  d$w <- rep(1:3, length.out = nrow(d))
  d$a <- rnorm(groups, sd = 0.6)[d$firm]
  d$count <- rpois(nrow(d), exp(0.4 * d$x - 0.3 * d$z + d$a + 0.05 * d$time))
  d$count[d$firm == 3] <- 0
  d$event <- as.numeric(0.5 * d$x + d$a + rlogis(nrow(d)) > 0.2)
  d$event[d$firm == 4] <- 0
  d$event[d$firm == 9] <- 1
  d$y <- d$x + d$a + rnorm(nrow(d), sd = exp(0.1 * d$z))
  d$firm <- paste0("f", d$firm)
  d
}

quietly <- function(fit) suppressMessages(fit)
tight <- glm.control(epsilon = 1e-14, maxit = 100)

expect_same <- function(fit, full, tolerance = 1e-8) {
  names <- intersect(names(coef(fit)), names(coef(full)))
  expect_gt(length(names), 0)
  expect_equal(coef(fit)[names], coef(full)[names], tolerance = tolerance)
  expect_equal(vcov(fit)[names, names], vcov(full)[names, names],
               tolerance = tolerance)
}

test_that("Poisson with one and two effects is glm() with dummies", {
  d <- panel_data()
  used <- d[d$firm != "f3", ]
  fit <- quietly(mle_fit(count ~ x + z | firm, data = d, family = poisson))
  full <- glm(count ~ x + z + firm, data = used, family = poisson,
              control = tight)
  expect_named(coef(fit), c("x", "z"))
  expect_same(fit, full)
  expect_equal(logLik(fit), logLik(full), tolerance = 1e-12,
               ignore_attr = c("nobs", "class"))
  expect_equal(AIC(fit), AIC(full), tolerance = 1e-12)
  expect_equal(BIC(fit), BIC(full), tolerance = 1e-12)
  expect_equal(fitted(fit), fitted(full), tolerance = 1e-8)
  effects <- fixef(fit)$firm
  expect_equal(effects - effects[["f1"]], c(
    0, coef(full)[paste0("firm", names(effects)[-1])]
  ), tolerance = 1e-7, ignore_attr = "names")

  fit <- quietly(mle_fit(count ~ x + z | firm + time, data = d,
                         family = poisson))
  full <- glm(count ~ x + z + firm + factor(time), data = used,
              family = poisson, control = tight)
  expect_same(fit, full)
  expect_equal(attr(logLik(fit), "df"), attr(logLik(full), "df"))
  expect_equal(AIC(fit), AIC(full), tolerance = 1e-12)
  expect_equal(fitted(fit), fitted(full), tolerance = 1e-8)
  expect_identical(lengths(fixef(fit)), c(firm = 24L, time = 6L))
  expect_identical(fixef(fit)$time[[1]], 0)
})

test_that("binary models drop groups without variation, and list them", {
  d <- panel_data()
  expect_message(
    fit <- mle_fit(event ~ x + z | firm, data = d, family = binomial),
    "without information"
  )
  used <- d[!d$firm %in% names(which(tapply(d$event, d$firm, var) == 0)), ]
  full <- glm(event ~ x + z + firm, data = used, family = binomial,
              control = tight)
  expect_same(fit, full)
  expect_equal(nobs(fit), nrow(used))
  expect_equal(nrow(fit$dropped), nrow(d) - nrow(used))
  expect_true(all(c("f4", "f9") %in% fit$dropped$level))
  padded <- quietly(update(fit, na.action = na.exclude))
  expect_length(residuals(padded), nrow(d))
  expect_setequal(fit$dropped$reason, c("all responses are 0",
                                        "all responses are at their largest"))
  # As a density, with another link.
  fit <- quietly(mle_fit(event ~ dbinom(1, p), probit(p) ~ x + z | firm,
                         data = d))
  full <- glm(event ~ x + z + firm, data = used, family = binomial("probit"),
              control = tight)
  expect_equal(coef(fit), coef(full)[c("x", "z")], tolerance = 1e-7)
  expect_equal(nobs(fit), nrow(used))
})

test_that("what is dropped leaves other groups without information", {
  d <- data.frame(
    y = c(0, 1, 0, 0, 1, rep(c(0, 1, 1, 0, 1, 0, 1, 0), 2)),
    x = c(3, 1, 2, 5, 4, sin(1:16)),
    g = c(1, 1, 2, 2, 2, rep(3:4, each = 8)),
    h = c(1, 2, 1, 1, 2, rep(3:4, 8))
  )
  fit <- quietly(mle_fit(y ~ x | g + h, data = d, family = binomial))
  expect_identical(sort(as.integer(fit$dropped$row)), 1:5)
})

test_that("linear models are lm() with dummies", {
  d <- panel_data()
  fit <- mle_fit(y ~ x + z | firm + time, data = d, adjust = TRUE)
  full <- lm(y ~ x + z + firm + factor(time), data = d)
  expect_same(fit, full)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(full)),
               tolerance = 1e-12)
  expect_equal(residuals(fit), residuals(full), tolerance = 1e-8)
  expect_equal(df.residual(fit), df.residual(full))
  fit <- mle_fit(y ~ x + z | firm, data = d, weights = w, offset = z)
  full <- lm(y ~ x + z + firm, data = d, weights = w, offset = z)
  expect_equal(coef(fit)[1:2], coef(full)[c("x", "z")], tolerance = 1e-8)
})

test_that("interactions, several components and several effects work", {
  d <- panel_data()
  d$half <- d$time > 3
  fit <- quietly(mle_fit(count ~ x + z | firm^half, data = d,
                         family = poisson))
  d$both <- paste(d$firm, d$half)
  full <- glm(count ~ x + z + both, family = poisson, control = tight,
              data = d[ave(d$count, d$both, FUN = sum) > 0, ])
  expect_equal(coef(fit), coef(full)[c("x", "z")], tolerance = 1e-7)
  d$kind <- sample(c("a", "b", "c"), nrow(d), replace = TRUE)
  fit <- mle_fit(y ~ x | firm + time + kind, data = d)
  full <- lm(y ~ x + firm + factor(time) + kind, data = d)
  expect_equal(coef(fit)[["x"]], coef(full)[["x"]], tolerance = 1e-8)
  expect_equal(attr(logLik(fit), "df"), attr(logLik(full), "df"))
  fit <- mle_fit(y ~ dnorm(mu, s), mu ~ x | firm, log(s) ~ z | time, data = d)
  full <- mle_fit(y ~ dnorm(mu, s), mu ~ x + firm, log(s) ~ z + factor(time),
                  data = d)
  names <- c("x", "s_z")
  expect_equal(coef(fit)[names], coef(full)[names], tolerance = 1e-6)
  expect_equal(vcov(fit)[names, names], vcov(full)[names, names],
               tolerance = 1e-5)
  expect_named(fixef(fit), c("mu: firm", "s: time"))
})

test_that("components that nothing connects have a reference each", {
  d <- panel_data()
  d$year <- d$time + 10 * (as.integer(factor(d$firm)) > 12)
  fit <- mle_fit(y ~ x | firm + year, data = d)
  full <- lm(y ~ x + firm + factor(year), data = d)
  expect_equal(coef(fit)[["x"]], coef(full)[["x"]], tolerance = 1e-8)
  expect_equal(attr(logLik(fit), "df"), attr(logLik(full), "df"))
  expect_equal(sum(fixef(fit)$year == 0), 2)
})

test_that("weights enter the search for the effects", {
  d <- panel_data()
  fit <- quietly(mle_fit(count ~ x | firm, data = d, family = poisson,
                         weights = w))
  full <- glm(count ~ x + firm, data = d[d$firm != "f3", ], family = poisson,
              weights = w, control = tight)
  expect_same(fit, full)
  rows <- rep(seq_len(nrow(d)), d$w)
  byhand <- quietly(mle_fit(count ~ x | firm, data = d[rows, ],
                            family = poisson))
  expect_equal(coef(fit), coef(byhand), tolerance = 1e-10)
  d$w[d$firm == "f5"] <- 0
  fit <- quietly(mle_fit(count ~ x | firm, data = d, family = poisson,
                         weights = w))
  expect_true("all weights are zero" %in% fit$dropped$reason)
  expect_equal(coef(fit), coef(quietly(update(fit, subset = w > 0))),
               tolerance = 1e-10)
  # In a function too.
  d <- d[!d$firm %in% c("f3", "f5"), ]
  d$g <- as.integer(factor(d$firm))
  by_function <- mle_fit(function(b, a) {
    dpois(count, exp(b * x + a[g]), log = TRUE)
  }, list(b = 0, a = numeric(23)), data = d, weights = w, absorb = "a")
  expect_equal(coef(by_function), coef(fit), tolerance = 1e-8,
               ignore_attr = "names")
  expect_equal(AIC(by_function), AIC(fit), tolerance = 1e-10)
})

test_that("clustered covariances are those of the model with dummies", {
  skip_if_not_installed("sandwich")
  d <- panel_data()
  used <- d[d$firm != "f3", ]
  fit <- quietly(mle_fit(count ~ x + z | firm, data = d, family = poisson))
  full <- glm(count ~ x + z + firm, data = used, family = poisson,
              control = tight)
  expected <- sandwich::vcovCL(full, used$firm, type = "HC0")
  names <- names(coef(fit))
  expect_equal(vcov(fit, cluster = ~ firm), expected[names, names],
               tolerance = 1e-7)
  expect_equal(vcov(fit, "sandwich"),
               sandwich::sandwich(full)[names, names],
               tolerance = 1e-7)
})

test_that("regressors that do not vary within groups are aliased", {
  d <- panel_data()
  d$size <- nchar(d$firm) + as.integer(factor(d$firm))
  expect_message(fit <- mle_fit(y ~ x + size | firm, data = d),
                 "`size` of `mu`: not defined, because it does not vary")
  expect_true(is.na(coef(fit)[["size"]]))
  expect_equal(coef(fit)[["x"]],
               coef(lm(y ~ x + firm, data = d))[["x"]], tolerance = 1e-8)
})

test_that("predictions are with the effects; new levels are errors", {
  d <- panel_data()
  fit <- mle_fit(y ~ x + z | firm, data = d)
  full <- lm(y ~ x + z + firm, data = d)
  new <- d[c(3, 40, 77), ]
  new$x <- 0.3
  expect_equal(predict(fit, new), predict(full, new), tolerance = 1e-8)
  new$firm[2] <- "g99"
  expect_error(predict(fit, new), "g99")
  expect_equal(dim(simulate(fit, 2, seed = 1)), c(nrow(d), 2L))
})

test_that("what cannot be meant is an error that says so", {
  d <- panel_data()
  d$one <- "a"
  d$row <- seq_len(nrow(d))
  d$gap <- replace(d$firm, 5, NA)
  expect_error(mle_fit(y ~ x | firm | time, data = d), "more than two parts")
  expect_error(mle_fit(y ~ x | firm + firm, data = d), "twice")
  expect_error(mle_fit(y ~ x | one, data = d), "one level")
  expect_error(mle_fit(y ~ x | row, data = d), "exhaust")
  expect_error(mle_fit(y ~ x | time + I(time > 3), data = d), "determined")
  expect_error(mle_fit(y ~ x | nothing, data = d), "nothing")
  expect_error(mle_fit(y ~ x | firm[time], data = d), "no effect of groups")
  expect_error(mle_fit(count ~ dpois(mu) | firm, log(mu) ~ x, data = d),
               "formula of a parameter")
  expect_error(quietly(mle_fit(count ~ 1 | firm, data = d, family = poisson)),
               "besides the absorbed")
  expect_error(mle_fit(y ~ x | firm, data = d, bias = "firth"), "Bias")
  fit <- mle_fit(y ~ x | gap, data = d)
  expect_equal(nobs(fit), nrow(d) - 1)
  expect_error(mle_fit(y ~ x | gap, data = d, na.action = na.pass), "missing")
})

test_that("the fit says what was absorbed and survives saving", {
  d <- panel_data()
  fit <- mle_fit(y ~ x | firm + time, data = d)
  out <- capture.output(print(fit))
  expect_true(any(grepl("Absorbed effects: firm (25), time (6)", out,
                        fixed = TRUE)))
  file <- tempfile()
  saveRDS(fit, file)
  again <- readRDS(file)
  expect_equal(vcov(again, "sandwich"), vcov(fit, "sandwich"))
  changed <- update(fit, . ~ . + z)
  expect_named(coef(changed), c("x", "z", "sigma"))
  expect_named(fixef(changed), c("firm", "time"))
})

test_that("standard errors of predictions and margins include the effects'", {
  d <- panel_data()
  used <- d[d$firm != "f3", ]
  fit <- quietly(mle_fit(count ~ x + z | firm + time, data = d,
                         family = poisson))
  full <- mle_fit(count ~ x + z + firm + factor(time), data = used,
                  family = poisson)
  new <- used[c(2, 50, 101), ]
  for (type in c("link", "response")) {
    expect_equal(predict(fit, new, type = type, se.fit = TRUE),
                 predict(full, new, type = type, se.fit = TRUE),
                 tolerance = 1e-6)
  }
  expect_equal(margins(fit, c("x", "z")), margins(full, c("x", "z")),
               tolerance = 1e-6, ignore_attr = TRUE)
  expect_equal(attr(margins(fit, c("x", "z")), "vcov"),
               attr(margins(full, c("x", "z")), "vcov"), tolerance = 1e-6)
  weighted <- quietly(mle_fit(event ~ x + z | firm, data = d,
                              family = binomial))
  keep <- setdiff(seq_len(nrow(d)), as.integer(weighted$dropped$row))
  full <- mle_fit(event ~ x + z + firm, data = d[keep, ], family = binomial)
  expect_equal(margins(weighted), margins(full, c("x", "z")),
               tolerance = 1e-6, ignore_attr = TRUE)
})

test_that("effects work with what else a fit may be asked for", {
  d <- panel_data()
  d <- d[d$firm != "f3", ]
  formula <- count ~ x + z | firm
  dummies <- count ~ x + z + firm
  same <- function(...) {
    fit <- mle_fit(formula, data = d, family = poisson, ...)
    full <- mle_fit(dummies, data = d, family = poisson, ...)
    names <- names(coef(fit))
    expect_equal(coef(fit), coef(full)[names], tolerance = 1e-7)
    expect_equal(vcov(fit), vcov(full)[names, names], tolerance = 1e-6,
                 ignore_attr = TRUE)
  }
  same(subset = time > 1)
  same(offset = z / 2)
  same(fixed = list(z = 0.1))
  same(constraints = "x + z = 0.2")
  suppressWarnings(same(vcov = ~ time))
  first <- mle_fit(function(g) dnorm(z, g, 1, log = TRUE), list(g = 0),
                   data = d)
  fit <- mle_fit(count ~ dpois(mu + g^2), log(mu) ~ x | firm, data = d,
                 after = first)
  full <- mle_fit(count ~ dpois(mu + g^2), log(mu) ~ x + firm, data = d,
                  after = first)
  expect_equal(coef(fit)[["x"]], coef(full)[["x"]], tolerance = 1e-6)
  expect_equal(vcov(fit)["x", "x"], vcov(full)["x", "x"], tolerance = 1e-5)
  fit <- mle_fit(formula, data = d, family = poisson)
  full <- mle_fit(dummies, data = d, family = poisson)
  expect_equal(residuals(fit, "pearson"), residuals(full, "pearson"),
               tolerance = 1e-6)
  expect_equal(residuals(fit, "score"), residuals(full, "score"),
               tolerance = 1e-6)
  expect_equal(confint(fit, "x", method = "profile"),
               confint(full, "x", method = "profile"), tolerance = 1e-5)
  less <- mle_fit(count ~ x | firm, data = d, family = poisson)
  less_full <- mle_fit(count ~ x + firm, data = d, family = poisson)
  expect_equal(lr_test(less, fit)$statistic,
               lr_test(less_full, full)$statistic, tolerance = 1e-7)
})

test_that("ordered, Tobit and negative binomial models have effects", {
  d <- panel_data(groups = 12, times = 10)
  d$level <- cut(d$y, c(-Inf, 0, 1, Inf), labels = c("low", "mid", "high"),
                 ordered_result = TRUE)
  d$tobit <- pmax(d$y, 0)
  pairs <- list(
    list(level ~ dordered(eta, cut), eta ~ x | firm, eta ~ x + firm),
    list(tobit ~ censored(dnorm(mu, sigma), lower = 0), mu ~ x | firm,
         mu ~ x + firm),
    list(count ~ dnbinom(size, mu = mu), log(mu) ~ x | firm,
         log(mu) ~ x + firm)
  )
  d <- d[d$firm != "f3", ]
  for (pair in pairs) {
    fit <- quietly(mle_fit(pair[[1]], pair[[2]], data = d))
    full <- quietly(mle_fit(pair[[1]], pair[[3]], data = d))
    expect_equal(coef(fit)[["x"]], coef(full)[["x"]], tolerance = 1e-6)
    expect_equal(vcov(fit)["x", "x"], vcov(full)["x", "x"], tolerance = 1e-5)
    expect_equal(AIC(fit), AIC(full), tolerance = 1e-9)
  }
})

test_that("weightings of the fit search for the effects again", {
  d <- panel_data(groups = 8)
  d <- d[d$firm != "f3", ]
  fit <- mle_fit(count ~ x | firm, data = d, family = poisson)
  left_out <- vapply(unique(d$firm), function(firm) {
    coef(mle_fit(count ~ x | firm, data = d[d$firm != firm, ],
                 family = poisson))
  }, 0)
  expected <- sum((left_out - mean(left_out))^2) * 6 / 7
  made <- vcov(fit, "jackknife", cluster = ~ firm, exact = TRUE)
  expect_equal(made[[1]], expected, tolerance = 1e-6)
  set.seed(1)
  made <- suppressWarnings(bootstrap(fit, 20, cluster = ~ firm))
  expect_equal(sum(is.na(made$replicates)), 0)
})

test_that("effects that run off without being left out are told", {
  d <- panel_data(groups = 12)
  d$tobit <- pmax(d$y + 2, 0)
  d$tobit[d$firm == "f3"] <- 0
  expect_warning(
    fit <- mle_fit(tobit ~ censored(dnorm(mu, s), lower = 0), mu ~ x | firm,
                   data = d), "The effect of `firm` f3 runs to infinity"
  )
  d <- d[d$firm != "f3", ]
  expect_no_warning(
    less <- mle_fit(tobit ~ censored(dnorm(mu, s), lower = 0), mu ~ x | firm,
                    data = d)
  )
  expect_equal(coef(fit), coef(less), tolerance = 1e-6)
})

test_that("a likelihood written as a function counts and returns its effects", {
  d <- panel_data(groups = 10)
  d$g <- as.integer(factor(d$firm))
  fit <- mle_fit(function(b, s, alpha) {
    dnorm(y, b * x + alpha[g], s, log = TRUE)
  }, list(b = 0, s = positive(1), alpha = numeric(10)), data = d,
  absorb = "alpha")
  full <- lm(y ~ 0 + x + firm, data = d)
  expect_equal(AIC(fit), AIC(full), tolerance = 1e-10)
  expect_equal(fixef(fit)$alpha, unname(coef(full)[-1]), tolerance = 1e-8)
  expect_equal(predict(fit, ~ b * x + alpha[g]), unname(fitted(full)),
               tolerance = 1e-8)
})

test_that("weights take part in errors of predictions", {
  fit <- mle_fit(breaks ~ tension | wool, data = warpbreaks, family = poisson,
                 weights = rep(1:2, 27))
  glm <- glm(breaks ~ tension + wool, poisson, warpbreaks,
             weights = rep(1:2, 27), control = tight)
  new <- warpbreaks[c(1, 30), ]
  own <- predict(fit, new, se.fit = TRUE)
  theirs <- predict(glm, new, type = "response", se.fit = TRUE)
  expect_equal(unname(own$fit), unname(theirs$fit), tolerance = 1e-7)
  expect_equal(unname(own$se.fit), unname(theirs$se.fit), tolerance = 1e-6)
  expect_error(vcov(fit, "expected"), "not made")
  expect_error(hatvalues(fit), "Leverage")
})
