// What vector-variant.h needs from outside of its namespace; and whether there are packs at all.
#pragma once

#if defined(__GNUC__) && (defined(__x86_64__) || defined(__aarch64__))
#define ADMLE_PACKS 1
#endif

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "math/numeric.h"
#include "math/vector-coefficients.h"
#include "math/vector.h"
