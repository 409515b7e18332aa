# Generalised linear models: every family with each of its links.

# What glm() reports is expected information and, where there is a dispersion,
# a moment estimate of it. Compared are the observed information at the
# coefficients of glm() and the likeliest dispersion given them: the deviance
# divided by n, for the gamma family the root of the score of the shape.
dispersion <- function(peer) {
  switch(peer$family$family,
    gaussian = , inverse.gaussian = deviance(peer) / nobs(peer),
    Gamma = 1 / gamma_shape(peer),
    1
  )
}

gamma_shape <- function(peer) {
  half <- deviance(peer) / (2 * nobs(peer))
  score <- function(log_shape) log_shape - digamma(exp(log_shape)) - half
  exp(uniroot(score, c(-10, 20), tol = 1e-15)$root)
}

glm_errors <- function(peer) {
  sqrt(diag(solve(observed_information(peer))) * dispersion(peer))
}

# With sigma or the shape.
glm_estimates <- function(peer) {
  c(coef(peer), switch(peer$family$family,
    gaussian = sqrt(dispersion(peer)),
    Gamma = , inverse.gaussian = 1 / dispersion(peer)
  ))
}

glm_loglik <- function(peer) {
  if (peer$family$family != "Gamma") return(logLik(peer))
  shape <- gamma_shape(peer)
  sum(dgamma(peer$y, shape, shape / fitted(peer), log = TRUE))
}

canonical <- c(gaussian = "identity", binomial = "logit", poisson = "log",
               Gamma = "inverse", inverse.gaussian = "1/mu^2")
notes <- c(
  gaussian = "dispersion: deviance / n",
  Gamma = "dispersion and log-likelihood: with the likeliest shape",
  inverse.gaussian = "dispersion: deviance / n"
)

family_case <- function(formula, data, family, title = "", extra = list(),
                        ...) {
  name <- as.character(family[[1L]])
  note <- notes[names(notes) == name]
  if (family[[2L]] != canonical[[name]]) {
    note <- c("errors: observed information", note)
  }
  ours <- bquote(mle_fit(.(formula), data = .(data), family = .(family)))
  peer <- bquote(glm(.(formula), data = .(data), family = .(family),
                     control = converged))
  peer[names(extra)] <- extra
  case(paste0("glm: ", deparse(family), title), .(ours), .(peer),
       coefficients = glm_estimates, errors = glm_errors, loglik = glm_loglik,
       note = paste(note, collapse = "; "), ...)
}

for (link in c("identity", "log", "inverse")) {
  # glm() asks for a start with these links.
  start <- list(start = bquote(coef(lm(make.link(.(link))$linkfun(mpg) ~ wt,
                                       data = mtcars))))
  family_case(mpg ~ wt, quote(mtcars), call("gaussian", link),
              extra = if (link != "identity") start)
}
for (link in c("logit", "probit", "cauchit", "cloglog")) {
  family_case(am ~ wt, quote(mtcars), call("binomial", link))
}
family_case(
  cbind(ncases, ncontrols) ~ unclass(alcgp), quote(esoph),
  call("binomial", "log"), ", two columns",
  extra = list(start = quote(c(-3, 0.4)))
)
family_case(cbind(ncases, ncontrols) ~ agegp + alcgp, quote(esoph),
            call("binomial", "logit"), ", two columns")
family_case(case ~ spontaneous + induced + education,
            quote(transform(infert, case = factor(case))),
            call("binomial", "logit"), ", a factor")
for (link in c("log", "identity", "sqrt")) {
  family_case(count ~ spray, quote(InsectSprays), call("poisson", link))
}
for (link in c("inverse", "identity", "log")) {
  family_case(mpg ~ wt, quote(mtcars), call("Gamma", link))
}
for (link in c("1/mu^2", "inverse", "identity", "log")) {
  family_case(mpg ~ wt, quote(mtcars), call("inverse.gaussian", link))
}
