// Register-blocked kernels written on the compiler's vector extensions, one instance per
// instruction set. A cross-product runs down the rows of a few columns of A and of B at once and
// keeps all their inner products in registers (Goto and van de Geijn, 2008, "Anatomy of
// high-performance matrix multiplication", without packing: columns are contiguous as they are).
#include "math/products.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "math/instruction-set.h"

namespace admle {
namespace {

// Rows that are worked through at a time, so that a few columns of them stay in the first-level
// cache, and the longest run of columns of A in a register block.
constexpr std::int32_t kBlockRows = 512;
constexpr int kMaxColumns = 8;

template <int Lanes>
struct Vector {
  typedef double type __attribute__((vector_size(Lanes * sizeof(double))));
};

#define ADMLE_INLINE inline __attribute__((always_inline))
// At -O2 the compiler would leave the register block in memory, in loops.
#define ADMLE_UNROLL _Pragma("GCC unroll 8")

template <int Lanes>
ADMLE_INLINE void load(const double* from, typename Vector<Lanes>::type* to) {
  std::memcpy(to, from, sizeof *to);
}

// out[i + j ldo] += sum over r of a[r + i lda] b[r + j ldb], for I columns of a and J of b.
template <int Lanes, int I, int J>
ADMLE_INLINE void cross_block(const double* a, std::int64_t lda, const double* b, std::int64_t ldb,
                              std::int32_t rows, double* out, std::int64_t ldo) {
  using V = typename Vector<Lanes>::type;
  V sums[I][J] = {};
  std::int32_t r = 0;
  for (; r + Lanes <= rows; r += Lanes) {
    V x[I], y;
    ADMLE_UNROLL
    for (int i = 0; i < I; ++i) load<Lanes>(a + i * lda + r, &x[i]);
    ADMLE_UNROLL
    for (int j = 0; j < J; ++j) {
      load<Lanes>(b + j * ldb + r, &y);
      ADMLE_UNROLL
      for (int i = 0; i < I; ++i) sums[i][j] += x[i] * y;
    }
  }
  ADMLE_UNROLL
  for (int j = 0; j < J; ++j) {
    ADMLE_UNROLL
    for (int i = 0; i < I; ++i) {
      double total = 0;
      ADMLE_UNROLL
      for (int l = 0; l < Lanes; ++l) total += sums[i][j][l];
      for (std::int32_t k = r; k < rows; ++k) total += a[i * lda + k] * b[j * ldb + k];
      out[i + j * ldo] += total;
    }
  }
}

// out[r + j ldo] (+)= sum over k of a[r + k lda] b[k + j ldb], for K columns of a and J of b.
template <int Lanes, int K, int J>
ADMLE_INLINE void multiply_block(const double* a, std::int64_t lda, const double* b,
                                 std::int64_t ldb, std::int32_t rows, double* out, std::int64_t ldo,
                                 bool add) {
  using V = typename Vector<Lanes>::type;
  V factor[K][J];
  ADMLE_UNROLL
  for (int k = 0; k < K; ++k) ADMLE_UNROLL
  for (int j = 0; j < J; ++j) factor[k][j] = V{} + b[k + j * ldb];
  std::int32_t r = 0;
  for (; r + Lanes <= rows; r += Lanes) {
    V x[K];
    ADMLE_UNROLL
    for (int k = 0; k < K; ++k) load<Lanes>(a + k * lda + r, &x[k]);
    ADMLE_UNROLL
    for (int j = 0; j < J; ++j) {
      V total = {};
      if (add) load<Lanes>(out + j * ldo + r, &total);
      ADMLE_UNROLL
      for (int k = 0; k < K; ++k) total += x[k] * factor[k][j];
      std::memcpy(out + j * ldo + r, &total, sizeof total);
    }
  }
  for (; r < rows; ++r) {
    ADMLE_UNROLL
    for (int j = 0; j < J; ++j) {
      double total = add ? out[j * ldo + r] : 0;
      ADMLE_UNROLL
      for (int k = 0; k < K; ++k) total += a[k * lda + r] * b[k + j * ldb];
      out[j * ldo + r] = total;
    }
  }
}

using CrossBlock = void (*)(const double*, std::int64_t, const double*, std::int64_t, std::int32_t,
                            double*, std::int64_t);
using MultiplyBlock = void (*)(const double*, std::int64_t, const double*, std::int64_t,
                               std::int32_t, double*, std::int64_t, bool);

constexpr int kMaxRight = 4;

struct Blocks {
  int columns, right;  // of A and of B in a block, when there are several of B
  CrossBlock cross[kMaxColumns][kMaxRight];
  MultiplyBlock multiply[kMaxColumns][kMaxRight];
};

#define ADMLE_BLOCKS(name, target, lanes)                                                          \
  struct name {                                                                                    \
    template <int I, int J>                                                                        \
    target static void cross(const double* a, std::int64_t lda, const double* b, std::int64_t ldb, \
                             std::int32_t rows, double* out, std::int64_t ldo) {                   \
      cross_block<lanes, I, J>(a, lda, b, ldb, rows, out, ldo);                                    \
    }                                                                                              \
    template <int K, int J>                                                                        \
    target static void multiply(const double* a, std::int64_t lda, const double* b,                \
                                std::int64_t ldb, std::int32_t rows, double* out,                  \
                                std::int64_t ldo, bool add) {                                      \
      multiply_block<lanes, K, J>(a, lda, b, ldb, rows, out, ldo, add);                            \
    }                                                                                              \
  };

ADMLE_BLOCKS(Baseline, , 2)
#ifdef ADMLE_INSTRUCTION_SETS
ADMLE_BLOCKS(Avx2, ADMLE_TARGET_AVX2, 4)
ADMLE_BLOCKS(Avx512, ADMLE_TARGET_AVX512, 8)
#endif
#undef ADMLE_BLOCKS

template <class Set, int... At>
Blocks make_blocks(int columns, int right, std::integer_sequence<int, At...>) {
  Blocks out{columns, right, {}, {}};
  ((out.cross[At / kMaxRight][At % kMaxRight] =
        &Set::template cross<At / kMaxRight + 1, At % kMaxRight + 1>),
   ...);
  ((out.multiply[At / kMaxRight][At % kMaxRight] =
        &Set::template multiply<At / kMaxRight + 1, At % kMaxRight + 1>),
   ...);
  return out;
}

// Block sizes that fill the registers: 16 of two or four numbers, 32 of eight.
const Blocks& blocks() {
  const auto all = std::make_integer_sequence<int, kMaxColumns * kMaxRight>{};
  static const Blocks baseline = make_blocks<Baseline>(3, 3, all);
#ifdef ADMLE_INSTRUCTION_SETS
  static const Blocks avx2 = make_blocks<Avx2>(3, 4, all);
  static const Blocks avx512 = make_blocks<Avx512>(6, 4, all);
  return *for_instruction_set(&baseline, &avx2, &avx512);
#else
  return baseline;
#endif
}

}  // namespace

void multiply(const Argument& a, const Argument& b, const Result& out) {
  const Blocks& with = blocks();
  const int right = std::min(kMaxRight, out.cols);
  const int left = right == 1 ? kMaxColumns : 4;
  if (a.cols == 0)
    for (std::int32_t j = 0; j < out.cols; ++j) std::fill_n(out.data + j * out.ld, out.rows, 0.0);
  for (std::int32_t begin = 0; begin < out.rows; begin += kBlockRows) {
    const std::int32_t rows = std::min(kBlockRows, out.rows - begin);
    for (std::int32_t j = 0; j < out.cols; j += right) {
      const std::int32_t nj = std::min(right, out.cols - j);
      for (std::int32_t k = 0; k < a.cols; k += left) {
        const std::int32_t nk = std::min(left, a.cols - k);
        with.multiply[nk - 1][nj - 1](a.data + begin + k * a.ld, a.ld, b.data + k + j * b.ld, b.ld,
                                      rows, out.data + begin + j * out.ld, out.ld, k > 0);
      }
    }
  }
}

void add_cross(const Argument& a, const double* weights, const Argument& b, const Result& out,
               bool symmetric) {
  const Blocks& with = blocks();
  const int right = b.cols == 1 ? 1 : with.right;
  const int left = b.cols == 1 ? kMaxColumns : with.columns;
  alignas(64) double weighted[kMaxColumns * kBlockRows];
  for (std::int32_t begin = 0; begin < a.rows; begin += kBlockRows) {
    const std::int32_t rows = std::min(kBlockRows, a.rows - begin);
    for (std::int32_t i = 0; i < a.cols; i += left) {
      const std::int32_t ni = std::min(left, a.cols - i);
      const double* from = a.data + begin + i * a.ld;
      std::int64_t ld = a.ld;
      if (weights != nullptr) {
        for (std::int32_t k = 0; k < ni; ++k)
          for (std::int32_t r = 0; r < rows; ++r)
            weighted[k * kBlockRows + r] = weights[begin + r] * from[r + k * ld];
        from = weighted;
        ld = kBlockRows;
      }
      for (std::int32_t j = symmetric ? i / right * right : 0; j < b.cols; j += right) {
        const std::int32_t nj = std::min(right, b.cols - j);
        with.cross[ni - 1][nj - 1](from, ld, b.data + begin + j * b.ld, b.ld, rows,
                                   out.data + i + j * out.ld, out.ld);
      }
    }
  }
  if (!symmetric) return;
  for (std::int32_t j = 0; j < out.cols; ++j)
    for (std::int32_t i = 0; i < j; ++i) out.data[j + i * out.ld] = out.data[i + j * out.ld];
}

}  // namespace admle
