// Trust-region Newton iteration on exact Hessians. It is a method of its own and the judge of all
// others: a quasi-Newton run hands its end point over, and what counts as converged is decided
// here, by the exact Hessian. The trust region is measured in the natural scale of the current
// Hessian, that is, in standard errors.
#pragma once

#include "curvature.h"
#include "evaluator.h"
#include "stopping.h"
#include "trust_region.h"

#include <optional>

namespace admle {

class Newton {
 public:
  Newton(Evaluator& evaluator, Point start, double start_value, int max_iterations);

  Verdict run();

  const Point& point() const { return point_; }
  const Matrix& hessian() const { return hessian_; }
  double decrement() const { return decrement_; }
  bool positive_definite() const { return curvature_ && curvature_->positive_definite(); }

 private:
  std::optional<Verdict> should_stop();
  std::optional<Verdict> take_step();
  bool acceptable(const TrustRegionStep& step, const Point& trial, double ratio) const;
  bool move_to(Point trial, const TrustRegionStep& step, double ratio);
  double first_radius() const;
  double value_noise() const;
  bool set_hessian(Matrix hessian);

  bool model_confirmed();
  bool model_holds_over(const Vector& probe);
  Verdict flat_verdict() const;
  Verdict stalled_verdict();

  Evaluator& evaluator_;
  Point point_;
  double start_value_;
  int max_iterations_;

  Matrix hessian_;
  std::optional<Curvature> curvature_;
  double decrement_;       // g'H^-1 g, NaN where H is not positive definite
  double radius_ = -1;     // negative: not set yet
  double last_change_;     // of the Hessian over the last full Newton step, in its own units
  Eigen::Index misfit_parameter_ = 0;  // where the model failed most, over the last probe
  int unconfirmed_ = 0;    // consecutive small decrements that the model did not confirm
  double step_length_ = 0;
};

}  // namespace admle
