# Derivative functions of the article's model that remember their recording:
# `grad(f)(x)` written out at each call, against one plain f(x), and the
# article's workflow, optim() with grad() against optim() without a gradient.

source("bench/harness.R")
source("bench/models.R")

negative_loglik <- function(data, k) {
  X <- data$X
  y <- data$y
  function(theta) {
    -sum(dnorm(y, X %*% theta[1:k], exp(theta[k + 1]), log = TRUE))
  }
}

calls_of <- function(f, theta) {
  list(
    grad = function() grad(f)(theta),
    hessian = function() hessian(f)(theta),
    R = function() f(theta)
  )
}

derivative_rows <- function(k) {
  f <- negative_loglik(simulate_normal(5000, k), k)
  theta <- c(seq(-0.9, 0.9, length.out = k), 0.5)
  times <- paired(calls_of(f, theta))
  fresh <- grad(f, remember = FALSE)(theta)
  check_same("gradient", values(times)$grad, fresh, 1e-10)
  size <- sprintf("N = 5000, K = %d", k)
  reach <- c("10" = 0.7, "50" = 0.45, "100" = 0.4)[[as.character(k)]]
  rbind(
    compare(times, paste("grad(f)(x),", size), "R", at_most = reach,
            label = "f(x)", ours = "grad"),
    compare(times, paste("hessian(f)(x),", size), "R",
            at_most = 3,
            label = "f(x)", ours = "hessian")
  )
}

optim_rows <- function(k) {
  f <- negative_loglik(simulate_normal(5000, k), k)
  start <- numeric(k + 1)
  control <- list(maxit = 10000)
  times <- paired(list(
    admle = function() {
      stats::optim(start, f, grad(f), method = "BFGS", control = control)
    },
    optim = function() {
      stats::optim(start, f, method = "BFGS", control = control)
    }
  ))
  check_same("optim", values(times)$admle$par[1:k],
             values(times)$optim$par[1:k], 1e-3)
  compare(times, sprintf("optim(p, f, grad(f), method = \"BFGS\"), K = %d", k),
          "optim", faster = c("10" = 4.5, "50" = 21)[[as.character(k)]],
          label = "optim(p, f, method = \"BFGS\")")
}

scenario(
  "Derivative functions that remember; the article's model, N = 5000.",
  function() {
    do.call(rbind, c(
      lapply(by_mode(c(10, 50, 100), c(10, 50)), derivative_rows),
      lapply(by_mode(c(10, 50), 10), optim_rows)
    ))
  }
)
