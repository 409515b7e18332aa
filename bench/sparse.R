# Poisson regression on a sparse matrix of dummies, and the same with the
# effects taken by their positions: derivative functions that remember, of a
# total that is one number, against one plain evaluation.

source("bench/harness.R")
suppressPackageStartupMessages(library(Matrix))

n <- by_mode(1e5, 2e4)
p <- by_mode(1000, 200)

simulate_effects <- function() {
  ends <- round(p * c(0.4, 0.7, 1))
  starts <- c(0, ends[-3])
  groups <- lapply(1:3, function(k) {
    starts[k] + sample.int(ends[k] - starts[k], n, replace = TRUE)
  })
  S <- sparseMatrix(rep(seq_len(n), 3), unlist(groups), x = 1, dims = c(n, p))
  b <- stats::rnorm(p, sd = 0.1)
  y <- as.numeric(stats::rpois(n, exp(as.vector(S %*% b))))
  list(S = S, groups = groups, b = b, y = y)
}

rows <- function() {
  set.seed(1)
  data <- simulate_effects()
  S <- data$S
  g1 <- data$groups[[1]]
  g2 <- data$groups[[2]]
  g3 <- data$groups[[3]]
  y <- data$y
  by_matrix <- function(b) {
    sum(dpois(y, exp(as.vector(S %*% b)), log = TRUE))
  }
  by_position <- function(b) {
    sum(dpois(y, exp(b[g1] + b[g2] + b[g3]), log = TRUE))
  }
  b <- data$b
  gradients <- paired(list(
    matrix = function() value_and_grad(by_matrix)(b),
    position = function() value_and_grad(by_position)(b),
    R = function() by_matrix(b)
  ))
  hessians <- paired(list(
    matrix = function() hessian(by_matrix, remember = FALSE)(b),
    position = function() hessian(by_position, remember = FALSE)(b),
    R = function() by_matrix(b)
  ))
  check_same("gradient", values(gradients)$matrix$grad,
             values(gradients)$position$grad, 1e-10)
  check_same("Hessian", values(hessians)$matrix, values(hessians)$position,
             1e-10)
  row <- function(times, what, ours, at_most) {
    compare(times, what, "R", at_most = at_most, label = "f(b)", ours = ours)
  }
  rbind(
    row(gradients, "value and gradient, S %*% b", "matrix", 1),
    row(gradients, "value and gradient, b[g1] + b[g2] + b[g3]", "position", 1),
    row(hessians, "recording and Hessian, S %*% b", "matrix", 20),
    row(hessians, "recording and Hessian, b[g1] + b[g2] + b[g3]", "position",
        20)
  )
}

scenario(sprintf(paste(
  "Sparse Poisson regression, N = %s, %d effects, three in each row;",
  "f(b) is a plain evaluation."
), format_count(n), p), rows)
