# Wald tests against car::linearHypothesis() and the formula by hand.

regression <- mle_fit(mpg ~ wt + hp + qsec, data = mtcars, adjust = TRUE)
reference <- lm(mpg ~ wt + hp + qsec, mtcars)

test_that("linear restrictions of a regression are linearHypothesis()'s F", {
  skip_if_not_installed("car")
  hypothesis <- c("hp = 0", "qsec = wt + 2")
  theirs <- car::linearHypothesis(reference, hypothesis)
  rows <- rbind(c(0, 0, 1, 0, 0), c(0, -1, 0, 1, 0))
  for (own in list(
    wald_test(regression, hypothesis),
    wald_test(regression, list(~ hp, qsec ~ wt + 2)),
    wald_test(regression, list(~ hp, ~ qsec == wt + 2)),
    wald_test(regression, rows, rhs = c(0, 2)),
    wald_test(regression, function(p) c(p["hp"], p["qsec"] - p["wt"]),
              rhs = c(0, 2))
  )) {
    expect_equal(own$statistic[["F"]], theirs$F[[2]], tolerance = 1e-8)
    expect_equal(own$parameter, c("num df" = 2, "denom df" = 28))
    expect_equal(own$p.value, theirs[["Pr(>F)"]][[2]], tolerance = 1e-8)
  }
})

test_that("with the same covariance the two agree to rounding", {
  skip_if_not_installed("car")
  fit <- update(regression, adjust = FALSE)
  for (type in c("hessian", "opg", "sandwich")) {
    theirs <- car::linearHypothesis(fit, c("hp = 0", "wt = 3 * hp"),
                                    vcov. = vcov(fit, type = type),
                                    test = "Chisq")
    own <- wald_test(fit, c("hp = 0", "wt = 3 * hp"), vcov = type)
    expect_equal(own$statistic[["Wald"]], theirs$Chisq[[2]], tolerance = 1e-10)
    expect_equal(own$p.value, theirs[["Pr(>Chisq)"]][[2]], tolerance = 1e-8)
  }
})

test_that("nonlinear restrictions are by the delta method", {
  fit <- update(regression, adjust = FALSE)
  b <- coef(fit)
  own <- wald_test(fit, ~ wt * qsec == -3)
  G <- c(0, b[["qsec"]], 0, b[["wt"]], 0)
  g <- b[["wt"]] * b[["qsec"]] + 3
  expect_equal(own$statistic, c(Wald = g^2 / drop(G %*% vcov(fit) %*% G)),
               tolerance = 1e-10)
  expect_equal(own$estimate, c("wt * qsec" = g - 3), tolerance = 1e-12)
  expect_identical(own$null.value, c("wt * qsec" = -3))
})

test_that("a chain of equations and a vector are several restrictions", {
  fit <- mle_fit(function(b, s) {
    dnorm(mpg, b[1] + b[2] * wt + b[3] * hp + b[4] * qsec, s, log = TRUE)
  }, start = list(b = c(20, 0, 0, 0), s = positive(3)), data = mtcars)
  chain <- wald_test(fit, "b2 = b[3] = b4")
  expect_identical(chain$parameter, c(df = 2L))
  expect_equal(chain$statistic, wald_test(fit, ~ b[2:3] - b[4])$statistic,
               tolerance = 1e-10)
  expect_equal(wald_test(fit, c("b2", "b3", "b4"))$statistic,
               wald_test(fit, ~ b[-1])$statistic, tolerance = 1e-10)
})

test_that("what is printed", {
  expect_snapshot({
    wald_test(regression, c("hp = 0", "qsec = 0"))
    wald_test(regression, ~ wt / hp == 100, vcov = "sandwich", adjust = FALSE)
    wald_test(regression, "wt = 0", vcov = ~ gear + carb)
  })
})

test_that("mistakes are named", {
  ridge <- suppressWarnings(mle_fit(
    function(a, b, s) dnorm(mpg, a + b, exp(s), log = TRUE),
    start = list(a = 1, b = 1, s = 1), data = mtcars
  ))
  stopped <- suppressWarnings(mle_fit(
    function(a, b) dcauchy(mpg, a, exp(b), log = TRUE),
    start = list(a = 5, b = 0), data = mtcars, control = list(iterations = 2)
  ))
  expect_snapshot(error = TRUE, {
    wald_test(regression, "weight = 0")
    wald_test(regression, c("hp = 0", "2 * hp = 0"))
    wald_test(regression, c("hp = 0", "hp = 1"))
    wald_test(regression, c("hp = wt", "wt = qsec", "qsec = hp"))
    wald_test(regression, list(~ hp * wt, ~ (hp * wt)^2))
    wald_test(regression, ~ hp - hp)
    wald_test(regression, list())
    wald_test(regression, list(~ hp, 3))
    wald_test(ridge, ~ a == 1)
    wald_test(reference, ~ wt)
  })
  expect_equal(wald_test(ridge, ~ exp(s) == 6)$parameter, c(df = 1L))
  expect_warning(try(wald_test(stopped, ~ a), silent = TRUE),
                 class = "admle_warning_convergence")
})
