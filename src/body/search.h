// Roots of systems of equations, to rounding: what is found at one point is where the search
// begins at the next. Knows no graph.
#pragma once

#include <functional>
#include <vector>

namespace admle {

// r(x), n numbers, and its derivative, n x n, column-major; not where `jacobian` is null.
using System = std::function<void(const double* x, double* r, double* jacobian)>;

// In one unknown, between `lower` and `upper`, where the signs of r have to differ: Newton's method
// with bisection (Press et al. 2007, Numerical Recipes, 9.4). NaN where there is no change of sign,
// and where the sign changes at a pole.
double root_between(const System& system, double lower, double upper, double start);

// In n unknowns from x on: Newton's method, with steps halved until the residual falls (Dennis and
// Schnabel 1983, Numerical Methods for Unconstrained Optimization, 6.3). False where it stops short
// of a root. `jacobian` is that at the root.
bool root_near(const System& system, std::vector<double>& x, std::vector<double>& jacobian);

}  // namespace admle
