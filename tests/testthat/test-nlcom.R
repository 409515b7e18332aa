# The delta method against car's, formulas by hand, and complex steps.

regression <- mle_fit(mpg ~ wt + hp + factor(cyl), data = mtcars)
by_function <- mle_fit(
  function(b, sigma) dnorm(mpg, b[1] + b[2] * wt, sigma, log = TRUE),
  start = list(b = c(30, 0), sigma = positive(3)), data = mtcars
)
exact <- 1e-10

# d f / d x, from the imaginary part at a tiny step: no differences.
complex_step <- function(f, x) {
  sapply(seq_along(x), function(j) {
    Im(f(replace(as.complex(x), j, complex(real = x[[j]],
                                           imaginary = 1e-30)))) / 1e-30
  })
}

test_that("nlcom() equals the delta method by complex steps", {
  f <- function(p) c(p[2] / (1 - p[3]), exp(p[1] / 10) * p[2]^2)
  b <- coef(regression)
  G <- complex_step(function(p) f(p), unname(b))
  found <- nlcom(regression, first = ~ wt / (1 - hp),
                 ~ exp((Intercept) / 10) * wt^2)
  expect_equal(unname(coef(found)), unname(f(b)), tolerance = exact)
  expect_equal(unname(vcov(found)), unname(G %*% vcov(regression) %*% t(G)),
               tolerance = exact)
  expect_named(coef(found), c("first", "exp((Intercept)/10) * wt^2"))
  own <- nlcom(regression, f)
  expect_equal(unname(vcov(own)), unname(vcov(found)), tolerance = exact)
  texts <- nlcom(regression, c("wt / (1 - hp)", "exp((Intercept) / 10) * wt^2"))
  expect_equal(unname(vcov(texts)), unname(vcov(found)), tolerance = exact)
})

test_that("car::deltaMethod() gives the same", {
  skip_if_not_installed("car")
  fit <- lm(mpg ~ wt + hp, mtcars)
  own <- mle_fit(mpg ~ wt + hp, data = mtcars, adjust = TRUE)
  V <- vcov(own)[1:3, 1:3]
  theirs <- car::deltaMethod(coef(own)[1:3], "-Intercept / wt",
                             parameterNames = c("Intercept", "wt", "hp"),
                             vcov. = V)
  found <- nlcom(own, ~ -(Intercept) / wt)
  expect_equal(coef(found)[[1]], theirs$Estimate, tolerance = exact)
  expect_equal(sqrt(vcov(found)[1, 1]), theirs$SE, tolerance = 1e-8)
  lm_errors <- car::deltaMethod(fit, "-Intercept / wt",
                                parameterNames = c("Intercept", "wt", "hp"))
  expect_equal(sqrt(vcov(found)[1, 1]), lm_errors$SE, tolerance = 1e-7)
})

test_that("arguments of the likelihood can be used as in it", {
  b <- coef(by_function)
  V <- vcov(by_function)
  ratio <- b[["b2"]] / b[["sigma"]]
  G <- c(0, 1 / b[["sigma"]], -ratio / b[["sigma"]])
  error <- sqrt(drop(G %*% V %*% G))
  for (found in list(
    nlcom(by_function, ~ b[2] / sigma), nlcom(by_function, "b2 / sigma"),
    nlcom(by_function, function(b, sigma) b[2] / sigma),
    nlcom(by_function, function(b2, sigma) b2 / sigma),
    nlcom(by_function, function(p) p[["b2"]] / p["sigma"])
  )) {
    expect_equal(coef(found)[[1]], ratio, tolerance = exact)
    expect_equal(sqrt(vcov(found)[[1]]), error, tolerance = exact)
  }
  both <- nlcom(by_function, ~ 2 * b)
  expect_equal(unname(vcov(both)), unname(4 * V[1:2, 1:2]), tolerance = exact)
})

test_that("a symmetric matrix has both of its halves", {
  set.seed(1)
  y <- matrix(rnorm(120), 60) %*% matrix(c(1, 0, 0.6, 0.8), 2)
  fit <- mle_fit(function(m, S) {
    e <- y - rep(1, 60) %*% t(m)
    -0.5 * (log(det(S)) + rowSums((e %*% solve(S)) * e)) - log(2 * pi)
  }, start = list(m = c(0, 0), S = covariance(diag(2))))
  found <- nlcom(fit, ~ S[1, 2] / sqrt(S[1, 1] * S[2, 2]))
  expect_equal(coef(found)[[1]], cor(y)[1, 2], tolerance = 1e-7)
  # the variance of a normal correlation is (1 - r^2)^2 / n
  expect_equal(sqrt(vcov(found)[[1]]), (1 - cor(y)[1, 2]^2) / sqrt(60),
               tolerance = 1e-6)
  expect_equal(predict(fit, ~ S[1, 2] + 0 * m[1]),
               coef(fit)[["S2_1"]], tolerance = exact)
  fit <- mle_fit(function(R) {
    z <- scale(y) * sqrt(60 / 59)
    -0.5 * (log(det(R)) + rowSums((z %*% solve(R)) * z))
  }, start = list(R = correlation(diag(2))))
  expect_equal(coef(nlcom(fit, ~ R[1, 2] + R[2, 2]))[[1]],
               coef(fit)[[1]] + 1, tolerance = exact)
})

test_that("linear combinations are text, formulas and matrices", {
  rows <- rbind(c(0, 1, -2, 0, 0, 0), c(1, 0, 0, 1, 0, 0))
  wanted <- rows %*% vcov(regression) %*% t(rows)
  for (found in list(
    nlcom(regression, rows),
    nlcom(regression, "wt - 2 * hp = 0", "(Intercept) + `factor(cyl)6`"),
    nlcom(regression, c("wt - 2 * hp = 0", "(Intercept) + `factor(cyl)6`")),
    nlcom(regression, list(~ wt - 2 * hp, (Intercept) ~ -`factor(cyl)6`))
  )) {
    expect_equal(unname(vcov(found)), wanted, tolerance = exact)
  }
  shifted <- nlcom(regression, rows, rhs = c(-3, 30))
  table <- coef(summary(shifted))
  expect_equal(unname(table[, 3]),
               drop(rows %*% coef(regression) - c(-3, 30)) /
                 sqrt(diag(wanted)), tolerance = exact)
  expect_equal(unname(table[, 4]), unname(2 * pnorm(-abs(table[, 3]))))
})

test_that("fixed parameters are numbers, unidentified ones have no error", {
  fit <- update(by_function, fixed = list(sigma = 2))
  found <- nlcom(fit, ~ b[2] / sigma)
  expect_equal(vcov(found)[[1]], vcov(fit)[2, 2] / 4, tolerance = exact)
  ridge <- suppressWarnings(mle_fit(
    function(a, b, s) dnorm(mpg, a + b, exp(s), log = TRUE),
    start = list(a = 1, b = 1, s = 1), data = mtcars
  ))
  found <- nlcom(ridge, ~ a / b, ~ exp(s))
  expect_identical(is.na(unname(diag(vcov(found)))), c(TRUE, FALSE))
})

test_that("the covariance, the distribution and the level are chosen", {
  own <- mle_fit(mpg ~ wt, data = mtcars, adjust = TRUE)
  found <- nlcom(own, ~ wt^2, vcov = "sandwich", level = 0.9)
  error <- abs(2 * coef(own)[["wt"]]) *
    sqrt(vcov(own, type = "sandwich")["wt", "wt"])
  limits <- coef(own)[["wt"]]^2 + c(-1, 1) * qt(0.95, 30) * error
  expect_equal(as.vector(confint(found)), limits, tolerance = exact)
  expect_identical(colnames(confint(found)), c("5 %", "95 %"))
  expect_equal(as.vector(confint(found, level = 0.95)),
               coef(own)[["wt"]]^2 + c(-1, 1) * qt(0.975, 30) * error,
               tolerance = exact)
  frame <- as.data.frame(found)
  expect_identical(names(frame), c("term", "estimate", "std.error", "statistic",
                                   "p.value", "conf.low", "conf.high"))
  expect_equal(frame$conf.low, limits[[1]], tolerance = exact)
})

test_that("printing is as it should be", {
  expect_snapshot({
    nlcom(regression, ~ wt / hp, turn = ~ -(Intercept) / wt)
    nlcom(regression, c("wt - 10 * hp = -3", "wt"))
    summary(nlcom(by_function, function(b, sigma) c(b / sigma, 1)))
  })
})

test_that("mistakes are named", {
  expect_snapshot(error = TRUE, {
    nlcom(regression, ~ wt / weight)
    nlcom(regression, ~ 3)
    nlcom(regression, "wt +* 2")
    nlcom(regression, ~ 1 / (hp - hp))
    nlcom(by_function, ~ b[7])
    nlcom(1, ~ b)
    nlcom(regression, diag(3))
    nlcom(regression, rbind(c(weight = 1, wt = 2)))
    nlcom(regression, ~ wt, rhs = 1)
    nlcom(regression, "wt = \"a\"")
    nlcom(regression, function(a, z) a)
    nlcom(regression, function(p) "a")
    nlcom(regression)
    nlcom(regression, ~ wt, level = 2)
  })
})
