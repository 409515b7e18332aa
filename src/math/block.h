// Blocks of rows of column-major numbers: what kernels read and write.
#pragma once

#include <cstdint>

namespace admle {

// A block of rows of one argument: `rows` is the block's or 1, columns are recycled.
struct Argument {
  const double* data;  // element (i, j) is data[i + j ld]
  std::int64_t ld;     // distance between columns
  std::int32_t rows;   // 1: one row for all
  std::int32_t cols;   // divides the result's
};

// Where a result goes.
struct Result {
  double* data;       // element (i, j) is data[i + j ld]
  std::int64_t ld;    // distance between columns
  std::int32_t rows;  // of the block
  std::int32_t cols;  // of the block
};

using Kernel = void (*)(const Argument* arguments, const Result& out);
using Scalar = double (*)(const double* arguments);

}  // namespace admle
