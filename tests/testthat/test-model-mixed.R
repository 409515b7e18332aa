# Random effects in formulas, against lme4 and derivatives by differences.

expect_peer <- function(fit, peer, tolerance = 1e-4) {
  testthat::expect_gt(fit$loglik, as.numeric(logLik(peer)) - 1e-6)
  testthat::expect_lt(fit$loglik, as.numeric(logLik(peer)) + 1e-3)
  testthat::expect_equal(unname(fixef(fit)), unname(lme4::fixef(peer)),
                         tolerance = tolerance)
  testthat::expect_equal(as.data.frame(VarCorr(fit))$sdcor,
                         as.data.frame(lme4::VarCorr(peer))$sdcor,
                         tolerance = 10 * tolerance)
}

test_that("normal models have the values of lmer()", {
  skip_if_not_installed("lme4")
  sleep <- lme4::sleepstudy
  f <- Reaction ~ Days + (Days | Subject)
  ml <- mle_fit(f, data = sleep)
  expect_equal(ml$loglik, -875.969672, tolerance = 1e-9)
  expect_peer(ml, lme4::lmer(f, sleep, REML = FALSE))
  reml <- mle_fit(f, data = sleep, REML = TRUE)
  expect_equal(reml$loglik, -871.814136, tolerance = 1e-9)
  peer <- lme4::lmer(f, sleep)
  expect_peer(reml, peer)
  expect_equal(fixef(reml, se = TRUE)[["Std. Error"]],
               unname(sqrt(diag(as.matrix(vcov(peer))))), tolerance = 1e-4)
  crossed <- diameter ~ 1 + (1 | plate) + (1 | sample)
  expect_peer(mle_fit(crossed, data = lme4::Penicillin),
              lme4::lmer(crossed, lme4::Penicillin, REML = FALSE))
  free <- Reaction ~ Days + (Days || Subject)
  expect_equal(mle_fit(free, data = sleep)$loglik,
               as.numeric(logLik(lme4::lmer(free, sleep, REML = FALSE))),
               tolerance = 1e-9)
})

test_that("nested groups and slopes of factors are those of lmer()", {
  skip_if_not_installed("lme4")
  nested <- strength ~ 1 + (1 | batch / cask)
  fit <- mle_fit(nested, data = lme4::Pastes)
  peer <- lme4::lmer(nested, lme4::Pastes, REML = FALSE)
  expect_equal(fit$loglik, as.numeric(logLik(peer)), tolerance = 1e-9)
  expect_setequal(names(ranef(fit)), names(lme4::ranef(peer)))
  expect_setequal(rownames(ranef(fit)[["cask:batch"]]),
                  rownames(lme4::ranef(peer)[["cask:batch"]]))
  machines <- as.data.frame(nlme::Machines)
  machines$Worker <- factor(machines$Worker, ordered = FALSE)
  f <- score ~ Machine + (Machine | Worker)
  fit <- mle_fit(f, data = machines)
  peer <- suppressMessages(lme4::lmer(f, machines, REML = FALSE))
  expect_equal(fit$loglik, as.numeric(logLik(peer)), tolerance = 1e-7)
  expect_equal(names(coef(fit))[8:10], c(
    "cor_Worker_(Intercept)_MachineB", "cor_Worker_(Intercept)_MachineC",
    "cor_Worker_MachineB_MachineC"
  ))
  expect_equal(as.matrix(ranef(fit)$Worker),
               as.matrix(lme4::ranef(peer)$Worker), tolerance = 1e-3)
})

test_that("generalised models have the values of glmer() and no less", {
  skip_if_not_installed("lme4")
  f <- cbind(incidence, size - incidence) ~ period + (1 | herd)
  fit <- mle_fit(f, data = lme4::cbpp, family = binomial)
  expect_equal(fit$loglik, -92.02628, tolerance = 1e-7)
  peer <- lme4::glmer(f, lme4::cbpp, family = binomial)
  expect_peer(fit, peer, 1e-3)
  expect_equal(unname(fitted(fit)), unname(fitted(peer)), tolerance = 1e-3)
  expect_equal(
    mle_fit(f, data = lme4::cbpp, family = binomial,
            integration = agq(25))$loglik, -91.98336904, tolerance = 1e-7
  )
  ticks <- transform(lme4::grouseticks, height = HEIGHT - mean(HEIGHT))
  f <- TICKS ~ YEAR + height + (1 | BROOD) + (1 | INDEX) + (1 | LOCATION)
  expect_gte(mle_fit(f, data = ticks, family = poisson)$loglik, -890.27135)
})

test_that("standard errors are those of differences of the gradient", {
  skip_if_not_installed("lme4")
  fit <- mle_fit(cbind(incidence, size - incidence) ~ period + (1 | herd),
                 data = lme4::cbpp, family = binomial)
  g <- grad(function(p) sum(fit$fn(p[1:4], p[5])))
  at <- unname(coef(fit))
  H <- vapply(1:5, function(i) {
    h <- replace(numeric(5), i, 1e-3)
    (8 * (g(at + h) - g(at - h)) - (g(at + 2 * h) - g(at - 2 * h))) / 12e-3
  }, numeric(5))
  expect_equal(unname(sqrt(diag(solve(-H)))), unname(sqrt(diag(vcov(fit)))),
               tolerance = 1e-6)
})

test_that("survival times, counts and scales have random effects", {
  skip_if_not_installed("survival")
  fit <- mle_fit(survival::Surv(time, status) ~ dweibull(shape, scale),
                 log(scale) ~ age + sex + (1 | id),
                 data = survival::kidney, integration = agq(15))
  expect_equal(fit$loglik, -333.030184, tolerance = 1e-8)
  skip_if_not_installed("lme4")
  sleep <- lme4::sleepstudy
  both <- mle_fit(Reaction ~ Days + (1 | Subject),
                  log(sigma) ~ 1 + (1 | Subject), data = sleep)
  expect_equal(names(coef(both)), c(
    "(Intercept)", "Days", "sigma_(Intercept)", "sd_Subject_(Intercept)",
    "sigma_sd_Subject_(Intercept)"
  ))
  expect_named(ranef(both), c("Subject", "sigma_Subject"))
  by_hand <- mle_fit(function(b, log_sigma, sd, sd_sigma, u, v) {
    c(dnorm(Reaction, b[1] + b[2] * Days + sd * u[Subject],
            exp(log_sigma + sd_sigma * v[Subject]), log = TRUE),
      dnorm(u, log = TRUE), dnorm(v, log = TRUE))
  }, list(b = c(250, 10), log_sigma = 3, sd = positive(30),
          sd_sigma = positive(0.5), u = numeric(18), v = numeric(18)),
  data = sleep, random = c("u", "v"))
  expect_equal(both$loglik, by_hand$loglik, tolerance = 1e-10)
  expect_equal(unname(vcov(both)), unname(vcov(by_hand)), tolerance = 1e-4)
})

test_that("effects have conditional errors with those of the parameters", {
  skip_if_not_installed("lme4")
  sleep <- lme4::sleepstudy
  fit <- mle_fit(Reaction ~ Days + (Days | Subject), data = sleep)
  long <- as.data.frame(ranef(fit))
  expect_named(long, c("grpvar", "term", "grp", "condval", "condsd"))
  held <- as.data.frame(ranef(mle_fit(
    Reaction ~ Days + (Days | Subject), data = sleep,
    fixed = as.list(coef(fit)[3:6])
  )))
  peer <- lme4::lmer(Reaction ~ Days + (Days | Subject), sleep, REML = FALSE)
  known <- as.data.frame(lme4::ranef(peer))
  expect_equal(long$condval, known$condval, tolerance = 1e-4)
  expect_true(all(held$condsd > known$condsd & held$condsd < long$condsd))
  by_group <- coef(fit, group = "Subject")
  expect_equal(as.matrix(by_group), as.matrix(coef(peer)$Subject),
               tolerance = 1e-4)
  first <- predict(fit, data.frame(Days = 0, Subject = "308"), se.fit = TRUE)
  expect_equal(unname(first$fit), by_group["308", 1], tolerance = 1e-10)
})

test_that("predictions are with or without effects, and name new levels", {
  skip_if_not_installed("lme4")
  sleep <- lme4::sleepstudy
  f <- Reaction ~ Days + (Days | Subject)
  fit <- mle_fit(f, data = sleep)
  peer <- lme4::lmer(f, sleep, REML = FALSE)
  expect_equal(predict(fit), predict(peer), tolerance = 1e-5)
  expect_equal(predict(fit, re.form = NA), predict(peer, re.form = NA),
               tolerance = 1e-5)
  expect_equal(unname(residuals(fit)), unname(residuals(peer)),
               tolerance = 1e-4)
  new <- data.frame(Days = c(1, 2), Subject = c("308", "nobody"))
  expect_error(predict(fit, new), "nobody", class = "admle_error_data")
  expect_equal(
    unname(predict(fit, new, allow.new.levels = TRUE)),
    unname(c(predict(fit)[[2]], predict(fit, new, re.form = ~0)[[2]]))
  )
  expect_error(predict(fit, new["Days"]), "grouping `Subject`",
               class = "admle_error_data")
  expect_error(predict(fit, re.form = ~(1 | Subject)),
               class = "admle_error_argument")
  # The error at known parameters of a normal model is that of its covariance.
  fit <- mle_fit(Reaction ~ 1 + (1 | Subject), data = sleep, fixed = list(
    sigma = 30, `sd_Subject_(Intercept)` = 40
  ))
  Z <- model.matrix(~ 0 + Subject, sleep)
  X <- cbind(1, Z)
  C <- solve(crossprod(X) / 900 + diag(c(0, rep(1 / 1600, 18))))
  expect_equal(unname(predict(fit, se.fit = TRUE)$se.fit),
               unname(sqrt(rowSums((X %*% C) * X))), tolerance = 1e-8)
  expect_equal(as.data.frame(ranef(fit))$condsd, unname(sqrt(diag(C))[-1]),
               tolerance = 1e-8)
})

test_that("simulated responses have new effects", {
  skip_if_not_installed("lme4")
  fit <- mle_fit(Reaction ~ 1 + (1 | Subject), data = lme4::sleepstudy)
  drawn <- simulate(fit, 400, seed = 1)
  expect_equal(drawn, simulate(fit, 400, seed = 1))
  between <- apply(drawn, 2, function(y) {
    var(tapply(y, lme4::sleepstudy$Subject, mean))
  })
  sd <- coef(fit)[["sd_Subject_(Intercept)"]]
  expected <- sd^2 + coef(fit)[["sigma"]]^2 / 10
  expect_lt(abs(mean(between) / expected - 1), 5 * sqrt(2 / 17 / 400))
  same <- simulate(fit, 400, seed = 1, re.form = NULL)
  expect_lt(max(abs(rowMeans(same) - fitted(fit))),
            5 * coef(fit)[["sigma"]] / 20)
})

test_that("weights multiply rows, and a fit can be of a subset", {
  skip_if_not_installed("lme4")
  sleep <- lme4::sleepstudy
  sleep$w <- rep(c(2, 1, 0), 60)
  weighted <- mle_fit(Reaction ~ dnorm(mu, sigma), mu ~ Days + (1 | Subject),
                      data = sleep, weights = w)
  repeated <- mle_fit(Reaction ~ dnorm(mu, sigma), mu ~ Days + (1 | Subject),
                      data = sleep[rep(1:180, sleep$w), ])
  expect_equal(weighted$loglik, repeated$loglik, tolerance = 1e-10)
  expect_equal(vcov(weighted), vcov(repeated), tolerance = 1e-6)
  expect_identical(as.numeric(nobs(weighted)), 120)
  expect_equal(
    coef(mle_fit(Reaction ~ Days + (1 | Subject), data = sleep,
                 subset = Days > 1)),
    coef(mle_fit(Reaction ~ Days + (1 | Subject),
                 data = sleep[sleep$Days > 1, ])), tolerance = 1e-8
  )
})

test_that("a variance of zero and a correlation of one are boundaries", {
  skip_if_not_installed("lme4")
  expect_warning(
    fit <- mle_fit(Yield ~ 1 + (1 | Batch), data = lme4::Dyestuff2),
    class = "admle_warning_boundary"
  )
  plain <- mle_fit(Yield ~ 1, data = lme4::Dyestuff2)
  expect_equal(fit$loglik, plain$loglik, tolerance = 1e-9)
  expect_equal(vcov(fit)[1:2, 1:2], vcov(plain), tolerance = 1e-6)
  sleep <- transform(lme4::sleepstudy, third = factor(Days %% 3))
  expect_warning(expect_warning(
    fit <- mle_fit(Reaction ~ Days + (0 + third | Subject), data = sleep),
    class = "admle_warning_boundary"
  ), class = "admle_warning_boundary")
  expect_true(all(is.finite(ranef(fit, se = FALSE)$Subject$third1)))
})

test_that("what cannot be is told", {
  skip_if_not_installed("lme4")
  sleep <- transform(lme4::sleepstudy, same = 1,
                     number = as.integer(as.character(Subject)))
  fit_of <- function(formula, ...) mle_fit(formula, data = sleep, ...)
  expect_error(fit_of(Reaction ~ Days + (1 | nobody)), "nobody",
               class = "admle_error_data")
  expect_error(fit_of(Reaction ~ Days * (1 | Subject)), "must be added",
               class = "admle_error_argument")
  expect_error(fit_of(Reaction ~ Days + (1 | same)), "one level only",
               class = "admle_error_data")
  expect_error(fit_of(Reaction ~ Days + (1 | number + same)), "several terms",
               class = "admle_error_argument")
  expect_error(fit_of(Reaction ~ Days, REML = TRUE),
               class = "admle_error_argument")
  expect_error(fit_of(Reaction ~ Days + (1 | Subject), bias = "firth"),
               class = "admle_error_unsupported")
  expect_equal(fit_of(Reaction ~ Days + (1 | number))$loglik,
               fit_of(Reaction ~ Days + (1 | Subject))$loglik)
  sleep$Subject[c(3, 50)] <- NA
  expect_identical(as.numeric(nobs(fit_of(Reaction ~ Days + (1 | Subject)))),
                   178)
})

test_that("fits with random effects are updated, compared and described", {
  skip_if_not_installed("lme4")
  fit <- mle_fit(Reaction ~ Days + (Days | Subject), data = lme4::sleepstudy)
  expect_equal(formula(fit), Reaction ~ Days + (Days | Subject),
               ignore_formula_env = TRUE)
  expect_equal(attr(terms(fit), "term.labels"), "Days")
  expect_named(model.frame(fit), c("Reaction", "Days", "Subject"))
  small <- update(fit, . ~ Days + (1 | Subject))
  table <- anova(small, fit)
  expect_equal(table$LR[[2]], 2 * (fit$loglik - small$loglik))
  expect_equal(sigma(fit), coef(fit)[["sigma"]])
  expect_output(print(VarCorr(fit)), "Residual")
  expect_output(print(fit), "\\(Days \\| Subject\\) with 18 groups")
  copy <- unserialize(serialize(fit, NULL))
  expect_equal(predict(copy), predict(fit))
})

test_that("restricted likelihoods of different coefficients are not compared", {
  skip_if_not_installed("lme4")
  sleep <- lme4::sleepstudy
  small <- mle_fit(Reaction ~ 1 + (1 | Subject), data = sleep, REML = TRUE)
  large <- mle_fit(Reaction ~ Days + (1 | Subject), data = sleep, REML = TRUE)
  expect_error(anova(small, large), "REML = FALSE",
               class = "admle_error_argument")
  slopes <- update(large, . ~ Days + (Days | Subject))
  expect_equal(anova(large, slopes)$LR[[2]],
               2 * (slopes$loglik - large$loglik))
  expect_equal(predict(slopes), predict(lme4::lmer(
    Reaction ~ Days + (Days | Subject), sleep
  )), tolerance = 1e-5)
})

test_that("rows that are left out are left out of the effects", {
  o <- as.data.frame(nlme::Orthodont)
  early <- o$age < 14
  for (restricted in c(FALSE, TRUE)) {
    part <- mle_fit(distance ~ age + (1 | Subject), data = o, subset = early,
                    REML = restricted)
    alone <- mle_fit(distance ~ age + (1 | Subject), data = o[early, ],
                     REML = restricted)
    expect_equal(fixef(part, se = TRUE), fixef(alone, se = TRUE),
                 tolerance = 1e-8)
    expect_equal(as.data.frame(ranef(part)), as.data.frame(ranef(alone)),
                 tolerance = 1e-8)
    expect_equal(unname(fitted(part)), unname(fitted(alone)), tolerance = 1e-8)
  }
})

test_that("effects of a factor response are predicted", {
  set.seed(1)
  d <- data.frame(x = rnorm(200), a = rep(1:20, 10))
  p <- plogis(d$x + rnorm(20)[d$a])
  d$b <- factor(ifelse(runif(200) < p, "y", "n"))
  fit <- mle_fit(b ~ x + (1 | a), d, family = binomial)
  numbers <- mle_fit(z ~ x + (1 | a), transform(d, z = as.numeric(b == "y")),
                     family = binomial)
  expect_equal(unname(fitted(fit)), unname(fitted(numbers)), tolerance = 1e-8)
  expect_error(vcov(fit, "expected"), "not made")
  expect_error(hatvalues(fit), "Leverage")
})

test_that("a slope far from zero is told", {
  set.seed(1)
  d <- data.frame(a = rep(1:20, each = 10), year = rep(2001:2010, 20))
  d$y <- rnorm(20)[d$a] + rnorm(200)
  told <- character()
  withCallingHandlers(
    mle_fit(y ~ year + (year | a), data = d), warning = function(w) {
      told <<- c(told, conditionMessage(w))
      invokeRestart("muffleWarning")
    }
  )
  expect_match(gsub("\\s+", " ", told), "Center it", all = FALSE)
})
