// Operations on a symmetric positive definite matrix of a known sparse pattern, whose elements (of
// the upper triangle, a column) are a node: solutions, the log-determinant, and the elements of the
// inverse that are in the pattern. Each has a rule for derivatives that is made of the others, so
// that all orders follow to the second of the log-determinant; the third would need elements
// outside of the pattern. Where the matrix is not positive definite all are NaN.
#pragma once

#include <memory>
#include <vector>

#include "graph/expr.h"
#include "math/sparse-factor.h"

namespace admle {

class Nested;

class SparseSystem : public std::enable_shared_from_this<SparseSystem> {
 public:
  explicit SparseSystem(Symmetric pattern);
  ~SparseSystem();

  const SparseOrder& order() const { return *pattern_.order(); }
  std::int32_t size() const { return static_cast<std::int32_t>(pattern_.size()); }
  std::int32_t elements() const { return static_cast<std::int32_t>(row_->size()); }
  // Of each element, in the order of the upper triangle by columns.
  const std::shared_ptr<const Index>& row() const { return row_; }
  const std::shared_ptr<const Index>& column() const { return column_; }
  // Where the diagonal's are.
  const std::shared_ptr<const Index>& diagonal() const { return diagonal_; }
  // Parts that nothing couples: of each variable, and of each element.
  const std::shared_ptr<const Index>& part_of_variable() const { return part_of_variable_; }
  const std::shared_ptr<const Index>& part_of_element() const { return part_of_element_; }
  std::int32_t parts() const { return parts_; }

  // The factor of the matrix with these elements; the latest is kept. Check ok().
  const SparseFactor& factor(const double* elements);
  Symmetric matrix(const double* elements) const;

  // The operations below. One of each kind, so that nodes of the same inputs are one node.
  enum Kind { kLogDet, kInverse, kProduct, kSolve, kKinds };
  Expr apply(Kind kind, const std::vector<Expr>& inputs, Shape shape);

 private:
  void find_parts();

  Symmetric pattern_;
  std::shared_ptr<const Index> row_, column_, diagonal_, part_of_variable_, part_of_element_;
  std::int32_t parts_ = 0;
  std::unique_ptr<SparseFactor> factor_;  // of pattern_ with its numbers
  std::unique_ptr<Nested> operations_[kKinds];
};

using SparseSystemPtr = std::shared_ptr<SparseSystem>;

// log |A|, of each part: parts x 1.
Expr sparse_log_det(const SparseSystemPtr& system, Expr a);
// Elements of A^-1 in the pattern: elements x 1.
Expr sparse_inverse(const SparseSystemPtr& system, Expr a);
// A^-1 b, for all columns of b.
Expr sparse_solve(const SparseSystemPtr& system, Expr a, Expr b);

}  // namespace admle
