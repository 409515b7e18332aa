// Special functions that R's nmath lacks: derivatives of distribution functions, and elementary
// functions in the forms that neither overflow nor cancel.
//
// All are plain functions of doubles: thread safe, without allocation, NaN for NaN and outside of
// their domain. nmath() must be filled first, except for the elementary ones. "Error" is the
// largest relative error against tests/cpp/special-reference.inc, over the range named beside it.
#pragma once

namespace admle::special {

// Elementary functions (special-elementary.cpp). Error 3e-16 everywhere.

double log1p_exp(double x);        // log(1 + exp(x))
double log1m_exp(double x);        // log(1 - exp(-x)), x >= 0
double log_exp_minus_1(double x);  // log(exp(x) - 1), x >= 0
double plogis(double x);           // 1 / (1 + exp(-x))

// Normal distribution (special-normal.cpp), for any x as long as the result does not underflow.
// Derivatives beyond the last one are compositions of these; the fourth derivative of log Phi
// loses a factor of x^2 in accuracy for x << 0.

double normal_density(double x);         // phi(x). Error 4e-16
double log_pnorm(double x);              // log Phi(x). Error 4e-16
double mills(double x);                  // m = phi(x) / Phi(x) = (log Phi)'. Error 4e-16
double mills_excess(double x);           // e = x + m; m' = -m e. Error 6e-16
double mills_curvature(double x);        // c = 1 - m e = e'. Error 6e-15
double mills_curvature_slope(double x);  // m (e^2 - c) = c'. Error 3e-14

// Bivariate normal distribution (special-bivariate-normal.cpp), standard with correlation rho.
// Error 4e-16 relative to max(1, -log P): rounding the arguments changes P as much. The cost is
// one to two microseconds.

double pbivnorm(double x, double y, double rho);      // P(X <= x, Y <= y)
double log_pbivnorm(double x, double y, double rho);  // its logarithm, also where it underflows

// Gamma function (special-gamma.cpp), orders n from 0 to 20 (measured to 8).

// The n-th derivative of digamma, any x but the poles 0, -1, -2, ... Error 2e-14, relative to
// the neighbouring values where it passes zero.
double polygamma(int n, double x);
// polygamma(n, a + b) - polygamma(n, a) for a > 0, a + b > 0, of any ratio. Error 8e-16 (measured
// to n = 5). The derivatives of lbeta(a, b) are differences of this kind.
double polygamma_difference(int n, double a, double b);
// log(x) - digamma(x), x > 0; without cancellation for large x. Error 1e-15.
double log_minus_digamma(double x);
// log Gamma(x + 1) - ((x + 1/2) log x - x + log(2 pi) / 2), x > 0. Error 3e-14.
double stirling_error(double x);

// Bessel functions (special-bessel.cpp), x >= 0, orders n and m up to 12: derivative n in nu and m
// in x of exp(x) K and exp(-x) I; derivative n in nu of J and Y, whose values are R's. Spot checks
// with orders to 40 and arguments to 400: K 1e-14; I 1e-11 to second order, 6e-9 where n = m = 3;
// J and Y 1e-13, but J loses the digits by which it is below Y where nu is above x > 6 sqrt(nu).

double bessel_k_scaled(double x, double nu, int n, int m);
double bessel_i_scaled(double x, double nu, int n, int m);
double bessel_j_order(double x, double nu, int n);
double bessel_y_order(double x, double nu, int n);

// Incomplete gamma function (special-incomplete-gamma.cpp): derivatives in the shape a of
// log P(a, x), if lower, or log Q(a, x), at scale 1. Range: a in [1e-3, 1e5] and x such that both
// logarithms lie in (-700, -1e-300); spot checks to a = 1e7 are as good. For a < 1e-3 and x < 1
// the upper tail has an error of about 4e-15 / a. At x <= 0 and x = Inf: the limits. The cost is
// about a microsecond, growing like sqrt(a) near the mean.

double dlog_pgamma_da(double x, double a, bool lower);    // Error 3e-12; 5e-13 for a >= 0.1
double d2log_pgamma_da2(double x, double a, bool lower);  // Error 5e-12; 5e-13 for a >= 0.1
double d3log_pgamma_da3(double x, double a, bool lower);  // Error 8e-12

// Incomplete beta function (special-incomplete-beta.cpp): derivatives in the shapes of
// log I_x(a, b), if lower, or log(1 - I_x(a, b)). y is 1 - x, which the caller may know more
// exactly than by subtraction (for Student's t, x = df / (df + t^2) and y = t^2 / (df + t^2);
// there, a = df / 2 from 0.25 to 5e5, b = 1/2 and t to 40, the error is 2e-14, third derivatives
// 6e-13).
// Range: a and b in [1e-2, 1e5] and both logarithms in (-700, -1e-300);
// spot checks with shapes of 1e6 are as good. A shape below 1e-2 costs digits where the other is
// large: with (1e6, 1e-4) the first derivatives have an error of 6e-11, the mixed one of 1e-6. The
// cost is a few microseconds, growing like the square root of the shapes.

double dlog_pbeta_da(double x, double y, double a, double b, bool lower);    // Error 4e-13
double dlog_pbeta_db(double x, double y, double a, double b, bool lower);    // Error 4e-13
double d2log_pbeta_daa(double x, double y, double a, double b, bool lower);  // Error 4e-13
double d2log_pbeta_dab(double x, double y, double a, double b, bool lower);  // Error 2e-12
double d2log_pbeta_dbb(double x, double y, double a, double b, bool lower);  // Error 4e-13
// Error 3e-12 for the smaller tail and shapes of at least 0.5, 3e-9 otherwise: a third derivative
// may be far below its terms.
double d3log_pbeta_daaa(double x, double y, double a, double b, bool lower);
double d3log_pbeta_daab(double x, double y, double a, double b, bool lower);
double d3log_pbeta_dabb(double x, double y, double a, double b, bool lower);
double d3log_pbeta_dbbb(double x, double y, double a, double b, bool lower);

inline double dlog_pbeta_da(double x, double a, double b, bool lower) {
  return dlog_pbeta_da(x, 1.0 - x, a, b, lower);
}
inline double dlog_pbeta_db(double x, double a, double b, bool lower) {
  return dlog_pbeta_db(x, 1.0 - x, a, b, lower);
}
inline double d2log_pbeta_daa(double x, double a, double b, bool lower) {
  return d2log_pbeta_daa(x, 1.0 - x, a, b, lower);
}
inline double d2log_pbeta_dab(double x, double a, double b, bool lower) {
  return d2log_pbeta_dab(x, 1.0 - x, a, b, lower);
}
inline double d2log_pbeta_dbb(double x, double a, double b, bool lower) {
  return d2log_pbeta_dbb(x, 1.0 - x, a, b, lower);
}
inline double d3log_pbeta_daaa(double x, double a, double b, bool lower) {
  return d3log_pbeta_daaa(x, 1.0 - x, a, b, lower);
}
inline double d3log_pbeta_daab(double x, double a, double b, bool lower) {
  return d3log_pbeta_daab(x, 1.0 - x, a, b, lower);
}
inline double d3log_pbeta_dabb(double x, double a, double b, bool lower) {
  return d3log_pbeta_dabb(x, 1.0 - x, a, b, lower);
}
inline double d3log_pbeta_dbbb(double x, double a, double b, bool lower) {
  return d3log_pbeta_dbbb(x, 1.0 - x, a, b, lower);
}

// Student's t distribution (special-student.cpp): derivatives in the degrees of freedom of the log
// density and of log P(T <= t), if lower, or log P(T > t). Unlike a composition of the functions
// above they do not cancel for large df, where the first is of the order of df^-2. Error 3e-14,
// for df in [0.3, 1e8], t in [-20, 20] and tails above 1e-300.

double dlog_dt_ddf(double t, double df);
double d2log_dt_ddf2(double t, double df);
double dlog_pt_ddf(double t, double df, bool lower);
double d2log_pt_ddf2(double t, double df, bool lower);
double d3log_pt_ddf3(double t, double df, bool lower);

// n!, n >= 0.
double factorial(int n);

}  // namespace admle::special
