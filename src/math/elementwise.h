// What the table says of each elementwise operation apart from its derivatives: name, domain and
// range, where its value may be computed and at what cost, kernels over blocks and for one number.
#pragma once

#include <cstddef>
#include <cstdint>

#include "math/block.h"

namespace admle {

// What finite arguments give: always finite numbers, or not.
enum class Range : std::uint8_t { kFinite, kSingular };

// Where a value may be computed: anywhere, or on R's own thread only, because R's function may
// warn (of lost precision, say) or run R code.
enum class Thread : std::uint8_t { kAny, kR };

// What one number costs: no more than the C library's functions, or so much (functions of R's
// nmath, series) that a pack of doubles is faster even for one.
enum class Cost : std::uint8_t { kLow, kHigh };

struct ElementwiseInfo {
  const char* name;    // of the operation and, mostly, of R's function
  const char* domain;  // one word for each argument: what the tests draw from
  int arity;           // number of arguments
  Range range;         // what finite arguments give
  Thread thread;       // where the value may be computed
  Cost cost;           // of one number
  Kernel kernel;       // the value over a block of rows
  Scalar scalar;       // the value for one number of each argument
};

constexpr int kMaxArity = 4;

constexpr std::size_t kElementwiseCount = 0
#define UNARY(...) +1
#define BINARY(...) +1
#define TERNARY(...) +1
#define QUATERNARY(...) +1
#include "math/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
    ;

// By the position in the table.
const ElementwiseInfo& elementwise_info(std::size_t at);

}  // namespace admle
