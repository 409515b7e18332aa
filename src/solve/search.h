// How far to go: a search takes an acceptable step with what a direction knows of the curvature.
// line-search.h looks for it along the full step; trust-region-search.h within a distance that
// grows and shrinks as the model predicts well or badly.
#pragma once

#include "solve/direction.h"

#include <optional>

namespace admle {

struct Move {
  Point point;        // where the step leads
  double length = 0;  // of the step: a fraction of the full one, or in units of the model
  int trials = 0;     // points that were tried
};

class Search {
 public:
  virtual ~Search() = default;
  // `full` is the full step of the direction at `from`. Nothing where no step is acceptable.
  virtual std::optional<Move> step(const Point& from, const Vector& full,
                                   const Direction& direction) = 0;
};

}  // namespace admle
