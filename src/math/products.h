// Products with a block of rows: out = A B, and out += t(A) diag(w) B, the weighted cross-product
// that second derivatives of linear indices are made of.
//
// Blocks are column-major and short enough to be in cache (a chunk of a row loop), or long: then
// the kernels go through them in pieces. The instruction set is chosen when the package is loaded.
#pragma once

#include "math/block.h"

namespace admle {

// out = a b. Nothing of `out` may overlap the arguments.
void multiply(const Argument& a, const Argument& b, const Result& out);

// out += t(a) diag(w) b; `weights` has one number a row, or is nullptr for ones. With `symmetric`,
// a and b are the same, one triangle is computed and copied to the other.
void add_cross(const Argument& a, const double* weights, const Argument& b, const Result& out,
               bool symmetric);

}  // namespace admle
