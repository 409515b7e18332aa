// Whether a recording may stand for another: the comparison of two graphs, and what the engine
// computes of data alone to the last bit as R does.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace admle {

// A function of one input, in a graph of its own.
struct GraphFunction {
  const Graph& graph;
  NodeId input, output;
};

// Whether both are the same operations in the same order on the same numbers, under the same
// guards, so that everything derived from them is the same, too. What does not depend on the input
// is compared by its numbers, however it was computed. A false answer may be wrong.
bool equal_functions(const GraphFunction& a, const GraphFunction& b);

// Whether all that depends on other inputs than `f.input` alone is made by operations of one
// correct result, as sums of two numbers: not by a logarithm, or a sum of many.
bool is_exact_in_data(const GraphFunction& f);

}  // namespace admle
