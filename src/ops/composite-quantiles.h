// Quantile functions of a probability in one tail, or of its logarithm, as R's. That of the
// logarithm keeps the digits of probabilities that underflow.
#pragma once

#include "graph/expr.h"
#include "ops/composite-counts.h"
#include "ops/composite-tails.h"

namespace admle {

// A probability, or its logarithm, and the tail whose it is.
struct Level {
  Expr p;
  Tail tail;
  bool log_p;
};

inline Expr valid_level(const Level& at) {
  return at.log_p ? le(at.p, 0) : logical_and(ge(at.p, 0), le(at.p, 1));
}

// x where the probability is of the lower tail of a symmetric distribution, -x of the upper.
inline Expr at_tail(const Level& at, Expr x) { return at.tail == Tail::kLower ? x : -x; }

// -log(1 - p), p the probability of the lower tail.
inline Expr hazard(const Level& at) {
  if (at.tail == Tail::kUpper) return at.log_p ? -at.p : -log(at.p);
  return at.log_p ? -log1m_exp(-at.p) : -log1p(-at.p);
}
inline Expr logit(const Level& at) {
  return at.log_p ? at.p - log1m_exp(-at.p) : log(at.p) - log1p(-at.p);
}
inline Expr probability_at(const Level& at) { return at.log_p ? exp(at.p) : at.p; }

inline Expr qnorm(const Level& at, Args a) {
  return a[1] + a[2] * at_tail(at, (at.log_p ? log_quantile_normal : quantile_normal)(at.p));
}
inline Expr qlnorm(const Level& at, Args a) { return exp(qnorm(at, a)); }
inline Expr qlogis(const Level& at, Args a) { return a[1] + a[2] * at_tail(at, logit(at)); }
inline Expr qexp(const Level& at, Args a) { return hazard(at) / a[1]; }
inline Expr qweibull(const Level& at, Args a) { return a[2] * pow(hazard(at), 1 / a[1]); }
inline Expr qcauchy(const Level& at, Args a) {
  const auto cotangent = [](Expr p) { return cospi(p) / sinpi(p); };
  Expr z = cotangent(probability_at(at));
  // Near 1 from the other tail, of which the logarithm has the digits.
  if (at.log_p) z = select(gt(at.p, -1), -cotangent(-expm1(at.p)), z);
  return a[1] - a[2] * at_tail(at, z);
}
inline Expr qunif(const Level& at, Args a) {
  const Expr part = probability_at(at) * (a[2] - a[1]);
  return at.tail == Tail::kLower ? a[1] + part : a[2] - part;
}
inline Expr qgamma(const Level& at, Args a) {
  const bool lower = at.tail == Tail::kLower;
  const auto f = at.log_p ? (lower ? log_quantile_gamma_p : log_quantile_gamma_q)
                          : (lower ? quantile_gamma_p : quantile_gamma_q);
  return f(at.p, a[1]) / a[2];
}
inline Expr qchisq(const Level& at, Args a) { return qgamma(at, {a[0], 0.5 * a[1], 0.5}); }
inline Expr qbeta(const Level& at, Args a) {
  const bool lower = at.tail == Tail::kLower;
  const auto f = at.log_p ? (lower ? log_quantile_beta_p : log_quantile_beta_q)
                          : (lower ? quantile_beta_p : quantile_beta_q);
  return f(at.p, a[1], a[2]);
}
inline Expr qt(const Level& at, Args a) {
  if (!at.log_p) return at_tail(at, quantile_student(at.p, a[1]));
  const bool lower = at.tail == Tail::kLower;
  return (lower ? log_quantile_student_p : log_quantile_student_q)(at.p, a[1]);
}
// F is (1 / B - 1) df2 / df1 with B beta-distributed, and decreases with B. With infinite degrees
// of freedom it is chi-squared by its degrees of freedom, or the inverse of that. The probability
// carries the range of the parameters, which are looked at themselves.
inline Expr qf(const Level& given, Args a) {
  const Expr missing = std::numeric_limits<double>::quiet_NaN();
  const Expr valid = logical_and(both_degrees_of_freedom(a), valid_level(given));
  const Level at = {select(valid, given.p, missing), given.tail, given.log_p};
  const Level opposite = {at.p, other(at.tail), at.log_p};
  const auto finite = [&](Expr df1, Expr df2) {
    return (1 / qbeta(opposite, {at.p, 0.5 * df2, 0.5 * df1}) - 1) * (df2 / df1);
  };
  const auto mean_square = [](const Level& level, Expr df) {
    return qchisq(level, {level.p, df}) / df;
  };
  const auto first = [&](Expr df2) {
    return with_limit(
        a[1], [&](Expr df1) { return finite(df1, df2); }, 1 / mean_square(opposite, df2));
  };
  const Expr at_one = select(valid, 1, missing);
  return with_limit(a[2], first,
                    with_limit(
                        a[1], [&](Expr df1) { return mean_square(at, df1); }, at_one));
}

}  // namespace admle
