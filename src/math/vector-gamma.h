// The gamma function's logarithm and its derivatives on packs, for positive arguments; the others
// are left to the functions of doubles.
//
// Far out, Stirling's formula and its derivatives (DLMF 5.11.1, 5.11.2), whose remainders are
// 1 / (x + 1/2) times a polynomial in 1 - 2 (x0 + 1/2) / (x + 1/2) from x0 to infinity. Near the
// origin, the recurrence (DLMF 5.5.1, 5.5.2) leads to an interval of length one about a zero of
// the function, which is factored out, so that the relative accuracy lasts through the zeros.
// Included inside of an instruction set's namespace; see vector-pack.h.

// The remainder's polynomial in x from `start`, and 1 / (x + 1/2).
template <std::size_t N>
ADMLE_INLINE Pack remainder_from(const double (&coefficients)[N], double start, Pack reciprocal) {
  const Pack t = mul_add(-2 * (start + 0.5), reciprocal, 1);
  return polynomial(coefficients, t) * reciprocal;
}

// x is too small, not positive, infinite or NaN.
ADMLE_INLINE Mask not_common(Pack x) { return !((x >= 1e-150) & (x <= 1e300)); }

// log Gamma(x) - ((x - 1/2) log x - x + log(2 pi) / 2), which is the same for x! , from 1.
ADMLE_INLINE Pack stirling_rest(Pack x) {
  return remainder_from(minimax::kStirlingError, 1, 1 / (x + 0.5));
}

// log Gamma(x): up to 5/2 it is u Q(u) - log(m), u = x + n - 2 in [-1/2, 1/2], m the product of
// the n factors.
ADMLE_INLINE Pack log_gamma(Pack x) {
  const Mask far = x >= 2.5, middle = x >= 1.5, low = x < 0.5;
  const Pack u = choose(far, 0, choose(middle, x - 2, choose(low, x, x - 1)));
  const Pack m = choose(far, x, choose(middle, 1, choose(low, x * (x + 1), x)));
  const Pack near = u * polynomial(minimax::kLgammaNear2, u);
  const Decomposed d = decompose(m);
  const Pack log_m = log_sum(d.k, d.f, 0);
  const Pack stirling =
      (x - 0.5) * (log_m - 1) + ((kLogSqrt2Pi - 0.5) + stirling_rest(choose(far, x, 2.5)));
  return choose(far, stirling, near - log_m);
}

// digamma(x): up to 2 it is (y - root) P(y) - 1 / x, y = x + 1 and the last only below 1.
ADMLE_INLINE Pack digamma_positive(Pack x) {
  constexpr double kRoot = 0x1.762d86356be3fp+0, kRootLow = 0x1.b86a722197829p-54;
  const Mask far = x >= 2, low = x < 1;
  const Pack y = choose(far, 2, choose(low, x + 1, x));
  // For x < 1, y - root is x - (root - 1): adding 1 would round.
  const Pack from_root = choose(low, x - (kRoot - 1), y - kRoot) - kRootLow;
  const Pack near = from_root * polynomial(minimax::kDigammaNearRoot, y - 1.5);
  const Decomposed d = decompose(choose(far, x, 1));
  const Pack reciprocal = 1 / choose(far, x + 0.5, choose(low, x, 1));
  const Pack rest = remainder_from(minimax::kLogMinusDigamma, 2, choose(far, reciprocal, 0.4));
  return choose(far, log_sum(d.k, d.f, 0) - rest, choose(low, near - reciprocal, near));
}

// trigamma(x), below 1 by one step of the recurrence.
ADMLE_INLINE Pack trigamma_positive(Pack x) {
  const Mask low = x < 1;
  const Pack y = choose(low, x + 1, x);
  const Pack value = remainder_from(minimax::kTrigamma, 1, 1 / (y + 0.5));
  const Pack step = 1 / choose(low, x, 1);
  return choose(low, value + step * step, value);
}

// x log(x / m) + m - x without cancellation (Loader 2000, Fast and accurate computation of binomial
// probabilities): with m = x (1 + f) it is x (f - log(1 + f)).
ADMLE_INLINE Pack deviance_term(Pack x, Pack m) {
  const Pack reciprocal = 1 / x, difference = m - x;
  const Decomposed d = decompose(m * reciprocal);
  const Mask near = d.k == 0;
  const Pack f = choose(near, difference * reciprocal, d.f);
  const LogTail tail = log_tail(f);
  const Pack log_ratio =
      mul_add(d.k, kLog2High, f - (tail.half_square - mul_add(d.k, kLog2Low, tail.rest)));
  return choose(near, x * (tail.half_square - tail.rest), difference - x * log_ratio);
}

// Whole numbers that may be counts, and what may be a probability or a mean.
ADMLE_INLINE Mask is_count(Pack x) { return (x >= 0) & (x <= 1e15) & (to_whole(x) == x); }
ADMLE_INLINE Mask is_inner_probability(Pack p) { return (p >= 1e-100) & (p < 1); }
ADMLE_INLINE Mask is_mean(Pack x) { return (x >= 1e-100) & (x <= 1e100); }

// log(m^x exp(-m) / x!) in Loader's saddle-point form.
ADMLE_INLINE Pack poisson_log_probability(Pack x, Pack m) {
  const Pack k = choose(x == 0, 1, x);
  const Decomposed d = decompose(k);
  const Pack log_root = 0.5 * log_sum(d.k, d.f, 0) + kLogSqrt2Pi;
  const Pack value = -log_root - (stirling_rest(k) + deviance_term(k, m));
  return choose(x == 0, -m, value);
}

// log(choose(n, x) p^x (1 - p)^(n - x)), likewise; what does not happen, or always, is one
// logarithm.
ADMLE_INLINE Pack binomial_log_probability(Pack x, Pack n, Pack p) {
  const Mask none = x == 0, inside = (x > 0) & (x < n);
  const Pack ends = n * log_of_either(none, -p, p);
  if (!any(inside)) return ends;
  const Pack k = choose(inside, x, 1), size = choose(inside, n, 2), others = size - k;
  const Decomposed d = decompose(k * others / size);
  const Pack log_root = 0.5 * log_sum(d.k, d.f, 0) + kLogSqrt2Pi;
  const Pack remainders = stirling_rest(size) - stirling_rest(k) - stirling_rest(others);
  const Pack deviance = deviance_term(k, size * p) + deviance_term(others, size * (1 - p));
  return choose(inside, remainders - deviance - log_root, ends);
}
