// Cholesky factors and inverses of dense matrices, by blocks, on the products of math/products.h.
// Golub and Van Loan (2013), Matrix Computations, 4.2.
#pragma once

#include <Eigen/Dense>

namespace admle {

// Below this fraction of the diagonal a pivot is what rounding leaves of zero.
constexpr double kZeroPivot = 1e-14;

// The lower triangle of `a` becomes L with A = L L'; what is above is left. False where A is not
// positive definite.
bool cholesky_factor(Eigen::MatrixXd& a);

// (L L')^-1, both triangles.
Eigen::MatrixXd inverse_of_factor(const Eigen::MatrixXd& l);

// Z X Z of symmetric matrices.
Eigen::MatrixXd congruence(const Eigen::MatrixXd& z, const Eigen::MatrixXd& x);

}  // namespace admle
