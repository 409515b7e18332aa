// Blocks of rows of column-major numbers: what kernels read and write.
#pragma once

#include <cstdint>

namespace admle {

// A block of rows of one argument: `rows` is the block's or 1, columns are recycled.
struct Argument {
  const double* data;  // element (i, j) is data[i + j ld]
  std::int64_t ld;     // distance between columns
  std::int32_t rows;
  std::int32_t cols;
};

// Where a result goes.
struct Result {
  double* data;     // element (i, j) is data[i + j ld]
  std::int64_t ld;  // distance between columns
  std::int32_t rows;
  std::int32_t cols;
};

using Kernel = void (*)(const Argument* arguments, const Result& out);
using Scalar = double (*)(const double* arguments);

}  // namespace admle
