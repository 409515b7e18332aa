// The functions that value formulas of the op table are made of, on packs; what is not declared
// here is found among the functions of doubles (math/numeric.h), which take no packs.
// Included inside of an instruction set's namespace; see vector-pack.h.

using special::nmath;

namespace numeric {

using namespace admle::numeric;

// A sum of the two is NaN where either is, and keeps which NaN.
ADMLE_INLINE Pack unless_nan(Pack x, Pack y, Pack value) {
  return choose(is_nan(x) | is_nan(y), x + y, value);
}

ADMLE_INLINE Pack product(Pack x, Pack y) {
  const Pack plain = x * y;
  return where_rare(is_nan(plain), plain, zero_or_nan, x, y);
}
ADMLE_INLINE Pack absolute(Pack x) { return from_bits(bits(x) & ~kSignBit); }
ADMLE_INLINE Pack sign_of(Pack x) {
  return choose(x > 0, 1, choose(x < 0, -1, choose(is_nan(x), x, 0)));
}
ADMLE_INLINE Pack smaller(Pack x, Pack y) { return unless_nan(x, y, choose(x < y, x, y)); }
ADMLE_INLINE Pack larger(Pack x, Pack y) { return unless_nan(x, y, choose(x > y, x, y)); }
ADMLE_INLINE Pack compared(Pack x, Pack y, Mask outcome) {
  return unless_nan(x, y, choose(outcome, 1, 0));
}
ADMLE_INLINE Pack both(Pack x, Pack y) {
  return choose((x == 0) | (y == 0), 0, unless_nan(x, y, 1));
}
ADMLE_INLINE Pack either(Pack x, Pack y) {
  const Mask true_one = ((x != 0) & !is_nan(x)) | ((y != 0) & !is_nan(y));
  return choose(true_one, 1, unless_nan(x, y, 0));
}
ADMLE_INLINE Pack selected(Pack x, Pack y, Pack z) {
  return choose(is_nan(x), x, choose(x != 0, y, z));
}

ADMLE_INLINE Pack exp(Pack x) { return exponential(x); }
ADMLE_INLINE Pack expm1(Pack x) { return exponential_minus_1(x); }
ADMLE_INLINE Pack log(Pack x) { return logarithm(x); }
ADMLE_INLINE Pack log1p(Pack x) { return logarithm_1_plus(x); }
ADMLE_INLINE Pack sqrt(Pack x) { return square_root(x); }
ADMLE_INLINE Pack log1p_exp(Pack x) { return log_1_plus_exp(x); }
ADMLE_INLINE Pack log1m_exp(Pack x) { return log_1_minus_exp(x); }
ADMLE_INLINE Pack plogis(Pack x) { return logistic_curve(x); }
ADMLE_INLINE Pack tanh(Pack x) { return hyperbolic_tangent(x); }

ADMLE_INLINE Pack normal_density(Pack x) { return density(x); }
ADMLE_INLINE Pack cdf_normal(Pack x) { return normal_cdf(x); }
ADMLE_INLINE Pack log_pnorm(Pack x) { return normal_log_cdf(x); }
ADMLE_INLINE Pack mills(Pack x) { return mills_hazard(x); }
ADMLE_INLINE Pack mills_excess(Pack x) { return mills_hazard_excess(x); }
ADMLE_INLINE Pack mills_curvature(Pack x) { return mills_hazard_curvature(x); }

ADMLE_INLINE Pack lgamma(Pack x) {
  double (*const rare)(double) = admle::numeric::lgamma;
  return where_rare(not_common(x), log_gamma(x), rare, x);
}
ADMLE_INLINE Pack digamma(Pack x) {
  double (*const rare)(double) = admle::numeric::digamma;
  return where_rare(not_common(x), digamma_positive(x), rare, x);
}
ADMLE_INLINE Pack trigamma(Pack x) {
  double (*const rare)(double) = admle::numeric::trigamma;
  return where_rare(not_common(x), trigamma_positive(x), rare, x);
}
ADMLE_INLINE Pack log_dpois(Pack x, Pack y) {
  double (*const rare)(double, double) = admle::numeric::log_dpois;
  return where_rare(!(is_count(x) & is_mean(y)), poisson_log_probability(x, y), rare, x, y);
}
ADMLE_INLINE Pack log_dbinom(Pack x, Pack y, Pack z) {
  double (*const rare)(double, double, double) = admle::numeric::log_dbinom;
  const Mask common = is_count(x) & is_count(y) & (x <= y) & is_inner_probability(z) & (y > 0);
  return where_rare(!common, binomial_log_probability(x, y, z), rare, x, y, z);
}

}  // namespace numeric
