// The kernels on packs for one instruction set. Included by vector-baseline.cpp, vector-avx2.cpp
// and vector-avx512.cpp, each under its target, in its namespace and with its number of lanes;
// standard headers come before that (vector-headers.h), so that their inline functions stay what
// every processor can run.

constexpr int kLanes = ADMLE_LANES;

#define ADMLE_INLINE [[gnu::always_inline]] inline

// Each uses those before it.
// clang-format off
#include "math/vector-pack.h"
#include "math/vector-elementary.h"
#include "math/vector-normal.h"
#include "math/vector-gamma.h"
#include "math/vector-formulas.h"
#include "math/vector-loops.h"
// clang-format on

#undef ADMLE_INLINE
