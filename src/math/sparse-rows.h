// A matrix of data most of whose elements are zero, by rows: its nonzero elements and their
// columns, row after row. Products and weighted cross-products go through the rows once, so that
// they run chunk by chunk in a row loop, in time linear in the elements kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "math/block.h"

namespace admle {

struct SparseRows {
  std::int32_t rows = 0, cols = 0;   // of the whole matrix
  std::vector<std::size_t> begin;    // rows + 1: where each row's elements begin
  std::vector<std::int32_t> column;  // of each element
  std::vector<double> value;         // of each element

  // Elements in any order; those at the same place add up.
  static SparseRows from_triplets(std::int32_t rows, std::int32_t cols, std::size_t n,
                                  const std::int32_t* row, const std::int32_t* column,
                                  const double* value);
};

// Rows `first`, first + 1, ... of S, as many as the block with that many rows has.
// out = S b, with b whole.
void sparse_multiply(const SparseRows& s, std::int64_t first, const Argument& b, const Result& out);
// out += t(S) x.
void add_sparse_cross(const SparseRows& s, std::int64_t first, const Argument& x,
                      const Result& out);
// out += t(S) diag(w) Z for each column w of the block, side by side.
void add_sparse_gram(const SparseRows& s, const SparseRows& z, std::int64_t first,
                     const Argument& weights, const Result& out);
// out[i, d] = s_i' A_d z_i, with the matrices A_d side by side.
void sparse_forms(const SparseRows& s, const SparseRows& z, std::int64_t first, const Argument& a,
                  const Result& out);

}  // namespace admle
