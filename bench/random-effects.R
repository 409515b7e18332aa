# Random effects by Laplace's method: crossed factors against lmer() and
# glmer(), stochastic volatility against RTMB, and many groups against the same
# model without effects.

source("bench/harness.R")

has <- function(package) requireNamespace(package, quietly = TRUE)

n <- by_mode(1e6, 2e4)
groups <- by_mode(1e5, 2e3)

# Three crossed factors, 4,114 effects.
fit_ratings <- function(d) {
  y <- d$y
  service <- as.numeric(d$service) - 1
  s <- as.integer(d$s)
  k <- as.integer(d$d)
  p <- as.integer(d$dept)
  mle_fit(function(b, sd_s, sd_d, sd_p, sigma, u, v, w) {
    eta <- b[1] + b[2] * service + sd_s * u[s] + sd_d * v[k] + sd_p * w[p]
    c(dnorm(y, eta, sigma, log = TRUE), dnorm(u, log = TRUE),
      dnorm(v, log = TRUE), dnorm(w, log = TRUE))
  }, start = list(
    b = c(3.3, 0), sd_s = positive(0.4), sd_d = positive(0.4),
    sd_p = positive(0.2), sigma = positive(1.2), u = numeric(nlevels(d$s)),
    v = numeric(nlevels(d$d)), w = numeric(nlevels(d$dept))
  ), random = c("u", "v", "w"))
}

ratings_by_lmer <- function(d) {
  lme4::lmer(y ~ service + (1 | s) + (1 | d) + (1 | dept), d, REML = FALSE)
}

# Counts of ticks on chicks, in broods, at locations.
fit_ticks <- function(d) {
  y <- d$TICKS
  year <- stats::model.matrix(~ YEAR, d)
  height <- as.numeric(scale(d$HEIGHT))
  i <- as.integer(d$INDEX)
  b <- as.integer(d$BROOD)
  l <- as.integer(d$LOCATION)
  mle_fit(function(beta, sd_i, sd_b, sd_l, u, v, w) {
    eta <- year %*% beta[1:3] + beta[4] * height + sd_i * u[i] + sd_b * v[b] +
      sd_l * w[l]
    c(dpois(y, exp(eta), log = TRUE), dnorm(u, log = TRUE),
      dnorm(v, log = TRUE), dnorm(w, log = TRUE))
  }, start = list(
    beta = c(0, 0, 0, 0), sd_i = positive(0.5), sd_b = positive(0.5),
    sd_l = positive(0.5), u = numeric(nlevels(d$INDEX)),
    v = numeric(nlevels(d$BROOD)), w = numeric(nlevels(d$LOCATION))
  ), random = c("u", "v", "w"))
}

ticks_by_glmer <- function(d) {
  d$height <- as.numeric(scale(d$HEIGHT))
  lme4::glmer(TICKS ~ YEAR + height + (1 | INDEX) + (1 | BROOD) +
                (1 | LOCATION), d, stats::poisson)
}

# Stochastic volatility of returns.
simulate_returns <- function(steps) {
  h <- as.numeric(stats::filter(stats::rnorm(steps, sd = 0.3), 0.95,
                                "recursive"))
  exp(h / 2) * stats::rnorm(steps)
}

volatility <- function(y, mu, phi, sd, h) {
  m <- length(h)
  c(dnorm(h[1], mu, sd / sqrt(1 - phi^2), log = TRUE),
    dnorm(h[-1], mu + phi * (h[-m] - mu), sd, log = TRUE),
    dnorm(y, 0, exp(h / 2), log = TRUE))
}

fit_volatility <- function(y) {
  mle_fit(function(mu, phi, sd, h) volatility(y, mu, phi, sd, h),
          start = list(mu = 0, phi = bounded(0.9, -1, 1), sd = positive(0.3),
                       h = numeric(length(y))), random = "h")
}

volatility_by_rtmb <- function(y) {
  density <- volatility
  environment(density) <- list2env(list(dnorm = RTMB::dnorm,
                                        c = RTMB::ADoverload("c"),
                                        `[<-` = RTMB::ADoverload("[<-")),
                                   parent = globalenv())
  joint <- function(p) {
    -sum(density(y, p$mu, 2 / (1 + exp(-p$t)) - 1, exp(p$ls), p$h))
  }
  f <- RTMB::MakeADFun(joint, list(mu = 0, t = 2.9, ls = log(0.3),
                                   h = numeric(length(y))), random = "h",
                       silent = TRUE)
  fit <- stats::nlminb(f$par, f$fn, f$gr)
  list(fit = fit, errors = RTMB::sdreport(f))
}

many_groups <- function() {
  g <- sample.int(groups, n, TRUE)
  x <- stats::rnorm(n)
  eta <- -0.5 + 0.7 * x + stats::rnorm(groups)[g]
  list(g = g, x = x, y = stats::rbinom(n, 1, stats::plogis(eta)))
}

fit_without <- function(d) {
  y <- d$y
  x <- d$x
  mle_fit(function(b) dbinom(y, 1, plogis(b[1] + b[2] * x), log = TRUE),
          start = list(b = c(0, 0)))
}

fit_groups <- function(d) {
  y <- d$y
  x <- d$x
  g <- d$g
  mle_fit(function(b, sd, u) {
    c(dbinom(y, 1, plogis(b[1] + b[2] * x + sd * u[g]), log = TRUE),
      dnorm(u, log = TRUE))
  }, start = list(b = c(0, 0), sd = positive(0.5), u = numeric(groups)),
  random = "u")
}

against_lme4 <- function() {
  ratings <- lme4::InstEval
  if (quick) ratings <- droplevels(ratings[seq_len(4000), ])
  ticks <- lme4::grouseticks
  long <- paired(list(
    admle = function() fit_ratings(ratings),
    lmer = function() ratings_by_lmer(ratings)
  ), rounds = by_mode(3, 1))
  short <- paired(list(
    admle = function() fit_ticks(ticks),
    glmer = function() suppressMessages(ticks_by_glmer(ticks))
  ))
  rbind(
    compare(long, "normal, three crossed factors, 73,421 rows", "lmer",
            faster = 12, label = "lmer()"),
    compare(short, "Poisson, three factors, 403 rows", "glmer", faster = 8,
            label = "glmer()")
  )
}

against_rtmb <- function() {
  y <- simulate_returns(by_mode(1000, 200))
  times <- paired(list(admle = function() fit_volatility(y),
                       rtmb = function() volatility_by_rtmb(y)))
  compare(times, "stochastic volatility, 1,000 days", "rtmb", faster = 5,
          label = "RTMB")
}

rows <- function() {
  set.seed(1)
  d <- many_groups()
  times <- paired(list(admle = function() fit_groups(d),
                       without = function() fit_without(d)),
                  rounds = by_mode(3, 1))
  rbind(
    if (has("lme4")) against_lme4(),
    if (has("RTMB")) against_rtmb(),
    compare(times, sprintf("logit, %s rows, %s groups", format_count(n),
                           format_count(groups)), "without", at_most = 20,
            label = "without effects")
  )
}

scenario("Random effects.", rows)
