# `vcov()` of a fit.

#' Covariance matrix of the estimate
#'
#' @param object A fit by [mle_fit()].
#' @param type Which covariance, see below; by default that of the fit, its
#'   argument `vcov`. Also a formula of clusters, or a type with settings by
#'   [vcov_spec()].
#' @param cluster Clusters of observations that may be correlated: a formula,
#'   `~ firm`, `~ firm + year` (two ways) or `~ firm:year` (combinations); names
#'   of columns of the data; or a vector, list or data frame. With a robust type
#'   or none it makes the covariance clustered.
#' @param complete Whether coefficients that are `NA` because their columns are
#'   explained by others have rows and columns of `NA`, as in [stats::vcov()].
#' @param adjust The small-sample adjustment, see below. The default is that of
#'   the fit.
#' @param parm Names or numbers of coefficients: only their covariances are
#'   made. With thousands of coefficients the whole matrix takes long, and
#'   above 5,000 it is refused.
#' @param ... Settings of the type, see below.
#'
#' @section Types:
#' With the Hessian \eqn{H} and the matrix of scores \eqn{S}, a row for each
#' observation:
#' * `"hessian"` (`"oim"`, `"observed"`): the inverse of the observed
#'   information, \eqn{-H^{-1}}.
#' * `"expected"` (`"eim"`): the inverse of the expected information at the
#'   estimate, given the explanatory variables. Families have it as a formula.
#'   Of other models given as formulas it is the mean of the negative Hessians
#'   at `simulations` (100) responses drawn from the fit with `seed` (1), which
#'   the summary says. A likelihood written as a function has none.
#' * `"opg"`: the inverse of the outer product of the scores, \eqn{(S'S)^{-1}}.
#' * `"sandwich"` (`"robust"`, `"HC0"`): \eqn{H^{-1} S'S H^{-1}}, valid under
#'   misspecification (White 1982). `"HC1"`: times n / (n - k).
#' * `"cluster"`, with `cluster`: the scores are summed within clusters. With
#'   several ways of clustering, the products of pairs of ways are subtracted,
#'   those of triples added, ... (Cameron, Gelbach and Miller 2011).
#' * `"hac"`, for autocorrelated scores: all pairs of observations, weighted by
#'   `kernel`: `"quadratic-spectral"` (the default), `"bartlett"`, `"parzen"`,
#'   `"tukey-hanning"` or `"truncated"`. `bandwidth`: a number, or `"andrews"`
#'   (the default; Andrews 1991, first-order autoregressions) or `"newey-west"`
#'   (Newey and West 1994). Or `lag`, a number of lags, which stands for a
#'   bandwidth of lag + 1 (`"truncated"`: lag). Automatic bandwidths leave out
#'   the scores of `(Intercept)`. `prewhite`: `TRUE`, or the order of the vector
#'   autoregression; by default there is none. `time`: a variable that orders
#'   the observations; without it they are in order. `unit`: the units of a
#'   panel, as in `unit = ~ firm, time = ~ year`. Then pairs are of one unit
#'   only, and their distance is in the order of its observations. Then the
#'   kernel is Bartlett's unless another is given, and without `lag` or
#'   `bandwidth` there are as many lags as the integer part of the fourth root
#'   of the largest number of observations of a unit.
#' * `"newey-west"`: the same with the Bartlett kernel and, without `lag`, the
#'   integer part of the automatic bandwidth as number of lags.
#' * `"driscoll-kraay"`, for panels that are correlated within periods and over
#'   time: the scores of each period are summed, then weighted as above.
#'   `time`: the period. `kernel`: `"bartlett"` or another. `lag`: a number, or
#'   the integer part of the fourth root of the number of periods (`"NW1987"`,
#'   the default) or of 4 (periods / 100)^(2/9) (`"NW1994"`); or a `bandwidth`.
#' * `"conley"`, for correlation in space: pairs of observations that are closer
#'   than `cutoff`. `coordinates`: `~ latitude + longitude`, in degrees, with
#'   `distance = "haversine"` (great circles, `cutoff` in km; the default), or
#'   any with `distance = "euclidean"`. `kernel`: `"bartlett"` (weights fall
#'   linearly to zero at the cutoff; the default) or `"uniform"`.
#' * `"stacked"` (with `cluster` or without) and `"murphy-topel"`: of a fit that
#'   uses the estimates of another, see [two_step].
#' * `"bootstrap"` and `"jackknife"`: by resampling. The arguments of
#'   [bootstrap()] are settings of the first. The second leaves out one
#'   observation, or one of the `cluster`s, after the other: (G - 1) / G times
#'   the sum of squares and products of the G estimates about their `"mean"`
#'   (`center`, or about the `"estimate"`; Efron and Stein 1981). By default,
#'   these are one Newton step from the estimate, with the Hessian of the
#'   others; with `exact = TRUE` the model is fitted again. There is no
#'   jackknife where the model is not identified without one of them. A fit with
#'   `vcov = "bootstrap"` keeps a seed, which is drawn when it is made: its
#'   replications are always the same.
#'
#' A type that is named does not take over the settings of a fit that was made
#' with another: the bootstrap of a fit with a clustered covariance draws
#' observations, unless it is given `cluster`. The summary says what was drawn.
#'
#' Stata's `vce(robust)` of likelihood models multiplies the sandwich by
#' n / (n - 1): that is `"cluster"` with each observation its own cluster.
#'
#' @section Small-sample adjustment:
#' With `adjust` the covariance is multiplied by n / (n - k), and tests and
#' intervals use the t distribution with n - k degrees of freedom; n is the
#' number of observations, and k, for
#' * `TRUE`: the number of identified free parameters without *dispersion*
#'   parameters. A parameter is one if the estimates of all others do not depend
#'   on it, while its own estimate depends on theirs, like the (log) standard
#'   deviation of a normal regression or the shape of a gamma regression. This
#'   is found out from the scores at displaced values of the parameters.
#'   `summary()` says what was found. For a normal linear model, the result is
#'   that of [lm()];
#' * names (of arguments or coefficients): the number of the identified free
#'   parameters without these;
#' * a number: `adjust` itself is n - k, the residual degrees of freedom.
#'
#' `"HC1"` has this factor also without `adjust`, and then the normal
#' distribution. What resampling gives is not multiplied.
#'
#' @section Clusters:
#' Each term of a clustered covariance is multiplied by G / (G - 1), for the
#' number of its clusters G. This is what Stata does for likelihood models, and
#' `sandwich::vcovCL()`. `cadjust = FALSE` omits the factor, `cadjust = "min"`
#' takes the smallest G for all terms. With `adjust` there is also the factor
#' (n - 1) / (n - k) of Stata's linear regression and of `vcovCL(type = "HC1")`,
#' and tests use the t distribution with G - 1 degrees of freedom, G being that
#' of the way with the fewest clusters. `df = "clusters"` uses this t
#' distribution without that factor; a number `df` any other, `Inf` the normal.
#'
#' Combining several ways, or a spatial kernel, can give a matrix that is not
#' positive semi-definite. Then its negative eigenvalues, in units of the
#' standard errors of `"hessian"`, are set to zero, and the summary says so.
#' `fix = FALSE` leaves the matrix as it is. The truncated and the
#' Tukey-Hanning kernel can give such a matrix too; it is left as it is.
#'
#' Variables are looked up in the data of the fit, in the rows in use, then
#' where the formula was written. A missing value is an error that names the
#' rows. Where an observation is a choice among several rows
#' ([dconditional()]), a variable may have a value for each row, the same for
#' all of a choice. Of other likelihoods whose contributions are sums over
#' groups of rows, a value for each group is needed, in their order.
#'
#' The scores add up to zero, so that G clusters give a matrix of rank G - 1 at
#' most. As many clusters as parameters, or fewer, are a warning of class
#' `admle_warning_clusters`; so are as few periods of `"driscoll-kraay"`.
#'
#' @section Weights:
#' A weight multiplies the contribution to the log-likelihood and so its score.
#' `"hessian"`, `"expected"` and `"opg"` take a weight for a frequency: a weight
#' of 2 is the same as two equal observations. The middle of the `"sandwich"`
#' and of all that follow it is made of the weighted scores, which takes it for
#' one observation that counts twice (a sampling weight).
#'
#' @section Not identified:
#' Where the log-likelihood has no curvature along some direction, the rows and
#' columns of the parameters that take part in it are `NA`. Those of the others
#' do not depend on how the direction is resolved, and are computed. Where the
#' Hessian is not negative definite all are `NA`.
#'
#' @section Declared parameters and constraints:
#' The covariance is made for the numbers that the optimiser moved (`theta` of
#' the fit) and carried to the coefficients by the derivative of the map between
#' them (delta method). It is singular where there are more coefficients than
#' free numbers: a [simplex()], linear constraints.
#'
#' @return A symmetric matrix, names and order as in `coef(object)`, or as in
#'   `parm`.
#'
#'   Errors: `admle_error_argument` for settings, clusters and other variables
#'   that cannot be used, `admle_error_data` where these are missing, and
#'   `admle_error_unsupported` for what the likelihood does not have: scores,
#'   where its total cannot be split, or an expected information.
#' @references
#' Andrews (1991), Heteroskedasticity and autocorrelation consistent covariance
#' matrix estimation, *Econometrica* 59, 817-858.
#'
#' Cameron, Gelbach and Miller (2011), Robust inference with multiway
#' clustering, *Journal of Business and Economic Statistics* 29, 238-249.
#'
#' Conley (1999), GMM estimation with cross sectional dependence, *Journal of
#' Econometrics* 92, 1-45.
#'
#' Driscoll and Kraay (1998), Consistent covariance matrix estimation with
#' spatially dependent panel data, *Review of Economics and Statistics* 80,
#' 549-560.
#'
#' Efron and Stein (1981), The jackknife estimate of variance, *Annals of
#' Statistics* 9, 586-596.
#'
#' Newey and West (1987), A simple, positive semi-definite, heteroskedasticity
#' and autocorrelation consistent covariance matrix, *Econometrica* 55, 703-708.
#'
#' Newey and West (1994), Automatic lag selection in covariance matrix
#' estimation, *Review of Economic Studies* 61, 631-653.
#'
#' White (1982), Maximum likelihood estimation of misspecified models,
#' *Econometrica* 50, 1-25.
#'
#' Zeileis (2006), Object-oriented computation of sandwich estimators, *Journal
#' of Statistical Software* 16(9).
#' @seealso [vcov_spec()], [covariance_choice]
#' @examples
#' fit <- mle_fit(weight ~ Time + Diet, data = ChickWeight)
#' sqrt(diag(vcov(fit)))
#' sqrt(diag(vcov(fit, type = "HC1")))
#' # weighings of the same chick are not independent
#' sqrt(diag(vcov(fit, cluster = ~ Chick)))
#' summary(fit, vcov = ~ Chick, adjust = TRUE)
#'
#' yearly <- data.frame(trapped = c(lynx)[-1], before = log(c(lynx)[-114]))
#' lynxes <- mle_fit(trapped ~ before, data = yearly, family = poisson)
#' sqrt(diag(vcov(lynxes, "newey-west", lag = 4)))
#' @export
vcov.mle_fit <- function(object, type = NULL, cluster = NULL,
                         adjust = object$adjust, complete = TRUE, parm = NULL,
                         ...) {
  check_renamed(list(...), "type")
  made <- covariance_made(object, type, adjust, cluster = cluster,
                          argument = "type", parm = parm, ...)
  covariance <- plain_covariance(made$matrix)
  if (isTRUE(complete) && is.null(parm)) {
    covariance <- covariance_with_aliased(covariance, object)
  }
  covariance
}
