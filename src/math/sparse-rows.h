// A matrix of data most of whose elements are zero, by rows: its nonzero elements and their
// columns, row after row. Products and weighted cross-products go through the rows once, so that
// they run chunk by chunk in a row loop, in time linear in the elements kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
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

// Which elements of t(S) Z can be other than zero, and to which of them each pair of elements in
// one row of S and Z contributes.
struct SparseProduct {
  std::shared_ptr<const SparseRows> left, right;  // S and Z
  std::vector<std::int32_t> row, column;          // of each element, by columns
  std::vector<std::size_t> begin;                 // by row of S and Z: where its pairs begin
  std::vector<std::int32_t> element;  // of each pair, those of one element of Z together; -1: none

  std::int32_t size() const { return static_cast<std::int32_t>(row.size()); }
  // `upper`: of a square product its upper triangle only.
  static SparseProduct of(std::shared_ptr<const SparseRows> left,
                          std::shared_ptr<const SparseRows> right, bool upper);
};

// Rows `first`, first + 1, ... of S, as many as the block with that many rows has.
// out = S b, with b whole.
void sparse_multiply(const SparseRows& s, std::int64_t first, const Argument& b, const Result& out);
// out += t(S) x.
void add_sparse_cross(const SparseRows& s, std::int64_t first, const Argument& x,
                      const Result& out);
// out += the elements of t(S) diag(w) Z, for each column w of the block.
void add_sparse_gram(const SparseProduct& product, std::int64_t first, const Argument& weights,
                     const Result& out);
// out[i, d] = s_i' A_d z_i, where a column of the argument has the elements of A_d.
void sparse_forms(const SparseProduct& product, std::int64_t first, const Argument& a,
                  const Result& out);

}  // namespace admle
