// The body of a nested operation: a recorded function of one unknown vector and of parameters.
//
// It is recorded in the graph of the function that it occurs in, on an unknown (Graph::unknown) in
// place of its argument, and then taken out: what depends on the unknown becomes the body, what
// that needs of the rest its parameters. So what does not change with the argument is computed
// once, outside.
#pragma once

#include <memory>
#include <vector>

#include "graph/expr.h"

namespace admle {

struct Body {
  std::shared_ptr<Graph> graph;    // the function alone
  NodeId unknown = -1;             // its first input
  std::vector<NodeId> parameters;  // its other inputs
  NodeId value = -1;               // of the function
  std::vector<Guard> guards;       // comparisons that depend on the unknown
};

// By node from `unknown` on: whether it depends on that.
std::vector<char> depends_on(const Graph& graph, NodeId unknown);

// The body with this value; `guards` are conditions of `graph` that depend on the unknown.
// `outer`: the nodes of `graph` that the parameters stand for.
Body take_body(const Graph& graph, NodeId unknown, NodeId value, const std::vector<Guard>& guards,
               std::vector<NodeId>& outer);

// Whether a parameter says where something jumps: an operation that is constant but for jumps has
// both it and the unknown in its arguments.
bool jumps_move(const Body& body);

// Nodes of the body's graph, appended to it, that are zero where something in it switches (a
// comparison, an absolute value, a larger one) at a place that a parameter moves.
std::vector<NodeId> moving_switches(const Body& body);

// The value in terms of nodes of `to`; with `guarded`, `to` is valid where the body's comparisons
// have their outcomes.
Expr put_body(const Body& body, Graph& to, Expr unknown, const std::vector<Expr>& parameters,
              bool guarded = false);

// The same, on aliases of `unknown` and `parameters`, so that derivatives can be taken with respect
// to these alone. They belong to `owner`: asked for again, they are the same nodes.
struct OpenBody {
  Expr value;
  std::vector<NodeId> at;  // the aliases: of the unknown, of the parameters
};
OpenBody open_body(const Body& body, Graph& to, Expr unknown, const std::vector<Expr>& parameters,
                   const std::shared_ptr<void>& owner);

}  // namespace admle
