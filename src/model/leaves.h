// A recording with leaves: data are inputs behind the parameters, so that element, row and
// subscript of every number are in the graph. Before it is used, the leaves become constants.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace admle {

struct Baked {
  std::shared_ptr<Graph> graph;
  NodeId input;
  std::vector<NodeId> nodes;  // the copies of what was wanted
};

// Copies what `wanted` and the guards need; all inputs but `input` take their `values`.
Baked bake_leaves(const Graph& from, NodeId input, const std::vector<NodeId>& wanted,
                  const std::vector<std::vector<double>>& values);

}  // namespace admle
