// See symmetric.h.
#include "math/symmetric.h"

#include <algorithm>
#include <cmath>

namespace admle {
namespace {

// Calls f(row, column, value) for the elements of the upper triangle.
template <class F>
void each_element(const Symmetric::Sparse& upper, F f) {
  for (Eigen::Index j = 0; j < upper.outerSize(); ++j)
    for (Symmetric::Sparse::InnerIterator it(upper, j); it; ++it) f(it.row(), j, it.value());
}

}  // namespace

bool Symmetric::all_finite() const {
  if (!is_sparse()) return dense_.allFinite();
  const double* value = upper_.valuePtr();
  return std::all_of(value, value + upper_.nonZeros(), [](double v) { return std::isfinite(v); });
}

Eigen::VectorXd Symmetric::diagonal() const {
  if (!is_sparse()) return dense_.diagonal();
  return upper_.diagonal();
}

Eigen::VectorXd Symmetric::largest_by_row() const {
  if (!is_sparse()) return dense_.cwiseAbs().rowwise().maxCoeff();
  Eigen::VectorXd out = Eigen::VectorXd::Zero(size());
  each_element(upper_, [&out](Eigen::Index i, Eigen::Index j, double value) {
    out[i] = std::max(out[i], std::abs(value));
    out[j] = std::max(out[j], std::abs(value));
  });
  return out;
}

Eigen::VectorXd Symmetric::times(const Eigen::VectorXd& v) const {
  if (!is_sparse()) return dense_ * v;
  return upper_.selfadjointView<Eigen::Upper>() * v;
}

Eigen::MatrixXd Symmetric::to_dense() const {
  if (!is_sparse()) return dense_;
  return Eigen::MatrixXd(upper_).selfadjointView<Eigen::Upper>();
}

Symmetric Symmetric::minus(const Symmetric& other) const {
  if (is_sparse() && other.is_sparse()) return {Sparse(upper_ - other.upper_), order_};
  return Eigen::MatrixXd(to_dense() - other.to_dense());
}

Symmetric Symmetric::negative() const {
  if (!is_sparse()) return Eigen::MatrixXd(-dense_);
  return {Sparse(-upper_), order_};
}

Symmetric Symmetric::scaled(const Eigen::VectorXd& by) const {
  if (!is_sparse()) return Eigen::MatrixXd(by.asDiagonal() * dense_ * by.asDiagonal());
  return {Sparse(by.asDiagonal() * upper_ * by.asDiagonal()), order_};
}

}  // namespace admle
