// Trust-region Newton iteration. It is a method of its own and the judge of all others: a
// quasi-Newton run hands its end point over, and what counts as converged is decided here, by the
// exact Hessian.
//
// An exact Hessian costs as much as several gradients, so it is used as long as it pays: while
// steps go as predicted, the model learns from their gradients, for no more gradients than a
// Hessian costs.
#pragma once

#include "solve/quadratic-model.h"
#include "solve/stopping.h"
#include "solve/trust-region-search.h"

#include <optional>

namespace admle {

class Newton {
 public:
  Newton(Evaluator& evaluator, Point start, double start_value, int max_iterations, Reach reach);

  Verdict run();

  const Point& point() const { return point_; }
  const Symmetric& hessian() const { return model_.hessian(); }
  double decrement() const { return decrement_; }
  // Whether reach mattered, or a learned model did.
  bool went_far() const { return learned_ || search_.went_far(); }
  bool positive_definite() const { return model_.definite(); }

 private:
  using Attempt = TrustRegionSearch::Attempt;

  Verdict iterate();
  std::optional<Verdict> should_stop();
  bool confirm_model();
  std::optional<Verdict> take_step();
  bool move_to(Attempt& attempt);
  bool learn_from(const Attempt& attempt, const Point& from);
  bool evaluate_model();

  bool model_confirmed();
  bool model_holds_over(const Vector& probe);
  bool stable_over_newton_step();
  Verdict flat_verdict() const;
  Verdict stalled_verdict();

  Evaluator& evaluator_;  // of f
  Point point_;           // x, f(x) and g
  double start_value_;    // f at the start of the whole run
  int max_iterations_;    // counted over the whole run
  Reach reach_;           // how far steps may go

  QuadraticModel model_;      // around point_
  TrustRegionSearch search_;  // how far to go
  double decrement_;          // g'H^-1 g, NaN where H is not positive definite
  double last_change_;  // of the exact Hessian over the last full Newton step, in its own units
  Eigen::Index misfit_parameter_ = 0;  // where the model failed most, over the last probe
  int unconfirmed_ = 0;     // consecutive small decrements that the model did not confirm
  double step_length_ = 0;  // of the last step, in units of its model
  bool full_step_ = false;  // the last step was a full one of its model
  bool learned_ = false;    // a step relied on a learned model
};

}  // namespace admle
