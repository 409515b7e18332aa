// Rewrites applied when an elementwise node is asked for: identities that save work, and the
// forms in which double precision would lose digits (log of a probability and the like).
#pragma once

#include "graph/graph.h"

namespace admle {

// A node equal to `op` of `inputs` (shape `shape`), or -1 when there is nothing simpler.
NodeId rewrite(Graph& graph, Op op, const NodeId* inputs, Shape shape);

}  // namespace admle
