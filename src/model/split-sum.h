// The contributions of a log-likelihood that was returned as one number.
#pragma once

#include <vector>

#include "graph/expr.h"

namespace admle {

// What is worth telling about the rows of a log-likelihood.
struct RowFacts {
  std::int32_t divided_by = 0;     // its sum is divided by its number of rows, more than two
  std::int32_t recycled_from = 0;  // a vector of data of this length was recycled ...
  std::int32_t recycled_to = 0;    // ... to this one
};

struct SplitSum {
  NodeId contributions = -1;  // m x 1 with sum `total`; -1 where its addends are not one per row
  RowFacts facts;
};

// `leaves`: inputs that hold data. Appends nodes to the graph.
SplitSum split_sum(Graph& graph, NodeId total, const std::vector<NodeId>& leaves);

// Of contributions that the function returned itself.
RowFacts row_facts(const Graph& graph, NodeId contributions);

}  // namespace admle
