# Kernels and bandwidths of covariances that are robust to autocorrelation: the
# weight of a pair of observations falls with the distance between them, in
# units of the bandwidth. The automatic bandwidths minimise the asymptotic mean
# squared error, for first-order autoregressions (Andrews 1991, Econometrica 59,
# 817-858, equations 6.2 and 6.4) or without a model (Newey and West 1994,
# Review of Economic Studies 61, 631-653).

# Per kernel its name in text, its weight at the distance x >= 0 in bandwidths;
# of those with an optimal bandwidth its constant; the rate at which the number
# of lags of Newey and West grows.
kernel_table <- list(
  bartlett = list(
    label = "Bartlett", weight = function(x) pmax(1 - x, 0),
    constant = 1.1447, rate = 2 / 9
  ),
  parzen = list(
    label = "Parzen", constant = 2.6614, rate = 4 / 25,
    weight = function(x) {
      ifelse(x <= 0.5, 1 - 6 * x^2 + 6 * x^3, 2 * pmax(1 - x, 0)^3)
    }
  ),
  `quadratic-spectral` = list(
    label = "quadratic spectral", constant = 1.3221, rate = 2 / 25,
    weight = function(x) {
      y <- 6 * pi * x / 5
      # Where the difference cancels, its series.
      ifelse(y < 0.01, 1 - y^2 / 10 + y^4 / 280,
             3 / y^2 * (sin(y) / y - cos(y)))
    }
  ),
  `tukey-hanning` = list(
    label = "Tukey-Hanning", constant = 1.7462,
    weight = function(x) (x <= 1) * (1 + cos(pi * x)) / 2
  ),
  truncated = list(
    label = "truncated", constant = 0.6611,
    weight = function(x) as.numeric(x <= 1)
  ),
  uniform = list(label = "uniform", weight = function(x) as.numeric(x <= 1))
)

# In time, and in space.
kernels <- setdiff(names(kernel_table), "uniform")
spatial_kernels <- c("bartlett", "uniform")

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

kernel_weight <- function(x, kernel) kernel_table[[kernel]]$weight(abs(x))

# `scores` in order of time; `weights` of their columns.
andrews_bandwidth <- function(scores, weights, kernel, ...) {
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
  kernel_table[[kernel]]$constant *
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
  rate <- kernel_table[[kernel]]$rate
  if (is.null(rate)) {
    admle_abort("argument", sprintf(paste(
      "There is no automatic bandwidth of Newey and West (1994) for the kernel",
      "\"%s\". Use bandwidth = \"andrews\"."
    ), kernel), argument = "bandwidth")
  }
  n <- nrow(scores)
  total <- n + prewhite
  lags <- floor((if (prewhite > 0) 3 else 4) * (total / 100)^rate)
  lags <- min(lags, n - 1)
  combined <- drop(scores %*% weights)
  covariances <- vapply(0:lags, function(j) {
    sum(combined[seq_len(n - j)] * combined[seq_len(n - j) + j]) / n
  }, 0)
  order <- if (kernel == "bartlett") 1 else 2
  level <- covariances[[1L]] + 2 * sum(covariances[-1L])
  slope <- 2 * sum(seq_len(lags)^order * covariances[-1L])
  kernel_table[[kernel]]$constant *
    ((slope / level)^2 * total)^(1 / (2 * order + 1))
}

# `lag`, `bandwidth`: rules by which they may be chosen.
check_smoothing <- function(settings, lag = character(),
                            bandwidth = character()) {
  given <- intersect(c("lag", "bandwidth"), names(settings))
  if (length(given) > 1L) {
    admle_abort("argument", paste(
      "`lag` and `bandwidth` say the same (a bandwidth of lag + 1). Give one",
      "of them."
    ), argument = "lag")
  }
  for (name in given) {
    value <- settings[[name]]
    rules <- if (name == "lag") lag else bandwidth
    number <- is.numeric(value) && length(value) == 1L &&
      isTRUE(is.finite(value) && value >= 0)
    if (!number && !(is.character(value) && length(value) == 1L &&
                       value %in% rules)) {
      admle_abort("argument", sprintf(
        "`%s` must be a number that is not negative%s.", name,
        if (length(rules)) paste(", or", paste0("\"", rules, "\"",
                                                collapse = " or ")) else ""
      ), argument = name)
    }
  }
  if (!is.null(settings$kernel)) kernel_name(settings$kernel)
}

# "Bartlett kernel, 4 lags (Newey and West 1994)"
kernel_text <- function(made) {
  lags <- made$kernel == "bartlett" && made$bandwidth == round(made$bandwidth)
  width <- if (lags) {
    counted(max(made$bandwidth - 1, 0), "lag")
  } else {
    paste("bandwidth", format(signif(made$bandwidth, 4)))
  }
  rule <- switch(
    made$rule, given = "", andrews = " (Andrews 1991)",
    `newey-west` = , NW1994 = " (Newey and West 1994)",
    NW1987 = " (the fourth root of the periods)"
  )
  prewhitened <- if (isTRUE(made$prewhite > 0)) {
    sprintf(", prewhitened with order %d", made$prewhite)
  }
  paste0(kernel_table[[made$kernel]]$label, " kernel, ", width, rule,
         prewhitened)
}
