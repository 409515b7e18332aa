// A log-likelihood as what the solver minimises: minus its value, over recordings.
//
// Log-likelihoods that differ in the weights of their contributions only share their recordings:
// thousands of them can be made, as a bootstrap does.
//
// When a guard has another outcome at a point, the recordings made so far are tried, then the
// function is recorded again there. Few are kept: a function that branches anew at every point is
// recorded at every point, but does not fill the memory.
//
// A point at which the function gives no log-likelihood (a constant, an error) is outside the
// domain: the value there is -Inf and every derivative NaN.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "model/recording.h"
#include "solve/solve.h"

namespace admle {

class LogLikelihood final : public Objective {
 public:
  // The function recorded at theta, or why theta is outside its domain.
  struct Recorded {
    std::shared_ptr<Recording> recording;  // or null
    std::string outside;                   // where there is no recording
    std::shared_ptr<Recording> region;     // valid wherever this is so; may be missing
  };
  using Recorder = std::function<Recorded(const Vector& theta)>;

  LogLikelihood(int dimension, Recorder recorder, Poll poll)
      : dimension_(dimension),
        made_(std::make_shared<Made>(Made{std::move(recorder), {}, {}, 1, 1})),
        poll_(std::move(poll)) {}

  // The same with other weights of its contributions, which multiply those it has. Any sign.
  LogLikelihood reweighted(std::vector<double> weights) const;

  void add(std::shared_ptr<Recording> recording);
  // That evaluations may use, for recordings to come too.
  void set_threads(int threads);
  // How often the function has been recorded.
  int recordings() const { return made_->count; }
  const Recording& current() const { return *made_->recordings.front(); }

  // Of the log-likelihood itself.
  double loglik(const Vector& theta);
  double loglik(const Vector& theta, Vector& gradient);
  Symmetric loglik_hessian(const Vector& theta);
  // Empty where it cannot be made by blocks.
  Symmetric outer_product(const Vector& theta);
  Vector contributions(const Vector& theta);
  Matrix loglik_scores(const Vector& theta);
  // For each column v of `directions`: see Recording.
  Matrix slopes(const Vector& theta, const Matrix& directions);
  Matrix third_along(const Vector& theta, const Matrix& directions);
  Matrix score_hessian_along(const Vector& theta, const Matrix& directions);
  // Second derivatives of the contributions, each along both directions.
  Vector curvatures(const Vector& theta, const Vector& first, const Vector& second);

  // The best point evaluated since forget_best(): what an interrupted run has to show.
  const Vector& best() const { return best_; }
  double best_value() const { return best_value_; }
  void forget_best();

  // Of its negative, for the solver.
  int dimension() const override { return dimension_; }
  double value(const Vector& x) override { return -loglik(x); }
  double value_and_gradient(const Vector& x, Vector& gradient) override;
  bool has_hessian(int limit) override {
    return with_weights(*made_->recordings.front()).has_hessian(limit);
  }
  Symmetric hessian(const Vector& x) override { return loglik_hessian(x).negative(); }
  double hessian_cost() override { return with_weights(*made_->recordings.front()).hessian_cost(); }
  bool has_scores() const override { return current().has_contributions(); }
  Matrix scores(const Vector& x) override { return -loglik_scores(x); }
  std::string why_outside() const override { return outside_; }

 private:
  struct Made {
    Recorder recorder;                                 // records the function at a point
    std::list<std::shared_ptr<Recording>> recordings;  // most recently valid first
    std::list<Recorded> regions;                       // without a value, likewise
    int count;                                         // how often the function has been recorded
    int threads;                                       // that evaluations may use
  };

  using Along = bool (Recording::*)(const double* theta, const double* v, double* out,
                                    const Poll& poll);

  Recording& with_weights(Recording& recording) const;
  Matrix along(const Vector& theta, const Matrix& directions, Along derivative, Eigen::Index rows);
  // Calls `evaluate` with recordings until one is valid at theta. Where theta is outside the domain
  // there is none, and what `evaluate` would have written is left as it is.
  void with_recording(const Vector& theta, const std::function<bool(Recording&)>& evaluate);

  void remember(const Vector& theta, double value);

  int dimension_;                // number of parameters
  std::shared_ptr<Made> made_;   // shared by all reweightings
  std::vector<double> weights_;  // of the contributions; empty: none
  std::string outside_;          // why the point evaluated last is outside the domain
  Vector best_;  // argmax of the log-likelihood over what has been evaluated; empty: nothing
  double best_value_ = -std::numeric_limits<double>::infinity();
  Poll poll_;  // called now and then, may throw to interrupt
};

}  // namespace admle
