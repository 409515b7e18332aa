# Names, shapes and fixing of parameters, flat and as arguments.

names_of <- function(start, fn, ...) parameters_new(start, fn, ...)$names

test_that("coefficient names: scalars, vectors, matrices", {
  f <- function(a, beta, B) 0
  expect_identical(
    names_of(list(a = 1, beta = c(1, 2), B = matrix(0, 2, 2)), f),
    c("a", "beta1", "beta2", "B1_1", "B2_1", "B1_2", "B2_2")
  )
  expect_identical(
    names_of(list(beta = c(wt = 1, hp = 2), a = 0,
                  B = matrix(0, 1, 2, dimnames = list("r", c("u", "v")))), f),
    c("beta_wt", "beta_hp", "a", "B_r_u", "B_r_v")
  )
  expect_identical(
    names_of(list(a = 1, beta = c(x = 1, 2),
                  B = matrix(0, 1, 2, dimnames = list(NULL, c("u", "v")))), f),
    c("a", "beta_x", "beta2", "B1_u", "B1_v")
  )
})

test_that("coefficient names: one vector", {
  f <- function(theta) 0
  expect_identical(names_of(c(1, 2), f), c("theta1", "theta2"))
  expect_identical(names_of(5, f), "theta")
  expect_identical(names_of(c(mu = 1, sigma = 2), f), c("mu", "sigma"))
  expect_identical(names_of(c(mu = 1), f), "mu")
  expect_identical(names_of(matrix(0, 1, 2), f), c("theta1_1", "theta1_2"))
})

test_that("coefficient names are names that R code can use", {
  found <- names_of(
    list(beta = c("(Intercept)" = 1, "log(x)" = 2, "2nd" = 3)),
    function(beta) 0
  )
  expect_identical(found, c("beta_Intercept", "beta_log.x.", "beta_2nd"))
  expect_identical(make.names(found), found)
  one <- names_of(c("(Intercept)" = 1, "f(x)2" = 1), function(b) 0)
  expect_identical(one, c("Intercept", "f.x.2"))
})

test_that("flat and shaped are inverse to each other", {
  start <- list(
    beta = c(u = 1, v = 2), s = 3, B = matrix(4:7, 2, dimnames = list(
      c("a", "b"), NULL
    ))
  )
  parameters <- parameters_new(start, function(beta, s, B) 0)
  flat <- parameters_flatten(parameters, start)
  expect_identical(unname(flat), as.numeric(1:7))
  storage.mode(start$B) <- "double"
  expect_identical(parameters_expand(parameters, unname(flat)), start)
  expect_error(parameters_flatten(parameters, list(beta = 1)),
               class = "admle_error_start")
})

test_that("the layout says where each argument's elements are", {
  parameters <- parameters_new(
    list(beta = c(1, 2, 3), s = 9), function(beta, s) 0,
    fixed = c(beta2 = 7)
  )
  layout <- parameters_layout(parameters)
  expect_named(layout, c("beta", "s"))
  expect_identical(layout$beta$positions, 1:3)
  expect_identical(layout$beta$free, c(1L, NA, 2L))
  expect_identical(layout$beta$values, c(1, 7, 3))
  expect_identical(layout$s$free, 3L)
})

test_that("fixed: arguments, single coefficients, arguments without start", {
  f <- function(beta, s, df = 4) 0
  start <- list(beta = c(1, 2), s = 3)
  whole <- parameters_new(start, f, list(beta = c(5, 6)))
  expect_identical(whole$free, c(FALSE, FALSE, TRUE))
  expect_identical(parameters_expand(whole, 8), list(beta = c(5, 6), s = 8))
  one <- parameters_new(start, f, c(beta1 = 5, df = 9))
  expect_identical(parameters_free_names(one), c("beta2", "s"))
  expect_identical(parameters_expand(one, c(0, 1)),
                   list(beta = c(5, 0), s = 1, df = 9))
  vector <- parameters_new(c(a = 1, b = 2), function(p) 0, c(b = 7))
  expect_identical(parameters_expand(vector, 3), list(p = c(a = 3, b = 7)))
  expect_error(parameters_new(start, f, c(gamma = 1)),
               class = "admle_error_argument")
  expect_error(parameters_new(start, f, list(beta = 1)),
               class = "admle_error_argument")
  expect_error(parameters_new(start, f, list(beta = 1:2, s = 1)),
               class = "admle_error_argument")
  expect_error(parameters_new(start, f, 3), class = "admle_error_argument")
})

test_that("arguments with a default need no start", {
  parameters <- parameters_new(list(a = 1), function(a, df = 4) 0)
  expect_identical(parameters$names, "a")
  expect_named(parameters_expand(parameters, 2), "a")
})

test_that("integers are taken as doubles", {
  parameters <- parameters_new(list(a = 1L, b = 1:2), function(a, b) 0)
  expect_type(parameters$start, "double")
  expect_identical(parameters_expand(parameters, c(1, 1, 2)),
                   list(a = 1, b = c(1, 2)))
})

test_that("coefficient names are unique", {
  expect_message(
    parameters <- parameters_new(list(b = c(1, 2), b1 = 3),
                                 function(b, b1) 0),
    "`b1` and `b1.1`"
  )
  expect_identical(parameters$names, c("b1", "b2", "b1.1"))
})
