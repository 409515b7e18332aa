// Derivatives of the logarithms of the regularised incomplete gamma functions P and Q in the shape.
//
// The smaller tail is computed: P by its power series (DLMF 8.11.4), all of whose terms are
// positive, Q by Legendre's continued fraction (DLMF 8.9.2), each on jets in the shape a:
//   P = x^a e^-x / Gamma(a + 1) * S,   Q = x^a e^-x / Gamma(a + 1) * a / F.
// The prefactor is differentiated analytically. The larger tail follows from log Q = log(1 - P),
// whose derivatives do not cancel because P is the smaller one. Moore (1982), AS 187,
// differentiates the same two expansions.
#include <cmath>
#include <limits>

#include "math/nmath.h"
#include "math/special-fraction.h"
#include "math/special-jet.h"
#include "math/special.h"

namespace admle::special {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// S = sum over n of x^n / ((a + 1) ... (a + n)).
template <class J>
J power_series(double x, const J& a) {
  J term(1.0);
  J sum(1.0);
  for (int n = 1; n < kMaxTerms; ++n) {
    term = term * (x * reciprocal(a + J(n)));
    sum += term;
    if (negligible(term, sum)) return sum;
  }
  return J(kNaN);
}

// F = x + 1 - a + 1 (a - 1) / (x + 3 - a + 2 (a - 2) / (x + 5 - a + ...)).
struct LegendreFraction {
  double x;  // argument of Q(a, x)

  template <class J>
  Level<J> level(int n, const J& a) const {
    return {J(x + 2.0 * n - 1.0) - a, n * (a - J(n)), J(0.0)};
  }
};

// log x - psi(y), without the cancellation of the two for x near y.
double log_ratio_to_digamma(double x, double y) {
  const double ratio = x / y;
  const double log_ratio =
      std::abs(ratio - 1.0) < 0.5 ? std::log1p((x - y) / y) : std::log(x) - std::log(y);
  return log_ratio + log_minus_digamma(y);
}

// The logarithm of x^a e^-x / Gamma(a + 1) and its derivatives in a.
template <class J>
J log_prefactor(double x, double a, int degree) {
  constexpr double kTwoPi = 6.283185307179586476925286766559;
  const double exponent = log_deviance(a, x - a, std::log(x) - std::log(a));
  J result(exponent - 0.5 * std::log(kTwoPi * a) - stirling_error(a));
  if (degree >= 1) result.set_derivative(1, 0, log_ratio_to_digamma(x, a + 1.0));
  for (int n = 2; n <= degree; ++n) result.set_derivative(n, 0, -polygamma(n - 1, a + 1.0));
  return result;
}

template <int Degree>
double log_pgamma_derivative(double x, double a, bool lower) {
  using J = Jet<1, Degree>;
  if (std::isnan(x) || !(a > 0.0) || std::isinf(a)) return kNaN;
  // Outside of (0, Inf) one tail is 1 whatever the shape; the other is taken in the limit.
  if (x <= 0.0 && !lower) return 0.0;
  if (std::isinf(x) && lower) return 0.0;
  if (x <= 0.0) return Degree == 1 ? -kInfinity : -polygamma(Degree - 1, a + 1.0);
  if (std::isinf(x)) return Degree == 1 ? kInfinity : -polygamma(Degree - 1, a);

  const J shape = J::variable(0, a);
  // Below 1 the fraction converges slowly; for x > max(1, a), Q is about one half or less.
  const bool lower_is_smaller = x < 1.0 || x < a;
  TailProbability<J> tail{J(1.0), log_prefactor<J>(x, a, Degree)};
  if (lower_is_smaller) {
    tail.log_rest += log(power_series(x, shape));
  } else {
    tail.factor = shape;
    tail.log_rest -= log(evaluate_fraction(LegendreFraction{x}, shape));
  }
  return (lower == lower_is_smaller ? tail.log_tail() : tail.log_other_tail()).derivative(Degree);
}

}  // namespace

double dlog_pgamma_da(double x, double a, bool lower) {
  return log_pgamma_derivative<1>(x, a, lower);
}
double d2log_pgamma_da2(double x, double a, bool lower) {
  return log_pgamma_derivative<2>(x, a, lower);
}
double d3log_pgamma_da3(double x, double a, bool lower) {
  return log_pgamma_derivative<3>(x, a, lower);
}

}  // namespace admle::special
