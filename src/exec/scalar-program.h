// Scalar operations one after the other: what the loop of a recursion (h[t] from h[t - 1])
// becomes. A compact list of instructions over a flat memory of doubles, in which every
// address is written at most once a run. Elements of vectors are addresses, so that nothing
// is copied.
#pragma once

#include <cstdint>
#include <vector>

#include "exec/poll.h"
#include "ops/op.h"

namespace admle {

class ScalarProgram {
 public:
  using Address = std::uint32_t;  // position in the memory that run() is given

  // Appends an elementwise operation; `in` has its arity.
  void add(Op op, Address out, const Address* in);
  void run(double* memory, const Poll& poll) const;
  std::size_t size() const { return operations_; }
  // Bytes held.
  std::int64_t memory() const;

 private:
  // The third and fourth argument are in a and b of an instruction that follows.
  struct Instruction {
    Op op;
    std::uint16_t words;
    Address out, a, b;
  };

  void run_range(std::size_t begin, std::size_t end, double* memory) const;

  std::vector<Instruction> code_;
  std::size_t operations_ = 0;
};

}  // namespace admle
