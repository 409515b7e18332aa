# Masks of the stats package: moments, densities, distribution functions, and
# functions of R code that are recorded like helpers of the user's.
#' @include trace-masks.R
#' @include trace-masks-matrix.R
NULL

define_masks("stats",
  var = function(x, y = NULL, na.rm = FALSE, use) {
    if (is_traced(x) || is_traced(y)) {
      traced_var(x, y, na.rm, if (!missing(use)) use)
    } else if (missing(use)) {
      stats::var(x, y, na.rm)
    } else {
      stats::var(x, y, na.rm, use)
    }
  },
  cov = function(x, y = NULL, ...) {
    if (is_traced(x) || is_traced(y)) {
      traced_var(x, y)
    } else {
      stats::cov(x, y, ...)
    }
  },
  cor = function(x, y = NULL, ...) {
    if (is_traced(x) || is_traced(y)) {
      traced_var(x, y, correlation = TRUE)
    } else {
      stats::cor(x, y, ...)
    }
  },
  sd = function(x, na.rm = FALSE) {
    if (is_traced(x)) {
      sqrt(traced_var(flat(x), na.rm = na.rm))
    } else {
      stats::sd(x, na.rm)
    }
  },
  dmultinom = function(x, size = NULL, prob, log = FALSE) {
    if (is_traced(prob) || is_traced(x) || is_traced(log) || is_traced(size)) {
      traced_dmultinom(x, size, prob, log)
    } else {
      stats::dmultinom(x, size, prob, log)
    }
  }
)
distributions <- c(density_arguments, probability_arguments, quantile_arguments)
for (name in names(distributions)) {
  mask <- list(make_distribution_mask(name, distributions[[name]]))
  names(mask) <- name
  do.call(define_masks, c(list("stats"), mask))
}
rm(name, mask)

define_rewritten("stats",
  "mahalanobis", "cov2cor", "toeplitz", "embed", "weighted.mean", "ave",
  "SSasymp", "SSasympOff", "SSasympOrig", "SSbiexp", "SSfol", "SSfpl",
  "SSgompertz", "SSlogis", "SSmicmen", "SSweibull"
)

define_masks("methods",
  kronecker = mask_table[["base::kronecker"]],
  as = function(object, Class, ...) {
    if (!is_traced(object)) {
      return(methods::as(object, Class, ...))
    }
    if (!Class %in% c("numeric", "double")) {
      unsupported(
        sprintf("as() to \"%s\"", Class), "Keep the values as numbers."
      )
    }
    flat(object)
  }
)
