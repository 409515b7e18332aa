# Where a recording could silently give a wrong answer, or cannot be made: each
# stops with an error that names the user's call. Every line of the list of
# silent wrong answers that a prototype found has its test here.

at <- list(x = c(1.5, 2.5))
y <- c(0.3, -1, 2)

test_that("tryCatch() and try() do not swallow our errors", {
  expect_unsupported(
    function(x) tryCatch(as.integer(x), error = function(e) -Inf), at
  )
  expect_unsupported(function(x) {
    tryCatch(sum(Re(polyroot(x))), error = function(e) sum(x))
  }, at)
  expect_unsupported(function(x) {
    r <- try(sum(polyroot(x)), silent = TRUE)
    if (inherits(r, "try-error")) sum(x) else r
  }, at)
  # What plain R catches too is caught.
  expect_traced(
    function(x) tryCatch(stop("no"), error = function(e) sum(x)), at
  )
  expect_traced(function(x) {
    S <- matrix(c(1, x[1], x[1], 1), 2)
    tryCatch(sum(log(diag(chol(S)))), error = function(e) -1e3 * x[1])
  }, at, list(list(x = c(3, 1))))
})

test_that("joining functions are not left with lists", {
  expect_traced(function(x) sum(append(x, 1:2)), at)
  expect_traced(function(x) sum(unlist(list(x, 3))), at)
  expect_traced(function(x) length(c(x, x)) + x, at)
  expect_traced(function(x) { s <- 0; for (v in c(1, x)) s <- s + v; s }, at)
  expect_traced(function(x) is.na(c(1, x)), at)
  expect_traced(function(x) mean(c(1, x)), at)
})

test_that("arguments that would be ignored stop or are guarded", {
  expect_unsupported(function(x) rep(1:2, each = x[1]), at)
  expect_unsupported(function(x) rep(1:2, length.out = x[1]), at)
  expect_unsupported(function(x) sum(x, na.rm = x[1]), at)
  expect_unsupported(function(x) dnorm(y, log = x[1]), at, "`log`")
  expect_unsupported(function(x) round(y, x[1]), at)
  expect_unsupported(function(x) numeric(x[1]) + x[1], at)
  expect_unsupported(function(x) seq_len(x[2]), at)
  expect_unsupported(function(x) sum(1:x[2]), at)
  expect_unsupported(function(x) as.integer(x), at, "as.integer\\(x\\)")
  expect_unsupported(function(x) y[x[1]], at)
  expect_unsupported(function(x) matrix(0, x[2], 2), at)
})

test_that("any() and all() see traced values behind plain ones", {
  r <- expect_traced(
    function(x) if (any(FALSE, x > 1)) x[1] else x[2], at, guards = 1
  )
  expect_false(replay(r, list(x = c(0, 0)))$valid)
  r <- expect_traced(
    function(x) if (all(TRUE, x > 1)) x[1] else x[2], at, guards = 1
  )
  expect_false(replay(r, list(x = c(0, 0)))$valid)
})

test_that("base R's own assignment stops instead of looping for ever", {
  tr <- trace_begin()
  on.exit(trace_end(tr))
  x <- trace_input(c(1, 2))
  plain <- c(a = 1, any = 2)
  for (assign in list(
    quote(plain[1] <- x[1]), quote(plain[] <- x), quote(plain["any"] <- x[1]),
    quote(plain[[2]] <- x[1]), quote(plain[1:2] <- x)
  )) {
    expect_error(eval(assign))
  }
  expect_error(base::`diag<-`(diag(2), x))
})

test_that("handles are not compared", {
  expect_unsupported(
    function(x) if (identical(x[1], 1.5)) 1 else x[1], at, "identical"
  )
  expect_unsupported(
    function(x) if (isTRUE(all.equal(1.5, x[1]))) 1 else x[1], at
  )
  expect_unsupported(function(x) length(unique(list(x, x))) * x, at)
  expect_unsupported(function(x) length(unique(x)) * x, at)
  expect_unsupported(function(x) x %in% 1.5, at)
  expect_unsupported(function(x) match(x, 1.5), at)
})

test_that("types are those of a double", {
  for (f in list(
    function(x) is.double(x), function(x) is.atomic(x),
    function(x) is.vector(x),
    function(x) typeof(x) == "double", function(x) mode(x) == "numeric",
    function(x) class(x) == "numeric", function(x) inherits(x, "numeric"),
    function(x) is.numeric(x), function(x) !is.integer(x),
    function(x) !is.object(x)
  )) {
    expect_traced(f, at)
  }
})

test_that("classes and attributes cannot be set", {
  expect_traced(function(x) unclass(x) * 2, at)
  expect_unsupported(function(x) { class(x) <- "foo"; sum(unclass(x)) }, at)
  expect_unsupported(
    function(x) { attributes(x) <- list(names = c("a", "b")); x }, at
  )
  expect_unsupported(function(x) { attr(x, "id") <- 9; x }, at)
  expect_unsupported(function(x) { storage.mode(x) <- "integer"; x }, at)
  expect_traced(function(x) as(x, "numeric"), at)
  expect_unsupported(function(x) as(x, "integer"), at)
})

test_that("factors and data frames are refused", {
  expect_unsupported(function(x) suppressWarnings(factor(1:2) == x), at)
  expect_unsupported(function(x) sum(data.frame(a = 1:2) * x[1]), at)
})

test_that("random numbers stop", {
  set.seed(1)
  expect_unsupported(function(x) sum(x) + rnorm(1), at, "random numbers")
  expect_unsupported(
    function(x) { set.seed(3); sum(x) + rnorm(1) }, at, "random numbers"
  )
})

test_that("errors of the user's own come through unchanged", {
  f <- function(x) if (x[1] > 1) stop("sigma must be small") else x
  e <- tryCatch(record(f, at), error = identity)
  expect_false(inherits(e, "admle_error"))
  expect_identical(conditionMessage(e), "sigma must be small")
  plain <- tryCatch(f(at$x), error = identity)
  expect_identical(conditionMessage(plain), conditionMessage(e))
  expect_error(
    record(function(x) x + matrix(1:4, 2) + matrix(1:6, 3), at),
    "non-conformable"
  )
  expect_error(record(function(x) x + undefined_thing, at), "undefined_thing")
  expect_error(record(function(x) x[[7]], at), "subscript out of bounds")
})

test_that("messages name the user's call", {
  show <- function(f) cat(
    conditionMessage(tryCatch(record(f, at), error = identity)), "\n"
  )
  expect_snapshot({
    show(function(x) sum(Re(polyroot(x))))
    show(function(x) { helper <- function(v) svd(diag(v), nu = 5); helper(x) })
    show(function(x) { h <- y; h[x[1]] <- 2; sum(h) })
    show(function(x) { n <- as.integer(x[2]); n * x })
    show(function(x) { out <- character(2); out[1] <- x[1]; out })
    show(function(x) sum(dnorm(y, x[1], log = x[2])))
    show(function(x) dt(y, 4, ncp = x[1]))
    show(function(x) for (k in x) lsfit(y, y * k))
    show(function(x) .Call("no_such_routine", x))
    show(function(x) sum(x) + rnorm(1))
  })
})

test_that("a refused table() leaves the options as they were", {
  old <- options(warn = 1L)
  on.exit(options(old))
  x <- c(1, 2, 2)
  expect_error(mle_fit(function(a) sum(table(a > x)) * a, list(a = 1)),
               "table", class = "admle_error_unsupported")
  expect_identical(getOption("warn"), 1L)
})
