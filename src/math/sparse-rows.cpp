// See sparse-rows.h.
#include "math/sparse-rows.h"

#include <algorithm>

namespace admle {

SparseRows SparseRows::from_triplets(std::int32_t rows, std::int32_t cols, std::size_t n,
                                     const std::int32_t* row, const std::int32_t* column,
                                     const double* value) {
  SparseRows out;
  out.rows = rows;
  out.cols = cols;
  out.begin.assign(static_cast<std::size_t>(rows) + 1, 0);
  out.column.resize(n);
  out.value.resize(n);
  for (std::size_t e = 0; e < n; ++e) ++out.begin[static_cast<std::size_t>(row[e]) + 1];
  for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) out.begin[i + 1] += out.begin[i];
  std::vector<std::size_t> next(out.begin.begin(), out.begin.end() - 1);
  for (std::size_t e = 0; e < n; ++e) {
    const std::size_t to = next[static_cast<std::size_t>(row[e])]++;
    out.column[to] = column[e];
    out.value[to] = value[e];
  }
  return out;
}

namespace {

// Calls f(i, first element, end) for the rows of a block.
template <class F>
void each_row(const SparseRows& s, std::int64_t first, std::int32_t rows, F f) {
  const std::size_t* begin = s.begin.data() + first;
  for (std::int32_t i = 0; i < rows; ++i) f(i, begin[i], begin[i + 1]);
}

}  // namespace

void sparse_multiply(const SparseRows& s, std::int64_t first, const Argument& b,
                     const Result& out) {
  for (std::int32_t j = 0; j < out.cols; ++j) {
    const double* from = b.data + j * b.ld;
    double* to = out.data + j * out.ld;
    each_row(s, first, out.rows, [&](std::int32_t i, std::size_t e, std::size_t end) {
      double total = 0;
      for (; e < end; ++e) total += s.value[e] * from[s.column[e]];
      to[i] = total;
    });
  }
}

void add_sparse_cross(const SparseRows& s, std::int64_t first, const Argument& x,
                      const Result& out) {
  for (std::int32_t j = 0; j < x.cols; ++j) {
    const double* from = x.data + j * x.ld;
    double* to = out.data + j * out.ld;
    each_row(s, first, x.rows, [&](std::int32_t i, std::size_t e, std::size_t end) {
      for (; e < end; ++e) to[s.column[e]] += s.value[e] * from[i];
    });
  }
}

void add_sparse_gram(const SparseRows& s, const SparseRows& z, std::int64_t first,
                     const Argument& weights, const Result& out) {
  for (std::int32_t d = 0; d < weights.cols; ++d) {
    const double* w = weights.data + d * weights.ld;
    double* block = out.data + std::int64_t{d} * z.cols * out.ld;
    const std::size_t* other = z.begin.data() + first;
    each_row(s, first, weights.rows, [&](std::int32_t i, std::size_t e, std::size_t end) {
      for (std::size_t k = other[i]; k < other[i + 1]; ++k) {
        const double scale = w[i] * z.value[k];
        double* to = block + z.column[k] * out.ld;
        for (std::size_t j = e; j < end; ++j) to[s.column[j]] += scale * s.value[j];
      }
    });
  }
}

void sparse_forms(const SparseRows& s, const SparseRows& z, std::int64_t first, const Argument& a,
                  const Result& out) {
  for (std::int32_t d = 0; d < out.cols; ++d) {
    const double* block = a.data + std::int64_t{d} * z.cols * a.ld;
    double* to = out.data + d * out.ld;
    const std::size_t* other = z.begin.data() + first;
    each_row(s, first, out.rows, [&](std::int32_t i, std::size_t e, std::size_t end) {
      double total = 0;
      for (std::size_t k = other[i]; k < other[i + 1]; ++k) {
        const double* from = block + z.column[k] * a.ld;
        for (std::size_t j = e; j < end; ++j) total += s.value[j] * z.value[k] * from[s.column[j]];
      }
      to[i] = total;
    });
  }
}

}  // namespace admle
