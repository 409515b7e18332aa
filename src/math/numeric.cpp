// Arithmetic in R's sense where C++ has another, and functions of multiples of pi.
#include "math/numeric.h"

#include <array>
#include <limits>

namespace admle::numeric {
namespace {

constexpr double kPi = 3.141592653589793238462643383280;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double power(double x, double y) {
  if (y == 2) return x * x;
  if (x == 1 || y == 0) return 1;
  const bool infinite = std::isinf(x) || std::isinf(y);
  if (infinite && x < 0 && !std::isnan(y) && (std::isinf(y) || y != std::floor(y))) return kNan;
  return std::pow(x, y);
}

// Products in long double leave no negative or too large remainder when x is nearly a multiple of
// y (as in R's arithmetic.c).
double modulo(double x, double y) {
  if (y == 0) return kNan;
  if (std::isinf(y) && std::isfinite(x)) return x != 0 && (x < 0) != (y < 0) ? y : x;
  const long double wide = y;
  const long double remainder = x - std::floor(x / y) * wide;
  return static_cast<double>(remainder - std::floor(remainder / wide) * wide);
}
double whole_quotient(double x, double y) {
  const double quotient = x / y;
  if (y == 0 || !std::isfinite(quotient)) return quotient;
  if (std::isinf(y)) return x != 0 && (x < 0) != (y < 0) ? -1 : 0;
  const double down = std::floor(quotient);
  const long double wide = y;
  return static_cast<double>(down + std::floor((x - down * wide) / wide));
}

double sin_pi(double x) {
  if (!std::isfinite(x)) return kNan;
  x = std::fmod(x, 2.0);
  if (x <= -1) x += 2;
  else if (x > 1) x -= 2;
  if (x == 0 || x == 1) return 0;
  if (x == 0.5) return 1;
  if (x == -0.5) return -1;
  return std::sin(kPi * x);
}
double cos_pi(double x) {
  if (!std::isfinite(x)) return kNan;
  x = std::fmod(std::fabs(x), 2.0);
  if (std::fmod(x, 1.0) == 0.5) return 0;
  if (x == 1) return -1;
  if (x == 0) return 1;
  return std::cos(kPi * x);
}
double tan_pi(double x) {
  if (!std::isfinite(x)) return kNan;
  x = std::fmod(x, 1.0);
  if (x <= -0.5) x += 1;
  else if (x > 0.5) x -= 1;
  if (x == 0) return 0;
  if (x == 0.5) return kNan;
  if (x == 0.25) return 1;
  if (x == -0.25) return -1;
  return std::tan(kPi * x);
}

// d^m/dn^m of choose(n, k), k whole: the polynomial n (n - 1) ... (n - k + 1) / k! carried as a
// truncated Taylor series in n, factor by factor.
double choose_taylor(double n, double k, double order) {
  constexpr int kMaxOrder = 12;
  const int m = static_cast<int>(order);
  k = std::nearbyint(k);
  if (std::isnan(n) || std::isnan(k)) return n + k;
  if (m > kMaxOrder) return kNan;
  if (k < 1) return 0;
  std::array<double, kMaxOrder + 1> series{};
  series[0] = 1;
  for (double j = 0; j < k; ++j) {
    for (int i = m; i >= 0; --i) {
      const auto at = static_cast<std::size_t>(i);
      series[at] = (series[at] * (n - j) + (i > 0 ? series[at - 1] : 0)) / (j + 1);
    }
  }
  double factorial = 1;
  for (int i = 2; i <= m; ++i) factorial *= i;
  return series[static_cast<std::size_t>(m)] * factorial;
}

}  // namespace admle::numeric
