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

// By columns of Z: what a column meets in its rows of S is marked, so that nothing is sorted.
SparseProduct SparseProduct::of(std::shared_ptr<const SparseRows> left,
                                std::shared_ptr<const SparseRows> right, bool upper) {
  SparseProduct out;
  const SparseRows &s = *left, &z = *right;
  out.begin.assign(static_cast<std::size_t>(s.rows) + 1, 0);
  std::vector<std::size_t> next(static_cast<std::size_t>(z.cols) + 1, 0);
  for (std::int32_t column : z.column) ++next[static_cast<std::size_t>(column) + 1];
  for (std::size_t c = 1; c < next.size(); ++c) next[c] += next[c - 1];
  std::vector<std::int32_t> rows(z.column.size());
  std::vector<std::size_t> pairs(z.column.size());
  const std::vector<std::size_t> column_begin = next;
  for (std::size_t i = 0; i < static_cast<std::size_t>(s.rows); ++i) {
    const std::size_t n = s.begin[i + 1] - s.begin[i];
    for (std::size_t k = z.begin[i]; k < z.begin[i + 1]; ++k) {
      const std::size_t to = next[static_cast<std::size_t>(z.column[k])]++;
      rows[to] = static_cast<std::int32_t>(i);
      pairs[to] = out.begin[i] + (k - z.begin[i]) * n;
    }
    out.begin[i + 1] = out.begin[i] + n * (z.begin[i + 1] - z.begin[i]);
  }
  out.element.assign(out.begin.back(), -1);
  std::vector<std::int32_t> found(static_cast<std::size_t>(s.cols), -1);
  for (std::int32_t c = 0; c < z.cols; ++c) {
    const std::int32_t before = out.size();
    for (std::size_t k = column_begin[static_cast<std::size_t>(c)];
         k < column_begin[static_cast<std::size_t>(c) + 1]; ++k) {
      const auto i = static_cast<std::size_t>(rows[k]);
      for (std::size_t e = s.begin[i]; e < s.begin[i + 1]; ++e) {
        const std::int32_t row = s.column[e];
        if (upper && row > c) continue;
        std::int32_t& slot = found[static_cast<std::size_t>(row)];
        if (slot < before) {
          slot = out.size();
          out.row.push_back(row);
          out.column.push_back(c);
        }
        out.element[pairs[k] + (e - s.begin[i])] = slot;
      }
    }
  }
  out.left = std::move(left);
  out.right = std::move(right);
  return out;
}

namespace {

// Calls f(i, element, s z) for the pairs of a block of rows.
template <class F>
void each_pair(const SparseProduct& p, std::int64_t first, std::int32_t rows, F f) {
  const SparseRows &s = *p.left, &z = *p.right;
  const std::size_t* other = z.begin.data() + first;
  const std::size_t* pairs = p.begin.data() + first;
  each_row(s, first, rows, [&](std::int32_t i, std::size_t e, std::size_t end) {
    std::size_t pair = pairs[i];
    for (std::size_t k = other[i]; k < other[i + 1]; ++k)
      for (std::size_t j = e; j < end; ++j, ++pair)
        if (p.element[pair] >= 0) f(i, p.element[pair], s.value[j] * z.value[k]);
  });
}

}  // namespace

void add_sparse_gram(const SparseProduct& product, std::int64_t first, const Argument& weights,
                     const Result& out) {
  for (std::int32_t d = 0; d < weights.cols; ++d) {
    const double* w = weights.data + d * weights.ld;
    double* to = out.data + d * out.ld;
    each_pair(product, first, weights.rows,
              [&](std::int32_t i, std::int32_t element, double sz) { to[element] += w[i] * sz; });
  }
}

void sparse_forms(const SparseProduct& product, std::int64_t first, const Argument& a,
                  const Result& out) {
  for (std::int32_t d = 0; d < out.cols; ++d) {
    const double* from = a.data + d * a.ld;
    double* to = out.data + d * out.ld;
    std::fill_n(to, out.rows, 0.0);
    each_pair(product, first, out.rows, [&](std::int32_t i, std::int32_t element, double sz) {
      to[i] += from[element] * sz;
    });
  }
}

}  // namespace admle
