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
    if (whole < n)
      store_last(Formula::of(x[I].load_last(whole, n)...), to + whole, n - whole);
  }
}

template <typename Formula, std::size_t Arity>
void over_block(const Argument* arguments, const Result& out) {
  kernel<Formula>(arguments, out, std::make_index_sequence<Arity>());
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
  return {&over_block<Formula, sizeof...(Packs)>, &of_one_number<Formula, sizeof...(Packs)>};
}
template <typename, typename...>
constexpr VectorFunctions vectorised(long) {
  return {};
}

namespace formulas {
#define UNARY(name, domain, thread, cost, value, ...)                                              \
  struct name {                                                                      \
    template <typename P>                                                            \
    ADMLE_INLINE static auto of(P x) -> decltype(Pack(value)) { return value; }      \
  };
#define BINARY(name, domain, thread, cost, value, ...)                                             \
  struct name {                                                                      \
    template <typename P>                                                            \
    ADMLE_INLINE static auto of(P x, P y) -> decltype(Pack(value)) { return value; } \
  };
#define TERNARY(name, domain, thread, cost, value, ...)                                            \
  struct name {                                                                      \
    template <typename P>                                                            \
    ADMLE_INLINE static auto of(P x, P y, P z) -> decltype(Pack(value)) {            \
      return value;                                                                  \
    }                                                                                \
  };
#define QUATERNARY(name, ...)
#include "math/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
}  // namespace formulas

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
