// The curvature of a sparse matrix: a factor of S, and of S + shift I where S is not positive
// definite or steps are short. Eigenvalues are not computed, but for the smallest one.
#pragma once

#include "math/sparse-factor.h"
#include "solve/curvature.h"

namespace admle {

class SparseCurvature final : public Curvature {
 public:
  explicit SparseCurvature(const Symmetric& hessian);

  double smallest_eigenvalue() const override { return lowest(); }
  Vector newton_step(const Vector& gradient) const override;
  Vector descent_step(const Vector& gradient) const override;
  // By the spectral norm, estimated from below: the sum over thousands of directions would grow
  // with their number.
  double relative_size(const Symmetric& change) const override;
  // By Newton's method on the length, a factor for each shift (More & Sorensen 1983).
  TrustRegionStep within(const Vector& gradient, double radius) const override;

 protected:
  Vector half_solve(const Vector& x) const override { return factor_->half_solve(x); }
  Vector half_solve_transposed(const Vector& x) const override {
    return factor_->half_solve_transposed(x);
  }

 private:
  double lowest() const;
  double bound() const;
  Vector shifted_solve(const SparseFactor& factor, const Vector& x) const;
  double inverse_iteration(const SparseFactor& factor, double shift, int most) const;
  TrustRegionStep finish(const Vector& c, Vector step) const;

  Symmetric scaled_;                            // S
  std::shared_ptr<const SparseFactor> factor_;  // of S; null where it is not positive definite
  mutable double lowest_;                       // smallest eigenvalue, NaN until it is needed
  mutable Vector direction_;                    // its eigenvector, as far as it is known
};

}  // namespace admle
