// Loops over blocks of rows, and the table of kernels.
//
// A scalar argument is read from a pack of copies with step zero, so that one loop serves all
// patterns of broadcasting. The rows that do not fill a pack go through the same formula on a
// padded pack: a value depends on its arguments and on the instruction set, never on its place.
// Included inside of an instruction set's namespace; see vector-pack.h.

// One column of one argument: where its next pack is.
struct Column {
  const double* at;
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

template <typename Formula>
void unary(const Argument* a, const Result& out) {
  kernel<Formula>(a, out, std::make_index_sequence<1>());
}
template <typename Formula>
void binary(const Argument* a, const Result& out) {
  kernel<Formula>(a, out, std::make_index_sequence<2>());
}
template <typename Formula>
void ternary(const Argument* a, const Result& out) {
  kernel<Formula>(a, out, std::make_index_sequence<3>());
}

// The kernel, if the formula can be evaluated on packs.
template <typename Formula>
constexpr auto unary_kernel(int) -> decltype(Formula::of(Pack()), Kernel()) {
  return &unary<Formula>;
}
template <typename Formula>
constexpr auto binary_kernel(int) -> decltype(Formula::of(Pack(), Pack()), Kernel()) {
  return &binary<Formula>;
}
template <typename Formula>
constexpr auto ternary_kernel(int) -> decltype(Formula::of(Pack(), Pack(), Pack()), Kernel()) {
  return &ternary<Formula>;
}
template <typename> constexpr Kernel unary_kernel(long) { return nullptr; }
template <typename> constexpr Kernel binary_kernel(long) { return nullptr; }
template <typename> constexpr Kernel ternary_kernel(long) { return nullptr; }

namespace formulas {
#define UNARY(name, domain, value, ...)                                              \
  struct name {                                                                      \
    template <typename P>                                                            \
    ADMLE_INLINE static auto of(P x) -> decltype(Pack(value)) { return value; }      \
  };
#define BINARY(name, domain, value, ...)                                             \
  struct name {                                                                      \
    template <typename P>                                                            \
    ADMLE_INLINE static auto of(P x, P y) -> decltype(Pack(value)) { return value; } \
  };
#define TERNARY(name, domain, value, ...)                                            \
  struct name {                                                                      \
    template <typename P>                                                            \
    ADMLE_INLINE static auto of(P x, P y, P z) -> decltype(Pack(value)) {            \
      return value;                                                                  \
    }                                                                                \
  };
#define QUATERNARY(name, ...)
#include "ops/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
}  // namespace formulas

const Kernel* kernels() {
  static constexpr Kernel table[] = {
#define UNARY(name, ...) unary_kernel<formulas::name>(0),
#define BINARY(name, ...) binary_kernel<formulas::name>(0),
#define TERNARY(name, ...) ternary_kernel<formulas::name>(0),
#define QUATERNARY(name, ...) nullptr,
#include "ops/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
  };
  return table;
}
