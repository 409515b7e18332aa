// Scalar operations one after the other: what the loop of a recursion (h[t] from h[t - 1])
// becomes. Operations read and write a flat memory of doubles, in which every address is
// written at most once a run. Elements of vectors are addresses, so that nothing is copied. A body
// that is repeated is rolled up again (scalar-roll.h); the rest is a compact list of instructions.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "exec/poll.h"
#include "exec/scalar-loop.h"
#include "graph/op.h"

namespace admle {

class ScalarProgram {
 public:
  using Address = std::uint32_t;  // position in the memory that run() is given

  // Appends an elementwise operation; `in` has its arity.
  void add(Op op, Address out, const Address* in);
  // After the last operation, before the first run.
  void finish();
  void run(double* memory, const Poll& poll);
  // Bytes held.
  std::int64_t memory() const;

 private:
  // The third and fourth argument are in a and b of an instruction that follows.
  struct Instruction {
    Op op;                // elementwise
    std::uint16_t words;  // that it takes: 1, or 2 with a third argument; 0: those arguments
    Address out, a, b;    // result and arguments
  };
  // Instructions, then iterations of a loop (or no loop).
  struct Stretch {
    std::size_t begin, end;            // instructions, in code_
    std::unique_ptr<ScalarLoop> loop;  // or null
  };

  void append_instructions(std::size_t begin, std::size_t end);
  void run_instructions(std::size_t begin, std::size_t end, double* memory) const;

  std::vector<ScalarOperation> operations_;  // until finish()
  std::vector<Instruction> code_;            // what is not in a loop
  std::vector<Stretch> stretches_;           // in the order in which they run
};

}  // namespace admle
