// The trust-region subproblem: minimise g's + s'Hs/2 subject to ||D s|| <= radius, solved exactly
// from the eigenvalues of D^-1 H D^-1, the hard case included (More & Sorensen 1983; Conn, Gould &
// Toint 2000, section 7.3). At a saddle the step follows negative curvature.
#pragma once

#include "solve/curvature.h"

namespace admle {

struct TrustRegionStep {
  Vector step;               // s
  double length = 0;         // ||D s||
  double reduction = 0;      // predicted: -(g's + s'Hs/2)
  bool full_newton = false;  // s = -H^-1 g, inside of the region
};

TrustRegionStep solve_trust_region(const Curvature& curvature, const Vector& gradient,
                                   double radius);

}  // namespace admle
