// See dense-curvature.h.
#include "solve/dense-curvature.h"

#include <algorithm>
#include <cmath>

namespace admle {
namespace {

// Below this estimate of the reciprocal condition the eigenvalues themselves decide.
constexpr double kClearlyRegular = 1e-8;
// Eigenvalues of an indefinite matrix below this fraction of the largest are lifted to it.
constexpr double kSeedFloor = 1e-2;

}  // namespace

DenseCurvature::DenseCurvature(const Matrix& hessian)
    : Curvature(Symmetric(hessian)),
      scaled_(scale_.cwiseInverse().asDiagonal() * hessian * scale_.cwiseInverse().asDiagonal()),
      factor_(scaled_) {
  if (factor_.info() != Eigen::Success) return;
  positive_definite_ =
      factor_.rcond() > kClearlyRegular || smallest_eigenvalue() > rounding_level();
}

const Vector& DenseCurvature::eigenvalues() const {
  decompose();
  return eigenvalues_;
}

const Matrix& DenseCurvature::eigenvectors() const {
  decompose();
  return eigenvectors_;
}

void DenseCurvature::decompose() const {
  if (decomposed_) return;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(scaled_);
  eigenvalues_ = solver.eigenvalues();
  eigenvectors_ = solver.eigenvectors();
  decomposed_ = true;
}

Vector DenseCurvature::newton_step(const Vector& gradient) const {
  return -factor_.solve(gradient.cwiseQuotient(scale_)).cwiseQuotient(scale_);
}

Matrix DenseCurvature::positive_inverse() const {
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

double DenseCurvature::relative_size(const Symmetric& change) const {
  const Vector inverse_scale = scale_.cwiseInverse();
  Matrix relative = change.scaled(inverse_scale).to_dense();
  factor_.matrixL().solveInPlace(relative);
  relative.transposeInPlace();
  factor_.matrixL().solveInPlace(relative);
  return relative.norm();
}

}  // namespace admle
