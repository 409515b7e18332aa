// One scalar operation: the cheap ones in place, the others by the op table's function.
#pragma once

#include <cmath>

#include "graph/op.h"
#include "math/numeric.h"

namespace admle {

// `in` has room for two arguments at least.
inline double scalar_result(Op op, const double* in) {
  const double x = in[0], y = in[1];
  switch (op) {
    case Op::add: return x + y;
    case Op::sub: return x - y;
    case Op::mul: return x * y;
    case Op::div: return x / y;
    case Op::neg: return -x;
    case Op::square: return x * x;
    case Op::mulz: return numeric::product(x, y);
    case Op::sqrt: return std::sqrt(x);
    case Op::abs: return std::fabs(x);
    default: return elementwise(op).scalar(in);
  }
}

}  // namespace admle
