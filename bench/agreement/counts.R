# Counts and rates.

# glm.nb() reports errors for a known theta, the others optim()'s differences of
# three digits. Compared are better differences of the log-likelihoods.

case("MASS::glm.nb",
  mle_fit(Days ~ dnbinom(size, mu = mu), log(mu) ~ Eth * Lrn, data = quine),
  MASS::glm.nb(Days ~ Eth * Lrn, data = quine, control = converged),
  prepare = data("quine", package = "MASS"), needs = c("MASS", "numDeriv"),
  coefficients = function(peer) c(coef(peer), peer$theta),
  errors = function(peer) {
    X <- model.matrix(peer)
    loglik <- function(b) {
      mu <- exp(drop(X %*% b[-ncol(X) - 1]))
      sum(dnbinom(peer$y, b[[ncol(X) + 1]], mu = mu, log = TRUE))
    }
    difference_errors(loglik, c(coef(peer), peer$theta),
                      c(reported_errors(peer), peer$SE.theta))
  },
  note = by_differences
)

# `density` is a function of the count, its mean and the probability of the
# part of zeros.
count_errors <- function(density) {
  force(density)
  function(peer) {
    X <- model.matrix(peer, "count")
    Z <- model.matrix(peer, "zero")
    count <- seq_len(ncol(X))
    loglik <- function(b) {
      sum(log(density(peer$y, exp(drop(X %*% b[count])),
                      plogis(drop(Z %*% b[-count])))))
    }
    difference_errors(loglik, coef(peer), reported_errors(peer))
  }
}

case("pscl::zeroinfl",
  mle_fit(art ~ zero_inflated(dpois(mu), pi), log(mu) ~ ., logit(pi) ~ .,
          data = bioChemists),
  pscl::zeroinfl(art ~ . | ., data = bioChemists, reltol = 1e-15),
  prepare = data("bioChemists", package = "pscl"),
  needs = c("pscl", "numDeriv"),
  errors = count_errors(function(y, mu, p) p * (y == 0) + (1 - p) *
                          dpois(y, mu)),
  note = by_differences
)

case("pscl::hurdle",
  mle_fit(art ~ hurdle(dpois(mu), pi), log(mu) ~ ., logit(pi) ~ .,
          data = bioChemists),
  pscl::hurdle(art ~ . | ., data = bioChemists, reltol = 1e-15),
  prepare = data("bioChemists", package = "pscl"),
  needs = c("pscl", "numDeriv"),
  errors = count_errors(function(y, mu, p) {
    ifelse(y == 0, 1 - p, p * dpois(y, mu) / (1 - exp(-mu)))
  }),
  note = by_differences
)

case("betareg",
  mle_fit(yield ~ dbetar(mu, phi), logit(mu) ~ batch + temp,
          data = GasolineYield),
  betareg::betareg(yield ~ batch + temp, data = GasolineYield,
                   control = betareg::betareg.control(fstol = 1e-14,
                                                      reltol = 1e-15)),
  prepare = data("GasolineYield", package = "betareg"),
  needs = c("betareg", "numDeriv"),
  errors = function(peer) {
    X <- model.matrix(peer)
    loglik <- function(b) {
      phi <- b[[ncol(X) + 1]]
      mu <- plogis(drop(X %*% b[seq_len(ncol(X))]))
      sum(dbeta(peer$y, mu * phi, (1 - mu) * phi, log = TRUE))
    }
    difference_errors(loglik, coef(peer), reported_errors(peer))
  },
  note = by_differences
)
