# Linear equality constraints: against the model written without them.

cars_loglik <- function(b, sigma) {
  dnorm(mpg, b[1] + b[2] * wt + b[3] * hp + b[4] * qsec, sigma, log = TRUE)
}
cars_start <- list(b = c(30, 0, 0, 0), sigma = positive(3))
cars_fit <- function(constraints = NULL, ...) {
  mle_fit(cars_loglik, cars_start, data = mtcars, constraints = constraints,
          ...)
}
two_constraints <- c("b2 + b[4] = -3", "b3 = 0")

test_that("the restricted fit is the reparametrised one", {
  restricted <- cars_fit(two_constraints)
  by_hand <- mle_fit(
    function(b1, b2, sigma) {
      dnorm(mpg, b1 + b2 * wt + (-3 - b2) * qsec, sigma, log = TRUE)
    },
    list(b1 = 30, b2 = 0, sigma = positive(3)), data = mtcars
  )
  expect_equal(logLik(restricted), logLik(by_hand), tolerance = 1e-12)
  kept <- c("b1", "b2", "sigma")
  expect_equal(coef(restricted)[kept], coef(by_hand), tolerance = 1e-8)
  expect_identical(coef(restricted)[["b3"]], 0)
  expect_equal(sum(coef(restricted)[c("b2", "b4")]), -3, tolerance = 1e-14)
  for (type in c("hessian", "opg", "sandwich")) {
    V <- vcov(restricted, type)
    expect_equal(V[kept, kept], vcov(by_hand, type), tolerance = 1e-7)
    expect_equal(V["b4", "b4"], V["b2", "b2"], tolerance = 1e-12)
    expect_true(all(V["b3", ] == 0))
  }
  ols <- lm(I(mpg + 3 * qsec) ~ I(wt - qsec), mtcars)
  expect_equal(unname(coef(restricted)[c("b1", "b2")]), unname(coef(ols)),
               tolerance = 1e-9)
  expect_snapshot(print(restricted))
  expect_true(is.na(coef(summary(restricted))["b3", "z value"]))
})

test_that("the covariance is Z (Z'HZ)^-1 Z' for any basis of the null space", {
  restricted <- cars_fit(c("b1 - 2*b2 + b3 = 4", "b2 / 3 = b4"))
  R <- rbind(c(1, -2, 1, 0, 0), c(0, 1 / 3, 0, -1, 0))
  Z <- qr.Q(qr(t(R)), complete = TRUE)[, 3:5]
  free <- mle_fit(function(b, s) {
    dnorm(mpg, b[1] + b[2] * wt + b[3] * hp + b[4] * qsec, s, log = TRUE)
  }, list(b = unname(coef(restricted)[1:4]), s = coef(restricted)[["sigma"]]),
  data = mtcars)
  H <- objective_hessian(fit_objective(free), unname(coef(restricted)))
  wanted <- Z %*% solve(-t(Z) %*% H %*% Z) %*% t(Z)
  expect_equal(unname(vcov(restricted)), wanted, tolerance = 1e-7)
})

test_that("sandwich takes restricted fits", {
  skip_if_not_installed("sandwich")
  restricted <- cars_fit(two_constraints)
  expect_equal(sandwich::sandwich(restricted), vcov(restricted, "sandwich"),
               tolerance = 1e-9)
})

test_that("constraints and fixed = are the same where they say the same", {
  constrained <- cars_fit(c("b3 = 0.01", "sigma = 2.5"))
  fixed <- cars_fit(fixed = c(b3 = 0.01, sigma = 2.5))
  expect_equal(constrained$loglik, fixed$loglik, tolerance = 1e-12)
  kept <- names(coef(fixed))
  expect_equal(vcov(constrained)[kept, kept], vcov(fixed), tolerance = 1e-9)
  both <- cars_fit("b2 = 3 * b3", fixed = c(b3 = -1))
  expect_equal(coef(both)[["b2"]], -3)
})

test_that("equations are read as R reads them", {
  parameters <- parameters_new(list(a = 1, b = c(x = 1, y = 2)),
                               function(a, b) 0)
  map <- function(given) {
    parameters_constrain(parameters, given, environment())$linear
  }
  expect_equal(map("a = b_x = 2*(b_y - 1)")$matrix %*% 1 +
                 map("a = b_x = 2*(b_y - 1)")$offset, cbind(c(1, 1, 1.5)))
  expect_equal(map("-a/2 == 1"), map("a = -2"))
  expect_equal(map("b[\"y\"] = a"), map("b_y - a = 0"))
  for (other in list("a - b_x", ~ a == b_x, a ~ b[["x"]], rbind(c(1, -1, 0)),
                     function(a, b) a - b[["x"]])) {
    expect_equal(map(other), map("a = b_x"))
  }
})

test_that("constraints that cannot be are errors", {
  expect_snapshot(error = TRUE, {
    cars_fit(c("b1 = 1", "b1 = 2"))
    cars_fit(c("b1 = b2", "b2 = b3", "b1 = b3"))
    cars_fit(c("sigma = 2", "sigma = 2"))
    cars_fit("b1 * b2 = 1")
    cars_fit("b9 = 1")
    cars_fit(c("b1", "b1 = 2"))
    cars_fit("log(sigma) = 0")
    cars_fit("b1 + sigma = 3")
    cars_fit("b1 = = 2")
    cars_fit(1)
    cars_fit(c("b1 = 1", "b2 = 1", "b3 = 0", "b4 = 3", "sigma = 1"))
    cars_fit("b3 = 1", fixed = c(b3 = 0))
  })
})

test_that("update() and saved fits keep the constraints", {
  restricted <- cars_fit(two_constraints)
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  saveRDS(restricted, file)
  read <- readRDS(file)
  expect_equal(update(read, method = "bfgs")$loglik, restricted$loglik,
               tolerance = 1e-9)
  by_formula <- cars_fit(list(~ b2 + b[4] == -3, ~ b3))
  expect_identical(by_formula$loglik, restricted$loglik)
  expect_equal(update(by_formula, method = "bfgs")$loglik, restricted$loglik,
               tolerance = 1e-9)
  # Version 0.1 kept the text alone.
  read$parameters$forms <- read$parameters$asked <- NULL
  expect_equal(lr_test(read)$parameter, lr_test(restricted)$parameter)
  expect_equal(update(read, method = "bfgs")$loglik, restricted$loglik,
               tolerance = 1e-9)
  expect_equal(update(restricted, constraints = NULL)$loglik,
               cars_fit()$loglik, tolerance = 1e-12)
})

test_that("formulas take constraints; adjust gives the table of lm()", {
  restricted <- mle_fit(mpg ~ wt + hp, data = mtcars,
                        constraints = "wt = 100 * hp")
  ols <- summary(lm(mpg ~ I(100 * wt + hp), mtcars))
  table <- coef(summary(restricted, adjust = TRUE))
  expect_equal(unname(table[c("(Intercept)", "hp"), ]), unname(coef(ols)),
               tolerance = 1e-7)
  expect_equal(unname(fitted(restricted)),
               unname(fitted(lm(mpg ~ I(100 * wt + hp), mtcars))),
               tolerance = 1e-9)
  free <- update(restricted, constraints = NULL)
  expect_equal(logLik(free), logLik(mle_fit(mpg ~ wt + hp, data = mtcars)))
  equation <- "wt = 100 * hp"
  expect_equal(lr_test(restricted)$statistic, lr_test(free, equation)$statistic,
               tolerance = 1e-6)
  expect_equal(score_test(restricted)$statistic,
               score_test(free, equation)$statistic, tolerance = 1e-6)
  intercept <- update(free, constraints = "`(Intercept)` = 40")
  expect_equal(coef(intercept)[["(Intercept)"]], 40, tolerance = 1e-14)
})

test_that("formulas start where constraints hold in the units of the data", {
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial,
                 constraints = "wt = -3*hp")
  peer <- glm(am ~ I(hp - 3 * wt), data = mtcars, family = binomial,
              control = list(epsilon = 1e-14))
  expect_equal(unname(coef(fit)[c("(Intercept)", "hp")]), unname(coef(peer)),
               tolerance = 1e-8)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(peer)),
               tolerance = 1e-12)
})

test_that("the three tests are functions of two sums of squares", {
  free <- cars_fit()
  restricted <- cars_fit(c("b3 = 0", "b4 = 0"))
  n <- nrow(mtcars)
  lm0 <- lm(mpg ~ wt, mtcars)
  rss <- sum(residuals(lm(mpg ~ wt + hp + qsec, mtcars))^2)
  rss0 <- sum(residuals(lm0)^2)
  for (lr in list(lr_test(restricted), lr_test(free, c("b3", "b[4] = 0")))) {
    expect_equal(lr$statistic, c(LR = n * log(rss0 / rss)), tolerance = 1e-8)
    expect_equal(lr$p.value, pchisq(lr$statistic[[1]], 2, lower.tail = FALSE))
  }
  expect_equal(wald_test(free, ~ b[3:4])$statistic,
               c(Wald = n * (rss0 - rss) / rss), tolerance = 1e-7)
  # The score in the observed information, by (b, log sigma).
  X <- model.matrix(~ wt + hp + qsec, mtcars)
  e <- residuals(lm0)
  s2 <- mean(e^2)
  score <- c(crossprod(X, e) / s2, 0)
  information <- rbind(cbind(crossprod(X), 2 * crossprod(X, e)),
                       c(2 * crossprod(X, e), 2 * sum(e^2))) / s2
  wanted <- c(LM = sum(score * solve(information, score)))
  expect_equal(score_test(restricted)$statistic, wanted, tolerance = 1e-7)
  expect_equal(score_test(free, c("b3", "b4"))$statistic, wanted,
               tolerance = 1e-7)
})
