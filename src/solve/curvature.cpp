// Scaled views of a Hessian; see curvature.h.
#include "solve/curvature.h"

#include <algorithm>
#include <cmath>

namespace admle {
namespace {

// Below this estimate of the reciprocal condition the eigenvalues themselves decide.
constexpr double kClearlyRegular = 1e-8;
// Eigenvalues of an indefinite matrix below this fraction of the largest are lifted to it.
constexpr double kSeedFloor = 1e-2;

}  // namespace

Vector natural_scale(const Matrix& hessian) {
  Vector scale = hessian.diagonal().cwiseAbs().cwiseSqrt();
  for (Eigen::Index i = 0; i < scale.size(); ++i) {
    if (!(scale[i] > 0)) scale[i] = std::sqrt(hessian.row(i).cwiseAbs().maxCoeff());
    if (!(scale[i] > 0)) scale[i] = 1.0;
  }
  // An indefinite matrix may have off-diagonal entries above its diagonal: equilibrate (Ruiz 2001).
  for (int sweep = 0; sweep < 20; ++sweep) {
    const Matrix scaled =
        scale.cwiseInverse().asDiagonal() * hessian * scale.cwiseInverse().asDiagonal();
    const Vector largest = scaled.cwiseAbs().rowwise().maxCoeff();
    if (!(largest.maxCoeff() > 1.5)) break;
    scale = scale.cwiseProduct(largest.cwiseMax(1.0).cwiseSqrt());
  }
  return scale;
}

Curvature::Curvature(const Matrix& hessian, const Vector& scale)
    : scale_(scale),
      scaled_(scale.cwiseInverse().asDiagonal() * hessian * scale.cwiseInverse().asDiagonal()),
      factor_(scaled_) {
  if (factor_.info() != Eigen::Success) return;
  positive_definite_ =
      factor_.rcond() > kClearlyRegular || smallest_eigenvalue() > rounding_level();
}

double Curvature::rounding_level() const {
  const double epsilon = std::numeric_limits<double>::epsilon();
  return 20 * epsilon * static_cast<double>(scale_.size());
}

double Curvature::smallest_eigenvalue() const { return eigenvalues()[0]; }

const Vector& Curvature::eigenvalues() const {
  decompose();
  return eigenvalues_;
}

const Matrix& Curvature::eigenvectors() const {
  decompose();
  return eigenvectors_;
}

void Curvature::decompose() const {
  if (decomposed_) return;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(scaled_);
  eigenvalues_ = solver.eigenvalues();
  eigenvectors_ = solver.eigenvectors();
  decomposed_ = true;
}

Vector Curvature::newton_step(const Vector& gradient) const {
  return -factor_.solve(gradient.cwiseQuotient(scale_)).cwiseQuotient(scale_);
}

double Curvature::decrement(const Vector& gradient) const {
  return factor_.matrixL().solve(gradient.cwiseQuotient(scale_)).squaredNorm();
}

Vector Curvature::probe(const Vector& gradient, double length) const {
  const Vector downhill = -factor_.matrixL().solve(gradient.cwiseQuotient(scale_));
  const double part = length / std::sqrt(static_cast<double>(scale_.size()));
  const Vector parts = downhill.unaryExpr([part](double d) { return std::copysign(part, d); });
  return factor_.matrixU().solve(parts).cwiseQuotient(scale_);
}

Matrix Curvature::positive_inverse() const {
  const Vector inverse_scale = scale_.cwiseInverse();
  Matrix inverse;
  if (positive_definite_) {
    inverse = factor_.solve(Matrix::Identity(scale_.size(), scale_.size()));
  } else {
    const double largest = eigenvalues().cwiseAbs().maxCoeff();
    const double floor = largest > 0 ? kSeedFloor * largest : 1.0;
    const Vector lifted = eigenvalues_.cwiseAbs().cwiseMax(floor);
    inverse = eigenvectors_ * lifted.cwiseInverse().asDiagonal() * eigenvectors_.transpose();
  }
  return inverse_scale.asDiagonal() * inverse * inverse_scale.asDiagonal();
}

double Curvature::relative_size(const Matrix& change) const {
  const Vector inverse_scale = scale_.cwiseInverse();
  Matrix relative = inverse_scale.asDiagonal() * change * inverse_scale.asDiagonal();
  factor_.matrixL().solveInPlace(relative);
  relative.transposeInPlace();
  factor_.matrixL().solveInPlace(relative);
  return relative.norm();
}

}  // namespace admle
