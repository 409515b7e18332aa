// Instantiates the partial derivatives of the table on handles.
#include "ops/partials.h"

#include <array>
#include <string>

namespace admle {
namespace {

constexpr double kPi = 3.141592653589793238462643383280;
constexpr double kLnSqrt2Pi = 0.918938533204672741780329736406;
constexpr double kLn2 = 0.693147180559945309417232121458;
constexpr double kLn10 = 2.302585092994045684017991454684;

Expr no_derivative(const char* function, const char* argument) {
  throw GraphError(std::string("`") + function + "()` has no derivative with respect to `" +
                   argument + "`");
}

Expr no_fourth_order(const char* function, const char* argument) {
  throw GraphError(std::string("`") + function + "()` has derivatives with respect to `" +
                   argument + "` up to third order only");
}

// Log densities of one and of two correlated standard normal variables.
Expr log_phi(Expr x) { return -(0.5 * square(x) + kLnSqrt2Pi); }
Expr log_phi2(Expr x, Expr y, Expr rho) {
  const Expr determinant = (1 - rho) * (1 + rho);
  return log_phi(x) + log_phi((y - rho * x) / sqrt(determinant)) - 0.5 * log(determinant);
}

Expr beta_p_ratio(Expr x, Expr a, Expr b) { return exp(dbeta_log(x, a, b) - log_beta_p(x, a, b)); }
Expr beta_q_ratio(Expr x, Expr a, Expr b) { return -exp(dbeta_log(x, a, b) - log_beta_q(x, a, b)); }
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
  return exp(dnbinom_mu_log(q, size, mean) - f) * ((1 + q / size) / (1 + mean / size));
}
Expr nbinom_dsize(Expr q, Expr size, Expr mean, Expr f) {
  return nbinom_dmean(q, size, mean, f) * mean / size;
}

// Third derivative of the log density of Student's t in its degrees of freedom.
Expr dt_log_ddf3(Expr x, Expr n) {
  const Expr total = n + square(x);
  return 0.125 * polygamma_difference(2, 0.5 * n, 0.5) - 1 / pow(n, 3) +
         1.5 * (1 / square(total) - 1 / square(n)) - (n + 1) * (1 / pow(total, 3) - 1 / pow(n, 3));
}

// d/dx of a Bessel function J or Y of order y, differentiated z times in the order (DLMF 10.6.1).
Expr order_difference(Expr (*function)(Expr, Expr, Expr), Expr x, Expr y, Expr z) {
  return 0.5 * (function(x, y - 1, z) - function(x, y + 1, z));
}

// The third derivative of exp(u) over exp(u), from the derivatives of u.
Expr third_order(Expr one, Expr two, Expr three) { return one * (square(one) + 3 * two) + three; }
// The same in two directions a, b, in each of which the first derivatives are given.
Expr third_mixed(Expr a, Expr b, Expr aa, Expr ab, Expr aab) {
  return b * (square(a) + aa) + 2 * a * ab + aab;
}

// Of the density over a tail of the gamma distribution, whose logarithm has the derivatives first,
// second, third in the shape.
Expr gamma_third(Expr x, Expr shape, Expr first, Expr second, Expr third) {
  return third_order(log(x) - digamma(shape) - first, -trigamma(shape) - second,
                     -psigamma(shape, 2) - third);
}

// d/dx of the third derivative f of the log tail, `in_b` times in the second shape.
enum BetaTail { kLower, kUpper };
Expr beta_third(BetaTail tail, int in_b, Expr x, Expr a, Expr b, Expr f) {
  const bool lower = tail == kLower;
  const Expr da = beta_da(x, a, b) - (lower ? log_beta_p_da(x, a, b) : log_beta_q_da(x, a, b));
  const Expr db = beta_db(x, a, b) - (lower ? log_beta_p_db(x, a, b) : log_beta_q_db(x, a, b));
  const auto daa = [&] {
    return trigamma(a + b) - trigamma(a) -
           (lower ? log_beta_p_daa(x, a, b) : log_beta_q_daa(x, a, b));
  };
  const auto dab = [&] {
    return trigamma(a + b) - (lower ? log_beta_p_dab(x, a, b) : log_beta_q_dab(x, a, b));
  };
  const auto dbb = [&] {
    return trigamma(a + b) - trigamma(b) -
           (lower ? log_beta_p_dbb(x, a, b) : log_beta_q_dbb(x, a, b));
  };
  const Expr both = psigamma(a + b, 2) - f;
  const Expr third = in_b == 0   ? third_order(da, daa(), both - psigamma(a, 2))
                     : in_b == 1 ? third_mixed(da, db, daa(), dab(), both)
                     : in_b == 2 ? third_mixed(db, da, dbb(), dab(), both)
                                 : third_order(db, dbb(), both - psigamma(b, 2));
  return mulz(lower ? beta_p_ratio(x, a, b) : beta_q_ratio(x, a, b), third);
}

// ---- the table ---------------------------------------------------------------------------------

namespace partials {
#define PARTIAL1(name, which, formula)         \
  Expr name##_##which(const Expr* a, Expr f) { \
    const Expr x = a[0];                       \
    (void)x, (void)f;                          \
    return formula;                            \
  }
#define PARTIAL2(name, which, formula)         \
  Expr name##_##which(const Expr* a, Expr f) { \
    const Expr x = a[0], y = a[1];             \
    (void)x, (void)y, (void)f;                 \
    return formula;                            \
  }
#define PARTIAL3(name, which, formula)         \
  Expr name##_##which(const Expr* a, Expr f) { \
    const Expr x = a[0], y = a[1], z = a[2];   \
    (void)x, (void)y, (void)z, (void)f;        \
    return formula;                            \
  }
#define PARTIAL4(name, which, formula)                 \
  Expr name##_##which(const Expr* a, Expr f) {         \
    const Expr x = a[0], y = a[1], z = a[2], w = a[3]; \
    (void)x, (void)y, (void)z, (void)w, (void)f;       \
    return formula;                                    \
  }
#define UNARY(name, domain, range, thread, cost, value, p1) PARTIAL1(name, dx, p1)
#define BINARY(name, domain, range, thread, cost, value, p1, p2) \
  PARTIAL2(name, dx, p1) PARTIAL2(name, dy, p2)
#define TERNARY(name, domain, range, thread, cost, value, p1, p2, p3) \
  PARTIAL3(name, dx, p1) PARTIAL3(name, dy, p2) PARTIAL3(name, dz, p3)
#define QUATERNARY(name, domain, range, thread, cost, value, p1, p2, p3, p4) \
  PARTIAL4(name, dx, p1) PARTIAL4(name, dy, p2) PARTIAL4(name, dz, p3) PARTIAL4(name, dw, p4)
#include "math/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
#undef PARTIAL1
#undef PARTIAL2
#undef PARTIAL3
#undef PARTIAL4
}  // namespace partials

using Table = std::array<std::array<Partial, kMaxArity>, kElementwiseCount>;

constexpr Table kTable{{
#define UNARY(name, ...) {&partials::name##_dx},
#define BINARY(name, ...) {&partials::name##_dx, &partials::name##_dy},
#define TERNARY(name, ...) {&partials::name##_dx, &partials::name##_dy, &partials::name##_dz},
#define QUATERNARY(name, ...) \
  {&partials::name##_dx, &partials::name##_dy, &partials::name##_dz, &partials::name##_dw},
#include "math/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
}};

}  // namespace

Expr partial_derivative(Op op, std::size_t i, const Expr* arguments, Expr value) {
  return kTable[static_cast<std::size_t>(op)][i](arguments, value);
}

}  // namespace admle
