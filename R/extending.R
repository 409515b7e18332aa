# The page that says how to add to admle.

#' Extending admle
#'
#' What admle has of functions, links, parameter types and covariance matrices
#' can be added to from outside, in a script or in a package.
#'
#' * **Functions.** A helper written in plain R needs nothing: it is recorded
#'   when the likelihood calls it, and differentiated with it. A function that
#'   calls compiled code, searches or looks something up cannot be recorded;
#'   with [with_derivative()] it is given the rule for its derivative.
#' * **Links.** After [link()] its name is the left-hand side of formulas, as in
#'   `name(mu) ~ x`, and its result a link for R's families.
#' * **Parameter types.** [parameter_type()] makes a function like [positive()],
#'   for starting values.
#' * **Covariance types.** After [covariance_type()] its name is a type of
#'   [vcov.mle_fit()] and of all arguments `vcov`.
#'
#' Links and covariance types hold for the session. A package registers them
#' when it is loaded, in its `.onLoad()`. A fit that was saved keeps its links
#' and parameter types; a covariance type has to be registered again.
#'
#' A density needs no registration either: any function `dname(x, ..., log)` can
#' be the right-hand side of a model, see [mle_fit()].
#'
#' @name extending
#' @examples
#' ## A function that is recorded as it is, and one that is not
#' # log(1 + exp(x)) without overflow
#' softplus <- function(x) pmax(x, 0) + log1p(exp(-abs(x)))
#' grad(softplus)(2) # plogis(2)
#' # The log-integral is found by a search; its derivative is known.
#' log_integral <- with_derivative(
#'   function(a) {
#'     sapply(a, function(a) {
#'       log(integrate(function(t) exp(a * t - t^4), -Inf, Inf)$value)
#'     })
#'   },
#'   vjp = function(a, u) u * quartic_mean(a)
#' )
#' quartic_mean <- with_derivative(
#'   function(a) quartic_moment(a, 1),
#'   vjp = function(a, u) u * (quartic_moment(a, 2) - quartic_moment(a, 1)^2)
#' )
#' quartic_moment <- function(a, power) {
#'   sapply(a, function(a) {
#'     density <- function(t) exp(a * t - t^4)
#'     integrate(function(t) t^power * density(t), -Inf, Inf)$value /
#'       integrate(density, -Inf, Inf)$value
#'   })
#' }
#' quartic <- c(-0.6, 0.1, 0.9, 0.4, 0.7, -0.2, 0.5, 0.8)
#' quartic_fit <- mle_fit(
#'   function(a) a * quartic - quartic^4 - log_integral(a),
#'   start = list(a = 0)
#' )
#' coef(summary(quartic_fit))
#' # at the maximum the mean is that of the data
#' quartic_mean(coef(quartic_fit)) - mean(quartic)
#'
#' ## A link
#' # the logistic function to the power of two: a skewed logit
#' skewed <- link("skewed", function(p) qlogis(sqrt(p)),
#'                function(eta) plogis(eta)^2, range = c(0, 1))
#' skewed_fit <- mle_fit(am ~ dbinom(1, p), skewed(p) ~ wt, data = mtcars)
#' skewed_family <- mle_fit(am ~ wt, data = mtcars, family = binomial(skewed))
#' skewed_glm <- glm(am ~ wt, binomial(skewed), mtcars)
#' cbind(coef(skewed_fit), coef(skewed_family), coef(skewed_glm))
#'
#' ## A parameter type
#' # the coefficients of a stationary autoregression of order two, by the
#' # partial autocorrelations
#' stationary <- parameter_type(
#'   "stationary",
#'   constrain = function(theta) {
#'     partial <- tanh(theta)
#'     c(partial[1] * (1 - partial[2]), partial[2])
#'   },
#'   unconstrain = function(phi) atanh(c(phi[1] / (1 - phi[2]), phi[2])),
#'   check = function(phi) {
#'     if (length(phi) != 2 || abs(phi[2]) >= 1 || abs(phi[1]) >= 1 - phi[2]) {
#'       "is not that of a stationary autoregression of order two"
#'     }
#'   },
#'   lower = c(-2, -1), upper = c(2, 1), edges = c(-1, 1)
#' )
#' level <- c(LakeHuron)
#' now <- 3:98
#' lake_loglik <- function(mu, phi, sigma) {
#'   before <- phi[1] * (level[now - 1] - mu) + phi[2] * (level[now - 2] - mu)
#'   dnorm(level[now], mu + before, sigma, log = TRUE)
#' }
#' lake_fit <- mle_fit(lake_loglik, start = list(
#'   mu = 579, phi = stationary(c(0.5, 0)), sigma = positive(1)
#' ))
#' confint(lake_fit)
#'
#' ## A covariance type
#' # Scores that are summed in blocks of neighbouring rows.
#' covariance_type(
#'   "blocks",
#'   meat = function(scores, settings) {
#'     block <- (seq_len(nrow(scores)) - 1) %/% settings$length
#'     crossprod(rowsum(scores, block))
#'   },
#'   settings = "length",
#'   text = function(settings) {
#'     sprintf("sandwich, scores summed in blocks of %d", settings$length)
#'   }
#' )
#' blocks_fit <- mle_fit(weight ~ Time, data = ChickWeight,
#'                       vcov = vcov_spec("blocks", length = 12))
#' summary(blocks_fit)
#' vcov(blocks_fit, "blocks", length = 6)
#' # A whole matrix: the model-based one, times the dispersion
#' covariance_type(
#'   "dispersed",
#'   covariance = function(fit, settings) {
#'     dispersion <- sum(residuals(fit, type = "pearson")^2) /
#'       (nobs(fit) - length(coef(fit)))
#'     dispersion * vcov(fit, "hessian")
#'   },
#'   text = "inverse of the negative Hessian, times the dispersion"
#' )
#' spray_fit <- mle_fit(count ~ spray, data = InsectSprays, family = poisson)
#' summary(spray_fit, vcov = "dispersed")
NULL
