// A log-likelihood as what the solver minimises: minus its value, over recordings.
//
// When a guard has another outcome at a point, the recordings made so far are tried, then the
// function is recorded again there. Few are kept: a function that branches anew at every point is
// recorded at every point, but does not fill the memory.
#pragma once

#include <functional>
#include <list>
#include <memory>

#include "model/recording.h"
#include "solve/solve.h"

namespace admle {

class LogLikelihood final : public Objective {
 public:
  using Recorder = std::function<std::shared_ptr<Recording>(const Vector& theta)>;

  LogLikelihood(int dimension, Recorder recorder, Poll poll)
      : dimension_(dimension), recorder_(std::move(recorder)), poll_(std::move(poll)) {}

  void add(std::shared_ptr<Recording> recording);
  // That evaluations may use, for recordings to come too.
  void set_threads(int threads);
  // How often the function has been recorded.
  int recordings() const { return made_; }
  const Recording& current() const { return *recordings_.front(); }

  // Of the log-likelihood itself.
  double loglik(const Vector& theta);
  double loglik(const Vector& theta, Vector& gradient);
  Matrix loglik_hessian(const Vector& theta);
  Vector contributions(const Vector& theta);
  Matrix loglik_scores(const Vector& theta);
  // For each column v of `directions`: see Recording.
  Matrix third_along(const Vector& theta, const Matrix& directions);
  Matrix score_hessian_along(const Vector& theta, const Matrix& directions);

  // The best point evaluated since forget_best(): what an interrupted run has to show.
  const Vector& best() const { return best_; }
  double best_value() const { return best_value_; }
  void forget_best();

  // Of its negative, for the solver.
  int dimension() const override { return dimension_; }
  double value(const Vector& x) override { return -loglik(x); }
  double value_and_gradient(const Vector& x, Vector& gradient) override;
  bool has_hessian() const override { return recordings_.front()->has_hessian(); }
  Matrix hessian(const Vector& x) override { return -loglik_hessian(x); }
  double hessian_cost() override { return recordings_.front()->hessian_cost(); }
  bool has_scores() const override { return current().has_contributions(); }
  Matrix scores(const Vector& x) override { return -loglik_scores(x); }

 private:
  // Calls `evaluate` with recordings until one is valid at theta.
  void with_recording(const Vector& theta, const std::function<bool(Recording&)>& evaluate);

  void remember(const Vector& theta, double value);

  int dimension_;
  int made_ = 1, threads_ = 1;
  Vector best_;
  double best_value_ = -std::numeric_limits<double>::infinity();
  Recorder recorder_;
  Poll poll_;
  std::list<std::shared_ptr<Recording>> recordings_;  // most recently valid first
};

}  // namespace admle
