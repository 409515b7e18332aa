// Model matrices divided by a triangular factor.
#include <Rcpp.h>

#include "math/triangular.h"

// [[Rcpp::export(rng = false)]]
Rcpp::NumericMatrix triangular_quotient(Rcpp::NumericMatrix x, Rcpp::NumericMatrix r) {
  Rcpp::NumericMatrix out(x.nrow(), x.ncol());
  admle::divide_by_triangular(x.begin(), r.begin(), static_cast<std::size_t>(x.nrow()),
                              static_cast<std::size_t>(x.ncol()), out.begin());
  return out;
}
