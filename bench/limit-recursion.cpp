// The limit for recursion.R: the log-likelihood of a GARCH(1,1) with mean zero and its gradient by
// a forward and a reverse sweep, written by hand.
#include <Rcpp.h>

// [[Rcpp::plugins(cpp17)]]

// The value and its derivatives with respect to omega, alpha and beta.
// [[Rcpp::export]]
Rcpp::NumericVector garch_value_and_gradient(const Rcpp::NumericVector y,
                                             const Rcpp::NumericVector theta) {
  const R_xlen_t n = y.size();
  const double omega = theta[0], alpha = theta[1], beta = theta[2];
  constexpr double kLogRootTwoPi = 0.918938533204672741780329736406;
  static std::vector<double> h;
  h.resize(static_cast<std::size_t>(n));
  double value = 0, previous = 1;
  for (R_xlen_t t = 0; t < n; ++t) {
    if (t > 0) previous = omega + alpha * y[t - 1] * y[t - 1] + beta * previous;
    h[t] = previous;
    value -= kLogRootTwoPi + 0.5 * (std::log(previous) + y[t] * y[t] / previous);
  }
  double d_omega = 0, d_alpha = 0, d_beta = 0, adjoint = 0;
  for (R_xlen_t t = n - 1; t > 0; --t) {
    const double inverse = 1 / h[t];
    adjoint = beta * adjoint - 0.5 * (inverse - y[t] * y[t] * inverse * inverse);
    d_omega += adjoint;
    d_alpha += adjoint * y[t - 1] * y[t - 1];
    d_beta += adjoint * h[t - 1];
  }
  return Rcpp::NumericVector::create(value, d_omega, d_alpha, d_beta);
}
