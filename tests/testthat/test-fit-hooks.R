# A hook that knows one parameter beforehand and shrinks the estimate of the
# other, registered as features are.
with_toy_hook <- function(code) {
  hooks <- admle:::fit_hooks
  before <- hooks$all
  on.exit(hooks$all <- before)
  admle:::register_fit_hook(
    "toy", arguments = "trace", expressions = "cluster", covariance = "opg",
    read = function(asked, settings) {
      if (!is.null(asked$trace)) {
        list(known = 2, asked = asked, settings = names(settings))
      }
    },
    start = function(toy, start) c(start, list(s = toy$known)),
    parameters = function(toy, parameters, start) {
      stopifnot(!"s" %in% names(start))
      admle:::parameters_fix(parameters, list(s = toy$known))
    },
    counted = function(fit) {
      fit$toy$counted <- fit$n
      fit
    },
    solve = function(fit, objective, solution) {
      solution$par <- solution$par / 2
      solution["hessian"] <- list(NULL)
      solution$toy <- c(fit$toy, list(maximum = 2 * solution$par))
      solution
    },
    judged = function(fit) {
      fit$toy$df <- fit$df.residual
      fit
    },
    text = function(fit) paste("Shrunk from", format(fit$toy$maximum))
  )
  force(code)
}

y <- c(1, 2, 6)

test_that("a fit is made as a hook says, of which mle_fit() knows nothing", {
  with_toy_hook({
    fits <- list(
      mle_fit(function(m, s) dnorm(y, m, s, log = TRUE), start = list(m = 1),
              data = data.frame(y = y), trace = FALSE),
      mle_fit(y ~ dnorm(m, s), data = data.frame(y = y), start = list(m = 1),
              trace = FALSE)
    )
    for (fit in fits) {
      expect_equal(coef(fit), c(m = 1.5))
      expect_equal(fit$fixed, c(s = 2))
      expect_equal(fit$toy$maximum, 3)
      expect_identical(fit$toy$counted, 3L)
      expect_identical(fit$vcov_type, "opg")
      expect_output(print(fit), "Shrunk from 3")
      expect_output(print(summary(fit)), "Shrunk from 3")
    }
  })
})

test_that("a hook is given its arguments and the facts, NULL where left out", {
  with_toy_hook({
    fit <- mle_fit(function(m, s) dnorm(y, m, s, log = TRUE),
                   start = list(m = 1), data = list(y = y), trace = FALSE)
    asked <- fit$toy$asked
    expect_identical(asked$trace, FALSE)
    expect_true("cluster" %in% names(asked))
    expect_null(asked$cluster)
    expect_identical(asked$known, c("m", "s"))
    expect_identical(asked$taken, "m")
    expect_identical(asked$derivatives, "exact")
  })
})

test_that("a hook that nothing asks for changes nothing", {
  with_toy_hook({
    fit <- mle_fit(function(m, s) dnorm(y, m, s, log = TRUE),
                   start = list(m = 1), data = list(y = y), fixed = c(s = 2))
    expect_null(fit$toy)
    expect_equal(coef(fit), c(m = 3), tolerance = 1e-7)
    expect_identical(fit$vcov_type, "hessian")
  })
})
