// Instantiates the op table: value formulas on doubles (kernels over blocks, and one scalar at a
// time for recursions), partial derivatives on handles.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "ops/elementwise.h"

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "ops/nmath.h"
#include "ops/special.h"

namespace admle {
namespace {

using special::nmath;

constexpr double kPi = 3.141592653589793238462643383280;
constexpr double kLnSqrt2Pi = 0.918938533204672741780329736406;
constexpr double kLn2 = 0.693147180559945309417232121458;
constexpr double kLn10 = 2.302585092994045684017991454684;
constexpr double kOneOverSqrt2Pi = 0.398942280401432677939946059934;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// ---- value helpers -----------------------------------------------------------------------------

// R's x^y: x^2 is x * x, 1^y and x^0 are 1 whatever the other is (R's NA is a signalling NaN, for
// which C's pow is not), and where one of them is infinite a negative base takes whole powers only.
inline double power(double x, double y) {
  if (y == 2) return x * x;
  if (x == 1 || y == 0) return 1;
  const bool infinite = std::isinf(x) || std::isinf(y);
  if (infinite && x < 0 && !std::isnan(y) && (std::isinf(y) || y != std::floor(y))) return kNan;
  return std::pow(x, y);
}

// R's %% and %/%: the remainder has the sign of y. Products in long double leave no negative or
// too large remainder when x is nearly a multiple of y (as in R's arithmetic.c).
inline double modulo(double x, double y) {
  if (y == 0) return kNan;
  if (std::isinf(y) && std::isfinite(x)) return x != 0 && (x < 0) != (y < 0) ? y : x;
  const long double wide = y;
  const long double remainder = x - std::floor(x / y) * wide;
  return static_cast<double>(remainder - std::floor(remainder / wide) * wide);
}
inline double whole_quotient(double x, double y) {
  const double quotient = x / y;
  if (y == 0 || !std::isfinite(quotient)) return quotient;
  if (std::isinf(y)) return x != 0 && (x < 0) != (y < 0) ? -1 : 0;
  const double down = std::floor(quotient);
  const long double wide = y;
  return static_cast<double>(down + std::floor((x - down * wide) / wide));
}

inline double smaller(double x, double y) {
  return std::isnan(x) || std::isnan(y) ? x + y : (x < y ? x : y);
}
inline double larger(double x, double y) {
  return std::isnan(x) || std::isnan(y) ? x + y : (x > y ? x : y);
}
inline double compared(double x, double y, bool outcome) {
  return std::isnan(x) || std::isnan(y) ? x + y : static_cast<double>(outcome);
}
// Three-valued logic: FALSE & NA is FALSE, TRUE | NA is TRUE.
inline double both(double x, double y) {
  if (x == 0 || y == 0) return 0;
  return std::isnan(x) || std::isnan(y) ? x + y : 1;
}
inline double either(double x, double y) {
  if ((x != 0 && !std::isnan(x)) || (y != 0 && !std::isnan(y))) return 1;
  return std::isnan(x) || std::isnan(y) ? x + y : 0;
}

// A count, or -1 (probability zero) for what is not whole; R's own tolerance.
inline double whole(double x) {
  const double nearest = std::nearbyint(x);
  const double scale = std::fabs(x) > 1 ? std::fabs(x) : 1;
  return std::isnan(x) ? x : (std::fabs(x - nearest) > 1e-9 * scale ? -1 : nearest);
}

// sin(pi x) and friends are exact at multiples of a half.
double sin_pi(double x) {
  if (!std::isfinite(x)) return kNan;
  x = std::fmod(x, 2.0);
  if (x <= -1) x += 2;
  else if (x > 1) x -= 2;
  if (x == 0 || x == 1) return 0;
  if (x == 0.5) return 1;
  if (x == -0.5) return -1;
  return std::sin(kPi * x);
}
double cos_pi(double x) {
  if (!std::isfinite(x)) return kNan;
  x = std::fmod(std::fabs(x), 2.0);
  if (std::fmod(x, 1.0) == 0.5) return 0;
  if (x == 1) return -1;
  if (x == 0) return 1;
  return std::cos(kPi * x);
}
double tan_pi(double x) {
  if (!std::isfinite(x)) return kNan;
  x = std::fmod(x, 1.0);
  if (x <= -0.5) x += 1;
  else if (x > 0.5) x -= 1;
  if (x == 0) return 0;
  if (x == 0.5) return kNan;
  if (x == 0.25) return 1;
  if (x == -0.25) return -1;
  return std::tan(kPi * x);
}

// d^m/dn^m of choose(n, k), k whole: the polynomial n (n - 1) ... (n - k + 1) / k! carried as a
// truncated Taylor series in n, factor by factor.
double choose_taylor(double n, double k, double order) {
  constexpr int kMaxOrder = 12;
  const int m = static_cast<int>(order);
  k = std::nearbyint(k);
  if (std::isnan(n) || std::isnan(k)) return n + k;
  if (m > kMaxOrder) return kNan;
  if (k < 1) return 0;
  std::array<double, kMaxOrder + 1> series{};
  series[0] = 1;
  for (double j = 0; j < k; ++j) {
    for (int i = m; i >= 0; --i) {
      const auto at = static_cast<std::size_t>(i);
      series[at] = (series[at] * (n - j) + (i > 0 ? series[at - 1] : 0)) / (j + 1);
    }
  }
  double factorial = 1;
  for (int i = 2; i <= m; ++i) factorial *= i;
  return series[static_cast<std::size_t>(m)] * factorial;
}

// ---- derivative helpers ------------------------------------------------------------------------

Expr no_derivative(const char* function, const char* argument) {
  throw GraphError(std::string("`") + function + "()` has no derivative with respect to `" +
                   argument + "`");
}

Expr no_third_order(const char* function, const char* argument) {
  throw GraphError(std::string("`") + function + "()` has derivatives with respect to `" +
                   argument + "` up to second order only");
}

// Log densities of one and of two correlated standard normal variables.
Expr log_phi(Expr x) { return -(0.5 * square(x) + kLnSqrt2Pi); }
Expr log_phi2(Expr x, Expr y, Expr rho) {
  const Expr determinant = (1 - rho) * (1 + rho);
  return log_phi(x) + log_phi((y - rho * x) / sqrt(determinant)) - 0.5 * log(determinant);
}

Expr beta_p_ratio(Expr x, Expr a, Expr b) {
  return exp(dbeta_log(x, a, b) - log_beta_p(x, a, b));
}
Expr beta_q_ratio(Expr x, Expr a, Expr b) {
  return -exp(dbeta_log(x, a, b) - log_beta_q(x, a, b));
}
// Scores of a density are 0 outside of its support, where it is 0: a component of a mixture that
// cannot have made an observation must not turn the others into NaN.
Expr within(Expr inside, Expr score) { return select(inside, score, 0); }

Expr beta_da(Expr x, Expr a, Expr b) {
  return within(ge(x, 0), log(x)) + polygamma_difference(0, a, b);
}
Expr beta_db(Expr x, Expr a, Expr b) {
  return within(le(x, 1), log1p(-x)) + polygamma_difference(0, b, a);
}

// Third derivative of the log density of Student's t in its degrees of freedom.
Expr dt_log_ddf3(Expr x, Expr n) {
  const Expr total = n + square(x);
  return 0.125 * polygamma_difference(2, 0.5 * n, 0.5) - 1 / pow(n, 3) +
         1.5 * (1 / square(total) - 1 / square(n)) -
         (n + 1) * (1 / pow(total, 3) - 1 / pow(n, 3));
}

// ---- kernels -----------------------------------------------------------------------------------

inline const double* column(const Argument& a, std::int32_t j) {
  return a.data + (j % a.cols) * a.ld;
}

template <double (*F)(double)>
void unary_kernel(const Argument* a, const Result& out) {
  for (std::int32_t j = 0; j < out.cols; ++j) {
    const double* x = column(a[0], j);
    double* to = out.data + j * out.ld;
    if (a[0].rows == 1) {
      const double value = F(*x);
      for (std::int32_t i = 0; i < out.rows; ++i) to[i] = value;
    } else {
      for (std::int32_t i = 0; i < out.rows; ++i) to[i] = F(x[i]);
    }
  }
}

template <double (*F)(double, double)>
void binary_kernel(const Argument* a, const Result& out) {
  const std::int32_t n = out.rows;
  for (std::int32_t j = 0; j < out.cols; ++j) {
    const double* x = column(a[0], j);
    const double* y = column(a[1], j);
    double* to = out.data + j * out.ld;
    if (a[0].rows == 1) {
      const double x0 = *x;
      if (a[1].rows == 1) {
        const double value = F(x0, *y);
        for (std::int32_t i = 0; i < n; ++i) to[i] = value;
      } else {
        for (std::int32_t i = 0; i < n; ++i) to[i] = F(x0, y[i]);
      }
    } else if (a[1].rows == 1) {
      const double y0 = *y;
      for (std::int32_t i = 0; i < n; ++i) to[i] = F(x[i], y0);
    } else {
      for (std::int32_t i = 0; i < n; ++i) to[i] = F(x[i], y[i]);
    }
  }
}

// Three and four arguments: steps of 0 or 1 instead of a branch for each combination.
template <double (*F)(double, double, double)>
void ternary_kernel(const Argument* a, const Result& out) {
  const std::int64_t sx = a[0].rows != 1, sy = a[1].rows != 1, sz = a[2].rows != 1;
  for (std::int32_t j = 0; j < out.cols; ++j) {
    const double *x = column(a[0], j), *y = column(a[1], j), *z = column(a[2], j);
    double* to = out.data + j * out.ld;
    for (std::int64_t i = 0; i < out.rows; ++i) to[i] = F(x[i * sx], y[i * sy], z[i * sz]);
  }
}

template <double (*F)(double, double, double, double)>
void quaternary_kernel(const Argument* a, const Result& out) {
  const std::int64_t sx = a[0].rows != 1, sy = a[1].rows != 1, sz = a[2].rows != 1,
                     sw = a[3].rows != 1;
  for (std::int32_t j = 0; j < out.cols; ++j) {
    const double *x = column(a[0], j), *y = column(a[1], j), *z = column(a[2], j),
                 *w = column(a[3], j);
    double* to = out.data + j * out.ld;
    for (std::int64_t i = 0; i < out.rows; ++i)
      to[i] = F(x[i * sx], y[i * sy], z[i * sz], w[i * sw]);
  }
}

// ---- the table ---------------------------------------------------------------------------------

namespace values {
#define UNARY(name, domain, value, dx) \
  inline double name(double x) { return value; }
#define BINARY(name, domain, value, dx, dy) \
  inline double name(double x, double y) { return value; }
#define TERNARY(name, domain, value, dx, dy, dz) \
  inline double name(double x, double y, double z) { return value; }
#define QUATERNARY(name, domain, value, dx, dy, dz, dw) \
  inline double name(double x, double y, double z, double w) { return value; }
#include "ops/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
}  // namespace values

namespace scalars {
#define UNARY(name, ...) \
  double name(const double* a) { return values::name(a[0]); }
#define BINARY(name, ...) \
  double name(const double* a) { return values::name(a[0], a[1]); }
#define TERNARY(name, ...) \
  double name(const double* a) { return values::name(a[0], a[1], a[2]); }
#define QUATERNARY(name, ...) \
  double name(const double* a) { return values::name(a[0], a[1], a[2], a[3]); }
#include "ops/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
}  // namespace scalars

namespace partials {
#define PARTIAL1(name, which, formula)        \
  Expr name##_##which(const Expr* a, Expr f) { \
    const Expr x = a[0];                       \
    (void)x, (void)f;                          \
    return formula;                            \
  }
#define PARTIAL2(name, which, formula)        \
  Expr name##_##which(const Expr* a, Expr f) { \
    const Expr x = a[0], y = a[1];             \
    (void)x, (void)y, (void)f;                 \
    return formula;                            \
  }
#define PARTIAL3(name, which, formula)        \
  Expr name##_##which(const Expr* a, Expr f) { \
    const Expr x = a[0], y = a[1], z = a[2];   \
    (void)x, (void)y, (void)z, (void)f;        \
    return formula;                            \
  }
#define PARTIAL4(name, which, formula)                   \
  Expr name##_##which(const Expr* a, Expr f) {            \
    const Expr x = a[0], y = a[1], z = a[2], w = a[3];    \
    (void)x, (void)y, (void)z, (void)w, (void)f;          \
    return formula;                                       \
  }
#define UNARY(name, domain, value, p1) PARTIAL1(name, dx, p1)
#define BINARY(name, domain, value, p1, p2) PARTIAL2(name, dx, p1) PARTIAL2(name, dy, p2)
#define TERNARY(name, domain, value, p1, p2, p3) \
  PARTIAL3(name, dx, p1) PARTIAL3(name, dy, p2) PARTIAL3(name, dz, p3)
#define QUATERNARY(name, domain, value, p1, p2, p3, p4) \
  PARTIAL4(name, dx, p1) PARTIAL4(name, dy, p2) PARTIAL4(name, dz, p3) PARTIAL4(name, dw, p4)
#include "ops/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
#undef PARTIAL1
#undef PARTIAL2
#undef PARTIAL3
#undef PARTIAL4
}  // namespace partials

const ElementwiseInfo kTable[] = {
#define UNARY(name, domain, ...)                                        \
  {#name, domain, 1, &unary_kernel<&values::name>, &scalars::name,       \
   {&partials::name##_dx, nullptr, nullptr, nullptr}},
#define BINARY(name, domain, ...)                                       \
  {#name, domain, 2, &binary_kernel<&values::name>, &scalars::name,      \
   {&partials::name##_dx, &partials::name##_dy, nullptr, nullptr}},
#define TERNARY(name, domain, ...)                                      \
  {#name, domain, 3, &ternary_kernel<&values::name>, &scalars::name,     \
   {&partials::name##_dx, &partials::name##_dy, &partials::name##_dz, nullptr}},
#define QUATERNARY(name, domain, ...)                                   \
  {#name, domain, 4, &quaternary_kernel<&values::name>, &scalars::name,  \
   {&partials::name##_dx, &partials::name##_dy, &partials::name##_dz, &partials::name##_dw}},
#include "ops/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
};

}  // namespace

const ElementwiseInfo& elementwise(Op op) { return kTable[static_cast<std::size_t>(op)]; }

}  // namespace admle
