# Residuals and simulated responses.

converged <- glm.control(epsilon = 1e-15, maxit = 100)

test_that("residuals of families are residuals.glm()'s", {
  fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
  reference <- glm(am ~ wt, binomial, mtcars, control = converged)
  for (type in c("response", "pearson", "deviance")) {
    expect_equal(residuals(fit, type), residuals(reference, type),
                 tolerance = model_tolerance$errors)
  }
  fit <- mle_fit(cbind(ncases, ncontrols) ~ agegp, data = esoph,
                 family = binomial)
  reference <- glm(cbind(ncases, ncontrols) ~ agegp, binomial, esoph,
                   control = converged)
  for (type in c("response", "pearson", "deviance")) {
    expect_equal(residuals(fit, type), residuals(reference, type),
                 tolerance = model_tolerance$errors)
  }
})

test_that("scores add up to the scores of the coefficients", {
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ hp,
                 data = mtcars)
  scores <- cbind(
    residuals(fit, "score") * model.matrix(fit),
    residuals(fit, "score", parameter = "sigma") * model.matrix(fit, "sigma")
  )
  expect_equal(scores, sandwich::estfun(fit), ignore_attr = TRUE)
})

test_that("quantile residuals of a continuous response are exact", {
  fit <- mle_fit(mpg ~ wt, data = mtcars)
  expect_equal(residuals(fit, "quantile"),
               residuals(fit) / coef(fit)[["sigma"]])
})

test_that("quantile residuals are random within the jump of a count", {
  fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
  set.seed(1)
  u <- pnorm(residuals(fit, "quantile"))
  expect_true(all(u <= ppois(InsectSprays$count, fitted(fit))))
  expect_true(all(u >= ppois(InsectSprays$count - 1, fitted(fit))))
})

test_that("quantile residuals of censored responses", {
  d <- transform(mtcars, y = pmax(mpg, 18))
  fit <- mle_fit(y ~ censored(dnorm(mu, sigma), lower = 18), mu ~ wt, data = d)
  set.seed(1)
  q <- residuals(fit, "quantile")
  mu <- predict(fit, type = "parameter")
  free <- d$y > 18
  expect_equal(q[free], ((d$y - mu) / coef(fit)[["sigma"]])[free])
  expect_true(all(q[!free] < ((18 - mu) / coef(fit)[["sigma"]])[!free]))
})

test_that("simulated responses are those of the distribution", {
  fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
  first <- simulate(fit, 2, seed = 7)
  expect_identical(first, simulate(fit, 2, seed = 7))
  expect_identical(names(first), c("sim_1", "sim_2"))
  set.seed(7)
  expect_equal(first$sim_1, rpois(72, fitted(fit)))
})

test_that("simulated responses have the form of the response", {
  d <- transform(mtcars, f = factor(am, labels = c("auto", "manual")))
  fit <- mle_fit(f ~ wt, data = d, family = binomial)
  expect_identical(levels(simulate(fit, 1)$sim_1), c("auto", "manual"))
  fit <- mle_fit(cbind(ncases, ncontrols) ~ agegp, data = esoph,
                 family = binomial)
  drawn <- simulate(fit, 1)$sim_1
  expect_identical(colnames(drawn), c("ncases", "ncontrols"))
  expect_equal(rowSums(drawn), with(esoph, ncases + ncontrols),
               ignore_attr = TRUE)
})

test_that("simulating leaves the random numbers alone if there is a seed", {
  fit <- mle_fit(mpg ~ wt, data = mtcars)
  set.seed(3)
  before <- .Random.seed
  simulate(fit, 1, seed = 5)
  expect_identical(.Random.seed, before)
})

test_that("a likelihood written as a function has none of these", {
  fit <- mle_fit(function(m) dnorm(mpg, m, 6, log = TRUE), list(m = 20),
                 mtcars)
  expect_error(residuals(fit), class = "admle_error_unsupported")
  expect_error(fitted(fit), class = "admle_error_unsupported")
  expect_error(simulate(fit), class = "admle_error_unsupported")
  expect_error(model.frame(fit), class = "admle_error_unsupported")
})
