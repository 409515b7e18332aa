// An executable: values of some nodes of a graph, as often as wanted, for changing inputs.
//
// Everything is laid out once: storage, argument pointers, chunk buffers. A run allocates nothing
// of its own; the matrix operations of Eigen may.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "exec/plan.h"
#include "exec/poll.h"
#include "exec/row-loop.h"
#include "exec/scalar-program.h"
#include "graph/graph.h"
#include "graph/op.h"
#include "ops/structural-info.h"

namespace admle {

class Program {
 public:
  // Keeps the graph, which may grow meanwhile: nodes do not change once they are made.
  Program(std::shared_ptr<const Graph> graph, std::vector<NodeId> outputs);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // `inputs[i]` points to the numbers of the graph's i-th input.
  void run(const std::vector<const double*>& inputs, const Poll& poll, int threads = 1);
  // Column-major numbers of the i-th output, valid until the next run.
  const double* output(std::size_t i) const;
  std::int64_t output_size(std::size_t i) const;
  // Bytes held besides the data.
  std::int64_t memory() const;

 private:
  struct WholeStep {
    NodeId id;                        // node that is computed
    Kernel kernel;                    // nullptr: structural
    std::vector<Argument> arguments;  // empty with `pack`
    Result out;                       // where its value goes
    bool zero_first;                  // run() adds to `out`
    std::vector<std::uint32_t> pack;  // a vector of scalars: their storage positions
  };
  // One thing after the other: a scalar program, a whole step or a loop.
  struct Item {
    enum Kind : std::uint8_t { kScalars, kWholeStep, kLoop } kind;
    std::size_t index;  // in scalars_, wholes_ or loops_
  };

  void lay_out(const Plan& plan);
  void fold(const Plan& plan);
  void compile(const Plan& plan);
  bool names_an_element(NodeId id) const;
  void compile_phase(NodeId id);
  Argument whole_argument(NodeId id) const;
  Result whole_result(NodeId id);
  void run_whole(const WholeStep& step);

  std::shared_ptr<const Graph> graph_;  // kept, since attributes are read at run time
  std::vector<NodeId> outputs_;         // nodes whose values are wanted
  std::vector<std::int64_t> offset_;    // into storage_, by node; -1 when none
  std::vector<double> storage_;         // all values that are kept whole
  std::vector<ScalarProgram> scalars_;  // runs of scalar operations
  std::vector<WholeStep> wholes_;       // nodes computed whole
  std::vector<RowLoop> loops_;          // loops over rows
  std::vector<Item> items_;             // all of them in the order in which they run
  std::vector<NodeId> leaves_;          // inputs to copy in
};

}  // namespace admle
