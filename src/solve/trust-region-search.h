// A step within a radius that follows from how well the last steps were predicted (Nocedal & Wright
// 2006, algorithm 4.1). The radius is in the metric of the direction's model: of the exact Hessian,
// in standard errors. A step that went as predicted up to the edge of the region is lengthened
// before anything is evaluated anew (Dennis & Schnabel 1983, 6.4.3).
#pragma once

#include "solve/search.h"

namespace admle {

// Whether the first steps may be as long as an indefinite Hessian suggests, and good ones
// lengthened. Who goes far gets there sooner, but not always to the nearest minimum.
enum class Reach { kFar, kNear };

// Predicted reductions below this may drown in the rounding of f.
double value_noise(const Point& point);

class TrustRegionSearch : public Search {
 public:
  explicit TrustRegionSearch(Evaluator& evaluator, Reach reach = Reach::kNear)
      : evaluator_(evaluator), reach_(reach) {}

  // A step that was tried, where it led, and actual over predicted reduction.
  struct Attempt {
    TrustRegionStep step;   // p and what the model predicts of it
    Point trial;            // x + p
    double ratio = 0;       // (f(x) - f(x + p)) / predicted reduction
    bool accepted = false;  // false: refused, and the direction is to be renewed
  };

  std::optional<Move> step(const Point& from, const Vector& full,
                           const Direction& direction) override;

  // The parts of step(), for who has a say between them. Nothing where no attempt is left.
  std::optional<Attempt> attempt(const Point& from, const Direction& direction);
  void shrink(const Attempt& refused) { refuse(0.25 * refused.step.length); }
  void resize(const Attempt& accepted);

  // Whether reach mattered.
  bool went_far() const { return went_far_; }

 private:
  void refuse(double radius);
  double first_radius(const Point& from, const Direction& direction);
  Attempt try_step(const Point& from, TrustRegionStep step);
  void lengthen(const Point& from, const Direction& direction, Attempt& attempt);

  Evaluator& evaluator_;   // of f
  Reach reach_;            // how far steps may go
  double radius_ = -1;     // negative: not set yet
  int rejections_ = 0;     // attempts refused since the last step
  bool went_far_ = false;  // see went_far()
};

}  // namespace admle
