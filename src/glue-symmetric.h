// Symmetric matrices for R.
#pragma once

#include <RcppEigen.h>

#include "math/symmetric.h"

// A matrix; of a sparse one of many columns list(i, p, x) with its upper triangle by columns,
// positions from 0.
SEXP symmetric_to_r(const admle::Symmetric& a);
