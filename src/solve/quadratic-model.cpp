// Exact and learned Hessians; see quadratic-model.h.
#include "solve/quadratic-model.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace admle {
namespace {

// The rank-one formula divides by the part of the misfit along the step: none, no update.
constexpr double kLeastShare = 1e-8;

}  // namespace

bool QuadraticModel::evaluate(const Point& point) {
  Symmetric hessian = evaluator_->hessian(point.x);
  if (!hessian.all_finite()) return false;
  set(std::move(hessian));
  learned_ = 0;
  return true;
}

void QuadraticModel::learn(const Point& from, const Point& to) {
  if (hessian_.is_sparse()) return;  // would not stay sparse
  const Vector step = to.x - from.x;
  const Vector misfit = to.gradient - from.gradient - hessian_.times(step);
  const Vector& scale = curvature_->scale();
  const double along = misfit.dot(step);
  const double size = misfit.cwiseQuotient(scale).norm() * step.cwiseProduct(scale).norm();
  ++learned_;
  if (!(std::abs(along) > kLeastShare * size)) return;
  Matrix hessian = hessian_.dense() + (misfit / along) * misfit.transpose();
  if (hessian.allFinite()) set(std::move(hessian));
}

double QuadraticModel::decrement(const Vector& gradient) const {
  return definite() ? curvature_->decrement(gradient) : std::numeric_limits<double>::quiet_NaN();
}

void QuadraticModel::start(const Point& point) {
  if (evaluate(point)) return;
  set(Matrix(Matrix::Identity(point.x.size(), point.x.size())));
  learned_ = 1;
}

void QuadraticModel::update(const Point& from, const Point& to) {
  if (may_learn() || !evaluate(to)) learn(from, to);
}

Vector QuadraticModel::at(const Vector& gradient) const {
  return definite() ? curvature_->newton_step(gradient) : curvature_->descent_step(gradient);
}

TrustRegionStep QuadraticModel::within(const Vector& gradient, double radius) const {
  return curvature_->within(gradient, radius);
}

double QuadraticModel::first_radius(const Vector& gradient) const {
  const double length = at(gradient).cwiseProduct(curvature_->scale()).norm();
  return std::max(1.0, definite() ? 1.01 * length : length);
}

void QuadraticModel::set(Symmetric hessian) {
  hessian_ = std::move(hessian);
  curvature_ = curvature_of(hessian_);
}

}  // namespace admle
