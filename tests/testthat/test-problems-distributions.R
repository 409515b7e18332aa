# Models that are one line with a distribution object, against the packages
# that are made for them. Coefficients and standard errors of those are as exact
# as their stopping rules.

package_data <- function(name, package) {
  skip_if_not_installed(package)
  held <- new.env()
  utils::data(list = name, package = package, envir = held)
  held[[name]]
}

expect_same_fit <- function(fit, coef, loglik, error = NULL,
                            tolerance = 1e-6, error_tolerance = 1e-4,
                            loglik_tolerance = 1e-10, map = identity) {
  expect_true(fit$converged)
  expect_equal(as.numeric(logLik(fit)), as.numeric(loglik),
    tolerance = loglik_tolerance)
  expect_equal(map(unname(coef(fit))), unname(coef), tolerance = tolerance)
  if (!is.null(error)) {
    expect_equal(map(unname(sqrt(diag(vcov(fit))))), unname(error),
      tolerance = error_tolerance)
  }
}

test_that("tobit, by censored()", {
  d <- package_data("Affairs", "AER")
  X <- model.matrix(~ age + yearsmarried + religiousness + occupation + rating,
    d)
  fit <- mle_fit(
    function(beta, log_sigma) {
      mu <- drop(X %*% beta)
      log_density(censored(dnorm(mu, exp(log_sigma)), lower = 0), d$affairs)
    },
    list(beta = c(mean(d$affairs), numeric(5)), log_sigma = 1)
  )
  peer <- AER::tobit(
    affairs ~ age + yearsmarried + religiousness + occupation + rating,
    data = d
  )
  expect_same_fit(fit, c(coef(peer), log(peer$scale)), logLik(peer),
    sqrt(diag(vcov(peer))))
})

test_that("truncated regression", {
  skip_if_not_installed("truncreg")
  d <- subset(package_data("Affairs", "AER"), affairs > 0)
  X <- model.matrix(~ age + yearsmarried + rating, d)
  fit <- mle_fit(
    function(beta, log_sigma) {
      log_density(
        truncated(dnorm(drop(X %*% beta), exp(log_sigma)), lower = 0.5),
        d$affairs
      )
    },
    list(beta = c(mean(d$affairs), numeric(3)), log_sigma = 1)
  )
  peer <- truncreg::truncreg(affairs ~ age + yearsmarried + rating,
    data = d, point = 0.5, direction = "left",
    method = "NR", tol = 1e-15, gradtol = 1e-12)
  expect_same_fit(fit, coef(peer), logLik(peer), tolerance = 1e-5,
    map = function(v) c(v[1:4], exp(v[5])))
})

survival_data <- function() {
  skip_if_not_installed("survival")
  na.omit(survival::lung[c("time", "status", "age", "sex")])
}

test_that("five parametric survival models", {
  d <- survival_data()
  y <- survival::Surv(d$time, d$status)
  X <- model.matrix(~ age + sex, d)
  models <- list(
    weibull = function(mu, s) distribution(dweibull(1 / s, exp(mu))),
    exponential = function(mu, s) distribution(dexp(exp(-mu))),
    lognormal = function(mu, s) distribution(dlnorm(mu, s)),
    loglogistic = function(mu, s) distribution(dllogis(1 / s, exp(mu))),
    gaussian = function(mu, s) distribution(dnorm(mu, s))
  )
  for (name in names(models)) {
    model <- models[[name]]
    peer <- survival::survreg(y ~ age + sex, d, dist = name,
      control = list(rel.tolerance = 1e-13, maxiter = 100))
    scaled <- name != "exponential"
    loglik <- function(beta, log_s) {
      log_density(model(drop(X %*% beta), exp(log_s)), y)
    }
    start <- if (name == "gaussian") {
      list(beta = c(400, 0, 0), log_s = 5)
    } else {
      list(beta = c(6, 0, 0), log_s = 0)
    }
    if (!scaled) {
      exponential <- function(beta) loglik(beta, 0)
      fit <- mle_fit(exponential, start["beta"])
    } else {
      fit <- mle_fit(loglik, start)
    }
    expect_same_fit(fit, c(coef(peer), if (scaled) log(peer$scale)),
      logLik(peer), sqrt(diag(vcov(peer))))
  }
})

test_that("interval-censored and left-truncated times", {
  d <- survival_data()
  later <- ifelse(d$status == 2, ceiling(d$time / 30) * 30, NA)
  y <- survival::Surv(floor(d$time / 30) * 30 + (d$time < 30), later,
    type = "interval2")
  fit <- mle_fit(
    function(b0, b1, log_s) {
      log_density(
        distribution(dweibull(exp(-log_s), exp(b0 + b1 * age))), y
      )
    },
    list(b0 = 6, b1 = 0, log_s = 0), data = d
  )
  peer <- survival::survreg(y ~ age, d,
    control = list(rel.tolerance = 1e-13, maxiter = 100))
  expect_same_fit(fit, c(coef(peer), log(peer$scale)), logLik(peer),
    sqrt(diag(vcov(peer))))

  # Conditioning on survival to the time of entry: an exponential hazard has
  # the closed form events / time at risk.
  entry <- d$time / 3
  y <- survival::Surv(entry, d$time, d$status == 2)
  fit <- mle_fit(
    function(rate) log_density(distribution(dexp(rate)), y), list(rate = 0.01)
  )
  expect_equal(coef(fit)[["rate"]], sum(d$status == 2) / sum(d$time - entry),
    tolerance = 1e-10)
})

test_that("zero-inflated and hurdle counts", {
  d <- package_data("bioChemists", "pscl")
  X <- model.matrix(~ fem + mar + kid5 + phd + ment, d)
  y <- d$art
  start <- list(beta = numeric(6), gamma = numeric(6))
  count <- function(beta, log_theta = NULL) {
    mu <- exp(drop(X %*% beta))
    if (is.null(log_theta)) {
      distribution(dpois(mu))
    } else {
      distribution(dnbinom(exp(log_theta), mu = mu))
    }
  }
  pi <- function(gamma) plogis(drop(X %*% gamma))
  for (dist in c("poisson", "negbin")) {
    extra <- if (dist == "negbin") list(log_theta = 0)
    inflated <- function(beta, gamma, log_theta = NULL) {
      log_density(zero_inflated(count(beta, log_theta), pi(gamma)), y)
    }
    positive <- function(beta, gamma, log_theta = NULL) {
      log_density(hurdle(count(beta, log_theta), pi(gamma)), y)
    }
    begin <- start
    begin$gamma[1L] <- -1
    fit <- mle_fit(inflated, c(begin, extra))
    peer <- pscl::zeroinfl(art ~ . | ., data = d, dist = dist,
      control = pscl::zeroinfl.control(reltol = 1e-15))
    theta <- if (dist == "negbin") log(peer$theta)
    expect_same_fit(fit, c(coef(peer), theta), logLik(peer), tolerance = 1e-3)
    fit <- mle_fit(positive, c(start, extra))
    peer <- pscl::hurdle(art ~ . | ., data = d, dist = dist,
      control = pscl::hurdle.control(reltol = 1e-15))
    theta <- if (dist == "negbin") log(peer$theta)
    expect_same_fit(fit, c(coef(peer), theta), logLik(peer), tolerance = 1e-3)
  }
})

test_that("ordered logit, probit and others", {
  d <- package_data("wine", "ordinal")
  X <- model.matrix(~ temp + contact, d)[, -1L]
  ordered <- function(link) {
    mle_fit(
      function(first, log_gaps, slopes) {
        thresholds <- cumsum(c(first, exp(log_gaps)))
        log_density(
          distribution(dordered(drop(X %*% slopes), thresholds, link)),
          d$rating
        )
      },
      list(first = -1, log_gaps = numeric(3), slopes = numeric(2))
    )
  }
  natural <- function(v) c(cumsum(c(v[1], exp(v[2:4]))), v[5:6])
  for (link in c("logit", "probit", "cloglog", "loglog")) {
    peer <- ordinal::clm(rating ~ temp + contact, data = d, link = link,
      control = list(gradTol = 1e-10))
    expect_same_fit(ordered(link), coef(peer), logLik(peer), tolerance = 1e-5,
      map = natural)
  }
  # Neither clm() nor MASS::polr() comes to this maximum.
  fit <- ordered("cauchit")
  v <- natural(coef(fit))
  below <- cbind(0, pcauchy(outer(-drop(X %*% v[5:6]), v[1:4], "+")), 1)
  rows <- seq_len(nrow(d))
  rating <- as.integer(d$rating)
  p <- below[cbind(rows, rating + 1)] - below[cbind(rows, rating)]
  expect_true(fit$converged)
  expect_equal(as.numeric(logLik(fit)), sum(log(p)), tolerance = 1e-13)
  expect_gt(as.numeric(logLik(fit)), as.numeric(logLik(
    ordinal::clm(rating ~ temp + contact, data = d, link = "cauchit")
  )))
})

test_that("multinomial logit, by dcategorical()", {
  skip_if_not_installed("nnet")
  d <- subset(package_data("BankWages", "AER"), gender == "male")
  X <- model.matrix(~ education + minority, d)
  fit <- mle_fit(
    function(B) log_density(distribution(dcategorical(X %*% B)), d$job),
    list(B = matrix(0, 3, 2))
  )
  peer <- nnet::multinom(job ~ education + minority, d, trace = FALSE,
    reltol = 1e-14, maxit = 500)
  expect_same_fit(fit, c(t(coef(peer))), logLik(peer), tolerance = 1e-3)
})

test_that("conditional logit, by dconditional()", {
  skip_if_not_installed("survival")
  d <- datasets::infert
  fit <- mle_fit(
    function(spontaneous_effect, induced_effect) {
      eta <- spontaneous_effect * spontaneous + induced_effect * induced
      log_density(distribution(dconditional(eta, stratum)), case)
    },
    list(spontaneous_effect = 0, induced_effect = 0), data = as.list(d)
  )
  # clogit() calls these by name.
  coxph <- survival::coxph
  Surv <- survival::Surv
  strata <- survival::strata
  peer <- survival::clogit(case ~ spontaneous + induced + strata(stratum), d)
  expect_same_fit(fit, coef(peer), logLik(peer), sqrt(diag(vcov(peer))))
})

test_that("beta regression and skew-normal errors", {
  skip_if_not_installed("betareg")
  d <- package_data("GasolineYield", "betareg")
  X <- model.matrix(~ batch + temp, d)
  fit <- mle_fit(
    function(beta, log_phi) {
      log_density(
        distribution(dbetar(plogis(drop(X %*% beta)), exp(log_phi))), d$yield
      )
    },
    list(beta = c(-4, numeric(9), 0.01), log_phi = 4)
  )
  peer <- betareg::betareg(yield ~ batch + temp, d,
    control = betareg::betareg.control(fstol = 1e-12))
  expect_same_fit(fit, c(coef(peer)[1:11], log(coef(peer)[[12]])), logLik(peer))
})

test_that("Heckman's selection model, by dheckman()", {
  d <- package_data("PSID1976", "AER")
  d$works <- as.numeric(d$participation == "yes")
  d$kids <- d$youngkids + d$oldkids > 0
  Z <- model.matrix(~ age + I(age^2) + fincome + kids + education, d)
  X <- model.matrix(~ experience + I(experience^2) + education + city, d)
  y <- cbind(ifelse(d$works == 1, d$wage, NA), d$works)
  fit <- mle_fit(
    function(gamma, beta, log_sigma, rho) {
      log_density(distribution(dheckman(
        drop(X %*% beta), exp(log_sigma), drop(Z %*% gamma), rho
      )), y)
    },
    list(gamma = numeric(6), beta = numeric(5), log_sigma = 1, rho = 0)
  )
  # sampleSelection::selection(), version 1.2, by maximum likelihood.
  peer <- c(
    -4.119691982, 0.1840154244, -2.408697320e-03, 5.679685166e-06,
    -0.4506148695, 0.09528079916, -1.963024265, 0.02786829163,
    -1.038604562e-04, 0.4570050914, 0.4465290329, 3.108376249, -0.1319585962
  )
  expect_same_fit(fit, peer, -1581.25767552, tolerance = 1e-5,
    map = function(v) c(v[1:11], exp(v[12]), v[13]))
})

test_that("stochastic cost frontier", {
  d <- package_data("Electricity1955", "AER")
  fit <- mle_fit(
    function(b, log_v, log_u) {
      mu <- b[1] + b[2] * log(output) + b[3] * log(output)^2 +
        b[4] * log(labor / fuel) + b[5] * log(capital / fuel)
      log_density(
        distribution(dfrontier(mu, exp(log_v), exp(log_u), type = "cost")),
        log(cost / fuel)
      )
    },
    list(b = c(-4, 0.3, 0.04, 0.5, 0.1), log_v = -1, log_u = -1), data = d
  )
  # frontier::sfa(), version 1.1, whose normal distribution function has seven
  # digits.
  peer <- c(-4.43463368575, 0.25687429479, 0.04402542270, 0.47457775228,
            0.06962376986, 0.18284772071, 0.76421362138)
  expect_same_fit(fit, peer, -34.95303265, tolerance = 1e-3,
    loglik_tolerance = 1e-6, map = function(v) {
      s <- exp(2 * v[6:7])
      c(v[1:5], sum(s), s[2] / sum(s))
    })
})

test_that("bivariate probit: independent margins, and the reverse of a sign", {
  d <- package_data("PSID1976", "AER")
  y1 <- as.numeric(d$participation == "yes")
  y2 <- as.numeric(d$youngkids > 0)
  X <- model.matrix(~ I(age / 10) + education, d)
  loglik <- function(b1, b2, rho, y2) {
    log_density(
      distribution(dbiprobit(drop(X %*% b1), drop(X %*% b2), rho)),
      cbind(y1, y2)
    )
  }
  start <- list(b1 = numeric(3), b2 = numeric(3), rho = 0)
  fit <- mle_fit(function(b1, b2, rho) loglik(b1, b2, rho, y2), start)
  expect_true(fit$converged)
  turned <- mle_fit(function(b1, b2, rho) loglik(b1, b2, rho, 1 - y2), start)
  expect_equal(unname(coef(turned)), unname(coef(fit)) * c(1, 1, 1, -1, -1, -1,
    -1), tolerance = 1e-7)
  # At rho = 0 it is two probits.
  apart <- mle_fit(function(b1, b2) loglik(b1, b2, 0, y2), start[1:2])
  peers <- list(
    glm(y1 ~ X - 1, family = binomial("probit"), epsilon = 1e-12),
    glm(y2 ~ X - 1, family = binomial("probit"), epsilon = 1e-12)
  )
  expect_same_fit(apart, unlist(lapply(peers, coef)),
    sum(vapply(peers, function(p) as.numeric(logLik(p)), 0)))
  expect_lt(as.numeric(logLik(apart)), as.numeric(logLik(fit)))
})

test_that("a selection probit without correlation is two probits", {
  d <- package_data("PSID1976", "AER")
  seen <- as.numeric(d$participation == "yes")
  y <- ifelse(seen == 1, as.numeric(d$wage > 4), NA)
  Z <- model.matrix(~ I(age / 10) + youngkids, d)
  X <- model.matrix(~ education, d)
  fit <- mle_fit(
    function(beta, gamma) {
      log_density(distribution(dprobit_selection(
        drop(X %*% beta), drop(Z %*% gamma), 0
      )), cbind(y, seen))
    }, list(beta = numeric(2), gamma = numeric(3))
  )
  one <- glm(y ~ X - 1, family = binomial("probit"), epsilon = 1e-12)
  two <- glm(seen ~ Z - 1, family = binomial("probit"), epsilon = 1e-12)
  expect_same_fit(fit, c(coef(one), coef(two)), logLik(one) + logLik(two))
})
