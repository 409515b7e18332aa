// What the incomplete gamma and beta functions share: series and continued fractions on jets, when
// to stop, the passage from one tail to the other, and the exponent of the prefactor.
#pragma once

#include <cmath>
#include <limits>

#include "math/nmath.h"
#include "math/special-jet.h"

namespace admle::special {

// Enough for shapes up to 1e10 near the centre of the distribution, where the number of terms
// grows like the square root of the shape; a result that needs more is NaN.
constexpr int kMaxTerms = 1000000;

// Every coefficient of term is below rounding of the same coefficient of sum.
template <int Variables, int Degree>
bool negligible(const Jet<Variables, Degree>& term, const Jet<Variables, Degree>& sum) {
  constexpr double kTolerance = 0.25 * std::numeric_limits<double>::epsilon();
  for (int d = 0; d <= Degree; ++d) {
    for (int j = 0; j <= (Variables == 1 ? 0 : d); ++j) {
      const double bound = kTolerance * std::abs(sum.coefficient(d - j, j));
      if (!(std::abs(term.coefficient(d - j, j)) <= bound)) return false;
    }
  }
  return true;
}

// Where a shape is an integer the fraction ends, but the fraction of its derivatives does not: the
// number of terms is taken from the half-integer beside it.
inline double off_integer(double shape) { return std::floor(shape) + 0.5; }

// Keeps the quotients below finite where a partial result happens to be zero.
inline double guarded(double value) { return std::abs(value) < 1e-290 ? 1e-290 : value; }

// One level of a continued fraction
//   front_1 + numerator_1 / (rest_1 + front_2 + numerator_2 / (rest_2 + front_3 + ...)).
// The partial denominators are split so that what a level computes once is used in it only.
template <class J>
struct Level {
  J front;      // part of partial denominator n that belongs to this level
  J numerator;  // partial numerator n
  J rest;       // part of partial denominator n + 1 that belongs to this level
};

// The number of levels after which the fraction no longer changes: the modified Lentz algorithm
// (Lentz 1976; Thompson & Barnett 1986).
template <class Fraction, class... Scalar>
int fraction_length(const Fraction& fraction, const Scalar&... at) {
  auto level = fraction.level(1, at...);
  double c = guarded(level.front.value());
  double d = 0.0;
  for (int n = 1; n < kMaxTerms; ++n) {
    const auto next = fraction.level(n + 1, at...);
    const double numerator = level.numerator.value();
    const double denominator = level.rest.value() + next.front.value();
    d = 1.0 / guarded(denominator + numerator * d);
    c = guarded(denominator + numerator / c);
    if (std::abs(c * d - 1.0) <= std::numeric_limits<double>::epsilon()) return n;
    level = next;
  }
  return kMaxTerms;
}

// The fraction on jets. Evaluated from the tail, where every step contracts the error of the one
// before; a forward recurrence would lose digits in the derivatives, which are smaller than those
// of its terms. The derivatives converge a little later than the value, hence the added terms.
template <class Fraction, int Variables, int Degree, class... More>
Jet<Variables, Degree> evaluate_fraction(const Fraction& fraction,
                                         const Jet<Variables, Degree>& first, const More&... more) {
  using Scalar = Jet<Variables, 0>;
  const int length = fraction_length(fraction, Scalar(off_integer(first.value())),
                                     Scalar(off_integer(more.value()))...);
  if (length >= kMaxTerms) return std::numeric_limits<double>::quiet_NaN();
  const int last = length + length / 4 + 8;
  auto value = fraction.level(last + 1, first, more...).front;
  for (int n = last; n >= 1; --n) {
    const auto level = fraction.level(n, first, more...);
    value = level.front + level.numerator * reciprocal(level.rest + value);
  }
  return value;
}

// One tail of a distribution function, factor * exp(log_rest). The factor holds what makes the
// tail vanish with a shape (as Q(a, x) does with a), so that log_rest has moderate derivatives.
template <class J>
struct TailProbability {
  J factor;    // vanishes with a shape as the tail does
  J log_rest;  // log(tail / factor)

  J log_tail() const { return log(factor) + log_rest; }
  // Does not cancel if this is the smaller tail.
  J log_other_tail() const { return log_complement(factor * exp(log_rest)); }
};

// shape * (log(1 + e) - e) with e = difference / shape, where log_ratio = log(1 + e): the exponent
// of a gamma or beta density relative to its mode.
inline double log_deviance(double shape, double difference, double log_ratio) {
  const double e = difference / shape;
  return std::abs(e) < 0.5 ? shape * nmath().log1pmx(e) : shape * log_ratio - difference;
}

}  // namespace admle::special
