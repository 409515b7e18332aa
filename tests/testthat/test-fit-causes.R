# Each cause is told by name, and told of no other model.

told <- function(fit) {
  vapply(fit$problems, `[[`, "", "kind")
}
silent <- function(expr) suppressWarnings(expr, classes = "admle_warning")

set.seed(2)
x <- rnorm(40)
y <- rnorm(40)

test_that("a kink is told with its parameter and has no standard error", {
  expect_warning(
    fit <- mle_fit(function(m) -abs(y[-1] - m), list(m = 0)),
    "kink at the estimate, in `m`", class = "admle_warning_kink"
  )
  expect_equal(coef(fit)[["m"]], median(y[-1]), tolerance = 1e-8)
  expect_false(fit$converged)
  expect_identical(vcov(fit)[[1]], NA_real_)
  plane <- silent(mle_fit(function(a, b) -abs(y - a - b * x),
                          list(a = 0, b = 0)))
  expect_identical(told(plane), "kink")
  # from which it rises elsewhere
  stuck <- silent(mle_fit(
    function(b, s) dnorm(y, b[1] + b[2] * x, s, log = TRUE) - 2 * abs(b[2]),
    list(b = c(0, 0), s = positive(1))
  ))
  expect_match(stuck$problems[[1]]$message, "rises in other directions")
})

test_that("an exact fit is told in every form", {
  line <- 1 + 2 * x
  forms <- list(
    function() mle_fit(function(a, b, s) dnorm(line, a + b * x, exp(s), TRUE),
                       list(a = 0, b = 0, s = 0)),
    function() mle_fit(function(a, b, s) dnorm(line, a + b * x, s, TRUE),
                       list(a = 0, b = 0, s = positive(1))),
    function() mle_fit(function(a, b, s) sum(dnorm(line, a + b * x, s, TRUE)),
                       list(a = 0, b = 0, s = positive(1))),
    function() mle_fit(v ~ dnorm(a + b * w, s), start = list(a = 1, b = 1),
                       data = data.frame(v = 2 * (1:10), w = 1:10))
  )
  for (form in forms) {
    expect_warning(fit <- form(), "fitted exactly",
                   class = "admle_warning_unbounded")
    expect_true(all(is.na(vcov(fit))))
  }
})

test_that("a component that collapses on one observation is told with it", {
  expect_warning(
    mle_fit(y ~ mixture(p, dnorm(m1, s1), dnorm(m2, s2)),
            start = list(p = 0.5, m1 = y[3], m2 = 0, s1 = 1e-4, s2 = 1)),
    "without bound as `s1` goes to 0.*1 observation \\(3\\)"
  )
})

test_that("separation is told for each family, form and method", {
  z <- as.integer(x > 0)
  complete <- list(
    function() mle_fit(z ~ x, family = binomial),
    function() mle_fit(z ~ x, family = binomial("probit")),
    function() mle_fit(function(a, b) dbinom(z, 1, plogis(a + b * x), TRUE),
                       list(a = 0, b = 0), method = "bfgs"),
    function() mle_fit(cut(x, c(-Inf, -0.5, 0.5, Inf)) ~ dcategorical(eta),
                       eta ~ x)
  )
  for (form in complete) expect_warning(form(), "Complete separation")
  g <- gl(4, 10)
  counts <- ifelse(g == 1, 0, rep(1:5, 8))
  expect_warning(fit <- mle_fit(counts ~ g, family = poisson),
                 "Quasi-complete separation.* of 10 observations \\(1, 2, 3")
  expect_false(fit$converged)
})

test_that("a logarithm on its way to minus infinity leaves the others alone", {
  expect_warning(
    fit <- mle_fit(function(m, l) dnorm(y / 2, m, sqrt(1 + exp(l)), log = TRUE),
                   list(m = 0, l = 0)),
    "tends to a limit as `l` goes to -Inf.*positive\\(\\)"
  )
  expect_equal(sqrt(diag(vcov(fit))), c(m = 1 / sqrt(40), l = NA),
               tolerance = 1e-6)
})

test_that("a probability that reaches one exactly has no standard error", {
  fit <- silent(mle_fit(
    function(p) c(20, 20, 13) * log(p) + c(0, 0, 7) * log(1 - p),
    list(p = bounded(c(0.9, 0.6, 0.5), 0, 1))
  ))
  expect_equal(unname(sqrt(diag(vcov(fit)))), c(NA, NA, sqrt(0.65 * 0.35 / 20)),
               tolerance = 1e-8)
})

test_that("what has another cause is not called by these names", {
  flat <- silent(mle_fit(function(a, b) dnorm(y, a + b, 1, log = TRUE),
                         list(a = 0, b = 0)))
  expect_identical(told(flat), "identification")
  sign <- silent(mle_fit(function(m) m - 0 * y, list(m = 0)))
  expect_false(any(told(sign) %in% c("kink", "unbounded")))
  support <- silent(mle_fit(
    function(m, s) dunif(y, m, m + exp(s), log = TRUE), list(m = -4, s = 3)
  ))
  expect_false(any(told(support) %in% "unbounded"))
})

test_that("a branch that no parameter leaves is told as one", {
  expect_warning(mle_fit(
    function(a, q) 0 * y - if (abs(q) < 1e-6) (a - 1)^2 else (q - 1)^2,
    list(a = 0, q = 0)
  ), "`q` does not enter.*because `if \\(abs\\(q\\) < 1e-06\\)`")
})

test_that("a search that was stopped is no exact fit", {
  expect_warning(
    fit <- mle_fit(function(m, s) dnorm(y, m, exp(s), log = TRUE),
                   list(m = 0, s = 30), method = "bfgs",
                   control = mle_control(iterations = 5)),
    "limit of 5 iterations", class = "admle_warning_convergence"
  )
  expect_identical(told(fit), "convergence")
})

test_that("an exact fit is told where data look ill-conditioned", {
  line <- 2 + 3 * mtcars$wt
  expect_warning(
    fit <- mle_fit(function(a, b, s) dnorm(line, a + b * wt, exp(s), TRUE),
                   list(a = 30, b = 0, s = 1), data = mtcars),
    "fitted exactly", class = "admle_warning_unbounded"
  )
  expect_identical(told(fit), "unbounded")
})

test_that("a declared range is not asked to be declared", {
  z <- qunif(ppoints(100))
  expect_warning(
    mle_fit(function(m, s, df) dt((z - m) / s, df, log = TRUE) - log(s),
            list(m = 0, s = positive(1), df = positive(5))),
    "as `df` goes to Inf. There is no standard error for `df`.$"
  )
})

test_that("a curvature upwards in every direction asks for the sign", {
  z <- as.integer(x + y > 0)
  expect_warning(
    mle_fit(function(a, b) -dbinom(z, 1, plogis(a + b * x), log = TRUE),
            list(a = 0, b = 0)),
    "negative log-likelihood, `negative = TRUE` is needed",
    class = "admle_warning_hessian"
  )
})

test_that("a kink near the end of the domain is told", {
  p <- c(0.001, ppoints(20))
  expect_warning(
    mle_fit(function(k) log(ifelse(p < k, 2 * p / k, 2 * (1 - p) / (1 - k))),
            list(k = 0.0011)),
    "kink at the estimate, in `k`", class = "admle_warning_kink"
  )
})

test_that("a level piece between two observations is told", {
  y <- c(1, 2, 4, 7)
  expect_warning(
    fit <- mle_fit(function(m) -abs(y - m), list(m = 0)),
    "straight pieces in `m`.*not a single one", class = "admle_warning_kink"
  )
  expect_equal(as.numeric(logLik(fit)), -8)
  # Without curvature at the estimate, but smooth: not identified by it.
  fit <- suppressWarnings(mle_fit(function(m) -(y - y + m)^4, list(m = 0.5)))
  expect_false("kink" %in% vapply(fit$problems, `[[`, "", "kind"))
})

test_that("a logarithm that rises for ever has no limit", {
  expect_warning(
    mle_fit(function(p) rep(log(p), 10), list(p = 0.5)),
    "goes on rising as `p` goes to Inf", class = "admle_warning_diverging"
  )
})
