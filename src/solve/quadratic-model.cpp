// Exact and learned Hessians; see quadratic_model.h.
#include "solve/quadratic-model.h"

#include <cmath>
#include <utility>

namespace admle {
namespace {

// The rank-one formula divides by the part of the misfit along the step: none, no update.
constexpr double kLeastShare = 1e-8;

}  // namespace

bool QuadraticModel::evaluate(const Point& point) {
  Matrix hessian = evaluator_->hessian(point.x);
  if (!hessian.allFinite()) return false;
  set(std::move(hessian));
  learned_ = 0;
  return true;
}

void QuadraticModel::learn(const Point& from, const Point& to) {
  const Vector step = to.x - from.x;
  const Vector misfit = to.gradient - from.gradient - hessian_ * step;
  const Vector& scale = curvature_->scale();
  const double along = misfit.dot(step);
  const double size = misfit.cwiseQuotient(scale).norm() * step.cwiseProduct(scale).norm();
  ++learned_;
  if (!(std::abs(along) > kLeastShare * size)) return;
  Matrix hessian = hessian_ + (misfit / along) * misfit.transpose();
  if (hessian.allFinite()) set(std::move(hessian));
}

double QuadraticModel::decrement(const Vector& gradient) const {
  return positive_definite() ? curvature_->decrement(gradient)
                             : std::numeric_limits<double>::quiet_NaN();
}

void QuadraticModel::set(Matrix hessian) {
  hessian_ = std::move(hessian);
  curvature_.emplace(hessian_);
}

}  // namespace admle
