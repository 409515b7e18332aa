// Strong Wolfe line search; see line-search.h.
#include "solve/line-search.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace admle {
namespace {

constexpr double kSufficientDecrease = 1e-4;
constexpr double kSlopeFraction = 0.9;
constexpr double kExpansion = 10.0;
constexpr int kMaxTrials = 60;
constexpr int kMaxZooms = 20;        // trials inside a bracket whose ends are both in the domain
constexpr double kRounding = 1e-14;  // relative noise of a value

// The minimiser of the cubic through two values and slopes (Nocedal & Wright, 3.59).
double cubic_minimiser(double a, double fa, double da, double b, double fb, double db) {
  const double d1 = da + db - 3 * (fa - fb) / (a - b);
  const double square = d1 * d1 - da * db;
  if (!(square >= 0)) return std::numeric_limits<double>::quiet_NaN();
  const double d2 = std::copysign(std::sqrt(square), b - a);
  return b - (b - a) * (db + d2 - d1) / (db - da + 2 * d2);
}

}  // namespace

bool LineSearch::sufficient_decrease(const Trial& trial) const {
  return trial.value <= origin_.value + kSufficientDecrease * trial.step * origin_.slope;
}

bool LineSearch::small_slope(const Trial& trial) const {
  return std::abs(trial.slope) <= -kSlopeFraction * origin_.slope;
}

bool LineSearch::decreases_within_rounding(const Trial& trial) const {
  const double noise = kRounding * std::abs(origin_.value);
  return std::abs(trial.value - origin_.value) <= noise &&
         trial.slope >= kSlopeFraction * origin_.slope &&
         trial.slope <= (2 * kSufficientDecrease - 1) * origin_.slope;
}

double LineSearch::next_step() const {
  if (!bracketed_) {
    const double cubic = cubic_minimiser(origin_.step, origin_.value, origin_.slope, low_.step,
                                         low_.value, low_.slope);
    const double least = 2 * low_.step;
    const double most = kExpansion * low_.step;
    return std::isfinite(cubic) && cubic > 0 ? std::clamp(cubic, least, most) : most;
  }
  const double width = high_.step - low_.step;
  if (!high_.known) return low_.step + 0.1 * width;
  const double cubic =
      cubic_minimiser(low_.step, low_.value, low_.slope, high_.step, high_.value, high_.slope);
  const double fraction = std::isfinite(cubic) ? (cubic - low_.step) / width : 0.5;
  return low_.step + std::clamp(fraction, 0.1, 0.9) * width;
}

void LineSearch::narrow(const Trial& trial) {
  const bool too_high = !trial.known || !sufficient_decrease(trial) || trial.value >= low_.value;
  if (too_high) {
    high_ = trial;
    bracketed_ = true;
    return;
  }
  const bool passed_minimum =
      bracketed_ ? trial.slope * (high_.step - low_.step) >= 0 : trial.slope >= 0;
  if (passed_minimum) {
    high_ = low_;
    bracketed_ = true;
  }
  low_ = trial;
}

std::optional<Move> LineSearch::step(const Point& from, const Vector& full,
                                     const Direction& direction) {
  origin_ = {0.0, from.value, from.gradient.dot(full), true};
  low_ = origin_;
  bracketed_ = false;
  if (!(origin_.slope < 0)) return std::nullopt;
  std::optional<Move> best;
  double step = direction.first_step(from.gradient, full);
  int zooms = 0;
  for (int trials = 1; trials <= kMaxTrials; ++trials) {
    Point point = evaluator_.at(from.x + step * full);
    Trial trial{step, point.value, 0.0, point.finite()};
    if (trial.known) trial.slope = point.gradient.dot(full);
    const bool wolfe = trial.known && sufficient_decrease(trial) && small_slope(trial);
    if (wolfe || (trial.known && decreases_within_rounding(trial))) {
      return Move{std::move(point), step, trials};
    }
    narrow(trial);
    if (low_.step == step) best = Move{std::move(point), step, 0};
    if (best) best->trials = trials;
    if (bracketed_ && high_.known && ++zooms > kMaxZooms) break;
    const double next = next_step();
    if (next == low_.step || (bracketed_ && next == high_.step) || !std::isfinite(next)) break;
    step = next;
  }
  return best;
}

}  // namespace admle
