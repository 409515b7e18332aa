// The trust-region subproblem with a dense matrix; see dense-curvature.h.
#include "solve/dense-curvature.h"

#include <algorithm>
#include <cmath>

namespace admle {
namespace {

constexpr double kLengthTolerance = 0.01;  // the boundary is met to this relative accuracy
constexpr int kMaxSecularSteps = 100;

// s(shift) in the eigenbasis, the zero components of c staying zero.
Vector shifted_step(const Vector& c, const Vector& eigenvalues, double shift) {
  Vector step(c.size());
  for (Eigen::Index i = 0; i < c.size(); ++i) {
    step[i] = c[i] == 0 ? 0 : -c[i] / (eigenvalues[i] + shift);
  }
  return step;
}

// Newton's method on 1/||s(shift)|| - 1/radius, which is nearly linear, inside a bracket.
Vector boundary_step(const Vector& c, const Vector& eigenvalues, double radius) {
  const double pole = std::max(0.0, -eigenvalues[0]);
  double low = pole;
  double high = pole + c.norm() / radius;
  double shift = std::max(low + 1e-3 * (high - low), std::min(high, c.norm() / radius));
  Vector step = shifted_step(c, eigenvalues, shift);
  for (int i = 0; i < kMaxSecularSteps; ++i) {
    const double length = step.norm();
    if (std::abs(length - radius) <= kLengthTolerance * radius) break;
    (length > radius ? low : high) = shift;
    const double slope =
        (step.array().square() / (eigenvalues.array() + shift)).sum() / (length * length);
    double next = shift + (length - radius) / (radius * slope);
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (next == shift) break;
    shift = next;
    step = shifted_step(c, eigenvalues, shift);
  }
  return step;
}

}  // namespace

TrustRegionStep DenseCurvature::finish(const Vector& c, const Vector& coefficients,
                                       bool full_newton) const {
  TrustRegionStep result;
  result.step = (eigenvectors() * coefficients).cwiseQuotient(scale_);
  result.length = coefficients.norm();
  result.reduction =
      -c.dot(coefficients) - 0.5 * (eigenvalues().array() * coefficients.array().square()).sum();
  result.full_newton = full_newton;
  return result;
}

TrustRegionStep DenseCurvature::within(const Vector& gradient, double radius) const {
  if (positive_definite_) {
    TrustRegionStep newton = newton_within(gradient);
    if (newton.length <= radius) return newton;
  }
  const Vector& e = eigenvalues();
  Vector c = eigenvectors().transpose() * gradient.cwiseQuotient(scale_);
  // A gradient along a direction without curvature that is rounding error must not be followed.
  const double level = rounding_level() * std::max(1.0, e.cwiseAbs().maxCoeff());
  for (Eigen::Index i = 0; i < c.size(); ++i) {
    if (std::abs(e[i]) <= level && std::abs(c[i]) <= level * c.norm()) c[i] = 0;
  }
  const double lowest = e[0];
  if (lowest >= -level) {
    const Vector inside = shifted_step(c, e, 0.0);
    if (inside.allFinite() && inside.norm() <= radius && (inside.array() * e.array()).allFinite()) {
      return finish(c, inside, lowest > level);
    }
    return finish(c, boundary_step(c, e, radius), false);
  }
  // Hard case: the gradient has no part along the lowest curvature; go to the boundary along it.
  Vector others = c;
  for (Eigen::Index i = 0; i < c.size(); ++i) {
    if (e[i] - lowest <= level) others[i] = 0;
  }
  const Vector limit = shifted_step(others, e, -lowest);
  const double lowest_part = (c - others).norm();
  const bool hard = limit.norm() < radius && lowest_part <= 1e-10 * -lowest * radius;
  if (!hard) return finish(c, boundary_step(c, e, radius), false);
  Vector coefficients = limit;
  const double length = std::sqrt(radius * radius - limit.squaredNorm());
  coefficients[0] += c[0] > 0 ? -length : length;
  return finish(c, coefficients, false);
}

}  // namespace admle
