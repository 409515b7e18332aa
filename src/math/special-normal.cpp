// The logarithm of the normal distribution function and its derivatives in x.
//
// With phi and Phi the standard normal density and distribution function, the inverse Mills ratio
// m = phi/Phi gives (log Phi)' = m, m' = -m e, e' = c, c' = m (e^2 - c), where e = x + m and
// c = 1 - m e. Each of e, c, c' cancels for x << 0. There Laplace's continued fraction is used
// (Abramowitz & Stegun 26.2.14): with z = -x and K_n = z + n / K_{n+1}, one has m = K_1,
// e = 1/K_2, c = (2 K_2 - K_3) / (K_2^2 K_3) and so on, in which the remaining differences are
// rewritten below as sums of one sign.
#include <cmath>

#include "math/nmath.h"
#include "math/special.h"

namespace admle::special {

namespace {

constexpr double kInverseSqrt2Pi = 0.398942280401432677939946059934;
// Left of this point the continued fraction; right of it the cancellation costs two digits at most.
constexpr double kTail = -2.0;

// The first partial denominators K_1 .. K_5 of the continued fraction for z >= -kTail.
struct Laplace {
  double k1, k2, k3, k4, k5;  // K_n = z + n / K_{n+1}
};

Laplace laplace(double z) {
  // Beyond, n / z^2 is below rounding, and the products below would overflow much later.
  if (z > 1e9) return {z, z, z, z, z};
  // Enough terms for 1e-15 in all of the functions below (measured for z from 2 to 1e4), given
  // that the tail left out is replaced by the positive root of K = z + n / K.
  int n = 14 + static_cast<int>(330.0 / (z * z));
  // K_n = N_n / N_{n+1} makes the recurrence linear, so that it needs no divisions.
  double next = 1.0;
  double current = 0.5 * (z + std::sqrt(z * z + 4.0 * n));
  for (--n; n >= 5; --n) {
    const double previous = z * current + n * next;
    next = current;
    current = previous;
  }
  Laplace result;
  result.k5 = current / next;
  result.k4 = z + 4.0 / result.k5;
  result.k3 = z + 3.0 / result.k4;
  result.k2 = z + 2.0 / result.k3;
  result.k1 = z + 1.0 / result.k2;
  return result;
}

}  // namespace

double normal_density(double x) {
  if (std::fabs(x) > 39.0) return 0.0;  // infinities would give NaN below
  // x^2 split as in Cody (1969), so that its rounding is not amplified by the exponential.
  const double head = std::trunc(x * 16.0) / 16.0;
  const double tail = (x - head) * (x + head);
  return kInverseSqrt2Pi * std::exp(-0.5 * head * head) * std::exp(-0.5 * tail);
}

double log_pnorm(double x) { return nmath().pnorm(x, 0.0, 1.0, 1, 1); }

double mills(double x) {
  if (x < kTail) return std::isinf(x) ? -x : laplace(-x).k1;
  if (x > 40.0) return 0.0;
  return normal_density(x) / nmath().pnorm(x, 0.0, 1.0, 1, 0);
}

double mills_excess(double x) {
  if (x < kTail) return 1.0 / laplace(-x).k2;
  return x + mills(x);
}

double mills_curvature(double x) {
  if (x < kTail) {
    if (std::isinf(x)) return 0.0;
    const Laplace f = laplace(-x);
    return (-x + 4.0 / f.k3 - 3.0 / f.k4) / f.k2 / f.k2 / f.k3;
  }
  const double m = mills(x);
  return m == 0.0 ? 1.0 : 1.0 - m * (x + m);
}

double mills_curvature_slope(double x) {
  if (x < kTail) {
    if (std::isinf(x)) return 0.0;
    const Laplace f = laplace(-x);
    const double ratio = f.k1 / f.k2;
    return 2.0 * ratio * (-x + 9.0 / f.k4 - 8.0 / f.k5) / f.k2 / f.k3 / f.k3 / f.k4;
  }
  const double m = mills(x);
  if (m == 0.0) return 0.0;
  const double e = x + m;
  return m * (e * e - (1.0 - m * e));
}

}  // namespace admle::special
