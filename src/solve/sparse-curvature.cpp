// See sparse-curvature.h.
#include "solve/sparse-curvature.h"

#include <algorithm>
#include <cmath>

namespace admle {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kLengthTolerance = 0.1;  // the boundary is met to this relative accuracy
constexpr int kMostShifts = 40;
// Iterations of a power method for an estimate, and for its order of magnitude; the relative change
// that ends one.
constexpr int kMostIterations = 30, kFewIterations = 4;
constexpr double kSettled = 1e-2;
// A semidefinite matrix is taken with this shift: what rounding leaves along a direction without
// curvature is not followed.
constexpr double kLeastShift = 1e-9;

// Signs without a pattern, the same in every run.
Vector random_signs(Eigen::Index size) {
  Vector out(size);
  std::uint64_t state = 0x9E3779B97F4A7C15u;
  for (Eigen::Index i = 0; i < size; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    out[i] = (state >> 33) % 2 == 0 ? 1.0 : -1.0;
  }
  return out / std::sqrt(static_cast<double>(size));
}

}  // namespace

SparseCurvature::SparseCurvature(const Symmetric& hessian)
    : Curvature(hessian), scaled_(hessian.scaled(scale_.cwiseInverse())), lowest_(kNaN) {
  auto factor = std::make_shared<const SparseFactor>(scaled_, 0.0);
  if (!factor->ok()) return;
  factor_ = std::move(factor);
  positive_definite_ = inverse_iteration(*factor_, 0, kFewIterations) > rounding_level();
}

Vector SparseCurvature::shifted_solve(const SparseFactor& factor, const Vector& x) const {
  Matrix out = x;
  factor.solve(out);
  return out;
}

// The eigenvalue of S nearest to -shift, by powers of (S + shift I)^-1.
double SparseCurvature::inverse_iteration(const SparseFactor& factor, double shift,
                                          int most) const {
  Vector v = random_signs(scale_.size());
  double found = std::numeric_limits<double>::infinity();
  for (int i = 0; i < most; ++i) {
    const Vector next = shifted_solve(factor, v);
    const double length = next.norm();
    const double now = 1 / length - shift;
    v = next / length;
    const bool settled = std::abs(now - found) <= kSettled * (std::abs(now) + kLeastShift);
    found = now;
    if (settled) break;
  }
  direction_ = v;
  return found;
}

// No eigenvalue is below minus the largest sum of a row.
double SparseCurvature::bound() const {
  Vector sums = Vector::Zero(scale_.size());
  const Symmetric::Sparse& upper = scaled_.upper();
  for (Eigen::Index j = 0; j < upper.outerSize(); ++j) {
    for (Symmetric::Sparse::InnerIterator it(upper, j); it; ++it) {
      sums[it.row()] += std::abs(it.value());
      if (it.row() != j) sums[j] += std::abs(it.value());
    }
  }
  return sums.maxCoeff();
}

double SparseCurvature::lowest() const {
  if (!std::isnan(lowest_)) return lowest_;
  if (factor_) return lowest_ = inverse_iteration(*factor_, 0, kMostIterations);
  const double most = 1.01 * bound();
  for (double shift = kLeastShift;; shift = std::min(10 * shift, most)) {
    const SparseFactor factor(scaled_, shift);
    if (factor.ok()) return lowest_ = inverse_iteration(factor, shift, kMostIterations);
    if (shift >= most) return lowest_ = -most;
  }
}

Vector SparseCurvature::newton_step(const Vector& gradient) const {
  return -shifted_solve(*factor_, gradient.cwiseQuotient(scale_)).cwiseQuotient(scale_);
}

Vector SparseCurvature::descent_step(const Vector& gradient) const {
  if (positive_definite_) return newton_step(gradient);
  double shift = std::max(2 * std::abs(lowest()), 1e-6);
  while (true) {
    const SparseFactor factor(scaled_, shift);
    if (factor.ok())
      return -shifted_solve(factor, gradient.cwiseQuotient(scale_)).cwiseQuotient(scale_);
    shift *= 4;
  }
}

double SparseCurvature::relative_size(const Symmetric& change) const {
  const Symmetric scaled = change.scaled(scale_.cwiseInverse());
  Vector v = random_signs(scale_.size());
  double found = 0;
  for (int i = 0; i < 2 * kFewIterations; ++i) {
    const Vector next = half_solve(scaled.times(half_solve_transposed(v)));
    const double now = next.norm();
    if (!(now > 0)) return found;
    v = next / now;
    const bool settled = std::abs(now - found) <= kSettled * now;
    found = now;
    if (settled) break;
  }
  return found;
}

TrustRegionStep SparseCurvature::finish(const Vector& c, Vector step) const {
  TrustRegionStep out;
  out.length = step.norm();
  out.reduction = -c.dot(step) - 0.5 * step.dot(scaled_.times(step));
  out.step = step.cwiseQuotient(scale_);
  return out;
}

TrustRegionStep SparseCurvature::within(const Vector& gradient, double radius) const {
  if (positive_definite_) {
    TrustRegionStep newton = newton_within(gradient);
    if (newton.length <= radius) return newton;
  }
  const Vector c = gradient.cwiseQuotient(scale_);
  const bool flat = !positive_definite_ && lowest() > -kLeastShift;
  double low = positive_definite_ ? 0 : flat ? kLeastShift : -lowest();
  double high = low + c.norm() / radius + kLeastShift;
  double shift = flat ? low : low + std::min(c.norm() / radius, 1e-3 * (1 + low));
  Vector best;
  for (int i = 0; i < kMostShifts; ++i) {
    const SparseFactor factor(scaled_, shift);
    if (!factor.ok()) {
      low = shift;
      shift = std::max(2 * shift, 0.5 * (low + high));
      high = std::max(high, 2 * shift);
      continue;
    }
    best = -shifted_solve(factor, c);
    const double length = best.norm();
    if (std::abs(length - radius) <= kLengthTolerance * radius) break;
    if (length < radius && (flat && shift <= kLeastShift)) break;
    (length > radius ? low : high) = shift;
    // Short of the boundary at the end of the definite shifts: the rest along negative curvature.
    if (length < radius && !positive_definite_ && high - low <= 1e-3 * high) break;
    const double slope = factor.half_solve(best).squaredNorm() / (length * length);
    double next = shift + (length - radius) / (radius * slope);
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    shift = next;
  }
  if (best.size() == 0) return {};
  const double length = best.norm();
  if (length > radius) best *= radius / length;
  if (length < (1 - kLengthTolerance) * radius && !positive_definite_ && !flat) {
    // Which of the two ways to the boundary goes down.
    const double along = best.dot(direction_);
    const double root = std::sqrt(along * along + radius * radius - length * length);
    best += (c.dot(direction_) > 0 ? -along - root : -along + root) * direction_;
  }
  return finish(c, std::move(best));
}

}  // namespace admle
