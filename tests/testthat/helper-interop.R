# The same models by formula, by function and by glm() or lm(), for the tests of
# packages that work on fitted models: what a package makes of a fit has to be
# what it makes of glm()'s.

# Relative; both sides are at the optimum to rounding.
interop_tolerance <- 1e-8

interop_data <- local({
  set.seed(20)
  firm <- rep(1:12, each = 10)
  d <- data.frame(
    firm = firm, year = rep(1:10, 12), x = rnorm(120),
    group = factor(sample(c("a", "b", "c"), 120, replace = TRUE))
  )
  index <- 0.3 + 0.5 * d$x - 0.4 * (d$group == "b") + 0.3 * rnorm(12)[firm]
  d$chosen <- rbinom(120, 1, plogis(index))
  d$count <- rpois(120, exp(index))
  d$output <- index + rnorm(120)
  d
})

# Packages that update a fit look for its data where they are.
with_interop_data <- function(code) {
  code <- do.call(substitute, list(
    substitute(code), list(interop_data = interop_data)
  ))
  eval(code, parent.frame())
}

interop_names <- c("(Intercept)", "x", "groupb", "groupc")

# By function the parameters are a vector and a model matrix, or scalars and
# columns of `data`.
logit_fits <- local({
  X <- model.matrix(~ x + group, interop_data)
  list(
    formula = with_interop_data(mle_fit(chosen ~ x + group, family = binomial,
                                        data = interop_data)),
    vector = mle_fit(function(b) {
      dbinom(chosen, 1, plogis(X %*% b), log = TRUE)
    }, start = list(b = numeric(4)), data = interop_data),
    scalars = mle_fit(function(b0, bx, bb, bc) {
      eta <- b0 + bx * x + bb * (group == "b") + bc * (group == "c")
      dbinom(chosen, 1, plogis(eta), log = TRUE)
    }, start = list(b0 = 0, bx = 0, bb = 0, bc = 0), data = interop_data)
  )
})

logit_glm <- with_interop_data(glm(
  chosen ~ x + group, binomial, interop_data,
  control = glm.control(epsilon = 1e-14, maxit = 50)
))

poisson_fits <- local({
  X <- model.matrix(~ x + group, interop_data)
  list(
    formula = with_interop_data(mle_fit(count ~ x + group, family = poisson,
                                        data = interop_data)),
    density = with_interop_data(mle_fit(
      count ~ dpois(lambda), log(lambda) ~ x + group, data = interop_data
    )),
    vector = mle_fit(function(b) dpois(count, exp(X %*% b), log = TRUE),
                     start = list(b = numeric(4)), data = interop_data)
  )
})

poisson_glm <- with_interop_data(glm(
  count ~ x + group, poisson, interop_data,
  control = glm.control(epsilon = 1e-14, maxit = 50)
))

linear_fit <- with_interop_data(mle_fit(output ~ x + group, adjust = TRUE,
                                        data = interop_data))

linear_lm <- with_interop_data(lm(output ~ x + group, interop_data))

# More than one parameter depends on regressors.
spread_fit <- mle_fit(output ~ dnorm(mu, sigma), mu ~ x + group,
                      log(sigma) ~ x, data = interop_data)

# `consumer` of a fit is that of glm(), but for names.
expect_as_glm <- function(consumer, fits = list(
                            list(logit_fits, logit_glm),
                            list(poisson_fits, poisson_glm)
                          ), forms = NULL) {
  numbers <- function(x) as.numeric(unlist(unclass(consumer(x))))
  for (pair in fits) {
    expected <- numbers(pair[[2L]])
    testthat::expect_true(any(is.finite(expected)))
    chosen <- if (is.null(forms)) names(pair[[1L]]) else
      intersect(forms, names(pair[[1L]]))
    for (form in chosen) {
      testthat::expect_equal(numbers(pair[[1L]][[form]]), expected,
                             tolerance = interop_tolerance, info = form)
    }
  }
}
