# The methods of a fit against those of lm(); update() and fits read from files.

normal <- function(a, b, log_sigma) {
  dnorm(mpg, a + b * wt, exp(log_sigma), log = TRUE)
}
start <- list(a = 30, b = 0, log_sigma = 1)

test_that("extractors agree with lm()", {
  fit <- mle_fit(normal, start, mtcars)
  reference <- lm(mpg ~ wt, mtcars)
  expect_identical(coef(fit), fit$coefficients)
  expect_equal(logLik(fit), logLik(reference), tolerance = 1e-10,
               ignore_attr = TRUE)
  expect_equal(attributes(logLik(fit))[c("df", "nobs")],
               attributes(logLik(reference))[c("df", "nobs")])
  expect_equal(AIC(fit), AIC(reference), tolerance = 1e-10)
  expect_equal(BIC(fit), BIC(reference), tolerance = 1e-10)
  expect_identical(nobs(fit), 32L)
  expect_equal(deviance(fit), -2 * c(logLik(reference)), tolerance = 1e-10)
  expect_null(weights(fit))
  expect_identical(df.residual(fit), Inf)
  expect_error(formula(fit), class = "admle_error_unsupported")
})

test_that("a total that cannot be split: observations are rows, or unknown", {
  y <- c(1, 2, 4)
  f <- function(m) -sum((y - m)^2)^2
  expect_identical(
    nobs(mle_fit(f, list(m = 1), derivatives = "numeric")), NA_integer_
  )
  rows <- mle_fit(f, list(m = 1), data.frame(y = y), derivatives = "numeric")
  expect_identical(nobs(rows), 3L)
})

test_that("the call is the user's", {
  fit <- mle_fit(normal, start = start, data = mtcars)
  expect_identical(
    fit$call, quote(mle_fit(loglik = normal, start = start, data = mtcars))
  )
  expect_identical(
    update(fit, subset = cyl > 4, evaluate = FALSE),
    quote(mle_fit(loglik = normal, start = start, data = mtcars,
                  subset = cyl > 4))
  )
})

test_that("update() fits again with changed arguments", {
  fit <- mle_fit(normal, start, mtcars)
  again <- update(fit, subset = cyl > 4)
  expect_equal(coef(again)[1:2],
               coef(lm(mpg ~ wt, mtcars, subset = cyl > 4)),
               tolerance = 1e-8, ignore_attr = TRUE)
  weighted <- update(fit, weights = hp)
  expect_equal(coef(weighted)[1:2], coef(lm(mpg ~ wt, mtcars, weights = hp)),
               tolerance = 1e-8, ignore_attr = TRUE)
  expect_identical(weighted$call$weights, quote(hp))
  expect_equal(coef(update(weighted, weights = NULL)), coef(fit),
               tolerance = 1e-10)
  expect_named(coef(update(fit, fixed = list(b = -5))), c("a", "log_sigma"))
  at_end <- update(fit, start = as.list(coef(fit)))
  expect_lte(at_end$search$iterations, 1)
  expect_error(update(fit, 3), class = "admle_error_argument")
})

test_that("update() of a fit whose variables are gone uses what was kept", {
  make <- function() {
    y <- mtcars$mpg
    d <- data.frame(x = mtcars$wt, w = mtcars$cyl)
    begin <- list(a = 30, b = 0, log_sigma = 1)
    f <- function(a, b, log_sigma) {
      dnorm(y, a + b * x, exp(log_sigma), log = TRUE)
    }
    mle_fit(f, begin, d, weights = w)
  }
  fit <- make()
  again <- update(fit, adjust = TRUE)
  expect_equal(coef(again), coef(fit), tolerance = 1e-10)
  expect_identical(weights(again), mtcars$cyl)
  expect_identical(again$call$start, quote(begin))
  literal <- (function() {
    y <- mtcars$mpg
    mle_fit(function(m) dnorm(y, m, 5, log = TRUE), list(m = 20))
  })()
  expect_equal(coef(update(literal, start = list(m = 10))), coef(literal),
               tolerance = 1e-9)
})

test_that("refits as the sandwich package makes them", {
  fit <- mle_fit(function(m) dnorm(speed, m, 5, log = TRUE), list(m = 15),
                 cars)
  rows <- c(1, 1, 1, 50, 20)
  call <- update(fit, subset = rows, evaluate = FALSE)
  expect_equal(coef(eval(call))[["m"]], mean(cars$speed[rows]),
               tolerance = 1e-9)
  skip_if_not_installed("sandwich")
  # vcovBS() needs to be found on the search path.
  if (!"package:sandwich" %in% search()) {
    attachNamespace("sandwich")
    on.exit(detach("package:sandwich"))
  }
  set.seed(1)
  capture.output(bootstrap <- sandwich::vcovBS(fit, R = 200),
                 type = "message")
  set.seed(1)
  reference <- sandwich::vcovBS(lm(speed ~ 1, cars), R = 200)
  expect_equal(bootstrap, reference, tolerance = 1e-6, ignore_attr = TRUE)
})

test_that("a copy read from a file is recorded again", {
  fit <- mle_fit(normal, start, mtcars, weights = cyl, subset = hp > 60)
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  saveRDS(fit, file)
  copy <- readRDS(file)
  in_session <- function(fit) exists(fit$objective$key, registry$objectives)
  expect_true(in_session(fit))
  forget_objective(fit$objective)
  expect_false(in_session(copy))
  expected <- vcov(mle_fit(normal, start, mtcars, weights = cyl,
                           subset = hp > 60), type = "sandwich")
  expect_equal(vcov(copy, type = "sandwich"), expected, tolerance = 1e-8)
  expect_true(in_session(copy))
  expect_false(in_session(fit))
  expect_equal(vcov(fit, type = "sandwich"), expected, tolerance = 1e-8)
})

test_that("a recorded function is forgotten with its fit", {
  fit <- mle_fit(normal, start, mtcars)
  key <- fit$objective$key
  expect_true(exists(key, registry$objectives))
  rm(fit)
  gc()
  expect_false(exists(key, registry$objectives))
})

test_that("global variables and helpers are kept for another process", {
  home <- new.env(parent = globalenv())
  keys <- c("admle_test_y", "admle_test_helper", "admle_test_shift")
  on.exit(rm(list = keys, envir = globalenv()))
  assign("admle_test_y", mtcars$mpg, globalenv())
  assign("admle_test_shift", 1, globalenv())
  eval(quote(admle_test_helper <- function(m) m + admle_test_shift),
       globalenv())
  f <- eval(quote(function(m) {
    dnorm(admle_test_y, admle_test_helper(m), 5, log = TRUE)
  }), home)
  expect_setequal(names(global_variables(f)), keys)
  kept <- global_variables(f)
  assign("admle_test_shift", 100, globalenv())
  assign("admle_test_y", 0, globalenv())
  expect_identical(with_globals(f, kept)(19),
                   dnorm(mtcars$mpg, 20, 5, log = TRUE))
})

test_that("a fit works in another R process", {
  skip_on_cran()
  library_path <- dirname(system.file(package = "admle"))
  skip_if_not(file.exists(file.path(library_path, "admle", "Meta")),
              "needs an installed package")
  folder <- tempfile()
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  script <- file.path(folder, "make.R")
  reread <- file.path(folder, "read.R")
  load <- sprintf("library(admle, lib.loc = %s)", deparse(library_path))
  writeLines(c(
    load, "setwd(commandArgs(TRUE))",
    "y <- mtcars$mpg; d <- data.frame(x = mtcars$wt, w = mtcars$cyl)",
    "centre <- function(a, b, x) a + b * x",
    "f <- function(a, b, s) dnorm(y, centre(a, b, x), exp(s), log = TRUE)",
    "begin <- list(a = 30, b = 0, s = 1)",
    "fit <- mle_fit(f, begin, d, weights = w)",
    "saveRDS(fit, 'fit.rds')",
    "saveRDS(list(vcov(fit, type = 'sandwich'), coef(fit),",
    "  coef(update(fit, weights = NULL))), 'there.rds')"
  ), script)
  writeLines(c(
    load, "setwd(commandArgs(TRUE))", "fit <- readRDS('fit.rds')",
    "again <- update(fit, weights = NULL)",
    "saveRDS(list(vcov(fit, type = 'sandwich'), coef(update(fit)),",
    "  coef(again)), 'here.rds')"
  ), reread)
  rscript <- file.path(R.home("bin"), "Rscript")
  for (file in c(script, reread)) {
    status <- system2(rscript, c("--vanilla", shQuote(file), shQuote(folder)),
                      stdout = FALSE, stderr = FALSE)
    expect_identical(status, 0L)
  }
  there <- readRDS(file.path(folder, "there.rds"))
  here <- readRDS(file.path(folder, "here.rds"))
  expect_equal(here, there, tolerance = 1e-10)
})
