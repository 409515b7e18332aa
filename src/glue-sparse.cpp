// Entry points for sparse symmetric matrices: list(i, p, x) as of symmetric_to_r().
#include "trace/symmetric.h"

using admle::KeptOrder;
using admle::SparseFactor;
using admle::SparseOrder;
using admle::Symmetric;

namespace {

Symmetric::Sparse upper_of(const Rcpp::IntegerVector& i, const Rcpp::IntegerVector& p,
                           const Rcpp::NumericVector& x) {
  const int size = static_cast<int>(p.size()) - 1;
  Symmetric::Sparse out(size, size);
  out.resizeNonZeros(x.size());
  std::copy(p.begin(), p.end(), out.outerIndexPtr());
  std::copy(i.begin(), i.end(), out.innerIndexPtr());
  std::copy(x.begin(), x.end(), out.valuePtr());
  return out;
}

}  // namespace

bool is_live_pointer(SEXP pointer);

// A b for each column of b.
// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd sparse_multiply(Rcpp::IntegerVector i, Rcpp::IntegerVector p, Rcpp::NumericVector x,
                                Eigen::MatrixXd b) {
  const Symmetric::Sparse upper = upper_of(i, p, x);
  return upper.selfadjointView<Eigen::Upper>() * b;
}

// A factor of the matrix with `shift` added to its diagonal, NULL where that is not positive
// definite. `kept`: how to eliminate it, where that is known.
// [[Rcpp::export(rng = false)]]
SEXP sparse_factor(Rcpp::IntegerVector i, Rcpp::IntegerVector p, Rcpp::NumericVector x, SEXP kept,
                   double shift) {
  Symmetric::Sparse upper = upper_of(i, p, x);
  const int size = static_cast<int>(upper.cols());
  const KeptOrder order = is_live_pointer(kept)
                              ? *Rcpp::XPtr<KeptOrder>(kept)
                              : std::make_shared<const SparseOrder>(size, p.begin(), i.begin());
  auto factor = std::make_unique<SparseFactor>(Symmetric(std::move(upper), order), shift);
  if (!factor->ok()) return R_NilValue;
  return Rcpp::XPtr<SparseFactor>(factor.release());
}

// A^-1 b for each column of b.
// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd sparse_factor_solve(SEXP factor, Eigen::MatrixXd b) {
  Rcpp::XPtr<SparseFactor>(factor)->solve(b);
  return b;
}

// Whether it points to something of this process, and was not read from a file.
// [[Rcpp::export(rng = false)]]
bool is_live_pointer(SEXP pointer) {
  return TYPEOF(pointer) == EXTPTRSXP && R_ExternalPtrAddr(pointer) != nullptr;
}
