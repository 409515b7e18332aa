// A symmetric matrix, dense or sparse. A sparse one keeps its upper triangle by columns, with the
// whole diagonal. What takes either asks for products, entries and sizes only.
#pragma once

#include <Eigen/Dense>
#include <Eigen/SparseCore>

#include <memory>
#include <utility>

namespace admle {

class SparseOrder;

class Symmetric {
 public:
  using Sparse = Eigen::SparseMatrix<double>;

  Symmetric() = default;
  Symmetric(Eigen::MatrixXd dense) : dense_(std::move(dense)) {}  // NOLINT: a matrix is one
  // `order`: how to eliminate a matrix with this pattern, found once for many.
  Symmetric(Sparse upper, std::shared_ptr<const SparseOrder> order)
      : upper_(std::move(upper)), order_(std::move(order)) {}

  bool is_sparse() const { return order_ != nullptr; }
  Eigen::Index size() const { return is_sparse() ? upper_.cols() : dense_.cols(); }
  const Eigen::MatrixXd& dense() const { return dense_; }
  const Sparse& upper() const { return upper_; }
  const std::shared_ptr<const SparseOrder>& order() const { return order_; }

  bool all_finite() const;
  Eigen::VectorXd diagonal() const;
  // The largest |a_ij| of each row.
  Eigen::VectorXd largest_by_row() const;
  Eigen::VectorXd times(const Eigen::VectorXd& v) const;
  Eigen::MatrixXd to_dense() const;
  Symmetric minus(const Symmetric& other) const;
  Symmetric negative() const;
  // diag(by) A diag(by).
  Symmetric scaled(const Eigen::VectorXd& by) const;

 private:
  Eigen::MatrixXd dense_;                     // where there is no order
  Sparse upper_;                              // else
  std::shared_ptr<const SparseOrder> order_;  // of the pattern of upper_
};

}  // namespace admle
