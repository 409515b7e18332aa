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
  void start() { run(before_); }
  // After the others are.
  void step() { run(during_); }

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

  std::shared_ptr<const Graph> graph_;  // kept, since attributes are read at run time
  std::vector<std::int64_t> offset_;    // into numbers_, by node; -1: not needed
  std::vector<double> numbers_;         // of all nodes
  std::vector<Call> calls_;             // operations that are not written out
  Code before_, during_;                // once; at every step
};

}  // namespace admle
