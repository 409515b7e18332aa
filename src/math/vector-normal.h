// The standard normal distribution on packs.
//
// With z = |x|, Mills' ratio R = (1 - Phi(z)) / phi(z) and the two functions of it whose formula
// cancels in the left tail (special-normal.cpp) are smooth and of the order of powers of 1 / z: as
// multiples of powers of 1 / (z + 4) they are polynomials in t = (z - 4) / (z + 4) over the whole
// half line (Shepherd and Laframboise 1981, Mathematics of Computation 36(153)). The right tail
// follows without cancellation.
// Included inside of an instruction set's namespace; see vector-pack.h.

constexpr double kOneOverSqrt2Pi = 0.398942280401432677939946059934;
constexpr double kLogSqrt2Pi = 0.918938533204672741780329736406;

// Where the density is certainly 0.
constexpr double kNoDensity = 40;

// -x^2 / 2 for |x| <= kNoDensity, exact but for a rounding of `low`: x is split such that the
// square of its head is exact (Cody 1969, Mathematics of Computation 23(107)).
ADMLE_INLINE Split density_exponent(Pack x) {
  const Pack head = to_whole(x * 1024) * 0x1p-10;
  return fast_sum(-0.5 * head * head, -0.5 * (x - head) * (x + head));
}

ADMLE_INLINE Pack density(Pack x) {
  const Pack size = absolute(x);
  const Split exponent = density_exponent(choose(size > kNoDensity, kNoDensity, size));
  return kOneOverSqrt2Pi * exponential_of_sum(exponent.high, exponent.low);
}

// |x| on the half line: t and 1 / (z + 4).
struct HalfLine {
  Pack z;           // |x|
  Pack t;           // (z - 4) / (z + 4), from -1 to 1
  Pack reciprocal;  // 1 / (z + 4)
  explicit HalfLine(Pack x) : z(absolute(x)) {
    reciprocal = 1 / (z + 4);
    t = choose(z < 1e17, (z - 4) * reciprocal, choose(is_nan(z), z, 1));
  }
};

// Near the centre 1/2 + x A(x^2).
ADMLE_INLINE Pack normal_cdf(Pack x) {
  const HalfLine h(x);
  const Pack tail = density(x) * polynomial(minimax::kMillsRatio, h.t) * h.reciprocal;
  const Mask centre = h.z < 1;
  const Pack near = mul_add(x, polynomial(minimax::kCdfSlope, choose(centre, x * x, 0)), 0.5);
  return choose(centre, near, choose(x > 0, 1 - tail, tail));
}

// log(phi R) on the left; log(1 - phi R) on the right, as log(1 + f) with an f that is exact.
ADMLE_INLINE Pack normal_log_cdf(Pack x) {
  const HalfLine h(x);
  const Mask right = x > 0;
  const Mask far = h.z > kNoDensity;
  const Split exponent = density_exponent(choose(far, kNoDensity, h.z));
  const Pack ratio = polynomial(minimax::kMillsRatio, h.t) * h.reciprocal;
  const Pack f = -kOneOverSqrt2Pi * exponential_of_sum(exponent.high, exponent.low) * ratio;
  const Pack log_u = log_of_either(right, f, ratio);
  const Pack high = choose(far, -0.5 * h.z * h.z, exponent.high);
  const Pack left = high + ((log_u - kLogSqrt2Pi) + choose(far, 0, exponent.low));
  return choose(is_nan(x), x, choose(right, log_u, left));
}

// phi / Phi: 1 / R on the left, phi / (1 - phi R) on the right.
ADMLE_INLINE Pack mills_of(Pack x, const HalfLine& h) {
  const Mask right = x > 0;
  const Pack ratio = polynomial(minimax::kMillsRatio, h.t);
  const Pack phi = density(x);
  return choose(right, phi, h.z + 4) / choose(right, 1 - phi * ratio * h.reciprocal, ratio);
}

ADMLE_INLINE Pack mills_hazard(Pack x) { return mills_of(x, HalfLine(x)); }

ADMLE_INLINE Pack mills_hazard_excess(Pack x) {
  const HalfLine h(x);
  const Pack left = polynomial(minimax::kMillsExcess, h.t) * h.reciprocal;
  return choose(x > 0, x + mills_of(x, h), left);
}

ADMLE_INLINE Pack mills_hazard_curvature(Pack x) {
  const HalfLine h(x);
  const Pack left = polynomial(minimax::kMillsCurvature, h.t) * h.reciprocal * h.reciprocal;
  const Pack m = mills_of(x, h);
  return choose(x > 0, choose(m == 0, 1, 1 - m * (x + m)), left);
}
