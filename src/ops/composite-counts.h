// Densities of counts, and binomial coefficients, with gamma functions in place of factorials: R's
// values at whole numbers, and between them what continues these. For counts that depend on a
// parameter.
#pragma once

#include <limits>
#include <vector>

#include "graph/expr.h"

namespace admle {

using Args = const std::vector<Expr>&;

constexpr double kInf = std::numeric_limits<double>::infinity();

// A constant, or NaN where the last parameter is.
inline Expr outside(Args a, double value) { return select(eq(a.back(), a.back()), value, value); }

inline Expr log_choose(Expr n, Expr k) { return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1); }
inline Expr choose_continuous(Args a) {
  const Expr inside = exp(log_choose(a[0], pmin2(a[1], a[0])));
  return select(logical_and(gt(a[1], -1), le(a[1], a[0])), inside, 0);
}
inline Expr lchoose_continuous(Args a) { return log_choose(a[0], a[1]); }

// `inside` for counts within [0, most].
inline Expr counted(Args a, Expr inside, Expr most) {
  return select(logical_and(ge(a[0], 0), le(a[0], most)), inside, outside(a, -kInf));
}
inline Expr dpois_continuous(Args a) {
  return counted(a, mulz(a[0], log(a[1])) - a[1] - lgamma(a[0] + 1), kInf);
}
inline Expr dbinom_continuous(Args a) {
  const Expr failures = pmax2(a[1] - a[0], 0);
  const Expr inside =
      log_choose(a[1], pmin2(a[0], a[1])) + mulz(a[0], log(a[2])) + mulz(failures, log1p(-a[2]));
  return counted(a, inside, a[1]);
}
inline Expr dgeom_continuous(Args a) {
  return counted(a, log(a[1]) + mulz(a[0], log1p(-a[1])), kInf);
}
inline Expr rising(Expr size, Expr x) { return lgamma(size + x) - lgamma(size) - lgamma(x + 1); }
inline Expr dnbinom_continuous(Args a) {
  const Expr inside = rising(a[1], a[0]) + a[1] * log(a[2]) + mulz(a[0], log1p(-a[2]));
  return counted(a, inside, kInf);
}
inline Expr dnbinom_mu_continuous(Args a) {
  const Expr inside =
      rising(a[1], a[0]) - a[1] * log1p(a[2] / a[1]) - mulz(a[0], log1p(a[1] / a[2]));
  return counted(a, inside, kInf);
}
inline Expr dhyper_continuous(Args a) {
  const Expr white = a[0], black = a[3] - a[0];
  const Expr inside =
      log_choose(a[1], white) + log_choose(a[2], black) - log_choose(a[1] + a[2], a[3]);
  const Expr possible = logical_and(le(white, a[1]), logical_and(ge(black, 0), le(black, a[2])));
  return select(logical_and(ge(white, 0), possible), inside, outside(a, -kInf));
}

}  // namespace admle
