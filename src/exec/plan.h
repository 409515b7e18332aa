// Decides where each node of a program is computed.
//
// A program alternates phases and row loops: phase 0, loops 0, phase 1, loops 1, ... Phases compute
// small or whole values, one after the other. A row loop runs over chunks of rows: it computes
// row nodes (elementwise maths, products with data matrices, gathers per row) into buffers of
// one chunk and adds up reductions (sums, X's, weighted cross-products). A row node is written out
// whole only when something needs it whole or in a later loop.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace admle {

enum class Place : std::uint8_t {
  kUnused,
  kLeaf,       // input, constant or scalar
  kFolded,     // does not change with the inputs: computed once
  kPhase,      // computed whole in a phase
  kRow,        // computed by chunks in a row loop
  kReduction,  // added up over a row loop
};

struct NodePlan {
  Place place = Place::kUnused;  // how it is computed
  std::int32_t time = 0;         // phase or loop it is computed in
  bool materialised = false;     // a row node that is also written out whole
};

struct Plan {
  std::vector<NodePlan> nodes;  // by node id
  std::vector<NodeId> order;    // needed nodes in topological order
  std::int32_t times = 0;       // number of phases
};

// Rows from which a vector is worth chunking.
constexpr std::int32_t kMinRows = 256;

Plan make_plan(const Graph& graph, const std::vector<NodeId>& outputs);

}  // namespace admle
