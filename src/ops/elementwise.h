// What the op table means: names and domains, values on doubles, chunk kernels, derivatives on
// handles. Everything here is generated from ops/table.def.
#pragma once

#include <cstdint>

#include "graph/expr.h"
#include "graph/source.h"

namespace admle {

// A block of rows of one argument: `rows` is the block's or 1, columns are recycled.
struct Argument {
  const double* data;
  std::int64_t ld;
  std::int32_t rows;
  std::int32_t cols;
};

// Where a result goes.
struct Result {
  double* data;
  std::int64_t ld;
  std::int32_t rows;
  std::int32_t cols;
};

using Kernel = void (*)(const Argument* arguments, const Result& out);
using Partial = Expr (*)(const Expr* arguments, Expr value);

struct ElementwiseInfo {
  const char* name;
  const char* domain;
  Range range;
  int arity;
  Kernel kernel;
  double (*scalar)(const double* arguments);
  Partial partials[4];
  bool may_warn;  // by a warning of R's, which is to be given on R's own thread
};

const ElementwiseInfo& elementwise(Op op);

}  // namespace admle
