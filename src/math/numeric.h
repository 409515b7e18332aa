// The functions of doubles that value formulas of the op table are made of. Those with a version
// for packs too (vector-formulas.h) are vectorised, and so is an operation whose formula uses no
// other.
#pragma once

#include <cmath>

#include "math/nmath.h"
#include "math/special.h"

namespace admle::numeric {

using special::log1m_exp;
using special::log1p_exp;
using special::log_pnorm;
using special::mills;
using special::mills_curvature;
using special::mills_excess;
using special::nmath;
using special::normal_density;
using special::plogis;
using std::exp;
using std::expm1;
using std::log;
using std::log1p;
using std::sqrt;
using std::tanh;

inline double cdf_normal(double x) { return nmath().pnorm(x, 0, 1, 1, 0); }
inline double lgamma(double x) { return nmath().lgammafn(x); }
inline double digamma(double x) { return nmath().digamma(x); }
// R's own loses digits for very large arguments.
inline double trigamma(double x) { return x > 1e20 ? 1 / x : nmath().trigamma(x); }

inline double absolute(double x) { return std::fabs(x); }
inline double sign_of(double x) { return std::isnan(x) ? x : (x > 0) - (x < 0); }
// A product in which an exact zero wins over what is infinite or NaN.
inline double zero_or_nan(double x, double y) { return x == 0 || y == 0 ? 0 : x * y; }
inline double product(double x, double y) {
  const double plain = x * y;
  return plain == plain ? plain : zero_or_nan(x, y);
}

inline double smaller(double x, double y) {
  return std::isnan(x) || std::isnan(y) ? x + y : (x < y ? x : y);
}
inline double larger(double x, double y) {
  return std::isnan(x) || std::isnan(y) ? x + y : (x > y ? x : y);
}
inline double compared(double x, double y, bool outcome) {
  return std::isnan(x) || std::isnan(y) ? x + y : static_cast<double>(outcome);
}
// Three-valued logic: FALSE & NA is FALSE, TRUE | NA is TRUE.
inline double both(double x, double y) {
  if (x == 0 || y == 0) return 0;
  return std::isnan(x) || std::isnan(y) ? x + y : 1;
}
inline double either(double x, double y) {
  if ((x != 0 && !std::isnan(x)) || (y != 0 && !std::isnan(y))) return 1;
  return std::isnan(x) || std::isnan(y) ? x + y : 0;
}
inline double selected(double x, double y, double z) {
  return std::isnan(x) ? x : (x != 0 ? y : z);
}

// A count, or -1 (probability zero) for what is not whole; R's own tolerance.
inline double whole(double x) {
  const double nearest = std::nearbyint(x);
  const double scale = std::fabs(x) > 1 ? std::fabs(x) : 1;
  return std::isnan(x) ? x : (std::fabs(x - nearest) > 1e-9 * scale ? -1 : nearest);
}

inline double log_dpois(double x, double y) { return nmath().dpois(whole(x), y, 1); }
inline double log_dbinom(double x, double y, double z) { return nmath().dbinom(whole(x), y, z, 1); }

// R's x^y: x^2 is x * x, 1^y and x^0 are 1 whatever the other is (R's NA is a signalling NaN, for
// which C's pow is not), and where one of them is infinite a negative base takes whole powers only.
double power(double x, double y);

// R's %% and %/%: the remainder has the sign of y.
double modulo(double x, double y);
double whole_quotient(double x, double y);

// sin(pi x) and friends are exact at multiples of a half.
double sin_pi(double x);
double cos_pi(double x);
double tan_pi(double x);

// d^m/dn^m of choose(n, k), k whole.
double choose_taylor(double n, double k, double m);

}  // namespace admle::numeric
