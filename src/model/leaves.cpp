// Guards on data alone hold whatever the parameters are, and are dropped.
#include "model/leaves.h"

#include "derive/substitute.h"
#include "ops/structural.h"

namespace admle {

Baked bake_leaves(const Graph& from, NodeId input, const std::vector<NodeId>& wanted,
                  const std::vector<std::vector<double>>& values) {
  Baked out;
  out.graph = std::make_shared<Graph>();
  Graph& g = *out.graph;
  out.input = g.input(from.shape(input));
  std::vector<Expr> with;
  for (std::size_t i = 0; i < from.input_nodes().size(); ++i) {
    const NodeId id = from.input_nodes()[i];
    with.push_back(id == input ? Expr(&g, out.input) : constant(&g, values[i], from.shape(id)));
  }
  std::vector<NodeId> all(wanted);
  for (const Guard& guard : from.guards()) all.push_back(guard.node);
  std::vector<NodeId> copies = substitute(from, g, all, from.input_nodes(), with);
  for (std::size_t i = 0; i < from.guards().size(); ++i) {
    const NodeId node = copies[wanted.size() + i];
    if (!g.is_fixed(node)) g.add_guard(node, from.guards()[i].expected);
  }
  copies.resize(wanted.size());
  out.nodes = std::move(copies);
  return out;
}

}  // namespace admle
