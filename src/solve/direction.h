// What is known of the curvature: an approximation B of the inverse Hessian, hence the full step
// p = -B g, and the model g's + s'B^-1 s/2 of how the function changes over a step s. Here are the
// quasi-Newton matrix (BFGS), its limited-memory form (L-BFGS), and the inverse outer product of
// the scores (Berndt, Hall, Hall & Hausman 1974); the exact Hessian is quadratic-model.h. Any of
// them goes with any search (search.h).
#pragma once

#include "solve/curvature.h"
#include "solve/evaluator.h"

#include <deque>

namespace admle {

class Direction {
 public:
  virtual ~Direction() = default;
  // Forget what was learned, start afresh at this point.
  virtual void start(const Point& point) = 0;
  // Learn from an accepted step.
  virtual void update(const Point& from, const Point& to) = 0;
  // -B g.
  virtual Vector at(const Vector& gradient) const = 0;
  // Whether B carries curvature, so that g'Bg estimates the decrement and a full step is natural.
  virtual bool scaled() const { return true; }
  // g'B g; NaN where B carries no curvature.
  virtual double decrement(const Vector& gradient) const;

  // For a line search: the fraction of the step that is tried first.
  virtual double first_step(const Vector& gradient, const Vector& step) const;

  // For a trust region: the best step of the model within the radius, and the first radius. The
  // step is the full one, cut where it is longer than the radius in the metric of B^-1, unless
  // there is a matrix that knows better.
  virtual TrustRegionStep within(const Vector& gradient, double radius) const;
  virtual double first_radius(const Vector& gradient) const;
  virtual bool definite() const { return true; }
  // Whether start() at the same point would tell more, so that a refused step calls for it.
  virtual bool renewable() const { return false; }
};

// Inverse Hessian by the BFGS formula (Nocedal & Wright 2006, 6.17), seeded with the exact Hessian
// where there is one: the iterates then do not depend on the units of the parameters.
class BfgsDirection : public Direction {
 public:
  explicit BfgsDirection(Evaluator& evaluator) : evaluator_(evaluator) {}
  void start(const Point& point) override;
  void update(const Point& from, const Point& to) override;
  Vector at(const Vector& gradient) const override { return -(inverse_ * gradient); }
  bool scaled() const override { return scaled_; }
  // An indefinite seed says little about how far to go: at most one unit of its own metric.
  double first_step(const Vector& gradient, const Vector& step) const override;

 private:
  Evaluator& evaluator_;   // gives the Hessian that B starts from
  Matrix inverse_;         // B
  bool scaled_ = false;    // B carries curvature, is not the identity
  bool cautious_ = false;  // the seed was indefinite and nothing has been learned since
};

// Two-loop recursion over the last pairs of steps and gradient changes (Nocedal 1980).
class LbfgsDirection : public Direction {
 public:
  explicit LbfgsDirection(Evaluator& evaluator);
  void start(const Point&) override { pairs_.clear(); }
  void update(const Point& from, const Point& to) override;
  Vector at(const Vector& gradient) const override;
  bool scaled() const override { return !pairs_.empty(); }

 private:
  struct Pair {
    Vector step;       // s = x_{k+1} - x_k
    Vector change;     // of the gradient
    double curvature;  // step'change
  };
  std::size_t memory_;      // pairs kept
  std::deque<Pair> pairs_;  // oldest first
};

// The outer product of the scores approximates the Hessian where the model is right.
class BhhhDirection : public Direction {
 public:
  explicit BhhhDirection(Evaluator& evaluator) : evaluator_(evaluator) {}
  void start(const Point& point) override;
  void update(const Point&, const Point& to) override { start(to); }
  Vector at(const Vector& gradient) const override { return -(inverse_ * gradient); }

 private:
  Evaluator& evaluator_;  // gives the scores
  Matrix inverse_;        // B = (sum_i s_i s_i')^-1, s_i the scores
};

}  // namespace admle
