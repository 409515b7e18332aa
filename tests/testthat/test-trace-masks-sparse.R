# Sparse matrices of Matrix and values depending on parameters: every function
# computes, shapes and differentiates as with the dense matrix.

skip_if_not_installed("Matrix")
suppressPackageStartupMessages(library(Matrix))

sparse_numbers <- function(n, p, seed = 1) {
  set.seed(seed)
  m <- matrix(0, n, p, dimnames = list(NULL, paste0("v", seq_len(p))))
  at <- cbind(rep(seq_len(n), 2), sample.int(p, 2 * n, TRUE))
  m[at] <- round(rnorm(2 * n), 2)
  m
}

sparse_kinds <- function() {
  m <- unname(sparse_numbers(5, 5))
  general <- Matrix::Matrix(m, sparse = TRUE)
  list(
    dgCMatrix = general, dgTMatrix = as(general, "TsparseMatrix"),
    dgRMatrix = as(general, "RsparseMatrix"),
    dsCMatrix = Matrix::Matrix(crossprod(m), sparse = TRUE),
    dtCMatrix = Matrix::triu(general), ddiMatrix = Matrix::Diagonal(x = 1:5),
    unit = Matrix::Diagonal(5), lgCMatrix = general > 0.3,
    ngCMatrix = as(general, "nMatrix"),
    indMatrix = as(c(2L, 5L, 1L, 3L, 4L), "pMatrix"),
    dgeMatrix = Matrix::Matrix(m + 1)
  )
}

logical_kinds <- c("lgCMatrix", "ngCMatrix", "indMatrix")

sparse_cases <- list(
  times = function(S, b) S %*% b,
  times_matrix = function(S, b) S %*% cbind(b, b^2),
  row = function(S, b) b %*% S,
  matrix_times = function(S, b) rbind(b, exp(b)) %*% S,
  crossprod = function(S, b) crossprod(S, b),
  crossprod_left = function(S, b) crossprod(cbind(u = b, b^2), S),
  tcrossprod = function(S, b) tcrossprod(S, rbind(b, sin(b))),
  tcrossprod_left = function(S, b) tcrossprod(rbind(b, sin(b)), S),
  transpose = function(S, b) t(S) %*% b,
  drop = function(S, b) drop(S %*% b),
  vector = function(S, b) as.vector(S %*% b),
  arithmetic = function(S, b) exp(S %*% b) + b,
  sums = function(S, b) rowSums(S) * b + colSums(S * b[1]),
  elements = function(S, b) b * S + S / 2 * b[2] - S,
  bound = function(S, b) cbind(S, b),
  assigned = function(S, b) {
    S[2, ] <- b
    diag(S) <- b^2
    S[1, 1] <- b[2]
    S %*% b
  },
  inside = function(S, b) {
    m <- sparseMatrix(i = c(1, 3, 1), j = c(5, 2, 4), x = b[1:3],
      dims = c(5, 5))
    S %*% (m %*% Diagonal(x = exp(b))) %*% b
  },
  solved = function(S, b) solve(S + Diagonal(nrow(S)) * 9, b)
)

# A case as a function of b, in a place where a user would write it.
with_matrix <- function(f, S, wrap = identity) {
  where <- list2env(list(S = S, wrap = wrap), parent = globalenv())
  environment(f) <- where
  where$f <- f
  as.function(alist(b = , wrap(f(S, b))), envir = where)
}
scaled_total <- as.function(alist(x = , sum(exp(x / 9))), envir = globalenv())

test_that("sparse matrices of every kind compute as dense ones", {
  b <- c(0.3, -0.2, 0.8, 0.1, -0.5)
  for (kind in names(sparse_kinds())) {
    S <- sparse_kinds()[[kind]]
    dense <- as.matrix(S) + 0
    for (name in names(sparse_cases)) {
      # Matrix makes what is put into a logical matrix logical.
      if (name == "assigned" && kind %in% logical_kinds) next
      label <- paste(name, kind)
      f <- with_matrix(sparse_cases[[name]], S)
      g <- with_matrix(sparse_cases[[name]], dense)
      plain <- f(b)
      if (isS4(plain)) plain <- as.matrix(plain)
      r <- record(f, list(b = b))
      expect_equal(replay(r, list(b))$value, as.numeric(plain), label = label)
      expect_equal(dim(r$output), dim(plain), label = label)
      expect_equal(jacobian(f)(b), jacobian(g)(b), label = label,
        ignore_attr = TRUE)
      f <- with_matrix(sparse_cases[[name]], S, scaled_total)
      g <- with_matrix(sparse_cases[[name]], dense, scaled_total)
      expect_equal(hessian(f)(b), hessian(g)(b), label = label)
      expect_equal(hvp(f)(b, c(5, 4, 3, 2, 1)), hvp(g)(b, c(5, 4, 3, 2, 1)),
        label = label)
    }
  }
})

test_that("a model with a sparse design is fitted as with the dense one", {
  n <- 400
  X <- cbind(1, sparse_numbers(n, 6))
  y <- rpois(n, exp(0.3 + 0.2 * X[, 2] + 0.1 * X[, 5]))
  z <- rep(1:4, 100)
  poisson <- function(X) {
    f <- function(beta, alpha, s) {
      eta <- drop(X %*% beta) + exp(s) * c(0, alpha)[z]
      dpois(y, exp(eta), log = TRUE)
    }
    environment(f) <- list2env(list(X = X, y = y, z = z), parent = globalenv())
    f
  }
  start <- list(beta = numeric(7), alpha = numeric(3), s = fixed(0.2))
  dense <- mle_fit(poisson(X), start)
  sparse <- mle_fit(poisson(Matrix::Matrix(X, sparse = TRUE)), start)
  expect_equal(coef(sparse), coef(dense), tolerance = 1e-8)
  expect_equal(vcov(sparse), vcov(dense), tolerance = 1e-8)
  expect_equal(vcov(sparse, "sandwich"), vcov(dense, "sandwich"),
    tolerance = 1e-8)
})

test_that("contributions are told from a total with a sparse design", {
  X <- cbind(1, sparse_numbers(300, 3))
  y <- X %*% c(1, 2, 0, -1) + rnorm(300)
  gaussian <- function(X, total = identity) {
    f <- function(b, s) total(dnorm(y, drop(X %*% b), exp(s), log = TRUE))
    environment(f) <- list2env(list(X = X, y = y[, 1], total = total),
      parent = globalenv())
    f
  }
  S <- Matrix::Matrix(X, sparse = TRUE)
  start <- list(b = numeric(4), s = 0)
  rows <- mle_fit(gaussian(S), start)
  total <- mle_fit(gaussian(S, sum), start)
  dense <- mle_fit(gaussian(X), start)
  expect_equal(vcov(total, "opg"), vcov(rows, "opg"), tolerance = 1e-8)
  expect_equal(vcov(rows), vcov(dense), tolerance = 1e-8)
  expect_equal(vcov(rows, "opg"), vcov(dense, "opg"), tolerance = 1e-8)
})

test_that("higher derivatives go through sparse products", {
  S <- sparse_kinds()$dgCMatrix
  f <- with_matrix(function(S, b) exp(drop(S %*% b)) * b, S)
  expect_derivatives(f, list(b = c(0.3, -0.2, 0.8, 0.1, -0.5)), order = 3)
})

test_that("sparse.model.matrix() inside of the function is data", {
  d <- data.frame(g = factor(rep(letters[1:5], 8)), x = rnorm(40),
    y = rpois(40, 3))
  f <- function(beta) {
    X <- Matrix::sparse.model.matrix(~ g + x, d)
    dpois(d$y, exp(as.vector(X %*% beta)), log = TRUE)
  }
  environment(f) <- list2env(list(d = d), parent = globalenv())
  fit <- mle_fit(f, list(beta = numeric(6)))
  expect_equal(unname(coef(fit)), unname(coef(glm(y ~ g + x, poisson, d))),
    tolerance = 1e-6)
})

test_that("what would become dense and large is refused", {
  S <- Matrix::sparseMatrix(1:10000, 1:10000, x = 1)
  f <- with_matrix(function(S, b) S * b, S)
  expect_error(jacobian(f)(1), "10000 x 10000 would become dense")
})

test_that("a matrix changed in between is seen", {
  S <- sparse_kinds()$dgCMatrix
  f <- function(b) sum(S %*% b)
  environment(f) <- list2env(list(S = S), parent = globalenv())
  expect_equal(grad(f)(1:5 / 5), Matrix::colSums(S))
  environment(f)$S <- 2 * S
  expect_equal(grad(f)(1:5 / 5), 2 * Matrix::colSums(S))
})
