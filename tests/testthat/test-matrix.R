# Matrix algebra, sums and applied functions: derivatives to third order. Where
# base R computes on complex numbers the comparison is with Cauchy's integral of
# the function itself, elsewhere with differences of lower derivatives.

A <- matrix(c(2.1, 0.3, -0.4, 0.5, 3.2, 0.2, 0.1, -0.6, 1.8), 3)
B <- matrix(c(0.4, -1.1, 0.7, 1.3, 0.2, -0.5), 3)
S <- crossprod(A) + diag(3)
b <- c(0.7, -1.2, 0.4)
upper <- chol(S)

analytic_cases <- list(
  product = list(function(A, B) A %*% B %*% t(B), list(A = A, B = B)),
  matrix_times_vector = list(function(A, b) A %*% b, list(A = A, b = b)),
  vector_times_matrix = list(function(A, b) b %*% A, list(A = A, b = b)),
  inner = list(function(b) b %*% b, list(b = b)),
  powers = list(function(A) A %*% A %*% A, list(A = A)),
  crossprod = list(function(A, B) crossprod(A, B), list(A = A, B = B)),
  crossprod_one = list(function(B) crossprod(B), list(B = B)),
  tcrossprod = list(function(A, B) tcrossprod(t(B), A), list(A = A, B = B)),
  outer = list(function(b, c) outer(b, c), list(b = b, c = c(1.3, -0.2))),
  outer_function = list(function(b, c) outer(b, c, function(x, y) x * y^2 + x),
    list(b = b, c = c(1.3, -0.2))),
  kronecker = list(function(A, B) kronecker(A, B), list(A = A, B = B)),
  transpose = list(function(A) t(A)^2, list(A = A)),
  solve = list(function(A, b) solve(A, b), list(A = A, b = b)),
  solve_matrix = list(function(A, B) solve(A, B), list(A = A, B = B)),
  inverse = list(function(A) solve(A), list(A = A)),
  quadratic_form = list(function(A, b) drop(b %*% solve(A, b)),
    list(A = A, b = b)),
  diagonal = list(function(A) diag(A)^2, list(A = A)),
  make_diagonal = list(function(b) diag(b) %*% diag(b), list(b = b)),
  replace_diagonal = list(function(A, b) {
    diag(A) <- b^2
    A %*% A
  }, list(A = A, b = b)),
  row_sums = list(function(A) rowSums(A^2) * rowMeans(A), list(A = A)),
  column_sums = list(function(A) colSums(A^2) * colMeans(A), list(A = A)),
  apply_rows = list(function(A) apply(A, 1, prod), list(A = A)),
  apply_columns = list(function(A) apply(A, 2, function(v) v * sum(v)),
    list(A = A)),
  sapply = list(function(b) sapply(1:3, function(i) b[i]^i), list(b = b)),
  reduce = list(function(A, b) Reduce(function(v, k) A %*% v * k, 1:3, b),
    list(A = A, b = b)),
  bind = list(function(B, b) cbind(B, b^2)[2:3, ] * rbind(1:3, b),
    list(B = B, b = b)),
  index = list(function(A) A[cbind(c(1, 3, 3), c(2, 1, 1))]^2 * A[2, ],
    list(A = A)),
  assign = list(function(A, b) {
    A[2, ] <- A[1, ] * b
    A[A > 100] <- 0
    A[, 3] <- A[, 3]^2
    A
  }, list(A = A, b = b)),
  aperm = list(function(A) aperm(array(A^2, c(3, 1, 3)), c(3, 1, 2)) * 1:9,
    list(A = A)),
  cumulative = list(function(b) cumsum(b^2) * cumprod(b), list(b = b)),
  scalar_matrix = list(function(A, s) A * s + s^2, list(A = A, s = 0.6)),
  column_recycling = list(function(A, b) A * b + b^2, list(A = A, b = b)),
  polynomial_in_inverse = list(function(A) sum(solve(A) * solve(t(A) %*% A)),
    list(A = A))
)

test_that("derivatives of analytic matrix functions to third order", {
  for (name in names(analytic_cases)) {
    case <- analytic_cases[[name]]
    if (name == "assign") environment(case[[1L]]) <- globalenv()
    expect_derivatives(case[[1L]], case[[2L]], label = name,
      analytic = !name %in% c("assign", "apply_columns")
    )
  }
})

symmetric <- function(A) crossprod(A) + diag(3)
real_cases <- list(
  chol = list(function(A) chol(symmetric(A)), list(A = A)),
  chol_lower_triangle_ignored = list(function(A) chol(A), list(A = S)),
  chol2inv = list(function(A) chol2inv(chol(symmetric(A))), list(A = A)),
  chol2inv_size = list(function(R) chol2inv(R, size = 2), list(R = upper)),
  det = list(function(A) det(A), list(A = A)),
  det_negative = list(function(A) det(A), list(A = A[c(2, 1, 3), ])),
  log_determinant = list(function(A) c(determinant(A)$modulus), list(A = A)),
  determinant = list(function(A) c(determinant(A, logarithm = FALSE)$modulus),
    list(A = A)),
  backsolve = list(function(R, b) backsolve(R, b), list(R = upper, b = b)),
  backsolve_transposed = list(function(R, B) backsolve(R, B, transpose = TRUE),
    list(R = upper, B = B)),
  forwardsolve = list(function(L, b) forwardsolve(L, b),
    list(L = t(upper), b = b)),
  forwardsolve_transposed = list(function(L, b) forwardsolve(L, b,
    transpose = TRUE),
    list(L = t(upper), b = b)),
  backsolve_part = list(function(R, b) backsolve(R, b, k = 2),
    list(R = upper, b = b)),
  normal_loglik = list(function(A, b) {
    R <- chol(symmetric(A))
    z <- backsolve(R, b, transpose = TRUE)
    -sum(log(diag(R))) - 0.5 * sum(z^2)
  }, list(A = A, b = b)),
  variance = list(function(A) var(A), list(A = A)),
  scale = list(function(A) scale(A), list(A = A)),
  sweep = list(function(A, b) sweep(A, 2, b, "/"), list(A = A, b = b)),
  sorted = list(function(b) sort(b)^2 * 1:3, list(b = b)),
  extremes = list(function(A) c(max(A), min(A), range(A[, 2]))^2, list(A = A)),
  log_sum_exp = list(function(A) apply(A, 1, log_sum_exp), list(A = A)),
  log_sum_exp_rows = list(function(A) log_sum_exp(A, by = "row"), list(A = A)),
  log_sum_exp_columns = list(function(A) log_sum_exp(A, by = "column"),
                             list(A = A)),
  lower_triangle = list(function(A) {
    A[lower.tri(A)] <- 0
    A %*% A
  }, list(A = A)),
  split = list(function(b) sapply(split(b^2, c(1, 2, 1)), sum), list(b = b))
)

test_that("derivatives of factorisations and selections to third order", {
  for (name in names(real_cases)) {
    case <- real_cases[[name]]
    expect_derivatives(case[[1L]], case[[2L]], label = name)
  }
})

test_that("known matrix derivatives", {
  # d log|A| = tr(A^-1 dA); d A^-1 = -A^-1 dA A^-1.
  expect_equal(grad(function(A) c(determinant(A)$modulus))(A), t(solve(A)),
    tolerance = 1e-14)
  expect_equal(grad(function(A) det(A))(A), det(A) * t(solve(A)),
    tolerance = 1e-14)
  V <- matrix(spread(A, 1), 3)
  expect_equal(jvp(function(A) solve(A))(A, V), -solve(A) %*% V %*% solve(A),
    tolerance = 1e-14)
  expect_equal(grad(function(b) drop(b %*% A %*% b))(b), drop((A + t(A)) %*% b),
    tolerance = 1e-15)
  expect_equal(hessian(function(b) drop(b %*% A %*% b))(b), A + t(A),
    tolerance = 1e-15)
  # L = chol(S): dL = L Phi(L^-1 dS L^-T), Phi the lower triangle, half the
  # diagonal.
  dS <- V + t(V)
  L <- t(chol(S))
  inside <- solve(L, t(solve(L, dS)))
  inside[upper.tri(inside)] <- 0
  diag(inside) <- diag(inside) / 2
  expect_equal(jvp(function(S) t(chol(S)))(S, dS), L %*% inside,
    tolerance = 1e-13)
})

test_that("matrices of one row, one column and one element", {
  one <- matrix(2.3)
  for (f in list(solve, det, chol, function(x) chol2inv(chol(x)), crossprod)) {
    expect_derivatives(function(x) f(x), list(x = one), label = deparse1(f))
  }
  row <- matrix(c(0.4, 1.2, -0.3), 1)
  expect_derivatives(function(x) x %*% t(x), list(x = row), analytic = TRUE)
  expect_derivatives(function(x) t(x) %*% x, list(x = row), analytic = TRUE)
  expect_derivatives(function(x) colSums(x)^2, list(x = row), analytic = TRUE)
})

test_that("a singular matrix is R's error and not a derivative", {
  singular <- matrix(1, 2, 2)
  expect_error(grad(function(A) sum(solve(A)))(singular), "singular")
  expect_error(grad(function(A) sum(chol(A)))(-diag(2)), "positive")
})

test_that("the checks themselves fail where a derivative is wrong", {
  # floor() has the derivative 0 that a difference over a jump does not have.
  expect_failure(
    expect_derivatives(function(x) floor(x * 50), list(x = c(0.41, 1.3)),
      order = 1),
    "jvp of function"
  )
  expect_failure(
    expect_derivatives(function(x, y) x^2 + floor(200 * y),
      list(x = 1.2, y = 0.7), order = 1),
    "argument y"
  )
})

test_that("one number for a matrix of several rows is told", {
  A <- matrix(c(0, 1000, 2, 1001), 2)
  expect_warning(log_sum_exp(A), "by = \"row\"",
                 class = "admle_warning_argument")
  expect_no_warning(log_sum_exp(A, by = "all"))
  expect_no_warning(log_sum_exp(A[, 1, drop = FALSE]))
  expect_equal(log_sum_exp(A, by = "row"),
               apply(A, 1, function(a) max(a) + log(sum(exp(a - max(a))))),
               tolerance = 1e-14)
})

test_that("rows with missing values that are not used have no share", {
  x <- c(1, NA, 2, 3)
  y <- c(1, 2, 3, 3.5)
  X <- cbind(1, x)
  used <- !is.na(x)
  loglik <- function(mean) sum(dnorm(y[used], mean[used], 1, log = TRUE))
  complete <- function(p) {
    sum(dnorm(y[used], drop(X[used, ] %*% p), 1, log = TRUE))
  }
  forms <- list(
    function(p) loglik(drop(X %*% p)),
    function(p) loglik(drop(crossprod(t(X), p))),
    function(p) loglik(tcrossprod(X, t(p))[, 1])
  )
  for (form in forms) {
    expect_equal(grad(form)(c(1, 0.5)), grad(complete)(c(1, 0.5)))
    expect_equal(hessian(form)(c(1, 0.5)), hessian(complete)(c(1, 0.5)))
  }
  expect_equal(value_and_grad(function(p) sum(X %*% p))(1:2)$value, NA_real_)
})
