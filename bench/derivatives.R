# One value and gradient, and one exact Hessian, of the article's model: against
# one evaluation of the user's function by R itself, and against C++ written by
# hand, compiled with the package's flags and, as a further limit, for AVX2. The
# weights of the article's Hessian are all the same at any parameters, so that
# its cross-product can be kept between evaluations; a logit's cannot.

source("bench/harness.R")
source("bench/models.R")

k <- 100

limits_of <- function(data, theta, flags = "") {
  limit <- compile_limit("limit-regression.cpp", flags)
  weights <- rep(-exp(-2 * theta[k + 1]), nrow(data$X))
  list(
    gradient = function() {
      limit$normal_value_and_gradient(data$X, data$y, theta)
    },
    hessian = function() limit$weighted_crossproduct(data$X, weights)
  )
}

functions_of <- function(data, theta) {
  loglik <- normal_loglik(data)
  pointer <- recorded(loglik, list(beta = numeric(k), log_sigma = 0))
  baseline <- limits_of(data, theta)
  avx2 <- if (has_avx2()) limits_of(data, theta, "-mavx2 -mfma")
  list(
    gradient = c(list(
      admle = function() admle:::objective_gradient_at(pointer, theta),
      R = function() sum(loglik(theta[1:k], theta[k + 1])),
      Eigen = baseline$gradient
    ), AVX2 = avx2$gradient),
    hessian = c(list(
      admle = function() admle:::objective_hessian_at(pointer, theta),
      Eigen = baseline$hessian
    ), AVX2 = avx2$hessian)
  )
}

check_derivatives <- function(gradient, hessian) {
  check_same("value", attr(gradient$admle, "value"), gradient$R, 1e-10)
  check_same("gradient", as.numeric(gradient$admle), gradient$Eigen[-1], 1e-8)
  check_same("Hessian", hessian$admle[1:k, 1:k], hessian$Eigen, 1e-8)
}

rows_of <- function(n) {
  data <- simulate_normal(n, k)
  theta <- c(seq(-0.9, 0.9, length.out = k), 0.5)
  functions <- functions_of(data, theta)
  gradient <- paired(functions$gradient)
  hessian <- paired(functions$hessian)
  check_derivatives(values(gradient), values(hessian))
  size <- sprintf("N = %s, K = %d", format_count(n), k)
  first <- paste("value + gradient,", size)
  second <- paste("exact Hessian,", size)
  rbind(
    compare(gradient, first, "R", at_most = 0.5, label = "one plain-R value"),
    compare(gradient, first, "Eigen", at_most = 1.3,
            label = "Eigen by hand, package's flags"),
    compare(gradient, first, "AVX2", at_most = 1.3,
            label = "Eigen by hand, AVX2"),
    compare(hessian, second, "Eigen", at_most = 1.3,
            label = "Eigen by hand, package's flags"),
    compare(hessian, second, "AVX2", at_most = 1.3,
            label = "Eigen by hand, AVX2")
  )
}

logit_weights <- function(data, theta) {
  p <- stats::plogis(drop(data$X %*% theta))
  -p * (1 - p)
}

logit_rows <- function(n) {
  data <- simulate_binary(n, k, stats::plogis)
  theta <- rep(c(0.1, -0.1), length.out = k)
  pointer <- recorded(logit_loglik(data), list(beta = numeric(k)))
  weights <- logit_weights(data, theta)
  by_hand <- function(flags) {
    limit <- compile_limit("limit-regression.cpp", flags)
    function() limit$weighted_crossproduct(data$X, weights)
  }
  times <- paired(c(list(
    admle = function() admle:::objective_hessian_at(pointer, theta),
    Eigen = by_hand("")
  ), AVX2 = if (has_avx2()) by_hand("-mavx2 -mfma")))
  check_same("Hessian", values(times)$admle, values(times)$Eigen, 1e-8)
  what <- sprintf("exact Hessian of a logit, N = %s, K = %d",
                  format_count(n), k)
  rbind(
    compare(times, what, "Eigen", at_most = 1.3,
            label = "Eigen by hand (weights given), package's flags"),
    compare(times, what, "AVX2", at_most = 1.3,
            label = "Eigen by hand (weights given), AVX2")
  )
}

scenario(
  "One evaluation of derivatives, already recorded.",
  function() {
    sizes <- by_mode(c(5000, 1e5, 1e6), c(5000, 2e4))
    do.call(rbind, c(lapply(sizes, rows_of), lapply(sizes, logit_rows)))
  }
)
