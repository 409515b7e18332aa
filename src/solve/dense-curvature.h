// The curvature of a dense matrix: a Cholesky factor, and the eigenvalues where they are needed.
#pragma once

#include "solve/curvature.h"

namespace admle {

class DenseCurvature final : public Curvature {
 public:
  explicit DenseCurvature(const Matrix& hessian);

  double smallest_eigenvalue() const override { return eigenvalues()[0]; }
  Vector newton_step(const Vector& gradient) const override;
  Vector descent_step(const Vector& gradient) const override {
    return -(positive_inverse() * gradient);
  }
  // By the Frobenius norm.
  double relative_size(const Symmetric& change) const override;
  // Exactly, from the eigenvalues, the hard case included (More & Sorensen 1983; Conn, Gould &
  // Toint 2000, section 7.3).
  TrustRegionStep within(const Vector& gradient, double radius) const override;

  // H^-1, or for an indefinite H the substitute (D V |E| V' D)^-1 with small |E| lifted.
  Matrix positive_inverse() const;

 protected:
  Vector half_solve(const Vector& x) const override { return factor_.matrixL().solve(x); }
  Vector half_solve_transposed(const Vector& x) const override {
    return factor_.matrixU().solve(x);
  }

 private:
  const Vector& eigenvalues() const;
  const Matrix& eigenvectors() const;
  void decompose() const;
  TrustRegionStep finish(const Vector& c, const Vector& coefficients, bool full_newton) const;

  Matrix scaled_;                    // S = D^-1 H D^-1
  Eigen::LLT<Matrix> factor_;        // S = L L', where S is positive definite
  mutable bool decomposed_ = false;  // whether the following are known
  mutable Vector eigenvalues_;       // E, ascending, of S = V E V'
  mutable Matrix eigenvectors_;      // V
};

}  // namespace admle
