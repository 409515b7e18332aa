# Categories, choices, and a random intercept.

case("ordinal::clm",
  mle_fit(rating ~ dordered(eta, thresholds), eta ~ temp + contact,
          data = wine),
  ordinal::clm(rating ~ temp + contact, data = wine,
               control = ordinal::clm.control(gradTol = 1e-12)),
  prepare = data("wine", package = "ordinal"), needs = "ordinal",
  coefficients = function(peer) coef(peer)[c(5:6, 1:4)],
  errors = function(peer) reported_errors(peer)[c(5:6, 1:4)]
)

case("MASS::polr",
  mle_fit(Sat ~ dordered(eta, thresholds), eta ~ Infl + Type + Cont,
          data = housing, weights = Freq),
  MASS::polr(Sat ~ Infl + Type + Cont, data = housing, weights = Freq,
             Hess = TRUE, control = list(reltol = 1e-15, maxit = 1000)),
  prepare = data("housing", package = "MASS"), needs = "MASS",
  coefficients = function(peer) c(coef(peer), peer$zeta),
  note = "errors of the peer: optim()'s differences"
)

case("nnet::multinom",
  mle_fit(job ~ dcategorical(eta), eta ~ education + minority, data = men),
  nnet::multinom(job ~ education + minority, data = men, trace = FALSE,
                 reltol = 1e-15, abstol = 0, maxit = 10000),
  prepare = {
    data("BankWages", package = "AER")
    men <- subset(BankWages, gender == "male")
  },
  needs = c("nnet", "AER"), coefficients = function(peer) c(t(coef(peer)))
)

case("survival::clogit",
  mle_fit(case ~ dconditional(eta, stratum), eta ~ spontaneous + induced - 1,
          data = infert),
  clogit(case ~ spontaneous + induced + strata(stratum), data = infert,
         control = coxph.control(eps = 1e-14, iter.max = 100)),
  prepare = library(survival), needs = "survival"
)

case("survival::clogit: fishing modes",
  mle_fit(chosen ~ dconditional(eta, id), eta ~ price + catch - 1,
          data = choices),
  clogit(chosen ~ price + catch + strata(id), data = choices,
         control = coxph.control(eps = 1e-14, iter.max = 100)),
  prepare = {
    library(survival)
    data("Fishing", package = "mlogit")
    choices <- reshape(Fishing, direction = "long", varying = 2:9,
                       timevar = "alternative")
    choices$chosen <- choices$mode == choices$alternative
  },
  needs = c("survival", "mlogit")
)

glmer_estimates <- function(peer) {
  c(lme4::fixef(peer), sqrt(unlist(lme4::VarCorr(peer))))
}

# The integral over the intercept by stats::integrate().
glmer_errors <- function(peer) {
  X <- lme4::getME(peer, "X")
  sign <- 2 * lme4::getME(peer, "y") - 1
  groups <- split(seq_along(sign), lme4::getME(peer, "flist")[[1L]])
  loglik <- function(b) {
    eta <- drop(X %*% b[-4L])
    sum(log(vapply(groups, function(rows) {
      inside <- function(u) {
        index <- sign[rows] * outer(eta[rows], b[[4L]] * u, "+")
        exp(colSums(plogis(index, log.p = TRUE))) * dnorm(u)
      }
      integrate(inside, -10, 10, rel.tol = 1e-12)$value
    }, 0)))
  }
  errors <- sqrt(diag(as.matrix(vcov(peer))))
  difference_errors(loglik, glmer_estimates(peer), c(errors, 0.4))
}

case("lme4::glmer: random intercept",
  mle_fit(
    function(beta, sigma) {
      eta <- beta[1] + beta[2] * (trt != "placebo") + beta[3] * week
      sign <- ifelse(y == "y", 1, -1)
      integrate_normal(function(u) {
        plogis(sign * (eta + sigma * u), log.p = TRUE)
      }, ID, n = 25)
    },
    start = list(beta = c(1, 0, 0), sigma = positive(1)),
    data = as.list(bacteria)
  ),
  lme4::glmer(y ~ I(trt != "placebo") + week + (1 | ID), data = bacteria,
              family = binomial, nAGQ = 25,
              control = lme4::glmerControl(optimizer = "bobyqa",
                                           optCtrl = list(rhoend = 1e-10))),
  prepare = data("bacteria", package = "MASS"),
  needs = c("lme4", "MASS", "numDeriv"),
  coefficients = glmer_estimates, errors = glmer_errors,
  note = paste0("both with 25 nodes; ", by_differences)
)
