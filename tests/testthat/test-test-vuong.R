# Vuong's tests against nonnest2 and the formulas by hand.

glm_poisson <- function(formula) {
  glm(formula, poisson, warpbreaks, epsilon = 1e-14)
}
own_poisson <- function(formula) {
  mle_fit(formula, data = warpbreaks, family = poisson)
}

test_that("the statistics are those of the contributions", {
  poisson <- own_poisson(breaks ~ wool + tension)
  normal <- mle_fit(breaks ~ wool + tension, data = warpbreaks)
  a <- glm_poisson(breaks ~ wool + tension)
  b <- lm(breaks ~ wool + tension, warpbreaks)
  s <- sqrt(mean(residuals(b)^2))
  m <- dpois(warpbreaks$breaks, fitted(a), log = TRUE) -
    dnorm(warpbreaks$breaks, fitted(b), s, log = TRUE)
  n <- length(m)
  omega <- sqrt(mean((m - mean(m))^2))
  for (correction in c("none", "AIC", "BIC")) {
    penalty <- switch(correction, none = 0, AIC = 4 - 5, BIC = -log(n) / 2)
    own <- vuong_test(poisson, normal, correction = correction)
    expect_equal(own$statistic[["z"]], (sum(m) - penalty) / (omega * sqrt(n)),
                 tolerance = 1e-7)
  }
  less <- vuong_test(poisson, normal, alternative = "less")
  more <- vuong_test(poisson, normal, alternative = "greater")
  expect_equal(less$p.value + more$p.value, 1, tolerance = 1e-12)
  expect_equal(2 * min(less$p.value, more$p.value),
               vuong_test(poisson, normal)$p.value, tolerance = 1e-12)
})

test_that("the eigenvalues are those of W, equation (3.6)", {
  large <- own_poisson(breaks ~ wool * tension)
  small <- own_poisson(breaks ~ wool)
  scores <- function(model) {
    model.matrix(model) * (warpbreaks$breaks - fitted(model))
  }
  information <- function(model) {
    crossprod(model.matrix(model) * sqrt(fitted(model)))
  }
  f <- glm_poisson(breaks ~ wool * tension)
  g <- glm_poisson(breaks ~ wool)
  Sf <- scores(f)
  Sg <- scores(g)
  Af <- -solve(information(f))
  Ag <- -solve(information(g))
  W <- rbind(cbind(-crossprod(Sf) %*% Af, -crossprod(Sf, Sg) %*% Ag),
             cbind(crossprod(Sg, Sf) %*% Af, crossprod(Sg) %*% Ag))
  wanted <- sort(Re(eigen(W)$values))
  own <- vuong_test(large, small, "nested")
  expect_equal(sort(own$weights), wanted, tolerance = 1e-6)
  expect_equal(own$statistic[["LR"]],
               2 * as.numeric(logLik(f) - logLik(g)), tolerance = 1e-9)
  turned <- vuong_test(small, large, "nested")
  expect_equal(turned$p.value, own$p.value, tolerance = 1e-8)
})

test_that("an observation of weight zero is none", {
  weights <- rep(c(1, 0, 2), 18)
  pair <- function(data, weights) {
    vuong_test(mle_fit(breaks ~ wool, data = data, family = poisson,
                       weights = weights),
               mle_fit(breaks ~ tension, data = data, family = poisson,
                       weights = weights), correction = "BIC")
  }
  whole <- pair(warpbreaks, weights)
  part <- pair(warpbreaks[weights > 0, ], weights[weights > 0])
  expect_equal(whole$statistic, part$statistic, tolerance = 1e-8)
  expect_equal(whole$distinguishability$p.value,
               part$distinguishability$p.value, tolerance = 1e-6)
})

test_that("nonnest2 gives the same", {
  skip_if_not_installed("nonnest2")
  formulas <- list(breaks ~ wool * tension, breaks ~ wool,
                   breaks ~ tension)
  glms <- lapply(formulas, glm_poisson)
  owns <- lapply(formulas, own_poisson)
  theirs <- nonnest2::vuongtest(glms[[2]], glms[[3]])
  own <- vuong_test(owns[[2]], owns[[3]])
  expect_equal(own$statistic[["z"]], theirs$LRTstat[[1]], tolerance = 1e-6)
  expect_equal(own$distinguishability$p.value, theirs$p_omega,
               tolerance = 1e-5)
  theirs <- nonnest2::vuongtest(glms[[1]], glms[[2]], nested = TRUE)
  own <- vuong_test(owns[[1]], owns[[2]], "nested")
  expect_equal(own$statistic[["LR"]], theirs$LRTstat[[1]], tolerance = 1e-8)
  expect_equal(own$p.value, theirs$p_LRT$A, tolerance = 1e-4)
})

test_that("zero inflation of pscl's example", {
  skip_if_not_installed("pscl")
  d <- pscl::bioChemists
  counts <- mle_fit(art ~ ., data = d, family = poisson)
  inflated <- mle_fit(
    art ~ zero_inflated(dpois(mu), zero),
    log(mu) ~ fem + mar + kid5 + phd + ment,
    logit(zero) ~ fem + mar + kid5 + phd + ment, data = d
  )
  own <- vuong_test(counts, inflated)$statistic[["z"]]
  # ?pscl::vuong: -4.18, with the divisor n - 1 in the standard deviation
  expect_equal(own * sqrt(914 / 915), -4.180498, tolerance = 1e-6)
})

test_that("what is printed, and what cannot be compared", {
  a <- own_poisson(breaks ~ wool)
  b <- own_poisson(breaks ~ tension)
  expect_snapshot({
    vuong_test(a, b)
    vuong_test(a, b, alternative = "less", correction = "BIC")
    vuong_test(a, b, "distinguishability")
    vuong_test(own_poisson(breaks ~ 1), b, "nested")
  })
  expect_snapshot(error = TRUE, {
    vuong_test(a, a)
    vuong_test(a, update(b, subset = -1))
    vuong_test(a, b, "nested", correction = "AIC")
    vuong_test(a, b, "nested")
    vuong_test(a, own_poisson(breaks ~ wool + 0), "nested")
    vuong_test(a, lm(breaks ~ wool, warpbreaks))
  })
})
