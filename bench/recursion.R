# A recursion of many steps, written as a loop: recording, and one value with
# its gradient.

source("bench/harness.R")

steps <- by_mode(1e5, 4e3)

start <- list(omega = 0.1, alpha = 0.1, beta = 0.8)

recursion_loglik <- function(y) {
  squares <- y^2
  function(omega, alpha, beta) {
    h <- numeric(length(y))
    h[1] <- 1
    for (t in 2:length(y)) {
      h[t] <- omega + alpha * squares[t - 1] + beta * h[t - 1]
    }
    dnorm(y, 0, sqrt(h), log = TRUE)
  }
}

# Each assignment of an element copies RTMB's vectors, so that its time is
# quadratic in the steps; a list is not copied.
record_rtmb <- function(y) {
  squares <- y^2
  RTMB::MakeADFun(function(p) {
    h <- vector("list", length(y))
    h[[1]] <- RTMB::advector(1)
    for (t in 2:length(y)) {
      h[[t]] <- p$omega + p$alpha * squares[t - 1] + p$beta * h[[t - 1]]
    }
    -sum(RTMB::dnorm(y, 0, sqrt(do.call(c, h)), log = TRUE))
  }, start, silent = TRUE)
}

gradient_at <- function(pointer, theta) {
  admle:::objective_gradient_at(pointer, theta)
}

# With the first gradient, so that what is put off until then counts.
recording_rows <- function(y) {
  theta <- unlist(start)
  record <- function(y) {
    gradient_at(recorded(recursion_loglik(y), start), theta)
  }
  part <- y[seq_len(steps / 4)]
  peers <- list(admle = function() record(y), quarter = function() record(part))
  if (has("RTMB")) peers$RTMB <- function() record_rtmb(y)$gr(theta)
  times <- paired(peers, rounds = by_mode(5L, 3L))
  what <- sprintf("record %s steps, first gradient", format_count(steps))
  rbind(
    # Linear in the steps: 4 times as many, and a quarter for caches.
    compare(times, what, "quarter", at_most = 5,
            label = paste("admle,", format_count(steps / 4), "steps")),
    compare(times, what, "RTMB", label = "RTMB")
  )
}

evaluation_rows <- function(y) {
  theta <- unlist(start)
  pointer <- recorded(recursion_loglik(y), start)
  limit <- compile_limit("limit-recursion.cpp")
  peers <- list(
    admle = function() gradient_at(pointer, theta),
    limit = function() limit$garch_value_and_gradient(y, theta)
  )
  if (has("RTMB")) {
    made <- record_rtmb(y)
    peers$RTMB <- function() c(made$fn(theta), made$gr(theta))
  }
  times <- paired(peers)
  found <- values(times)
  check_same("value", attr(found$admle, "value"), found$limit[1], 1e-10)
  check_same("gradient", as.numeric(found$admle), found$limit[-1], 1e-8)
  check_same("RTMB", -found$RTMB, found$limit, 1e-8)
  what <- sprintf("value + gradient, %s steps", format_count(steps))
  rbind(
    compare(times, what, "limit", at_most = 3, label = "C++ by hand"),
    compare(times, what, "RTMB", label = "RTMB")
  )
}

rows <- function() {
  set.seed(1)
  y <- stats::rnorm(steps)
  rbind(recording_rows(y), evaluation_rows(y))
}

scenario("A recursion h[t] = omega + alpha y[t-1]^2 + beta h[t-1].", rows)
