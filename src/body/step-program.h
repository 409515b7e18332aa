// A small graph as a list of instructions on one array of numbers: what a loop runs at every step.
// Small operations are written out number by number, others call their kernels; what does not
// depend on the inputs that change is computed once, by start().
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "graph/graph.h"
#include "math/block.h"

namespace admle {

class StepProgram {
 public:
  // The inputs in `changing` have other numbers at every step.
  StepProgram(std::shared_ptr<const Graph> graph, const std::vector<NodeId>& outputs,
              const std::vector<NodeId>& changing);

  // The numbers of an input or an output, one after the other; null where nothing reads the input.
  double* at(NodeId id);
  // After the inputs that do not change are set.
  void start() {
    handed_on_ = 0;
    run(before_);
  }
  // After the others are.
  void step() { run(during_); }

  // Many steps together, operation by operation but for what one step hands on to the next; `next`
  // is the state after a step. In place of at() and step() where there are no calls of kernels.
  static constexpr std::int64_t kBlock = 128;
  bool take_blocks(NodeId state, NodeId next);
  // A number of consecutive steps: at[0], at[stride], ...
  struct Column {
    double* at;
    std::int64_t stride;  // 0: the same in all steps
  };
  // Number k of an input or an output; null where nothing reads the input.
  Column column(NodeId id, std::int32_t k);
  // After start() and the inputs of these steps; at most kBlock.
  void run_block(std::int64_t steps);

 private:
  using Address = std::uint32_t;  // position in numbers_
  struct Instruction {
    enum Kind : std::uint8_t { kScalar, kCopy, kAdd, kZero, kCall } kind;
    Op op;          // kScalar
    Address out;    // result; kZero: the first of them
    Address in[4];  // arguments; kZero: how many; kCall: position in calls_
  };
  struct Call {
    NodeId id;                        // node that is computed
    std::vector<Argument> arguments;  // in numbers_
    Result out;                       // in numbers_
  };
  using Code = std::vector<Instruction>;
  // An instruction whose numbers have been looked up.
  struct Located {
    Instruction::Kind kind;
    Op op;
    int arity;
    double* out;
    Column in[4];
  };

  void lay_out(const std::vector<char>& needed);
  bool is_view(NodeId id) const;
  void compile(NodeId id, Code& code);
  bool compile_small(NodeId id, Code& code);
  void compile_elementwise(NodeId id, Code& code);
  bool compile_product(NodeId id, Code& code);
  void compile_call(NodeId id, Code& code);
  void call(Call& now);
  // Number k, column-major, of input i of a node.
  Address input(NodeId id, std::uint32_t i, std::int64_t k = 0) const;
  void run(const Code& code);
  Column column(std::size_t number);
  void run_whole(const Instruction& now, std::int64_t steps);

  std::shared_ptr<const Graph> graph_;  // kept, since attributes are read at run time
  std::vector<NodeId> changing_;        // inputs
  std::vector<std::int64_t> offset_;    // into numbers_, by node; -1: not needed
  std::vector<double> numbers_;         // of all nodes
  std::vector<Call> calls_;             // operations that are not written out
  Code before_, during_;                // once; at every step
  // Of blocks.
  std::vector<std::int32_t> column_of_;               // by number; -1: the same in all steps
  std::vector<double> columns_;                       // kBlock + 1 numbers each
  Code first_, carried_, last_;                       // parts of during_
  std::vector<std::pair<Address, Address>> hand_on_;  // numbers of the state after and before
  std::int64_t handed_on_ = 0;  // where the block before has the state after it
};

}  // namespace admle
