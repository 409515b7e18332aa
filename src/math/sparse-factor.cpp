// See sparse-factor.h.
#include "math/sparse-factor.h"

#include <Eigen/OrderingMethods>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "math/dense-factor.h"
#include "math/sparse-elimination.h"

namespace admle {
namespace {

// The last columns are a dense block where at least this part of their triangle of L is filled.
constexpr double kDenseFill = 0.75;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// x[to, ] -= times x[from, ]
template <class Rows>
void subtract_row(Rows& x, Eigen::Index to, double times, Eigen::Index from) {
  const Eigen::Index cols = x.cols();
  double* out = x.data() + to * cols;
  const double* in = x.data() + from * cols;
  for (Eigen::Index c = 0; c < cols; ++c) out[c] -= times * in[c];
}

}  // namespace

SparseOrder::SparseOrder(int size, const int* begin, const int* row)
    : begin_(begin, begin + size + 1), row_(row, row + begin[size]), place_(at(size)) {
  const std::vector<double> ones(row_.size(), 1.0);
  const Eigen::Map<const Symmetric::Sparse> upper(size, size, begin[size], begin, row, ones.data());
  Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> inverse;
  Eigen::AMDOrdering<int>()(Symmetric::Sparse(upper).selfadjointView<Eigen::Upper>(), inverse);
  for (int i = 0; i < size; ++i) place_[at(inverse.indices()[i])] = i;
  // Each element goes to the row of the later of its two variables.
  row_begin_.assign(at(size) + 1, 0);
  for (int j = 0; j < size; ++j)
    for (int e = begin[j]; e < begin[j + 1]; ++e)
      ++row_begin_[at(std::max(place_[at(row[e])], place_[at(j)])) + 1];
  for (int i = 0; i < size; ++i) row_begin_[at(i) + 1] += row_begin_[at(i)];
  std::vector<std::size_t> next(row_begin_.begin(), row_begin_.end() - 1);
  column_.resize(row_.size());
  source_.resize(row_.size());
  for (int j = 0; j < size; ++j) {
    for (int e = begin[j]; e < begin[j + 1]; ++e) {
      const auto [low, high] = std::minmax(place_[at(row[e])], place_[at(j)]);
      const std::size_t to = next[at(high)]++;
      column_[to] = low;
      source_[to] = e;
    }
  }
  find_tree();
  find_dense_block();
}

// The elimination tree and the number of elements in each column: row i of L has an element in
// every column on the paths from the elements of row i of A up to i.
void SparseOrder::find_tree() {
  const int n = size();
  parent_.assign(at(n), -1);
  count_.assign(at(n), 0);
  std::vector<int> seen(at(n), -1);
  for (int i = 0; i < n; ++i) {
    seen[at(i)] = i;
    for (std::size_t e = row_begin_[at(i)]; e < row_begin_[at(i) + 1]; ++e) {
      for (int j = column_[e]; seen[at(j)] != i; j = parent_[at(j)]) {
        if (parent_[at(j)] < 0) parent_[at(j)] = i;
        ++count_[at(j)];
        seen[at(j)] = i;
      }
    }
  }
}

void SparseOrder::find_dense_block() {
  const int n = size();
  dense_begin_ = n;
  double filled = 0;
  for (int j = n - 1; j >= 0; --j) {
    const double m = n - j;
    filled += 1 + count_[at(j)];
    if (filled >= kDenseFill * m * (m + 1) / 2) dense_begin_ = j;
  }
  factor_begin_.assign(at(dense_begin_) + 1, 0);
  for (int j = 0; j < dense_begin_; ++j) {
    const double c = count_[at(j)];
    work_ += c * (c + 3) / 2;
    factor_begin_[at(j) + 1] = factor_begin_[at(j)] + at(count_[at(j)]);
  }
  const double m = dense_columns();
  work_ += m * m * m / 6;
  elements_ = static_cast<double>(factor_begin_.back()) + m * m;
}

bool SparseOrder::fits(const Symmetric::Sparse& upper) const {
  return upper.cols() == size() && static_cast<std::size_t>(upper.nonZeros()) == row_.size() &&
         std::equal(begin_.begin(), begin_.end(), upper.outerIndexPtr()) &&
         std::equal(row_.begin(), row_.end(), upper.innerIndexPtr());
}

SparseFactor::SparseFactor(const Symmetric& a, double shift) : order_(a.order()) {
  if (!order_->fits(a.upper())) {
    const Symmetric::Sparse& u = a.upper();
    order_ = std::make_shared<const SparseOrder>(static_cast<int>(u.cols()), u.outerIndexPtr(),
                                                 u.innerIndexPtr());
  }
  auto found = eliminate(*order_, a.upper().valuePtr(), shift);
  if (!found.ok) return;
  const Eigen::Index m = order_->dense_columns();
  rest_ = Eigen::Map<const Eigen::MatrixXd>(found.rest.data(), m, m);
  if (!cholesky_factor(rest_)) return;
  found.rest = {};
  l_ = std::make_shared<const Elimination<double>>(std::move(found));
  ok_ = true;
}

Eigen::VectorXd SparseFactor::log_pivots() const {
  Eigen::VectorXd out(order_->size());
  for (int i = 0; i < order_->size(); ++i) {
    const int j = order_->place_[at(i)], begin = order_->dense_begin_;
    out[i] = j < begin ? std::log(l_->pivot[at(j)]) : 2 * std::log(rest_(j - begin, j - begin));
  }
  return out;
}

SparseFactor::Rows SparseFactor::permuted(const Eigen::MatrixXd& x) const {
  Rows out(x.rows(), x.cols());
  for (int i = 0; i < order_->size(); ++i) out.row(order_->place_[at(i)]) = x.row(i);
  return out;
}

// The dense block's part of forward() and backward().
void SparseFactor::solve_rest(Rows& x, bool transposed) const {
  const int m = order_->dense_columns();
  if (m == 0) return;
  const auto solve_for = [&](auto last) {
    const auto l = rest_.triangularView<Eigen::Lower>();
    if (transposed) l.transpose().solveInPlace(last);
    else l.solveInPlace(last);
    x.bottomRows(m) = last;
  };
  // The blocked kernel for matrices takes ten times as long for one column.
  if (x.cols() == 1) solve_for(Eigen::VectorXd(x.bottomRows(m).col(0)));
  else solve_for(Eigen::MatrixXd(x.bottomRows(m)));
}

// L^-1 x over all, the dense block included.
void SparseFactor::forward(Rows& x) const {
  for (int j = 0; j < order_->dense_begin_; ++j)
    for (std::size_t e = order_->factor_begin_[at(j)]; e < order_->factor_begin_[at(j) + 1]; ++e)
      subtract_row(x, l_->row[e], l_->value[e], j);
  solve_rest(x, false);
}

void SparseFactor::backward(Rows& x) const {
  solve_rest(x, true);
  for (int j = order_->dense_begin_; j-- > 0;)
    for (std::size_t e = order_->factor_begin_[at(j)]; e < order_->factor_begin_[at(j) + 1]; ++e)
      subtract_row(x, j, l_->value[e], l_->row[e]);
}

// By D, or by its square root, which the dense block does not have.
void SparseFactor::divide(Rows& x, bool root) const {
  for (int j = 0; j < order_->dense_begin_; ++j)
    x.row(j) /= root ? std::sqrt(l_->pivot[at(j)]) : l_->pivot[at(j)];
}

void SparseFactor::solve(Eigen::MatrixXd& x) const {
  Rows work = permuted(x);
  forward(work);
  divide(work, false);
  backward(work);
  for (int i = 0; i < order_->size(); ++i) x.row(i) = work.row(order_->place_[at(i)]);
}

Eigen::VectorXd SparseFactor::half_solve(const Eigen::VectorXd& x) const {
  Rows work = permuted(x);
  forward(work);
  divide(work, true);
  return work.col(0);
}

Eigen::VectorXd SparseFactor::half_solve_transposed(const Eigen::VectorXd& x) const {
  Rows work = x;
  divide(work, true);
  backward(work);
  Eigen::VectorXd out(x.size());
  for (int i = 0; i < order_->size(); ++i) out[i] = work(order_->place_[at(i)], 0);
  return out;
}

}  // namespace admle
