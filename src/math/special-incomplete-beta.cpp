// Derivatives of the logarithm of the regularised incomplete beta function I_x(a, b) in a and b.
//
// The tail below the mean is computed, by the power series (DLMF 8.17.8; every term is positive)
// or by the continued fraction of Didonato & Morris (1992, ACM TOMS 18, 360-373, equation 9: the
// even part of DLMF 8.17.22), on jets in (a, b):
//   I_x(a, b) = C b S,   I_x(a, b) = C a b / F,   C = x^a y^b Gamma(a + b) / (a! b!),   y = 1 - x.
// C is differentiated analytically through differences of polygamma functions. The other tail is
// I_y(b, a) = 1 - I_x(a, b). Boik & Robison-Cox (1998, J. Stat. Software 3(1)) differentiate a
// continued fraction by recurrence in the same spirit.
#include <cmath>
#include <limits>

#include "math/nmath.h"
#include "math/special-fraction.h"
#include "math/special-jet.h"
#include "math/special.h"

namespace admle::special {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Point {
  double x, y;  // x + y = 1, both to full relative precision
  double a, b;  // shapes

  double log_x() const { return x < 0.5 ? std::log(x) : std::log1p(-y); }
  double log_y() const { return y < 0.5 ? std::log(y) : std::log1p(-x); }
  Point reflected() const { return {y, x, b, a}; }
};

// S = sum over n of (a + b) ... (a + b + n - 1) / ((a + 1) ... (a + n)) x^n.
template <class J>
J power_series(double x, const J& a, const J& b) {
  const J sum_of_shapes = a + b;
  J term(1.0);
  J sum(1.0);
  for (int n = 1; n < kMaxTerms; ++n) {
    term = term * ((sum_of_shapes + J(n - 1)) * (x * reciprocal(a + J(n))));
    sum += term;
    if (negligible(term, sum)) return sum;
  }
  return J(kNaN);
}

// With q_n = 1 / (a + 2n - 1), the n-th numerator is
//   (1 - n q_n) (1 + (b - n) q_n) n (b - n) x^2
// and the denominators are n + (1 - (n + 1) q_{n+1}) (d + 1 + n (1 + y)) + n (b - n) x q_n, where
// d = a y - b x. Written as 1 + a small term, the quotients keep their small derivatives for
// large a.
struct DidonatoMorrisFraction {
  double x, y;  // x + y = 1

  template <class J>
  Level<J> level(int n, const J& a, const J& b) const {
    const J inverse = reciprocal(a + J(2.0 * n - 1.0));
    const J quotient = J(1.0) - n * inverse;
    const J excess = b - J(n);
    const J share = excess * inverse;
    const J distance = a * y - b * x;
    return {J(n - 1.0) + quotient * (distance + J(1.0 + (n - 1) * (1.0 + y))),
            quotient * (excess + excess * share) * (n * x * x), share * (n * x)};
  }
};

// The logarithm of C by Stirling's formula, so that its large terms cancel analytically.
double log_prefactor_value(const Point& at) {
  constexpr double kTwoPi = 6.283185307179586476925286766559;
  const double a = at.a;
  const double b = at.b;
  const double n = a + b;
  const double larger = std::fmax(a, b);
  const double lost = std::fmin(a, b) - (n - larger);  // a + b = n + lost
  // n x - a = b - n y, from the more precise one of x and y, rounded once.
  const double excess =
      at.x < 0.5 ? std::fma(at.x, n, -a) + at.x * lost : -(std::fma(at.y, n, -b) + at.y * lost);
  return log_deviance(a, excess, at.log_x() + std::log(n) - std::log(a)) +
         log_deviance(b, -excess, at.log_y() + std::log(n) - std::log(b)) -
         0.5 * (std::log(kTwoPi * a) + std::log(b) + std::log(n)) + stirling_error(n) -
         stirling_error(a) - stirling_error(b);
}

template <class J>
J log_prefactor(const Point& at, int degree) {
  const double a = at.a;
  const double b = at.b;
  J result(log_prefactor_value(at));
  if (degree >= 1) {
    result.set_derivative(1, 0, at.log_x() + polygamma_difference(0, a + 1.0, b - 1.0));
    result.set_derivative(0, 1, at.log_y() + polygamma_difference(0, b + 1.0, a - 1.0));
  }
  for (int n = 2; n <= degree; ++n) {
    result.set_derivative(n, 0, polygamma_difference(n - 1, a + 1.0, b - 1.0));
    result.set_derivative(0, n, polygamma_difference(n - 1, b + 1.0, a - 1.0));
    const double mixed = polygamma(n - 1, a + b);
    for (int i = 1; i < n; ++i) result.set_derivative(n - i, i, mixed);
  }
  return result;
}

// I_x(a, b) for x below the mean or little above.
template <class J>
TailProbability<J> smaller_tail(const Point& at, int degree) {
  const J a = J::variable(0, at.a);
  const J b = J::variable(1, at.b);
  TailProbability<J> tail{b, log_prefactor<J>(at, degree)};
  // The series converges like x^n once n exceeds b x; with both shapes above 1 the fraction
  // needs fewer terms.
  const bool use_series = at.x <= 0.9 && (at.a <= 1.0 || at.b <= 1.0 || at.b * at.x <= 1.0);
  if (use_series) {
    tail.log_rest += log(power_series(at.x, a, b));
  } else {
    tail.factor = a * b;
    tail.log_rest -= log(evaluate_fraction(DidonatoMorrisFraction{at.x, at.y}, a, b));
  }
  return tail;
}

// The derivative of log I_x(a, b), or of log(1 - I_x(a, b)), order_a times in a and order_b in b.
template <int OrderA, int OrderB>
double log_pbeta_derivative(double x, double y, double a, double b, bool lower) {
  constexpr int kDegree = OrderA + OrderB;
  using J = Jet<2, kDegree>;
  if (std::isnan(x) || std::isnan(y) || !(a > 0.0) || !(b > 0.0)) return kNaN;
  if (std::isinf(a) || std::isinf(b)) return kNaN;
  // Outside of (0, 1) one tail is 1 whatever the shapes.
  if (x <= 0.0 && !lower) return 0.0;
  if (y <= 0.0 && lower) return 0.0;

  const Point at{std::fmax(x, 0.0), std::fmax(y, 0.0), a, b};
  const bool lower_is_smaller = x < (a + 1.0) / (a + b + 2.0);
  const auto tail = smaller_tail<J>(lower_is_smaller ? at : at.reflected(), kDegree);
  const J result = lower == lower_is_smaller ? tail.log_tail() : tail.log_other_tail();
  return lower_is_smaller ? result.derivative(OrderA, OrderB) : result.derivative(OrderB, OrderA);
}

}  // namespace

double dlog_pbeta_da(double x, double y, double a, double b, bool lower) {
  return log_pbeta_derivative<1, 0>(x, y, a, b, lower);
}
double dlog_pbeta_db(double x, double y, double a, double b, bool lower) {
  return log_pbeta_derivative<0, 1>(x, y, a, b, lower);
}
double d2log_pbeta_daa(double x, double y, double a, double b, bool lower) {
  return log_pbeta_derivative<2, 0>(x, y, a, b, lower);
}
double d2log_pbeta_dab(double x, double y, double a, double b, bool lower) {
  return log_pbeta_derivative<1, 1>(x, y, a, b, lower);
}
double d2log_pbeta_dbb(double x, double y, double a, double b, bool lower) {
  return log_pbeta_derivative<0, 2>(x, y, a, b, lower);
}
double d3log_pbeta_daaa(double x, double y, double a, double b, bool lower) {
  return log_pbeta_derivative<3, 0>(x, y, a, b, lower);
}
double d3log_pbeta_daab(double x, double y, double a, double b, bool lower) {
  return log_pbeta_derivative<2, 1>(x, y, a, b, lower);
}
double d3log_pbeta_dabb(double x, double y, double a, double b, bool lower) {
  return log_pbeta_derivative<1, 2>(x, y, a, b, lower);
}
double d3log_pbeta_dbbb(double x, double y, double a, double b, bool lower) {
  return log_pbeta_derivative<0, 3>(x, y, a, b, lower);
}

}  // namespace admle::special
