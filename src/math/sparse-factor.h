// Elimination of a sparse symmetric matrix: A = P' L D L' P. Columns are eliminated in an order
// that keeps L sparse (approximate minimum degree); what is left when L would be nearly full is a
// dense block, the Schur complement, which a dense Cholesky factor finishes. So one algorithm does
// effects of one factor (a diagonal and a border), of several (diagonal first, then the complement
// over the others), chains, splines and meshes. Up-looking elimination by rows: Davis (2006),
// Direct Methods for Sparse Linear Systems, chapter 4.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "math/symmetric.h"

namespace admle {

template <class T>
struct Elimination;

// What depends on the pattern alone.
class SparseOrder {
 public:
  // `begin` and `row`: the upper triangle by columns, each column's rows ascending.
  SparseOrder(int size, const int* begin, const int* row);

  int size() const { return static_cast<int>(place_.size()); }
  int sparse_columns() const { return dense_begin_; }
  int dense_columns() const { return size() - dense_begin_; }
  // Multiplications of a factorisation, and numbers of a factor.
  double work() const { return work_; }
  double elements() const { return elements_; }
  // Whether it was made of this pattern.
  bool fits(const Symmetric::Sparse& upper) const;

 private:
  friend class SparseFactor;
  friend class SelectedInverse;
  template <class T>
  friend Elimination<T> eliminate(const SparseOrder&, const T* values, double shift);
  void find_tree();
  void find_dense_block();

  std::vector<int> begin_, row_;  // the pattern that it was made of
  std::vector<int> place_;        // of each variable in the elimination
  // Lower triangle of the permuted matrix by rows: columns, and where in the pattern they come
  // from.
  std::vector<std::size_t> row_begin_;
  std::vector<int> column_;
  std::vector<std::int64_t> source_;
  std::vector<int> parent_;                // elimination tree
  std::vector<int> count_;                 // elements of each column of L below the diagonal
  std::vector<std::size_t> factor_begin_;  // of each sparse column in L
  int dense_begin_ = 0;                    // first column of the dense block
  double work_ = 0, elements_ = 0;
};

// The factor of a positive definite matrix.
class SparseFactor {
 public:
  // Of A + shift I. `ok()` is false where that is not positive definite.
  SparseFactor(const Symmetric& a, double shift);

  bool ok() const { return ok_; }
  // A logarithm for each variable, which add up to that of the determinant: over the variables of a
  // part of A that nothing couples with the others, to that of the part.
  Eigen::VectorXd log_pivots() const;
  // Each in place, for all columns of x at once.
  void solve(Eigen::MatrixXd& x) const;  // A^-1 x
  // M^-1 x and M^-T x with A = M M'.
  Eigen::VectorXd half_solve(const Eigen::VectorXd& x) const;
  Eigen::VectorXd half_solve_transposed(const Eigen::VectorXd& x) const;

 private:
  friend class SelectedInverse;
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  Rows permuted(const Eigen::MatrixXd& x) const;
  void solve_rest(Rows& x, bool transposed) const;
  void forward(Rows& x) const;
  void backward(Rows& x) const;
  void divide(Rows& x, bool root) const;

  std::shared_ptr<const SparseOrder> order_;
  std::shared_ptr<const Elimination<double>> l_;  // of the sparse columns
  Eigen::MatrixXd rest_;                          // L of the dense block, lower triangle
  bool ok_ = false;
};

}  // namespace admle
