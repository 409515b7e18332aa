// The distribution function of two standard normal variables with correlation rho,
//   P(x, y, rho) = P(X <= x, Y <= y).
//
// Its derivative in rho is the density (Plackett 1954, Biometrika 41, 351-360), so that
// P(x, y, rho) = P(x, y, r0) + the integral of the density over the correlation from r0 to rho.
// Genz (2004, Statistics and Computing 14, 251-260) starts at r0 = 0 or 1 and reaches an absolute
// accuracy. Here r0 is 0 for rho > 0 and -1 for rho < 0: both terms are positive, so that small
// probabilities keep their relative accuracy and have logarithms.
//
// With the correlation written as -cos t (rho < 0) or cos t (rho > 0), 0 < t <= pi / 2, the
// integrand is exp(g(t)) / (2 pi),
//   g(t) = -d^2 / (2 sin^2 t) - m / (1 + cos t),
// where d = x + y, m = -x y for negative and d = x - y, m = x y for positive rho. It has an
// essential singularity at 0 and one maximum, whose place is known: Gauss-Legendre quadrature on
// panels that start there and end where nothing is left.
#include <algorithm>
#include <cmath>
#include <limits>

#include "math/nmath.h"
#include "math/special.h"

namespace admle::special {

namespace {

constexpr double kPi = 3.141592653589793238462643383280;
constexpr double kLn2Pi = 1.837877066409345483560659472811;
constexpr int kPairs = 10;
constexpr double kNodes[kPairs] = {0.993128599185094925, 0.963971927277913791, 0.912234428251325906,
                                   0.839116971822218823, 0.746331906460150793, 0.636053680726515025,
                                   0.510867001950827098, 0.373706088715419561, 0.227785851141645078,
                                   0.0765265211334973338};
constexpr double kWeights[kPairs] = {
    0.0176140071391521183, 0.0406014298003869413, 0.0626720483341090636, 0.0832767415767047487,
    0.101930119817240435,  0.118194531961518417,  0.131688638449176627,  0.142096109318382051,
    0.149172986472603747,  0.152753387130725851};

// Of an integrand exp(g) what lies below exp(max g - kNegligible) does not matter; a panel ends
// where g has changed by kDrop, or t by a factor of kRatio: 20 nodes are exact there.
constexpr double kNegligible = 42.0;
constexpr double kDrop = 16.0;
constexpr double kRatio = 3.0;

double pnorm(double x) { return nmath().pnorm(x, 0.0, 1.0, 1, 0); }

class Plackett {
 public:
  Plackett(double d, double m) : half_square_(0.5 * d * d), d_(std::fabs(d)), m_(m) {}

  // The logarithm of the integral over (low, high).
  double log_integral(double low, double high) {
    const double mode = std::clamp(stationary(high), low, high);
    top_ = exponent(mode);
    const double sum = march(mode, high) + march(mode, low);
    return top_ + std::log(sum) - kLn2Pi;
  }

 private:
  double exponent(double t) const {
    const double s = std::sin(t);
    const double singular = half_square_ == 0.0 ? 0.0 : half_square_ / (s * s);
    return -singular - m_ / (1.0 + std::cos(t));
  }

  // g'(t) = 0 at d^2 c = m (1 - c)^2, c = cos t; without a solution g increases.
  double stationary(double high) const {
    if (m_ <= 0.0) return high;
    if (d_ == 0.0) return 0.0;
    const double square = d_ * d_;
    const double c = 2.0 * m_ / (2.0 * m_ + square + d_ * std::sqrt(4.0 * m_ + square));
    const double versine = d_ * std::sqrt(c / m_);
    return 2.0 * std::asin(std::min(1.0, std::sqrt(0.5 * versine)));
  }

  // The integral of exp(g - top) from the mode to the end on one side of it, both ways positive.
  double march(double from, double to) const {
    double sum = 0.0;
    double at = exponent(from);
    while (from != to && at - top_ > -kNegligible) {
      double end = to;
      double there = 0.0;
      for (int halving = 0; halving < 60; ++halving) {
        there = exponent(end);
        const bool near = d_ == 0.0 || std::max(from, end) <= kRatio * std::min(from, end);
        if (near && at - there <= kDrop) break;
        end = 0.5 * (from + end);
      }
      sum += panel(std::min(from, end), std::max(from, end));
      if (end == from || std::max(from, end) < 1e-18 * to) break;
      from = end;
      at = there;
    }
    return sum;
  }

  double panel(double low, double high) const {
    const double half = 0.5 * (high - low);
    const double centre = low + half;
    double sum = 0.0;
    for (int i = 0; i < kPairs; ++i) {
      const double step = half * kNodes[i];
      sum += kWeights[i] *
             (std::exp(exponent(centre - step) - top_) + std::exp(exponent(centre + step) - top_));
    }
    return half * sum;
  }

  double half_square_;  // d^2 / 2
  double d_, m_;        // of g(t), d >= 0
  double top_ = 0.0;    // largest exponent, taken out of the integral
};

// P(-y <= X <= x), what the two probabilities overlap by at rho = -1.
double log_overlap(double x, double y) {
  if (x + y <= 0.0) return -std::numeric_limits<double>::infinity();
  // Both tails of the side on which the interval lies.
  const bool left = x < y;
  const double large = log_pnorm(left ? x : y);
  const double small = log_pnorm(left ? -y : -x);
  return large + log1m_exp(large - small);
}

double log_sum(double a, double b) {
  const double high = std::max(a, b), low = std::min(a, b);
  return std::isinf(high) ? high : high + std::log1p(std::exp(low - high));
}

struct Parts {
  double log_base;      // at correlation 0 or -1
  double log_integral;  // from there
};

Parts parts(double x, double y, double rho) {
  const double none = -std::numeric_limits<double>::infinity();
  if (rho == 0.0) return {log_pnorm(x) + log_pnorm(y), none};
  if (rho > 0.0) {
    if (rho == 1.0) return {log_pnorm(std::min(x, y)), none};
    Plackett plackett(x - y, x * y);
    return {log_pnorm(x) + log_pnorm(y), plackett.log_integral(std::acos(rho), 0.5 * kPi)};
  }
  if (rho == -1.0) return {log_overlap(x, y), none};
  Plackett plackett(x + y, -x * y);
  return {log_overlap(x, y), plackett.log_integral(0.0, std::acos(-rho))};
}

bool outside(double x, double y, double rho) {
  return std::isnan(x) || std::isnan(y) || !(std::fabs(rho) <= 1.0);
}

}  // namespace

double log_pbivnorm(double x, double y, double rho) {
  if (outside(x, y, rho)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(x)) return x < 0 ? x : log_pnorm(y);
  if (std::isinf(y)) return y < 0 ? y : log_pnorm(x);
  const Parts p = parts(x, y, rho);
  return std::min(0.0, log_sum(p.log_base, p.log_integral));
}

double pbivnorm(double x, double y, double rho) {
  if (outside(x, y, rho)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(x)) return x < 0 ? 0.0 : pnorm(y);
  if (std::isinf(y)) return y < 0 ? 0.0 : pnorm(x);
  const Parts p = parts(x, y, rho);
  return std::min(1.0, std::exp(p.log_base) + std::exp(p.log_integral));
}

}  // namespace admle::special
