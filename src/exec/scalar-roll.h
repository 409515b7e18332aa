// Finds the loops in a list of scalar operations.
#pragma once

#include <memory>
#include <vector>

#include "exec/scalar-loop.h"

namespace admle {

// Operations begin, ..., begin + period iterations - 1 are a body repeated.
struct Repetition {
  std::size_t begin;       // first operation
  std::size_t period;      // operations of the body
  std::size_t iterations;  // how often it is repeated
};

// For each operation and argument, the operation that made it, or -1: positions in a list whose
// operations each write an address of their own.
class Definitions {
 public:
  explicit Definitions(const std::vector<ScalarOperation>& operations);
  std::int64_t of(std::uint32_t address) const {
    if (address < first_ || address - first_ >= made_by_.size()) return -1;
    return made_by_[address - first_];
  }

 private:
  std::uint32_t first_ = 0;            // lowest address that is written
  std::vector<std::int32_t> made_by_;  // by address from first_ on; -1: none of them
};

// In order, not overlapping.
std::vector<Repetition> find_repetitions(const std::vector<ScalarOperation>& operations,
                                         const Definitions& made);

// The repetition as a loop; nothing where it does not write at regular distances.
std::unique_ptr<ScalarLoop> roll_up(const std::vector<ScalarOperation>& operations,
                                    const Definitions& made, const Repetition& repetition);

}  // namespace admle
