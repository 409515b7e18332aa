// Kernels on packs of 4 doubles, for processors with AVX2.
#include "math/vector-headers.h"

#ifdef ADMLE_INSTRUCTION_SETS

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

namespace admle::avx2 {
#define ADMLE_LANES 4
#include "math/vector-variant.h"
}  // namespace admle::avx2

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif
