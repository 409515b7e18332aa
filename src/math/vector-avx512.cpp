// Kernels on packs of 8 doubles, for processors with AVX-512.
#include "math/vector-headers.h"

#ifdef ADMLE_INSTRUCTION_SETS

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512vl,avx2,fma")
#endif

namespace admle::avx512 {
#define ADMLE_LANES 8
#include "math/vector-variant.h"
}  // namespace admle::avx512

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif
