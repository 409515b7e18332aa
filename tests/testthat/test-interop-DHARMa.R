# Simulated residuals of DHARMa: those of glm() with the same random numbers.

skip_if_not_installed("DHARMa")

# DHARMa warns that it does not know the class.
simulated <- function(fit, ...) {
  suppressWarnings(DHARMa::simulateResiduals(fit, n = 50, seed = 1, ...))
}

test_that("residuals are those of glm()", {
  for (pair in list(
    list(logit_fits$formula, logit_glm),
    list(poisson_fits$formula, poisson_glm),
    list(poisson_fits$density, poisson_glm)
  )) {
    own <- simulated(pair[[1L]])
    reference <- simulated(pair[[2L]])
    expect_equal(own$simulatedResponse, reference$simulatedResponse,
                 ignore_attr = TRUE)
    expect_equal(own$scaledResiduals, reference$scaledResiduals)
    expect_equal(own$fittedPredictedResponse, reference$fittedPredictedResponse,
                 tolerance = interop_tolerance, ignore_attr = TRUE)
    expect_equal(DHARMa::testDispersion(own, plot = FALSE)$p.value,
                 DHARMa::testDispersion(reference, plot = FALSE)$p.value)
  }
})

test_that("counts of two columns", {
  d <- data.frame(x = rnorm(40), n = 10)
  d$yes <- rbinom(40, d$n, plogis(d$x))
  fit <- mle_fit(cbind(yes, n - yes) ~ x, data = d, family = binomial)
  reference <- glm(cbind(yes, n - yes) ~ x, binomial, d)
  expect_equal(simulated(fit)$scaledResiduals,
               simulated(reference)$scaledResiduals)
})

test_that("a density that is no family", {
  set.seed(2)
  d <- data.frame(x = runif(200))
  d$y <- rnbinom(200, size = 1.5, mu = exp(1 + d$x))
  fit <- mle_fit(y ~ dnbinom(mu = mu, size = size), log(mu) ~ x, data = d)
  own <- simulated(fit)
  expect_true(own$integerResponse)
  expect_gt(DHARMa::testUniformity(own, plot = FALSE)$p.value, 0.01)
  wrong <- mle_fit(y ~ dpois(mu), log(mu) ~ x, data = d)
  expect_lt(DHARMa::testUniformity(simulated(wrong), plot = FALSE)$p.value,
            1e-6)
})

test_that("a function does not say what its response is", {
  expect_error(simulated(logit_fits$vector), class = "admle_error_unsupported")
})
