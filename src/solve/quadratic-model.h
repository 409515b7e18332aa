// The quadratic model of the function around a point: a Hessian and what follows from it. The
// Hessian is exact where it was evaluated; from there the model can learn from the gradients of
// accepted steps by the symmetric rank-one formula (Nocedal & Wright 2006, 6.24), which keeps
// indefinite curvature and, started from an exact Hessian, needs few steps to be nearly exact. As
// a direction it learns for no more gradients than a Hessian costs, then is evaluated anew.
#pragma once

#include "solve/direction.h"

#include <memory>

namespace admle {

class QuadraticModel : public Direction {
 public:
  explicit QuadraticModel(Evaluator& evaluator) : evaluator_(&evaluator) {}

  // The exact Hessian at a point; false, and nothing changes, where it is not finite.
  bool evaluate(const Point& point);
  // The Hessian that explains how the gradient changed; not exact any more.
  void learn(const Point& from, const Point& to);
  // Whether one more step may be learned from before that costs as much as a Hessian.
  // A sparse Hessian would not stay sparse.
  bool may_learn() const {
    return !hessian_.is_sparse() && learned_ + 1 < evaluator_->hessian_cost();
  }

  bool exact() const { return learned_ == 0; }
  const Symmetric& hessian() const { return hessian_; }
  const Curvature& curvature() const { return *curvature_; }
  bool definite() const override { return curvature_ && curvature_->positive_definite(); }
  // g'H^-1 g, NaN where H is not positive definite.
  double decrement(const Vector& gradient) const override;

  // The identity where the exact Hessian is not finite.
  void start(const Point& point) override;
  void update(const Point& from, const Point& to) override;
  // The Newton step; of an indefinite H that of the matrix with the absolute eigenvalues.
  Vector at(const Vector& gradient) const override;
  TrustRegionStep within(const Vector& gradient, double radius) const override;
  double first_radius(const Vector& gradient) const override;
  bool renewable() const override { return !exact(); }

 private:
  void set(Symmetric hessian);

  Evaluator* evaluator_;                        // of the exact Hessian
  Symmetric hessian_;                           // H, exact or learned
  std::shared_ptr<const Curvature> curvature_;  // of hessian_
  int learned_ = 0;                             // updates since the exact Hessian
};

}  // namespace admle
