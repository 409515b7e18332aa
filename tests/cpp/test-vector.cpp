// The kernels on packs, each instruction set's by itself: accuracy in units in the last place
// against the C library's long double functions, special arguments, and independence of a value
// from its place in a block.
#include <cfloat>

#include "engine-helpers.h"
#include "math/vector.h"

namespace {

#include "special-reference.inc"

using namespace admle_test;

struct Variant {
  InstructionSet set;
  const char* name;
};
constexpr Variant kVariants[] = {{InstructionSet::kBaseline, "baseline"},
                                 {InstructionSet::kAvx2, "avx2"},
                                 {InstructionSet::kAvx512, "avx512"}};

Kernel kernel_of(Op op, const Variant& variant) {
  return vector_functions(variant.set)[static_cast<std::size_t>(op)].kernel;
}

Numbers run(Kernel kernel, const std::vector<Numbers>& x) {
  const auto rows = static_cast<std::int32_t>(x[0].size());
  std::vector<Argument> arguments;
  for (const Numbers& column : x)
    arguments.push_back({column.data(), rows, static_cast<std::int32_t>(column.size()), 1});
  Numbers out(x[0].size());
  kernel(arguments.data(), {out.data(), rows, rows, 1});
  return out;
}

// What is between two doubles at x.
double last_place(long double x) {
  const double size = std::max(std::fabs(static_cast<double>(x)), DBL_MIN);
  return size > DBL_MAX ? DBL_MAX : std::ldexp(1.0, std::ilogb(size) - 52);
}

using Reference = long double (*)(long double);

struct Accuracy {
  Op op;
  Reference reference;
  double units;
  double low, high;  // where points are drawn, besides all magnitudes
};

long double log1p_exp_reference(long double x) {
  return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}
long double log1m_exp_reference(long double x) {
  return x < 0.7L ? std::log(-std::expm1(-x)) : std::log1p(-std::exp(-x));
}
long double logistic_reference(long double x) { return 1 / (1 + std::exp(-x)); }

long double density_reference(long double x) {
  return 0.398942280401432677939946059934381868L * std::exp(-x * x / 2);
}
long double cdf_reference(long double x) {
  return std::erfc(-x * 0.707106781186547524400844362104849039L) / 2;
}

const Accuracy kAccuracies[] = {
    {Op::exp, [](long double x) { return std::exp(x); }, 1.01, -760, 720},
    {Op::expm1, [](long double x) { return std::expm1(x); }, 1.5, -45, 50},
    {Op::log, [](long double x) { return std::log(x); }, 1, 0, 10},
    {Op::log1p, [](long double x) { return std::log1p(x); }, 1, -1, 3},
    {Op::sqrt, [](long double x) { return std::sqrt(x); }, 0.501, 0, 10},
    {Op::tanh, [](long double x) { return std::tanh(x); }, 1.5, -25, 25},
    {Op::logistic, logistic_reference, 1.5, -750, 50},
    {Op::log1p_exp, log1p_exp_reference, 2, -750, 50},
    {Op::log1m_exp, log1m_exp_reference, 2, 0, 50},
    {Op::phi, density_reference, 2.5, -39, 39},
    {Op::cdf_normal, cdf_reference, 5, -39, 9},
};

// Points of every magnitude and sign, dense ones in a range, and close to 0 and 1.
Numbers points(double low, double high, Random& random) {
  Numbers x;
  for (int i = 0; i < 40000; ++i) {
    x.push_back(random.uniform(low, high));
    x.push_back(random.uniform(-2, 2));
    const double magnitude = std::ldexp(1 + random.uniform(), random.below(2100) - 1075);
    x.push_back(random.below(2) ? magnitude : -magnitude);
    x.push_back(1 + random.uniform(-1, 1) * std::ldexp(1.0, -random.below(50)));
    x.push_back(random.uniform(-1, 1) * std::ldexp(1.0, -random.below(60)));
  }
  return x;
}

const Test accuracy{"vector: accuracy of elementary functions", [] {
  if (LDBL_MANT_DIG <= DBL_MANT_DIG) return;
  Random random(11);
  for (const Accuracy& a : kAccuracies) {
    const Numbers x = points(a.low, a.high, random);
    for (const Variant& variant : kVariants) {
      const Kernel kernel = kernel_of(a.op, variant);
      if (kernel == nullptr) continue;
      const Numbers found = run(kernel, {x});
      double worst = 0, at = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const long double expected = a.reference(x[i]);
        const double rounded = static_cast<double>(expected);
        if (std::isnan(rounded) ? std::isnan(found[i]) : rounded == found[i]) continue;
        double error = static_cast<double>(std::fabs(found[i] - expected)) / last_place(expected);
        if (std::isinf(found[i]) != std::isinf(rounded) || std::isnan(error)) error = kInfinity;
        if (error > worst) worst = error, at = x[i];
      }
      char text[160];
      std::snprintf(text, sizeof text, "%s, %s: %.3f units in the last place at %.17g",
                    elementwise(a.op).name, variant.name, worst, at);
      if (std::getenv("ADMLE_TEST_VERBOSE")) std::printf("  %s\n", text);
      check(worst <= a.units, text);
    }
  }
}};

// Functions of tests/cpp/special-reference.py: the op, its column, and the largest relative error.
struct Column {
  Op op;
  int column;
  double sign;
  double error;
};

template <int Columns, int Rows>
void check_table(const double (&table)[Rows][Columns], const std::vector<Column>& columns) {
  for (const Column& c : columns)
    for (const Variant& variant : kVariants) {
      const Kernel kernel = kernel_of(c.op, variant);
      if (kernel == nullptr) continue;
      Numbers x;
      for (const auto& row : table) x.push_back(c.sign * row[0]);
      const Numbers found = run(kernel, {x});
      double worst = 0, at = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = table[i][c.column], size = std::fabs(expected);
        const double error = std::fabs(found[i] - expected) / (size > 0 ? size : 1);
        if (!(error <= worst)) worst = std::isnan(error) ? kInfinity : error, at = x[i];
      }
      char text[160];
      std::snprintf(text, sizeof text, "%s, %s: relative error %.2g at %.17g",
                    elementwise(c.op).name, variant.name, worst, at);
      if (std::getenv("ADMLE_TEST_VERBOSE")) std::printf("  %s\n", text);
      check(worst <= c.error, text);
    }
}

const Test tables{"vector: accuracy against reference tables", [] {
  check_table(kElementary, {{Op::log1p_exp, 1, -1, 5e-16},
                            {Op::log1p_exp, 2, 1, 5e-16},
                            {Op::log1m_exp, 3, 1, 5e-16},
                            {Op::logistic, 5, -1, 5e-16},
                            {Op::logistic, 6, 1, 5e-16}});
  check_table(kGamma, {{Op::lgamma, 1, 1, 1e-15},
                       {Op::digamma, 2, 1, 1e-15},
                       {Op::trigamma, 3, 1, 1e-15}});
  check_table(kNormal, {{Op::log_cdf_normal, 1, 1, 1e-15},
                        {Op::mills, 2, 1, 1e-15},
                        {Op::mills_excess, 3, 1, 1e-15},
                        {Op::mills_curvature, 4, 1, 2e-15}});
}};

// Zeros, ones, infinities, the ends of the range, and NaN of both signs.
const double kEdges[] = {0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-320, -1e-320, DBL_MIN, DBL_MAX,
                         -DBL_MAX, 709.78, 709.79, 710.0, -708.4, -745.1, -745.2, -800.0, 1e300,
                         -1e300, 1e-300, kInfinity, -kInfinity, kNotANumber, -kNotANumber};

bool same_number(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b || std::fabs(a - b) <= std::max(Tolerance::kKernel * std::fabs(b), 0x1p-1074);
}

// R's pnorm() itself has both signs of log(1).
bool sign_of_zero_counts(Op op) { return op != Op::log_cdf_normal; }

// Every operation with a kernel on packs agrees with the function of doubles at all combinations
// of edges, down to infinities and signs of zero.
const Test edges{"vector: kernels at the edges", [] {
  if (!have_nmath()) return;
  for (const Variant& variant : kVariants)
    for (std::size_t i = 0; i < kElementwiseCount; ++i) {
      const auto op = static_cast<Op>(i);
      const Kernel kernel = kernel_of(op, variant);
      if (kernel == nullptr) continue;
      const ElementwiseInfo& info = elementwise(op);
      const auto arity = static_cast<std::size_t>(info.arity);
      const std::size_t n = sizeof kEdges / sizeof *kEdges;
      std::vector<Numbers> x(arity);
      const std::size_t all = arity == 1 ? n : arity == 2 ? n * n : n * n * n;
      for (std::size_t code = 0; code < all; ++code) {
        std::size_t rest = code;
        for (std::size_t k = 0; k < arity; ++k, rest /= n) x[k].push_back(kEdges[rest % n]);
      }
      const Numbers found = run(kernel, x);
      for (std::size_t r = 0; r < found.size(); ++r) {
        double in[4] = {};
        for (std::size_t k = 0; k < arity; ++k) in[k] = x[k][r];
        const double expected = info.scalar(in);
        const bool ok = same_number(found[r], expected) &&
                        (expected != 0 || !sign_of_zero_counts(op) ||
                         std::signbit(found[r]) == std::signbit(expected));
        if (ok) continue;
        char text[200];
        std::snprintf(text, sizeof text, "%s, %s at (%.17g, %.17g, %.17g): %.17g for %.17g",
                      info.name, variant.name, in[0], in[1], in[2], found[r], expected);
        check(false, text);
      }
      check(true, info.name);
    }
}};

long double poisson_reference(const double* a) {
  const long double k = a[0], m = a[1];
  return k * std::log(m) - m - std::lgamma(k + 1);
}
long double binomial_reference(const double* a) {
  const long double k = a[0], n = a[1], p = a[2];
  if (k == 0) return n * std::log1p(-p);
  if (k == n) return n * std::log(p);
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * std::log(p) +
         (n - k) * std::log1p(-p);
}

void check_counts(Op op, const std::vector<Numbers>& x, long double (*reference)(const double*)) {
  for (const Variant& variant : kVariants) {
    const Kernel kernel = kernel_of(op, variant);
    if (kernel == nullptr) continue;
    const Numbers found = run(kernel, x);
    double worst = 0, at[3] = {};
    for (std::size_t i = 0; i < found.size(); ++i) {
      double in[3] = {};
      for (std::size_t k = 0; k < x.size(); ++k) in[k] = x[k][i];
      const double error = static_cast<double>(std::fabs(found[i] / reference(in) - 1));
      if (error <= worst) continue;
      worst = std::isnan(error) ? kInfinity : error;
      std::copy(in, in + 3, at);
    }
    char text[200];
    std::snprintf(text, sizeof text, "%s, %s: relative error %.2g at (%.17g, %.17g, %.17g)",
                  elementwise(op).name, variant.name, worst, at[0], at[1], at[2]);
    if (std::getenv("ADMLE_TEST_VERBOSE")) std::printf("  %s\n", text);
    check(worst <= 4e-15, text);  // R's own, by the same formulas, have 2e-15 or more
  }
}

// Log probabilities, against formulas in long double, whose terms cancel: with counts up to a few
// thousand they keep the digits that are needed.
const Test counts{"vector: probabilities of counts", [] {
  if (!have_nmath() || LDBL_MANT_DIG <= DBL_MANT_DIG) return;
  Random random(13);
  Numbers x, mean, successes, trials, probability;
  for (int i = 0; i < 20000; ++i) {
    const double centre = std::exp(random.uniform(-7, 7));
    x.push_back(std::nearbyint(centre * (random.below(2) ? random.uniform(0, 3) : 1)));
    mean.push_back(centre * (random.below(2) ? 1 : random.uniform(0.01, 3)));
    trials.push_back(random.below(2) ? 1 : 1 + random.below(600));
    probability.push_back(random.below(2) ? random.uniform() : std::exp(random.uniform(-30, 0)));
    const double expected = std::nearbyint(trials.back() * probability.back());
    const auto outcomes = static_cast<std::int32_t>(trials.back()) + 1;
    successes.push_back(random.below(2) ? expected : random.below(outcomes));
  }
  check_counts(Op::dpois_log, {x, mean}, poisson_reference);
  check_counts(Op::dbinom_log, {successes, trials, probability}, binomial_reference);
}};

// R's NA is a NaN with a payload, which has to survive.
const Test missing{"vector: NaN keeps its payload", [] {
  const std::uint64_t bits = 0x7ff80000000007a2;
  double na;
  std::memcpy(&na, &bits, sizeof na);
  for (const Variant& variant : kVariants)
    for (const Op op : {Op::exp, Op::expm1, Op::log, Op::log1p, Op::sqrt, Op::tanh, Op::logistic,
                        Op::log1p_exp, Op::log1m_exp, Op::neg, Op::abs, Op::square, Op::sign}) {
      const Kernel kernel = kernel_of(op, variant);
      if (kernel == nullptr) continue;
      const Numbers found = run(kernel, {{na, 1, na}});
      std::uint32_t low[2];
      std::memcpy(&low[0], &found[0], sizeof(std::uint32_t));
      std::memcpy(&low[1], &found[2], sizeof(std::uint32_t));
      check(std::isnan(found[0]) && low[0] == 0x7a2 && low[1] == 0x7a2,
            std::string(elementwise(op).name) + ", " + variant.name + " at NA");
    }
}};

// In every place of a block and beside any neighbour, as argument of any broadcasting pattern, the
// same bits.
const Test places{"vector: a value does not depend on its place", [] {
  if (!have_nmath()) return;
  Random random(12);
  for (const Variant& variant : kVariants)
    for (std::size_t i = 0; i < kElementwiseCount; ++i) {
      const auto op = static_cast<Op>(i);
      const Kernel kernel = kernel_of(op, variant);
      if (kernel == nullptr) continue;
      const auto arity = static_cast<std::size_t>(elementwise(op).arity);
      std::vector<Numbers> x(arity, Numbers(23));
      for (Numbers& column : x)
        for (double& value : column)
          value = random.below(4) ? random.uniform(0.1, 5) : kEdges[random.below(25)];
      const Numbers whole = run(kernel, x);
      for (std::size_t length = 1; length < 23; ++length)
        for (std::size_t from = 0; from + length <= 23; ++from) {
          std::vector<Numbers> part;
          for (const Numbers& column : x) {
            const auto begin = column.begin() + static_cast<std::ptrdiff_t>(from);
            part.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(length));
          }
          const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(from);
          check(same_bits(run(kernel, part),
                          Numbers(begin, begin + static_cast<std::ptrdiff_t>(length))),
                std::string(elementwise(op).name) + ", " + variant.name + " in a part");
        }
      for (std::size_t k = 1; k < arity; ++k) {
        std::vector<Numbers> copies = x, scalar = x;
        copies[k].assign(23, x[k][5]);
        scalar[k].assign(1, x[k][5]);
        check(same_bits(run(kernel, copies), run(kernel, scalar)),
              std::string(elementwise(op).name) + ", " + variant.name + " of a scalar");
      }
    }
}};

}  // namespace
