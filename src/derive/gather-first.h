// Effects that enter as a function of many numbers, some of which are then taken.
#pragma once

#include "graph/expr.h"

namespace admle {

// `rows` with f(u)[g] as f(u[g]), which is linear in u before the function: so that effects
// declared positive are indices, too. It costs an evaluation for each row, so it is for second
// derivatives only. `rows` itself where there is no such thing. Appends nodes.
NodeId with_gathers_first(Graph& graph, NodeId rows);

}  // namespace admle
