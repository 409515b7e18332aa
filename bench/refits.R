# Fits of one model to other data each time: a Monte Carlo loop with a function,
# one with a formula, and a parametric bootstrap, against the same with every
# function recorded anew, and the loop with a function against optim(), which
# fits the same function.

source("bench/harness.R")

n <- 200
fits <- by_mode(100, 20)
replications <- by_mode(999, 99)

anew <- function(run) {
  function() {
    old <- options(admle.remember = FALSE)
    on.exit(options(old))
    run()
  }
}

loglik <- function(beta) {
  stats::dbinom(y, 1, stats::plogis(drop(X %*% beta)), log = TRUE)
}

draw_logit <- function() {
  X <- cbind(1, stats::rnorm(n), stats::rnorm(n))
  index <- drop(X %*% c(0.2, 0.5, -0.5))
  list(y = stats::rbinom(n, 1, stats::plogis(index)), X = X)
}

draw_line <- function() {
  x <- stats::rnorm(n)
  data.frame(x = x, y = 1 + x + stats::rnorm(n))
}

by_optim <- function(data) {
  environment(loglik) <- list2env(data, parent = globalenv())
  stats::optim(numeric(3), function(beta) -sum(loglik(beta)), method = "BFGS",
               hessian = TRUE)$par
}

by_function <- function(data) {
  coef(mle_fit(loglik, start = list(beta = numeric(3)), data = data))
}

loop <- function(draw, fit) {
  function() {
    set.seed(1)
    for (r in seq_len(fits)) last <- fit(draw())
    last
  }
}

by_function_rows <- function() {
  admle <- loop(draw_logit, by_function)
  times <- paired(list(admle = admle, anew = anew(admle),
                       optim = loop(draw_logit, by_optim)))
  check_same("anew", values(times)$admle, values(times)$anew, 0)
  check_same("optim", values(times)$admle, values(times)$optim, 1e-3)
  what <- sprintf("%d logits of %d rows by a function", fits, n)
  rbind(
    compare(times, what, "anew", at_most = 0.7, label = "recorded anew"),
    compare(times, what, "optim", at_most = 1,
            label = "optim(BFGS, hessian = TRUE)")
  )
}

by_formula_rows <- function() {
  fit <- mle_fit(y ~ x, data = draw_line())
  admle <- loop(draw_line, function(data) {
    coef(stats::update(fit, data = data))
  })
  times <- paired(list(admle = admle, anew = anew(admle)))
  check_same("anew", values(times)$admle, values(times)$anew, 0)
  compare(times, sprintf("%d normal models of %d rows, update(fit, data = )",
                         fits, n), "anew", at_most = 0.8,
          label = "recorded anew")
}

bootstrap_rows <- function() {
  set.seed(1)
  fit <- mle_fit(y ~ x, data = draw_line())
  boot <- function() {
    bootstrap(fit, replications, method = "parametric", seed = 1,
              progress = FALSE)$t
  }
  pairs <- function() {
    bootstrap(fit, replications, method = "pairs", seed = 1, progress = FALSE)
  }
  times <- paired(list(admle = boot, anew = anew(boot), pairs = pairs))
  check_same("anew", values(times)$admle, values(times)$anew, 0)
  what <- sprintf("parametric bootstrap, %d replications, N = %d",
                  replications, n)
  rbind(
    compare(times, what, "anew", faster = 3, label = "recorded anew"),
    compare(times, what, "pairs", at_most = 4,
            label = "resampled rows, which are weights")
  )
}

scenario("Fits of one model to other data.", function() {
  rbind(by_function_rows(), by_formula_rows(), bootstrap_rows())
})
