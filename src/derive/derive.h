// Derivatives as graph-to-graph transforms. The executor never differentiates; it evaluates what
// these functions append to the graph, so a derivative can be differentiated again.
#pragma once

#include <memory>
#include <vector>

#include "graph/expr.h"

namespace admle {

// Reverse mode. For each `wrt` node the derivative of sum(seed * output), in its shape; literal 0
// where the output does not depend on it. `wrt` nodes are treated as independent variables.
std::vector<Expr> vjp(Graph& graph, NodeId output, Expr seed, const std::vector<NodeId>& wrt);

// What vjp() or jvp() found, in a shape: it may be zero or smaller.
Expr in_full(Graph& graph, Expr derivative, Shape shape);

// d number / d x for each of `wrt`, in its shape.
std::vector<Expr> gradient(Graph& graph, NodeId number, const std::vector<NodeId>& wrt);

// Forward mode in `directions` directions at once. `tangents` belong to `wrt`: blocks of the
// node's columns, directions slowest. The result has the outputs' tangents; literal 0 where an
// output does not depend on any `wrt`.
std::vector<Expr> jvp(Graph& graph, const std::vector<NodeId>& outputs,
                      const std::vector<NodeId>& wrt, const std::vector<Expr>& tangents,
                      std::int32_t directions);

// d output / d x, both flattened: size(output) x size(x). By forward mode with all directions at
// once, or by reverse mode where that needs fewer sweeps.
Expr jacobian(Graph& graph, NodeId output, NodeId x);

// d^2 output / dx dx of a scalar output: size(x) x size(x).
Expr hessian(Graph& graph, NodeId output, NodeId x);

// The identity seed for all directions of a node of this size.
Expr identity_seed(Graph& graph, Shape shape);

}  // namespace admle
