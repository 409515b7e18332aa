# Covariances of panels whose scores are correlated within periods and over
# time: the scores of each period are summed, the sums weighted by a kernel
# (Driscoll and Kraay 1998, Review of Economics and Statistics 80, 549-560).

#' @include covariance-hac.R
NULL

# -> list(meat, kernel, bandwidth, rule, periods)
driscoll_kraay_meat <- function(scores, spec, fit) {
  time <- panel_periods(fit, spec)
  sums <- rowsum(scores, match(time[[1L]], sort(unique(time[[1L]]))))
  periods <- stats::setNames(nrow(sums), names(time)[[1L]])
  check_cluster_counts(periods, fit, "period")
  kernel <- kernel_name(setting(spec, "kernel", "bartlett"))
  lag <- setting(spec, "lag", if (is.null(spec$bandwidth)) "NW1987")
  bandwidth <- if (is.null(lag)) spec$bandwidth else (kernel != "truncated") +
    switch(
      as.character(lag), NW1987 = floor(periods^(1 / 4)),
      NW1994 = floor(4 * (periods / 100)^(2 / 9)), lag
    )
  list(meat = kernel_product(sums, kernel, bandwidth), kernel = kernel,
       bandwidth = bandwidth, rule = if (is.character(lag)) lag else "given",
       periods = periods)
}

# The period of each observation, a list with one element.
panel_periods <- function(fit, spec) {
  if (is.null(spec$time)) {
    admle_abort("argument", paste(
      "The covariance of Driscoll and Kraay needs `time`, as in",
      "vcov(fit, \"driscoll-kraay\", time = ~ year)."
    ), argument = "time")
  }
  time <- unclass(fit_variables(fit, spec$time, "time"))
  if (length(unique(time[[1L]])) < 2L) {
    admle_abort("argument", sprintf("`%s` has one period only.",
                                    names(time)[[1L]]), argument = "time")
  }
  time
}

register_covariance(
  "driscoll-kraay", synonyms = "dk",
  settings = c("time", "kernel", "bandwidth", "lag"), variables = "time",
  check = function(settings) {
    check_smoothing(settings, lag = c("NW1987", "NW1994"))
  },
  meat = driscoll_kraay_meat, need = panel_periods,
  text = function(made) {
    sprintf("Driscoll and Kraay's, %s of `%s`, %s",
            counted(made$periods, "period"), names(made$periods),
            kernel_text(made))
  }
)
