# Which class a fit has, and what fits of functions refuse.

# The fits in fixtures/fits-0.1.rds were made by these lines.
data <- mtcars[c("mpg", "wt", "am")]
by_formula <- mle_fit(mpg ~ wt, data = data)
loglik <- function(a, b, log_sigma) {
  dnorm(mpg, a + b * wt, exp(log_sigma), log = TRUE)
}
by_function <- mle_fit(loglik, start = list(a = 30, b = 0, log_sigma = 1),
                       data = data)

test_that("a fit of a formula has a class of its own", {
  expect_identical(class(by_formula), c("mle_model", "mle_fit"))
  expect_identical(class(by_function), "mle_fit")
})

test_that("a fit of a function refuses where R's defaults would return NULL", {
  refused <- list(fitted, residuals, simulate, sigma, formula, terms, labels,
                  model.frame, model.matrix, family, margins)
  for (fn in refused) {
    expect_error(fn(by_function), class = "admle_error_unsupported")
  }
})

test_that("every method for fits of formulas has its counterpart", {
  table <- ls(asNamespace("admle"), pattern = "[.]mle_model$")
  expect_gt(length(table), 15L)
  for (name in sub("mle_model$", "mle_fit", table)) {
    expect_true(exists(name, asNamespace("admle")), label = name)
  }
})

test_that("str() of a fit is an overview", {
  for (fit in list(by_formula, by_function)) {
    expect_lt(length(capture.output(str(fit))), 50L)
  }
})

test_that("fits that version 0.1 saved work as new ones", {
  saved <- readRDS(test_path("fixtures", "fits-0.1.rds"))
  expect_identical(class(saved$by_formula), "mle_fit")
  answers <- list(
    coef, vcov, logLik, nobs, summary, confint, weights, deviance, AIC,
    case.names, profile,
    function(fit) capture.output(print(fit)),
    function(fit) capture.output(print(summary(fit))),
    function(fit) vcov(fit, "sandwich"),
    function(fit) update(fit, fixed = coef(fit)[1], evaluate = TRUE)$loglik
  )
  of_function <- list(function(fit) predict(fit, ~ exp(log_sigma)))
  of_formula <- list(
    fitted, residuals, sigma, terms, labels, model.frame, model.matrix, anova,
    function(fit) predict(fit, data.frame(wt = 2:3), se.fit = TRUE),
    function(fit) simulate(fit, 2, seed = 1),
    function(fit) residuals(fit, type = "pearson"),
    function(fit) margins(fit, "wt"),
    function(fit) formula(fit, "mu"),
    function(fit) model.frame(formula = fit)
  )
  same <- function(fn, old, new) {
    expect_equal(fn(old), fn(new), ignore_attr = TRUE, tolerance = 1e-8)
  }
  for (fn in c(answers, of_formula)) same(fn, saved$by_formula, by_formula)
  for (fn in c(answers, of_function)) same(fn, saved$by_function, by_function)
})
