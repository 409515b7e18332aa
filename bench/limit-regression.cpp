// The limits for the article's model: log-likelihood and gradient in one pass over the data, and a
// weighted cross-product. Blocks of rows stay in the cache between the product with X and the one
// with its transpose. The vector instructions are what Eigen takes from the compiler's flags.
#include <RcppEigen.h>

// [[Rcpp::depends(RcppEigen)]]
// [[Rcpp::plugins(cpp17)]]

namespace {

constexpr Eigen::Index kRows = 256;
constexpr double kLogRootTwoPi = 0.918938533204672741780329736406;

}  // namespace

// The log-likelihood at theta = (beta, log sigma) and its k + 1 derivatives, the value first.
// [[Rcpp::export]]
Eigen::VectorXd normal_value_and_gradient(const Eigen::Map<Eigen::MatrixXd> x,
                                          const Eigen::Map<Eigen::VectorXd> y,
                                          const Eigen::Map<Eigen::VectorXd> theta) {
  const Eigen::Index n = x.rows(), k = x.cols();
  Eigen::VectorXd out = Eigen::VectorXd::Zero(k + 2), residual(kRows);
  const Eigen::VectorXd beta = theta.head(k);
  const double inverse = std::exp(-theta[k]);
  double squares = 0;
  for (Eigen::Index begin = 0; begin < n; begin += kRows) {
    const Eigen::Index rows = std::min(kRows, n - begin);
    const auto block = x.middleRows(begin, rows);
    auto e = residual.head(rows);
    e = y.segment(begin, rows);
    e.noalias() -= block * beta;
    squares += e.squaredNorm();
    out.segment(1, k).noalias() += block.transpose() * e;
  }
  const double scaled = squares * inverse * inverse;
  out.segment(1, k) *= inverse * inverse;
  out[0] = -0.5 * scaled - static_cast<double>(n) * (theta[k] + kLogRootTwoPi);
  out[k + 1] = scaled - static_cast<double>(n);
  return out;
}

// X' diag(w) X, both triangles.
// [[Rcpp::export]]
Eigen::MatrixXd weighted_crossproduct(const Eigen::Map<Eigen::MatrixXd> x,
                                      const Eigen::Map<Eigen::VectorXd> w) {
  const Eigen::Index n = x.rows(), k = x.cols();
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(k, k), scaled(kRows, k);
  for (Eigen::Index begin = 0; begin < n; begin += kRows) {
    const Eigen::Index rows = std::min(kRows, n - begin);
    const auto block = x.middleRows(begin, rows);
    scaled.topRows(rows) = w.segment(begin, rows).asDiagonal() * block;
    out.triangularView<Eigen::Lower>() += block.transpose() * scaled.topRows(rows);
  }
  return out.selfadjointView<Eigen::Lower>();
}
