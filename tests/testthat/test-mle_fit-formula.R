# Models given as formulas against those of stats, each with one line.

converged <- glm.control(epsilon = 1e-15, maxit = 100)

test_that("the normal linear model is lm()'s", {
  fit <- mle_fit(mpg ~ wt + hp, data = mtcars, adjust = TRUE)
  reference <- lm(mpg ~ wt + hp, mtcars)
  expect_same_fit(fit, reference)
  expect_identical(names(coef(fit)), c(names(coef(reference)), "sigma"))
  expect_equal(coef(summary(fit))[1:3, ], coef(summary(reference)),
               tolerance = model_tolerance$errors, ignore_attr = TRUE)
})

test_that("Longley's data", {
  expect_same_fit(mle_fit(Employed ~ ., data = longley),
                  lm(Employed ~ ., longley))
})

test_that("weights of a linear model are lm()'s", {
  weights <- rep(c(1, 2.5, 0.3, 0), 8)
  fit <- mle_fit(mpg ~ wt, data = mtcars, weights = weights, adjust = TRUE)
  reference <- lm(mpg ~ wt, mtcars, weights = weights)
  expect_same_fit(fit, reference)
  expect_same_errors(fit, sqrt(diag(vcov(reference))))
  expect_identical(nobs(fit), 24L)
})

test_that("binomial models with every link are glm()'s", {
  for (link in c("logit", "probit", "cauchit", "cloglog")) {
    fit <- mle_fit(am ~ wt, data = mtcars, family = binomial(link))
    reference <- glm(am ~ wt, binomial(link), mtcars, control = converged)
    expect_same_fit(fit, reference)
    expect_same_errors(
      fit, sqrt(diag(solve(observed_information(reference))))
    )
  }
  counts <- data.frame(dose = 0:5, n = 30, y = c(2, 4, 9, 13, 20, 24))
  fit <- mle_fit(cbind(y, n - y) ~ dose, data = counts,
                 family = binomial("log"))
  reference <- suppressWarnings( # glm() halves a step
    glm(cbind(y, n - y) ~ dose, binomial("log"), counts, start = c(-2, 0.2),
        control = converged)
  )
  expect_same_fit(fit, reference)
})

test_that("poisson models with every link are glm()'s", {
  for (link in c("log", "identity", "sqrt")) {
    fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson(link))
    reference <- glm(count ~ spray, poisson(link), InsectSprays,
                     control = converged)
    expect_same_fit(fit, reference)
    expect_same_errors(
      fit, sqrt(diag(solve(observed_information(reference))))
    )
  }
})

test_that("gaussian models with other links are glm()'s", {
  for (link in c("log", "inverse")) {
    fit <- mle_fit(mpg ~ wt, data = mtcars, family = gaussian(link))
    reference <- glm(mpg ~ wt, gaussian(link), mtcars, control = converged,
                     start = coef(lm(make.link(link)$linkfun(mpg) ~ wt,
                                     mtcars)))
    expect_same_fit(fit, reference)
  }
})

test_that("Gamma models have glm()'s coefficients and the likeliest shape", {
  for (link in c("inverse", "identity", "log")) {
    fit <- mle_fit(mpg ~ wt, data = mtcars, family = Gamma(link))
    reference <- glm(mpg ~ wt, Gamma(link), mtcars, control = converged)
    shape <- coef(fit)[["shape"]]
    mu <- fitted(reference)
    expect_same_fit(fit, reference, loglik = sum(
      dgamma(mtcars$mpg, shape, shape / mu, log = TRUE)
    ))
    # The score of the shape at its estimate: n times the mean of
    # log(shape) + 1 - digamma(shape) + log(y / mu) - y / mu.
    ratio <- mtcars$mpg / mu
    expect_lt(abs(mean(log(shape) + 1 - digamma(shape) + log(ratio) - ratio)),
              1e-9)
    expect_same_errors(
      fit, sqrt(diag(solve(observed_information(reference)) / shape))
    )
  }
})

test_that("binomial responses: factor, logical, two columns, proportions", {
  d <- transform(mtcars, f = factor(am, labels = c("auto", "manual")),
                 l = am == 1)
  fit <- mle_fit(am ~ wt, data = d, family = binomial)
  expect_equal(coef(mle_fit(f ~ wt, data = d, family = binomial)), coef(fit))
  expect_equal(coef(mle_fit(l ~ wt, data = d, family = binomial)), coef(fit))
  grouped <- as.data.frame(UCBAdmissions)
  wide <- reshape(grouped, direction = "wide", timevar = "Admit",
                  idvar = c("Gender", "Dept"))
  names(wide)[3:4] <- c("yes", "no")
  reference <- glm(cbind(yes, no) ~ Gender + Dept, binomial, wide,
                   control = converged)
  expect_same_fit(
    mle_fit(cbind(yes, no) ~ Gender + Dept, data = wide, family = binomial),
    reference
  )
  expect_same_fit(
    mle_fit(yes / (yes + no) ~ Gender + Dept, data = wide, family = binomial,
            weights = yes + no),
    reference
  )
})

test_that("offset, subset, weights and missing values are glm()'s", {
  d <- transform(warpbreaks, e = seq_along(breaks) / 20)
  d$e[c(3, 17)] <- NA
  fit <- mle_fit(breaks ~ wool * tension + offset(log(e)), data = d,
                 family = poisson, subset = breaks > 12, weights = e + 1)
  reference <- glm(breaks ~ wool * tension + offset(log(e)), poisson, d,
                   subset = breaks > 12, weights = e + 1, control = converged)
  expect_same_fit(fit, reference)
  expect_same_errors(fit, sqrt(diag(vcov(reference))))
  expect_identical(nobs(fit), nobs(reference))
  expect_equal(
    coef(mle_fit(breaks ~ wool, data = d, family = poisson, offset = log(e))),
    coef(glm(breaks ~ wool, poisson, d, offset = log(e), control = converged)),
    tolerance = model_tolerance$coefficients
  )
})

test_that("terms of R's formulas: contrasts, polynomials, splines, nothing", {
  formulas <- list(
    mpg ~ factor(cyl) * poly(wt, 2), mpg ~ splines::ns(wt, 3) - 1,
    log(mpg) ~ I(wt^2) + wt:hp, mpg ~ 1, mpg ~ scale(wt) + cut(hp, 3)
  )
  for (formula in formulas) {
    expect_same_fit(mle_fit(formula, data = mtcars), lm(formula, mtcars))
  }
  d <- transform(mtcars, cyl = factor(cyl))
  contrasts <- list(cyl = "contr.sum")
  expect_same_fit(
    mle_fit(mpg ~ cyl, data = d, contrasts = contrasts),
    lm(mpg ~ cyl, d, contrasts = contrasts)
  )
})

test_that("one formula per parameter, with its link", {
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ hp,
                 data = mtcars)
  by_hand <- mle_fit(function(b, g) {
    dnorm(mpg, b[1] + b[2] * wt, exp(g[1] + g[2] * hp), log = TRUE)
  }, start = list(b = c(20, 0), g = c(1, 0)), data = mtcars)
  expect_same_fit(fit, by_hand)
  expect_same_errors(fit, sqrt(diag(vcov(by_hand))))
  expect_identical(names(coef(fit)), c(
    "(Intercept)", "wt", "sigma_(Intercept)", "sigma_hp"
  ))
})

test_that("an expression of parameters and data is nls()'s", {
  fit <- mle_fit(rate ~ dnorm(Vm * conc / (K + conc), sigma),
                 data = Puromycin, subset = state == "treated",
                 start = list(Vm = 200, K = 0.05), adjust = TRUE)
  reference <- nls(rate ~ Vm * conc / (K + conc), Puromycin,
                   subset = state == "treated",
                   start = list(Vm = 200, K = 0.05),
                   control = nls.control(tol = 1e-7))
  expect_same_fit(fit, reference)
})

test_that("a data frame and a family without their names, as in glm()", {
  fit <- mle_fit(am ~ wt, binomial, mtcars)
  expect_same_fit(fit, glm(am ~ wt, binomial, mtcars, control = converged))
  expect_identical(names(fit$call)[-1L], c("formula", "family", "data"))
})

test_that("starting values of the user's", {
  fit <- mle_fit(mpg ~ wt, data = mtcars)
  for (start in list(list(mu = c(30, -1), sigma = 9), c(wt = -3),
                     list("(Intercept)" = 20, sigma = positive(2)),
                     coef(fit))) {
    expect_same_fit(mle_fit(mpg ~ wt, data = mtcars, start = start), fit)
  }
})

test_that("fixed coefficients and parameters", {
  fit <- mle_fit(mpg ~ wt + hp, data = mtcars, fixed = c(hp = 0))
  expect_same_fit(fit, lm(mpg ~ wt, mtcars))
  fit <- mle_fit(mpg ~ wt, data = mtcars, fixed = list(sigma = 3))
  expect_same_fit(fit, lm(mpg ~ wt, mtcars), loglik = sum(
    dnorm(mtcars$mpg, fitted(lm(mpg ~ wt, mtcars)), 3, log = TRUE)
  ))
})

test_that("aliased columns have NA coefficients, as in lm()", {
  d <- transform(mtcars, twice = 2 * wt)
  expect_message(fit <- mle_fit(mpg ~ wt + twice + hp, data = d), "twice")
  reference <- lm(mpg ~ wt + twice + hp, d)
  expect_equal(coef(fit)[1:4], coef(reference),
               tolerance = model_tolerance$coefficients)
  expect_identical(is.na(vcov(fit)[, "twice"]),
                   c("(Intercept)" = TRUE, wt = TRUE, twice = TRUE, hp = TRUE,
                     sigma = TRUE))
  expect_false(anyNA(vcov(fit, complete = FALSE)))
  expect_equal(fitted(fit), fitted(reference))
  expect_snapshot(print(fit))
})

test_that("the log-likelihood can be read and called", {
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ hp,
                 data = mtcars)
  fn <- loglik_function(fit)
  expect_snapshot(print(body(fn)))
  expect_equal(
    sum(fn(beta_mu = coef(fit)[1:2], beta_sigma = coef(fit)[3:4])),
    as.numeric(logLik(fit))
  )
  expect_equal(
    coef(mle_fit(fn, start = list(beta_mu = c(30, 0), beta_sigma = c(1, 0)))),
    coef(fit), tolerance = 1e-6, ignore_attr = TRUE
  )
})

test_that("a fit that was saved is the same fit", {
  fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
  file <- tempfile()
  on.exit(unlink(file))
  saveRDS(fit, file)
  again <- readRDS(file)
  expect_equal(vcov(again, "sandwich"), vcov(fit, "sandwich"))
  expect_equal(predict(again, data.frame(wt = 3)),
               predict(fit, data.frame(wt = 3)))
  expect_equal(coef(update(again, . ~ . + hp)),
               coef(mle_fit(am ~ wt + hp, data = mtcars, family = binomial)))
})

test_that("models without terms, and with an offset only", {
  expect_same_fit(mle_fit(mpg ~ 0, data = mtcars),
                  lm(mpg ~ 0, mtcars), coefficients = numeric())
  fit <- mle_fit(count ~ 1 + offset(log(count + 1)), data = InsectSprays,
                 family = poisson)
  expect_same_fit(fit, glm(count ~ 1 + offset(log(count + 1)), poisson,
                           InsectSprays,
                           control = glm.control(epsilon = 1e-12)))
})
