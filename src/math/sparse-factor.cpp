// See sparse-factor.h.
#include "math/sparse-factor.h"

#include <Eigen/OrderingMethods>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace admle {
namespace {

// The last columns are a dense block where at least this part of their triangle of L is filled.
constexpr double kDenseFill = 0.75;
// Below this fraction of the diagonal a pivot is what rounding leaves of zero.
constexpr double kZeroPivot = 1e-14;

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
  Eigen::MatrixXd rest;
  if (!eliminate(a, shift, rest)) return;
  rest_.compute(rest);
  if (rest_.info() != Eigen::Success) return;
  ok_ = true;
}

// Row i of L solves L y = a_i over the columns that it reaches; what is left of a_i in the columns
// of the dense block is its row of the complement.
bool SparseFactor::eliminate(const Symmetric& a, double shift, Eigen::MatrixXd& rest) {
  const SparseOrder& o = *order_;
  const int n = o.size(), dense = o.dense_begin_;
  const double* values = a.upper().valuePtr();
  row_.resize(o.factor_begin_.back());
  value_.resize(o.factor_begin_.back());
  pivot_.resize(dense);
  rest = Eigen::MatrixXd::Zero(n - dense, n - dense);
  std::vector<double> y(at(n), 0.0);
  std::vector<std::size_t> end(o.factor_begin_.begin(), o.factor_begin_.end() - 1);
  std::vector<int> seen(at(n), -1), path(at(n)), reach(at(n));
  for (int i = 0; i < n; ++i) {
    seen[at(i)] = i;
    std::size_t first = at(n);
    for (std::size_t e = o.row_begin_[at(i)]; e < o.row_begin_[at(i) + 1]; ++e) {
      const int to = o.column_[e];
      y[at(to)] += values[o.source_[e]];
      // The path up from here, in front of those found before: then columns come in an order in
      // which each is final when its turn comes.
      std::size_t length = 0;
      for (int j = to; j < dense && seen[at(j)] != i; j = o.parent_[at(j)]) {
        path[length++] = j;
        seen[at(j)] = i;
      }
      while (length > 0) reach[--first] = path[--length];
    }
    const double diagonal = y[at(i)] + shift;
    double pivot = diagonal;
    y[at(i)] = 0;
    for (std::size_t k = first; k < at(n); ++k) {
      const int j = reach[k];
      const double now = y[at(j)];
      y[at(j)] = 0;
      std::size_t e = o.factor_begin_[at(j)];
      for (; e < end[at(j)]; ++e) y[at(row_[e])] -= value_[e] * now;
      const double l = now / pivot_[j];
      pivot -= l * now;
      row_[e] = i;
      value_[e] = l;
      ++end[at(j)];
    }
    if (i < dense) {
      if (!(pivot > kZeroPivot * std::abs(diagonal)) || !std::isfinite(pivot)) return false;
      pivot_[i] = pivot;
      continue;
    }
    for (int j = dense; j < i; ++j) {
      rest(i - dense, j - dense) = y[at(j)];
      y[at(j)] = 0;
    }
    if (!(pivot > kZeroPivot * std::abs(diagonal)) || !std::isfinite(pivot)) return false;
    rest(i - dense, i - dense) = pivot;
  }
  return true;
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
    if (transposed) rest_.matrixU().solveInPlace(last);
    else rest_.matrixL().solveInPlace(last);
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
      subtract_row(x, row_[e], value_[e], j);
  solve_rest(x, false);
}

void SparseFactor::backward(Rows& x) const {
  solve_rest(x, true);
  for (int j = order_->dense_begin_; j-- > 0;)
    for (std::size_t e = order_->factor_begin_[at(j)]; e < order_->factor_begin_[at(j) + 1]; ++e)
      subtract_row(x, j, value_[e], row_[e]);
}

// By D, or by its square root, which the dense block does not have.
void SparseFactor::divide(Rows& x, bool root) const {
  for (int j = 0; j < order_->dense_begin_; ++j)
    x.row(j) /= root ? std::sqrt(pivot_[j]) : pivot_[j];
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
