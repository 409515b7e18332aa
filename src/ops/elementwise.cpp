// Instantiates the op table: value formulas on doubles (kernels over blocks, and one scalar at a
// time for recursions), partial derivatives on handles.
#include "ops/elementwise.h"

#include <algorithm>
#include <array>
#include <string>

#include "ops/numeric.h"
#include "ops/vector.h"

namespace admle {
namespace {

using special::nmath;

constexpr double kPi = 3.141592653589793238462643383280;
constexpr double kLnSqrt2Pi = 0.918938533204672741780329736406;
constexpr double kLn2 = 0.693147180559945309417232121458;
constexpr double kLn10 = 2.302585092994045684017991454684;

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

// Derivatives of the negative binomial distribution function in its mean, and in its size through
// the probability alone, over exp(f).
Expr nbinom_dmean(Expr q, Expr size, Expr mean, Expr f) {
  return exp(dnbinom_mu_log(q, size, mean) - f) * (1 + (q - mean) / (size + mean));
}
Expr nbinom_dsize(Expr q, Expr size, Expr mean, Expr f) {
  return nbinom_dmean(q, size, mean, f) * mean / size;
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
#define UNARY(name, domain, range, value, dx) \
  inline double name(double x) { return value; }
#define BINARY(name, domain, range, value, dx, dy) \
  inline double name(double x, double y) { return value; }
#define TERNARY(name, domain, range, value, dx, dy, dz) \
  inline double name(double x, double y, double z) { return value; }
#define QUATERNARY(name, domain, range, value, dx, dy, dz, dw) \
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
#define UNARY(name, domain, range, value, p1) PARTIAL1(name, dx, p1)
#define BINARY(name, domain, range, value, p1, p2) PARTIAL2(name, dx, p1) PARTIAL2(name, dy, p2)
#define TERNARY(name, domain, range, value, p1, p2, p3) \
  PARTIAL3(name, dx, p1) PARTIAL3(name, dy, p2) PARTIAL3(name, dz, p3)
#define QUATERNARY(name, domain, range, value, p1, p2, p3, p4) \
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

// Whether a formula uses one of those functions of R's nmath that warn, of lost precision say.
bool may_warn(const char* formula) {
  constexpr const char* kWarning[] = {"gammafn", "lgammafn", "beta",   "lbeta", "choose", "lchoose",
                                      "psigamma", "pgamma",  "pbeta", "pt",    "dhyper"};
  const std::string text = formula;
  for (const char* name : kWarning)
    if (text.find(std::string("nmath().") + name + "(") != std::string::npos) return true;
  return false;
}

// R's functions that take longer for one number than packs do; the C library's do not.
bool slow_for_one_number(Op op) {
  switch (op) {
    case Op::lgamma:
    case Op::digamma:
    case Op::trigamma:
    case Op::cdf_normal:
    case Op::log_cdf_normal:
    case Op::mills:
    case Op::mills_excess:
    case Op::mills_curvature:
    case Op::dbinom_log:
    case Op::dpois_log: return true;
    default: return false;
  }
}

using Table = std::array<ElementwiseInfo, kElementwiseCount>;

Table make_table() {
  Table table{{
#define UNARY(name, domain, range, value, ...)                                            \
  {#name, domain, Range::range, 1, &unary_kernel<&values::name>, &scalars::name,          \
   {&partials::name##_dx, nullptr, nullptr, nullptr}, may_warn(#value)},
#define BINARY(name, domain, range, value, ...)                                           \
  {#name, domain, Range::range, 2, &binary_kernel<&values::name>, &scalars::name,         \
   {&partials::name##_dx, &partials::name##_dy, nullptr, nullptr}, may_warn(#value)},
#define TERNARY(name, domain, range, value, ...)                                          \
  {#name, domain, Range::range, 3, &ternary_kernel<&values::name>, &scalars::name,        \
   {&partials::name##_dx, &partials::name##_dy, &partials::name##_dz, nullptr}, may_warn(#value)},
#define QUATERNARY(name, domain, range, value, ...)                                       \
  {#name, domain, Range::range, 4, &quaternary_kernel<&values::name>, &scalars::name,     \
   {&partials::name##_dx, &partials::name##_dy, &partials::name##_dz, &partials::name##_dw}, \
   may_warn(#value)},
#include "ops/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
  }};
  const VectorFunctions* const vectorised = vector_functions(instruction_set());
  for (std::size_t i = 0; i < kElementwiseCount; ++i) {
    if (vectorised[i].kernel == nullptr) continue;
    table[i].kernel = vectorised[i].kernel;
    if (slow_for_one_number(static_cast<Op>(i))) table[i].scalar = vectorised[i].scalar;
  }
  return table;
}

}  // namespace

const ElementwiseInfo& elementwise(Op op) {
  static const Table table = make_table();
  return table[static_cast<std::size_t>(op)];
}

}  // namespace admle
