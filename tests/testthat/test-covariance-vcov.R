# Covariances, adjustment and intervals against their formulas, lm(), glm() and
# the sandwich package.

normal <- function(a, b, log_sigma) {
  dnorm(mpg, a + b * wt, exp(log_sigma), log = TRUE)
}
start <- list(a = 30, b = 0, log_sigma = 1)
counts <- function(b0, b1) dpois(carb, exp(b0 + b1 * wt), log = TRUE)
poisson_fit <- function(...) {
  mle_fit(counts, list(b0 = 0, b1 = 0), mtcars, ...)
}
poisson_reference <- function() {
  glm(carb ~ wt, poisson, mtcars, control = list(epsilon = 1e-15, maxit = 50))
}

test_that("covariances equal their formulas", {
  fit <- poisson_fit()
  reference <- poisson_reference()
  X <- model.matrix(reference)
  scores <- (mtcars$carb - fitted(reference)) * X
  bread <- solve(crossprod(X, fitted(reference) * X))
  expect_equal(vcov(fit), bread, tolerance = 1e-8, ignore_attr = TRUE)
  expect_equal(vcov(fit, type = "opg"), solve(crossprod(scores)),
               tolerance = 1e-7, ignore_attr = TRUE)
  expect_equal(vcov(fit, type = "sandwich"),
               bread %*% crossprod(scores) %*% bread, tolerance = 1e-7,
               ignore_attr = TRUE)
  expect_identical(rownames(vcov(fit, "opg")), names(coef(fit)))
  robust <- poisson_fit(vcov = "sandwich")
  expect_identical(vcov(robust), vcov(fit, type = "sandwich"))
})

test_that("weights are frequencies in opg, sampling weights in the sandwich", {
  weighted <- poisson_fit(weights = cyl)
  repeated <- mle_fit(counts, list(b0 = 0, b1 = 0),
                      mtcars[rep(1:32, mtcars$cyl), ])
  expect_equal(vcov(weighted, "opg"), vcov(repeated, "opg"),
               tolerance = 1e-7)
  reference <- glm(carb ~ wt, poisson, mtcars, weights = cyl,
                   control = list(epsilon = 1e-15, maxit = 50))
  X <- model.matrix(reference)
  scores <- mtcars$cyl * (mtcars$carb - fitted(reference)) * X
  bread <- solve(crossprod(X, mtcars$cyl * fitted(reference) * X))
  expect_equal(vcov(weighted, "sandwich"),
               bread %*% crossprod(scores) %*% bread, tolerance = 1e-7,
               ignore_attr = TRUE)
})

test_that("adjust = TRUE gives lm()'s whole table", {
  reference <- lm(mpg ~ wt, mtcars)
  fit <- mle_fit(normal, start, mtcars, adjust = TRUE)
  expect_equal(vcov(fit)[1:2, 1:2], vcov(reference), tolerance = 1e-8,
               ignore_attr = TRUE)
  expect_equal(coef(summary(fit))[1:2, ], coef(summary(reference)),
               tolerance = 1e-8, ignore_attr = TRUE)
  expect_equal(confint(fit)[1:2, ], confint(reference), tolerance = 1e-8,
               ignore_attr = TRUE)
  expect_identical(df.residual(fit), 30)
  expect_identical(fit$adjustment$excluded, "log_sigma")
})

test_that("adjust = TRUE counts location parameters of an orthogonal design", {
  d <- transform(mtcars, wt = wt - mean(wt))
  for (likelihood in list(
    normal,
    function(a, b, log_sigma) dnorm(mpg, a + b * wt, sqrt(log_sigma),
                                    log = TRUE)
  )) {
    fit <- mle_fit(likelihood, list(a = 20, b = -5, log_sigma = 3), d)
    table <- coef(summary(fit, adjust = TRUE))[1:2, ]
    expect_equal(table, coef(summary(lm(mpg ~ wt, d))), tolerance = 1e-8,
                 ignore_attr = TRUE)
  }
})

test_that("adjust = TRUE excludes dispersion parameters only", {
  cells <- mle_fit(
    function(a, b) dpois(carb, exp(ifelse(am == 1, a, b)), log = TRUE),
    list(a = 1, b = 1), mtcars, adjust = TRUE
  )
  expect_identical(cells$adjustment$k, 2)
  gamma <- mle_fit(
    function(b0, b1, log_shape) {
      shape <- exp(log_shape)
      dgamma(mpg, shape, rate = shape / exp(b0 + b1 * wt), log = TRUE)
    },
    list(b0 = 3, b1 = 0, log_shape = 1), mtcars, adjust = TRUE
  )
  expect_identical(gamma$adjustment$excluded, "log_shape")
  weibull <- mle_fit(
    function(b0, b1, log_shape) {
      dweibull(mpg, exp(log_shape), exp(b0 + b1 * wt), log = TRUE)
    },
    list(b0 = 3, b1 = 0, log_shape = 1), mtcars, adjust = TRUE
  )
  expect_identical(weibull$adjustment$excluded, character())
  expect_identical(weibull$adjustment$df, 29)
})

test_that("adjust by name and by number", {
  fit <- mle_fit(normal, start, mtcars)
  expect_equal(vcov(fit, adjust = "log_sigma"), vcov(fit) * 32 / 30,
               tolerance = 1e-14)
  expect_equal(vcov(fit, adjust = 25), vcov(fit) * 32 / 25,
               tolerance = 1e-14)
  expect_identical(summary(fit, adjust = 25)$df.residual, 25)
  expect_identical(df.residual(fit), Inf)
})

test_that("adjust needs the number of observations", {
  y <- c(1, 2, 4)
  expect_error(
    vcov(mle_fit(function(m) -sum((y - m)^2)^2, list(m = 1),
                 derivatives = "numeric"), adjust = TRUE),
    class = "admle_error_unsupported"
  )
})

test_that("Wald intervals", {
  fit <- poisson_fit()
  expect_equal(confint(fit), confint.default(poisson_reference()),
               tolerance = 1e-7, ignore_attr = TRUE)
  expect_identical(dimnames(confint(fit)),
                   list(c("b0", "b1"), c("2.5 %", "97.5 %")))
  expect_identical(confint(fit, "b1", level = 0.9),
                   confint(fit, 2, level = 0.9))
  expect_identical(colnames(confint(fit, level = 0.9)), c("5 %", "95 %"))
  expect_error(confint(fit, "b2"), class = "admle_error_argument")
  expect_error(confint(fit, 7), class = "admle_error_argument")
  expect_error(confint(fit, level = 95), class = "admle_error_argument")
  expect_error(vcov(fit, type = "white"), class = "admle_error_argument")
})

test_that("parameters in a sum are not identified separately", {
  f <- function(a, b, s) dnorm(mpg, a + b, exp(s), log = TRUE)
  expect_warning(fit <- mle_fit(f, list(a = 1, b = 2, s = 1), mtcars),
                 "does not change along a = -b",
                 class = "admle_warning_identification")
  expect_false(fit$converged)
  expect_identical(fit$rank, 2L)
  expect_identical(fit$problems[[1L]]$parameters, c("a", "b"))
  errors <- sqrt(diag(vcov(fit)))
  expect_identical(is.na(errors), c(a = TRUE, b = TRUE, s = FALSE))
  # For log(sigma) the information is 2 n.
  expect_equal(errors[["s"]], sqrt(1 / 64), tolerance = 1e-8)
  expect_equal(sum(coef(fit)[1:2]), mean(mtcars$mpg), tolerance = 1e-8)
  for (type in c("opg", "sandwich")) {
    identified <- mle_fit(
      function(m, s) dnorm(mpg, m, exp(s), log = TRUE),
      list(m = 20, s = 2), mtcars
    )
    expect_equal(vcov(fit, type)["s", "s"], vcov(identified, type)["s", "s"],
                 tolerance = 1e-7)
    expect_true(all(is.na(vcov(fit, type)[1:2, ])))
  }
})

test_that("a dummy trap names its parameters and their direction", {
  d <- transform(mtcars, manual = am, automatic = 1 - am)
  f <- function(b0, b1, b2, s) {
    dnorm(mpg, b0 + b1 * manual + 2 * b2 * automatic, exp(s), log = TRUE)
  }
  expect_warning(
    fit <- mle_fit(f, list(b0 = 20, b1 = 0, b2 = 0, s = 1), d),
    "(b0 = 2, b1 = -2, b2 = -1)", fixed = TRUE
  )
  expect_identical(is.na(diag(vcov(fit))),
                   c(b0 = TRUE, b1 = TRUE, b2 = TRUE, s = FALSE))
})

test_that("a parameter without effect, and one that only multiplies", {
  expect_warning(
    fit <- mle_fit(function(m, b, s) dnorm(mpg, m, exp(s), log = TRUE),
                   list(m = 20, b = 7, s = 1), mtcars),
    "`b` is not identified: the log-likelihood does not change with it"
  )
  expect_equal(coef(fit)[["b"]], 7, tolerance = 1e-8)
  expect_warning(
    product <- mle_fit(
      function(a, b, s) dnorm(mpg, a * b, exp(s), log = TRUE),
      list(a = 4, b = 4, s = 1), mtcars
    ),
    "does not identify `a` and `b` separately",
    class = "admle_warning_identification"
  )
  expect_identical(is.na(diag(vcov(product))),
                   c(a = TRUE, b = TRUE, s = FALSE))
})

test_that("two unidentified directions are two messages", {
  f <- function(a, b, c, d, s) {
    dnorm(mpg, a + b + (c - 3 * d) * wt, exp(s), log = TRUE)
  }
  fit <- suppressWarnings(
    mle_fit(f, list(a = 1, b = 1, c = 1, d = 1, s = 1), mtcars)
  )
  messages <- vapply(fit$problems, `[[`, "", "message")
  expect_length(messages, 2L)
  expect_match(messages, "along a = -b", all = FALSE)
  expect_match(messages, "along c = 3 * d", fixed = TRUE, all = FALSE)
  expect_equal(unname(coef(fit)["c"] - 3 * coef(fit)["d"]),
               coef(lm(mpg ~ wt, mtcars))[["wt"]], tolerance = 1e-7)
})

test_that("ill-conditioned is not unidentified", {
  # The regressors of Longley's data: condition number 4859257 (unit columns
  # and intercept: 43275).
  X <- cbind(1, as.matrix(longley[, 1:6]))
  y <- longley$Employed
  reference <- lm(Employed ~ ., longley)
  fit <- mle_fit(
    function(beta, s) dnorm(y, X %*% beta, exp(s), log = TRUE),
    list(beta = c(mean(y), numeric(6)), s = 0)
  )
  expect_true(fit$converged)
  expect_equal(vcov(fit, adjust = TRUE)[1:7, 1:7], vcov(reference),
               tolerance = 1e-5, ignore_attr = TRUE)
})

test_that("a Hessian that is not negative definite gives no errors", {
  fit <- mle_fit(normal, start, mtcars)
  fit$hessian["b", "b"] <- -fit$hessian["b", "b"]
  fit$search$outcome <- "indefinite_hessian"
  fit <- judge_fit(fit, fit_objective(fit))
  expect_false(fit$converged)
  expect_identical(fit$problems[[1L]]$kind, "hessian")
  expect_true(all(is.na(vcov(fit))))
  expect_warning(warn_problems(fit), "not a maximum",
                 class = "admle_warning_hessian")
  expect_output(print(summary(fit)), "an indefinite Hessian")
})

test_that("perfect separation runs off, and has no standard errors", {
  d <- data.frame(z = c(0, 0, 0, 1, 1, 1), x = 1:6)
  expect_warning(
    fit <- mle_fit(function(a, b) dbinom(z, 1, plogis(a + b * x), log = TRUE),
                   list(a = 0, b = 0), d),
    "Complete separation", class = "admle_warning_diverging"
  )
  expect_false(fit$converged)
  expect_true(all(is.na(vcov(fit))))
})

test_that("a maximum without curvature is not said to run off", {
  # -(x - 1)^4 has its maximum at 1, where the second derivative is zero.
  warning <- expect_warning(
    fit <- mle_fit(function(x) -(x - 1)^4, list(x = 3)),
    class = "admle_warning"
  )
  expect_no_match(conditionMessage(warning), "run off")
  expect_equal(coef(fit)[["x"]], 1, tolerance = 1e-2)
  expect_true(is.na(vcov(fit)))
})

test_that("a log-likelihood without bound runs off", {
  expect_warning(fit <- mle_fit(function(x) 2 * x, list(x = 3)), "run off",
                 class = "admle_warning_diverging")
  expect_length(fit$problems, 1L)
  expect_true(is.na(vcov(fit)))
})

test_that("the scores sum to zero and make the sandwich package work", {
  skip_if_not_installed("sandwich")
  fit <- poisson_fit()
  reference <- poisson_reference()
  scores <- sandwich::estfun(fit)
  expect_identical(colnames(scores), names(coef(fit)))
  expect_lt(max(abs(colSums(scores))), 1e-7)
  expect_equal(scores, sandwich::estfun(reference), tolerance = 1e-7,
               ignore_attr = TRUE)
  expect_equal(sandwich::bread(fit), sandwich::bread(reference),
               tolerance = 1e-7, ignore_attr = TRUE)
  expect_equal(sandwich::sandwich(fit), vcov(fit, type = "sandwich"),
               tolerance = 1e-12)
  expect_equal(sandwich::vcovOPG(fit), vcov(fit, type = "opg"),
               tolerance = 1e-8)
  expect_equal(
    sandwich::vcovCL(fit, cluster = mtcars$cyl),
    sandwich::vcovCL(reference, cluster = mtcars$cyl),
    tolerance = 1e-7, ignore_attr = TRUE
  )
  # A robust default must not be counted twice.
  robust <- poisson_fit(vcov = "sandwich", adjust = TRUE)
  expect_equal(sandwich::sandwich(robust), sandwich::sandwich(fit),
               tolerance = 1e-12)
})

test_that("lmtest uses z, or t with an adjusted fit", {
  skip_if_not_installed("lmtest")
  fit <- mle_fit(normal, start, mtcars)
  expect_equal(lmtest::coeftest(fit)[, ], coef(summary(fit)),
               tolerance = 1e-10, ignore_attr = TRUE)
  adjusted <- mle_fit(normal, start, mtcars, adjust = TRUE)
  expect_equal(lmtest::coeftest(adjusted)[, ], coef(summary(adjusted)),
               tolerance = 1e-10, ignore_attr = TRUE)
})

test_that("covariance is equivariant under reparametrisation", {
  log_scale <- mle_fit(function(m, s) dnorm(mpg, m, exp(s), log = TRUE),
                       list(m = 20, s = 1), mtcars)
  natural <- mle_fit(function(m, s) dnorm(mpg, m, s, log = TRUE),
                     list(m = 20, s = 5), mtcars)
  jacobian <- diag(c(1, exp(coef(log_scale)[["s"]])))
  for (type in c("hessian", "opg", "sandwich")) {
    expect_equal(vcov(natural, type),
                 jacobian %*% vcov(log_scale, type) %*% jacobian,
                 tolerance = 1e-7, ignore_attr = TRUE)
  }
})

test_that("without contributions there are no scores", {
  y <- c(1, 2, 4)
  f <- function(m) -sum((y - m)^2)^2 - 1
  fit <- mle_fit(f, list(m = 1), derivatives = "numeric")
  expect_error(vcov(fit, type = "opg"), class = "admle_error_unsupported")
  expect_error(bread.mle_fit(fit), class = "admle_error_unsupported")
  expect_error(
    mle_fit(f, list(m = 1), derivatives = "numeric", vcov = "opg"),
    class = "admle_error_unsupported"
  )
})
