# Links: their inverses, and their names on the left-hand side of formulas.

test_that("the code of each inverse inverts the link", {
  for (link in links) {
    mu <- switch(link$name, exp = c(-1, 0.5), tanh = c(-0.7, 0.7),
                 c(0.1, 0.5, 0.9))
    expect_equal(link_inverse_at(link, link$link(mu)), mu, tolerance = 1e-14)
  }
})

test_that("links of families are those of make.link()", {
  for (name in c("logit", "probit", "cauchit", "cloglog", "identity", "log",
                 "sqrt", "1/mu^2", "inverse")) {
    eta <- c(0.2, 0.7, 1.3)
    expect_equal(link_inverse_at(links[[name]], eta),
                 make.link(name)$linkinv(eta), tolerance = 1e-14)
  }
})

test_that("left-hand sides", {
  named <- function(lhs) {
    read <- read_link(lhs, environment())
    c(read$parameter, read$link$name)
  }
  expect_identical(named(quote(mu)), c("mu", "identity"))
  expect_identical(named(quote(log(sigma))), c("sigma", "log"))
  expect_identical(named(quote(qlogis(p))), c("p", "logit"))
  expect_identical(named(quote(1 / mu)), c("mu", "inverse"))
  expect_identical(named(quote(1 / mu^2)), c("mu", "1/mu^2"))
})

test_that("a link of the user's with its inverse", {
  cubic <- structure(function(mu) sign(mu) * abs(mu)^(1 / 3),
                     inverse = function(eta) eta^3)
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), cubic(mu) ~ wt, data = mtcars)
  by_hand <- mle_fit(function(b, sigma) {
    dnorm(mpg, (b[1] + b[2] * wt)^3, sigma, log = TRUE)
  }, start = list(b = c(3, -0.1), sigma = positive(3)), data = mtcars)
  expect_same_fit(fit, by_hand)
  softer <- make.link("cauchit")
  fit <- mle_fit(am ~ dbinom(1, p), softer(p) ~ wt, data = mtcars)
  expect_same_fit(fit, mle_fit(am ~ wt, data = mtcars,
                               family = binomial("cauchit")))
})

test_that("power links", {
  fit <- mle_fit(mpg ~ wt, data = mtcars, family = Gamma(power(0.5)))
  reference <- glm(mpg ~ wt, Gamma(power(0.5)), mtcars,
                   control = glm.control(epsilon = 1e-15))
  expect_equal(coef(fit)[1:2], coef(reference),
               tolerance = model_tolerance$coefficients)
})
