// The enumeration of all operations: the elementwise ones from the op table, then the structural.
#pragma once

#include <cstddef>
#include <cstdint>

#include "math/elementwise.h"

namespace admle {

enum class Op : std::uint16_t {
#define UNARY(name, ...) name,
#define BINARY(name, ...) name,
#define TERNARY(name, ...) name,
#define QUATERNARY(name, ...) name,
#include "math/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
  elementwise_end,  // not an operation: what is below is structural
#define STRUCTURAL(name, ...) name,
#include "graph/structural.def"
#undef STRUCTURAL
  end
};

constexpr std::size_t kOpCount = static_cast<std::size_t>(Op::end);

inline bool is_elementwise(Op op) { return op < Op::elementwise_end; }

inline const ElementwiseInfo& elementwise(Op op) {
  return elementwise_info(static_cast<std::size_t>(op));
}

// What the operation gives for finite arguments.
Range range_of(Op op);

// Where a value of the operation may be computed.
Thread thread_of(Op op);

}  // namespace admle
