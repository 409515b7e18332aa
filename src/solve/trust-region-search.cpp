// The radius of the trust region and what it accepts; see trust-region-search.h.
#include "solve/trust-region-search.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace admle {
namespace {

constexpr double kAcceptRatio = 1e-4;
constexpr double kPoorRatio = 0.25;
constexpr double kGoodRatio = 0.75;
// A ratio this near to one: the model may hold farther out.
constexpr double kPredictedWell = 0.1;
constexpr int kMaxLengthenings = 8;
constexpr int kMaxRejections = 60;
constexpr int kMaxNoisyRejections = 5;
// A predicted reduction below this fraction of |f| is not worth an evaluation.
constexpr double kLeastReduction = 1e-3 * std::numeric_limits<double>::epsilon();
// Of |f| + 1: from there on the gradient decides too.
constexpr double kValueNoise = 1e-9;

// Where rounding drowns the difference of two values, the gradient in units of H decides.
bool acceptable(const Point& from, const Direction& direction,
                const TrustRegionSearch::Attempt& attempt) {
  if (attempt.ratio > kAcceptRatio) return true;
  const double noise = value_noise(from);
  return attempt.step.reduction <= noise && attempt.trial.value <= from.value + noise &&
         direction.decrement(attempt.trial.gradient) <= 0.25 * direction.decrement(from.gradient);
}

}  // namespace

double value_noise(const Point& point) { return kValueNoise * (std::abs(point.value) + 1); }

std::optional<Move> TrustRegionSearch::step(const Point& from, const Vector&,
                                            const Direction& direction) {
  rejections_ = 0;
  std::optional<Attempt> found = attempt(from, direction);
  if (!found || !found->accepted) return std::nullopt;
  const int trials = rejections_ + 1;
  resize(*found);
  return Move{std::move(found->trial), found->step.length, trials};
}

std::optional<TrustRegionSearch::Attempt> TrustRegionSearch::attempt(const Point& from,
                                                                     const Direction& direction) {
  if (radius_ < 0) radius_ = first_radius(from, direction);
  const double tolerance = evaluator_.options().decrement_tolerance;
  while (rejections_ < kMaxRejections) {
    TrustRegionStep step = direction.within(from.gradient, radius_);
    // Too small a reduction to be seen in the value: once more, for the gradient to decide.
    const bool last =
        !direction.renewable() && step.reduction <= kLeastReduction * std::abs(from.value);
    if (last && !(direction.decrement(from.gradient) > tolerance)) break;
    if (!(step.reduction > 0) || !step.step.allFinite()) break;
    Attempt attempt = try_step(from, std::move(step));
    if (attempt.trial.x == from.x) break;
    if (!attempt.trial.finite()) {
      refuse(0.1 * attempt.step.length);
      continue;
    }
    if (reach_ == Reach::kFar) lengthen(from, direction, attempt);
    attempt.accepted = acceptable(from, direction, attempt);
    if (attempt.accepted) return attempt;
    if (direction.renewable()) {
      refuse(radius_);
      return attempt;
    }
    const bool drowned = attempt.step.reduction <= value_noise(from);
    if (last || (drowned && rejections_ >= kMaxNoisyRejections)) break;
    shrink(attempt);
  }
  return std::nullopt;
}

void TrustRegionSearch::refuse(double radius) {
  radius_ = radius;
  ++rejections_;
}

void TrustRegionSearch::resize(const Attempt& accepted) {
  const double length = accepted.step.length;
  if (accepted.ratio > kGoodRatio) radius_ = std::max(radius_, 2 * length);
  if (accepted.ratio < kPoorRatio) radius_ = 0.5 * length;
  rejections_ = 0;
}

// A first Newton step is tried in full. An indefinite Hessian is trusted over one of its units, or
// as far as the Newton step of the matrix with the absolute eigenvalues would go.
double TrustRegionSearch::first_radius(const Point& from, const Direction& direction) {
  if (!direction.definite()) {
    if (reach_ == Reach::kNear) return 1.0;
    went_far_ = true;
  }
  return direction.first_radius(from.gradient);
}

TrustRegionSearch::Attempt TrustRegionSearch::try_step(const Point& from, TrustRegionStep step) {
  Point trial = evaluator_.at(from.x + step.step);
  const double ratio = (from.value - trial.value) / step.reduction;
  return {std::move(step), std::move(trial), ratio};
}

// As long as the value changes as predicted, twice as far costs one gradient, a new model several.
void TrustRegionSearch::lengthen(const Point& from, const Direction& direction, Attempt& attempt) {
  for (int times = 0; times < kMaxLengthenings; ++times) {
    if (attempt.step.full_newton || attempt.step.reduction <= value_noise(from)) return;
    if (!(std::abs(attempt.ratio - 1) <= kPredictedWell)) return;
    TrustRegionStep step = direction.within(from.gradient, 2 * radius_);
    if (!(step.length > 1.2 * attempt.step.length)) return;
    Attempt longer = try_step(from, std::move(step));
    if (!longer.trial.finite() || !(longer.trial.value < attempt.trial.value)) return;
    attempt = std::move(longer);
    went_far_ = true;
    radius_ *= 2;
  }
}

}  // namespace admle
