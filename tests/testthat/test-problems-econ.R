# Models of the econometrics textbooks, their log-likelihoods written as a user
# would write them. The reference values were not computed by admle. About ten
# digits of the coefficients are right, and six to eight of the standard errors
# (from the observed information). They agree with what is in print: Wooldridge
# (2010), Econometric Analysis of Cross Section and Panel Data, tables 17.1 and
# 17.2; Cameron and Trivedi (2005), Microeconometrics, table 15.2; Kleiber and
# Zeileis (2008), Applied Econometrics with R; Zeileis, Kleiber and Jackman
# (2008), Journal of Statistical Software 27(8).

certified <- list(
  mroz_probit = list(
    coef = c(0.2700767725262, -0.01202373914052, 0.1309047329483,
      0.123347593787, -0.001887080196691, -0.0528526718341, -0.8683285100017,
      0.0360049569583),
    error = c(0.5085930356, 0.004839838295, 0.02525419563, 0.01871640156,
      0.0005999863702, 0.008477239659, 0.1185223106, 0.04347678769),
    loglik = -401.302193138008
  ),
  mroz_logit = list(
    coef = c(0.4254523774455, -0.02134517469832, 0.2211703702844,
      0.2058695310771, -0.003154104015842, -0.0880243746393, -1.443354143888,
      0.06011222160876),
    error = c(0.8603697087, 0.008421449333, 0.04343963158, 0.03205691403,
      0.001016111398, 0.0145730128, 0.2035848783, 0.07478975005),
    loglik = -401.765151084241
  ),
  mroz_tobit = list(
    coef = c(965.3052832054, -8.81424300479, 80.64560592855, 131.5642990257,
      -1.864157603422, -54.40501134395, -894.0217392719, -16.21799604863,
      7.022887397857),
    error = c(446.4361471, 4.459099859, 21.5832372, 17.27939186,
      0.5376619564, 7.418501839, 111.8780325, 38.64139083, 0.03705731009),
    loglik = -3819.0945587149
  ),
  recdem_poisson = list(
    coef = c(0.2649934191597, 0.4717258850555, 0.4182137259041,
      -0.1113231739748, 0.8981652562124, -0.003429706404533,
      -0.04253641254297, 0.03613361978171),
    error = c(0.09372236089, 0.01709053705, 0.05719052868, 0.01958850309,
      0.07898540877, 0.003117800913, 0.001670338504, 0.002709612493),
    loglik = -1529.43129720402
  ),
  recdem_negbin = list(
    coef = c(-1.121936324962, 0.7219990427852, 0.6121387750936,
      -0.02605884041311, 0.6691676427156, 0.04800863584793,
      -0.09269100144891, 0.03883571272557, -0.3157292730834),
    error = c(0.2208284215, 0.04533231088, 0.1504163205, 0.04523424184,
      0.36143991, 0.01595161797, 0.008268480773, 0.01171387762, 0.1060208953),
    loglik = -825.557579365002
  ),
  nmes_negbin = list(
    coef = c(0.9292565923798, 0.2177722202577, 0.3050130255518,
      -0.3418066072545, 0.1749155218904, -0.126488125372, 0.02681507706715,
      0.2244018655091, 0.1878094173416),
    error = c(0.05461426454, 0.02185898895, 0.04791065527, 0.06077745561,
      0.01240355293, 0.03126228875, 0.004350774334, 0.03999034475,
      0.02781359492),
    loglik = -12170.5535979668
  ),
  wine_ologit = list(
    coef = c(-1.344383411266, 0.953660583117, 0.7957390246075,
      0.4314689113117, 2.5031020079, 1.527797658096),
    error = c(0.5171020455, 0.1998847051, 0.1815240303, 0.2647510147,
      0.5286801015, 0.47662263),
    loglik = -86.491923365649
  ),
  bankwages_mnl = list(
    coef = c(-4.760721793221, 0.5533992619649, -0.4269520931797,
      -30.77483376111, 2.186770272198, -2.536041924839),
    error = c(1.172773906, 0.09904105675, 0.5027082729, 4.478608433,
      0.2948353915, 0.9342066105),
    loglik = -118.736005495539
  ),
  strike_weibull = list(
    coef = c(3.779774183132, -9.332197584329, -0.00782690011278),
    error = c(0.1367011646, 2.937555173, 0.100501689),
    loglik = -289.761708539491
  ),
  lung_weibull = list(
    coef = c(6.273435251985, -0.007475439408987, 0.4010905411945,
      -0.3396380983068, -0.3131927302584),
    error = c(0.4535777153, 0.006763507738, 0.1237325672, 0.08347841425,
      0.06134645567),
    loglik = -1132.43874588232
  ),
  faithful_mix2 = list(
    coef = c(-0.6260592192179, 2.018607817063, 4.273343421192,
      -1.445527422914, -0.8276775949602),
    error = c(0.1285752247, 0.0260742094, 0.03410979524, 0.09800199476,
      0.06203456049),
    loglik = -276.360040495734
  )
)

data_of <- function(name, package) {
  skip_if_not_installed(package)
  held <- new.env()
  utils::data(list = name, package = package, envir = held)
  held[[name]]
}

largest_error <- function(found, reference) {
  max(abs(unname(c(found)) / reference - 1))
}

expect_certified <- function(fit, name, map = identity) {
  reference <- certified[[name]]
  expect_true(fit$converged)
  expect_identical(fit$problems, list())
  expect_lt(largest_error(logLik(fit), reference$loglik), 1e-12)
  expect_lt(largest_error(map(coef(fit)), reference$coef), 1e-7)
  expect_lt(largest_error(map(sqrt(diag(vcov(fit)))), reference$error), 1e-6)
}

mroz <- function() {
  d <- data_of("PSID1976", "AER")
  d$nwincome <- d$fincome / 1000 - d$wage * d$hours / 1000
  d
}
mroz_regressors <- ~ nwincome + education + experience + I(experience^2) + age +
  youngkids + oldkids

test_that("probit, by pnorm() of the sign", {
  d <- mroz()
  X <- model.matrix(mroz_regressors, d)
  sign <- ifelse(d$participation == "yes", 1, -1)
  fit <- mle_fit(
    function(beta) pnorm(sign * drop(X %*% beta), log.p = TRUE),
    list(beta = numeric(8))
  )
  expect_certified(fit, "mroz_probit")
})

test_that("logit, by ifelse()", {
  d <- mroz()
  X <- model.matrix(mroz_regressors, d)
  works <- d$participation == "yes"
  fit <- mle_fit(
    function(beta) {
      p <- 1 / (1 + exp(-X %*% beta))
      ifelse(works, log(p), log(1 - p))
    },
    list(beta = numeric(8))
  )
  expect_certified(fit, "mroz_logit")
})

test_that("tobit: a mixture of density and probability", {
  d <- mroz()
  X <- model.matrix(mroz_regressors, d)
  y <- d$hours
  fit <- mle_fit(
    function(beta, log_sigma) {
      mu <- drop(X %*% beta)
      sigma <- exp(log_sigma)
      ll <- numeric(length(y))
      censored <- y == 0
      ll[censored] <- pnorm(0, mu[censored], sigma, log.p = TRUE)
      ll[!censored] <- dnorm(y[!censored], mu[!censored], sigma, log = TRUE)
      ll
    },
    list(beta = c(mean(y), numeric(7)), log_sigma = log(sd(y)))
  )
  expect_certified(fit, "mroz_tobit")
})

test_that("Poisson regression", {
  d <- data_of("RecreationDemand", "AER")
  X <- model.matrix(trips ~ ., d)
  fit <- mle_fit(
    function(beta) dpois(d$trips, exp(X %*% beta), log = TRUE),
    list(beta = numeric(8))
  )
  expect_certified(fit, "recdem_poisson")
})

test_that("negative binomial regression, by dnbinom() and by lgamma()", {
  d <- data_of("RecreationDemand", "AER")
  X <- model.matrix(trips ~ ., d)
  fit <- mle_fit(
    function(beta, log_theta) {
      dnbinom(d$trips, size = exp(log_theta), mu = exp(X %*% beta), log = TRUE)
    },
    list(beta = numeric(8), log_theta = 0)
  )
  expect_certified(fit, "recdem_negbin")

  d <- data_of("NMES1988", "AER")
  X <- model.matrix(
    ~ hospital + health + chronic + gender + school + insurance, d
  )
  fit <- mle_fit(
    function(beta, log_theta) {
      mu <- exp(drop(X %*% beta))
      theta <- exp(log_theta)
      with(d, lgamma(visits + theta) - lgamma(theta) - lgamma(visits + 1) +
             theta * log(theta / (theta + mu)) +
             visits * log(mu / (theta + mu)))
    },
    list(beta = c(log(mean(d$visits)), numeric(7)), log_theta = 0)
  )
  expect_certified(fit, "nmes_negbin")
})

test_that("ordered logit: thresholds by cumsum(), cells by a matrix index", {
  d <- data_of("wine", "ordinal")
  warm <- as.numeric(d$temp == "warm")
  contact <- as.numeric(d$contact == "yes")
  rating <- as.integer(d$rating)
  fit <- mle_fit(
    function(first, log_gaps, slopes) {
      threshold <- cumsum(c(first, exp(log_gaps)))
      eta <- slopes[1] * warm + slopes[2] * contact
      below <- cbind(0, plogis(outer(-eta, threshold, "+")), 1)
      rows <- seq_along(rating)
      log(below[cbind(rows, rating + 1)] - below[cbind(rows, rating)])
    },
    list(first = -1, log_gaps = numeric(3), slopes = numeric(2))
  )
  expect_certified(fit, "wine_ologit")
})

test_that("multinomial logit, with a matrix of coefficients", {
  d <- subset(data_of("BankWages", "AER"), gender == "male")
  X <- model.matrix(~ education + minority, d)
  job <- as.integer(d$job)
  fit <- mle_fit(
    function(B) {
      eta <- cbind(0, X %*% B)
      eta[cbind(seq_along(job), job)] - log(rowSums(exp(eta)))
    },
    list(B = matrix(0, 3, 2))
  )
  expect_certified(fit, "bankwages_mnl")
})

test_that("Weibull durations, by dweibull()", {
  d <- data_of("StrikeDuration", "AER")
  fit <- mle_fit(
    function(a, b, log_scale) {
      dweibull(duration, 1 / exp(log_scale), exp(a + b * uoutput), log = TRUE)
    },
    list(a = 1, b = 0, log_scale = 0), data = d
  )
  expect_certified(fit, "strike_weibull")
})

test_that("Weibull survival times with censoring and missing values", {
  skip_if_not_installed("survival")
  lung <- survival::lung
  fit <- mle_fit(
    function(b0, age_effect, sex_effect, ecog_effect, log_scale) {
      mu <- b0 + age_effect * age + sex_effect * sex + ecog_effect * ph.ecog
      z <- (log(time) - mu) / exp(log_scale)
      (status == 2) * (z - log_scale - log(time)) - exp(z)
    },
    list(b0 = 5, age_effect = 0, sex_effect = 0, ecog_effect = 0,
         log_scale = 0),
    data = lung, na.action = na.omit
  )
  expect_certified(fit, "lung_weibull")
  expect_identical(fit$nobs, sum(!is.na(lung$ph.ecog)))
})

test_that("every method comes to the same survival model", {
  skip_if_not_installed("survival")
  lung <- na.omit(survival::lung[c("time", "status", "age", "sex", "ph.ecog")])
  X <- model.matrix(~ age + sex + ph.ecog, lung)
  loglik <- function(beta, log_scale) {
    shape <- exp(-log_scale)
    scale <- exp(X %*% beta)
    ifelse(lung$status == 2,
           dweibull(lung$time, shape, scale, log = TRUE),
           pweibull(lung$time, shape, scale, lower = FALSE, log.p = TRUE))
  }
  for (method in c("newton", "bfgs", "lbfgs", "bhhh")) {
    fit <- mle_fit(loglik, list(beta = c(5, 0, 0, 0), log_scale = 0),
                   method = method)
    expect_certified(fit, "lung_weibull")
  }
})

mixture <- function(logit_w, m1, m2, log_s1, log_s2) {
  w <- plogis(logit_w)
  log(w * dnorm(eruptions, m1, exp(log_s1)) +
        (1 - w) * dnorm(eruptions, m2, exp(log_s2)))
}

test_that("a mixture of two normal distributions", {
  start <- list(logit_w = 0, m1 = 2, m2 = 4, log_s1 = -1, log_s2 = -1)
  fit <- mle_fit(mixture, start, data = faithful)
  expect_certified(fit, "faithful_mix2")
})

test_that("two equal components are a saddle point, which is left", {
  y <- faithful$eruptions
  m <- mean(y)
  log_s <- log(mean((y - m)^2)) / 2
  start <- list(logit_w = 0, m1 = m, m2 = m, log_s1 = log_s, log_s2 = log_s)
  for (method in c("newton", "bfgs", "lbfgs", "bhhh")) {
    fit <- mle_fit(mixture, start, data = faithful, method = method)
    expect_certified(fit, "faithful_mix2", function(v) {
      if (coef(fit)[["m1"]] < coef(fit)[["m2"]]) {
        return(v)
      }
      sign <- if (identical(v, coef(fit))) -1 else 1
      c(sign * v[[1]], v[c(3, 2, 5, 4)])
    })
  }
})

test_that("a component that closes in on one observation is no maximum", {
  # The density there is without bound.
  start <- list(logit_w = -4, m1 = faithful$eruptions[1],
                m2 = mean(faithful$eruptions), log_s1 = -6, log_s2 = 0)
  for (method in c("newton", "bfgs", "lbfgs", "bhhh")) {
    fit <- suppressWarnings(
      mle_fit(mixture, start, data = faithful, method = method)
    )
    expect_false(fit$converged)
    expect_true(is.na(vcov(fit)["log_s1", "log_s1"]))
  }
})

test_that("the same models by distribution objects", {
  d <- mroz()
  X <- model.matrix(mroz_regressors, d)
  fit <- mle_fit(
    function(beta, log_sigma) {
      mu <- drop(X %*% beta)
      log_density(censored(dnorm(mu, exp(log_sigma)), lower = 0), d$hours)
    },
    list(beta = c(mean(d$hours), numeric(7)), log_sigma = log(sd(d$hours)))
  )
  expect_certified(fit, "mroz_tobit")

  fit <- mle_fit(
    function(logit_w, m1, m2, log_s1, log_s2) {
      first <- distribution(dnorm(m1, exp(log_s1)))
      second <- distribution(dnorm(m2, exp(log_s2)))
      both <- admle::mixture(plogis(logit_w), first, second)
      log_density(both, eruptions)
    },
    list(logit_w = 0, m1 = 2, m2 = 4, log_s1 = -1, log_s2 = -1),
    data = faithful
  )
  expect_certified(fit, "faithful_mix2")

  d <- data_of("wine", "ordinal")
  X <- model.matrix(~ temp + contact, d)[, -1L]
  fit <- mle_fit(
    function(first, log_gaps, slopes) {
      thresholds <- cumsum(c(first, exp(log_gaps)))
      ordered <- distribution(dordered(drop(X %*% slopes), thresholds))
      log_density(ordered, d$rating)
    },
    list(first = -1, log_gaps = numeric(3), slopes = numeric(2))
  )
  expect_certified(fit, "wine_ologit")

  skip_if_not_installed("survival")
  lung <- na.omit(survival::lung[c("time", "status", "age", "sex", "ph.ecog")])
  X <- model.matrix(~ age + sex + ph.ecog, lung)
  y <- survival::Surv(lung$time, lung$status)
  fit <- mle_fit(
    function(beta, log_scale) {
      scale <- exp(drop(X %*% beta))
      log_density(distribution(dweibull(exp(-log_scale), scale)), y)
    },
    list(beta = c(5, 0, 0, 0), log_scale = 0)
  )
  expect_certified(fit, "lung_weibull")
})
