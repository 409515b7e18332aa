# Gauss-Kronrod rules on intervals that are halved where they are not yet
# accurate, as in QUADPACK, whose code integrate() calls (Piessens, de
# Doncker-Kapenga, Ueberhuber and Kahaner 1983, QUADPACK, Springer): 21 nodes
# for a finite range, and for an infinite one 15 after its transformation to
# (0, 1].
NULL

# The nodes that are not negative, with their weights; `gauss`: the weights of
# the embedded rule, at every second node.
kronrod_tables <- list(
  "21" = list(
    nodes = c(
      0.995657163025808080735527280689003, 0.973906528517171720077964012084452,
      0.930157491355708226001207180059508, 0.865063366688984510732096688423493,
      0.780817726586416897063717578345042, 0.679409568299024406234327365114874,
      0.562757134668604683339000099272694, 0.433395394129247190799265943165784,
      0.294392862701460198131126603103866, 0.148874338981631210884826001129720,
      0
    ),
    weights = c(
      0.011694638867371874278064396062192, 0.032558162307964727478818972459390,
      0.054755896574351996031381300244580, 0.075039674810919952767043140916190,
      0.093125454583697605535065465083366, 0.109387158802297641899210590325805,
      0.123491976262065851077958109585166, 0.134709217311473325928054001771707,
      0.142775938577060080797094273138717, 0.147739104901338491374841515972068,
      0.149445554002916905664936468389821
    ),
    gauss = c(
      0.066671344308688137593568809893332, 0.149451349150580593145863397657697,
      0.219086362515982043995534934228163, 0.269266719309996355091226921569469,
      0.295524224714752870173815619188769
    )
  ),
  "15" = list(
    nodes = c(
      0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
      0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
      0.586087235467691130294144545693050, 0.405845151377397166906606412076961,
      0.207784955007898467600689403773245, 0
    ),
    weights = c(
      0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
      0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
      0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
      0.204432940075298892414161999234649, 0.209482141084727828012999174891714
    ),
    gauss = c(
      0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
      0.381830050505118944950369775488975, 0.417959183673469387755102040816327
    )
  )
)

# On (0, 1), in increasing order: `nodes`, `weights`, and `gauss`, which has
# zeros where the embedded rule has no node.
kronrod_rule <- function(n) {
  table <- kronrod_tables[[as.character(n)]]
  half <- (n + 1L) %/% 2L
  gauss <- numeric(half)
  gauss[seq(2L, half, by = 2L)] <- table$gauss
  mirrored <- function(x, sign = 1) c(sign * x, rev(x[-half]))
  list(nodes = (1 + mirrored(table$nodes, -1)) / 2,
       weights = mirrored(table$weights) / 2, gauss = mirrored(gauss) / 2)
}

kronrod_rules <- list(finite = kronrod_rule(21L), infinite = kronrod_rule(15L))

# The range of an integral as a map from (0, 1]: at(s) are the points, slope(s)
# the derivative; `lower` and `upper` may be traced. A range without ends is
# folded at zero: `mirror`, the integrand is f(x) + f(-x).
integral_range <- function(lower, upper) {
  infinite <- is.infinite(unlist(trace_value(list(lower = lower,
                                                  upper = upper))))
  tail <- function(s) (1 - s) / s
  if (!any(infinite)) {
    list(rule = kronrod_rules$finite, mirror = FALSE,
         at = function(s) lower + (upper - lower) * s,
         slope = function(s) upper - lower)
  } else {
    list(rule = kronrod_rules$infinite, mirror = all(infinite),
         at = if (all(infinite)) tail
              else if (infinite[["upper"]]) function(s) lower + tail(s)
              else function(s) upper - tail(s),
         slope = function(s) 1 / s^2)
  }
}

# What integrals are exact to, relative to their value, and at best relative to
# that of the absolute integrand; most intervals.
integral_tolerance <- 1e-10
integral_rounding <- 1e-14
most_intervals <- 200L

# Intervals of (0, 1) on which the rule is accurate for the columns of `f`, a
# function of one interval's nodes in (0, 1): the integrand, and perhaps a
# derivative of it, whose integral may well be zero. -> list(begin, width,
# error, enough, accurate): the error of the integral and what was aimed at;
# whether all columns reach that.
adapted_intervals <- function(f, rule) {
  begin <- 0
  width <- 1
  found <- as.matrix(interval_sums(f, rule, 0, 1))
  m <- nrow(found) %/% 3L
  repeat {
    total <- matrix(rowSums(found), m)
    scale <- c(abs(total[1L, 1L]), total[-1L, 2L])
    enough <- pmax(integral_tolerance * scale, integral_rounding * total[, 2L],
                   .Machine$double.xmin)
    shares <- found[2L * m + seq_len(m), , drop = FALSE] / enough
    worst <- (which.max(shares) - 1L) %/% m + 1L
    done <- !all(is.finite(shares)) || all(total[, 3L] <= enough) ||
      length(begin) >= most_intervals ||
      width[[worst]] < 4 * .Machine$double.eps * max(begin[[worst]], 1e-290)
    if (done) break
    half <- width[[worst]] / 2
    begin <- c(begin, begin[[worst]] + half)
    width[[worst]] <- half
    width <- c(width, half)
    found[, worst] <- interval_sums(f, rule, begin[[worst]], half)
    found <- cbind(found, interval_sums(f, rule, begin[[length(begin)]], half))
  }
  order <- order(begin)
  list(begin = begin[order], width = width[order], error = total[[1L, 3L]],
       enough = enough[[1L]], accurate = isTRUE(all(total[, 3L] <= enough)))
}

# Whether f jumps inside of (0, 1). Where it does intervals have been halved, so
# that one begins next to it; there values stay as unlike each other as before
# however near.
jumps_between <- function(f, rule, intervals, near = c(1e-6, 1e-9)) {
  unlike <- function(begin, near) {
    diff(range(f(begin + near * (rule$nodes - 0.5))))
  }
  any(vapply(intervals$begin[-1L], function(begin) {
    far <- unlike(begin, near[[1L]])
    isTRUE(far > 0) && isTRUE(unlike(begin, near[[2L]]) > far / 2)
  }, NA))
}

interval_nodes <- function(intervals, rule) {
  each <- length(rule$nodes)
  rep(intervals$begin, each = each) + rep(intervals$width, each = each) *
    rule$nodes
}

# By column of f: the integral over one interval, that of the absolute
# integrand, and QUADPACK's estimate of the error, one after the other.
interval_sums <- function(f, rule, begin, width) {
  values <- f(begin + width * rule$nodes) * width
  if (is.null(dim(values))) dim(values) <- c(length(values), 1L)
  along <- function(weights, x) drop(crossprod(x, weights))
  value <- along(rule$weights, values)
  mean <- rep(value, each = length(rule$nodes))
  spread <- along(rule$weights, abs(values - mean))
  error <- abs(value - along(rule$gauss, values))
  scaled <- spread * pmin(1, (200 * error / spread)^1.5)
  c(value, along(rule$weights, abs(values)),
    ifelse(spread > 0, scaled, error))
}
