// Which recording evaluates a point, and the best point of a run; see loglik.h.
#include "model/loglik.h"

namespace admle {
namespace {

constexpr std::size_t kKeep = 8;

}  // namespace

void LogLikelihood::add(std::shared_ptr<Recording> recording) {
  recording->set_threads(threads_);
  recordings_.push_front(std::move(recording));
  if (recordings_.size() > kKeep) recordings_.pop_back();
}

void LogLikelihood::set_threads(int threads) {
  threads_ = threads;
  for (const std::shared_ptr<Recording>& recording : recordings_) recording->set_threads(threads);
}

void LogLikelihood::with_recording(const Vector& theta,
                                   const std::function<bool(Recording&)>& evaluate) {
  for (auto it = recordings_.begin(); it != recordings_.end(); ++it) {
    if (!evaluate(**it)) continue;
    recordings_.splice(recordings_.begin(), recordings_, it);
    return;
  }
  std::shared_ptr<Recording> fresh = recorder_(theta);
  ++made_;
  add(fresh);
  if (!evaluate(*fresh))
    throw GraphError("the function branches differently each time it is evaluated at one point");
}

void LogLikelihood::forget_best() {
  best_.resize(0);
  best_value_ = -std::numeric_limits<double>::infinity();
}

void LogLikelihood::remember(const Vector& theta, double value) {
  if (!(value > best_value_)) return;
  best_ = theta;
  best_value_ = value;
}

double LogLikelihood::loglik(const Vector& theta) {
  double out = 0;
  with_recording(theta, [&](Recording& r) { return r.value(theta.data(), &out, poll_); });
  remember(theta, out);
  return out;
}

double LogLikelihood::loglik(const Vector& theta, Vector& gradient) {
  double out = 0;
  gradient.resize(dimension_);
  with_recording(theta, [&](Recording& r) {
    return r.value_and_gradient(theta.data(), &out, gradient.data(), poll_);
  });
  remember(theta, out);
  return out;
}

double LogLikelihood::value_and_gradient(const Vector& x, Vector& gradient) {
  const double value = loglik(x, gradient);
  gradient = -gradient;
  return -value;
}

Matrix LogLikelihood::loglik_hessian(const Vector& theta) {
  Matrix out(dimension_, dimension_);
  with_recording(theta, [&](Recording& r) { return r.hessian(theta.data(), out.data(), poll_); });
  return out;
}

Vector LogLikelihood::contributions(const Vector& theta) {
  Vector out;
  with_recording(theta, [&](Recording& r) {
    out.resize(r.n_contributions());
    return r.contributions(theta.data(), out.data(), poll_);
  });
  return out;
}

Matrix LogLikelihood::loglik_scores(const Vector& theta) {
  Matrix out;
  with_recording(theta, [&](Recording& r) {
    out.resize(r.n_contributions(), dimension_);
    return r.scores(theta.data(), out.data(), poll_);
  });
  return out;
}

Matrix LogLikelihood::third_along(const Vector& theta, const Matrix& directions) {
  Matrix out(dimension_, directions.cols());
  with_recording(theta, [&](Recording& r) {
    for (Eigen::Index m = 0; m < directions.cols(); ++m)
      if (!r.third_along(theta.data(), directions.col(m).data(), out.col(m).data(), poll_))
        return false;
    return true;
  });
  return out;
}

Matrix LogLikelihood::score_hessian_along(const Vector& theta, const Matrix& directions) {
  Matrix out(dimension_, directions.cols());
  with_recording(theta, [&](Recording& r) {
    for (Eigen::Index m = 0; m < directions.cols(); ++m)
      if (!r.score_hessian_along(theta.data(), directions.col(m).data(), out.col(m).data(), poll_))
        return false;
    return true;
  });
  return out;
}

}  // namespace admle
