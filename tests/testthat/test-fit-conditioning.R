# Functions that double precision cannot tell, and ones that are not identified.

set.seed(5)
year <- 1950:2020
u <- year - 1985
y <- 1 + 0.05 * u - 0.002 * u^2 + 3e-5 * u^3 + rnorm(71, 0, 0.3)
start <- list(a = 0, b = 0, c = 0, d = 0, s = 0)

said <- function(...) {
  texts <- character()
  fit <- withCallingHandlers(mle_fit(...), admle_warning = function(w) {
    texts <<- c(texts, gsub("\\s+", " ", conditionMessage(w)))
    invokeRestart("muffleWarning")
  })
  list(fit = fit, texts = paste(texts, collapse = " | "))
}

test_that("a cubic in years is too ill-conditioned to tell", {
  found <- said(function(a, b, c, d, s) {
    dnorm(y, a + b * year + c * year^2 + d * year^3, exp(s), log = TRUE)
  }, start)
  expect_match(found$texts,
               "too ill-conditioned to tell; centre or scale `year`[.]")
  expect_no_match(found$texts, "identif")
  expect_identical(attr(logLik(found$fit), "df"), 5L)
  expect_identical(is.na(diag(vcov(found$fit))),
                   c(a = TRUE, b = TRUE, c = TRUE, d = TRUE, s = FALSE))
  # Without contributions there are no scores to ask.
  total <- said(function(a, b, c, d, s) {
    e <- y - a - b * year - c * year^2 - d * year^3
    -71 * s - drop(crossprod(e)) / exp(2 * s) / 2
  }, start)
  expect_match(total$texts, "ill-conditioned to tell; centre or scale `year`")
})

test_that("columns of a matrix and of a data frame are named", {
  X <- outer(year, 0:3, "^")
  found <- said(function(b, s) dnorm(y, drop(X %*% b), exp(s), log = TRUE),
                list(b = numeric(4), s = 0))
  expect_match(found$texts, "tell; centre or scale the columns of `X`[.]")
  frame <- data.frame(year, y)
  found <- said(function(a, b, c, d) {
    e <- a + b * frame$year + c * frame$year^2 + d * frame$year^3
    dnorm(frame$y, e, 0.3, log = TRUE)
  }, start[1:4])
  expect_match(found$texts, "tell; centre or scale `frame\\$year`[.]")
})

test_that("variables that hardly differ are not helped by centring", {
  x1 <- rnorm(71)
  x2 <- x1 + 1e-9 * rnorm(71)
  found <- said(function(a, b, c, s) {
    dnorm(y, a + b * x1 + c * x2, exp(s), log = TRUE)
  }, start[c("a", "b", "c", "s")])
  expect_match(found$texts, "in `b` and `c` is too ill-conditioned to tell; in")
})

test_that("what is not identified is still said to be so", {
  x1 <- rnorm(71, 30)
  x2 <- 2 * x1
  fits <- list(
    said(function(a, b, s) dnorm(y, a + b, exp(s), log = TRUE),
         start[c("a", "b", "s")]),
    said(function(a, b, c, s) dnorm(y, a + b + c * year, exp(s), log = TRUE),
         start[c("a", "b", "c", "s")]),
    said(function(a, b, c, s) dnorm(y, a + c * (x1 + x2) + b * x2, exp(s),
                                    log = TRUE), start[c("a", "b", "c", "s")]),
    said(function(a, b, s) dnorm(y, a * x1 + b * x2, exp(s), log = TRUE),
         start[c("a", "b", "s")])
  )
  for (found in fits) {
    expect_match(found$texts, "identif")
    expect_no_match(found$texts, "ill-conditioned")
  }
})

test_that("both may be so at once", {
  found <- said(function(a, a2, b, c, d, s) {
    dnorm(y, a + a2 + b * year + c * year^2 + d * year^3, exp(s), log = TRUE)
  }, c(start, a2 = 0))
  expect_match(found$texts, "identify `a` and `a2` separately")
  expect_match(found$texts, "ill-conditioned to tell; centre or scale `year`")
})
