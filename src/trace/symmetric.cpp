// See symmetric.h.
#include "trace/symmetric.h"

namespace admle {
namespace {

// Up to this many columns R gets all elements.
constexpr Eigen::Index kMostDense = 500;

}  // namespace

SEXP symmetric_to_r(const Symmetric& a) {
  if (!a.is_sparse() || a.size() <= kMostDense) return Rcpp::wrap(a.to_dense());
  const Symmetric::Sparse& upper = a.upper();
  const int* row = upper.innerIndexPtr();
  const int* begin = upper.outerIndexPtr();
  const double* value = upper.valuePtr();
  return Rcpp::List::create(Rcpp::Named("i") = Rcpp::IntegerVector(row, row + upper.nonZeros()),
                            Rcpp::Named("p") = Rcpp::IntegerVector(begin, begin + upper.cols() + 1),
                            Rcpp::Named("x") = Rcpp::NumericVector(value, value + upper.nonZeros()),
                            Rcpp::Named("order") = Rcpp::XPtr<KeptOrder>(new KeptOrder(a.order())));
}

}  // namespace admle
