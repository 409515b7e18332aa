# Functions of R behind a generic of an attached package or of the user's: each
# function of op_table() computes and differentiates as without.

at_end <- function(frame, expr) {
  expr <- substitute(expr)
  todo <- as.call(list(as.function(list(expr), envir = parent.frame())))
  do.call(on.exit, list(todo, add = TRUE), envir = frame)
}

local_attached <- function(package, frame = parent.frame()) {
  before <- search()
  suppressWarnings(suppressPackageStartupMessages(
    library(package, character.only = TRUE)
  ))
  at_end(frame, for (name in setdiff(search(), before)) {
    detach(name, character.only = TRUE)
  })
}

for (package in c("Matrix", "lme4", "timeSeries", "bit64")) {
  test_that(paste("functions are recorded with", package, "attached"), {
    skip_if_not_installed(package)
    # New functions for each: a recording is used again.
    cases <- function() lapply(function_cases, function(f) f)
    alone <- lapply(cases(), function(f) jacobian(f)(case_point))
    local_attached(package)
    for (name in names(function_cases)) {
      f <- cases()[[name]]
      r <- record(f, list(x = case_point))
      expect_equal(dim(r$output), dim(f(case_point)), label = name)
      expect_equal(shape_names(r$output), shape_names(f(case_point)),
        label = name)
      expect_equal(jacobian(f)(case_point), alone[[name]],
        tolerance = derivative_tolerance$value, label = name
      )
    }
  })
}

# A function of the user's, with generics of the user's.
users <- function(f, ...) {
  functions <- list(...)
  for (name in names(functions)) environment(functions[[name]]) <- globalenv()
  environment(f) <- list2env(functions, parent = globalenv())
  f
}

local_generic <- function(name, frame = parent.frame()) {
  suppressMessages(setGeneric(name, where = globalenv()))
  at_end(frame, suppressMessages(removeGeneric(name, where = globalenv())))
}

test_that("a generic of the user's stands for R's function", {
  local_generic("rowSums")
  m <- matrix(1:6 / 5, 3)
  f <- users(function(b) sum(log(rowSums(exp(b * m)))))
  environment(f)$m <- m
  p <- colSums(t(exp(0.3 * m) * m)) / base::rowSums(exp(0.3 * m))
  expect_equal(grad(f)(0.3), sum(p))

  s3 <- users(function(b) rowSums(exp(b * m)),
    rowSums = function(x, ...) UseMethod("rowSums"),
    rowSums.default = function(x, ...) base::rowSums(x, ...))
  environment(s3)$m <- m
  environment(environment(s3)$rowSums) <- environment(s3)
  expect_equal(jacobian(s3)(0.3), cbind(base::rowSums(exp(0.3 * m) * m)),
    ignore_attr = TRUE)
})

test_that("the method that R would choose is called", {
  local_generic("rowSums")
  setClass("tripled", representation(x = "matrix"), where = globalenv())
  on.exit({
    removeMethod("rowSums", "tripled", where = globalenv())
    removeClass("tripled", where = globalenv())
  }, add = TRUE, after = FALSE)
  setMethod("rowSums", "tripled", function(x, na.rm = FALSE, dims = 1L) {
    3 * base::rowSums(x@x)
  }, where = globalenv())
  f <- users(function(b) b * sum(rowSums(d)) + sum(rowSums(b * m)))
  environment(f)$m <- diag(2)
  environment(f)$d <- new("tripled", x = diag(2))
  expect_equal(grad(f)(0.3), 8)
})

# Of a function of which no package makes a generic: its table is shared.
test_that("a default method of the user's is the user's", {
  local_generic("factorial")
  own <- function(x) 2 * base::factorial(x)
  environment(own) <- globalenv()
  setMethod("factorial", "ANY", own, where = globalenv())
  f <- users(function(b) factorial(b))
  expect_equal(f(3), 12)
  expect_equal(grad(f)(3), 2 * gamma(4) * digamma(4))
})

test_that("a function that only shares the name stays the user's", {
  f <- users(function(b) sum(rowSums(b * diag(2))),
    rowSums = function(x) 5 * x)
  expect_equal(grad(f)(0.3), 10)
})
