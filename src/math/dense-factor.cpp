// See dense-factor.h.
#include "math/dense-factor.h"

#include <algorithm>
#include <cmath>

#include "math/products.h"

namespace admle {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr Index kBlock = 96;

Argument block_of(const MatrixXd& a, Index row, Index col, Index rows, Index cols) {
  return {a.data() + row + col * a.outerStride(), a.outerStride(), static_cast<std::int32_t>(rows),
          static_cast<std::int32_t>(cols)};
}

// a[row, col] b as a matrix of its own.
MatrixXd product(const Argument& a, const MatrixXd& b) {
  MatrixXd out(a.rows, b.cols());
  const Argument right = block_of(b, 0, 0, b.rows(), b.cols());
  multiply(a, right, {out.data(), out.outerStride(), a.rows, right.cols});
  return out;
}

// The lower triangle of t(a) b, of columns of the same rows, from row begin(block) on; copied to
// the upper one.
template <class Begin>
MatrixXd symmetric_product(const MatrixXd& a, const MatrixXd& b, Begin begin) {
  const Index n = a.cols();
  MatrixXd out = MatrixXd::Zero(n, n);
  for (Index i = 0; i < n; i += kBlock) {
    const Index rows = std::min(kBlock, n - i), first = begin(i), end = i + rows;
    add_cross(block_of(a, first, i, a.rows() - first, rows), nullptr,
              block_of(b, first, 0, a.rows() - first, end),
              {out.data() + i, out.outerStride(), static_cast<std::int32_t>(rows),
               static_cast<std::int32_t>(end)},
              false);
  }
  out.triangularView<Eigen::StrictlyUpper>() = out.transpose();
  return out;
}

}  // namespace

bool cholesky_factor(MatrixXd& a) {
  const Index n = a.rows();
  const Eigen::VectorXd diagonal = a.diagonal();
  for (Index j = 0; j < n; j += kBlock) {
    const Index cols = std::min(kBlock, n - j), below = n - j - cols;
    if (j > 0)
      a.block(j, j, n - j, cols) -=
          product(block_of(a, j, 0, n - j, j), a.block(j, 0, cols, j).transpose());
    const Eigen::LLT<MatrixXd> factor(a.block(j, j, cols, cols));
    if (factor.info() != Eigen::Success) return false;
    a.block(j, j, cols, cols).triangularView<Eigen::Lower>() = factor.matrixL();
    if (below > 0)
      factor.matrixU().solveInPlace<Eigen::OnTheRight>(a.block(j + cols, j, below, cols));
  }
  return (a.diagonal().array().square() > kZeroPivot * diagonal.array().abs()).all() &&
         a.diagonal().allFinite();
}

MatrixXd inverse_of_factor(const MatrixXd& l) {
  const Index n = l.rows();
  // M = L^-1, block row by block row: L_ii M_i = I_i - L_i,<i M_<i.
  MatrixXd m = MatrixXd::Zero(n, n);
  for (Index i = 0; i < n; i += kBlock) {
    const Index rows = std::min(kBlock, n - i);
    if (i > 0) m.block(i, 0, rows, i) = -product(block_of(l, i, 0, rows, i), m.topLeftCorner(i, i));
    m.block(i, i, rows, rows).setIdentity();
    const auto diagonal = l.block(i, i, rows, rows).triangularView<Eigen::Lower>();
    diagonal.solveInPlace(m.block(i, 0, rows, i + rows));
  }
  return symmetric_product(m, m, [](Index block) { return block; });
}

MatrixXd congruence(const MatrixXd& z, const MatrixXd& x) {
  const MatrixXd right = product(block_of(x, 0, 0, x.rows(), x.cols()), z);
  return symmetric_product(z, right, [](Index) { return Index{0}; });
}

}  // namespace admle
