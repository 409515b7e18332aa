# Marginal means of the emmeans package, equal to those that it makes of glm()
# and lm().

skip_if_not_installed("emmeans")

expect_same_means <- function(own, theirs) {
  estimates <- function(means) {
    table <- suppressMessages(as.data.frame(means))
    table[c("SE", "df", intersect(names(table), c(
      "emmean", "rate", "prob", "response", "estimate", "ratio", "x.trend",
      "odds.ratio"
    )))]
  }
  expect_equal(estimates(own), estimates(theirs), ignore_attr = TRUE,
               tolerance = interop_tolerance)
  expect_identical(names(as.data.frame(own)), names(as.data.frame(theirs)))
}

expect_means_as_glm <- function(means) {
  expect_same_means(means(logit_fits$formula), means(logit_glm))
  expect_same_means(means(poisson_fits$formula), means(poisson_glm))
}

interaction_fits <- list(
  own = mle_fit(count ~ x * group, data = interop_data, family = poisson),
  glm = glm(count ~ x * group, poisson, interop_data,
            control = glm.control(epsilon = 1e-14))
)

test_that("means, contrasts and trends on the link and response scales", {
  for (type in c("link", "response")) {
    expect_means_as_glm(function(fit) {
      emmeans::emmeans(fit, ~ group, type = type)
    })
    expect_means_as_glm(function(fit) {
      emmeans::contrast(emmeans::emmeans(fit, ~ group, type = type), "pairwise")
    })
  }
  expect_means_as_glm(function(fit) {
    emmeans::emmeans(fit, ~ group, regrid = "response")
  })
  own <- interaction_fits$own
  theirs <- interaction_fits$glm
  expect_same_means(emmeans::emtrends(own, ~ group, var = "x"),
                    emmeans::emtrends(theirs, ~ group, var = "x"))
  at <- list(x = c(-1, 1))
  expect_same_means(emmeans::emmeans(own, ~ group | x, at = at),
                    emmeans::emmeans(theirs, ~ group | x, at = at))
  expect_same_means(emmeans::emmeans(linear_fit, ~ group),
                    emmeans::emmeans(linear_lm, ~ group))
  density <- emmeans::emmeans(poisson_fits$density, ~ group, type = "response")
  theirs <- emmeans::emmeans(poisson_glm, ~ group, type = "response")
  expect_equal(as.data.frame(density)$response, as.data.frame(theirs)$rate,
               tolerance = interop_tolerance)
})

test_that("missing values, subsets, offsets, functions of variables", {
  d <- interop_data
  d$x[c(3, 50)] <- NA
  d$count[7] <- NA
  forms <- list(
    quote(fitted(count ~ x + group, subset = firm > 2)),
    quote(fitted(count ~ poly(year, 2) + group)),
    quote(fitted(count ~ log(year) + group + offset(log(firm)))),
    quote(fitted(count ~ year + group, offset = log(firm))),
    quote(fitted(count ~ factor(year < 5) * group))
  )
  for (form in forms) {
    own <- theirs <- form
    own[[1L]] <- quote(mle_fit)
    theirs[[1L]] <- quote(glm)
    own$data <- theirs$data <- quote(d)
    own$family <- theirs$family <- quote(poisson)
    theirs$control <- quote(glm.control(epsilon = 1e-14))
    expect_same_means(
      suppressMessages(emmeans::emmeans(eval(own), ~ group)),
      suppressMessages(emmeans::emmeans(eval(theirs), ~ group))
    )
  }
})

test_that("other parameters, and links by any name", {
  new <- data.frame(x = 0:1, group = "a")
  means <- as.data.frame(emmeans::emmeans(
    spread_fit, ~ x, at = list(x = 0:1), parameter = "sigma", type = "response"
  ))
  expected <- predict(spread_fit, new, type = "parameter",
                      parameter = "sigma", se.fit = TRUE)
  expect_equal(means$response, unname(expected$fit))
  expect_equal(means$SE, unname(expected$se.fit))
  d <- transform(interop_data, output = output / 10)
  fit <- mle_fit(output ~ dnorm(mu, sigma), atanh(mu) ~ group, data = d)
  means <- as.data.frame(emmeans::emmeans(fit, ~ group, type = "response"))
  expected <- predict(fit, data.frame(group = c("a", "b", "c")),
                      se.fit = TRUE)
  expect_equal(means$response, unname(expected$fit))
  expect_equal(means$SE, unname(expected$se.fit))
})

test_that("another covariance, saved fits, columns that others explain", {
  skip_if_not_installed("sandwich")
  expect_means_as_glm(function(fit) {
    emmeans::emmeans(fit, ~ group, vcov. = sandwich::sandwich)
  })
  file <- tempfile()
  on.exit(unlink(file))
  saveRDS(local({
    gone <- interop_data
    mle_fit(count ~ x * group, data = gone, family = poisson)
  }), file)
  expect_same_means(emmeans::emmeans(readRDS(file), ~ x * group),
                    emmeans::emmeans(interaction_fits$glm, ~ x * group))
  doubled <- transform(interop_data, x2 = 2 * x)
  own <- suppressMessages(mle_fit(count ~ x + x2 + group, data = doubled,
                                  family = poisson))
  expect_same_means(
    emmeans::emmeans(own, ~ group, at = list(x = 1, x2 = 2)),
    emmeans::emmeans(poisson_glm, ~ group, at = list(x = 1))
  )
  expect_true(all(is.na(as.data.frame(
    emmeans::emmeans(own, ~ group, at = list(x = 1, x2 = 3))
  )$emmean)))
})

test_that("a function has no means, but qdrg() makes them", {
  fit <- poisson_fits$vector
  grid <- emmeans::qdrg(~ x + group, interop_data,
                        coef = unname(coef(fit)), vcov = unname(vcov(fit)),
                        link = "log", df = Inf)
  own <- as.data.frame(emmeans::emmeans(grid, ~ group, type = "response"))
  theirs <- as.data.frame(emmeans::emmeans(poisson_glm, ~ group,
                                           type = "response"))
  expect_equal(own[[2L]], theirs$rate, tolerance = interop_tolerance)
  expect_equal(own$SE, theirs$SE, tolerance = interop_tolerance)
  expect_snapshot(error = TRUE, {
    emmeans::emmeans(fit, ~ group)
    emmeans::emmeans(linear_fit, ~ 1, parameter = "sigma")
    emmeans::emmeans(spread_fit, ~ x, parameter = "nu")
  })
})
