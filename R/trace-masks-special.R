# Masks of special functions: Bessel functions; binomial coefficients, whose k
# may depend on parameters too; quantile functions of counts, which are steps.
#' @include trace-masks.R
NULL

# The scaled forms are the operations: without a derivative in x and the order.
bessel_mask <- function(name, factor) {
  original <- call("::", quote(base), as.name(name))
  op <- paste0("bessel_", tolower(substring(name, 7L)), "_scaled")
  eval(bquote(function(x, nu, expon.scaled = FALSE) {
    check_plain(expon.scaled = expon.scaled)
    if (!is_traced(x) && !is_traced(nu)) {
      return(.(original)(x, nu, expon.scaled))
    }
    out <- traced_function(.(op), list(x, nu, 0, 0), kind_number)
    if (isTRUE(as.logical(expon.scaled))) out else exp(.(factor) * x) * out
  }))
}

define_masks("base",
  besselI = bessel_mask("besselI", 1),
  besselK = bessel_mask("besselK", -1),
  besselJ = function(x, nu) {
    if (!is_traced(x) && !is_traced(nu)) {
      return(base::besselJ(x, nu))
    }
    traced_function("bessel_j_order", list(x, nu, 0), kind_number)
  },
  besselY = function(x, nu) {
    if (!is_traced(x) && !is_traced(nu)) {
      return(base::besselY(x, nu))
    }
    traced_function("bessel_y_order", list(x, nu, 0), kind_number)
  }
)

choose_mask <- function(name) {
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(n, k) {
    if (are_continued(list(k))) {
      traced_function(.(paste0(name, "_continuous")), list(n, k), kind_number)
    } else if (is_traced(n) || is_traced(k)) {
      traced_function(.(name), list(n, k), kind_number)
    } else {
      .(original)(n, k)
    }
  }))
}
define_masks("base",
  choose = choose_mask("choose"), lchoose = choose_mask("lchoose")
)

# What has no derivative that says anything: constant between jumps.
step_mask <- function(name) {
  original <- call("::", quote(stats), as.name(name))
  eval(bquote(function(...) {
    if (contains_traced(list(...))) {
      unsupported(.(paste0(name, "() of parameters jumps from one count to the",
                           " next and is constant between")),
        "Use the quantile of a continuous distribution, or the probabilities.")
    }
    .(original)(...)
  }))
}
count_quantiles <- c("qpois", "qbinom", "qnbinom", "qgeom", "qhyper")
do.call(define_masks, c(list("stats"), stats::setNames(
  lapply(count_quantiles, step_mask), count_quantiles
)))
