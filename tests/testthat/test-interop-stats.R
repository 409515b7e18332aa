# The generics of stats that model functions share, on fits whose rows have
# missing values, subsets, offsets and weights.

incomplete <- local({
  d <- interop_data
  d$x[c(3, 50)] <- NA
  d$count[7] <- NA
  d$times <- rep(1:2, 60)
  d
})

incomplete_fits <- function(na_action) {
  list(
    own = mle_fit(count ~ x + group, data = incomplete, family = poisson,
                  na.action = na_action, weights = times),
    glm = glm(count ~ x + group, poisson, incomplete, na.action = na_action,
              weights = times, control = glm.control(epsilon = 1e-14))
  )
}

test_that("rows left out are where glm() has them", {
  for (na_action in list(na.omit, na.exclude)) {
    fits <- incomplete_fits(na_action)
    same <- function(f, ...) {
      expect_equal(f(fits$own), f(fits$glm), tolerance = interop_tolerance, ...)
    }
    same(na.action)
    same(fitted)
    same(function(fit) residuals(fit, "response"))
    same(function(fit) residuals(fit, "pearson"))
    same(function(fit) residuals(fit, "deviance"))
    same(function(fit) predict(fit, type = "response"))
    same(function(fit) unname(weights(fit)))
    same(function(fit) unname(weights(fit, "working")))
    same(nobs)
    same(model.frame, ignore_attr = TRUE)
    same(model.matrix)
    # glm() has the class of the weights as well.
    same(terms, ignore_attr = "dataClasses")
    same(formula)
    same(function(fit) expand.model.frame(fit, ~ firm), ignore_attr = TRUE)
    same(function(fit) expand.model.frame(fit, ~ firm, na.expand = TRUE),
         ignore_attr = TRUE)
  }
})

test_that("criteria and tests are those of glm()", {
  expect_as_glm(AIC)
  expect_as_glm(BIC)
  expect_as_glm(logLik)
  expect_as_glm(function(fit) attr(logLik(fit), "df"))
  expect_as_glm(nobs)
  expect_as_glm(confint.default)
  formulas <- c("formula", "density")
  expect_as_glm(function(fit) drop1(fit)$AIC, forms = formulas)
  expect_as_glm(function(fit) add1(fit, ~ . + year)$AIC, forms = formulas)
  expect_as_glm(function(fit) step(fit, trace = 0)$anova$AIC,
                forms = formulas)
  expect_as_glm(extractAIC)
  expect_as_glm(function(fit) {
    table <- anova(fit, test = "LRT")
    table[-1L, startsWith(names(table), "Pr")]
  }, forms = formulas)
})

test_that("the terms of one model are tested on the same rows", {
  fits <- incomplete_fits(na.omit)
  own <- anova(fits$own)
  theirs <- anova(fits$glm, test = "LRT")
  expect_equal(own$LR, theirs$Deviance, tolerance = interop_tolerance)
  expect_equal(own[["Pr(>Chisq)"]], theirs[["Pr(>Chi)"]],
               tolerance = interop_tolerance)
})

test_that("models that differ in what is held fixed are told apart", {
  fit <- logit_fits$scalars
  expect_snapshot(anova(
    fit, update(fit, fixed = list(bb = 0)),
    update(fit, fixed = list(bb = 0), constraints = "bx = 0.5")
  ))
})

test_that("names and dispersion", {
  expect_identical(variable.names(logit_fits$formula), interop_names)
  expect_identical(labels(spread_fit), c("x", "group"))
  expect_identical(case.names(logit_fits$vector), as.character(1:120))
  fits <- incomplete_fits(na.omit)
  expect_identical(case.names(fits$own), case.names(fits$glm))
  doubled <- transform(interop_data, x2 = 2 * x)
  fit <- suppressMessages(mle_fit(count ~ x + x2, data = doubled,
                                  family = poisson))
  expect_identical(variable.names(fit), c("(Intercept)", "x"))
  expect_identical(variable.names(fit, full = TRUE),
                   c("(Intercept)", "x", "x2"))
  expect_equal(sigma(linear_fit), sigma(linear_lm),
               tolerance = interop_tolerance)
  plain <- update(linear_fit, adjust = FALSE)
  expect_equal(sigma(plain), sqrt(mean(residuals(linear_lm)^2)),
               tolerance = interop_tolerance)
  expect_error(sigma(logit_fits$formula), class = "admle_error_unsupported")
  expect_error(sigma(spread_fit), class = "admle_error_unsupported")
})

test_that("offsets are in the frame", {
  fits <- list(
    list(count ~ x + offset(log(year)), NULL), list(count ~ x, quote(log(year)))
  )
  for (form in fits) {
    own <- eval(bquote(mle_fit(.(form[[1L]]), data = interop_data,
                               family = poisson, offset = .(form[[2L]]))))
    theirs <- eval(bquote(glm(.(form[[1L]]), poisson, interop_data,
                              offset = .(form[[2L]]),
                              control = glm.control(epsilon = 1e-14))))
    expect_equal(coef(own), coef(theirs), tolerance = interop_tolerance)
    expect_equal(fitted(own), fitted(theirs), tolerance = interop_tolerance)
    expect_identical(model.offset(model.frame(own)),
                     model.offset(model.frame(theirs)))
  }
})

test_that("update() and getCall()", {
  fit <- logit_fits$formula
  call <- update(fit, . ~ . - group, evaluate = FALSE)
  expect_identical(deparse1(call$formula), "chosen ~ x")
  expect_identical(getCall(fit), fit$call)
  by_rows <- update(fit, subset = c(1:100, 1:20))
  theirs <- glm(chosen ~ x + group, binomial, interop_data[c(1:100, 1:20), ],
                control = glm.control(epsilon = 1e-14))
  expect_equal(coef(by_rows), coef(theirs), tolerance = interop_tolerance)
  by_weights <- update(fit, weights = rep(c(2, 1), c(20, 100)),
                       subset = 1:100)
  expect_equal(coef(by_weights), coef(theirs), tolerance = interop_tolerance)
})

test_that("update() starts from coefficients, and keeps declared ranges", {
  fit <- mle_fit(function(b, sigma) {
    dnorm(output, b[1] + b[2] * x, sigma, log = TRUE)
  }, start = list(b = c(0, 0), sigma = positive(2)), data = interop_data)
  for (model in list(fit, logit_fits$formula, logit_fits$vector,
                     logit_fits$scalars, spread_fit)) {
    again <- update(model, start = coef(model))
    expect_lte(again$search$iterations, 1L)
    expect_equal(coef(again), coef(model), tolerance = interop_tolerance)
    call <- update(model, start = coef(model), evaluate = FALSE)
    expect_named(unlist(call$start))
  }
  again <- update(fit, start = coef(fit))
  expect_s3_class(again$parameters$declared$sigma, "declared_parameter")
})

test_that("what a function does not say is an error that says so", {
  fit <- logit_fits$vector
  for (part in list(formula, terms, model.frame, model.matrix, family, fitted,
                    residuals, labels, sigma)) {
    expect_error(part(fit), class = "admle_error_unsupported")
  }
  expect_snapshot(error = TRUE, {
    formula(fit)
    update(fit, . ~ . - x)
    weights(fit, "working")
    weights(spread_fit, "working")
  })
})
