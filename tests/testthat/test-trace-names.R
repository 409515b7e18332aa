# Packages attached after admle: made here, so that none need be installed, and
# the installed ones with the examples of the README.

# Attaches `functions` as a package would be until the end of the test.
local_package <- function(name, functions, frame = parent.frame()) {
  label <- paste0("package:", name)
  attach(list2env(functions), name = label, warn.conflicts = FALSE)
  leave <- bquote(detach(.(label), character.only = TRUE))
  do.call(on.exit, list(leave, add = TRUE), envir = frame)
}

# As at the console: testthat's own environment sees admle's namespace first.
at_console <- function(code, variables = list()) {
  eval(substitute(code), list2env(variables, parent = globalenv()))
}

foreign_fixed <- function(x) structure("1", class = c("stringr_fixed", "text"))

test_that("declarations in a written start are admle's", {
  plain <- at_console(mle_fit(
    function(mu, sigma, k) dnorm(speed, mu + k, sigma, log = TRUE),
    start = list(mu = 10, sigma = positive(5), k = fixed(3)), data = cars
  ))
  local_package("other", list(fixed = foreign_fixed,
                              positive = function(x) stop("not this one")))
  masked <- at_console(mle_fit(
    function(mu, sigma, k) dnorm(speed, mu + k, sigma, log = TRUE),
    start = list(mu = 10, sigma = positive(5), k = fixed(3)), data = cars
  ))
  expect_identical(coef(masked), coef(plain))
  again <- update(masked, subset = 1:40)
  expect_length(coef(again), 2L)
  in_function <- at_console({
    fit_at <- function(k) {
      mle_fit(function(mu, sigma, k) dnorm(speed, mu + k, sigma, log = TRUE),
              start = list(mu = 10, sigma = positive(5), k = fixed(k)),
              data = cars)
    }
    fit_at(3)
  })
  expect_identical(coef(in_function), coef(plain))
  by_formula <- at_console(mle_fit(
    speed ~ dnorm(mu, sigma), start = list(sigma = fixed(5)), data = cars
  ))
  expect_equal(unname(coef(by_formula)), mean(cars$speed))
})

test_that("a start made elsewhere with another package's function says so", {
  local_package("other", list(fixed = foreign_fixed))
  expect_snapshot(error = TRUE, at_console({
    start <- list(mu = fixed(1), sigma = positive(1))
    mle_fit(function(mu, sigma) dnorm(speed, mu, sigma, log = TRUE), start,
            data = cars)
  }))
  expect_snapshot(error = TRUE, at_console({
    normal <- function(mu, sigma) dnorm(speed, mu, sigma, log = TRUE)
    wrapper <- function(...) mle_fit(normal, ..., data = cars)
    wrapper(start = list(mu = fixed(1), sigma = positive(1)))
  }))
})

test_that("a user's own function of such a name is respected", {
  local_package("other", list(fixed = foreign_fixed))
  fit <- at_console({
    fixed <- function(x) 2 * x
    mle_fit(function(mu, sigma) dnorm(speed, mu, sigma, log = TRUE),
            start = list(mu = fixed(5), sigma = positive(5)), data = cars)
  })
  expect_length(coef(fit), 2L)
  fit <- at_console({
    dgumbel <- function(x, a, b, log = FALSE) dnorm(x, a, exp(b), log = log)
    mle_fit(speed ~ dgumbel(mu, s), data = cars, start = list(mu = 15, s = 1))
  })
  expect_equal(coef(fit)[["mu"]], mean(cars$speed))
})

test_that("densities and combinators in a formula are admle's", {
  d <- data.frame(x = c(0.3, 1.2, 0.8, 2.5, 1.1, 0.4), n = c(0, 2, 1, 0, 3, 1))
  plain <- list(
    at_console(mle_fit(x ~ dllogis(a, b), data = d), list(d = d)),
    at_console(mle_fit(n ~ hurdle(dpois(mu), p), data = d), list(d = d)),
    at_console(mle_fit(x ~ censored(dllogis(a, b), upper = 2), data = d),
               list(d = d))
  )
  local_package("survivals", list(
    dllogis = function(x, a, b, log = FALSE) stop("not this one"),
    pllogis = function(q, a, b) stop("nor this one"),
    hurdle = function(formula, data) stop("not this one")
  ))
  expect_message(
    masked <- at_console(mle_fit(x ~ dllogis(a, b), data = d), list(d = d)),
    "`dllogis()` in the formula is admle's, dllogis(x, shape, scale)",
    fixed = TRUE
  )
  expect_identical(coef(masked), coef(plain[[1L]]))
  # once
  expect_message(at_console(mle_fit(x ~ dllogis(a, b), data = d), list(d = d)),
                 NA)
  masked <- at_console(mle_fit(n ~ hurdle(dpois(mu), p), data = d), list(d = d))
  expect_identical(coef(masked), coef(plain[[2L]]))
  masked <- at_console(mle_fit(x ~ censored(dllogis(a, b), upper = 2),
                               data = d), list(d = d))
  expect_identical(coef(masked), coef(plain[[3L]]))
  expect_identical(predict(masked, type = "quantile", at = 0.3),
                   predict(plain[[3L]], type = "quantile", at = 0.3))
})

test_that("in a function the error names admle's", {
  local_package("survivals", list(
    dllogis = function(x, a, b, log = FALSE) stop("not this one"),
    hurdle = function(formula, data) stop("no formula")
  ))
  expect_snapshot(error = TRUE, at_console(mle_fit(
    function(a, b) dllogis(speed, a, b, log = TRUE),
    start = list(a = positive(1), b = positive(1)), data = cars
  )))
  expect_snapshot(error = TRUE, at_console({
    helper <- function(mu, p) log_density(hurdle(dpois(mu), p), 0:3)
    mle_fit(function(mu, p) helper(mu, p),
            start = list(mu = positive(1), p = bounded(0.5, 0, 1)))
  }))
  expect_error(
    at_console(mle_fit(function(a) stop("mine"), start = list(a = 1))),
    "stops with \"mine\", at a = 1", fixed = TRUE
  )
})

test_that("names with a package in front are not masked", {
  expression <- quote(stats::b(c(d), x[, 1], function(e, g = f) e))
  expect_setequal(bare_names(expression),
                  c("c", "d", "[", "x", "function", "e", "f"))
  local_package("survivals", list(
    dllogis = function(x, a, b, log = FALSE) stop("not this one"),
    dgev = function(x, a, b, log = FALSE) stop("not this one")
  ))
  expect_message(at_console(
    mle_fit(speed ~ admle::dgev(a, b, c), data = cars)
  ), NA)
  expect_error(at_console(mle_fit(
    function(a) stop("mine", admle::dllogis(1, 1, a)), start = list(a = 1)
  )), "stops with \"mine[0-9.]*\", at a = 1")
})

# The expressions of a file's R code, and whether its output is an error.
readme_code <- function(file) {
  lines <- readLines(file)
  inside <- FALSE
  for (i in seq_along(lines)) {
    fence <- startsWith(lines[[i]], "```")
    if (fence) inside <- lines[[i]] == "```r"
    if (fence || !inside) lines[[i]] <- ""
  }
  code <- parse(text = lines, keep.source = TRUE)
  ends <- vapply(attr(code, "srcref"), function(at) at[[3L]], 1L)
  fails <- startsWith(lines[pmin(ends + 1L, length(lines))], "#> Error")
  list(code = code, fails = fails)
}

readme <- function() {
  places <- c("../../README.md", "../../00_pkg_src/admle/README.md")
  found <- places[file.exists(test_path(places))]
  if (length(found)) test_path(found[[1L]])
}

attached_later <- c("stringr", "VGAM", "ordinal", "pscl", "mvtnorm", "flexsurv",
                    "evd", "actuar")

test_that("the README's examples run with other packages attached", {
  skip_if(is.null(readme()), "no README here")
  before <- search()
  on.exit(for (package in setdiff(search(), before)) {
    detach(package, character.only = TRUE)
  })
  there <- Filter(function(package) {
    suppressWarnings(suppressPackageStartupMessages(
      require(package, character.only = TRUE, quietly = TRUE)
    ))
  }, attached_later)
  skip_if(length(there) == 0L, "no other package")
  env <- new.env(parent = globalenv())
  env$panel <- data.frame(id = rep(1:40, each = 4), x = sin(1:160),
                          y = as.numeric(sin((1:160)^2) > 0))
  examples <- readme_code(readme())
  expect_gt(length(examples$code), 25)
  expect_identical(sum(examples$fails), 1L)
  for (k in seq_along(examples$code)) {
    error <- tryCatch({
      utils::capture.output(suppressMessages(suppressWarnings(
        print(eval(examples$code[[k]], env))
      )))
      NULL
    }, error = conditionMessage)
    expect_identical(is.null(error), !examples$fails[[k]],
                     label = paste(deparse1(examples$code[[k]]), error))
  }
})
