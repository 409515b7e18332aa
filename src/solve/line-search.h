// A step along a descent direction that satisfies the strong Wolfe conditions: bracket, then zoom
// with safeguarded cubic interpolation (Nocedal & Wright 2006, algorithms 3.5 and 3.6). A point
// outside the domain of the function only shortens the step. Where values differ by rounding
// alone, the slope decides (the approximate Wolfe conditions of Hager & Zhang 2005).
#pragma once

#include "solve/search.h"

namespace admle {

class LineSearch : public Search {
 public:
  explicit LineSearch(Evaluator& evaluator) : evaluator_(evaluator) {}

  std::optional<Move> step(const Point& from, const Vector& full,
                           const Direction& direction) override;

 private:
  // phi(a) = f(x + a p), with its slope.
  struct Trial {
    double step = 0;     // a
    double value = 0;    // phi(a)
    double slope = 0;    // phi'(a) = g(x + a p)'p
    bool known = false;  // false: outside the domain, or not tried
  };

  bool sufficient_decrease(const Trial& trial) const;
  bool small_slope(const Trial& trial) const;
  bool decreases_within_rounding(const Trial& trial) const;
  double next_step() const;
  void narrow(const Trial& trial);

  Evaluator& evaluator_;    // of f
  Trial origin_;            // a = 0
  Trial low_;               // the best step so far that decreases sufficiently
  Trial high_;              // the other end of the bracket
  bool bracketed_ = false;  // whether a minimum of phi lies between low_ and high_
};

}  // namespace admle
