# Linear and nonlinear regression.

lm_estimates <- function(peer) c(coef(peer), sqrt(mean(resid(peer)^2)))

case("lm: mtcars",
  mle_fit(mpg ~ wt + hp, data = mtcars, adjust = TRUE),
  lm(mpg ~ wt + hp, data = mtcars), coefficients = lm_estimates
)

case("lm: Longley",
  mle_fit(Employed ~ ., data = longley, adjust = TRUE),
  lm(Employed ~ ., data = longley), coefficients = lm_estimates
)

# nls() reports expected information and divides by n - p. Compared are errors
# from the observed information, with the second derivatives of the curve by
# stats::deriv3() at the estimates of nls(), and the variance of maximum
# likelihood.
nls_errors <- function(peer) {
  b <- coef(peer)
  curve <- eval(deriv3(formula(peer)[[3L]], names(b)), as.list(b),
                peer$m$getEnv())
  slope <- attr(curve, "gradient")
  bend <- apply(attr(curve, "hessian"), 2:3, crossprod, resid(peer))
  scale <- sqrt(colSums(slope^2))
  information <- (crossprod(slope) - bend) / outer(scale, scale)
  sqrt(diag(solve(information)) * mean(resid(peer)^2)) / scale
}

nist <- list(
  Misra1a = list(y ~ b1 * (1 - exp(-b2 * x)), c(b1 = 250, b2 = 5e-4)),
  Chwirut2 = list(y ~ exp(-b1 * x) / (b2 + b3 * x),
                  c(b1 = 0.15, b2 = 0.008, b3 = 0.01)),
  DanWood = list(y ~ b1 * x^b2, c(b1 = 0.7, b2 = 4)),
  Eckerle4 = list(y ~ (b1 / b2) * exp(-0.5 * ((x - b3) / b2)^2),
                  c(b1 = 1.5, b2 = 5, b3 = 450)),
  Thurber = list(
    y ~ (b1 + b2 * x + b3 * x^2 + b4 * x^3) /
      (1 + b5 * x + b6 * x^2 + b7 * x^3),
    c(b1 = 1300, b2 = 1500, b3 = 500, b4 = 75, b5 = 1, b6 = 0.4, b7 = 0.05)
  )
)
for (name in names(nist)) {
  dataset <- as.name(if (name == "DanWood") "DanielWood" else name)
  curve <- nist[[name]][[1L]]
  start <- as.call(c(quote(c), as.list(nist[[name]][[2L]])))
  case(paste("nls: NIST", name),
    .(bquote(mle_fit(y ~ dnorm(.(curve[[3L]]), sigma), data = .(dataset),
                     start = .(start)))),
    .(bquote(nls(.(curve), data = .(dataset), start = .(start),
                 control = nls.control(tol = 1e-9, minFactor = 1e-9,
                                       maxiter = 500, warnOnly = TRUE)))),
    prepare = .(bquote(data(.(dataset), package = "NISTnls"))),
    needs = "NISTnls", coefficients = lm_estimates, errors = nls_errors,
    note = "errors: observed information at the estimates of nls()"
  )
}
