// A symmetric matrix seen through a diagonal scaling, H = D S D. Everything that judges H does so
// on S, which has (where the diagonal of H is not zero) unit diagonal: then definiteness, Newton
// steps and quasi-Newton seeds do not depend on the units of the parameters. For a positive
// definite S of unit diagonal no other diagonal scaling improves the condition number by more
// than a factor k (van der Sluis 1969). A dense H is judged by its eigenvalues, a sparse one by
// factors of H and a few solutions with them.
#pragma once

#include "solve/solve.h"

#include <memory>

namespace admle {

// D that gives D^-1 H D^-1 unit diagonal and no entry above one in size.
Vector natural_scale(const Symmetric& hessian);

// A step s of the trust-region subproblem: minimise g's + s'Hs/2 subject to ||D s|| <= radius.
struct TrustRegionStep {
  Vector step;               // s
  double length = 0;         // ||D s||
  double reduction = 0;      // predicted: -(g's + s'Hs/2)
  bool full_newton = false;  // s = -H^-1 g, inside of the region
};

class Curvature {
 public:
  virtual ~Curvature() = default;
  const Vector& scale() const { return scale_; }

  // Smallest eigenvalue of S above what rounding leaves of a zero one.
  bool positive_definite() const { return positive_definite_; }
  virtual double smallest_eigenvalue() const = 0;

  // -H^-1 g; only for a positive definite H.
  virtual Vector newton_step(const Vector& gradient) const = 0;
  // The same with a positive definite substitute of an indefinite H.
  virtual Vector descent_step(const Vector& gradient) const = 0;
  // g'H^-1 g; only for a positive definite H.
  double decrement(const Vector& gradient) const;

  // A step p with p'Hp = length^2 that has an equal part in every direction of the factor of S and
  // points downhill; only for a positive definite H.
  Vector probe(const Vector& gradient, double length) const;

  // The size of M^-1 C M^-T with H = M M': of a change C of the curvature, in units of H; only for
  // a positive definite H.
  virtual double relative_size(const Symmetric& change) const = 0;

  // At a saddle the step follows negative curvature.
  virtual TrustRegionStep within(const Vector& gradient, double radius) const = 0;

 protected:
  explicit Curvature(const Symmetric& hessian) : scale_(natural_scale(hessian)) {}

  // M^-1 x and M^-T x with S = M M'.
  virtual Vector half_solve(const Vector& x) const = 0;
  virtual Vector half_solve_transposed(const Vector& x) const = 0;
  TrustRegionStep newton_within(const Vector& gradient) const;
  // Size below which an eigenvalue of S cannot be told from zero.
  double rounding_level() const;

  Vector scale_;                    // diagonal of D
  bool positive_definite_ = false;  // beyond rounding
};

// Of a dense or a sparse matrix.
std::shared_ptr<const Curvature> curvature_of(const Symmetric& hessian);

}  // namespace admle
