# Covariances for scores that are correlated in time: sums of products of scores
# at all distances, weighted by a kernel (Newey and West 1987, Econometrica 55,
# 703-708; Andrews 1991).

#' @include covariance-cluster.R
NULL

# -> list(meat, kernel, bandwidth, rule, prewhite, ordered)
hac_meat <- function(scores, spec, fit) {
  if (!is.null(spec$unit)) {
    return(unit_meat(scores, spec, fit))
  }
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

# A panel: products of the scores of one unit only, at distances in the order of
# time. -> as hac_meat(), and units
unit_meat <- function(scores, spec, fit) {
  panel <- panel_order(fit, spec)
  rows <- split(panel$order, panel$unit[panel$order])
  kernel <- kernel_name(setting(spec, "kernel", "bartlett"))
  longest <- max(lengths(rows))
  chosen <- if (is.numeric(given_lag(spec))) given_bandwidth(spec, kernel) else
    list(bandwidth = floor(longest^(1 / 4)) + (kernel != "truncated"),
         rule = "NW1987")
  meat <- 0
  for (own in rows) {
    meat <- meat + kernel_product(scores[own, , drop = FALSE], kernel,
                                  chosen$bandwidth)
  }
  c(list(meat = meat, kernel = kernel, prewhite = 0L, ordered = panel$name,
         units = stats::setNames(length(rows), panel$units)), chosen)
}

# The order of the observations in time, and whose they are.
panel_order <- function(fit, spec) {
  unit <- unclass(fit_variables(fit, spec$unit, "unit"))
  time <- if (!is.null(spec$time)) {
    unclass(fit_variables(fit, spec$time, "time"))
  } else {
    list(rows = seq_len(fit$n))
  }
  number <- match(unit[[1L]], unique(unit[[1L]]))
  twice <- anyDuplicated(data.frame(number, time[[1L]]))
  if (twice > 0L) {
    admle_abort("argument", sprintf(
      "`%s` of unit %s has several observations at the time %s.",
      names(unit)[[1L]], format(unit[[1L]][[twice]]),
      format(time[[1L]][[twice]])
    ), argument = "time")
  }
  list(order = order(time[[1L]]), unit = number, units = names(unit)[[1L]],
       name = if (!is.null(spec$time)) names(time)[[1L]])
}

hac_order <- function(fit, spec) {
  if (is.null(spec$unit)) time_order(fit, spec) else panel_order(fit, spec)
}

check_hac <- function(settings) {
  check_smoothing(settings, lag = "newey-west",
                  bandwidth = names(bandwidth_choices))
  if (!is.null(settings$unit) &&
        !isFALSE(setting(settings, "prewhite", FALSE))) {
    admle_abort("argument", paste(
      "Scores are not prewhitened within units: leave out `prewhite`."
    ), argument = "prewhite")
  }
  if (!is.null(settings$unit) &&
        is.character(c(settings$bandwidth, settings$lag))) {
    admle_abort("argument", paste(
      "There is no automatic bandwidth of this kind within units: give a",
      "number, lag = or bandwidth =, or leave it out."
    ), argument = "bandwidth")
  }
}

given_lag <- function(spec, otherwise = NULL) {
  if (is.null(spec$lag)) setting(spec, "bandwidth", otherwise) else spec$lag
}

# The weight is zero at the bandwidth, so that it is one more than the number of
# lags; those of the truncated kernel are all one.
given_bandwidth <- function(spec, kernel) {
  lags <- !is.null(spec$lag) && kernel != "truncated"
  list(bandwidth = given_lag(spec) + lags, rule = "given")
}

# Given, as a number of lags, or automatic. -> list(bandwidth, rule)
hac_bandwidth <- function(fit, spec, kernel, prewhite, order) {
  given <- given_lag(spec, "andrews")
  if (is.numeric(given)) {
    return(given_bandwidth(spec, kernel))
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
      "`%s` has several observations at the same time. For a panel give the",
      "units, as in unit = ~ firm, for correlation within them, or use type =",
      "\"driscoll-kraay\"."
    ), names(time)[[1L]]), argument = "time")
  }
  list(order = order(time[[1L]]), name = names(time)[[1L]])
}

ordered_rows <- function(scores, order) {
  if (is.null(order)) scores else scores[order, , drop = FALSE]
}

order_text <- function(made) {
  paste0(
    if (!is.null(made$units)) {
      sprintf(" within %s of `%s`", counted(made$units, "unit"),
              names(made$units))
    },
    if (is.null(made$ordered)) " in the order of the rows" else
      sprintf(" in the order of `%s`", made$ordered)
  )
}

# The kernel of Newey and West (1987), with their automatic number of lags.
newey_west_settings <- function(settings) {
  automatic <- is.null(settings$lag) && is.null(settings$bandwidth) &&
    is.null(settings$unit)
  if (automatic) settings$lag <- "newey-west"
  if (is.null(settings$kernel)) settings$kernel <- "bartlett"
  list(type = "hac", settings = settings)
}

register_covariance(
  "hac", variables = c("time", "unit"),
  settings = c("kernel", "bandwidth", "lag", "prewhite", "time", "unit"),
  check = check_hac, meat = hac_meat, need = hac_order,
  text = function(made) {
    paste0("robust to autocorrelation", order_text(made), ", ",
           kernel_text(made))
  }
)

register_covariance("newey-west", synonyms = "nw", expand = newey_west_settings)
