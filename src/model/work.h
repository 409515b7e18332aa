// How much work it is to evaluate nodes of a graph: numbers computed and multiplications of
// products, weighted by what they take relative to each other. An estimate for decisions, which
// must not depend on a clock.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace admle {

double estimated_work(const Graph& graph, const std::vector<NodeId>& outputs);

}  // namespace admle
