# Recordings used again: after every kind of change that a function can read,
# the derivative is that of the changed function, and what cannot be known is
# not remembered.

kept <- function(f, kind = "grad", wrt = "x", word = FALSE) {
  remembered_count(f, kind, wrt, word)
}

# `f` is remembered, and after `change` its derivative is the new one.
expect_seen <- function(f, change, at = c(0.5, 2), remembered = TRUE) {
  old <- options(admle.remember = NULL)
  on.exit(options(old))
  before <- grad(f)(at)
  again <- grad(f)(at)
  expect_equal(again, before, tolerance = 1e-12)
  expect_identical(kept(f) > 0L, remembered)
  change()
  now <- grad(f)(at)
  expect_equal(now, grad(f, remember = FALSE)(at), tolerance = 1e-12)
  expect_false(isTRUE(all.equal(now, before)))
}

test_that("a variable, an element of it, or its type", {
  w <- c(1, 2)
  f <- function(x) sum(w * x^2)
  expect_seen(f, function() w[2] <<- 5)
  expect_seen(f, function() w <<- 3L)
  long <- as.numeric(1:1000)
  g <- function(x) sum(long) * sum(x^2)
  expect_seen(g, function() long[500] <<- 0)
})

test_that("a global variable, and one that comes nearer", {
  assign("admle_w", 2, envir = globalenv())
  on.exit(rm("admle_w", envir = globalenv()))
  near <- new.env(parent = globalenv())
  f <- function(x) admle_w * sum(x^2)
  environment(f) <- near
  expect_seen(f, function() assign("admle_w", 3, envir = globalenv()))
  expect_seen(f, function() assign("admle_w", 4, envir = near))
})

test_that("an element of a list or of an environment", {
  l <- list(w = 2, other = 1:20)
  f <- function(x) l$w * sum(x^2)
  expect_seen(f, function() l$w <<- 3)
  e <- new.env()
  e$w <- 2
  g <- function(x) e$w * sum(x^2)
  expect_seen(g, function() e$w <- 3)
  h <- function(x) e[["w"]] * sum(x^2)
  expect_seen(h, function() assign("w", 4, envir = e))
  expect_seen(h, function() e <<- list2env(list(w = 7)))
  whole <- function(x) get("w", e) * sum(x^2)
  expect_seen(whole, function() e$w <- 9, remembered = FALSE)
  named <- function(x) {
    name <- "w"
    e[[name]] * sum(x^2)
  }
  expect_seen(named, function() e$w <- 10, remembered = FALSE)
})

test_that("a helper, its variables, its default, its helper", {
  w <- 2
  deepest <- function(x) w * x
  deeper <- function(x, p = 2) deepest(x)^p
  f <- function(x) sum(deeper(x))
  expect_seen(f, function() w <<- 3)
  expect_seen(f, function() deepest <<- function(x) 5 * x)
  expect_seen(f, function() formals(deeper)$p <<- 3)
  expect_seen(f, function() body(deeper) <<- quote(deepest(x)^5))
  expect_seen(f, function() {
    environment(deeper) <<- list2env(list(deepest = function(x) 9 * x),
                                     parent = environment(deeper))
  })
})

test_that("the function's own code and environment", {
  old <- options(admle.remember = NULL)
  on.exit(options(old))
  make <- function(w) function(x) sum(w * x^2)
  f <- make(2)
  expect_equal(grad(f)(3), 12)
  f <- make(5)
  expect_equal(grad(f)(3), 30)
  body(f) <- quote(sum(w * x^3))
  expect_equal(grad(f)(3), 135)
  same <- eval(parse(text = deparse(f)), environment(f))
  expect_gt(kept(same), 0L)
})

test_that("functions handed over by name, as text or as a value", {
  s <- function(x) x^2
  f <- function(x) sum(sapply(x, "s"))
  expect_seen(f, function() s <<- function(x) x^3)
  which <- "s"
  s2 <- function(x) 7 * x^2
  g <- function(x) sum(sapply(x, which))
  expect_seen(g, function() which <<- "s2")
  h <- function(x) sum(sapply(x, s))
  expect_seen(h, function() s <<- function(x) x^4)
})

test_that("names that are made or hidden", {
  s <- function(x) x^2
  l <- list(s = 1)
  f <- function(x) sum(sapply(x, names(l)[1]))
  expect_seen(f, function() s <<- function(x) x^3, remembered = FALSE)
  in_list <- list(name = "s")
  g <- function(x) sum(sapply(x, in_list$name))
  expect_seen(g, function() s <<- function(x) x^4)
  level <- 2
  rate <- function(x) get("level") * x
  h <- function(x) {
    rate <- 2
    sum(rate * rate(x))
  }
  expect_seen(h, function() level <<- 3, remembered = FALSE)
  i <- function(x) sum(stats::dnorm(x)) * base::get("level")
  expect_seen(i, function() level <<- 4, remembered = FALSE)
  j <- function(x) sum(sapply(x, stats::dnorm)) * level
  expect_seen(j, function() level <<- 5)
  k <- function(x) {
    if (x[1] > 100) level <- 7
    level * sum(x^2)
  }
  expect_seen(k, function() level <<- 8)
})

test_that("a function of R that is hidden", {
  here <- new.env()
  f <- function(x) sum(exp(x))
  environment(f) <- here
  expect_seen(f, function() assign("exp", function(x) x^2, envir = here))
  expect_seen(f, function() assign("sum", function(x) 2 * x[1], envir = here))
})

test_that("methods and generics", {
  half <- function(x) UseMethod("half")
  half.default <- function(x) sum(x^2) / 2
  f <- function(x) half(x)
  expect_seen(f, function() half.default <<- function(x) sum(x^3),
              remembered = FALSE)
  w <- c(1, 5)
  here <- new.env()
  g <- function(x) mean(w) * sum(x^2)
  environment(g) <- here
  here$w <- w
  expect_seen(g, function() {
    assign("mean.numeric", function(x, ...) 100, envir = here)
  })
  d <- data.frame(w = c(1, 2))
  h <- function(x) sum(d$w * x^2)
  here$d <- d
  environment(h) <- here
  expect_seen(h, function() {
    assign("$.data.frame", function(x, name) 7, envir = here)
  })
})

test_that("options, the clock and state are not remembered", {
  old <- options(admle.test = 2)
  on.exit(options(old))
  f <- function(x) getOption("admle.test") * sum(x^2)
  expect_seen(f, function() options(admle.test = 3), remembered = FALSE)
  Sys.setenv(ADMLE_TEST = "2")
  g <- function(x) as.numeric(Sys.getenv("ADMLE_TEST")) * sum(x^2)
  expect_seen(g, function() Sys.setenv(ADMLE_TEST = "3"), remembered = FALSE)
  count <- 0
  h <- function(x) {
    count <<- count + 1
    count * 0 + sum(x^2) * level
  }
  level <- 1
  expect_seen(h, function() level <<- 3, remembered = FALSE)
  i <- function(x) eval(quote(level * sum(x^2)))
  expect_seen(i, function() level <<- 5, remembered = FALSE)
})

test_that("active bindings and objects by reference are not remembered", {
  value <- 2
  here <- new.env()
  makeActiveBinding("w", function() value, here)
  f <- function(x) w * sum(x^2)
  environment(f) <- here
  expect_seen(f, function() value <<- 3, remembered = FALSE)
  g <- function(x) sum(x^2) * w
  there <- new.env()
  there$w <- 2
  environment(g) <- there
  expect_seen(g, function() {
    rm("w", envir = there)
    makeActiveBinding("w", function() value, there)
  })
  Counter <- methods::setRefClass("admle_counter", fields = list(w = "numeric"))
  counter <- Counter$new(w = 2)
  h <- function(x) counter$w * sum(x^2)
  expect_seen(h, function() counter$w <- 3, remembered = FALSE)
})

test_that("data.table writes by reference", {
  skip_if_not_installed("data.table")
  loadNamespace("data.table")
  d <- data.table::data.table(w = as.numeric(1:5000))
  v <- d$w
  f <- function(x) sum(v) * sum(x^2)
  expect_seen(f, function() data.table::set(d, 1777L, "w", -1e6))
  g <- function(x) sum(d$w) * sum(x^2)
  expect_seen(g, function() data.table::set(d, 3L, "w", 1e6),
              remembered = FALSE)
})

test_that("sparse matrices are data, other S4 objects are not", {
  skip_if_not_installed("Matrix")
  S <- Matrix::sparseMatrix(rep(1:50, 2), c(rep(1:2, 25), rep(2:1, 25)),
                            x = as.numeric(1:100))
  f <- function(x) sum(exp(S %*% x / 100))
  expect_seen(f, function() S@x[51] <<- -7)
  expect_seen(f, function() S@i[1:50] <<- rev(S@i[1:50]))
  expect_seen(f, function() S[3, 1] <<- 100)
  expect_seen(f, function() S <<- as.matrix(S) + 1)
  of_list <- list(S = Matrix::Diagonal(2, c(1, 4)), w = 2)
  g <- function(x) of_list$w * sum(of_list$S %*% x)
  expect_seen(g, function() of_list$S@x[2] <<- 5)
  admle_slots <- methods::setClass("admle_slots", list(w = "numeric"),
                                   where = globalenv())
  on.exit(methods::removeClass("admle_slots", where = globalenv()))
  slots <- admle_slots(w = 2)
  h <- function(x) slots@w * sum(x^2)
  expect_seen(h, function() slots@w <<- 3, remembered = FALSE)
})

test_that("random numbers are refused as before", {
  f <- function(x) sum(x) * stats::rnorm(1)
  expect_error(grad(f)(1), class = "admle_error_unsupported")
})

test_that("arguments: another value, length, name, type or second argument", {
  old <- options(admle.remember = NULL)
  on.exit(options(old))
  f <- function(x, w = 1) w * sum(x^2) * length(x)
  for (at in list(c(1, 2), c(3, 4), c(a = 1, b = 2), 1:2, 1, c(1, 2, 3),
                  matrix(1:4 / 2, 2), c(1, 2))) {
    expect_identical(grad(f)(at), grad(f, remember = FALSE)(at))
    expect_identical(grad(f)(at, 3), grad(f, remember = FALSE)(at, 3))
    expect_identical(grad(f)(at, w = 3), grad(f, remember = FALSE)(at, w = 3))
    expect_identical(grad(f)(w = 2, x = at), grad(f, remember = FALSE)(at, 2))
  }
  expect_identical(kept(f), 8L)
  apply_to <- function(x, g) sum(g(x))
  expect_equal(grad(apply_to)(2, function(x) x^2), 4)
  expect_equal(grad(apply_to)(2, function(x) x^3), 12)
  expect_equal(grad(apply_to)(2, function(x) x^2), 4)
})

test_that("branches, errors and values that are not finite", {
  old <- options(admle.remember = NULL)
  on.exit(options(old))
  f <- function(x) if (x > 1) x^2 else if (x < -1) stop("too small") else 3 * x
  g <- grad(f)
  expect_identical(c(g(2), g(0), g(3), g(0.5)), c(4, 3, 6, 3))
  expect_error(g(-2), "too small")
  expect_identical(g(2), 4)
  h <- grad(function(x) log(x))
  expect_identical(h(2), 0.5)
  expect_warning(expect_identical(h(-2), -0.5), "NaN")
})

test_that("each operator remembers, and agrees with a fresh recording", {
  old <- options(admle.remember = NULL)
  on.exit(options(old))
  y <- sin(1:30)
  f <- function(x) sum(dnorm(y, x[1], exp(x[2]), log = TRUE))
  v <- function(x) c(a = x[1] * x[2], b = sum(y) * x[1]^3)
  parts <- function(x) sum(x$a^2) * x$b
  at <- c(0.2, 0.1)
  calls <- list(
    grad = function(...) grad(f, ...)(at),
    value_and_grad = function(...) value_and_grad(f, ...)(at),
    hessian = function(...) hessian(f, ...)(at),
    jacobian = function(...) jacobian(v, ...)(at),
    hvp = function(...) hvp(f, ...)(at, c(1, 2)),
    vjp = function(...) vjp(v, ...)(at, c(1, 2)),
    jvp = function(...) jvp(v, ...)(at, c(1, 2)),
    lists = function(...) grad(parts, ...)(list(a = at, b = 2))
  )
  for (name in names(calls)) {
    first <- calls[[name]]()
    again <- calls[[name]]()
    expect_equal(again, calls[[name]](remember = FALSE), tolerance = 1e-12,
                 info = name)
    expect_identical(attributes(again), attributes(first), info = name)
  }
  expect_identical(
    c(kept(f), kept(f, "value_and_grad"), kept(f, "hessian"),
      kept(v, "jacobian"), kept(f, "hvp"), kept(v, "vjp"), kept(v, "jvp"),
      kept(parts)), rep(1L, 8)
  )
})

test_that("the user's word, and none", {
  old <- options(admle.remember = NULL)
  on.exit(options(old))
  level <- 2
  f <- function(x) get("level") * sum(x^2)
  g <- grad(f, remember = TRUE)
  expect_equal(g(1), 4)
  level <- 3
  expect_equal(g(1), 4)
  expect_equal(grad(f)(1), 6)
  h <- function(x) sum(x^2)
  options(admle.remember = FALSE)
  expect_equal(grad(h)(1), 2)
  expect_identical(kept(h), 0L)
  expect_error(grad(h, remember = NA), class = "admle_error_argument")
})

test_that("a function that is gone leaves nothing behind", {
  old <- options(admle.remember = NULL)
  on.exit(options(old))
  gone <- FALSE
  make <- function() {
    here <- environment()
    reg.finalizer(here, function(e) gone <<- TRUE)
    w <- rnorm(100)
    function(x) sum(w) * x^2
  }
  local({
    f <- make()
    grad(f)(1)
    expect_identical(kept(f), 1L)
  })
  for (i in 1:3) gc()
  expect_true(gone)
})
