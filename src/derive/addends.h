// A total as what it adds up: rows, each of which depends on few parameters (the observations, and
// the terms of a prior or penalty), and the rest.
#pragma once

#include <vector>

#include "graph/expr.h"

namespace admle {

struct Addends {
  std::vector<NodeId> rows;  // columns, no two of the same length; the total is their sum ...
  NodeId rest = -1;          // ... and this number; -1: nothing is left
};

// Sums, differences and multiples of `total` are opened down to sums over rows. Appends nodes.
Addends open_total(Graph& graph, NodeId total);

// A column as the columns that it consists of, one after the other.
std::vector<NodeId> open_column(const Graph& graph, NodeId column);

}  // namespace admle
