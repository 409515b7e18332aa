// Polygamma functions of any sign of the argument, and their differences without cancellation.
//
// R's psigamma() covers negative arguments up to the third derivative only; here the reflection
// formula (DLMF 5.15.6) covers every order. Differences psi_n(a + b) - psi_n(a), which are the
// derivatives of lbeta and lchoose, are summed term by term (DLMF 5.15.5) up to a point where the
// asymptotic expansion (DLMF 5.11.2, 5.15.8) holds, and there differenced term by term too, so that
// their relative accuracy does not depend on b / a. The remainder of Stirling's formula is DLMF
// 5.11.1.
#include <array>
#include <cmath>
#include <limits>

#include "math/nmath.h"
#include "math/special-bernoulli.h"
#include "math/special.h"

namespace admle::special {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kPi = 3.141592653589793238462643383280;
constexpr int kMaxOrder = 20;
// From here on the expansion below, up to B_20, is exact to 1e-16 for orders up to kMaxOrder / 2.
constexpr double kAsymptotic = 20.0;
// The same for the expansions of log Gamma and of digamma alone.
constexpr double kStirling = 10.0;

double alternating(int n) { return n % 2 == 0 ? 1.0 : -1.0; }

// The n-th derivative of pi cot(pi x): pi^(n+1) p_n(cot(pi x)) with polynomials p_0(c) = c,
// p_{n+1}(c) = -(1 + c^2) p_n'(c).
double cotangent_derivative(int n, double x) {
  const double r = x - std::nearbyint(x);
  std::array<double, kMaxOrder + 3> p{};
  p[1] = 1.0;
  for (int step = 0; step < n; ++step) {
    std::array<double, kMaxOrder + 3> next{};
    for (int k = 1; k <= step + 1; ++k) {
      const auto i = static_cast<std::size_t>(k);
      next[i - 1] -= k * p[i];
      next[i + 1] -= k * p[i];
    }
    p = next;
  }
  // Near a half-integer the zero of the cotangent must be exact: it is multiplied by pi^(n+1) n!.
  const double c = std::abs(r) < 0.25 ? 1.0 / std::tan(kPi * r)
                                      : std::copysign(std::tan(kPi * (0.5 - std::abs(r))), r);
  double value = 0.0;
  for (int k = n + 1; k >= 0; --k) value = value * c + p[static_cast<std::size_t>(k)];
  return value * std::pow(kPi, n + 1);
}

// Coefficient of z^-(2k + n) in the asymptotic expansion of (-1)^(n+1) psi_n(z).
double expansion_coefficient(int n, int k) {
  double coefficient = kBernoulli[static_cast<std::size_t>(k - 1)];
  if (n == 0) return coefficient / (2.0 * k);
  for (int i = 1; i < n; ++i) coefficient *= 2.0 * k + i;
  return coefficient;
}

// u^p - v^p for increasing p, from u - v: every term added has the sign of u - v.
struct PowerDifference {
  double u, v;              // bases
  double first;             // u - v
  double difference = 0.0;  // u^p - v^p
  double v_power = 1.0;     // v^p

  double raise(int by) {
    for (; by > 0; --by) {
      difference = u * difference + v_power * first;
      v_power *= v;
    }
    return difference;
  }
};

PowerDifference reciprocal_powers(double a, double b) {
  const double u = 1.0 / a;
  const double v = 1.0 / (a + b);
  return {u, v, b * u * v};
}

// psi_n(a + b) - psi_n(a) for large a and a + b.
double asymptotic_difference(int n, double a, double b) {
  PowerDifference powers = reciprocal_powers(a, b);
  double sum = n == 0 ? std::log1p(b / a) : factorial(n - 1) * powers.raise(n);
  sum += 0.5 * factorial(n) * powers.raise(1);
  powers.raise(1);
  for (int k = 1; k <= 10; ++k) {
    sum += expansion_coefficient(n, k) * powers.difference;
    powers.raise(2);
  }
  return alternating(n) * sum;
}

}  // namespace

double polygamma(int n, double x) {
  if (std::isnan(x) || n < 0 || n > kMaxOrder) return kNaN;
  if (x > 0.0) return n == 0 ? nmath().digamma(x) : nmath().psigamma(x, n);
  if (x == std::nearbyint(x)) return kNaN;
  return alternating(n) * polygamma(n, 1.0 - x) - cotangent_derivative(n, x);
}

double polygamma_difference(int n, double a, double b) {
  if (!(a > 0.0) || !(a + b > 0.0) || n < 0 || n > kMaxOrder) return kNaN;
  if (std::isinf(a) || std::isinf(b)) return polygamma(n, a + b) - polygamma(n, a);
  // From the smaller argument, log1p(b / a) below does not cancel.
  if (b < 0.0) return -polygamma_difference(n, a + b, -b);
  double sum = 0.0;
  const int shift = a < kAsymptotic ? static_cast<int>(kAsymptotic - a) + 1 : 0;
  for (int k = 0; k < shift; ++k) sum += reciprocal_powers(a + k, b).raise(n + 1);
  return alternating(n) * factorial(n) * sum + asymptotic_difference(n, a + shift, b);
}

double stirling_error(double x) {
  constexpr double kHalfLog2Pi = 0.918938533204672741780329736406;
  if (!(x > 0.0)) return kNaN;
  if (x < kStirling) {
    return nmath().lgammafn(x + 1.0) - (x + 0.5) * std::log(x) + x - kHalfLog2Pi;
  }
  const double square = 1.0 / (x * x);
  double sum = 0.0;
  for (int k = 10; k >= 1; --k) {
    sum = sum * square + kBernoulli[static_cast<std::size_t>(k - 1)] / (2.0 * k * (2.0 * k - 1.0));
  }
  return sum / x;
}

double log_minus_digamma(double x) {
  if (!(x > 0.0)) return kNaN;
  if (x < kStirling) return std::log(x) - nmath().digamma(x);
  const double square = 1.0 / (x * x);
  double sum = 0.0;
  for (int k = 10; k >= 1; --k) sum = (sum + expansion_coefficient(0, k)) * square;
  return 0.5 / x + sum;
}

double factorial(int n) {
  double product = 1;
  for (int k = 2; k <= n; ++k) product *= k;
  return product;
}

}  // namespace admle::special
