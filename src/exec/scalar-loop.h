// A loop body that a recursion repeats, rolled up again: operation k of iteration i reads and
// writes addresses that are affine in i, or listed.
//
// The operations are split into groups such that no group depends on a later one (strongly
// connected components of "reads what ... wrote", over all iterations). Iterations are taken in
// blocks and the groups one after the other within a block. A group of one operation that does not
// read its own results is a plain loop over the block; only what the recursion really carries
// from one iteration to the next runs iteration by iteration.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/op.h"

namespace admle {

// One operation of a scalar program; addresses are positions in its memory.
struct ScalarOperation {
  Op op;                // elementwise
  std::uint32_t out;    // address of the result
  std::uint32_t in[4];  // addresses of the arguments
};

class ScalarLoop {
 public:
  static constexpr std::size_t kMaxChain = 4;
  struct Operand {
    std::int64_t first = 0, stride = 0;  // address in iteration i: first + i stride
    std::vector<std::uint32_t> table;    // or by iteration, where that is not so
  };
  struct Slot {
    Op op;                               // elementwise
    int arity;                           // number of arguments
    int carried = 0;                     // in a chain: which argument is the value handed on
    std::int64_t out_first, out_stride;  // result in iteration i: out_first + i out_stride
    Operand in[4];                       // arguments
  };
  // A chain hands one value from operation to operation and on to the next iteration. A sum is a
  // chain of one addition that nothing else in the loop reads.
  struct Group {
    enum Kind : std::uint8_t { kParallel, kChain, kSequential, kSum } kind;
    std::size_t begin, end;  // slots
  };

  // Sums come last.
  ScalarLoop(std::vector<Slot> slots, std::vector<Group> groups, std::int64_t iterations);

  std::int64_t iterations() const { return iterations_; }
  std::size_t operations() const { return slots_.size(); }
  const std::vector<Group>& groups() const { return groups_; }
  // Iterations that are worth running at a time.
  std::int64_t block() const { return block_; }
  void run(double* memory, std::int64_t begin, std::int64_t end);
  std::int64_t memory() const;

 private:
  // Where an operand is found in the iterations from `begin` on.
  struct Cursor {
    const double* at;            // in the first of the iterations
    std::int64_t stride;         // from iteration to iteration
    const std::uint32_t* table;  // or positions in the memory
  };
  struct Step {
    Op op;                    // elementwise
    int arity;                // number of arguments
    double* out;              // result in the first of the iterations
    std::int64_t out_stride;  // from iteration to iteration
    Cursor in[4];             // arguments
  };

  Cursor cursor(const double* memory, const Operand& operand, std::int64_t begin) const;
  Cursor gathered(const double* memory, const Operand& operand, std::int64_t begin,
                  std::int64_t count, double* buffer) const;
  void run_parallel(const Slot& slot, double* memory, std::int64_t begin, std::int64_t count);
  void run_sums(const Group* groups, std::size_t n, double* memory, std::int64_t begin,
                std::int64_t count);
  void run_chain(const Group& group, double* memory, std::int64_t begin, std::int64_t count);
  void run_sequential(const Group& group, double* memory, std::int64_t begin, std::int64_t count);

  std::vector<Slot> slots_;     // operations of the body, group by group
  std::vector<Group> groups_;   // makers before users, sums last
  std::int64_t iterations_;     // of the whole loop
  std::int64_t block_;          // iterations taken together
  std::vector<double> buffer_;  // listed operands of a block
  std::vector<Step> steps_;     // of the group that is running
};

}  // namespace admle
