// The enumeration of all operations: the elementwise ones from the op table, then the structural.
#pragma once

#include <cstddef>
#include <cstdint>

namespace admle {

enum class Op : std::uint16_t {
#define UNARY(name, ...) name,
#define BINARY(name, ...) name,
#define TERNARY(name, ...) name,
#define QUATERNARY(name, ...) name,
#include "ops/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
  elementwise_end,  // not an operation: what is below is structural
#define STRUCTURAL(name) name,
#include "ops/structural.def"
#undef STRUCTURAL
  end
};

constexpr std::size_t kElementwiseCount = static_cast<std::size_t>(Op::elementwise_end);
constexpr std::size_t kOpCount = static_cast<std::size_t>(Op::end);

// What an operation gives for finite arguments: always finite numbers, or not.
enum class Range { finite, singular };

inline bool is_elementwise(Op op) { return op < Op::elementwise_end; }

}  // namespace admle
