# Maximum likelihood from a log-likelihood written in plain R, in six parts.
# Less than a minute; every number is computed while you watch.

library(admle)
old_options <- options(digits = 7, width = 79)

# 1. Derivatives ---------------------------------------------------------------
# A Cobb-Douglas production function. grad() returns a function, which can be
# differentiated again.

f <- function(x, y) x^0.8 * y^0.2
f_x <- grad(f)
f_y <- grad(f, "y")

by_admle <- c(
  f = f(2, 3), f_x = f_x(2, 3), f_y = f_y(2, 3),
  f_xx = grad(f_x)(2, 3), f_xy = grad(f_x, "y")(2, 3),
  f_yx = grad(f_y)(2, 3), f_yy = grad(f_y, "y")(2, 3)
)
by_hand <- with(list(x = 2, y = 3), c(
  x^0.8 * y^0.2, 0.8 * (y / x)^0.2, 0.2 * (x / y)^0.8,
  -0.16 * x^-1.2 * y^0.2, 0.16 * x^-0.2 * y^-0.8,
  0.16 * x^-0.2 * y^-0.8, -0.16 * x^0.8 * y^-1.8
))
print(cbind(by_admle, by_hand, difference = by_admle - by_hand), digits = 8)

# The same function of one vector: gradient and Hessian, with its names.
g <- function(v) v[["x"]]^0.8 * v[["y"]]^0.2
hessian(g)(c(x = 2, y = 3))

# 2. A regression, written as a likelihood -------------------------------------
# Fertility in 47 Swiss provinces in 1888. The function returns one term per
# province; its arguments are the parameters.

swiss_data <- list(
  fertility = swiss$Fertility, X = model.matrix(Fertility ~ ., swiss)
)
normal_regression <- function(beta, log_sigma) {
  dnorm(fertility, X %*% beta, exp(log_sigma), log = TRUE)
}
start <- list(
  beta = setNames(numeric(6), colnames(swiss_data$X)), log_sigma = 3
)
fit <- mle_fit(normal_regression, start, data = swiss_data)

# adjust = TRUE: degrees of freedom as in lm(), and the t distribution.
summary(fit, adjust = TRUE)

least_squares <- lm(Fertility ~ ., swiss)
coef(summary(least_squares))

# The largest relative difference between the two tables, column by column:
ours <- coef(summary(fit, adjust = TRUE))[1:6, ]
apply(abs(ours / coef(summary(least_squares)) - 1), 2, max)

# Standard errors that do not rely on equal variances (White's HC0):
bread <- solve(crossprod(swiss_data$X))
meat <- crossprod(swiss_data$X * residuals(least_squares))
robust <- cbind(
  model = sqrt(diag(vcov(fit)))[1:6],
  sandwich = sqrt(diag(vcov(fit, type = "sandwich")))[1:6],
  HC0_by_hand = sqrt(diag(bread %*% meat %*% bread))
)
robust

# 3. With and without automatic differentiation --------------------------------
# A regression with 5000 observations, 10 coefficients and log(sigma).

set.seed(1)
simulate_data <- function(k, sigma, n = 5000) {
  X <- cbind(1, matrix(rnorm(n * (k - 1), 10, 2), n))
  beta <- 2 * rnorm(k)
  list(X = X, beta = beta, y = drop(X %*% beta) + sigma * rnorm(n))
}
loglik <- function(beta, log_sigma) {
  dnorm(y, X %*% beta, exp(log_sigma), log = TRUE)
}
d <- simulate_data(10, sigma = 2)
ad <- mle_fit(loglik, list(beta = numeric(10), log_sigma = 0), data = d[-2])
ols <- lm(d$y ~ d$X - 1)

# Without: the same likelihood, one vector of parameters, for optim().
minus_loglik <- function(theta, d) {
  k <- ncol(d$X)
  -sum(dnorm(d$y, d$X %*% theta[1:k], exp(theta[k + 1]), log = TRUE))
}
calls <- 0
counted <- function(theta) {
  calls <<- calls + 1
  minus_loglik(theta, d)
}
numeric <- optim(numeric(11), counted, method = "BFGS", hessian = TRUE,
                 control = list(maxit = 1000))

# The estimates
data.frame(
  true = c(d$beta, log(2)), OLS = c(coef(ols), NA), admle = coef(ad),
  optim = numeric$par, row.names = names(coef(ad))
)

# Their standard errors, all three with n / (n - k)
errors <- data.frame(
  OLS = c(sqrt(diag(vcov(ols))), NA),
  admle = sqrt(diag(vcov(ad, adjust = TRUE))),
  optim = sqrt(diag(solve(numeric$hessian)) * 5000 / (5000 - 10)),
  row.names = names(coef(ad))
)
errors

# Where each stopped and believed that it had converged: the largest element of
# the gradient there, and the distance from OLS, which is the maximum, in
# standard errors. What it took: evaluations of the log-likelihood, gradients
# (each with a value), Hessians.
distance <- function(beta, ols) abs(beta - coef(ols)) / sqrt(diag(vcov(ols)))
off <- cbind(
  admle = distance(coef(ad)[1:10], ols),
  optim = distance(numeric$par[1:10], ols)
)
gradients <- cbind(ad$gradient, grad(minus_loglik)(numeric$par, d))
largest <- function(columns) format(apply(abs(columns), 2, max), digits = 2)
print(row.names = FALSE, data.frame(
  method = c("admle", "optim"),
  converged = c(ad$converged, numeric$convergence == 0),
  gradient = largest(gradients), distance = largest(off),
  values = c(ad$search$evaluations[["value"]], calls),
  gradients = c(ad$search$evaluations[["gradient"]], 0),
  Hessians = c(ad$search$evaluations[["hessian"]], 0)
))

# Run times in seconds, started at the true coefficients and log(sigma) = 1;
# admle's include the exact Hessian and standard errors, optim's do not. The
# last columns: optim against BFGS with exact gradients, and how far from the
# maximum optim stopped, in standard errors.
seconds <- function(run, times = 3) {
  min(replicate(times, system.time(run())[["elapsed"]]))
}
compare <- function(k) {
  d <- simulate_data(k, sigma = 1)
  start <- list(beta = d$beta, log_sigma = 1)
  ols <- lm(d$y ~ d$X - 1)
  found <- NULL
  fit <- function(method) mle_fit(loglik, start, d[-2], method = method)
  c(
    lm = seconds(function() lm(d$y ~ d$X - 1)),
    newton = seconds(function() fit("newton")),
    bfgs = seconds(function() fit("bfgs")),
    optim = seconds(times = 1, function() {
      found <<- optim(unlist(start), minus_loglik, d = d, method = "BFGS",
                      control = list(maxit = 1000))
    }),
    optim_off = max(distance(found$par[1:k], ols))
  )
}
sizes <- c(10, 50, 100)
times <- t(sapply(sizes, compare))
print(digits = 3, row.names = FALSE, data.frame(
  K = sizes, times[, 1:4], optim_to_bfgs = times[, "optim"] / times[, "bfgs"],
  optim_off = times[, "optim_off"]
))

# 4. Plain R: loops and branches -----------------------------------------------
# GARCH(1,1): daily returns of the DAX, 1991 to 1998, in percent. A loop.

dax <- as.numeric(100 * diff(log(EuStockMarkets[, "DAX"])))
garch_variance <- function(mu, omega, alpha, beta) {
  e2 <- (dax - mu)^2
  h <- numeric(length(dax))
  h[1] <- mean(e2)
  for (t in 2:length(dax)) {
    h[t] <- omega + alpha * e2[t - 1] + beta * h[t - 1]
  }
  h
}
garch <- function(mu, omega, alpha, beta) {
  dnorm(dax, mu, sqrt(garch_variance(mu, omega, alpha, beta)), log = TRUE)
}
volatility <- mle_fit(
  garch, list(mu = 0, omega = 0.1, alpha = 0.1, beta = 0.8), vcov = "sandwich"
)
summary(volatility)

# Bad news counts more. What is bad news depends on the parameter mu: an if.
leverage <- function(mu, omega, alpha, gamma, beta) {
  e <- dax - mu
  h <- numeric(length(dax))
  h[1] <- mean(e^2)
  for (t in 2:length(dax)) {
    news <- if (e[t - 1] < 0) alpha + gamma else alpha
    h[t] <- omega + news * e[t - 1]^2 + beta * h[t - 1]
  }
  dnorm(dax, mu, sqrt(h), log = TRUE)
}
asymmetric <- mle_fit(
  leverage, list(mu = 0, omega = 0.1, alpha = 0.1, gamma = 0, beta = 0.8)
)
coef(summary(asymmetric))

# When a branch goes the other way, the function is recorded again:
asymmetric$search$recordings

# A likelihood ratio test against the symmetric model
ratio <- 2 * as.numeric(logLik(asymmetric) - logLik(volatility))
c(chi_squared = ratio, p = pchisq(ratio, 1, lower.tail = FALSE))

# 5. How sure? -----------------------------------------------------------------
# A shock to the variance decays like (alpha + beta)^t. After how many days is
# half of it left? The delta method's interval is symmetric. The likelihood, by
# its profile, rules out a short half-life sooner than a long one.

half_life <- ~ log(0.5) / log(alpha + beta)
nlcom(volatility, half_life, vcov = "hessian")
confint(volatility, half_life, method = "profile")

# 578 weighings of 50 chicks: those of the same chick are not independent.
growth <- mle_fit(
  function(start, per_day, log_sigma) {
    dnorm(weight, start + per_day * Time, exp(log_sigma), log = TRUE)
  },
  start = list(start = 30, per_day = 5, log_sigma = 3), data = ChickWeight
)

# 999 samples of chicks, in each of which the likelihood is maximised again
resampling <- system.time(
  samples <- bootstrap(growth, R = 999, cluster = ~ Chick, seed = 1)
)
cbind(
  as_if_independent = sqrt(diag(vcov(growth))),
  clustered = sqrt(diag(vcov(growth, cluster = ~ Chick))),
  bootstrap = sqrt(diag(vcov(samples)))
)
resampling[["elapsed"]] # seconds

# 6. Mistakes ------------------------------------------------------------------

message_of <- function(code) {
  show <- function(e) {
    writeLines(strwrap(conditionMessage(e), 76, prefix = "  "))
  }
  tryCatch(code, error = show, warning = show)
  invisible()
}

# A misspelt parameter
message_of(mle_fit(
  function(mu, sigma) dnorm(dist, mu, sigma, log = TRUE),
  start = list(mu = 40, sgima = 20), data = cars
))

# A start outside of the domain
message_of(mle_fit(
  function(mu, sigma) dnorm(dist, mu, sigma, log = TRUE),
  start = list(mu = 40, sigma = -1), data = cars
))

# Missing values
message_of(mle_fit(
  function(mu, log_sigma) dnorm(Ozone, mu, exp(log_sigma), log = TRUE),
  start = list(mu = 40, log_sigma = 3), data = airquality
))

# Two parameters where the data tell of one
message_of(mle_fit(
  function(a, b, log_sigma) dnorm(dist, a + b, exp(log_sigma), log = TRUE),
  start = list(a = 40, b = 0, log_sigma = 3), data = cars
))

# The negative log-likelihood, a habit from optim()
message_of(mle_fit(
  function(mu, log_sigma) -dnorm(dist, mu, exp(log_sigma), log = TRUE),
  start = list(mu = 40, log_sigma = 3), data = cars
))

# What cannot be differentiated
message_of(mle_fit(
  function(mu, log_sigma) {
    noise <- rnorm(50)
    dnorm(dist, mu + noise, exp(log_sigma), log = TRUE)
  },
  start = list(mu = 40, log_sigma = 3), data = cars
))

# Pictures ---------------------------------------------------------------------

kind <- if (capabilities("png")) "png" else "pdf"
picture <- file.path(if (interactive()) tempdir() else getwd(),
                     paste0("admle-demo.", kind))
if (kind == "png") png(picture, 2250, 1200, res = 150) else pdf(picture, 15, 8)
par(mfrow = c(2, 3), mar = c(4, 4.5, 2.5, 1), las = 1)

grid <- seq(0.5, 5, length.out = 40)
par(pty = "s")
contour(grid, grid, outer(grid, grid, f), xlab = "x", ylab = "y",
        main = "x^0.8 y^0.2 and its gradient", col = "grey50")
at <- expand.grid(x = 1:4, y = 1:4)
arrows(at$x, at$y, at$x + 0.5 * mapply(f_x, at$x, at$y),
       at$y + 0.5 * mapply(f_y, at$x, at$y), length = 0.06)

par(pty = "m")
matplot(off, pch = c(19, 1), col = 1, log = "y", xlab = "coefficient",
        ylab = "", ylim = c(min(off), 1e3 * max(off)),
        main = "Distance from OLS in standard errors")
legend("topright", c("optim", "admle"), pch = c(1, 19), bty = "n")

matplot(sizes, times[, 1:4], type = "b", log = "xy", pch = 1:4, lty = 1:4,
        col = 1, xlab = "coefficients", ylab = "", xaxt = "n",
        main = "Seconds for a fit, N = 5000")
axis(1, sizes)
legend("topleft", c("lm", "admle, Newton", "admle, BFGS", "optim, BFGS"),
       pch = 1:4, lty = 1:4, bty = "n")

day <- time(EuStockMarkets)[-1]
mu <- coef(volatility)[["mu"]]
band <- 2 * sqrt(do.call(garch_variance, as.list(coef(volatility))))
plot(day, dax, type = "l", col = "grey60", xlab = "", ylab = "percent",
     main = "DAX returns and two conditional sd")
matlines(day, cbind(mu - band, mu + band), lty = 1, col = 1)

curve_of <- profile(volatility, half_life)[[1]]
days <- with(as.data.frame(curve_of$par.vals), log(0.5) / log(alpha + beta))
plot(days, -curve_of[[1]]^2 / 2, type = "b", log = "x",
     xlab = "half-life of a shock in days", ylab = "",
     main = "Profile log-likelihood, below its maximum")
abline(h = -qchisq(0.95, 1) / 2, lty = 2)

hist(samples$t[, "per_day"], 30, freq = FALSE, col = "grey85", border = "white",
     xlab = "grams a day", ylab = "", main = "999 samples of 50 chicks",
     xlim = c(7, 11), ylim = c(0, 1.8))
normal <- function(errors, type) {
  curve(dnorm(x, coef(growth)[["per_day"]], sqrt(errors["per_day", "per_day"])),
        add = TRUE, lty = type)
}
normal(vcov(growth, cluster = ~ Chick), 1)
normal(vcov(growth), 2)
legend("topright", c("clustered", "as if independent"), lty = 1:2, bty = "n")

invisible(dev.off())
options(old_options)
cat("Pictures:", picture, "\n")
