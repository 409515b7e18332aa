// What was evaluated is a type: a Point carries x, f(x) and its gradient, made by one call of the
// objective. The Evaluator makes points, counts evaluations, and keeps the record of the run.
#pragma once

#include "solve/solve.h"

#include <cmath>
#include <deque>

namespace admle {

struct Point {
  Vector x;  // k parameters
  double value = std::numeric_limits<double>::quiet_NaN();
  Vector gradient;  // g = df/dx

  bool finite() const { return std::isfinite(value) && gradient.allFinite(); }
};

// max_i |g_i| max(|x_i|, 1) / max(|f|, 1): close to a relative change of f per relative change
// of x (Dennis & Schnabel 1983, 7.2.5).
double scaled_gradient(const Point& point);

class Evaluator {
 public:
  Evaluator(Objective& objective, const SolveOptions& options)
      : objective_(objective), options_(options) {}

  const SolveOptions& options() const { return options_; }
  int dimension() const { return objective_.dimension(); }
  bool makes_hessian() const { return objective_.has_hessian(options_.dense_limit); }
  double hessian_cost() const { return objective_.hessian_cost(); }
  bool has_scores() const { return objective_.has_scores(); }

  Point at(const Vector& x);
  Symmetric hessian(const Vector& x);
  Matrix scores(const Vector& x) { return objective_.scores(x); }

  void record(const Point& point, double decrement, double step);
  int iterations() const { return iterations_; }
  void next_iteration() { ++iterations_; }
  void write_counts(Solution& solution) const;

 private:
  void reject(const Point& point);

  Objective& objective_;                // f
  const SolveOptions& options_;         // of the run
  int gradient_evaluations_ = 0;        // of value and gradient together
  int hessian_evaluations_ = 0;         // of H
  int iterations_ = 0;                  // steps taken
  std::vector<IterationRecord> path_;   // one for each record()
  int rejections_ = 0;                  // points outside the domain
  std::deque<RejectedPoint> rejected_;  // the latest of them
};

}  // namespace admle
