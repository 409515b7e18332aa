# Every supported function by itself: the recording equals plain R, here and
# at another point, with R's dimensions and names.

set.seed(7)
th <- c(a = 0.3, b = 1.7, c = 0.8)
th2 <- c(a = 0.5, b = 0.4, c = 1.9)
M <- matrix(c(2, 0.3, 0.1, 0.4, 3, -0.2, 0.5, 0.6, 4), 3,
  dimnames = list(letters[1:3], LETTERS[1:3]))
y <- rnorm(7)

# One expression in `x` (a vector of three) or `m` (3 x 3) for each line.
check_expressions <- function(expressions, at, also, rerecord = FALSE) {
  for (text in expressions) {
    code <- sprintf("function(%s) %s", names(at)[[1L]], text)
    f <- eval(parse(text = code)[[1L]])
    environment(f) <- parent.frame()
    tryCatch(
      expect_traced(f, at, list(also), rerecord = rerecord),
      error = function(e) fail(paste0(text, ": ", conditionMessage(e)))
    )
  }
}

vector_expressions <- c(
  "x + 1", "1 + x", "x - y[1]", "-x", "+x", "x * x", "2 / x", "x^2", "2^x",
  "x^x", "x %% 0.7", "x %/% 0.3", "x + c(1, 2, 3)", "x + 1:6", "1:6 * x",
  "x[1:2] + c(p = 1, q = 2, r = 3, s = 4)", "exp(x)", "log(x)", "log(x, 2)",
  "log(2, x)", "log(x, base = x[2] + 3)", "log1p(x)", "expm1(x)", "log2(x)",
  "log10(x)", "sqrt(x)", "abs(x - 1)", "sign(x)", "sin(x) + cos(x) + tan(x)",
  "sinpi(x) + cospi(x) + tanpi(x)", "asin(x / 4) + acos(x / 4) + atan(x)",
  "atan2(x, 2)", "atan2(1, x)", "sinh(x) + cosh(x) + tanh(x)", "asinh(x)",
  "acosh(x + 1)", "atanh(x / 3)",
  "gamma(x) + lgamma(x) + digamma(x) + trigamma(x)", "psigamma(x, 2)",
  "beta(x, 2) + beta(2, x)", "lbeta(x, x)", "choose(x, 2) + lchoose(x + 2, 1)",
  "factorial(x) + lfactorial(x)", "floor(x) + ceiling(x) + round(x) + trunc(x)",
  "round(x, 1)", "sum(x)", "sum(1, x)", "sum(x, 1:3, x[2])", "prod(x)",
  "mean(x)", "var(x)", "sd(x)", "cumsum(x)", "cumprod(x)", "range(x)", "max(x)",
  "min(x)", "max(1, x)", "pmin(x, 0.5)", "pmax(0.5, x)", "pmax(x, rev(x), 0.4)",
  "ifelse(x > 0.5, x, 0)", "ifelse(c(TRUE, FALSE, TRUE), x, -x)",
  "ifelse(x > 0.5, 1, x)", "c(x, 1)", "c(1, x)", "c(u = 1, x)",
  "c(x, z = x[[1]], 2)", "c(list(1), x)[[2]]", "x[2]", "x[[2]]", "x['b']",
  "x[['b']]", "x[-1]", "x[c(TRUE, FALSE, TRUE)]", "x[c('a', 'c')]",
  "x[c(3, 1, 1)]", "x[]", "x[numeric(0)]", "rep(x, 2)", "rep(x, each = 2)",
  "rep(x[1], 5)", "rep(x, times = c(1, 0, 2))", "rep(x, length.out = 5)",
  "rep_len(x, 4)", "rep.int(x, 2)", "rev(x)", "head(x, 2)", "tail(x, 1)",
  "head(x, -1)", "length(x)", "x[seq_along(x)]",
  "{ v <- numeric(3); v[2] <- x[1]; v }",
  "{ v <- vector('numeric', 2); v[1:2] <- x[2:3]; v }",
  "{ v <- x; v[2] <- 0; v }", "{ v <- x; v['b'] <- 9; v }",
  "{ v <- x; v[5] <- x[1]; v[5] }", "{ v <- x; v[['d']] <- x[[1]]; v }",
  "{ v <- NULL; for (i in 1:3) v[i] <- x[i]^2; v }",
  "{ v <- c(); for (p in x) v <- c(v, p); v }",
  "{ s <- 0; for (p in x) s <- s + p; s }",
  "{ L <- list(a = numeric(2)); L$a[2] <- x[1]; L$a }",
  "{ L <- list(); L[[1]] <- x; L[[2]] <- 1; L[[1]] + L[[2]] }",
  "{ L <- list(1, 2); L[2] <- x[[1]]; L[[2]] }",
  "{ v <- 1:3; v[2] <- x[[3]]; v }", "{ v <- rep(NA, 3); v[] <- x; v }",
  "matrix(x, 3, 2)", "matrix(x, nrow = 1)", "matrix(x, ncol = 3, byrow = TRUE)",
  "matrix(x[1], 2, 2)", "matrix(x, 1, dimnames = list('r', letters[1:3]))",
  "array(x, c(3, 1, 2))", "dim(matrix(x, 3, 2))",
  "{ v <- x; dim(v) <- c(1, 3); v }",
  "{ v <- x; names(v) <- c('p', 'q', 'r'); v }", "unname(x)", "names(x) == 'a'",
  "{ v <- x; names(v)[2] <- 'zz'; v }", "setNames(x, c('u', 'v', 'w'))", "t(x)",
  "cbind(x, 1)", "cbind(1, x)", "cbind(u = x, v = x^2)", "cbind(x, x)",
  "rbind(x, 1:3)", "rbind(a = x, b = 0)", "cbind(x, diag(3))", "diag(x)",
  "diag(x[[1]], 2)", "{ D <- diag(3); diag(D) <- x; D }",
  "{ D <- diag(3); diag(D)[2] <- x[[1]]; D }", "outer(x, x)", "x %o% 1:2",
  "outer(1:2, x, '+')", "outer(x, 1:3, function(a, b) a^b)",
  "outer(1:2, 1:3, function(i, j) x[[1]]^i * j)", "crossprod(x)",
  "tcrossprod(x)", "x %*% x", "x %*% M", "M %*% x", "drop(M %*% x)",
  "sapply(x, exp)", "sapply(1:3, function(i) x[i]^i)",
  "sapply(c('a', 'b'), function(k) x[[k]])", "sapply(1:2, function(i) x * i)",
  "vapply(x, function(v) v^2, numeric(1))",
  "vapply(1:3, function(i) x[[i]], 0)", "unlist(lapply(x, log))",
  "unlist(lapply(1:2, function(i) x[i]))",
  "unlist(list(a = x[[1]], b = list(c = 1, d = x[2:3])))",
  "unlist(Map(function(a, b) a * b, x, 1:3))",
  "mapply(function(a, b) a + b, x, 1:3)",
  "mapply(function(k, v) v * k, 1:3, MoreArgs = list(v = x[[1]]))",
  "Reduce(`+`, x)", "Reduce(`*`, x, accumulate = TRUE)",
  "Reduce(function(a, b) a * 0.5 + b, 1:4, x[[1]])", "do.call(sum, as.list(x))",
  "do.call('sum', list(x, 1))", "do.call(rbind, list(x, x^2))",
  "do.call(dnorm, list(1, mean = x[[1]]))", "with(as.list(x), a + b * c)",
  "with(list(k = 2), x * k)", "local({ z <- x; sum(z) })", "as.vector(x)",
  "as.numeric(x)", "identity(x)", "drop(x)", "sort(x)", "x[order(x)]",
  "rank(x)", "rank(-x)", "median(x)", "quantile(x, c(0.1, 0.5))", "diff(x)",
  "diff(x, lag = 2)", "append(x, 9, 1)", "scale(x)[, 1]", "x[x > 0.5]",
  "which(x > 0.5)", "which.max(x)", "which.min(x)", "any(x > 0)", "all(x < 9)",
  "any(x > 100)", "all(TRUE, x > 0)", "sum(x > 0.5)", "mean(x > 0.5)",
  "sum(!(x > 0.5))", "sum(x > 0.1 & x < 1)", "sum(x > 1 | x < 0.4)", "is.na(x)",
  "is.finite(x)", "is.nan(x)", "is.numeric(x)", "is.vector(x)",
  "typeof(x) == 'double'", "class(x) == 'numeric'", "mode(x) == 'numeric'",
  "inherits(x, 'numeric')", "is.matrix(x)", "is.function(x)", "is.null(x)",
  "NROW(x)", "NCOL(x)", "nrow(cbind(x))", "if (x[1] > 0) x[2] else x[3]",
  "if (all(x > 0) && x[1] < 5) x * 2 else 0",
  "{ i <- 0; while (i < x[['b']]) i <- i + 0.5; i * x }",
  "{ k <- 0; repeat { k <- k + 1; if (k * x[[1]] > 1) break }; x * k }",
  "switch(1 + (x[[1]] > 0.1), 'a', x[2])",
  "switch(floor(x[[1]]) + 1, x[1], x[2])", "switch('b', a = 1, b = x)",
  "split(x, c(1, 2, 1))[['1']]", "tapply(x, c('u', 'v', 'u'), sum)",
  "tapply(c(x), c(1, 2, 1), mean)", "rowsum(x, c(1, 2, 1))",
  "x |> exp() |> sum()", "Recall_test(3, x)", "dnorm(0.3, x, 1)",
  "dnorm(y, x[1], x[2])", "stats::dnorm(1, x, log = TRUE)", "base::log(x)",
  "(function(v) v^2)(x)", "{ g <- function(v, k = x[1]) v * k; g(x) }",
  "{ g <- dnorm; g(x) }", "fns$sq(x)", "fns[['sq']](x)", "helper(x)",
  "compiled(x)", "vec(x)", "alias(x, log = TRUE)",
  "sum(sapply(list(sin, cos), function(f) f(x[[1]])))",
  "Filter(function(v) v > 0.5, x)", "nested(x)", "x[1 + (x[[1]] > 0.1)]",
  "seq_len(floor(x[['b']]) + 1)", "numeric(floor(x[['b']]))",
  "1:(1 + floor(x[['b']]))", "y[floor(x[['b']]) + 1]", "log_sum_exp(x)",
  "log_sum_exp(c(-Inf, x))", "dmultinom(c(1, 0, 3), prob = x)",
  "dmultinom(c(1, 0, 3), prob = x, log = TRUE)", "cov(x, c(1, 2, 4))",
  "cor(x, c(1, 2, 4))", "x[2, drop = TRUE]", "tail(cumsum(x), 1)",
  "stopifnot(x > 0)", "{ stopifnot(all(x > 0)); x }",
  "tryCatch(sum(x), error = function(e) -Inf)", "lengths(list(x, 1))",
  "max(sapply(1:3, function(i) x[i]))", "sweep(matrix(x, 3, 2), 1, x)",
  "nchar(paste('a', names(x)))", "{ attr(x, 'names') <- NULL; x }",
  "structure(x, names = letters[1:3])", "{ storage.mode(x) <- 'double'; x }",
  "unclass(x)", "0^0 + x", "(-2)^2 * x", "(x - 5)^2", "(x - 5)^3",
  "findInterval(x, c(0, 0.5, 1))", "as.integer(x > 0.5)",
  "as.integer(floor(x))", "as.numeric(x > 0.5) * 2", "cummax(x)", "cummin(x)",
  "mean(c(1, x))", "prod(1:3, x)", "toeplitz(x)", "embed(x, 2)",
  "weighted.mean(x, 1:3)", "weighted.mean(1:3, x)", "colSums(cbind(x, 1))",
  "Vectorize(function(a) a + x[[1]])(1:3)",
  "rapply(list(x), exp, how = 'list')[[1]]", "array(1:4, 4) * x[[1]]",
  "unsplit(split(x, c(1, 2, 1)), c(1, 2, 1))", "kronecker(x, 1:2)",
  "x[[2]] + x[[c(1)]]", "ave(x, c(1, 1, 2))"
)

matrix_expressions <- c(
  "m + 1", "m * m", "m / 2", "m + 1:3", "1:9 * m", "m - m[, 1]", "m[1, ]",
  "m[, 2]", "m[1, 2]", "m['a', 'B']", "m[['a', 'B']]", "m[1, , drop = FALSE]",
  "m[-1, ]", "m[2:3, c(TRUE, FALSE, TRUE)]", "m[m > 1]", "m[5]",
  "m[cbind(1:3, 3:1)]", "m[lower.tri(m)]", "m[upper.tri(m, diag = TRUE)]",
  "m[[4]]", "t(m)", "m %*% m", "m %*% 1:3", "1:3 %*% m", "m %*% t(m)",
  "crossprod(m)", "crossprod(m, 1:3)", "tcrossprod(m, M)", "tcrossprod(1:3, m)",
  "m %o% 1:2", "kronecker(m, diag(2))", "solve(m)", "solve(m, 1:3)",
  "solve(m, M)", "solve(M, m)", "det(m)", "determinant(m)$modulus[1]",
  "chol(crossprod(m))", "chol2inv(chol(crossprod(m)))",
  "backsolve(chol(crossprod(m)), 1:3)",
  "backsolve(chol(crossprod(m)), M, transpose = TRUE)",
  "forwardsolve(t(chol(crossprod(m))), 1:3)", "diag(m)", "{ diag(m) <- 1; m }",
  "{ diag(m)[2] <- 7; m }", "sum(diag(m %*% M))", "rowSums(m)", "colSums(m)",
  "rowMeans(m)", "colMeans(m)", "apply(m, 1, sum)", "apply(m, 2, mean)",
  "apply(m, 1, max)", "apply(m, 2, function(v) v^2)", "apply(m, c(1, 2), exp)",
  "sum(m)", "mean(m)", "max(m)", "range(m)", "prod(m)", "cumsum(m)", "exp(m)",
  "dim(m)", "nrow(m) * ncol(m)", "length(m)", "dimnames(m)[[1]] == 'a'",
  "rownames(m) == 'b'", "cbind(m, 1)", "cbind(1, m)", "rbind(m, 1:3)",
  "rbind(new = 1:3, m)", "cbind(m, v = m[, 1])", "as.vector(m)", "c(m)",
  "aperm(m)", "aperm(array(m, c(3, 1, 3)), c(3, 1, 2))",
  "array(m, c(3, 3, 2))[2, 3, 2]",
  "{ A <- array(0, c(2, 2, 2)); A[1, 2, 2] <- m[1, 1]; A }",
  "{ m[1, ] <- 0; m }", "{ m[, 2] <- 1:3; m }", "{ m[2, 2] <- m[1, 1]^2; m }",
  "{ m[m > 1] <- 0; m }", "{ m[cbind(1:3, 1:3)] <- 9; m }",
  "{ Z <- matrix(0, 2, 3); Z[2, ] <- m[1, ]; Z }",
  "{ Z <- matrix(0, 3, 3); Z[upper.tri(Z)] <- m[1:3]; Z + t(Z) }",
  "{ dim(m) <- NULL; m }", "{ dimnames(m) <- NULL; m }",
  "{ rownames(m) <- NULL; m }", "{ colnames(m) <- c('x', 'y', 'z'); m }",
  "var(m)", "cor(m)", "cov(m, M)", "scale(m, scale = FALSE)[, 1]",
  "sweep(m, 2, colMeans(m))", "sweep(m, 1, 1:3, '*')", "outer(m[, 1], 1:2)",
  "head(m, 2)", "tail(m, 1)", "ifelse(m > 1, m, 0)", "pmax(m, 1)", "pmin(1, m)",
  "m^2 %*% 1:3", "sapply(1:3, function(j) sum(m[, j]))",
  "sapply(1:2, function(j) m[, j])",
  "unlist(apply(m, 1, function(r) list(sum(r))))", "drop(m[1, , drop = FALSE])",
  "m[order(m[, 1]), ]", "rev(m)", "m > 1 & m < 3", "!(m > 1)",
  "sum(m[1, ] * m[, 1])", "mahalanobis(M, colMeans(m), crossprod(m))",
  "cov2cor(crossprod(m))", "rowsum(m, c(1, 2, 1))", "diff(m)", "matrix(m, 1)",
  "max(abs(m - t(m)))", "norm(m)", "isSymmetric(M) * m", "lower.tri(m) * m",
  "row(m) * m", "m[row(m) == col(m)]", "rbind(m, m)[5, ]", "m[, 'A'] * 2",
  "as.matrix(m)", "is.matrix(m)", "upper.tri(m)[1, 2] * m", "crossprod(m, m)",
  "x_sq(m)"
)

fns <- list(sq = function(v) v^2)
helper <- function(v) inner_helper(v) + dnorm(v[1])
inner_helper <- function(v) sum(log(v))
compiled <- compiler::cmpfun(function(v) {
  s <- 0
  for (i in seq_along(v)) s <- s + exp(v[i])
  s
})
vec <- Vectorize(function(a) a^2 + dnorm(a))
alias <- dnorm
x_sq <- function(m) m %*% m
Recall_test <- function(k, x) if (k <= 1) x else x * Recall(k - 1, x)
nested <- function(x) {
  make <- function(k) function(v) v^k * sum(x)
  square <- make(2)
  square(x)
}

test_that("functions of vectors", {
  check_expressions(vector_expressions, list(x = th), list(x = th * 1.01))
})

test_that("functions of matrices", {
  check_expressions(matrix_expressions, list(m = M), list(m = M * 1.01))
})

test_that("matrices without rows or columns are plain, as their sums are", {
  at <- list(x = 2)
  none <- matrix(0, 1, 0)
  expect_traced(function(x) x %*% none, at)
  expect_traced(function(x) crossprod(none, x), at)
  expect_traced(function(x) outer(x, numeric(0)), at)
  expect_traced(function(x) x + sum(rowSums(x %*% none)), at)
  expect_traced(function(x) x + length(colSums(x %*% none)), at)
  expect_traced(function(x) cbind(x, x %*% none), at)
  expect_identical(grad(function(x) 3 * x + sum(x %*% none))(2), 3)
})

test_that("a warning handler may leave an operation", {
  expect_traced(function(x) {
    tryCatch(x[1:2] + x[1:3], warning = function(w) x[1])
  }, list(x = c(1, 2, 3)))
})

test_that("elements of many joined numbers are found in linear time", {
  count <- function(n) {
    r <- record(function(x) {
      y <- sapply(seq_len(n), function(i) i * x)
      s <- 0
      for (i in seq_len(n)) s <- s + y[i]
      s
    }, list(x = 1), check = FALSE)
    trace_counts(r)[["nodes"]]
  }
  # A product, its factor and the sum for each: no node for an element.
  expect_lt(count(200) - count(100), 3 * 100 + 1)
})

test_that("R code of contributed packages is recorded, compiled code is not", {
  skip_if_not_installed("VGAM")
  x <- c(0.3, -1, 2)
  f <- function(s) VGAM::dskewnorm(x, 0.1, s, -2, log = TRUE)
  g <- function(s) dskewnorm(x, 0.1, s, -2, log = TRUE)
  expect_equal(jacobian(f)(2), jacobian(g)(2), tolerance = 1e-12)
  skip_if_not_installed("pbivnorm")
  # But for a function that admle has, too.
  expect_equal(grad(function(r) pbivnorm::pbivnorm(0, 0.2, r))(0.3),
               grad(function(r) pbivnorm(0, 0.2, r))(0.3))
  skip_if_not_installed("mvtnorm")
  expect_error(grad(function(v) {
    c(mvtnorm::pmvnorm(upper = c(v, 1), sigma = diag(2)))
  })(0.3), class = "admle_error_unsupported")
})

test_that("errors inside of admle's own code name the user's call", {
  fit <- function() {
    mle_fit(
      function(s) log_density(distribution(dskewnorm(0, s, 1)), c(-1, 2)),
      start = list(s = -1)
    )
  }
  message <- tryCatch(suppressWarnings(fit()), error = conditionMessage)
  expect_match(message, "log_density(distribution(dskewnorm(0, s, 1))",
    fixed = TRUE)
})

test_that("complex functions of parameters are those of complex numbers", {
  z <- function(a) complex(real = a, imaginary = 0.7 * a^2)
  functions <- list(
    function(a) log(z(a), 2), function(a) log(z(a), base = 1 + 2i),
    function(a) log10(z(a)), function(a) log2(z(a)), function(a) tan(z(a)),
    function(a) sinh(z(a)), function(a) cosh(z(a)), function(a) tanh(z(a)),
    function(a) prod(c(a, z(a), 2)), function(a) prod(c(1i, a)),
    function(a) sum(c(2i, z(a), a)^2)
  )
  for (f in functions) {
    parts <- function(a) c(Re(f(a)), Im(f(a)))
    h <- 1e-5
    slope <- (8 * (parts(0.8 + h) - parts(0.8 - h)) -
                (parts(0.8 + 2 * h) - parts(0.8 - 2 * h))) / (12 * h)
    expect_equal(as.numeric(jacobian(parts)(0.8)), slope, tolerance = 1e-9)
  }
})
