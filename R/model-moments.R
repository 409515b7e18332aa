# Starting values of densities' parameters from simple statistics of the
# response: moments, or quantiles where there are none. They need not be good,
# only such that the density is positive at the observations.

# What the table below is a function of. `centre` is the fitted location, where
# there is one, so that the spread is that around it.
response_statistics <- function(y, centre = NULL) {
  y <- numeric_response(y)
  y <- y[is.finite(y)]
  positive <- y[y > 0]
  if (length(positive) == 0L) positive <- 1
  m <- mean(y)
  around <- if (length(centre) == length(y)) centre else m
  v <- mean((y - around)^2)
  list(
    y = y, mean = m, centre = around, median = stats::median(y),
    variance = if (is.finite(v) && v > 0) v else 1,
    sd = if (is.finite(v) && v > 0) sqrt(v) else 1,
    log_mean = mean(log(positive)),
    log_sd = max(stats::sd(log(positive)), 1e-2, na.rm = TRUE),
    positive_mean = mean(positive)
  )
}

# A number for each observation: the time of a survival response, the code of a
# category, the first column of a matrix.
numeric_response <- function(y) {
  if (inherits(y, "Surv")) {
    return(survival_times(y))
  }
  if (is.factor(y)) {
    return(as.numeric(y))
  }
  if (is.matrix(y)) {
    y <- y[, 1L]
  }
  as.numeric(y)
}

survival_times <- function(y) {
  columns <- unclass(y)
  type <- attr(y, "type")
  if (type == "counting") {
    return(as.numeric(columns[, "stop"]))
  }
  time <- as.numeric(columns[, 1L])
  if (type == "interval") {
    both <- columns[, "status"] == 3
    time[both] <- (columns[both, "time1"] + columns[both, "time2"]) / 2
  }
  time
}

between <- function(x, lower, upper) min(max(x, lower), upper)

# Per density: functions of the statistics, by argument.
moment_starts <- list(
  dnorm = list(mean = function(s) s$mean, sd = function(s) s$sd),
  dlnorm = list(meanlog = function(s) s$log_mean, sdlog = function(s) s$log_sd),
  dlogis = list(location = function(s) s$mean,
                scale = function(s) s$sd * sqrt(3) / pi),
  dcauchy = list(location = function(s) s$median,
                 scale = function(s) max(stats::mad(s$y - s$centre), 1e-3)),
  dt = list(df = function(s) 5),
  dstudent_t = list(location = function(s) s$median,
                  scale = function(s) s$sd * 0.8, df = function(s) 6),
  dskewnorm = list(location = function(s) s$mean, scale = function(s) s$sd,
                     shape = function(s) 0.5),
  dgumbel = list(location = function(s) s$mean - 0.45 * s$sd,
                 scale = function(s) s$sd * sqrt(6) / pi),
  dgev = list(location = function(s) s$mean - 0.45 * s$sd,
              scale = function(s) s$sd * sqrt(6) / pi,
              shape = function(s) 0.05),
  dalaplace = list(location = function(s) s$median,
                   scale = function(s) s$sd / 4, tau = function(s) 0.5),
  dvonmises = list(mu = function(s) atan2(mean(sin(s$y)), mean(cos(s$y))),
                   kappa = function(s) 1),
  dgpd = list(shape = function(s) 0.05, scale = function(s) s$positive_mean),
  dbetabinom = list(prob = function(s) 0.5, rho = function(s) 0.1),
  dexp = list(rate = function(s) 1 / s$positive_mean),
  dgamma = list(
    shape = function(s) gamma_shape(s),
    rate = function(s) gamma_shape(s) / s$positive_mean,
    scale = function(s) s$positive_mean / gamma_shape(s)
  ),
  dweibull = list(
    shape = function(s) 1.2 / s$log_sd,
    scale = function(s) exp(s$log_mean + 0.48 * s$log_sd)
  ),
  dllogis = list(shape = function(s) 1.8 / s$log_sd,
                 scale = function(s) exp(s$log_mean)),
  dgompertz = list(shape = function(s) 1e-3 / s$positive_mean,
                   rate = function(s) 1 / s$positive_mean),
  dgengamma = list(mu = function(s) s$log_mean, sigma = function(s) s$log_sd,
                   Q = function(s) 0.5),
  dinvgauss = list(
    mean = function(s) s$positive_mean,
    shape = function(s) s$positive_mean^3 / s$variance
  ),
  dbeta = list(
    shape1 = function(s) inside(s$mean) * beta_precision(s),
    shape2 = function(s) (1 - inside(s$mean)) * beta_precision(s)
  ),
  dbetar = list(mu = function(s) inside(s$mean),
                phi = function(s) beta_precision(s)),
  dpois = list(lambda = function(s) max(s$mean, 0.01)),
  dgeom = list(prob = function(s) 1 / (1 + max(s$mean, 0.01))),
  dnbinom = list(
    mu = function(s) max(s$mean, 0.01), size = function(s) count_size(s),
    prob = function(s) count_size(s) / (count_size(s) + max(s$mean, 0.01))
  ),
  dnbinom1 = list(
    mu = function(s) max(s$mean, 0.01),
    alpha = function(s) between(s$variance / max(s$mean, 0.01) - 1, 0.05, 20)
  ),
  dnbinom2 = list(mu = function(s) max(s$mean, 0.01),
                  alpha = function(s) 1 / count_size(s)),
  dpoisinvgauss = list(mean = function(s) max(s$mean, 0.01),
                       shape = function(s) count_size(s) * max(s$mean, 0.01)),
  dordered = list(eta = function(s) 0,
                  thresholds = function(s) ordered_thresholds(s)),
  dbinom = list(prob = function(s) 0.5),
  dchisq = list(df = function(s) max(s$mean, 0.1)),
  dfrontier = list(location = function(s) s$mean,
                   sigma_v = function(s) s$sd * 0.7,
                   sigma_u = function(s) s$sd * 0.7),
  # Of two outcomes, the statistics are those of the first.
  dbivnorm = list(mean1 = function(s) s$mean, sd1 = function(s) s$sd,
                  rho = function(s) 0),
  dbiprobit = list(eta1 = function(s) 0, eta2 = function(s) 0,
                   rho = function(s) 0),
  dheckman = list(location = function(s) s$mean, sigma = function(s) s$sd,
                  selection = function(s) 0, rho = function(s) 0),
  dprobit_selection = list(eta = function(s) 0, selection = function(s) 0,
                           rho = function(s) 0),
  zero_inflated = list(pi = function(s) between(mean(s$y == 0) / 2, 0.05, 0.9)),
  hurdle = list(pi = function(s) between(mean(s$y > 0), 0.05, 0.95)),
  mixture = list(p = function(s) 0.5),
  softmax = list(index = function(s) 0)
)

# Arguments that are the centre of the response, for which least squares on
# the scale of the link are a better start than a constant.
location_arguments <- c(
  dnorm = "mean", dlogis = "location", dcauchy = "location", dpois = "lambda",
  dbinom = "prob", dnbinom = "mu", dnbinom1 = "mu", dnbinom2 = "mu",
  dstudent_t = "location", dskewnorm = "location", dgumbel = "location",
  dbetar = "mu", dinvgauss = "mean", dpoisinvgauss = "mean",
  dfrontier = "location", dalaplace = "location"
)

gamma_shape <- function(s) {
  between(s$positive_mean^2 / s$variance, 0.05, 1e4)
}

beta_precision <- function(s) {
  m <- inside(s$mean)
  max(m * (1 - m) / s$variance - 1, 0.5)
}

# The size of a negative binomial: large where there is no overdispersion.
count_size <- function(s) {
  excess <- s$variance - s$mean
  if (excess > 0) between(s$mean^2 / excess, 0.05, 100) else 100
}

# Logits of the cumulative shares.
ordered_thresholds <- function(s) {
  counts <- tabulate(s$y) + 0.5
  shares <- cumsum(counts) / sum(counts)
  stats::qlogis(shares[-length(shares)])
}

inside <- function(p) between(p, 0.02, 0.98)

# The ranges of parameters without a formula, by the name of the density's
# argument, and the densities for which that name means something else.
argument_ranges <- list(
  positive = c("sd", "sdlog", "sigma", "scale", "rate", "shape", "shape1",
               "shape2", "size", "df", "df1", "df2", "precision",
               "dispersion", "lambda", "sigma_v", "sigma_u", "phi", "alpha",
               "kappa"),
  unit = c("prob", "pi", "p", "tau"),
  correlation = "rho",
  increasing = "thresholds"
)
unrestricted_arguments <- list(
  dgev = "shape", dskewnorm = "shape", dgompertz = "shape", dgpd = "shape"
)

# Densities whose `mu` or `mean` has a range.
mean_ranges <- list(
  positive = c("dinvgauss", "dnbinom", "dnbinom1", "dnbinom2",
               "dpoisinvgauss"),
  unit = "dbetar"
)

# A starting value declared with the range that its argument has; the user's
# own declaration comes first.
declare_scalar <- function(value, role) {
  if (is_declared(value) || is.null(role) ||
        role$argument %in% unrestricted_arguments[[role$density]]) {
    return(value)
  }
  known <- role$density %in% c(names(moment_starts), names(density_arguments))
  is_mean <- role$argument %in% c("mu", "mean")
  ranges <- if (is_mean) mean_ranges else argument_ranges
  name <- if (is_mean) role$density else role$argument
  kind <- names(ranges)[vapply(ranges, function(names) name %in% names, NA)]
  # The correlation of trials cannot be negative.
  if (role$density == "dbetabinom" && name == "rho") kind <- "unit"
  switch(
    if (known && length(kind)) kind else "",
    positive = positive(value), unit = bounded(value, 0, 1),
    correlation = bounded(value, -1, 1), increasing = increasing(value), value
  )
}
