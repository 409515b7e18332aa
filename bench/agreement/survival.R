# Durations and censored or truncated outcomes.

# survreg() has errors of the logarithm of its scale: those of the coefficients
# are compared. `scale` turns its scale into admle's parameter.
survival_case <- function(dist, ours, scale = identity) {
  force(scale)
  peer <- bquote(survival::survreg(
    Surv(time, status) ~ age + sex, data = lung, dist = .(dist),
    control = survival::survreg.control(rel.tolerance = 1e-14, maxiter = 100)
  ))
  case(paste("survreg:", dist), .(ours), .(peer),
       prepare = {
         Surv <- survival::Surv
         lung <- survival::lung
       },
       coefficients = function(peer) c(coef(peer), scale(peer$scale)),
       errors = function(peer) reported_errors(peer)[1:3],
       needs = "survival")
}

survival_case("weibull", quote(
  mle_fit(Surv(time, status) ~ dweibull(shape, scale), log(scale) ~ age + sex,
          data = lung)
), function(s) 1 / s)
survival_case("exponential", quote(
  mle_fit(Surv(time, status) ~ dexp(1 / mean), log(mean) ~ age + sex,
          data = lung)
), function(s) NULL)
survival_case("lognormal", quote(
  mle_fit(Surv(time, status) ~ dlnorm(mu, sigma), mu ~ age + sex, data = lung)
))
survival_case("loglogistic", quote(
  mle_fit(Surv(time, status) ~ dllogis(shape, scale), log(scale) ~ age + sex,
          data = lung)
), function(s) 1 / s)
survival_case("gaussian", quote(
  mle_fit(Surv(time, status) ~ dnorm(mu, sigma), mu ~ age + sex, data = lung)
))

case("AER::tobit",
  mle_fit(affairs ~ censored(dnorm(mu, sigma), lower = 0),
          mu ~ age + yearsmarried + rating, data = Affairs),
  AER::tobit(affairs ~ age + yearsmarried + rating, data = Affairs,
             control = survival::survreg.control(rel.tolerance = 1e-14,
                                                 maxiter = 100)),
  prepare = data("Affairs", package = "AER"), needs = "AER",
  coefficients = function(peer) c(coef(peer), peer$scale),
  errors = function(peer) reported_errors(peer)[1:4]
)

case("truncreg",
  mle_fit(affairs ~ truncated(dnorm(mu, sigma), lower = 0.5),
          mu ~ age + yearsmarried + rating, data = Affairs,
          subset = affairs > 0),
  truncreg::truncreg(affairs ~ age + yearsmarried + rating, data = Affairs,
                     subset = affairs > 0, point = 0.5, direction = "left",
                     method = "NR", tol = 1e-15, gradtol = 1e-12),
  prepare = data("Affairs", package = "AER"), needs = c("truncreg", "AER")
)

case("sampleSelection: Heckman",
  mle_fit(cbind(wage, lfp) ~ dheckman(mu, sigma, seen, rho),
          seen ~ age + I(age^2) + faminc + kids + educ,
          mu ~ exper + I(exper^2) + educ + city, data = Mroz87),
  sampleSelection::selection(
    lfp ~ age + I(age^2) + faminc + kids + educ,
    wage ~ exper + I(exper^2) + educ + city, data = Mroz87,
    tol = 0, reltol = 0, gradtol = 1e-10, steptol = 0, iterlim = 500
  ),
  note = "a maximum with rho = -0.13; the one with rho = 0.99 is higher",
  prepare = {
    data("Mroz87", package = "sampleSelection")
    Mroz87 <- transform(Mroz87, kids = kids5 + kids618 > 0)
  },
  needs = "sampleSelection"
)
