// A total as what it adds up: rows, each of which depends on few parameters (the observations, and
// the terms of a prior or penalty), and the rest.
#pragma once

#include <vector>

#include "graph/expr.h"

namespace admle {

struct Addends {
  // Columns, of which no two have the same length and depend on the same pieces; the total is their
  // sum ...
  std::vector<NodeId> rows;
  NodeId rest = -1;  // ... and this number; -1: nothing is left
};

// What becomes of a number that is added to every row: it goes to the rest, times the number of
// rows, or stays with them.
enum class ScalarTerms { kApart, kWithRows };

// Sums, differences and multiples of `total` are opened down to sums over rows. Appends nodes.
Addends open_total(Graph& graph, NodeId total, const std::vector<NodeId>& pieces,
                   ScalarTerms scalars = ScalarTerms::kApart);

// A column as the columns that it consists of, one after the other.
std::vector<NodeId> open_column(const Graph& graph, NodeId column);

}  // namespace admle
