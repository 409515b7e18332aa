// Direction and search in turn; see descent.h.
#include "solve/descent.h"

#include <cmath>
#include <utility>

namespace admle {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int kMaxStalls = 3;
constexpr int kManyTrials = 20;  // of a line search that barely moves
// Without a Hessian, a gradient that is small while the parameters still move is not a minimum.
constexpr double kSettledStep = 1e-2;
constexpr int kMaxUnsettled = 50;

}  // namespace

Descent::Descent(Evaluator& evaluator, Direction& direction, Search& search, Point start,
                 int max_iterations)
    : evaluator_(evaluator), direction_(direction), search_(search), point_(std::move(start)),
      start_value_(point_.value), max_iterations_(max_iterations) {}

Verdict Descent::run() {
  direction_.start(point_);
  while (true) {
    choose_step();
    evaluator_.record(point_, estimated_decrement(), step_length_);
    if (auto verdict = should_stop()) return *verdict;
    if (!take_step()) return no_progress(kNaN, point_);
    evaluator_.next_iteration();
  }
}

std::optional<Verdict> Descent::should_stop() {
  if (auto verdict = value_unbounded(point_, start_value_)) return verdict;
  if (auto verdict = evaluator_.makes_hessian() ? ready_for_newton() : stationary()) {
    return verdict;
  }
  if (stalls_ >= kMaxStalls) return no_progress(kNaN, point_);
  return iteration_limit_reached(evaluator_.iterations(), max_iterations_);
}

std::optional<Verdict> Descent::ready_for_newton() const {
  const double tolerance = evaluator_.options().decrement_tolerance;
  if (!point_.gradient.isZero(0.0) && !(estimated_decrement() <= tolerance)) return std::nullopt;
  return decrement_small(estimated_decrement(), tolerance);
}

std::optional<Verdict> Descent::stationary() {
  auto verdict = gradient_small(point_, evaluator_.options().gradient_tolerance);
  if (!verdict || relative_step() <= kSettledStep) return verdict;
  if (++unsettled_ < kMaxUnsettled) return std::nullopt;
  return parameters_moving(point_, relative_step(), kSettledStep);
}

double Descent::estimated_decrement() const {
  return direction_.scaled() ? -point_.gradient.dot(step_) : kNaN;
}

double Descent::relative_step() const {
  const Vector typical = point_.x.cwiseAbs().cwiseMax(1.0);
  return step_.cwiseQuotient(typical).cwiseAbs().maxCoeff();
}

void Descent::choose_step() {
  step_ = direction_.at(point_.gradient);
  if (step_.allFinite() && point_.gradient.dot(step_) < 0) return;
  if (!point_.gradient.isZero(0.0)) restart();
}

void Descent::restart() {
  direction_.start(point_);
  step_ = direction_.at(point_.gradient);
}

bool Descent::take_step() {
  std::optional<Move> move = search_.step(point_, step_, direction_);
  if (!move && !fresh_) {
    restart();
    fresh_ = true;
    move = search_.step(point_, step_, direction_);
  }
  if (!move) return false;
  fresh_ = false;
  const double reduction = point_.value - move->point.value;
  const double noise = evaluator_.options().value_tolerance * std::abs(point_.value);
  const bool stalled = reduction <= noise || move->trials > kManyTrials;
  stalls_ = stalled ? stalls_ + 1 : 0;
  direction_.update(point_, move->point);
  point_ = std::move(move->point);
  step_length_ = move->length;
  return true;
}

}  // namespace admle
