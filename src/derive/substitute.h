// Copies the part of a graph that some nodes need, with its input replaced.
#pragma once

#include <vector>

#include "graph/expr.h"

namespace admle {

// A vector of variables split into consecutive pieces.
struct Segments {
  std::vector<std::int32_t> begin;  // first position of each, then the total length
  std::size_t count() const { return begin.size() - 1; }
  std::int32_t length(std::size_t i) const { return begin[i + 1] - begin[i]; }
};

// Pieces that follow how the function takes `input` apart (theta[1:K], theta[K + 1]), so that each
// is used whole or not at all by what `wanted` needs; one piece where there is no such pattern.
Segments find_segments(const Graph& graph, NodeId input, const std::vector<NodeId>& wanted);

// Inputs of `to` in place of the input of `from`, one for each of the segments.
struct Pieces {
  Segments segments;
  std::vector<NodeId> inputs;
  Expr whole;  // of these
};
Pieces input_in_pieces(const Graph& from, NodeId input, const std::vector<NodeId>& wanted,
                       Graph& to);

// The same operation on other inputs, by its builder. `to` may be `from`.
NodeId copy_node(const Graph& from, Graph& to, NodeId id, const std::vector<NodeId>& inputs);

// Appends to `to` what `wanted` needs in `from`, with `with` in place of the nodes `replaced`
// (inputs, or nodes that are functions of inputs). Returns the copies of `wanted`.
std::vector<NodeId> substitute(const Graph& from, Graph& to, const std::vector<NodeId>& wanted,
                               const std::vector<NodeId>& replaced, const std::vector<Expr>& with);

}  // namespace admle
