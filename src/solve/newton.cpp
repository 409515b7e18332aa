// Trust-region Newton; see newton.h. Nocedal & Wright (2006), algorithm 4.1.
#include "newton.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace admle {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kAcceptRatio = 1e-4;
constexpr double kPoorRatio = 0.25;
constexpr double kGoodRatio = 0.75;
constexpr int kMaxRejections = 60;
constexpr int kMaxNoisyRejections = 5;
// A predicted reduction below this fraction of |f| is not worth an evaluation.
constexpr double kLeastReduction = 1e-3 * std::numeric_limits<double>::epsilon();
// Predicted reductions below this fraction of |f| + 1 may drown in the rounding of f: from there
// on the gradient decides too.
constexpr double kValueNoise = 1e-9;
// The probe of the quadratic model: this many standard errors, and the misfit it tolerates.
constexpr double kProbeLength = 1e-3;
constexpr double kProbeMisfit = 0.5;
constexpr double kStableChange = 0.3;
constexpr int kMaxUnconfirmed = 5;
// A smallest eigenvalue (unit diagonal) below minus this is negative curvature, not a flat one.
constexpr double kIndefinite = 1e-8;
constexpr double kNearlySingular = 1e-6;

}  // namespace

Newton::Newton(Evaluator& evaluator, Point start, double start_value, int max_iterations)
    : evaluator_(evaluator),
      point_(std::move(start)),
      start_value_(start_value),
      max_iterations_(max_iterations),
      decrement_(kNaN),
      last_change_(kNaN) {}

Verdict Newton::run() {
  if (!set_hessian(evaluator_.hessian(point_.x))) return non_finite_hessian();
  while (true) {
    evaluator_.record(point_, decrement_, step_length_);
    if (auto verdict = should_stop()) return *verdict;
    if (auto verdict = take_step()) return *verdict;
    evaluator_.next_iteration();
  }
}

bool Newton::set_hessian(Matrix hessian) {
  if (!hessian.allFinite()) return false;
  hessian_ = std::move(hessian);
  curvature_.emplace(hessian_);
  decrement_ = positive_definite() ? curvature_->decrement(point_.gradient) : kNaN;
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
  if (radius_ < 0) radius_ = first_radius();
  for (int rejections = 0; rejections < kMaxRejections; ++rejections) {
    const TrustRegionStep step = solve_trust_region(*curvature_, point_.gradient, radius_);
    const double least = kLeastReduction * std::abs(point_.value);
    if (!(step.reduction > least) || !step.step.allFinite()) break;
    Point trial = evaluator_.at(point_.x + step.step);
    if (trial.x == point_.x) break;
    if (!trial.finite()) {
      radius_ = 0.1 * step.length;
      continue;
    }
    const double ratio = (point_.value - trial.value) / step.reduction;
    if (acceptable(step, trial, ratio) && move_to(std::move(trial), step, ratio)) {
      return std::nullopt;
    }
    if (step.reduction <= value_noise() && rejections >= kMaxNoisyRejections) break;
    radius_ = 0.25 * step.length;
  }
  return stalled_verdict();
}

// A first Newton step is tried in full; an indefinite Hessian is trusted over one of its units.
double Newton::first_radius() const {
  if (!positive_definite()) return 1.0;
  const Vector step = curvature_->newton_step(point_.gradient);
  return std::max(1.0, 1.01 * step.cwiseProduct(curvature_->scale()).norm());
}

double Newton::value_noise() const { return kValueNoise * (std::abs(point_.value) + 1); }

// Where rounding drowns the difference of two values, the gradient in units of H decides.
bool Newton::acceptable(const TrustRegionStep& step, const Point& trial, double ratio) const {
  if (ratio > kAcceptRatio) return true;
  if (!positive_definite() || step.reduction > value_noise()) return false;
  return trial.value <= point_.value + value_noise() &&
         curvature_->decrement(trial.gradient) <= 0.25 * decrement_;
}

// False, and nothing moves, when the Hessian is not finite at the trial point.
bool Newton::move_to(Point trial, const TrustRegionStep& step, double ratio) {
  std::swap(point_, trial);
  const Matrix old_hessian = hessian_;
  if (!set_hessian(evaluator_.hessian(point_.x))) {
    std::swap(point_, trial);
    return false;
  }
  last_change_ = step.full_newton && positive_definite()
                     ? curvature_->relative_size(hessian_ - old_hessian)
                     : kNaN;
  step_length_ = step.length;
  if (ratio > kGoodRatio) radius_ = std::max(radius_, 2 * step.length);
  if (ratio < kPoorRatio) radius_ = 0.5 * step.length;
  return true;
}

// A likelihood that flattens out for ever (separation) has small decrements too, but there the
// Hessian changes by its own size over every Newton step. At a minimum it is stable: over the
// last step, or else over a probe of a thousandth of a standard error.
bool Newton::model_confirmed() {
  if (last_change_ <= kStableChange) return true;
  const Vector probe = curvature_->probe(point_.gradient, kProbeLength);
  return model_holds_over(probe) || model_holds_over(-probe);
}

// The gradient changes as the Hessian says, to within half of one direction's share.
bool Newton::model_holds_over(const Vector& probe) {
  const Point there = evaluator_.at(point_.x + probe);
  if (!there.finite()) return false;
  const Vector misfit = there.gradient - point_.gradient - hessian_ * probe;
  misfit.cwiseQuotient(curvature_->scale()).cwiseAbs().maxCoeff(&misfit_parameter_);
  const double share = kProbeLength / std::sqrt(static_cast<double>(probe.size()));
  return std::sqrt(curvature_->decrement(misfit)) <= kProbeMisfit * share;
}

Verdict Newton::flat_verdict() const {
  const double lowest = curvature_->smallest_eigenvalue();
  if (lowest < kNearlySingular) return singular_hessian(lowest, point_);
  return curvature_vanishes(decrement_, misfit_parameter_, point_.x[misfit_parameter_],
                            1.0 / curvature_->scale()[misfit_parameter_]);
}

Verdict Newton::stalled_verdict() {
  if (positive_definite()) {
    if (!(decrement_ <= kAcceptableDecrement)) return no_progress(decrement_, point_);
    return model_confirmed() ? rounding_reached(decrement_) : flat_verdict();
  }
  const double lowest = curvature_->smallest_eigenvalue();
  const bool stationary =
      solve_trust_region(*curvature_, point_.gradient, 1.0).reduction <= value_noise();
  if (!stationary && lowest >= -kIndefinite) return no_progress(decrement_, point_);
  return lowest < -kIndefinite ? saddle_point(lowest) : singular_hessian(lowest, point_);
}

}  // namespace admle
