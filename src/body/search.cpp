// The searches end where rounding does: when a step is a few units in the last place, or small and
// no longer smaller than the one before.
#include "body/search.h"

#include <Eigen/Dense>
#include <cmath>
#include <limits>

namespace admle {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
// Steps that are smaller than this, relative to x, may be rounding.
constexpr double kSmall = 1e-8;
constexpr int kMostSteps = 200;
constexpr int kMostHalvings = 30;

struct Interval {
  double negative, positive;  // ends at which the function is negative, positive
  bool holds(double x) const {
    return x > std::fmin(negative, positive) && x < std::fmax(negative, positive);
  }
  double middle() const { return negative + (positive - negative) / 2; }
};

}  // namespace

double root_between(const System& system, double lower, double upper, double start) {
  double r, slope;
  const auto value = [&](double x) {
    system(&x, &r, &slope);
    return r;
  };
  const auto at_end = [&](double x) {
    system(&x, &r, nullptr);
    return r;
  };
  const double at_lower = at_end(lower), at_upper = at_end(upper);
  if (at_lower == 0) return lower;
  if (at_upper == 0) return upper;
  if (!((at_lower < 0) != (at_upper < 0)) || std::isnan(at_lower) || std::isnan(at_upper))
    return kNaN;
  Interval in{at_lower < 0 ? lower : upper, at_lower < 0 ? upper : lower};
  const double largest = std::fmax(std::fabs(at_lower), std::fabs(at_upper));
  double x = in.holds(start) ? start : in.middle();
  double before = std::fabs(upper - lower);
  for (int i = 0; i < kMostSteps; ++i) {
    if (value(x) == 0) return x;
    if (std::isnan(r)) return kNaN;
    (r < 0 ? in.negative : in.positive) = x;
    double next = x - r / slope;
    const bool newton = in.holds(next) && std::fabs(next - x) <= before / 2;
    const bool done = std::fabs(next - x) <= 2 * kEpsilon * std::fabs(x) ||
                      (!newton && std::fabs(next - x) <= kSmall * std::fabs(x));
    if (done && in.holds(next)) return next;
    if (!newton) next = in.middle();
    before = std::fabs(next - x);
    if (done || next == x || next == in.negative || next == in.positive)
      return std::fabs(r) <= largest ? x : kNaN;
    x = next;
  }
  return std::fabs(r) <= largest ? x : kNaN;
}

bool root_near(const System& system, std::vector<double>& x, std::vector<double>& jacobian) {
  const auto n = static_cast<Eigen::Index>(x.size());
  Eigen::VectorXd at = Eigen::Map<const Eigen::VectorXd>(x.data(), n), r(n), next(n), r_next(n);
  Eigen::MatrixXd slope(n, n), slope_next(n, n);
  system(at.data(), r.data(), slope.data());
  if (!r.allFinite() || !slope.allFinite()) return false;
  double before = std::numeric_limits<double>::infinity();
  bool found = r.isZero(0);
  for (int i = 0; i < kMostSteps && !found; ++i) {
    const Eigen::VectorXd step = -slope.partialPivLu().solve(r);
    if (!step.allFinite()) return false;
    const double size =
        (step.array().abs() / (at.array().abs() + std::numeric_limits<double>::min())).maxCoeff();
    const bool last = size <= 4 * kEpsilon || (size <= kSmall && size >= before / 2);
    double part = 1;
    for (int halving = 0;; ++halving, part /= 2) {
      next = at + part * step;
      system(next.data(), r_next.data(), slope_next.data());
      const bool finite = r_next.allFinite() && slope_next.allFinite();
      if (finite && (size <= kSmall || r_next.norm() <= (1 - 1e-4 * part) * r.norm())) break;
      if (halving == kMostHalvings) return false;
    }
    at.swap(next);
    r.swap(r_next);
    slope.swap(slope_next);
    before = size;
    found = last || r.isZero(0);
  }
  x.assign(at.data(), at.data() + n);
  jacobian.assign(slope.data(), slope.data() + n * n);
  return found;
}

}  // namespace admle
