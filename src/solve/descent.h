// A direction and a search in turn, repeated until the direction's own measure of distance is
// small, nothing moves any more, or the limit is reached. Where a Hessian can be made, what the end
// point is worth is for Newton's method to say (newton.h); else the scaled gradient decides here.
#pragma once

#include "solve/search.h"
#include "solve/stopping.h"

#include <optional>

namespace admle {

class Descent {
 public:
  Descent(Evaluator& evaluator, Direction& direction, Search& search, Point start,
          int max_iterations);

  Verdict run();
  const Point& point() const { return point_; }

 private:
  std::optional<Verdict> should_stop();
  std::optional<Verdict> ready_for_newton() const;
  std::optional<Verdict> stationary();
  double estimated_decrement() const;  // g'Bg, NaN while B carries no curvature
  double relative_step() const;        // max_i |p_i| / max(|x_i|, 1)

  void choose_step();
  void restart();
  bool take_step();

  Evaluator& evaluator_;    // of the function f
  Direction& direction_;    // B
  Search& search_;          // how far to go
  Point point_;             // x, f(x) and g
  Vector step_;             // p = -B g, tried in full or in part
  double start_value_;      // f at the start of the whole run
  int max_iterations_;      // counted over the whole run
  double step_length_ = 0;  // taken last, see Move
  int stalls_ = 0;          // consecutive steps without a reduction worth the name
  int unsettled_ = 0;       // iterations with a small gradient but large steps
  bool fresh_ = true;       // nothing learned since the last start of the direction
};

}  // namespace admle
