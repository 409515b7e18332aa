// Values of single nodes, computed when asked for and kept: what a guard, a print or an error
// message needs while a function is being recorded. The tests take it as the plain reference for
// the executor.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace admle {

class NodeEvaluator {
 public:
  explicit NodeEvaluator(const Graph& graph) : graph_(&graph) {}

  // Values of the graph's inputs, in order; forgets everything computed before.
  void set_inputs(std::vector<std::vector<double>> inputs);
  // Takes the node's value as given.
  void set_value(NodeId id, const std::vector<double>& numbers);
  // The node's shape().size() numbers, column-major; valid until the graph has grown and a value
  // is asked for again.
  const double* value(NodeId id);

 private:
  void make_room();
  const double* data(NodeId id) const;
  void compute(NodeId id);
  void run_program(NodeId id);

  const Graph* graph_;                       // may grow between calls
  std::vector<std::vector<double>> inputs_;  // column-major, in the order of the inputs
  std::vector<std::vector<double>> values_;  // of vectors, by node
  std::vector<double> scalars_;              // of scalars, by node
  std::vector<char> known_;                  // by node: whether its value has been computed
  int programs_ = 0;                         // that have been run
};

}  // namespace admle
