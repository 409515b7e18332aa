// A symmetric matrix seen through a diagonal scaling, H = D S D. Everything that judges H does so
// on S, which has (where the diagonal of H is not zero) unit diagonal: then definiteness, Newton
// steps and quasi-Newton seeds do not depend on the units of the parameters. For a positive
// definite S of unit diagonal no other diagonal scaling improves the condition number by more
// than a factor k (van der Sluis 1969).
#pragma once

#include "solve/solve.h"

namespace admle {

// D that gives D^-1 H D^-1 unit diagonal and no entry above one in size.
Vector natural_scale(const Matrix& hessian);

class Curvature {
 public:
  explicit Curvature(const Matrix& hessian) : Curvature(hessian, natural_scale(hessian)) {}
  Curvature(const Matrix& hessian, const Vector& scale);

  const Vector& scale() const { return scale_; }

  // Smallest eigenvalue of S above what rounding leaves of a zero one.
  bool positive_definite() const { return positive_definite_; }
  double smallest_eigenvalue() const;

  // -H^-1 g; only for a positive definite H.
  Vector newton_step(const Vector& gradient) const;
  // g'H^-1 g; only for a positive definite H.
  double decrement(const Vector& gradient) const;

  // A step p with p'Hp = length^2 that has an equal part in every direction of the factor of S and
  // points downhill; only for a positive definite H.
  Vector probe(const Vector& gradient, double length) const;

  // H^-1, or for an indefinite H the substitute (D V |E| V' D)^-1 with small |E| lifted.
  Matrix positive_inverse() const;

  // Eigenvalues (ascending) and eigenvectors of S, computed when first asked for.
  const Vector& eigenvalues() const;
  const Matrix& eigenvectors() const;

  // Size below which an eigenvalue of S cannot be told from zero.
  double rounding_level() const;

  // || L^-1 C L^-T ||_F with H = L L': the size of a change C of the curvature, in units of H;
  // only for a positive definite H.
  double relative_size(const Matrix& change) const;

 private:
  void decompose() const;

  Vector scale_;                     // diagonal of D
  Matrix scaled_;                    // S = D^-1 H D^-1
  Eigen::LLT<Matrix> factor_;        // S = L L', where S is positive definite
  bool positive_definite_ = false;   // beyond rounding
  mutable bool decomposed_ = false;  // whether the following are known
  mutable Vector eigenvalues_;       // E, ascending, of S = V E V'
  mutable Matrix eigenvectors_;      // V
};

}  // namespace admle
