// Derivatives of Student's t density and distribution function in the degrees of freedom n.
//
// With x = n / (n + t^2), a = n / 2, the two-sided tail is T = I_x(a, 1/2) (DLMF 8.17), whose
// derivative in n along x(n) is of the order of n^-2 while its parts (in a, in x) are of the order
// of 1 / n. So here the continued fraction and the series of special-incomplete-beta.cpp run on
// jets in n itself, in terms whose derivatives are of the order of n^-2 one by one:
//   T = |t| d(t) / F,   1 - T = 2 |t| d(t) S,   d the density,
//   2 (log d)' = g(a) + t^2 / (n (n + t^2)) + v / (1 + v) - log(1 + v),   v = t^2 / n,
// where g(a) = psi(a + 1/2) - psi(a) - 1 / (2a) (DLMF 5.11.8 with Bernoulli polynomials at 1/2).
#include <cmath>
#include <limits>

#include "math/nmath.h"
#include "math/special-bernoulli.h"
#include "math/special-fraction.h"
#include "math/special-jet.h"
#include "math/special.h"

namespace admle::special {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// g and its derivatives: summed up to a >= 20, then expanded in even powers of 1 / a with the
// coefficients (2 - 2^(1-k)) B_k / k, k = 2, 4, ..., 20.
template <class J>
J digamma_half_step(J a) {
  J sum(0.0);
  for (; a.value() < 20.0; a += J(1.0)) {
    sum += 0.25 * reciprocal(a * (a + J(0.5)) * (a + J(1.0)));
  }
  const J inverse = reciprocal(a);
  const J square = inverse * inverse;
  J expansion(0.0);
  for (int i = 10; i >= 1; --i) {
    const double bernoulli = kBernoulli[static_cast<std::size_t>(i - 1)];
    expansion += J((2.0 - std::ldexp(2.0, -2 * i)) * bernoulli / (2.0 * i));
    expansion = expansion * square;
  }
  return sum + expansion;
}

// The fraction of Didonato & Morris for b = 1/2, where a y - b x = x (t^2 - 1) / 2.
struct StudentFraction {
  double t2;  // t^2

  template <class J>
  Level<J> level(int k, const J& n) const {
    const J y = t2 * reciprocal(n + J(t2));
    const J x = J(1.0) - y;
    const J inverse = reciprocal(0.5 * n + J(2.0 * k - 1.0));
    const J quotient = J(1.0) - k * inverse;
    const double excess = 0.5 - k;
    const J share = excess * inverse;
    const J distance = (0.5 * (t2 - 1.0)) * x;
    return {J(k - 1.0) + quotient * (distance + J(static_cast<double>(k)) + (k - 1.0) * y),
            (quotient * (J(1.0) + share)) * (x * x) * (k * excess), (k * share) * x};
  }
};

// S = sum over k of (a + 1/2) ... (a + k - 1/2) / ((3/2) ... (k + 1/2)) y^k, with a y = x t^2 / 2.
template <class J>
J power_series(double t2, const J& n) {
  const J y = t2 * reciprocal(n + J(t2));
  const J ay = (0.5 * t2) * (J(1.0) - y);
  J term(1.0);
  J sum(1.0);
  for (int k = 1; k < kMaxTerms; ++k) {
    term = term * ((ay + (k - 0.5) * y) * (1.0 / (k + 0.5)));
    sum += term;
    if (negligible(term, sum)) return sum;
  }
  return J(kNaN);
}

// log d(t) and its first three derivatives in n.
template <int Degree>
Jet<1, Degree> log_density(double t, double n) {
  Jet<1, Degree> result(nmath().dt(t, n, 1));
  const auto g = digamma_half_step(Jet<1, Degree - 1>::variable(0, 0.5 * n));
  const double t2 = t * t;
  const double v = t2 / n;
  const double y = 1.0 / (1.0 + n / t2);
  const double logarithm = v < 1.0 ? -nmath().log1pmx(v) - v * y : y - std::log1p(v);
  result.set_derivative(1, 0, 0.5 * (g.value() + y / n + logarithm));
  if constexpr (Degree >= 2) {
    const double second = y * y / n - y * (2.0 - y) / (n * n) + 0.5 * g.derivative(1);
    result.set_derivative(2, 0, 0.5 * second);
  }
  if constexpr (Degree >= 3) {
    const double z = 1.0 - y;
    const double third = -y * y * (3.0 - 2.0 * y) / (n * n) +
                         2.0 * y * (z * z + 2.0 - y) / (n * n * n) + 0.25 * g.derivative(2);
    result.set_derivative(3, 0, 0.5 * third);
  }
  return result;
}

template <int Degree>
double log_dt_derivative(double t, double n) {
  if (std::isnan(t) || !(n > 0.0)) return kNaN;
  if (std::isinf(n)) return 0.0;
  return log_density<Degree>(t, n).derivative(Degree);
}

template <int Degree>
double log_pt_derivative(double t, double n, bool lower) {
  using J = Jet<1, Degree>;
  if (std::isnan(t) || !(n > 0.0)) return kNaN;
  if (std::isinf(n) || t == 0.0) return 0.0;
  const bool small_side = (t < 0.0) == lower;
  if (std::isinf(t)) return small_side ? log_density<Degree>(t, n).derivative(Degree) : 0.0;

  const J degrees = J::variable(0, n);
  const double t2 = t * t;
  if (std::isinf(t2)) return kNaN;
  const J prefactor = J(std::log(std::abs(t))) + log_density<Degree>(t, n);
  // The same branch as for I_x(a, 1/2): x below (a + 1) / (a + 5/2).
  if (n / (n + t2) < (0.5 * n + 1.0) / (0.5 * n + 2.5)) {
    const J log_tail = prefactor - log(evaluate_fraction(StudentFraction{t2}, degrees));
    if (small_side) return log_tail.derivative(Degree);
    return log_complement(0.5 * exp(log_tail)).derivative(Degree);
  }
  const J centre = 2.0 * exp(prefactor + log(power_series(t2, degrees)));
  return log_complement((small_side ? 1.0 : -1.0) * centre).derivative(Degree);
}

}  // namespace

double dlog_dt_ddf(double t, double df) { return log_dt_derivative<1>(t, df); }
double d2log_dt_ddf2(double t, double df) { return log_dt_derivative<2>(t, df); }
double dlog_pt_ddf(double t, double df, bool lower) { return log_pt_derivative<1>(t, df, lower); }
double d2log_pt_ddf2(double t, double df, bool lower) { return log_pt_derivative<2>(t, df, lower); }
double d3log_pt_ddf3(double t, double df, bool lower) { return log_pt_derivative<3>(t, df, lower); }

}  // namespace admle::special
