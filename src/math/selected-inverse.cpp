// See selected-inverse.h. The recursion goes backwards over the columns of L; the inverse of the
// dense block is where it begins.
#include "math/selected-inverse.h"

#include "math/dense-factor.h"
#include "math/sparse-elimination.h"

namespace admle {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

class SelectedInverse {
 public:
  static void write(const SparseFactor& factor, double* out) {
    const Eigen::MatrixXd block = inverse_of_factor(factor.rest_);
    go(*factor.order_, *factor.l_, block.data(), out);
  }

  // By the derivative of the inverse along X, which is -A^-1 X A^-1.
  static bool write_product(const SparseOrder& order, const double* a, const double* x,
                            double* out) {
    const std::size_t elements = order.row_.size();
    std::vector<Dual> values;
    values.reserve(elements);
    for (std::size_t e = 0; e < elements; ++e) values.emplace_back(a[e], x[e]);
    const Elimination<Dual> l = eliminate(order, values.data(), 0);
    if (!l.ok) return false;
    const Eigen::Index m = order.dense_columns();
    Eigen::MatrixXd complement(m, m), slope(m, m);
    for (Eigen::Index j = 0; j < m; ++j) {
      for (Eigen::Index i = j; i < m; ++i) {
        const Dual value = l.rest[static_cast<std::size_t>(i + j * m)];
        complement(i, j) = value.v;
        slope(i, j) = slope(j, i) = value.d;
      }
    }
    if (!cholesky_factor(complement)) return false;
    const Eigen::MatrixXd inverse = inverse_of_factor(complement);
    const Eigen::MatrixXd moved = congruence(inverse, slope);
    std::vector<Dual> block;
    block.reserve(l.rest.size());
    for (Eigen::Index e = 0; e < m * m; ++e)
      block.emplace_back(inverse.data()[e], -moved.data()[e]);
    go(order, l, block.data(), values.data());
    for (std::size_t e = 0; e < elements; ++e) out[e] = -values[e].d;
    return true;
  }

 private:
  // `block`: the inverse of the dense block.
  template <class T>
  static void go(const SparseOrder& o, const Elimination<T>& l, const T* block, T* out) {
    const int n = o.size(), dense = o.sparse_columns();
    const std::size_t m = at(n - dense);
    std::vector<T> z(l.value.size()), diagonal(at(dense)), sum;
    std::vector<int> place(at(n), -1);  // of a row among those of the column at work
    for (int j = dense; j-- > 0;) {
      const std::size_t begin = o.factor_begin_[at(j)], length = o.factor_begin_[at(j) + 1] - begin;
      const int* row = l.row.data() + begin;
      const T* value = l.value.data() + begin;
      sum.assign(length, T(0));
      std::size_t sparse = 0;
      for (; sparse < length && row[sparse] < dense; ++sparse) continue;
      for (std::size_t p = 0; p < length; ++p) place[at(row[p])] = static_cast<int>(p);
      for (std::size_t q = 0; q < sparse; ++q) {
        const int k = row[q];
        sum[q] += diagonal[at(k)] * value[q];
        for (std::size_t e = o.factor_begin_[at(k)]; e < o.factor_begin_[at(k) + 1]; ++e) {
          const int p = place[at(l.row[e])];
          if (p < 0) continue;
          sum[at(p)] += z[e] * value[q];
          sum[q] += z[e] * value[at(p)];
        }
      }
      for (std::size_t q = sparse; q < length; ++q) {
        const T* column = block + at(row[q] - dense) * m;
        T mine = column[row[q] - dense] * value[q];
        for (std::size_t p = q + 1; p < length; ++p) {
          const T z_pq = column[row[p] - dense];
          sum[p] += z_pq * value[q];
          mine += z_pq * value[p];
        }
        sum[q] += mine;
      }
      T found = T(1) / l.pivot[at(j)];
      for (std::size_t p = 0; p < length; ++p) {
        found += value[p] * sum[p];
        z[begin + p] = T(0) - sum[p];
        place[at(row[p])] = -1;
      }
      diagonal[at(j)] = found;
    }
    for (int i = 0; i < n; ++i) {
      for (std::size_t e = o.row_begin_[at(i)]; e < o.row_begin_[at(i) + 1]; ++e) {
        const int j = o.column_[e];
        T found;
        if (j >= dense) {
          found = block[at(i - dense) + at(j - dense) * m];
        } else if (i == j) {
          found = diagonal[at(j)];
        } else {
          const auto first = l.row.begin() + static_cast<std::ptrdiff_t>(o.factor_begin_[at(j)]);
          const auto last = l.row.begin() + static_cast<std::ptrdiff_t>(o.factor_begin_[at(j) + 1]);
          found = z[static_cast<std::size_t>(std::lower_bound(first, last, i) - l.row.begin())];
        }
        out[o.source_[e]] = found;
      }
    }
  }
};

void selected_inverse(const SparseFactor& factor, double* out) {
  SelectedInverse::write(factor, out);
}

bool selected_product(const SparseOrder& order, const double* a, const double* x, double* out) {
  return SelectedInverse::write_product(order, a, x, out);
}

}  // namespace admle
