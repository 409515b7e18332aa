// Trust-region Newton; see newton.h. Nocedal & Wright (2006), algorithm 4.1.
#include "solve/newton.h"

#include <cmath>
#include <limits>
#include <utility>

namespace admle {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// Between this ratio and its inverse a step teaches the model, and the estimated decrement should
// fall to this fraction at least with each step on a learned model.
constexpr double kLearnRatio = 0.5;
constexpr double kSlowDecrement = 0.5;
// The probe of the quadratic model: this many standard errors, and the misfit it tolerates.
constexpr double kProbeLength = 1e-3;
constexpr double kProbeMisfit = 0.5;
constexpr double kStableChange = 0.3;
constexpr int kMaxUnconfirmed = 5;
// A smallest eigenvalue (unit diagonal) below minus this is negative curvature, not a flat one.
constexpr double kIndefinite = 1e-8;
constexpr double kNearlySingular = 1e-6;

}  // namespace

Newton::Newton(Evaluator& evaluator, Point start, double start_value, int max_iterations,
               Reach reach)
    : evaluator_(evaluator), point_(std::move(start)), start_value_(start_value),
      max_iterations_(max_iterations), reach_(reach), model_(evaluator), search_(evaluator, reach),
      decrement_(kNaN), last_change_(kNaN) {}

// Whatever ends the run, the Hessian that is left is the exact one of the end point.
Verdict Newton::run() {
  const Verdict verdict = iterate();
  return model_.exact() || evaluate_model() ? verdict : non_finite_hessian();
}

Verdict Newton::iterate() {
  if (!evaluate_model()) return non_finite_hessian();
  while (true) {
    if (!model_.exact() && decrement_ <= evaluator_.options().decrement_tolerance &&
        !confirm_model()) {
      return non_finite_hessian();
    }
    evaluator_.record(point_, decrement_, step_length_);
    if (auto verdict = should_stop()) return *verdict;
    if (auto verdict = take_step()) return *verdict;
    evaluator_.next_iteration();
  }
}

bool Newton::evaluate_model() {
  if (!model_.evaluate(point_)) return false;
  decrement_ = model_.decrement(point_.gradient);
  last_change_ = kNaN;
  return true;
}

// The exact Hessian in place of a learned one. Where they agree after a full step, the Hessian did
// not change on the way; a learned one lags, so it has to agree twice as well as an exact one.
bool Newton::confirm_model() {
  const Symmetric learned = model_.hessian();
  if (!evaluate_model()) return false;
  if (!full_step_ || !positive_definite()) return true;
  const double change = 2 * model_.curvature().relative_size(model_.hessian().minus(learned));
  if (change <= kStableChange) last_change_ = change;
  return true;
}

std::optional<Verdict> Newton::should_stop() {
  const double tolerance = evaluator_.options().decrement_tolerance;
  if (auto verdict = value_unbounded(point_, start_value_)) return verdict;
  if (decrement_ <= tolerance) {
    if (model_confirmed()) return decrement_small(decrement_, tolerance);
    if (++unconfirmed_ >= kMaxUnconfirmed) return flat_verdict();
  } else {
    unconfirmed_ = 0;
  }
  return iteration_limit_reached(evaluator_.iterations(), max_iterations_);
}

std::optional<Verdict> Newton::take_step() {
  while (auto attempt = search_.attempt(point_, model_)) {
    if (attempt->accepted && move_to(*attempt)) return std::nullopt;
    if (model_.exact()) search_.shrink(*attempt);
    else if (!evaluate_model()) return non_finite_hessian();
  }
  if (!model_.exact() && !evaluate_model()) return non_finite_hessian();
  return stalled_verdict();
}

// False, and nothing moves, when the Hessian is not finite at the trial point.
bool Newton::move_to(Attempt& attempt) {
  const QuadraticModel before = model_;
  std::swap(point_, attempt.trial);
  if (!learn_from(attempt, attempt.trial) && !model_.evaluate(point_)) {
    model_ = before;
    std::swap(point_, attempt.trial);
    return false;
  }
  decrement_ = model_.decrement(point_.gradient);
  const bool comparable = before.exact() && model_.exact() && attempt.step.full_newton;
  last_change_ = comparable && positive_definite()
                     ? model_.curvature().relative_size(model_.hessian().minus(before.hessian()))
                     : kNaN;
  step_length_ = attempt.step.length;
  full_step_ = attempt.step.full_newton;
  search_.resize(attempt);
  return true;
}

// Whether the model is worth keeping after a step, with what the step has taught: it predicted
// well, it brings the minimum nearer, and its steps have not yet cost as much as a new Hessian.
bool Newton::learn_from(const Attempt& attempt, const Point& from) {
  if (reach_ == Reach::kNear) return false;
  if (!model_.may_learn()) return false;
  const bool drowned = attempt.step.reduction < value_noise(point_);
  const bool predicted = attempt.ratio >= kLearnRatio && attempt.ratio <= 1 / kLearnRatio;
  if (!drowned && !predicted) return false;
  const double limit =
      model_.exact() ? std::numeric_limits<double>::infinity() : kSlowDecrement * decrement_;
  model_.learn(from, point_);
  learned_ = true;
  return model_.decrement(point_.gradient) <= limit;
}

// A likelihood that flattens out for ever (separation) has small decrements too, but there the
// Hessian changes by its own size over every Newton step. At a minimum it is stable: over the
// last step, or else over a probe of a thousandth of a standard error, or over the next step where
// rounding spoils the probe.
bool Newton::model_confirmed() {
  if (last_change_ <= kStableChange) return true;
  const Vector probe = model_.curvature().probe(point_.gradient, kProbeLength);
  if (model_holds_over(probe) || model_holds_over(-probe)) return true;
  return !std::isfinite(last_change_) && stable_over_newton_step();
}

bool Newton::stable_over_newton_step() {
  Point next;
  next.x = point_.x + model_.curvature().newton_step(point_.gradient);
  QuadraticModel there(evaluator_);
  if (!there.evaluate(next) || !there.definite()) return false;
  return there.curvature().relative_size(there.hessian().minus(model_.hessian())) <= kStableChange;
}

// The gradient changes as the Hessian says, to within half of one direction's share.
bool Newton::model_holds_over(const Vector& probe) {
  const Point there = evaluator_.at(point_.x + probe);
  if (!there.finite()) return false;
  const Vector misfit = there.gradient - point_.gradient - model_.hessian().times(probe);
  misfit.cwiseQuotient(model_.curvature().scale()).cwiseAbs().maxCoeff(&misfit_parameter_);
  const double share = kProbeLength / std::sqrt(static_cast<double>(probe.size()));
  return std::sqrt(model_.curvature().decrement(misfit)) <= kProbeMisfit * share;
}

Verdict Newton::flat_verdict() const {
  const double lowest = model_.curvature().smallest_eigenvalue();
  if (lowest < kNearlySingular) return singular_hessian(lowest, point_);
  return curvature_vanishes(decrement_, misfit_parameter_, point_.x[misfit_parameter_],
                            1.0 / model_.curvature().scale()[misfit_parameter_]);
}

Verdict Newton::stalled_verdict() {
  if (positive_definite()) {
    if (!(decrement_ <= kAcceptableDecrement)) return no_progress(decrement_, point_);
    return model_confirmed() ? rounding_reached(decrement_) : flat_verdict();
  }
  const double lowest = model_.curvature().smallest_eigenvalue();
  const bool stationary = model_.within(point_.gradient, 1.0).reduction <= value_noise(point_);
  if (!stationary && lowest >= -kIndefinite) return no_progress(decrement_, point_);
  return lowest < -kIndefinite ? saddle_point(lowest) : singular_hessian(lowest, point_);
}

}  // namespace admle
