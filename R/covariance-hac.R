# Covariances for scores that are correlated in time: sums of products of scores
# at all distances, weighted by a kernel (Newey and West 1987, Econometrica 55,
# 703-708; Andrews 1991).

#' @include covariance-cluster.R
NULL

# -> list(meat, kernel, bandwidth, rule, prewhite, ordered)
hac_meat <- function(scores, spec, fit) {
  time <- time_order(fit, spec)
  order <- time$order
  scores <- ordered_rows(scores, order)
  kernel <- kernel_name(setting(spec, "kernel", "quadratic-spectral"))
  prewhite <- prewhitening_order(setting(spec, "prewhite", FALSE))
  white <- if (prewhite > 0L) prewhitened(scores, prewhite)
  chosen <- hac_bandwidth(fit, spec, kernel, prewhite, order)
  meat <- kernel_product(if (is.null(white)) scores else white$residuals,
                         kernel, chosen$bandwidth)
  if (!is.null(white)) {
    meat <- white$recolour %*% meat %*% t(white$recolour)
  }
  c(list(meat = meat, kernel = kernel, prewhite = prewhite,
         ordered = time$name), chosen)
}

# The sum over all pairs of rows of kernel weight times product: S'WS with a
# Toeplitz W, a convolution.
kernel_product <- function(scores, kernel, bandwidth) {
  n <- nrow(scores)
  weights <- if (bandwidth > 0) {
    kernel_weight((seq_len(n) - 1) / bandwidth, kernel)
  } else {
    as.numeric(seq_len(n) == 1L)
  }
  size <- stats::nextn(2L * n)
  circle <- numeric(size)
  circle[seq_len(n)] <- weights
  circle[size - seq_len(n - 1L) + 1L] <- weights[-1L]
  padded <- rbind(scores, matrix(0, size - n, ncol(scores)))
  smoothed <- stats::mvfft(stats::mvfft(padded) * stats::fft(circle),
                           inverse = TRUE)
  product <- crossprod(scores, Re(smoothed[seq_len(n), , drop = FALSE]) / size)
  (product + t(product)) / 2
}

# Given, as a number of lags, or automatic. -> list(bandwidth, rule)
hac_bandwidth <- function(fit, spec, kernel, prewhite, order) {
  given <- if (!is.null(spec$lag)) spec$lag else
    setting(spec, "bandwidth", "andrews")
  if (is.numeric(given)) {
    lags <- !is.null(spec$lag) && kernel != "truncated"
    return(list(bandwidth = given + lags, rule = "given"))
  }
  scores <- ordered_rows(bandwidth_scores(fit), order)
  weights <- as.numeric(colnames(scores) != "(Intercept)")
  if (all(weights == 0)) weights[] <- 1
  if (prewhite > 0L) scores <- prewhitened(scores, prewhite)$residuals
  bandwidth <- bandwidth_choices[[given]](scores, weights, kernel, prewhite)
  if (!is.finite(bandwidth)) {
    admle_abort("unsupported", paste(
      "The bandwidth cannot be chosen automatically: some scores do not vary.",
      "Give a number, bandwidth = or lag =."
    ), argument = "bandwidth")
  }
  if (!is.null(spec$lag)) bandwidth <- floor(bandwidth) + 1
  list(bandwidth = bandwidth, rule = given)
}

bandwidth_choices <- list(
  andrews = function(...) andrews_bandwidth(...),
  `newey-west` = function(...) newey_west_bandwidth(...)
)

# Scores by coefficient, as estfun() has them, where each has its own.
bandwidth_scores <- function(fit) {
  scores <- theta_scores(fit)
  square <- is.null(fit$jacobian) || nrow(fit$jacobian) == ncol(fit$jacobian)
  if (square && length(fit$boundary) == 0L) {
    scores <- natural_scores(scores, fit)
    colnames(scores) <- names(fit$coefficients)
    return(scores)
  }
  colnames(scores) <- names(fit$theta)
  scores[, interior(fit), drop = FALSE]
}

prewhitening_order <- function(prewhite) {
  if (is.logical(prewhite) && length(prewhite) == 1L && !is.na(prewhite)) {
    return(as.integer(prewhite))
  }
  if (!is.numeric(prewhite) || length(prewhite) != 1L || is.na(prewhite) ||
        prewhite < 0 || prewhite != floor(prewhite)) {
    admle_abort("argument", paste(
      "`prewhite` must be TRUE, FALSE or the order of the vector",
      "autoregression."
    ), argument = "prewhite")
  }
  as.integer(prewhite)
}

# Residuals of a vector autoregression without constant, and the matrix
# (I - sum of its coefficients)^-1 that undoes it (Andrews and Monahan 1992,
# Econometrica 60, 953-966).
prewhitened <- function(scores, order) {
  n <- nrow(scores)
  k <- ncol(scores)
  used <- seq.int(order + 1L, length.out = max(n - order, 0L))
  lags <- do.call(cbind, lapply(seq_len(order), function(j) {
    scores[used - j, , drop = FALSE]
  }))
  decomposition <- qr(lags)
  if (decomposition$rank < ncol(lags)) {
    admle_abort("unsupported", sprintf(paste(
      "The scores cannot be prewhitened: a vector autoregression of order %d",
      "has %d coefficients in each equation, which %s do not determine."
    ), order, order * k, counted(length(used), "observation")),
    argument = "prewhite")
  }
  coefficients <- qr.coef(decomposition, scores[used, , drop = FALSE])
  total <- Reduce(`+`, lapply(seq_len(order), function(j) {
    t(coefficients[(j - 1L) * k + seq_len(k), , drop = FALSE])
  }))
  list(residuals = qr.resid(decomposition, scores[used, , drop = FALSE]),
       recolour = solve(diag(k) - total))
}

# The order of the observations in time, and the name of that; NULL for that of
# the rows.
time_order <- function(fit, spec) {
  if (is.null(spec$time)) {
    return(NULL)
  }
  time <- unclass(fit_variables(fit, spec$time, "time"))
  if (anyDuplicated(time[[1L]])) {
    admle_abort("argument", sprintf(paste(
      "`%s` has several observations at the same time. For a panel use",
      "type = \"driscoll-kraay\"."
    ), names(time)[[1L]]), argument = "time")
  }
  list(order = order(time[[1L]]), name = names(time)[[1L]])
}

ordered_rows <- function(scores, order) {
  if (is.null(order)) scores else scores[order, , drop = FALSE]
}

order_text <- function(made) {
  if (is.null(made$ordered)) " in the order of the rows" else
    sprintf(" in the order of `%s`", made$ordered)
}

# The kernel of Newey and West (1987), with their automatic number of lags.
newey_west_settings <- function(settings) {
  automatic <- is.null(settings$lag) && is.null(settings$bandwidth)
  if (automatic) settings$lag <- "newey-west"
  if (is.null(settings$kernel)) settings$kernel <- "bartlett"
  list(type = "hac", settings = settings)
}

register_covariance(
  "hac", settings = c("kernel", "bandwidth", "lag", "prewhite", "time"),
  variables = "time",
  check = function(settings) {
    check_smoothing(settings, lag = "newey-west",
                    bandwidth = names(bandwidth_choices))
  },
  meat = hac_meat, need = time_order,
  text = function(made) {
    paste0("robust to autocorrelation", order_text(made), ", ",
           kernel_text(made))
  }
)

register_covariance("newey-west", synonyms = "nw", expand = newey_west_settings)
