// Which recording evaluates a point, and the best point of a run; see loglik.h.
#include "model/loglik.h"

namespace admle {
namespace {

constexpr std::size_t kKeep = 8;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

}  // namespace

LogLikelihood LogLikelihood::reweighted(std::vector<double> weights) const {
  if (!current().has_contributions())
    throw GraphError("a total that cannot be split has no contributions to weight");
  if (static_cast<std::int64_t>(weights.size()) != current().n_contributions())
    throw GraphError("one weight for each contribution is needed");
  LogLikelihood out(*this);
  out.forget_best();
  for (std::size_t i = 0; i < weights_.size(); ++i) weights[i] *= weights_[i];
  out.weights_ = std::move(weights);
  return out;
}

void LogLikelihood::add(std::shared_ptr<Recording> recording) {
  recording->set_threads(made_->threads);
  made_->recordings.push_front(std::move(recording));
  if (made_->recordings.size() > kKeep) made_->recordings.pop_back();
}

void LogLikelihood::set_threads(int threads) {
  made_->threads = threads;
  for (const std::shared_ptr<Recording>& recording : made_->recordings)
    recording->set_threads(threads);
}

Recording& LogLikelihood::with_weights(Recording& recording) const {
  if (weights_.empty()) return recording;
  if (recording.n_contributions() != static_cast<std::int64_t>(weights_.size()))
    throw GraphError("the number of contributions changes with the parameters");
  return recording.weighted(weights_.data());
}

void LogLikelihood::with_recording(const Vector& theta,
                                   const std::function<bool(Recording&)>& evaluate) {
  auto& recordings = made_->recordings;
  outside_.clear();
  for (auto it = recordings.begin(); it != recordings.end(); ++it) {
    if (!evaluate(with_weights(**it))) continue;
    recordings.splice(recordings.begin(), recordings, it);
    return;
  }
  auto& regions = made_->regions;
  for (auto it = regions.begin(); it != regions.end(); ++it) {
    double ignored;
    if (!it->region->value(theta.data(), &ignored, poll_)) continue;
    outside_ = it->outside;
    regions.splice(regions.begin(), regions, it);
    return;
  }
  Recorded fresh = made_->recorder(theta);
  if (fresh.recording == nullptr) {
    outside_ = fresh.outside;
    if (fresh.region == nullptr) return;
    regions.push_front(std::move(fresh));
    if (regions.size() > kKeep) regions.pop_back();
    return;
  }
  ++made_->count;
  add(fresh.recording);
  if (!evaluate(with_weights(*fresh.recording)))
    throw GraphError("the function branches differently each time it is evaluated at one point");
}

void LogLikelihood::forget_best() {
  best_.resize(0);
  best_value_ = -kInf;
}

void LogLikelihood::remember(const Vector& theta, double value) {
  if (!(value > best_value_)) return;
  best_ = theta;
  best_value_ = value;
}

double LogLikelihood::loglik(const Vector& theta) {
  double out = -kInf;
  with_recording(theta, [&](Recording& r) { return r.value(theta.data(), &out, poll_); });
  remember(theta, out);
  return out;
}

double LogLikelihood::loglik(const Vector& theta, Vector& gradient) {
  double out = -kInf;
  gradient.setConstant(dimension_, kNaN);
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

Symmetric LogLikelihood::loglik_hessian(const Vector& theta) {
  Symmetric out;
  with_recording(theta, [&](Recording& r) { return r.hessian(theta.data(), &out, poll_); });
  if (out.size() == 0) out = Matrix(Matrix::Constant(dimension_, dimension_, kNaN));
  return out;
}

Symmetric LogLikelihood::outer_product(const Vector& theta) {
  Symmetric out;
  with_recording(theta, [&](Recording& r) { return r.outer_product(theta.data(), &out, poll_); });
  return out;
}

Vector LogLikelihood::contributions(const Vector& theta) {
  Vector out = Vector::Constant(current().n_contributions(), kNaN);
  with_recording(theta, [&](Recording& r) {
    out.resize(r.n_contributions());
    return r.contributions(theta.data(), out.data(), poll_);
  });
  return out;
}

Matrix LogLikelihood::loglik_scores(const Vector& theta) {
  Matrix out = Matrix::Constant(current().n_contributions(), dimension_, kNaN);
  with_recording(theta, [&](Recording& r) {
    out.resize(r.n_contributions(), dimension_);
    return r.scores(theta.data(), out.data(), poll_);
  });
  return out;
}

Matrix LogLikelihood::along(const Vector& theta, const Matrix& directions, Along derivative,
                            Eigen::Index rows) {
  Matrix out = Matrix::Constant(rows, directions.cols(), kNaN);
  with_recording(theta, [&](Recording& r) {
    for (Eigen::Index m = 0; m < directions.cols(); ++m)
      if (!(r.*derivative)(theta.data(), directions.col(m).data(), out.col(m).data(), poll_))
        return false;
    return true;
  });
  return out;
}

Matrix LogLikelihood::third_along(const Vector& theta, const Matrix& directions) {
  return along(theta, directions, &Recording::third_along, dimension_);
}

Matrix LogLikelihood::score_hessian_along(const Vector& theta, const Matrix& directions) {
  return along(theta, directions, &Recording::score_hessian_along, dimension_);
}

Matrix LogLikelihood::slopes(const Vector& theta, const Matrix& directions) {
  return along(theta, directions, &Recording::slopes, current().n_contributions());
}

Vector LogLikelihood::curvatures(const Vector& theta, const Vector& first, const Vector& second) {
  Vector out = Vector::Constant(current().n_contributions(), kNaN);
  with_recording(theta, [&](Recording& r) {
    out.resize(r.n_contributions());
    return r.curvatures(theta.data(), first.data(), second.data(), out.data(), poll_);
  });
  return out;
}

}  // namespace admle
