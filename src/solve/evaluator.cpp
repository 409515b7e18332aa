// Points, counts and the record of a run; see evaluator.h.
#include "solve/evaluator.h"

#include <algorithm>
#include <cmath>

namespace admle {

double scaled_gradient(const Point& point) {
  const Vector typical = point.x.cwiseAbs().cwiseMax(1.0);
  return point.gradient.cwiseAbs().cwiseProduct(typical).maxCoeff() /
         std::max(std::abs(point.value), 1.0);
}

Point Evaluator::at(const Vector& x) {
  Point point;
  point.x = x;
  point.gradient = Vector::Zero(x.size());
  point.value = objective_.value_and_gradient(x, point.gradient);
  ++gradient_evaluations_;
  if (!point.finite()) reject(point);
  return point;
}

void Evaluator::reject(const Point& point) {
  ++rejections_;
  rejected_.push_back({iterations_, point.x, objective_.why_outside()});
  if (rejected_.size() > kMostRejected) rejected_.pop_front();
}

Symmetric Evaluator::hessian(const Vector& x) {
  ++hessian_evaluations_;
  Symmetric found = objective_.hessian(x);
  if (found.is_sparse()) return found;
  return Matrix(0.5 * (found.dense() + found.dense().transpose()));
}

void Evaluator::record(const Point& point, double decrement, double step) {
  IterationRecord entry;
  entry.iteration = iterations_;
  entry.value = point.value;
  entry.gradient_norm = scaled_gradient(point);
  entry.decrement = decrement;
  entry.step = step;
  entry.evaluations = gradient_evaluations_;
  entry.rejected = rejections_;
  if (!rejected_.empty()) entry.why_rejected = rejected_.back().reason;
  path_.push_back(entry);
  if (options_.on_iteration) options_.on_iteration(entry);
}

void Evaluator::write_counts(Solution& solution) const {
  solution.iterations = iterations_;
  solution.value_evaluations = 0;
  solution.gradient_evaluations = gradient_evaluations_;
  solution.hessian_evaluations = hessian_evaluations_;
  solution.path = path_;
  solution.rejected.assign(rejected_.begin(), rejected_.end());
  solution.rejections = rejections_;
}

}  // namespace admle
