// The bivariate normal distribution function for plain numbers.
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
