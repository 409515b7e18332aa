// Bessel functions and their derivatives in order and argument.
//
// K: the integral of exp(-x cosh t) cosh(nu t) over t > 0 (DLMF 10.32.9) by the trapezoidal rule,
// which converges geometrically because the integrand decays doubly exponentially and is analytic
// in a strip; a derivative multiplies the integrand by t, or by 1 - cosh t, and cancels nothing.
// H = J + i Y: the same integral along its path of steepest descent, t = u + i gd(u) with gd the
// Gudermannian. I, and J of a large order: the power series (DLMF 10.25.2, 10.2.2) with a Taylor
// polynomial in the order for each term; I of a large argument: DLMF 10.40.1 in the same way.
#include <array>
#include <cmath>
#include <complex>
#include <limits>

#include "math/nmath.h"
#include "math/special.h"

namespace admle::special {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kPi = 3.141592653589793238462643383280;
constexpr double kNegligible = 1e-18;
constexpr int kMaxOrder = 12;
constexpr int kMaxTerms = 1000000;

double binomial(int n, int k) { return factorial(n) / (factorial(k) * factorial(n - k)); }

bool has_order(int n, int m) { return n >= 0 && m >= 0 && n <= kMaxOrder && m <= kMaxOrder; }

// A polynomial in the distance of the order from nu, cut off after the power n.
struct Taylor {
  std::array<double, kMaxOrder + 1> c{};  // by power
  int n;                                  // the highest power that is kept

  explicit Taylor(int highest, double value = 0) : n(highest) { c[0] = value; }
  double& operator[](int k) { return c[static_cast<std::size_t>(k)]; }
  double operator[](int k) const { return c[static_cast<std::size_t>(k)]; }

  // Times a + b d + e d^2.
  void multiply(double a, double b, double e = 0) {
    for (int k = n; k >= 0; --k)
      (*this)[k] =
          a * (*this)[k] + (k > 0 ? b * (*this)[k - 1] : 0) + (k > 1 ? e * (*this)[k - 2] : 0);
  }
  // Over a + d.
  void divide(double a) {
    for (int k = 0; k <= n; ++k) (*this)[k] = ((*this)[k] - (k > 0 ? (*this)[k - 1] : 0)) / a;
  }
  void scale(double factor) {
    for (int k = 0; k <= n; ++k) (*this)[k] *= factor;
  }
  void add(const Taylor& x, double factor = 1) {
    for (int k = 0; k <= n; ++k) (*this)[k] += factor * x[k];
  }
  bool negligible(const Taylor& sum) const {
    for (int k = 0; k <= n; ++k)
      if (!(std::fabs((*this)[k]) <= 1e-17 * std::fabs(sum[k]))) return false;
    return true;
  }
};

Taylor product(const Taylor& x, const Taylor& y) {
  Taylor out(x.n);
  for (int i = 0; i <= x.n; ++i)
    for (int j = 0; i + j <= x.n; ++j) out[i + j] += x[i] * y[j];
  return out;
}

// (x / 2)^(nu + d) / Gamma(nu + d + 1) without its value at d = 0, whose logarithm is apart.
Taylor prefactor_shape(double x, double nu, int n) {
  Taylor logarithm(n), out(n, 1);
  for (int k = 1; k <= n; ++k)
    logarithm[k] = ((k == 1 ? std::log(x / 2) : 0) - polygamma(k - 1, nu + 1)) / factorial(k);
  for (int k = 1; k <= n; ++k) {
    double sum = 0;
    for (int j = 1; j <= k; ++j) sum += j * logarithm[j] * out[k - j];
    out[k] = sum / k;
  }
  return out;
}

// The sum over j of C(m, j) (-1)^(m - j) x^-j p (p - 1) ... (p - j + 1), p = power + d, times the
// term: derivative m of exp(-x) x^p, over exp(-x) x^p.
Taylor scaled_derivative(const Taylor& term, double power, double x, int m) {
  Taylor out(term.n), falling = term;
  for (int j = 0; j <= m; ++j) {
    out.add(falling, binomial(m, j) * ((m - j) % 2 == 0 ? 1 : -1));
    falling.multiply((power - j) / x, 1 / x);
  }
  return out;
}

// The sum over k of sign^k (x / 2)^(2k + nu) / (k! Gamma(nu + k + 1)), differentiated n times in nu
// and, multiplied by exp(-x) before if m is not 0, m times in x.
double power_series(double x, double nu, double sign, int n, int m, double shift) {
  const double quarter = sign * 0.25 * x * x;
  double log_scale = nu * std::log(x / 2) - nmath().lgammafn(nu + 1) - shift;
  double flipped = 1;  // the sign of Gamma(nu + 1)
  for (double at = nu + 1; at < 0; at += 1) flipped = -flipped;
  Taylor term(n, 1), sum(n);
  for (int k = 0; k < kMaxTerms; ++k) {
    if (k > 0) {
      term.scale(quarter / k);
      term.divide(nu + k);
    }
    const Taylor part = m > 0 ? scaled_derivative(term, nu + 2 * k, x, m) : term;
    sum.add(part);
    // A part may be 0 by chance where the derivative in x changes its sign.
    const bool same_sign = m == 0 || nu + 2 * k > x + 2 * std::sqrt(m * x) + 2 * m;
    const bool falling = nu + k > 0 && std::fabs(quarter) < (k + 1) * (nu + k + 1);
    if (falling && same_sign && part.negligible(sum)) {
      const Taylor out = product(sum, prefactor_shape(x, nu, n));
      return flipped * factorial(n) * out[n] * std::exp(log_scale);
    }
    if (std::fabs(sum[0]) > 1e250) {
      sum.scale(1e-250);
      term.scale(1e-250);
      log_scale += 250 * std::log(10.0);
    }
  }
  return kNaN;
}

// exp(-x) I for large x.
double large_argument(double x, double nu, int n, int m) {
  Taylor term(n, 1), sum(n);
  for (int k = 0; k < 500; ++k) {
    if (k > 0) {
      const double odd = 2 * k - 1;
      term.multiply(-(4 * nu * nu - odd * odd) / (8 * k * x), -nu / (k * x), -0.5 / (k * x));
    }
    double falling = 1;
    for (int j = 0; j < m; ++j) falling *= (-0.5 - k - j) / x;
    Taylor part = term;
    part.scale(falling);
    sum.add(part);
    // The coefficients below n / 2 are complete before those above have begun.
    if (2 * k >= n && part.negligible(sum)) break;
  }
  return factorial(n) * sum[n] / std::sqrt(2 * kPi * x);
}

// At x = 0 one term of the series is left, that of the power j <= m.
double at_zero(double nu, int n, int m) {
  if (nu != std::floor(nu)) return nu > m ? 0 : (m == 0 ? 0 : kNaN);
  if (nu > m) return 0;
  if (n > 0) return kNaN;
  double sum = 0;
  for (int k = 0; 2 * k + nu <= m; ++k) {
    const int j = static_cast<int>(nu) + 2 * k;
    sum += binomial(m, j) * ((m - j) % 2 == 0 ? 1 : -1) * binomial(j, k) * std::ldexp(1.0, -j);
  }
  return sum;
}

// (t^n)(1 - cosh t)^m exp(-x (cosh t - 1)) {cosh, sinh}(nu t), summed over t = h, 2h, ...
double integral_k(double x, double nu, int n, int m) {
  const double size = std::fabs(nu), radius = std::hypot(x, size);
  const double step = 0.6 / std::sqrt(8 + radius);
  const double peak = std::asinh(size / x), past = std::asinh((size + m + n) / x) + step;
  const auto excess = [](double t) { return 2 * std::sinh(t / 2) * std::sinh(t / 2); };
  const double top = size * peak - x * excess(peak);
  const double odd = n % 2 == 1 ? -1 : 1;
  double sum = n == 0 && m == 0 ? 0.5 * std::exp(-top) : 0;
  for (int k = 1; k < kMaxTerms; ++k) {
    const double t = k * step, e = excess(t);
    const double exponent = size * t - x * e - top;
    double term = 0.5 * (std::exp(exponent) + odd * std::exp(exponent - 2 * size * t));
    for (int j = 0; j < n; ++j) term *= t;
    for (int j = 0; j < m; ++j) term *= -e;
    sum += term;
    if (t > past && std::fabs(term) <= kNegligible * std::fabs(sum)) break;
  }
  return (odd < 0 && nu < 0 ? -1 : 1) * sum * step * std::exp(top);
}

// Derivative n in nu of J + i Y.
std::complex<double> hankel(double x, double nu, int n) {
  using Complex = std::complex<double>;
  const double step = 0.4 / std::sqrt(6 + std::hypot(x, nu));
  const auto excess = [](double u) { return std::sinh(u) * std::tanh(u); };
  const double peak = std::asinh(std::fabs(nu) / x);
  const double top = std::fmax(std::fabs(nu) * peak - x * excess(peak), 0.0);
  const double past = std::asinh((std::fabs(nu) + n) / x) + 1 + step;
  const Complex i(0, 1);
  const auto integrand = [&](double u) {
    const double g = 2 * std::atan(std::tanh(u / 2));
    const Complex along = -(Complex(u, g) + i * (kPi / 2));
    Complex value = std::exp(nu * along + i * x - x * excess(u) - top);
    for (int j = 0; j < n; ++j) value *= along;
    return value * Complex(1, 1 / std::cosh(u));
  };
  Complex sum = integrand(0);
  for (int k = 1; k < kMaxTerms; ++k) {
    const Complex both = integrand(k * step) + integrand(-k * step);
    sum += both;
    if (k * step > past && std::abs(both) <= kNegligible * std::abs(sum)) break;
  }
  return sum * step * std::exp(top) / (kPi * i);
}

}  // namespace

double bessel_k_scaled(double x, double nu, int n, int m) {
  if (std::isnan(x) || std::isnan(nu) || x < 0 || std::isinf(nu) || !has_order(n, m)) return kNaN;
  if (std::isinf(x)) return 0;
  if (x == 0 && nu == 0 && n % 2 == 1) return 0;
  if (x == 0) return (m % 2 == 0 ? 1 : -1) * (n % 2 == 1 && nu < 0 ? -1 : 1) * kInfinity;
  return integral_k(x, nu, n, m);
}

double bessel_i_scaled(double x, double nu, int n, int m) {
  if (std::isnan(x) || std::isnan(nu) || x < 0 || std::isinf(nu) || !has_order(n, m)) return kNaN;
  if (std::isinf(x)) return 0;
  if (nu < 0 && nu == std::floor(nu)) {
    if (n > 0) return kNaN;
    nu = -nu;
  }
  if (x == 0) return at_zero(nu, n, m);
  if (x > 30 + n + m && nu * nu < 4 * x) return large_argument(x, nu, n, m);
  return power_series(x, nu, 1, n, m, x);
}

double bessel_j_order(double x, double nu, int n) {
  if (std::isnan(x) || std::isnan(nu) || x < 0 || std::isinf(nu) || !has_order(n, 0)) return kNaN;
  if (n == 0) return nmath().bessel_j(x, nu);
  if (x == 0) return nu > 0 ? 0 : kNaN;
  if (std::isinf(x)) return 0;
  // Well above the argument J is far below Y, and the integral has the digits of the larger.
  if (nu > 0 && x * x < (nu > x ? 32 : 12) * (nu + 1)) return power_series(x, nu, -1, n, 0, 0);
  return hankel(x, nu, n).real();
}

double bessel_y_order(double x, double nu, int n) {
  if (std::isnan(x) || std::isnan(nu) || x < 0 || std::isinf(nu) || !has_order(n, 0)) return kNaN;
  if (n == 0) return nmath().bessel_y(x, nu);
  if (x == 0) return kNaN;
  if (std::isinf(x)) return 0;
  return hankel(x, nu, n).imag();
}

}  // namespace admle::special
