// Exponentials and logarithms on packs, without branches.
//
// exp: x = k log 2 + r with |r| <= log(2) / 2 (Cody and Waite 1980, Software Manual for the
// Elementary Functions, chapter 6), a polynomial in r, and 2^k put on in two steps so that
// denormal results are rounded once. log: u = 2^k (1 + f) and log(1 + f) = 2 atanh(f / (2 + f)),
// arranged such that f itself is added last (Tang 1990, ACM TOMS 16(4)). The other functions share
// these two. Polynomials are from tools/minimax.py; accuracy is measured in
// tests/cpp/test-vector.cpp and listed in design/0008-kernels.md.
// Included inside of an instruction set's namespace; see vector-pack.h.

constexpr double kLog2e = 0x1.71547652b82fep+0;
constexpr double kLog2High = 0x1.62e42fefa38p-1;  // 42 bits: k times it is exact
constexpr double kLog2Low = 0x1.ef35793c7673p-45;
constexpr double kLog2 = 0x1.62e42fefa39efp-1;
constexpr double kRounder = 0x1.8p52;  // adding it rounds to a whole number
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
constexpr double kLeastNormal = std::numeric_limits<double>::min();

ADMLE_INLINE Pack to_whole(Pack x) { return (x + kRounder) - kRounder; }

// 2^k for whole k from -1022 to 1023; below, something tiny.
ADMLE_INLINE Pack power_of_two(Pack k) {
  return from_bits(shift_left(bits(k + kRounder) + 1023, 52));
}

// x = k log 2 + r + low
struct Reduced {
  Pack k;       // whole
  Pack r, low;  // |r| <= log(2) / 2, and its rounding error
};
ADMLE_INLINE Reduced reduce(Pack x) {
  const Pack k = to_whole(x * kLog2e);
  const Pack high = x - k * kLog2High;
  const Pack r = high - k * kLog2Low;
  return {k, r, (high - r) - k * kLog2Low};
}

// 2^k y
ADMLE_INLINE Pack scale(Pack y, Pack k) {
  const Pack half = to_whole(0.5 * k);
  return y * power_of_two(half) * power_of_two(k - half);
}

// NaN stays itself; beyond these ends all is 0 or Inf.
ADMLE_INLINE Reduced reduce_for_exp(Pack x) {
  x = choose(x > 710, 710, x);
  return reduce(choose(x < -746, -746, x));
}

// A number as a double and the rest of it.
struct Split {
  Pack high, low;  // high + low; |low| is at most half a unit of high's last place
};
// a + b for |a| >= |b| or a = 0 (Dekker 1971, Numerische Mathematik 18).
ADMLE_INLINE Split fast_sum(Pack a, Pack b) {
  const Pack high = a + b;
  return {high, (a - high) + b};
}

// exp(r) - 1 + from, from 0 or at least 1/2, as a sum of which `low` is small. The polynomial is
// (exp(r) - 1 - r) / r^2.
ADMLE_INLINE Split exp_tail(Pack from, Reduced a) {
  const Split sum = fast_sum(from, a.r);
  return {sum.high, sum.low + mul_add(a.r * a.r, polynomial(minimax::kExpTail, a.r), a.low)};
}

ADMLE_INLINE Pack exp_of(Reduced a) {
  const Split sum = exp_tail(1, a);
  return scale(sum.high + sum.low, a.k);
}
ADMLE_INLINE Split exp_split(Reduced a) {
  const Split sum = exp_tail(1, a), parts = fast_sum(sum.high, sum.low);
  return {scale(parts.high, a.k), scale(parts.low, a.k)};
}

ADMLE_INLINE Pack exponential(Pack x) { return exp_of(reduce_for_exp(x)); }

// exp(x + low) for a low that is small.
ADMLE_INLINE Pack exponential_of_sum(Pack x, Pack low) {
  const Reduced a = reduce_for_exp(x);
  const Split r = fast_sum(a.r, low);
  return exp_of({a.k, r.high, r.low + a.low});
}

// exp(x) - 1 = 2^k ((1 - 2^-k) + (exp(r) - 1)), and k; beyond k = 60 the 2^-k is below rounding.
ADMLE_INLINE Split expm1_over_power(Pack x, Pack& k) {
  x = choose(x > 710, 710, x);
  const Reduced a = reduce(choose(x < -50, -50, x));
  k = a.k;
  return exp_tail(1 - power_of_two(-choose(k > 60, 60, k)), a);
}

ADMLE_INLINE Pack exponential_minus_1(Pack x) {
  Pack k;
  const Split sum = expm1_over_power(x, k);
  // What is below rounding stays, with the sign of zero.
  return choose(absolute(x) < 0x1p-54, x, scale(sum.high + sum.low, k));
}

// u = 2^k (1 + f), 1 + f from sqrt(1/2) to sqrt(2), for normal u > 0.
struct Decomposed {
  Pack k;  // whole
  Pack f;  // from sqrt(1/2) - 1 to sqrt(2) - 1
};
ADMLE_INLINE Decomposed decompose(Pack u) {
  constexpr std::int64_t kOne = 0x3ff0000000000000, kRootHalf = 0x3fe6a09e667f3bcd;
  constexpr std::int64_t kMantissa = 0x000fffffffffffff, kWhole = 0x4330000000000000;
  const Bits shifted = plus(bits(u), kOne - kRootHalf);
  const Pack k = from_bits(shift_right(shifted, 52) | kWhole) - (0x1p52 + 1023);
  return {k, from_bits((shifted & kMantissa) + kRootHalf) - 1};
}

// f - log(1 + f), which is small against f, as half a square minus the rest of it. The polynomial
// is (2 atanh(s) - 2 s) / s^3 in s^2.
struct LogTail {
  Pack half_square;  // f^2 / 2
  Pack rest;         // f^2 / 2 - (f - log(1 + f))
};
ADMLE_INLINE LogTail log_tail(Pack f) {
  const Pack s = f / (2 + f);
  const Pack z = s * s;
  const Pack half_square = 0.5 * f * f;
  return {half_square, s * mul_add(z, polynomial(minimax::kLogTail, z), half_square)};
}

// k log 2 + log(1 + f) + low for a low that is small against it.
ADMLE_INLINE Pack log_sum(Pack k, Pack f, Pack low) {
  const LogTail tail = log_tail(f);
  const Pack small = tail.rest + mul_add(k, kLog2Low, low);
  return mul_add(k, kLog2High, f - (tail.half_square - small));
}

// Where the logarithm of x is not finite: NaN (itself, if x is), -Inf or Inf.
ADMLE_INLINE Pack log_edges(Pack x, Pack from_zero, Pack result) {
  result = choose(from_zero > 0, result, choose(from_zero == 0, -kInfinity, kNotANumber));
  return choose(is_nan(x) | (x == kInfinity), x, result);
}

ADMLE_INLINE Pack logarithm(Pack x) {
  const Mask denormal = x < kLeastNormal;
  const Decomposed u = decompose(choose(denormal, x * 0x1p54, x));
  return log_edges(x, x, log_sum(choose(denormal, u.k - 54, u.k), u.f, 0));
}

// log(1 + x) for -1 < x < Inf: 1 + x may be rounded only where that is small against log(1 + x).
ADMLE_INLINE Pack log1p_finite(Pack x) {
  const Pack u = 1 + x;
  const Mask large = x > 1;
  const Pack lost = choose(large, 1, x) - (u - choose(large, x, 1));
  const Decomposed d = decompose(u);
  const Mask near = d.k == 0;
  // Beyond 2^60 nothing of it is left; 1 / (1 + f) to 0.002 is enough for it.
  const Pack scaled = lost * power_of_two(-choose(d.k > 60, 60, d.k));
  const Pack low = scaled * polynomial(minimax::kReciprocal, d.f);
  return log_sum(d.k, choose(near, x, d.f), choose(near, 0, low));
}

// log(1 + f) for -1 < f <= 0 where `sum`, log(x) for a normal x elsewhere: one logarithm.
ADMLE_INLINE Pack log_of_either(Mask sum, Pack f, Pack x) {
  const Pack u = choose(sum, 1 + f, x);
  const Decomposed d = decompose(u);
  const Mask near = sum & (d.k == 0);
  const Pack lost = choose(sum, (1 - u) + f, 0) * power_of_two(-choose(sum, d.k, 0));
  const Pack low = choose(near, 0, lost * polynomial(minimax::kReciprocal, d.f));
  const Pack result = log_sum(d.k, choose(near, f, d.f), low);
  return choose(sum & (f > -0x1p-54), f, result);
}

ADMLE_INLINE Pack logarithm_1_plus(Pack x) {
  const Pack result = choose(absolute(x) < 0x1p-54, x, log1p_finite(x));
  return log_edges(x, 1 + x, result);
}

ADMLE_INLINE Pack log_1_plus_exp(Pack x) {
  const Pack rest = log1p_finite(exponential(-absolute(x)));
  // A sum with 0 would lose the digits of a small rest.
  return choose(x > 0, x + rest, choose(is_nan(x), x, rest));
}

// log(1 - exp(-x)), x >= 0: the logarithm of -expm1(-x) up to log 2, beyond of 1 + f with
// f = -exp(-x) (Maechler 2012, equation (7)). Both are the one exponential and the one logarithm.
ADMLE_INLINE Pack log_1_minus_exp(Pack x) {
  const Reduced a = reduce_for_exp(-x);
  const Mask small = x <= kLog2;
  const Split sum = exp_tail(choose(small, 1 - power_of_two(-a.k), 1), a);
  const Pack e = -scale(sum.high + sum.low, a.k);  // exp(-x) - 1 if small, else exp(-x); negated
  const Pack u = choose(small, choose(x < 0x1p-54, x, e), 1 + e);
  const Mask denormal = u < kLeastNormal;
  const Decomposed d = decompose(choose(denormal, u * 0x1p54, u));
  const Mask near = (!small) & (d.k == 0);
  const Pack lost = choose(small | near, 0, (1 - u) + e);
  const Pack scaled = lost * polynomial(minimax::kReciprocal, d.f);
  const Pack result =
      log_sum(choose(denormal, d.k - 54, d.k), choose(near, e, d.f), scaled * power_of_two(-d.k));
  const Pack far = choose((!small) & (e > -0x1p-54), e, result);
  return choose(is_nan(x), x, choose(x > 0, far, choose(x == 0, -kInfinity, kNotANumber)));
}

// e / (1 + e) or 1 / (1 + e) with e = exp(-|x|), corrected for what was lost of e and of 1 + e: a
// change of the numerator by n and of the denominator by d is one of (n - q d) / (1 + e) in q.
ADMLE_INLINE Pack logistic_curve(Pack x) {
  const Mask lower = x < 0;
  const Split e = exp_split(reduce_for_exp(-absolute(x)));
  const Split sum = fast_sum(1, e.high);
  const Pack q = choose(lower, e.high, 1) / sum.high;
  const Pack reciprocal = choose(lower, 1 - q, q);
  const Pack lost = choose(lower, e.low, 0) - q * (sum.low + e.low);
  return mul_add(lost, reciprocal, q);
}

// t / (t + 2) with t = exp(2 |x|) - 1, corrected in the same way.
ADMLE_INLINE Pack hyperbolic_tangent(Pack x) {
  const Pack size = absolute(x);
  Pack k;
  const Split sum = expm1_over_power(2 * choose(size > 22, 22, size), k);
  const Split t = fast_sum(sum.high, sum.low);
  const Pack power = power_of_two(k), high = t.high * power, low = t.low * power;
  const Pack denominator = high + 2;
  const Mask large = high > 2;
  const Pack lost = choose(large, 2, high) - (denominator - choose(large, high, 2));
  const Pack q = high / denominator;
  const Pack result = mul_add(low - q * (lost + low), 0.5 - 0.5 * q, q);
  return choose(size < 0x1p-28, x, with_sign_of(result, x));
}
