// Logarithms of sums and differences with 1 in which exp() would overflow or cancel.
// M. Maechler (2012), "Accurately computing log(1 - exp(-|a|))", vignette of the R package Rmpfr:
// the branch points below are its equations (7) and (10).
#include <cmath>
#include <limits>

#include "math/special.h"

namespace admle::special {

namespace {
// log(2) to twice the precision of a double.
constexpr double kLog2 = 0.693147180559945309417232121458;
constexpr double kLog2Low = 2.319046813846299558e-17;
}  // namespace

double log1p_exp(double x) {
  if (x <= -37.0) return std::exp(x);
  if (x <= 18.0) return std::log1p(std::exp(x));
  if (x <= 33.3) return x + std::exp(-x);
  return x;
}

double log1m_exp(double x) {
  if (x < 0.0) return std::numeric_limits<double>::quiet_NaN();
  return x <= kLog2 ? std::log(-std::expm1(-x)) : std::log1p(-std::exp(-x));
}

double log_exp_minus_1(double x) {
  if (x < 0.0) return std::numeric_limits<double>::quiet_NaN();
  // About its zero at log 2, exp(x) - 1 is 1 + 2 (exp(x - log 2) - 1).
  if (std::abs(x - kLog2) < 0.25) return std::log1p(2.0 * std::expm1(x - kLog2 - kLog2Low));
  // expm1 overflows beyond 709.
  return x <= 18.0 ? std::log(std::expm1(x)) : x - std::exp(-x);
}

double plogis(double x) {
  // The branch keeps x < -709, where exp(-x) would overflow but plogis(x) is not zero yet.
  if (x < 0.0) {
    const double e = std::exp(x);
    return e / (1.0 + e);
  }
  return 1.0 / (1.0 + std::exp(-x));
}

}  // namespace admle::special
