// Special functions that R lacks, or has in a smaller range, for plain numbers.
#include <Rcpp.h>

#include "math/special.h"

// [[Rcpp::export(rng = false)]]
Rcpp::NumericVector pbivnorm_(Rcpp::NumericVector x, Rcpp::NumericVector y, Rcpp::NumericVector rho,
                              bool log) {
  Rcpp::NumericVector out(x.size());
  for (R_xlen_t i = 0; i < x.size(); ++i) {
    out[i] = log ? admle::special::log_pbivnorm(x[i], y[i], rho[i])
                 : admle::special::pbivnorm(x[i], y[i], rho[i]);
  }
  return out;
}

// I_0(x) exp(-x), where R's besselI() loses it to zero for a large x.
// [[Rcpp::export(rng = false)]]
Rcpp::NumericVector bessel_i0_scaled_(Rcpp::NumericVector x) {
  Rcpp::NumericVector out(x.size());
  for (R_xlen_t i = 0; i < x.size(); ++i) out[i] = admle::special::bessel_i_scaled(x[i], 0, 0, 0);
  return out;
}
