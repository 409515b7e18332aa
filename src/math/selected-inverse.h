// The elements of the inverse of a sparse symmetric matrix that are in its pattern, and of products
// of the inverse with matrices of that pattern: all that derivatives of a log-determinant need.
// Takahashi, Fagan and Chin (1973); Erisman and Tinney (1975), Communications of the ACM 18.
#pragma once

#include "math/sparse-factor.h"

namespace admle {

// Elements of A^-1, in the order of the upper triangle of A.
void selected_inverse(const SparseFactor& factor, double* out);

// Elements of A^-1 X A^-1, where `a` and `x` are upper triangles of the pattern. False, with
// nothing written, where A is not positive definite.
bool selected_product(const SparseOrder& order, const double* a, const double* x, double* out);

}  // namespace admle
