// What a dense and a sparse matrix have in common; see curvature.h.
#include "solve/curvature.h"

#include "solve/dense-curvature.h"
#include "solve/sparse-curvature.h"

#include <cmath>

namespace admle {

Vector natural_scale(const Symmetric& hessian) {
  Vector scale = hessian.diagonal().cwiseAbs().cwiseSqrt();
  if (!(scale.minCoeff() > 0)) {
    const Vector largest = hessian.largest_by_row();
    for (Eigen::Index i = 0; i < scale.size(); ++i) {
      if (!(scale[i] > 0)) scale[i] = std::sqrt(largest[i]);
      if (!(scale[i] > 0)) scale[i] = 1.0;
    }
  }
  // An indefinite matrix may have off-diagonal entries above its diagonal: equilibrate (Ruiz 2001).
  for (int sweep = 0; sweep < 20; ++sweep) {
    const Vector largest = hessian.scaled(scale.cwiseInverse()).largest_by_row();
    if (!(largest.maxCoeff() > 1.5)) break;
    scale = scale.cwiseProduct(largest.cwiseMax(1.0).cwiseSqrt());
  }
  return scale;
}

double Curvature::rounding_level() const {
  const double epsilon = std::numeric_limits<double>::epsilon();
  return 20 * epsilon * static_cast<double>(scale_.size());
}

double Curvature::decrement(const Vector& gradient) const {
  return half_solve(gradient.cwiseQuotient(scale_)).squaredNorm();
}

Vector Curvature::probe(const Vector& gradient, double length) const {
  const Vector downhill = -half_solve(gradient.cwiseQuotient(scale_));
  const double part = length / std::sqrt(static_cast<double>(scale_.size()));
  const Vector parts = downhill.unaryExpr([part](double d) { return std::copysign(part, d); });
  return half_solve_transposed(parts).cwiseQuotient(scale_);
}

TrustRegionStep Curvature::newton_within(const Vector& gradient) const {
  TrustRegionStep newton;
  newton.step = newton_step(gradient);
  newton.length = newton.step.cwiseProduct(scale_).norm();
  newton.reduction = 0.5 * decrement(gradient);
  newton.full_newton = true;
  return newton;
}

std::shared_ptr<const Curvature> curvature_of(const Symmetric& hessian) {
  if (hessian.is_sparse()) return std::make_shared<const SparseCurvature>(hessian);
  return std::make_shared<const DenseCurvature>(hessian.dense());
}

}  // namespace admle
