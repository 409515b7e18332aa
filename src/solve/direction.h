// Search directions p = -B g, where B stands for the inverse Hessian: the dense quasi-Newton
// matrix (BFGS), its limited-memory form (L-BFGS), and the inverse outer product of the scores
// (Berndt, Hall, Hall & Hausman 1974). Each is a small class; minimise.cpp combines it with the
// line search.
#pragma once

#include "solve/curvature.h"
#include "solve/evaluator.h"

#include <deque>
#include <memory>

namespace admle {

class Direction {
 public:
  virtual ~Direction() = default;
  // Forget what was learned, start afresh at this point.
  virtual void start(const Point& point) = 0;
  // Learn from an accepted step.
  virtual void update(const Point& from, const Point& to) = 0;
  virtual Vector at(const Point& point) const = 0;
  // Whether B carries curvature, so that g'Bg estimates the decrement and a full step is natural.
  virtual bool scaled() const = 0;
  // The fraction of the step that the line search tries first.
  virtual double first_step(const Point& point, const Vector& step) const;
};

// Inverse Hessian by the BFGS formula (Nocedal & Wright 2006, 6.17), seeded with the exact Hessian
// where there is one: the iterates then do not depend on the units of the parameters.
class BfgsDirection : public Direction {
 public:
  explicit BfgsDirection(Evaluator& evaluator) : evaluator_(evaluator) {}
  void start(const Point& point) override;
  void update(const Point& from, const Point& to) override;
  Vector at(const Point& point) const override { return -(inverse_ * point.gradient); }
  bool scaled() const override { return scaled_; }
  // An indefinite seed says little about how far to go: at most one unit of its own metric.
  double first_step(const Point& point, const Vector& step) const override;

 private:
  Evaluator& evaluator_;   // gives the Hessian that B starts from
  Matrix inverse_;         // B
  bool scaled_ = false;    // B carries curvature, is not the identity
  bool cautious_ = false;  // the seed was indefinite and nothing has been learned since
};

// Two-loop recursion over the last pairs of steps and gradient changes (Nocedal 1980).
class LbfgsDirection : public Direction {
 public:
  explicit LbfgsDirection(int memory) : memory_(memory) {}
  void start(const Point&) override { pairs_.clear(); }
  void update(const Point& from, const Point& to) override;
  Vector at(const Point& point) const override;
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
  Vector at(const Point& point) const override { return -(inverse_ * point.gradient); }
  bool scaled() const override { return true; }

 private:
  Evaluator& evaluator_;  // gives the scores
  Matrix inverse_;  // B = (sum_i s_i s_i')^-1, s_i the scores
};

std::unique_ptr<Direction> make_direction(Method method, Evaluator& evaluator);

}  // namespace admle
