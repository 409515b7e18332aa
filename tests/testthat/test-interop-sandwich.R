# Covariances of the sandwich package, equal to those that it makes of glm().

skip_if_not_installed("sandwich")

test_that("scores, bread and meat", {
  expect_as_glm(function(fit) unname(sandwich::estfun(fit)))
  expect_identical(colnames(sandwich::estfun(logit_fits$formula)),
                   interop_names)
  expect_as_glm(sandwich::bread)
  expect_as_glm(sandwich::meat)
  expect_as_glm(sandwich::sandwich)
  expect_as_glm(function(fit) sandwich::sandwich(fit, adjust = TRUE))
  expect_as_glm(sandwich::vcovOPG)
  # A robust default is not counted twice.
  robust <- update(logit_fits$formula, vcov = "sandwich")
  expect_equal(sandwich::sandwich(robust), sandwich::sandwich(logit_glm),
               tolerance = interop_tolerance)
})

test_that("vcovHC() of models with one linear predictor", {
  types <- c("const", "HC0", "HC1", "HC2", "HC3", "HC4", "HC4m", "HC5")
  for (type in types) {
    expect_as_glm(function(fit) sandwich::vcovHC(fit, type = type),
                  forms = c("formula", "density"))
  }
})

test_that("vcovCL() one-way, two-way, by formula and by vectors", {
  ways <- interop_data[c("firm", "year")]
  for (type in c("HC0", "HC1")) {
    expect_as_glm(function(fit) {
      sandwich::vcovCL(fit, cluster = interop_data$firm, type = type)
    })
    expect_as_glm(function(fit) {
      sandwich::vcovCL(fit, cluster = ways, type = type)
    })
  }
  for (cluster in c(~ firm, ~ firm + year)) {
    expect_as_glm(function(fit) sandwich::vcovCL(fit, cluster = cluster))
  }
  # sandwich says that HC2 is made for lm() and glm().
  expect_as_glm(function(fit) suppressWarnings(
    sandwich::vcovCL(fit, cluster = ~ firm, type = "HC2")
  ), forms = "formula")
})

test_that("clusters of a function are found where its data are", {
  fit <- local({
    elsewhere <- interop_data
    loglik <- function(a, b) dpois(count, exp(a + b * x), log = TRUE)
    mle_fit(loglik, start = list(a = 0, b = 0), data = elsewhere)
  })
  firm <- interop_data$firm
  expected <- sandwich::vcovCL(fit, cluster = firm)
  for (fit in list(fit, unserialize(serialize(fit, NULL)))) {
    expect_equal(sandwich::vcovCL(fit, cluster = ~ firm), expected)
  }
  expect_identical(expand.model.frame(fit, ~ firm)$firm, firm)
  # Nobody else is shown a formula.
  expect_error(formula(fit), class = "admle_error_unsupported")
})

test_that("a nonlinear model has clusters, but no terms", {
  fit <- mle_fit(rate ~ dnorm(Vm * conc / (K + conc), sigma), data = Puromycin,
                 start = list(Vm = 200, K = 0.05))
  expect_equal(sandwich::vcovCL(fit, ~ state),
               sandwich::vcovCL(fit, Puromycin$state))
  theirs <- nls(rate ~ Vm * conc / (K + conc), Puromycin,
                start = list(Vm = 200, K = 0.05),
                control = nls.control(tol = 1e-7))
  # nls() has expected information in its bread.
  expect_equal(sandwich::meat(fit)[1:2, 1:2] * coef(fit)[["sigma"]]^4,
               sandwich::meat(theirs), ignore_attr = TRUE, tolerance = 1e-6)
  for (asked in list(terms, labels, drop1, step, anova)) {
    expect_error(asked(fit), class = "admle_error_unsupported")
  }
  expect_error(update(fit, . ~ . - conc), class = "admle_error_argument")
})

test_that("a cluster kept as an attribute is the default", {
  fits <- lapply(list(logit_fits$vector, logit_glm), structure,
                 cluster = interop_data$firm)
  expect_equal(sandwich::vcovCL(fits[[1L]]), sandwich::vcovCL(fits[[2L]]),
               tolerance = interop_tolerance, ignore_attr = TRUE)
})

test_that("clusters of rows with missing values and of a subset", {
  d <- interop_data
  d$x[c(3, 50)] <- NA
  own <- mle_fit(count ~ x, data = d, family = poisson, subset = firm > 2)
  by_function <- mle_fit(function(a, b) dpois(count, exp(a + b * x), TRUE),
                         start = list(a = 0, b = 0), data = d,
                         subset = firm > 2, na.action = na.omit)
  theirs <- glm(count ~ x, poisson, d, subset = firm > 2,
                control = glm.control(epsilon = 1e-14))
  for (cluster in c(~ firm, ~ firm + year)) {
    for (fit in list(own, by_function)) {
      expect_equal(sandwich::vcovCL(fit, cluster = cluster),
                   sandwich::vcovCL(theirs, cluster = cluster),
                   tolerance = interop_tolerance, ignore_attr = TRUE)
    }
  }
})

test_that("panels and time series", {
  expect_as_glm(function(fit) {
    sandwich::vcovPL(fit, cluster = interop_data$firm,
                     order.by = interop_data$year)
  })
  expect_as_glm(function(fit) sandwich::vcovPL(fit, cluster = ~ firm + year))
  formulas <- c("formula", "density")
  expect_as_glm(function(fit) sandwich::vcovPC(fit, cluster = ~ firm + year),
                forms = formulas)
  for (estimator in list(sandwich::vcovHAC, sandwich::kernHAC,
                         sandwich::NeweyWest, sandwich::bwAndrews,
                         sandwich::bwNeweyWest)) {
    expect_as_glm(estimator, forms = formulas)
  }
  # Without a column called (Intercept), sandwich gives all the same weight.
  bandwidth <- function(x, ...) {
    sandwich::bwAndrews(x, weights = rep(1, 4), ...)
  }
  expect_as_glm(function(fit) sandwich::kernHAC(fit, bw = bandwidth))
  expect_as_glm(function(fit) sandwich::NeweyWest(fit, lag = 3))
  expect_equal(sandwich::bwAndrews(logit_fits$vector),
               sandwich::bwAndrews(logit_glm, weights = rep(1, 4)),
               tolerance = interop_tolerance)
})

test_that("several parameters have scores, but no HC", {
  scores <- sandwich::estfun(spread_fit)
  expect_equal(colSums(scores), rep(0, 6), tolerance = 1e-6,
               ignore_attr = TRUE)
  meat <- crossprod(rowsum(unclass(scores), interop_data$firm)) / 120
  bread <- vcov(spread_fit, type = "hessian") * 120
  expect_equal(
    sandwich::vcovCL(spread_fit, cluster = ~ firm, cadjust = FALSE),
    bread %*% meat %*% bread / 120, tolerance = interop_tolerance
  )
  for (estimator in list(sandwich::vcovHAC, sandwich::kernHAC,
                         sandwich::NeweyWest, sandwich::vcovPL,
                         sandwich::vcovOPG)) {
    expect_true(all(eigen(estimator(spread_fit))$values > 0))
  }
  # The normal mean does not depend on the scale: its block is that of lm().
  beta <- 1:4
  expect_equal(sandwich::sandwich(linear_fit)[beta, beta],
               sandwich::sandwich(linear_lm), tolerance = interop_tolerance)
  expect_equal(
    sandwich::vcovCL(linear_fit, ~ firm)[beta, beta],
    sandwich::vcovCL(linear_lm, ~ firm, type = "HC0"),
    tolerance = interop_tolerance
  )
})

test_that("vcovBS() draws what sandwich draws for glm()", {
  drawn <- function(fit, ...) {
    set.seed(3)
    sandwich::vcovBS(fit, R = 12, ...)
  }
  tight <- glm.control(epsilon = 1e-14)
  for (cluster in list(NULL, interop_data$firm)) {
    expected <- drawn(poisson_glm, cluster = cluster, control = tight)
    for (fit in poisson_fits) {
      expect_equal(drawn(fit, cluster = cluster), expected, ignore_attr = TRUE,
                   tolerance = interop_tolerance)
    }
  }
  # A formula needs no formula of the model, and two ways are combined.
  own <- drawn(poisson_fits$vector, cluster = ~ firm)
  expect_equal(own, expected, ignore_attr = TRUE,
               tolerance = interop_tolerance)
  expect_equal(drawn(poisson_fits$vector, cluster = ~ firm + year),
               drawn(poisson_glm, cluster = ~ firm + year, control = tight),
               ignore_attr = TRUE, tolerance = interop_tolerance)
})

test_that("vcovBS() leaves clusters out, or weights them", {
  ways <- interop_data$firm
  rows <- split(seq_len(120), ways)
  left_out <- sapply(rows, function(j) {
    coef(update(poisson_glm, subset = setdiff(1:120, j)))
  })
  expected <- tcrossprod(left_out - rowMeans(left_out)) * 11 / 12
  for (fit in poisson_fits) {
    expect_equal(sandwich::vcovBS(fit, cluster = ways, type = "jackknife"),
                 expected, ignore_attr = TRUE, tolerance = interop_tolerance)
  }
  centred <- sandwich::vcovBS(poisson_fits$vector, cluster = ways,
                              type = "jackknife", center = "estimate")
  expect_equal(centred, tcrossprod(left_out - coef(poisson_glm)) * 11 / 12,
               ignore_attr = TRUE, tolerance = interop_tolerance)
  set.seed(5)
  own <- sandwich::vcovBS(poisson_fits$formula, R = 3, cluster = ways,
                          type = "fractional")
  set.seed(5)
  again <- t(sapply(1:3, function(r) {
    weights <- rexp(12)[ways]
    coef(update(poisson_glm, weights = weights / mean(weights)))
  }))
  expect_equal(own, cov(again), ignore_attr = TRUE,
               tolerance = interop_tolerance)
})

test_that("vcovJK()", {
  skip_if_not_installed("sandwich", "3.1.0")
  # By name: older versions do not have it.
  jackknife <- getExportedValue("sandwich", "vcovJK")
  expect_as_glm(function(fit) jackknife(fit, cluster = interop_data$firm))
})

test_that("failed replications are counted", {
  d <- data.frame(y = c(0, 0, 0, 1, 0, 1, 1, 1), x = 1:8)
  fit <- mle_fit(y ~ x, data = d, family = binomial)
  set.seed(1)
  expect_warning(made <- sandwich::vcovBS(fit, R = 30),
                 "of 30 replications", class = "admle_warning_bootstrap")
  expect_true(all(is.finite(made)))
})

test_that("what cannot be made says why", {
  by_function <- logit_fits$vector
  expect_snapshot(error = TRUE, {
    sandwich::vcovHC(spread_fit)
    sandwich::estfun(spread_fit) / model.matrix(spread_fit)
    sandwich::vcovHC(by_function)
    sandwich::vcovBS(by_function, cores = 2)
    sandwich::vcovBS(by_function, R = 0)
  })
  # From 3.1, sandwich has an error of its own.
  expect_error(sandwich::vcovPC(spread_fit, cluster = ~ firm + year),
               "linear predictor|dimension")
  one <- mle_fit(count ~ dpois(exp(a)), data = interop_data,
                 start = list(a = 0))
  expect_error(sandwich::vcovHC(one), class = "admle_error")
  total <- mle_fit(function(a) {
    solve(matrix(exp(a)))[1] * -1 - a^2
  }, start = list(a = 0))
  expect_error(sandwich::estfun(total), class = "admle_error_unsupported")
  expect_error(sandwich::bread(total), class = "admle_error_unsupported")
  expect_error(sandwich::vcovBS(total), class = "admle_error_unsupported")
})
