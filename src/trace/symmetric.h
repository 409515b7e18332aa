// Symmetric matrices for R.
#pragma once

#include <RcppEigen.h>

#include "math/sparse-factor.h"

namespace admle {

// Behind R's external pointer: how to eliminate a matrix.
using KeptOrder = std::shared_ptr<const SparseOrder>;

// A matrix; of a sparse one of many columns list(i, p, x, order) with its upper triangle by
// columns, positions from 0.
SEXP symmetric_to_r(const Symmetric& a);

}  // namespace admle
