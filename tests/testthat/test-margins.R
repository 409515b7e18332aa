# Marginal effects against closed forms, and against differences of predict()
# of lm() and glm() with the delta method by hand.

margins_tolerance <- list(exact = 1e-10, fitted = 1e-6, differences = 1e-7)

converged <- glm.control(epsilon = 1e-15, maxit = 100)

# Six-point differences, of a function of one number or of each coefficient.
six_point <- function(f, h) {
  (45 * (f(h) - f(-h)) - 9 * (f(2 * h) - f(-2 * h)) + f(3 * h) - f(-3 * h)) /
    (60 * h)
}

# The average derivative and its error, from predictions of a reference fit.
average_slope <- function(reference, data, name, covariance,
                          weights = rep(1, nrow(data))) {
  mean_at <- function(model, shift) {
    data[[name]] <- data[[name]] + shift
    weighted.mean(predict(model, data, type = "response"), weights)
  }
  h <- 1e-3 * sd(data[[name]])
  slope <- function(model) six_point(function(s) mean_at(model, s), h)
  beta <- coef(reference)
  gradient <- vapply(seq_along(beta), function(j) {
    step <- 1e-2 * sqrt(covariance[j, j])
    six_point(function(s) {
      reference$coefficients[[j]] <- beta[[j]] + s
      slope(reference)
    }, step)
  }, 1)
  list(estimate = slope(reference),
       error = sqrt(drop(gradient %*% covariance %*% gradient)))
}

test_that("the average effect in a logit is the mean of p (1 - p) times b", {
  fit <- mle_fit(am ~ wt + hp, data = mtcars, family = binomial)
  X <- cbind(1, mtcars$wt, mtcars$hp)
  beta <- coef(fit)
  p <- drop(plogis(X %*% beta))
  own <- margins(fit)
  expect_equal(own$term, c("wt", "hp"))
  expect_equal(own$estimate, unname(mean(p * (1 - p)) * beta[2:3]),
               tolerance = margins_tolerance$exact)
  gradients <- t(sapply(2:3, function(j) {
    colMeans(p * (1 - p) * (1 - 2 * p) * X) * beta[[j]] +
      mean(p * (1 - p)) * (1:3 == j)
  }))
  covariance <- gradients %*% vcov(fit) %*% t(gradients)
  expect_equal(unname(vcov(own)), covariance,
               tolerance = margins_tolerance$exact)
  expect_equal(own$std.error, sqrt(diag(covariance)),
               tolerance = margins_tolerance$exact)
  expect_equal(own$p.value, 2 * pnorm(-abs(own$estimate / own$std.error)))
  expect_equal(own$conf.high, own$estimate + qnorm(0.975) * own$std.error)
  expect_equal(unname(coef(own)), own$estimate)
})

test_that("derivatives pass through terms, interactions and offsets", {
  d <- transform(mtcars, e = qsec / 10, cyl = factor(cyl))
  formulas <- list(
    mpg ~ poly(wt, 3) * cyl + hp, mpg ~ splines::ns(wt, 3) + hp,
    mpg ~ splines::bs(wt, df = 4, Boundary.knots = c(1, 6)),
    mpg ~ wt * hp + I(wt^2) + log(wt):cyl,
    mpg ~ wt:cyl + offset(wt^2 / 5),
    mpg ~ scale(wt):am + poly(wt, hp, degree = 2),
    mpg ~ poly(wt, 2, raw = TRUE), mpg ~ exp(wt / 3):log(wt) + pmax(wt, 3)
  )
  for (formula in formulas) {
    fit <- mle_fit(formula, data = d)
    reference <- lm(formula, d)
    k <- seq_along(coef(reference))
    expected <- average_slope(reference, d, "wt", vcov(fit)[k, k])
    own <- margins(fit, "wt")
    expect_equal(own$estimate, expected$estimate, label = deparse1(formula),
                 tolerance = margins_tolerance$differences)
    expect_equal(own$std.error, expected$error, label = deparse1(formula),
                 tolerance = margins_tolerance$differences)
  }
})

test_that("terms that can be recorded have exact derivatives", {
  x <- mtcars$wt
  slope <- function(expression) {
    variable_slope(expression, "wt", mtcars, globalenv(), sd(x))
  }
  expect_equal(slope(quote(I(wt^3))), 3 * x^2, tolerance = 1e-15)
  expect_equal(slope(quote(log(wt) * hp)), mtcars$hp / x, tolerance = 1e-15)
  learned <- attr(poly(x, 3), "coefs")
  orthogonal <- bquote(poly(wt, 3, coefs = .(learned)))
  # the polynomials are those of R, so their derivatives are the powers'
  powers <- outer(x, 0:3, `^`)
  coefficients <- qr.solve(powers, poly(x, 3))
  expect_equal(slope(orthogonal),
               cbind(0, 1, 2 * x, 3 * x^2) %*% coefficients,
               ignore_attr = TRUE, tolerance = margins_tolerance$exact)
})

test_that("differences for natural splines agree with those of B-splines", {
  knots <- c(2.5, 3.3)
  boundary <- c(1.5, 5.5)
  basis <- splines::ns(mtcars$wt, knots = knots, Boundary.knots = boundary)
  all_knots <- sort(c(rep(boundary, 4), knots))
  design <- splines::splineDesign(all_knots, mtcars$wt)
  slopes <- splines::splineDesign(all_knots, mtcars$wt, derivs = 1)
  expected <- slopes %*% qr.solve(design, unclass(basis))
  own <- variable_slope(
    bquote(splines::ns(wt, knots = .(knots), Boundary.knots = .(boundary))),
    "wt", mtcars, globalenv(), sd(mtcars$wt)
  )
  expect_equal(own, expected, ignore_attr = TRUE,
               tolerance = margins_tolerance$differences)
})

test_that("a Poisson model with weights, an offset and poly() is glm()'s", {
  d <- transform(warpbreaks, e = 1 + seq_along(breaks) / 20,
                 w = rep(1:3, length.out = 54))
  reference <- glm(breaks ~ wool * poly(e, 2), poisson, d, weights = w,
                   offset = log(e + 1) / 2, control = converged)
  fit <- mle_fit(breaks ~ wool * poly(e, 2), data = d, family = poisson,
                 weights = w, offset = log(e + 1) / 2)
  mu <- fitted(reference)
  X <- model.matrix(reference)
  expected <- sum(d$w * mu * six_point(function(h) {
    moved <- poly(d$e + h, 2, coefs = attr(reference$model[[3]], "coefs"))
    drop(model.matrix(~ d$wool * moved) %*% coef(reference))
  }, 1e-2)) / sum(d$w)
  expect_equal(margins(fit, "e")$estimate, expected,
               tolerance = margins_tolerance$fitted)
  levels <- lapply(c("A", "B"), function(level) {
    other <- transform(d, wool = factor(level, c("A", "B")))
    predict(reference, other, type = "response")
  })
  own <- margins(fit, "wool")
  expect_equal(own$contrast, "B - A")
  expect_equal(own$estimate, weighted.mean(levels[[2]] - levels[[1]], d$w),
               tolerance = margins_tolerance$fitted)
})

test_that("levels of factors, numbers, text and logicals are contrasted", {
  d <- transform(mtcars, text = ifelse(gear == 3, "three", "more"),
                 manual = am == 1)
  fit <- mle_fit(mpg ~ factor(cyl) * wt + text + manual, data = d)
  own <- margins(fit, c("cyl", "text", "manual"))
  expect_equal(own$contrast, c("6 - 4", "8 - 4", "three - more",
                               "TRUE - FALSE"))
  b <- coef(fit)
  interaction <- b[c("factor(cyl)6:wt", "factor(cyl)8:wt")]
  expect_equal(own$estimate[1:2], unname(
    b[c("factor(cyl)6", "factor(cyl)8")] + interaction * mean(d$wt)
  ), tolerance = margins_tolerance$exact)
  expect_equal(own$estimate[3:4], unname(b[c("textthree", "manualTRUE")]),
               tolerance = margins_tolerance$exact)
  expect_equal(own$std.error[3:4], tolerance = margins_tolerance$exact,
               unname(sqrt(diag(vcov(fit)))[c("textthree", "manualTRUE")]))
  turned <- mle_fit(mpg ~ factor(cyl, levels = c(8, 6, 4)), data = d)
  expect_equal(margins(turned)$contrast, c("6 - 8", "4 - 8"))
})

test_that("effects at points and in groups", {
  fit <- mle_fit(mpg ~ wt * hp + factor(cyl):wt, data = mtcars, adjust = TRUE)
  b <- coef(fit)
  slope <- function(hp, cyl) {
    unname(b["wt"] + b["wt:hp"] * hp + c(0, b["wt:factor(cyl)6"],
      b["wt:factor(cyl)8"])[match(cyl, c(4, 6, 8))])
  }
  own <- margins(fit, "wt", at = list(hp = c(100, 200), cyl = c(4, 8)))
  expect_equal(own$hp, c(100, 200, 100, 200))
  expect_equal(own$cyl, c(4, 4, 8, 8))
  expect_equal(own$estimate, slope(own$hp, own$cyl),
               tolerance = margins_tolerance$exact)
  half <- qt(0.95, df.residual(fit)) * own$std.error
  expect_equal(margins(fit, "wt", at = list(hp = c(100, 200), cyl = c(4, 8)),
                       level = 0.9)$conf.low, own$estimate - half)
  grouped <- margins(fit, "wt", by = c("am", "cyl"))
  each <- tapply(slope(mtcars$hp, mtcars$cyl), mtcars[c("cyl", "am")], mean)
  expect_equal(grouped$estimate, tolerance = margins_tolerance$exact,
               each[cbind(as.character(grouped$cyl), as.character(grouped$am))])
  expect_equal(margins(fit, "wt", at = "means")$estimate,
               slope(mean(mtcars$hp), 8), tolerance = margins_tolerance$exact)
  squared <- mle_fit(mpg ~ I(wt^2), data = mtcars)
  expect_equal(margins(squared, at = list(wt = 3))$estimate,
               unname(6 * coef(squared)[2]),
               tolerance = margins_tolerance$exact)
})

test_that("effects on the link, on parameters and on the mean of a density", {
  fit <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, log(sigma) ~ hp,
                 data = mtcars)
  link <- margins(fit, type = "link", parameter = "sigma")
  expect_equal(link$term, "hp")
  expect_equal(link$estimate, unname(coef(fit)["sigma_hp"]),
               tolerance = margins_tolerance$exact)
  expect_equal(link$std.error, sqrt(vcov(fit)["sigma_hp", "sigma_hp"]),
               tolerance = margins_tolerance$exact)
  sigma <- margins(fit, type = "parameter", parameter = "sigma")
  expect_equal(sigma$estimate, link$estimate *
    mean(predict(fit, type = "parameter", parameter = "sigma")),
    tolerance = margins_tolerance$exact)
  all <- margins(fit)
  expect_equal(all$estimate, c(unname(coef(fit)["wt"]), 0),
               tolerance = margins_tolerance$exact)
  expect_equal(is.na(all$statistic), c(FALSE, TRUE))
  # E(y) of a gamma variable is shape * scale
  d <- transform(mtcars, y = mpg)
  gamma <- mle_fit(y ~ dgamma(shape = shape, scale = scale), scale ~ 1,
                   log(shape) ~ wt, data = d)
  expect_equal(margins(gamma)$estimate, unname(coef(gamma)["shape_wt"]) *
    mean(predict(gamma)), tolerance = margins_tolerance$exact)
})

test_that("variables that the density uses itself have effects", {
  fit <- mle_fit(rate ~ dnorm(Vm * conc / (K + conc), sigma), data = Puromycin,
                 subset = state == "treated",
                 start = list(Vm = 200, K = 0.05))
  b <- coef(fit)
  conc <- Puromycin$conc[Puromycin$state == "treated"]
  K <- b[["K"]]
  expect_equal(margins(fit)$estimate, mean(b[["Vm"]] * K / (K + conc)^2),
               tolerance = margins_tolerance$exact)
  gradient <- c(mean(K / (K + conc)^2),
                mean(b[["Vm"]] * (conc - K) / (K + conc)^3))
  covariance <- vcov(fit)[c("Vm", "K"), c("Vm", "K")]
  expect_equal(margins(fit)$std.error,
               sqrt(drop(gradient %*% covariance %*% gradient)),
               tolerance = margins_tolerance$exact)
})

test_that("a variable that chooses elements of a parameter is contrasted", {
  d <- transform(mtcars, k = match(cyl, c(4, 6, 8)))
  fit <- mle_fit(mpg ~ dnorm(a[k] + b * wt, sigma), data = d,
                 start = list(a = c(30, 30, 30), b = -3))
  own <- margins(fit, "k")
  a <- coef(fit)[1:3]
  expect_equal(own$contrast, c("2 - 1", "3 - 1"))
  expect_equal(own$estimate, unname(a[2:3] - a[[1]]),
               tolerance = margins_tolerance$exact)
})

test_that("the effect in a tobit is the probability of no limit times b", {
  d <- transform(mtcars, y = pmin(pmax(mpg, 15), 28))
  fit <- mle_fit(y ~ censored(dnorm(mu, sigma), lower = 15, upper = 28),
                 mu ~ wt, data = d)
  b <- coef(fit)
  mu <- b[[1]] + b[[2]] * d$wt
  inside <- pnorm(28, mu, b[[3]]) - pnorm(15, mu, b[[3]])
  expect_equal(margins(fit)$estimate, b[[2]] * mean(inside),
               tolerance = margins_tolerance$exact)
})

test_that("rows left out, and variables outside of the data, are respected", {
  d <- transform(mtcars, wt = replace(wt, 3, NA))
  fit <- mle_fit(am ~ wt + I(wt^2), data = d, family = binomial,
                 subset = hp < 200, na.action = na.omit)
  kept <- subset(d, hp < 200 & !is.na(wt))
  same <- mle_fit(am ~ wt + I(wt^2), data = kept, family = binomial)
  expect_equal(as.data.frame(margins(fit)), as.data.frame(margins(same)),
               tolerance = margins_tolerance$fitted)
  am <- kept$am
  wt <- kept$wt
  outside <- mle_fit(am ~ wt + I(wt^2), family = binomial)
  expect_equal(margins(outside)$estimate, margins(same)$estimate)
})

test_that("any covariance", {
  fit <- mle_fit(am ~ wt, data = mtcars, family = binomial)
  robust <- vcov(fit, type = "sandwich")
  by_type <- margins(fit, vcov = "sandwich")$std.error
  expect_equal(margins(fit, vcov = robust)$std.error, by_type)
  expect_equal(margins(fit, vcov = function(fit) 4 * vcov(fit))$std.error,
               2 * margins(fit)$std.error)
  expect_false(isTRUE(all.equal(by_type, margins(fit)$std.error)))
})

test_that("margins are printed", {
  fit <- mle_fit(mpg ~ wt * factor(cyl), data = mtcars)
  expect_snapshot(margins(fit))
  expect_snapshot(margins(fit, "wt", by = "cyl", at = "means"))
  expect_snapshot(margins(fit, "cyl", at = list(wt = 2:3), type = "link"))
  expect_identical(class(as.data.frame(margins(fit))), "data.frame")
  expect_named(margins(fit), c("term", "contrast", "estimate", "std.error",
                               "statistic", "p.value", "conf.low", "conf.high"))
})

test_that("what cannot be answered is an error that says why", {
  fit <- mle_fit(mpg ~ wt + factor(cyl) + cut(hp, c(0, 150, 400)),
                 data = mtcars)
  density <- mle_fit(mpg ~ dnorm(mu, sigma), mu ~ wt, data = mtcars)
  ordered <- mle_fit(factor(gear) ~ dordered(eta, thresholds), eta ~ wt,
                     data = mtcars)
  plain <- mle_fit(function(m) dnorm(mtcars$mpg, m, 6, log = TRUE),
                   start = list(m = 20))
  expect_snapshot(error = TRUE, {
    margins(plain)
    margins(fit, "weight")
    margins(fit, "qsec")
    margins(fit, 1)
    margins(fit, "hp")
    margins(fit, "wt", at = list(cyl = 5))
    margins(fit, "wt", at = list(qsec = 15))
    margins(fit, "wt", at = list(wt = "a"))
    margins(fit, "wt", at = 3)
    margins(fit, "wt", by = "region")
    margins(fit, "wt", by = "cyl", at = list(cyl = 4))
    margins(fit, "wt", vcov = "white")
    margins(fit, "wt", level = 95)
    margins(density, type = "parameter", parameter = "sigma")
    margins(ordered)
  })
  for (call in list(quote(margins(plain)), quote(margins(ordered)),
                    quote(margins(fit, "hp")))) {
    expect_error(eval(call), class = "admle_error_unsupported")
  }
  expect_error(margins(fit, "weight"), class = "admle_error_argument")
  expect_equal(margins(fit, "wt", at = list(hp = 100))$estimate,
               unname(coef(fit)["wt"]))
})
