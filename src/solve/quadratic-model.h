// The quadratic model of the function around a point: a Hessian and what follows from it. The
// Hessian is exact where it was evaluated; from there the model can learn from the gradients of
// accepted steps by the symmetric rank-one formula (Nocedal & Wright 2006, 6.24), which keeps
// indefinite curvature and, started from an exact Hessian, needs few steps to be nearly exact.
#pragma once

#include "solve/curvature.h"
#include "solve/evaluator.h"

#include <optional>

namespace admle {

class QuadraticModel {
 public:
  explicit QuadraticModel(Evaluator& evaluator) : evaluator_(&evaluator) {}

  // The exact Hessian at a point; false, and nothing changes, where it is not finite.
  bool evaluate(const Point& point);
  // The Hessian that explains how the gradient changed; not exact any more.
  void learn(const Point& from, const Point& to);

  bool known() const { return curvature_.has_value(); }
  bool exact() const { return learned_ == 0; }
  int learned() const { return learned_; }  // steps since the last exact Hessian
  const Matrix& hessian() const { return hessian_; }
  const Curvature& curvature() const { return *curvature_; }
  bool positive_definite() const { return known() && curvature_->positive_definite(); }
  // g'H^-1 g, NaN where H is not positive definite.
  double decrement(const Vector& gradient) const;

 private:
  void set(Matrix hessian);

  Evaluator* evaluator_;                // of the exact Hessian
  Matrix hessian_;                      // H, exact or learned
  std::optional<Curvature> curvature_;  // of hessian_
  int learned_ = 0;  // updates since the exact Hessian
};

}  // namespace admle
