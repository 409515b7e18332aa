// A pack of doubles as wide as one register: what the value formulas of the op table are
// instantiated on besides double.
//
// Vectors of GCC and Clang (GCC manual, "Using Vector Instructions through Built-in Functions"),
// wrapped so that comparisons give masks and selections are named. Included once for each
// instruction set, inside of its namespace and under its target (vector-variant.h); kLanes is the
// number of doubles of its registers. Nothing here may depend on whether products and sums are
// contracted to fused operations, which differs between instruction sets.

typedef double Lanes __attribute__((vector_size(8 * kLanes)));
typedef std::int64_t Bits __attribute__((vector_size(8 * kLanes)));
typedef std::uint64_t UnsignedBits __attribute__((vector_size(8 * kLanes)));

struct Pack {
  Lanes v;  // one double in each lane
  Pack() : v() {}
  Pack(double x) : v(x - Lanes{}) {}  // x - 0 is x, also for -0
  explicit Pack(Lanes x) : v(x) {}
};

// All bits of a lane set, or none.
struct Mask {
  Bits m;  // -1 where true, 0 elsewhere
};

ADMLE_INLINE Pack operator+(Pack a, Pack b) { return Pack(a.v + b.v); }
ADMLE_INLINE Pack operator-(Pack a, Pack b) { return Pack(a.v - b.v); }
ADMLE_INLINE Pack operator*(Pack a, Pack b) { return Pack(a.v * b.v); }
ADMLE_INLINE Pack operator/(Pack a, Pack b) { return Pack(a.v / b.v); }
ADMLE_INLINE Pack operator-(Pack a) { return Pack(-a.v); }

ADMLE_INLINE Mask operator<(Pack a, Pack b) { return {a.v < b.v}; }
ADMLE_INLINE Mask operator<=(Pack a, Pack b) { return {a.v <= b.v}; }
ADMLE_INLINE Mask operator>(Pack a, Pack b) { return {a.v > b.v}; }
ADMLE_INLINE Mask operator>=(Pack a, Pack b) { return {a.v >= b.v}; }
ADMLE_INLINE Mask operator==(Pack a, Pack b) { return {a.v == b.v}; }
ADMLE_INLINE Mask operator!=(Pack a, Pack b) { return {a.v != b.v}; }
ADMLE_INLINE Mask operator&(Mask a, Mask b) { return {a.m & b.m}; }
ADMLE_INLINE Mask operator|(Mask a, Mask b) { return {a.m | b.m}; }
ADMLE_INLINE Mask operator!(Mask a) { return {~a.m}; }

ADMLE_INLINE Pack choose(Mask where, Pack yes, Pack no) { return Pack(where.m ? yes.v : no.v); }
ADMLE_INLINE Mask is_nan(Pack x) { return x != x; }

ADMLE_INLINE Bits bits(Pack x) { return reinterpret_cast<Bits>(x.v); }
ADMLE_INLINE Pack from_bits(Bits b) { return Pack(reinterpret_cast<Lanes>(b)); }
ADMLE_INLINE Bits shift_right(Bits b, int by) {  // zeros move in
  return reinterpret_cast<Bits>(reinterpret_cast<UnsignedBits>(b) >> by);
}
ADMLE_INLINE Bits shift_left(Bits b, int by) {
  return reinterpret_cast<Bits>(reinterpret_cast<UnsignedBits>(b) << by);
}
// Modulo 2^64, for patterns of NaN and others that are not used.
ADMLE_INLINE Bits plus(Bits b, std::int64_t by) {
  return reinterpret_cast<Bits>(reinterpret_cast<UnsignedBits>(b) + static_cast<std::uint64_t>(by));
}

constexpr std::int64_t kSignBit = std::numeric_limits<std::int64_t>::min();

ADMLE_INLINE Pack absolute(Pack x) { return from_bits(bits(x) & ~kSignBit); }
ADMLE_INLINE Pack with_sign_of(Pack magnitude, Pack sign) {
  return from_bits((bits(magnitude) & ~kSignBit) | (bits(sign) & kSignBit));
}

// a b + c, rounded once or twice.
ADMLE_INLINE Pack mul_add(Pack a, Pack b, Pack c) { return Pack(a.v * b.v + c.v); }

// Sum of coefficients[k] x^(k - First), by Horner's rule without a loop.
template <std::size_t First = 0, std::size_t N>
ADMLE_INLINE Pack polynomial(const double (&coefficients)[N], Pack x) {
  if constexpr (First + 1 == N) return coefficients[First];
  else return mul_add(polynomial<First + 1>(coefficients, x), x, coefficients[First]);
}

ADMLE_INLINE Pack load(const double* from) {
  Pack x;
  std::memcpy(&x.v, from, sizeof x.v);
  return x;
}
ADMLE_INLINE void store(Pack x, double* to) { std::memcpy(to, &x.v, sizeof x.v); }

ADMLE_INLINE bool any(Mask mask) {
#if ADMLE_LANES == 8
  return _mm512_movepi64_mask(reinterpret_cast<__m512i>(mask.m)) != 0;
#elif ADMLE_LANES == 4
  return _mm256_movemask_pd(reinterpret_cast<__m256d>(mask.m)) != 0;
#elif defined(__SSE2__)
  return _mm_movemask_pd(reinterpret_cast<__m128d>(mask.m)) != 0;
#else
  std::int64_t all = 0;
  for (int i = 0; i < kLanes; ++i) all |= mask.m[i];
  return all != 0;
#endif
}

ADMLE_INLINE Pack square_root(Pack x) {
#if ADMLE_LANES == 8
  return Pack(reinterpret_cast<Lanes>(_mm512_maskz_sqrt_pd(0xff, reinterpret_cast<__m512d>(x.v))));
#elif ADMLE_LANES == 4
  return Pack(reinterpret_cast<Lanes>(_mm256_sqrt_pd(reinterpret_cast<__m256d>(x.v))));
#elif defined(__SSE2__)
  return Pack(reinterpret_cast<Lanes>(_mm_sqrt_pd(reinterpret_cast<__m128d>(x.v))));
#else
  for (int i = 0; i < kLanes; ++i) x.v[i] = std::sqrt(x.v[i]);
  return x;
#endif
}

// What a formula for the common case does not cover is left to the function of doubles.
template <typename Function, typename... Packs>
ADMLE_INLINE Pack where_rare(Mask rare, Pack common, Function function, Packs... arguments) {
  if (any(rare))
    for (int i = 0; i < kLanes; ++i)
      if (rare.m[i] != 0) common.v[i] = function(arguments.v[i]...);
  return common;
}
