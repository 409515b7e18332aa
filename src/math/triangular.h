// A well-conditioned basis of the columns of a matrix, given their triangular factor.
//
// Q = X R^-1 is solved row by row: every row of Q R is the row of X. In double precision Q would be
// wrong by the condition number of R times a rounding error, and a regression on Q by its square,
// where residuals are large (Bjorck 1996, Numerical Methods for Least Squares Problems, 1.4). So
// a row is solved in extended precision, where the platform has it, and rounded at the end.
#pragma once

#include <cstddef>

namespace admle {

// quotient = x r^-1; x and quotient are n by k, r is k by k and upper triangular, all column-major.
void divide_by_triangular(const double* x, const double* r, std::size_t n, std::size_t k,
                          double* quotient);

}  // namespace admle
