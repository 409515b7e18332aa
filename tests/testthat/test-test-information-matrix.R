# White's test against a normal regression's formulas by hand, and its third
# derivatives against differences.

regression <- mle_fit(dist ~ speed, data = cars)

# Scores and Hessians of each observation by (b, log sigma).
by_hand <- function(theta) {
  X <- cbind(1, cars$speed)
  e <- cars$dist - drop(X %*% theta[1:2])
  s2 <- exp(2 * theta[[3]])
  S <- cbind(X * e / s2, e^2 / s2 - 1)
  H <- cbind(-X[, 1]^2 / s2, -X[, 1] * X[, 2] / s2, -2 * X[, 1] * e / s2,
             -X[, 2]^2 / s2, -2 * X[, 2] * e / s2, -2 * e^2 / s2)
  products <- S[, c(1, 1, 1, 2, 2, 3)] * S[, c(1, 2, 3, 2, 3, 3)]
  list(S = S, d = H + products, H = H)
}
full <- function(v) matrix(v[c(1, 2, 3, 2, 4, 5, 3, 5, 6)], 3)

test_that("the Hessians of contributions are exact", {
  found <- contribution_hessians(regression)
  hand <- by_hand(regression$theta)
  expect_equal(unname(found$scores), unname(hand$S), tolerance = 1e-10)
  for (i in c(1, 20)) {
    expect_equal(found$hessians[i, , ], full(hand$H[i, ]), tolerance = 1e-10)
  }
})

test_that("the OPG form is n R^2", {
  hand <- by_hand(regression$theta)
  # the first indicator is the score of sigma
  Z <- cbind(hand$S, hand$d[, -1])
  Z <- sweep(Z, 2, sqrt(colSums(Z^2)), "/")
  own <- information_matrix_test(regression, form = "opg")
  expect_equal(own$statistic[[1]],
               50 - sum(lm.fit(Z, rep(1, 50))$residuals^2), tolerance = 1e-7)
  expect_equal(own$parameter[["df"]], 5)
  expect_equal(unname(own$indicators), unname(colMeans(hand$d)),
               tolerance = 1e-6)
})

test_that("White's form has exact third derivatives", {
  theta <- unname(regression$theta)
  hand <- by_hand(theta)
  steps <- 1e-4 * c(1, 0.1, 0.1)
  total <- function(theta) colSums(by_hand(theta)$d)
  slopes <- sapply(1:3, function(j) {
    h <- replace(numeric(3), j, steps[[j]])
    (8 * (total(theta + h) - total(theta - h)) -
       (total(theta + 2 * h) - total(theta - 2 * h))) / (12 * steps[[j]])
  })
  A <- -full(colSums(hand$H))
  V <- hand$d + hand$S %*% solve(A, t(slopes))
  units <- sqrt(colSums(hand$d^2))
  kept <- sqrt(colSums(V^2)) > 1e-5 * units
  expect_identical(kept, c(FALSE, rep(TRUE, 5)))
  V <- sweep(V, 2, units, "/")[, kept]
  d <- (colSums(hand$d) / units)[kept]
  own <- information_matrix_test(regression)
  expect_equal(own$statistic[["W"]], drop(d %*% solve(crossprod(V), d)),
               tolerance = 1e-6)
  expect_equal(own$parameter[["df"]], 5)
})

test_that("the parametrisation does not matter to the OPG form", {
  other <- mle_fit(function(a, b, v) {
    dnorm(dist, a + exp(b) * speed, sqrt(v), log = TRUE)
  }, start = list(a = -17, b = 1, v = 200), data = cars)
  # that of White's form has the average indicators in it, zero in expectation
  expect_equal(information_matrix_test(other, form = "opg")$statistic,
               information_matrix_test(regression, form = "opg")$statistic,
               tolerance = 1e-7)
})

test_that("weights are frequencies, rows may repeat, signs may be turned", {
  fn <- function(m, s) dnorm(speed, m, exp(s), log = TRUE)
  start <- list(m = 15, s = 1.5)
  w <- rep(c(1, 2), 25)
  weighted <- mle_fit(fn, start, data = cars, weights = w)
  repeated <- mle_fit(fn, start, data = cars, subset = rep(1:50, w))
  negative <- mle_fit(function(m, s) -dnorm(speed, m, exp(s), log = TRUE),
                      start, data = cars, weights = w, negative = TRUE)
  for (form in c("white", "opg")) {
    wanted <- information_matrix_test(repeated, form = form)$statistic
    expect_equal(information_matrix_test(weighted, form = form)$statistic,
                 wanted, tolerance = 1e-7)
    expect_equal(information_matrix_test(negative, form = form)$statistic,
                 wanted, tolerance = 1e-7)
  }
})

test_that("simulated p-values have the size that they say", {
  fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
  own <- information_matrix_test(fit, form = "opg", simulations = 19, seed = 3)
  # the same from responses fitted anew
  d <- InsectSprays
  others <- vapply(simulated_responses(fit, 19, 3), function(y) {
    d$count <- y
    again <- mle_fit(count ~ spray, data = d, family = poisson)
    information_matrix_test(again, form = "opg")$statistic[[1]]
  }, 1)
  expect_equal(own$p.value, (1 + sum(others >= own$statistic[[1]])) / 20)
  expect_match(own$method, "p-value of 19 simulations")
})

test_that("as many elements as observations have no variance", {
  few <- mle_fit(mpg ~ wt + hp + qsec, data = mtcars[1:12, ])
  for (form in c("white", "opg")) {
    expect_error(information_matrix_test(few, form = form),
                 "With 12 observations the variance",
                 class = "admle_error_unsupported")
  }
  expect_lt(information_matrix_test(few, "diagonal")$statistic[[1]], 12)
})

test_that("what is printed, and what cannot be tested", {
  expect_snapshot({
    information_matrix_test(regression)
    information_matrix_test(regression, "diagonal", "opg")
  })
  total <- mle_fit(function(m) sum(dnorm(cars$speed, m, 5, log = TRUE)),
                   start = list(m = 1))
  numeric <- mle_fit(function(m) dnorm(cars$speed, m, 5, log = TRUE),
                     start = list(m = 1), derivatives = "numeric")
  expect_snapshot(error = TRUE, {
    information_matrix_test(total)
    information_matrix_test(numeric)
    information_matrix_test(lm(dist ~ speed, cars))
    information_matrix_test(numeric, simulations = -1)
  })
})
