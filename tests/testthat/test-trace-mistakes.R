# R's own errors in a likelihood: the call, what its operands are, what to do.

y <- c(1.2, 0.4, 2.2, 1.9)

test_that("a mistake is told with the call and its operands", {
  f0 <- factor(c("u", "v", "u", "v"))
  l0 <- list(1, 2, 3, 4)
  expect_snapshot(error = TRUE, {
    mle_fit(function(b) -sum((cbind(1, y) %*% b)^2), list(b = c(0, 0, 0)))
    mle_fit(function(a, s) dnorm(f0, a, s, log = TRUE), list(a = 0, s = 1))
    mle_fit(function(a, s) dnorm(l0 - a, 0, s, log = TRUE), list(a = 0, s = 1))
    mle_fit(function(a) -(y - a[[3]])^2, list(a = 0))
    mle_fit(function(a) dnorm(yy, a, 1, log = TRUE), list(a = 0))
    mle_fit(function(a) dnrm(y, a, 1, log = TRUE), list(a = 0))
    mle_fit(function(a) dnorm(y, a, 1, lg = TRUE), list(a = 0))
    mle_fit(function(a) dnorm(speed, a, 1, log = TRUE), list(a = 0),
            data = data.frame(sped = y))
  })
})

test_that("a mistake keeps R's error, and numeric derivatives tell it too", {
  e <- tryCatch(mle_fit(function(a) y + undefined, list(a = 0)),
                error = identity)
  expect_s3_class(e, "admle_error_function")
  expect_s3_class(e$cause, "simpleError")
  expect_error(mle_fit(function(a) -(y - undefined - a)^2, list(a = 0),
                       derivatives = "numeric"),
               "undefined", class = "admle_error_function")
  own <- structure(class = c("mine", "error", "condition"),
                   list(message = "of mine", call = NULL))
  expect_error(mle_fit(function(a) stop(own), list(a = 0)), class = "mine")
})

test_that("operands are described as they are", {
  expect_identical(what_it_is(factor(1:3)),
                   "a factor of 3 levels, whose codes are as.integer() of it")
  expect_identical(what_it_is("a"), "text")
  expect_identical(what_it_is(matrix(0, 2, 3)), "a 2 x 3 matrix")
  expect_identical(what_it_is(1:5), "a vector of length 5")
  expect_identical(what_it_is(2), "one number")
  expect_match(what_it_is(cars), "data frame")
})

test_that("what is no number is named, also by methods of base R that stop", {
  cars$day <- as.Date("2024-01-01") + seq_len(50)
  cars$kind <- gl(5, 10)
  expect_error(
    mle_fit(function(a, b) dnorm(dist, a + b * day, 1, log = TRUE),
            list(a = 0, b = 0), data = cars),
    "b, day.*not defined for \"Date\" objects", class = "admle_error_function"
  )
  expect_error(
    mle_fit(function(a, b) dnorm(dist, a + b * kind, 1, log = TRUE),
            list(a = 0, b = 0), data = cars),
    "`kind` is a factor of 5 levels", class = "admle_error_unsupported"
  )
  expect_error(
    mle_fit(function(a) dnorm(dist, match.arg(a, c("x", "y")), 1, log = TRUE),
            list(a = 0), data = cars), class = "admle_error_function"
  )
})

# Mistakes of beginners: what is told, and what not.
told_by <- function(expr) {
  said <- character()
  tryCatch(
    withCallingHandlers(expr, warning = function(w) {
      said <<- c(said, conditionMessage(w))
      invokeRestart("muffleWarning")
    }),
    error = function(e) said <<- c(said, conditionMessage(e))
  )
  gsub("\\s+", " ", paste(said, collapse = " | "))
}
beginner <- data.frame(x = c(-1, 0.5, 2, 0.1), y = c(0, 1.2, 2.5, 0.7),
                       txt = letters[1:4])
y <- beginner$y
x <- beginner$x

test_that("operands are named where only the plain function fails", {
  skip_on_cran()
  skip_if_not_installed("Matrix")
  # At the console: the environments of tests are within the package.
  code <- tempfile(fileext = ".R")
  writeLines(c(
    sprintf(".libPaths(%s)", deparse1(.libPaths())),
    "library(admle)",
    "d <- data.frame(x = c(-1, 0.5, 2), y = c(0, 1.2, 2.5))",
    "S <- Matrix::Matrix(cbind(1, d$x), sparse = TRUE)",
    "told <- function(fn, start) {",
    "  e <- tryCatch(mle_fit(fn, start), error = identity)",
    "  cat(gsub('\\\\s+', ' ', conditionMessage(e)), '\\n')",
    "}",
    "told(function(b) dnorm(d$y, S %*% b, 1, log = TRUE), list(b = c(0, 0)))",
    "told(function(b) dnorm(d$y, d['x'] * b, 1, log = TRUE), list(b = 0))",
    "told(function(b) dnorm(d$y, b * Sys.Date(), 1, log = TRUE), list(b = 0))"
  ), code)
  said <- system2(file.path(R.home("bin"), "Rscript"), code, stdout = TRUE)
  expect_match(said[1], paste("`S %*% b` is an object of class \"dgeMatrix\",",
                              "which as.vector()"), fixed = TRUE)
  expect_match(said[2], "`d[\"x\"] * b` is a data frame", fixed = TRUE)
  expect_match(said[3], "`Sys.Date()` is a date or time", fixed = TRUE)
})

test_that("what data.table evaluates is refused for that reason", {
  skip_if_not_installed("data.table")
  dt <- data.table::as.data.table(beginner)
  fn <- function(a, b) dt[, dnorm(y, a + b * x, 1, log = TRUE)]
  environment(fn) <- list2env(list(dt = dt), parent = globalenv())
  said <- told_by(mle_fit(fn, list(a = 0, b = 0)))
  expect_match(said, "`dt[, dnorm(", fixed = TRUE)
  expect_match(said, "out of sight: write with(d, ...)", fixed = TRUE)
})

test_that("an `if` about a vector is no domain", {
  said <- told_by(mle_fit(function(a) {
    if (y > a) dnorm(y, a, 1, log = TRUE) else pnorm(y, a, 1, log.p = TRUE)
  }, list(a = 0)))
  expect_match(said, "ifelse\\(\\) chooses for each element")
  expect_no_match(said, "outside the domain")
  said <- told_by(mle_fit(function(a) {
    if (a > NA) 0 else dnorm(y, a, 1, log = TRUE)
  }, list(a = 0)))
  expect_match(said, "outside the domain")
})

test_that("densities without logarithm are asked about, in every form", {
  forms <- list(function(a) prod(dnorm(y, a, 1)), function(a) dnorm(y, a, 1),
                function(a) prod(dnorm(100 * y, a, 0.1)))
  for (fn in forms[-2]) {
    expect_match(told_by(mle_fit(fn, list(a = 40))),
                 "Was `dnorm\\(..., log = TRUE\\)` meant")
  }
  # Not where the logarithm is taken elsewhere.
  said <- told_by(mle_fit(function(a, b) {
    d <- dnorm(y, a + b, 1)
    log(d)
  }, list(a = 0, b = 0)))
  expect_match(said, "not identified separately")
  expect_no_match(said, "log = TRUE")
  expect_match(
    told_by(mle_fit(function(a) log(prod(dnorm(1:99, a, 0.1))), list(a = 0))),
    "product is too small.*add the logarithms"
  )
  expect_no_match(
    told_by(mle_fit(function(a) log(prod(dnorm(1:99, a, 0.1))), list(a = 0))),
    "positive()", fixed = TRUE
  )
})

test_that("elements, arguments and names that do not exist are told", {
  expect_match(
    told_by(mle_fit(function(p) dnorm(y, p["a"], 1, log = TRUE), c(0, 1))),
    "There is no `p\\[\"a\"\\]`: `p` in `start` has 2 elements without names"
  )
  expect_match(
    told_by(mle_fit(function(p) dnorm(y, p[1] + p[3], 1, log = TRUE),
                    c(a = 0, b = 1))),
    "There is no `p\\[3\\]`: `p` in `start` has 2 elements, named `a` and `b`"
  )
  expect_match(told_by(mle_fit(function(p) dnorm(y, p$a, 1, log = TRUE),
                               c(a = 0))), "of a vector is p\\[\"a\"\\]")
  expect_match(told_by(mle_fit(function(a) dnorm(y, a, 1, log.p = TRUE),
                               list(a = 0))),
               "arguments of `dnorm\\(\\)` are `x`, `mean`")
  expect_match(told_by(mle_fit(function(a) dnrom(y, a, 1, log = TRUE),
                               list(a = 0))), "Was `dnorm\\(\\)` meant")
  expect_match(told_by(mle_fit(y ~ dnrom(mu, s), mu ~ x, data = beginner)),
               "^There is no density `dnrom\\(\\)`. Was `dnorm\\(\\)` meant")
  expect_no_match(told_by(mle_fit(function(a) dnorm(Q, a, 1, log = TRUE),
                                  list(a = 0))), "Was `a` meant")
  expect_match(told_by(mle_fit(function(a) dnorm(data$y, a, 1, log = TRUE),
                               list(a = 0), data = beginner)),
               "columns of `data` are visible by their names")
})

test_that("what the function returned is told with the remedy", {
  expect_match(told_by(mle_fit(function(a) list(dnorm(y, a, 1, log = TRUE)),
                               list(a = 0))), "a list, of which unlist\\(\\)")
  expect_match(told_by(mle_fit(function(a) {
    for (i in 1:4) dnorm(y[i], a, 1, log = TRUE)
  }, list(a = 0))), "NULL \\(is the log-likelihood its last expression")
  expect_match(told_by(mle_fit(c(0, 1), function(p) p)), "function comes first")
  expect_match(told_by(mle_fit(function(p) dnorm(y, p[1], p[2], log = TRUE),
                               c(0, positive(1)))), "Use list\\(\\) in place")
})

test_that("operations have the names that the user knows", {
  said <- told_by(mle_fit(function(p) dbinom(c(1, 0), 1, p, log = TRUE),
                          list(p = 2)))
  expect_match(said, "(dbinom(1, 1, 2))", fixed = TRUE)
  said <- told_by(mle_fit(function(a, s) dnorm(y, a, s, log = TRUE),
                          list(a = 1, s = 0)))
  expect_match(said, "\\(-1 / 0\\).*Declare `s` as positive")
})

test_that("operations have the names that R has for them", {
  told <- function(f) {
    tryCatch(mle_fit(f, list(a = -1)),
             error = function(e) gsub("\\s+", " ", conditionMessage(e)))
  }
  expect_match(told(function(a) dnorm(y, besselK(a, 1), log = TRUE)),
               "besselK(-1, 1)", fixed = TRUE)
  expect_match(told(function(a) dnorm(y, besselJ(a, 0), log = TRUE)),
               "besselJ(-1, 0)", fixed = TRUE)
  expect_match(told(function(a) dnorm(y, qgamma(0.3, a), log = TRUE)),
               "qgamma(0.3, -1)", fixed = TRUE)
  hidden <- setdiff(op_table()$name[op_table()$kind == "elementwise"],
                    names(public_operations))
  expect_false(any(grepl("^(log_)?quantile|_scaled$|_order$", hidden)))
  expect_error(mle_fit(y ~ dnrm(mu, s), data = data.frame(y = y)), "`dnorm()`",
               fixed = TRUE)
})
