# Models of other packages, each with one line: survival, counts, categories.

test_that("survreg()'s models", {
  skip_if_not_installed("survival")
  Surv <- survival::Surv
  lung <- survival::lung
  reference <- function(dist) {
    survival::survreg(
      Surv(time, status) ~ age + sex, lung, dist = dist,
      control = survival::survreg.control(rel.tolerance = 1e-14, maxiter = 100)
    )
  }
  expect_same_fit(
    mle_fit(Surv(time, status) ~ dweibull(shape, scale),
            log(scale) ~ age + sex, data = lung), reference("weibull")
  )
  expect_same_fit(
    mle_fit(Surv(time, status) ~ dexp(1 / mean), log(mean) ~ age + sex,
            data = lung), reference("exponential")
  )
  expect_same_fit(
    mle_fit(Surv(time, status) ~ dlnorm(mu, sigma), mu ~ age + sex,
            data = lung), reference("lognormal")
  )
  expect_same_fit(
    mle_fit(Surv(time, status) ~ dllogis(shape, scale),
            log(scale) ~ age + sex, data = lung), reference("loglogistic")
  )
  fit <- mle_fit(Surv(time, status) ~ dlogis(mu, s), mu ~ age + sex,
                 data = lung)
  theirs <- reference("logistic")
  expect_same_fit(fit, theirs)
  expect_same_errors(fit, sqrt(diag(vcov(theirs)))[1:3])
  expect_equal(coef(fit)[["s"]], theirs$scale, tolerance = 1e-8)
})

test_that("a tobit model", {
  skip_if_not_installed("AER")
  data("Affairs", package = "AER", envir = environment())
  fit <- mle_fit(affairs ~ censored(dnorm(mu, sigma), lower = 0),
                 mu ~ age + yearsmarried + rating, data = Affairs)
  reference <- AER::tobit(
    affairs ~ age + yearsmarried + rating, data = Affairs,
    control = survival::survreg.control(rel.tolerance = 1e-14, maxiter = 100)
  )
  expect_same_fit(fit, reference)
})

test_that("negative binomial counts", {
  skip_if_not_installed("MASS")
  fit <- mle_fit(Days ~ dnbinom(size, mu = mu), log(mu) ~ Eth * Lrn,
                 data = MASS::quine)
  reference <- MASS::glm.nb(Days ~ Eth * Lrn, MASS::quine,
                            control = glm.control(epsilon = 1e-14, maxit = 100))
  expect_same_fit(fit, reference)
  expect_equal(coef(fit)[["size"]], reference$theta, tolerance = 1e-8)
})

test_that("zero-inflated and hurdle counts", {
  skip_if_not_installed("pscl")
  data("bioChemists", package = "pscl", envir = environment())
  # pscl's optimiser (BFGS) stops 1e-6 from its maximum: the log-likelihoods
  # agree, and ours is the higher one.
  above <- function(fit, reference) {
    expect_equal(unname(coef(fit)[seq_along(coef(reference))]),
                 unname(coef(reference)), tolerance = 1e-5)
    gain <- as.numeric(logLik(fit)) - as.numeric(logLik(reference))
    expect_gte(gain, -1e-9)
    expect_lt(gain, 1e-7)
  }
  above(
    mle_fit(art ~ zero_inflated(dpois(mu), pi), log(mu) ~ ., logit(pi) ~ .,
            data = bioChemists),
    pscl::zeroinfl(art ~ . | ., bioChemists, reltol = 1e-15)
  )
  above(
    mle_fit(art ~ hurdle(dpois(mu), pi), log(mu) ~ ., logit(pi) ~ .,
            data = bioChemists),
    pscl::hurdle(art ~ . | ., bioChemists, reltol = 1e-15)
  )
})

test_that("ordered categories", {
  skip_if_not_installed("ordinal")
  wine <- ordinal::wine
  for (link in c("logit", "probit")) {
    formula <- eval(bquote(rating ~ dordered(eta, thresholds, link = .(link))))
    fit <- mle_fit(formula, eta ~ temp + contact, data = wine)
    reference <- ordinal::clm(rating ~ temp + contact, data = wine,
                              link = link,
                              control = ordinal::clm.control(gradTol = 1e-12))
    theirs <- coef(reference)[c(5:6, 1:4)]
    expect_same_fit(fit, reference, coefficients = theirs)
    expect_same_errors(fit, sqrt(diag(vcov(reference)))[c(5:6, 1:4)])
  }
  shares <- predict(fit, wine[1:3, ], type = "prob")
  expect_equal(rowSums(shares), rep(1, 3), ignore_attr = TRUE)
  expect_identical(colnames(shares), levels(wine$rating))
})

test_that("unordered categories", {
  skip_if_not_installed("nnet")
  d <- transform(MASS::birthwt, race = factor(race))
  fit <- mle_fit(race ~ dcategorical(eta), eta ~ age + lwt, data = d)
  reference <- nnet::multinom(race ~ age + lwt, d, trace = FALSE,
                              reltol = 1e-14, maxit = 1000)
  # multinom() ends 1e-6 from the maximum, which has this score of zero.
  shares <- fitted(fit)
  X <- model.matrix(fit)
  score <- crossprod(X, outer(d$race, levels(d$race), `==`) - shares)
  expect_lt(max(abs(score) / colSums(abs(X))), 1e-10)
  expect_equal(matrix(coef(fit), 2, byrow = TRUE), coef(reference),
               tolerance = 1e-5, ignore_attr = TRUE)
  expect_identical(names(coef(fit))[1:2], c("2_(Intercept)", "2_age"))
})

test_that("inverse Gaussian models", {
  # As in summary.glm(): sum((y - mu)^2 / mu^2 / y) / n is the dispersion.
  for (link in c("1/mu^2", "inverse", "log")) {
    family <- inverse.gaussian(link)
    fit <- mle_fit(mpg ~ wt, data = mtcars, family = family)
    reference <- glm(mpg ~ wt, family, mtcars,
                     control = glm.control(epsilon = 1e-15, maxit = 100))
    expect_same_fit(fit, reference)
  }
})

test_that("models of two outcomes start without correlation", {
  skip_if_not_installed("AER")
  data("PSID1976", package = "AER", envir = environment())
  d <- transform(PSID1976, works = as.numeric(participation == "yes"))
  model <- cbind(wage, works) ~ dheckman(mu, sigma, seen, rho)
  fit <- mle_fit(model, seen ~ age + youngkids + education,
                 mu ~ experience + education + city, data = d)
  # sampleSelection::selection(), version 1.2, converged to rounding.
  expect_equal(unname(coef(fit)), c(
    -1.501838537, -0.004127803211, -0.1449039348, 0.1485268521, -7.263471903,
    0.02985931535, 0.6661675895, 0.05852693316, 4.178526203, 0.9908333837
  ), tolerance = model_tolerance$coefficients)
  expect_equal(as.numeric(logLik(fit)), -1479.791724841,
               tolerance = model_tolerance$loglik)
  # Wages that are missing where they are not seen are no missing rows.
  d$wage[d$works == 0] <- NA
  again <- mle_fit(model, seen ~ age + youngkids + education,
                   mu ~ experience + education + city, data = d)
  expect_identical(nobs(again), nrow(d))
  expect_equal(coef(again), coef(fit), tolerance = 1e-10)

  # Regressions on the same regressors: the least squares of each, and the
  # correlation of their residuals.
  fit <- mle_fit(cbind(mpg, qsec) ~ dbivnorm(m1, m2, s1, s2, rho), m1 ~ wt,
                 m2 ~ wt, data = mtcars)
  both <- lm(cbind(mpg, qsec) ~ wt, mtcars)
  errors <- residuals(both)
  expect_equal(unname(coef(fit)), c(
    coef(both), sqrt(colMeans(errors^2)), cor(errors)[[2L]]
  ), tolerance = model_tolerance$coefficients, ignore_attr = TRUE)
})

test_that("a mixture finds its parts", {
  fit <- mle_fit(eruptions ~ mixture(p, dnorm(m1, s1), dnorm(m2, s2)),
                 data = faithful)
  b <- coef(fit)
  density <- with(faithful, b[["p"]] * dnorm(eruptions, b[["m1"]], b[["s1"]]) +
                    (1 - b[["p"]]) * dnorm(eruptions, b[["m2"]], b[["s2"]]))
  expect_equal(sum(log(density)), as.numeric(logLik(fit)))
  # The mean of the fit of a mixture is the mean of the data.
  expect_equal(fitted(fit)[[1L]], mean(faithful$eruptions), tolerance = 1e-8)
  expect_gt(abs(b[["m1"]] - b[["m2"]]), 2)
})

test_that("a density of the user's", {
  dlaplacian <- function(x, location, scale, log = FALSE) {
    out <- -sqrt((x - location)^2 + 1e-4) / scale - log(2 * scale)
    if (log) out else exp(out)
  }
  fit <- mle_fit(mpg ~ dlaplacian(m, s), m ~ wt, log(s) ~ 1, data = mtcars)
  by_hand <- mle_fit(function(b, s) {
    dlaplacian(mpg, b[1] + b[2] * wt, exp(s), log = TRUE)
  }, start = list(b = c(37, -5), s = 1), data = mtcars)
  expect_same_fit(fit, by_hand)
})

test_that("means of counts and of positive densities are declared positive", {
  forms <- list(
    count ~ dnbinom2(mu, alpha), count ~ dnbinom(mu = mu, size = size),
    count ~ dnbinom1(m, alpha), count ~ dpoisinvgauss(m, shape),
    I(count + 1) ~ dinvgauss(m, shape)
  )
  for (form in forms) {
    fit <- mle_fit(form, data = InsectSprays)
    range <- parameters_range(fit$parameters)
    expect_identical(unname(range$lower), c(0, 0))
  }
  fit <- mle_fit(I(count / 100 + 0.01) ~ dbetar(mu, phi), data = InsectSprays)
  expect_identical(unname(parameters_range(fit$parameters)$upper), c(1, Inf))
  fit <- mle_fit(count ~ dnorm(mu, sd), data = InsectSprays)
  expect_identical(unname(parameters_range(fit$parameters)$lower), c(-Inf, 0))
})

test_that("what does not vary within a choice set has no coefficient", {
  set.seed(5)
  d <- data.frame(set = rep(1:80, each = 3), alternative = gl(3, 1, 240),
                  price = rnorm(240), income = rep(rnorm(80), each = 3))
  u <- c(0, 0.5, 1)[d$alternative] - d$price - log(rexp(240))
  d$chosen <- ave(u, d$set, FUN = function(v) v == max(v))
  fit <- mle_fit(chosen ~ dconditional(v, set), v ~ alternative + price,
                 data = d)
  poisson <- glm(chosen ~ alternative + price + factor(set), poisson, d,
                 control = glm.control(1e-14, 100))
  expect_true(fit$converged)
  expect_equal(coef(fit), coef(poisson)[names(coef(fit))], tolerance = 1e-8)
  expect_message(with_income <- update(fit, v ~ . + income),
                 "`income` of `v`.*does not vary within a choice set")
  expect_identical(coef(with_income)[["income"]], NA_real_)
})
