// Loops over blocks of rows, and the table of what is vectorised.
//
// A scalar argument is read from a pack of copies with step zero, so that one loop serves all
// patterns of broadcasting. The rows that do not fill a pack go through the same formula on a
// padded pack: a value depends on its arguments and on the instruction set, never on its place.
// Included inside of an instruction set's namespace; see vector-pack.h.

// One column of one argument: where its next pack is.
struct Column {
  const double* at;   // first number, or a pack of copies of a scalar
  std::int64_t step;  // 1, or 0 for a scalar

  // Copies of a scalar are made in `copies`.
  Column(const Argument& argument, std::int32_t j, double* copies) {
    const std::int32_t col = argument.cols == 1 ? 0 : j % argument.cols;
    at = argument.data + col * argument.ld;
    step = argument.rows != 1;
    if (step != 0) return;
    store(Pack(*at), copies);
    at = copies;
  }
  // The last rows, and copies of the last one.
  Pack load_last(std::int64_t i, std::int64_t n) const {
    if (step == 0) return load(at);
    double padded[kLanes];
    std::memcpy(padded, at + i, static_cast<std::size_t>(n - i) * sizeof(double));
    for (std::int64_t k = n - i; k < kLanes; ++k) padded[k] = at[n - 1];
    return load(padded);
  }
};

ADMLE_INLINE void store_last(Pack x, double* to, std::int64_t n) {
  double padded[kLanes];
  store(x, padded);
  std::memcpy(to, padded, static_cast<std::size_t>(n) * sizeof(double));
}

template <typename Formula, std::size_t... I>
void kernel(const Argument* arguments, const Result& out, std::index_sequence<I...>) {
  const std::int64_t n = out.rows, whole = n - n % kLanes;
  alignas(8 * kLanes) double copies[sizeof...(I)][kLanes];
  for (std::int32_t j = 0; j < out.cols; ++j) {
    const Column x[] = {Column(arguments[I], j, copies[I])...};
    double* const to = out.data + j * out.ld;
    for (std::int64_t i = 0; i < whole; i += kLanes)
      store(Formula::of(load(x[I].at + i * x[I].step)...), to + i);
    if (whole < n) store_last(Formula::of(x[I].load_last(whole, n)...), to + whole, n - whole);
  }
}

template <typename Formula, std::size_t Arity>
void over_block(const Argument* arguments, const Result& out) {
  kernel<Formula>(arguments, out, std::make_index_sequence<Arity>());
}

namespace formulas {
#define UNARY(name, domain, range, thread, cost, value, ...)    \
  struct name {                                                 \
    template <typename P>                                       \
    ADMLE_INLINE static auto of(P x) -> decltype(Pack(value)) { \
      return value;                                             \
    }                                                           \
  };
#define BINARY(name, domain, range, thread, cost, value, ...)        \
  struct name {                                                      \
    template <typename P>                                            \
    ADMLE_INLINE static auto of(P x, P y) -> decltype(Pack(value)) { \
      return value;                                                  \
    }                                                                \
  };
#define TERNARY(name, domain, range, thread, cost, value, ...)            \
  struct name {                                                           \
    template <typename P>                                                 \
    ADMLE_INLINE static auto of(P x, P y, P z) -> decltype(Pack(value)) { \
      return value;                                                       \
    }                                                                     \
  };
#define QUATERNARY(name, ...)
#include "math/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
}  // namespace formulas

// Products in which 0 * Inf is 0. A sum tells whether one of four packs is NaN, which is rare (or
// whether two are infinite).
void safe_products(const Argument* arguments, const Result& out) {
  for (int i = 0; i < 2; ++i) {
    const Argument& x = arguments[i];
    const bool ordinary = x.rows == 1 && x.cols == 1 && *x.data != 0 && std::isfinite(*x.data);
    if (ordinary) return over_block<formulas::mul, 2>(arguments, out);
    if (x.rows == 1) return over_block<formulas::mulz, 2>(arguments, out);
  }
  const std::int64_t n = out.rows, step = 4 * kLanes, whole = n - n % step;
  for (std::int32_t j = 0; j < out.cols; ++j) {
    const double* const x = arguments[0].data + j % arguments[0].cols * arguments[0].ld;
    const double* const y = arguments[1].data + j % arguments[1].cols * arguments[1].ld;
    double* const to = out.data + j * out.ld;
    const auto at = [](const double* from, std::int64_t i, int k) {
      return load(from + i + k * kLanes);
    };
    for (std::int64_t i = 0; i < whole; i += step) {
      Pack p[4] = {at(x, i, 0) * at(y, i, 0), at(x, i, 1) * at(y, i, 1), at(x, i, 2) * at(y, i, 2),
                   at(x, i, 3) * at(y, i, 3)};
      if (any(is_nan((p[0] + p[1]) + (p[2] + p[3]))))
        for (int k = 0; k < 4; ++k) p[k] = numeric::product(at(x, i, k), at(y, i, k));
      for (int k = 0; k < 4; ++k) store(p[k], to + i + k * kLanes);
    }
    for (std::int64_t i = whole; i < n; ++i) to[i] = admle::numeric::product(x[i], y[i]);
  }
}

template <typename Formula, std::size_t... I>
ADMLE_INLINE double one_number(const double* arguments, std::index_sequence<I...>) {
  return Formula::of(Pack(arguments[I])...).v[0];
}
template <typename Formula, std::size_t Arity>
double of_one_number(const double* arguments) {
  return one_number<Formula>(arguments, std::make_index_sequence<Arity>());
}

// Both, if the formula can be evaluated on packs.
template <typename Formula, typename... Packs>
constexpr auto vectorised(int) -> decltype(Formula::of(Packs()...), VectorFunctions()) {
  constexpr bool safe = std::is_same_v<Formula, formulas::mulz>;
  return {safe ? &safe_products : &over_block<Formula, sizeof...(Packs)>,
          &of_one_number<Formula, sizeof...(Packs)>};
}
template <typename, typename...>
constexpr VectorFunctions vectorised(long) {
  return {};
}

const VectorFunctions* functions() {
  static constexpr VectorFunctions table[] = {
#define UNARY(name, ...) vectorised<formulas::name, Pack>(0),
#define BINARY(name, ...) vectorised<formulas::name, Pack, Pack>(0),
#define TERNARY(name, ...) vectorised<formulas::name, Pack, Pack, Pack>(0),
#define QUATERNARY(name, ...) VectorFunctions(),
#include "math/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
  };
  return table;
}
