// BFGS, L-BFGS and BHHH directions; see direction.h.
#include "solve/direction.h"

#include "solve/dense-curvature.h"

#include <algorithm>
#include <cmath>

namespace admle {
namespace {

// The Wolfe conditions make step'change at least a tenth of |g'step|; much less is rounding.
bool usable(double curvature, const Point& from, const Vector& step) {
  return curvature > 1e-3 * std::abs(from.gradient.dot(step));
}

}  // namespace

double Direction::decrement(const Vector& gradient) const {
  return scaled() ? -gradient.dot(at(gradient)) : std::numeric_limits<double>::quiet_NaN();
}

double Direction::first_step(const Vector&, const Vector& step) const {
  return scaled() ? 1.0 : std::min(1.0, 1.0 / step.cwiseAbs().maxCoeff());
}

TrustRegionStep Direction::within(const Vector& gradient, double radius) const {
  const Vector full = at(gradient);
  const double decrement = -gradient.dot(full);
  const double length = std::sqrt(decrement);
  const double part = std::min(1.0, radius / length);
  return {part * full, part * length, part * (1 - part / 2) * decrement, part == 1};
}

double Direction::first_radius(const Vector& gradient) const {
  const Vector full = at(gradient);
  return first_step(gradient, full) * std::sqrt(-gradient.dot(full));
}

void BfgsDirection::start(const Point& point) {
  const auto k = point.x.size();
  inverse_ = Matrix::Identity(k, k);
  scaled_ = false;
  cautious_ = false;
  if (!evaluator_.makes_hessian()) return;
  const Matrix hessian = evaluator_.hessian(point.x).to_dense();
  if (!hessian.allFinite() || hessian.isZero(0.0)) return;
  const DenseCurvature curvature(hessian);
  inverse_ = curvature.positive_inverse();
  scaled_ = true;
  cautious_ = !curvature.positive_definite();
}

void BfgsDirection::update(const Point& from, const Point& to) {
  cautious_ = false;
  const Vector step = to.x - from.x;
  const Vector change = to.gradient - from.gradient;
  const double curvature = step.dot(change);
  if (!usable(curvature, from, step)) return;
  if (!scaled_) {
    inverse_ *= curvature / change.squaredNorm();
    scaled_ = true;
  }
  const Vector image = inverse_ * change;
  const double weight = (1.0 + change.dot(image) / curvature) / curvature;
  inverse_ += weight * step * step.transpose() -
              (image * step.transpose() + step * image.transpose()) / curvature;
}

double BfgsDirection::first_step(const Vector& gradient, const Vector& step) const {
  if (!cautious_) return Direction::first_step(gradient, step);
  return std::min(1.0, 1.0 / std::sqrt(-gradient.dot(step)));
}

LbfgsDirection::LbfgsDirection(Evaluator& evaluator)
    : memory_(static_cast<std::size_t>(std::max(1, evaluator.options().lbfgs_memory))) {}

void LbfgsDirection::update(const Point& from, const Point& to) {
  Pair pair{to.x - from.x, to.gradient - from.gradient, 0.0};
  pair.curvature = pair.step.dot(pair.change);
  if (!usable(pair.curvature, from, pair.step)) return;
  if (pairs_.size() == memory_) pairs_.pop_front();
  pairs_.push_back(std::move(pair));
}

Vector LbfgsDirection::at(const Vector& gradient) const {
  Vector direction = -gradient;
  std::vector<double> weights(pairs_.size());
  for (std::size_t i = pairs_.size(); i-- > 0;) {
    weights[i] = pairs_[i].step.dot(direction) / pairs_[i].curvature;
    direction -= weights[i] * pairs_[i].change;
  }
  if (!pairs_.empty()) {
    direction *= pairs_.back().curvature / pairs_.back().change.squaredNorm();
  }
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const double correction = pairs_[i].change.dot(direction) / pairs_[i].curvature;
    direction += (weights[i] - correction) * pairs_[i].step;
  }
  return direction;
}

void BhhhDirection::start(const Point& point) {
  const Matrix scores = evaluator_.scores(point.x);
  Matrix product = Matrix::Zero(point.x.size(), point.x.size());
  if (scores.allFinite()) product.noalias() = scores.transpose() * scores;
  inverse_ = DenseCurvature(product).positive_inverse();
}

}  // namespace admle
