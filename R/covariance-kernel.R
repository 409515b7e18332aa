# Kernels and bandwidths of covariances that are robust to autocorrelation: the
# weight of a pair of observations falls with the distance between them, in
# units of the bandwidth. The automatic bandwidths minimise the asymptotic mean
# squared error, for first-order autoregressions (Andrews 1991, Econometrica 59,
# 817-858, equations 6.2 and 6.4) or without a model (Newey and West 1994,
# Review of Economic Studies 61, 631-653).

kernels <- c("bartlett", "parzen", "quadratic-spectral", "tukey-hanning",
             "truncated")
kernel_labels <- c(
  bartlett = "Bartlett", parzen = "Parzen",
  `quadratic-spectral` = "quadratic spectral",
  `tukey-hanning` = "Tukey-Hanning", truncated = "truncated",
  uniform = "uniform"
)

# "Quadratic Spectral", "qs" -> "quadratic-spectral"
kernel_name <- function(kernel, choices = kernels) {
  if (is.character(kernel) && length(kernel) == 1L) {
    plain <- gsub("[ _]", "-", tolower(kernel))
    if (plain == "qs") plain <- "quadratic-spectral"
    if (plain %in% choices) {
      return(plain)
    }
  }
  match_choice(kernel, choices, "kernel")
}

# The weight at distance x in bandwidths.
kernel_weight <- function(x, kernel) {
  x <- abs(x)
  within <- x <= 1
  switch(
    kernel,
    truncated = , uniform = as.numeric(within),
    bartlett = pmax(1 - x, 0),
    parzen = ifelse(x <= 0.5, 1 - 6 * x^2 + 6 * x^3,
                    2 * pmax(1 - x, 0)^3),
    `tukey-hanning` = within * (1 + cos(pi * x)) / 2,
    `quadratic-spectral` = {
      y <- 6 * pi * x / 5
      # Where the difference cancels, its series.
      ifelse(y < 0.01, 1 - y^2 / 10 + y^4 / 280,
             3 / y^2 * (sin(y) / y - cos(y)))
    }
  )
}

# Constants and rates of the optimal bandwidths.
bandwidth_constant <- c(
  bartlett = 1.1447, parzen = 2.6614, `quadratic-spectral` = 1.3221,
  `tukey-hanning` = 1.7462, truncated = 0.6611
)

# `scores` in order of time; `weights` of their columns.
andrews_bandwidth <- function(scores, weights, kernel) {
  n <- nrow(scores)
  fits <- apply(scores, 2L, autoregression)
  rho <- fits[1L, ]
  sigma4 <- fits[2L, ]^2
  total <- sum(weights * sigma4 / (1 - rho)^4)
  curvature <- if (kernel == "bartlett") {
    4 * rho^2 * sigma4 / ((1 - rho)^6 * (1 + rho)^2)
  } else {
    4 * rho^2 * sigma4 / (1 - rho)^8
  }
  rate <- if (kernel == "bartlett") 1 / 3 else 1 / 5
  bandwidth_constant[[kernel]] *
    (n * sum(weights * curvature) / total)^rate
}

# Coefficient and error variance of a first-order autoregression with constant.
autoregression <- function(x) {
  n <- length(x)
  before <- x[-n] - mean(x[-n])
  after <- x[-1L] - mean(x[-1L])
  rho <- sum(before * after) / sum(before^2)
  c(rho, sum((after - rho * before)^2) / (n - 1))
}

newey_west_bandwidth <- function(scores, weights, kernel, prewhite) {
  if (!kernel %in% c("bartlett", "parzen", "quadratic-spectral")) {
    admle_abort("argument", sprintf(paste(
      "There is no automatic bandwidth of Newey and West (1994) for the kernel",
      "\"%s\". Use bandwidth = \"andrews\"."
    ), kernel), argument = "bandwidth")
  }
  n <- nrow(scores)
  total <- n + prewhite
  rate <- c(bartlett = 2 / 9, parzen = 4 / 25, `quadratic-spectral` = 2 / 25)
  lags <- floor((if (prewhite > 0) 3 else 4) * (total / 100)^rate[[kernel]])
  lags <- min(lags, n - 1)
  combined <- drop(scores %*% weights)
  covariances <- vapply(0:lags, function(j) {
    sum(combined[seq_len(n - j)] * combined[seq_len(n - j) + j]) / n
  }, 0)
  order <- if (kernel == "bartlett") 1 else 2
  level <- covariances[[1L]] + 2 * sum(covariances[-1L])
  slope <- 2 * sum(seq_len(lags)^order * covariances[-1L])
  bandwidth_constant[[kernel]] *
    ((slope / level)^2 * total)^(1 / (2 * order + 1))
}
