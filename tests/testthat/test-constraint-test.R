# Wald, LR and LM tests against their textbook values in a normal regression.

regression <- function(b, sigma) {
  dnorm(mpg, b[1] + b[2] * wt + b[3] * hp + b[4] * qsec, sigma, log = TRUE)
}
regression_start <- list(b = c(30, 0, 0, 0), sigma = positive(3))
equations <- c("b3 = 0", "b4 = 0")

test_that("the three tests are functions of two sums of squares", {
  free <- mle_fit(regression, regression_start, data = mtcars)
  restricted <- update(free, constraints = equations)
  n <- nrow(mtcars)
  rss <- sum(residuals(lm(mpg ~ wt + hp + qsec, mtcars))^2)
  rss0 <- sum(residuals(lm(mpg ~ wt, mtcars))^2)
  wanted <- c(LR = n * log(rss0 / rss), Wald = n * (rss0 - rss) / rss)
  for (fit in list(free, restricted)) {
    lr <- constraint_test(fit, equations)
    expect_equal(lr$statistic, wanted["LR"], tolerance = 1e-8)
    wald <- constraint_test(fit, equations, test = "wald")
    expect_equal(wald$statistic, wanted["Wald"], tolerance = 1e-7)
    expect_identical(lr$parameter, c(df = 2L))
    expect_equal(lr$p.value, pchisq(lr$statistic[[1]], 2, lower.tail = FALSE))
  }
  expect_snapshot(constraint_test(restricted))
})

test_that("the LM test is the score in the observed information", {
  free <- mle_fit(regression, regression_start, data = mtcars)
  restricted <- update(free, constraints = equations)
  lm0 <- lm(mpg ~ wt, mtcars)
  X <- model.matrix(~ wt + hp + qsec, mtcars)
  e <- residuals(lm0)
  s2 <- mean(e^2)
  # scores and minus the Hessian by (b, log sigma)
  score <- c(crossprod(X, e) / s2, 0)
  information <- rbind(cbind(crossprod(X), 2 * crossprod(X, e)),
                       c(2 * crossprod(X, e), 2 * sum(e^2))) / s2
  wanted <- sum(score * solve(information, score))
  for (fit in list(free, restricted)) {
    expect_equal(constraint_test(fit, equations, "lm")$statistic,
                 c(LM = wanted), tolerance = 1e-7)
  }
})

test_that("constraints are needed, and those of the fit", {
  free <- mle_fit(regression, regression_start, data = mtcars)
  restricted <- update(free, constraints = equations)
  expect_snapshot(error = TRUE, {
    constraint_test(free)
    constraint_test(restricted, "b3 = 0")
    constraint_test(1)
  })
})
