# Plots of a fit: how the optimiser got there, what it found, how sure that is.

plot_choices <- c("path", "coefficients", "profiles")

#' Plots of a fit
#'
#' * `"path"`: how far the log-likelihood was below its final value at each
#'   iteration, and the largest scaled gradient, both on a logarithmic scale; of
#'   a fit with `bias` the penalised log-likelihood, or the Newton decrement of
#'   the adjusted scores;
#' * `"coefficients"`: the estimates with confidence intervals. An arrow stands
#'   for a limit that is infinite; a coefficient without standard error is an
#'   open circle;
#' * `"profiles"`: the profile log-likelihood of each coefficient (solid), its
#'   quadratic approximation that Wald intervals rest on (dashed), and the
#'   interval where it is above the horizontal line.
#'
#' `plot()` of a profile is R's own method where there is one: of the package
#' stats since R 4.4, before that of MASS.
#'
#' @param x A fit by [mle_fit()], or a profile of one.
#' @param which Which of the plots, by names or numbers.
#' @param parm Names or numbers of the coefficients; all by default, except for
#'   what is not determined. For profiles also a combination as a formula.
#' @param level The level of the intervals.
#' @param method `"wald"` or `"profile"`: the intervals of `"coefficients"`.
#' @param ask Whether to wait before each new page, as [graphics::par()].
#' @param ... For a fit, passed to [confint.mle_fit()]: `vcov`, `simultaneous`;
#'   for a profile, to the method that plots it.
#' @return `x`, invisibly.
#' @examples
#' fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
#' plot(fit, "path")
#' plot(fit, "coefficients", parm = "wt")
#' plot(fit, "profiles", parm = "wt")
#' @importFrom graphics plot
#' @export
plot.mle_fit <- function(x, which = c("path", "coefficients"), parm = NULL,
                         level = 0.95, method = "wald",
                         ask = length(which) >
                           prod(graphics::par("mfcol")) &&
                           grDevices::dev.interactive(), ...) {
  if (is.numeric(which) && all(which %in% seq_along(plot_choices))) {
    which <- plot_choices[which]
  }
  for (one in which) match_choice(one, plot_choices, "which")
  if (is.null(parm)) parm <- names(x$coefficients)
  if (ask) {
    old <- grDevices::devAskNewPage(TRUE)
    on.exit(grDevices::devAskNewPage(old))
  }
  for (one in which) {
    switch(
      one, path = plot_path(x),
      coefficients = plot_coefficients(x, parm, level, method, ...),
      profiles = plot_profiles(x, parm, level)
    )
  }
  invisible(x)
}

plot_path <- function(fit) {
  path <- fit_search(fit)$path
  if (is.null(path) || nrow(path) == 0L) {
    admle_abort("unsupported", paste(
      "The fit kept no path of the optimiser: it was interrupted, or began at",
      "the maximum."
    ))
  }
  curves <- lapply(path_curves(fit), function(x) replace(x, x <= 0, NA))
  shown <- unlist(curves)
  if (!any(is.finite(shown))) shown <- 1
  graphics::plot(
    range(path$iteration), range(shown, finite = TRUE), type = "n", log = "y",
    xlab = "Iteration", ylab = "", main = sprintf(
      "Path of the optimiser (%s)", method_labels[[fit_search(fit)$method]]
    )
  )
  marks <- c(19, 1)
  for (i in seq_along(curves)) {
    graphics::lines(path$iteration, curves[[i]], type = "b", pch = marks[[i]],
                    lty = i)
  }
  graphics::legend("bottomleft", names(curves), lty = seq_along(curves),
                   pch = marks[seq_along(curves)], bty = "n")
}

# Adjusted scores have no value that rises on the way to their root.
path_curves <- function(fit) {
  path <- fit_search(fit)$path
  if (is.null(path$value)) {
    return(list("decrement of the adjusted scores" = path$decrement))
  }
  final <- if (is.null(fit$bias)) fit$loglik else path$value[[nrow(path)]]
  curves <- list(final - path$value, path$gradient)
  names(curves) <- c(paste0(
    if (!is.null(fit$bias$penalised)) "penalised ",
    "log-likelihood below its final value"
  ), "largest scaled gradient")
  curves
}

plot_coefficients <- function(fit, parm, level, method, ...) {
  limits <- confint.mle_fit(fit, parm, level, method = method, ...)
  names <- rownames(limits)
  estimate <- with_aliased(fit)[names]
  row <- rev(seq_along(names))
  known <- is.finite(estimate)
  span <- range(0, estimate[known], limits[is.finite(limits)])
  left <- max(graphics::strwidth(names, "inches"), 0) + 0.4
  old <- graphics::par(mai = replace(graphics::par("mai"), 2L, left))
  on.exit(graphics::par(old))
  graphics::plot(
    span, c(0.5, length(names) + 0.5), type = "n", yaxt = "n", ylab = "",
    xlab = sprintf("Estimate and %s%% interval (%s)", format(100 * level),
                   switch(method, wald = "Wald", method)),
    main = "Coefficients"
  )
  graphics::axis(2L, row, names, las = 1L, tick = FALSE)
  graphics::abline(v = 0, lty = 3)
  edge <- graphics::par("usr")[1:2]
  for (side in 1:2) {
    end <- limits[, side]
    open <- which(is.infinite(end))
    closed <- which(is.finite(end))
    graphics::segments(estimate[closed], row[closed], end[closed], row[closed])
    if (length(open)) {
      graphics::arrows(estimate[open], row[open], edge[[side]], row[open],
                       length = 0.08)
    }
  }
  graphics::points(estimate, row, pch = ifelse(is.na(limits[, 1L]), 1, 19))
}

plot_profiles <- function(fit, parm, level) {
  made <- profile.mle_fit(fit, parm, alpha = (1 - level) / 4)
  cutoff <- -stats::qchisq(level, 1) / 2
  if (length(made) > 1L) {
    # Read before they change: the margins depend on the layout.
    old <- graphics::par(c("mfrow", "mar"))
    on.exit(graphics::par(old))
    graphics::par(mfrow = grDevices::n2mfrow(length(made)),
                  mar = c(4, 4, 1, 1))
  }
  for (name in names(made)) plot_one_profile(made[[name]], name, cutoff)
}

plot_one_profile <- function(frame, name, cutoff) {
  value <- frame$par.vals[, name]
  z <- frame$z
  if (length(z) < 2L) {
    graphics::plot(value, 0, xlab = name, ylab = "log-likelihood ratio",
                   ylim = c(2 * cutoff, 0))
    return(invisible())
  }
  root <- profile_spline(value, z)
  # An estimate on its way to infinity is not shown, only the way there.
  two_sided <- any(z < 0) && any(z > 0)
  shown <- if (two_sided || length(z) < 3L) range(value) else
    grDevices::extendrange(value[z != 0], f = 0.2)
  shown <- pmin(pmax(shown, min(value)), max(value))
  at <- seq(shown[[1L]], shown[[2L]], length.out = 201)
  graphics::plot(
    at, -root(at)^2 / 2, type = "l", xlab = name,
    ylab = "log-likelihood ratio", ylim = c(2 * cutoff, 0)
  )
  graphics::abline(h = cutoff, col = "grey50")
  if (two_sided) {
    # The parabola has the slope of the signed root at the estimate.
    centre <- value[z == 0]
    slope <- root(centre, deriv = 1)
    graphics::lines(at, -(slope * (at - centre))^2 / 2, lty = 2)
  }
  limits <- stats::approx(root(at), at, c(-1, 1) * sqrt(-2 * cutoff))$y
  graphics::rug(limits[is.finite(limits)], ticksize = 0.05, lwd = 2)
}

# The signed root as a function of the parameter: nearly a straight line, or one
# that bends sharply on its way to a limit.
profile_spline <- function(value, z) {
  two_sided <- any(z < 0) && any(z > 0)
  stats::splinefun(value, z, method = if (two_sided) "fmm" else "monoH.FC")
}

#' @rdname plot.mle_fit
#' @export
plot.profile.mle_fit <- function(x, ...) {
  own <- profile_method("plot")
  if (is.null(own)) plot_signed_roots(x) else own(x, ...)
  invisible(x)
}

#' @rdname plot.mle_fit
#' @importFrom graphics pairs
#' @export
pairs.profile.mle_fit <- function(x, ...) {
  own <- profile_method("pairs")
  if (is.null(own)) {
    admle_abort("unsupported", paste(
      "`pairs()` of a profile is a method of R 4.4 or later and, before, of",
      "the package MASS, which is not installed."
    ))
  }
  # It asks for a formula, which a likelihood written as a function has not.
  fit <- attr(x, "original.fit")
  shown <- x
  attr(shown, "original.fit") <- list(
    coefficients = fit$coefficients, formula = if (is.null(fit$model)) {
      stats::reformulate(fit$parameters$arguments, "loglik")
    } else {
      formula.mle_model(fit)
    }
  )
  own(shown, ...)
  invisible(x)
}

# R's own method for profiles: of stats since R 4.4, before that of MASS.
profile_method <- function(generic) {
  for (package in c("stats", "MASS")) {
    if (!requireNamespace(package, quietly = TRUE)) next
    found <- utils::getS3method(generic, "profile", optional = TRUE,
                                envir = asNamespace(package))
    if (!is.null(found)) {
      return(found)
    }
  }
  NULL
}

# As the methods of stats and MASS draw it.
plot_signed_roots <- function(x) {
  old <- graphics::par(mfrow = grDevices::n2mfrow(length(x)))
  on.exit(graphics::par(old))
  for (name in names(x)) {
    value <- x[[name]]$par.vals[, name]
    z <- x[[name]]$z
    graphics::plot(value, z, type = "n", xlab = name, ylab = "z")
    if (length(z) > 1L) {
      at <- seq(min(value), max(value), length.out = 101)
      graphics::lines(at, profile_spline(value, z)(at))
    }
    graphics::points(value[z == 0], 0, pch = 3)
  }
}
